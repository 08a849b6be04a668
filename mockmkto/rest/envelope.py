"""Answers of the REST API as bytes: the envelope of each of its parts, and what it says where it refuses.

The order of the members is captured. What there is nothing to say of is left out, but by the asset API, which always
says that there are no errors and no warnings.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from mockmkto.errors import RestError

__all__ = ["JSON", "Answered", "FileAnswer", "error_body", "is_asset", "reason", "request_id", "success_body"]

JSON = "application/json;charset=UTF-8"

_encode = msgspec.json.Encoder().encode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Answered(NamedTuple):
    """What an operation answers. Without a `result`, the answer has no such member."""

    result: Sequence[Any] | None = None
    next_token: str | None = None
    more: bool | None = None
    warnings: Sequence[str] = ()  # of the asset API
    members: Mapping[str, Any] = {}  # further ones
    bare: bool = False  # `members` are the whole answer: the identity service has no envelope
    headers: tuple[tuple[str, str], ...] = ()


class FileAnswer(NamedTuple):
    """A file, or a part of it."""

    body: bytes
    content_type: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def is_asset(path: str) -> bool:
    """Whether a path is of the asset API, which has an envelope of its own."""
    return path.startswith("/rest/asset/")


def request_id(at: datetime) -> str:
    """`c445#17d4f044661`: a random number below 100,000, and the moment in milliseconds, both in hex (captured)."""
    return f"{secrets.randbelow(100_000):x}#{(at - _EPOCH) // _MILLISECOND:x}"


def success_body(path: str, at: datetime, answered: Answered) -> bytes:
    """The answer of an operation that was done."""
    if answered.bare:
        return _encode(answered.members)
    said: dict[str, Any]
    if is_asset(path):
        said = {"success": True, "errors": [], "requestId": request_id(at), "warnings": list(answered.warnings)}
        if answered.result is not None:
            said["result"] = answered.result
    else:
        said = {"requestId": request_id(at)}
        if answered.result is not None:
            said["result"] = answered.result
        said["success"] = True
        if answered.next_token is not None:
            said["nextPageToken"] = answered.next_token
        if answered.more is not None:
            said["moreResult"] = answered.more
    said.update(answered.members)
    return _encode(said)


def error_body(path: str, at: datetime, error: RestError) -> bytes:
    """The answer that refuses."""
    said: dict[str, Any] = {"requestId": request_id(at), "success": False}
    if is_asset(path):
        said["warnings"] = []
    said["errors"] = [reason(error)]
    return _encode(said)


def reason(error: RestError) -> dict[str, str]:
    """A code and a message, as errors of answers and the reasons of records show them: the code is a text."""
    return {"code": str(error.code.value), "message": error.text}
