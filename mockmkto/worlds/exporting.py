"""A subscription as a fixture that loads again to the same state: Ids, orders, times, keys, rules, limits, clock.

What cannot be seen is not kept: the numbers by which orders are counted, but the orders; a fixture's comments never.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from mockmkto.clock import Clock
from mockmkto.engine.catalogue import STANDARD_FIELDS, default_length
from mockmkto.engine.partitions import DEFAULT_PARTITION, DEFAULT_WORKSPACE
from mockmkto.giving_way import LongWork
from mockmkto.model import AssignmentRule, Behaviour, Client, Credential, Field, Operator, World
from mockmkto.settings import DEFAULT_API_USER, behaviour_texts
from mockmkto.store import activities, faults, limits
from mockmkto.store.database import FIRST_IDS, FIRST_LEAD_ID, Counter, Session
from mockmkto.store.leads import NewLead
from mockmkto.store.listing import FileOrder, ids_in_order, shown
from mockmkto.worlds.activities import activity_entry
from mockmkto.worlds.asset_export import with_assets
from mockmkto.worlds.empty import DEFAULT_TIME_ZONE
from mockmkto.worlds.faults import fault_entry
from mockmkto.worlds.field_entry import GIVEN
from mockmkto.worlds.field_ids import STANDARD_BY_NAME, is_own, usual_ids
from mockmkto.worlds.object_export import with_definitions, with_objects
from mockmkto.worlds.schema import (
    AnonymousLeadEntry,
    AssignmentRuleEntry,
    ClientEntry,
    ClockEntry,
    ConditionEntry,
    CountedEntry,
    CredentialEntry,
    FieldEntry,
    ForeignIdEntry,
    LeadEntry,
    WorkspaceEntry,
    WorldEntry,
)

__all__ = ["Export", "export", "export_bit_by_bit", "rule_entry", "world_entry"]

_AT_ONCE = 50  # leads: what is looked up together takes no longer than a slice of work


class Export(msgspec.Struct, frozen=True):
    """A subscription as a fixture, what there may be very many of read while one goes through it: once, in this order.

    `entry` has all else; `many` has what comes in its members of these names.
    """

    entry: WorldEntry
    many: Mapping[str, Iterator[msgspec.Struct]]


def export(session: Session, name: str, credentials: Sequence[Credential], clients: Sequence[Client]) -> WorldEntry:
    """The subscription as it is now."""
    read = export_bit_by_bit(session, name, credentials, clients)
    return msgspec.structs.replace(read.entry, **{member: list(items) or None for member, items in read.many.items()})


def export_bit_by_bit(
    session: Session, name: str, credentials: Sequence[Credential], clients: Sequence[Client]
) -> Export:
    """The same with little of it in memory at a time. Within one transaction, until all of it is read."""
    work = LongWork()
    known, anonymous = (ids_in_order(session, order) for order in (FileOrder.KNOWN, FileOrder.ANONYMOUS))
    in_file = known + anonymous
    created, updated = (
        _out_of_place(in_file, ids_in_order(session, order), work) for order in (FileOrder.CREATED, FileOrder.UPDATED)
    )
    partition = _partition_of_new_leads(session.world)

    def leads(ids: Sequence[int], first_place: int) -> Iterator[AnonymousLeadEntry]:
        for start in range(0, len(ids), _AT_ONCE):
            for place, item in enumerate(shown(session, ids[start : start + _AT_ONCE]), first_place + start):
                of = item.lead.id
                yield _lead_entry(item, place, partition, created.get(of), updated.get(of))

    next_id = max(max(known, default=0), max(anonymous, default=0), FIRST_LEAD_ID - 1) + 1
    entry = with_objects(with_assets(world_entry(session.world), session), session)
    entry = msgspec.structs.replace(
        entry,
        subscription=name,
        credentials=[
            CredentialEntry(
                user_id=item.user_id, encryption_keys=list(item.encryption_keys), blocked=item.blocked or None
            )
            for item in credentials
        ],
        clients=[
            ClientEntry(
                client_id=item.client_id,
                client_secrets=list(item.secrets),
                user=item.user if item.user != DEFAULT_API_USER else None,
                permissions=list(item.permissions) if item.permissions is not None else None,
                blocked=item.blocked or None,
            )
            for item in clients
        ],
        clock=_clock_entry(session.clock),
        next_id=session.next_lead_id if session.next_lead_id != next_id else None,
        next_ids=_next_ids(session, entry) or None,
        faults=[fault_entry(rule) for rule in faults.all_rules(session)] or None,
        counted=_counted(limits.SOAP.all(session)),
        rest_counted=_counted(limits.REST.all(session)),
    )
    many: dict[str, Iterator[msgspec.Struct]] = {
        "leads": leads(known, 1),
        "anonymous_leads": leads(anonymous, 1 + len(known)),
        "activities": (activity_entry(item) for item in activities.one_by_one(session)),
    }
    return Export(entry, many)


def _counted(of: tuple[Mapping[str, int], Sequence[datetime]]) -> CountedEntry | None:
    days, recent = of
    if not days and not recent:
        return None
    return CountedEntry(days=dict(days) or None, recent=[item.isoformat() for item in recent] or None)


_GIVEN: Mapping[Counter, Callable[[WorldEntry], Iterable[int | None]]] = {
    Counter.OPPORTUNITY: lambda entry: (item.id for item in entry.opportunities or ()),
    Counter.COMPANY: lambda entry: (item.id for item in entry.companies or ()),
    Counter.ROLE: lambda entry: (item.id for item in entry.opportunity_roles or ()),
    Counter.PROGRAM: lambda entry: (item.id for item in entry.programs or ()),
    Counter.LIST: lambda entry: (item.id for item in entry.lists or ()),
    Counter.CAMPAIGN: lambda entry: (item.id for item in entry.campaigns or ()),
    Counter.CAMPAIGN_CALL: lambda entry: (
        call.id for item in entry.campaigns or () for call in (*(item.requests or ()), *(item.runs or ()))
    ),
    Counter.IMPORT: lambda entry: (item.id for item in (entry.imports.jobs if entry.imports else None) or ()),
}


def _next_ids(session: Session, entry: WorldEntry) -> dict[str, int]:
    """What ids are counted on from, of each kind where that is not from above the highest of the file."""
    next_ids = {}
    for counter in Counter:
        if counter in (Counter.LEAD, Counter.CUSTOM_OBJECT):  # the one's is `next_id`, the others' nobody sees
            continue
        given = _GIVEN[counter](entry) if counter in _GIVEN else ()
        if counter is Counter.ACTIVITY:
            given = (activities.highest_id(session),)
        expected = max((FIRST_IDS[counter], *(number + 1 for number in given if number is not None)))
        if session.next_id(counter) != expected:
            next_ids[counter.value] = session.next_id(counter)
    return next_ids


def world_entry(world: World) -> WorldEntry:
    """The world, its leads aside: what is as in every new subscription is not said."""
    texts = behaviour_texts(world.behaviour)
    defaults = behaviour_texts(Behaviour())
    changed: dict[str, object] = {name: text for name, text in texts.items() if text != defaults[name]}
    limits_text = changed.pop("limits", None)
    entry = WorldEntry(
        hosts=list(world.hosts) or None,
        time_zone=world.time_zone.key if world.time_zone.key != DEFAULT_TIME_ZONE else None,
        behaviour=changed or None,
        limits=str(limits_text) if limits_text is not None else None,
        workspaces=[
            WorkspaceEntry(name=item.name, primary_partition=item.primary_partition) for item in world.workspaces
        ]
        or None,
        partitions=list(world.partitions) if world.partitions != (DEFAULT_PARTITION,) else None,
        assignment_rules=[rule_entry(rule) for rule in world.assignment_rules] or None,
        fields=_field_entries(world) or None,
        lead_keys=dict(world.lead_keys) or None,
    )
    return with_definitions(entry, world.objects)


def rule_entry(rule: AssignmentRule) -> AssignmentRuleEntry:
    """An assignment rule as a fixture has it."""
    conditions = []
    for item in rule.conditions:
        member = {Operator.IS: "is_", Operator.IN: "in_"}.get(item.operator, item.operator.value)
        operand: Any = item.operands[0] if item.operands else True
        if item.operator is Operator.IN:
            operand = list(item.operands)
        conditions.append(ConditionEntry(field=item.field, **{member: operand}))
    return AssignmentRuleEntry(name=rule.name, when=conditions or None, partition=rule.partition)


# ---------------------------------------------------------------------------------------------------------------------


def _out_of_place(in_file: Sequence[int], in_order: Sequence[int], work: LongWork) -> dict[int, int]:
    """By Id the place that each lead has in that order, from 1: only where it is not its place in the file."""
    places = {}
    for place, (there, lead_id) in enumerate(zip(in_file, in_order, strict=True), 1):
        if there != lead_id:
            places[lead_id] = place
        if place % 1000 == 0:
            work.give_way()
    return places


def _lead_entry(
    item: NewLead, place: int, partition: str, created_order: int | None, updated_order: int | None
) -> AnonymousLeadEntry:
    lead = item.lead
    if updated_order is None and lead.updated_at < lead.created_at:  # the clock was set back between the two
        updated_order = place
    common: dict[str, Any] = {
        "Id": lead.id,
        "partition": lead.partition if lead.partition != partition else None,
        # With `id:`, or what is stored would lose one that it begins with.
        "cookies": [f"id:{text}" for text in reversed(item.cookies)] or None,
        "attributes": dict(lead.attributes) or None,
        "created_at": _moment(lead.created_at),
        "updated_at": _moment(lead.updated_at),
        "created_order": created_order,
        "updated_order": updated_order,
    }
    if not lead.known:
        return AnonymousLeadEntry(**common)
    foreign_ids = [ForeignIdEntry(type=key.type.value, id=key.id) for key in reversed(item.foreign_ids)]
    return LeadEntry(Email=lead.email, foreign_ids=foreign_ids or None, **common)


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _partition_of_new_leads(world: World) -> str:
    default = world.workspace(DEFAULT_WORKSPACE)
    return default.primary_partition if default else DEFAULT_PARTITION


def _clock_entry(clock: Clock) -> ClockEntry | None:
    if clock.frozen_at is not None:
        return ClockEntry(frozen=_moment(clock.frozen_at))
    if not clock.offset:
        return None
    ahead = abs(clock.offset)
    rest = ahead - timedelta(days=ahead.days)
    parts = (f"{ahead.days}d" if ahead.days else "") + (f"{rest.total_seconds():.6f}".rstrip("0").rstrip(".") + "s")
    return ClockEntry(offset=("-" if clock.offset < timedelta() else "") + parts)


def _field_entries(world: World) -> list[FieldEntry]:
    """What is not as in the standard catalogue: fields that were added or changed, then those that were taken away."""
    standard = set(STANDARD_FIELDS)
    changed = sorted((item for item in world.fields.every if item not in standard), key=is_own)
    entries = [_field_entry(item, number) for item, number in zip(changed, usual_ids(changed), strict=True)]
    there = {item.name.casefold() for item in world.fields.every}
    return [*entries, *_removed(item for item in STANDARD_FIELDS if item.name.casefold() not in there)]


def _field_entry(item: Field, usual_id: int) -> FieldEntry:
    """A field of leads as a fixture has it: what is as in the standard catalogue is left out."""
    standard = None if is_own(item) else replace(STANDARD_BY_NAME[item.name.casefold()], read_only=False)
    like = standard if standard is not None else Field(item.name, item.type, id=usual_id)
    given = {name: getattr(item, name) for name in GIVEN if getattr(item, name) != getattr(like, name)}
    if not item.soap:
        given["soap"] = False  # or it would be another field, of the subscription's own
    length = item.length if item.length != default_length(item.type) else None
    return FieldEntry(name=item.name, type=item.type.value, length=length, **given)


def _removed(items: Iterable[Field]) -> list[FieldEntry]:
    return [FieldEntry(name=item.name, remove=True) for item in items]
