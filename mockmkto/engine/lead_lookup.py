"""Which leads have a value of a field, for lookups and searches of the REST API: always through an index."""

from __future__ import annotations

import re

from mockmkto.engine.catalogue import EMAIL_FIELD, ID_FIELD
from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.engine.lead_fields import COOKIES, PARTITION_ID, rest_name
from mockmkto.engine.lead_views import partition_of_id
from mockmkto.model import Field, Key
from mockmkto.store import leads
from mockmkto.store.database import Session
from mockmkto.store.lead_values import have_index, ids_with_value

__all__ = ["as_cookie", "key_of", "leads_with", "prepare_lookup"]

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}(\.0+)?")


def key_of(field: Field) -> Key:
    """What a trace calls a lookup by this field."""
    if rest_name(field) == COOKIES:
        return Key.COOKIE
    return {ID_FIELD.name: Key.ID, EMAIL_FIELD.name: Key.EMAIL}.get(field.name, Key.FIELD)


def leads_with(session: Session, field: Field, value: str, limit: int) -> tuple[int, ...]:
    """The Ids of at most so many leads that have the value, in no promised order.

    Texts are compared in any case and without space around them, as everywhere (inferred). What is no value of the
    field's type is no lead's.
    """
    text = value.strip()
    if not text or "\0" in text:  # no text has one, and PostgreSQL takes none to compare
        return ()
    name = rest_name(field)
    if field.name == ID_FIELD.name:
        lead_id = leads.existing_id(session, int(text.split(".")[0])) if _WHOLE.fullmatch(text) else None
        return (lead_id,) if lead_id is not None else ()
    if field.name == EMAIL_FIELD.name:
        return leads.few_by_email(session, text, limit)
    if name == COOKIES:
        owner = leads.id_by_cookie(session, as_cookie(text) or text)
        return (owner,) if owner is not None else ()
    if name == PARTITION_ID:
        partition = partition_of_id(session.world, text)
        return leads.few_by_partition(session, partition, limit) if partition is not None else ()
    try:
        stored = read_value(field, text, session.world.time_zone)
    except (BadValue, OverlongValue):
        return ()
    return ids_with_value(session, field.name, stored, limit)


def prepare_lookup(session: Session, field: Field) -> None:
    """Have the index by which leads are found that have a value of the field, where that needs to be made.

    Raises:
        MissingIndexError: this session is not the one to make it.
    """
    if key_of(field) is Key.FIELD and rest_name(field) != PARTITION_ID:
        have_index(session, field.name)


def as_cookie(text: str) -> str | None:
    """A value of the Munchkin cookie as it is kept; `None` where it is none.

    It is `id:<munchkin>&token:<token>`, or the token alone (captured: an answer of the vendor's shows it so). A value
    that was cut at a raw `&` on its way has none.
    """
    stripped = text.strip()
    _, found, token = stripped.partition("token:")
    if found:
        return stripped if token.strip() else None
    return f"token:{stripped}" if stripped.startswith("_mch-") else None
