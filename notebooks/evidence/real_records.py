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
# # Real records against the text
#
# Three of the five papers call on the indices of geomagnetic activity: an anomaly counts because the
# days were quiet, or a test passes because they were. This page puts what they say beside the real
# Kp, ap, Dst and RC, and a second question beside each answer: of all equally long spans of the
# record, how many would have passed? A statement that most spans pass says little; one that few pass
# was worth making, if it is true.
#
# The cases check each claim on its own page: {doc}`../cases/madoi_2021` (SW-NTF {cite}`yang2026`),
# {doc}`../cases/lushan_observed` (VMD-Pyraformer {cite}`zhang2026`), {doc}`../cases/xinjiang_2016`
# (ED-LSTME {cite}`xiong2022`). The counts of events at the European observatories
# {cite}`petrescu2022` need regional catalogues and stand in {doc}`../cases/european_observatories`.
# The STMN paper {cite}`stmneqa` names no index.
#
# Dst and the catalogue are not in every copy of this book; the banner says what stands in for them.
# Days are UTC. A span is taken from every day of the record on which it fits; spans overlap, and the
# number of those that do not is given too.

# %% tags=["parameters"]
first_year = 1997
last_year = 2022
least_magnitude = 5.0
night_hours = 4.0
listed = 10

# %%
import pandas as pd

from precursor_lib.context.seismicity import mainshock
from precursor_lib.report import Page
from precursor_lib.report import real_records as records
from precursor_lib.report.largest import largest_since

page = Page("real_records", globals())
activity = page.open("kp-ap-f107")
years = slice(str(first_year), str(last_year))
indices = {
    "Kp": activity["Kp"].to_series().dropna()[years],
    "ap": activity["ap"].to_series().dropna()[years],
    "Dst": page.open("dst")["Dst"].to_series().dropna()[years],
    "RC": page.open("rc-index")["RC"].to_series().dropna()[years],
}
shocks = page.open("usgs-m5")
before = page.open("china-mw")
page.banner()

# %% [markdown]
# ## Quiet times
#
# RC stands beside Dst: another index of the ring current, with a baseline of its own. The record and
# stage 2 of one paper and the test of the other are said to be quiet. Of the last, 8 days before to 3 days after the Xinjiang earthquake, the
# paper itself says that some days are not.

# %% mystnb={"markdown_format": "myst"}
page.table(
    records.span_table(records.SPANS, indices),
    "records-spans",
    "Spans of the papers, the real extreme, whether the span passes as quiet, samples at or beyond the limit, the share of all equally long spans that pass, and how many of these do not overlap.",
)

# %% mystnb={"figure": {"name": "records-extremes", "caption": "Observed indices: the extreme of the papers' spans (diamonds) beside those of all equally long spans, and the papers' limits. Top: lowest Dst (RC where Dst is not at hand). Bottom: largest Kp."}, "image": {"alt": "Two panels of grey bars, one bar a statement, with a diamond for the paper's span and a blue mark for the limit. For the TEC paper's quiet days the diamonds lie beyond the limits."}}
records.extremes(records.SPANS, indices)

# %% [markdown]
# ## Levels of activity
#
# The SW-NTF paper counts its anomalies by level of activity and concludes that they are independent of
# it. Most hours are quiet. The table takes the real levels of its 120 nights, 0:00 to 4:00 Beijing
# time, and asks how likely its counts are for events spread evenly over them.

# %% mystnb={"markdown_format": "myst"}
event_night = pd.Timestamp("2021-05-21T16:00")
nights = pd.date_range(event_night - pd.Timedelta(days=90), periods=120, freq="D")
page.table(
    records.level_table(page.ledger, indices, nights, night_hours),
    "records-levels",
    "Printed anomalies by level, the real share of the nights at that level, what an even spread would give, and the chance of counts as uneven.",
)

# %% [markdown]
# ## Days without earthquakes
#
# The TEC paper tests its method on 27 March to 7 April 2016, when there were "no earthquakes".

# %% mystnb={"markdown_format": "myst"}
page.table(
    records.event_table(page.ledger, shocks, least_magnitude),
    "records-events",
    f"Earthquakes of magnitude {least_magnitude:g} and above in these days about the paper's epicentre, and the share of all equally long spans of the catalogue without one.",
)

# %% [markdown]
# ## The largest since Wenchuan
#
# The SW-NTF paper calls its earthquake the largest on the Chinese mainland since that of Wenchuan in
# May 2008. Two open catalogues follow each other, both of moment magnitudes at this size. Which
# shocks lie on the mainland is decided roughly: those to which the straight way from Madoi crosses no
# border on land. Shocks beyond the sea are then among them, which makes the question a harder one.

# %% mystnb={"markdown_format": "myst"}
madoi = mainshock(shocks, 34.59, 98.34, "2021-05-21", days=2)
largest = largest_since(
    {"china-mw": before, "usgs-m5": shocks}, madoi, "2008-05-13", (18, 54, 73, 135), listed
)
page.table(
    largest,
    "records-largest",
    f"Earthquakes from 13 May 2008 to Madoi's, whose magnitude is {madoi['magnitude']:.1f} here, in the box from 18 to 54° N and 73 to 135° E: the largest.",
)

# %% mystnb={"markdown_format": "myst"}
page.check(
    "swntf-sec2-largest",
    not (largest["larger"] & ~largest["border between"]).any(),
    figure="records-largest",
    data=["usgs-m5", "china-mw"],
)
page.claims_table()

# %% [markdown]
# ## What this shows
#
# Whether a span is quiet is one column of the table, and whether it could have been expected is
# another. Where nearly all spans pass, being quiet sets no case apart; where few pass and
# the text says that the days were quiet, the record decides against it. Counts of anomalies by level
# follow from how rare disturbed hours are: a table without any in disturbed hours is what an even
# spread gives too, and shows no independence.
#
# The limits are the papers' own. Other limits would change the shares, and a longer record with more
# of the solar cycle's maximum would lower them. Dst is provisional or real-time in its last years. By surface-wave
# magnitudes the order of the largest shocks could be another.

# %% tags=["nbval-ignore-output"]
page.provenance()
