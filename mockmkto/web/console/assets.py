"""The console's own style sheet, script and icon: served under an address that changes with their content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from mockmkto.web.console.page import Page

__all__ = ["address", "file"]

_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@cache
def _content(name: str) -> tuple[bytes, str]:
    content = (_FOLDER / name).read_bytes()
    return content, hashlib.blake2b(content, digest_size=6).hexdigest()


def address(page: Page, name: str) -> str:
    """Where a file is."""
    return page.root(f"/static/{_content(name)[1]}/{name}")


def file(page: Page, digest: str, name: str) -> Response:
    """One file; as its address changes when it does, it need never be asked for again."""
    if name not in _TYPES:
        return page.problem(404, "There is no such file.")
    content, current = _content(name)
    lasts = "public, max-age=31536000, immutable" if digest == current else "no-store"
    return Response(content, headers={"Cache-Control": lasts}, content_type=_TYPES[name])
