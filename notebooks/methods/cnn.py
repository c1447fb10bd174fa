# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A convolutional network on windows
#
# Petrescu and Moldovan {cite}`petrescu2022` treat a week of three components as an image of 3 by
# 10,080 and classify it with three convolutions and two dense layers. Table 2 of the paper lists
# shapes and numbers of parameters, which fix the kernels: 320 parameters in 32 filters are
# $3 \cdot 3 \cdot 1 + 1$ each, 6208 in 64 are $1 \cdot 3 \cdot 32 + 1$. The table prints a softmax
# after the dense layer of 64, the text has it after the last layer.
#
# This page builds the network, asks where the softmax belongs, shows what windows cost in memory, and
# tries the inverse power law, by which the paper would extrapolate the number of windows needed, on
# learning curves of known form. The network's first weights are random. All data here are simulated,
# none is a magnetic record.

# %% tags=["parameters"]
seed = 9
signal = 0.9
signal_windows = 240
signal_length = 64
epochs = 12
seeds = 3
year_minutes = 525600
full_batch = 4
full_steps = 2
curve_numbers = [25, 50, 100, 200, 400, 800]
curve_noise = 0.015
curve_repeats = 40

# %%
import numpy as np

from precursor_lib.classify import classifier, labelled_windows, train_classifier, window_grid
from precursor_lib.report import Page
from precursor_lib.report.european import network, sizes

page = Page("cnn", globals())
page.banner()

# %% [markdown]
# ## The network

# %% mystnb={"figure": {"name": "cnn-fig4", "caption": "Counterpart of figure 4: the layers for a week of minutes, as built."}, "image": {"alt": "Boxes from left to right: convolutions and poolings that grow in filters and shrink in samples, a flat layer, and two dense layers; the first dense layer has 30,965,824 parameters."}} tags=["hide-input"]
components, samples = network.deduced_input(page.ledger)
network.drawing({"length": samples, "components": components})

# %% mystnb={"markdown_format": "myst"} tags=["hide-input"]
page.table(
    network.table_of_layers({"length": samples, "components": components}),
    "cnn-tab2",
    "Counterpart of table 2: the layers of the network as built, with the softmax of the text (the "
    "loss brings it in after the last layer).",
)

# %%
week = classifier({"length": samples, "components": components}, seed=seed)
largest = max(p.numel() for p in week.parameters())
print(
    f"{week.parameter_count:,} parameters, {100 * largest / week.parameter_count:.2f} % in one layer"
)

# %% [markdown]
# ## Where softmax belongs
#
# After softmax the 64 numbers are positive and sum to one: each is about 1/64 at first, so that the
# last layer sees almost a constant; and later its logits are weighted means of its weights, which
# bounds them. The trial: white noise, and a bump in every second window.

# %%
plain = network.plain_signal(signal_windows, signal_length, signal, seed)
trial = network.softmax_trial(plain, epochs, [seed + k for k in range(seeds)])

# %% mystnb={"figure": {"name": "cnn-softmax", "caption": "A plain signal learnt with ReLU and with softmax after the dense layer; a line a seed. Dotted: knowing nothing."}, "image": {"alt": "Left, validation accuracy by epoch; right, training loss. Accuracies reach one with either. The losses with ReLU fall to zero, those with softmax start later and stay between 0.4 and 0.5."}}
network.softmax_curves(trial)

# %% [markdown]
# The plain signal is learnt with either. With the softmax of the table the first steps take longer,
# and the loss stays high however right the answers are, since the weights that bound the logits grow
# slowly. The paper's loss runs from 0.7 to 0.5. With few windows and a weak signal the network may
# not leave the start at all, and gives one class for ever.
#
# ## Windows are views
#
# A year of minutes, and a week before every hour of it. The windows are places in the record; a batch
# alone is copied, filled and scaled.

# %%
rng = np.random.default_rng(seed)
record = rng.standard_normal((components, year_minutes), dtype=np.float32)
starts = window_grid(year_minutes, samples, 60)
windows = labelled_windows(record, starts, rng.integers(0, 2, starts.size), samples)

# %% mystnb={"markdown_format": "myst"}
page.table(
    sizes.memory_table(windows, full_batch),
    "cnn-memory",
    "Memory of a year's record of three components, and of its weekly windows.",
)

# %% [markdown]
# A few steps of the network at its full size, to see that it runs.

# %%
few = windows.subset(np.arange(full_batch * full_steps))
history = train_classifier(week, few, few, {"epochs": 1, "batch_size": full_batch}).frame
print(
    f"{full_steps} steps on {len(few)} windows of 3 x {samples:,}: loss is a number:",
    bool(np.isfinite(history.to_numpy()).all()),
)

# %% [markdown]
# ## The inverse power law
#
# The paper would fit $a - b \, n^{-c}$ {cite}`figueroa2012` to accuracy against the number of windows
# n. Here it is fitted to curves of three known forms with noise. A fit is refused where it shows no rise, an exponent at
# its bound, a ceiling above 1 or one that is not known to 0.25.

# %%
curves = sizes.known_curves(curve_numbers, curve_noise, curve_repeats, seed)

# %% mystnb={"markdown_format": "myst"}
page.table(
    sizes.curve_table(curves),
    "cnn-power-law",
    "Power laws fitted to learning curves of known form: how many were accepted, median of their "
    "ceilings and of the ceilings' standard errors, and why most of the others were refused.",
)

# %% [markdown]
# ## Sizes of other networks

# %% mystnb={"markdown_format": "myst"}
others, values = sizes.other_networks(page.ledger)
page.table(
    others,
    "cnn-sizes",
    "Parameters counted from the layers, and printed ones over the images that the paper names.",
)

# %% [markdown]
# ## Claims

# %%
page.check_all(values | network.table_values(page.ledger, trial))
page.claims_table()

# %% [markdown]
# ## What this shows
#
# Shapes and parameters of Table 2 are those of one network, and no other kernels give them. Nearly all
# parameters lie in one dense layer, which has a weight for every minute, component and filter: it has
# to see an earthquake's precursor at every minute of the window at which it may come. The softmax
# of the table keeps the loss up; the text's place is used elsewhere unless a figure says so. The
# power law finds the ceiling of a curve that has nearly reached it. Of curves that still rise, or are
# flat, it refuses most and accepts a few, with ceilings that mean nothing.
#
# What would change this: another start of the weights than Glorot's, or a larger learning rate, for
# the softmax; the authors' code for its place.

# %% tags=["nbval-ignore-output"]
page.provenance()
