"""`/programs`: programs with their tags, tokens and costs."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from mockmkto.model.moments import Moment
from mockmkto.model.programs import Program, token_reference
from mockmkto.store import campaigns, due, imports, lists, program_members, programs
from mockmkto.store.database import Counter, Session
from mockmkto.store.programs import folded
from mockmkto.web.admin.pieces import Id, Name, checked_piece
from mockmkto.web.admin.problems import conflict, not_found
from mockmkto.web.admin.resource import Body, Created, Query, Subscription, View, also
from mockmkto.worlds.program_entries import CostEntry, ProgramEntry
from mockmkto.worlds.programs import check_programs
from mockmkto.worlds.schema import WorldEntry

__all__ = ["NewProgram", "ProgramView", "add", "one", "remove", "show"]


class CostView(View, frozen=True, kw_only=True):
    """What a program cost in one month."""

    id: int
    month: str
    amount: str
    note: str | None


class ProgramView(View, frozen=True, kw_only=True):
    """A program as it is stored."""

    id: int
    name: str
    type: str
    channel: str | None
    workspace: str
    folder: str | None
    tags: dict[str, str]
    tokens: dict[str, str]
    costs: tuple[CostView, ...]
    start: str | None
    end: str | None
    archived: bool
    crm_id: str | None
    description: str
    created_at: Moment
    updated_at: Moment


class ProgramList(View, frozen=True, kw_only=True):
    """Programs, by Id."""

    programs: tuple[ProgramView, ...]


class ProgramQuery(Query, frozen=True, kw_only=True):
    """Which programs: the one of this name, in any case."""

    name: str | None = None


class NewCost(Body, frozen=True, kw_only=True):
    """What a program cost in one month, such as 2014-03."""

    month: str
    amount: str
    note: str | None = None


class NewProgram(Body, frozen=True, kw_only=True):
    """A program; without an id it gets the next one. What it names (channel, tags, workspace) must be there."""

    id: Id | None = None
    name: Name
    type: str | None = None
    channel: str | None = None
    workspace: str | None = None
    folder: str | None = None
    tags: dict[str, str] = msgspec.field(default_factory=dict)
    tokens: dict[str, str] = msgspec.field(default_factory=dict)
    costs: tuple[NewCost, ...] = ()
    start: str | None = None
    end: str | None = None
    archived: bool = False
    crm_id: str | None = None
    description: str = ""


def show(asked: Subscription, query: ProgramQuery) -> ProgramList:
    """The programs."""
    with asked.database.transaction() as session:
        found = programs.all_programs(session)
    wanted = folded(query.name) if query.name is not None else None
    return ProgramList(programs=tuple(_view(item) for item in found if wanted in (None, folded(item.name))))


@also(409, "The id or the name is another program's.")
def add(asked: Subscription, body: NewProgram) -> Created[ProgramView]:
    """Make a program."""
    with asked.database.transaction() as session:
        channels, tag_types = programs.channels(session), programs.tag_types(session)
        entry = _entry(body)
        (made,) = checked_piece(
            session.world,
            ("programs", 0),
            lambda values: check_programs(WorldEntry(programs=[entry]), (), session.world, channels, tag_types, values),
        )
        if body.id is not None and programs.by_id(session, body.id) is not None:
            raise conflict("body.id", f"There is a program {body.id} already.", body.id)
        if programs.by_name(session, body.name) is not None:
            raise conflict("body.name", f"There is a program {body.name!r} already.", body.name)
        program_id = body.id if body.id is not None else session.take_id(Counter.PROGRAM)
        program = replace(made, id=program_id, created_at=session.now, updated_at=session.now)
        programs.add(session, program)
    return Created(_view(program), asked.url(f"/programs/{program.id}"))


def one(asked: Subscription, id: int) -> ProgramView:
    """One program."""
    with asked.database.transaction() as session:
        return _view(_existing(session, id))


def remove(asked: Subscription, id: int) -> None:
    """Delete a program with its lists and campaigns; leads stay."""
    with asked.database.transaction() as session:
        _existing(session, id)
        for static_list in lists.of_program(session, id):
            imports.remove_of_list(session, static_list.id)
            lists.remove(session, static_list.id)
        for campaign in campaigns.of_program(session, id):
            campaigns.remove(session, campaign.id)
        program_members.remove_all(session, id)
        programs.remove(session, id)
        due.reschedule(session)


# ---------------------------------------------------------------------------------------------------------------------


def _existing(session: Session, program_id: int) -> Program:
    found = programs.by_id(session, program_id)
    if found is None:
        raise not_found("path.id", "program", program_id)
    return found


def _entry(body: NewProgram) -> ProgramEntry:
    return ProgramEntry(
        id=body.id,
        name=body.name,
        type=body.type,
        channel=body.channel,
        workspace=body.workspace,
        folder=body.folder,
        tags=dict(body.tags),
        tokens=dict(body.tokens),
        costs=[CostEntry(month=item.month, amount=item.amount, note=item.note) for item in body.costs],
        start=body.start,
        end=body.end,
        archived=body.archived,
        crm_id=body.crm_id,
        description=body.description,
    )


def _view(item: Program) -> ProgramView:
    return ProgramView(
        id=item.id,
        name=item.name,
        type=item.type,
        channel=item.channel,
        workspace=item.workspace,
        folder=item.folder,
        tags=dict(item.tags),
        tokens={token_reference(name): text for name, text in item.tokens.items()},
        costs=tuple(CostView(id=cost.id, month=cost.month, amount=cost.amount, note=cost.note) for cost in item.costs),
        start=item.start,
        end=item.end,
        archived=item.archived,
        crm_id=item.crm_id,
        description=item.description,
        created_at=item.created_at,
        updated_at=item.updated_at,
    )
