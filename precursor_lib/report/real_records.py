"""Tables and the figure of the page on what the papers say of indices and earthquakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from precursor_lib.context.geography import dobrovolsky_radius_km
from precursor_lib.context.space_weather import chance_of_counts, level_shares
from precursor_lib.evaluate.quiet_spans import QuietSpan, event_result, quantiles, span_result
from precursor_lib.report.lushan.ledger import Ledger
from precursor_lib.report.lushan.open_data import STORM_DST, STORM_KP
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn
from precursor_lib.report.tec.claims_run import QUIET_WINDOW

QUIET_KP, QUIET_DST = 3.0, -30.0
"""Limits of quiet times in the TEC paper."""
_LUSHAN, _TEC = "VMD-Pyraformer", "ED-LSTME"
_RECORD, _STAGE = ("2013-01-01", "2013-04-30"), ("2013-02-01", "2013-03-31")
_EVENT = ("2016-11-30", "2016-12-11")
SPANS = (
    QuietSpan(_LUSHAN, "no storm in the record", "Dst", *_RECORD, STORM_DST, True),
    QuietSpan(_LUSHAN, "no storm in the record", "Kp", *_RECORD, STORM_KP, False),
    QuietSpan(_LUSHAN, "no storm in stage 2", "Dst", *_STAGE, STORM_DST, True),
    QuietSpan(_LUSHAN, "no storm in stage 2", "Kp", *_STAGE, STORM_KP, False),
    QuietSpan(_TEC, "quiet days of the test", "Dst", *QUIET_WINDOW, QUIET_DST, True),
    QuietSpan(_TEC, "quiet days of the test", "Kp", *QUIET_WINDOW, QUIET_KP, False),
    QuietSpan(_TEC, "days about the event", "Dst", *_EVENT, QUIET_DST, True),
    QuietSpan(_TEC, "days about the event", "Kp", *_EVENT, QUIET_KP, False),
)
"""What the papers say of quiet times; of the last pair the paper says that some days are not."""


def span_table(spans: Sequence[QuietSpan], indices: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Each statement on its own index, and those on Dst on RC too where it is given."""
    rows = []
    for span in spans:
        for name in (
            (span.index, "RC") if span.index == "Dst" and "RC" in indices else (span.index,)
        ):
            found = span_result(span, indices[name])
            rows.append(
                {
                    "paper": span.paper,
                    "said": f"{span.words}, {span.first} to {span.last}",
                    "index": f"{name} {'>' if span.above else '<'} {span.limit:g}",
                    "extreme": found["extreme"],
                    "passes": found["holds"],
                    "samples beyond": found["samples"],
                    "share of all such spans": found["share"],
                    "of": found["spans"],
                }
            )
    return pd.DataFrame(rows)


def level_table(
    ledger: Ledger, indices: Mapping[str, pd.Series], starts: pd.DatetimeIndex, hours: float
) -> pd.DataFrame:
    """Table 2 of the SW-NTF paper beside the real levels of its nights.

    Parameters
    ----------
    ledger : mapping
        The printed counts.
    indices : mapping
        ``Dst`` (its size is taken) and ``ap``.
    starts : pandas.DatetimeIndex
        Begin of each night, UTC.
    hours : float
        Length of a night.
    """
    rows = []
    for name, edges, interval in (("Dst", (30, 50), "1h"), ("ap", (32, 48), "3h")):
        series = indices[name].abs() if name == "Dst" else indices[name]
        shares = level_shares(series, edges, interval, starts, 3600 * hours)[:3]
        levels = ("quiet", "moderate", "disturbed")
        counts = [
            int(ledger[f"swntf-tab2-{name.lower()}-{level}"].published)  # type: ignore[arg-type]
            for level in levels
        ]
        chance = chance_of_counts(counts, shares)
        for level, count, share in zip(levels, counts, shares, strict=True):
            rows.append(
                {
                    "index": f"|{name}|" if name == "Dst" else name,
                    "level": level,
                    "printed": count,
                    "share of the time": share,
                    "expected": share * sum(counts),
                    "chance of the counts": chance["table"],
                }
            )
    return pd.DataFrame(rows)


def event_table(ledger: Ledger, catalogue: pd.DataFrame, least: float) -> pd.DataFrame:
    """Earthquakes in the TEC paper's days that are said to have none, in three circles."""
    place = tuple(
        float(ledger[f"tec-sec2-epicentre-{axis}"].published)  # type: ignore[arg-type]
        for axis in ("latitude", "longitude")
    )
    magnitude = float(ledger["tec-sec2-magnitude"].published)  # type: ignore[arg-type]
    radii = {
        "radius of the paper's event": float(dobrovolsky_radius_km(magnitude)),
        "1000 km": 1000.0,
        "2000 km": 2000.0,
    }
    rows = {
        f"{name} ({radius:.0f} km)" if "radius" in name else name: event_result(
            catalogue, (place[0], place[1]), radius, QUIET_WINDOW, least
        )
        for name, radius in radii.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("within")


@drawn
def extremes(spans: Sequence[QuietSpan], indices: Mapping[str, pd.Series]) -> Figure:
    """Extremes of the papers' spans beside those of all equally long ones, a panel an index."""
    figure, axes = plt.subplots(2, 1, figsize=(PAGE_WIDTH, 4.6))
    for axis, name in zip(axes, ("Dst", "Kp"), strict=True):
        own = [span for span in spans if span.index == name]
        levels = quantiles(indices[name], own, (0.05, 0.25, 0.5, 0.75, 0.95))
        for row, (span, q) in enumerate(zip(own, levels, strict=True)):
            first = row == 0
            axis.plot(q[[0, 4]], [row, row], color="#C8C8C8", linewidth=7, solid_capstyle="butt",
                      label="5 to 95 % of such spans" if first else None)  # fmt: skip
            axis.plot(q[[1, 3]], [row, row], color=COLOURS["grey"], linewidth=7,
                      solid_capstyle="butt", label="25 to 75 %" if first else None)  # fmt: skip
            axis.plot(q[2], row, "|", color="white", markersize=9, markeredgewidth=1.5)
            value = span_result(span, indices[name])["extreme"]
            axis.plot(value, row, "D", color=COLOURS["vermilion"], markersize=6,
                      label="the paper's span" if first else None)  # fmt: skip
            axis.plot([span.limit] * 2, [row - 0.35, row + 0.35], color=COLOURS["blue"],
                      linewidth=2, label="its limit" if first else None)  # fmt: skip
        axis.set(
            yticks=np.arange(len(own)), ylim=(len(own) - 0.5, -0.5),
            yticklabels=[f"{s.paper}: {s.words}" for s in own],
            xlabel="lowest Dst (nT)" if name == "Dst" else "largest Kp",
        )  # fmt: skip
        axis.spines[["top", "right"]].set_visible(False)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    return figure
