"""Which kinds of data, which methods, and which rivals each paper's method has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import xarray as xr

from precursor_lib.errors import InputError, unknown
from precursor_lib.evaluate.trials import Kind, Method
from precursor_lib.evaluate.trials.methods import factors, forecasts, rules, windows
from precursor_lib.evaluate.trials.records import components, minutes, nights, strain, tec

# Cycles a day: where the power of the sources lies, as if it were known. Bumps of strain and TEC
# have most of it below, beside the daily cycle, and are looked for above that.
BANDS = {
    "minutes": (16.0, 48.0),
    "strain": (3.0, 11.0),
    "components": (6.0, 24.0),
    "tec": (3.0, 11.0),
}


@dataclass(frozen=True)
class Case:
    """A kind of data with the method that its paper applies to it, and its rivals.

    Attributes
    ----------
    kind : Kind
    own : Method
        The paper's method.
    rivals : tuple of Method
        The simplest ones that could do the same.
    others : tuple of Method
        Further methods that can take the data.
    """

    kind: Kind
    own: Method
    rivals: tuple[Method, ...]
    others: tuple[Method, ...] = ()

    @property
    def methods(self) -> tuple[Method, ...]:
        """All of them, the paper's own first."""
        return (self.own, *self.rivals, *self.others)

    @property
    def pairs(self) -> list[tuple[str, str, str]]:
        """Names of kind, method and rival."""
        return [(self.kind.name, self.own.name, rival.name) for rival in self.rivals]


def simulated(
    names: Sequence[str],
    *,
    seed: int,
    days: tuple[int, int, int],
    indices: xr.Dataset,
    nights_number: tuple[int, int, int],
    league: bool = False,
) -> list[Case]:
    """The five kinds of data, simulated.

    Parameters
    ----------
    names : sequence of str
        Of ``nights``, ``minutes``, ``strain``, ``components`` and ``tec``.
    seed : int
        Of the records.
    days : tuple of three int
        Days for training, calibration and test.
    indices : xarray.Dataset
        With ``Kp``: of real days, drives the simulated fields.
    nights_number : tuple of three int
        Nights in place of days for the first kind.
    league : bool
        With all methods that can take the data; else with the rivals alone.

    Raises
    ------
    InputError
        If a name is not one of these.
    """
    kp = indices["Kp"].to_series().dropna()
    made: dict[str, Callable[[], Kind]] = {
        "nights": lambda: nights.simulated_nights(seed=seed, nights=nights_number),
        "minutes": lambda: minutes.simulated_minutes(seed=seed, days=days, kp=kp),
        "strain": lambda: strain.simulated_strain(seed=seed, days=days),
        "components": lambda: components.simulated_components(seed=seed, days=days),
        "tec": lambda: tec.simulated_tec(seed=seed, days=days),
    }
    for name in names:
        if name not in made:
            raise InputError(unknown("kind of data", name, made))
    return [case_of(name, made[name](), league=league) for name in names]


def observed(
    records: Mapping[str, Any], *, kp: pd.Series, blocks: tuple[int, int, int], strain_end: str
) -> list[Case]:
    """Records of the manifest, or their stand-ins, cut in time.

    Parameters
    ----------
    records : mapping
        The opened dataset by kind, as in `simulated`.
    kp : pandas.Series
        Kp by the start of its three hours.
    blocks : tuple of three int
        Blocks of the one observed night for training, calibration and test.
    strain_end : str
        UTC, where the strain record's test ends.
    """
    cut: dict[str, Callable[[Any], Kind]] = {
        "nights": lambda r: nights.observed_night(r, blocks=blocks),
        "minutes": lambda r: minutes.observed_minutes(r, kp=kp),
        "strain": lambda r: strain.observed_strain(r, end=strain_end),
        "components": components.observed_components,
        "tec": tec.observed_tec,
    }
    return [case_of(name, cut[name](record)) for name, record in records.items()]


def with_papers(standings: pd.DataFrame, cases: Sequence[Case]) -> pd.DataFrame:
    """The league with the column ``paper``: whose method it is, None for a rival."""
    papers = {method.name: method.paper for case in cases for method in case.methods}
    named = [papers[str(name)] for name in standings["method"]]
    return standings.assign(paper=pd.Series(named, index=standings.index, dtype=object))


def case_of(name: str, kind: Kind, *, league: bool = False) -> Case:
    """The methods for a kind of data."""
    if name == "nights":
        calm = factors.sw_ntf(sigma="training", name="SW-NTF, sigma of calm nights")
        more = (calm, factors.ntf()) if league else ()
        return Case(kind, factors.sw_ntf(), (factors.band_power(),), more)
    # Components of one place are one input, as in the paper; stations are judged one by one.
    joint = kind.together
    paper: dict[str, Callable[[], Method]] = {
        "minutes": forecasts.vmd_pyraformer,
        "strain": forecasts.stmn,
        "components": partial(windows.cnn, joint=joint),
        "tec": forecasts.ed_lstme,
    }
    rivals = (factors.band_power(BANDS[name], per="day"), forecasts.seasonal_naive())
    if not league:
        return Case(kind, paper[name](), rivals)
    others = (
        *(make() for key, make in paper.items() if key != name),
        windows.logistic_power(joint=joint),
        forecasts.lstm(),
        forecasts.linear(),
        rules.median_rule(),
        rules.mean_rule(),
    )
    return Case(kind, paper[name](), rivals, others)
