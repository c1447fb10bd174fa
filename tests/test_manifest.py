"""The manifest: what it holds, what it refuses, and that the project's own keeps its rules."""

from __future__ import annotations

import inspect
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.errors import InputError, ManifestError
from precursor_lib.manifest import (
    LOADERS,
    SIMULATORS,
    Manifest,
    check,
    check_citations,
    check_claims,
)
from precursor_lib.manifest.registry import loader_function, simulator_function

ROOT = Path(__file__).parents[1]
OPEN: dict[str, Any] = {
    "title": "A record",
    "access": "open",
    "licence": "CC-BY-4.0",
    "providers": ["Somebody"],
    "files": [
        {
            "path": "a/b.sec",
            "url": "https://example.org/b.sec",
            "sha256": "0" * 64,
            "bytes": 10,
        }
    ],
    "loader": {"name": "geomagnetic.read_geomagnetic", "arguments": {"component": "Z"}},
    "variables": {"Z": {"units": "nT", "description": "vertical component"}},
    "coverage": {"start": "2020-01-01", "end": "2020-01-02", "cadence": "1 s"},
    "obtain": "It is downloaded.",
}
NOTEBOOK: dict[str, Any] = {
    "source": "notebooks/cases/one.py",
    "title": "One",
    "section": "cases",
    "datasets": ["record"],
    "profiles": {"ci": {"nights": 2}, "paper": {"nights": 120}},
    "figures": ["one-fig1"],
}


def write(folder: Path, content: Any) -> Path:
    path = folder / "data_manifest.yml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


def whole(**changes: Any) -> dict[str, Any]:
    base = {"datasets": {"record": deepcopy(OPEN)}, "notebooks": {"one": deepcopy(NOTEBOOK)}}
    for name, value in changes.items():
        *parents, last = name.split("__")
        place: Any = base
        for parent in parents:
            place = place[int(parent) if parent.isdigit() else parent]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return base


def test_a_manifest_opens_as_typed_objects(tmp_path: Path) -> None:
    manifest = Manifest.load(write(tmp_path, whole()))
    assert manifest.root == tmp_path.resolve()
    assert manifest.dataset("record").files[0].bytes == 10
    assert str(manifest.dataset("record").coverage.start) == "2020-01-01 00:00:00"
    notebook = manifest.notebook("one")
    assert notebook.profiles["paper"] == {"nights": 120}
    assert (notebook.cores, notebook.reference) == (1, None)


