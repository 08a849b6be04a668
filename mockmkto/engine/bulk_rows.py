"""What becomes of the rows of a bulk import: leads are synced, custom objects stored; each row by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from mockmkto.engine.catalogue import EMAIL_FIELD, display_name
from mockmkto.engine.custom_sync import sync_custom_objects
from mockmkto.engine.fields import BadValue
from mockmkto.engine.lead_fields import lead_field, rest_name
from mockmkto.engine.lead_lookup import prepare_lookup
from mockmkto.engine.lists import join
from mockmkto.engine.partitions import named_partition
from mockmkto.engine.plain import from_plain
from mockmkto.engine.program_membership import check_status, set_status, the_program
from mockmkto.engine.upserting import Plan, plan_upsert, upsert_record
from mockmkto.errors import RestCode, RestError
from mockmkto.model import Attribute, CustomObjectType, TraceBuilder
from mockmkto.model.bulk import BulkImport, BulkKind
from mockmkto.model.custom_objects import CustomObjectRecord, CustomStatus, SyncCustomObjectsRequest
from mockmkto.model.lists import StaticList
from mockmkto.model.programs import Program
from mockmkto.model.upserts import UpsertAction, UpsertRequest
from mockmkto.store import lists
from mockmkto.store.database import Session

__all__ = ["Doer", "RowOutcome", "doer"]

BAD_EMAIL = "Invalid email address"
"""What an import warns of where a sync refuses the record (documented in a sample): the lead is stored with it."""

MISSING_KEYS = "missing.dedupe.fields"
"""What is said of a custom object without its keys (documented in a sample)."""


class RowOutcome(NamedTuple):
    """What became of one row: why it failed, or what there is to be warned of; neither where all was well."""

    failure: str = ""
    warning: str = ""


Doer: TypeAlias = Callable[[Sequence[Sequence[str]]], Sequence[RowOutcome]]
"""Does some rows, and says of each what became of it."""


def doer(session: Session, job: BulkImport, trace: TraceBuilder) -> Doer:
    """What does the rows of an import.

    A column that is no field is ignored, or an error where the switch `import_unknown_column` says so. An empty cell
    leaves its field as it is, or clears it where the switch `import_empty` says so.

    Raises:
        RestError: 1013 an unknown list, program, or type of custom objects; 1025 an unknown status; 1006 an unknown
            column or lookup field; 1011 no lead is looked up by it; 1008 an unknown partition.
    """
    if job.kind is BulkKind.CUSTOM_OBJECTS:
        kind = session.world.objects.custom_type(job.target)
        if kind is None:
            raise RestError.not_found("Object")
        return _CustomObjects(session, kind, _columns(session, job, trace, _field_of(kind)))
    program, status = None, ""
    if job.kind is BulkKind.PROGRAM_MEMBERS:
        program, status = the_program(session, job.program_id or 0, trace), job.program_status or ""
        check_status(session, program, status)
    if job.partition is not None and named_partition(session.world, job.partition) is None:
        raise RestError.partition_denied(job.partition)
    static_list = lists.by_id(session, job.list_id) if job.list_id is not None else None
    if static_list is None and job.list_id is not None:
        raise RestError.not_found("List")
    request = UpsertRequest((), UpsertAction.CREATE_OR_UPDATE, job.lookup_field or None, job.partition)
    plan = plan_upsert(session.world, request)._replace(checks_email=False)
    prepare_lookup(session, plan.lookup)  # by the call that begins the import: no slice of it has to wait for that
    if rest_name(plan.lookup) == "id":  # documented: no lead is made then
        plan = plan._replace(action=UpsertAction.UPDATE_ONLY)
    return _Leads(session, plan, _columns(session, job, trace, _lead_field_of(session)), static_list, program, status)


def _field_of(kind: CustomObjectType) -> Callable[[str], str | None]:
    def find(name: str) -> str | None:
        field = kind.fields.find(name)
        return field.name if field is not None else None

    return find


def _lead_field_of(session: Session) -> Callable[[str], str | None]:
    def find(name: str) -> str | None:
        field = lead_field(session.world, name) if name == name.strip() else None
        return rest_name(field) if field is not None else None

    return find


class _Columns(NamedTuple):
    """Which column is which field."""

    names: tuple[str | None, ...]  # by their places; `None` for a column that is no field
    keep_empty: bool

    def record(self, cells: Sequence[str]) -> dict[str, str]:
        """What a row says, by the names of fields; cells that are not there are empty (assumed)."""
        given = {name: cell.strip() for name, cell in zip(self.names, cells, strict=False) if name is not None}
        return {name: cell for name, cell in given.items() if cell or not self.keep_empty}


def _columns(session: Session, job: BulkImport, trace: TraceBuilder, find: Callable[[str], str | None]) -> _Columns:
    behaviour = session.world.behaviour
    names = [find(name) for name in job.header]
    for place, (column, name) in enumerate(zip(job.header, names, strict=True)):
        if name is None:
            if behaviour.import_unknown_column == "fault":
                raise RestError.field_not_found(column)
            trace.warn("column", f"column {column} is no field, and was ignored", column)
        elif name in names[:place]:
            trace.warn("twice", f"column {column} is there twice: the last one counts", column)
    return _Columns(tuple(names), behaviour.import_empty == "keep")


def _is_too_long(columns: _Columns, cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells[len(columns.names) :])


_TOO_LONG = RowOutcome("Row has more values than the header has columns")


class _Leads:
    """Does rows of leads."""

    def __init__(
        self,
        session: Session,
        plan: Plan,
        columns: _Columns,
        static_list: StaticList | None,
        program: Program | None,
        status: str,
    ) -> None:
        self._session = session
        self._plan = plan
        self._columns = columns
        self._list = static_list
        self._program, self._status = program, status
        self._lookup = rest_name(plan.lookup)
        self._fields = {
            name: field
            for name in columns.names
            if name is not None and (field := lead_field(session.world, name)) is not None
        }

    def __call__(self, rows: Sequence[Sequence[str]]) -> list[RowOutcome]:
        return [self._do(cells) for cells in rows]

    def _do(self, cells: Sequence[str]) -> RowOutcome:
        if _is_too_long(self._columns, cells):
            return _TOO_LONG
        record = self._columns.record(cells)
        if not record.get(self._lookup):
            return RowOutcome(f"Value for lookup field '{self._lookup}' not found")  # captured
        warning = ""
        for name, cell in record.items():
            field = self._fields[name]
            try:
                from_plain(field, cell, self._session.world.time_zone, truncate=True)
            except BadValue:
                if field.name != EMAIL_FIELD.name:
                    return RowOutcome(f"Invalid data type in field {display_name(field)}")  # documented in a sample
                warning = BAD_EMAIL
        trace = TraceBuilder()
        outcome = upsert_record(self._session, self._plan, record, trace, 1)
        if outcome.error is not None:
            return RowOutcome(outcome.error.text)
        if self._list is not None and outcome.lead_id is not None:
            join(self._session, trace, self._list, (outcome.lead_id,))
        if self._program is not None and outcome.lead_id is not None:
            set_status(self._session, self._program, self._status, (outcome.lead_id,), trace)
        return RowOutcome(warning=warning)


class _CustomObjects:
    """Does rows of custom objects."""

    def __init__(self, session: Session, kind: CustomObjectType, columns: _Columns) -> None:
        self._session = session
        self._kind = kind
        self._columns = columns

    def __call__(self, rows: Sequence[Sequence[str]]) -> list[RowOutcome]:
        """As syncCustomObjects stores them."""
        outcomes: dict[int, RowOutcome] = {}
        records: dict[int, CustomObjectRecord] = {}
        for place, cells in enumerate(rows):
            values = self._columns.record(cells)
            if _is_too_long(self._columns, cells):
                outcomes[place] = _TOO_LONG
            elif not all(values.get(name) for name in self._kind.keys):
                outcomes[place] = RowOutcome(MISSING_KEYS)
            else:
                records[place] = self._record(values)
        if records:
            request = SyncCustomObjectsRequest(self._kind.name, tuple(records.values()))
            synced = sync_custom_objects(self._session, request, TraceBuilder())
            for place, status in zip(records, synced.statuses, strict=True):
                failed = status.status in (CustomStatus.FAILED, CustomStatus.SKIPPED)
                outcomes[place] = RowOutcome(status.error or str(RestCode.INVALID_DATA)) if failed else RowOutcome()
        return [outcomes[place] for place in range(len(rows))]

    def _record(self, values: Mapping[str, str]) -> CustomObjectRecord:
        keys = self._kind.keys
        return CustomObjectRecord(
            tuple(Attribute(name, values[name]) for name in keys),
            tuple(Attribute(name, value) for name, value in values.items() if name not in keys),
        )
