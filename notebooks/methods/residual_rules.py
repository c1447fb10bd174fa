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
# # Residual rules
#
# Two papers forecast a record of one-minute values and call what the forecast misses an anomaly.
#
# - The Lushan paper {cite}`zhang2026` marks the minutes with $|e_t| > k \, \overline{|e|}$ and k
#   from 2 to 3 (equations 7 and 8). A day with more than 40 to 50 such points (geomagnetic field) or
#   20 to 30 (strain) is an anomalous day.
# - The STMN paper {cite}`stmneqa` marks the values outside $\hat y_t \pm Z \sigma_e$ with Z = 1.5, and
#   accumulates the points themselves.
#
# Neither says over which span the mean or $\sigma_e$ is taken. Nor does it say in which time zone a
# day begins, or what a gap does to it. This page asks what such rules find where there is nothing to
# be found: residuals of known noise. A forecast that is as good as can be leaves noise.
#
# The chance that one point of noise exceeds the rule is known in closed form:
#
# | rule | Gaussian | Laplacian |
# |---|---|---|
# | $k \, \overline{\lvert e \rvert}$ | $2 \, (1 - \Phi(k \sqrt{2 / \pi}))$ | $\exp(-k)$ |
# | $Z \sigma_e$ | $2 \, (1 - \Phi(Z))$ | $\exp(-\sqrt 2 \, Z)$ |
#
# Independent points make a binomial count a day. Where residuals of neighbouring minutes are
# correlated, the mean count stays and its spread grows. For a Gaussian first-order autoregression,
# AR(1), the distribution of the count follows from the one of $|e|$, which is a Markov process.

# %% tags=["parameters"]
start = "2003-01-01"
end = "2003-04-01"
zone_hours = 0.0
noise_days = 365
factors = [2.0, 2.5, 3.0]
confidence = 1.5
thresholds = [20.0, 30.0, 40.0, 50.0]
sizes = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0]
source_minutes = 360
seed = 7

# %%
from precursor_lib.detect import PointRule, anomalous_days, residual_points, usable
from precursor_lib.report import Page
from precursor_lib.report.residual_rules import figures, records, tables

page = Page("residual_rules", globals())
record = page.open("esk", start=start, end=end)
page.banner()

# %% [markdown]
# ## Points a day

# %%
noise = records.simulated_noise(noise_days, seed)
rules = [PointRule("mean_multiple", k) for k in factors]
published = {"strain": (20.0, 30.0), "geomagnetic field": (40.0, 50.0)}

# %% mystnb={"figure": {"name": "rules-points", "caption": "Anomalous points a day of simulated noise against k, and the published thresholds of a day."}, "image": {"alt": "Two falling curves of points a day against k with dots on them. At k = 2 both are above 150. The Gaussian one crosses the geomagnetic threshold band near k = 2.7 and the strain band near k = 3; the Laplacian one stays above both for all k from 2 to 3."}}
figures.points_by_factor(noise, factors, published)

# %% mystnb={"markdown_format": "myst"}
page.table(
    tables.chance_table(noise, [*rules, PointRule("confidence", confidence)], thresholds),
    "rules-chance",
    "Simulated noise: points a day (mean ± standard deviation over days), expected and simulated; "
    "and anomalous days a year by threshold, expected, with the simulated ones in brackets.",
)

# %% [markdown]
# The thresholds of a day lie within what noise gives. For k = 2 and 2.5 white Gaussian noise has
# more points on nearly every day than the rule asks for; at k = 3 the mean lies in the band of the
# strain rule. Heavier tails raise the count further. So whether days are anomalous is decided by the
# shape of the residuals, by k and by the threshold, before anything has happened. A threshold that
# tells noise from more than noise would have to follow from k.
#
# ## Anomalous days a year

# %% mystnb={"figure": {"name": "rules-days", "caption": "Anomalous days a year of simulated noise against the threshold of a day: expected (lines) and counted (dots). Shaded: the published thresholds for strain (orange) and the geomagnetic field (grey)."}, "image": {"alt": "Three panels for k = 2, 2.5 and 3. White noise falls from 365 to 0 within a few points of threshold, at 160, 66 and 24 for Gaussian noise. Correlated noise falls slowly over a decade of thresholds and crosses the shaded bands at every k."}}
figures.days_by_threshold(noise, rules, published)

# %% [markdown]
# For white noise the number of anomalous days jumps from all to none within a few points of
# threshold. Correlation in time turns the jump into a slope: then every combination of k and
# threshold gives some anomalous days, at random times. Their cumulative curve is the subject of the
# page on growth curves.
#
# ## The scale of the tested record
#
# Here the scale is the mean over all that is tested, source included (solid), or the mean over the
# days before it (dashed). The source is a stronger noise in six hours of each of its days.

