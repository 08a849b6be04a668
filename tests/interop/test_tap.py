"""tap-marketo as it is, in an environment of its own (its versions are old ones): what a warehouse is filled with.

It has the vendor's host name built in and insists on https. It asks how much was used before anything else, extracts
leads and activities in bulk, and reads lists, campaigns and programs. Started again after it was stopped, it looks with
`Range: bytes=0-0` whether the file of before is still there.
"""

from __future__ import annotations

import functools
import json
import os
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from interop.clients import HERE, execute

from mockmkto.cli.exec import intercepted_by
from mockmkto.model import Call
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Settings

TAP = HERE / ".tap-marketo" / "bin" / "tap-marketo"
STREAMS = ("leads", "activities_new_lead", "activities_add_to_list", "lists", "campaigns", "programs")
FIELDS = ("email", "firstName", "unsubscribed", "leadScore")


class Extracted(NamedTuple):
    """What it wrote, by stream, and what it asked."""

    records: dict[str, list[dict[str, Any]]]
    calls: tuple[Call, ...]


def _selected(catalog: dict[str, Any]) -> dict[str, Any]:
    for stream in catalog["streams"]:
        of_leads = stream["tap_stream_id"] == "leads"
        for item in stream["metadata"]:
            place = item["breadcrumb"]
            wanted = not of_leads or place[-1] in FIELDS if place else stream["tap_stream_id"] in STREAMS
            item["metadata"]["selected"] = wanted
    return catalog


def _stopped_at(call: Call, since: str) -> dict[str, Any]:
    """What it remembers when it is stopped while it reads the file of an extract."""
    export_id = (call.endpoint or "").split("/")[-2]
    end = datetime.now(UTC).isoformat(timespec="seconds")
    return {"bookmarks": {"leads": {"updatedAt": since, "export_id": export_id, "export_end": end}}}


@functools.cache
def extracted(folder: Path) -> Extracted:
    """One run of it: what there is to be had, what of that is wanted, and that."""
    chosen = os.environ.get("MOCKMKTO_INTEROP_PYTHON")
    if chosen == "none":
        pytest.skip("tap-marketo is run by make interop alone (MOCKMKTO_INTEROP_PYTHON)")
    if not TAP.exists():
        missing = "tap-marketo is not on this machine: `make interop` installs it"
        (pytest.fail if os.environ.get("MOCKMKTO_INTEROP_REQUIRED") else pytest.skip)(missing)
    config, catalog, state = (folder / f"{name}.json" for name in ("config", "catalog", "state"))
    said = {
        "endpoint": "https://123-ABC-456.mktorest.com/rest",
        "client_id": DEFAULT_CLIENT_ID,
        "client_secret": DEFAULT_CLIENT_SECRET,
        "start_date": f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%dT00:00:00Z}",
        "poll_interval": 1,
    }
    config.write_text(json.dumps(said), encoding="utf-8")
    calls: list[Call] = []
    settings = Settings(port=0, fixture=(str(HERE / "life.yaml"),))
    with MarketoServer(settings, on_call=calls.append) as server, intercepted_by(server, os.environ) as further:
        found = execute([str(TAP), "--config", str(config), "--discover"], **further)
        assert found.code == 0, found.err
        catalog.write_text(json.dumps(_selected(json.loads(found.out))), encoding="utf-8")
        sync = [str(TAP), "--config", str(config), "--properties", str(catalog)]
        done = execute(sync, **further)
        assert done.code == 0, done.err
        first = next(call for call in calls if call.operation == "extracts.file")
        state.write_text(json.dumps(_stopped_at(first, said["start_date"])), encoding="utf-8")
        again = execute([*sync, "--state", str(state)], **further)
        assert again.code == 0, again.err
    records: dict[str, list[dict[str, Any]]] = {}
    for line in done.out.splitlines():
        message = json.loads(line)
        if message["type"] == "RECORD":
            records.setdefault(message["stream"], []).append(message["record"])
    return Extracted(records, tuple(calls))


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Extracted:
    return extracted(tmp_path_factory.mktemp("tap"))


def test_it_extracts_leads_in_bulk(run):
    assert [(lead["id"], lead["email"], lead["unsubscribed"]) for lead in run.records["leads"]] == [
        (1001, "dora@example.com", False)
    ]


@pytest.mark.parametrize(
    ("stream", "shown"),
    [("lists", ["Newsletter"]), ("campaigns", ["Call", "Send Letter", "Score"]), ("programs", ["Welcome"])],
)
def test_it_reads_assets(run, stream, shown):
    assert [record["name"] for record in run.records[stream]] == shown


def test_it_asks_how_much_was_used_before_anything_else(run):
    assert next(call.operation for call in run.calls if call.operation != "identity.token") == "stats.usage"


def test_it_looks_whether_the_file_of_before_is_there_and_reads_it(run):
    first, *others = [call for call in run.calls if call.operation == "extracts.file"]
    looked, read = next((looked, read) for looked, read in pairwise(others) if looked.http_status == 206)
    assert (looked.endpoint, read.endpoint) == (first.endpoint, first.endpoint)
    assert (looked.response, read.response) == (first.response[:1], first.response)


def test_nothing_is_refused(run):
    assert [call.status for call in run.calls if call.fault_code is not None] == []
