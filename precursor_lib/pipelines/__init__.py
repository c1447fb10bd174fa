"""The papers' chains, from a network's record to anomalies."""
