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
# # Growth curves
#
# Anomalies are accumulated over days, and the curve is fitted with Boltzmann's sigmoid
# $A_2 + (A_1 - A_2) / (1 + e^{(x - x_0)/dx})$ and a line. From the fits the papers read
#
# - an acceleration, where the sigmoid has a high $R^2$ (SW-NTF paper {cite}`yang2026`, Lushan paper
#   {cite}`zhang2026`);
# - a sigmoidal process, where the Ratio $R^2_S / R^2_{line}$ is above 1; random periods have 0.66 to
#   0.73 (STMN paper {cite}`stmneqa`, table 3);
# - the day of inflection $x_0$ with its error, and its dependence on distance (STMN paper, figure 6);
# - the order of two quantities, where one curve rises before the other (Lushan paper, section 5.2).
#
# This page does the same on curves whose truth is known, and on noise. All of it is simulated.
#
# A fit counts as believed here if the search arrived, no parameter lies at a bound, all errors are
# finite, $x_0$ lies in the window, and dx lies between a quarter of a day and half the window.

# %% tags=["parameters"]
days = 120
long_days = 354
short_days = 110
centre = -40.0
width = 8.0
events = [20, 60, 200, 1000]
runs = 1000
draws = 40
phase_runs = 15
noise_runs = 2000
ratio_runs = 60
lag_pairs = 80
seed = 11

# %%
from precursor_lib.detect import compare_growth, fit_two_phase
from precursor_lib.report import Page
from precursor_lib.report.growth_curves import curves, figures, tables
from precursor_lib.simulate.activity import Phase

page = Page("growth_curves", globals())
page.banner()

# %% [markdown]
# ## Curves of known truth
#
# Counts are drawn from a Poisson process whose expected curve is one sigmoid, or two, or a line.

# %%
axis = curves.day_axis(days, after=30)
one_phase = [Phase(60, centre, width)]
two_phases = [Phase(30, centre - 30, width / 2), Phase(60, centre + 25, width / 2)]
cases = {
    "one phase": curves.true_curves(axis, one_phase, phase_runs, seed),
    "two phases": curves.true_curves(axis, two_phases, phase_runs, seed),
    "line": curves.noise_curves("steady", axis.size, phase_runs, seed, rate=0.75),
}
panels = {}
for name, drawn in cases.items():
    compared = compare_growth(axis, drawn[0])
    panels[name] = (drawn[0], [compared.sigmoid, compared.line, fit_two_phase(axis, drawn[0])])

# %% mystnb={"figure": {"name": "growth-fits", "caption": "Simulated: one curve of each kind with its fits. Dashed: a fit that is not believed."}, "image": {"alt": "Three panels with staircases of counts. Left a single rise, in the middle two rises, right a straight climb. A sigmoid, a line and a sum of two sigmoids run through each."}}
figures.fitted(panels, axis)

# %% mystnb={"markdown_format": "myst"}
page.table(
    tables.phase_table(cases, axis),
    "growth-phases",
    f"{phase_runs} simulated curves of each truth: how often one and two sigmoids are believed, and "
    "how often two also have the lower Bayesian information criterion.",
)

# %% [markdown]
# The residuals of a cumulative curve hang together: a count that comes early stays in all values
# after it. The criteria and errors of a fit take them for independent, and find too much. A second
# phase is found in many curves that have one, or none. What this does to the error of the inflection:

# %% mystnb={"markdown_format": "myst"}
page.table(
    tables.coverage_table(axis, events, Phase(1, centre, width), runs, draws, seed),
    "growth-coverage",
    f"Inflection of a phase with x0 = {centre:g} d and dx = {width:g} d by its counts: {runs} curves "
    "each. Honest errors would hold the truth in 68 and 95 % of them. Last column: interval from "
    "counts drawn anew about the fit.",
    digits=2,
)

# %% [markdown]
# The inflection is found without bias. Its stated error is about a tenth of the spread, at any number
# of counts. Intervals from counts that are drawn anew about the fitted curve, with the clustering of
# the record's own weeks, hold the truth about as often as they say (`rise_time`).
#
# ## R² and Ratio of noise
#
# Three kinds of noise whose expected curve is a straight line: steady events (48 in 120 days),
# clusters of eight, and points of a disturbed record as counted on the page on residual rules.

# %%
fits = curves.noise_fits(days, noise_runs, seed)
# Table 3 of the STMN paper: stations of the Luding earthquake, and the range of random periods.
published = {
    "r2_s": [0.968, 0.942, 0.881, 0.951, 0.915, 0.651, 0.704],
    "ratio": [1.27, 1.20, 1.11, 1.25, 1.18, 0.66, 0.73],
}

# %% mystnb={"figure": {"name": "growth-noise", "caption": "Simulated noise: R² of the best sigmoid and Ratio. Triangles: published values (STMN paper, table 3). The outer bins hold what lies beyond."}, "image": {"alt": "Two histograms. R² of noise piles up towards 1, that of clustered noise with a tail down to 0.85. The Ratio begins sharply at 1; steady and disturbed noise stay below 1.1, clustered noise has a tail beyond 1.4. Published triangles lie between 0.65 and 0.97, and between 0.66 and 1.27."}}
figures.noise_distributions(fits, published)

