"""Reset, snapshots, and the whole state as a fixture: out of a subscription, and into one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from msgspec import Meta

from mockmkto.bounds import MOST_VALUES
from mockmkto.model.moments import Moment
from mockmkto.store.database import Database, Session
from mockmkto.store.registry import DuplicateClientError, DuplicateUserError
from mockmkto.store.snapshots import Snapshot, SnapshotNameError
from mockmkto.web.admin.problems import Wrong, conflict, not_found, of_fixture, wrong
from mockmkto.web.admin.problems import show as shown
from mockmkto.web.admin.reading import NAME_PATTERN
from mockmkto.web.admin.resource import Body, Created, Query, Subscription, Text, View, also
from mockmkto.worlds import FixtureError, fill, parse_worlds
from mockmkto.worlds.exporting import export_bit_by_bit
from mockmkto.worlds.rendering import json_pieces, yaml_pieces

__all__ = [
    "BaselineQuery",
    "FormatQuery",
    "NewSnapshot",
    "ResetQuery",
    "SnapshotList",
    "SnapshotView",
    "change",
    "forget",
    "reset",
    "restore",
    "show",
    "snapshots",
    "take",
]


class ResetQuery(Query, frozen=True, kw_only=True):
    """To what: the baseline (the fixture), or the same world without leads, fault rules and counts."""

    to: Literal["baseline", "empty"] = "baseline"


class FormatQuery(Query, frozen=True, kw_only=True):
    """How the fixture is written."""

    format: Literal["yaml", "json"] = "yaml"


class BaselineQuery(Query, frozen=True, kw_only=True):
    """Whether a reset returns to this state from now on, whether who may call becomes the fixture's, and its name."""

    baseline: bool = False
    credentials: Literal["replace", "keep"] = "replace"
    file: Annotated[str, Meta(min_length=1, max_length=200)] = "body"  # what problems call it


class NewSnapshot(Body, frozen=True, kw_only=True):
    """A snapshot's name; without one it is numbered, with a mark of its own where servers share the sandbox."""

    name: Annotated[str, Meta(pattern=NAME_PATTERN)] | None = None


class SnapshotView(View, frozen=True, kw_only=True):
    """A snapshot: when it was taken, by the subscription's clock, and how many leads it has."""

    name: str
    taken_at: Moment
    leads: int

    @classmethod
    def of(cls, snapshot: Snapshot) -> SnapshotView:
        """The snapshot as an answer shows it."""
        return cls(name=snapshot.name, taken_at=snapshot.taken_at, leads=snapshot.leads)


class SnapshotList(View, frozen=True, kw_only=True):
    """Every snapshot, in the order in which they were taken."""

    snapshots: tuple[SnapshotView, ...]


def reset(asked: Subscription, query: ResetQuery) -> None:
    """Return to the baseline; the journal is emptied, too."""
    if query.to == "baseline":
        asked.registry.reset(asked.name)
        return
    with asked.database.transaction() as session:
        session.empty()
    if asked.database.calls:
        asked.database.journal.clear()


def snapshots(asked: Subscription) -> SnapshotList:
    """Every snapshot."""
    return SnapshotList(snapshots=tuple(map(SnapshotView.of, asked.database.snapshots.all())))


def take(asked: Subscription, body: NewSnapshot) -> Created[SnapshotView]:
    """Take a snapshot, in the place of one that has its name."""
    with asked.database.transaction() as session:
        now = session.now
    try:
        snapshot = asked.registry.set_aside(asked.database, body.name, now)
    except SnapshotNameError as error:
        raise wrong(Wrong("body.name", str(error), shown(body.name))) from None
    return Created(SnapshotView.of(snapshot), asked.url("/snapshots"))


def restore(asked: Subscription, name: str) -> None:
    """Go back to a snapshot: leads, world, clock, counters, who may call. The journal stays."""
    if not asked.registry.go_back(asked.database, name):
        raise not_found("path.name", "snapshot", name, (item.name for item in asked.database.snapshots.all()))


def forget(asked: Subscription, name: str) -> None:
    """Delete a snapshot."""
    if not asked.database.snapshots.delete(name):
        raise not_found("path.name", "snapshot", name, (item.name for item in asked.database.snapshots.all()))


def show(asked: Subscription, query: FormatQuery) -> Text:
    """The subscription now, as a fixture that loads again to the same state."""
    callers = asked.registry.credentials(asked.name), asked.registry.clients(asked.name)
    written, content_type = _FORMATS[query.format]
    with _as_it_is(asked.database) as session:
        return Text(tuple(written(export_bit_by_bit(session, asked.name, *callers))), content_type)


_FORMATS = {"yaml": (yaml_pieces, "application/yaml"), "json": (json_pieces, "application/json")}


@contextmanager
def _as_it_is(database: Database) -> Iterator[Session]:
    """A session on the subscription of this moment: whoever calls meanwhile need not wait until all of it is read."""
    with database.aside() as session:
        if session is not None:
            yield session
            return
    copy = Database("export")
    try:
        copy.become(database)
        with copy.transaction() as session:
            yield session
    finally:
        copy.close()


@also(409, "A user id or a client id opens another subscription.")
def change(asked: Subscription, query: BaselineQuery, body: bytes) -> None:
    """Replace everything but the journal by a fixture; its subscription's name is not read.

    For a call it is either as before, or as the fixture: nothing is in between.
    """
    try:
        worlds = parse_worlds(body, query.file, MOST_VALUES)
    except FixtureError as error:
        raise of_fixture(error, shows_lines=True) from None
    if len(worlds) != 1:
        raise wrong(Wrong("body.subscriptions", "one world", f"{len(worlds)} of them"))
    (world,) = worlds
    new = Database("import")
    try:
        with new.transaction() as session:
            fill(world, session)
        if query.credentials == "replace":
            asked.registry.set_callers(
                asked.name,
                world.credentials if world.credentials_given else None,
                world.clients if world.clients_given else None,
            )
        asked.database.become(new)
    except DuplicateUserError as error:
        raise conflict("body.credentials", f"{error}.", [item.user_id for item in world.credentials]) from None
    except DuplicateClientError as error:
        raise conflict("body.clients", f"{error}.", [item.client_id for item in world.clients]) from None
    finally:
        new.close()
    if query.baseline:
        asked.registry.set_baseline(asked.name)
