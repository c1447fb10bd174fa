"""What a page shows: numbered figures and tables, maps, claims, provenance."""
