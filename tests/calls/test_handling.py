"""What holds a subscription and what does not, and which calls are answered by a thread that must not wait."""

from __future__ import annotations

import gc
import threading
from contextlib import ExitStack, contextmanager

import pytest
from msgspec.structs import replace
from support import KEY, USER, Marketo

from mockmkto import auth, bounds, giving_way
from mockmkto.calls.pending import PendingCall
from mockmkto.model import Effect, FaultRule
from mockmkto.soap.dispatch import Dispatched
from mockmkto.soap.request import SoapRequest
from mockmkto.store import faults
from mockmkto.store.local import LocalBackend
from mockmkto.store.registry import Registry

RECORD = "<leadRecord><Email>ann@example.com</Email></leadRecord>"
SYNC = f"<ns1:paramsSyncLead>{RECORD}<returnLead>true</returnLead></ns1:paramsSyncLead>"
SYNC_MANY = f"<ns1:paramsSyncMultipleLeads><leadRecordList>{RECORD}</leadRecordList></ns1:paramsSyncMultipleLeads>"
GET = "<ns1:paramsGetLead><leadKey><keyType>EMAIL</keyType><keyValue>{}</keyValue></leadKey></ns1:paramsGetLead>"


@pytest.fixture
def marketo():
    registry = Registry()
    yield Marketo(registry=registry)
    registry.close()


def elsewhere(action):
    """What the action gives in another thread."""
    given = []
    thread = threading.Thread(target=lambda: given.append(action()))
    thread.start()
    thread.join()
    return given[0]


def is_free(marketo) -> bool:
    with ExitStack() as until:
        return marketo.database.turns_at_once(until)


@contextmanager
def held(turn):
    """A block in which another thread has the turn."""
    has_it, enough = threading.Event(), threading.Event()

    def hold():
        with ExitStack() as until:
            assert turn(until)
            has_it.set()
            enough.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    has_it.wait()
    try:
        yield
    finally:
        enough.set()
        thread.join()


# ---------------------------------------------------------------------------------------------------------------------
# Held


@pytest.mark.parametrize("key", ["mockmkto-encryption-key", "wrong"])
def test_a_subscription_is_not_held_while_a_request_is_read(marketo, monkeypatch, key):
    seen = []
    read = Dispatched.read_params

    def looked_at(self, *args, **options):
        seen.append(elsewhere(lambda: is_free(marketo)))
        return read(self, *args, **options)

    monkeypatch.setattr(Dispatched, "read_params", looked_at)
    marketo.post(marketo.envelope(SYNC, key=key))
    assert seen
    assert all(seen)


def test_a_subscription_is_not_held_while_a_wrong_signature_is_explained(marketo, monkeypatch):
    seen = []
    explain = auth.explain

    def looked_at(*args):
        seen.append(elsewhere(lambda: is_free(marketo)))
        return explain(*args)

    monkeypatch.setattr(auth, "explain", looked_at)
    assert marketo.post(marketo.envelope(SYNC, key="wrong")).code == "20014"
    assert seen == [True]


def test_a_subscription_is_held_while_an_operation_runs(marketo, monkeypatch):
    seen = []
    run = Dispatched.run

    def looked_at(self, *args):
        seen.append(elsewhere(lambda: is_free(marketo)))
        return run(self, *args)

    monkeypatch.setattr(Dispatched, "run", looked_at)
    marketo.post(marketo.envelope(SYNC))
    assert seen == [False]


@pytest.mark.parametrize(
    ("before", "after", "kind"), [("exact", "any_case", "element_case"), ("any_case", "exact", "unknown_element")]
)
def test_a_switch_that_was_turned_meanwhile_counts(before, after, kind):
    marketo = Marketo(f"behaviour: {{element_names: {before}}}")
    marketo.post(marketo.envelope(SYNC))
    with marketo.database.transaction() as session:
        turned = replace(session.world, behaviour=replace(session.world.behaviour, element_names=after))
        session.world = turned
    answer = marketo.post(marketo.envelope(SYNC.replace("returnLead", "RETURNLEAD")))
    assert [warning.kind for warning in answer.call.warnings] == [kind]


