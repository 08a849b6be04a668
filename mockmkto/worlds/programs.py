"""The programs, channels and tags of a fixture: what a program names must be there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockmkto.engine.partitions import DEFAULT_WORKSPACE
from mockmkto.model import World
from mockmkto.model.programs import Channel, Program, ProgramCost, ProgressionStatus, TagType, token_name
from mockmkto.store.programs import folded
from mockmkto.worlds.problems import Location, show_location, show_value
from mockmkto.worlds.program_entries import CostEntry, ProgramEntry, StatusEntry
from mockmkto.worlds.schema import WorldEntry, nearest
from mockmkto.worlds.values import Values, counted_on

__all__ = ["check_channels", "check_programs", "check_tags", "find_program"]

DEFAULT_TYPE = "Marketing Program"
FIRST_PROGRAM_ID = 1001


def check_channels(entry: WorldEntry, at: Location, values: Values) -> tuple[Channel, ...]:
    """Every channel, in the order of the file."""
    channels = []
    first: dict[str, str] = {}
    for name, item in (entry.channels or {}).items():
        where = (*at, "channels", name)
        values.name(name, where)
        if first.setdefault(folded(name), name) != name:
            values.findings.add(where, f"the channel {show_value(first[folded(name)])} has this name already")
        statuses = tuple(
            _status(status, (*where, "statuses", index), values) for index, status in enumerate(item.statuses or [])
        )
        channels.append(Channel(name, statuses))
    return tuple(channels)


def _status(entry: StatusEntry, at: Location, values: Values) -> ProgressionStatus:
    return ProgressionStatus(
        values.name(entry.name, (*at, "name")),
        values.number(entry.step, (*at, "step")),
        bool(entry.success),
        entry.check_in,
        entry.webinar,
    )


def check_tags(entry: WorldEntry, at: Location, values: Values) -> tuple[TagType, ...]:
    """Every type of tag with its values, in the order of the file."""
    types: list[TagType] = []
    for name, allowed in (entry.tags or {}).items():
        where = (*at, "tags", name)
        values.name(name, where)
        if folded(name) == "channel":
            values.findings.add(where, "a channel is no tag here: use `channels:`")
        if any(folded(name) == folded(item.name) for item in types):
            values.findings.add(where, f"the tag {show_value(name)} is given twice")
        for index, text in enumerate(allowed):
            values.name(text, (*where, index))
        types.append(TagType(name, tuple(allowed)))
    return tuple(types)


def check_programs(
    entry: WorldEntry,
    at: Location,
    world: World,
    channels: Sequence[Channel],
    tag_types: Sequence[TagType],
    values: Values,
) -> tuple[Program, ...]:
    """Every program, in the order of the file; a time that is left open is `OPEN`."""
    given = entry.programs or []
    place = (*at, "programs")
    ids = counted_on([item.id for item in given], place, values.findings, FIRST_PROGRAM_ID)
    workspaces = [item.name for item in world.workspaces] or [DEFAULT_WORKSPACE]
    known = {
        "channel": {folded(item.name): item.name for item in channels},
        "workspace": {folded(name): name for name in workspaces},
    }
    owners: dict[str, int] = {}
    programs = []
    for index, item in enumerate(given):
        where = (*place, index)
        name = values.name(item.name, (*where, "name"))
        if owners.setdefault(folded(name), index) != index:
            owner = show_location((*place, owners[folded(name)]))
            values.findings.add((*where, "name"), f"the name {show_value(name)} is already that of {owner}")
        programs.append(_program(item, next(ids), name, where, known, tag_types, values))
    return tuple(programs)


def _program(
    entry: ProgramEntry,
    program_id: int,
    name: str,
    at: Location,
    known: Mapping[str, Mapping[str, str]],
    tag_types: Sequence[TagType],
    values: Values,
) -> Program:
    channel = _known("channel", entry.channel, at, known["channel"], values)
    workspace = _known("workspace", entry.workspace, at, known["workspace"], values)
    created_at, updated_at = values.times(entry.created_at, entry.updated_at, at)
    tokens = values.texts(entry.tokens, (*at, "tokens"))
    start, end = values.day(entry.start, (*at, "start")), values.day(entry.end, (*at, "end"))
    if start is not None and end is not None and end < start:
        values.findings.add((*at, "end"), "expected a day that is not before start")
    return Program(
        id=program_id,
        name=name,
        type=entry.type or DEFAULT_TYPE,
        channel=channel,
        workspace=workspace or DEFAULT_WORKSPACE,
        folder=entry.folder,
        created_at=created_at,
        updated_at=updated_at,
        tags=_tags(entry, at, tag_types, values),
        tokens={token_name(token): text for token, text in tokens.items()},
        costs=_costs(entry.costs or [], (*at, "costs"), values),
        start=start,
        end=end,
        archived=bool(entry.archived),
        crm_id=entry.crm_id,
        cloned_on=values.day(entry.cloned_on, (*at, "cloned_on")),
        description=entry.description or "",
    )


def _known(kind: str, name: str | None, at: Location, known: Mapping[str, str], values: Values) -> str | None:
    if name is None:
        return None
    found = known.get(folded(name))
    if found is None:
        shown = f"; known here: {', '.join(known.values())}" if known else ": the file defines none"
        near = nearest(name, tuple(known.values()))
        values.findings.add((*at, kind), f"there is no {kind} {show_value(name)}{near}{shown}")
    return found


def _tags(entry: ProgramEntry, at: Location, tag_types: Sequence[TagType], values: Values) -> dict[str, str]:
    known = {folded(item.name): item for item in tag_types}
    tags = {}
    for name, text in values.texts(entry.tags, (*at, "tags")).items():
        where = (*at, "tags", name)
        tag_type = known.get(folded(name))
        if tag_type is None:
            near = nearest(name, [item.name for item in tag_types])
            values.findings.add(where, f"there is no tag {show_value(name)}{near}: name it under `tags:` of the world")
            continue
        value = next((item for item in tag_type.values if folded(item) == folded(text)), None)
        if value is None:
            values.findings.add(
                where, f"expected one of {', '.join(tag_type.values) or 'no values'}, got {show_value(text)}"
            )
            continue
        tags[tag_type.name] = value
    return tags


def _costs(given: Sequence[CostEntry], at: Location, values: Values) -> tuple[ProgramCost, ...]:
    ids = counted_on([item.id for item in given], at, values.findings, 1)
    return tuple(
        ProgramCost(
            next(ids),
            values.month(item.month, (*at, index, "month")),
            values.amount(item.amount, (*at, index, "amount")),
            item.note,
        )
        for index, item in enumerate(given)
    )


def find_program(name: str | None, at: Location, programs: Sequence[Program], values: Values) -> Program | None:
    """The program that an entry names, `None` when it names none; one that is not there is a problem."""
    if name is None:
        return None
    found = next((item for item in programs if folded(item.name) == folded(name)), None)
    if found is None:
        near = nearest(name, [item.name for item in programs])
        values.findings.add(at, f"there is no program {show_value(name)}{near}: name it under `programs:`")
    return found
