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
# # TimesNet
#
# The STMN paper {cite}`stmneqa` forecasts strain with TimesNet {cite}`wu2023`: find the strongest periods
# of a window by its Fourier transform, fold the window by each of them into a picture whose rows are
# periods, convolve each picture with kernels of several sizes, unfold, and add up by amplitude. A row of
# such a picture holds what happens within a period; a column, what changes from one period to the next.
#
# The paper prints the steps, k = 3 periods and kernels 1, 3, 5, 7. It gives no window, no features and no
# number of blocks. This page shows the model at work on a record with known periods, checks its parts,
# and asks what the search for periods finds: off the grid of frequencies, in noise, and when it looks
# at a whole batch at once.

# %% tags=["parameters"]
samples = 5000
cycles = {24.0: 2.0, 12.42: 1.5}
autoregression = {1: 0.6}
length = 48
horizon = 4
period_lengths = [48, 72, 96, 240, 720]
width = 8
epochs = 8
windows_per_epoch = 384
batch_size = 32
learning_rate = 0.01
seeds = 3
seed = 6

# %%
from tempfile import TemporaryDirectory

import torch

from precursor_lib.evaluate.model_table import compare_models
from precursor_lib.forecast import forecaster, split_windows, trained_model
from precursor_lib.report import Page, forecasts, timesnet
from precursor_lib.simulate.known import known_series

page = Page("timesnet", globals())
page.banner()

# %% [markdown]
# ## Periods found
#
# The record has cycles of 24 and 12.42 samples (a solar day and the lunar half-day, in hours) about which
# it wanders. A window of L samples has Fourier frequencies 1/L, 2/L and so on, and no other: a period is
# found as L over a whole number, rounded up.

# %%
record = known_series(samples, seed=seed, autoregression=autoregression, cycles=cycles)
noise = known_series(samples, seed=seed + 1)
true = sorted(cycles, key=lambda period: -cycles[period])

# %% mystnb={"markdown_format": "myst"}
page.table(
    timesnet.periods_table(record.values, period_lengths, true, 3),
    "timesnet-periods",
    "Nearest period on the grid for each of the true ones, the three strongest periods found in the first "
    "window of each length, and their softmax weights (simulated record).",
)

# %% mystnb={"figure": {"name": "timesnet-noise", "caption": "How often each period is among the three strongest, in windows of the record and of white noise without any period (both simulated)."}, "image": {"alt": "Two panels of bars. In the record the bars stand at 24 and 12 samples and a few beside them; in noise they are spread over all short periods."}}
timesnet.periods_figure({"two cycles": record.values, "white noise": noise.values}, length, 3)

# %% [markdown]
# Three periods are found in any window, whether there are three, two or none. Periods of half a window
# or longer have one or two rows, so that a column has nothing to compare.
#
# ## Forecasts, and the floor
#
# Forms of the model differ in the number of periods, and in whether periods are chosen window by window or
# from the mean amplitude of a batch, as in the authors' program. All have the same windows, budget and
# width; a GRU stands beside them.

# %%
split = split_windows(record.values, length, horizon, evaluation_stride=3)
how = {"epochs": epochs, "patience": epochs, "windows_per_epoch": windows_per_epoch, "threads": 1}
how |= {"batch_size": batch_size, "learning_rate": learning_rate}
base = {"model": "timesnet", "width": width, "layers": 1, "window_norm": "last"}
forms = {
    "TimesNet, k = 3": base,
    "TimesNet, k = 1": base | {"periods": 1},
    "TimesNet, k = 3, shared": base | {"shared_periods": True},
    "gru": {"width": 16, "window_norm": "last"},
}
folder = TemporaryDirectory()
table = compare_models(
    forms,
    split,
    how,
    range(seeds),
    floors={"persistence": {}, "seasonal_naive": {"season": round(true[0])}},
    folder=folder.name,
)

# %% mystnb={"markdown_format": "myst"}
least = float(record.least_mse(horizon).mean())
page.table(
    forecasts.models_table(
        table,
        known={
            "best possible": {"mse": least, "rmse": least**0.5},
            "linear regression": forecasts.linear_regression(split),
        },
        digits=2,
    ),
    "timesnet-forecasts",
    f"Forecasts {horizon} steps ahead, test windows: mean ± standard deviation over {seeds} seeds "
    "(simulated record).",
)

# %% [markdown]
# ## The model at work
#
# The first form, trained above, on one test window. Everything shown is taken from the model: the series
# after embedding and lengthening, the periods that it finds there, the pictures before and after
# convolution, and the forecast.

