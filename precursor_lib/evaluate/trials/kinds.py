"""What a trial is made of: a kind of data, a method, and how much it may learn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.errors import InputError

Role = Literal["training", "calibration", "test"]
ROLES: tuple[Role, ...] = ("training", "calibration", "test")


@dataclass(frozen=True)
class Kind:
    """A kind of data: records without a source, and how sources are put into them.

    Attributes
    ----------
    name : str
        As a reader reads it.
    origin : {"observed", "simulated"}
        Of the records; the sources are always simulated.
    unit : str
        Of the record and of the amplitudes.
    block : str or pandas.Timedelta
        Length of the blocks that are judged, usually a day.
    blocks_a_year : float
        By which a share of blocks becomes false alarms a year: 365.25 for days and nights.
    amplitudes : tuple of float
        At every station of the trial, ascending.
    record : callable
        From a role and a number to a record: a dataset with ``value`` (time, station), in which
        gaps are NaN, and any variables on ``time`` alone that a method may take as inputs. No two
        share a sample or a seed.
    records : mapping of role to int
        How many there are; methods learn from the first one for training.
    add : callable
        From a record and events (see `plan_sources`) to the record with these sources in it.
    duration : pandas.Timedelta
        How long a source lasts; it lies wholly within its block.
    together : bool
        The stations are components of one place, and no trial takes fewer.
    """

    name: str
    origin: Literal["observed", "simulated"]
    unit: str
    block: str | pd.Timedelta
    blocks_a_year: float
    amplitudes: tuple[float, ...]
    record: Callable[[Role, int], xr.Dataset]
    records: Mapping[Role, int]
    add: Callable[[xr.Dataset, pd.DataFrame], xr.Dataset]
    duration: pd.Timedelta
    together: bool = False

    def __post_init__(self) -> None:
        if not self.amplitudes or (np.diff((0.0, *self.amplitudes)) <= 0).any():
            raise InputError(f"amplitudes {self.amplitudes}: expected positive numbers that ascend")
        for role in ROLES:
            if self.records.get(role, 0) < 1:
                raise InputError(f"records: expected at least one for {role}, got {self.records}")


@dataclass(frozen=True)
class Budget:
    """What every method that learns may use, the same for all.

    Attributes
    ----------
    epochs, windows_per_epoch : int
        Of each training; their product is the number of windows that are seen.
    batch_size : int
        Windows of a step.
    threads : int
        Of torch.
    """

    epochs: int = 4
    windows_per_epoch: int = 2048
    batch_size: int = 64
    threads: int = 1


@dataclass(frozen=True)
class Training:
    """What a method learns from.

    Attributes
    ----------
    calm : xarray.Dataset
        A record without a source.
    sources : xarray.Dataset
        The same with sources in it, for a method that learns from examples.
    events : pandas.DataFrame
        These sources.
    block : str or pandas.Timedelta
        As `Kind.block`.
    budget : Budget
        How long it may learn.
    seed : int
        Of its weights and draws.
    """

    calm: xr.Dataset
    sources: xr.Dataset
    events: pd.DataFrame
    block: str | pd.Timedelta
    budget: Budget
    seed: int


Scorer = Callable[[xr.Dataset], xr.Dataset]
"""From a record to the dataset of `block_scores`: ``score`` (block, station), the higher the
stranger and NaN where not judged, and ``peak``, the time (UTC) at which it is strangest."""


@dataclass(frozen=True)
class Method:
    """A method that scores the blocks of a record.

    Attributes
    ----------
    name : str
        As a reader reads it.
    learn : callable
        From a `Training` to a scorer.
    paper : str or None
        Name of the ledger of the paper whose method it is, None for a rival.
    joint : bool
        It takes all stations at once and scores the network (one station in its scores). Others
        score each station by itself, and the trial joins the scores.
    """

    name: str
    learn: Callable[[Training], Scorer]
    paper: str | None = None
    joint: bool = field(default=False)