def test_unknown_ids_name_the_nearest(tmp_path: Path) -> None:
    manifest = Manifest.load(write(tmp_path, whole()))
    with pytest.raises(ManifestError, match="unknown dataset 'recrod'; the nearest is 'record'"):
        manifest.dataset("recrod")
    with pytest.raises(ManifestError, match="unknown notebook 'ones'; the nearest is 'one'"):
        manifest.notebook("ones")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"datasets__record__colour": "red"}, "datasets.record.colour: Extra inputs"),
        ({"extra": 1}, "extra: Extra inputs"),
        ({"datasets__record__title": None}, "datasets.record.title: Field required"),
        ({"datasets__record__licence": "free"}, "neither an SPDX expression nor LicenseRef"),
        ({"datasets__record__licence": "cc-by-4.0"}, "expected 'CC-BY-4.0', got 'cc-by-4.0'"),
        ({"datasets__record__access": "secret"}, "datasets.record.access"),
        ({"datasets__record__files__0__sha256": "xyz"}, "files\\[0\\].sha256"),
        ({"datasets__record__files__0__sha256": None}, "files\\[0\\].sha256: missing for a/b.sec"),
        ({"datasets__record__files__0__bytes": None}, "files\\[0\\].bytes: missing"),
        ({"datasets__record__files__0__url": None}, "has one of 'url' and 'package'"),
        ({"datasets__record__files__0__package": "magpy"}, "has one of 'url' and 'package'"),
        ({"datasets__record__files__0__path": "../b"}, "stays inside its folder"),
        ({"datasets__record__files__0__path": "/etc/b"}, "stays inside its folder"),
        ({"datasets__record__files__0__url": "ftp://x/y"}, "expected an http or https address"),
        ({"datasets__record__files__0__url": "https://x/时"}, "percent-encoded"),
        ({"datasets__record__files": []}, "names at least one file"),
        ({"datasets__record__access": "restricted"}, "'restricted' names a simulator"),
        ({"datasets__record__obtain": None}, "datasets.record.obtain: Field required"),
        (
            {"datasets__record__loader__name": "geomagnetic.read_geomagnetik"},
            "unknown loader 'geomagnetic.read_geomagnetik'; the nearest is",
        ),
        (
            {"datasets__record__simulator": {"name": "nothing", "seed": 1}},
            "simulator.name: unknown simulator 'nothing'",
        ),
        (
            {
                "datasets__record__simulator": {
                    "name": "indices.dst_from_rc",
                    "seed": 1,
                    "arguments": {"seed": 2},
                }
            },
            "the seed stands beside 'arguments'",
        ),
        ({"datasets__record__coverage__end": "2019-01-01"}, "is after end"),
        ({"datasets__record__coverage__cadence": "often"}, "coverage.cadence"),
        (
            {"datasets__record__coverage__box": {"west": 1, "east": 2, "south": 5, "north": 4}},
            "lies north of north",
        ),
        ({"notebooks__one__datasets": ["rekord"]}, "datasets\\[0\\]: unknown dataset 'rekord'"),
        ({"notebooks__one__profiles__paper": {"days": 3}}, "in one profile only: days, nights"),
        ({"notebooks__one__profiles": {"ci": {}}}, "profile 'paper' is missing"),
        ({"notebooks__one__profiles__big": {"nights": 3}}, "profiles"),
        ({"notebooks__one__section": "misc"}, "notebooks.one.section"),
        ({"notebooks__one__cores": 0}, "notebooks.one.cores"),
        ({"notebooks__one__source": "one.ipynb"}, "expected a .py file"),
        ({"notebooks__one__tables": ["one-fig1"]}, "'one-fig1' stands in notebooks.one.figures"),
        ({"notebooks__two": NOTEBOOK}, "'one-fig1' stands in notebooks.one.figures already"),
        ({"notebooks__one__claims": ["c1", "c1"]}, "'c1' stands 2 times"),
    ],
)
def test_what_breaks_a_rule_is_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = write(tmp_path, whole(**changes))
    with pytest.raises(ManifestError, match=message) as caught:
        Manifest.load(path)
    assert str(path) in str(caught.value)


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    broken = whole(
        datasets__record__files__0__sha256=None, notebooks__one__datasets=["a", "record", "b"]
    )
    with pytest.raises(ManifestError) as caught:
        Manifest.load(write(tmp_path, broken))
    assert len(str(caught.value).splitlines()) == 3


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    text = "datasets: {}\nnotebooks: {}\ndatasets: {}\n"
    with pytest.raises(ManifestError, match="line 3: the key 'datasets' stands twice"):
        Manifest.load(write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("datasets: [", "line"),
        ("- 1\n", "expected a mapping"),
        ("path: /etc\ndatasets: {}\nnotebooks: {}\n", "unknown key 'path'"),
    ],
)
def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        Manifest.load(write(tmp_path, text))
    with pytest.raises(ManifestError, match="cannot be read"):
        Manifest.load(tmp_path / "none.yml")


def listed(tmp_path: Path, rows: str) -> Path:
    (tmp_path / "list.tsv").write_text(rows, encoding="utf-8")
    entry = {key: value for key, value in OPEN.items() if key != "files"}
    entry["files_from"] = {"list": "list.tsv", "address": "https://example.org/data/"}
    return write(tmp_path, {"datasets": {"record": entry}, "notebooks": {}})


def test_files_may_stand_in_a_list(tmp_path: Path) -> None:
    head = "path\tbytes\tsha256\tsource\n"
    path = listed(tmp_path, f"{head}r/a 1.sec\t7\t{'1' * 64}\tx/a 1.sec\n")
    file = Manifest.load(path).dataset("record").files[0]
    assert (file.path, file.bytes) == ("r/a 1.sec", 7)
    assert file.url == "https://example.org/data/x/a%201.sec"
    with pytest.raises(ManifestError, match="line 2: expected 4 columns"):
        Manifest.load(listed(tmp_path, f"{head}r/a.sec\t7\n"))
    with pytest.raises(ManifestError, match="line 1: expected the columns path bytes"):
        Manifest.load(listed(tmp_path, "path\tbytes\n"))


def test_a_list_stands_alone_and_names_its_address(tmp_path: Path) -> None:
    both = whole(datasets__record__files_from={"list": "a", "address": "https://x/"})
    with pytest.raises(ManifestError, match="stands beside 'files'"):
        Manifest.load(write(tmp_path, both))
    with pytest.raises(ManifestError, match="expected the keys 'list' and 'address'"):
        Manifest.load(write(tmp_path, whole(datasets__record__files_from="a.tsv")))


def test_where_the_manifest_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRECURSOR_MANIFEST", raising=False)
    path = write(tmp_path, whole())
    below = tmp_path / "x" / "y"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert Manifest.load().path == path.resolve()
    other = tmp_path / "other"
    other.mkdir()
    named = write(other, {"datasets": {}, "notebooks": {}})
    monkeypatch.setenv("PRECURSOR_MANIFEST", str(named))
    assert Manifest.load().path == named.resolve()
    monkeypatch.setenv("PRECURSOR_MANIFEST", str(tmp_path / "none.yml"))
    with pytest.raises(ManifestError, match="PRECURSOR_MANIFEST"):
        Manifest.load()
    monkeypatch.delenv("PRECURSOR_MANIFEST")
    monkeypatch.chdir(Path(tmp_path.anchor))
    assert Manifest.load().path == ROOT / "data_manifest.yml"


