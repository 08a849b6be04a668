"""The leads of a subscription, as a test sees and makes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mockmkto.model import ForeignId, ForeignSysType
from mockmkto.model.moments import Moment
from mockmkto.sandbox.report import last_calls
from mockmkto.sandbox.transport import Control, ControlError, as_text, segment

__all__ = ["Lead", "Leads"]

__tracebackhide__ = True  # a test's traceback ends in the test

_PAGE = 500
_SHOWN = 10


@dataclass(frozen=True, slots=True, repr=False)
class Lead:
    """A lead as it was when it was asked for. `lead["FirstName"]` is an attribute's value, in any case of the name."""

    id: int
    email: str | None
    known: bool
    partition: str
    attributes: Mapping[str, str]
    foreign_ids: tuple[ForeignId, ...]
    cookies: tuple[str, ...]
    created_at: Moment
    updated_at: Moment

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            has = ", ".join(self.attributes) or "no attributes"
            raise KeyError(f"lead {self.id} has no value in {name}; it has {has}")
        return value

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def get(self, name: str, default: str | None = None) -> str | None:
        """The value of an attribute, or of `Email`; the default when it is empty."""
        wanted = name.casefold()
        if wanted == "email" and self.email is not None:
            return self.email
        return next((value for own, value in self.attributes.items() if own.casefold() == wanted), default)

    def __repr__(self) -> str:
        parts = [f"Lead {self.id}", "anonymous" if not self.known else f"Email={self.email!r}"]
        parts += [f"{name}={value!r}" for name, value in self.attributes.items()]
        parts += [f"{foreign.type}:{foreign.id}" for foreign in self.foreign_ids]
        parts += [f"cookie={cookie!r}" for cookie in self.cookies]
        return f"<{' '.join([*parts, f'in {self.partition}'])}>"


@dataclass(frozen=True, slots=True)
class _Page:
    leads: tuple[Lead, ...]
    total: int
    next: str | None = None


