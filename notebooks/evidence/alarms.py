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
# # Alarms
#
# A precursor that is worth the name warns of earthquakes more often than chance would. To see
# whether it does, a record needs all of its alarms and all earthquakes of its time, not one of each.
# This page holds daily scores against catalogues.
#
# - **Molchan's diagram** {cite}`molchan1990` shows the share of events missed against the share of
#   days in alarm, as the threshold of the score falls. A guess lies on the diagonal. The area above
#   the curve {cite}`zechar2008` is 1/2 for a guess, and $1 - \tau / 2$ for an alarm that takes the
#   share $\tau$ of the days and misses nothing.
# - **Gain** is the share of events in alarm over the share of time in alarm.
# - **Event coincidence analysis** {cite}`donges2016` counts the events with an anomaly before them,
#   and the anomalies with an event after them. Were anomalies a Poisson process, $n$ of them in a
#   time $T$ would meet a window $\Delta T$ with a chance of $1 - (1 - \Delta T / T)^n$.
# - **Superposed epochs** are the mean of the score by day from the events, over all events.
#
# Each comes with two nulls. In one, events are independent and fall evenly on the observed days: then
# the area has an exact distribution, hits are binomial, and coincidences follow the formula above. In
# the other, the catalogue is shifted along the record, around a circle, by every number of days. That
# keeps the clusters of the events and the memory of the score. A third test takes only shifts of a
# few months, which keep what changes over years in both.
#
# The score of a day is the largest of the days before it, so that no alarm knows its own day. Days
# without a score leave both the time in alarm and the events.

# %% tags=["parameters"]
start = "2013-01-01"
end = "2023-11-05"
lead = 7
leads = [1, 3, 7, 14, 30]
magnitudes = [5.0, 5.5, 6.0, 6.5, 7.0]
most_events = 500
storms = [5.0, 6.0, 7.0]
windows = [7, 30]
near_days = 120
epoch_days = 30
known_days = 1826
known_events = 60.0
known_size = 1.0
known_share = 0.4
anomalous_share = 0.05
runs = 150
draws = 200
seed = 5

# %%
from precursor_lib.evaluate.alarms import day_cells
from precursor_lib.report import Page
from precursor_lib.report.alarms import figures, known, observed

page = Page("alarms", globals())
indices = page.open("kp-ap-f107")
catalogue = page.open("usgs-m5")
page.banner()

# %% [markdown]
# ## Scores of known truth
#
# Four scores, one of which knows of the events:
#
# - *skill*: noise with a memory of some days, raised on the five days before some of the events;
# - *follows Kp*: the real Kp of those years from a random day on, with some noise;
# - *random bursts*: clusters of counts at random times;
# - *early record*: noise that is higher in the first quarter of the record.
#
# Each meets three catalogues: a steady Poisson process; clusters of five events within 30 days; and a
# rate that is four times as high in the first quarter. The last stands for a record that begins in a
# busy time.

# %%
daily = observed.daily_largest(indices, start, end)
activity = daily.dropna().to_numpy()[:known_days]
truth = {"number": known_events, "size": known_size, "share": known_share, "lead": lead}

# %% mystnb={"figure": {"name": "alarms-known", "caption": "Simulated: Molchan's diagram of one record of each score against one catalogue with clusters. Orange: where 95 % of guesses lie if events are independent. Blue band: where the score itself lies in 95 % of all shifts of the catalogue."}, "image": {"alt": "Four diagrams with a falling diagonal. The curve of the score with skill lies well below the diagonal and both bands. The other three cross or follow the diagonal and stay within the band of the shifts, which is wider than the band for independent events; where they leave the narrower band they stay in the wider one."}}
figures.known_diagrams(known.examples(activity, seed, **truth))

# %% mystnb={"markdown_format": "myst"}
page.table(
    known.rejection_table(activity, runs, seed, reach=near_days, top=anomalous_share, **truth),
    "alarms-level",
    f"Simulated: share of {runs} records, in percent, that each test calls related at a level of 5 % "
    f"(Monte Carlo error of a rate of 5 %: {known.rate_error(runs):.1f}). Only the first three rows "
    "hold a relation.",
    digits=2,
)

# %% [markdown]
# With a steady catalogue all tests keep their level, whatever the score. With clusters of events the
# tests for independent events call unrelated scores related too often, and the shifts do not. Where
# score and catalogue both decline, even the shifts are misled, for most of them take the busy time
# of the one from that of the other; only shifts of a few months stay near the level.
#
# The Poisson formula can fail in the other direction as well. Anomalies that come in clusters cover
# less time than as many scattered ones. So it expects too many coincidences, and misses a relation
# that the shifts find.
#
# ## A real index against a catalogue
#
# The score is the largest Kp of each day: magnetic storms, which no one takes for a precursor of every
# large earthquake, but whose traces are in every magnetic record. The banner says whether the
# catalogue is observed or a simulated stand-in. With a stand-in, what follows shows the method alone.
#
# The events are fixed before any score is seen: from the lowest magnitude that leaves at most a given
# number of mainshocks, by the windows of Gardner and Knopoff {cite}`gardner1974`.

