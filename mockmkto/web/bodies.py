"""How large a request's body may be: one limit, for a body that says its length and for one that comes in chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request
from werkzeug.wsgi import LimitedStream

from mockmkto.bounds import MOST_VALUES

if TYPE_CHECKING:
    from typing import IO

__all__ = ["has_too_many_values", "limit_body"]


def has_too_many_values(raw: bytes) -> bool:
    """Whether a world in YAML or JSON has many more values than one may have, seen before anything is made of them."""
    return raw.count(b",") + raw.count(b"\n") + raw.count(b"\r") > 2 * MOST_VALUES


def limit_body(request: Request, limit: int) -> None:
    """Have whatever reads the body, as bytes or as a form, refuse more than `limit` bytes; none is ever cut.

    Raises:
        RequestEntityTooLarge: the body says that it is longer. One that does not say is refused by whoever reads it.
    """
    request.max_content_length = limit
    request.stream  # noqa: B018  # is made now, which checks the length that was said
    if request.content_length is None and "wsgi.input_terminated" in request.environ:
        request.stream = cast("IO[bytes]", _Bounded(request.environ["wsgi.input"], limit))


class _Bounded(LimitedStream):
    """A stream of unknown length. werkzeug's own ends at the limit, and half a body looks like a whole one."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        super().__init__(stream, limit + 1, is_max=True)

    def readinto(self, b: bytearray) -> int | None:  # type: ignore[override]
        size = super().readinto(b)
        if self.is_exhausted:  # the one byte that is too much came
            raise RequestEntityTooLarge
        return size
