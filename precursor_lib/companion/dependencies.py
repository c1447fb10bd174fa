"""Which modules of the library a notebook needs, read from the sources without running them.

A package's ``__init__`` mostly passes names on. ``from precursor_lib.decompose import ntf``
therefore leads to the module that defines ``ntf`` and to nothing beside it, so that a change in one
method does not make the pages of another stale. Where the text does not say which name is used, all
that the package offers counts: a page is made once too often rather than once too few.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from precursor_lib.companion.syntax import (
    above,
    absolute,
    acts,
    attributes,
    definitions,
    last_name,
    parse,
    running,
)
from precursor_lib.errors import NotebookError


@dataclass(frozen=True)
class Needs:
    """What one source needs.

    Attributes
    ----------
    modules : frozenset of str
        Dotted names of the package's own modules.
    external : frozenset of str
        Top-level names of everything else that is imported.
    """

    modules: frozenset[str] = frozenset()
    external: frozenset[str] = frozenset()

    def __or__(self, other: Needs) -> Needs:
        return Needs(self.modules | other.modules, self.external | other.external)


class Library:
    """The modules of one package and what each of them imports, as they stand on the disk now.

    Parameters
    ----------
    folder : Path
        The package's folder, whose name is the package's name.

    Attributes
    ----------
    files : dict of str to Path
        File of every module and package, by dotted name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, Path] = {}
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            self.files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
        self._trees: dict[str, ast.Module] = {}
        self._direct: dict[str, Needs] = {}
        self._digests: dict[str, str] = {}

    def needs(self, source: str, name: str, roots: Iterable[str] = ()) -> Needs:
        """Everything that a source imports, directly or through what it imports.

        Parameters
        ----------
        source : str
            Python text that stands outside the package, such as a notebook source.
        name : str
            What to call it in messages.
        roots : iterable of str
            Modules that it loads in ways that its text does not show.

        Returns
        -------
        Needs

        Raises
        ------
        NotebookError
            If the text is not Python, or imports a module that the package does not have.
        """
        total = self._imported(parse(source, name), name, package="")
        total |= Needs(frozenset(self._known(root, name) for root in roots))
        pending, seen = list(total.modules), set(total.modules)
        while pending:
            found = self.direct(pending.pop())
            pending.extend(found.modules - seen)
            seen |= found.modules
            total |= found
        # What a package does when it is imported, such as to filter warnings, reaches them too.
        packages = {name for module in seen for name in above(module)}
        return total | Needs(frozenset(name for name in packages if acts(self._tree(name))))

    def direct(self, module: str) -> Needs:
        """What one module of the package imports itself."""
        if module not in self._direct:
            package = module if self._is_package(module) else module.rpartition(".")[0]
            self._direct[module] = self._imported(self._tree(module), module, package)
        return self._direct[module]

    def digest(self, modules: Iterable[str]) -> str:
        """SHA-256 over names and contents of modules and of the data files that they name."""
        return sha256("".join(map(self._digest, sorted(modules))).encode()).hexdigest()

    def _digest(self, module: str) -> str:
        if module not in self._digests:
            lines = [
                f"{path.relative_to(self.folder)} {sha256(path.read_bytes()).hexdigest()}\n"
                for path in [self.files[module], *self._data_files(module)]
            ]
            self._digests[module] = "".join(lines)
        return self._digests[module]

    def _data_files(self, module: str) -> list[Path]:
        """Files beside a module, other than code, whose name stands in it as text."""
        named = {
            node.value
            for node in ast.walk(self._tree(module))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        return [
            path
            for path in sorted(self.files[module].parent.rglob("*"))
            if path.name in named and path.suffix not in {".py", ".pyc"} and path.is_file()
        ]

    def _imported(self, tree: ast.Module, name: str, package: str) -> Needs:
        total = Needs()
        for node in running(tree):
            if isinstance(node, ast.Import):
                for item in node.names:
                    total |= self._whole(tree, item.name, item.asname or item.name, name)
            elif isinstance(node, ast.ImportFrom):
                base = absolute(node, package)
                for item in node.names:
                    total |= self._part(tree, base, item, name)
            elif (
                isinstance(node, ast.Call) and last_name(node.func) == "import_module" and node.args
            ):
                target = node.args[0]
                if isinstance(target, ast.Constant) and isinstance(target.value, str):
                    total |= self._whole(tree, target.value, "", name)
        return total

    def _part(self, tree: ast.Module, base: str, item: ast.alias, name: str) -> Needs:
        """Needs of ``from base import item``."""
        if not self._ours(base):
            return Needs(external=frozenset({base.partition(".")[0]}))
        module = self._known(base, name)
        if item.name == "*":
            return self._all_of(module)
        submodule = f"{module}.{item.name}"
        if submodule in self.files and not self._passed_on(module, item.name):
            return self._whole(tree, submodule, item.asname or item.name, name)
        return Needs(self._defining(module, item.name))

    def _whole(self, tree: ast.Module, target: str, bound: str, name: str) -> Needs:
        """Needs of a module bound to a name; of a package, what the text takes from that name."""
        if not self._ours(target):
            return Needs(external=frozenset({target.partition(".")[0]}))
        module = self._known(target, name)
        if not self._is_package(module):
            return Needs(frozenset({module}))
        taken = attributes(tree, bound)
        if not taken:
            return self._all_of(module)
        return Needs(frozenset().union(*(self._defining(module, part) for part in taken)))

    def _all_of(self, module: str) -> Needs:
        return Needs(frozenset({module})) | self.direct(module)

    def _defining(self, module: str, name: str) -> frozenset[str]:
        """The module that defines `name`, which is asked of `module`."""
        if not self._is_package(module) or name.startswith("__"):
            return frozenset({module})
        passed_on = self._passed_on(module, name)
        if passed_on is not None:
            base, item = passed_on
            if not self._ours(base):
                return frozenset({module})
            if base != module:
                return self._part(ast.Module([], []), base, ast.alias(item), module).modules
        if f"{module}.{name}" in self.files:
            return frozenset({f"{module}.{name}"})
        if name in definitions(self._tree(module)):
            return frozenset({module})
        # Made at run time, by a module-level __getattr__ or a star import: all below counts.
        return frozenset({module, *(m for m in self.files if m.startswith(f"{module}."))})

    def _passed_on(self, module: str, name: str) -> tuple[str, str] | None:
        """From where, and as what, a package's ``__init__`` imports `name`; None if it does not."""
        if self._is_package(module):
            for node in running(self._tree(module)):
                if isinstance(node, ast.ImportFrom):
                    for item in node.names:
                        if (item.asname or item.name) == name:
                            return absolute(node, module), item.name
        return None

    def _tree(self, module: str) -> ast.Module:
        if module not in self._trees:
            path = self.files[module]
            self._trees[module] = parse(path.read_text(encoding="utf-8"), str(path))
        return self._trees[module]

    def _ours(self, target: str) -> bool:
        return target.partition(".")[0] == self.folder.name

    def _known(self, target: str, name: str) -> str:
        if target not in self.files:
            raise NotebookError(f"{name}: imports {target}, which {self.folder.name} does not have")
        return target

    def _is_package(self, module: str) -> bool:
        return self.files[module].name == "__init__.py"
