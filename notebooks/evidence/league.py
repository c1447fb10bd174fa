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
# # League
#
# Every method of the five papers, and what a reader could use instead, on every kind of data that it can
# take. Each has the same records to learn from, the same number of windows, the same rate of false
# alarms, and the same sources to find, in records that were made from other seeds. How a trial goes
# stands on {doc}`power`. All records and sources are simulated, from the `seed`; only the Kp that drives
# them is observed.
#
# None of the methods is at its best here: the networks are small and learn for seconds, and the paper
# profile gives them more. What is compared is what each makes of the same means.

# %% tags=["parameters"]
kinds = ["nights", "minutes", "strain", "components", "tec"]
seed = 21
days = [90, 240, 210]
nights = [10, 90, 90]
stations = 3
every = 3
false_share = 0.03333
epochs = 3
windows_per_epoch = 2048
cores = 2

# %%
from precursor_lib.evaluate.trials import Budget, league, run_trials
from precursor_lib.report import Page
from precursor_lib.report.trials import cases, conclusions, figures, tables

page = Page("league", globals())
indices = page.open("kp-ap-f107")
page.banner()

# %% [markdown]
# ## The methods
#
# - **SW-NTF**, **NTF** {cite}`yang2026`: factors of a spectrogram of all stations; one-second data alone. Sigma
#   is the night's own, as in the chain, or that of calm nights.
# - **VMD-Pyraformer** {cite}`zhang2026`: two modes of the record, a forecast, points of large residuals.
# - **STMN** {cite}`stmneqa`: modes of segments, a TimesNet, points outside its confidence bounds. Without the
#   station graph, which raises the error ({doc}`../methods/station_graph`).
# - **CNN** {cite}`petrescu2022`: of the papers' methods the only one that learns what a source looks like. It is shown examples
#   of all sizes, which no one has of a real precursor.
# - **ED-LSTME** {cite}`xiong2022`: a forecast for a day with indices as inputs where the record has them.
# - **Rivals**: an LSTM and a linear forecast of the record as it is; the value a day earlier; the median or
#   mean of fifteen days at the same time; power in a band; a logistic regression on band powers, which
#   learns from the same examples as the CNN.

# %%
table = cases.simulated(
    kinds, seed=seed, days=tuple(days), indices=indices, nights_number=tuple(nights), league=True
)
trials = run_trials(
    [(case.kind, case.methods) for case in table],
    stations=[stations], false_share=false_share, every=every,
    budget=Budget(epochs=epochs, windows_per_epoch=windows_per_epoch), seed=seed, workers=cores,
)  # fmt: skip
standings = cases.with_papers(league(trials), table)

# %% mystnb={"figure": {"name": "league-found", "caption": "Simulated: share of all sources found, whatever their size, with 95 % intervals. Circles: methods of the papers; squares: rivals. Chance finds about one in thirty."}, "image": {"alt": "Five panels, one for each kind of data, each with a row for every method and a point with an interval."}}
figures.league_figure(standings)

# %% mystnb={"markdown_format": "myst"} tags=["nbval-ignore-output"]
page.table(
    tables.league_table(standings),
    "league-table",
    "Simulated: sources found, amplitude found in half of the blocks, median error of the time of found "
    "sources, false alarms in the test records, each with its 95 % interval where it has one; "
    "processor time to learn, and to score a hundred blocks of a station.",
)

# %% mystnb={"markdown_format": "myst"} tags=["nbval-ignore-output"]
page.table(
    conclusions.against_all(trials, table),
    "league-rivals",
    "Each paper's method on the data of its paper, beside every other method on the same sources "
    "(exact McNemar test, Holm; level 5 %).",
)

# %% [markdown]
# ## What a careful reader may conclude
#
# - **SW-NTF** {cite}`yang2026`: power in a band, which needs no tensor, finds several times as many packets.
#   It measures a night by its own sigma, which a large packet raises, so that beyond some size larger
#   packets are not found more often; the sigma of other, calm nights mends a part of that. All stations
#   are as far from the source here, so that the prior can neither help nor mislead.
# - **VMD-Pyraformer** {cite}`zhang2026`: on the field, no packet is large enough. Two modes of ten-minute
#   means follow the daily variation and leave the packets out. On strain, where modes are slower than
#   the source, the same chain does well; so does a linear forecast without modes.
# - **STMN** {cite}`stmneqa`: a chain with less to it finds more in strain. Among forecasts, the linear map of
#   the same window is the one to beat.
# - **CNN** {cite}`petrescu2022`: a classifier that is shown hundreds of examples finds small packets, in the
#   field better than a threshold. A logistic regression on band power does about as well. No one has
#   such examples of real precursors, so this is what could be had and not what was.
# - **ED-LSTME** {cite}`xiong2022`: the value a day before, or the median of fifteen days, finds more. A
#   network with indices as inputs forecasts storms; the sources it looks for are not storms.
#
# A rank in this table is a rank on these sources, at this budget. That a plain method is level with a
# learned one is no surprise at such sizes; that none of the papers shows the plain one beside it is
# what this page adds. {ref}`One page <summary>` puts it beside the other evidence.

# %% tags=["nbval-ignore-output"]
page.provenance()
