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
# # What the methods cost
#
# A reader who wants to run the decompositions on records of their own needs to know how time and
# memory grow. This page measures both on the machine that built the book, on red noise, against
# length, channels and rank. The figures beside other libraries stand in the repository's
# `benchmarks/README.md`, where one command measures them all.
#
# Numbers of seconds differ from machine to machine; slopes should not. The page is therefore the one
# whose numbers no reference run is compared with.

# %% tags=["parameters", "hide-input"]
seed = 3
lengths = [1800, 3600, 7200, 14400]
channels = [2, 4, 8]
ranks = [2, 4, 8]
bins = 60
repeats = 2

# %% tags=["hide-input"]
import numpy as np

from precursor_lib.decompose import dwt_detrend, memd, ntf, synchrosqueeze, vmd
from precursor_lib.evaluate.cost import measure
from precursor_lib.evaluate.imf_rules import coloured_noise
from precursor_lib.report import Page, cost

page = Page("cost", globals())
page.banner()


def noise(stations: int, samples: int) -> tuple[np.ndarray]:
    return (coloured_noise(2.0, stations, samples, np.random.default_rng(seed)),)


def tensor(samples: int) -> np.ndarray:
    return np.random.default_rng(seed).random((bins, samples, 7))


def factorise(x: np.ndarray, rank: int) -> object:
    return ntf(x, rank, iterations=30, tol=0)


# %% [markdown]
# ## Against length
#
# Seven stations for MEMD, synchrosqueezing and the tensor; one series for the transform that
# detrends and for VMD. A slope of 1 means that twice the record takes twice the time. The
# factorisation is given a fixed number of iterations.

# %%
methods = {
    "detrending": (dwt_detrend, lambda n: noise(1, n)),
    "MEMD": (lambda x: memd(x, 32), lambda n: noise(7, n)),
    "synchrosqueezing": (
        lambda x: synchrosqueeze(x, 1.0, fmin=0.005, fmax=0.5, n_frequencies=bins),
        lambda n: noise(7, n),
    ),
    "NTF": (factorise, lambda n: (tensor(n), 3)),
    "VMD": (lambda x: vmd(x[0]), lambda n: noise(1, n)),
}
against_length = {
    name: measure(function, inputs, lengths, repeats=repeats)
    for name, (function, inputs) in methods.items()
}

# %% mystnb={"figure": {"name": "cost-length", "caption": "Time and memory of each method against the length of the record, in samples."}, "image": {"alt": "Two log-log panels with five rising curves each; most slopes are near one."}} tags=["hide-input"]
cost.growth_figure(against_length, "samples")

# %% mystnb={"markdown_format": "myst"} tags=["hide-input"]
page.table(
    cost.growth_table(against_length),
    "cost-slopes-length",
    "Cost at the largest length, and the slopes of the log-log lines with standard errors.",
)

# %% [markdown]
# ## Against channels and rank

# %%
wide = lengths[1]
widths = {
    "MEMD, channels": (lambda x: memd(x, 32), lambda n: noise(n, wide), channels),
    "MEMD, directions": (memd, lambda n: (*noise(7, wide), n), [8, 16, 32, 64]),
    "NTF, rank": (factorise, lambda n: (tensor(wide), n), ranks),
}
against_width = {
    name: measure(function, inputs, sizes, repeats=repeats)
    for name, (function, inputs, sizes) in widths.items()
}

# %% mystnb={"figure": {"name": "cost-width", "caption": "Time and memory against the number of channels and directions (MEMD) and the rank (NTF)."}, "image": {"alt": "Two log-log panels with three rising curves each."}} tags=["hide-input"]
cost.growth_figure(against_width, "channels, directions or rank")

# %% mystnb={"markdown_format": "myst"} tags=["hide-input"]
page.table(
    cost.growth_table(against_width),
    "cost-slopes-width",
    "The same against channels, directions and rank.",
)

# %% [markdown]
# ## What this shows
#
# The slopes say what a longer record, more stations or a higher rank will take. Nights are
# independent of each other, so the whole chain grows with their number and falls with the cores that
# share them; `precursor_lib.pipelines.run_network` hands them to joblib, and through it to a cluster
# where one is set up.
#
# A machine with another cache or other cores would move the curves, and bend them where a record no
# longer fits its cache.

# %% tags=["nbval-ignore-output", "hide-input"]
page.provenance()
