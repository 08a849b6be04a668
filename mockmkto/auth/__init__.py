"""Request signatures: who is calling, is it right, is it in time; and when it is not, why. Pure functions."""

from __future__ import annotations

from mockmkto.auth.pasted import header_from_text
from mockmkto.auth.signatures import AuthenticationHeader, check, check_signature, check_time, raise_for, sign
from mockmkto.auth.slips import Deviation, Explanation, explain, without_keys
from mockmkto.auth.timestamps import Timestamp, parse_timestamp

__all__ = [
    "AuthenticationHeader",
    "Deviation",
    "Explanation",
    "Timestamp",
    "check",
    "check_signature",
    "check_time",
    "explain",
    "header_from_text",
    "parse_timestamp",
    "raise_for",
    "sign",
    "without_keys",
]
