"""Recorded traffic of the real API: read, learned from, replayed, compared."""
