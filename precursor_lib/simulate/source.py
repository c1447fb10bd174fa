"""The source: when its packets come and how strong they are at each station."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError
from precursor_lib.simulate.activity import Activity, ClusteredRate, Phase, SigmoidRate
from precursor_lib.simulate.events import AMPLITUDE, log_uniform
from precursor_lib.simulate.observing import kp_driven, place_in_nights
from precursor_lib.simulate.settings import Control, Emission, Source
from precursor_lib.simulate.signals import PACKET_EXTENT


def source_activity(
    source: Source,
    control: Control | None,
    nights: pd.DatetimeIndex,
    window: float,
    first_day: int,
    kp: pd.Series | None = None,
) -> Activity:
    """The process that gives the packets' times, in days from the earthquake.

    Parameters
    ----------
    source : Source
    control : Control or None
        None for the source's own sigmoid rate.
    nights : pandas.DatetimeIndex
    window : float
        Length of a night's window in s.
    first_day : int
        Day of night 0.
    kp : pandas.Series, optional
        Kp by the start of its interval; needed for the control ``"kp"``.

    Raises
    ------
    InputError
        If the control follows Kp and none is given.
    """

    def by_kp(mean: float, sensitivity: float) -> Activity:
        if kp is None:
            raise InputError("control 'kp': expected Kp values")
        return kp_driven(kp, nights, window, first_day, mean, sensitivity)

    start = first_day - 1.0
    return activity_between(source, control, start, start + len(nights), by_kp)


def activity_between(
    source: Emission,
    control: Control | None,
    start: float,
    end: float,
    by_kp: Callable[[float, float], Activity],
) -> Activity:
    """The process that gives the times of transients between two days from the earthquake.

    Parameters
    ----------
    source : Emission
    control : Control or None
        None for the source's own sigmoid rate.
    start, end : float
        In days; a control without a rate takes the mean of the source's own between them.
    by_kp : callable
        Makes the process that follows Kp from a mean rate and a sensitivity.
    """
    own = SigmoidRate(source.base, tuple(Phase(p.number, p.centre, p.width) for p in source.phases))
    if control is None:
        return own
    mean = control.rate
    if mean is None:
        mean = float(own.expected(end, since=start)) / (end - start)
    if control.kind == "poisson":
        return SigmoidRate(mean)
    if control.kind == "clustered":
        return ClusteredRate(mean, control.size, control.spread)
    return by_kp(mean, control.sensitivity)


def source_events(
    activity: Activity,
    source: Source,
    stations: pd.DataFrame,
    nights: pd.DatetimeIndex,
    window: float,
    first_day: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw the packets of a whole record.

    Each packet lies wholly inside its night's window; packets may overlap and then add.

    Parameters
    ----------
    activity : Activity
    source : Source
    stations : pandas.DataFrame
        Index: id; column ``distance`` (km).
    nights : pandas.DatetimeIndex
    window : float
        Length of a window in s.
    first_day : int
        Day of night 0.
    rng : numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        ``kind time night duration frequency phase amplitude_<station>``, sorted by time.

    Raises
    ------
    InputError
        If a distance is not above 0 or the longest packet does not fit in a window.
    """
    decay = distance_decay(source, stations)
    if source.duration[1] * PACKET_EXTENT > window:
        raise InputError(
            f"source.duration: a packet of {source.duration[1]:g} s spans "
            f"{source.duration[1] * PACKET_EXTENT:.0f} s and does not fit in {window:g} s"
        )
    start = first_day - 1.0
    t, table = draw_packets(activity, source, decay, stations, start, start + len(nights), rng)
    extent = table["duration"].to_numpy() * PACKET_EXTENT
    night, centre = place_in_nights(t, first_day, len(nights), window, extent)
    table.insert(0, "kind", "source")
    table.insert(1, "time", nights[night] + pd.to_timedelta(np.round(centre * 1e9), unit="ns"))
    table.insert(2, "night", night)
    return table.sort_values("time", ignore_index=True)


def distance_decay(source: Emission, stations: pd.DataFrame) -> np.ndarray:
    """Factor ``(reference / distance) ** exponent`` of the amplitude at each station.

    Raises
    ------
    InputError
        If a distance is not above 0.
    """
    distance = stations["distance"].to_numpy(dtype=float)
    if not (np.isfinite(distance).all() and (distance > 0).all()):
        bad = stations.index[~(np.isfinite(distance) & (distance > 0))][0]
        raise InputError(f"station '{bad}': expected a distance above 0 km")
    return np.asarray((source.reference / distance) ** source.exponent)


def draw_packets(
    activity: Activity,
    source: Source,
    decay: np.ndarray,
    stations: pd.DataFrame,
    start: float,
    end: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Times in days between `start` and `end`, and ``duration frequency phase amplitude_...``."""
    t = activity.sample(start, end, rng)
    frequency = log_uniform(rng, source.frequency, t.size)
    shortest = np.minimum(
        np.maximum(source.duration[0], source.cycles / frequency), source.duration[1]
    )
    duration = rng.uniform(shortest, source.duration[1])
    phase = rng.uniform(0.0, 2 * np.pi, t.size)
    peak = source.amplitude * np.exp(source.scatter * rng.standard_normal(t.size))
    amplitude = peak[:, None] * decay[None, :]
    table = pd.DataFrame({"duration": duration, "frequency": frequency, "phase": phase})
    return t, table.join(pd.DataFrame(amplitude, columns=[AMPLITUDE + s for s in stations.index]))
