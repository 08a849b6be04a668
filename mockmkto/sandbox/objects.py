"""Opportunities of a subscription and the roles in them, as a test sees and makes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mockmkto.model.moments import Moment
from mockmkto.sandbox.finding import as_texts, is_so, needed, only_one, value_of
from mockmkto.sandbox.transport import Control, ControlError, segment

__all__ = ["Objects", "Opportunities", "Opportunity", "Role", "Roles"]

_PAGE = 500


@dataclass(frozen=True, slots=True)
class _Key:
    name: str
    value: str


@dataclass(frozen=True, slots=True, repr=False)
class Opportunity:
    """An opportunity as it was when it was asked for. `opportunity["Amount"]` is a value, in any case of the name."""

    id: int
    external: _Key | None
    company: str | None
    attributes: Mapping[str, str]
    created_at: Moment
    updated_at: Moment

    def __getitem__(self, name: str) -> str:
        return needed(self.attributes, name, f"opportunity {self.id}")

    def get(self, name: str, default: str | None = None) -> str | None:
        """The value of an attribute; the default when it is empty."""
        return value_of(self.attributes, name) or default

    @property
    def external_key(self) -> tuple[str, str] | None:
        """The name and the value of its external key."""
        return (self.external.name, self.external.value) if self.external is not None else None

    def __repr__(self) -> str:
        parts = [f"Opportunity {self.id}"]
        if self.external is not None:
            parts.append(f"{self.external.name}={self.external.value!r}")
        parts += [f"{name}={value!r}" for name, value in self.attributes.items()]
        return f"<{' '.join(parts)}{f' with {self.company}' if self.company else ''}>"


@dataclass(frozen=True, slots=True, repr=False)
class Role:
    """The role of a lead in an opportunity, as it was when it was asked for."""

    id: int
    opportunity: int
    lead: int
    attributes: Mapping[str, str]
    created_at: Moment
    updated_at: Moment

    def __getitem__(self, name: str) -> str:
        return needed(self.attributes, name, f"role {self.id}")

    def get(self, name: str, default: str | None = None) -> str | None:
        """The value of an attribute; the default when it is empty."""
        return value_of(self.attributes, name) or default

    def __repr__(self) -> str:
        said = "".join(f" {name}={value!r}" for name, value in self.attributes.items())
        return f"<Role {self.id}{said} of lead {self.lead} in opportunity {self.opportunity}>"


@dataclass(frozen=True, slots=True)
class _OpportunityPage:
    opportunities: tuple[Opportunity, ...]
    total: int
    next: str | None = None


@dataclass(frozen=True, slots=True)
class _RolePage:
    roles: tuple[Role, ...]
    total: int
    next: str | None = None


class Opportunities:
    """The opportunities of a subscription: `len()`, iteration by id, and these methods."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def add(
        self,
        attributes: Mapping[str, object] | None = None,
        /,
        *,
        external: tuple[str, str] | None = None,
        company: str | None = None,
        **more: object,
    ) -> Opportunity:
        """A new opportunity, put there as it is: no syncMObjects, and nobody is told.

        Args:
            attributes: values of fields whose names are no Python names.
            external: the name and the value of its external key: `("Opp Id", "O-1")`.
            company: the name of the company that it is with.
            more: values of fields: `Name="Big deal"`.

        Raises:
            ControlError: there is no such field, or a value is none of its field.
        """
        body: dict[str, object] = {"attributes": as_texts(attributes, more), "company": company}
        if external is not None:
            body["external"] = dict([external])
        return self._control.send("POST", "/opportunities", body, Opportunity)

    def one(self, where: Mapping[str, object] | None = None, /, **more: object) -> Opportunity:
        """The only opportunity with these values.

        Raises:
            AssertionError: there is none or there are several; it shows those that there are.
        """
        __tracebackhide__ = True
        wanted = {**(where or {}), **more}
        return only_one(self.all(wanted), "opportunity", wanted, self.all(), self._control)

    def all(self, where: Mapping[str, object] | None = None, /, **more: object) -> list[Opportunity]:
        """Every opportunity with these values, by id: of whole fields in any case, or of how they begin (`"Big*"`)."""
        wanted = {**(where or {}), **more}
        found: list[Opportunity] = []
        after = 0
        while True:
            page = self._control.get("/opportunities", _OpportunityPage, ("after", after), ("limit", _PAGE))
            found += [item for item in page.opportunities if is_so(item.attributes, wanted)]
            if page.next is None or not page.opportunities:
                return found
            after = page.opportunities[-1].id

    def get(self, opportunity_id: int) -> Opportunity | None:
        """The opportunity of that id, `None` when there is none."""
        try:
            return self._control.get(f"/opportunities/{segment(opportunity_id)}", Opportunity)
        except ControlError as error:
            if error.status == 404:
                return None
            raise

    def delete(self, opportunity: Opportunity | int) -> None:
        """Take an opportunity away, and the roles in it.

        Raises:
            ControlError: there is no such opportunity.
        """
        number = opportunity.id if isinstance(opportunity, Opportunity) else opportunity
        self._control.tell("DELETE", f"/opportunities/{segment(number)}")

    def __len__(self) -> int:
        return self._control.get("/opportunities", _OpportunityPage, ("limit", 1)).total

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Opportunity]:
        return iter(self.all())

    def __repr__(self) -> str:
        return f"<{len(self)} opportunities of {self._control.subscription}>"


