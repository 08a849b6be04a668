"""`/leads`: look for them, add, change and delete them. Not a syncLead: nothing is matched, no rule is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from mockmkto.engine.absorbing import forget
from mockmkto.engine.catalogue import closest_name
from mockmkto.model import Lead, World
from mockmkto.model.moments import Moment
from mockmkto.store import leads
from mockmkto.store.database import Session
from mockmkto.store.listing import Filter, Order, Target
from mockmkto.store.searching import search
from mockmkto.web.admin.problems import Wrong, conflict, not_found, of_fixture, wrong
from mockmkto.web.admin.problems import show as shown
from mockmkto.web.admin.resource import Body, Created, Query, Subscription, View, also
from mockmkto.worlds import FixtureError, FixtureLead
from mockmkto.worlds.checking import Findings
from mockmkto.worlds.leads import MAX_ID, check_leads
from mockmkto.worlds.reading import Document
from mockmkto.worlds.schema import AnonymousLeadEntry, ForeignIdEntry, LeadEntry, WorldEntry, nearest

__all__ = [
    "ChangedLead",
    "ForeignIdView",
    "LeadList",
    "LeadQuery",
    "LeadView",
    "NewForeignId",
    "NewLead",
    "Value",
    "add",
    "change",
    "one",
    "remove",
    "show",
    "text_of",
]

# How the checks of a fixture call what a request calls otherwise.
_RENAMED = {"Id": "id", "Email": "email"}

Value = str | int | float | bool | None


class ForeignIdView(View, frozen=True, kw_only=True):
    """A foreign key."""

    type: str
    id: str


class LeadView(View, frozen=True, kw_only=True):
    """A lead as it is stored. Of several foreign keys and cookies the latest written is the last."""

    id: int
    email: str | None
    known: bool
    partition: str
    attributes: dict[str, str]
    foreign_ids: tuple[ForeignIdView, ...]
    cookies: tuple[str, ...]
    created_at: Moment
    updated_at: Moment


class LeadList(View, frozen=True, kw_only=True):
    """A page of leads, how many there are on all pages, and the next page."""

    leads: tuple[LeadView, ...]
    total: int
    next: str | None


class LeadQuery(Query, frozen=True, kw_only=True):
    """Which leads, in which order, from which one on.

    `where` is NAME:VALUE, in any case; NAME is Id, Email, ForeignSysPersonId, cookie, partition, known, or a field.
    `VALUE*` is what begins so, `*` any value, nothing is no value. Several must all hold.
    """

    where: tuple[str, ...] = ()
    offset: Annotated[int, Meta(ge=0, le=2**31)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    sort: Literal["id", "-id", "email", "-email", "updated", "-updated"] = "id"


class NewForeignId(Body, frozen=True, kw_only=True):
    """A foreign key."""

    type: str = "CUSTOM"
    id: Annotated[str, Meta(pattern=r"\S")]  # one of spaces alone is none


class NewLead(Body, frozen=True, kw_only=True):
    """A lead; without an Id it gets the next one, without a partition the primary one of Default."""

    id: int | None = None
    email: str | None = None
    known: bool = True
    partition: str | None = None
    attributes: dict[str, Value] = msgspec.field(default_factory=dict)
    foreign_ids: tuple[NewForeignId, ...] = ()
    cookies: tuple[str, ...] = ()


class ChangedLead(Body, frozen=True, kw_only=True):
    """What changes. Attributes are merged, null or an empty one clears the field; keys are replaced as a whole."""

    email: str | UnsetType | None = UNSET
    known: bool | UnsetType = UNSET
    partition: str | UnsetType = UNSET
    attributes: dict[str, Value] | UnsetType = UNSET
    foreign_ids: tuple[NewForeignId, ...] | UnsetType = UNSET
    cookies: tuple[str, ...] | UnsetType = UNSET


def show(asked: Subscription, query: LeadQuery) -> LeadList:
    """The leads that all filters find, sorted, a page at a time."""
    with asked.database.transaction() as session:
        world = session.world
    filters = [_filter(text, f"query.where[{index}]", world) for index, text in enumerate(query.where)]
    found = search(asked.database, filters, order=Order(query.sort), offset=query.offset, limit=query.limit)
    following: str | None = None
    if query.offset + len(found.leads) < found.total and found.leads:
        parameters: dict[str, str | int | list[str]] = {"offset": query.offset + len(found.leads), "limit": query.limit}
        if query.sort != "id":
            parameters["sort"] = query.sort
        if query.where:
            parameters["where"] = list(query.where)
        following = asked.url("/leads", **parameters)
    return LeadList(leads=tuple(map(_view, found.leads)), total=found.total, next=following)


@also(409, "The Id, a foreign key or a cookie is another lead's.")
def add(asked: Subscription, body: NewLead) -> Created[LeadView]:
    """Add a lead as it is: this is no syncLead."""
    with asked.database.transaction() as session:
        _check_known(body.known, body.email, body.foreign_ids)
        entry = _entry(body.known, body.id, body.email, body.partition, body.attributes, body.foreign_ids, body.cookies)
        checked = _checked(entry, session.world)
        if body.id is not None and leads.existing_id(session, body.id) is not None:
            raise conflict("body.id", f"There is a lead {body.id} already.", body.id)
        _refuse_taken_keys(session, checked, None)
        if body.id is None and session.next_lead_id > MAX_ID:
            raise conflict("body.id", f"No Id is left above {MAX_ID}: say one.", None)
        lead_id = body.id if body.id is not None else session.take_lead_id()
        order = session.next_order()
        lead = Lead(
            id=lead_id,
            email=checked.email,
            known=checked.known,
            partition=checked.partition,
            attributes=checked.attributes,
            created_at=session.now,
            updated_at=session.now,
            created_order=order,
            updated_order=order,
        )
        cookies = tuple(f"id:{text}" for text in checked.cookies)
        leads.add_many(session, [leads.NewLead(lead, checked.foreign_ids, cookies)])
        made = _one(session, lead_id)
    return Created(made, asked.url(f"/leads/{lead_id}"))


def one(asked: Subscription, id: int) -> LeadView:
    """One lead."""
    with asked.database.transaction() as session:
        return _one(session, id)


@also(409, "A foreign key or a cookie is another lead's.")
def change(asked: Subscription, id: int, body: ChangedLead) -> LeadView:
    """Change what is given of a lead; it is the most recently updated one then."""
    with asked.database.transaction() as session:
        lead = _existing(session, id)
        known = lead.known if body.known is UNSET else body.known
        email = lead.email if body.email is UNSET else body.email
        given_ids = () if body.foreign_ids is UNSET else body.foreign_ids
        _check_known(
            known, email, given_ids or leads.foreign_ids_of(session, id) if body.foreign_ids is UNSET else given_ids
        )
        entry = _entry(
            known,
            id,
            email,
            lead.partition if body.partition is UNSET else body.partition,
            {} if body.attributes is UNSET else body.attributes,
            given_ids,
            () if body.cookies is UNSET else body.cookies,
        )
        checked = _checked(entry, session.world)
        _refuse_taken_keys(session, checked, id)
        leads.save(
            session,
            replace(
                lead,
                email=checked.email,
                known=checked.known,
                partition=checked.partition,
                attributes=_merged(session.world, lead, body, checked),
                updated_at=session.now,
                updated_order=session.next_order(),
            ),
        )
        leads.replace_keys(
            session,
            id,
            None if body.foreign_ids is UNSET else checked.foreign_ids,
            None if body.cookies is UNSET else checked.cookies,
        )
        return _one(session, id)


def remove(asked: Subscription, id: int) -> None:
    """Delete a lead with every key that finds it, its memberships, activities and roles."""
    with asked.database.transaction() as session:
        _existing(session, id)
        forget(session, id)


# ---------------------------------------------------------------------------------------------------------------------


def _merged(world: World, lead: Lead, body: ChangedLead, checked: FixtureLead) -> dict[str, str]:
    """The lead's attributes with those of the request: what the request names and the check left out is cleared."""
    named = {} if body.attributes is UNSET else body.attributes
    fields = (world.fields.named(name) for name in named)
    cleared = {field.name for field in fields if field is not None}
    kept = {name: value for name, value in lead.attributes.items() if name not in cleared}
    return kept | dict(checked.attributes)