# %%
events, mainshocks, counts = observed.target_events(catalogue, start, end, magnitudes, most_events)
cells = day_cells(daily, mainshocks)
print(
    f"catalogue {catalogue.attrs['origin']}, {len(mainshocks)} mainshocks of {len(events)} events"
)
print(counts.to_string(index=False))

# %% mystnb={"figure": {"name": "alarms-diagrams", "caption": "Largest Kp of the seven days before (by default) as a score for the mainshocks. Left: Molchan's diagram with the bands of independent and of shifted events. Right: ROC by day. Whether the catalogue is observed or simulated, the banner says."}, "image": {"alt": "Left, a curve along the falling diagonal within two bands. Right, a curve along the rising diagonal."}}
figures.molchan_and_roc(cells, lead)

# %% mystnb={"markdown_format": "myst"}
by_lead, best = observed.lead_table(cells, leads, near_days)
page.table(
    by_lead,
    "alarms-leads",
    "Area above Molchan's curve (1/2 expected by chance), area under the ROC, and the chance of as "
    "large an area: independent events, all shifts, and near shifts.",
    digits=2,
)

# %%
print(
    f"The smallest of {best['tests']} chances is {best['smallest']:.2f}. "
    f"Among all shifts, {best['of all']:.2f} have one as small."
)

# %% [markdown]
# Both signs and several leads are as many ways to find something. The last line counts that freedom:
# all tests are shifted together, and the best of each shift is compared with the best of the record.
#
# ## Alarms with a fixed threshold
#
# An alarm of some days begins at the end of each day with a storm.

# %% mystnb={"markdown_format": "myst"}
page.table(
    observed.alarm_table(daily, events, mainshocks, storms, lead, seed),
    "alarms-gain",
    f"Alarms of {lead} days after each day with a Kp of a threshold or more: gain with its 95 % "
    "interval for independent events, and the chance of as many hits.",
    digits=2,
)

# %% mystnb={"markdown_format": "myst"}
page.table(
    observed.coincidence_table(daily, events, mainshocks, storms[1], windows, seed),
    "alarms-coincidences",
    f"Days with a Kp of {storms[1]:g} or more and events after them: coincidence rates in percent, "
    "and the chance of as many.",
    digits=2,
)

# %% [markdown]
# In a long window nearly every storm has an earthquake after it, in a catalogue that is full enough.
# Such a rate says nothing without what chance gives. Of so many rows, some fall below 5 % by chance;
# the line below the table of leads shows how to count that.
#
# ## All events, or one
#
# A paper on one earthquake shows the record around that earthquake. Here is the mean around all of
# them, and below it the record around the one that suits best.

# %%
chosen, best_day = observed.chosen_events(cells, mainshocks, lead)

# %% mystnb={"figure": {"name": "alarms-epochs", "caption": "Top: mean daily largest Kp around all mainshocks, with what shifted catalogues and shuffled blocks of 27 days give. Bottom: daily largest Kp around the mainshock with the highest one in the days before it. Whether the catalogue is observed or simulated, the banner says."}, "image": {"alt": "Top, a jagged mean between 2 and 3.5 that stays mostly within the bands. Bottom, the record around one event with a peak of Kp shortly before it that stands far above the dotted line."}}
figures.epochs_all_and_one(cells, best_day, epoch_days)

# %% mystnb={"markdown_format": "myst"}
page.table(
    chosen,
    "alarms-chosen",
    f"Chance of as high a Kp in the {lead} days before an event.",
    digits=2,
)

# %% mystnb={"figure": {"name": "alarms-choice", "caption": "How small the chance of the best event looks by itself, by the number of events to choose from: expected if score and events are unrelated (blue band and line), and for random choices of the mainshocks (dots)."}, "image": {"alt": "On logarithmic axes a band falls from one half at one event to below one percent at a hundred. The dots fall along it and cross the line of 5 percent near ten to twenty events."}}
figures.best_of_many(cells, lead, draws, seed)

# %% [markdown]
# Of n events that have nothing to do with the score, the best has a chance of about 1 / (n + 1) by
# itself: a dozen or so events are enough for one that looks significant. The choice need not be
# deliberate. A paper is written on the event with something to show.
#
# ## What this shows
#
# The diagrams and tests tell a score that knows of the events from three that do not, if the null
# keeps what the data have: clusters, memory, and slow changes. The simple formulas do not, and can
# err either way. Slow changes are the worst case: a record whose noise declines and a catalogue that
# declines look related to every test that does not hold them fixed.
#
# One event is no test. What is striking about it has to be compared with the best of all events that
# could have been chosen, and then mostly is not.
#
# It would change the conclusion on a score if its area, with lead and direction fixed beforehand, lay
# beyond the near shifts of the catalogue in a record that was not used to find it. What is missed here
# are relations in place: the score is one for the whole Earth, or for the region of the catalogue.

# %% tags=["nbval-ignore-output"]
page.provenance()
