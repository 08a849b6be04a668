"""Programs, channels and tags, as they are stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, insert, select, update

from mockmkto.model.programs import Channel, Program, ProgramCost, ProgressionStatus, TagType
from mockmkto.store.program_tables import channel, program, tag_type
from mockmkto.store.session import Counter, Session

__all__ = [
    "FINDERS",
    "add",
    "add_many",
    "after",
    "all_programs",
    "by_id",
    "by_name",
    "channels",
    "cloned_on",
    "count",
    "folded",
    "put_channels",
    "put_tag_types",
    "remove",
    "save",
    "tag_types",
]

_all = select(program).order_by(program.c.id)
_by_id = select(program).where(program.c.id == bindparam("program_id"))
_by_name = select(program).where(program.c.folded_name == bindparam("name"))
_after = select(program).where(program.c.id > bindparam("after")).order_by(program.c.id).limit(bindparam("most"))
_count = select(func.count().label("programs")).select_from(program)
_cloned_on = select(func.count().label("programs")).select_from(program).where(program.c.cloned_on == bindparam("day"))
_channels = select(channel).order_by(channel.c.position)
_tag_types = select(tag_type).order_by(tag_type.c.position)

FINDERS: Mapping[str, Select[Any]] = {
    "program by id": _by_id,
    "program by name": _by_name,
    "programs after an id": _after,
    "clones of a day": _cloned_on,
}

_insert = insert(program)
_COLUMNS = (
    "name",
    "folded_name",
    "type",
    "channel",
    "workspace",
    "folder",
    "tags",
    "tokens",
    "costs",
    "start_date",
    "end_date",
    "archived",
    "crm_id",
    "cloned_on",
    "description",
    "updated_at",
)
_update = (
    update(program)
    .where(program.c.id == bindparam("program_id"))
    .values({name: bindparam(f"new_{name}") for name in _COLUMNS})
)
_delete = delete(program).where(program.c.id == bindparam("program_id"))


def folded(name: str) -> str:
    """What the names of programs, lists, campaigns, channels and tags are compared by (assumed): trimmed, any case."""
    return name.strip().casefold()


def all_programs(session: Session) -> tuple[Program, ...]:
    """Every program, by Id."""
    return tuple(map(_program, session.rows(_all)))


def by_id(session: Session, program_id: int) -> Program | None:
    """The program with that Id."""
    row = session.first(_by_id, {"program_id": program_id})
    return _program(row) if row is not None else None


def by_name(session: Session, name: str) -> Program | None:
    """The program of that name, trimmed and in any case."""
    row = session.first(_by_name, {"name": folded(name)})
    return _program(row) if row is not None else None


def after(session: Session, program_id: int, most: int) -> tuple[Program, ...]:
    """Programs with higher Ids, by Id."""
    return tuple(map(_program, session.rows(_after, {"after": program_id, "most": most})))


def count(session: Session) -> int:
    """How many programs there are."""
    row = session.first(_count)
    return int(row.programs) if row is not None else 0


def cloned_on(session: Session, day: str) -> int:
    """How many programs were made on a day of the quota as copies of others."""
    row = session.first(_cloned_on, {"day": day})
    return int(row.programs) if row is not None else 0


def add(session: Session, new: Program) -> None:
    """Store a program that was not there."""
    add_many(session, (new,))


def add_many(session: Session, batch: Iterable[Program]) -> None:
    """Store programs that were not there; the Ids that are handed out later start above theirs."""
    rows = []
    for new in batch:
        session.reserve_ids(Counter.PROGRAM, new.id)
        rows.append({"id": new.id, "created_at": new.created_at.isoformat(), **_values(new)})
    session.run_many(_insert, rows)


def save(session: Session, changed: Program) -> None:
    """Store a program that was there."""
    session.run(
        _update, {"program_id": changed.id, **{f"new_{name}": value for name, value in _values(changed).items()}}
    )


def remove(session: Session, program_id: int) -> bool:
    """Take a program away; whether it was there. Its lists and campaigns are the caller's to take away."""
    return bool(session.run(_delete, {"program_id": program_id}))


def channels(session: Session) -> tuple[Channel, ...]:
    """Every channel, in the order in which they were given."""
    return tuple(
        Channel(row.name, tuple(ProgressionStatus(*item) for item in row.statuses)) for row in session.rows(_channels)
    )


def put_channels(session: Session, given: Iterable[Channel]) -> None:
    """Have these channels, in place of those there were."""
    session.run(delete(channel))
    session.run_many(
        insert(channel),
        [
            {
                "name": item.name,
                "folded_name": folded(item.name),
                "position": position,
                "statuses": [[s.name, s.step, s.success, s.check_in, s.webinar] for s in item.statuses],
            }
            for position, item in enumerate(given)
        ],
    )


def tag_types(session: Session) -> tuple[TagType, ...]:
    """Every type of tag, in the order in which they were given."""
    return tuple(TagType(row.name, tuple(row.tag_values)) for row in session.rows(_tag_types))


def put_tag_types(session: Session, given: Iterable[TagType]) -> None:
    """Have these types of tags, in place of those there were."""
    session.run(delete(tag_type))
    session.run_many(
        insert(tag_type),
        [
            {"name": item.name, "folded_name": folded(item.name), "position": position, "tag_values": list(item.values)}
            for position, item in enumerate(given)
        ],
    )


# ---------------------------------------------------------------------------------------------------------------------
# Rows


def _values(item: Program) -> dict[str, Any]:
    return {
        "name": item.name,
        "folded_name": folded(item.name),
        "type": item.type,
        "channel": item.channel,
        "workspace": item.workspace,
        "folder": item.folder,
        "tags": dict(item.tags),
        "tokens": dict(item.tokens),
        "costs": [[cost.id, cost.month, cost.amount, cost.note] for cost in item.costs],
        "start_date": item.start,
        "end_date": item.end,
        "archived": item.archived,
        "crm_id": item.crm_id,
        "cloned_on": item.cloned_on,
        "description": item.description,
        "updated_at": item.updated_at.isoformat(),
    }


def _program(row: Row[Any]) -> Program:
    return Program(
        id=row.id,
        name=row.name,
        type=row.type,
        channel=row.channel,
        workspace=row.workspace,
        folder=row.folder,
        created_at=datetime.fromisoformat(row.created_at),
        updated_at=datetime.fromisoformat(row.updated_at),
        tags=row.tags,
        tokens=row.tokens,
        costs=tuple(ProgramCost(*cost) for cost in row.costs),
        start=row.start_date,
        end=row.end_date,
        archived=row.archived,
        crm_id=row.crm_id,
        cloned_on=row.cloned_on,
        description=row.description,
    )
