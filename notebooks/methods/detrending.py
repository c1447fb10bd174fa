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
# # Detrending by the discrete wavelet transform
#
# The SW-NTF paper {cite}`yang2026` removes the daily variation of each night with a discrete wavelet
# transform (db5, six levels) and drops the approximation (section 3.2). Db5 is Daubechies' wavelet
# with five vanishing moments and filters of ten coefficients {cite}`daubechies1992`.
#
# At each level the record is split at half its band. So the approximation of level J nominally holds
# what lies below the sampling rate over $2^{J+1}$: at 1 Hz and six levels below 1/128 = 0.0078 Hz,
# periods above 128 s. The paper then looks for anomalies in 0.01-0.05 Hz, just above that edge.
#
# The paper does not say how the record is continued beyond its ends. Here it is mirrored
# (`symmetric`), which is what MATLAB and PyWavelets do unless told otherwise. The page measures what
# the filter passes, where its edge is, how far the ends reach, and what it makes of disturbances.

# %% tags=["parameters"]
seed = 2021
wavelet = "db5"
levels = 6
night = 70
cut_hours = 2.0
frequencies = 240
positions = 16

# %%
import numpy as np

from precursor_lib.decompose import boundary_reach, detrending_response, dwt_detrend
from precursor_lib.report import Page, detrending
from precursor_lib.simulate.geomagnetic import night_parts

page = Page("detrending", globals())
quiet = page.open("wic-quiet-night")
storm = page.open("wic-storm-night")
network = page.open("madoi-network", seed=seed)
page.banner()

# %% [markdown]
# ## The response, measured
#
# The transform keeps every second coefficient at each level. So it does not treat all moments alike:
# what comes out of a tone depends on where the tone lies on a grid of 64 samples. The response is
# therefore measured with complex tones at all 64 positions. Its mean over the positions is the power
# response; the smallest and largest amplitude are the spread.

# %%
grid = np.geomspace(0.001, 0.5, frequencies)
responses = {
    f"{wavelet}, {n} levels": detrending_response(grid, wavelet=wavelet, levels=n)
    for n in (levels - 1, levels, levels + 1)
}

# %% mystnb={"figure": {"name": "detrending-response", "caption": "Left: mean power response at 1 Hz with one level less and one more. Right: amplitude response over all positions on the grid. Shaded yellow: 0.01-0.05 Hz."}, "image": {"alt": "Power response curves that rise from 0 to 1; with six levels near 0.008 Hz, just below the shaded band. The spread of amplitude is widest at the edge."}}
detrending.response_curves(responses, spread=f"{wavelet}, {levels} levels")

# %% mystnb={"markdown_format": "myst"}
page.table(
    detrending.response_table(responses, (0.005, 0.01, 0.02, 0.05)),
    "detrending-edges",
    "Edges of the filter at 1 Hz, and its mean power response at some frequencies.",
)

# %% [markdown]
# The half-power edge lies where the nominal one does. The band 0.01-0.05 Hz passes, but its lower
# end stands on the shoulder of the filter: there the mean power falls short of one, and the amplitude
# of a tone swings with its position by tens of percent. One level less would cut into the band; one
# more would leave twice the periods in.
#
# ## Nights before and after

# %%
rate = network.rate
records = {
    "WIC, quiet": quiet.night(0)["Z"].values[:, 0],
    "WIC, storm": storm.night(0)["Z"].values[:, 0],
    "simulated": network.night(night)["Z"].values[:, 0],
}

# %% mystnb={"figure": {"name": "detrending-nights", "caption": "Two observed nights and a simulated one, before and after detrending. Shaded: as far as the ends reach."}, "image": {"alt": "Three rows. Left the field with slow variations of some nT, in the storm of 200 nT; right what remains, of about 0.1 nT, in the storm 1 nT."}}
detrending.nights(records, rate, wavelet=wavelet, levels=levels)

# %% [markdown]
# ## The ends
#
# A coefficient of the last level spans 568 samples, so an invented continuation can reach 567
# samples into the record, nine and a half minutes at each end of a night. How much it matters is
# measured by cutting two hours out of a night at many places: the piece is detrended alone and
# compared with the same samples of the whole night.

# %%
reach = boundary_reach(wavelet, levels)
modes = ("symmetric", "antireflect", "smooth", "periodic")
errors = {
    name: detrending.boundary_errors(
        x, round(3600 * cut_hours * rate), modes, wavelet=wavelet, levels=levels
    )
    for name, x in records.items()
}

# %% mystnb={"figure": {"name": "detrending-ends", "caption": "Root mean square error that the ends make, relative to the detrended record, by distance from the end, for four ways of continuing the record."}, "image": {"alt": "Three panels with falling curves: errors near or above the signal itself within 60 s of the end, below one percent beyond about 250 s."}}
detrending.boundary_curves(errors, rate)

# %% mystnb={"markdown_format": "myst"}
page.table(
    errors["WIC, quiet"].iloc[[0, 2, 4, 6, 8, 10]] * 100,
    "detrending-end-errors",
    "Error near the ends of the quiet night in percent of the detrended record, by distance in s.",
    digits=2,
)

# %% [markdown]
# Which continuation does best depends on the night. Mirroring is best where the field is nearly
# level; it makes a bend of every slope, so in the storm, when the field is steep, mirroring about
# the end value (`antireflect`) does better. Wrapping the record around, so that its two ends meet,
# is worst in the first minute.
#
# ## Disturbances
#
# What a magnetometer near people records is spikes, steps and boxes.

# %%
shapes = detrending.disturbances(box=60)
outputs = detrending.transients(shapes, positions=positions, wavelet=wavelet, levels=levels)

# %% mystnb={"figure": {"name": "detrending-disturbances", "caption": "Disturbances of size 1 (black) and what detrending makes of them at different positions on the grid (blue)."}, "image": {"alt": "Four panels. A spike passes as it is; a step becomes an oscillation of about a hundred seconds on either side; a box of a minute gains side lobes; a bend leaves a small ripple."}}
detrending.transient_curves(shapes, outputs)

# %% mystnb={"markdown_format": "myst"}
page.table(
    detrending.transient_table(outputs),
    "detrending-disturbance-sizes",
    "Output for a disturbance of size 1: the largest value, and the time between the first and last "
    "sample above a tenth of it, over all positions.",
)

# %% [markdown]
# ## Claims

# %%
daily = night_parts(network, night)["sq"].values.T
left = dwt_detrend(daily, wavelet, levels)
page.check("swntf-fig2-diurnal", left.var() < 0.01 * daily.var(axis=-1).mean())
page.claims_table()

# %% [markdown]
# ## What this shows
#
# The filter does what the paper needs: slow variations go, 0.01-0.05 Hz stays. Three things follow
# for what comes after. The lower end of the band lies on the filter's shoulder, so a red spectrum has
# its maximum right there whatever is in it; {doc}`synchrosqueezing` shows it in nights without any
# source. The first and last few minutes of a night are made up in part. And a step, which any
# switched current makes, leaves an oscillation within the 60-300 s that the rule for anomalies asks
# for: duration alone does not tell a step from a packet.
#
# It would change this conclusion if the authors' night were detrended as part of a longer record, or
# if they had removed steps before.

# %% tags=["nbval-ignore-output"]
page.provenance()
