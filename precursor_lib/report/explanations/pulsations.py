"""Pi2 pulsations and the ends of a night: runs, tables, figures and findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.dates import DateFormatter
from matplotlib.figure import Figure

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.detect.threshold import exceedances
from precursor_lib.evaluate.explanations.findings import Finding, beyond_chance
from precursor_lib.evaluate.explanations.packets import (
    band_amplitude,
    found_by_kind,
)
from precursor_lib.evaluate.explanations.shared import shared_anomalies
from precursor_lib.evaluate.nights import TOLERANCE
from precursor_lib.pipelines import Chain, run_network
from precursor_lib.report.explanations.steady_kp import OWN
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn

CLAIM = "SW-NTF: anomalies come from the fault"
NAMES = {"source": "packet of the source", "pi2": "Pi2 train", "box": "box", "spike": "spike"}
_APART_KM = 1000.0


def one_station(network: NightlyNetwork) -> dict[str, Any]:
    """Arguments that leave the first station of a simulated network, and no source."""
    first = network.stations.iloc[0]
    place = {name: float(first[name]) for name in ("latitude", "longitude")}
    return {
        "stations": [{"id": str(network.stations.index[0]), **place}],
        "source": None,
        "control": None,
    }


def kind_table(
    network: NightlyNetwork, chain: Chain, edges: Sequence[float], event: str
) -> pd.DataFrame:
    """What the whole chain finds in nights with a source, by kind of event and size."""
    result = run_network(network, chain, event=event, progress=False)
    analysed = [night for night in range(len(network)) if night in result.nights]
    found = found_by_kind(result.select("sw_ntf"), network, edges, tuple(NAMES), nights=analysed)
    every = found["to"] == np.inf
    return pd.DataFrame(
        {
            "event": found["kind"].map(NAMES),
            "largest amplitude (nT)": [
                "all" if whole else f"{low:g} to {high:g}"
                for whole, low, high in zip(every, found["from"], found["to"], strict=True)
            ],
            "events": found["events"],
            "found": found["found"],
            "share (%)": 100 * found["share"],
            "95 %": [
                f"{100 * a:.0f} to {100 * b:.0f}"
                for a, b in zip(found["low"], found["high"], strict=True)
            ],
        }
    )[(found["events"] > 0).to_numpy()].set_index("event")


def station_courses(night: xr.DataArray, rate: float, *, step: int = 4) -> xr.DataArray:
    """Band amplitude of each station of a night (station, time), nT."""
    record = night.transpose("station", "time")
    course = band_amplitude(record.values, rate, step=step)
    return xr.DataArray(
        course,
        dims=("station", "time"),
        coords={
            "station": record["station"].values,
            "time": record["time"].values[::step][: course.shape[1]],
        },
    )


def station_peaks(courses: xr.DataArray) -> dict[str, np.ndarray]:
    """Peaks of the packet rule by station, s from the start."""
    seconds = float((courses["time"][1] - courses["time"][0]) / np.timedelta64(1, "s"))
    return {
        str(name): exceedances(courses.sel(station=name).values, 1 / seconds)[
            "peak_time"
        ].to_numpy()
        for name in courses["station"].values
    }


@drawn
def shared_figure(courses: xr.DataArray, peaks: Mapping[str, np.ndarray]) -> Figure:
    """Band amplitude of all stations in units of their sigma; anomalies as triangles."""
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 4.8))
    times = pd.DatetimeIndex(courses["time"].values)
    names = [str(name) for name in courses["station"].values]
    for row, name in enumerate(names):
        course = courses.sel(station=name).values
        scaled = (course - course.mean()) / course.std()
        axis.plot(times, -row + scaled / 12, color=COLOURS["grey"], linewidth=0.7)
        at = times[0] + pd.to_timedelta(peaks[name], unit="s")
        axis.plot(at, np.full(len(at), -row + 0.55), "v", color=COLOURS["vermilion"], ms=6)
    axis.set(
        yticks=-np.arange(len(names)), yticklabels=names, ylim=(-len(names) + 0.3, 1.4),
        xlabel=f"time on {times[0].day} {times[0]:%B %Y} (UTC)",
    )  # fmt: skip
    axis.grid(axis="y", visible=False)
    axis.xaxis.set_major_formatter(DateFormatter("%H:%M"))
    return figure


def edge_table(tables: Mapping[str, Sequence[pd.DataFrame]]) -> pd.DataFrame:
    """Anomalies near the ends of windows, by record and by how a window is continued.

    Parameters
    ----------
    tables : mapping of str to sequence of pandas.DataFrame
        From `precursor_lib.evaluate.explanations.packets.window_anomalies`, by record.
    """
    names = {
        "neighbours": "the record goes on",
        "mirrored": "mirrored",
        "zeros": "zeros (no padding)",
    }
    rows = []
    for record, parts in tables.items():
        even = parts[0].attrs["even"]
        together = pd.concat([p[["way", "end"]] for p in parts])
        for way, name in names.items():
            own = together[together["way"] == way]
            near = int((own["end"] < parts[0].attrs["reach"]).sum())
            share, low, high = beyond_chance(near, len(own), even)
            rows.append(
                {
                    "record": record,
                    "beyond the ends": name,
                    "windows": sum(p.attrs["windows"] for p in parts),
                    "anomalies": len(own),
                    "near an end": near,
                    "even (%)": 100 * even,
                    "share": share,
                    "low": low,
                    "high": high,
                }
            )
    return pd.DataFrame(rows)


def share_far(
    peaks: Mapping[str, np.ndarray], places: pd.DataFrame, length: float, seed: int
) -> dict[str, float]:
    """`shared_anomalies` of stations 1000 km apart, in a window of a packet's half length."""
    return shared_anomalies(
        peaks, places, length, apart_km=_APART_KM, tolerance=TOLERANCE, seed=seed
    )


