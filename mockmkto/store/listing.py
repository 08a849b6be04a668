"""Leads as a person looks for them: filtered by keys and values, sorted, a page at a time.

Not for the engine, which finds leads by its own rules. Ids, e-mails, partitions and all orders go through an index;
a foreign key, a cookie and an attribute, which are compared in any case here, are read one by one (`searching`, for
whoever need not see all of it at one moment).
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from enum import Enum, StrEnum
from typing import TypeAlias

from msgspec import Struct
from sqlalchemy import ColumnElement, String, Text, and_, cast, exists, false, func, or_, select
from sqlalchemy.sql.elements import UnaryExpression

from mockmkto.model import ForeignId, ForeignSysType, Lead
from mockmkto.store.dialects import ascii_lower, folded, json_pairs, octet_length
from mockmkto.store.lead_keys import cookie_shown, email_key
from mockmkto.store.leads import NewLead, from_row
from mockmkto.store.session import Session
from mockmkto.store.tables import cookie, foreign_id, lead

__all__ = [
    "FileOrder",
    "Filter",
    "LeadPage",
    "Order",
    "Target",
    "Within",
    "all_leads",
    "ids_in_order",
    "keys_of_many",
    "leads_in_partition",
    "leads_with",
    "page",
    "shown",
    "sorted_by",
]

Within: TypeAlias = tuple[ColumnElement[int], ColumnElement[int]]
"""Above the one Id, up to the other."""

_PLAIN = re.compile("[ !#-\\[\\]-~]+")  # ASCII that JSON writes as it is
_END = "\U0010ffff"  # behind every text that goes on


class Target(Enum):
    """What a filter looks at, apart from the lead's fields."""

    ID = "Id"
    EMAIL = "Email"
    FOREIGN_ID = "ForeignSysPersonId"
    COOKIE = "cookie"
    PARTITION = "partition"
    KNOWN = "known"


class Order(StrEnum):
    """How a listing is sorted: by Id, e-mail, or when leads were last updated; with a minus the other way round."""

    ID = "id"
    ID_DOWN = "-id"
    EMAIL = "email"
    EMAIL_DOWN = "-email"
    UPDATED = "updated"
    UPDATED_DOWN = "-updated"


class FileOrder(Enum):
    """Which leads stand one after the other: the known or the anonymous ones by when they were created, or all."""

    KNOWN = "known"
    ANONYMOUS = "anonymous"
    CREATED = "created"
    UPDATED = "updated"


class Filter(Struct, frozen=True):
    """What a lead must have: this value in any case, one that begins so, or (an empty one) none at all."""

    target: Target | str  # a str is a field's name
    value: str
    begins: bool = False

    @property
    def reads_all(self) -> bool:
        """Whether no index has what it looks for: every lead, or every key, is looked at."""
        return self.target in (Target.FOREIGN_ID, Target.COOKIE) or isinstance(self.target, str)

    @property
    def may_find_most(self) -> bool:
        """Whether to count what it finds may take as long as to look at every lead."""
        return self.begins or self.target in (Target.PARTITION, Target.KNOWN)

    def condition(self, within: Within | None = None) -> ColumnElement[bool]:
        """The same for the database; with `within`, of few leads, those with an Id in between: by no other index."""
        email: ColumnElement[str] = lead.c.email
        partition: ColumnElement[str] = lead.c.partition
        if within is not None:
            email, partition = email.concat(""), partition.concat("")
        if "\0" in self.value or "\0" in str(self.target):  # no text has one, and PostgreSQL takes none to compare
            return false()
        match self.target:
            case Target.ID:
                if self.begins:
                    return cast(lead.c.id, String).startswith(self.value, autoescape=True)
                return lead.c.id == int(self.value)
            case Target.EMAIL:
                return self._of_column(email, email_key(self.value))
            case Target.PARTITION:
                if not self.begins:  # by the index: the caller knows how it is spelt
                    return partition == self.value
                return self._of_text(folded(partition), self.value.casefold())
            case Target.KNOWN:
                return lead.c.known.is_(self.value.casefold() == "true")
            case Target.FOREIGN_ID:
                return self._of_keys(foreign_id.c.lead_id, foreign_id.c.person_id, self.value, within)
            case Target.COOKIE:
                text = cookie_shown(self.value)
                column = cookie.c.cookie if text.casefold().startswith("token:") else cookie.c.shown
                return self._of_keys(cookie.c.lead_id, column, text, within)
            case str():
                values = json_pairs(lead.c.attributes).table_valued("key", "value")
                found = exists().where(values.c.key == self.target)
                if not self.value:
                    return found if self.begins else ~found
                found = found.where(self._of_text(folded(values.c.value), self.value.casefold()))
                return and_(self._may_have_it(), found) if _PLAIN.fullmatch(self.value) else found

    def _may_have_it(self) -> ColumnElement[bool]:
        """Whether the value is in the lead's JSON at all: for a plain one, which stands there as it is, much faster.

        Only the case of ASCII is known without reading it as JSON, so that other leads are all looked into.
        """
        raw = cast(lead.c.attributes, Text)
        found = ascii_lower(raw).contains(self.value.lower(), autoescape=True)
        return or_(found, func.length(raw) != octet_length(raw))

    def _of_column(self, folded: ColumnElement[str], value: str) -> ColumnElement[bool]:
        if not value:
            return folded.is_not(None) if self.begins else folded.is_(None)
        return self._of_text(folded, value)

    def _of_text(self, folded: ColumnElement[str], value: str) -> ColumnElement[bool]:
        return and_(folded >= value, folded <= value + _END) if self.begins else folded == value

    def _of_keys(
        self, owner: ColumnElement[int], key: ColumnElement[str], value: str, within: Within | None
    ) -> ColumnElement[bool]:
        owners = select(owner)
        if within is not None:
            owners = owners.where(owner > within[0], owner <= within[1])
        if not value:
            return lead.c.id.in_(owners) if self.begins else lead.c.id.not_in(owners)
        return lead.c.id.in_(owners.where(self._of_text(folded(key), value.casefold())))


