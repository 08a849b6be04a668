"""What came over HTTP, as far as an API wants to know."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

__all__ = [
    "FORM",
    "HIDDEN",
    "MULTIPART",
    "Incoming",
    "body_without_secrets",
    "is_rest_path",
    "normal_path",
    "without_secrets",
]

_APIS = re.compile(r"/+(?:rest|bulk|identity)(?:/.*)?", re.DOTALL)
_SECRETS = ("access_token", "client_secret")
_A_SECRET = re.compile(
    rb"((?:^|[&?])(?:access_token|client_secret)=|name=\"(?:access_token|client_secret)\"(?:\r\n[^\r\n]+)*\r\n\r\n)[^&\s]*"
)

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
HIDDEN = "***"
"""What stands in the record of a call where a secret was sent."""


class Incoming(NamedTuple):
    """One request. `headers` are those that the record of its call shows."""

    method: str
    path: str  # its escapes resolved
    query: str = ""  # as it was sent
    body: bytes = b""
    content_type: str | None = None
    authorization: str | None = None
    accept_encoding: str | None = None
    range: str | None = None
    remote: str | None = None
    host: str | None = None
    headers: dict[str, str] = {}  # noqa: RUF012  # never written

    @property
    def media_type(self) -> str:
        """What the body is said to be, in small letters and without its parameters; empty where nothing is said."""
        return (self.content_type or "").partition(";")[0].strip().lower()

    @property
    def is_form(self) -> bool:
        """Whether the body is a form, whose fields are parameters."""
        return self.media_type == FORM


def is_rest_path(path: str) -> bool:
    """Whether this is an address of the REST API, of its bulk API or of its identity service."""
    return _APIS.fullmatch(path) is not None


def normal_path(path: str) -> str:
    """The path without empty and dotted segments: a published client asks at `/rest/../bulk` (captured)."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept)


def without_secrets(query: str) -> str:
    """A query as the record of a call may show it."""
    if not any(name in query for name in _SECRETS):
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(name, HIDDEN if name in _SECRETS else value) for name, value in pairs], safe="*:,@")


def body_without_secrets(body: bytes) -> bytes:
    """A form as the record of a call may show it."""
    if not any(name.encode() in body for name in _SECRETS):  # a large file is looked through in no time
        return body
    return _A_SECRET.sub(rb"\1" + HIDDEN.encode(), body)
