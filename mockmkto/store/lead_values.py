"""Leads by the value of a field: an index for each field that is ever asked for, made when it is asked for first.

From then on whoever stores a lead keeps it (`leads`), on every way into the store; it lies in the subscription's own
tables, so that a snapshot has it and a reset to a time before it has it not. Which fields have one is a part of the
world as it is stored.

Of very many leads it takes seconds to make. A call does not wait for that in its transaction: it raises, the index is
made in slices beside it, between which others have their turns, and the call begins anew (`Session.makes_indexes`).
"""

from __future__ import annotations

import sys
from functools import cache

from sqlalchemy import bindparam, delete, insert, literal_column, select, update

from mockmkto.store import leads
from mockmkto.store.dialects import folded, json_pairs, stripped
from mockmkto.store.lead_keys import index_of
from mockmkto.store.session import MissingIndexError, Session
from mockmkto.store.tables import lead, lead_key, setting
from mockmkto.store.world import INDEX

__all__ = ["have_index", "ids_with_value", "make_slice", "newest_with_value"]

_SLICE = 10_000  # leads

_values = json_pairs(lead.c.attributes).table_valued("key", "value")
_compared = folded(stripped(_values.c.value, bindparam("space"))).label("compared")
_found = (
    select(bindparam("key_type").label("key_type"), _compared, lead.c.id)
    .select_from(lead.join(_values, literal_column("true")))
    .where(
        lead.c.id > bindparam("after"),
        lead.c.id <= bindparam("up_to"),
        _values.c.key == bindparam("field"),
        _values.c.value != "",
    )
)
_fill = insert(lead_key).from_select(["key_type", "value", "lead_id"], _found)
_end_of_slice = (
    select(lead.c.id).where(lead.c.id > bindparam("after")).order_by(lead.c.id).limit(1).offset(bindparam("leads"))
)
_forget = delete(lead_key).where(lead_key.c.key_type == bindparam("of_type"))
_forget_slice = delete(lead_key).where(
    lead_key.c.lead_id > bindparam("after"),
    lead_key.c.lead_id <= bindparam("up_to"),
    lead_key.c.key_type == bindparam("of_type"),
)
_progress = select(setting.c.value).where(setting.c.name == bindparam("of_name"))
_begin = insert(setting)
_go_on = update(setting).where(setting.c.name == bindparam("of_name")).values(value=bindparam("reached"))

_BEHIND_ALL = 2**63 - 1


def ids_with_value(session: Session, field: str, value: str, limit: int) -> tuple[int, ...]:
    """The Ids of at most so many leads whose field has the value, rising: in any case and without space around it.

    Looked up in an index at any number of leads; the first time that the field is asked for it is made.

    Raises:
        MissingIndexError: it has to be, and this session is not the one to do it.
    """
    return leads.few_by_lead_key(session, have_index(session, field), value, limit)


def newest_with_value(session: Session, field: str, value: str) -> tuple[int, ...]:
    """The Ids of all leads whose field has the value, highest first. Raises as `ids_with_value`."""
    return leads.ids_by_lead_key(session, have_index(session, field), value)


def have_index(session: Session, field: str) -> str:
    """The key type under which the values of a field are kept, of all leads. Raises as `ids_with_value`."""
    world = session.world
    for key_type, indexed in world.lead_keys.items():
        if indexed == field:
            return key_type
    if not world.indexed.get(field):
        if not session.makes_indexes:
            raise MissingIndexError(field)
        while not make_slice(session, field):
            pass
    return index_of(field)


def make_slice(session: Session, field: str) -> bool:
    """Take some thousand leads more into the index of a field; whether that was the last of it."""
    name, key_type = INDEX + field, index_of(field)
    row = session.first(_progress, {"of_name": name})
    if row is None:
        session.run(_forget, {"of_type": key_type})  # of a field of that name that there was before
        session.run_many(_begin, [{"name": name, "value": str(-_BEHIND_ALL)}])
        session.world_changed()  # from here on whoever stores a lead keeps it
        after = -_BEHIND_ALL
    elif not row.value:
        return True
    else:
        after = int(row.value)
    end = session.first(_end_of_slice, {"after": after, "leads": _SLICE - 1})
    up_to = end.id if end is not None else _BEHIND_ALL
    span = {"after": after, "up_to": up_to}
    session.run(_forget_slice, {**span, "of_type": key_type})  # of those that were stored since it was begun
    session.run(_fill, {**span, "key_type": key_type, "field": field, "space": _space()})
    session.run(_go_on, {"of_name": name, "reached": str(up_to) if end is not None else ""})
    if end is None:
        session.world_changed()
    return end is None


@cache
def _space() -> str:
    """What `str.strip` takes away."""
    return "".join(character for character in map(chr, range(sys.maxunicode + 1)) if character.isspace())
