"""What simulated outgoing longwave radiation is made of, as typed settings."""

from __future__ import annotations

from pydantic import Field

from precursor_lib.simulate.settings import Finite, NotNegative, Positive, Settings


class OlrClimate(Settings):
    """Regular course: ``level + slope (lat - 45) + (season + growth (lat - 45)) cos(day - peak)``.

    Radiation falls and its yearly course grows towards the pole. The sizes are of the order of
    those over Central Asia; none is fitted.

    Attributes
    ----------
    level, season : float
        Mean and half the yearly range at 45 N, W m-2.
    slope, growth : float
        Their change for a degree of latitude.
    peak : float
        Day of the year of the maximum.
    """

    level: Positive = 225.0
    slope: Finite = -1.6
    season: NotNegative = 32.0
    growth: Finite = 0.5
    peak: Finite = 202.0


class RedField(Settings):
    """Gaussian noise with a memory in time and a reach in space.

    Attributes
    ----------
    size : float
        Standard deviation, W m-2.
    days : float
        Time in which its correlation falls to 1/e.
    reach : float
        Distance in km over which it does.
    """

    size: NotNegative
    days: Positive
    reach: Positive


class Weather(RedField):
    """Warm and cold air masses."""

    size: NotNegative = 11.0
    days: Positive = 2.5
    reach: Positive = 900.0


class Slow(RedField):
    """What makes a month or a season warmer in one year than in another."""

    size: NotNegative = 5.0
    days: Positive = 60.0
    reach: Positive = 2000.0


class Clouds(Settings):
    """High, cold clouds, which only take radiation away.

    Where red noise of unit size exceeds the level that leaves `share` of the days cloudy, OLR is
    lower by `depth` times the excess.

    Attributes
    ----------
    share : float
        Part of the days with clouds.
    depth : float
        W m-2 for one unit of the noise.
    days, reach : float
        Memory in days, reach in km.
    """

    share: float = Field(default=0.35, gt=0, lt=1)
    depth: NotNegative = 28.0
    days: Positive = 1.2
    reach: Positive = 600.0


class OlrAnomaly(Settings):
    """A change put in on purpose: a raised cosine over its days, a Gaussian in distance.

    Attributes
    ----------
    day : str
        First day, UTC.
    days : int
        Number of days.
    size : float
        Change at the centre on the middle day, W m-2.
    radius : float
        Distance in km at which it has fallen to 1/e.
    latitude, longitude : float
        Centre, degrees.
    """

    day: str
    days: int = Field(ge=1)
    size: Finite
    radius: Positive = 400.0
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=360)


class Region(Settings):
    """Centres of the outermost pixels, degrees."""

    west: float = Field(default=72.5, ge=-180, le=360)
    east: float = Field(default=102.5, ge=-180, le=360)
    south: float = Field(default=32.5, ge=-90, le=90)
    north: float = Field(default=55.0, ge=-90, le=90)