# %% mystnb={"figure": {"name": "rules-scale", "caption": "Simulated: points a day on days with a source (left) and without (right), for k = 2.5. Solid: scale of the whole record. Dashed: scale of the days before the source."}, "image": {"alt": "Left, points a day against the size of the source. Dashed it rises to 350. Solid it rises less, and the less the more days have the source; with all days it is lowest. Right, points on quiet days fall from 66 to near zero as the source grows, faster for more source days."}}
figures.own_scale(sizes, [0.1, 0.3, 0.7], PointRule("mean_multiple", 2.5), source_minutes, seed)

# %% [markdown]
# A source raises the mean, and so its own threshold. It also takes points from the quiet days, which
# look calmer than they are: a contrast between quiet and active days, made by the rule. No record can
# have more than 1/k of its samples above k times its own mean (Markov's inequality).
#
# A reference before the tested span avoids both. It asks in turn that the noise stays what it was.

# %% mystnb={"markdown_format": "myst"}
page.table(
    tables.drift_table(
        PointRule("mean_multiple", 3.0), [30.0, 50.0], [0.8, 0.9, 1.0, 1.1, 1.25, 1.5]
    ),
    "rules-drift",
    "White Gaussian noise that differs in size from the reference span, k = 3: expected points a day "
    "and anomalous days a year.",
)

# %% [markdown]
# Ten percent more noise, as a season or an older instrument may bring, is enough to turn a year of
# rare anomalous days into one of frequent ones. So a count beyond the expected one is a statement on
# the size of the noise before it is one on anything else.
#
# ## Gaps

# %% mystnb={"markdown_format": "myst"}
page.table(
    tables.gap_table(PointRule("mean_multiple", 3.0), 25.0, [0.0, 0.1, 0.2, 0.3, 0.5], seed),
    "rules-gaps",
    "Anomalous days a year (threshold 25, k = 3) of white Gaussian noise with a part of each day "
    "missing: expected, and simulated.",
)

# %% [markdown]
# A day with a gap of a few hours is calmer by that alone. Here, days with less than half of their
# samples are left out, and reported; for the others the number of samples stands beside the count.
#
# ## A record of an observatory
#
# Eskdalemuir lies in Scotland, far from any large earthquake. The forecast is the simplest: the value
# of Z an hour before. What matters here is what real residuals look like, not how small they are. The
# banner says whether the record is observed or simulated.

# %%
z = record["Z"].values[:, 0]
times = record["time"].values
residual = records.hour_ago(z)
for name, value in records.moments(residual).items():
    print(f"{name}: {value:.2f}")

# %% mystnb={"markdown_format": "myst"}
page.table(
    tables.observed_table(residual, times, rules, [30.0, 50.0], zone_hours),
    "rules-esk",
    "Residuals of the record: points a day (mean ± standard deviation over days) and share of "
    "anomalous days, beside white Gaussian noise.",
)

# %%
shown = {}
for k, threshold in ((2.5, 45.0), (3.0, 25.0)):
    points = residual_points(residual, 0 * residual, PointRule("mean_multiple", k))
    shown[f"k = {k:g}, threshold {threshold:g}"] = anomalous_days(
        times,
        points,
        threshold=threshold,
        valid=usable(residual, 0 * residual),
        zone_hours=zone_hours,
    )
print(
    {name: f"{int(frame['anomalous'].sum())} of {len(frame)} days" for name, frame in shown.items()}
)

# %% mystnb={"figure": {"name": "rules-record", "caption": "The record's anomalous points by day, with the two thresholds (dotted), and its anomalous days so far."}, "image": {"alt": "Top, two jagged series of points a day that vary together between nearly zero and several hundred. Bottom, two rising staircases with steep and flat parts."}}
figures.counts_in_time(shown, {"low": 25.0, "high": 45.0})

# %% mystnb={"markdown_format": "myst"}
page.table(
    tables.zone_table(residual, times, PointRule("mean_multiple", 2.5), 45.0, [0.0, 8.0, -8.0]),
    "rules-zone",
    "The same points (k = 2.5, threshold 45) counted by days of three time zones.",
)

# %% [markdown]
# Points come in clusters, so that days differ far more than those of white noise: calm days have
# fewer, disturbed days many more. The staircase has steep and flat parts, without any earthquake.
# Where the day begins moves single days across the threshold.
#
# ## What this shows
#
# A count of points above a multiple of the mean residual has an expectation under noise, and the
# published thresholds of a day lie at or below it for most of the published range of k. What the rule
# then shows is the shape and the clustering of the residuals. With the scale of the tested record the
# rule is blind to a source that lasts, and with the scale of an earlier span it follows the drift of
# the noise. A finding needs the number of anomalous days that the same rule gives on records without
# an earthquake, with the same gaps, clusters and seasons.
#
# It would change this conclusion if residuals were so short-tailed, or k so large, that noise gave
# far fewer points than the threshold; then a day above it would be rare by itself.

# %% tags=["nbval-ignore-output"]
page.provenance()
