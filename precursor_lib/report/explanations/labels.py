"""What the Sun, its activity and the season alone tell of the labels of windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from precursor_lib.classify import QuietRule
from precursor_lib.errors import InputError
from precursor_lib.evaluate.explanations import labels
from precursor_lib.evaluate.explanations.findings import Finding
from precursor_lib.report.european.inputs import OBSERVATORIES, chosen_events
from precursor_lib.report.explanations.closing import between
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn

_CNN = "CNN: windows before earthquakes differ from quiet ones"
_ALL = "as in the paper"
_CALM = "both classes without storms"
_OTHER = "quiet windows of other years"


def label_trials(
    catalogues: Mapping[str, pd.DataFrame],
    rule: QuietRule,
    flux: pd.Series,
    hours: int,
    quiet_years: tuple[int, int],
    seeds: Sequence[int],
) -> pd.DataFrame:
    """A classifier that sees no record, under three ways to choose windows and two splits.

    Parameters
    ----------
    catalogues : mapping of str to pandas.DataFrame
        By code of the observatory; their windows are put together, as in a trial of the paper.
    rule : QuietRule
        Holds Kp.
    flux : pandas.Series
        F10.7 by day.
    hours : int
        Of a window.
    quiet_years : tuple of int
        Of the quiet windows in the third way; windows before earthquakes are then those of other
        years.
    seeds : sequence of int
        Draws of quiet windows and of random splits.

    Returns
    -------
    pandas.DataFrame
        A row a way, split, set of features and seed, as `labels.told_apart` gives them; ways that
        leave a part without a class are left out.
    """
    ways: dict[str, dict[str, Any]] = {
        _ALL: {}, _CALM: {"both_calm": True}, _OTHER: {"quiet_years": quiet_years},
    }  # fmt: skip
    every = {
        code: chosen_events(catalogue, OBSERVATORIES[code])["time"]
        for code, catalogue in catalogues.items()
    }
    rows = []
    for way, settings in ways.items():
        for seed in seeds:
            parts = []
            for code, events in every.items():
                span = OBSERVATORIES[code].years["Table 1"]
                before = events
                if way == _OTHER:
                    before = events[~events.dt.year.between(*quiet_years)]
                try:
                    parts.append(
                        labels.labelled_windows(
                            before, events, rule, span, hours, seed=seed, **settings
                        )
                    )
                except InputError:
                    # A place with too few windows of a kind takes no part.
                    continue
            windows = pd.concat(parts).sort_values("start", kind="stable", ignore_index=True)
            known = labels.sun_and_season(windows, hours, rule.kp, flux)
            for split in ("random", "time"):
                for name, columns in labels.FEATURES.items():
                    try:
                        found = labels.told_apart(windows, known, hours, split, columns, seed)
                    except InputError:
                        continue
                    rows.append({"way": way, "split": split, "sees": name, "seed": seed, **found})
    return pd.DataFrame(rows)


def label_medians(trials: pd.DataFrame) -> pd.DataFrame:
    """The run of the median area for each way, split and set of features."""
    chosen = []
    for _, runs in trials.groupby(["way", "split", "sees"], sort=False):
        order = runs.sort_values("area", kind="stable")
        chosen.append(order.iloc[[(len(order) - 1) // 2]])
    return pd.concat(chosen)


def label_table(trials: pd.DataFrame) -> pd.DataFrame:
    """Accuracy and area of the classifier that sees all three, by way and split."""
    rows = []
    for _, row in label_medians(trials).iterrows():
        if row["sees"] == "all":
            rows.append(
                {
                    "windows": row["way"],
                    "split": row["split"],
                    "tested": int(row["test"]),
                    "area": between(row["area"], row["area_low"], row["area_high"]),
                    "accuracy": between(row["accuracy"], row["low"], row["high"]),
                    "larger class": row["larger"],
                }
            )
    return pd.DataFrame(rows)


@drawn
def label_figure(trials: pd.DataFrame) -> Figure:
    """Area under the ROC curve by what the classifier sees, a panel a way to choose windows."""
    ways = list(dict.fromkeys(trials["way"]))
    figure, axes = plt.subplots(1, len(ways), figsize=(PAGE_WIDTH, 3.6), sharey=True)
    medians = label_medians(trials)
    names = list(labels.FEATURES)
    for axis, way in zip(np.atleast_1d(axes), ways, strict=True):
        for k, (split, colour) in enumerate(zip(("random", "time"), CYCLE, strict=False)):
            part = medians[(medians["way"] == way) & (medians["split"] == split)]
            part = part.set_index("sees").reindex(names)
            x = np.arange(len(names)) + 0.24 * (k - 0.5)
            axis.errorbar(
                x, part["area"], fmt="o" if k == 0 else "s", color=colour, ms=5, capsize=2,
                yerr=np.stack([part["area"] - part["area_low"], part["area_high"] - part["area"]]),
                label="split at random" if split == "random" else "split in time",
            )  # fmt: skip
        axis.axhline(0.5, color=COLOURS["black"], linestyle=":", label="chance")
        axis.set(
            title=way, xticks=np.arange(len(names)), ylim=(0, 1.03), xlim=(-0.5, len(names) - 0.5)
        )
        axis.set_xticklabels(names, rotation=40, ha="right")
        axis.title.set_fontsize(9)
    np.atleast_1d(axes)[0].set_ylabel("area under the ROC curve")
    handles, texts = np.atleast_1d(axes)[0].get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside lower center", ncols=3)
    return figure


def label_findings(trials: pd.DataFrame, published: float, origin: str) -> list[Finding]:
    """Accuracy beyond the share of the larger tested class, over the paper's beyond one half.

    One answer for all windows is right in the larger class; the paper's own share is not printed,
    and taken to be one half, which makes the most of its accuracy.
    """
    found = []
    for _, row in label_medians(trials).iterrows():
        if row["sees"] != "all":
            continue
        share, low, high = (
            (row[name] - row["larger"]) / (published - 0.5) for name in ("accuracy", "low", "high")
        )
        split = "at random" if row["split"] == "random" else "in time"
        found.append(
            Finding(
                "Solar cycle, season, Kp", _CNN, f"{row['way']}, split {split} ({origin})",
                "accuracy beyond the larger class, of the published", share, low, high,
            )
        )  # fmt: skip
    return found
