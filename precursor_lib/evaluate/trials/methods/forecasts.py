"""Methods that forecast a record and count where it goes its own way, and their rivals.

All take any evenly sampled record with gaps as NaN, and judge each station by itself. A network is
learnt once from the windows of all stations of the training record, each scaled by its own mean and
deviation: with a given budget that costs a station's share of what a network for each would. The
same is done for all networks, so that they differ by what they are. Their sizes and learning rates
are, of a few that were tried, those of least validation loss on training records of simulated
fields, strain and TEC, not those that detect most.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials.kinds import Method
from precursor_lib.evaluate.trials.methods.networks import NetworkLearner
from precursor_lib.evaluate.trials.methods.residuals import SizeRule, learn_lag
from precursor_lib.evaluate.trials.methods.signals import segment_modes, whole_modes
from precursor_lib.pipelines.lushan_chain import LushanChain
from precursor_lib.pipelines.stmn_settings import SignalSettings
from precursor_lib.simulate.settings import require


def vmd_pyraformer(
    *,
    kept: tuple[int, ...] = (4, 5),
    modes: int = 5,
    alpha: float = 5000.0,
    centres: Literal["learnt", "own"] = "learnt",
    length: int = 64,
    horizon: int = 16,
    network: Mapping[str, Any] | None = None,
    factor: float = 2.5,
    learning_rate: float = 1e-2,
    step: str | None = None,
    name: str = "VMD-Pyraformer",
) -> Method:
    """Sum of VMD's upper modes, forecast by a Pyraformer (Zhang et al. 2026).

    A day's points are samples whose residual exceeds `factor` times its mean size. As in the paper
    VMD filters the whole record, so that a sample of a mode depends on later ones as well.

    Parameters
    ----------
    kept : tuple of int
        Modes that are added up, from 1: 4 and 5 for the geomagnetic field, 2 to 5 for strain.
    modes, alpha : int, float
        Of VMD.
    centres : {"learnt", "own"}
        Centre frequencies: of the training record, by station, so that a mode is the same band in
        all records; or of each record by itself as in the paper, where they follow its sources.
    length, horizon : int
        Samples that the network sees and forecasts; the paper prints neither.
    network : mapping, optional
        Other settings of the Pyraformer than those of `LushanChain`.
    factor : float
        k of equation 8.
    learning_rate : float
        Of the training.
    step : str, optional
        A record of a shorter step is averaged over this one.
    name : str
        Of the method.
    """
    chain = require(LushanChain, {"modes": modes, "alpha": alpha, "kept": kept}, name)
    if centres not in ("learnt", "own"):
        raise InputError(f"centres '{centres}': expected learnt or own")
    settings = {**chain.grid[0], **(network or {})}
    learner = NetworkLearner(
        "pyraformer", settings, length, horizon, SizeRule("mean_multiple", factor), learning_rate,
        prepare=partial(whole_modes, chain, centres == "learnt"), step=step,
    )  # fmt: skip
    return Method(name, learner, paper="lushan")


def stmn(
    *,
    signal: Mapping[str, Any] | None = None,
    length: int = 48,
    horizon: int = 6,
    network: Mapping[str, Any] | None = None,
    factor: float = 1.5,
    learning_rate: float = 1e-2,
    step: str | None = None,
    name: str = "STMN",
) -> Method:
    """Modes of a segmented VMD, forecast by a TimesNet that learnt calm days (the STMN paper).

    A day's points are samples beyond the forecast by more than `factor` standard deviations. The
    training record stands for the paper's quiet reference. Its graph over the stations is left out:
    as printed it mixes forecasts of stations whose series differ, which multiplies the errors.
    Windows of a week make a sample depend on the days after it.

    Parameters
    ----------
    signal : mapping, optional
        Other settings than those of `precursor_lib.pipelines.stmn_settings.SignalSettings`.
    length, horizon : int
        Samples that the network sees and forecasts; the paper prints neither.
    network : mapping, optional
        Other settings of TimesNet than one block of 8 features and two periods, with the paper's
        kernels (1, 3, 5, 7). Modes have no level, so that windows keep theirs.
    factor : float
        Z.
    learning_rate, step, name
        As for `vmd_pyraformer`.
    """
    parts = require(SignalSettings, signal or {}, name)
    settings = {"width": 8, "layers": 1, "periods": 2, **(network or {})}
    learner = NetworkLearner(
        "timesnet", settings, length, horizon, SizeRule("confidence", factor), learning_rate,
        prepare=partial(segment_modes, parts), step=step,
    )  # fmt: skip
    return Method(name, learner, paper="stmn")


def ed_lstme(
    *,
    length: str = "3D",
    horizon: str = "1D",
    network: Mapping[str, Any] | None = None,
    factor: float = 2.0,
    bounds: Literal["training", "before"] = "training",
    quiet: bool = True,
    learning_rate: float = 3e-3,
    step: str | None = "15min",
    name: str = "ED-LSTME",
) -> Method:
    """Record forecast by an encoder-decoder LSTM that sees indices beside it (Xiong et al. 2022).

    A day's points are samples whose residual lies further than `factor` standard deviations from
    its mean. Kp, Dst or RC, and F10.7 are inputs where the training record has them and they vary.
    The paper's removal of outliers beyond three sigma is left out: it would take sources away.

    Parameters
    ----------
    length, horizon : str
        What the network sees and forecasts; the paper prints neither.
    network : mapping, optional
        Other settings than a width of 32, with each window scaled by its own moments.
    factor : float
        Standard deviations (equations 1 and 2).
    bounds : {"training", "before"}
        Mean and deviation of the training record's residuals; or of those of the 15 days before
        each day, as printed, which leaves 15 days unjudged. There, the many sources of a trial
        widen the bounds of those after them.
    quiet : bool
        No point counts while Kp >= 3 or Dst <= -30 nT, as in the paper, where a record has both.
        A source at such a time is missed.
    step : str, optional
        A record of a shorter step is averaged over this one, the paper's by default.
    learning_rate, name
        As for `vmd_pyraformer`.
    """
    if bounds not in ("training", "before"):
        raise InputError(f"bounds '{bounds}': expected training or before")
    rule = SizeRule("centred" if bounds == "training" else "before", factor)
    settings = {"width": 32, "window_norm": "moments", **(network or {})}
    learner = NetworkLearner(
        "ed_lstme", settings, length, horizon, rule, learning_rate,
        inputs=True, quiet=quiet, step=step,
    )  # fmt: skip
    return Method(name, learner, paper="tec")


def lstm(
    *,
    length: int = 64,
    horizon: int = 16,
    network: Mapping[str, Any] | None = None,
    factor: float = 2.5,
    learning_rate: float = 1e-2,
    step: str | None = None,
    name: str = "LSTM",
) -> Method:
    """Record itself, forecast by an LSTM: `vmd_pyraformer` with neither VMD nor Pyraformer.

    Parameters
    ----------
    network : mapping, optional
        Other settings than a width of 32, with each window scaled by its own moments.
    length, horizon, factor, learning_rate, step, name
        As for `vmd_pyraformer`.
    """
    settings = {"width": 32, "window_norm": "moments", **(network or {})}
    rule = SizeRule("mean_multiple", factor)
    return Method(
        name, NetworkLearner("lstm", settings, length, horizon, rule, learning_rate, step=step)
    )


def linear(
    *, length: int = 64, horizon: int = 16, step: str | None = None, name: str = "Linear forecast"
) -> Method:
    """Record forecast by one linear map of the samples before, fitted by least squares.

    It sees and forecasts what `lstm` does, from as many windows. A day's score is its largest
    residual in robust deviations (see `SizeRule`).

    Parameters
    ----------
    length, horizon, step, name
        As for `vmd_pyraformer`.
    """
    settings = {"window_norm": "last"}
    return Method(
        name, NetworkLearner("linear", settings, length, horizon, SizeRule("robust"), step=step)
    )


def seasonal_naive(*, lag: str = "1D", step: str | None = None, name: str = "Day before") -> Method:
    """Difference from the value a day earlier; a day's score is its largest robust deviation.

    Parameters
    ----------
    lag : str
        Whole steps of the record.
    step, name
        As for `vmd_pyraformer`.
    """
    return Method(name, partial(learn_lag, lag, step))


def persistence(*, step: str | None = None, name: str = "Persistence") -> Method:
    """Difference from the sample before; a day's score is its largest robust deviation.

    Parameters
    ----------
    step, name
        As for `vmd_pyraformer`.
    """
    return Method(name, partial(learn_lag, None, step))
