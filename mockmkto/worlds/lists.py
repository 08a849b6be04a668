"""The static lists of a fixture: whose they are, and which of its leads are on them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from mockmkto.model.lists import ListKeyType, StaticList
from mockmkto.model.programs import Program
from mockmkto.store.lead_keys import email_key
from mockmkto.store.programs import folded
from mockmkto.worlds.problems import Location, show_location, show_value
from mockmkto.worlds.program_entries import ListEntry, MemberEntry
from mockmkto.worlds.programs import find_program
from mockmkto.worlds.schema import WorldEntry, nearest
from mockmkto.worlds.values import Values, counted_on
from mockmkto.worlds.world import FixtureLead, FixtureList

__all__ = ["Leads", "check_lists", "find_list"]

FIRST_LIST_ID = 1001
OWNER_KEYS = (ListKeyType.SALES_USER_ID.value, ListKeyType.LEAD_OWNER_ID.value)


class Leads:
    """The leads of a file, as other parts of it refer to them: by Id, or by the e-mail that one of them has."""

    def __init__(self, leads: Sequence[FixtureLead], values: Values) -> None:
        self._values = values
        self._ids = {item.id for item in leads}
        self._emails: dict[str, list[int]] = {}
        for item in leads:
            if item.email is not None:
                self._emails.setdefault(email_key(item.email), []).append(item.id)

    def find(self, member: int | MemberEntry, at: Location) -> int | None:
        """The Id of the lead; one that is not there, or that is not the only one, is a problem."""
        if isinstance(member, int):
            if member in self._ids:
                return member
            self._values.findings.add(at, f"there is no lead with the Id {member} in this file")
            return None
        found = self._emails.get(email_key(member.email), [])
        if len(found) == 1:
            return found[0]
        if found:
            several = ", ".join(map(str, found))
            message = f"several leads have the e-mail {show_value(member.email)}: name one by its Id ({several})"
        else:
            message = f"there is no lead with the e-mail {show_value(member.email)} in this file"
        self._values.findings.add((*at, "email"), message)
        return None


def check_lists(
    entry: WorldEntry, at: Location, programs: Sequence[Program], leads: Leads, values: Values
) -> tuple[FixtureList, ...]:
    """Every static list with its members, in the order of the file; a time that is left open is `OPEN`."""
    given = entry.lists or []
    place = (*at, "lists")
    ids = counted_on([item.id for item in given], place, values.findings, FIRST_LIST_ID)
    names: dict[str, int] = {}
    keys: dict[tuple[str, str], int] = {}
    lists = []
    for index, item in enumerate(given):
        where = (*place, index)
        static_list = _list(item, next(ids), where, programs, values)
        if names.setdefault(folded(static_list.shown), index) != index:
            owner = show_location((*place, names[folded(static_list.shown)]))
            values.findings.add((*where, "name"), f"the list {show_value(static_list.shown)} is already {owner}")
        for key in static_list.owner_keys.items():
            if keys.setdefault(key, index) != index:
                owner = show_location((*place, keys[key]))
                values.findings.add(
                    (*where, "owner_keys", key[0]), f"the key {show_value(key[1])} is already that of {owner}"
                )
        lists.append(FixtureList(static_list, _members(item, where, leads, values)))
    return tuple(lists)


def _list(entry: ListEntry, list_id: int, at: Location, programs: Sequence[Program], values: Values) -> StaticList:
    program = find_program(entry.program, (*at, "program"), programs, values)
    created_at, updated_at = values.times(entry.created_at, entry.updated_at, at)
    owner_keys = values.texts(entry.owner_keys, (*at, "owner_keys"))
    for name, text in owner_keys.items():
        if name not in OWNER_KEYS:
            near = nearest(name, OWNER_KEYS)
            values.findings.add((*at, "owner_keys", name), f"expected {' or '.join(OWNER_KEYS)}{near}")
        elif not text:
            values.findings.add((*at, "owner_keys", name), "expected a key, got an empty text")
    return StaticList(
        id=list_id,
        name=values.name(entry.name, (*at, "name")),
        created_at=created_at,
        updated_at=updated_at,
        program_id=program.id if program is not None else None,
        program_name=program.name if program is not None else None,
        owner_keys=owner_keys,
        description=entry.description,
        folder_id=entry.folder,
    )


def _members(entry: ListEntry, at: Location, leads: Leads, values: Values) -> tuple[int, ...]:
    members: dict[int, None] = {}
    for index, member in enumerate(entry.members or []):
        lead_id = leads.find(member, (*at, "members", index))
        if lead_id in members:
            values.findings.add((*at, "members", index), f"the lead {lead_id} is on the list already")
        elif lead_id is not None:
            members[lead_id] = None
    return tuple(members)


class _Named(Struct, frozen=True):
    """A list under the names by which a file may refer to it."""

    list_id: int
    shown: str
    bare: str


def find_list(name: str, at: Location, lists: Sequence[FixtureList], values: Values) -> int | None:
    """The Id of the list that an entry names, as `Program.List` or by a bare name that only one list has."""
    items = [
        _Named(item.static_list.id, folded(item.static_list.shown), folded(item.static_list.name)) for item in lists
    ]
    wanted = folded(name)
    found = [item for item in items if item.shown == wanted] or [item for item in items if item.bare == wanted]
    if len(found) == 1:
        return found[0].list_id
    if found:
        message = f"several lists are called {show_value(name)}: name one as Program.List"
    else:
        near = nearest(name, [item.static_list.shown for item in lists])
        message = f"there is no list {show_value(name)}{near}: name it under `lists:`"
    values.findings.add(at, message)
    return None
