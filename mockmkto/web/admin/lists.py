"""`/lists`: static lists and who is on them. What is done here is no listOperation: nothing is logged."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from mockmkto.model.lists import StaticList
from mockmkto.model.moments import Moment
from mockmkto.store import imports, leads, lists, programs
from mockmkto.store.database import Counter, Session
from mockmkto.store.programs import folded
from mockmkto.web.admin.pieces import Id, Name, checked_piece
from mockmkto.web.admin.problems import Wrong, conflict, not_found, wrong
from mockmkto.web.admin.problems import show as shown
from mockmkto.web.admin.resource import Body, Created, Query, Subscription, View, also
from mockmkto.worlds.lists import Leads, check_lists
from mockmkto.worlds.program_entries import ListEntry
from mockmkto.worlds.schema import WorldEntry

__all__ = ["ListView", "NewList", "add", "join", "leave", "members", "one", "remove", "show"]


class ListView(View, frozen=True, kw_only=True):
    """A static list. `shown` is its name as answers of the API show it; `members` how many leads are on it."""

    id: int
    name: str
    shown: str
    program: str | None
    description: str | None
    owner_keys: dict[str, str]
    members: int
    created_at: Moment
    updated_at: Moment


class ListList(View, frozen=True, kw_only=True):
    """Static lists, by Id."""

    lists: tuple[ListView, ...]


class ListQuery(Query, frozen=True, kw_only=True):
    """Which lists: those of this name, bare or as it is shown, in any case; those that this lead is on."""

    name: str | None = None
    lead: Id | None = None


class NewList(Body, frozen=True, kw_only=True):
    """A static list; without an id it gets the next one. `members` are Ids of leads, in order of joining."""

    id: Id | None = None
    name: Name
    program: str | None = None
    description: str | None = None
    members: tuple[Id, ...] = ()
    owner_keys: dict[str, str] = msgspec.field(default_factory=dict)


class MemberQuery(Query, frozen=True, kw_only=True):
    """From which member on, and how many."""

    offset: Annotated[int, Meta(ge=0, le=2**31)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class MemberList(View, frozen=True, kw_only=True):
    """A page of members by the Ids of the leads, in order of joining; how many there are; and the next page."""

    members: tuple[int, ...]
    total: int
    next: str | None


class Members(Body, frozen=True, kw_only=True):
    """The Ids of leads."""

    leads: tuple[Id, ...]


def show(asked: Subscription, query: ListQuery) -> ListList:
    """The static lists."""
    with asked.database.transaction() as session:
        found = lists.all_lists(session) if query.lead is None else lists.lists_of(session, query.lead)
        if query.name is not None:
            wanted = folded(query.name)
            found = tuple(item for item in found if wanted in (folded(item.shown), folded(item.name)))
        return ListList(lists=tuple(_view(session, item) for item in found))


@also(409, "The id, the name or an owner's key is another list's.")
def add(asked: Subscription, body: NewList) -> Created[ListView]:
    """Make a static list."""
    with asked.database.transaction() as session:
        entry = ListEntry(
            id=body.id,
            name=body.name,
            program=body.program,
            description=body.description,
            owner_keys=dict(body.owner_keys),
        )
        stored = programs.all_programs(session)
        (made,) = checked_piece(
            session.world,
            ("lists", 0),
            lambda values: check_lists(WorldEntry(lists=[entry]), (), stored, Leads((), values), values),
        )
        static_list = replace(
            made.static_list,
            id=body.id if body.id is not None else session.take_id(Counter.LIST),
            created_at=session.now,
            updated_at=session.now,
        )
        _refuse_taken(session, static_list)
        _check_leads(session, body.members, "body.members")
        lists.add_many(session, [(static_list, tuple(dict.fromkeys(body.members)))])
        view = _view(session, static_list)
    return Created(view, asked.url(f"/lists/{static_list.id}"))


def one(asked: Subscription, id: int) -> ListView:
    """One static list."""
    with asked.database.transaction() as session:
        return _view(session, _existing(session, id))


def remove(asked: Subscription, id: int) -> None:
    """Delete a static list; its leads stay."""
    with asked.database.transaction() as session:
        _existing(session, id)
        imports.remove_of_list(session, id)
        lists.remove(session, id)


def members(asked: Subscription, id: int, query: MemberQuery) -> MemberList:
    """The leads on a list, in order of joining."""
    with asked.database.transaction() as session:
        _existing(session, id)
        found = lists.members(session, id, limit=query.limit, skipped=query.offset)
        total = lists.member_count(session, id)
    following = query.offset + len(found)
    more = following < total and bool(found)
    return MemberList(
        members=found,
        total=total,
        next=asked.url(f"/lists/{id}/members", offset=following, limit=query.limit) if more else None,
    )


def join(asked: Subscription, id: int, body: Members) -> ListView:
    """Put leads on a list; who is on it already, stays where it is."""
    with asked.database.transaction() as session:
        static_list = _existing(session, id)
        _check_leads(session, body.leads, "body.leads")
        lists.add_members(session, id, body.leads)
        return _view(session, static_list)


def leave(asked: Subscription, id: int, lead: int) -> None:
    """Take a lead off a list."""
    with asked.database.transaction() as session:
        _existing(session, id)
        if not lists.remove_member(session, id, lead):
            raise not_found("path.lead", "member", lead)


# ---------------------------------------------------------------------------------------------------------------------


def _existing(session: Session, list_id: int) -> StaticList:
    found = lists.by_id(session, list_id)
    if found is None:
        raise not_found("path.id", "list", list_id)
    return found


def _check_leads(session: Session, lead_ids: tuple[int, ...], where: str) -> None:
    for index, lead_id in enumerate(lead_ids):
        if leads.existing_id(session, lead_id) is None:
            raise wrong(Wrong(f"{where}[{index}]", "the Id of a lead that is there", shown(lead_id)))


def _refuse_taken(session: Session, new: StaticList) -> None:
    if lists.by_id(session, new.id) is not None:
        raise conflict("body.id", f"There is a list {new.id} already.", new.id)
    for item in lists.all_lists(session):
        if folded(item.shown) == folded(new.shown):
            raise conflict("body.name", f"There is a list {item.shown!r} already.", new.name)
        for key in item.owner_keys.items() & new.owner_keys.items():
            raise conflict(f"body.owner_keys.{key[0]}", f"The key is that of the list {item.shown!r}.", key[1])


def _view(session: Session, item: StaticList) -> ListView:
    return ListView(
        id=item.id,
        name=item.name,
        shown=item.shown,
        program=item.program_name,
        description=item.description,
        owner_keys=dict(item.owner_keys),
        members=lists.member_count(session, item.id),
        created_at=item.created_at,
        updated_at=item.updated_at,
    )
