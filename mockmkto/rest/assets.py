"""What all calls of the asset API share: their answers, their times and addresses, folders and spans as parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from mockmkto.auth.timestamps import parse_timestamp
from mockmkto.engine.plain import utc
from mockmkto.engine.static_lists import Place
from mockmkto.errors import RestCode, RestError
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered
from mockmkto.rest.paging import asset_page
from mockmkto.rest.parameters import whole_number

__all__ = [
    "NOTHING_FOUND",
    "asset_id",
    "assets",
    "moment",
    "page_of_assets",
    "place",
    "required",
    "updated_within",
    "url",
]

NOTHING_FOUND = "No assets found for the given search criteria."  # captured

_T = TypeVar("_T")


class _Updated(Protocol):
    @property
    def updated_at(self) -> datetime: ...


_U = TypeVar("_U", bound=_Updated)


def assets(found: Iterable[_T], shown: Callable[[_T], dict[str, Any]]) -> Answered:
    """What was found; where that is nothing, no result but a warning (captured)."""
    result = [shown(item) for item in found]
    return Answered(result) if result else Answered(warnings=(NOTHING_FOUND,))


def page_of_assets(call: RestCall, found: Sequence[_T], shown: Callable[[_T], dict[str, Any]]) -> Answered:
    """The page of them that a call asks for. Raises RestError."""
    return assets(found[asset_page(call)], shown)


def moment(at: datetime) -> str:
    """`2021-11-23T22:57:24Z+0000` (captured)."""
    return f"{utc(at)}+0000"


def url(kind: str, number: int) -> str:
    """The address of an asset in the vendor's application, as captured: `https://app-mock.marketo.com/#ST1159A1`."""
    return f"https://app-mock.marketo.com/#{kind}{number}A1"


def asset_id(call: RestCall) -> int:
    """The id in the path.

    Raises:
        RestError: 1001, it is no number.
    """
    return whole_number(call.pieces["id"])


def required(call: RestCall, name: str) -> str:
    """A parameter that must be given.

    Raises:
        RestError: 701 `name cannot be blank` (documented).
    """
    value = call.parameters.text(name)
    if value is None or not value.strip():
        raise RestError(RestCode.CANNOT_BE_BLANK, f"{name} cannot be blank")
    return value.strip()


def place(text: str) -> Place:
    """A folder or a program, as a parameter names it: `{"id": 12, "type": "Folder"}`; the type is read in any case.

    Raises:
        RestError: 1001, it is nothing like that.
    """
    try:
        read = json.loads(text)
    except ValueError:
        read = None
    number = read.get("id") if isinstance(read, dict) else None
    kind = str(read.get("type", "Folder")).casefold() if isinstance(read, dict) else ""
    if isinstance(number, bool) or not isinstance(number, int | str) or kind not in ("folder", "program"):
        raise RestError.invalid_type(text, "FolderId")
    return Place(whole_number(str(number)), kind == "program")


def updated_within(call: RestCall, found: Iterable[_U]) -> list[_U]:
    """Those that were updated between `earliestUpdatedAt` and `latestUpdatedAt`, both included (documented).

    Raises:
        RestError: 704, one of them is no time.
    """
    earliest, latest = (_bound(call, name) for name in ("earliestUpdatedAt", "latestUpdatedAt"))
    return [
        item
        for item in found
        if (earliest is None or item.updated_at.replace(microsecond=0) >= earliest)
        and (latest is None or item.updated_at.replace(microsecond=0) <= latest)
    ]


def _bound(call: RestCall, name: str) -> datetime | None:
    text = call.parameters.text(name)
    if text is None:
        return None
    read = parse_timestamp(text.strip(), UTC)
    if read is None:
        raise RestError(RestCode.INVALID_DATE)
    return read.instant
