"""What the pages of the Lushan case run: chains, sizes chosen by validation, other readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.context.borehole import areal_strain
from precursor_lib.decompose import fill_gaps
from precursor_lib.errors import InputError
from precursor_lib.evaluate.look_ahead import causal_errors
from precursor_lib.forecast import TrainingSettings
from precursor_lib.pipelines.lushan import (
    MINUTES_A_DAY,
    apply_rule,
    run_station,
    run_stations,
    samples_a_day,
)
from precursor_lib.pipelines.lushan_chain import (
    GEOMAGNETIC,
    STRAIN,
    Array,
    LushanChain,
    StationRun,
)
from precursor_lib.report.lushan.days import expected_middle
from precursor_lib.simulate.truth import truth_table


@dataclass(frozen=True)
class Case:
    """The chain on simulated records of both kinds, ``"field"`` and ``"strain"``.

    Attributes
    ----------
    stations : pandas.DataFrame
        In the order of table 1; see `all_stations`.
    chains : dict of str to LushanChain
        By kind, with the size that validation chose.
    searches : dict of str to pandas.DataFrame
        The search for it.
    records : dict of str to xarray.DataArray
        With the source.
    found, nothing : dict of str to dict of str to StationRun
        By kind and station, with the source and without it.
    truth : dict of str to pandas.DataFrame
        Packets of the source.
    expected : dict of str to float
        By station: day by which half of the packets expected in the test have come.
    folder : path
        Of checkpoints.
    """

    stations: pd.DataFrame
    chains: dict[str, LushanChain]
    searches: dict[str, pd.DataFrame]
    records: dict[str, xr.DataArray]
    found: dict[str, dict[str, StationRun]]
    nothing: dict[str, dict[str, StationRun]]
    truth: dict[str, pd.DataFrame]
    expected: dict[str, float]
    folder: Path

    @property
    def names(self) -> dict[str, str]:
        """Name of each station."""
        return dict(self.stations["name"].astype(str))

    def first(self, kind: str) -> StationRun:
        """The run of a kind's first station, with the source."""
        return next(iter(self.found[kind].values()))

    @property
    def firsts(self) -> dict[str, tuple[StationRun, LushanChain]]:
        """The run of each kind's first station, with its chain."""
        return {kind: (self.first(kind), chain) for kind, chain in self.chains.items()}


def training_settings(epochs: int, windows_per_epoch: int) -> TrainingSettings:
    """How all models of the Lushan pages are trained."""
    return TrainingSettings(
        epochs=epochs,
        windows_per_epoch=windows_per_epoch,
        batch_size=64,
        learning_rate=3e-3,
        decay=0.4,
        patience=3,
        threads=1,
    )


def quantity(data: xr.Dataset) -> xr.DataArray:
    """What the chain takes: Z of the geomagnetic field, areal strain of four gauges."""
    return data["Z"] if "Z" in data else areal_strain(data)


def run_case(
    data: Mapping[str, xr.Dataset],
    calm: Mapping[str, xr.Dataset],
    grid: Sequence[dict[str, Any]],
    training: TrainingSettings,
    *,
    folder: Path,
    workers: int,
) -> Case:
    """Run the chain on all records, with the source and without it.

    The size of Pyraformer is chosen at the first station of each kind, by its validation part.

    Parameters
    ----------
    data, calm : mapping
        ``"field"`` and ``"strain"``: simulated networks with a source, and without one.
    grid : sequence of mapping
        Sizes to choose from.
    training : TrainingSettings
    folder : path
        Of checkpoints.
    workers : int
        Stations at a time.
    """
    chains: dict[str, LushanChain] = {}
    searches: dict[str, pd.DataFrame] = {}
    found: dict[str, dict[str, StationRun]] = {}
    nothing: dict[str, dict[str, StationRun]] = {}
    records = {kind: quantity(part) for kind, part in data.items()}
    for kind, base in (("field", GEOMAGNETIC), ("strain", STRAIN)):
        chains[kind], searches[kind] = chosen_size(
            records[kind].isel(station=0), base.with_(training=training), grid, folder=folder
        )
        found[kind] = run_stations(records[kind], chains[kind], folder=folder, workers=workers)
        nothing[kind] = run_stations(
            quantity(calm[kind]), chains[kind], folder=folder, workers=workers
        )
    return Case(
        all_stations(data["field"], data["strain"]),
        chains,
        searches,
        records,
        found,
        nothing,
        {kind: truth_table(part, "source") for kind, part in data.items()},
        {
            station: expected_middle(data[kind], run)
            for kind, runs in found.items()
            for station, run in runs.items()
        },
        folder,
    )


