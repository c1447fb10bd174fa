"""`precursor`: data, runs, the book and the claims from the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import yaml
from typer.core import TyperCommand

import precursor_lib
from precursor_lib.errors import InputError, ManifestError, PrecursorError
from precursor_lib.manifest import Manifest

# What a command imports is imported when it runs: help and lists answer at once.

app = typer.Typer(
    name="precursor",
    help="Run, build and check the companion book.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data = typer.Typer(help="List, fetch and verify datasets.", no_args_is_help=True)
app.add_typer(data, name="data")

Profile = Annotated[str, typer.Option(help="Parameters to use: 'ci' (small) or 'paper'.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Datasets = Annotated[list[str] | None, typer.Argument(help="Datasets; all of them without a name.")]

# Exit codes: 1 for work that failed, 2 for a request that cannot be carried out as it stands.
FAILED, REFUSED = 1, 2


@contextmanager
def _errors() -> Iterator[None]:
    """Turn the library's errors into a message and an exit code, without a traceback."""
    try:
        yield
    except (InputError, ManifestError) as error:
        _stop(str(error), REFUSED)
    except PrecursorError as error:
        _stop(str(error), FAILED)


def _stop(message: str, code: int) -> NoReturn:
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(code)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(precursor_lib.__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@data.command("list")
def data_list(as_json: AsJson = False) -> None:
    """List all datasets: access, files at hand, title."""
    from precursor_lib.data import store

    with _errors():
        manifest = Manifest.load()
        mode = store.data_mode()
        rows = []
        for name, entry in manifest.datasets.items():
            at_hand = sum(
                any(path.is_file() for _, path in store.places(file, mode)) for file in entry.files
            )
            rows.append(
                {
                    "id": name,
                    "access": entry.access,
                    "files": len(entry.files),
                    "at_hand": at_hand,
                    "simulator": entry.simulator.name if entry.simulator else None,
                    "title": entry.title,
                }
            )
        if as_json:
            typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
            return
        width = max(map(len, manifest.datasets), default=0)
        for row in rows:
            files = f"{row['at_hand']}/{row['files']} files" if row["files"] else "no files"
            typer.echo(f"{row['id']:{width}}  {row['access']:12}  {files:>13}  {row['title']}")


@data.command("fetch")
def data_fetch(datasets: Datasets = None) -> None:
    """Download the files of datasets that are not here yet."""
    from precursor_lib.data import store

    _each_dataset(datasets, store.fetch, good={"ok", "fetched", "replaced"})


@data.command("verify")
def data_verify(datasets: Datasets = None) -> None:
    """Check the files that are here against the manifest's checksums."""
    from precursor_lib.data import store

    # A file that is not here is no fault: it can be downloaded, or the dataset is simulated.
    _each_dataset(datasets, store.verify, good={"ok", "missing"})


def _each_dataset(
    datasets: list[str] | None,
    action: Callable[[str, Manifest], list[tuple[str, Any]]],
    good: set[str],
) -> None:
    with _errors():
        manifest = Manifest.load()
        for name in datasets or ():
            manifest.dataset(name)
        failed = 0
        for name in datasets or manifest.datasets:
            states = action(name, manifest)
            if not states:
                typer.echo(f"{name}: no files ({manifest.dataset(name).access})")
            for label, state in states:
                typer.echo(f"{name}: {label}: {state}")
                failed += state not in good
        if failed:
            _stop(f"{failed} file{'s' * (failed > 1)} not as the manifest says", FAILED)


class _NameAndValue(TyperCommand):
    """A command whose ``-p`` takes a name and a value, which a list option cannot."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        joined: list[str] = []
        left = iter(args)
        for word in left:
            joined.append(word)
            if word in {"-p", "--parameter"}:
                name = next(left, None)
                value = name if name is None or "=" in name else next(left, None)
                if name is None or value is None:
                    ctx.fail(f"{word} takes a name and a value: {word} seed 3")
                joined.append(name if value is name else f"{name}={value}")
        return super().parse_args(ctx, joined)


@app.command(cls=_NameAndValue)
def run(
    notebook: Annotated[str, typer.Argument(help="The notebook's id in the manifest.")],
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter",
            "-p",
            metavar="NAME VALUE",
            help="A parameter and its value, as YAML; may be given several times.",
        ),
    ] = None,
    profile: Profile = "ci",
    output: Annotated[
        Path | None, typer.Option(help="Where to write the executed notebook.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads for numerical libraries.")
    ] = None,
) -> None:
    """Run one notebook.

    With a profile's own parameters the result becomes the book's page. With parameters of your own
    it goes to runs/<name>/ and the book stays as it is.
    """
    with _errors():
        from precursor_lib.companion.run import run_notebook

        done = run_notebook(
            notebook,
            profile=profile,
            parameters=dict(map(_setting, parameter or ())),
            output=output.absolute() if output else None,
            threads=threads,
            progress=sys.stderr.isatty(),
        )
        typer.echo(f"{done.notebook}: {done.seconds:.0f} s, {done.page}")


def _setting(text: str) -> tuple[str, Any]:
    """Split ``name=value``; the value is a YAML scalar, list or mapping."""
    name, _, value = text.partition("=")
    try:
        return name, yaml.safe_load(value)
    except yaml.YAMLError:
        raise InputError(f"parameter '{name}': '{value}' is no YAML value") from None


@app.command()
def build(
    profile: Profile = "ci",
    cores: Annotated[
        int | None, typer.Option(min=1, help="Cores to use; all of them by default.")
    ] = None,
) -> None:
    """Bring the book up to date: data, notebooks that are stale, site."""
    with _errors():
        from precursor_lib.companion.build import build as build_book

        page = build_book(profile, cores=cores)
        typer.echo(f"the book: {page}")


@app.command()
def claims(as_json: AsJson = False) -> None:
    """Print the ledger: every published claim, what the pages computed, the verdict."""
    with _errors():
        from precursor_lib.companion.results import ledger_rows
        from precursor_lib.report.claims import counts, show

        rows = ledger_rows(Manifest.load())
        if as_json:
            records = [row.record() for row in rows]
            typer.echo(json.dumps(records, indent=2, ensure_ascii=False))
            return
        for row in rows:
            claim, check = row.claim, row.check
            found = show(check.computed, claim.decimals) if check else "-"
            page = check.notebook if check else "no page"
            typer.echo(f"{claim.id}: {row.verdict.value}")
            typer.echo(f"  {claim.statement}")
            unit = f" {claim.unit}" if claim.unit else ""
            typer.echo(f"  published {show(claim.published)}{unit}; computed {found}; {page}")
        listed = ", ".join(f"{count} {verdict.value}" for verdict, count in counts(rows).items())
        typer.echo(f"{len(rows)} claims: {listed}")


@app.command()
def references(
    notebooks: Annotated[
        list[str] | None, typer.Argument(help="Notebooks; all of them without a name.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only say which are missing, old or left over.")
    ] = False,
) -> None:
    """Run notebooks in their fixed data mode and keep the results for comparison (nbval)."""
    with _errors():
        from precursor_lib.companion import references as kept

        manifest = Manifest.load()
        if check:
            _check_references(manifest)
            return
        for name in notebooks or ():
            manifest.notebook(name)
        failures = []
        for name in notebooks or manifest.notebooks:
            try:
                path = kept.make_reference(manifest, name)
            except PrecursorError as error:
                failures.append(str(error))
                typer.echo(f"{name}: failed")
            else:
                typer.echo(f"{name}: {path or 'the manifest wants no reference'}")
        for stray in kept.stray_references(manifest):
            stray.unlink()
            typer.echo(f"{stray}: removed, it is of no notebook")
        if failures:
            _stop("\n".join(failures), FAILED)


def _check_references(manifest: Manifest) -> None:
    from precursor_lib.companion import references as kept

    problems = [f"{name}: has no reference" for name in kept.missing_references(manifest)]
    problems += [f"{name}: reference of an older source" for name in kept.changed_sources(manifest)]
    problems += [f"{path}: is of no notebook" for path in kept.stray_references(manifest)]
    if problems:
        _stop("\n".join([*problems, "'make references' makes them anew"]), FAILED)
    typer.echo("every reference is there and of the current source")


if __name__ == "__main__":
    app()
