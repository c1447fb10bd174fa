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
# # SW-NTF on observed records
#
# The records of the Madoi paper {cite}`yang2026` are closed. Its chain runs on any network of
# one-second magnetometers, so this page runs it on one night of observatories in North America,
# far from any earthquake of note. Whatever it calls an anomaly there has another cause. Packets of
# known amplitude are then put into the same records, to see from what size on the chain finds them.
# The last part takes the paper's seismicity figures to a real catalogue, before the Norcia
# earthquake of 30 October 2016.
#
# To run the page on your own stations, set `dataset` to a folder laid out as {doc}`../../own_data`
# says, `options` to how it is cut into nights, and `stations`, `event` and `place` to match.

# %% tags=["parameters", "hide-input"]
dataset = "usgs-1s-network"
options = {}
stations = ["BOU", "BSL", "FRD", "FRN", "NEW", "SIT", "TUC"]
event = "2014-04-07T06:00"
place = [39.83, -98.58]
seed = 7
step = 4
bins = 60
directions = 16
amplitudes = [0.0, 2.0, 8.0, 32.0]
trials = 6

# %% tags=["hide-input"]
from precursor_lib.evaluate.injection import injection_sweep
from precursor_lib.evaluate.nights import smallest_detected
from precursor_lib.pipelines import Chain, factorise, prepare_night
from precursor_lib.report import Page, figures, maps
from precursor_lib.report.madoi import context, growth, inputs, nights, seismicity

page = Page("sw_ntf_observed", globals())
network = inputs.choose_stations(page.open(dataset, **options), stations)
italy = page.open("horus")
page.banner()

# %% [markdown]
# ## Stations and the night
#
# There is no epicentre here. The prior needs one, so the middle of the network's region stands in:
# a check of what the prior does when it points nowhere.

# %% mystnb={"figure": {"name": "swobs-map", "caption": "The observatories, and the point from which the prior counts distances."}, "image": {"alt": "Map of North America with seven station triangles and a star in the middle of the United States."}} tags=["hide-input"]
maps.station_map(network.stations, epicentre=place)

# %%
chain = Chain(bins=bins, step=step, directions=directions)
night = network.night(0)
prepared = prepare_night(night, chain)
distance = network.stations["distance"].to_numpy()
parts = {
    name: factorise(prepared.tensor, prepared.frequency, distance, chain, name)
    for name in chain.methods
}

# %% mystnb={"figure": {"name": "swobs-night", "caption": "The night at each observatory: record, detrended, kept IMFs, and amplitude by frequency."}, "image": {"alt": "Seven rows of three waveforms and a time-frequency image each."}} tags=["hide-input"]
nights.preprocessing(prepared, list(network.stations.index), network.rate, step)

# %% mystnb={"figure": {"name": "swobs-ntf", "caption": "Components of plain NTF of this night."}, "image": {"alt": "Three rows with the spectrum, course and station contribution of each NTF component."}} tags=["hide-input"]
figures.tensor_factors(**inputs.factor_panels(parts["ntf"], prepared, network, step))

# %% mystnb={"figure": {"name": "swobs-swntf", "caption": "Components of SW-NTF of this night."}, "image": {"alt": "Three rows with the spectrum, course and station contribution of each SW-NTF component."}} tags=["hide-input"]
figures.tensor_factors(**inputs.factor_panels(parts["sw_ntf"], prepared, network, step))

# %% mystnb={"markdown_format": "myst"} tags=["hide-input"]
page.table(
    inputs.anomaly_table(parts, network, chain),
    "swobs-anomalies",
    "What the paper's rule (5 sigma, 60-300 s) finds in this night, by method and component.",
)

# %% [markdown]
# ## Packets put into the observed records

# %%
sweep = injection_sweep(
    network, amplitudes, chain, event=event, seeds=range(seed, seed + trials), rate=2.0
)
threshold = smallest_detected(sweep)

# %% mystnb={"figure": {"name": "swobs-power", "caption": "Share of injected packets found, and false alarms a night, against amplitude at 100 km from the point of the map. Bars: 95 % intervals."}, "image": {"alt": "Two panels with three curves each against amplitude: hit rate and false alarms a night."}} tags=["hide-input"]
nights.recovery_by_amplitude(sweep)

# %% mystnb={"markdown_format": "myst"} tags=["hide-input"]
page.table(
    threshold.to_frame("smallest amplitude found (nT)"),
    "swobs-threshold",
    "Smallest amplitude tried from which on the lower end of the interval of the share found is at "
    "least one half. Empty: none of those tried.",
)

# %% [markdown]
# ## The seismicity figures on a real catalogue
#
# The same functions as on the Madoi page: Benioff strain within 2 degrees in the paper's windows,
# and the b-value in windows of three days, before the Mw 6.5 Norcia earthquake. The Amatrice
# sequence began on day -67, so here a cause is known.

# %%
shock, centre = "2016-10-30T06:40:18", (42.83, 13.11)
box = seismicity.benioff_by_day(italy, centre, shock)
fits = [fit.sigmoid for fit in growth.phases(box, [(-75, -50), (-40, -5)])]
b_by_day = seismicity.b_by_day(seismicity.around(italy, centre, shock), shock)

# %% mystnb={"figure": {"name": "swobs-benioff", "caption": "Cumulative Benioff strain before the Norcia earthquake (HORUS), with sigmoids in the Madoi paper's windows where they converge."}, "image": {"alt": "A step curve of cumulative Benioff strain that jumps on day -67, with sigmoid curves."}} tags=["hide-input"]
figures.cumulative_curves(
    {"Benioff strain": box["cumulative"]},
    {"Benioff strain": fits},
    ylabel="cumulative Benioff strain (J$^{1/2}$)",
)

# %% mystnb={"figure": {"name": "swobs-b", "caption": "Cumulative Benioff strain above the b-value in windows of three days before and after the Norcia earthquake (HORUS, 7 degrees about the epicentre)."}, "image": {"alt": "Cumulative strain above b-values with error bars against day."}} tags=["hide-input"]
context.b_in_time(box, b_by_day, None, label="Benioff strain")

# %% [markdown]
# ## What this shows
#
# The table of anomalies says what the rule finds where nothing is known to have happened, and the
# curves say how large a packet has to be to be found in an observed night. With another night,
# another region or a quieter network the numbers change: re-run the page to see.

# %% tags=["nbval-ignore-output", "hide-input"]
page.provenance()
