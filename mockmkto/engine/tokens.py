"""Access tokens of the REST API: who gets which, how long it lives, and what is said of one that does not."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import NamedTuple

from mockmkto.errors import RestCode, RestError
from mockmkto.model import Client
from mockmkto.store import tokens
from mockmkto.store.database import Session
from mockmkto.store.tokens import StoredToken

__all__ = ["IssuedToken", "check", "end", "issue", "mark_of"]

_LIFE = timedelta(hours=1)  # documented
_REMEMBERED = timedelta(days=1)  # an expired one that nobody uses: 601 is said of it from then on (assumed)

_POD = "ab"  # captured, as others are
_FORM = re.compile(r"([0-9a-f]{8})-([0-9a-f]{4})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}:[a-z]+", re.ASCII)


class IssuedToken(NamedTuple):
    """A token as the identity service gives it, and how many whole seconds of its life are left."""

    text: str
    seconds_left: int


def mark_of(text: str) -> str | None:
    """Whose token this would be, by the mark of a client; `None` when it has not the form of one (captured)."""
    match = _FORM.fullmatch(text)
    return match[1] + match[2] if match is not None else None


def issue(session: Session, client: Client) -> IssuedToken:
    """The token of a client: the same as long as it lives, with the rest of its life, and then another one (captured).

    It lives for 3600 seconds of the subscription's time, and a fresh one says 3599 (captured).
    """
    now = session.now
    held = tokens.latest(session, client.client_id)
    if held is not None and held.expires_at > now:
        if held.expires_at - now > _LIFE:  # the clock was put back: it has lived for no time yet
            held = held._replace(expires_at=now + _LIFE)
            tokens.renew(session, held.text, held.expires_at)
    else:
        tokens.forget_expired(session, client.client_id, now - _REMEMBERED)
        held = StoredToken(_fresh(client), client.client_id, now + _LIFE)
        tokens.add(session, held)
    return IssuedToken(held.text, (held.expires_at - now - timedelta(microseconds=1)) // timedelta(seconds=1))


def check(session: Session, client: Client, text: str) -> RestError | None:
    """What is wrong with a token that a call came with, `None` when it lives.

    602 is said of the first use after its end, and 601 of every other (documented), and of what is no token of this
    client. It is returned, not raised: that 602 was said is written, and must stay.
    """
    held = tokens.find(session, text)
    if held is None or held.client_id != client.client_id:
        return RestError(RestCode.TOKEN_INVALID)
    if held.expires_at > session.now:
        return None
    tokens.forget(session, text)
    return RestError(RestCode.TOKEN_EXPIRED)


def end(session: Session, client: Client) -> None:
    """End the token that a client has, as if 602 had been said of it already."""
    held = tokens.latest(session, client.client_id)
    if held is not None:
        tokens.forget(session, held.text)


def _fresh(client: Client) -> str:
    """A UUID and the name of a pod (captured); here it begins with the client's mark, and the rest is random."""
    return f"{client.mark[:8]}-{client.mark[8:]}{str(uuid.uuid4())[13:]}:{_POD}"
