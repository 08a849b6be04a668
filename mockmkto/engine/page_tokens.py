"""Page tokens: where a reader stands, in a text that says nothing to anybody else.

They look as the vendor's do (captured): 32 bytes in base32, which is 52 characters and four `=`. Older ones of the
vendor's were read by their clients, who then depended on it; nothing can be read from these.
"""

from __future__ import annotations

import base64
import binascii
import struct
from hashlib import blake2b

__all__ = ["page_token", "read_page_token"]

_NUMBERS = struct.Struct(">qq")
_DIGEST = 16  # bytes


def page_token(kind: str, first: int, second: int = 0) -> str:
    """The token of a place that two numbers say; of the same place it is always the same.

    Args:
        kind: what it pages through, in a word: a token of another kind is none.
        first: a number, from -2**63 to 2**63 - 1.
        second: another.
    """
    numbers = _NUMBERS.pack(first, second)
    digest = _digest(kind, numbers)
    return base64.b32encode(digest + _veiled(kind, digest, numbers)).decode()


def read_page_token(kind: str, text: str) -> tuple[int, int] | None:
    """The numbers of a token of that kind; `None` where the text is none, or somebody has changed it.

    Small letters, and a text without its `=`, are read as well.
    """
    stripped = text.strip().upper().rstrip("=")
    try:
        raw = base64.b32decode(stripped + "=" * (-len(stripped) % 8))
    except (binascii.Error, ValueError):
        return None
    if len(raw) != _DIGEST + _NUMBERS.size:
        return None
    digest, veiled = raw[:_DIGEST], raw[_DIGEST:]
    numbers = _veiled(kind, digest, veiled)
    if _digest(kind, numbers) != digest:
        return None
    first, second = _NUMBERS.unpack(numbers)
    return first, second


def _digest(kind: str, numbers: bytes) -> bytes:
    return blake2b(numbers, digest_size=_DIGEST, person=kind.encode()[:16]).digest()


def _veiled(kind: str, digest: bytes, numbers: bytes) -> bytes:
    """The numbers under a veil that the digest makes, or from under it: no secret, but not to be read at a glance."""
    veil = blake2b(digest, digest_size=_NUMBERS.size, person=kind.encode()[:16]).digest()
    return bytes(one ^ other for one, other in zip(numbers, veil, strict=True))
