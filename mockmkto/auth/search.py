"""Searches the usual slips of signing code for those that together give exactly the signature that came."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import combinations, product
from math import prod

from mockmkto.auth.deviations import (
    ARRANGEMENTS,
    CHARSETS,
    CONSTRUCTIONS,
    Charsets,
    Construction,
    Deviation,
    Key,
    encryption_keys,
    key_sent,
    timestamps,
    unbase64,
    unhex,
    user_ids,
)
from mockmkto.model import Credential

__all__ = ["LONGEST_SEARCHED", "find_slip"]

LONGEST_SEARCHED = 1000  # characters: what is longer was no slip, and thousands of digests of it take minutes

_MOST_TRIES = 6000
_MOST_DEVIATIONS = 2  # of the digest and its input; how the digest is written out comes on top


def find_slip(
    user_id: str,
    signature: str,
    timestamp: str,
    owner: Credential | None,
    credentials: Sequence[Credential],
    zone: tzinfo,
) -> tuple[Deviation, ...] | None:
    """The fewest deviations that give exactly this signature: none when it is right, `None` when nothing does.

    `owner` is whose key should have been used, `None` when that is not known; then every key is a deviation. Nothing
    is searched when a text is longer than `LONGEST_SEARCHED`.
    """
    if max(len(user_id), len(signature), len(timestamp)) > LONGEST_SEARCHED:
        return None
    for known in credentials:
        if signature in known.encryption_keys:
            return (key_sent(known),)
    came = list(_digests(signature))
    if not came:
        return None
    times = timestamps(timestamp, zone)
    users = user_ids(user_id, owner, credentials)
    keys = encryption_keys(user_id, owner, credentials)
    axes = (times, users, ARRANGEMENTS, keys, CHARSETS, CONSTRUCTIONS)
    tries = 0
    for size in range(_MOST_DEVIATIONS + 1):
        # Of the pairs the short products first: with many credentials, the bound cuts off what is the least likely.
        lengths = {chosen: prod(len(axes[n].wrong) for n in chosen) for chosen in combinations(range(6), size)}
        for chosen in sorted(lengths, key=lengths.__getitem__) if size > 1 else lengths:
            for picked in product(
                times.options(0 in chosen),
                users.options(1 in chosen),
                ARRANGEMENTS.options(2 in chosen),
                keys.options(3 in chosen),
                CHARSETS.options(4 in chosen),
                CONSTRUCTIONS.options(5 in chosen),
            ):
                time, user, arrange, key, charset, construct = picked
                message = arrange.value(time.value, user.value)
                for digest, name, written in came:
                    tries += 1
                    if tries > _MOST_TRIES:
                        return None
                    if _digest(construct.value, name, charset.value, key.value, message) == digest:
                        steps = tuple(option.deviation for option in picked if option.deviation)
                        return steps + _DIGESTS[name] + written
    return None


def _digest(construct: Construction, name: str, charsets: Charsets, key: Key, message: str) -> bytes | None:
    try:
        secret = key if isinstance(key, bytes) else key.encode(charsets[1], "surrogatepass")
        return construct(name, secret, message.encode(charsets[0], "surrogatepass"))
    except (UnicodeError, ValueError):  # not to be written in that charset; a digest that this Python must not use
        return None


# ---------------------------------------------------------------------------------------------------------------------
# How the digest is written out. What came is decoded, and its length tells the digest: nothing of this is searched.


def _use(name: str, instead: str) -> tuple[Deviation, ...]:
    return (Deviation(name, f"the digest is {instead}", "Use HMAC-SHA1."),)


_DIGESTS: dict[str, tuple[Deviation, ...]] = {
    "sha1": (),
    "sha256": _use("SHA-256 instead of SHA-1", "SHA-256, not SHA-1"),
    "sha512": _use("SHA-512 instead of SHA-1", "SHA-512, not SHA-1"),
    "sha384": _use("SHA-384 instead of SHA-1", "SHA-384, not SHA-1"),
    "sha224": _use("SHA-224 instead of SHA-1", "SHA-224, not SHA-1"),
    "md5": _use("MD5 instead of SHA-1", "MD5, not SHA-1"),
}
_BY_LENGTH = {hashlib.new(name, usedforsecurity=False).digest_size: name for name in _DIGESTS}


def _written(name: str, says: str) -> Deviation:
    return Deviation(name, says, "Send the digest as 40 lower-case hex digits and nothing else.")


_SPACED = _written("white space around the signature", "there is white space around the signature")
_SEPARATED = _written("separators in the hex", "the hex digits are separated or prefixed")
_DOUBLE_HEX = _written("hex of the hex", "the hex text was turned into hex once more")
_BASE64 = _written("base64 instead of hex", "the digest is written in base64 instead of hex")
_BASE64_OF_HEX = _written("base64 of the hex", "the hex text, not the digest, is written in base64")


def _digests(signature: str) -> Iterator[tuple[bytes, str, tuple[Deviation, ...]]]:
    """What was sent as a digest, in each reading that gives one: the bytes, the digest's name, how it was written."""
    text = signature.strip()
    spaced = (_SPACED,) if text != signature else ()
    plain = text.translate({ord(mark): None for mark in "-: "}).removeprefix("0x")
    separated = (_SEPARATED,) if plain != text else ()
    readings = [(unhex(plain), separated), (unbase64(text), (_BASE64,))]
    for inner, how in ((unhex(text), _DOUBLE_HEX), (unbase64(text), _BASE64_OF_HEX)):
        readings.append((unhex(inner.decode("ascii", "replace")) if inner else None, (how,)))
    for digest, written in readings:
        if digest is not None and len(digest) in _BY_LENGTH:
            yield digest, _BY_LENGTH[len(digest)], written + spaced
