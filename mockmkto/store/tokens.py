"""Access tokens of the REST API: of each client the one that lives, and those that expired and were not used since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from mockmkto.store.session import Session
from mockmkto.store.tables import token

__all__ = ["StoredToken", "add", "find", "forget", "forget_expired", "latest", "renew"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_find = select(token).where(token.c.token == bindparam("wanted"))
_latest = (
    select(token).where(token.c.client_id == bindparam("of_client")).order_by(token.c.expires_at_us.desc()).limit(1)
)
_add = insert(token)
_renew = update(token).where(token.c.token == bindparam("renewed")).values(expires_at_us=bindparam("until"))
_forget = delete(token).where(token.c.token == bindparam("gone"))
_forget_expired = delete(token).where(
    token.c.client_id == bindparam("of_client"), token.c.expires_at_us < bindparam("before")
)


class StoredToken(NamedTuple):
    """A token, whose it is, and until when it lives."""

    text: str
    client_id: str
    expires_at: datetime


def find(session: Session, text: str) -> StoredToken | None:
    """The token of that text, `None` when there is none."""
    row = session.first(_find, {"wanted": text})
    return StoredToken(row.token, row.client_id, _moment(row.expires_at_us)) if row is not None else None


def latest(session: Session, client_id: str) -> StoredToken | None:
    """The token of a client that lives the longest, `None` when it has none."""
    row = session.first(_latest, {"of_client": client_id})
    return StoredToken(row.token, row.client_id, _moment(row.expires_at_us)) if row is not None else None


def add(session: Session, item: StoredToken) -> None:
    """Store a new token."""
    values = {"token": item.text, "client_id": item.client_id, "expires_at_us": _microseconds(item.expires_at)}
    session.run(_add, values)


def renew(session: Session, text: str, expires_at: datetime) -> None:
    """Have a token live until then."""
    session.run(_renew, {"renewed": text, "until": _microseconds(expires_at)})


def forget(session: Session, text: str) -> None:
    """Know that token no more."""
    session.run(_forget, {"gone": text})


def forget_expired(session: Session, client_id: str, before: datetime) -> None:
    """Know those tokens of a client no more that expired before."""
    session.run(_forget_expired, {"of_client": client_id, "before": _microseconds(before)})


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
