"""The static lists of a subscription, as a test sees and makes them: who is on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mockmkto.model.moments import Moment
from mockmkto.sandbox.leads import Lead
from mockmkto.sandbox.transport import Control, segment

__all__ = ["Lists", "Members", "StaticList"]

__tracebackhide__ = True  # a test's traceback ends in the test

_PAGE = 1000


class Members(tuple[Lead, ...]):
    """The leads on a list, in order of joining. A lead, its Id or its e-mail can be looked for: `1001 in members`."""

    __slots__ = ()

    @property
    def ids(self) -> list[int]:
        """Their Ids, in order of joining."""
        return [lead.id for lead in self]

    def __contains__(self, wanted: object) -> bool:
        return any(_is(lead, wanted) for lead in self)


def _is(lead: Lead, wanted: object) -> bool:
    if isinstance(wanted, str):
        return lead.email is not None and lead.email.casefold() == wanted.strip().casefold()
    return lead.id == (wanted.id if isinstance(wanted, Lead) else wanted)


@dataclass(frozen=True, slots=True)
class _List:
    id: int
    name: str
    shown: str
    program: str | None
    owner_keys: Mapping[str, str]
    members: int
    created_at: Moment
    updated_at: Moment


@dataclass(frozen=True, slots=True)
class _Lists:
    lists: tuple[_List, ...]


@dataclass(frozen=True, slots=True)
class _Page:
    members: tuple[int, ...]
    total: int
    next: str | None = None


class StaticList:
    """A static list: `len()` of it, `1001 in` it, and these members.

    Attributes:
        id: its Id.
        name: its own name.
        shown: the name that answers of the API show, `Program.List` of a program's.
        program: the name of the program, `None` where it is nobody's.
        owner_keys: the other keys that find it.
    """

    def __init__(self, control: Control, about: _List) -> None:
        self._control = control
        self.id = about.id
        self.name = about.name
        self.shown = about.shown
        self.program = about.program
        self.owner_keys = about.owner_keys

    @property
    def member_ids(self) -> list[int]:
        """The Ids of the leads that are on it now, in order of joining."""
        found: list[int] = []
        while True:
            query = (("offset", len(found)), ("limit", _PAGE))
            page = self._control.get(f"/lists/{segment(self.id)}/members", _Page, *query)
            found += page.members
            if page.next is None or not page.members:
                return found

    @property
    def members(self) -> Members:
        """The leads that are on it now, in order of joining."""
        return Members(self._control.get(f"/leads/{segment(lead_id)}", Lead) for lead_id in self.member_ids)

    def add(self, *leads: Lead | int) -> None:
        """Put leads on it. Nothing is logged: this is no listOperation.

        Raises:
            ControlError: there is no such lead.
        """
        body = {"leads": [_id(lead) for lead in leads]}
        self._control.send("POST", f"/lists/{segment(self.id)}/members", body, _List)

    def remove(self, *leads: Lead | int) -> None:
        """Take leads off it.

        Raises:
            ControlError: one of them is not on it.
        """
        for lead in leads:
            self._control.tell("DELETE", f"/lists/{segment(self.id)}/members/{segment(_id(lead))}")

    def delete(self) -> None:
        """Delete the list; its leads stay."""
        self._control.tell("DELETE", f"/lists/{segment(self.id)}")

    def __len__(self) -> int:
        return self._control.get(f"/lists/{segment(self.id)}/members", _Page, ("limit", 1)).total

    def __bool__(self) -> bool:
        return True  # a list, even when nobody is on it

    def __iter__(self) -> Iterator[Lead]:
        return iter(self.members)

    def __contains__(self, wanted: object) -> bool:
        if isinstance(wanted, Lead | int):
            return _id(wanted) in self.member_ids
        return wanted in self.members

    def __repr__(self) -> str:
        return f"<StaticList {self.id} {self.shown!r} of {len(self)} leads>"


class Lists:
    """The static lists of a subscription: by name, by Id, `len()`, iteration by Id.

    ```python
    marketo.lists.add("Newsletter", members=[1001])
    assert "ann@example.com" in marketo.lists["Newsletter"].members
    ```
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    def __getitem__(self, name: str | int) -> StaticList:
        found = [item for item in self._all() if item.id == name] if isinstance(name, int) else self._named(name)
        if len(found) == 1:
            return StaticList(self._control, found[0])
        if found:
            shown = ", ".join(item.shown for item in found)
            raise KeyError(f"several lists are called {name!r}: {shown}")
        there = ", ".join(item.shown for item in self._all()) or "none"
        raise KeyError(f"there is no list {name!r}; there are {there}")

    def add(
        self,
        name: str,
        *,
        program: str | None = None,
        members: Iterable[Lead | int] = (),
        owner_keys: Mapping[str, str] | None = None,
    ) -> StaticList:
        """A new list.

        Args:
            name: its name, of no other list of the program or of none.
            program: the name of the program whose list it is.
            members: leads, or their Ids, in order of joining.
            owner_keys: other keys that find it: `{"SFDCLEADOWNERID": "005A"}`.

        Raises:
            ControlError: the name is taken, or there is no such program or lead.
        """
        body: dict[str, object] = {"name": name, "members": [_id(lead) for lead in members]}
        if program is not None:
            body["program"] = program
        if owner_keys is not None:
            body["owner_keys"] = dict(owner_keys)
        return StaticList(self._control, self._control.send("POST", "/lists", body, _List))

    def of(self, lead: Lead | int) -> list[StaticList]:
        """The lists that a lead is on, by Id."""
        found = self._control.get("/lists", _Lists, ("lead", _id(lead))).lists
        return [StaticList(self._control, item) for item in found]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self._named(name))

    def __len__(self) -> int:
        return len(self._all())

    def __bool__(self) -> bool:
        return True  # the lists of a subscription, even when there are none yet

    def __iter__(self) -> Iterator[StaticList]:
        return iter([StaticList(self._control, item) for item in self._all()])

    def __repr__(self) -> str:
        return f"<{len(self)} lists of {self._control.subscription}>"

    def _all(self) -> tuple[_List, ...]:
        return self._control.get("/lists", _Lists).lists

    def _named(self, name: str) -> list[_List]:
        """As listOperation finds it: by the shown name, then by a bare one that no other list has."""
        found = self._control.get("/lists", _Lists, ("name", name)).lists
        wanted = name.strip().casefold()
        return [item for item in found if item.shown.casefold() == wanted] or list(found)


def _id(lead: Lead | int) -> int:
    return lead.id if isinstance(lead, Lead) else lead
