"""What a notebook tells its reader about itself: data, tables, claims and provenance."""

from __future__ import annotations

import html
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from IPython.display import display

from precursor_lib.data.opening import Opened, open_dataset
from precursor_lib.errors import NotebookError, unknown
from precursor_lib.manifest import Manifest
from precursor_lib.report import provenance, tables
from precursor_lib.report.claims import (
    CLAIMS_MIME,
    PROVENANCE_MIME,
    Check,
    document,
    read_claims,
    show,
    with_unit,
)
from precursor_lib.report.verdict import Claim, Verdict, computed_value, judge


class Page:
    """One notebook's page: opens its data and writes its banner, tables, claims and provenance.

    Parameters
    ----------
    notebook_id : str
        The notebook's id in the manifest.
    namespace : mapping
        ``globals()`` of the notebook: the values of the parameters are read from it.
    manifest : Manifest, optional
        The project's own by default.

    Attributes
    ----------
    parameters : dict
        The declared parameters with the values that this run uses.

    Raises
    ------
    ManifestError
        If the manifest has no such notebook.
    NotebookError
        If a declared parameter is not in the namespace.
    """

    def __init__(
        self, notebook_id: str, namespace: Mapping[str, Any], manifest: Manifest | None = None
    ) -> None:
        self.id = notebook_id
        self.manifest = manifest or Manifest.load()
        self.entry = self.manifest.notebook(notebook_id)
        self._started, self._clock = datetime.now(UTC), time.perf_counter()
        self.parameters = self._read_parameters(namespace)
        self._opened: list[tuple[Opened, dict[str, Any]]] = []
        self._tables: set[str] = set()
        self._checks: dict[str, Check] = {}
        self._ledger: dict[str, Claim] | None = None

    def _read_parameters(self, namespace: Mapping[str, Any]) -> dict[str, Any]:
        declared = sorted({name for values in self.entry.profiles.values() for name in values})
        missing = [name for name in declared if name not in namespace]
        if missing:
            raise NotebookError(
                f"notebook '{self.id}': the manifest declares the parameter '{missing[0]}', which "
                "the notebook does not set; expected in its cell tagged 'parameters'"
            )
        return {name: namespace[name] for name in declared}

    def _declared(self, what: str, name: str, known: Sequence[str]) -> None:
        if name not in known:
            raise NotebookError(
                f"notebook '{self.id}' does not declare this in the manifest: "
                f"{unknown(what, name, known)}"
            )

    def open(self, dataset_id: str, **overrides: Any) -> Any:
        """Open a dataset that the notebook declares, and remember where it came from.

        Parameters
        ----------
        dataset_id : str
            Id of a dataset; or, as text with a ``/``, a folder of the reader's own.
        **overrides
            Arguments of the loader or simulator, in place of the manifest's.

        Returns
        -------
        xarray.Dataset, pandas.DataFrame or NightlyNetwork

        Raises
        ------
        NotebookError
            If the manifest's entry of this notebook does not name the dataset: then a change of the
            data would not re-run the page.
        """
        if "/" not in dataset_id:
            self._declared("dataset", dataset_id, self.entry.datasets)
        with provenance.quiet():
            opened = open_dataset(dataset_id, self.manifest, **overrides)
        self._opened.append((opened, overrides))
        return opened.data

    def _simulated(self, datasets: Sequence[str] | None) -> bool:
        """Whether any of the opened datasets, or of those named, was simulated."""
        return any(
            opened.origin == "simulated"
            for opened, _ in self._opened
            if datasets is None or opened.dataset_id in datasets
        )

    def _facts(self) -> list[provenance.Facts]:
        return [provenance.facts(opened, overrides) for opened, overrides in self._opened]

    @property
    def ledger(self) -> dict[str, Claim]:
        """The ledger's claims by id."""
        if self._ledger is None:
            self._ledger = read_claims(self.manifest.root / "claims")
        return self._ledger

    def banner(self) -> None:
        """Say at the top of the page, dataset by dataset, what was observed and what simulated."""
        facts = self._facts()
        title, style = provenance.headline(facts)
        markdown = "\n".join(
            [f"````{{admonition}} {title}", f":class: {style}", ""]
            + [f"- {provenance.sentence(fact, link=True)}" for fact in facts]
            + ([] if facts else [provenance.NO_DATA])
            + ["````"]
        )
        lines = [provenance.sentence(fact) for fact in facts] or [provenance.NO_DATA]
        items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
        self._display(markdown, f"<p><strong>{title}</strong></p><ul>{items}</ul>")

    def table(
        self,
        frame: pd.DataFrame,
        label: str,
        caption: str,
        *,
        digits: int = 3,
        formats: Mapping[str, tables.Format] | None = None,
        units: Mapping[str, str] | None = None,
    ) -> None:
        """Show a frame as a numbered table with an anchor.

        Parameters
        ----------
        frame : pandas.DataFrame
            An index that is named, or is not merely counted, becomes the first column.
        label : str
            As declared in the manifest; also the anchor in the page.
        caption : str
        digits : int, default 3
            Significant digits of numbers.
        formats, units : mapping by column name, optional
            See `precursor_lib.report.tables.cells`.
        """
        self._declared("table", label, self.entry.tables)
        if label in self._tables:
            raise NotebookError(f"notebook '{self.id}' shows the table '{label}' twice")
        parts = tables.cells(frame, digits=digits, formats=formats, units=units)
        self._tables.add(label)
        markdown = tables.directive(label, caption, tables.pipe_table(*parts))
        self._display(markdown, tables.html_table(label, caption, *parts))

    def check(
        self,
        claim_id: str,
        value: Any,
        *,
        figure: str | None = None,
        data: Sequence[str] | None = None,
        note: str = "",
    ) -> Verdict:
        """Compare a computed value with a published claim, by the ledger's rule.

        Parameters
        ----------
        claim_id : str
        value : number, bool, str, sequence of them, None, or mapping
            None where the method gave no value. A mapping gives one value for each way in which the
            paper can be read.
        figure : str, optional
            Label of this page's figure or table that shows the value; by default the claim's own
            label, where this page has it.
        data : sequence of str, optional
            The opened datasets behind the value; all of them by default.
        note : str, optional
            A sentence for the ledger.

        Returns
        -------
        Verdict

        Raises
        ------
        NotebookError
            If the manifest's entry of this notebook does not name the claim or the figure.
        InputError
            If the value is not of the published value's type.
        """
        self._declared("claim", claim_id, self.entry.claims)
        if claim_id not in self.ledger:
            raise NotebookError(unknown("claim", claim_id, self.ledger))
        claim = self.ledger[claim_id]
        labels = [*self.entry.figures, *self.entry.tables]
        if figure is not None:
            self._declared("figure or table", figure, labels)
        for name in data or ():
            self._declared("opened dataset", name, [o.dataset_id for o, _ in self._opened])
        computed = computed_value(claim, value)
        verdict = judge(claim, computed, simulated_input=self._simulated(data))
        self._checks[claim_id] = Check(
            id=claim_id,
            computed=computed,
            verdict=verdict,
            shown=figure or (claim.label if claim.label in labels else None),
            note=note,
            notebook=self.id,
            page=document(self.entry),
        )
        return verdict

    def check_all(
        self, values: Mapping[str, Any], *, data: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Check many claims, as `check` does one.

        Parameters
        ----------
        values : mapping
            Computed value by claim id.
        data : mapping, optional
            The opened datasets behind the claims whose ids begin with a key.
        """
        for claim_id, value in values.items():
            behind = [names for start, names in (data or {}).items() if claim_id.startswith(start)]
            self.check(claim_id, value, data=behind[0] if behind else None)

    def claims_table(self) -> None:
        """Show every claim that the page checked, and hand them to the run's record."""
        if not self._checks:
            raise NotebookError(f"notebook '{self.id}' has checked no claim yet")
        rows = []
        for check in self._checks.values():
            claim = self.ledger[check.id]
            rows.append(
                {
                    "claim": f"{claim.statement} `{claim.id}`",
                    "published": with_unit(claim.published, claim.unit),
                    "computed": with_unit(check.computed, claim.unit, claim.decimals),
                    "tolerance": show(claim.tolerance) if claim.tolerance is not None else "",
                    "verdict": f"**{check.verdict.value}**",
                }
            )
        parts = tables.cells(pd.DataFrame(rows))
        caption = "Published and computed, with the verdict of the ledger's rule."
        label = f"claims-{self.id.replace('_', '-')}"
        record = {"claims": [check.model_dump(mode="json") for check in self._checks.values()]}
        markdown = tables.directive(label, caption, tables.pipe_table(*parts))
        self._display(markdown, tables.html_table(label, caption, *parts), {CLAIMS_MIME: record})

    def provenance(self) -> None:
        """Show parameters, data, versions and run time; the last cell of every notebook.

        Raises
        ------
        NotebookError
            If the page left out a table or claim that the manifest says it shows.
        """
        for what, declared, done in (
            ("table", self.entry.tables, self._tables),
            ("claim", self.entry.claims, self._checks),
        ):
            left = [name for name in declared if name not in done]
            if left:
                raise NotebookError(
                    f"notebook '{self.id}' declares the {what} '{left[0]}' and does not show it"
                )
        record = provenance.record(
            self.id,
            self.parameters,
            self._facts(),
            started=self._started,
            seconds=time.perf_counter() - self._clock,
        )
        self._display(*provenance.render(record), {PROVENANCE_MIME: record})

    def _display(self, markdown: str, markup: str, record: Mapping[str, Any] | None = None) -> None:
        # JupyterLab prefers HTML; the book is told to prefer Markdown (_config.yml), which it reads
        # with its directives, so that tables are numbered and can be referred to. The record goes
        # into the output's metadata: as a type of its own the book would warn about it.
        bundle = {"text/markdown": markdown, "text/html": markup, "text/plain": markdown}
        display(bundle, metadata=dict(record or {}), raw=True)
