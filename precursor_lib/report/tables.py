"""Numbers as text, and data frames as numbered tables of a page."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError, unknown

Format = int | str | Callable[[Any], str]
MINUS = "−"
NOTHING = "–"


def number(value: float, digits: int = 3) -> str:
    """A number with `digits` significant digits, the same on every machine.

    Whole numbers of integer type are printed in full. Magnitudes below 1e-4 or from 1e6 on take a
    power of ten. Not a number and None are a dash.

    Parameters
    ----------
    value : float or int
    digits : int, default 3

    Examples
    --------
    >>> number(0.023456), number(-73.26), number(120), number(8.1e-7, 2)
    ('0.0235', '−73.3', '120', '8.1e−07')
    """
    if value is None or (isinstance(value, float | np.floating) and math.isnan(value)):
        return NOTHING
    if isinstance(value, int | np.integer):
        text = str(int(value))
    elif math.isinf(value):
        text = "∞" if value > 0 else "-∞"
    elif value == 0:
        text = "0"
    else:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        power = int(exponent)
        small_or_large = power < -4 or power >= 6
        text = (
            f"{mantissa}e{power:+03d}".replace("e+", "e")
            if small_or_large
            # The mantissa is rounded first, so that 9.996 gives 10.0 and not 10.00.
            else f"{float(f'{mantissa}e{exponent}'):.{max(digits - 1 - power, 0)}f}"
        )
    return text.replace("-", MINUS)


def text(value: Any, how: Format = 3) -> str:
    """One cell: a number, time, truth value or string as text.

    Parameters
    ----------
    value : any
    how : int, str or callable, default 3
        Significant digits, a format such as ``".2f"``, or a function of the value.
    """
    if callable(how):
        return how(value)
    if isinstance(value, list | tuple):
        return ", ".join(text(member, how) for member in value)
    if value is None or value is pd.NaT or value is pd.NA:
        return NOTHING
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, datetime | np.datetime64):
        moment = pd.Timestamp(value)
        if moment is pd.NaT:
            return NOTHING
        pattern = "%Y-%m-%d" if moment == moment.normalize() else "%Y-%m-%d %H:%M"
        return moment.strftime(pattern)
    if isinstance(value, int | float | np.number):
        real = float(value) if isinstance(value, float | np.floating) else int(value)
        if isinstance(how, str):
            is_nan = isinstance(real, float) and math.isnan(real)
            return NOTHING if is_nan else format(real, how).replace("-", MINUS)
        return number(real, how)
    return str(value)


def cells(
    frame: pd.DataFrame,
    *,
    digits: int = 3,
    formats: Mapping[str, Format] | None = None,
    units: Mapping[str, str] | None = None,
) -> tuple[list[str], list[list[str]], list[bool]]:
    """A frame as header, rows of text, and whether each column is flush right (numbers).

    Parameters
    ----------
    frame : pandas.DataFrame
        An index that is named, or is not merely counted, becomes the first column.
    digits : int
        Significant digits of numbers.
    formats, units : mapping by column name, optional
        How to print a column (see `text`), and the unit to put into its header.

    Raises
    ------
    InputError
        If the frame is empty, or a column of `formats` or `units` is not in it.
    """
    shown = frame
    if frame.index.name is not None or not isinstance(frame.index, pd.RangeIndex):
        shown = frame.reset_index(names=frame.index.name or "")
    if shown.empty:
        raise InputError("a table needs at least one row and one column")
    formats, units = formats or {}, units or {}
    for name in (*formats, *units):
        if name not in shown.columns:
            raise InputError(unknown("column", str(name), map(str, shown.columns)))
    header = [f"{name} ({units[name]})" if units.get(name) else str(name) for name in shown.columns]
    columns = [
        [text(value, formats.get(name, digits)) for value in shown[name].tolist()]
        for name in shown.columns
    ]
    right = [
        pd.api.types.is_numeric_dtype(shown[name]) and not pd.api.types.is_bool_dtype(shown[name])
        for name in shown.columns
    ]
    return header, [list(row) for row in zip(*columns, strict=True)], right


def pipe_table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """A Markdown table. Markdown within a cell stays; what would end the cell is escaped."""
    lines = [header, ["--:" if flush else ":--" for flush in right], *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(content: str) -> str:
    flat = re.sub(r"(?<!\\)\|", r"\\|", " ".join(content.split()))
    # Between backticks stand code and references, whose targets are in angle brackets.
    return re.sub(r"(`[^`]*`)|<", lambda match: match[1] or "&lt;", flat)


def directive(label: str, caption: str, table: str) -> str:
    """A numbered MyST table with an anchor.

    Parameters
    ----------
    label : str
        Name for ``{numref}`` and anchor in the page.
    caption : str
    table : str
        As `pipe_table` gives it.
    """
    return f"````{{table}} {' '.join(caption.split())}\n:name: {label}\n\n{table}\n````"


def html_table(
    label: str,
    caption: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[bool],
) -> str:
    """The same table for JupyterLab, which does not know the directive."""

    def line(members: Sequence[str], tag: str) -> str:
        aligned = zip(members, right, strict=True)
        inner = "".join(
            f'<{tag} style="text-align:{"right" if flush else "left"}">{_inline(member)}</{tag}>'
            for member, flush in aligned
        )
        return f"<tr>{inner}</tr>"

    body = "".join(line(row, "td") for row in rows)
    return (
        f'<table><caption style="text-align:left">{_inline(caption)} '
        f"<em>{html.escape(label)}</em></caption>"
        f"<thead>{line(header, 'th')}</thead><tbody>{body}</tbody></table>"
    )


def _inline(markdown: str) -> str:
    """Text whose references to other parts of the book are shown as their label."""
    plain = re.sub(r"\{\w+\}`(?:([^`<]+) <)?([^`>]+)>?`", lambda m: m[1] or m[2], markdown)
    return html.escape(plain.replace("\\|", "|"))
