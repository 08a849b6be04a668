"""The problems of one document, collected so that its author sees them all at once."""

from __future__ import annotations

from mockmkto.worlds.problems import FixtureError, Location
from mockmkto.worlds.reading import Document

__all__ = ["Findings"]

MAX_PROBLEMS = 20  # of one file; more than a screenful helps nobody


class Findings:
    """The problems of one document, collected so that its author sees them all at once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._problems: list[tuple[Location, str]] = []

    def add(self, location: Location, message: str) -> None:
        """Note a problem.

        Raises:
            FixtureError: enough were found.
        """
        self._problems.append((self._document.moved(location), message))
        if len(self._problems) >= MAX_PROBLEMS:
            self.raise_if_any()

    def raise_if_any(self) -> None:
        """Raise `FixtureError` with all that was found, if anything was."""
        if self._problems:
            raise FixtureError(self._document.problems(self._problems))
