"""`/opportunities`, `/opportunity-roles`: look at them, add, change, delete them. No syncMObjects: nobody is told."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from mockmkto.engine.object_fields import external_keys, fields_of
from mockmkto.model.moments import Moment
from mockmkto.model.objects import MObjectKind, NameValue, Opportunity, OpportunityRole
from mockmkto.store import leads
from mockmkto.store import objects as store
from mockmkto.store.database import Counter, Session
from mockmkto.web.admin.leads import Value, text_of
from mockmkto.web.admin.problems import Wrong, conflict, not_found, of_fixture, wrong
from mockmkto.web.admin.problems import show as shown
from mockmkto.web.admin.resource import Body, Created, Query, Subscription, View, also
from mockmkto.worlds import FixtureError
from mockmkto.worlds.checking import Findings
from mockmkto.worlds.leads import MAX_ID
from mockmkto.worlds.objects import ObjectChecks
from mockmkto.worlds.reading import Document
from mockmkto.worlds.values import Values

__all__ = ["add", "add_role", "change", "one", "remove", "remove_role", "roles", "show"]

Id = Annotated[int, Meta(ge=1, le=MAX_ID)]


class ExternalKeyView(View, frozen=True, kw_only=True):
    """A key of another system: its name and its value."""

    name: str
    value: str


class OpportunityView(View, frozen=True, kw_only=True):
    """An opportunity as it is stored."""

    id: int
    external: ExternalKeyView | None
    company: str | None
    attributes: dict[str, str]
    created_at: Moment
    updated_at: Moment


class RoleView(View, frozen=True, kw_only=True):
    """The role of a lead in an opportunity."""

    id: int
    opportunity: int
    lead: int
    attributes: dict[str, str]
    created_at: Moment
    updated_at: Moment


class OpportunityList(View, frozen=True, kw_only=True):
    """A page of opportunities by id, how many there are of all, and the next page."""

    opportunities: tuple[OpportunityView, ...]
    total: int
    next: str | None


class RoleList(View, frozen=True, kw_only=True):
    """A page of roles by id, how many there are of all, and the next page."""

    roles: tuple[RoleView, ...]
    total: int
    next: str | None


class PageQuery(Query, frozen=True, kw_only=True):
    """Behind which id, and how many; of one lead, if it is said."""

    after: Annotated[int, Meta(ge=0, le=2**31)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    lead: Id | None = None


class RoleQuery(PageQuery, frozen=True, kw_only=True):
    """Behind which id, and how many; of one lead or one opportunity, if they are said."""

    opportunity: Id | None = None


class NewOpportunity(Body, frozen=True, kw_only=True):
    """An opportunity; without an id it gets the next one. `external` is one name and its value."""

    id: Id | None = None
    external: dict[str, str] | None = None
    company: str | None = None
    attributes: dict[str, Value] = msgspec.field(default_factory=dict)


class ChangedOpportunity(Body, frozen=True, kw_only=True):
    """What changes. Attributes are merged, null or an empty one clears the field."""

    external: dict[str, str] | UnsetType | None = UNSET
    company: str | UnsetType | None = UNSET
    attributes: dict[str, Value] | UnsetType = UNSET


class NewRole(Body, frozen=True, kw_only=True):
    """A role; without an id it gets the next one."""

    id: Id | None = None
    opportunity: Id
    lead: Id
    attributes: dict[str, Value] = msgspec.field(default_factory=dict)


def show(asked: Subscription, query: PageQuery) -> OpportunityList:
    """The opportunities by id, a page at a time; those of a lead all at once."""
    with asked.database.transaction() as session:
        if query.lead is not None:
            of_lead = {role.opportunity_id for role in store.roles_of_lead(session, query.lead)}
            listed = [item for number in sorted(of_lead) if (item := store.opportunity_by_id(session, number))]
            return OpportunityList(opportunities=tuple(map(_view, listed)), total=len(listed), next=None)
        found = store.opportunities_after(session, query.after, query.limit + 1)
        total = store.count_opportunities(session)
    page, more = found[: query.limit], len(found) > query.limit
    following = asked.url("/opportunities", after=page[-1].id, limit=query.limit) if more else None
    return OpportunityList(opportunities=tuple(map(_view, page)), total=total, next=following)


@also(409, "The id is another opportunity's.")
def add(asked: Subscription, body: NewOpportunity) -> Created[OpportunityView]:
    """Add an opportunity as it is: this is no syncMObjects."""
    with asked.database.transaction() as session:
        checks = _Checks(session)
        values = checks.attributes(MObjectKind.OPPORTUNITY, body.attributes)
        external, company = checks.external(body.external), checks.company(body.company)
        checks.refuse()
        if body.id is not None and store.opportunity_by_id(session, body.id) is not None:
            raise conflict("body.id", f"There is an opportunity {body.id} already.", body.id)
        number = body.id if body.id is not None else _next(session, Counter.OPPORTUNITY)
        new = Opportunity(number, values, session.now, session.now, external, company)
        store.add_opportunities(session, (new,), external_keys(session.world))
    return Created(_view(new), asked.url(f"/opportunities/{new.id}"))


def one(asked: Subscription, id: int) -> OpportunityView:
    """One opportunity."""
    with asked.database.transaction() as session:
        return _view(_existing(session, id))


def change(asked: Subscription, id: int, body: ChangedOpportunity) -> OpportunityView:
    """Change an opportunity as it is: nobody is told."""
    with asked.database.transaction() as session:
        there = _existing(session, id)
        checks = _Checks(session)
        given = {} if body.attributes is UNSET else body.attributes
        values = checks.attributes(MObjectKind.OPPORTUNITY, given)
        external = there.external_key if body.external is UNSET else checks.external(body.external)
        company = there.company if body.company is UNSET else checks.company(body.company)
        checks.refuse()
        fields = fields_of(MObjectKind.OPPORTUNITY, session.world)
        named = {field.name for name in given if (field := fields.find(name)) is not None}
        kept = {name: value for name, value in there.values.items() if name not in named}
        changed = replace(there, values=kept | values, external_key=external, company=company, updated_at=session.now)
        store.save_opportunity(session, changed, external_keys(session.world))
    return _view(changed)


def remove(asked: Subscription, id: int) -> None:
    """Delete an opportunity and the roles in it."""
    with asked.database.transaction() as session:
        _existing(session, id)
        for role in store.roles_of_opportunity(session, id):
            store.remove_role(session, role.id)
        store.remove_opportunity(session, id)


def roles(asked: Subscription, query: RoleQuery) -> RoleList:
    """The roles by id, a page at a time; those of a lead or of an opportunity all at once."""
    with asked.database.transaction() as session:
        if query.lead is not None or query.opportunity is not None:
            if query.lead is not None:
                of_one = store.roles_of_lead(session, query.lead)
            else:
                of_one = store.roles_of_opportunity(session, query.opportunity or 0)
            listed = [role for role in of_one if query.opportunity in (None, role.opportunity_id)]
            listed.sort(key=lambda role: role.id)
            return RoleList(roles=tuple(map(_role_view, listed)), total=len(listed), next=None)
        found = store.roles_after(session, query.after, query.limit + 1)
        total = store.count_roles(session)
    page, more = found[: query.limit], len(found) > query.limit
    following = asked.url("/opportunity-roles", after=page[-1].id, limit=query.limit) if more else None
    return RoleList(roles=tuple(map(_role_view, page)), total=total, next=following)


@also(409, "The id is another role's, or the lead has this role in this opportunity already.")
def add_role(asked: Subscription, body: NewRole) -> Created[RoleView]:
    """Add a role as it is: nobody is told."""
    with asked.database.transaction() as session:
        checks = _Checks(session)
        values = checks.attributes(MObjectKind.ROLE, body.attributes)
        checks.refuse()
        if store.opportunity_by_id(session, body.opportunity) is None:
            raise wrong(Wrong("body.opportunity", "an existing opportunity", shown(body.opportunity)))
        if leads.existing_id(session, body.lead) is None:
            raise wrong(Wrong("body.lead", "an existing lead", shown(body.lead)))
        if body.id is not None and store.role_by_id(session, body.id) is not None:
            raise conflict("body.id", f"There is a role {body.id} already.", body.id)
        there = store.role_of(session, body.opportunity, body.lead, values.get("Role", ""))
        if there is not None:
            detail = (
                f"The lead {body.lead} has this role in the opportunity {body.opportunity} already: role {there.id}."
            )
            raise conflict("body", detail, body.lead)
        number = body.id if body.id is not None else _next(session, Counter.ROLE)
        new = OpportunityRole(number, body.opportunity, body.lead, values, session.now, session.now)
        store.add_roles(session, (new,))
    return Created(_role_view(new), asked.url("/opportunity-roles", lead=new.lead_id))


def remove_role(asked: Subscription, id: int) -> None:
    """Delete a role; the opportunity stays."""
    with asked.database.transaction() as session:
        if store.role_by_id(session, id) is None:
            raise not_found("path.id", "role", id)
        store.remove_role(session, id)


# ---------------------------------------------------------------------------------------------------------------------


class _Checks:
    """What a request says, read as a fixture's is."""

    def __init__(self, session: Session) -> None:
        self._findings = Findings(Document("body", ""))
        self._world = session.world
        self._checks = ObjectChecks((), self._world, Values(self._world, self._findings), self._findings)

    def attributes(self, kind: MObjectKind, given: dict[str, Value]) -> dict[str, str]:
        texts: dict[str, object] = {name: text_of(value) for name, value in given.items()}
        values = self._checks.attributes(texts, fields_of(kind, self._world), ("attributes",))
        for name in ("OpportunityId", "PersonId"):
            if kind is MObjectKind.ROLE and name in values:
                member = "opportunity" if name == "OpportunityId" else "lead"
                self._findings.add(("attributes", name), f"expected it as `{member}`")
        return values

    def external(self, given: dict[str, str] | None) -> NameValue | None:
        return self._checks.external(given, ())

    def company(self, name: str | None) -> str | None:
        return self._checks.values.name(name, ("company",)) if name is not None else None

    def refuse(self) -> None:
        try:
            self._findings.raise_if_any()
        except FixtureError as error:
            raise of_fixture(error) from None


def _next(session: Session, counter: Counter) -> int:
    if session.next_id(counter) > MAX_ID:
        raise conflict("body.id", f"No id is left above {MAX_ID}: say one.", None)
    return session.take_id(counter)


def _existing(session: Session, opportunity_id: int) -> Opportunity:
    found = store.opportunity_by_id(session, opportunity_id)
    if found is None:
        raise not_found("path.id", "opportunity", opportunity_id)
    return found


def _view(item: Opportunity) -> OpportunityView:
    key = item.external_key
    return OpportunityView(
        id=item.id,
        external=ExternalKeyView(name=key.name or "", value=key.value or "") if key is not None else None,
        company=item.company,
        attributes=dict(item.values),
        created_at=item.created_at,
        updated_at=item.updated_at,
    )


def _role_view(item: OpportunityRole) -> RoleView:
    return RoleView(
        id=item.id,
        opportunity=item.opportunity_id,
        lead=item.lead_id,
        attributes=dict(item.values),
        created_at=item.created_at,
        updated_at=item.updated_at,
    )
