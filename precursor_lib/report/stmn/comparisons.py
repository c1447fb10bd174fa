"""Models, domains and weights of the STMN chain beside each other (tables 4 to 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.detect import growth_ratio
from precursor_lib.evaluate.metrics import paired_test
from precursor_lib.pipelines.stmn import transfer
from precursor_lib.pipelines.stmn_reference import learn_reference
from precursor_lib.pipelines.stmn_settings import StmnSettings
from precursor_lib.report.stmn.experiment import Bench, curves, growth, recovered, spatial
from precursor_lib.report.stmn.sizes import FLOORS
from precursor_lib.simulate.truth import truth_table


def run_scores(
    bench: Bench, settings: StmnSettings, seed: int, event: str, *, source: str, normal: str
) -> dict[str, float]:
    """What one configuration gives from one seed, in the two periods of the paper's tables.

    Returns
    -------
    dict
        ``normal`` and ``quake``: mean squared error over the stations, in the squared unit of the
        strain. ``ratio`` and ``ratio_normal`` at the first station (points). ``correlation``: see
        `precursor_lib.report.stmn.experiment.spatial`. ``found``: share of source days found at the
        first station where a tenth of the calm days are false.
    """
    truth = truth_table(bench.networks[source], "source")
    quake, calm = (bench.forecast(name, settings, seed) for name in (source, normal))
    fits = growth(quake, event)
    first = str(fits.index[0])
    # The normal period has no earthquake: its days count from the end of its six months.
    end = str(calm.observed["time"].values[0] + np.timedelta64(185, "D"))
    x, y = curves(calm, end)[first]
    return {
        "normal": float(calm.mse.mean()),
        "quake": float(quake.mse.mean()),
        "ratio": float(fits["ratio"].iloc[0]),
        "ratio_normal": growth_ratio(x, y).ratio,
        "correlation": spatial(fits)["correlation"],
        "found": float(recovered(quake, truth, event).loc[first, "found_at_tenth"]),
    }


def compare(
    bench: Bench,
    variants: Mapping[str, StmnSettings],
    seeds: Sequence[int],
    event: str,
    *,
    source: str = "source",
    normal: str = "normal",
) -> pd.DataFrame:
    """`run_scores` of each variant and seed; index ``variant``, ``seed``. Floors run once."""
    rows = {}
    for name, settings in variants.items():
        for seed in seeds[:1] if settings.model in FLOORS else seeds:
            rows[name, seed] = {
                "width": settings.network.get("width", np.nan),
                "parameters": bench.learnt(settings, seed).model.parameter_count,
                **run_scores(bench, settings, seed, event, source=source, normal=normal),
            }
    index = pd.MultiIndex.from_tuples(list(rows), names=["variant", "seed"])
    return pd.DataFrame(list(rows.values()), index=index)


def summary(runs: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Mean ± standard deviation of each score, and p of the normal error against a baseline.

    Parameters
    ----------
    runs : pandas.DataFrame
        From `compare`.
    baseline : str
        Variant that the others are tested against (paired t-test over seeds; empty with one).
    """
    names = {
        "normal": ("normal MSE (10⁻¹⁸)", ".2g"),
        "quake": ("quake MSE (10⁻¹⁸)", ".2g"),
        "ratio": ("Ratio", ".2f"),
        "ratio_normal": ("Ratio, normal", ".2f"),
        "correlation": ("correlation", ".2f"),
        "found": ("found", ".2f"),
    }
    rows: dict[str, dict[str, Any]] = {}
    for variant, part in runs.groupby("variant", sort=False):
        rows[str(variant)] = {"parameters": int(part["parameters"].iloc[0])}
        if len(set(runs["width"].dropna())) > 1:
            rows[str(variant)]["width"] = spread(part["width"].iloc[:1], ".0f")
        rows[str(variant)] |= {
            text: spread(part[name], form) for name, (text, form) in names.items()
        }
        rows[str(variant)]["p"] = seed_test(runs, str(variant), baseline)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("variant")


def spread(values: pd.Series, form: str) -> str:
    """Mean ± standard deviation in a format; the mean alone for one run.

    Parameters
    ----------
    values : pandas.Series
        One number a run.
    form : str
        Such as ``".2f"``. Few digits: another machine trains to slightly other weights.
    """
    mean, deviation = values.mean(), values.std()
    if np.isnan(mean):
        return "–"
    parts = [mean] if np.isnan(deviation) else [mean, deviation]
    texts = [_plain(part, form) for part in parts]
    return " ± ".join(texts).replace("-", "−")


def _plain(value: float, form: str) -> str:
    """The number in the format, without a power of ten."""
    if form.endswith("g") and value != 0:
        value = float(format(value, form))
        return f"{value:.0f}" if abs(value) >= 10 else format(value, form)
    return format(value, form)


def seed_test(runs: pd.DataFrame, variant: str, baseline: str, score: str = "normal") -> float:
    """p of the paired t-test over seeds between two variants; NaN where it cannot be made."""
    first, second = runs.loc[variant, score], runs.loc[baseline, score]
    if variant == baseline or len(first) != len(second) or len(first) < 2:
        return np.nan
    return paired_test(first, second).t_p


def recovery_variants(
    bench: Bench, settings: StmnSettings, event: str, *, source: str = "source"
) -> dict[str, pd.DataFrame]:
    """What readings of the chain recover, and what other modes and another teacher change.

    Modes known by the day do not look ahead. Windows that follow each other start from the centre
    frequencies of the one before. The last one learns from the nearest station itself, the months
    with the source among them.
    """
    alone = settings.model_copy(update={"graph": None})
    earliest, following = (
        alone.model_copy(update={"signal": settings.signal.model_copy(update=change)})
        for change in ({"join": "earliest"}, {"init": "previous"})
    )
    own = bench.signal(source, alone.signal).isel(station=[0])
    results = {
        "as printed": (bench.forecast(source, settings), "record"),
        "no graph, sigma of the record": (bench.forecast(source, alone), "record"),
        "no graph, sigma of the reference": (bench.forecast(source, alone), "reference"),
        "the same, modes known by the day": (bench.forecast(source, earliest), "reference"),
        "the same, windows follow each other": (bench.forecast(source, following), "reference"),
        "the same, taught by the target": (
            transfer(learn_reference(own, alone, progress=False), own, alone),
            "reference",
        ),
    }
    truth = truth_table(bench.networks[source], "source")
    return {
        name: recovered(result, truth, event, sigma=sigma)
        for name, (result, sigma) in results.items()
    }


def weight_variants(settings: StmnSettings) -> dict[str, StmnSettings]:
    """Fixed and trainable weights, as printed; and fixed ones without the ReLU (table 6)."""
    graph = settings.graph
    assert graph is not None
    forms: dict[str, dict[str, Any]] = {
        "fixed": {},
        "trainable": {"trainable": True},
        "fixed, no ReLU": {"rectify": False},
        "trainable, no ReLU": {"trainable": True, "rectify": False},
        "fixed, epicentral edges": {"edges": "epicentral"},
        "fixed, equal edges": {"edges": "uniform"},
    }
    return {
        name: settings.model_copy(update={"graph": graph.model_copy(update=form)})
        for name, form in forms.items()
    }


def scaled_errors(bench: Bench, settings: StmnSettings, runs: pd.DataFrame) -> pd.DataFrame:
    """Errors of `compare` over the variance of the reference's kept modes: without a unit."""
    modes: xr.DataArray = bench.signal("reference", settings.signal)
    return runs.assign(**{name: runs[name] / float(modes.var()) for name in ("normal", "quake")})
