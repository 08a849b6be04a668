"""Style sheet, script and icon of the console: what they hold, and an address that changes with it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Protocol

__all__ = ["TYPES", "Rooted", "address", "content"]

_FOLDER = Path(__file__).parent / "static"
TYPES = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


class Rooted(Protocol):
    """Who knows where the console is."""

    def root(self, path: str) -> str:
        """The address of a path."""


@cache
def content(name: str) -> tuple[bytes, str]:
    """What a file holds, and the digest of it."""
    read = (_FOLDER / name).read_bytes()
    return read, hashlib.blake2b(read, digest_size=6).hexdigest()


def address(page: Rooted, name: str) -> str:
    """Where a file is."""
    return page.root(f"/static/{content(name)[1]}/{name}")