@given(
    keys=st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), min_size=1, max_size=5),
)
def test_yaml_keys_are_unique_or_refused(
    tmp_path_factory: pytest.TempPathFactory, keys: list[str]
) -> None:
    path = tmp_path_factory.mktemp("m") / "data_manifest.yml"
    path.write_text("\n".join(f"{key}: 1" for key in keys))
    expected = "unknown key|Extra inputs" if len(set(keys)) == len(keys) else "stands twice"
    with pytest.raises(ManifestError, match=expected):
        Manifest.load(path)


def test_citations_are_looked_up_in_the_bibliography(tmp_path: Path) -> None:
    manifest = Manifest.load(write(tmp_path, whole(datasets__record__citations=["known", "lost"])))
    bibliography = tmp_path / "references.bib"
    bibliography.write_text("@misc{known, title = {A}}\n@misc{last, title = {B}}\n")
    problems = check_citations(manifest, bibliography)
    assert len(problems) == 1
    assert (
        "datasets.record.citations[1]: unknown citation 'lost'; the nearest is 'last'"
        in (problems[0])
    )
    assert "cannot be read" in check_citations(manifest, tmp_path / "none.bib")[0]


def test_claims_are_looked_up_in_the_ledger(tmp_path: Path) -> None:
    manifest = Manifest.load(write(tmp_path, whole(notebooks__one__claims=["c1", "c9"])))
    folder = tmp_path / "claims"
    folder.mkdir()
    (folder / "a.yml").write_text("claims:\n- {id: c1}\n- {id: c2}\n")
    (folder / "b.yml").write_text("claims:\n- {id: c2}\n")
    (folder / "c.yml").write_text("[]\n")
    problems = "\n".join(check_claims(manifest))
    assert "unknown claim 'c9'" in problems
    assert "'c2' stands in" in problems
    assert "c.yml: expected a list 'claims'" in problems
    assert len(problems.splitlines()) == 3


# The project's own manifest.


@pytest.fixture(scope="module")
def own() -> Manifest:
    return Manifest.load(ROOT / "data_manifest.yml")


def test_the_projects_manifest_keeps_all_rules(own: Manifest) -> None:
    assert check(own) == []
    assert check_citations(own) == []
    assert check_claims(own) == []


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_every_loader_exists(name: str) -> None:
    assert callable(loader_function(name))


@pytest.mark.parametrize("name", sorted(SIMULATORS))
def test_every_simulator_exists_and_takes_a_seed(name: str) -> None:
    assert "seed" in inspect.signature(simulator_function(name)).parameters


def test_unknown_functions_name_the_nearest() -> None:
    with pytest.raises(InputError, match=r"the nearest is 'indices\.read_dst'"):
        loader_function("indices.read_dts")
    with pytest.raises(InputError, match="unknown simulator"):
        simulator_function("os.system")


def test_arguments_in_the_projects_manifest_fit_their_functions(own: Manifest) -> None:
    for name, entry in own.datasets.items():
        if entry.loader:
            signature = inspect.signature(loader_function(entry.loader.name))
            try:
                signature.bind([], **entry.loader.arguments)
            except TypeError as error:
                pytest.fail(f"{name}: loader: {error}")
        if entry.simulator:
            signature = inspect.signature(simulator_function(entry.simulator.name))
            try:
                signature.bind(seed=entry.simulator.seed, **entry.simulator.arguments)
            except TypeError as error:
                pytest.fail(f"{name}: simulator: {error}")


def test_notebook_sources_exist(own: Manifest) -> None:
    missing = [n for n, entry in own.notebooks.items() if not (own.root / entry.source).is_file()]
    assert missing == []


def test_the_madoi_network_has_the_papers_stations_and_distances(own: Manifest) -> None:
    from precursor_lib.context.geography import geodesic_distance_km

    simulator = own.dataset("madoi-network").simulator
    assert simulator is not None
    stations = simulator.arguments["stations"]
    epicentre = simulator.arguments["epicentre"]
    computed = geodesic_distance_km(
        [s["latitude"] for s in stations],
        [s["longitude"] for s in stations],
        epicentre["latitude"],
        epicentre["longitude"],
    )
    # Table 1 of the paper, km. Its distance of Dulan does not follow from its coordinates.
    published = [175, 191, 321, 374, 375, 661, 830]
    apart = abs(computed - published)
    assert [s["name"] for s, a in zip(stations, apart, strict=True) if a > 2.5] == ["Dulan"]
    assert round(float(computed[1])) == 183
