"""Makes and checks a request's signature: the right key, the right string, not blocked, in time."""

from __future__ import annotations

import hmac
import math
from datetime import UTC, datetime, timedelta, tzinfo

from msgspec import Struct

from mockmkto.auth.timestamps import KNOWN_FORMS, Timestamp, parse_timestamp
from mockmkto.bounds import LONGEST_NOTE, cut
from mockmkto.errors import Code, MarketoError
from mockmkto.model import Credential, SignatureCheck, Warning

__all__ = [
    "AuthenticationHeader",
    "check",
    "check_signature",
    "check_time",
    "freshness",
    "raise_for",
    "sign",
    "to_bytes",
]


class AuthenticationHeader(Struct, frozen=True):
    """The header's three required members, raw as they were sent; `None` is an element that was not there."""

    user_id: str | None
    signature: str | None
    timestamp: str | None

    @property
    def signed_string(self) -> str | None:
        """What the signature is over: the timestamp exactly as sent, then the user id; `None` when one is missing."""
        return self.timestamp + self.user_id if self.timestamp and self.user_id else None

    def bounded(self) -> AuthenticationHeader:
        """The header as an explanation shows it: members that nobody has at such a length are cut."""
        texts = (self.user_id, self.signature, self.timestamp)
        if all(text is None or len(text) <= LONGEST_NOTE for text in texts):
            return self
        return AuthenticationHeader(*(None if text is None else cut(text) for text in texts))


def sign(user_id: str, key: str, timestamp: str) -> str:
    """The signature of a request: 40 lower-case hex digits.

    It is the HMAC-SHA1, keyed with the encryption key, of the timestamp followed by the user id (documented).
    """
    return hmac.digest(to_bytes(key), to_bytes(timestamp + user_id), "sha1").hex()


def to_bytes(text: str) -> bytes:
    """The text in UTF-8; what cannot stand in UTF-8 is carried along, so that no input raises."""
    return text.encode("utf-8", "surrogatepass")


def check(
    header: AuthenticationHeader | None,
    credential: Credential | None,
    now: datetime,
    window: timedelta | None,
    zone: tzinfo,
) -> tuple[SignatureCheck, list[Warning]]:
    """Who is calling, is the signature right, and is it fresh; with a warning for what was read leniently.

    Args:
        header: the header as sent, `None` when there was none.
        credential: the one that has the header's user id, `None` when there is none.
        now: the subscription's time, aware.
        window: how far the timestamp may be from now, both ways, the window itself included; `None` asks nothing of
            the timestamp, not even that it can be read.
        zone: where a timestamp without an offset is read; when that is outside the window it is read as UTC (assumed).

    Returns:
        A check that is accepted, or earned the first of these faults (their order is assumed): 20014 for a header or
        a member that is missing, an unknown user and a wrong signature, 20013 for a blocked credential, 20016 for a
        timestamp outside the window or one that cannot be read. The codes are documented, except for timestamps in
        the future and unreadable ones (assumed). Upper-case hex is accepted (assumed).
    """
    found, warnings = check_signature(header, credential)
    if header is None or found.fault is not None:
        return found, warnings
    return check_time(header, warnings, now, window, zone)


def check_signature(
    header: AuthenticationHeader | None, credential: Credential | None
) -> tuple[SignatureCheck, list[Warning]]:
    """The part of `check` that needs no clock: who is calling, is the signature right, is the credential blocked."""
    failed = Code.AUTHENTICATION_FAILED
    if header is None:
        return _refused(None, failed, f"There is no AuthenticationHeader. {_MEMBERS}")
    user_id, signature, timestamp = header.user_id, header.signature, header.timestamp
    if not user_id or not signature or not timestamp:
        return _refused(header, failed, *_missing(header))
    if credential is None or credential.user_id != user_id:
        return _refused(
            header, failed, f"No credential has the mktowsUserId '{user_id}'. User ids are compared exactly."
        )

    signed = timestamp + user_id
    message, came = to_bytes(signed), to_bytes(signature)
    folded, right = came.lower(), False
    for key in credential.encryption_keys:  # all of them, so that the time taken does not tell which one it was
        expected = hmac.digest(to_bytes(key), message, "sha1").hex().encode()
        right |= hmac.compare_digest(expected, folded)
    if not right:
        return _refused(header, failed, f"The requestSignature is not the one of user '{user_id}' for this timestamp.")
    warnings = []
    if folded != came:
        text = "The requestSignature is in upper case. It was accepted; the documented form is lower-case hex."
        warnings.append(Warning("upper_case_signature", text, "requestSignature", folded.decode()))

    if credential.blocked:
        finding = f"The credential of user '{user_id}' is blocked: the signature is right, and is refused all the same."
        return _refused(header, Code.ACCESS_DENIED, finding, warnings=warnings)
    return SignatureCheck(user_id, signed_string=signed), warnings


