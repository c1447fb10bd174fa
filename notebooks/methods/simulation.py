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
# # What the simulated records hold
#
# The records behind the papers are mostly closed. Where they are, this book simulates them, and it
# also simulates records without any source, for a method that finds something in those has found
# nothing. A simulation is of use only if its truth is known and its nuisances are realistic. This
# page shows both: what goes into a record, and how its level and spectrum compare with an
# observatory's.
#
# A magnetic network's record is the sum of
#
# - a red background whose level follows the real Kp, part of it common to all stations;
# - Sq and the field of the ring current, driven by the real index RC;
# - Pi2 trains seen by the whole network, more of them at high Kp;
# - boxes and spikes at single stations, white noise, rounding and gaps;
# - packets from the epicentral region, where a source is wanted.
#
# The packets come at the rate
#
# $$\lambda(t) = \lambda_0 + \sum_k \frac{N_k}{4\,\Delta_k}\,
#   \mathrm{sech}^2\frac{t - x_{0k}}{2\,\Delta_k},$$
#
# so that the expected cumulative number is exactly a line plus the Boltzmann sigmoids of the paper by
# Yang and co-authors, and the question whether a method finds them has an answer.

# %% tags=["parameters"]
seed = 20210521
shown_night = 61
shown_station = "Sta_1"
runs = 200
shown_strain = ["2013-03-05", "2013-04-14"]

# %%
import pandas as pd

from precursor_lib.context.b_value import b_value
from precursor_lib.context.borehole import areal_strain
from precursor_lib.context.seismicity import maximum_curvature
from precursor_lib.evaluate.levels import hourly_levels, level_table, spectrum
from precursor_lib.evaluate.tidal_fit import tidal_fit
from precursor_lib.report import Page, simulation, simulation_strain
from precursor_lib.simulate.geomagnetic import night_parts
from precursor_lib.simulate.injection import redraw_packets
from precursor_lib.simulate.strain_taken_apart import strain_parts

page = Page("simulation", globals())
network = page.open("simulated-network", seed=seed)
poisson = page.open("simulated-network", seed=seed, control={"kind": "poisson"})
clustered = page.open("simulated-network", seed=seed, control={"kind": "clustered"})
by_kp = page.open("simulated-network", seed=seed, control={"kind": "kp"})
twin = page.open("simulated-wic")
observed = page.open("wic-may-2024")
kp = page.open("kp-ap-f107")["Kp"].to_series()
catalogue = page.open("simulated-catalogue")
strain = page.open("simulated-strain", source=None)
weeks = page.open("simulated-strain", start=shown_strain[0], end=shown_strain[1], seed=seed)
guza = page.open("guza-gauges")
page.banner()

# %% [markdown]
# ## One night
#
# The parts below add up to the record, before it is rounded to 1 pT and cut by its gaps. Every part
# draws from random streams of its own, so that leaving one out changes no other: two records with
# and without a source differ by the source alone.

# %% mystnb={"figure": {"name": "simulation-fig1", "caption": "A simulated night at the station nearest to the epicentre, and the parts of which it is the sum. The packets of the source are in red."}, "image": {"alt": "Eight stacked traces over four hours: the record, drifting by a few nanotesla, and below it background, Sq, ring current, Pi2 trains, boxes and spikes, white noise, and short packets of the source."}}
simulation.night_of_parts(
    network.night(shown_night)["Z"], night_parts(network, shown_night), shown_station
)

# %% [markdown]
# ## Is the background realistic?
#
# The Conrad Observatory (WIC) recorded both quiet hours and one of the greatest storms of two
# decades from 9 to 12 May 2024. Its twin is simulated at the same place, from the Kp and RC of the
# same hours, without man-made disturbances. Spectra are taken from 00:00 to 04:00 UTC.

# %%
quiet, storm = slice("2024-05-09T00", "2024-05-09T03"), slice("2024-05-11T00", "2024-05-11T03")
record = observed["Z"]
pairs = {
    "quiet night, 9 May 2024": {
        "observed": spectrum(record.sel(time=quiet)),
        "simulated": spectrum(twin.night(0)["Z"].sel(time=quiet)),
    },
    "storm, 11 May 2024": {
        "observed": spectrum(record.sel(time=storm)),
        "simulated": spectrum(twin.night(2)["Z"].sel(time=storm)),
    },
}

