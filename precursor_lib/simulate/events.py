"""Events of one night: their table, and their waveforms at the stations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError
from precursor_lib.simulate.signals import box, packet, train

AMPLITUDE = "amplitude_"
_WAVES = {"source": packet, "pi2": train}


@dataclass(frozen=True)
class Events:
    """Events of one kind in one night.

    Attributes
    ----------
    kind : str
    centre, duration : array, shape (event,)
        In s; the centre counts from the start of the night.
    frequency, phase : array, shape (event,)
        In Hz and rad; NaN for what has no carrier.
    amplitude : array, shape (event, station)
        In nT; 0 where a station does not see the event, NaN where a gap hides it.
    """

    kind: str
    centre: np.ndarray
    duration: np.ndarray
    frequency: np.ndarray
    phase: np.ndarray
    amplitude: np.ndarray

    def render(self, samples: int, rate: float) -> np.ndarray:
        """Sum of the events, shape (station, time), in nT."""
        out = np.zeros((self.amplitude.shape[1], samples))
        for k in range(self.centre.size):
            at = (samples, rate, float(self.centre[k]), float(self.duration[k]))
            wave: np.ndarray | float = 1.0
            if self.kind in _WAVES:
                f, phase = float(self.frequency[k]), float(self.phase[k])
                where, wave = _WAVES[self.kind](*at, f, phase)
            else:
                where = box(*at)
            out[:, where] += self.amplitude[k][:, None] * wave
        return out

    @classmethod
    def of(cls, table: pd.DataFrame, start: pd.Timestamp, stations: list[str]) -> Events:
        """Source events from rows of a truth table, with centres in s from `start`.

        Raises
        ------
        InputError
            If a column is missing or holds what is not finite.
        """
        columns = ["duration", "frequency", "phase", *(AMPLITUDE + s for s in stations)]
        missing = [c for c in ["time", *columns] if c not in table]
        if missing:
            raise InputError(f"events: column '{missing[0]}' is missing")
        values = table[columns].to_numpy(dtype=float)
        if not np.isfinite(values).all():
            row, column = np.argwhere(~np.isfinite(values))[0]
            raise InputError(f"events: row {row}, '{columns[column]}': expected a finite number")
        centre = np.asarray((table["time"] - start) / pd.Timedelta(seconds=1), dtype=float)
        return cls("source", centre, values[:, 0], values[:, 1], values[:, 2], values[:, 3:])


def tabulate(
    nights: Sequence[Sequence[Events]], starts: pd.DatetimeIndex, stations: list[str]
) -> pd.DataFrame:
    """Truth table of the events of many nights.

    Parameters
    ----------
    nights : sequence of sequences of Events
        The events of each night.
    starts : pandas.DatetimeIndex
        Start of each night (UTC).
    stations : list of str

    Returns
    -------
    pandas.DataFrame
        ``kind time night duration frequency phase amplitude_<station>``, unsorted.
    """
    every = [e for night in nights for e in night]
    size = [e.centre.size for e in every]

    def joined(name: str) -> np.ndarray:
        return np.concatenate([np.empty(0), *(getattr(e, name) for e in every)])

    night = np.repeat([i for i, found in enumerate(nights) for _ in found], size).astype(int)
    seconds = pd.to_timedelta(np.round(joined("centre") * 1e9), unit="ns")
    table = pd.DataFrame(
        {
            "kind": np.repeat([e.kind for e in every], size).astype(str),
            "time": starts[night] + seconds,
            "night": night,
            "duration": joined("duration"),
            "frequency": joined("frequency"),
            "phase": joined("phase"),
        }
    )
    amplitude = np.concatenate([np.empty((0, len(stations))), *(e.amplitude for e in every)])
    return table.join(pd.DataFrame(amplitude, columns=[AMPLITUDE + s for s in stations]))


def log_uniform(
    rng: np.random.Generator, bounds: tuple[float, float], size: int | None = None
) -> np.ndarray:
    """Samples whose logarithm is uniform within `bounds`."""
    return np.exp(rng.uniform(np.log(bounds[0]), np.log(bounds[1]), size))
