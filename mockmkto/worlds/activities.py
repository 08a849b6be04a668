"""The activity log of a fixture: what happened to its leads, and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC

from msgspec.structs import replace

from mockmkto.model import DISPLAY_NAMES, Activity, ActivityType, World, display_type
from mockmkto.store import activities
from mockmkto.store.database import FIRST_IDS, Counter, Session
from mockmkto.worlds.activity_entry import ActivityEntry
from mockmkto.worlds.findings import Findings
from mockmkto.worlds.lists import Leads
from mockmkto.worlds.problems import Location, show_value
from mockmkto.worlds.values import OPEN, Values, counted_on
from mockmkto.worlds.words import nearest
from mockmkto.worlds.world import FixtureLead

__all__ = ["activity_entry", "activity_type", "check_activities", "check_activity", "put_activities"]


def check_activities(
    given: Sequence[ActivityEntry], at: Location, world: World, leads: Sequence[FixtureLead], findings: Findings
) -> tuple[Activity, ...]:
    """The log, in the order of the file; what is wrong goes to the findings. A time that is left open is `OPEN`."""
    place = (*at, "activities")
    values = Values(world, findings)
    found = Leads(leads, values)
    ids = counted_on([item.id for item in given], place, findings, FIRST_IDS[Counter.ACTIVITY])
    own = {version.name for kind in world.objects.activity_types for version in (kind.approved, kind.draft) if version}
    checked = []
    for index, item in enumerate(given):
        where = (*place, index)
        if isinstance(item.lead, int) and display_type(item.type) == ActivityType.DELETE_LEAD:
            lead_id = item.lead  # which is gone, and was perhaps never in this file
        else:
            lead_id = found.find(item.lead, (*where, "lead")) or 0
        checked.append(replace(check_activity(item, where, lead_id, values, own), id=next(ids)))
    return tuple(checked)


def check_activity(
    entry: ActivityEntry, at: Location, lead_id: int, values: Values, own: Collection[str] = ()
) -> Activity:
    """One activity of a lead, without an id; a time that is left open is `OPEN`. `own`: names of its own types."""
    return Activity(
        id=0,
        lead_id=lead_id,
        at=(values.moment(entry.at, (*at, "at")) or OPEN).replace(microsecond=0),
        type=entry.type if entry.type in own else activity_type(entry.type, (*at, "type"), values.findings),
        asset=entry.asset or "",
        attributes=tuple(values.texts(entry.attributes, (*at, "attributes")).items()),
        campaign=entry.campaign,
    )


def activity_type(text: str, at: Location, findings: Findings) -> str:
    """A type as answers name it. One that nobody knows is taken as it is, unless it is nearly one that is known."""
    known = display_type(text)
    if known is not None:
        return known
    near = nearest(text, DISPLAY_NAMES)
    if near or not text.strip():
        findings.add(at, f"expected a type of activities such as Visit Webpage, got {show_value(text)}{near}")
    return text.strip()


def put_activities(given: Sequence[Activity], session: Session) -> None:
    """Store the log; where the fixture has no time, as of the time of loading."""
    activities.insert_many(session, (item if item.at != OPEN else replace(item, at=session.now) for item in given))


def activity_entry(item: Activity) -> ActivityEntry:
    """An activity as a fixture has it."""
    return ActivityEntry(
        id=item.id,
        lead=item.lead_id,
        type=item.type,
        asset=item.asset or None,
        campaign=item.campaign,
        at=item.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        attributes=dict(item.attributes) or None,
    )
