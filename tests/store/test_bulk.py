"""Jobs of the bulk API as they are stored: files in parts, what is due, the rest of long work, counts by the day."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from msgspec.structs import replace
from support import NOW, Marketo

from mockmkto.model.bulk import BulkExport, BulkFormat, BulkImport, BulkKind, ExportState, ImportState
from mockmkto.store import bulk, bulk_parts, due, usage

HOUR = timedelta(hours=1)


@pytest.fixture
def marketo() -> Marketo:
    return Marketo()


def an_import(number: int, **said) -> BulkImport:
    given = BulkImport(
        number, BulkKind.LEADS, "", BulkFormat.CSV, ImportState.QUEUED, NOW, NOW, NOW, ("email", "city"), "email"
    )
    return replace(given, **said)


def an_export(name: str, number: int, **said) -> BulkExport:
    fields = ("id", "email")
    given = BulkExport(
        name, number, BulkKind.LEADS, "", BulkFormat.TSV, "ann", ExportState.CREATED, NOW, fields, ("Id", "E-mail")
    )
    return replace(given, **said)


def test_jobs_come_back_as_they_were_stored(marketo):
    moved = {"rows": 3, "imported": 1, "failed": 2, "warned": 1, "ended_at": NOW + HOUR, "problem": "gone"}
    done = {"records": 7, "size": 2**40, "checksum": "sha256:1", "place": (1, 2), "finished_at": NOW + HOUR}
    first = an_import(5, list_id=1001, partition="Default", target="car_c")
    extract = an_export("a", 1, filter={"createdAt": ["x", "y"]})
    with marketo.database.transaction() as session:
        bulk.add_import(session, first)
        bulk.add_export(session, extract)
        assert (bulk.import_by_id(session, 5), bulk.export_by_id(session, "a")) == (first, extract)
        first = replace(first, state=ImportState.FAILED, **moved)
        extract = replace(extract, state=ExportState.COMPLETED, queued_at=NOW, started_at=NOW, due_at=NOW, **done)
        bulk.save_import(session, first)
        bulk.save_export(session, extract)
    with marketo.database.transaction() as session:
        assert (bulk.import_by_id(session, 5), bulk.export_by_id(session, "a")) == (first, extract)
        assert (bulk.import_by_id(session, 6), bulk.export_by_id(session, "b")) == (None, None)
        assert bulk.next_number(session) == 2
        assert bulk.size_since(session, NOW + HOUR) == 2**40
        assert bulk.size_since(session, NOW + 2 * HOUR) == 0


def test_what_waits_is_due_in_its_order(marketo):
    with marketo.database.transaction() as session:
        assert bulk.next_due_at(session) is None
        bulk.add_import(session, an_import(1, due_at=NOW + HOUR))
        bulk.add_import(session, an_import(2, state=ImportState.IMPORTING))
        bulk.add_import(session, an_import(3, state=ImportState.COMPLETE))
        bulk.add_export(session, an_export("a", 1))
        bulk.add_export(session, an_export("b", 2, state=ExportState.QUEUED, due_at=NOW - HOUR))
        assert [job.id for job in bulk.waiting_imports(session)] == [2, 1]
        assert [job.id for job in bulk.waiting_exports(session)] == ["b"]
        assert bulk.due_import(session).id == 2
        assert bulk.due_export(session).id == "b"
        assert bulk.next_due_at(session) == NOW - HOUR
        with session.as_of(NOW - 2 * HOUR):
            assert (bulk.due_import(session), bulk.due_export(session)) == (None, None)


def test_extracts_are_listed_by_whose_and_of_what_they_are(marketo):
    with marketo.database.transaction() as session:
        for number, said in enumerate(
            ({}, {"owner": "bob"}, {"kind": BulkKind.ACTIVITIES}, {}, {"kind": BulkKind.CUSTOM_OBJECTS, "target": "c"}),
            1,
        ):
            bulk.add_export(session, an_export(str(number), number, **said))

        def numbers(*asked):
            return [job.number for job in bulk.exports_of(session, *asked)]

        assert numbers("ann", BulkKind.LEADS, "", 0) == [1, 4]
        assert numbers("ann", BulkKind.LEADS, "", 1) == [4]
        assert numbers("bob", BulkKind.LEADS, "", 0) == [2]
        assert numbers("ann", BulkKind.CUSTOM_OBJECTS, "c", 0) == [5]
        assert numbers("ann", BulkKind.CUSTOM_OBJECTS, "", 0) == []


PARTS = (b"0123", b"45", b"\x00\xff8", b"9")


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (0, None, [0, 1, 2, 3]),
        (0, 0, [0]),
        (3, 4, [0, 1]),
        (4, 5, [1]),
        (8, 8, [2]),
        (9, 100, [3]),
        (5, None, [1, 2, 3]),
    ],
)
def test_a_range_of_a_file_is_read_from_the_parts_that_have_it_alone(marketo, first, last, found):
    with marketo.database.transaction() as session:
        assert bulk_parts.size_of(session, "a", "file") is None
        assert list(bulk_parts.parts(session, "a", "file")) == []
        assert [bulk_parts.put_part(session, "a", "file", part) for part in PARTS] == [4, 6, 9, 10]
        bulk_parts.put_part(session, "a", "other", b"x")
        bulk_parts.put_part(session, "b", "file", b"y")
        assert bulk_parts.size_of(session, "a", "file") == 10
        parts = list(bulk_parts.parts(session, "a", "file", first=first, last=last))
    assert [part.position for part in parts] == found
    assert [part.content for part in parts] == [PARTS[number] for number in found]
    assert [part.start for part in parts] == [sum(map(len, PARTS[:number])) for number in found]


def test_parts_are_taken_in_their_order_and_a_file_goes_as_a_whole(marketo):
    with marketo.database.transaction() as session:
        for part in PARTS:
            bulk_parts.put_part(session, 7, "rows", part)
        assert [bulk_parts.take_part(session, 7, "rows") for _ in range(2)] == [PARTS[0], PARTS[1]]
        assert bulk_parts.size_of(session, 7, "rows") == 10
        bulk_parts.drop_file(session, 7, "rows")
        assert bulk_parts.take_part(session, 7, "rows") is None
        assert bulk_parts.size_of(session, 7, "rows") is None


def test_old_jobs_are_forgotten_with_their_files(marketo):
    with marketo.database.transaction() as session:
        for number, age in enumerate((HOUR, timedelta()), 1):
            bulk.add_import(session, an_import(number, created_at=NOW - age))
            bulk.add_export(session, an_export(f"e{number}", number, created_at=NOW - age))
            for job in (number, f"e{number}"):
                bulk_parts.put_part(session, job, "file", b"x")
        bulk.forget_before(session, NOW)
        assert [bulk.import_by_id(session, number) is None for number in (1, 2)] == [True, False]
        assert [bulk.export_by_id(session, name) is None for name in ("e1", "e2")] == [True, False]
        assert [bulk_parts.size_of(session, job, "file") for job in (1, "e1", 2, "e2")] == [None, None, 1, 1]


def test_jobs_go_with_a_reset_and_come_back_with_a_snapshot(marketo):
    with marketo.database.transaction() as session:
        bulk.add_import(session, an_import(1, state=ImportState.COMPLETE))
        bulk_parts.put_part(session, 1, "failures", b"x")
        usage.count(session, "2026-03-14", usage.CALLS, "ann@example.com")
    marketo.database.snapshots.take("before", NOW, ())
    marketo.database.reset()
    with marketo.database.transaction() as session:
        assert bulk.import_by_id(session, 1) is None
        assert bulk_parts.size_of(session, 1, "failures") is None
        assert usage.counts(session, "2026-03-14", usage.CALLS) == []
    marketo.database.snapshots.restore("before")
    with marketo.database.transaction() as session:
        assert bulk.import_by_id(session, 1) is not None
        assert bulk_parts.size_of(session, 1, "failures") == 1
        assert usage.counts(session, "2026-03-14", usage.CALLS) == [("ann@example.com", 1)]
        session.empty()
        assert bulk.import_by_id(session, 1) is None
        assert bulk_parts.size_of(session, 1, "failures") is None


def test_counts_are_by_day_kind_and_name(marketo):
    with marketo.database.transaction() as session:
        for day, kind, name in (
            ("2026-03-01", usage.CALLS, "ann"),
            ("2026-03-07", usage.CALLS, "ann"),
            ("2026-03-07", usage.CALLS, "ann"),
            ("2026-03-07", usage.CALLS, "bob"),
            ("2026-03-07", usage.ERRORS, "610"),
            ("2026-03-08", usage.ERRORS, "1003"),
        ):
            usage.count(session, day, kind, name)
        assert usage.counts(session, "2026-03-01", usage.CALLS) == [("ann", 1)]
        assert usage.counts(session, "2026-03-07", usage.CALLS) == [("ann", 2), ("bob", 1)]
        assert usage.counts(session, "2026-03-07", usage.ERRORS) == [("610", 1)]
        assert usage.counts(session, "2026-03-08", usage.CALLS) == []


def test_long_work_is_done_in_slices_by_a_thread_that_ends_with_it(marketo, monkeypatch):
    slices: list[str] = []
    done = threading.Event()

    def slice_of_an_import(session) -> bool:
        job = bulk.due_import(session)
        if job is None:
            return False
        slices.append(threading.current_thread().name)
        left = len(slices) < 4
        bulk.save_import(session, replace(job, state=ImportState.IMPORTING if left else ImportState.COMPLETE))
        if not left:
            done.set()
        return left

    monkeypatch.setattr(due, "_work", [slice_of_an_import])
    with marketo.database.transaction() as session:
        bulk.add_import(session, an_import(1))
        due.reschedule(session)
    assert slices == []
    with marketo.database.transaction() as session:
        assert bulk.import_by_id(session, 1).state is ImportState.IMPORTING  # one slice, and no more
    assert done.wait(10)
    for thread in threading.enumerate():
        if thread.name == "mockmkto: rest of the work":
            thread.join(10)
    assert slices[0] == threading.current_thread().name
    assert "mockmkto: rest of the work" in slices
    assert not [thread for thread in threading.enumerate() if thread.name == "mockmkto: rest of the work"]
    with marketo.database.transaction() as session:
        assert bulk.import_by_id(session, 1).state is ImportState.COMPLETE
        assert session.due_at is None
    assert len(slices) == 4
