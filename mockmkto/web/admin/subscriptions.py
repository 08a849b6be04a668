"""`/subscriptions`: a whole Marketo of its own for every test, with a credential and a client that nobody else has."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeAlias, TypeVar

from msgspec import UNSET, Meta, UnsetType, structs
from msgspec.structs import replace

from mockmkto.bounds import MOST_VALUES
from mockmkto.clock import Clock
from mockmkto.engine.partitions import DEFAULT_PARTITION, DEFAULT_WORKSPACE
from mockmkto.model import Client, Credential, Workspace
from mockmkto.settings import DEFAULT_CLIENT_ID, DEFAULT_USER_ID, behaviour_from
from mockmkto.soap.versions import VERSIONS
from mockmkto.store import leads
from mockmkto.store.backend import ClosedDatabaseError
from mockmkto.store.database import Database, Session
from mockmkto.store.registry import DuplicateClientError, DuplicateUserError, SubscriptionError
from mockmkto.web.admin.clients import ClientId, ClientSecret, ClientView, fresh_client
from mockmkto.web.admin.clock import Moment, moment
from mockmkto.web.admin.credentials import CredentialView, EncryptionKey, UserId, fresh_credential
from mockmkto.web.admin.problems import Wrong, conflict, not_found, of_fixture, wrong
from mockmkto.web.admin.problems import show as shown
from mockmkto.web.admin.reading import NAME_PATTERN
from mockmkto.web.admin.resource import Body, Created, Server, View, also, in_path
from mockmkto.web.admin.switches import NewSwitches, given, set_switches
from mockmkto.worlds import FixtureError, FixtureWorld, fill, find_fixture, parse_worlds, shipped_fixtures
from mockmkto.worlds.rendering import as_json
from mockmkto.worlds.schema import nearest

_C = TypeVar("_C", Credential, Client)
_Callers: TypeAlias = tuple[tuple[Credential, ...], tuple[Client, ...]]

__all__ = [
    "GivenClient",
    "GivenCredential",
    "NewSubscription",
    "NewSubscriptionView",
    "SubscriptionList",
    "SubscriptionView",
    "add",
    "one",
    "remove",
    "show",
]


class SubscriptionView(View, frozen=True, kw_only=True):
    """A subscription: where its APIs are called, SOAP in the newest version, by whom, and how much is in it."""

    name: str
    endpoint: str
    wsdl_url: str
    rest_endpoint: str
    identity_endpoint: str
    credentials: tuple[CredentialView, ...]
    clients: tuple[ClientView, ...]
    leads: int
    calls: int


class NewSubscriptionView(SubscriptionView, frozen=True, kw_only=True):
    """A subscription that was made, and what of the request was left out, a sentence each."""

    left_out: tuple[str, ...] | UnsetType = UNSET


class SubscriptionList(View, frozen=True, kw_only=True):
    """Every subscription."""

    subscriptions: tuple[SubscriptionView, ...]


class GivenCredential(Body, frozen=True, kw_only=True):
    """The credential that a new subscription is to have."""

    user_id: UserId
    encryption_key: EncryptionKey


class GivenClient(Body, frozen=True, kw_only=True):
    """The client of the REST API that a new subscription is to have."""

    client_id: ClientId
    client_secret: ClientSecret


class NewSubscription(Body, frozen=True, kw_only=True):
    """A subscription that begins as a fixture: a shipped one, one that the server was given, or a world in the request.

    Who may call is given here, or by the `credentials` and the `clients` of the world, or made by chance. Those of a
    fixture that is named open the server's own subscription. A body in YAML is the world.
    """

    takes_yaml: ClassVar[bool] = True

    name: Annotated[str, Meta(pattern=NAME_PATTERN)] | None = None
    fixture: str | None = None
    world: dict[str, Any] | str | None = None
    world_file: Annotated[str, Meta(min_length=1, max_length=200)] = "body.world"  # what problems call it
    workspaces: bool | None = None
    frozen: Moment | None = None
    switches: NewSwitches | UnsetType = UNSET
    credential: GivenCredential | None = None
    client: GivenClient | None = None


def show(asked: Server) -> SubscriptionList:
    """Every subscription, in the order in which they were made."""
    found = [database for name in asked.registry.names() if (database := asked.registry.get(name)) is not None]
    views = []
    for database in found:
        with suppress(ClosedDatabaseError):  # deleted in this very moment
            views.append(_view(asked, database))
    return SubscriptionList(subscriptions=tuple(views))


@also(409, "The name is taken, or the user id or the client id opens another subscription.")
def add(asked: Server, body: NewSubscription) -> Created[NewSubscriptionView]:
    """Make a subscription."""
    name = body.name or _free_name(asked)
    if asked.registry.get(name) is not None:
        raise conflict("body.name", f"There is a subscription {name!r} already.", name)
    credentials, clients, left_out = _callers(asked, name, body)
    key, world = _world(asked, body)
    variant = (key, asked.site.switches, body.workspaces, body.frozen, given(body.switches) if body.switches else None)
    database = _create(asked, name, (credentials, clients), repr(variant), world, body)
    made = NewSubscriptionView(**structs.asdict(_view(asked, database)), left_out=left_out or UNSET)
    return Created(made, f"{asked.address}/__admin/subscriptions/{in_path(name)}")


def one(asked: Server, name: str) -> SubscriptionView:
    """One subscription."""
    return _view(asked, _existing(asked, name))


def remove(asked: Server, name: str) -> None:
    """Delete a subscription: its leads, its journal, who may call it, its snapshots."""
    _existing(asked, name)
    try:
        asked.registry.delete(name)
    except SubscriptionError:  # somebody was faster
        raise not_found("path.name", "subscription", name) from None


# ---------------------------------------------------------------------------------------------------------------------


def _existing(asked: Server, name: str) -> Database:
    database = asked.registry.get(name)
    if database is None:
        raise not_found("path.name", "subscription", name, asked.registry.names())
    return database


def _free_name(asked: Server) -> str:
    while True:
        name = f"s-{secrets.token_hex(3)}"
        if asked.registry.get(name) is None:
            return name


def _create(
    asked: Server,
    name: str,
    callers: _Callers,
    variant: str,
    world: Callable[[], FixtureWorld],
    body: NewSubscription,
) -> Database:
    """The subscription, a copy of a template that is filled once for each world and what is changed in it."""

    def begin(session: Session) -> None:
        fixture = world()
        if body.frozen is not None:
            fixture = replace(fixture, clock=Clock(frozen_at=moment(body.frozen, "body.frozen")))
        fill(fixture, session)
        _adapt(asked.site.switches, session, body)

    template = asked.registry.template(variant, begin)
    try:
        if template is not None:
            return asked.registry.create_as(name, template, *callers)
        own = Database("template")
        try:
            with own.transaction() as session:
                begin(session)
            return asked.registry.create_as(name, own, *callers, shared=False)
        finally:
            own.close()
    except SubscriptionError as error:
        raise conflict("body.name", f"{error}.", name) from None
    except DuplicateUserError as error:
        raise conflict("body.credential.user_id", f"{error}.", callers[0][0].user_id) from None
    except DuplicateClientError as error:
        raise conflict("body.client.client_id", f"{error}.", callers[1][0].client_id) from None


def _callers(
    asked: Server, name: str, body: NewSubscription
) -> tuple[tuple[Credential, ...], tuple[Client, ...], tuple[str, ...]]:
    """Who may call a new subscription: who is given, or the world brings, or is made; and what is left out of it."""
    credentials: tuple[Credential, ...] = ()
    clients: tuple[Client, ...] = ()
    left_out: list[str] = []
    if body.credential is not None:
        credential = Credential(body.credential.user_id, (body.credential.encryption_key,), name)
        if asked.registry.credential(credential.user_id) is not None:
            detail = f"The user id {credential.user_id!r} opens a subscription already."
            raise conflict("body.credential.user_id", detail, credential.user_id)
        credentials = (credential,)
    if body.client is not None:
        client = replace(fresh_client(name), client_id=body.client.client_id, secrets=(body.client.client_secret,))
        if asked.registry.client(client.client_id) is not None:
            detail = f"The client id {client.client_id!r} opens a subscription already."
            raise conflict("body.client.client_id", detail, client.client_id)
        clients = (client,)
    if body.world is not None and not (credentials and clients):
        fixture = _fixture_with_callers(body.world, body.world_file)
        if fixture is not None and not credentials and fixture.credentials_given:
            credentials = _own(
                [(item, item.user_id, asked.registry.credential(item.user_id)) for item in fixture.credentials],
                *(name, "credential", left_out),
            )
        if fixture is not None and not clients and fixture.clients_given:
            clients = _own(
                [(item, item.client_id, asked.registry.client(item.client_id)) for item in fixture.clients],
                *(name, "client", left_out),
            )
    return credentials or (fresh_credential(name),), clients or (fresh_client(name),), tuple(left_out)


def _own(given: Iterable[tuple[_C, str, _C | None]], name: str, kind: str, left_out: list[str]) -> tuple[_C, ...]:
    """Those that a world brings, as far as nobody else has them; a sentence for each that is left out.

    The built-in ones, which fixtures name for a server of their own, are left out without a word.
    """
    taken = []
    for item, item_id, owner in given:
        if owner is None:
            taken.append(replace(item, subscription=name))
        elif item_id not in (DEFAULT_USER_ID, DEFAULT_CLIENT_ID):
            left_out.append(
                f"The {kind} {item_id!r} of the world is left out: it opens the subscription "
                f"{owner.subscription!r}. Give one with `{kind}`."
            )
    return tuple(taken)


def _fixture_with_callers(world: dict[str, Any] | str, file: str) -> FixtureWorld | None:
    """The world where it may say who calls; `None`: nothing is read that the template may have already."""
    content = _content(world)
    return _only(content, file, "body.world") if b"credentials" in content or b"clients" in content else None


def _content(world: dict[str, Any] | str) -> bytes:
    return world.encode() if isinstance(world, str) else as_json(world)


def _adapt(switches: Mapping[str, str], session: Session, body: NewSubscription) -> None:
    world = session.world
    behaviour = behaviour_from(switches, world.behaviour)
    workspaces = world.workspaces
    if body.workspaces is False:
        workspaces = ()
    elif body.workspaces and not workspaces:
        workspaces = (Workspace(DEFAULT_WORKSPACE, DEFAULT_PARTITION),)
    if behaviour != world.behaviour or workspaces != world.workspaces:
        session.world = replace(world, behaviour=behaviour, workspaces=workspaces)
    if body.switches:
        set_switches(session, given(body.switches), "body.switches")


def _world(asked: Server, body: NewSubscription) -> tuple[str, Callable[[], FixtureWorld]]:
    """What the world is known by, and how to read it."""
    if body.world is not None:
        if body.fixture is not None:
            raise wrong(Wrong("body", "fixture or world", "both"))
        content = _content(body.world)
        digest = hashlib.blake2b(content).hexdigest()
        return digest, lambda: _only(content, body.world_file, "body.world")
    name = body.fixture if body.fixture is not None else "empty"
    known = {Path(text).stem: text for text in asked.site.fixtures} | {text: text for text in asked.site.fixtures}
    shipped = shipped_fixtures()
    if name not in shipped and name not in known:
        names = [*shipped, *(text for text in asked.site.fixtures if text not in shipped)]
        expected = f"a fixture that is shipped, or was given to --fixture: {', '.join(names)}{nearest(name, names)}"
        raise wrong(Wrong("body.fixture", expected, shown(name)))
    return name, lambda: _only(find_fixture(known.get(name, name)).read_bytes(), name, "body.fixture")


def _only(content: bytes, name: str, where: str) -> FixtureWorld:
    try:
        worlds = parse_worlds(content, name, MOST_VALUES)
    except FixtureError as error:
        raise of_fixture(error, (), where, shows_lines=True) from None
    if len(worlds) != 1:
        raise wrong(Wrong(where, "one world", f"{len(worlds)} of them"))
    return worlds[0]


def _view(asked: Server, database: Database) -> SubscriptionView:
    with database.transaction() as session:
        count = leads.count(session)
    address = asked.site.api_address(asked.request)
    endpoint = f"{address}/soap/mktows/{VERSIONS[-1]}"
    return SubscriptionView(
        name=database.name,
        endpoint=endpoint,
        wsdl_url=f"{endpoint}?WSDL",
        rest_endpoint=f"{address}/rest",
        identity_endpoint=f"{address}/identity",
        credentials=tuple(map(CredentialView.of, asked.registry.credentials(database.name))),
        clients=tuple(map(ClientView.of, asked.registry.clients(database.name))),
        leads=count,
        calls=database.calls,
    )
