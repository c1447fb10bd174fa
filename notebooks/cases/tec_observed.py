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
# # ED-LSTME on observed TEC: central Italy 2016
#
# The record of {doc}`xinjiang_2016` is closed. An open one covers 2015 to 2017, hour by hour, at 10° E
# and 10, 40 and 70° N, from global maps. Trained to the middle of 2016, the same chain
# {cite}`xiong2022` meets in its test part the earthquakes of central Italy of 24 August, 26
# October and 30 October 2016, of magnitude 6 to 6.5, some 400 km from the point at 40° N. The places of the maps
# are no receivers: they smooth over hundreds of kilometres and hours, more than the paper's stations.
#
# The question is the paper's: are there anomalies about the earthquakes? It is asked together with the
# one that the paper leaves out: are there more than at other times?

# %% tags=["parameters", "hide-input"]
seed = 5
validation = "2016-04-01"
test = "2016-07-01"
stride = 4
epochs = 12
trials = 2
samples = 8000
events = ["2016-08-24T01:36", "2016-10-26T19:18", "2016-10-30T06:40"]
place = [42.8, 13.2]

# %% tags=["hide-input"]
from precursor_lib.context.geography import dobrovolsky_radius_km, geodesic_distance_km
from precursor_lib.evaluate.tec import skill_table, window_flags
from precursor_lib.pipelines import tec, tec_models
from precursor_lib.pipelines.tec_record import prepare_tec
from precursor_lib.report import Page
from precursor_lib.report.tec import anomalies, observed, runs, skill

page = Page("tec_observed", globals())
data = page.open("vtec")
activity = page.open("kp-ap-f107")
dst = page.open("dst")["Dst"].to_series().dropna()
page.banner()

# %%
zeros = int((data["VTEC"] == 0).sum())
data["VTEC"] = data["VTEC"].where(data["VTEC"] > 0)
record = prepare_tec(data, activity, validation=validation, test=test)
away = float(geodesic_distance_km(*place, 40.0, 10.0))
print(f"{zeros} values of 0 TECU, which no ionosphere has, taken as missing")
print("\n".join(record.report))
print(
    f"40° N 10° E lies {away:.0f} km from the epicentres; the Dobrovolsky radius of magnitude 6.5 "
    f"is {float(dobrovolsky_radius_km(6.5)):.0f} km"
)

# %% [markdown]
# ## Forecasts a day ahead

# %%
split = record.split(3, stride=stride)
models = tec_models.fit_models(
    record, split, epochs=epochs, samples=samples, trials=trials, seed=seed
)
scaled = models.forecasts(split.test) | tec_models.floors(record, split.test)
forecasts = {name: record.placed(values, split) for name, values in scaled.items()}
forecasts["PyIRI"] = tec.climatology(record, data, activity)
forecasts["median of 15 days"] = observed.median_forecast(record)
part = record.test_times
metrics = skill_table(
    record.observed[:, part],
    {name: values[:, part] for name, values in forecasts.items()},
    record.stations,
)

# %% mystnb={"markdown_format": "myst"} tags=["hide-input"]
page.table(
    observed.station_metrics(metrics),
    "tecobs-metrics",
    "RMSE (TECU) by place, with the R² of equation 4 at 40° N: July 2016 to 2017.",
)

# %% mystnb={"figure": {"name": "tecobs-taylor", "caption": "Taylor diagram of the models and floors, all three places."}, "image": {"alt": "Taylor diagram with most models close to each other near correlation 0.95, persistence and the recurrence of 27 days farther off."}} tags=["hide-input"]
skill.taylor(metrics)

# %% [markdown]
# ## Anomalies about the earthquakes
#
# At one place an anomaly is a value beyond its limits; there are no other stations that could confirm
# it. Kp and Dst are the real ones.

# %%
quiet = tec.activity_at(record.times, activity["Kp"].to_series(), dst)[2]
rules = {
    name: found.station("40N")
    for name, found in runs.both_rules(record, forecasts["ED-LSTME"], quiet).items()
}
indices = {"Kp": activity["Kp"].to_series(), "Dst": dst}

# %% mystnb={"figure": {"name": "tecobs-august", "caption": "Day -8 to 3 about the earthquake of 24 August 2016: TEC at 40° N 10° E within the limits of ED-LSTME, and real Kp and Dst."}, "image": {"alt": "TEC over twelve days within shaded limits with a few points beyond them, above Kp and Dst."}} tags=["hide-input"]
anomalies.anomaly_days(rules["ED-LSTME"], indices, *observed.window_of(events[0]), event=events[0])

# %% mystnb={"figure": {"name": "tecobs-october", "caption": "Day -8 to 3 about the earthquake of 30 October 2016, with that of 26 October four days before."}, "image": {"alt": "TEC over twelve days within shaded limits with points beyond them, above disturbed Kp and Dst."}} tags=["hide-input"]
anomalies.anomaly_days(
    rules["ED-LSTME"], indices, *observed.window_of(events[-1]), event=events[-1]
)

# %% [markdown]
# ## Every other window

# %%
windows = {
    name: window_flags(found.times, found.sign, found.quiet, found.any_judged)
    for name, found in rules.items()
}
windows = {name: table[table["judged"] > 0.8] for name, table in windows.items()}

# %% mystnb={"figure": {"name": "tecobs-windows", "caption": "Flagged quiet samples in each window of 12 days of the test part; the windows of the three earthquakes (day -8 to 3) are marked."}, "image": {"alt": "Two step lines of counts by the window's first day over 18 months with three marks; the marks lie among the others."}} tags=["hide-input"]
observed.windows_in_time(windows, events)

# %% mystnb={"markdown_format": "myst"} tags=["hide-input"]
page.table(
    observed.event_table(windows, events),
    "tecobs-events",
    "Quiet flags in the windows of the earthquakes, and the share of all windows without one of the "
    "earthquakes that hold as many or more. Windows that overlap are not independent; the shares are "
    "no p-values of one test, but what a reader should expect.",
)

# %% mystnb={"markdown_format": "myst"} tags=["hide-input"]
page.table(
    observed.rule_table(rules, windows),
    "tecobs-rules",
    "What each rule flags at 40° N in the test part.",
)

# %% [markdown]
# ## Claims

# %% tags=["hide-input"]
page.check_all(observed.claim_values(metrics), data={"tec-": ["vtec"]})
page.claims_table()

# %% [markdown]
# ## What this shows
#
# The table of windows answers the question: it sets the windows of three earthquakes among all others
# of the same length. A rule that flags values on many days of the year has something to show before
# any earthquake, and what it shows there is worth what it shows elsewhere.
#
# What would change the conclusion: earthquakes whose windows stand out among hundreds of others, with
# the rule, its limits and the length of the window fixed before; and receivers near the epicentres in
# place of a smooth map.

# %% tags=["nbval-ignore-output", "hide-input"]
page.provenance()
