"""What becomes of everything that a lead has when it goes: it is another's, or nobody's."""

from __future__ import annotations

from msgspec.structs import replace

from mockmkto.engine.activities import name_of, note
from mockmkto.model import ActivityType, TraceBuilder
from mockmkto.store import activities, campaigns, custom_objects, leads, lists, objects, program_members
from mockmkto.store.database import Session

__all__ = ["absorb", "forget"]


def absorb(session: Session, *, loser: int, winner: int) -> tuple[str, ...]:
    """Another lead gets all that one has, which is gone then; what that was, in words: `2 activities`.

    Cookies, foreign keys, memberships, activities, campaigns asked for, tokens that wait, roles, custom objects
    that are linked by the Id (inferred). Of two records that would be the same, the winner's stays.
    """
    keys = len(leads.foreign_ids_of(session, loser)) + len(leads.cookies_of(session, loser))
    leads.move_keys(session, from_lead=loser, to_lead=winner)
    joined = lists.move_memberships(session, from_lead=loser, to_lead=winner)
    logged = activities.move(session, from_lead=loser, to_lead=winner)
    entered = program_members.move(session, from_lead=loser, to_lead=winner)
    campaigns.move_lead(session, from_lead=loser, to_lead=winner)
    roles = _move_roles(session, loser, winner)
    records = _move_custom_objects(session, loser, winner)
    leads.delete_lead(session, loser)
    counted = (
        (keys, "key", "keys"),
        (len(joined) + entered, "membership", "memberships"),
        (logged, "activity", "activities"),
        (roles, "role", "roles"),
        (records, "custom object", "custom objects"),
    )
    return tuple(f"{number} {one if number == 1 else several}" for number, one, several in counted if number)


def forget(session: Session, lead_id: int, trace: TraceBuilder | None = None) -> None:
    """A lead goes, and all that is its own: keys, memberships, activities, roles, tokens that wait.

    Its custom objects are nobody's then. What is left of a known one in the log is that it was deleted, under its name
    (captured); an anonymous one, which the REST API shows nothing of, leaves nothing (assumed).

    Args:
        session: the call's.
        lead_id: whose Id it is; where no lead has it, nothing happens but that.
        trace: counts what is written into the log.
    """
    gone = leads.by_id(session, lead_id)
    lists.leave_all(session, lead_id)
    activities.delete_of_lead(session, lead_id)
    for role in objects.roles_of_lead(session, lead_id):
        objects.remove_role(session, role.id)
    custom_objects.unlink(session, lead_id)
    campaigns.forget_tokens(session, lead_id)
    leads.delete_lead(session, lead_id)
    if gone is not None and gone.known:
        note(session, trace or TraceBuilder(), lead_id, ActivityType.DELETE_LEAD, name_of(gone))


def _move_roles(session: Session, loser: int, winner: int) -> int:
    moved = 0
    for role in objects.roles_of_lead(session, loser):
        if objects.role_of(session, role.opportunity_id, winner, role.role) is not None:
            objects.remove_role(session, role.id)
            continue
        objects.save_role(session, replace(role, lead_id=winner, updated_at=session.now))
        moved += 1
    return moved


def _move_custom_objects(session: Session, loser: int, winner: int) -> int:
    """By the Id they are the winner's, whose Id they say now; by anything else that the loser had they are nobody's."""
    moved = 0
    for record in custom_objects.of_lead(session, loser):
        kind = session.world.objects.custom_type(record.type)
        if kind is None or kind.link is None or kind.link.to.casefold() not in ("id", "idnum"):
            continue
        values = {**record.values, kind.link.field: str(winner)}
        there = custom_objects.by_keys(session, kind, {name: values.get(name, "") for name in kind.keys})
        if there is not None and there.id != record.id:
            custom_objects.remove(session, record.id)
            continue
        custom_objects.save(session, kind, replace(record, values=values, lead_id=winner, updated_at=session.now))
        moved += 1
    custom_objects.unlink(session, loser)
    return moved