def shared_text(shared: Mapping[str, float], stations: int) -> str:
    """A sentence on what `share_far` found at so many stations."""
    expected = shared["chance"] * shared["events"] if shared["events"] else 0.0
    return (
        f"{shared['events']} events, {shared['shared']} of them seen by stations "
        f"{_APART_KM:.0f} km apart (by chance {expected:.1f}); the widest by "
        f"{shared['most_stations']} of {stations} stations"
    )


def findings(
    simulated: pd.DataFrame, shared: Mapping[str, float], edges: pd.DataFrame, origin: str
) -> list[Finding]:
    """Findings on Pi2 and on the filter's edge.

    Parameters
    ----------
    simulated : pandas.DataFrame
        From `by_kp`; those with the sigma of the night count.
    shared : mapping
        From `share_far`.
    edges : pandas.DataFrame
        From `edge_table`.
    origin : str
        Of the network behind `shared`.
    """
    own = simulated[simulated["sigma"] == OWN]
    number = int(own["anomalies"].sum())
    chance = float(np.average(own["chance"], weights=np.maximum(own["anomalies"], 1)))
    found = [
        Finding(
            "Pi2 pulsations", CLAIM, "one station, no source (simulated)",
            "anomalies at a Pi2 train", *beyond_chance(int(own["at_pi2"].sum()), number, chance),
        ),
        Finding(
            "Pi2 pulsations", CLAIM, f"USGS, one night ({origin})",
            "events seen 1000 km apart",
            *beyond_chance(
                int(shared["shared"]), int(shared["events"]), min(shared["chance"], 0.99)
            ),
        ),
    ]  # fmt: skip
    for _, row in edges[edges["beyond the ends"] != "the record goes on"].iterrows():
        found.append(
            Finding(
                f"Filter's edge, {row['beyond the ends']}", CLAIM, row["record"],
                "anomalies near an end", row["share"], row["low"], row["high"],
            )
        )  # fmt: skip
    return found
