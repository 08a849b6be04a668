"""The clients of a fixture: who may call the REST API."""

from __future__ import annotations

from mockmkto.engine.permissions import PERMISSIONS
from mockmkto.model import Client
from mockmkto.settings import DEFAULT_API_USER
from mockmkto.worlds.checking import MAX_KEYS, Findings, no_two
from mockmkto.worlds.empty import built_in_clients
from mockmkto.worlds.problems import Location, show_value
from mockmkto.worlds.schema import WorldEntry
from mockmkto.worlds.words import nearest

__all__ = ["check_clients"]


def check_clients(entry: WorldEntry, at: Location, subscription: str, findings: Findings) -> tuple[Client, ...]:
    """Who may call; the built-in client where nothing is said. What is wrong goes to the findings."""
    if entry.clients is None:
        return built_in_clients(subscription)
    clients = []
    for index, item in enumerate(entry.clients):
        where = (*at, "clients", index)
        if not item.client_id:
            findings.add((*where, "client_id"), "expected a client id, got an empty text")
        if not 1 <= len(item.client_secrets) <= MAX_KEYS:
            findings.add(
                (*where, "client_secrets"),
                f"expected one secret, or two while one is being rotated, got {len(item.client_secrets)}",
            )
        if "" in item.client_secrets:
            findings.add((*where, "client_secrets"), "expected a secret, got an empty text")
        user = item.user if item.user is not None else DEFAULT_API_USER
        if not user:
            findings.add((*where, "user"), "expected the e-mail of an API-only user, got an empty text")
        for place, permission in enumerate(item.permissions or ()):
            if permission not in PERMISSIONS:
                message = f"there is no permission {show_value(permission)}{nearest(permission, PERMISSIONS)}"
                findings.add((*where, "permissions", place), f"{message}; known: {', '.join(PERMISSIONS)}")
        permissions = tuple(item.permissions) if item.permissions is not None else None
        secrets = tuple(item.client_secrets)
        clients.append(Client(item.client_id, secrets, subscription, user, permissions, bool(item.blocked)))
    no_two(clients, lambda item: item.client_id, (*at, "clients"), "client_id", findings, str)
    return tuple(clients)
