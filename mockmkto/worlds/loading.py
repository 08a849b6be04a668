"""A checked world into a subscription: its database, who may call it, its baseline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from mockmkto.clock import Clock
from mockmkto.model import Client, Lead, World
from mockmkto.store import limits
from mockmkto.store.database import FIRST_LEAD_ID, Counter, Database, Session
from mockmkto.store.leads import NewLead, add_many
from mockmkto.store.registry import GoneError, Registry
from mockmkto.worlds.world import Counted, FixtureAssets, FixtureLead, FixtureObjects, FixtureWorld

__all__ = ["fill", "load"]


def load(world: FixtureWorld, registry: Registry) -> Database:
    """A new subscription that is this world, and that a reset returns to it; all of it, or on an exception none.

    Raises:
        SubscriptionError: the registry has a subscription of that name.
        TakenError: one of the user ids or client ids opens another subscription of the registry.
    """
    with registry.making(world.subscription):
        database = registry.create(world.subscription)
        try:
            with database.transaction() as session:
                fill(world, session)
            registry.set_callers(world.subscription, world.credentials, _clients(world, registry))
            registry.set_baseline(world.subscription)
        except BaseException:
            with suppress(GoneError):
                registry.delete(world.subscription)
            raise
        return database


def _clients(world: FixtureWorld, registry: Registry) -> tuple[Client, ...]:
    """The clients of a world. One that names none has the built-in one, unless another subscription has it."""
    if world.clients_given:
        return world.clients
    return tuple(item for item in world.clients if registry.client(item.client_id) is None)


def fill(world: FixtureWorld, session: Session) -> None:
    """Store the world and its leads in a subscription that has none; the next Id is one above the highest (assumed)."""
    highest = max((item.id for item in world.leads), default=FIRST_LEAD_ID - 1)
    session.count_lead_ids_from(highest + 1)
    if world.clock != Clock():
        session.clock = world.clock
    session.world = _dated(world.world, session.now)
    add_many(session, _new_leads(world.leads, session))
    if world.next_id is not None:
        session.count_lead_ids_from(world.next_id)
    _put_parts(world, session)
    for name, next_id in world.next_ids.items():
        session.reserve_ids(Counter(name), next_id - 1)
    for count, counted in ((limits.SOAP, world.counted), (limits.REST, world.rest_counted)):
        if counted != Counted():
            count.put(session, counted.days, counted.recent)


def _put_parts(world: FixtureWorld, session: Session) -> None:
    """What is beside the leads; what stores a part is imported for the first world that has it."""
    if world.assets != FixtureAssets():
        from mockmkto.worlds.assets import put_assets

        put_assets(world.assets, session)
    if world.objects != FixtureObjects():
        from mockmkto.worlds.objects import put_objects

        put_objects(world.objects, session)
    if world.activities:
        from mockmkto.worlds.activities import put_activities

        put_activities(world.activities, session)
    if world.faults:
        from mockmkto.store import faults

        for rule in world.faults:
            faults.add(session, rule)


def _dated(world: World, now: datetime) -> World:
    if not world.objects.activity_types:
        return world
    from mockmkto.worlds.activity_types import dated

    return dated(world, now)


def _new_leads(leads: Sequence[FixtureLead], session: Session) -> Iterator[NewLead]:
    """The leads, each more recent than the one before; where the fixture has no time, of the time of loading."""
    orders = [session.next_order() for _ in leads]
    created = _places([item.created_order for item in leads])
    updated = _places([item.updated_order for item in leads])
    for position, item in enumerate(leads):
        created_at = item.created_at or item.updated_at or session.now
        lead = Lead(
            id=item.id,
            email=item.email,
            known=item.known,
            partition=item.partition,
            attributes=item.attributes,
            created_at=_utc(created_at),
            updated_at=_utc(item.updated_at or created_at),
            created_order=orders[created[position]],
            updated_order=orders[updated[position]],
        )
        # With the `id:` that is taken away again, or a cookie that begins with another one would lose that.
        yield NewLead(lead, item.foreign_ids, tuple(f"id:{text}" for text in item.cookies))


def _places(given: Sequence[int | None]) -> list[int]:
    """The place of each, from 0: by the number that it was given, or by where it stands, counted from 1."""
    if all(number is None for number in given):
        return list(range(len(given)))
    numbers = [position if number is None else number for position, number in enumerate(given, 1)]
    places = [0] * len(given)
    for place, position in enumerate(sorted(range(len(given)), key=numbers.__getitem__)):
        places[position] = place
    return places


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
