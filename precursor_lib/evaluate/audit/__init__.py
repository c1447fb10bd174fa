"""The audit of the papers: printed numbers that follow from other printed ones.

`ranges` takes printed numbers as intervals, `formulas` are the identities, `rules` reads what the
papers print and which formula applies where, and `items` applies them.
"""

from precursor_lib.evaluate.audit.items import Item, Outcome, audit

__all__ = ["Item", "Outcome", "audit"]
