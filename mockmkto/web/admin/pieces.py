"""Pieces of a fixture that a request brings: checked as a fixture's are, against what the subscription has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from msgspec import Meta

from mockmkto.model import World
from mockmkto.web.admin.problems import of_fixture
from mockmkto.worlds import FixtureError
from mockmkto.worlds.checking import Findings
from mockmkto.worlds.leads import MAX_ID
from mockmkto.worlds.problems import Location
from mockmkto.worlds.reading import Document
from mockmkto.worlds.values import Values

__all__ = ["Id", "Name", "checked_piece"]

Id = Annotated[int, Meta(ge=1, le=MAX_ID)]
Name = Annotated[str, Meta(pattern=r"^\S(.*\S)?$", max_length=255)]  # without space around it

_T = TypeVar("_T")


def checked_piece(world: World, at: Location, check: Callable[[Values], _T]) -> _T:
    """What the check makes of a piece that came as the body and stands at that place of a fixture.

    Raises:
        ProblemError: 400, with all that is wrong.
    """
    findings = Findings(Document("body", ""))
    try:
        made = check(Values(world, findings))
        findings.raise_if_any()
    except FixtureError as error:
        raise of_fixture(error, at) from None
    return made
