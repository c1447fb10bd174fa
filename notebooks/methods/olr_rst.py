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
# # The robust satellite technique on OLR
#
# The paper on the Xinjiang earthquake {cite}`xiong2022` adds a second kind of data to its TEC: outgoing
# longwave radiation (OLR) by satellite, September 2007 to December 2016, analysed by the robust
# satellite technique (RST). For each pixel and each day of the year, RST takes the mean $\mu$ and the
# standard deviation $\sigma$ over the years {cite}`tramutoli2005`, and maps
#
# $$\frac{x - \mu}{\sigma} .$$
#
# The paper shows maps of twelve days, from eight before the shock to three after, and follows warm
# patches on them. It gives neither the threshold nor the number of values behind a mean. There are
# nine or ten: one a year.
#
# This page applies RST to simulated OLR, with and without an anomaly that is put in, and asks what the
# choice of the years does, how often twelve days show warm patches near a given place when there is
# nothing to find, and how large an anomaly has to be.

# %% tags=["parameters"]
event = "2016-12-08T05:15"
place = [43.83, 86.35]
threshold = 2.0
thresholds = [1.5, 2.0, 3.0]
radii = [200.0, 300.0, 500.0, 1000.0]
anomaly = {"day": "2016-11-30", "days": 9, "size": 40.0, "radius": 400.0}
sizes = [0.0, 5.0, 10.0, 20.0, 30.0, 40.0, 60.0, 80.0]
search_km = 500.0

# %%
import numpy as np
import pandas as pd

from precursor_lib.detect.rst import rst_index
from precursor_lib.evaluate import rst_alarms
from precursor_lib.report import Page
from precursor_lib.report import rst as figures

page = Page("olr_rst", globals())
epicentre = (place[0], place[1])
nothing = page.open("xinjiang-olr")["OLR"]
centre = {"latitude": place[0], "longitude": place[1]}
with_anomaly = page.open("xinjiang-olr", anomalies=[{**anomaly, **centre}])["OLR"]
page.banner()

# %% [markdown]
# The simulated fields have a yearly course, warm and cold air that lasts for days and reaches over a
# thousand kilometres, clouds, and years that differ from each other. None of it is fitted to
# observations.
#
# ## One pixel, ten years

# %% mystnb={"figure": {"name": "olr-pixel", "caption": "Simulated OLR at the pixel nearest to the epicentre, without an anomaly: each day of the year in 2016, and what the other years make of it."}, "image": {"alt": "A yearly wave between 180 and 270 watts per square metre with dips of up to 100. A band of two standard deviations about the mean of the other years jumps from day to day between widths of 30 and 130."}}
figures.pixel_years(nothing, epicentre, pd.Timestamp(event).year)

# %% [markdown]
# The band jumps from day to day because each standard deviation comes from eight or nine values. That
# scatter is in every index.
#
# ## Which years are in the reference
#
# If the tested year is in its own reference, it raises the mean and the spread that it is compared with.
# With N years no index can then exceed $(N - 1) / \sqrt N$. With the other years alone the index of
# Gaussian values is Student's t in effect, with heavier tails than the 2.3 % that lie above two
# standard deviations of a Gaussian.

# %% mystnb={"markdown_format": "myst"}
variants = {
    "other years": {"reference": "others"},
    "all years": {"reference": "all"},
    "years before": {"reference": "past"},
    "other years, ±7 days": {"reference": "others", "half_window": 7},
    "other years, scene's mean off": {"reference": "others", "remove_scene": True},
}
closed = rst_alarms.chance_rows(
    thresholds, {"closed form: 9 years, others": (9, "others"), "closed form: 9, all": (9, "all")}
)
rates = pd.concat([rst_alarms.reference_rates(nothing, thresholds, variants), closed])
page.table(
    rates.set_index("reference"),
    "olr-references",
    "Simulated fields without an anomaly: largest index, and percent of all pixels and days above "
    "and below thresholds. Below: the closed form for independent Gaussian values.",
)

# %% [markdown]
# Clouds only lower OLR. So the spread is that of the cloudy days, warm indices are fewer than the
# Gaussian form says, and cold ones more. With the years before alone, the early years have so few
# values that large indices are common. Days around the date in the reference steady it; the paper
# does not say that it did so. From here on the reference is the other years.
#
# ## Twelve days without and with an anomaly

# %%
index = rst_index(nothing, reference="others")
index_with = rst_index(with_anomaly, reference="others")

# %% mystnb={"figure": {"name": "olr-maps-nothing", "caption": "RST index of simulated OLR around the epicentre (star), without an anomaly. Pixels above the threshold are outlined."}, "image": {"alt": "Twelve small maps of red and blue squares. Patches of either sign some pixels wide come, move and go; a few squares are outlined, at different places on different days."}}
figures.index_maps(index["index"], event, epicentre, threshold=threshold)

