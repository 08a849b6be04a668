"""Static lists and their members: which leads are on a list, in order of joining or by Id; which lists a lead is on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, exists, func, insert, literal_column, select, update

from mockmkto.model.lists import StaticList
from mockmkto.store.program_tables import list_key, list_member, program, static_list
from mockmkto.store.programs import folded
from mockmkto.store.session import Counter, Session
from mockmkto.store.tables import lead

__all__ = [
    "FINDERS",
    "add",
    "add_many",
    "add_member",
    "add_members",
    "all_lists",
    "by_id",
    "by_key",
    "clear",
    "count",
    "is_member",
    "known_count",
    "known_members",
    "leave_all",
    "lists_of",
    "member_count",
    "members",
    "move_memberships",
    "named",
    "of_program",
    "remove",
    "remove_member",
    "save",
]

_list = select(static_list, program.c.name.label("program_name")).select_from(
    static_list.outerjoin(program, program.c.id == static_list.c.program_id)
)
_all = _list.order_by(static_list.c.id)
_by_id = _list.where(static_list.c.id == bindparam("list_id"))
_named = _list.where(static_list.c.folded_name == bindparam("name")).order_by(static_list.c.id)
_of_program = _list.where(static_list.c.program_id == bindparam("program_id")).order_by(static_list.c.id)
_by_key = select(list_key.c.list_id).where(
    list_key.c.key_type == bindparam("key_type"), list_key.c.value == bindparam("value")
)
_keys_of = (
    select(list_key.c.key_type, list_key.c.value)
    .where(list_key.c.list_id == bindparam("list_id"))
    .order_by(list_key.c.key_type)
)
_all_keys = select(list_key).order_by(list_key.c.list_id, list_key.c.key_type)
_count = select(func.count().label("lists")).select_from(static_list)

_is_member = select(list_member.c.lead_id).where(
    list_member.c.list_id == bindparam("list_id"), list_member.c.lead_id == bindparam("lead_id")
)
_members = (
    select(list_member.c.lead_id)
    .where(list_member.c.list_id == bindparam("list_id"))
    .order_by(list_member.c.joined_order)
)
_members_page = _members.limit(bindparam("limit")).offset(bindparam("skipped"))
_known_above = (
    list_member.c.list_id == bindparam("list_id"),
    list_member.c.lead_id > bindparam("after"),
    exists(select(literal_column("1")).where(lead.c.id == list_member.c.lead_id, lead.c.known)),
)
_known_members = (
    select(list_member.c.lead_id).where(*_known_above).order_by(list_member.c.lead_id).limit(bindparam("limit"))
)
_known_count = select(func.count().label("members")).select_from(list_member).where(*_known_above)
_member_count = (
    select(func.count().label("members")).select_from(list_member).where(list_member.c.list_id == bindparam("list_id"))
)
_lists_of = (
    select(static_list, program.c.name.label("program_name"))
    .select_from(
        list_member.join(static_list, static_list.c.id == list_member.c.list_id).outerjoin(
            program, program.c.id == static_list.c.program_id
        )
    )
    .where(list_member.c.lead_id == bindparam("lead_id"))
    .order_by(static_list.c.id)
)

FINDERS: Mapping[str, Select[Any]] = {
    "list by id": _by_id,
    "list by name": _named,
    "lists of a program": _of_program,
    "list by an owner's key": _by_key,
    "owner's keys of a list": _keys_of,
    "whether a lead is on a list": _is_member,
    "members in order of joining": _members,
    "a page of members": _members_page,
    "known members by Id": _known_members,
    "number of known members": _known_count,
    "number of members": _member_count,
    "lists of a lead": _lists_of,
}

_insert = insert(static_list)
_update = (
    update(static_list)
    .where(static_list.c.id == bindparam("list_id"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("name", "folded_name", "program_id", "description", "folder_id", "created_at", "updated_at")
        }
    )
)
_delete = delete(static_list).where(static_list.c.id == bindparam("list_id"))
_insert_key = insert(list_key)
_delete_keys = delete(list_key).where(list_key.c.list_id == bindparam("of_list"))
_join = insert(list_member)
_leave = delete(list_member).where(
    list_member.c.list_id == bindparam("of_list"), list_member.c.lead_id == bindparam("of_lead")
)
_clear = delete(list_member).where(list_member.c.list_id == bindparam("of_list"))
_leave_all = delete(list_member).where(list_member.c.lead_id == bindparam("of_lead"))


# ---------------------------------------------------------------------------------------------------------------------
# Lists


def all_lists(session: Session) -> tuple[StaticList, ...]:
    """Every static list, by Id."""
    keys: dict[int, dict[str, str]] = {}
    for row in session.rows(_all_keys):
        keys.setdefault(row.list_id, {})[row.key_type] = row.value
    return tuple(_read(row, keys.get(row.id, {})) for row in session.rows(_all))


def by_id(session: Session, list_id: int) -> StaticList | None:
    """The list with that Id."""
    row = session.first(_by_id, {"list_id": list_id})
    return _with_keys(session, row) if row is not None else None


def named(session: Session, name: str) -> tuple[StaticList, ...]:
    """Every list of that bare name, trimmed and in any case: at most one without a program, any number with one."""
    return tuple(_with_keys(session, row) for row in session.rows(_named, {"name": folded(name)}))


def of_program(session: Session, program_id: int) -> tuple[StaticList, ...]:
    """The lists of a program, by Id."""
    return tuple(_with_keys(session, row) for row in session.rows(_of_program, {"program_id": program_id}))


def by_key(session: Session, key_type: str, value: str) -> StaticList | None:
    """The list that an owner's key names, compared exactly."""
    row = session.first(_by_key, {"key_type": key_type, "value": value})
    return by_id(session, row.list_id) if row is not None else None


