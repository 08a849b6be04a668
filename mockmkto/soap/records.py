"""What every request says, whatever it asks for: who is calling, and its keys and values as texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.auth import AuthenticationHeader

__all__ = ["authentication_from"]


def authentication_from(headers: Mapping[str, Any]) -> AuthenticationHeader | None:
    """Who says to be calling; `None` when there is no such header."""
    header = headers.get("AuthenticationHeader")
    if header is None:
        return None
    return AuthenticationHeader(header.mktowsUserId, header.requestSignature, header.requestTimestamp)