def check_time(
    header: AuthenticationHeader, warnings: list[Warning], now: datetime, window: timedelta | None, zone: tzinfo
) -> tuple[SignatureCheck, list[Warning]]:
    """The part of `check` that needs the clock, for a header whose signature is right, with warnings about that."""
    timestamp = header.timestamp or ""
    stamp = parse_timestamp(timestamp, zone)
    form = stamp.form if stamp else None
    if window is not None:
        stale = freshness(timestamp, stamp, now, window, zone)
        if stale is not None:
            return _refused(header, Code.REQUEST_EXPIRED, stale, form=form, warnings=warnings)
        if stamp is not None and not stamp.has_offset:
            read_as = zone if any(abs(now - at) <= window for at in (stamp.instant, stamp.alternatives[0])) else "UTC"
            text = (
                f"The requestTimestamp '{timestamp}' has no offset: it was read in {read_as}. Send one, or Z for UTC."
            )
            warnings.append(Warning("timestamp_without_offset", text, "requestTimestamp"))
    return SignatureCheck(header.user_id, signed_string=header.signed_string, timestamp_form=form), warnings


def raise_for(check: SignatureCheck) -> None:
    """Nothing, when the check is accepted.

    Raises:
        MarketoError: the fault that the check earned. For 20014 it never says why (captured).
    """
    if check.fault is None:
        return
    user_id = check.user_id or ""
    if check.fault == Code.ACCESS_DENIED:
        raise MarketoError.access_denied(user_id)
    if check.fault == Code.REQUEST_EXPIRED:
        raise MarketoError.request_expired((check.signed_string or "").removesuffix(user_id))
    raise MarketoError.authentication_failed()


def freshness(text: str, stamp: Timestamp | None, now: datetime, window: timedelta, zone: tzinfo) -> str | None:
    """What is wrong with the time of a request and what to do about it, one sentence or two; `None` when it is fresh.

    `stamp` is what `parse_timestamp` made of the text.
    """
    if stamp is None:
        return f"The requestTimestamp '{text}' is in no known form. Known are {', '.join(KNOWN_FORMS)}."
    age = now - stamp.instant
    if -window <= age <= window or any(abs(now - other) <= window for other in stamp.alternatives):
        return None
    beyond = _span(abs(age) - window)
    here = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    doubt = "" if stamp.has_offset else f" It has no offset: it was read in {zone} and as UTC, and fits neither."
    if age > timedelta():
        return (
            f"The requestTimestamp '{text}' is {_span(age)} old; the window is {_span(window)}, so it is {beyond} too "
            f"old.{doubt} Sign every request anew with the current time, and check the client's clock (here it is "
            f"{here}). To replay old requests, set signature_window to off."
        )
    return (
        f"The requestTimestamp '{text}' is {_span(-age)} in the future; the window is {_span(window)}, so it is "
        f"{beyond} too early.{doubt} Check the client's clock and the offset that it writes (here it is {here})."
    )


_MEMBERS = "The envelope's Header must hold one with mktowsUserId, requestSignature and requestTimestamp."


def _missing(header: AuthenticationHeader) -> list[str]:
    members = {
        "mktowsUserId": header.user_id,
        "requestSignature": header.signature,
        "requestTimestamp": header.timestamp,
    }
    return [
        f"The AuthenticationHeader {'has an empty' if value == '' else 'has no'} {name}. {_MEMBERS}"
        for name, value in members.items()
        if not value
    ]


def _refused(
    header: AuthenticationHeader | None,
    fault: Code,
    *findings: str,
    form: str | None = None,
    warnings: list[Warning] | None = None,
) -> tuple[SignatureCheck, list[Warning]]:
    user_id, signed = (header.user_id, header.signed_string) if header else (None, None)
    return SignatureCheck(user_id, findings, fault, signed, form), warnings or []


def _span(length: timedelta) -> str:
    """A positive duration in its two largest units: `3 h 12 min`."""
    seconds = length.total_seconds()
    if seconds < 1:
        return f"{math.ceil(seconds * 1000) / 1000:g} s"
    parts, rest = [], round(seconds)
    for name, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])
