"""The audit's formulas by name; `formulas` and `fits` put theirs in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from precursor_lib.errors import InputError, unknown
from precursor_lib.evaluate.audit.ranges import Function, How


@dataclass(frozen=True)
class Formula:
    """A formula of the audit.

    Attributes
    ----------
    name : str
    function : callable
    text : str
        What it is, in words that follow "is" or "as".
    family : str
        Kind of check.
    how : How
    """

    name: str
    function: Function
    text: str
    family: str
    how: How


FORMULAS: dict[str, Formula] = {}


def register(text: str, family: str, how: How = How.CORNERS) -> Callable[[Function], Function]:
    """Put the function below into `FORMULAS`, by its name; see `Formula`."""

    def keep(function: Function) -> Function:
        name = function.__name__.rstrip("_")
        FORMULAS[name] = Formula(name, function, text, family, how)
        return function

    return keep


def formula(name: str) -> Formula:
    """A formula by its name.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in FORMULAS:
        raise InputError(unknown("formula", name, FORMULAS))
    return FORMULAS[name]
