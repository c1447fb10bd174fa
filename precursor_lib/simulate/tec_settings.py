"""What simulated total electron content is made of, as typed settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from precursor_lib.simulate.settings import Finite, NotNegative, Positive, Range, Settings


class Climate(Settings):
    """The regular course: ``level + scale * IRI``.

    The defaults follow the hourly TEC of 2015 to 2017 at 40 N 10 E (regression on PyIRI's values
    at the middle of each month); `level` stands for the plasma above 2000 km.

    Attributes
    ----------
    scale : float
        Factor of PyIRI's TEC.
    level : float
        TECU.
    """

    scale: NotNegative = 1.3
    level: NotNegative = 3.0


class Variability(Settings):
    """Day-to-day changes: two autoregressive processes that multiply the regular course.

    Sizes are standard deviations of the natural logarithm. The defaults follow the residuals of
    the same record: 0.17 in all, correlations of 0.7 after 3 hours and 0.3 after two days.

    Attributes
    ----------
    slow, slow_hours : float
        Size and e-folding time in hours of the slow one.
    fast, fast_hours : float
        Of the fast one.
    reach : float
        Distance in km over which the correlation of two stations falls to 1/e.
    """

    slow: NotNegative = 0.11
    slow_hours: Positive = 72.0
    fast: NotNegative = 0.12
    fast_hours: Positive = 4.0
    reach: Positive = 2000.0


class IonosphericStorms(Settings):
    """Storms: a gain while Kp is high, then a loss that remembers Dst.

    The logarithm of TEC changes by ``gain * max(Kp - 3, 0)`` over `gain_hours`, by daylight, and by
    ``-loss`` for 100 nT of ``max(-Dst - 30, 0)`` held for long, `delay` hours later, with a memory
    of `memory` hours, growing with the sine of the latitude (1 at 40 degrees).

    Attributes
    ----------
    gain, gain_hours : float
        Positive phase.
    loss, delay, memory : float
        Negative phase.
    """

    gain: NotNegative = 0.05
    gain_hours: Positive = 3.0
    loss: NotNegative = 1.0
    delay: NotNegative = 6.0
    memory: Positive = 36.0


class Travelling(Settings):
    """Travelling disturbances: plane wave packets that pass all stations one after the other.

    Attributes
    ----------
    rate : float
        Packets a day.
    size : float
        Median peak as a share of TEC, with a log-normal `scatter`.
    scatter : float
        Standard deviation of its natural logarithm.
    period : tuple of float
        Minutes, drawn log-uniformly.
    speed : tuple of float
        m/s, drawn uniformly.
    cycles : float
        Periods within the full width of the (Gaussian) envelope at 1/e.
    """

    rate: NotNegative = 6.0
    size: NotNegative = 0.03
    scatter: NotNegative = 0.5
    period: Range = (30.0, 120.0)
    speed: Range = (100.0, 400.0)
    cycles: Positive = 3.0


class Receiver(Settings):
    """What the receiver adds: a constant bias a station, white noise, and rare outliers.

    Attributes
    ----------
    bias, noise : float
        Standard deviations in TECU.
    outliers : float
        Single wrong values a station and year.
    outlier : tuple of float
        Their size in TECU, drawn uniformly, with either sign.
    """

    bias: NotNegative = 1.0
    noise: NotNegative = 0.2
    outliers: NotNegative = 12.0
    outlier: Range = (20.0, 60.0)


class TecGaps(Settings):
    """Missing samples: gaps a station and year, and their length in hours (log-uniform)."""

    rate: NotNegative = 12.0
    hours: Range = (0.5, 48.0)


Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=360)]


class Anomaly(Settings):
    """A change of TEC put in on purpose: a raised cosine in time, a Gaussian in distance.

    Attributes
    ----------
    time : str
        Start, UTC.
    hours : float
        Length from start to end.
    size : float
        Peak in TECU at the centre; negative for a loss.
    radius : float
        Distance in km at which it has fallen to 1/e.
    latitude, longitude : float, optional
        Centre in degrees; the epicentre if neither is given.
    """

    time: str
    hours: Positive
    size: Finite
    radius: Positive = 500.0
    latitude: Latitude | None = None
    longitude: Longitude | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Anomaly:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("expected latitude and longitude, or neither")
        return self
