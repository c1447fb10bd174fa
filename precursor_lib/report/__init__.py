"""What a page shows: numbered figures and tables, maps, claims, provenance."""

from precursor_lib.report.page import Page

__all__ = ["Page"]