@pytest.mark.parametrize(
    ("body", "code"),
    [(SYNC.replace(RECORD, "<leadRecord><Id>x</Id></leadRecord>"), "SOAP-ENV:Server"), (SYNC, "20014")],
)
def test_a_call_that_is_refused_before_is_recorded_at_the_time_of_its_subscription(marketo, body, code):
    answer = marketo.post(marketo.envelope(body, key="wrong"))
    assert answer.code == code
    assert (answer.call.at, answer.call.subscription) == (marketo.now, marketo.name)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (SYNC, KEY),
        (SYNC, "wrong"),
        ("<ns1:paramsSyncLead/>", KEY),
        (SYNC.replace(RECORD, "<leadRecord><Id>x</Id></leadRecord>"), KEY),
        ("<broken", KEY),
    ],
    ids=["an answer", "a wrong signature", "a fault", "a fault while it is read", "no XML"],
)
def test_nothing_of_a_call_is_left_for_the_garbage_collector(marketo, body, key):
    request = marketo.envelope(body, key=key).encode()
    marketo.server.answer("2_9", request)
    gc.collect()
    gc.disable()
    try:
        marketo.server.answer("2_9", request)
        assert not [item for item in gc.get_objects() if isinstance(item, (PendingCall, SoapRequest))]
    finally:
        gc.enable()


# ---------------------------------------------------------------------------------------------------------------------
# Now


@pytest.mark.parametrize("body", [SYNC, GET.format("ann@example.com"), GET.format("nobody@example.com")])
def test_what_need_not_wait_is_answered_as_anywhere(marketo, body):
    request = marketo.envelope(body).encode()
    marketo.post(marketo.envelope(SYNC))
    now = marketo.server.answer_now("2_9", request)
    assert now is not None
    assert marketo.calls[-1].sequence == marketo.database.journal.last == 2
    assert now == marketo.server.answer("2_9", request)


def no_rule(marketo):
    with marketo.database.transaction() as session:
        faults.add(session, FaultRule("slow", Effect.DELAY, match="op:getLead", delay=60.0))


WAITS = {
    "its subscription is somebody else's": lambda m: held(m.database._sql.turn_at_once),
    "its journal is somebody else's": lambda m: held(m.database.journal.turn_at_once),
    "the registry is somebody else's": lambda m: held(m.registry.turn_at_once),
}


@pytest.mark.parametrize("turn", WAITS.values(), ids=WAITS)
def test_what_somebody_else_holds_is_not_waited_for(marketo, turn):
    request = marketo.envelope(SYNC).encode()
    before = marketo.dump()
    with turn(marketo):
        assert marketo.server.answer_now("2_9", request) is None
    assert (marketo.dump(), marketo.calls, marketo.database.journal.last) == (before, [], 0)
    assert marketo.server.answered == 0
    assert b"CREATED" in marketo.server.answer_now("2_9", request).body


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(lambda m: m.envelope(SYNC_MANY), id="an operation on many things"),
        pytest.param(lambda m: m.envelope(SYNC, key="wrong"), id="a wrong signature"),
        pytest.param(lambda m: m.envelope(SYNC).replace(f">{USER}<", ">nobody<"), id="an unknown user"),
        pytest.param(lambda m: "no XML", id="no call"),
        pytest.param(lambda m: m.envelope(SYNC) + " " * bounds.SMALL_REQUEST, id="a large request"),
    ],
)
def test_what_may_take_long_is_left_to_a_thread_that_may_wait(marketo, body):
    before = marketo.dump()
    assert marketo.server.answer_now("2_9", body(marketo).encode()) is None
    assert (marketo.dump(), marketo.calls, marketo.database.journal.last) == (before, [], 0)


def test_where_a_fault_rule_waits_nothing_is_counted(marketo):
    no_rule(marketo)
    before = marketo.dump()
    assert marketo.server.answer_now("2_9", marketo.envelope(SYNC).encode()) is None
    assert (marketo.dump(), marketo.calls) == (before, [])


def test_what_waits_for_a_disk_is_left_to_a_thread_that_may_wait(tmp_path):
    with ExitStack() as after:
        registry = Registry(LocalBackend(tmp_path))
        after.callback(registry.close)
        marketo = Marketo(registry=registry)
        assert marketo.server.answer_now("2_9", marketo.envelope(SYNC).encode()) is None


def test_there_must_be_such_a_version(marketo):
    with pytest.raises(ValueError, match="There is no version"):
        marketo.server.answer_now("9_9", b"")


# ---------------------------------------------------------------------------------------------------------------------
# Long work


@pytest.mark.parametrize("way", ["answer", "answer_now"])
def test_long_work_knows_of_a_call_while_it_is_done_and_no_longer(way, marketo, monkeypatch):
    seen, run = [], Dispatched.run

    def looked_at(*args):
        seen.append(bool(giving_way._under_way))
        return run(*args)

    monkeypatch.setattr(Dispatched, "run", looked_at)
    answer = getattr(marketo.server, way)
    assert answer("2_9", marketo.envelope(SYNC).encode()).status == 200
    assert answer("2_9", marketo.envelope(GET.format("nobody@example.com")).encode()).status == 500
    assert seen == [True, True]
    assert not giving_way._under_way
