"""Networks of table 4 and their sizes, chosen by the reference's validation part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from precursor_lib.forecast.tuning import Choice
from precursor_lib.pipelines.stmn_reference import choose_network
from precursor_lib.pipelines.stmn_settings import StmnSettings
from precursor_lib.report.stmn.experiment import Bench

FLOORS = ("persistence", "seasonal_naive")
NETWORKS: dict[str, dict[str, Any]] = {
    "timesnet": {"layers": 1},
    "lstm": {},
    "gru": {},
    "transformer": {"layers": 1},
    "pyraformer": {"layers": 1, "strides": [3, 4]},
}
"""What stays fixed of each network's shape."""
WIDER = {"lstm": 4, "gru": 4, "transformer": 2, "pyraformer": 2}
"""Times as wide as TimesNet is, for cheaper networks to have about as many parameters."""
LONGER = {"lstm": 5, "gru": 4, "transformer": 2, "pyraformer": 2}
"""Times as many epochs as TimesNet has, for cheaper networks to get about as much time."""


def grid(name: str, widths: Sequence[int], rates: Sequence[float]) -> list[dict[str, Any]]:
    """Settings of a network to choose from, as many for each.

    Parameters
    ----------
    name : str
        Of `NETWORKS`.
    widths : sequence of int
        Of TimesNet; the others are `WIDER`.
    rates : sequence of float
        Learning rates.
    """
    return [
        {"width": WIDER.get(name, 1) * width, "training": {"learning_rate": rate}}
        for width in widths
        for rate in rates
    ]


def choose_sizes(
    bench: Bench,
    settings: StmnSettings,
    widths: Sequence[int],
    rates: Sequence[float],
    networks: Sequence[str] = tuple(NETWORKS),
) -> tuple[dict[str, StmnSettings], list[Choice]]:
    """Choose each network's size on the reference of a bench; nothing of the targets is seen.

    Parameters
    ----------
    bench : Bench
        Its folder keeps the trainings, so that those of the chosen sizes are not made again.
    settings : StmnSettings
        The chain with its budget.
    widths, rates : sequence
        As for `grid`.
    networks : sequence of str
        Of `NETWORKS`.

    Returns
    -------
    dict of str to StmnSettings
        By network: the chain with it and its chosen size, without the graph.
    list of Choice
        Grids and losses, in the same order.
    """
    found, choices = {}, []
    signal = bench.signal("reference", settings.signal)
    for name in networks:
        epochs = settings.training.epochs * LONGER.get(name, 1)
        start = settings.model_copy(
            update={
                "model": name,
                "network": {"window_norm": "moments", **NETWORKS[name]},
                "training": settings.training.model_copy(update={"epochs": epochs}),
                "graph": None,
            }
        )
        found[name], choice = choose_network(
            signal, start, grid(name, widths, rates), folder=bench.folder
        )
        choices.append(choice)
    return found, choices


def floors(settings: StmnSettings, step_hours: float) -> dict[str, StmnSettings]:
    """Persistence and the value a day before in place of the network, without the graph."""
    networks: dict[str, dict[str, Any]] = {
        "persistence": {},
        "seasonal_naive": {"season": round(24 / step_hours)},
    }
    return {
        name: settings.model_copy(update={"model": name, "network": network, "graph": None})
        for name, network in networks.items()
    }
