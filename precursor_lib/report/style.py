"""How figures of the book look: one width, readable text, colours that the colour-blind can tell.

Nothing is set globally: `page` is a context, and `drawn` puts a function into it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

# The text column of the book's theme, in inches.
PAGE_WIDTH = 7.2

# Okabe and Ito's palette, and a grey for what stands behind.
COLOURS = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
    "grey": "#767676",
}
# Yellow is left out: thin lines of it are hard to see on white.
CYCLE = [
    COLOURS[name] for name in ("blue", "vermilion", "green", "orange", "purple", "sky", "black")
]
# One colour and one name for each detector, on every page.
METHOD_COLOURS = {
    "sw_ntf": COLOURS["blue"],
    "ntf": COLOURS["vermilion"],
    "band": COLOURS["green"],
}
METHOD_NAMES = {"sw_ntf": "SW-NTF", "ntf": "NTF", "band": "band amplitude"}

# Perceptually even, and readable in grey.
SEQUENTIAL = "viridis"

RC: Any = {
    "figure.figsize": (PAGE_WIDTH, 3.6),
    "figure.dpi": 150,
    "savefig.dpi": "figure",
    "figure.constrained_layout.use": True,
    "font.size": 9.5,
    "axes.labelsize": 9.5,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "axes.prop_cycle": plt.cycler(color=CYCLE),
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.3,
    "image.cmap": SEQUENTIAL,
    "axes.unicode_minus": True,
}


def page() -> AbstractContextManager[None]:
    """A context in which matplotlib draws in the book's style.

    Examples
    --------
    >>> with page():
    ...     figure, axis = plt.subplots()
    >>> plt.close(figure)
    """
    return mpl.rc_context(RC)


def drawn(function: Callable[..., Figure]) -> Callable[..., Figure]:
    """Let a function that returns a figure draw in the book's style, and close its figure.

    A closed figure is shown once, as the value of the cell's last line, and not again when the
    cell ends.
    """

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Figure:
        before = set(plt.get_fignums())
        try:
            with page():
                return function(*args, **kwargs)
        finally:
            # A figure that was begun before an error would be shown too.
            for number in set(plt.get_fignums()) - before:
                plt.close(number)

    return wrapper


def mark_days(axis: plt.Axes, *, event: float = 0.0, label: str = "mainshock") -> None:
    """Draw the time of the mainshock on a day axis.

    Parameters
    ----------
    axis : matplotlib axis
        Its x axis counts days from the event.
    event : float
        Day of the mainshock.
    label : str
        For the legend; empty for none.
    """
    axis.axvline(
        event, color=COLOURS["black"], linestyle="--", linewidth=1, label=label or "_nolegend_"
    )
