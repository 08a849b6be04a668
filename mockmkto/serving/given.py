"""Who may call by the settings: `--credential` and `--client` instead of the built-in ones, beside a fixture's own."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from mockmkto.model import Client, Credential
from mockmkto.settings import (
    DEFAULT_API_USER,
    DEFAULT_CLIENT_ID,
    DEFAULT_CLIENT_SECRET,
    DEFAULT_ENCRYPTION_KEY,
    DEFAULT_USER_ID,
    Settings,
    behaviour_from,
)
from mockmkto.store.registry import Registry
from mockmkto.worlds import FixtureWorld

__all__ = ["give_callers", "with_settings"]

_BUILT_IN = (DEFAULT_USER_ID, (DEFAULT_ENCRYPTION_KEY,))
_BUILT_IN_CLIENT = (DEFAULT_CLIENT_ID, (DEFAULT_CLIENT_SECRET,))


def with_settings(world: FixtureWorld, settings: Settings, *, takes_callers: bool) -> FixtureWorld:
    """A world of a fixture with the switches that were given, and where it takes them with those who may call."""
    behaviour = behaviour_from(settings.switches, world.world.behaviour)
    world = replace(world, world=replace(world.world, behaviour=behaviour))
    if takes_callers and settings.credential:
        world = replace(world, credentials=_credentials(settings, world.subscription, world.credentials))
    if takes_callers and settings.client:
        world = replace(world, clients=_clients(settings, world.subscription, world.clients), clients_given=True)
    return world


def give_callers(settings: Settings, registry: Registry, name: str) -> None:
    """Have those who were given call a subscription that is there, and have a reset return to that."""
    for baseline in (False, True):
        credentials = clients = None
        if settings.credential:
            credentials = _credentials(settings, name, registry.credentials(name, baseline=baseline))
        if settings.client:
            clients = _clients(settings, name, registry.clients(name, baseline=baseline))
        if credentials is not None or clients is not None:
            registry.set_callers(name, credentials, clients, baseline=baseline)


def _credentials(settings: Settings, name: str, existing: tuple[Credential, ...]) -> tuple[Credential, ...]:
    """The credentials that were given, and those of the fixture: all but the built-in one, which they replace."""
    given = _by_id(settings.credential)
    kept = [
        item for item in existing if item.user_id not in given and (item.user_id, item.encryption_keys) != _BUILT_IN
    ]
    return (*kept, *(Credential(user_id, keys, name) for user_id, keys in given.items()))


def _clients(settings: Settings, name: str, existing: tuple[Client, ...]) -> tuple[Client, ...]:
    """The clients that were given, in the same way; one that the fixture has keeps its user and its permissions."""
    given = _by_id(settings.client)
    there = {item.client_id: item for item in existing}
    kept = [
        item for item in existing if item.client_id not in given and (item.client_id, item.secrets) != _BUILT_IN_CLIENT
    ]
    return (
        *kept,
        *(
            replace(there.get(client_id, Client(client_id, (), name, DEFAULT_API_USER)), secrets=secrets)
            for client_id, secrets in given.items()
        ),
    )


def _by_id(given: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Each id with its secrets, in the order in which they were given."""
    found: dict[str, tuple[str, ...]] = {}
    for item_id, secret in given:
        found[item_id] = (*found.get(item_id, ()), secret)
    return found
