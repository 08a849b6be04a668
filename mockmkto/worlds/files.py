"""Fixture files and texts, read and checked as a whole: what comes back can be loaded, and nothing is half-loaded."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mockmkto.model import Activity, FaultRule, World
from mockmkto.model.companies import Company
from mockmkto.worlds.checking import Findings
from mockmkto.worlds.clients import check_clients
from mockmkto.worlds.definitions import check_whole_world
from mockmkto.worlds.leads import check_leads
from mockmkto.worlds.problems import FixtureError, Location, Problem, show_location
from mockmkto.worlds.reading import MAX_VALUES, Document
from mockmkto.worlds.running import check_clock, check_counted, check_next_id, check_next_ids
from mockmkto.worlds.schema import WorldEntry, read_entries
from mockmkto.worlds.shipped import find_fixture
from mockmkto.worlds.world import FixtureAssets, FixtureLead, FixtureObjects, FixtureWorld

__all__ = ["parse_worlds", "read_all", "read_worlds"]


def parse_worlds(content: str | bytes, name: str, most_values: int | None = None) -> tuple[FixtureWorld, ...]:
    """Every world of a fixture in YAML or JSON; `name` stands for the file in messages.

    It may have `most_values` values, keys among them, aliases followed; `None`: `MAX_VALUES`.

    Raises:
        FixtureError: something is wrong, with file, line, key and what was expected.
    """
    return _together(_parse(content, name, most_values))


def read_worlds(path: str | os.PathLike[str]) -> tuple[FixtureWorld, ...]:
    """Every world of a fixture file.

    Raises:
        FixtureError: the file cannot be read, or something in it is wrong.
    """
    return _together(_read(path))


def read_all(names_or_files: Iterable[str | os.PathLike[str]]) -> tuple[FixtureWorld, ...]:
    """Every world of several fixtures, each a shipped one's name or a file.

    Raises:
        FixtureError: one of them is wrong, or two of them claim one subscription, one user id or one client id.
    """
    return _together([placed for item in names_or_files for placed in _read(find_fixture(item))])


class _Placed(Struct, frozen=True):
    """A world, and where it stands: for messages about two of them."""

    world: FixtureWorld
    document: Document
    location: Location

    def __str__(self) -> str:
        where = show_location(self.location)
        return f"{self.document.name}: {where}" if where else self.document.name


def _read(path: str | os.PathLike[str]) -> list[_Placed]:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise FixtureError([Problem(os.fspath(path), None, (), f"cannot be read: {error.strerror}")]) from None
    return _parse(content, os.fspath(path))


def _parse(content: str | bytes, name: str, most_values: int | None = None) -> list[_Placed]:
    document = Document(name, content, MAX_VALUES if most_values is None else most_values)
    findings = Findings(document)
    placed = []
    for at, entry in read_entries(document, findings):
        subscription, credentials, world = check_whole_world(entry, at, findings)
        leads = check_leads(entry, at, world, findings)
        companies = _companies(entry, at, world, findings)
        leads = _with_companies(leads, companies)
        assets = _assets(entry, at, world, leads, findings)
        fixture = FixtureWorld(
            subscription,
            credentials,
            world,
            leads,
            clock=check_clock(entry, at, findings),
            faults=_faults(entry, at, findings),
            next_id=check_next_id(entry, at, leads, findings),
            counted=check_counted(entry.counted, (*at, "counted"), findings),
            rest_counted=check_counted(entry.rest_counted, (*at, "rest_counted"), findings),
            assets=assets,
            activities=_activities(entry, at, world, leads, findings),
            objects=_objects(entry, at, world, leads, companies, findings),
            next_ids=check_next_ids(entry, at, findings),
            credentials_given=entry.credentials is not None,
            clients=check_clients(entry, at, subscription, findings),
            clients_given=entry.clients is not None,
        )
        placed.append(_Placed(fixture, document, at))
    findings.raise_if_any()
    return placed


# What checks a part of a world is imported for the first that has it: most have little, and every server waits for it.


def _assets(
    entry: WorldEntry, at: Location, world: World, leads: Sequence[FixtureLead], findings: Findings
) -> FixtureAssets:
    if not (entry.channels or entry.tags or entry.programs or entry.lists or entry.campaigns or entry.imports):
        return FixtureAssets()
    from mockmkto.worlds.assets import check_assets

    return check_assets(entry, at, world, leads, findings)


def _faults(entry: WorldEntry, at: Location, findings: Findings) -> tuple[FaultRule, ...]:
    if not entry.faults:
        return ()
    from mockmkto.worlds.faults import check_faults

    return check_faults(entry, at, findings)


def _activities(
    entry: WorldEntry, at: Location, world: World, leads: Sequence[FixtureLead], findings: Findings
) -> tuple[Activity, ...]:
    if not entry.activities:
        return ()
    from mockmkto.worlds.activities import check_activities

    return check_activities(entry.activities, at, world, leads, findings)


def _companies(entry: WorldEntry, at: Location, world: World, findings: Findings) -> tuple[Company, ...]:
    if not entry.companies:
        return ()
    from mockmkto.worlds.companies import check_companies

    return check_companies(entry.companies, (*at, "companies"), world, findings)


def _with_companies(leads: tuple[FixtureLead, ...], companies: tuple[Company, ...]) -> tuple[FixtureLead, ...]:
    if not companies:
        return leads
    from mockmkto.worlds.companies import with_companies

    return with_companies(leads, companies)


def _objects(
    entry: WorldEntry,
    at: Location,
    world: World,
    leads: Sequence[FixtureLead],
    companies: tuple[Company, ...],
    findings: Findings,
) -> FixtureObjects:
    if not (entry.opportunities or entry.opportunity_roles or entry.custom_object_types or companies):
        return FixtureObjects()
    from mockmkto.worlds.objects import check_objects

    return replace(check_objects(entry, at, world, leads, findings), companies=companies)


def _together(placed: list[_Placed]) -> tuple[FixtureWorld, ...]:
    """The worlds, once it is sure that an id opens one subscription and a subscription is one world."""
    problems = []
    subscriptions: dict[str, _Placed] = {}
    users: dict[str, _Placed] = {}
    clients: dict[str, _Placed] = {}
    hosts: dict[str, _Placed] = {}
    for item in placed:
        name = item.world.subscription
        first = subscriptions.setdefault(name.casefold(), item)
        if first is not item:
            message = f"the subscription {name!r} is already that of {first}: give each a name of its own"
            problems.append(item.document.problem((*item.location, "subscription"), message))
        credentials = [credential.user_id for credential in item.world.credentials]
        problems += _taken(item, "credentials", "user_id", "user id", credentials, users)
        of_rest = [client.client_id for client in item.world.clients] if item.world.clients_given else []
        problems += _taken(item, "clients", "client_id", "client id", of_rest, clients)
        for index, host in enumerate(item.world.world.hosts):
            owner = hosts.setdefault(host, item)
            if owner is not item:
                message = f"the host {host} means the subscription {owner.world.subscription!r} of {owner} already"
                problems.append(item.document.problem((*item.location, "hosts", index), message))
    if problems:
        raise FixtureError(problems)
    return tuple(_with_clients(item.world, clients) for item in placed)


def _taken(
    item: _Placed, key: str, member: str, word: str, ids: Sequence[str], owners: dict[str, _Placed]
) -> Iterator[Problem]:
    """What is wrong with the ids of callers: each that opens another world already; the others open this one now."""
    for index, caller in enumerate(ids):
        owner = owners.setdefault(caller, item)
        if owner is not item:
            message = (
                f"the {word} {caller!r} of the subscription {item.world.subscription!r} already opens "
                f"{owner.world.subscription!r} of {owner}: give each its own `{key}`"
            )
            yield item.document.problem((*item.location, key, index, member), message)


def _with_clients(world: FixtureWorld, taken: dict[str, _Placed]) -> FixtureWorld:
    """The world without the built-in client where it says nothing of clients, and another world has that one."""
    if world.clients_given or all(item.client_id not in taken for item in world.clients):
        return world
    return replace(world, clients=())