class Leads:
    """The leads of a subscription: `len()`, iteration by Id, and these methods.

    ```python
    marketo.leads.add(Email="ann@example.com", FirstName="Ann", foreign_ids=["A-1"])
    assert marketo.leads.one(Email="ann@example.com")["FirstName"] == "Ann"
    ```

    `where` is any field and its whole value in any case, or its beginning (`Email="ann@*"`), or `None` for no value;
    also `Id`, `partition`, `known`, `cookie` and `ForeignSysPersonId`.
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    def add(
        self,
        attributes: Mapping[str, object] | None = None,
        /,
        *,
        Id: int | None = None,
        Email: str | None = None,
        partition: str | None = None,
        foreign_ids: Iterable[str | tuple[str, str] | ForeignId] = (),
        cookies: Iterable[str] = (),
        anonymous: bool = False,
        **more: object,
    ) -> Lead:
        """A new lead, put there as it is: nothing is matched, no rule is asked.

        Args:
            attributes: values of fields whose names are no Python names.
            Id: by default the next one.
            Email: its e-mail.
            partition: by default the primary partition of the workspace Default.
            foreign_ids: `"A-1"` for the type CUSTOM, `("SFDC", "00Q1")` for another.
            cookies: its Munchkin cookies, with or without the leading `id:`.
            anonymous: a lead that is only known by its cookies.
            more: values of fields: `FirstName="Ann"`.

        Raises:
            ControlError: the Id is taken, there is no such field or partition, or a value is none of its field.
        """
        body = _members(attributes, more, Email, partition, foreign_ids, cookies)
        body["known"] = not anonymous
        if Id is not None:
            body["id"] = Id
        return self._control.send("POST", "/leads", body, Lead)

    def one(self, where: Mapping[str, object] | None = None, /, **more: object) -> Lead:
        """The only lead that is so.

        Raises:
            AssertionError: there is none or there are several; it shows those that there are.
        """
        wanted = {**(where or {}), **more}
        found = self.all(wanted)
        if len(found) == 1:
            return found[0]
        raise AssertionError(self._not_one(wanted, found))

    def all(self, where: Mapping[str, object] | None = None, /, **more: object) -> list[Lead]:
        """Every lead that is so, by Id."""
        wanted = {**(where or {}), **more}
        query = [("where", f"{name}:{'' if value is None else as_text(value)}") for name, value in wanted.items()]
        found: list[Lead] = []
        while True:
            page = self._page(query, len(found), _PAGE)
            found += page.leads
            if page.next is None or not page.leads:
                return found

    def get(self, lead_id: int) -> Lead | None:
        """The lead of that Id, `None` when there is none."""
        try:
            return self._control.get(f"/leads/{segment(lead_id)}", Lead)
        except ControlError as error:
            if error.status == 404:
                return None
            raise

    def update(
        self,
        lead: Lead | int,
        attributes: Mapping[str, object] | None = None,
        /,
        *,
        Email: str | None = None,
        partition: str | None = None,
        foreign_ids: Iterable[str | tuple[str, str] | ForeignId] | None = None,
        cookies: Iterable[str] | None = None,
        **more: object,
    ) -> Lead:
        """The lead with what is given changed, and nothing else; `FirstName=None` and `Email=""` empty it.

        Raises:
            ControlError: there is no such lead, field or partition, or a value is none of its field.
        """
        body = _members(attributes, more, Email, partition, foreign_ids, cookies)
        return self._control.send("PATCH", f"/leads/{segment(_id(lead))}", body, Lead)

    def delete(self, lead: Lead | int) -> None:
        """Take a lead away.

        Raises:
            ControlError: there is no such lead.
        """
        self._control.tell("DELETE", f"/leads/{segment(_id(lead))}")

    def __len__(self) -> int:
        return self._page([], 0, 1).total

    def __bool__(self) -> bool:
        return True  # the leads of a subscription, even when there are none yet

    def __iter__(self) -> Iterator[Lead]:
        return iter(self.all())

    def __repr__(self) -> str:
        return f"<{len(self)} leads of {self._control.subscription}>"

    def _page(self, query: list[tuple[str, str]], offset: int, limit: int) -> _Page:
        return self._control.get("/leads", _Page, *query, ("offset", offset), ("limit", limit))

    def _not_one(self, where: Mapping[str, object], found: list[Lead]) -> str:
        wanted = ", ".join(f"{name}={as_text(value)!r}" for name, value in where.items())
        expected = f"expected one lead with {wanted}" if wanted else "expected one lead"
        if found:
            lines = [f"{expected}, got {len(found)}:", *_listed(found, len(found))]
        else:
            there = self._page([], 0, _SHOWN)
            if there.total:
                lines = [f"{expected}, got none of {there.total}:", *_listed(there.leads, there.total)]
            else:
                lines = [f"{expected}; there are no leads"]
        return "\n".join([*lines, *last_calls(self._control)])


def _listed(leads: Iterable[Lead], total: int) -> list[str]:
    shown = [f"  {lead!r}" for lead in leads][:_SHOWN]
    return [*shown, f"  and {total - len(shown)} more"] if total > len(shown) else shown


def _id(lead: Lead | int) -> int:
    return lead.id if isinstance(lead, Lead) else lead


def _members(
    attributes: Mapping[str, object] | None,
    more: Mapping[str, object],
    email: str | None,
    partition: str | None,
    foreign_ids: Iterable[str | tuple[str, str] | ForeignId] | None,
    cookies: Iterable[str] | None,
) -> dict[str, object]:
    values = {**(attributes or {}), **more}
    body: dict[str, object] = {
        "attributes": {name: None if value is None else as_text(value) for name, value in values.items()}
    }
    if email is not None:
        body["email"] = email
    if partition is not None:
        body["partition"] = partition
    if foreign_ids is not None:
        body["foreign_ids"] = [_foreign_id(item) for item in foreign_ids]
    if cookies is not None:
        body["cookies"] = [cookies] if isinstance(cookies, str) else list(cookies)
    return body


def _foreign_id(item: str | tuple[str, str] | ForeignId) -> dict[str, str]:
    if isinstance(item, ForeignId):
        return {"type": item.type.value, "id": item.id}
    kind, name = (ForeignSysType.CUSTOM.value, item) if isinstance(item, str) else item
    return {"type": kind, "id": name}
