"""Pages of the book that are written from the manifest and the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from precursor_lib.errors import ManifestError
from precursor_lib.manifest import Dataset, Manifest
from precursor_lib.report.claims import Paper, Row, counts, document, show
from precursor_lib.report.coverage import Covered, coverage_lines
from precursor_lib.report.tables import directive, pipe_table
from precursor_lib.report.verdict import Verdict

MEANING = {
    Verdict.HOLDS: "The computed value lies within the tolerance of the published one.",
    Verdict.FAILS: "It does not, or no value came out.",
    Verdict.SIMULATED_HOLDS: "The same, for a claim about a method, on simulated data.",
    Verdict.SIMULATED_FAILS: "The same, for a claim about a method, on simulated data.",
    Verdict.AMBIGUOUS: "The paper can be read in several ways, and only some of them hold.",
    Verdict.INCONSISTENT: "The paper prints two values for it that differ by more than the "
    "tolerance.",
    Verdict.NOT_CHECKABLE: "The data are closed. A value from a simulation may stand beside it and "
    "settles nothing.",
    Verdict.GIVEN: "A setting or an input of the paper, used here as printed; it claims nothing.",
    Verdict.NO_DATA: "The data are open but were not at hand when this book was built.",
    Verdict.NOT_CHECKED: "No page of this book checks it; the list below says why.",
}
ACCESS = {
    "open": "open",
    "registration": "on registration",
    "restricted": "restricted",
    "simulated": "simulated",
}


def claims_page(
    rows: Sequence[Row],
    papers: Mapping[str, Paper],
    covered: Mapping[str, Sequence[Covered]] | None = None,
) -> str:
    """The page that lists every entry of the ledger, as MyST Markdown.

    Parameters
    ----------
    rows : sequence of Row
        As `precursor_lib.report.claims.ledger` gives it.
    papers : mapping
        As `precursor_lib.report.claims.read_papers` gives it.
    covered : mapping, optional
        As `precursor_lib.report.coverage.coverage` gives it.
    """
    tally = counts(rows)
    lines = [
        "(claims)=",
        "# Claims",
        "",
        f"The ledger holds {len(rows)} published numbers and statements. Each has a published "
        "value, a verdict, and a tolerance where numbers are compared. The verdicts follow from a "
        "rule, not from an opinion.",
        "",
        "## Counts by verdict",
        "",
        directive(
            "ledger-counts",
            "Entries of the ledger by verdict.",
            pipe_table(
                ["verdict", "entries", "meaning"],
                [[f"**{v.value}**", str(n), MEANING[v]] for v, n in tally.items()],
                [False, True, False],
            ),
        ),
        "",
        "## The rule",
        "",
        "1. Two published values for one quantity that differ by more than the tolerance make the "
        "entry *inconsistent*, whatever is computed.",
        "2. A setting or an input is *taken as given*.",
        "3. A claim on closed data is *not checkable*.",
        "4. A claim on open data is *not checked* while simulated data stand in for them.",
        "5. Otherwise the computed value, rounded as shown, is compared with the published one. It "
        "*holds* when it lies within the tolerance, edges included. Several values must all do so. "
        "If the paper can be read in several ways, each reading is computed, and the claim is "
        "*ambiguous* when only some hold. A claim about a method on simulated data holds or does "
        "not hold *in simulation*.",
        "6. What no page checks is *not checked*.",
        "",
        "The tolerance is half a unit of the last printed digit unless the entry's note says why "
        "it is not.",
        "",
        *coverage_lines(covered or {}, papers, rows),
    ]
    by_id = {row.claim.id: row for row in rows}
    for stem, paper in papers.items():
        lines += [f"## {paper.title}", "", f"{{cite:t}}`{paper.cite}`", ""]
        body = [_claim_cells(by_id[claim.id]) for claim in paper.claims]
        table = pipe_table(
            ["claim", "published", "computed", "verdict", "shown in"], body, [False] * 5
        )
        caption = f"Every entry of the ledger on this paper ({len(body)})."
        lines += [directive(f"ledger-{stem}", caption, table), ""]
        lines += [f"````{{dropdown}} Tolerances and notes ({stem})", ""]
        for claim in paper.claims:
            tolerance = "" if claim.tolerance is None else f" Tolerance {show(claim.tolerance)}."
            kind = claim.kind.value.replace("_", " ")
            note = f"{tolerance} {by_id[claim.id].note}".rstrip()
            lines.append(f"- `{claim.id}` ({kind}).{note}")
        lines += ["````", ""]
    return "\n".join(lines)


def _claim_cells(row: Row) -> list[str]:
    claim, check = row.claim, row.check
    published = show(claim.published)
    if claim.contradicts is not None:
        published += f"; also {show(claim.contradicts)}"
    computed = show(check.computed, claim.decimals) if check else ""
    where = ""
    if check:
        where = f"{{numref}}`{check.shown}`" if check.shown else f"{{doc}}`/{check.page}`"
    return [
        f"{claim.statement} {claim.source}. `{claim.id}`",
        f"{published} {claim.unit}".rstrip(),
        f"{computed} {claim.unit if computed else ''}".rstrip(),
        f"**{row.verdict.value}**",
        where,
    ]


def data_page(manifest: Manifest) -> str:
    """The page that describes every dataset of the manifest, as MyST Markdown.

    Each dataset has the anchor ``data-<id>``.

    Raises
    ------
    ManifestError
        If the manifest has no dataset.
    """
    if not manifest.datasets:
        raise ManifestError(f"{manifest.path.name}: no datasets")
    overview = [
        [
            f"{{ref}}`{_plain(entry.title)} <data-{name}>`",
            ACCESS[entry.access],
            entry.licence,
            _cover(entry),
            entry.coverage.cadence,
        ]
        for name, entry in manifest.datasets.items()
    ]
    lines = [
        "(data)=",
        "# Data",
        "",
        "Every dataset of the book stands in `data_manifest.yml`, from which this page is made. A "
        "page opens a dataset by its id. The files are looked for on the machine first and then "
        "at their public address. Where none are found and the manifest allows it, the data are "
        "simulated, and the page says so at its top.",
        "",
        directive(
            "data-overview",
            f"The {len(overview)} datasets.",
            pipe_table(
                ["dataset", "access", "licence", "coverage", "interval"], overview, [False] * 5
            ),
        ),
        "",
    ]
    for name, entry in manifest.datasets.items():
        lines += _dataset(name, entry, manifest)
    return "\n".join(lines)


def _plain(title: str) -> str:
    return title.replace("`", "").replace("<", "").replace(">", "")


def _cover(entry: Dataset) -> str:
    start, end = f"{entry.coverage.start:%Y-%m-%d}", f"{entry.coverage.end:%Y-%m-%d}"
    return start if start == end else f"{start} to {end}"


def _dataset(name: str, entry: Dataset, manifest: Manifest) -> list[str]:
    box = entry.coverage.box
    area = f", {box.south:g}° to {box.north:g}° N, {box.west:g}° to {box.east:g}° E" if box else ""
    users = [n for n, notebook in manifest.notebooks.items() if name in notebook.datasets]
    links = ", ".join(f"{{doc}}`/{document(manifest.notebook(n))}`" for n in users)
    facts = [
        ("Id", f"`{name}`"),
        ("Access", ACCESS[entry.access]),
        ("Licence", entry.licence),
        ("Providers", ", ".join(entry.providers)),
        ("Coverage", f"{_cover(entry)}, {entry.coverage.cadence}{area}"),
        (
            "Variables",
            "; ".join(f"`{n}` ({v.units}): {v.description}" for n, v in entry.variables.items()),
        ),
        ("How to get it", entry.obtain),
        ("Files", _files(entry)),
        ("Simulator", _simulator(entry)),
        ("Sources", f"{{cite:p}}`{','.join(entry.citations)}`" if entry.citations else ""),
        ("Used by", links),
    ]
    items = [f"- **{key}:** {' '.join(value.split())}" for key, value in facts if value]
    return [f"(data-{name})=", f"## {_plain(entry.title)}", "", *items, ""]


def _files(entry: Dataset) -> str:
    if not entry.files:
        return ""
    size = sum(file.bytes or 0 for file in entry.files)
    count = f"{len(entry.files)} file{'s' if len(entry.files) > 1 else ''}"
    packages = sorted({file.package for file in entry.files if file.package})
    where = f", in the Python package {', '.join(packages)}" if packages else ""
    return f"{count}{f', {size / 1e6:.1f} MB' if size else ''}{where}"


def _simulator(entry: Dataset) -> str:
    if entry.simulator is None:
        return ""
    return f"`{entry.simulator.name}`, seed {entry.simulator.seed}"
