"""What signing code can do otherwise: every choice that it makes, what is right, and the usual slips."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Generic, TypeVar
from urllib.parse import quote

from msgspec import Struct

from mockmkto.auth.timestamps import Timestamp, parse_timestamp
from mockmkto.model import Credential

__all__ = [
    "ARRANGEMENTS",
    "CHARSETS",
    "CONSTRUCTIONS",
    "Axis",
    "Charsets",
    "Construction",
    "Deviation",
    "Key",
    "Option",
    "encryption_keys",
    "key_sent",
    "timestamps",
    "unbase64",
    "unhex",
    "user_ids",
]


class Deviation(Struct, frozen=True):
    """One thing that signing code did otherwise: its name, a clause that says it, a sentence that puts it right."""

    name: str
    says: str
    advice: str


T = TypeVar("T")
Key = str | bytes
Arrangement = Callable[[str, str], str]
Charsets = tuple[str, str]  # of the message, of the key
Construction = Callable[[str, bytes, bytes], bytes]  # digest name, key, message -> digest


class Option(Struct, Generic[T], frozen=True):
    """One way to make a choice; without a deviation it is the right one."""

    value: T
    deviation: Deviation | None = None


class Axis(Struct, Generic[T], frozen=True):
    """One of the choices that signing code makes: what is right, and what else people do."""

    right: Sequence[Option[T]]
    wrong: Sequence[Option[T]]

    @classmethod
    def of(cls, right: Iterable[T], wrong: Iterable[tuple[T, Deviation]]) -> Axis[T]:
        """An axis without repetitions: a slip that makes no difference here is none."""
        allowed = dict.fromkeys(right)
        others: dict[T, Deviation] = {}
        for value, deviation in wrong:
            if value not in allowed:
                others.setdefault(value, deviation)
        return cls([Option(value) for value in allowed], [Option(*item) for item in others.items()])

    def options(self, deviate: bool) -> Sequence[Option[T]]:
        """The right options, or the others."""
        return self.wrong if deviate else self.right


_SAME_TEXT = "Sign the very text that is sent in requestTimestamp: make it once, use it twice."


def timestamps(sent: str, zone: tzinfo) -> Axis[str]:
    """The text that was signed as the timestamp."""
    return Axis.of([sent], [*_white_space(sent, "timestamp"), *_quoted(sent, "timestamp"), *_rewritten(sent, zone)])


def _rewritten(sent: str, zone: tzinfo) -> Iterator[tuple[str, Deviation]]:
    """The same instant in the other known forms and offsets, the same clock time in another zone, a second later."""
    stamp = parse_timestamp(sent, zone)
    if stamp is None:
        return
    with contextlib.suppress(OverflowError):  # on the first and last days that there are
        yield from _rewritten_from(sent, stamp, zone)


def _rewritten_from(sent: str, stamp: Timestamp, zone: tzinfo) -> Iterator[tuple[str, Deviation]]:
    for instant in (stamp.instant, *stamp.alternatives):
        for place in (stamp.offset or zone, UTC, zone):
            for written in _written_forms(instant.astimezone(place), place):
                yield written, _reformatted(sent, written)
        for seconds in (str(int(instant.timestamp())), str(int(instant.timestamp() * 1000))):
            yield seconds, _reformatted(sent, seconds)
    wall = stamp.instant.astimezone(stamp.offset or zone)
    for place in (UTC, zone):
        for written in _written_forms(wall.replace(tzinfo=place), place):
            says = f"the timestamp was signed as '{written}', the same time of day elsewhere, and sent as '{sent}'"
            yield written, Deviation("timestamp in another zone", says, _SAME_TEXT)
    yield from _a_moment_apart(sent.strip(), wall)


def _written_forms(at: datetime, place: tzinfo) -> Iterator[str]:
    colon = at.isoformat()[-6:]
    bare = colon.replace(":", "")
    marks = [colon, bare, f" {bare}", f" {colon}", ""]
    if place is UTC:
        marks += ["Z", " UTC"]
    for separator in ("T", " "):
        for precision in ("seconds", "milliseconds", "microseconds"):
            clock = at.replace(tzinfo=None).isoformat(separator, precision)
            for mark in marks:
                yield clock + mark


def _reformatted(sent: str, written: str) -> Deviation:
    says = f"the timestamp was signed as '{written}' and sent as '{sent}'"
    return Deviation("timestamp reformatted", says, _SAME_TEXT)


def _a_moment_apart(text: str, wall: datetime) -> Iterator[tuple[str, Deviation]]:
    """Code that asks for the time twice, once to sign and once to send, works until a second passes in between."""
    for seconds in (-1, 1, -2, 2, -3, 3):
        moved = (wall.replace(tzinfo=None) + timedelta(seconds=seconds)).isoformat(text[10], "seconds")
        written = moved + text[19:]  # every form begins with as much as `moved` has
        says = f"the timestamp was signed as '{written}', {abs(seconds)} s apart from '{text}', which was sent"
        yield written, Deviation("time asked twice", says, _SAME_TEXT)


def user_ids(sent: str, owner: Credential | None, credentials: Sequence[Credential]) -> Axis[str]:
    """The text that was signed as the user id; the one that should have been sent is as right as the one sent."""

    def wrong() -> Iterator[tuple[str, Deviation]]:
        advice = "Sign the very user id that is sent in mktowsUserId."
        yield from _white_space(sent, "user id")
        yield from _quoted(sent, "user id")
        for written, case in ((sent.lower(), "lower"), (sent.upper(), "upper")):
            says = f"the user id was signed in {case} case"
            yield written, Deviation("user id in another case", says, advice)
        for other in credentials:
            says = f"the user id that was signed is '{other.user_id}', not the one that was sent"
            yield other.user_id, Deviation("another user id signed", says, advice)

    return Axis.of([sent, owner.user_id] if owner else [sent], wrong())


def _white_space(sent: str, what: str) -> Iterator[tuple[str, Deviation]]:
    for written, says in (
        (sent + "\n", "was signed with a newline after it"),
        (sent + "\r\n", "was signed with CR and LF after it"),
        (sent + " ", "was signed with a space after it"),
        (" " + sent, "was signed with a space before it"),
        (sent.strip(), "was sent with white space around it, and signed without"),
    ):
        advice = f"Trim the {what} once, before it is signed and sent (in a shell: `printf %s`, not `echo`)."
        yield written, Deviation(f"white space around the {what}", f"the {what} {says}", advice)


def _quoted(sent: str, what: str) -> Iterator[tuple[str, Deviation]]:
    encoded = quote(sent, safe="", errors="replace")
    for written, how in (
        (_escape(sent), "XML-escaped"),
        (_escape(sent).replace('"', "&quot;").replace("'", "&apos;"), "XML-escaped"),
        (encoded, "URL-encoded"),
        (re.sub("%..", lambda code: code[0].lower(), encoded), "URL-encoded"),  # as .NET writes it
    ):
        advice = f"Sign the {what} itself: escaping belongs to the document, not to the message."
        yield written, Deviation(f"{what} {how}", f"the {what} was signed {how}", advice)


def _escape(text: str) -> str:
    # The standard library's own, in xml.sax, loads an HTTP client, which every start would pay for.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _separated(separator: str, name: str) -> tuple[Arrangement, Deviation]:
    says = f"the timestamp and the user id were joined with {name}"
    deviation = Deviation("separator in the message", says, "Join them with nothing in between.")
    return lambda time, user: time + separator + user, deviation


_ORDER = "The message is requestTimestamp followed by mktowsUserId."
ARRANGEMENTS: Axis[Arrangement] = Axis.of(
    [lambda time, user: time + user],
    [
        (
            lambda time, user: user + time,
            Deviation("user id and timestamp swapped", "the user id was put before the timestamp", _ORDER),
        ),
        (
            lambda time, user: time,  # noqa: ARG005
            Deviation("only the timestamp signed", "only the timestamp was signed", _ORDER),
        ),
        (
            lambda time, user: user,  # noqa: ARG005
            Deviation("only the user id signed", "only the user id was signed", _ORDER),
        ),
        _separated(" ", "a space"),
        _separated("\n", "a newline"),
        *(_separated(mark, f"`{mark}`") for mark in (":", "&", "|", ",", "+", "-", "_", ".")),
    ],
)


def encryption_keys(user_id: str, owner: Credential | None, credentials: Sequence[Credential]) -> Axis[Key]:
    """The key that was used; every live key of the owner is right."""

    def mangled(key: str) -> Iterator[tuple[Key, str]]:
        yield key + "\n", "has a newline after it, perhaps from the file that it was read from"
        yield key + "\r\n", "has CR and LF after it, perhaps from the file that it was read from"
        yield key + " ", "has a space after it"
        yield " " + key, "has a space before it"
        yield f'"{key}"', "has quotes around it"
        yield f"'{key}'", "has quotes around it"
        yield key.lower(), "was turned to lower case"
        yield key.upper(), "was turned to upper case"
        yield _escape(key), "was XML-escaped"
        for decoded, how in ((unhex(key), "hex"), (unbase64(key), "base64")):
            if decoded is not None:
                yield decoded, f"was decoded from {how}"

    def wrong() -> Iterator[tuple[Key, Deviation]]:
        for key in owner.encryption_keys if owner else ():
            for value, says in mangled(key):
                advice = "Use the text of the encryption key as it is."
                yield value, Deviation("encryption key altered", f"the encryption key {says}", advice)
        advice = "Give the client its encryption key; is a setting or a variable of the environment unset?"
        yield "", Deviation("empty encryption key", "the encryption key is empty", advice)
        says = "the user id was used as the encryption key"
        yield (
            user_id,
            Deviation("user id as the key", says, "The key is the encryption key, the message ends in the id."),
        )
        for other in credentials:
            says = f"the encryption key is the one of user '{other.user_id}'"
            advice = "Sign with the key that belongs to the user id that is sent."
            for key in other.encryption_keys:
                yield key, Deviation("another credential's key", says, advice)

    return Axis.of(owner.encryption_keys if owner else (), wrong())


def key_sent(owner: Credential) -> Deviation:
    """The slip of a client that sends the key in place of the signature."""
    says = f"the encryption key of user '{owner.user_id}' itself is sent as the signature"
    advice = "Send the HMAC-SHA1 made with the key, never the key; take care where it has been logged."
    return Deviation("encryption key sent", says, advice)


def _charset(name: str, what: str) -> Deviation:
    return Deviation("another charset", f"{what} was encoded in {name}", "Encode message and key in UTF-8.")


CHARSETS: Axis[Charsets] = Axis.of(
    [("utf-8", "utf-8")],
    [
        (("utf-16-le", "utf-8"), _charset("UTF-16", "the message")),
        (("utf-16-le", "utf-16-le"), _charset("UTF-16", "the message and the key")),
        (("utf-8", "utf-16-le"), _charset("UTF-16", "the key")),
    ],
)


def _plain(name: str, message: bytes) -> bytes:
    return hashlib.new(name, message, usedforsecurity=False).digest()


_HMAC = "Use an HMAC, with the encryption key as its key; libraries have a function of that name."
CONSTRUCTIONS: Axis[Construction] = Axis.of(
    [lambda name, key, message: hmac.digest(key, message, name)],
    [
        (
            lambda name, key, message: hmac.digest(message, key, name),
            Deviation(
                "key and message swapped",
                "the message was used as the key, and the key as the message",
                "The key of the HMAC is the encryption key; look at the order of the function's arguments.",
            ),
        ),
        (
            lambda name, key, message: _plain(name, message),  # noqa: ARG005
            Deviation("plain digest, no HMAC", "the message was hashed without a key", _HMAC),
        ),
        (
            lambda name, key, message: _plain(name, key + message),
            Deviation("plain digest, no HMAC", "key and message were joined and hashed, without HMAC", _HMAC),
        ),
        (
            lambda name, key, message: _plain(name, message + key),
            Deviation("plain digest, no HMAC", "message and key were joined and hashed, without HMAC", _HMAC),
        ),
    ],
)


def unhex(text: str) -> bytes | None:
    """The bytes that the text is the hex of, in any case; `None` when it is not."""
    try:
        return binascii.unhexlify(text)
    except ValueError:
        return None


def unbase64(text: str) -> bytes | None:
    """The bytes that the text is the base64 of, in either alphabet, padded or not; `None` when it is not."""
    standard = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except ValueError:
        return None