def _check_known(known: bool, email: str | None, foreign_ids: Sequence[object]) -> None:
    if known:
        return
    if email:
        raise wrong(Wrong("body.email", "no e-mail: a lead that has one is known", shown(email)))
    if foreign_ids:
        raise wrong(Wrong("body.foreign_ids", "no foreign key: a lead that has one is known", "one"))


def _entry(
    known: bool,
    lead_id: int | None,
    email: str | None,
    partition: str | None,
    attributes: dict[str, Value],
    foreign_ids: Sequence[NewForeignId],
    cookies: Sequence[str],
) -> WorldEntry:
    """The lead as a fixture would have it."""
    texts: dict[str, object] = {name: text_of(value) for name, value in attributes.items()}
    if not known:
        anonymous = AnonymousLeadEntry(Id=lead_id, partition=partition, cookies=list(cookies), attributes=texts)
        return WorldEntry(anonymous_leads=[anonymous])
    lead = LeadEntry(
        Id=lead_id,
        Email=email,
        partition=partition,
        cookies=list(cookies),
        attributes=texts,
        foreign_ids=[ForeignIdEntry(type=item.type, id=item.id) for item in foreign_ids],
    )
    return WorldEntry(leads=[lead])


def text_of(value: Value) -> str | None:
    """A value as a fixture writes it."""
    if value is None or isinstance(value, str):
        return value
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _checked(entry: WorldEntry, world: World) -> FixtureLead:
    findings = Findings(Document("body", ""))
    at = ("leads", 0) if entry.leads else ("anonymous_leads", 0)
    try:
        (lead,) = check_leads(entry, (), world, findings)
        findings.raise_if_any()
    except FixtureError as error:
        raise of_fixture(error, at, renamed=_RENAMED) from None
    return lead


