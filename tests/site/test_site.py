"""Links, assets, numbers and words of the built site, read from its files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup, Tag

from precursor_lib.companion.places import Places
from precursor_lib.manifest import Manifest, Notebook

pytestmark = pytest.mark.site

# Where a tag names something that the browser loads by itself, without a reader's click.
LOADED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
}
LOADING_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "preconnect", "dns-prefetch"}
CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


@cache
def soup(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(page: Path) -> frozenset[str]:
    named = [tag.get("id") or tag.get("name") for tag in soup(page).find_all(True)]
    return frozenset(str(name) for name in named if name)


def pages(site: Path) -> list[Path]:
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)


def name(site: Path, page: Path) -> str:
    return str(page.relative_to(site))


def loaded(page: Path) -> Iterator[str]:
    """Addresses that a browser loads when it opens the page."""
    for tag in soup(page).find_all(True):
        assert isinstance(tag, Tag)
        if tag.name in LOADED and tag.get(LOADED[tag.name]):
            yield str(tag[LOADED[tag.name]])
        if tag.name == "link" and LOADING_LINKS & set(tag.get("rel") or ()):
            yield str(tag["href"])
        for part in str(tag.get("srcset") or "").split(","):
            if part.strip():
                yield part.split()[0]
        if tag.get("style"):
            yield from (first or second for first, second in CSS_URL.findall(str(tag["style"])))


def outside(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme not in {"", "data", "mailto", "javascript"}


def target(site: Path, page: Path, address: str) -> tuple[Path, str] | None:
    """File and anchor that an address of the site means; None for one that is not of the site."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    path = unquote(parts.path)
    base = site if path.startswith("/") else page.parent
    file = (base / path.lstrip("/")).resolve() if path else page
    return (file / "index.html" if file.is_dir() else file), unquote(parts.fragment)


def test_every_link_and_asset_exists(site: Path) -> None:
    broken = []
    for page in pages(site):
        links = [str(tag["href"]) for tag in soup(page).find_all(["a", "link"], href=True)]
        for address in {*links, *loaded(page)}:
            found = target(site, page, address)
            if found is None:
                continue
            file, anchor = found
            if not file.is_file():
                broken.append(f"{name(site, page)}: no file for {address}")
            elif anchor and file.suffix == ".html" and anchor not in anchors(file):
                broken.append(f"{name(site, page)}: no anchor for {address}")
    assert not broken, "\n".join(broken)


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    found = [
        f"{name(site, page)}: {address}"
        for page in pages(site)
        for address in loaded(page)
        if outside(address)
    ]
    assert not found, "\n".join(found)


def test_style_sheets_load_nothing_from_elsewhere(site: Path) -> None:
    found = [
        f"{name(site, sheet)}: {address}"
        for sheet in sorted(site.rglob("*.css"))
        for pair in CSS_URL.findall(sheet.read_text(encoding="utf-8"))
        for address in pair
        if address and outside(address)
    ]
    assert not found, "\n".join(found)


def undescribed(image: Tag) -> bool:
    text = str(image.get("alt") or "").strip()
    # A picture that only decorates says so by its role; a file's path tells a listener nothing.
    return image.get("role") != "presentation" and (not text or text.endswith((".png", ".svg")))


def test_every_picture_has_words(site: Path) -> None:
    silent = [
        f"{name(site, page)}: {image.get('src')}"
        for page in pages(site)
        for image in soup(page).find_all("img")
        if undescribed(image)
    ]
    assert not silent, "\n".join(silent)


def built(site: Path, entry: Notebook) -> Path:
    return site / "notebooks" / entry.section / f"{Path(entry.source).stem}.html"


def test_figures_and_tables_of_the_manifest_are_numbered(site: Path, manifest: Manifest) -> None:
    missing = []
    for notebook_id, entry in manifest.notebooks.items():
        page = soup(built(site, entry))
        for kind, labels in (("Figure", entry.figures), ("Table", entry.tables)):
            for label in labels:
                place = page.find(id=label)
                number = place.find(class_="caption-number") if isinstance(place, Tag) else None
                text = number.get_text() if isinstance(number, Tag) else ""
                if not re.fullmatch(rf"{re.escape(kind)} \d+(\.\d+)*\s*", text):
                    missing.append(f"{notebook_id}: {label}: '{text}'")
    assert not missing, "\n".join(missing)


def test_every_page_is_reached_and_has_a_heading(site: Path, manifest: Manifest) -> None:
    root = yaml.safe_load((manifest.root / "book" / "_toc.yml").read_text())["root"]
    start = site / f"{root}.html"
    linked = {str(tag["href"]).partition("#")[0] for tag in soup(start).find_all("a", href=True)}
    for entry in manifest.notebooks.values():
        page = built(site, entry)
        assert name(site, page) in linked, f"{name(site, start)} does not lead to {page.name}"
        assert soup(page).find("h1"), page.name


def test_search_knows_the_figures(site: Path, manifest: Manifest) -> None:
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(re.sub(r"^Search\.setIndex\(|\)\s*;?\s*$", "", text))
    for entry in manifest.notebooks.values():
        assert name(site, built(site, entry)).removesuffix(".html") in index["docnames"]


# --- the executed notebooks that the site shows


def executed(manifest: Manifest) -> Iterator[tuple[str, dict[str, object]]]:
    places = Places(manifest.root)
    for notebook_id, entry in manifest.notebooks.items():
        page = places.page(entry.section, entry.source)
        yield notebook_id, json.loads(page.read_text(encoding="utf-8"))


def outputs(notebook: dict[str, object]) -> Iterator[tuple[int, dict[str, object]]]:
    cells = notebook["cells"]
    assert isinstance(cells, list)
    for number, cell in enumerate(cells, 1):
        for output in cell.get("outputs", []):
            yield number, output


def test_no_page_holds_an_error_or_a_warning(site: Path, manifest: Manifest) -> None:
    found = [
        f"{notebook_id}, cell {number}: {output.get('ename') or output.get('text')}"
        for notebook_id, notebook in executed(manifest)
        for number, output in outputs(notebook)
        if output["output_type"] == "error" or output.get("name") == "stderr"
    ]
    assert not found, "\n".join(found)


def test_no_page_holds_a_path_of_this_machine(site: Path, manifest: Manifest) -> None:
    private = [str(manifest.root), str(Path.home()) + "/", "/tmp/"]
    found = [
        f"{notebook_id}, cell {number}: {path}"
        for notebook_id, notebook in executed(manifest)
        for number, output in outputs(notebook)
        for path in private
        if path in json.dumps({k: v for k, v in output.items() if k != "metadata"})
    ]
    assert not found, "\n".join(found)


def test_each_page_can_be_downloaded(site: Path, manifest: Manifest) -> None:
    for entry in manifest.notebooks.values():
        page = built(site, entry)
        links = [str(tag["href"]) for tag in soup(page).find_all("a", href=True)]
        assert any(link.endswith(f"{page.stem}.ipynb") for link in links), page.name
