"""The console's own style sheet, script and icon: served under an address that changes with their content."""

from __future__ import annotations

from werkzeug.wrappers import Response

from mockmkto.web.console.page import Page
from mockmkto.web.console.statics import TYPES, content

__all__ = ["file"]


def file(page: Page, digest: str, name: str) -> Response:
    """One file; as its address changes when it does, it need never be asked for again."""
    if name not in TYPES:
        return page.problem(404, "There is no such file.")
    held, current = content(name)
    lasts = "public, max-age=31536000, immutable" if digest == current else "no-store"
    return Response(held, headers={"Cache-Control": lasts}, content_type=TYPES[name])