def _refuse_taken_keys(session: Session, checked: FixtureLead, lead_id: int | None) -> None:
    for index, key in enumerate(checked.foreign_ids):
        owner = leads.id_by_foreign_id(session, key)
        if owner is not None and owner != lead_id:
            detail = f"The {key.type.value} id {key.id!r} is that of the lead {owner}."
            raise conflict(f"body.foreign_ids[{index}]", detail, key.id)
    for index, cookie in enumerate(checked.cookies):
        owner = leads.id_by_cookie(session, f"id:{cookie}")
        if owner is not None and owner != lead_id:
            raise conflict(f"body.cookies[{index}]", f"The cookie is that of the lead {owner}.", cookie)


def _existing(session: Session, lead_id: int) -> Lead:
    lead = leads.by_id(session, lead_id)
    if lead is None:
        raise not_found("path.id", "lead", lead_id)
    return lead


def _one(session: Session, lead_id: int) -> LeadView:
    lead = _existing(session, lead_id)
    return _view(leads.NewLead(lead, leads.foreign_ids_of(session, lead_id), leads.cookies_of(session, lead_id)))


def _view(item: leads.NewLead) -> LeadView:
    lead = item.lead
    return LeadView(
        id=lead.id,
        email=lead.email,
        known=lead.known,
        partition=lead.partition,
        attributes=dict(lead.attributes),
        foreign_ids=tuple(ForeignIdView(type=key.type.value, id=key.id) for key in reversed(item.foreign_ids)),
        cookies=tuple(reversed(item.cookies)),
        created_at=lead.created_at,
        updated_at=lead.updated_at,
    )


_TARGETS = {item.value.casefold(): item for item in Target}


def _filter(text: str, where: str, world: World) -> Filter:
    name, colon, value = text.partition(":")
    if not colon:
        raise wrong(Wrong(where, "NAME:VALUE, such as Email:ann@*", shown(text)))
    begins = value.endswith("*")
    value = value.removesuffix("*")
    target = _TARGETS.get(name.strip().casefold())
    if target is None:
        field = world.fields.named(name.strip())
        if field is None:
            known = ", ".join(item.value for item in Target)
            near = closest_name(name, world.fields)
            hint = nearest(name, [item.value for item in Target]) or (f" (did you mean {near!r}?)" if near else "")
            raise wrong(Wrong(where, f"a field, or one of {known}{hint}", shown(name)))
        return Filter(field.name, value, begins)
    if target is Target.KNOWN and (begins or value.casefold() not in ("true", "false")):
        raise wrong(Wrong(where, "known:true or known:false", shown(text)))
    if (
        target is Target.ID
        and not (value.isascii() and value.isdigit() and len(value) < 19)
        and not (begins and not value)
    ):
        raise wrong(Wrong(where, "an Id, such as Id:1001", shown(text)))
    if target is Target.PARTITION and not begins:
        own = next((item for item in world.partitions if item.casefold() == value.casefold()), None)
        if own is None:
            raise wrong(Wrong(where, f"a partition that there is{nearest(value, world.partitions)}", shown(text)))
        value = own
    return Filter(target, value, begins)
