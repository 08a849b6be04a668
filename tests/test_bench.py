from __future__ import annotations

import json

import pytest
from support import Marketo

from bench import measures
from bench.__main__ import main
from bench.calls import Operation, RequestMaker, email_of
from bench.client import Round, WrongAnswerError, measure
from bench.processes import seconds_to_first_answer
from bench.report import Figure, as_table
from bench.server import canned_app, copy, fill
from mockmkto.serving import HttpServer
from mockmkto.store import leads


@pytest.fixture
def requests():
    return RequestMaker.signed_now().make(Operation.UPDATE, 7, 3)


@pytest.mark.parametrize("connections", [1, 3, 8])
def test_every_request_is_sent_and_timed(requests, connections):
    with HttpServer(canned_app(b"<status>UPDATED</status>")) as server:
        measured = measure(server.port, requests, b"UPDATED", connections)
    assert len(measured.latencies) == 7
    assert list(measured.latencies) == sorted(measured.latencies)
    assert 0 < measured.latencies[0] <= measured.latencies[-1] <= measured.seconds


@pytest.mark.parametrize("connections", [1, 3])
def test_a_fault_is_never_measured(requests, connections):
    with (
        HttpServer(canned_app(b"<faultcode>SOAP-ENV:Client</faultcode>")) as server,
        pytest.raises(WrongAnswerError, match="SOAP-ENV:Client"),
    ):
        measure(server.port, requests, b"UPDATED", connections)


def test_percentiles_and_rates():
    measured = Round(2.0, [number / 100 for number in range(100)])
    assert (measured.percentile(50), measured.percentile(99), measured.per_second) == (0.5, 0.99, 50)


def test_requests_are_as_long_as_each_other_and_reach_every_lead():
    maker = RequestMaker.signed_now()
    updates, creates = maker.make(Operation.UPDATE, 30, 10), maker.make(Operation.CREATE, 30, 10)
    assert len({len(request) for request in updates}) == 1
    assert len(set(updates)) == len(set(creates)) == 30
    assert all(any(email_of(number).encode() in request for request in updates) for number in range(10))


def test_loaded_leads_are_found_and_new_ids_start_above_them():
    marketo = Marketo()
    fill(marketo.database, 25)
    with marketo.database.transaction() as session:
        assert leads.count(session) == 25
        assert leads.ids_by_email(session, email_of(24)) == (1025,)
    assert marketo.sync(Email="new@example.com").lead_id == 1026


def test_copies_of_loaded_leads_are_a_baseline_and_a_snapshot():
    marketo = Marketo()
    fill(marketo.database, 25)
    copy(marketo.registry, "default")
    with marketo.database.transaction() as session:
        session.empty()
    marketo.registry.reset("default")
    with marketo.database.transaction() as session:
        assert leads.count(session) == 25
    assert [item.leads for item in marketo.database.snapshots.all()] == [25]


def test_a_start_is_timed_to_an_answer():
    (request,) = RequestMaker.signed_now().make(Operation.CREATE, 1, 0)
    assert seconds_to_first_answer(request, b"<status>CREATED</status>") > 0


def test_a_small_run_gives_every_figure(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(measures, "QUICK", measures.Plan((10, 20), 1, 2, 9, 1, 4, 2))
    parts = ["--only", "sync_lead", "--only", "resets", "--only", "memory"]
    assert main(["--quick", *parts, "--json", str(tmp_path / "figures.json")]) == 0
    written = json.loads((tmp_path / "figures.json").read_text())
    assert {figure["section"] for figure in written["figures"]} == {
        "resident memory",
        "10 leads in memory",
        "syncLead update, 1 connection",
        "syncLead create, 1 connection",
        "syncLead update, 8 connections",
        "syncLead create, 8 connections",
    }
    assert all(figure["value"] > 0 for figure in written["figures"] if not figure["name"].startswith("growth"))
    assert "20 leads: p50" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "floor", "target", "ratio", "reached"),
    [
        (0.5, 0.1, 0.8, 5.0, True),
        (0.8, None, 0.8, None, True),
        (0.9, 0.1, 0.8, 9.0, False),
        (0.9, 0.1, None, 9.0, None),
        (None, 0.1, 0.8, None, None),
    ],
)
def test_a_figure_knows_its_ratio_and_whether_it_is_reached(value, floor, target, ratio, reached):
    figure = Figure("section", "name", value, "ms", floor, target)
    assert figure.ratio == (pytest.approx(ratio) if ratio else None)
    assert figure.reached is reached


def test_the_table_is_aligned():
    table = as_table([Figure("memory", "idle", 61.44, "MB", 24.4, 70), Figure("memory", "calls", 12345.6, "1/s")])
    assert table.splitlines() == [
        "          value  unit  floor  ratio   target  reached",
        "",
        "memory",
        "  idle     61.4  MB     24.4   2.52  <= 70.0      yes",
        "  calls  12,346  1/s",
    ]


@pytest.mark.sqlite
def test_a_lead_takes_little_in_memory():
    """So that a million with their baseline and a snapshot are a gigabyte: 264 bytes of pages in each copy."""
    marketo = Marketo()

    def megabytes() -> float:
        with marketo.database.transaction() as session:
            pages, size = (session.connection.exec_driver_sql(f"PRAGMA page_{of}").scalar() for of in ("count", "size"))
            return pages * size / 1e6

    before = megabytes()
    fill(marketo.database, 20_000)
    assert megabytes() - before < 0.02 * 270
