"""Settings that the ledger takes as given are those that the code runs with."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
import yaml

from precursor_lib.classify.settings import NetworkSettings
from precursor_lib.classify.windows import labelled_windows
from precursor_lib.context.b_value import b_value_grid, b_value_in_time
from precursor_lib.detect.tec_rules import error_bounds, median_bounds
from precursor_lib.forecast.settings import StationGraphSettings, TimesNetSettings
from precursor_lib.pipelines.chain import Chain
from precursor_lib.pipelines.lushan_chain import GEOMAGNETIC, STRAIN
from precursor_lib.pipelines.stmn_settings import StmnSettings
from precursor_lib.pipelines.tec_record import prepare_tec
from precursor_lib.report.claims import read_claims
from precursor_lib.report.european.inputs import MAGNITUDE, OBSERVATORIES
from precursor_lib.report.lushan.open_data import STORM_DST, STORM_KP
from precursor_lib.report.madoi.seismicity import around, benioff_by_day
from precursor_lib.report.real_records import QUIET_DST, QUIET_KP
from precursor_lib.report.stmn.arithmetic import RUNS

ROOT = Path(__file__).resolve().parents[2]
LEDGER = read_claims(ROOT / "claims")


def default(function: Any, name: str) -> Any:
    return inspect.signature(function).parameters[name].default


CHAIN, STMN = Chain(), StmnSettings()
USED = {
    "swntf-sec3-2-wavelet": CHAIN.wavelet,
    "swntf-sec3-2-levels": CHAIN.levels,
    "swntf-sec3-2-kurtosis": CHAIN.kurtosis_above,
    "swntf-sec3-2-entropy": CHAIN.entropy_below,
    "swntf-sec3-2-lambda": CHAIN.penalty,
    "swntf-sec3-2-maximum": CHAIN.iterations,
    "swntf-sec3-2-tolerance": CHAIN.tolerance,
    "swntf-sec3-2-rank": CHAIN.rank,
    "swntf-sec3-2-band": list(CHAIN.band),
    "swntf-sec4-1-sigmas": CHAIN.sigmas,
    "swntf-sec4-1-shortest": CHAIN.shortest,
    "swntf-sec4-1-longest": CHAIN.longest,
    "swntf-fig9-half-box": default(benioff_by_day, "half_width"),
    "swntf-fig10-half-box": default(around, "half_width"),
    "swntf-fig10-window": int(default(b_value_in_time, "window").removesuffix("D")),
    "swntf-fig10-step": int(default(b_value_in_time, "step").removesuffix("D")),
    "swntf-fig10-least": default(b_value_in_time, "min_events"),
    "swntf-fig11-spacing": default(b_value_grid, "spacing"),
    "swntf-fig11-cells": [default(b_value_grid, "cells")] * 2,
    "swntf-fig11-least": default(b_value_grid, "min_events"),
    "lushan-sec4-modes": GEOMAGNETIC.modes,
    "lushan-sec4-alpha": GEOMAGNETIC.alpha,
    "lushan-sec4-geomagnetic-modes": list(GEOMAGNETIC.kept),
    "lushan-sec4-strain-modes": list(STRAIN.kept),
    "lushan-fig13-limits": [STORM_DST, STORM_KP],
    "stmn-fig2-length": STMN.signal.window_days,
    "stmn-fig2-step": STMN.signal.step_days,
    "stmn-fig2-modes": list(STMN.signal.keep),
    "stmn-fig3-periods": TimesNetSettings(length=96, horizon=6).periods,
    "stmn-fig3-kernels": list(TimesNetSettings(length=96, horizon=6).kernels),
    "stmn-fig4-tau": StationGraphSettings().tau,
    "stmn-eq-bounds-factor": STMN.factor,
    "stmn-tab4-runs": RUNS,
    "cnn-tab1-latitudes": [o.latitude for o in OBSERVATORIES.values()],
    "cnn-tab1-longitudes": [o.longitude for o in OBSERVATORIES.values()],
    "cnn-sec4-magnitude": MAGNITUDE,
    "cnn-sec4-radius": OBSERVATORIES["DUR"].radius_km,
    "cnn-sec4-depth": OBSERVATORIES["IZN"].depth_km,
    "cnn-sec4-vrancea": [OBSERVATORIES["MLR"].radius_km, OBSERVATORIES["MLR"].depth_km],
    "cnn-sec4-gap": default(labelled_windows, "longest_gap"),
    "cnn-tab2-filters": list(NetworkSettings(length=10080).filters),
    "tec-sec2-outliers": default(prepare_tec, "sigma"),
    "tec-eq1-factor": default(error_bounds, "factor"),
    "tec-sec2-window": default(error_bounds, "days"),
    "tec-sec2-iqr-window": default(median_bounds, "days"),
    "tec-eq7-factor": default(median_bounds, "factor"),
    "tec-sec2-quiet": [QUIET_KP, QUIET_DST],
}


@pytest.mark.parametrize("name", USED)
def test_the_code_runs_with_the_printed_setting(name: str) -> None:
    assert LEDGER[name].kind.value == "given"
    assert USED[name] == LEDGER[name].published


def test_the_middle_of_a_printed_range_is_the_limit_of_a_day() -> None:
    for chain, name in ((GEOMAGNETIC, "geomagnetic"), (STRAIN, "strain")):
        limit: Any = LEDGER[f"lushan-sec5-2-{name}-limit"].published
        assert chain.day_points == (limit.from_ + limit.to) / 2


@pytest.mark.parametrize(
    ("dataset", "paper"),
    [("madoi-network", "swntf"), ("lushan-geomagnetic", "lushan"), ("lushan-strain", "lushan")],
)
def test_simulated_stations_stand_where_the_table_puts_them(dataset: str, paper: str) -> None:
    manifest = yaml.safe_load((ROOT / "data_manifest.yml").read_text(encoding="utf-8"))
    stations = manifest["datasets"][dataset]["simulator"]["arguments"]["stations"]
    places = list(
        zip(
            LEDGER[f"{paper}-tab1-latitudes"].published,  # type: ignore[arg-type]
            LEDGER[f"{paper}-tab1-longitudes"].published,  # type: ignore[arg-type]
            strict=True,
        )
    )
    found = [(station["latitude"], station["longitude"]) for station in stations]
    assert set(found) <= set(places)
    assert len(found) == len(places) if paper == "swntf" else len(found) >= 2
