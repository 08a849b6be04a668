"""getMObjects: opportunities, roles and programs, by id, by criteria and by what they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from msgspec.structs import replace

from mockmkto.engine import opportunity_objects, program_objects
from mockmkto.engine.numbers import as_id
from mockmkto.engine.object_criteria import Criterion, read_criteria
from mockmkto.engine.object_positions import ObjectPosition, object_position, read_object_position, same_query
from mockmkto.engine.references import leads_with_value
from mockmkto.errors import MarketoError
from mockmkto.model import PageStep, Subject, TraceBuilder
from mockmkto.model.objects import (
    Association,
    GetMObjectsRequest,
    GetMObjectsResult,
    MObject,
    MObjectKind,
    NameValue,
)
from mockmkto.store import objects as store
from mockmkto.store.database import Session

__all__ = ["PAGE", "get_mobjects", "kind_of"]

PAGE = 100  # objects (documented)


def get_mobjects(session: Session, request: GetMObjectsRequest, trace: TraceBuilder) -> GetMObjectsResult:
    """A page of the objects of a type for which everything that is asked holds, by id (captured).

    Raises:
        MarketoError: 20109 no type, a criterion without name or value; 20110 unknown type, criterion, comparison or
            association, a value that cannot be compared; 20122 a position that is none.
    """
    if request.type is None or not request.type.strip():
        raise MarketoError.parameter_required("type")
    kind = kind_of(request.type)
    trace.subjects.append(Subject("object type", f"type = {request.type}", kind, kind))
    if kind is None:
        raise MarketoError.bad_object_type()
    query, after, came = _begun(session, kind, request, trace)
    criteria = read_criteria(session, kind, query.criteria)
    render = _renderer(session, kind, criteria, details=request.include_details)
    matching = (
        rendered
        for candidate in _candidates(session, kind, query, after, trace)
        if (rendered := render(candidate)) is not None
    )
    found = list(islice(matching, PAGE + 1))
    shown, more = found[:PAGE], len(found) > PAGE
    last = int(shown[-1].id or 0) if shown else after
    following = object_position(ObjectPosition(kind, query, last))
    trace.page = PageStep(
        selector=_said(kind, query),
        total=len(found),
        first=1 if shown else 0,
        last=len(shown),
        batch_asked=None,
        batch_used=PAGE,
        ended="" if more else "these were the last ones" if shown else "there are none",
        came=came,
        next=following,
    )
    return GetMObjectsResult(tuple(shown), more, following)


def kind_of(name: str | None) -> MObjectKind | None:
    """The type of that name, in any case (assumed)."""
    wanted = (name or "").strip().casefold()
    return next((kind for kind in MObjectKind if kind.value.casefold() == wanted), None)


def _begun(
    session: Session, kind: MObjectKind, request: GetMObjectsRequest, trace: TraceBuilder
) -> tuple[GetMObjectsRequest, int, str | None]:
    """What is asked, behind which id, and the position that came: a position says again what its query said."""
    asked = replace(request, type=kind.value, position=None, include_details=False)
    came = (request.position or "").strip()
    if not came:
        return asked, 0, None
    position = read_object_position(kind, came)
    nothing = GetMObjectsRequest(kind.value)
    if not same_query(asked, nothing) and not same_query(asked, position.query):
        if session.world.behaviour.position_conflict == "fault":
            raise MarketoError.bad_stream_position(came)
        trace.warn("position_conflict", "what is asked is not what the position says: the position counts")
    return position.query, position.after, came


# ---------------------------------------------------------------------------------------------------------------------
# Which ones


_SLICE = 500  # objects that are read at once where no key narrows them down


def _candidates(
    session: Session, kind: MObjectKind, query: GetMObjectsRequest, after: int, trace: TraceBuilder
) -> Iterator[int | MObject]:
    """Objects with higher ids, by id: those that id, external key and associations leave, or all of them."""
    ids = _narrowed(session, kind, query, trace)
    if ids is None:
        yield from _WALKS[kind](session, after)
        return
    for object_id in sorted(ids):
        if object_id > after:
            yield object_id


def _narrowed(session: Session, kind: MObjectKind, query: GetMObjectsRequest, trace: TraceBuilder) -> set[int] | None:
    sets: list[set[int]] = []
    if query.id is not None:
        sets.append({as_id(query.id)})
    if query.external_key is not None:
        sets.append(_by_external_key(session, kind, query.external_key))
    sets += [_associated(session, kind, item, trace) for item in query.associations]
    return set.intersection(*sets) if sets else None


def _by_external_key(session: Session, kind: MObjectKind, key: NameValue) -> set[int]:
    """Of several objects with one external key the most recently added (documented)."""
    if kind is not MObjectKind.OPPORTUNITY:
        return set()
    return set(store.ids_by_external_key(session, key)[:1])


def _associated(session: Session, kind: MObjectKind, asked: Association, trace: TraceBuilder) -> set[int]:
    name = (asked.type or "").strip().casefold()
    if not name:
        raise MarketoError.parameter_required("mObjType")
    match name:
        case "lead":
            leads = _leads(session, asked)
            trace.touch(leads)
            roles = [role for lead_id in leads for role in store.roles_of_lead(session, lead_id)]
        case "opportunity":
            roles = [
                role
                for opportunity_id in _opportunities(session, asked)
                for role in store.roles_of_opportunity(session, opportunity_id)
            ]
            if kind is MObjectKind.OPPORTUNITY:
                return set(_opportunities(session, asked))
        case "company":
            key = asked.external_key
            ids = store.ids_by_company(session, key.value or "") if key is not None else ()
            if kind is MObjectKind.OPPORTUNITY:
                return set(ids)
            roles = [role for opportunity_id in ids for role in store.roles_of_opportunity(session, opportunity_id)]
        case _:
            raise MarketoError.bad_parameter("mObjType", asked.type)
    match kind:
        case MObjectKind.OPPORTUNITY:
            return {role.opportunity_id for role in roles}
        case MObjectKind.ROLE:
            return {role.id for role in roles}
        case MObjectKind.PROGRAM:
            return set()  # a program belongs to none of them


def _leads(session: Session, asked: Association) -> tuple[int, ...]:
    if asked.id is not None:
        return (as_id(asked.id),)
    key = asked.external_key
    if key is None:
        return ()
    found = leads_with_value(session, key.name or "", key.value or "")
    if found is None:
        raise MarketoError.bad_parameter("externalKey", key.name)
    return found[:1]


def _opportunities(session: Session, asked: Association) -> tuple[int, ...]:
    if asked.id is not None:
        return (as_id(asked.id),)
    return store.ids_by_external_key(session, asked.external_key)[:1] if asked.external_key is not None else ()


def _walk(read: Callable[[Session, int, int], tuple[MObject, ...]]) -> Callable[[Session, int], Iterator[MObject]]:
    def walk(session: Session, after: int) -> Iterator[MObject]:
        while slice_ := read(session, after, _SLICE):
            yield from slice_
            after = int(slice_[-1].id or 0)

    return walk


_WALKS: dict[MObjectKind, Callable[[Session, int], Iterator[MObject]]] = {
    MObjectKind.OPPORTUNITY: _walk(opportunity_objects.opportunities_after),
    MObjectKind.ROLE: _walk(opportunity_objects.roles_after),
    MObjectKind.PROGRAM: _walk(program_objects.programs_after),
}
_BY_ID: dict[MObjectKind, Callable[[Session, int], MObject | None]] = {
    MObjectKind.OPPORTUNITY: opportunity_objects.opportunity,
    MObjectKind.ROLE: opportunity_objects.role,
    MObjectKind.PROGRAM: program_objects.program,
}


# ---------------------------------------------------------------------------------------------------------------------
# How they are shown


def _renderer(
    session: Session, kind: MObjectKind, criteria: tuple[Criterion, ...], *, details: bool
) -> Callable[[int | MObject], MObject | None]:
    zone = session.world.time_zone

    def render(candidate: int | MObject) -> MObject | None:
        found = _BY_ID[kind](session, candidate) if isinstance(candidate, int) else candidate
        if found is None or not all(criterion.holds(found) for criterion in criteria):
            return None
        shown = replace(
            found,
            created_at=found.created_at.astimezone(zone) if found.created_at is not None else None,
            updated_at=found.updated_at.astimezone(zone) if found.updated_at is not None else None,
        )
        if kind is not MObjectKind.PROGRAM:
            return shown
        return replace(
            shown, created_at=None, updated_at=None, type_attributes=found.type_attributes if details else None
        )

    return render


def _said(kind: MObjectKind, query: GetMObjectsRequest) -> str:
    parts = [f"id {query.id}"] if query.id is not None else []
    if query.external_key is not None:
        parts.append(f"{query.external_key.name} = {query.external_key.value}")
    parts += [f"{item.name} {item.comparison or 'EQ'} {item.value}" for item in query.criteria]
    for item in query.associations:
        key = item.external_key
        of = f"{item.id}" if item.id is not None else f"{key.name} = {key.value}" if key is not None else "nothing"
        parts.append(f"{item.type} {of}")
    return f"{kind.value} with {' and '.join(parts)}" if parts else f"all of {kind.value}"
