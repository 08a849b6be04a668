"""A proof in the hands of a test: it explains itself."""

from __future__ import annotations

from mockmkto.migration.model import Proof
from mockmkto.migration.reporting import as_text

__all__ = ["Proven"]

__tracebackhide__ = True  # a test's traceback ends in the test


class Proven(Proof, frozen=True):
    """Everything that a proof found. `str()` of it is for people."""

    def assert_same(self) -> None:
        """Explains what differs, and fails.

        Raises:
            AssertionError: something is unexplained, or a program ended badly.
        """
        __tracebackhide__ = True
        if not self.equal:
            raise AssertionError(f"the migration is not proven\n\n{self}")

    def __str__(self) -> str:
        return as_text(self)
