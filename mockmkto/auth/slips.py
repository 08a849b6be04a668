"""Says why a signature was refused, and which usual slip gives exactly what came."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from html import escape  # the one of xml.sax.saxutils brings an HTTP client with it
from itertools import permutations

from msgspec import Struct
from msgspec.structs import replace

from mockmkto.auth.deviations import Deviation
from mockmkto.auth.search import LONGEST_SEARCHED, find_slip
from mockmkto.auth.signatures import AuthenticationHeader, check, freshness, sign
from mockmkto.auth.timestamps import parse_timestamp
from mockmkto.errors import Code
from mockmkto.model import Credential, SignatureCheck, Warning

__all__ = ["Deviation", "Explanation", "explain", "without_keys"]

_LONGEST_USER_ID = 200  # comparing names is quadratic; nobody's user id is longer
_SHORTEST_HIDDEN = 6  # a shorter key is blanked where it is the whole value, not inside another: `a` is in every word


class Explanation(Struct, frozen=True):
    """Why a header was accepted or refused. It shows no encryption key, not even one that the client sent.

    `signed` is the string that must be signed, `expected` the right signature for each live key, `came` what was
    sent, `slip` the deviations that together give exactly what came (empty: none is known, or none was needed).
    `findings` is all that is wrong, `advice` what else to do; all of it is for people.
    """

    user_id: str | None
    fault: Code | None
    findings: tuple[str, ...] = ()
    signed: str | None = None
    expected: tuple[str, ...] = ()
    came: str | None = None
    slip: tuple[Deviation, ...] = ()
    advice: tuple[str, ...] = ()
    warnings: tuple[Warning, ...] = ()
    timestamp_form: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether nothing was wrong."""
        return not self.findings

    @property
    def lines(self) -> tuple[str, ...]:
        """The explanation, a sentence or two a line."""
        lines = [*self.findings] if self.findings else ["The signature is right and the request is in time: accepted."]
        if self.signed is not None and self.expected:
            lines.append(f"The string to sign, requestTimestamp + mktowsUserId: '{self.signed}'")
            lines.append(f"Expected, the lower-case hex of its HMAC-SHA1: {' or '.join(self.expected)}")
        if self.came is not None and self.expected:
            lines.append(f"What came: {self.came}")
        if self.slip:
            lines.append(f"Exactly this comes out when {', and '.join(step.says for step in self.slip)}.")
            lines.extend(step.advice for step in self.slip)
        return (*lines, *self.advice, *(f"Warning: {warning}" for warning in self.warnings))

    @property
    def check(self) -> SignatureCheck:
        """The same as a check to put on record: its findings are these lines."""
        findings = self.lines if self.findings else ()
        return SignatureCheck(self.user_id, findings, self.fault, self.signed, self.timestamp_form)

    def __str__(self) -> str:
        return "\n".join(self.lines)


def explain(
    header: AuthenticationHeader | None,
    credentials: Sequence[Credential],
    now: datetime,
    window: timedelta | None,
    zone: tzinfo,
) -> Explanation:
    """Why `check` decides as it does about this header, and what to do about it.

    `credentials` are all that are known here: a slip may have used another one's key. Takes milliseconds, up to a
    few thousand signatures are tried; it is for refused requests and for people.
    """
    user_id = header.user_id if header else None
    credential = next((known for known in credentials if known.user_id == user_id), None)
    found, warnings = check(header, credential, now, window, zone)
    secrets = _Secrets(header, credentials)
    shown = Explanation(
        user_id=secrets.hide(user_id) if user_id else user_id,
        fault=None if found.fault is None else Code(found.fault),
        findings=tuple(secrets.hide(finding) for finding in found.findings),
        signed=secrets.hide(found.signed_string) if found.signed_string else None,
        came=secrets.hide(header.signature) if header and header.signature else None,
        warnings=tuple(warnings),
        timestamp_form=found.timestamp_form,
    )
    if header is None or not header.user_id or not header.signature or not header.timestamp:
        return shown
    if credential is None:
        return _explain_unknown(shown, header, credentials, zone, secrets)
    shown = replace(shown, expected=_expected(header.user_id, credential, header.timestamp))
    if found.fault == Code.ACCESS_DENIED:
        return replace(shown, advice=("Set `blocked: false` on the credential, or call with another one.",))
    if found.fault != Code.AUTHENTICATION_FAILED:
        return shown

    exchanged = _exchanged(header, credentials) if parse_timestamp(header.timestamp, zone) is None else None
    if exchanged is not None:
        return _explain_exchanged(shown, header, exchanged, credentials, zone, secrets)
    slip = find_slip(header.user_id, header.signature, header.timestamp, credential, credentials, zone)
    advice: tuple[str, ...] = () if slip else (_no_slip(header.signature, header.user_id, header.timestamp),)
    stamp = parse_timestamp(header.timestamp, zone)
    late = None if window is None else freshness(header.timestamp, stamp, now, window, zone)
    if credential.blocked:
        advice += (f"Once the signature is right, 20013 is answered: the credential of '{header.user_id}' is blocked.",)
    elif late is not None:
        advice += (f"Once the signature is right, 20016 is answered: {secrets.hide(late)}",)
    return replace(
        shown,
        slip=slip or (),
        advice=advice,
        timestamp_form=stamp.form if stamp else None,
    )


