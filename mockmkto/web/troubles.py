"""A database that cannot be read or written, said to whoever asked over HTTP, and in one line of the log."""

from __future__ import annotations

import logging

from werkzeug.wrappers import Request

from mockmkto.store.troubles import Trouble

__all__ = ["told"]

_log = logging.getLogger("mockmkto.web")


def told(trouble: Trouble, request: Request) -> str:
    """The sentence for the answer; the log has it, too."""
    _log.error("%s %s: %s; answered with HTTP %d", request.method, request.path, trouble.text, trouble.status)
    return f"The data cannot be read or written: {trouble.text}."
