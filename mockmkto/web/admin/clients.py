"""`/clients`: who may call the REST API, with which secrets, and what each is permitted to do."""

from __future__ import annotations

import secrets
import uuid
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from mockmkto.engine.permissions import PERMISSIONS
from mockmkto.model import Client
from mockmkto.settings import DEFAULT_API_USER
from mockmkto.store.registry import DuplicateClientError
from mockmkto.web.admin.problems import Wrong, conflict, not_found, wrong
from mockmkto.web.admin.problems import show as shown
from mockmkto.web.admin.resource import Body, Created, Server, Subscription, View, also, in_path
from mockmkto.worlds.words import nearest

__all__ = [
    "ChangedClient",
    "ClientId",
    "ClientList",
    "ClientSecret",
    "ClientSecrets",
    "ClientView",
    "NewClient",
    "add",
    "change",
    "fresh_client",
    "remove",
    "show",
]

ClientId = Annotated[str, Meta(min_length=1, max_length=255)]
ClientSecret = Annotated[str, Meta(min_length=1, max_length=1000)]
ClientSecrets = Annotated[tuple[ClientSecret, ...], Meta(min_length=1, max_length=2)]
ApiUser = Annotated[str, Meta(min_length=1, max_length=255)]
Permission = Annotated[str, Meta(extra_json_schema={"enum": list(PERMISSIONS)})]


class ClientView(View, frozen=True, kw_only=True):
    """A client with its secrets: two are live while one is being rotated. Without permissions it has all of them."""

    client_id: str
    client_secrets: tuple[str, ...]
    user: str
    permissions: tuple[Permission, ...] | None
    blocked: bool

    @classmethod
    def of(cls, client: Client) -> ClientView:
        """The client as an answer shows it."""
        return cls(
            client_id=client.client_id,
            client_secrets=client.secrets,
            user=client.user,
            permissions=client.permissions,
            blocked=client.blocked,
        )


class ClientList(View, frozen=True, kw_only=True):
    """Every client of a subscription."""

    clients: tuple[ClientView, ...]


class NewClient(Body, frozen=True, kw_only=True):
    """A client; an id or secrets that are absent are made, by chance. Without permissions it has all of them."""

    client_id: ClientId | None = None
    client_secrets: ClientSecrets | None = None
    user: ApiUser = DEFAULT_API_USER
    permissions: tuple[Permission, ...] | None = None
    blocked: bool = False


class ChangedClient(Body, frozen=True, kw_only=True):
    """What changes; of a client that is not there yet, what is absent is made. `null` permissions are all of them."""

    client_id: ClientId | UnsetType = UNSET  # as in the path, so that an answer can be sent back
    client_secrets: ClientSecrets | UnsetType = UNSET
    user: ApiUser | UnsetType = UNSET
    permissions: tuple[Permission, ...] | UnsetType | None = UNSET
    blocked: bool | UnsetType = UNSET


def fresh_client(subscription: str) -> Client:
    """A client that nobody has, in the shape of Marketo's own."""
    return Client(str(uuid.uuid4()), (secrets.token_urlsafe(24),), subscription, DEFAULT_API_USER)


def show(asked: Subscription) -> ClientList:
    """Every client, with its secrets."""
    return ClientList(clients=tuple(map(ClientView.of, asked.registry.clients(asked.name))))


@also(409, "The client id opens a subscription already.")
def add(asked: Subscription, body: NewClient) -> Created[ClientView]:
    """Add a client."""
    fresh = fresh_client(asked.name)
    client_id = body.client_id or fresh.client_id
    there = asked.registry.client(client_id)
    if there is not None:
        detail = f"The client id {client_id!r} opens the subscription {there.subscription!r}."
        raise conflict("body.client_id", detail, client_id)
    _check(body.permissions)
    given = body.client_secrets or fresh.secrets
    client = Client(client_id, given, asked.name, body.user, body.permissions, body.blocked)
    _put(asked, client, "body.client_id")
    return Created(ClientView.of(client), asked.url(f"/clients/{in_path(client_id)}"))


@also(409, "The client id opens another subscription, or the body names another one.")
def change(asked: Subscription, client_id: str, body: ChangedClient) -> ClientView:
    """Rotate the secrets of a client, permit it other things, block it or unblock it; one that is not there is made."""
    if body.client_id is not UNSET and body.client_id != client_id:
        raise conflict("body.client_id", f"The path says {client_id!r}: a client id cannot be changed.", body.client_id)
    there = asked.registry.client(client_id) or fresh_client(asked.name)
    permissions = there.permissions if body.permissions is UNSET else body.permissions
    _check(permissions)
    client = Client(
        client_id,
        there.secrets if body.client_secrets is UNSET else body.client_secrets,
        asked.name,
        there.user if body.user is UNSET else body.user,
        permissions,
        there.blocked if body.blocked is UNSET else body.blocked,
    )
    _put(asked, client, "path.client_id")
    return ClientView.of(client)


def remove(asked: Subscription, client_id: str) -> None:
    """Take a client away: it gets no token any more, and calls with one that it has are answered with error 601."""
    if not asked.registry.delete_client(asked.name, client_id):
        raise not_found("path.client_id", "client", client_id)


def _check(permissions: tuple[str, ...] | None) -> None:
    for index, permission in enumerate(permissions or ()):
        if permission not in PERMISSIONS:
            expected = f"one of {', '.join(PERMISSIONS)}{nearest(permission, PERMISSIONS)}"
            raise wrong(Wrong(f"body.permissions[{index}]", expected, shown(permission)))


def _put(asked: Server, client: Client, where: str) -> None:
    try:
        asked.registry.put_client(client)
    except DuplicateClientError as error:
        raise conflict(where, f"{error}.", client.client_id) from None
