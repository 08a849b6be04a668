"""What a world is where a fixture says nothing of it; and that of the shipped fixture `empty`, without its file."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from mockmkto.engine.catalogue import STANDARD_FIELDS
from mockmkto.engine.partitions import DEFAULT_PARTITION
from mockmkto.model import Client, Credential, FieldCatalogue, World
from mockmkto.settings import (
    DEFAULT_API_USER,
    DEFAULT_CLIENT_ID,
    DEFAULT_CLIENT_SECRET,
    DEFAULT_ENCRYPTION_KEY,
    DEFAULT_USER_ID,
    behaviour_from,
)
from mockmkto.store.registry import DEFAULT_SUBSCRIPTION
from mockmkto.worlds.world import FixtureWorld

__all__ = [
    "DEFAULT_TIME_ZONE",
    "EMPTY",
    "built_in_clients",
    "built_in_credentials",
    "empty_world",
]

EMPTY = "empty"
DEFAULT_TIME_ZONE = "America/Los_Angeles"


def built_in_credentials(subscription: str) -> tuple[Credential, ...]:
    """Who may call over SOAP where a fixture names nobody."""
    return (Credential(DEFAULT_USER_ID, (DEFAULT_ENCRYPTION_KEY,), subscription),)


def built_in_clients(subscription: str) -> tuple[Client, ...]:
    """Who may call over REST where a fixture names nobody."""
    return (Client(DEFAULT_CLIENT_ID, (DEFAULT_CLIENT_SECRET,), subscription, DEFAULT_API_USER),)


def empty_world() -> FixtureWorld:
    """What `fixtures/empty.yaml` says: the standard fields, the built-in callers, nothing else."""
    return FixtureWorld(
        DEFAULT_SUBSCRIPTION,
        built_in_credentials(DEFAULT_SUBSCRIPTION),
        World(
            fields=FieldCatalogue(STANDARD_FIELDS),
            workspaces=(),
            partitions=(DEFAULT_PARTITION,),
            assignment_rules=(),
            behaviour=behaviour_from({}),
            time_zone=ZoneInfo(DEFAULT_TIME_ZONE),
            lead_keys={},
        ),
        leads=(),
        clients=built_in_clients(DEFAULT_SUBSCRIPTION),
    )