# %%
models = {
    name: trained_model(
        "timesnet", table.attrs["settings"][name], split, how, folder=folder.name, progress=False
    )[0]
    for name in ("TimesNet, k = 3", "TimesNet, k = 3, shared")
}
model = models["TimesNet, k = 3"]
window, _ = split.test.batch([0])

# %% mystnb={"figure": {"name": "stmn-fig3", "caption": "Counterpart of the paper's figure 3: one window in the first block of a trained TimesNet. From above: the window and its lengthened embedding; the window folded by its own strongest periods (rows x columns); the lengthened series folded by the periods found in it; the same after the inception layers, with the weights of the sum; their sum with the input, and the forecast."}, "image": {"alt": "A curve with a daily wave; three pictures of the window, whose columns agree; three pictures from inside the model, without such order; the same after convolution; and a curve with the forecast at its end."}}
timesnet.architecture(model, window)

# %% [markdown]
# ## Kernels
#
# The paper joins the outputs of the four kernels and projects them. All of that is linear, so that it
# equals one convolution whose kernel is the sum of the four, projected. That is what is computed here.

# %% mystnb={"figure": {"name": "timesnet-kernels", "caption": "Mean size of the trained weights of the first inception layer: its four kernels, and the one kernel that gives the same."}, "image": {"alt": "Five squares, of one, nine, 25 and 49 cells and, last, the sum of them with a bright centre."}}
layer = model.network.blocks[0].convolve[0]
timesnet.kernels(layer)

# %%
difference = timesnet.joined_difference(layer, seed)
print("four kernels joined and projected equal the one to 1e-12:", difference < 1e-12)
model.float()
# %% [markdown]
# ## Which periods the model works with
#
# A forecast needs a series that is longer than the window. The authors' program makes it by a linear
# layer over time, before the first block, and the search for periods comes after it.

# %% mystnb={"markdown_format": "myst"}
windows, _ = split.test.batch(range(0, len(split.test), 2))
page.table(
    timesnet.inside_table(models, windows),
    "timesnet-inside",
    "Strongest period of test windows, and of the same windows inside the first block of trained models: "
    "the one found most often, in how many windows, its mean weight among the periods used, and how much "
    "of its amplitude a window of zeros has, too.",
    digits=2,
)

# %% [markdown]
# The last column tells what happens: a window of zeros has nearly the same strongest period. It comes from
# the sines of the position and the biases, mixed by the linear layer, and not from the record. And since
# the weights are a softmax of amplitudes that grow with length and units, one period takes all the
# weight.
#
# ## What a batch gives away
#
# If the periods are chosen from the mean over a batch, what is found for a window depends on its company.
# In a test that is a leak: windows that lie later in time take part in the choice. Below, one test window
# alone, with later windows, and with disturbed ones (noise of ten times the spread); and the largest change
# of its forecast (scaled units) by models with their first weights, before training.

# %% mystnb={"markdown_format": "myst"}
later, _ = split.test.batch(range(50, 82))
disturbed = torch.tensor(10 * noise.values[: 32 * length], dtype=torch.float32)
untrained = {
    shared: forecaster("timesnet", models[name].settings)
    for shared, name in ((False, "TimesNet, k = 3"), (True, "TimesNet, k = 3, shared"))
}
page.table(
    timesnet.company_table(
        window,
        {"later windows": later, "disturbed windows": disturbed.view(32, length, 1)},
        untrained,
        3,
    ),
    "timesnet-batch",
    "Periods of one test window by what else is in its batch, and the largest change of its forecast.",
    digits=2,
)

# %% [markdown]
# ## What this shows
#
# The formula finds the periods of a clean record as well as a window's grid allows. In noise it finds
# periods, too: k come out, whatever goes in. So a period found by it is no evidence of a cycle.
#
# Inside the forecasting model it is another matter. The search comes after a linear layer that mixes all
# samples, and at the size of this run it finds what the model's own constants make, in every window the
# same. The forecasts are as good with one period as with three, and a linear regression on the window
# does better still. The STMN paper credits part of its gain to the periods found; on a record made of two
# cycles, no such gain is seen here.
#
# Chosen by batch, periods depend on company, and a forecast can. Here the default is by window, and the
# pages on Luding and Changning use it.
#
# A search on the window itself, before anything is mixed, or amplitudes brought to one scale before the
# softmax, could change the second point; neither is in the papers. So could a longer training.

# %% tags=["nbval-ignore-output"]
page.provenance()
