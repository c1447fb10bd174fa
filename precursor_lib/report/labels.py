"""Labels on a map that do not cover each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

# Where a label may stand, in points from its station: nearest and plainest first.
OFFSETS = [
    (distance * x, distance * y)
    for distance in (7.0, 13.0, 20.0, 28.0, 38.0)
    for x, y in (
        (1, 0),
        (-1, 0),
        (0, 1),
        (0, -1),
        (0.7, 0.7),
        (0.7, -0.7),
        (-0.7, 0.7),
        (-0.7, -0.7),
    )
]


def place_labels(
    axis: Axes, places: Sequence[tuple[float, float]], texts: Sequence[str], **looks: Any
) -> list[Bbox]:
    """Write a label beside each place so that no two overlap, nor cover another place.

    Parameters
    ----------
    axis : matplotlib axis
        Its limits must be final.
    places : sequence of (longitude, latitude)
    texts : sequence of str
    **looks
        For `Axes.annotate`.

    Returns
    -------
    list of Bbox
        The labels' boxes, in pixels.
    """
    figure = axis.figure
    figure.canvas.draw()  # sets the layout, on which the labels' sizes in pixels depend
    frame = axis.get_window_extent()
    pixels = axis.transData.transform(np.asarray(places, dtype=float))
    symbols = [Bbox.from_bounds(x - 7, y - 7, 14, 14) for x, y in pixels]
    taken: list[Bbox] = []
    for index, (place, text) in enumerate(zip(places, texts, strict=True)):
        others = [box for i, box in enumerate(symbols) if i != index]
        best: tuple[float, Bbox, Any] | None = None
        for dx, dy in OFFSETS:
            label = axis.annotate(
                text,
                place,
                xytext=(dx, dy),
                textcoords="offset points",
                ha="left" if dx > 0 else "right" if dx < 0 else "center",
                va="bottom" if dy > 0 else "top" if dy < 0 else "center",
                zorder=7,
                **looks,
            )
            box = label.get_window_extent()
            cost = _overlap(box, [*taken, *others]) + _outside(box, frame)
            if best is None or cost < best[0]:
                if best:
                    best[2].remove()
                best = (cost, box, label)
            else:
                label.remove()
            if cost == 0:
                break
        if best:
            taken.append(best[1])
    return taken


def _overlap(box: Bbox, others: Sequence[Bbox]) -> float:
    shared = (Bbox.intersection(box, other) for other in others)
    return sum(part.width * part.height for part in shared if part is not None)


def _outside(box: Bbox, frame: Bbox) -> float:
    inside = Bbox.intersection(box, frame)
    return box.width * box.height - (inside.width * inside.height if inside is not None else 0.0)