# %% mystnb={"figure": {"name": "simulation-fig2", "caption": "Power spectra of the vertical field at WIC, observed and simulated from the same Kp and RC. Grey: 0.01 to 0.05 Hz."}, "image": {"alt": "Two log-log panels of power against frequency from 0.0006 to 0.5 Hz. Observed and simulated spectra fall alike; in the storm both are steeper."}}
simulation.spectra(pairs, band=(0.01, 0.05))

# %% [markdown]
# Hour by hour, the level in the band and the slope of the spectrum against Kp:

# %%
levels = {
    "observed": hourly_levels(record, kp),
    "simulated": pd.concat([hourly_levels(day["Z"], kp) for day in twin], ignore_index=True),
}
background = twin.attrs["settings"]["background"]

# %% mystnb={"figure": {"name": "simulation-fig3", "caption": "Level and slope of the vertical field between 0.01 and 0.05 Hz in the hours of 9 to 12 May 2024 at WIC, observed and simulated. The line is the rule that sets the simulated background's level."}, "image": {"alt": "Two panels of points against Kp from 0 to 9. Left: the level rises from about 0.02 to 0.2 nT along the rule. Right: the slope stays near 2 and rises beyond Kp 6."}}
simulation.levels_by_kp(levels, background["level"], background["growth"], band=(0.01, 0.05))

# %% mystnb={"markdown_format": "myst"}
medians = level_table(levels, [0, 2, 4, 6, 8, 9.1])
page.table(
    medians.assign(ratio=medians["simulated rms"] / medians["observed rms"]),
    "simulation-tab1",
    "Medians of the hours at WIC by Kp: rms in 0.01 to 0.05 Hz (nT), slope of the spectrum there, and rms above 0.1 Hz (nT); ratio of the simulated rms to the observed.",
    digits=2,
)

# %% [markdown]
# ## The source and its controls
#
# Three controls give the same packets other times: a Poisson process, a clustered one (Neyman and
# Scott) and one whose rate grows with the Kp of the night. Their mean number is the source's, so a
# detector that only counts cannot tell them apart; a sigmoid found in their curve is a false one.

# %%
networks = {"source": network, "Poisson": poisson, "clustered": clustered, "Kp-driven": by_kp}
means = {name: redraw_packets(one, runs, seed=seed).mean(axis=0) for name, one in networks.items()}

# %% mystnb={"figure": {"name": "simulation-fig4", "caption": "Cumulative number of packets for the source with the paper's two phases and for the three controls: in one record, and the mean of many draws beside the expected curves, which are known in closed form."}, "image": {"alt": "Two panels from day -90 to 29. Left: step curves of single records; the source's has two S-shaped rises about days -73 and -29, the clustered one uneven jumps. Right: the means lie on the dotted expected curves."}}
simulation.packets_by_day(networks, means, event=network.attrs["settings"]["epicentre"]["time"])

# %% mystnb={"markdown_format": "myst"}
page.table(
    simulation.truth_table(network),
    "simulation-tab2",
    "The truth table of the simulated network by kind of event: number, number a night, median duration, and median size at the nearest and the farthest station.",
    units={"duration": "s", "amplitude, Sta_1": "nT", "amplitude, Sta_7": "nT"},
)

# %% [markdown]
# ## The catalogue
#
# The simulated catalogue has a Poisson background on faults, a mainshock, and aftershocks of every
# event (ETAS). The estimators of the case pages should give back what went in.

# %% mystnb={"figure": {"name": "simulation-fig5", "caption": "The simulated catalogue: events by magnitude with the slope that was put in and the magnitude of completeness (dashed), and the cumulative number of background events and aftershocks."}, "image": {"alt": "Left: number of events by magnitude, with a peak near 0.7 and a straight fall above it. Right: background events accumulate evenly; aftershocks jump at the mainshock."}}
simulation.catalogue(
    catalogue,
    network.attrs["settings"]["epicentre"]["time"],
    catalogue.attrs["b"],
    catalogue.attrs["completeness"],
)

# %% mystnb={"markdown_format": "myst"}
magnitude = catalogue["magnitude"]
curved = maximum_curvature(magnitude)
page.table(
    pd.DataFrame(
        {
            "put in": [catalogue.attrs["completeness"], catalogue.attrs["b"], catalogue.attrs["b"]],
            "estimated": [
                curved,
                b_value(magnitude, curved, bin_width=0.1).b,
                b_value(magnitude, curved + 0.5, bin_width=0.1).b,
            ],
        },
        index=pd.Index(
            ["completeness (maximum curvature)", "b above it", "b above it + 0.5"], name="quantity"
        ),
    ),
    "simulation-tab3",
    "What the estimators find in the simulated catalogue. At the maximum of the curve only a part of the events is detected, so that b from there comes out low.",
    digits=2,
)

