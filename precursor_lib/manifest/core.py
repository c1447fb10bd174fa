"""Reading the manifest: strict YAML, file lists, typed entries, rules."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urljoin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

import precursor_lib
from precursor_lib.errors import ManifestError, unknown
from precursor_lib.manifest.models import Dataset, Identifier, Notebook
from precursor_lib.manifest.rules import check

NAME = "data_manifest.yml"
LIST_COLUMNS = ["path", "bytes", "sha256", "source"]


class _StrictLoader(yaml.CSafeLoader):
    """Safe YAML that refuses a key given twice, where the plain loader keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key}' stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """Read a YAML file, refusing keys that stand twice in one mapping.

    Raises
    ------
    ManifestError
        If the file cannot be read or is not such YAML; the message names file and line.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path}: cannot be read: {error}") from error
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ManifestError(f"{path}: {line}{error.problem}") from error


class Manifest(BaseModel):
    """Every dataset and every notebook, by id.

    Attributes
    ----------
    datasets, notebooks : dict
        Entries by id.
    path, root : pathlib.Path
        The manifest's file and the folder that its paths are relative to.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path
    datasets: dict[Identifier, Dataset]
    notebooks: dict[Identifier, Notebook]

    @property
    def root(self) -> Path:
        """Folder of the manifest."""
        return self.path.parent

    @classmethod
    def load(cls, path: Path | str | None = None) -> Self:
        """Read the manifest and check its rules.

        Parameters
        ----------
        path : path, optional
            The file. Without it: ``$PRECURSOR_MANIFEST``, else ``data_manifest.yml`` in the working
            directory or a folder above it, else the one beside the installed checkout.

        Raises
        ------
        ManifestError
            If there is no manifest, or with every problem found, each naming file, id and field.
        """
        file = _find() if path is None else Path(path).expanduser().resolve()
        raw = read_yaml(file)
        if not isinstance(raw, dict):
            raise ManifestError(f"{file}: expected a mapping with 'datasets' and 'notebooks'")
        if "path" in raw:
            raise ManifestError(f"{file}: unknown key 'path'")
        datasets = raw.get("datasets")
        if isinstance(datasets, dict):
            raw["datasets"] = {
                name: _with_listed_files(file, name, entry) for name, entry in datasets.items()
            }
        try:
            manifest = cls.model_validate({**raw, "path": file})
        except ValidationError as error:
            raise ManifestError("\n".join(_lines(file, error))) from error
        problems = check(manifest)
        if problems:
            raise ManifestError("\n".join(problems))
        return manifest

    def dataset(self, dataset_id: str) -> Dataset:
        """Give the dataset called `dataset_id`.

        Raises
        ------
        ManifestError
            If there is none; the message names the nearest.
        """
        if dataset_id not in self.datasets:
            raise ManifestError(unknown("dataset", dataset_id, self.datasets))
        return self.datasets[dataset_id]

    def notebook(self, notebook_id: str) -> Notebook:
        """Give the notebook called `notebook_id`.

        Raises
        ------
        ManifestError
            If there is none; the message names the nearest.
        """
        if notebook_id not in self.notebooks:
            raise ManifestError(unknown("notebook", notebook_id, self.notebooks))
        return self.notebooks[notebook_id]


def _find() -> Path:
    named = os.environ.get("PRECURSOR_MANIFEST")
    if named:
        path = Path(named).expanduser().resolve()
        if not path.is_file():
            raise ManifestError(f"$PRECURSOR_MANIFEST: there is no file {path}")
        return path
    here = Path.cwd()
    beside = Path(precursor_lib.__file__).resolve().parents[1]
    for folder in [here, *here.parents, beside]:
        if (folder / NAME).is_file():
            return folder / NAME
    raise ManifestError(f"no {NAME} in {here}, above it or in {beside}; set $PRECURSOR_MANIFEST")


def _lines(file: Path, error: ValidationError) -> list[str]:
    """One line a problem: file, where in it, what was expected."""
    lines = []
    for problem in error.errors(include_url=False):
        where = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in problem["loc"]
        ).lstrip(".")
        message = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{file}: {where}: {message}")
    return lines


def _with_listed_files(manifest: Path, dataset_id: str, entry: Any) -> Any:
    """Replace ``files_from: {list, address}`` by the files that the list names.

    Hundreds of like files would bury the manifest; they stand in a tab-separated list beside it,
    with ``source`` relative to ``address`` and not percent-encoded.
    """
    if not isinstance(entry, dict) or "files_from" not in entry:
        return entry
    here = f"{manifest}: datasets.{dataset_id}.files_from"
    given = entry["files_from"]
    if not isinstance(given, dict) or set(given) != {"list", "address"}:
        raise ManifestError(f"{here}: expected the keys 'list' and 'address'")
    if "files" in entry:
        raise ManifestError(f"{here}: stands beside 'files'; expected one of them")
    path = manifest.parent / str(given["list"])
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream, delimiter="\t"))
    except OSError as error:
        raise ManifestError(f"{here}: {path} cannot be read: {error}") from error
    if not rows or rows[0] != LIST_COLUMNS:
        raise ManifestError(f"{path}: line 1: expected the columns {' '.join(LIST_COLUMNS)}")
    files = []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(LIST_COLUMNS):
            raise ManifestError(f"{path}: line {number}: expected {len(LIST_COLUMNS)} columns")
        label, size, sha256, source = row
        url = urljoin(str(given["address"]), quote(source))
        files.append({"path": label, "bytes": size, "sha256": sha256, "url": url})
    return {**{key: value for key, value in entry.items() if key != "files_from"}, "files": files}