def _explain_unknown(
    shown: Explanation,
    header: AuthenticationHeader,
    credentials: Sequence[Credential],
    zone: tzinfo,
    secrets: _Secrets,
) -> Explanation:
    """For a user id that nobody has: whose was probably meant, and whether that one's key made the signature."""
    user_id, signature, timestamp = header.user_id or "", header.signature or "", header.timestamp or ""
    owner = next((known for known in credentials if user_id in known.encryption_keys), None)
    exchanged = _exchanged(header, credentials)
    if owner is None and exchanged is not None:
        return _explain_exchanged(shown, header, exchanged, credentials, zone, secrets)
    if owner is not None:
        text = (
            f"mktowsUserId holds the encryption key of user '{owner.user_id}': user id and key are swapped in the "
            "client's settings. Swap them back, and take care where that key has been logged."
        )
        return replace(shown, findings=(text,))
    nearest = _nearest(user_id, credentials)
    slip = find_slip(user_id, signature, timestamp, nearest, credentials, zone)
    if nearest is not None:
        advice = f"Did you mean '{nearest.user_id}'? It must be sent, and signed, exactly so."
        if slip == ():
            advice += " Its key made this signature, so only the user id has to be put right."
    elif credentials:
        known = ", ".join(f"'{item.user_id}'" for item in credentials[:5])
        rest = f" and {len(credentials) - 5} more" if len(credentials) > 5 else ""
        advice = f"Known here: {known}{rest}."
    else:
        advice = "No credential is known here at all: configure one with --credential USER:KEY or in a fixture."
    if nearest is not None:
        signed = secrets.hide(timestamp) + nearest.user_id
        shown = replace(shown, signed=signed, expected=_expected(nearest.user_id, nearest, timestamp))
    return replace(shown, slip=slip or (), advice=(advice,))


def _exchanged(header: AuthenticationHeader, credentials: Sequence[Credential]) -> AuthenticationHeader | None:
    """The same values in another order, the first in which each is what it must be."""
    known = {item.user_id: item for item in credentials}
    sent = (header.user_id or "", header.signature or "", header.timestamp or "")
    orders = [AuthenticationHeader(*order) for order in permutations(sent) if order[0] in known and order != sent]
    right = (order for order in orders if order.signature in _expected_of(order, known[order.user_id or ""]))
    shaped = (order for order in orders if parse_timestamp(order.timestamp or "", UTC) is not None)
    return next(right, None) or next(shaped, None)


def _expected_of(header: AuthenticationHeader, credential: Credential) -> tuple[str, ...]:
    return _expected(credential.user_id, credential, header.timestamp or "")