def count(session: Session) -> int:
    """How many static lists there are."""
    row = session.first(_count)
    return int(row.lists) if row is not None else 0


def add(session: Session, new: StaticList) -> None:
    """Store a list that was not there."""
    add_many(session, ((new, ()),))


def add_many(session: Session, batch: Iterable[tuple[StaticList, Sequence[int]]]) -> None:
    """Store lists that were not there, with their members in order of joining; later Ids start above theirs."""
    lists, keys, joined = [], [], []
    for new, lead_ids in batch:
        session.reserve_ids(Counter.LIST, new.id)
        lists.append({"id": new.id, **_values(new)})
        keys += _key_rows(new)
        joined += [
            {"list_id": new.id, "lead_id": lead_id, "joined_order": session.next_order()} for lead_id in lead_ids
        ]
    session.run_many(_insert, lists)
    session.run_many(_insert_key, keys)
    session.run_many(_join, joined)


def save(session: Session, changed: StaticList) -> None:
    """Store a list that was there."""
    session.run(_update, {"list_id": changed.id, **{f"new_{name}": value for name, value in _values(changed).items()}})
    session.run(_delete_keys, {"of_list": changed.id})
    session.run_many(_insert_key, _key_rows(changed))


def remove(session: Session, list_id: int) -> bool:
    """Take a list away with its members; whether it was there."""
    session.run(_clear, {"of_list": list_id})
    session.run(_delete_keys, {"of_list": list_id})
    return bool(session.run(_delete, {"list_id": list_id}))


# ---------------------------------------------------------------------------------------------------------------------
# Members


def is_member(session: Session, list_id: int, lead_id: int) -> bool:
    """Whether the lead is on the list."""
    return session.first(_is_member, {"list_id": list_id, "lead_id": lead_id}) is not None


def members(session: Session, list_id: int, *, limit: int | None = None, skipped: int = 0) -> tuple[int, ...]:
    """The Ids of the leads on a list, in order of joining; with a limit, that many behind the skipped ones."""
    if limit is None:
        return tuple(row.lead_id for row in session.rows(_members, {"list_id": list_id}))
    page = {"list_id": list_id, "limit": limit, "skipped": skipped}
    return tuple(row.lead_id for row in session.rows(_members_page, page))


