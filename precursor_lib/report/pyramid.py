"""Pyraformer drawn from its model object: stages, attention graph, construction of the scales."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from precursor_lib.forecast import AttentionPattern, Forecaster
from precursor_lib.report.forecasts import traced
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn

SCALES = [COLOURS[name] for name in ("blue", "green", "orange", "vermilion", "purple", "sky")]
KINDS = {
    "self": COLOURS["orange"],
    "neighbour": COLOURS["blue"],
    "child": COLOURS["grey"],
    "parent": COLOURS["black"],
}


@drawn
def architecture(model: Forecaster) -> Figure:
    """Stages of a forecast, from hooks on the modules: nodes by scale, shapes and parameters."""
    network: Any = model.network
    s: Any = model.settings
    layers = [f"layers.{i}" for i in range(len(network.layers))]
    found = traced(model, ["embedding", "cscm", *layers, "readout"])
    sizes = [network.pattern.sizes[:1], network.pattern.sizes]
    counted = network.field.nodes[1:] if not s.whole else [np.arange(network.pattern.nodes)] * 99
    sizes += [
        np.bincount(network.pattern.scale[nodes], minlength=len(network.pattern.sizes))
        for nodes, _ in zip(counted, layers, strict=False)
    ]
    says = [
        "embedding: convolution of 3,\nsines of the position",
        f"CSCM: {s.width} to {network.cscm.narrow.out_features} features,\n"
        f"strides {', '.join(map(str, s.strides))}, back to {s.width}",
        *(f"attention, {s.heads} heads, and\nfeed-forward, layer {i + 1}" for i in range(s.layers)),
    ]
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 0.62 * (len(found) + 1) + 0.5))
    longest = network.pattern.nodes
    rows: list[tuple[str, Sequence[int], str]] = [
        ("window" + (" and a sample of zeros\nto forecast from" if s.predict_token else ""), [], "")
    ]
    rows[0] = (rows[0][0], [s.tokens], f"{s.tokens} × {s.channels}")
    for text, nodes, stage in zip(says, sizes, found[:-1], strict=True):
        rows.append((text, list(nodes), _shape(stage)))
    rows.append(("prediction: one linear layer on\nthe last node of each scale", [], ""))
    rows[-1] = (rows[-1][0], [s.steps], _shape(found[-1], s.channels))
    for level, (text, nodes, shape) in enumerate(rows):
        y = -float(level)
        axis.text(-0.03 * longest, y, text, ha="right", va="center")
        axis.text(1.06 * longest, y, shape, ha="left", va="center")
        start = 0.0
        for scale, number in enumerate(nodes):
            colour = COLOURS["grey"] if level in (0, len(rows) - 1) else SCALES[scale]
            # A bar of a few nodes would not be seen.
            width = max(number, 0.006 * longest)
            axis.add_patch(Rectangle((start, y - 0.2), width, 0.4, color=colour, linewidth=0))
            start += width + 0.004 * longest
        if level:
            axis.annotate(
                "",
                (0.02 * longest, y + 0.24),
                (0.02 * longest, y + 0.76),
                arrowprops={"arrowstyle": "->", "color": COLOURS["grey"]},
            )
    marks = [
        Patch(color=SCALES[i], label=f"scale {i}" + (" (samples)" if i == 0 else ""))
        for i in range(len(network.pattern.sizes))
    ]
    axis.legend(handles=marks, ncols=len(marks), loc="lower center", bbox_to_anchor=(0.5, 1.0))
    axis.set(xlim=(-0.72 * longest, 1.53 * longest), ylim=(-len(rows) + 0.5, 0.4))
    axis.axis("off")
    return figure


def _shape(stage: Mapping[str, Any], channels: int | None = None) -> str:
    nodes, width = stage["shape"][1:] if channels is None else (stage["shape"][1] // channels, 1)
    return f"{nodes} × {width}\n{stage['parameters']:,} parameters"


@drawn
def attention_graph(pattern: AttentionPattern) -> Figure:
    """The pyramid with its edges, and the same edges as a matrix."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(PAGE_WIDTH, 3.7), width_ratios=[1.25, 1], layout="constrained"
    )
    x, y = pattern.samples.mean(axis=1), pattern.scale.astype(float)
    styles = {"neighbour": "-", "parent": "--"}
    for kind, dash in styles.items():
        edges = pattern.kind == kind
        if kind == "neighbour":
            edges &= pattern.query < pattern.key
        for a, b in zip(pattern.query[edges], pattern.key[edges], strict=True):
            left.plot(x[[a, b]], y[[a, b]], dash, color=KINDS[kind], linewidth=0.9, zorder=1)
    path = longest_path(pattern)
    left.plot(x[path], y[path], color=COLOURS["vermilion"], linewidth=2.6, alpha=0.8, zorder=2)
    left.scatter(x, y, s=34, color="white", edgecolor=KINDS["self"], linewidth=1.6, zorder=3)
    left.set(
        xlabel="sample",
        ylabel="scale",
        yticks=range(len(pattern.sizes)),
        title=f"farthest pair of nodes: {len(path) - 1} steps",
    )
    left.grid(False)
    codes = {kind: i + 1 for i, kind in enumerate(KINDS)}
    matrix = np.zeros((pattern.nodes, pattern.nodes))
    matrix[pattern.query, pattern.key] = [codes[kind] for kind in pattern.kind]
    right.imshow(matrix, cmap=ListedColormap(["white", *KINDS.values()]), vmin=0, vmax=len(KINDS))
    for edge in pattern.starts[1:-1] - 0.5:
        right.axhline(edge, color="#BBBBBB", linewidth=0.6)
        right.axvline(edge, color="#BBBBBB", linewidth=0.6)
    right.set(
        xlabel="node attended to",
        ylabel="node that attends",
        title=f"{pattern.query.size} of {pattern.nodes**2} pairs",
    )
    right.grid(False)
    marks = [Patch(color=colour, label=kind) for kind, colour in KINDS.items()]
    marks.append(Patch(color=COLOURS["vermilion"], label="longest path"))
    figure.legend(handles=marks, ncols=5, loc="outside lower center")
    return figure


