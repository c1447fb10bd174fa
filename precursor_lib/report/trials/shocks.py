"""Scores of real days held against the earthquakes about a station."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from precursor_lib.classify.events import mainshocks
from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.evaluate.alarms import alarm_score, area_skill, day_cells
from precursor_lib.evaluate.trials import Trials


def shocks_near(
    catalogue: pd.DataFrame, place: Sequence[float], radius_km: float, magnitude: float
) -> pd.DataFrame:
    """Mainshocks (Gardner and Knopoff's windows) within a distance of a place.

    Parameters
    ----------
    catalogue : pandas.DataFrame
        Columns ``time latitude longitude depth magnitude``.
    place : sequence of two float
        Latitude and longitude.
    radius_km, magnitude : float
        Up to which distance, and from which magnitude on.
    """
    strong = catalogue[catalogue["magnitude"] >= magnitude].reset_index(drop=True)
    main = strong[mainshocks(strong)]
    distance = geodesic_distance_km(
        place[0], place[1], main["latitude"].to_numpy(), main["longitude"].to_numpy()
    )
    return main[distance <= radius_km].reset_index(drop=True)


def skill_table(
    trials: Trials, events: pd.DataFrame, kind: str, leads: Sequence[int]
) -> pd.DataFrame:
    """Area above Molchan's curve of each method's scores on the days without sources.

    Parameters
    ----------
    trials : Trials
        The largest number of stations is taken.
    events : pandas.DataFrame
        Column ``time``.
    kind : str
        Name of the kind of data; its blocks are days.
    leads : sequence of int
        An alarm of a day lasts for so many days after it.

    Returns
    -------
    pandas.DataFrame
        ``method``, ``days before``, ``days``, ``events``, ``area``, ``from`` and ``to`` (95 % of
        what independent events give) and ``chance`` (of as large an area, events shifted in time).
    """
    calm = trials.blocks[trials.blocks["amplitude"].isna() & (trials.blocks["kind"] == kind)]
    calm = calm[calm["stations"] == calm["stations"].max()]
    rows = []
    for method, part in calm.groupby("method", sort=False):
        cells = day_cells(part.set_index("block")["score"].sort_index(), events)
        for lead in leads:
            score = alarm_score(cells.score, 1, lead)
            seen = int(cells.events[np.isfinite(score)].sum())
            if not seen:
                rows.append({"method": method, "days before": f"1 to {lead}", "events": 0})
                continue
            skill = area_skill(score, cells.events)
            rows.append(
                {
                    "method": method,
                    "days before": f"1 to {lead}",
                    "days": skill.days,
                    "events": skill.events,
                    "area": skill.area,
                    "from": skill.null[0],
                    "to": skill.null[1],
                    "chance": skill.p_shift,
                }
            )
    return pd.DataFrame(rows)
