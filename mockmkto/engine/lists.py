"""Static lists: which one a request means, and listOperation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from mockmkto.engine.activities import SOURCE, note_many
from mockmkto.engine.lookup import check_key, key_steps, leads_of_key
from mockmkto.errors import MarketoError
from mockmkto.model import ActivityType, LeadKey, NewActivity, RecordStep, Subject, TraceBuilder
from mockmkto.model.lists import (
    ListKey,
    ListKeyType,
    ListOperation,
    ListOperationRequest,
    ListOperationResult,
    MemberStatus,
    StaticList,
)
from mockmkto.store import lists, programs
from mockmkto.store.database import Session

__all__ = ["MOST_MEMBERS", "join", "leave", "list_by_name", "list_operation"]

MOST_MEMBERS = 1000  # of one request (documented)


# ---------------------------------------------------------------------------------------------------------------------
# Which list


def list_by_name(session: Session, name: str, trace: TraceBuilder) -> StaticList | None:
    """The list of that name, trimmed and in any case, `None` when there is none.

    A list of no program is found by its name, a program's by `Program.List` (captured). The bare name of a program's
    list finds it, too, where no other has it (assumed). A program's list is found with a warning.
    """
    found = lists.named(session, name)
    of_nobody = next((item for item in found if item.program_id is None), None)
    if of_nobody is not None:
        return of_nobody
    shown = next(_of_programs(session, name), None)
    if shown is not None:
        trace.warn("program_list", f"{shown.shown} is a program's list: the call is meant for lists of the database")
        return shown
    if len(found) == 1:
        trace.warn("program_list", f"{name.strip()} was read as {found[0].shown}, the only list of that name")
        return found[0]
    return None


def _of_programs(session: Session, name: str) -> Iterator[StaticList]:
    """The lists that `Program.List` can mean: either name may have dots of its own."""
    parts = name.split(".")
    for place in range(1, len(parts)):
        program = programs.by_name(session, ".".join(parts[:place]))
        if program is not None:
            bare = lists.named(session, ".".join(parts[place:]))
            yield from (item for item in bare if item.program_id == program.id)


def _find(session: Session, key: ListKey, trace: TraceBuilder) -> StaticList:
    key_type, value = (key.key_type or "").strip(), key.key_value or ""
    asked = f"{key_type} = {value}"
    if key_type == ListKeyType.NAME:
        found, by = list_by_name(session, value, trace), "name"
    else:
        found, by = lists.by_key(session, key_type, value.strip()), "owner's key"
    if found is not None and found.program_id is not None and session.world.behaviour.program_lists == "refuse":
        reason = f"{found.shown} is a program's, and the switch program_lists refuses those"
        trace.subjects.append(Subject("list", asked, reason=reason))
        raise MarketoError.list_not_found(key_type, value)
    if found is None:
        trace.subjects.append(Subject("list", asked, reason="no list has it"))
        raise MarketoError.list_not_found(key_type, value)
    trace.subjects.append(Subject("list", asked, found.id, found.shown, f"found by its {by}"))
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Joining and leaving


def join(
    session: Session,
    trace: TraceBuilder,
    static_list: StaticList,
    lead_ids: Iterable[int],
    *,
    source: str = SOURCE,
    campaign: str | None = None,
    logged: bool = True,
) -> tuple[int, ...]:
    """Put leads on a list, and log it; those that were not on it already."""
    joined = lists.add_members(session, static_list.id, lead_ids)
    if logged:
        _note(session, trace, ActivityType.ADD_TO_LIST, static_list, joined, source, campaign)
    return joined


def leave(
    session: Session,
    trace: TraceBuilder,
    static_list: StaticList,
    lead_ids: Iterable[int],
    *,
    source: str = SOURCE,
    campaign: str | None = None,
    logged: bool = True,
) -> tuple[int, ...]:
    """Take leads off a list, and log it; those that were on it."""
    left = tuple(lead_id for lead_id in lead_ids if lists.remove_member(session, static_list.id, lead_id))
    if logged:
        _note(session, trace, ActivityType.REMOVE_FROM_LIST, static_list, left, source, campaign)
    return left


def _note(
    session: Session,
    trace: TraceBuilder,
    kind: ActivityType,
    static_list: StaticList,
    lead_ids: Iterable[int],
    source: str,
    campaign: str | None,
) -> None:
    said = (("List ID", str(static_list.id)), ("Source", source))
    note_many(session, trace, [NewActivity(lead_id, kind, static_list.shown, said, campaign) for lead_id in lead_ids])


# ---------------------------------------------------------------------------------------------------------------------
# listOperation


class _Member(Struct, frozen=True):
    """A key of the request, the lead that it finds, and whether that is on the list."""

    position: int
    key: LeadKey
    found: tuple[int, ...]
    was_member: bool

    @property
    def lead_id(self) -> int | None:
        return self.found[0] if self.found else None

    def holds(self, operation: ListOperation) -> bool:
        """Whether what was asked can be done, or holds."""
        return self.lead_id is not None and (self.was_member or operation is ListOperation.ADD)


def list_operation(session: Session, request: ListOperationRequest, trace: TraceBuilder) -> ListOperationResult:
    """Put leads on a list, take them off it, or say whether they are on it.

    Statuses are answered of the keys that fail (captured of one key, inferred of several), of every key when it was
    asked who is a member (captured), and else not at all. A strict request with a key that fails does nothing
    (documented). The order of the faults is fixed (assumed): 20109, 20110 for the operation, 20110 for more than 1000
    keys, 20111, 20102, 20103 of a strict request. A fault has written nothing.

    Raises:
        MarketoError: the first fault that applies.
    """
    operation, key = _check(request)
    static_list = _find(session, key, trace)
    logged = session.world.behaviour.activity_log and not request.skip_activity_log
    if operation is ListOperation.CLEAR:
        left = leave(session, trace, static_list, lists.members(session, static_list.id), logged=logged)
        _note_cleared(left, trace, logged=logged)
        return ListOperationResult(True)
    members = _members(session, request.members or (), static_list, trace)
    if not members:
        trace.warn("no_members", "listMemberList is empty: nothing was done", "listMemberList")
        return ListOperationResult(True)
    failing = [item for item in members if not item.holds(operation)]
    does = operation is not ListOperation.IS_MEMBER and not (request.strict and failing)
    unlogged = {item.lead_id for item in members} if does and logged else set()
    for item in members:
        _note_member(item, operation, trace, done=does, logged=item.lead_id in unlogged)
        unlogged.discard(item.lead_id)
    if operation is ListOperation.IS_MEMBER:
        return _result(members, operation)
    if does:
        change = join if operation is ListOperation.ADD else leave
        lead_ids = dict.fromkeys(item.lead_id for item in members if item.lead_id is not None)
        change(session, trace, static_list, lead_ids, logged=logged)
    elif session.world.behaviour.strict_failure == "fault":
        raise _strict_fault(failing[0], static_list)
    if not failing:
        return ListOperationResult(True)
    return _result(failing if session.world.behaviour.list_status == "failed_only" else members, operation)


def _check(request: ListOperationRequest) -> tuple[ListOperation, ListKey]:
    """The operation and the key of the list, once all is there that must be."""
    text, key = (request.operation or "").strip(), request.key
    if not text:
        raise MarketoError.parameter_required("listOperation")
    if key is None:
        raise MarketoError.parameter_required("listKey")
    if not (key.key_type or "").strip():
        raise MarketoError.parameter_required("keyType of listKey")
    if not (key.key_value or "").strip():
        raise MarketoError.parameter_required("keyValue of listKey")
    clears = text == ListOperation.CLEAR and request.clears
    if request.members is None and not clears:
        raise MarketoError.parameter_required("listMemberList")
    if not clears and any(item.key_value is None for item in request.members or ()):
        raise MarketoError.parameter_required("keyValue")
    if text not in list(ListOperation) or (text == ListOperation.CLEAR and not clears):
        raise MarketoError.bad_parameter("listOperation", text)
    if (key.key_type or "").strip() not in list(ListKeyType):
        raise MarketoError.bad_parameter("keyType of listKey", key.key_type)
    if not clears and len(request.members or ()) > MOST_MEMBERS:
        raise MarketoError.bad_parameter("listMemberList", f"more than {MOST_MEMBERS} keys")
    return ListOperation(text), key


def _members(
    session: Session, keys: tuple[LeadKey, ...], static_list: StaticList, trace: TraceBuilder
) -> list[_Member]:
    types = {check_key(key)[0]: None for key in keys}
    for key_type in types:
        if key_type != "IDNUM":
            trace.warn("member_key", f"leads were found by {key_type}: documented for a list is IDNUM alone", "keyType")
    members = []
    for position, key in enumerate(keys, 1):
        found = leads_of_key(session, key, trace)
        was_member = bool(found) and lists.is_member(session, static_list.id, found[0])
        members.append(_Member(position, key, found, was_member))
    return members


_DONE = {
    # operation, whether the lead was a member: what is done
    (ListOperation.ADD, False): "added",
    (ListOperation.ADD, True): "already a member",
    (ListOperation.REMOVE, False): "not a member",
    (ListOperation.REMOVE, True): "removed",
    (ListOperation.IS_MEMBER, False): "not a member",
    (ListOperation.IS_MEMBER, True): "member",
}


def _note_member(item: _Member, operation: ListOperation, trace: TraceBuilder, *, done: bool, logged: bool) -> None:
    status = "not found" if item.lead_id is None else _DONE[operation, item.was_member]
    reason = ""
    if item.lead_id is None:
        reason = f"no lead has {item.key.key_type} = {item.key.key_value}"
    elif not done and status in ("added", "removed"):
        status, reason = "left as it is", "the request is strict, and another key fails"
    written = int(logged and status in ("added", "removed"))
    steps = key_steps(item.key, item.found)
    trace.record(RecordStep(item.position, status, steps, lead_id=item.lead_id, reason=reason, activities=written))


def _note_cleared(left: tuple[int, ...], trace: TraceBuilder, *, logged: bool) -> None:
    for position, lead_id in enumerate(left, 1):
        reason = "the list was cleared"
        trace.record(RecordStep(position, "removed", lead_id=lead_id, reason=reason, activities=int(logged)))


def _result(members: list[_Member], operation: ListOperation) -> ListOperationResult:
    statuses = tuple(MemberStatus(item.key, item.holds(operation)) for item in members)
    return ListOperationResult(all(item.status for item in statuses), statuses)


def _strict_fault(failing: _Member, static_list: StaticList) -> MarketoError:
    if failing.lead_id is None:
        return MarketoError.lead_not_found((failing.key.key_type or "").strip(), failing.key.key_value)
    return MarketoError.bad_parameter(
        "listMemberList", f"lead {failing.lead_id} is not a member of list {static_list.shown}"
    )
