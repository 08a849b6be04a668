"""Leads as objects refer to them: by Id, by e-mail, or by the value of a field."""

from __future__ import annotations

import re

from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.store import leads
from mockmkto.store.database import Session
from mockmkto.store.lead_values import newest_with_value

__all__ = ["leads_with_value"]

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}(\.0+)?")


def leads_with_value(session: Session, name: str, value: str) -> tuple[int, ...] | None:
    """The leads that have this value of `Id`, `Email` or a field, the one that would win first; `None`: no such field.

    By a field the most recently added lead wins (documented for external keys); an e-mail is that of the lead which the
    switch `duplicate_email` picks. All of them go through an index.
    """
    world = session.world
    text = value.strip()
    folded = name.strip().casefold()
    if folded in ("id", "idnum"):
        lead_id = leads.existing_id(session, int(text.split(".")[0])) if _WHOLE.fullmatch(text) else None
        return (lead_id,) if lead_id is not None else ()
    if folded == "email":
        newest = world.behaviour.duplicate_email == "most_recently_created"
        return leads.ids_by_email(session, text, newest_created=newest) if text else ()
    field = world.fields.named(name.strip())
    if field is None:
        return None
    if not text:
        return ()
    try:
        stored = read_value(field, value, world.time_zone)
    except (BadValue, OverlongValue):
        return ()
    return newest_with_value(session, field.name, stored)
