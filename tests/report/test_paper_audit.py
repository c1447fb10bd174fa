"""The audit beside the ledger, and the page's tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from precursor_lib.errors import InputError
from precursor_lib.evaluate.audit import Item, Outcome, audit
from precursor_lib.evaluate.audit.rules import read_printed
from precursor_lib.evaluate.audit.run import PAPERS
from precursor_lib.manifest import Manifest
from precursor_lib.report import paper_audit
from precursor_lib.report.claims import read_claims
from precursor_lib.report.european import claims as european
from precursor_lib.report.lushan import ledger as lushan
from precursor_lib.report.madoi import claims as madoi
from precursor_lib.report.stmn import arithmetic as stmn
from precursor_lib.report.tec import claims as tec
from precursor_lib.report.verdict import Claim, Kind, Verdict, computed_value, judge, unchecked


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return audit()


@pytest.fixture(scope="module")
def ledger() -> dict[str, Claim]:
    return read_claims(Manifest.load().root / "claims")


def places(paper: str) -> pd.DataFrame:
    """Stations of the audit's table 1 as the case pages take them."""
    table = read_printed(PAPERS / f"{paper}.yml").tables["tab1"]
    frame = pd.DataFrame.from_dict(table.rows, orient="index", columns=list(table.columns))
    return frame[["latitude", "longitude"]].astype(float)


@pytest.fixture(scope="module")
def computed(ledger: dict[str, Claim]) -> Mapping[str, Any]:
    """What the case pages compute from printed numbers alone, by claim id."""
    return {
        **madoi.arithmetic_values(ledger, places("swntf")),
        **lushan.arithmetic_values(ledger, places("lushan")),
        **stmn.luding_values(ledger),
        **stmn.changning_values(ledger),
        **stmn.model_values(ledger),
        **stmn.distance_values(ledger, "luding"),
        **stmn.distance_values(ledger, "changning"),
        **european.arithmetic_values(ledger),
        **tec.table_values(ledger),
        **tec.calendar_values(ledger),
        **tec.station_values(ledger, places("tec")),
    }


def test_the_words_are_the_ledgers() -> None:
    words = {outcome.value.removeprefix("internally ") for outcome in Outcome}
    assert words <= {verdict.value for verdict in Verdict}


def test_verdicts_agree_with_the_ledger(
    items: list[Item], ledger: dict[str, Claim], computed: Mapping[str, Any]
) -> None:
    """Where the ledger has the same number, both say the same, or the item says why not."""
    compared = 0
    for item in items:
        if not item.ledger:
            continue
        claim = ledger[item.ledger]
        if item.ledger in computed:
            verdict = judge(claim, computed_value(claim, computed[item.ledger]))
        else:
            verdict = unchecked(claim)
        if verdict is Verdict.NOT_CHECKED:  # other pages compute it, from more than printed numbers
            continue
        if claim.kind is Kind.CLOSED_DATA:
            assert verdict is Verdict.INCONSISTENT, f"{item.id} and {claim.id} are not one check"
        same = item.outcome.value.removeprefix("internally ") == verdict.value
        assert same is not bool(item.apart), f"{item.id}: {item.outcome}, the ledger: {verdict}"
        compared += 1
    assert compared > 120


def test_printed_numbers_are_the_ledgers(items: list[Item], ledger: dict[str, Claim]) -> None:
    """The audit's data are typed by hand as the ledger is: twice the same number."""
    for item in items:
        claim = ledger.get(item.ledger)
        if claim is None or not isinstance(claim.published, int | float):
            continue
        texts = {f.printed.removeprefix("=").replace(",", "") for f in item.findings}
        numbers = {float(t) for t in texts if t.replace(".", "").lstrip("-").isdigit()}
        if numbers and not isinstance(claim.published, bool) and item.rule not in OTHER_SIDE:
            assert claim.published in numbers, (item.id, claim.published, numbers)


# The ledger compares these with the other of the two printed numbers, or in another unit.
OTHER_SIDE = {"fig12-months", "fig12-adjusted", "sec5-2-lag-starts"}


def test_tables_of_the_ledger_and_of_the_audit(ledger: dict[str, Claim]) -> None:
    """Table 2 of two papers, number by number."""
    file = read_printed(PAPERS / "tec.yml")
    names = {"R²": "r2", "MAE": "mae", "RMSE": "rmse", "ρ": "rho"}
    for measure, short in names.items():
        for model, cells in file.tables[measure].rows.items():
            claim = ledger[f"tec-tab2-{tec.MODELS[model]}-{short}"]
            assert [float(c or "nan") for c in cells] == claim.published
    file = read_printed(PAPERS / "lushan.yml")
    for kind in ("geo", "strain"):
        for model, cells in file.tables[kind].rows.items():
            for measure, cell in zip(file.tables[kind].columns, cells, strict=True):
                claim = ledger[f"lushan-tab2-{kind}-{model.lower()}-{measure.lower()}"]
                assert float(cell or "nan") == claim.published


def test_counts_add_up(items: list[Item]) -> None:
    counted = paper_audit.counted(items)
    table = paper_audit.count_table(counted)
    outcomes = [outcome.value for outcome in Outcome]
    assert (table[outcomes].sum(axis=1) == table["all"]).all()
    assert (
        table.loc["all five", "all"]
        == len(counted)
        == len(items) - len(paper_audit.apart_table(items))
    )
    kinds = paper_audit.kind_table(counted, 1.0)
    wrong = table.loc["all five", ["does not hold", "internally inconsistent"]].sum()
    assert kinds["do not hold or agree"].sum() == wrong
    assert (kinds["may be rounding"] <= kinds["do not hold or agree"]).all()


def test_lists_of_items(items: list[Item]) -> None:
    full = paper_audit.full_table(items, "tec", 1.0)
    assert len(full) == sum(item.paper == "tec" for item in items)
    wrong = paper_audit.wrong_table(items, "tec", 1.0)
    assert not wrong["verdict"].str.contains("holds|checkable").any()
    slips = paper_audit.wrong_table(items, "tec", 0.0)
    assert "up to 1" in set(wrong["missed by"]) and "up to 1" not in set(slips["missed by"])
    with pytest.raises(InputError, match="none of the paper 'none'"):
        paper_audit.full_table(items, "none", 1.0)


def test_figures_show_every_item(items: list[Item]) -> None:
    bars = paper_audit.verdicts(items).axes[0].patches
    assert sum(bar.get_width() for bar in bars) == len(items)
    lines = paper_audit.misses(items, 1.0).axes[0].lines[:-1]
    drawn = sum(len(line.get_xdata()) for line in lines)
    assert drawn == sum(
        item.outcome in paper_audit.WRONG and np.isfinite(item.missed) for item in items
    )
