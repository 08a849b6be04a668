"""A body of several parts: the fields of a form, and files."""

from __future__ import annotations

from io import BytesIO
from typing import NamedTuple

from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from mockmkto.errors import RestCode, RestError
from mockmkto.rest.incoming import MULTIPART, Incoming

__all__ = ["Multipart", "Upload", "read_multipart"]

_MOST_PARTS = 100


class Upload(NamedTuple):
    """A file as it was sent."""

    name: str
    content: bytes


class Multipart(NamedTuple):
    """The parts, by their names; of several of one name the first."""

    fields: dict[str, str]
    files: dict[str, Upload]


def read_multipart(incoming: Incoming) -> Multipart:
    """The parts of a body.

    Raises:
        RestError: 613, it has none, or is broken.
    """
    mimetype, options = parse_options_header(incoming.content_type)
    if mimetype != MULTIPART or not options.get("boundary"):
        raise RestError(RestCode.INVALID_MULTIPART)
    # As large as the body that came: the server has bounded that, and it is in memory already.
    parser = FormDataParser(
        stream_factory=lambda *_, **__: BytesIO(), max_form_memory_size=len(incoming.body), max_form_parts=_MOST_PARTS
    )
    try:
        _, form, files = parser.parse(BytesIO(incoming.body), mimetype, len(incoming.body), options)
    except (ValueError, HTTPException):
        raise RestError(RestCode.INVALID_MULTIPART) from None
    return Multipart(
        {name: values[0] for name, values in form.lists()},
        {name: Upload(stored[0].filename or "", stored[0].read()) for name, stored in files.lists()},
    )
