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
# # Pyraformer
#
# The Lushan paper {cite}`zhang2026` forecasts one-minute records with Pyraformer {cite}`liu2022` and
# takes what differs from the forecast as a candidate anomaly. Pyraformer puts a pyramid of nodes over
# the samples of a window. A node attends to its neighbours of the same scale, to its children and to
# its parent, and to nothing else, so that cost grows with the length and not with its square.
#
# The paper gives no sizes: no window, horizon, strides, layers or features. This page shows the model
# with the sizes of its authors' script for long series (720 samples, strides 12, 7, 4, 256 features,
# four layers), all of it drawn from the model itself, and asks three questions. Does attention over
# a list of edges give the same numbers as full attention with a mask? What does a forecast see? And
# what does it cost a forecast if it cannot see far enough?

# %% tags=["parameters"]
length = 720
width = 256
strides = [12, 7, 4]
layers = 4
forms = [[[4, 4, 4], 2], [[4, 4, 4], 4], [[6, 6, 6], 2], [[12, 7, 4], 4]]
lengths = [256, 512, 1024, 2048]
samples = 4000
delay = 48
window = 64
pyramids = [[2, 2], [4, 4], [8, 8], [4, 4, 4]]
epochs = 16
windows_per_epoch = 512
batch_size = 64
seeds = 3
seed = 4

# %%
import torch

from precursor_lib.evaluate.cost import growth_exponent, measure
from precursor_lib.evaluate.model_table import compare_models
from precursor_lib.forecast import attention_pattern, forecaster, split_windows
from precursor_lib.report import Page, forecasts, pyramid, pyramid_checks
from precursor_lib.simulate.known import known_series

page = Page("pyraformer", globals())
page.banner()

# %% [markdown]
# ## The model
#
# A window passes an embedding, a module that makes the coarser scales (CSCM), layers of attention,
# and one linear layer that reads the last node of each scale and gives all samples of the horizon.
# Since nothing but these last nodes is read, a layer here computes only those nodes that they can
# depend on. The forecast and its gradients are the same as if all were computed.