# %% mystnb={"markdown_format": "myst"}
page.table(
    tables.noise_table(fits, [0.95, 0.97, 0.99]),
    "growth-noise-table",
    f"{noise_runs} curves of noise of {days} days each: median and range of 90 % of R² and Ratio, and "
    "the share with a high R² of the sigmoid.",
)

# %% [markdown]
# An R² of 0.97 is ordinary for the cumulative curve of anything. A line has nearly as much. The Ratio of
# noise begins at 1, and does not reach below: the line is the limit of sigmoids with a large dx, so
# the best of them fits at least as well. How far it goes above 1 depends on how the counts cluster:
# hardly for steady noise, beyond all published values for clusters. What a Ratio of 1.2 is worth is
# known only beside noise that clusters alike.
#
# ## Below 1
#
# Then where do 0.66 to 0.73 come from? Not from the best fit. A search for it may stop early, or begin
# so narrow that it sees no way out. A narrow sigmoid is a step; on a straight curve a step at share f
# of the window has $R^2 = 3 f (1 - f)$, at most 0.75. Here the search begins as a step of a day, at
# three places, on curves of steady noise, and is stopped after some evaluations of the curve.

# %%
steady = curves.noise_curves("steady", days, ratio_runs, seed)
found = curves.unfinished(steady, curves.day_axis(days), [2, 4, 8, 16, 64, 256], [0.3, 0.5, 0.65])

# %% mystnb={"figure": {"name": "growth-ratio", "caption": "Simulated steady noise: Ratio of a search that is stopped (median, and range of 90 %), by the place where it begins. Shaded: published range of random periods."}, "image": {"alt": "Three rising curves of Ratio against evaluations. They begin between 0.6 and 0.87, two of them in the shaded band from 0.66 to 0.73, and reach 1 after eight evaluations."}}
figures.unfinished_ratio(found, (0.66, 0.73))

# %% mystnb={"markdown_format": "myst"}
page.table(
    tables.unfinished_table(found),
    "growth-ratio-table",
    "Ratio of stopped searches on steady noise: median and range of 90 %.",
)

# %% [markdown]
# Searches that do not arrive give the published values for random periods; a search that arrives
# cannot. Whether the paper's did, it does not say. A Ratio that separates earthquakes from random
# periods in this way would tell apart curves on which a search arrives from those on which it does
# not.
#
# ## Inflection and count against distance
#
# Five stations at the distances of the Luding case, with independent clustered noise at each.

# %%
luding = [23.5, 94.7, 199.2, 309.1, 353.0]
# Figure 6 of the STMN paper; both are printed with p = 0.070.
printed = {"inflection": 0.163, "count": 0.719}

# %% mystnb={"markdown_format": "myst"}
page.table(
    tables.chance_table(luding, days, printed, noise_runs // 4, seed),
    "growth-distance",
    "Published R² of regressions against distance (STMN paper, figure 6), the p-value that it has with "
    "five stations, and how often noise without any dependence reaches it. Networks in which a "
    "sigmoid is not believed are left out of the first row.",
)

# %% [markdown]
# With five stations an R² of 0.72 has p = 0.07, as printed. The other R² has a p of about one half:
# the same p cannot belong to both.
#
# ## Which comes first
#
# Pairs of unrelated records of clustered noise: one of 354 days and one of 110, both to the same day,
# as strain and geomagnetic field in the Lushan case.

# %%
lags = tables.lag_trials(long_days, short_days, "clustered", lag_pairs, 60, seed)

# %% mystnb={"figure": {"name": "growth-lags", "caption": "Simulated: lag of a long record of noise behind a short one, for unrelated pairs, by two estimates, with each record's own span and with the common days. Negative: the long record leads."}, "image": {"alt": "Four histograms of lag. With their own records they are centred near minus 120 days, all below zero. With common days they are centred near zero and reach to about plus and minus 40 days."}}
figures.lags(lags)

# %% mystnb={"markdown_format": "myst"}
page.table(
    tables.lag_table(lags),
    "growth-lag-table",
    f"{lag_pairs} unrelated pairs: how many have a lag at all, its median and spread; how often its "
    "interval leaves out zero, and how often p (against unrelated steady processes on the same days) "
    "is below 0.05.",
)

# %% [markdown]
# A record that begins earlier rises earlier: its middle is earlier by half the difference, without
# anything behind it. On common days this is gone, and lags of weeks remain that mean nothing, as any
# two unrelated clustered records have them. Intervals that take each curve for a rise of its own leave
# out zero too often. The p against unrelated processes is nearer to what it says; where it is below
# 0.05 more often than in 5 % of the pairs, the clustering is estimated from too few blocks of days.
#
# ## What this shows
#
# A sigmoid through a cumulative curve finds its inflection well where there is one. But the usual
# readings do not tell it from noise: R² is high for anything that is accumulated, the error of the
# inflection is too small, a lag of weeks is common between unrelated records, and the record with the
# earlier start leads. The Ratio of finished fits is at least 1 for any curve. A comparison with noise
# of the same clustering and the same days is what each of these readings needs.
#
# It would change this conclusion if the counts were independent from day to day. Then noise has Ratios
# so near to 1 that 1.2 would stand out.

# %% tags=["nbval-ignore-output"]
page.provenance()