def known_members(session: Session, list_id: int, *, after: int = 0, limit: int) -> tuple[int, ...]:
    """The Ids of the known leads on a list that are above one Id, rising, at most so many."""
    page = {"list_id": list_id, "after": after, "limit": limit}
    return tuple(row.lead_id for row in session.rows(_known_members, page))


def known_count(session: Session, list_id: int, *, after: int = 0) -> int:
    """How many known leads are on a list, of those whose Ids are above one Id."""
    row = session.first(_known_count, {"list_id": list_id, "after": after})
    return int(row.members) if row is not None else 0


def member_count(session: Session, list_id: int) -> int:
    """How many leads are on a list, the anonymous ones, too."""
    row = session.first(_member_count, {"list_id": list_id})
    return int(row.members) if row is not None else 0


def lists_of(session: Session, lead_id: int) -> tuple[StaticList, ...]:
    """The lists that a lead is on, by Id."""
    return tuple(_with_keys(session, row) for row in session.rows(_lists_of, {"lead_id": lead_id}))


def add_member(session: Session, list_id: int, lead_id: int) -> bool:
    """Put a lead on a list, behind the others; `False` when it is on it already."""
    if is_member(session, list_id, lead_id):
        return False
    session.run(_join, {"list_id": list_id, "lead_id": lead_id, "joined_order": session.next_order()})
    return True


def add_members(session: Session, list_id: int, lead_ids: Iterable[int]) -> tuple[int, ...]:
    """Put leads on a list, behind the others, in this order; those that were not on it already."""
    joined = tuple(lead_id for lead_id in dict.fromkeys(lead_ids) if not is_member(session, list_id, lead_id))
    session.run_many(
        _join,
        [{"list_id": list_id, "lead_id": lead_id, "joined_order": session.next_order()} for lead_id in joined],
    )
    return joined


def remove_member(session: Session, list_id: int, lead_id: int) -> bool:
    """Take a lead off a list; `False` when it was not on it."""
    return bool(session.run(_leave, {"of_list": list_id, "of_lead": lead_id}))


def clear(session: Session, list_id: int) -> tuple[int, ...]:
    """Take every lead off a list; those who were on it, in order of joining."""
    left = members(session, list_id)
    session.run(_clear, {"of_list": list_id})
    return left


def leave_all(session: Session, lead_id: int) -> None:
    """Take a lead off every list: it is about to be deleted."""
    session.run(_leave_all, {"of_lead": lead_id})


def move_memberships(session: Session, *, from_lead: int, to_lead: int) -> tuple[int, ...]:
    """Put one lead on every list that another is on, which leaves them; the Ids of the lists that are new to it."""
    joined = tuple(item.id for item in lists_of(session, from_lead) if add_member(session, item.id, to_lead))
    leave_all(session, from_lead)
    return joined


# ---------------------------------------------------------------------------------------------------------------------
# Rows


def _values(item: StaticList) -> dict[str, Any]:
    return {
        "name": item.name,
        "folded_name": folded(item.name),
        "program_id": item.program_id,
        "description": item.description,
        "folder_id": item.folder_id,
        "created_at": item.created_at.isoformat(),
        "updated_at": item.updated_at.isoformat(),
    }


def _key_rows(item: StaticList) -> list[dict[str, Any]]:
    return [{"key_type": kind, "value": value, "list_id": item.id} for kind, value in item.owner_keys.items()]


def _with_keys(session: Session, row: Row[Any]) -> StaticList:
    keys = session.rows(_keys_of, {"list_id": row.id})
    return _read(row, {key.key_type: key.value for key in keys})


def _read(row: Row[Any], owner_keys: Mapping[str, str]) -> StaticList:
    return StaticList(
        id=row.id,
        name=row.name,
        created_at=datetime.fromisoformat(row.created_at),
        updated_at=datetime.fromisoformat(row.updated_at),
        program_id=row.program_id,
        program_name=row.program_name,
        owner_keys=owner_keys,
        description=row.description,
        folder_id=row.folder_id,
    )
