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
# # The station graph
#
# The STMN paper {cite}`stmneqa` passes the series of five stations through two graph layers,
#
# $$h^{(1)}_i = \mathrm{ReLU}\Big(\sum_j \frac{w_{ij}}{\sum_k w_{ik}} W^{(1)} h^{(0)}_j\Big), \qquad
#   h^{(2)}_i = \sum_j \frac{w_{ij}}{\sum_k w_{ik}} W^{(2)} h^{(1)}_j,$$
#
# with $W^{(1)}$ diagonal, $\exp(-d_i^2 / 2\tau^2)$ by epicentral distance $d_i$, $\tau$ = 200 km, and
# $W^{(2)}$ the identity. In matrices over stations, $H^{(2)} = A\, \mathrm{ReLU}(A D H)$. It reports
# that anomalies fall with distance, and that fixed weights are better than trained ones.
#
# The edges $w_{ij}$ are not defined beyond "weighted by geographical distances". Here they are a Gaussian
# of the distance between two stations, with the same $\tau$; other readings stand beside it. The page
# asks what the graph does to noise that is the same at all stations. If that falls with distance, a
# fall with distance is no finding.

# %% tags=["parameters"]
taus = [100.0, 200.0, 400.0]
samples = 20000
seeds = 10
seed = 8

# %%
import numpy as np

from precursor_lib.report import Page, station_graph

page = Page("station_graph", globals())
short = {"step": "1h", "source": None, "control": None}
networks = {
    "Luding 2022": page.open("luding-strain", start="2022-09-01", end="2022-09-03", **short),
    "Changning 2019": page.open("changning-strain", start="2019-06-10", end="2019-06-12", **short),
}
page.banner()

# %% [markdown]
# Only the places of the stations and their printed epicentral distances are used; records are not. Places
# that the paper does not print were solved for from its distances to both epicentres.
#
# ## The graph

# %% mystnb={"figure": {"name": "stmn-fig4", "caption": "Counterpart of the paper's figure 4: stations (size and number: their weight in D), edges (width: weight in A), epicentre (star), and the matrix A with rows of sum one. Places of stations are in part solved for."}, "image": {"alt": "Two maps of five stations with lines between them. Disks shrink with distance from the star; below, two matrices with the largest numbers on the diagonal."}}
epicentres = {"Luding 2022": (29.59, 102.08), "Changning 2019": (28.34, 104.90)}
station_graph.graphs(networks, epicentres)

# %% mystnb={"markdown_format": "myst"}
page.table(
    station_graph.weights_table(networks["Luding 2022"], taus),
    "graph-weights",
    "Weight of each Luding station in D for three scales.",
    digits=2,
)

# %% [markdown]
# Rows of A add up to one: A takes means. D is not normalised: it makes smaller. At $\tau$ = 200 km the
# farthest stations keep a fifth or less of what they measure.
#
# ## Noise of equal size
#
# Independent noise of variance 1 at every station goes in. What comes out:

# %%
tables = {name: station_graph.noise_table(one, samples, seed) for name, one in networks.items()}

# %% mystnb={"figure": {"name": "graph-noise", "caption": "Standard deviation after the graph of noise that has the same at all stations, against epicentral distance (simulated)."}, "image": {"alt": "Two panels. What goes in is level at one. With edges between stations, the curves fall with distance by a quarter to a third; with equal or epicentral edges they are level. All are far below the dashed Gaussian of D near the epicentre."}}
station_graph.noise_figure(tables, 200.0)

# %% mystnb={"markdown_format": "myst"}
luding = tables["Luding 2022"]
chosen = luding[luding["form"].isin(["what goes in", "edges between stations", "without ReLU"])]
page.table(
    chosen.set_index("form"),
    "graph-noise-table",
    "The same for Luding: mean, standard deviation, and share of samples farther from the mean than 1.5 "
    "standard deviations, common to all stations or each station's own.",
    formats={"distance": ".0f", "mean": ".2f", "spread": ".2f", "common": ".1f", "own": ".1f"},
    units={"distance": "km", "common": "%", "own": "%"},
)

# %% [markdown]
# With edges between stations, the spread falls with epicentral distance: D shrinks what comes from far,
# and neighbours of far stations are far. A takes means twice, which makes all of it smaller and the fall
# less steep than the Gaussian. A threshold common to all stations is then passed ever more rarely with
# distance, in noise. With each station's own standard deviation, which is how the paper's bounds read,
# D cancels. With equal or epicentral edges all rows of A are the same, and all stations get one series.
#
# ReLU sets negative values to zero, so that noise of mean zero comes out with a positive mean, and no
# value is below zero: of a residual that may go both ways, one half is lost.
#
# ## Forecasts through the graph
#
# The paper calls the node features predicted signals. If forecasts pass the graph and the residual is taken
# afterwards, even a perfect forecast leaves a residual.

# %% mystnb={"markdown_format": "myst"}
page.table(
    station_graph.perfect_forecast_table(networks["Luding 2022"], samples, seed),
    "graph-perfect",
    "Variance of the residual of a perfect forecast after the graph, as a share of the variance of the "
    "series (independent at all stations; Luding).",
    digits=2,
)

# %% [markdown]
# ## Fixed and trained weights
#
# A signal common to all stations, of equal size or falling with distance like D, is forecast at each
# station with independent errors. Can the graph clean the forecasts? The first half of the samples trains
# the weights, the second half judges. Floors: a forecast of zero, and the forecasts as they are.

# %%
distance = networks["Luding 2022"]["distance"].values
gains = {
    "equal at all stations": np.ones(distance.size),
    "falling with distance": np.exp(-(distance**2) / (2 * 200.0**2)),
}

# %% mystnb={"markdown_format": "myst"}
page.table(
    station_graph.learning_table(networks["Luding 2022"], gains, 2000, range(seeds)),
    "graph-learning",
    f"Mean squared error against the true signal, mean ± standard deviation over {seeds} seeds "
    "(simulated; Luding's stations).",
)

# %% [markdown]
# ## What this shows
#
# The graph as printed is a mean over neighbours, a weight that falls with epicentral distance, and a cut
# of everything negative. Given noise of equal size it returns noise that falls with distance. So a
# decay with distance after the graph is in part the decay that was put in; it says something only beside
# the same for noise, or if each station is judged by its own spread.
#
# If forecasts pass the graph and are then subtracted, the residual is for the most part the series itself,
# the more so the farther the station: a forecast that is perfect becomes one that is nearly useless. If
# residuals pass the graph, half of them are cut off.
#
# As a means to clean forecasts of a common signal, the graph works once ReLU is left out. Trained weights
# are then as good as a linear regression between stations, and better than fixed ones, on later samples;
# with ReLU both are poor. The paper finds fixed weights better than trained ones. That was not seen here
# in either case; it may be seen where there are few samples to train on, or where what is trained for is
# not what is judged.
#
# The definition of the edges, and what exactly passes the graph, would change the numbers of this page.

# %% tags=["nbval-ignore-output"]
page.provenance()
