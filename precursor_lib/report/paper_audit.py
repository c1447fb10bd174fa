"""Tables and figures of the page on the audit of the papers."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from precursor_lib.errors import InputError
from precursor_lib.evaluate.audit import Item, Outcome
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn
from precursor_lib.report.tables import number

NAMES = {
    "swntf": "SW-NTF (Madoi)",
    "lushan": "VMD-Pyraformer (Lushan)",
    "stmn": "STMN (Luding, Changning)",
    "cnn": "CNN (Europe)",
    "tec": "ED-LSTME (Xinjiang)",
}
_COLOURS = {
    Outcome.HOLDS: COLOURS["blue"],
    Outcome.FAILS: COLOURS["vermilion"],
    Outcome.INCONSISTENT: COLOURS["orange"],
    Outcome.AMBIGUOUS: COLOURS["purple"],
    Outcome.NOT_CHECKABLE: "#C8C8C8",
}
WRONG = (Outcome.FAILS, Outcome.INCONSISTENT)


def counted(items: Sequence[Item]) -> list[Item]:
    """Items but those that the ledger decides by another rule."""
    return [item for item in items if not item.apart]


def count_table(items: Sequence[Item]) -> pd.DataFrame:
    """Number of items by paper and verdict, and how many are also claims of the ledger."""
    rows = {}
    for paper, name in NAMES.items():
        own = [item for item in items if item.paper == paper]
        rows[name] = {
            **{o.value: sum(item.outcome is o for item in own) for o in Outcome},
            "all": len(own),
            "in the ledger too": sum(bool(item.ledger) for item in own),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("paper")
    table.loc["all five"] = table.sum()
    return table


def kind_table(items: Sequence[Item], slip: float) -> pd.DataFrame:
    """Items by kind of check: how many there are, and how many do not hold, and by how much.

    Parameters
    ----------
    items : sequence of Item
    slip : float
        Up to so many units of the last printed digit a miss may be one of rounding.
    """
    rows = {}
    for family in sorted({item.family for item in items if item.findings}):
        own = [item for item in items if item.family == family and item.findings]
        wrong = [item for item in own if item.outcome in WRONG]
        rows[family] = {
            "items": len(own),
            "do not hold or agree": len(wrong),
            "may be rounding": sum(item.missed <= slip for item in wrong),
            "papers": ", ".join(p for p in NAMES if any(item.paper == p for item in wrong)) or "–",
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("kind of check")
    return table.sort_values("do not hold or agree", ascending=False, kind="stable")


def wrong_table(items: Sequence[Item], paper: str, slip: float) -> pd.DataFrame:
    """Items of a paper that do not hold or agree, or depend on the reading, each with its sentence.

    Raises
    ------
    InputError
        If there is no such item.
    """
    own = [i for i in items if i.paper == paper and i.outcome in (*WRONG, Outcome.AMBIGUOUS)]
    return _listed(own, paper, slip)


def full_table(items: Sequence[Item], paper: str, slip: float) -> pd.DataFrame:
    """Every item of a paper with its sentence."""
    return _listed([item for item in items if item.paper == paper], paper, slip)


def apart_table(items: Sequence[Item]) -> pd.DataFrame:
    """Items that the ledger decides by another rule, with the reason."""
    rows = [
        {
            "what the audit says": item.sentence,
            "why the ledger differs": item.apart,
            "claim": f"`{item.ledger}`",
        }
        for item in items
        if item.apart
    ]
    return pd.DataFrame(rows)


def _listed(items: Sequence[Item], paper: str, slip: float) -> pd.DataFrame:
    if not items:
        raise InputError(f"items: none of the paper '{paper}'")
    return pd.DataFrame(
        [
            {
                "item": f"{item.sentence} `{item.id}`",
                "place": item.source,
                "verdict": f"**{item.outcome.value}**",
                "missed by": _missed(item, slip),
            }
            for item in items
        ]
    )


def _missed(item: Item, slip: float) -> str:
    """By how many units of the last printed digit, with two digits."""
    if item.outcome not in WRONG or not np.isfinite(item.missed):
        return ""
    if item.missed <= slip:
        return f"up to {slip:g}"
    return number(item.missed, 2)


@drawn
def verdicts(items: Sequence[Item]) -> Figure:
    """Items by paper and verdict, as stacked bars."""
    table = count_table(items).loc[list(NAMES.values())]
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.0))
    left = np.zeros(len(table))
    for outcome, colour in _COLOURS.items():
        width = table[outcome.value].to_numpy(float)
        axis.barh(table.index, width, left=left, color=colour, label=outcome.value)
        for row, (start, wide) in enumerate(zip(left, width, strict=True)):
            if wide >= 0.04 * table["all"].max():
                dark = outcome in (Outcome.HOLDS, Outcome.FAILS)
                axis.text(
                    start + wide / 2, row, f"{wide:.0f}", ha="center", va="center",
                    color="white" if dark else "black",
                )  # fmt: skip
        left += width
    axis.invert_yaxis()
    axis.set(xlabel="items")
    axis.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=3)
    return figure


@drawn
def misses(items: Sequence[Item], slip: float) -> Figure:
    """How far the items that do not hold miss, in units of the last printed digit."""
    wrong = [item for item in items if item.outcome in WRONG and np.isfinite(item.missed)]
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.2))
    rng = np.random.default_rng(0)
    for row, paper in enumerate(NAMES):
        own = [item for item in wrong if item.paper == paper]
        for outcome, marker in ((Outcome.FAILS, "o"), (Outcome.INCONSISTENT, "D")):
            x = np.array([item.missed for item in own if item.outcome is outcome])
            axis.plot(
                np.clip(x, 0.01, 1e6), row + rng.uniform(-0.28, 0.28, len(x)), marker,
                color=_COLOURS[outcome], markersize=5, alpha=0.75, linestyle="none",
                label=outcome.value if row == 0 else None,
            )  # fmt: skip
    axis.axvline(slip, color=COLOURS["grey"], linestyle="--", linewidth=1)
    axis.text(slip * 0.8, -0.75, "may be rounding", ha="right", color=COLOURS["grey"])
    axis.set(
        xscale="log", xlim=(0.007, 1.5e6), ylim=(len(NAMES) - 0.5, -1.0),
        xlabel="missed by (units of the last printed digit)",
        yticks=range(len(NAMES)), yticklabels=list(NAMES.values()),
    )  # fmt: skip
    axis.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=2)
    return figure