class Roles:
    """The roles of leads in opportunities: `len()`, iteration by id, and these methods."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def add(
        self, attributes: Mapping[str, object] | None = None, /, *, opportunity: int, lead: int, **more: object
    ) -> Role:
        """A new role, put there as it is: no syncMObjects, and nobody is told.

        Raises:
            ControlError: there is no such opportunity, lead or field, or the lead has the role already.
        """
        body = {"attributes": as_texts(attributes, more), "opportunity": opportunity, "lead": lead}
        return self._control.send("POST", "/opportunity-roles", body, Role)

    def one(self, *, lead: int | None = None, opportunity: int | None = None, **where: object) -> Role:
        """The only role of a lead, in an opportunity, with these values.

        Raises:
            AssertionError: there is none or there are several; it shows those that there are.
        """
        __tracebackhide__ = True
        found = self.all(lead=lead, opportunity=opportunity, **where)
        said = {name: value for name, value in (("lead", lead), ("opportunity", opportunity)) if value is not None}
        return only_one(found, "role", {**said, **where}, self.all(), self._control)

    def all(self, *, lead: int | None = None, opportunity: int | None = None, **where: object) -> list[Role]:
        """Every role of a lead, in an opportunity, with these values, by id."""
        of = [(name, value) for name, value in (("lead", lead), ("opportunity", opportunity)) if value is not None]
        found: list[Role] = []
        after = 0
        while True:
            page = self._control.get("/opportunity-roles", _RolePage, ("after", after), ("limit", _PAGE), *of)
            found += [item for item in page.roles if is_so(item.attributes, where)]
            if page.next is None or not page.roles:
                return found
            after = page.roles[-1].id

    def delete(self, role: Role | int) -> None:
        """Take a role away.

        Raises:
            ControlError: there is no such role.
        """
        self._control.tell("DELETE", f"/opportunity-roles/{segment(role.id if isinstance(role, Role) else role)}")

    def __len__(self) -> int:
        return self._control.get("/opportunity-roles", _RolePage, ("limit", 1)).total

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Role]:
        return iter(self.all())

    def __repr__(self) -> str:
        return f"<{len(self)} roles of {self._control.subscription}>"


class Objects:
    """What getMObjects reads beside programs.

    ```python
    deal = marketo.objects.opportunities.add(Name="Big deal", external=("Opp Id", "O-1"))
    marketo.objects.roles.add(opportunity=deal.id, lead=1001, Role="Buyer")
    assert marketo.objects.opportunities.one(Name="Big*").external_key == ("Opp Id", "O-1")
    ```

    Attributes:
        opportunities: the opportunities.
        roles: who is in them.
    """

    def __init__(self, control: Control) -> None:
        self.opportunities = Opportunities(control)
        self.roles = Roles(control)

    def __repr__(self) -> str:
        return f"<{len(self.opportunities)} opportunities with {len(self.roles)} roles>"