# %% mystnb={"figure": {"name": "olr-maps-anomaly", "caption": "The same days with an anomaly put in at the epicentre: nine days from day −8 on, with its peak on day −4."}, "image": {"alt": "The same twelve maps. On days −6 to −1 squares around the star are redder, and some of them are outlined."}}
figures.index_maps(index_with["index"], event, epicentre, threshold=threshold)

# %%
inside = rst_alarms.within(index["index"], *epicentre, search_km)
days = pd.date_range(pd.Timestamp(event).normalize() - pd.Timedelta(days=8), periods=12)
for name, data in (("without", index), ("with", index_with)):
    near = data["index"].sel(time=days).transpose("time", "latitude", "longitude").values
    largest = near[:, inside].max(axis=1)
    print(f"{name} the anomaly, within {search_km:g} km: largest index {np.nanmax(largest):.1f},")
    print(f"  days above {threshold:g}: {int((largest > threshold).sum())} of {largest.size}")

# %% [markdown]
# ## How often, and where, by chance

# %% mystnb={"figure": {"name": "olr-false-alarms", "caption": "Share of days on which a pixel's index lies above the threshold and below its negative, without an anomaly."}, "image": {"alt": "Two maps. Left, about 3 percent everywhere; right, about 7 percent everywhere. No pixel stands out."}}
figures.rate_map(index["index"], threshold, epicentre)

# %% [markdown]
# A few percent of days at one pixel are many when one looks at several pixels for twelve days.

# %% mystnb={"markdown_format": "myst"}
steady = rst_index(nothing, reference="others", half_window=7)
windows = pd.concat(
    {
        name: rst_alarms.window_alarms(data["index"], epicentre, radii, threshold)
        for name, data in (("one day", index), ("±7 days", steady))
    },
    names=["reference"],
).reset_index()
page.table(
    windows.set_index("reference"),
    "olr-windows",
    "All windows of twelve days of the simulated record, without an anomaly: percent with a pixel "
    "above the threshold near the epicentre on any day, on two days in a row, and before the day of "
    "a shock placed as in the paper; and with the largest index on the day before it.",
)

# %% [markdown]
# ## What size is found

# %%
sizes_own = np.linspace(0.0, 120.0, 13)
day_before = (pd.Timestamp(event).normalize() - pd.Timedelta(days=1)).isoformat()
own = rst_alarms.own_year(nothing, epicentre, day_before, sizes_own)
nearest = {"latitude": place[0], "longitude": place[1], "method": "nearest"}
years = int(index["used"].sel(time=day_before).sel(**nearest).item()) + 1
power = rst_alarms.anomaly_power(
    index,
    epicentre,
    sizes,
    threshold=threshold,
    days=anomaly["days"],
    radius_km=anomaly["radius"],
    search_km=search_km,
)

# %% mystnb={"figure": {"name": "olr-sizes", "caption": "Left: index of the pixel nearest to the epicentre as one day's value is raised, with its own year in the reference and without; dotted: the bound with it, grey: the threshold. Right: windows in which an anomaly of nine days and 400 km is found within 500 km."}, "image": {"alt": "Left, a straight line up to an index of 8, and a curve that bends below a dotted line at 2.8. Right, two rising curves that start at about 60 and 30 percent at size 0 and come to 100 percent at 60 watts per square metre."}}
figures.size_curves(own, power, years, threshold)

# %%
print(f"years with a value on that day: {years}")
print(power.round(0).astype(int).to_string())

# %% [markdown]
# ## What this shows
#
# A map of RST is not quiet when nothing happens. With one value a year, an index of two is reached
# next to a given place in nearly half of all windows of twelve days, and within 500 km in most of
# them, in a third on days in a row; for what OLR does from day to day is weather, which lasts for
# days and spans many pixels. That a patch grows, moves along a direction and peaks on one day is what
# each such patch does. The largest index falls on the day before a shock in about one of twelve
# windows.
#
# Two choices that the paper leaves open decide the numbers. With the tested year in the reference, ten
# years of data cannot give an index of three. With one value a year the spread itself is uncertain by
# about a quarter. Days around the date in the reference cut the rates to less than half.
#
# An anomaly has to exceed the spread of the weather to be found, and even then the windows without
# one have to be counted beside it. It would change this conclusion if maps were drawn for many windows
# without an earthquake and those before earthquakes differed; if anomalies were local at a scale that
# weather does not have; or if real OLR were much steadier than the simulated fields, whose spread
# within a season (some 20 to 25 W m$^{-2}$ a pixel) is not fitted.

# %% tags=["nbval-ignore-output"]
page.provenance()
