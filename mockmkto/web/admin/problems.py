"""Problem documents (RFC 9457): what was wrong with a request, where, and what was expected there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus

import msgspec

from mockmkto.worlds import FixtureError
from mockmkto.worlds.problems import Location, show_location

__all__ = ["Problem", "ProblemError", "Wrong", "conflict", "not_found", "of_fixture", "wrong"]

_SHOWN = 80  # characters of what came


class Wrong(msgspec.Struct, frozen=True):
    """One thing that is wrong: where in the request, what was expected there, and what came."""

    where: str
    expected: str
    got: str


class Problem(msgspec.Struct, frozen=True):
    """A problem document. `detail` is a sentence for a person; `errors` says the same piece by piece."""

    title: str
    status: int
    detail: str
    errors: tuple[Wrong, ...] = ()
    type: str = "about:blank"


class ProblemError(Exception):
    """Ends a request with a problem document."""

    def __init__(self, status: int, detail: str, errors: Sequence[Wrong] = ()) -> None:
        super().__init__(detail)
        self.problem = Problem(HTTPStatus(status).phrase, status, detail, tuple(errors))


def wrong(*errors: Wrong) -> ProblemError:
    """400: something in the request is not what it must be."""
    return ProblemError(
        400, "; ".join(f"{item.where}: expected {item.expected}, got {item.got}" for item in errors), errors
    )


def not_found(where: str, what: str, got: object, known: Iterable[str] = ()) -> ProblemError:
    """404: there is no such thing; the known ones are named when they are few."""
    listed = sorted(known)
    there = f"; there are {', '.join(listed)}" if 0 < len(listed) <= 20 else ""
    return ProblemError(
        404, f"There is no {what} {show(got)}{there}.", (Wrong(where, f"an existing {what}", show(got)),)
    )


def conflict(where: str, detail: str, got: object) -> ProblemError:
    """409: the request is well-formed, but something that is there is in its way."""
    return ProblemError(409, detail, (Wrong(where, "no conflict with what is there", show(got)),))


def show(value: object) -> str:
    """What came, short enough for a message."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def of_fixture(
    error: FixtureError,
    at: Location = (),
    under: str = "body",
    *,
    renamed: Mapping[str, str] | None = None,
    shows_lines: bool = False,
) -> ProblemError:
    """What is wrong with a fixture, or with a piece of it that came as `under` and was checked as if it stood at `at`.

    A problem at another place than the piece is a conflict: what the request asks for would break what is there.
    """
    errors: list[Wrong] = []
    elsewhere: list[Wrong] = []
    for problem in error.problems:
        inside = problem.location[: len(at)] == at
        location = problem.location[len(at) :] if inside else problem.location
        if inside and location and isinstance(location[0], str):
            location = ((renamed or {}).get(location[0], location[0]), *location[1:])
        place = show_location(location)
        where = under + (f".{place}" if place and not place.startswith("[") else place) if inside else place
        expected, got = _parts(problem.message)
        (errors if inside else elsewhere).append(Wrong(where, expected, got))
    if not errors:
        said = "; ".join(f"{item.where}: {item.expected}" for item in elsewhere)
        return ProblemError(409, f"This would break what is there: {said}.", elsewhere)
    if shows_lines:
        return ProblemError(400, str(error), errors)
    return ProblemError(400, "; ".join(_sentence(item) for item in errors), errors)


def _parts(message: str) -> tuple[str, str]:
    """What was expected and what came, of a message that says both; else the message as it is."""
    if message.startswith("expected ") and ", got " in message:
        expected, _, got = message.removeprefix("expected ").rpartition(", got ")
        return expected, got
    return message.removeprefix("expected "), ""


def _sentence(item: Wrong) -> str:
    return f"{item.where}: expected {item.expected}, got {item.got}" if item.got else f"{item.where}: {item.expected}"