def chosen_size(
    record: xr.DataArray, chain: LushanChain, grid: Sequence[dict[str, Any]], *, folder: Path
) -> tuple[LushanChain, pd.DataFrame]:
    """The chain with the model that validation chooses at one station, and the search.

    Parameters
    ----------
    record : xarray.DataArray
        One station's record.
    chain : LushanChain
    grid : sequence of mapping
        Two or more settings to choose from.
    folder : path
        Of checkpoints.
    """
    run = run_station(record, chain.with_(grid=tuple(grid)), folder=folder)
    if run.choice is None:
        raise InputError(f"grid of {len(grid)}: expected two or more to choose from")
    best = grid[int(np.flatnonzero(run.choice["chosen"])[0])]
    return chain.with_(grid=(best,)), run.choice


def choice_table(choices: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The searches of several records below each other."""
    columns = [
        "width",
        "window_norm",
        "parameters",
        "validation_loss",
        "above_best",
        "standard_error",
        "chosen",
    ]
    # What does not vary in a search is no column of it.
    frames = [
        frame[[c for c in columns if c in frame]].assign(record=name)
        for name, frame in choices.items()
    ]
    table = pd.concat(frames, ignore_index=True).set_index("record")
    return table.rename(columns=lambda name: name.replace("_", " "))


def look_ahead_table(
    pairs: Mapping[str, tuple[StationRun, LushanChain]],
    *,
    days: float,
    blocks: int,
    training_blocks: int,
    seed: int,
) -> pd.DataFrame:
    """Errors of forecasts whose modes know the future and whose modes do not, a row a record.

    Parameters
    ----------
    pairs : mapping
        Name to a run and its chain.
    days : float
        Length of the past that is decomposed.
    blocks, training_blocks, seed
        See `precursor_lib.evaluate.look_ahead.causal_errors`.
    """
    names = {
        "signal": "forecast of zero",
        "last_whole": "last sample, whole",
        "whole": "model, whole",
        "last_causal": "last sample, past",
        "causal": "model, past",
        "retrained": "model trained on past",
    }
    rows = {}
    for name, (run, chain) in pairs.items():
        window = round(days * samples_a_day(run.times))
        rows[name] = causal_errors(
            run, chain, window=window, blocks=blocks, training_blocks=training_blocks, seed=seed
        )
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("record")
    return frame[list(names)].rename(columns=names)


def other_readings(
    case: Case, kind: str, *, anew: bool
) -> dict[str, tuple[StationRun, LushanChain]]:
    """The chain with other answers to what the paper leaves open, at a kind's first station.

    Parameters
    ----------
    case : Case
    kind : str
        ``"field"`` or ``"strain"``.
    anew : bool
        Whether to add the readings that decompose and train again.
    """
    chain, run = case.chains[kind], case.first(kind)
    low, high = (40.0, 50.0) if kind == "field" else (20.0, 30.0)

    def again(**changes: Any) -> tuple[StationRun, LushanChain]:
        other = chain.with_(**changes)
        record = case.records[kind].isel(station=0)
        return run_station(record, other, folder=case.folder), other

    def calibrated(factor: float) -> tuple[StationRun, LushanChain]:
        """With the limit that nine of ten validation days keep."""
        other = chain.with_(factor=factor)
        first, last = run.bounds[1]
        span = slice(first, last)
        _, _, days = apply_rule(
            run.times[span], run.signal[span], run.forecast[span], (0, last - first), other
        )
        limit = float(days["points"].quantile(0.9)) * MINUTES_A_DAY / samples_a_day(run.times)
        return run, other.with_(day_points=max(1.0, limit))

    readings = {
        "as above": (run, chain),
        "k = 2": (run, chain.with_(factor=2.0)),
        "k = 3": (run, chain.with_(factor=3.0)),
        f"more than {low:g} points": (run, chain.with_(day_points=low)),
        f"more than {high:g} points": (run, chain.with_(day_points=high)),
        "mean residual of the whole record": (run, chain.with_(reference="all")),
        "limit from validation days": calibrated(chain.factor),
        "the same with k = 5": calibrated(5.0),
    }
    if anew:
        readings["trained on nearly all, as the paper"] = again(
            training_share=0.85, validation_share=0.1, reference="all"
        )
        readings["last sample instead of a network"] = again(model="persistence", grid=({},))
        readings["VMD of 7-day windows"] = again(decomposition="segments")
    return readings


def filled(record: xr.DataArray) -> Array:
    """A record without its gaps, which are bridged by lines."""
    values = record.values.astype(float)
    return np.asarray(fill_gaps(values, longest=values.size)[0])


def all_stations(field: xr.Dataset, strain: xr.Dataset) -> pd.DataFrame:
    """Stations of both networks in the order of table 1: ``name latitude longitude distance``."""
    columns = ["name", "latitude", "longitude", "distance"]
    frames = [data[columns].to_dataframe()[columns] for data in (field, strain)]
    return pd.concat(frames)
