"""`/subscriptions`: a whole Marketo of its own for every test, with a credential that nobody else has."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, UnsetType, structs
from msgspec.structs import replace

from mockmkto.bounds import MOST_VALUES
from mockmkto.clock import Clock
from mockmkto.engine.partitions import DEFAULT_PARTITION, DEFAULT_WORKSPACE
from mockmkto.model import Credential, Workspace
from mockmkto.settings import DEFAULT_USER_ID, behaviour_from
from mockmkto.soap.versions import VERSIONS
from mockmkto.store import leads
from mockmkto.store.backend import ClosedDatabaseError
from mockmkto.store.database import Database, Session
from mockmkto.store.registry import DuplicateUserError, SubscriptionError
from mockmkto.web.admin.clock import Moment, moment
from mockmkto.web.admin.credentials import CredentialView, EncryptionKey, UserId, fresh_credential
from mockmkto.web.admin.problems import Wrong, conflict, not_found, of_fixture, wrong
from mockmkto.web.admin.problems import show as shown
from mockmkto.web.admin.reading import NAME_PATTERN
from mockmkto.web.admin.resource import Body, Created, Server, View, also, in_path
from mockmkto.web.admin.switches import NewSwitches, given, set_switches
from mockmkto.worlds import FixtureError, FixtureWorld, fill, find_fixture, parse_worlds, shipped_fixtures
from mockmkto.worlds.exporting import as_json
from mockmkto.worlds.schema import nearest

__all__ = [
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
    """A subscription: where it is called in the newest version, by whom, and how much is in it."""

    name: str
    endpoint: str
    wsdl_url: str
    credentials: tuple[CredentialView, ...]
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


class NewSubscription(Body, frozen=True, kw_only=True):
    """A subscription that begins as a fixture: a shipped one, one that the server was given, or a world in the request.

    Who may call is given here, or by the `credentials` of the world, or made by chance. Those of a fixture that
    is named open the server's own subscription. A body in YAML is the world.
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


def show(asked: Server) -> SubscriptionList:
    """Every subscription, in the order in which they were made."""
    found = [database for name in asked.registry.names() if (database := asked.registry.get(name)) is not None]
    views = []
    for database in found:
        with suppress(ClosedDatabaseError):  # deleted in this very moment
            views.append(_view(asked, database))
    return SubscriptionList(subscriptions=tuple(views))


@also(409, "The name is taken, or the user id opens another subscription.")
def add(asked: Server, body: NewSubscription) -> Created[NewSubscriptionView]:
    """Make a subscription."""
    name = body.name or _free_name(asked)
    if asked.registry.get(name) is not None:
        raise conflict("body.name", f"There is a subscription {name!r} already.", name)
    left_out: tuple[str, ...] = ()
    credentials: tuple[Credential, ...] = ()
    if body.credential is not None:
        credential = Credential(body.credential.user_id, (body.credential.encryption_key,), name)
        if asked.registry.credential(credential.user_id) is not None:
            detail = f"The user id {credential.user_id!r} opens a subscription already."
            raise conflict("body.credential.user_id", detail, credential.user_id)
        credentials = (credential,)
    elif body.world is not None:
        credentials, left_out = _own_credentials(asked, name, body.world, body.world_file)
    credentials = credentials or (fresh_credential(name),)
    key, world = _world(asked, body)
    variant = (key, asked.site.switches, body.workspaces, body.frozen, given(body.switches) if body.switches else None)
    database = _create(asked, name, credentials, repr(variant), world, body)
    made = NewSubscriptionView(**structs.asdict(_view(asked, database)), left_out=left_out or UNSET)
    return Created(made, f"{asked.address}/__admin/subscriptions/{in_path(name)}")


def one(asked: Server, name: str) -> SubscriptionView:
    """One subscription."""
    return _view(asked, _existing(asked, name))


def remove(asked: Server, name: str) -> None:
    """Delete a subscription: its leads, its journal, its credentials, its snapshots."""
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
    credentials: tuple[Credential, ...],
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
            return asked.registry.create_as(name, template, credentials)
        own = Database("template")
        try:
            with own.transaction() as session:
                begin(session)
            return asked.registry.create_as(name, own, credentials, shared=False)
        finally:
            own.close()
    except SubscriptionError as error:
        raise conflict("body.name", f"{error}.", name) from None
    except DuplicateUserError as error:
        raise conflict("body.credential.user_id", f"{error}.", credentials[0].user_id) from None


def _own_credentials(
    asked: Server, name: str, world: dict[str, Any] | str, file: str
) -> tuple[tuple[Credential, ...], tuple[str, ...]]:
    """The credentials that a world brings, as far as nobody else has them; and a sentence for each that is left out.

    The built-in one, which fixtures name for a server of their own, is left out without a word.
    """
    content = _content(world)
    if b"credentials" not in content:
        return (), ()  # nothing is read that the template may have already
    fixture = _only(content, file, "body.world")
    taken, left_out = [], []
    for item in fixture.credentials if fixture.credentials_given else ():
        owner = asked.registry.credential(item.user_id)
        if owner is None:
            taken.append(replace(item, subscription=name))
        elif item.user_id != DEFAULT_USER_ID:
            left_out.append(
                f"The credential {item.user_id!r} of the world is left out: it opens the subscription "
                f"{owner.subscription!r}. Give one with `credential`."
            )
    return tuple(taken), tuple(left_out)


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
    endpoint = f"{asked.site.api_address(asked.request)}/soap/mktows/{VERSIONS[-1]}"
    return SubscriptionView(
        name=database.name,
        endpoint=endpoint,
        wsdl_url=f"{endpoint}?WSDL",
        credentials=tuple(map(CredentialView.of, asked.registry.credentials(database.name))),
        leads=count,
        calls=database.calls,
    )
