"""The identity service: a client's token."""

from __future__ import annotations

from mockmkto.engine import tokens
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered

__all__ = ["token"]

_HEADERS = (
    ("Cache-Control", "no-store"),
    ("Pragma", "no-cache"),
    ("X-XSS-Protection", "1; mode=block"),
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
)  # captured


def token(call: RestCall) -> Answered:
    """The client's token and the rest of its life in seconds; the same one for as long as it lives (captured)."""
    for name in ("grant_type", "client_id", "client_secret", "partner_id"):
        call.parameters.text(name)
    issued = tokens.issue(call.session, call.client)
    said = {
        "access_token": issued.text,
        "token_type": "bearer",
        "expires_in": issued.seconds_left,
        "scope": call.client.user,
    }
    return Answered(members=said, bare=True, headers=_HEADERS)
