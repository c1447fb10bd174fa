"""What a simulated strain network and a one-minute network are made of, as typed settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from precursor_lib.simulate.settings import (
    Background,
    Emission,
    Finite,
    Instrument,
    NotNegative,
    PhaseSettings,
    Positive,
    Range,
    Settings,
    Source,
    Station,
)

Share = Annotated[float, Field(ge=0, le=1)]


def _consistent(value: float | None) -> float | None:
    if value is not None and not 0 < value <= 1.5:
        raise ValueError("expected above 0 and at most 1.5")
    return value


class StrainStation(Station):
    """A station with four gauges 45 degrees apart.

    Attributes
    ----------
    azimuth : float
        Of gauge 1, degrees clockwise from north; gauges 2 to 4 follow by 45 degrees each.
    k : float or None
        ``S1 + S3 = k (S2 + S4)`` for the ground's strain; None draws it from 0.95 to 1.
    """

    azimuth: Finite = 0.0
    k: Annotated[float | None, AfterValidator(_consistent)] = None


class StrainSource(Emission):
    """Shots of strain: a ``cos^2`` bump of either sign, seen by all stations at once.

    Attributes
    ----------
    amplitude : float
        Areal strain in nanostrain at `reference` km.
    duration : tuple of float
        Range in s, drawn log-uniformly.
    shear : float
        Size of the shear strain relative to the areal, along an axis of each event's own.
    extension : float
        Part of the shots that are extension, 0 to 1; the others are contraction.
    """

    base: NotNegative = 0.05
    phases: tuple[PhaseSettings, ...] = (PhaseSettings(number=60, centre=-40, width=9),)
    amplitude: NotNegative = 10.0
    scatter: NotNegative = 0.5
    duration: Range = (1800.0, 14400.0)
    shear: NotNegative = 0.5
    extension: Share = 0.5


class Tides(Settings):
    """Solid-Earth tides: see `precursor_lib.simulate.tides`.

    `factor` multiplies all amplitudes: the coupling of ground and borehole, 1 for none.
    """

    constituents: tuple[str, ...] = ("M2", "S2", "O1", "K1", "N2")
    factor: NotNegative = 1.0


class Drift(Settings):
    """Long-term drift: a line, and the cement's slow squeeze of the sensor.

    Attributes
    ----------
    rate : float
        Areal strain in nanostrain a year.
    cement : float
        Areal strain in nanostrain that the cement brings in the end.
    time_constant, age : float
        Of its exponential, and the time since it was laid at the record's start, in days.
    shear : float
        Size of the shear strain relative to the areal, along an axis of the station's own.
    scatter : float
        Standard deviation of the natural logarithm of a station's own factor.
    """

    rate: Finite = -1500.0
    cement: Finite = -8000.0
    time_constant: Positive = 150.0
    age: NotNegative = 600.0
    shear: NotNegative = 0.5
    scatter: NotNegative = 0.3


class Annual(Settings):
    """The year and the day in temperature and strain.

    Attributes
    ----------
    amplitude : float
        Areal strain in nanostrain of the yearly wave; each station has a phase within a month of
        the temperature's at depth.
    shear : float
        Size of the shear strain relative to the areal.
    temperature : float
        Mean air temperature in degC.
    summer, noon : float
        Half the difference of summer and winter, and of afternoon and morning, in degC.
    weather : float
        rms in degC of its red variations, from a day to ten.
    """

    amplitude: NotNegative = 300.0
    shear: NotNegative = 0.5
    temperature: Finite = 15.0
    summer: NotNegative = 9.0
    noon: NotNegative = 4.0
    weather: NotNegative = 2.0


class Pressure(Settings):
    """Air pressure, and the strain that goes with it.

    Attributes
    ----------
    mean : float
        hPa.
    rms : float
        In hPa, of the red variations from a day to ten.
    slope : float
        beta of their power spectrum ``f ** -beta``, flat for periods above ten days.
    coherent : float
        Part of their variance that all stations share, 0 to 1.
    winter : float
        Half the difference of winter and summer in hPa.
    diurnal, semidiurnal : float
        S1 and S2 of the atmosphere at the equator in hPa; they fall as ``cos(latitude) ** 3`` and
        have their maxima at 6:00 and at 9:42 and 21:42 local solar time.
    admittance : float
        Areal strain in nanostrain for one hPa; the default is that of Guza.
    """

    mean: Positive = 850.0
    rms: NotNegative = 3.0
    slope: NotNegative = 2.8
    coherent: Share = 0.8
    winter: NotNegative = 4.0
    diurnal: NotNegative = 1.2
    semidiurnal: NotNegative = 1.2
    admittance: Finite = -2.0


class Rain(Settings):
    """Storms, and the load that builds up with the rain and drains away.

    Attributes
    ----------
    rate : float
        Storms a day in the mean of the year.
    season : float
        Relative size of the yearly wave of that rate, with its maximum on 19 July.
    reach : float
        Part of the stations that a storm reaches, each with a depth of its own.
    depth : float
        Mean rain of a storm in mm (exponentially distributed).
    duration : tuple of float
        Range in s, drawn log-uniformly.
    coefficient : float
        Areal strain in nanostrain for one mm.
    decay : float
        Time constant in days with which the load drains away.
    """

    rate: NotNegative = 0.25
    season: Share = 0.7
    reach: Share = 0.7
    depth: Positive = 8.0
    duration: Range = (3600.0, 43200.0)
    coefficient: Finite = -0.8
    decay: Positive = 4.0


class Steps(Settings):
    """Sudden lasting offsets: of the ground (nearby shocks), or of one gauge.

    `rate` a station and year; the median `amplitude` in nanostrain (areal strain, or the gauge's)
    with a log-normal `scatter` and either sign; `gauge` is the part that one gauge alone shows;
    `shear` as in `StrainSource`.
    """

    rate: NotNegative = 4.0
    amplitude: NotNegative = 20.0
    scatter: NotNegative = 0.8
    gauge: Share = 0.5
    shear: NotNegative = 0.5


class Spikes(Settings):
    """Short boxes of one gauge or of the field.

    `rate` a station and day; median `amplitude` (nanostrain or nT) with a log-normal `scatter` and
    either sign; `duration` in s, drawn log-uniformly, at least one sample.
    """

    rate: NotNegative = 0.05
    amplitude: NotNegative = 10.0
    scatter: NotNegative = 0.8
    duration: Range = (60.0, 300.0)


class DailyGaps(Settings):
    """Missing samples: `rate` a station and day, `duration` in s (log-uniform)."""

    rate: NotNegative = 0.01
    duration: Range = (1800.0, 172800.0)


class GaugeNoise(Settings):
    """Noise of each gauge: white (nanostrain rms a sample), a random walk, and rounding.

    `walk` is its standard deviation in nanostrain after one day; `resolution` the step in which the
    record is kept (0: none). The default walk is of the order of the quieter gauges of Guza in 2008
    to 2010, hour to hour and day to day; no spectrum is fitted.
    """

    white: NotNegative = 0.1
    walk: NotNegative = 3.0
    resolution: NotNegative = 0.01


class MinuteSource(Source):
    """Packets of a one-minute record: minutes to hours long, periods of 4 to 30 minutes."""

    base: NotNegative = 0.05
    phases: tuple[PhaseSettings, ...] = (PhaseSettings(number=60, centre=-40, width=9),)
    amplitude: NotNegative = 2.0
    scatter: NotNegative = 0.3
    duration: Range = (1800.0, 10800.0)
    frequency: Range = (1.0 / 1800.0, 1.0 / 240.0)


class MinuteBackground(Background):
    """Slow changes and bays: a spectrum that falls from a few hours on, larger with Kp.

    The sizes are of the order of Eskdalemuir's in 2003; no spectrum is fitted. Stations a few
    hundred km apart share most of it.
    """

    level: NotNegative = 0.16
    growth: NotNegative = 0.2
    slope: NotNegative = 2.2
    storm_slope: NotNegative = 3.0
    coherent: float = Field(default=0.8, ge=0, le=1)
    band: Range = (1.0 / 3600.0, 1.0 / 300.0)
    floor: Positive = 1.0 / 21600.0


class MinuteSpikes(Spikes):
    """Spikes of the field: median amplitude in nT."""

    amplitude: NotNegative = 3.0


class MinuteInstrument(Instrument):
    """White noise (nT rms) and the step in which one-minute values are kept (nT; 0: none)."""

    noise: NotNegative = 0.1
    resolution: NotNegative = 0.1
