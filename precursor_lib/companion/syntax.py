"""What can be read from Python text without running it: names, imports, definitions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from precursor_lib.errors import NotebookError

_BINDING = (
    ast.Import,
    ast.ImportFrom,
    ast.Assign,
    ast.AnnAssign,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
)


def above(module: str) -> list[str]:
    """Packages that are imported before a module is."""
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def parse(source: str, name: str) -> ast.Module:
    """Syntax tree of a text; `name` stands for it in the message of the error."""
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise NotebookError(f"{name}, line {error.lineno}: not Python: {error.msg}") from error


def absolute(node: ast.ImportFrom, package: str) -> str:
    """Dotted name that ``from`` names, relative imports resolved."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    above = parts[: len(parts) - node.level + 1]
    return ".".join([*above, node.module] if node.module else above)


def running(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk what can run: everything but the bodies of ``if TYPE_CHECKING``."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.If) and last_name(node.test) == "TYPE_CHECKING":
            pending.extend(node.orelse)
        else:
            pending.extend(ast.iter_child_nodes(node))


def last_name(node: ast.AST) -> str:
    """Last part of a dotted name, such as ``d`` of ``b.c.d``; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def attributes(tree: ast.Module, bound: str) -> set[str]:
    """Attributes taken from a name; none where the name is also used in another way."""
    taken: set[str] = set()
    heads: set[int] = set()
    uses: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and dotted(node.value) == bound:
            taken.add(node.attr)
            heads.add(id(node.value))
        if dotted(node) == bound:
            uses.add(id(node))
    return set() if uses - heads else taken


def dotted(node: ast.AST) -> str:
    """A dotted name as text; empty for anything else."""
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return node.id if isinstance(node, ast.Name) else ""


def definitions(tree: ast.Module) -> set[str]:
    """Names that a module's own statements bind, other than by import."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(last_name(target) for target in node.targets)
        elif isinstance(node, ast.AnnAssign):
            names.add(last_name(node.target))
    return names


def acts(tree: ast.Module) -> bool:
    """Whether a package's ``__init__`` does more than bind names."""
    return any(
        not isinstance(node, _BINDING)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in tree.body
    )
