"""How many events there are, how far apart their windows lie, and what storms give away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from precursor_lib.classify import (
    QuietRule,
    extreme_in,
    keep_clear,
    mainshocks,
    sharing,
    split_at_random,
    starts_before,
    window_grid,
)
from precursor_lib.context import dobrovolsky_radius_km
from precursor_lib.evaluate.classification import roc_area
from precursor_lib.report.european.inputs import (
    MINUTES,
    NOTE,
    OBSERVATORIES,
    chosen_events,
)
from precursor_lib.report.verdict import Claim


def observatory_table(
    ledger: Mapping[str, Claim], catalogues: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Table 1 with the largest magnitudes of the catalogues, and the years that these cover."""
    rows = {}
    for code, place in OBSERVATORIES.items():
        found = chosen_events(catalogues[code], place, NOTE)
        any_depth = chosen_events(catalogues[code], place, NOTE, max_depth_km=None)
        times = catalogues[code]["time"]
        rows[code] = {
            "observatory": place.name,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "years in the text": "–".join(map(str, place.years["text"])),
            "in Table 1": "–".join(map(str, place.years["Table 1"])),
            "catalogue": f"{max(times.min().year, NOTE[0])}–{min(times.max().year, NOTE[1])}",
            "Mmax printed": ledger[f"cnn-tab1-mmax-{code.lower()}"].published,
            "Mmax found": largest(found),
            "any depth": largest(any_depth),
        }
    return pd.DataFrame(rows).T.rename_axis("code")


def largest(events: pd.DataFrame) -> float | None:
    """Largest magnitude; None without events."""
    return None if events.empty else float(events["magnitude"].max())


def count_readings(catalogue: pd.DataFrame, code: str) -> dict[str, int]:
    """Events of one observatory by years and limit of magnitude."""
    place = OBSERVATORIES[code]
    found = {}
    for reading, years in place.years.items():
        found[f"{reading}, M > 4"] = len(chosen_events(catalogue, place, years))
        found[f"{reading}, M >= 4"] = len(chosen_events(catalogue, place, years, min_magnitude=4.0))
    return found