# %%
model = forecaster(
    "pyraformer",
    {"length": length, "horizon": length, "width": width, "strides": strides, "layers": layers}
    | {"inner": 2 * width, "bottleneck": width // 4},
)

# %% mystnb={"figure": {"name": "lushan-fig3", "caption": "Counterpart of the paper's figure 3: stages of a forecast, with the nodes that each computes by scale, the shape it gives (nodes x features) and its parameters, read from the model. Bars of few nodes are drawn wider than they are."}, "image": {"alt": "Eight bars one below the other. The bar of samples grows by three short pieces of coarser scales in the CSCM, and shrinks in the attention layers until only the last node of each scale is left."}}
pyramid.architecture(model)

# %% mystnb={"figure": {"name": "lushan-fig4", "caption": "Counterpart of the paper's figure 4: the attention of a small pyramid. Left: nodes over their samples, with edges within a scale (blue), between scales (dashed), and a shortest path between two of the farthest nodes (red); each node also attends to itself (orange). Right: the same pairs as a matrix."}, "image": {"alt": "Left, a tree of 32 samples, eight, four and two nodes, with a path that climbs to the top, crosses and descends. Right, a matrix that is white but for a diagonal band and thin stripes for parents and children."}}
pyramid.attention_graph(attention_pattern(32, (4, 2, 2)))

# %% mystnb={"figure": {"name": "lushan-fig5", "caption": "Counterpart of the paper's figure 5: the module that makes the scales, for a window of 63 samples and a sample of zeros. Each node stands over its samples; labels give nodes x features. Last row: all nodes side by side, from fine to coarse."}, "image": {"alt": "Rows of cells. 64 narrow cells are joined by fours into 16, these into four, these into two; the last row holds all 86 cells side by side."}}
pyramid.construction(
    forecaster("pyraformer", {"length": 63, "width": 32, "strides": (4, 4, 2), "bottleneck": 8})
)

# %% [markdown]
# The papers print no batch norm and no ELU after the convolutions; the authors' program has them, and
# so has this one. A stride that does not divide a scale leaves nodes over at its end. Here they become
# children of the last parent; `remainder="refuse"` makes them an error.
#
# ## The same numbers as dense attention
#
# Attention is computed edge by edge, forward and backward. The table sets it beside full attention
# with a mask, with random queries, keys, values and gradients from above.

# %% mystnb={"markdown_format": "myst"}
page.table(
    pyramid_checks.agreement_table(
        [(64, (4, 4), 3), (63, (4, 2), 5), (100, (3, 3, 3), 1), (168, (4, 4, 4), 3)], seed
    ),
    "pyraformer-agreement",
    "Sparse against dense attention in double precision: edges, and whether the largest differences "
    "of outputs and gradients stay within 1e-12.",
)

# %% [markdown]
# ## What a forecast sees
#
# A forecast sees the whole window only if the coarsest scale is short enough for the layers: with A
# neighbours and N layers, information moves (A - 1) N / 2 nodes along the top. Default sizes that suit
# 168 samples leave most of 720 unseen.

# %% mystnb={"markdown_format": "myst"}
page.table(
    pyramid_checks.field_table(length + 1, forms),
    "pyraformer-field",
    f"What a forecast can depend on in a window of {length} samples and a sample of zeros: nodes "
    "attended to directly, and all samples including those in a coarse node that is attended to. "
    "Last two columns: nodes that all layers together compute, of those that the pyramid has.",
)

# %% [markdown]
# The graph says what can be seen. The gradient of a forecast says what is: below, for untrained
# models, with samples that the graph excludes in grey. Each embedded sample also holds its two
# neighbours, by a convolution that is circular in the authors' program. So one more sample is seen
# at the edge, and the last node sees the first sample of the window.

# %% mystnb={"figure": {"name": "pyraformer-gradient", "caption": "Gradient of a forecast with respect to each sample of the window, mean over windows of noise, for untrained models. Grey: not seen by the graph."}, "image": {"alt": "Four panels. With strides 4, 4, 4 the first two thirds or half of the window have no gradient, but for the very first sample; with the other strides every sample has one."}}
pyramid_checks.field_figure(length, forms, 16)

# %% [markdown]
# ## What it costs
#
# Memory that the forecast of one window keeps for its gradient: with the nodes that the forecast
# needs, with every node, and in a Transformer of the same sizes, which weighs all pairs.


# %%
def of_length(name: str, samples: int, **changes: bool):
    return forecaster(name, {"length": samples, "width": 32, "layers": 2, **changes})


kept = {
    "Pyraformer, nodes needed": lambda n: of_length("pyraformer", n),
    "Pyraformer, every node": lambda n: of_length("pyraformer", n, whole=True),
    "Transformer": lambda n: of_length("transformer", n),
}

# %% mystnb={"markdown_format": "myst"}
memory = pyramid_checks.memory_table(kept, lengths)
page.table(
    memory,
    "pyraformer-memory",
    "Memory kept for the gradient of one window (MB) by length, and the slope of a log-log line.",
)

# %% tags=["nbval-ignore-output"]
steps = measure(
    lambda model, x: model(x).sum().backward(),
    lambda n: (kept["Pyraformer, every node"](n), torch.zeros(8, n, 1)),
    lengths,
)
slope, error = growth_exponent(steps)
print(f"time of eight windows, forward and backward, every node: slope {slope:.2f} ± {error:.2f}")

# %% [markdown]
# Times at full size, beside the authors' program and dense Transformers, stand in the repository's
# `benchmarks/README.md`.
#
# ## What it costs not to see
#
# A series with an echo, $x_t = 0.95\, x_{t-D} + e_t$, with $e_t$ of variance 1, has nothing to forecast
# from but the sample D before: the best possible mean squared error is 1, and the variance of the
# series, about 10, is what a forecast of zero gives. All models have the same windows, budget and
# width; they differ in strides alone.

# %%
record = known_series(samples, seed=seed, autoregression={delay: 0.95})
split = split_windows(record.values, window, evaluation_stride=2)
sizes = {"width": 16, "layers": 2, "dropout": 0.0}
models = {
    f"Pyraformer, strides {', '.join(map(str, s))}": {"model": "pyraformer", "strides": s, **sizes}
    for s in pyramids
}
table = compare_models(
    models,
    split,
    {"epochs": epochs, "windows_per_epoch": windows_per_epoch, "batch_size": batch_size}
    | {"learning_rate": 8e-3, "patience": epochs, "threads": 1},
    range(seeds),
    floors={"persistence": {}, "seasonal_naive": {"season": delay}},
)
fields = {
    name: pyramid_checks.sees(forecaster("pyraformer", table.attrs["settings"][name]), delay)
    for name in models
}

# %% mystnb={"markdown_format": "myst"}
best = float(record.least_mse(1)[0])
page.table(
    forecasts.models_table(
        table,
        known={"best possible": {"mse": best, "rmse": best**0.5}},
        columns={"sees the echo": fields},
        digits=2,
    ),
    "pyraformer-echo",
    f"One-step forecasts of a series whose echo comes after {delay} samples, from windows of {window}: "
    f"mean ± standard deviation over {seeds} seeds (simulated).",
)

# %% [markdown]
# A model that cannot see the echo cannot do better than a forecast of zero, however long it is trained.
# To see it is needed, but not enough: where the echo is seen through a coarse node alone, two steps
# away, it is one of many samples behind a few features, and may not be found within the budget. None
# of these small models is better than repeating the sample of one delay before, which needs no training
# and is nearly the best possible forecast here.
#
# ## Claims

# %% mystnb={"markdown_format": "myst"}
page.check_all(pyramid_checks.claim_values(memory, length + 1, forms))
page.claims_table()

# %% [markdown]
# ## What this shows
#
# The pyramid does what its authors claim: the same numbers as masked attention, and memory that grows
# with the length (slope near 1) where pairs of all samples grow with its square. Leaving out nodes
# that no forecast reads saves more than the sparse edges do; it is possible because only the last
# nodes are read.
#
# The price is a field of view that strides, neighbours and layers fix before any training. With
# strides 4, 4, 4 and two layers, a forecast sees a third of a window of 720 samples and cannot use the
# rest. So strides belong to what a paper has to print. The Lushan paper prints none: whether its
# forecasts saw a day or an hour is not known. The pages on the cases choose sizes by validation, with
# strides that see the whole window, and say which.
#
# A reader who prints the strides, the layers and the window of the paper's model would change this.

# %% tags=["nbval-ignore-output"]
page.provenance()