def _explain_exchanged(
    shown: Explanation,
    sent: AuthenticationHeader,
    meant: AuthenticationHeader,
    credentials: Sequence[Credential],
    zone: tzinfo,
    secrets: _Secrets,
) -> Explanation:
    """For a header whose members have each other's values: what is where, and whether the signature is right."""
    owner = next(item for item in credentials if item.user_id == meant.user_id)
    places = {sent.user_id: "mktowsUserId", sent.signature: "requestSignature", sent.timestamp: "requestTimestamp"}
    values = (("the user id", meant.user_id), ("the signature", meant.signature), ("the timestamp", meant.timestamp))
    own = {"the user id": "mktowsUserId", "the signature": "requestSignature", "the timestamp": "requestTimestamp"}
    moved = [f"{places[value]} holds {name}" for name, value in values if places[value] != own[name]]
    text = (
        f"Members of the AuthenticationHeader are exchanged: {', and '.join(moved)}. Write each into its own element."
    )
    slip = find_slip(meant.user_id or "", meant.signature or "", meant.timestamp or "", owner, credentials, zone)
    advice = ("The signature is right, and so is the code that makes it.",) if slip == () else ()
    return replace(
        shown,
        findings=(text,),
        signed=secrets.hide(meant.timestamp or "") + (meant.user_id or ""),
        expected=_expected_of(meant, owner),
        came=secrets.hide(meant.signature or ""),
        slip=slip or (),
        advice=advice,
    )


def _expected(user_id: str, credential: Credential, timestamp: str) -> tuple[str, ...]:
    return tuple(sign(user_id, key, timestamp) for key in credential.encryption_keys)


def _nearest(user_id: str, credentials: Sequence[Credential]) -> Credential | None:
    """The credential whose user id was probably meant: the same but for case and white space, or else similar."""
    by_folded = {known.user_id.casefold(): known for known in credentials}
    wanted = user_id.strip().casefold()[:_LONGEST_USER_ID]
    close = difflib.get_close_matches(wanted, by_folded, n=1, cutoff=0.75)
    return by_folded[close[0]] if close else None


def _no_slip(signature: str, user_id: str, timestamp: str) -> str:
    longest = max(len(signature), len(user_id), len(timestamp))
    if longest > LONGEST_SEARCHED:
        return f"No slip was looked for: {longest} characters are more than a header has."
    if len(signature) != 40:
        shape = f"What came has {len(signature)} characters; the hex of an HMAC-SHA1 has 40. "
    else:
        shape = ""
    return (
        f"{shape}No usual slip gives what came. Compare, on the client, the string that it signs with the one above, "
        f"and make sure that its encryption key is the one of user '{user_id}', without quotes or white space."
    )


def without_keys(request: bytes, header: AuthenticationHeader | None, credentials: Sequence[Credential]) -> bytes:
    """A request as it may be kept and shown: an encryption key that a client sent in its header is no part of it.

    Where the key is there and cannot be found (written in character references, say), the whole request is left out.
    """
    secrets = _Secrets(header, credentials)
    shown = request
    for key, user_id in secrets.sent.items():
        text = f"(the encryption key of user '{escape(user_id, quote=False)}')"
        found = False
        if len(key) < _SHORTEST_HIDDEN:  # it may be in every word
            return f"(left out: it holds the encryption key of user '{user_id}')".encode()
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "latin-1"):
            for written in (
                key,
                escape(key, quote=False),
                escape(key, quote=False).replace('"', "&quot;").replace("'", "&apos;"),
            ):
                with suppress(UnicodeEncodeError):
                    sought = written.encode(encoding)
                    if sought in shown:
                        shown, found = shown.replace(sought, text.encode(encoding)), True
        if not found:
            return f"(left out: it holds the encryption key of user '{user_id}')".encode()
    return shown


class _Secrets:
    """Blanks what a client has sent wherever that is, or holds, an encryption key."""

    __slots__ = ("_blanked", "sent")

    def __init__(self, header: AuthenticationHeader | None, credentials: Sequence[Credential]) -> None:
        user_ids = {known.user_id for known in credentials}
        keys = {key: known.user_id for known in credentials for key in known.encryption_keys if key}
        sent = {header.user_id, header.signature, header.timestamp} if header else set()
        self._blanked: list[tuple[str, str]] = []
        self.sent: dict[str, str] = {}  # keys, and whose they are
        for value in sorted(value for value in sent if value and value not in user_ids):
            blanked = value
            for key in sorted(keys, key=len, reverse=True):
                if key == value or (len(key) >= _SHORTEST_HIDDEN and key in value):
                    blanked = blanked.replace(key, f"(the encryption key of user '{keys[key]}')")
                    self.sent[key] = keys[key]
            if blanked != value:
                self._blanked.append((value, blanked))

    def hide(self, text: str) -> str:
        """The text, with those values blanked."""
        for value, blanked in self._blanked:
            text = text.replace(value, blanked)
        return text