def count_table(
    ledger: Mapping[str, Claim], catalogues: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Event counts beside the printed ones, and what each criterion changes."""
    rows: dict[str, dict[str, Any]] = {
        "printed": {c: ledger[f"cnn-sec4-events-{c.lower()}"].published for c in OBSERVATORIES}
    }
    for code, place in OBSERVATORIES.items():
        catalogue, years = catalogues[code], place.years["Table 1"]
        for name, value in count_readings(catalogue, code).items():
            rows.setdefault(f"years of {name}".replace("of text", "of the text"), {})[code] = value
        for name, changes in (
            ("M > 3.9", {"min_magnitude": 3.95}),
            ("M > 4.2", {"above": 4.2}),
            ("half the radius", {"radius_km": place.radius_km / 2}),
            ("1.5 times the radius", {"radius_km": 1.5 * place.radius_km}),
            ("20 km deeper", {"max_depth_km": place.depth_km + 20}),
            ("any depth", {"max_depth_km": None}),
        ):
            rows.setdefault(f"Table 1, M > 4, but {name}", {})[code] = len(
                chosen_events(catalogue, place, years, **changes)
            )
        events = chosen_events(catalogue, place, years)
        within = events["distance"] <= dobrovolsky_radius_km(events["magnitude"])
        for name, value in (
            ("in the Dobrovolsky radius", int(within.sum())),
            ("mainshocks", int(mainshocks(events).sum())),
            ("in the year with most", int(events["time"].dt.year.value_counts().max())),
        ):
            rows.setdefault(f"Table 1, M > 4, {name}", {})[code] = value
    return pd.DataFrame(rows).T.rename_axis("events")


def overlap_table(
    events: pd.DataFrame, seed: int, shares: Sequence[float] = (0.8, 0.2)
) -> pd.DataFrame:
    """Windows before the events of one observatory: how many are not each other's repeats.

    Parameters
    ----------
    events : pandas.DataFrame
        With a column ``mainshock``.
    seed : int
        Of random splits; the mean of ten is given.
    """
    rows = {}
    first = events["time"].min().normalize() - pd.Timedelta(days=60)
    for name, length in MINUTES.items():
        row: dict[str, Any] = {}
        for kind, chosen in (("all", events), ("mainshocks", events[events["mainshock"]])):
            starts = starts_before(chosen["time"], first, 60.0, length)
            shared = []
            for k in range(10):
                training, tested = split_at_random(starts.size, shares, seed + k)
                if tested.size:
                    shared.append(sharing(starts[tested], starts[training], length).mean())
            alone = [
                not sharing(s, np.delete(starts, i), length)[0]
                for i, s in enumerate(starts[:, None])
            ]
            row |= {
                f"{kind}: windows": starts.size,
                f"{kind}: alone": int(np.sum(alone)),
                f"{kind}: side by side": side_by_side(starts, length),
                f"{kind}: tested that share": float(np.mean(shared)) if shared else np.nan,
            }
        rows[name] = row
    return pd.DataFrame(rows).T.rename_axis("window")


def side_by_side(starts: np.ndarray, length: int) -> int:
    """Most windows of a set that do not overlap: the next that starts after the last one's end."""
    number, end = 0, -np.inf
    for start in np.sort(starts):
        if start >= end:
            number, end = number + 1, start + length
    return number


def storm_table(
    events: Mapping[str, pd.DataFrame], years: tuple[int, int], rule: QuietRule
) -> pd.DataFrame:
    """How well the largest Kp of a window tells those before events from quiet ones.

    Parameters
    ----------
    events : mapping of str to pandas.DataFrame
        By observatory, pooled.
    years : tuple of int
        First and last year.
    rule : QuietRule
        What quiet windows have to be free of.

    Returns
    -------
    pandas.DataFrame
        For each length: windows of either class, the share of windows before events with a storm,
        and the area under the ROC curve of the largest Kp with quiet windows free of storms, and
        with both classes free of them.
    """
    first = pd.Timestamp(f"{years[0]}-01-01")
    samples = int((pd.Timestamp(f"{years[1] + 1}-01-01") - first) / pd.Timedelta(minutes=10))
    rows = {}
    for name, minutes in MINUTES.items():
        length = minutes // 10
        sides: dict[str, list[np.ndarray]] = {"before": [], "quiet": [], "stormy": []}
        for found in events.values():
            before = starts_before(found["time"], first, 600.0, length)
            before = before[before >= 0]
            shocks = starts_before(found["time"], first, 600.0, 1) + 1
            grid = keep_clear(window_grid(samples, length), length, shocks, clear=length)
            grid = grid[rule.holds(first, 600.0, grid, length)]
            for side, starts in (("before", before), ("quiet", grid)):
                sides[side].append(extreme_in(rule.kp, "3h", first, 600.0, starts, length))
            sides["stormy"].append(~rule.holds(first, 600.0, before, length))
        before, quiet, stormy = (np.concatenate(parts) for parts in sides.values())
        row: dict[str, Any] = {
            "before events": before.size,
            "quiet": quiet.size,
            "with a storm": float(stormy.mean()),
        }
        for kind, values in (("quiet only", before), ("both", before[~stormy.astype(bool)])):
            if min(values.size, quiet.size) < 2:
                row |= {f"area, {kind}": np.nan, f"{kind} from": np.nan, f"{kind} to": np.nan}
                continue
            labels = np.repeat([1, 0], [values.size, quiet.size])
            area = roc_area(labels, np.concatenate([values, quiet]))
            row |= {
                f"area, {kind}": area.area,
                f"{kind} from": area.interval[0],
                f"{kind} to": area.interval[1],
            }
        rows[name] = row
    return pd.DataFrame(rows).T.rename_axis("window")