class LeadPage(Struct, frozen=True):
    """A page of leads with their keys, and how many leads there are on all pages."""

    leads: tuple[NewLead, ...]
    total: int


def page(
    session: Session,
    filters: Sequence[Filter] = (),
    *,
    order: Order = Order.ID,
    offset: int = 0,
    limit: int = 100,
) -> LeadPage:
    """The leads that all filters find, so many from the given one on; of their keys the latest written first."""
    conditions = [item.condition() for item in filters]
    # The Ids first, from an index alone where there is one: only the leads of the page are read.
    ids = select(lead.c.id).where(*conditions).order_by(*sorted_by(order))
    if any(isinstance(item.target, str) for item in filters):  # no index has them: once through all leads is enough
        matching = [row.id for row in session.rows(ids)]
        return LeadPage(shown(session, matching[offset : offset + limit]), len(matching))
    wanted = [row.id for row in session.rows(ids.offset(offset).limit(limit))]
    total: int = session.rows(select(func.count()).select_from(lead).where(*conditions))[0][0]
    return LeadPage(shown(session, wanted), total)


def shown(session: Session, wanted: Sequence[int]) -> tuple[NewLead, ...]:
    """The leads that are there of these, in this order, with their keys."""
    found = {row.id: from_row(row) for row in session.rows(select(lead).where(lead.c.id.in_(wanted)))}
    return _with_keys(session, [found[lead_id] for lead_id in wanted if lead_id in found])


def all_leads(session: Session) -> tuple[NewLead, ...]:
    """Every lead with its keys, the first created first."""
    rows = session.rows(select(lead).order_by(lead.c.created_order, lead.c.id))
    return _with_keys(session, [from_row(row) for row in rows], everybody=True)


def ids_in_order(session: Session, order: FileOrder) -> array[int]:
    """The Ids of the leads in an order of a fixture, or of those that are in it: a million of them take 8 MB."""
    statement = select(lead.c.id)
    if order in (FileOrder.KNOWN, FileOrder.ANONYMOUS):
        statement = statement.where(lead.c.known.is_(order is FileOrder.KNOWN))
    by = lead.c.updated_order if order is FileOrder.UPDATED else lead.c.created_order
    return session.numbers(statement.order_by(by, lead.c.known.desc(), lead.c.created_order, lead.c.id))


def leads_in_partition(session: Session, partition: str) -> int:
    """How many leads a partition has."""
    count = select(func.count()).select_from(lead).where(lead.c.partition == partition)
    counted: int = session.rows(count)[0][0]
    return counted


def leads_with(session: Session, field: str) -> tuple[Lead, ...]:
    """Every lead that has a value of this field."""
    rows = session.rows(select(lead).where(Filter(field, "", begins=True).condition()))
    return tuple(from_row(row) for row in rows)


def keys_of_many(
    session: Session, ids: Sequence[int], *, everybody: bool = False
) -> tuple[dict[int, list[ForeignId]], dict[int, list[str]]]:
    """The foreign keys and the cookies of leads, the latest written first."""
    foreign_ids: dict[int, list[ForeignId]] = {}
    cookies: dict[int, list[str]] = {}
    of_foreign = select(foreign_id).order_by(foreign_id.c.written_order.desc())
    of_cookies = select(cookie).order_by(cookie.c.written_order.desc())
    if not everybody:
        of_foreign = of_foreign.where(foreign_id.c.lead_id.in_(ids))
        of_cookies = of_cookies.where(cookie.c.lead_id.in_(ids))
    for row in session.rows(of_foreign):
        foreign_ids.setdefault(row.lead_id, []).append(ForeignId(ForeignSysType(row.type), row.person_id))
    for row in session.rows(of_cookies):
        cookies.setdefault(row.lead_id, []).append(row.shown)
    return foreign_ids, cookies


def _with_keys(session: Session, leads: Sequence[Lead], *, everybody: bool = False) -> tuple[NewLead, ...]:
    foreign_ids, cookies = keys_of_many(session, [item.id for item in leads], everybody=everybody)
    return tuple(NewLead(item, tuple(foreign_ids.get(item.id, ())), tuple(cookies.get(item.id, ()))) for item in leads)


def sorted_by(order: Order) -> tuple[ColumnElement[object] | UnaryExpression[object], ...]:
    """Leads without an e-mail come first, or last when it is turned round, as SQLite sorts by itself."""
    down = order.startswith("-")
    match order:
        case Order.ID | Order.ID_DOWN:
            columns: tuple[ColumnElement[object], ...] = (lead.c.id,)
        case Order.EMAIL | Order.EMAIL_DOWN:
            email = lead.c.email
            return (
                (email.desc().nulls_last(), lead.c.updated_order.desc())
                if down
                else (email.asc().nulls_first(), lead.c.updated_order)
            )
        case Order.UPDATED | Order.UPDATED_DOWN:
            columns = (lead.c.updated_order,)
    return tuple(item.desc() for item in columns) if down else columns
