"""The audit of the papers: printed numbers that follow from other printed ones.

`ranges` takes printed numbers as intervals, `formulas` and `fits` are the identities, `rules` reads
what the papers print and which formula applies where, and `run` applies them and gives `items`.
"""

from precursor_lib.evaluate.audit.items import Item, Outcome
from precursor_lib.evaluate.audit.run import audit

__all__ = ["Item", "Outcome", "audit"]
