"""Errors that name what was wrong and what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class PrecursorError(Exception):
    """Base of every error that the companion raises on purpose."""


class InputError(PrecursorError, ValueError):
    """An argument, file, field or row is not what it has to be."""


class ManifestError(PrecursorError):
    """The manifest, the claims ledger or what they refer to is inconsistent."""


class DataUnavailableError(PrecursorError):
    """No way of opening a dataset led to data; the message lists every way tried."""


class ChecksumError(PrecursorError):
    """A file's content is not the one that the manifest names."""


class NotebookError(PrecursorError):
    """A notebook could not be prepared or failed while it ran."""


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Say that `name` is no known `kind`, and name the nearest that is.

    Parameters
    ----------
    kind : str
        What was looked for, such as ``"dataset"``.
    name : str
        The name that was not found.
    known : iterable of str
        The names that exist.

    Returns
    -------
    str
        A sentence for an error message.
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=1, cutoff=0.4)
    hint = f"the nearest is '{near[0]}'" if near else f"known: {', '.join(names) or 'none'}"
    return f"unknown {kind} '{name}'; {hint}"
