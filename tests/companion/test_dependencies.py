"""Static analysis on a synthetic package."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from precursor_lib.companion.dependencies import Library
from precursor_lib.errors import NotebookError

FILES = {
    "__init__.py": '__version__ = "1"',
    "errors.py": "class Oops(Exception): ...",
    "methods/__init__.py": """
        from lib.methods.fast import quick, slow as sedate
        from . import plain
        from .split import split
        from lib.methods.wide import *
        LIMIT = 3
        """,
    "methods/fast.py": """
        import numpy as np
        from ..errors import Oops
        from lib.tools import helper
        def quick(): ...
        def slow(): ...
        """,
    "methods/plain.py": "def f(): ...",
    # A function that hides the module of the same name.
    "methods/split.py": "def split(): ...",
    "methods/wide.py": "def wide(): ...",
    "methods/unused.py": "import torch",
    "tools/__init__.py": "from lib.tools.hammer import helper, other",
    "tools/hammer.py": """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from lib.methods.unused import x
        from pathlib import Path
        TABLE = Path(__file__).with_name("table.csv")
        def helper():
            from lib.lazy import inner
        other = 1
        """,
    "lazy.py": "inner = 2",
    "named.py": "",
    "lively/__init__.py": "def __getattr__(name): ...",
    "lively/one.py": "",
    "lively/two.py": "",
    "loud/__init__.py": """
        import warnings
        from lib.loud.other import thing
        warnings.simplefilter("error")
        """,
    "loud/one.py": "",
    "loud/other.py": "thing = 1",
}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    for name, text in FILES.items():
        path = tmp_path / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    (tmp_path / "lib" / "tools" / "table.csv").write_text("1\n")
    (tmp_path / "lib" / "tools" / "other.csv").write_text("2\n")
    return Library(tmp_path / "lib")


FAST = {"lib.methods.fast", "lib.errors", "lib.tools.hammer", "lib.lazy"}
METHODS = FAST | {"lib.methods", "lib.methods.plain", "lib.methods.split", "lib.methods.wide"}


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("from lib.methods import quick", FAST),
        ("from lib.methods import sedate as s", FAST),
        ("from lib.methods import plain", {"lib.methods.plain"}),
        ("from lib.methods import split", {"lib.methods.split"}),
        ("from lib.methods.split import split", {"lib.methods.split"}),
        ("import lib.methods.plain", {"lib.methods.plain"}),
        ("from lib import methods\nmethods.plain.f()", {"lib.methods.plain"}),
        ("import lib.methods as m\nm.quick()", FAST),
        ("import lib.methods\nlib.methods.split()", {"lib.methods.split"}),
        # Used as a whole, or not at all in sight: everything that it offers.
        ("from lib import methods\nprint(methods)", METHODS),
        ("from lib.methods import *", METHODS),
        ("from lib.methods import LIMIT", METHODS),
        ("import lib\nlib.__version__", {"lib"}),
        ("import lib\nlib.__file__", {"lib"}),
        ("from lib.lively import thing", {"lib.lively", "lib.lively.one", "lib.lively.two"}),
        ("def f():\n    from lib.lazy import inner", {"lib.lazy"}),
        ("from importlib import import_module\nimport_module('lib.named')", {"lib.named"}),
        ("import numpy", set()),
        # A package that does something when it is imported counts, what it passes on does not.
        ("from lib.loud import one", {"lib.loud", "lib.loud.one"}),
    ],
)
def test_names_lead_to_the_modules_that_define_them(
    library: Library, source: str, modules: set[str]
) -> None:
    assert library.needs(source, "source").modules == modules


def test_other_packages_are_listed_once_by_their_top_name(library: Library) -> None:
    needs = library.needs("import scipy.signal\nfrom lib.methods import quick", "source")
    assert needs.external == {"scipy", "numpy", "typing", "pathlib"}


def test_roots_count_beside_what_the_text_shows(library: Library) -> None:
    assert library.needs("", "source", ["lib.named"]).modules == {"lib.named"}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("from lib.metods import quick", "nb: imports lib.metods, which lib does not have"),
        ("a = ", "nb, line 1: not Python"),
    ],
)
def test_what_cannot_be_resolved_is_an_error(library: Library, source: str, message: str) -> None:
    with pytest.raises(NotebookError, match=message):
        library.needs(source, "nb")


@pytest.mark.parametrize(
    ("changed", "matters"),
    [
        ("methods/fast.py", True),
        ("lazy.py", True),
        ("tools/table.csv", True),
        ("tools/other.csv", False),
        ("methods/plain.py", False),
        ("methods/unused.py", False),
        ("tools/__init__.py", False),
    ],
)
def test_the_digest_changes_with_what_is_needed_and_nothing_else(
    library: Library, changed: str, matters: bool
) -> None:
    def digest() -> str:
        now = Library(library.folder)
        return now.digest(now.needs("from lib.methods import quick", "source").modules)

    before = digest()
    path = library.folder / changed
    path.write_text(path.read_text() + "\n# changed\n")
    assert (digest() != before) is matters
