"""The proof of a migration: two runs, two worlds, what differs between them, and a verdict on each difference."""
