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
# # Segmented variational mode decomposition
#
# The paper on Luding and Changning {cite}`stmneqa` decomposes years of strain in windows of seven days
# with a step of one day, and keeps the modes 3 to 5 "to exclude tidal and long-term trends". It
# describes mode 3 as deformation over weeks to months. It does not say how the windows are joined, nor
# which modes of two windows are taken for one.
#
# Here all windows have full length; a last one ends with the record. Modes of two windows are one
# if they have the same rank in centre frequency (also the assignment that moves the centres
# least). Windows are joined by one of two rules. *Overlap-add*: each counts by a raised cosine, over
# the sum of those that cover the sample. *Centre*: a sample is taken from the window whose middle is
# nearest, which is the central day of each. Both sets of weights add up to one everywhere.
#
# What VMD itself does to such records is on {doc}`vmd`; here the question is what windows add.

# %% tags=["parameters"]
start = "2003-01-01"
end = "2003-02-26"
window_days = 7
step_days = 1
modes = 5
alpha = 5000.0
bins = 56

# %%
import numpy as np

from precursor_lib.decompose import segment_starts, segmented_vmd, vmd
from precursor_lib.report import Page, segments

page = Page("segmented_vmd", globals())
record = page.open("esk", start=start, end=end)
page.banner()

# %% [markdown]
# ## The two rules of joining

# %%
interval = float(np.diff(record["time"].values[:2])[0] / np.timedelta64(1, "s"))
day = round(86400 / interval)
window, step = window_days * day, step_days * day

# %% mystnb={"figure": {"name": "svmd-weights", "caption": "Weights of the windows of a record of twelve and a half days."}, "image": {"alt": "Two panels. Top, overlapping bell curves, the outer ones rising to one at the two ends. Bottom, boxes of height one: one day each in the middle, four days long at either end."}}
short = 12 * day + day // 2
segments.weights(short, window, step, segment_starts(short, window, step), interval)

# %% [markdown]
# ## Centres from window to window
#
# Each window is decomposed on its own, from evenly spaced centres; or it starts from the centres of the
# window before; or all start from those of the whole record. The record's mean is taken off once.

# %%
z = record["Z"].values[:, 0]
x = z - z.mean()
whole = vmd(x, modes, alpha)
results = {
    "even centres": segmented_vmd(x, window, step, modes, alpha),
    "the window before": segmented_vmd(x, window, step, modes, alpha, init="previous"),
    "the whole record": segmented_vmd(x, window, step, modes, alpha, init=whole),
}

# %% mystnb={"figure": {"name": "svmd-centres", "caption": "Period of each mode's centre in each window, by what the windows start from; dashed: the whole record."}, "image": {"alt": "Three panels of five tracks of dots each about dashed lines; the tracks wander by factors from window to window, and the slowest leaps to tens of thousands of minutes in some."}}
segments.centre_tracks(results, whole, interval)

# %% mystnb={"markdown_format": "myst"}
page.table(
    segments.agreement_table(results, whole, interval),
    "svmd-agreement",
    "Joined modes (overlap-add) against those of the whole record.",
)

# %%
for name, result in results.items():
    passes = float(f"{np.median(result.iterations):.1g}")
    done = f"{int(result.converged.sum())} of {result.converged.size} windows converged"
    print(f"{name}: {done}, about {passes:.0f} passes over the spectrum in each")

# %% [markdown]
# The centres of a window depend on what it happens to hold. Where its own mean stands out, the
# slowest mode goes to it and the others move up a place. Started from even centres, some windows end
# in another fixed point than their neighbours, with modes at periods of minutes. Starting from the
# window before or from the whole record prevents most of that, but settles it by choice. Nothing of
# weeks or months can be a mode of seven days: it is the mean and the trend of a window, and lies in
# the first mode. The periods of mode 3 are hours.
#
# ## Ends of windows
#
# With the centres held at those of the whole record, the modes are a fixed bank of filters
# (`modes_at`). What differs then between a window and the same samples of the whole record is the
# doing of the window's ends, where mirroring keeps the value but bends its course.

# %%
errors = segments.position_errors(x, whole, window, step, bins)

# %% mystnb={"figure": {"name": "svmd-ends", "caption": "Difference between the modes of a window and those of the whole record with the same centres, by position in the window: root mean square, median over windows."}, "image": {"alt": "Five curves over seven days on a logarithmic axis; all rise steeply towards both ends of the window."}}
segments.position_curves(errors, window_days)

# %% [markdown]
# ## Joins

# %%
centre = segmented_vmd(x, window, step, modes, alpha, join="centre")
named = {"overlap-add": results["even centres"], "centre": centre}
inner = (centre.starts[:-1] + centre.starts[1:] + window - 1) // 2
jumps = np.abs(np.diff(centre.modes[1]))[inner]
at = int(inner[jumps.argmax()])

# %% mystnb={"figure": {"name": "svmd-join", "caption": "Mode 2 around the join (grey) at which it changes most under the centre rule."}, "image": {"alt": "Three curves over eight hours. The centre rule makes a step at the grey line; overlap-add and the whole record run through smoothly."}}
shown = {**{k: r.modes for k, r in named.items()}, "whole record": whole.modes}
segments.joined(shown, 1, (at - 4 * day // 24, at + 4 * day // 24), inner, interval)

# %% mystnb={"markdown_format": "myst"}
page.table(
    segments.jump_table(named, step),
    "svmd-jumps",
    "Mean change from one sample to the next across a join of the centre rule, over that elsewhere.",
)

# %% [markdown]
# The centre rule takes each sample from one window alone, and pays with steps where windows meet. Such
# steps are no property of the record. A detector that looks for sudden changes would find one a
# day, so `overlap-add` is the default.
#
# ## A gap
#
# Windows that hold a gap can be left out. What no other window covers is missing in the modes.

# %%
holed = x.copy()
holed[20 * day : 20 * day + 90] = np.nan
gap = segmented_vmd(holed, window, step, modes, alpha, gaps="skip")
missing = np.isnan(gap.modes[0]).sum() / day
print(f"gap of 90 min: {gap.skipped.size} windows left out, {missing:.1f} days without modes")

# %% [markdown]
# ## What this shows
#
# The paper takes windows because VMD of years is dear. With the fixed point's own iteration it no
# longer is, and windows have a price of their own. Each gets its own centres, so that mode 3 of one
# week is not the band of mode 3 of the next, and the joined modes differ from those of the whole
# record by much of their size (table above). And a value depends on samples up to a window later:
# where a forecast is tested against the future, modes must come from windows that end with the past.
#
# It would change this conclusion if the records had lines strong enough to hold the centres, or if the
# centres were held by hand. That is a fixed bank of filters, and would be the plainer method.

# %% tags=["nbval-ignore-output"]
page.provenance()