def longest_path(pattern: AttentionPattern) -> list[int]:
    """Nodes of a shortest path between two nodes that are farthest apart along the edges."""
    ones = np.ones(pattern.query.size)
    graph = coo_array((ones, (pattern.query, pattern.key)), shape=(pattern.nodes,) * 2)
    steps, before = shortest_path(graph, unweighted=True, return_predecessors=True)
    first, node = (int(i) for i in np.unravel_index(steps.argmax(), steps.shape))
    path = [node]
    while node != first:
        node = int(before[first, node])
        path.append(node)
    return path[::-1]


@drawn
def construction(model: Forecaster) -> Figure:
    """The CSCM: features of each stage from hooks on the modules, nodes over their samples."""
    network: Any = model.network
    pattern, cscm = network.pattern, network.cscm
    names = [f"cscm.scales.{i}" for i in range(len(cscm.scales))]
    found = traced(model, ["embedding", "cscm.narrow", *names, "cscm.widen", "cscm"])
    embedded, narrow, *scales, _, joined = (stage["shape"] for stage in found)
    samples = pattern.sizes[0]
    rows = [
        (f"embedded, {samples} × {embedded[2]}", 1, samples, SCALES[0]),
        (f"linear, {samples} × {narrow[2]}", 1, samples, SCALES[0]),
    ]
    width = 1
    for i, (shape, stride) in enumerate(zip(scales, pattern.strides, strict=True), start=1):
        width *= stride
        # A convolution puts features before nodes.
        rows.append((f"stride {stride}, {shape[2]} × {shape[1]}", width, shape[2], SCALES[i]))
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 0.62 * (len(rows) + 1) + 0.5))
    for level, (label, span, number, colour) in enumerate(rows):
        _cells(axis, np.arange(number + 1.0) * span, -level, colour)
        axis.text(-0.02 * samples, -level, label, ha="right", va="center")
        if level > 1:
            smaller = rows[level - 1][1]
            for child in range(number * span // smaller):
                centre = (child * smaller // span + 0.5) * span
                axis.plot(
                    [(child + 0.5) * smaller, centre],
                    [-level + 0.78, -level + 0.22],
                    color="#BBBBBB",
                    linewidth=0.6,
                    zorder=0,
                )
    bottom = -len(rows)
    step = samples / joined[1]
    for i, (first, end) in enumerate(pairwise(pattern.starts)):
        _cells(axis, np.arange(first, end + 1) * step, bottom, SCALES[i])
    axis.text(
        -0.02 * samples,
        bottom,
        f"linear, joined, norm,\n{joined[1]} × {joined[2]}",
        ha="right",
        va="center",
    )
    axis.set(xlim=(-0.3 * samples, samples), ylim=(bottom - 0.5, 0.5), xlabel="sample")
    axis.set_xticks(np.arange(0, samples + 1, 8))
    axis.set_yticks([])
    axis.grid(False)
    axis.spines["left"].set_visible(False)
    axis.spines["bottom"].set_bounds(0, samples)
    return figure


def _cells(axis: plt.Axes, edges: np.ndarray, y: float, colour: str) -> None:
    for low, high in pairwise(edges):
        axis.add_patch(
            Rectangle((low, y - 0.2), high - low, 0.4, facecolor=colour, edgecolor="white", lw=0.8)
        )