# %% [markdown]
# ## Borehole strain
#
# The gauges of a strainmeter see the ground's strain along four azimuths 45 degrees apart. It is the
# sum of the solid Earth's tide (M2, S2, O1, K1 and N2, of the heights of {cite:t}`cartwright1973`
# and the Love numbers of {cite:t}`mccarthy2004`), drift and the setting of the cement, an annual
# wave, the load of air pressure and rain, steps, and shots of the source. For all of these
# $S_1 + S_3 = k (S_2 + S_4)$, with one $k$ a station; spikes, single gauges' steps and noise break it.

# %% mystnb={"figure": {"name": "simulation-fig6", "caption": "Simulated areal strain at Kangding, one minute, and the parts of which it is the sum. The shots of the source are in red."}, "image": {"alt": "Ten stacked traces over forty days: the record with its tide on a slow fall, and below it tide, drift, annual wave, air pressure, rain with sudden falls and slow returns, steps, spikes, noise, and short shots of either sign."}}
simulation_strain.record_of_parts(areal_strain(weeks), strain_parts(weeks), "KD")

# %% [markdown]
# Guza is the papers' Kangding, and its hourly gauges of four years are open. Where they cannot be
# had, a stand-in by the same simulator takes their place, as the labels say, and shows nothing new.

# %%
pair = {"Kangding, simulated": strain.sel(station=["KD"]), f"Guza, {guza.attrs['origin']}": guza}
areas = {name: areal_strain(record) for name, record in pair.items()}

# %% mystnb={"figure": {"name": "simulation-fig7", "caption": "Power spectra of the areal strain of Kangding, simulated without a source, and of Guza, the same place, as the label says."}, "image": {"alt": "Two spectra from 0.05 to 12 cycles a day on logarithmic axes. Both fall with frequency and have peaks at the diurnal and the semidiurnal tides."}}
simulation_strain.spectra(
    {name: simulation_strain.hourly(area) for name, area in areas.items()},
    {"O1 K1": 0.966, "M2 S2": 1.966},
)

# %% mystnb={"markdown_format": "myst"}
fits = {name: tidal_fit(areas[name], pair[name]["pressure"]) for name in pair}
page.table(
    simulation_strain.tide_table({name: fit.droplevel("station") for name, fit in fits.items()}),
    "simulation-tab4",
    "Areal tides at Kangding (Guza): theory, and what a harmonic fit finds in the records, with its standard error; ratio to theory, and by how many degrees the record is ahead of it.",
    digits=3,
    units=dict.fromkeys(["theory", *pair], "nanostrain"),
)

# %% [markdown]
# ## What this shows
#
# {numref}`simulation-tab1` gives the ratio of simulated to observed level in each class of Kp.
# Simulated hours are much alike, while observed hours of one Kp differ by several times: Kp is one
# number for the whole Earth and three hours. In the band and below it the spectra fall alike, and
# both steepen in storms. So the simulated nights are neither quieter nor wilder than a real
# observatory's by an order of magnitude, and a detector that fails on them cannot blame the noise.
#
# What the simulation lacks: the spread just named; the Pc3 and Pc4 pulsations of the day side;
# substorm bays with a shape of their own; and a common share of the stations that depends on their
# distance. The rule for level and slope was set with these hours of WIC in view, so that the
# agreement is a fit and no prediction; hours of another observatory would test it. A truly lower
# level would make the packets easier to find than this book shows, a higher one harder.
#
# The means of the draws lie on the expected curves, so that a fitted sigmoid can be held against a
# known one; in a single record of some 27 packets the curve wanders from it by several.
#
# Of strain, the fit gives back the tide that went in ({numref}`simulation-tab4`). Where Guza is
# observed, its tide is far below theory, the diurnal lines more than the semidiurnal: gauges and
# ground do not pass strain on as a whole sphere would, and the simulator's one factor for all lines
# is but a first step. The noise was set by the changes of Guza's quieter gauges in hours and a day, so
# that the spectra agree there by choice; at periods of days Guza is the stronger, which a detector of
# slow changes would feel. Ocean loading and the waves of shocks are not simulated.

# %% tags=["nbval-ignore-output"]
page.provenance()
