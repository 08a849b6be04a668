"""The marketoGUID of an object: a text that stands for its kind and its number, by which SOAP knows it.

It looks as the vendor's does (captured: a random UUID) and is always the same for the same object; from it the number
is found again, so that no table is needed.
"""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

__all__ = ["guid_of", "number_of"]

_NUMBER = 6  # bytes
_DIGEST = 16 - _NUMBER


def guid_of(kind: str, number: int) -> str:
    """The GUID of the object of that kind with that number, which is from 0 to 2**48 - 1."""
    plain = number.to_bytes(_NUMBER, "big")
    digest = _digest(kind, plain)
    return str(UUID(bytes=digest + _veiled(kind, digest, plain)))


def number_of(kind: str, guid: str) -> int | None:
    """The number of the object of that kind that has the GUID, in any case; `None` where none can have it."""
    try:
        raw = UUID(guid.strip()).bytes
    except ValueError:
        return None
    digest = raw[:_DIGEST]
    plain = _veiled(kind, digest, raw[_DIGEST:])
    return int.from_bytes(plain, "big") if _digest(kind, plain) == digest else None


def _digest(kind: str, number: bytes) -> bytes:
    digest = bytearray(blake2b(number, digest_size=_DIGEST, person=_person(kind)).digest())
    digest[6] = digest[6] & 0x0F | 0x40  # as the fourth version of a UUID has it
    digest[8] = digest[8] & 0x3F | 0x80
    return bytes(digest)


def _veiled(kind: str, digest: bytes, number: bytes) -> bytes:
    veil = blake2b(digest, digest_size=_NUMBER, person=_person(kind)).digest()
    return bytes(one ^ other for one, other in zip(number, veil, strict=True))


def _person(kind: str) -> bytes:
    return blake2b(kind.casefold().encode(), digest_size=16).digest()
