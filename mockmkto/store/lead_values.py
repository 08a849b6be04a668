"""Leads by the value of a field: an index for each field that is ever asked for, made when it is asked for first.

From then on whoever stores a lead keeps it (`leads`), on every way into the store; it lies in the subscription's own
tables, so that a snapshot has it and a reset to a time before it has it not. Which fields have one is a part of the
world as it is stored.
"""

from __future__ import annotations

import sys
from functools import cache

from sqlalchemy import bindparam, delete, insert, literal_column, select

from mockmkto.store import leads
from mockmkto.store.dialects import folded, json_pairs, stripped
from mockmkto.store.session import Session
from mockmkto.store.tables import lead, lead_key, setting
from mockmkto.store.world import INDEX

__all__ = ["ids_with_value"]

_values = json_pairs(lead.c.attributes).table_valued("key", "value")
_compared = folded(stripped(_values.c.value, bindparam("space"))).label("compared")
_found = (
    select(bindparam("key_type").label("key_type"), _compared, lead.c.id)
    .select_from(lead.join(_values, literal_column("true")))
    .where(_values.c.key == bindparam("field"), _values.c.value != "")
    .order_by(literal_column("2"), lead.c.id)  # into a B-tree as it grows
)
_fill = insert(lead_key).from_select(["key_type", "value", "lead_id"], _found)
_forget = delete(lead_key).where(lead_key.c.key_type == bindparam("of_type"))
_note = insert(setting)


def ids_with_value(session: Session, field: str, value: str, limit: int) -> tuple[int, ...]:
    """The Ids of at most so many leads whose field has the value, rising: in any case and without space around it.

    Looked up in an index at any number of leads; the first time that the field is asked for it is made.
    """
    world = session.world
    for key_type, indexed in world.lead_keys.items():
        if indexed == field:
            return leads.few_by_lead_key(session, key_type, value, limit)
    if field not in world.indexed:
        _make_index(session, field)
    return leads.few_by_lead_key(session, leads.index_of(field), value, limit)


def _make_index(session: Session, field: str) -> None:
    key_type = leads.index_of(field)
    session.run(_forget, {"of_type": key_type})  # of a field of that name that there was before
    session.run(_fill, {"key_type": key_type, "field": field, "space": _space()})
    session.run_many(_note, [{"name": INDEX + field, "value": ""}])
    session.world_changed()


@cache
def _space() -> str:
    """What `str.strip` takes away."""
    return "".join(character for character in map(chr, range(sys.maxunicode + 1)) if character.isspace())
