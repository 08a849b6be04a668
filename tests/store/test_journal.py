"""The journal: numbers, the order of reading and writing, and its bounds, wherever it is kept."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator

import pytest
from databases import Place
from msgspec.structs import replace
from sqlalchemy.exc import OperationalError

from mockmkto.model import Call
from mockmkto.store import journal as module
from mockmkto.store.backend import JOURNAL
from mockmkto.store.journal import LONGEST_BODY, Journal, journal_metadata
from mockmkto.store.local import LocalStorage

NOW = dt.datetime(2026, 3, 14, 9, 26, 53, tzinfo=dt.UTC)


def a_call(request: bytes = b"<request/>", response: bytes = b"<answer/>") -> Call:
    return Call(NOW, "3_1", request, response, 200, "OK", 1.0)


def opener(place: Place) -> Iterator[Callable[..., Journal]]:
    storages = []

    def open_it(**limits) -> Journal:
        if not storages or place.kind != "memory":
            storages.append(place.storage())
        return Journal(storages[-1].at(JOURNAL, journal_metadata), **limits)

    yield open_it
    for storage in storages:
        storage.close()


@pytest.fixture
def open_journal(place):
    """Opens the journal of one place."""
    yield from opener(place)


@pytest.fixture
def open_lasting(lasting):
    """The same of one that lasts: opened twice, it is another server's, or the one after a restart."""
    yield from opener(lasting)


@pytest.fixture
def in_memory():
    storage = LocalStorage()
    yield Journal(storage.at(JOURNAL, journal_metadata))
    storage.close()


def numbers(journal: Journal) -> list[int]:
    return [call.sequence for call in journal.calls()]


@pytest.mark.parametrize("many", [1, 63, 64, 65, 200])
def test_every_call_is_found_at_once_by_whoever_reads_whichever_way(open_journal, many):
    journal = open_journal()
    added = [journal.add(a_call(b"<r%d/>" % number)) for number in range(many)]
    assert [call.sequence for call in added] == [*range(1, many + 1)]
    assert numbers(journal) == [*range(1, many + 1)]
    journal.add(a_call())
    assert journal.last == many + 1
    journal.add(a_call())
    assert journal.count() == many + 2
    journal.add(a_call(b"<last/>"))
    assert journal.one(many + 3).request == b"<last/>"
    journal.add(a_call())
    assert [call.sequence for call in journal.whole()][-1] == many + 4
    journal.add(a_call())
    assert journal.delete(many + 5)
    journal.add(a_call())
    assert journal.clear() == many + 5
    assert journal.add(a_call()).sequence == many + 7


def test_what_is_kept_of_a_call_is_all_of_it(open_journal):
    journal = open_journal()
    call = replace(a_call(b"\0\xff"), operation="syncLead", user_id="ü", lead_id=2**40)
    assert journal.add(call) == replace(call, sequence=1)
    assert journal.one(1) == replace(call, sequence=1)
    assert journal.calls() == [replace(call, sequence=1, request=b"", response=b"")]


def test_a_call_is_in_a_journal_that_lasts_before_anybody_reads_it(open_lasting):
    open_lasting().add(a_call())
    assert numbers(open_lasting()) == [1]


def test_two_servers_number_the_calls_of_one_journal(open_lasting):
    one, two = open_lasting(), open_lasting()
    assert [one.add(a_call()).sequence, two.add(a_call()).sequence, one.add(a_call()).sequence] == [1, 2, 3]
    assert numbers(two) == [1, 2, 3]


@pytest.mark.parametrize("many", [9, 10, 11, 70, 300])
def test_the_oldest_go_beyond_a_number_and_are_counted(open_journal, many):
    journal = open_journal(limit=10)
    for _ in range(many):
        journal.add(a_call())
    assert numbers(journal) == [*range(max(1, many - 9), many + 1)]
    assert (journal.count(), journal.dropped) == (min(many, 10), max(0, many - 10))


def test_the_oldest_go_beyond_so_many_bytes_and_are_counted(open_journal):
    journal = open_journal(most_bytes=100_000)
    for _ in range(40):
        journal.add(a_call(b"r" * 5_000, b"a" * 5_000))
    kept = [*journal.whole()]
    size = sum(len(call.request) + len(call.response) for call in kept)
    assert 70_000 < size <= 100_000
    assert [call.sequence for call in kept] == [*range(41 - len(kept), 41)]
    assert journal.dropped == 40 - len(kept)


def test_the_bytes_of_an_earlier_run_count(open_lasting):
    for _ in range(3):
        journal = open_lasting(most_bytes=100_000)
        for _ in range(8):
            journal.add(a_call(b"r" * 10_000))
    assert 6 <= journal.count() <= 9


def test_the_last_call_is_there_even_if_nothing_else_has_room(open_journal):
    journal = open_journal(most_bytes=1)
    for _ in range(3):
        journal.add(a_call())
    assert journal.last == 3
    assert journal.count() <= 1


@pytest.mark.parametrize("length", [LONGEST_BODY - 1, LONGEST_BODY, LONGEST_BODY + 1, 10 * LONGEST_BODY])
@pytest.mark.parametrize("which", ["request", "response"])
def test_a_very_long_body_is_kept_cut_and_says_so(open_journal, which, length):
    journal = open_journal()
    call = replace(a_call(), **{which: b"x" * length})
    assert getattr(journal.add(call), which) == getattr(call, which)  # who is told of it now gets all of it
    kept = journal.one(1)
    assert getattr(kept, which) == b"x" * min(length, LONGEST_BODY)
    assert getattr(kept, f"{which}_bytes") == (length if length > LONGEST_BODY else None)
    (listed,) = journal.calls()
    assert getattr(listed, f"{which}_bytes") == getattr(kept, f"{which}_bytes")


def test_what_waits_to_be_written_is_bounded_in_bytes(in_memory):
    waiting = 0
    for _ in range(20):
        in_memory.add(a_call(b"x" * LONGEST_BODY))
        waiting = max(waiting, in_memory._pending_bytes)
    assert 0 < waiting <= module._SLACK_BYTES + 2 * LONGEST_BODY


def test_what_cannot_be_written_is_not_kept_waiting_for_ever(in_memory):
    journal = in_memory
    raw = journal._sql._raw
    raw.execute(f"PRAGMA max_page_count = {raw.execute('PRAGMA page_count').fetchone()[0]}")
    refused = 0
    for _ in range(300):
        try:
            journal.add(a_call(b"x" * 1000))
        except OperationalError:
            refused += 1
    assert refused
    assert len(journal._pending) < module._SLACK
    raw.execute("PRAGMA max_page_count = 1000000")
    last = journal.add(a_call()).sequence
    assert journal.one(last) is not None


def test_calls_that_come_at_once_have_a_number_each(open_journal):
    journal = open_journal()
    given: list[int] = []
    threads = [
        threading.Thread(target=lambda: given.extend(journal.add(a_call()).sequence for _ in range(50)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == numbers(journal) == [*range(1, 201)]
