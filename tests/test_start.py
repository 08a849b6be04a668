"""What a server has imported when it has answered its first call, and that it knows all that it may have to do."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

from asking import ask
from support import NOW, Marketo

from mockmkto.store.local import LocalBackend
from mockmkto.store.registry import Registry

START = """
import json, sys
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import Settings
with MarketoServer(Settings(port=0)) as server:
    print(json.dumps(sorted(sys.modules)))
"""

# Each costs a start a hundredth or more, and only some need it: it is imported by the first who does.
LATER = (
    "mockmkto.cli",
    "mockmkto.engine.absorbing",
    "mockmkto.engine.campaigns",
    "mockmkto.engine.imports",
    "mockmkto.engine.objects",
    "mockmkto.engine.reading_log",
    "mockmkto.intercept",
    "mockmkto.migration",
    "mockmkto.rest.call",
    "mockmkto.rest.envelope",
    "mockmkto.rest.operations",
    "mockmkto.rest.server",
    "mockmkto.sandbox",
    "mockmkto.soap.forms",
    "mockmkto.soap.wsdl",
    "mockmkto.store.bulk",
    "mockmkto.store.campaigns",
    "mockmkto.store.listing",
    "mockmkto.store.objects",
    "mockmkto.store.schemas",
    "mockmkto.store.searching",
    "mockmkto.traffic",
    "mockmkto.web.admin",
    "mockmkto.web.app",
    "mockmkto.web.console",
    "mockmkto.worlds.checking",
    "mockmkto.worlds.files",
    "mockmkto.worlds.reading",
    "mockmkto.worlds.schema",
    "cryptography",
    "jinja2",
    "psycopg",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.orm",
    "werkzeug",
    "yaml",
)
FAMILIES = {"leads"}  # of operations: that of the call which a server answers itself
HELPERS = {"declaring", "keys", "lead_records", "mapping", "selecting", "showing"}
MOST_MODULES = 145  # of ours; a new one that every start needs may raise it, one that it does not need is to come later


def run(program: str, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    ).stdout


def test_a_server_starts_without_what_its_first_call_does_not_need():
    modules = json.loads(run(START))
    assert [name for name in modules if any(f"{name}.".startswith(f"{later}.") for later in LATER)] == []
    operations = {name.split(".")[3] for name in modules if name.startswith("mockmkto.soap.operations.")}
    assert operations - HELPERS == FAMILIES
    assert len([name for name in modules if name.startswith("mockmkto.")]) <= MOST_MODULES


WORLD = """
leads: [{Id: 1001, Email: ann@example.com}]
programs: [{name: Demo}]
lists: [{name: News, members: [1001]}]
campaigns:
- {id: 2003, name: Monthly, program: Demo, type: batch, audience: News, effects: [{set: {LeadStatus: Called}}]}
"""
CARRY_ON = """
import sys
from datetime import timedelta
from pathlib import Path
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import Settings
from mockmkto.store import leads
with MarketoServer(Settings(port=0, data_dir=Path(sys.argv[1]))) as server:
    assert "mockmkto.engine.scheduling" not in sys.modules
    database = server.registry.get("default")
    with database.transaction() as session:
        session.clock = session.clock.advance(timedelta(hours=2))
    with database.transaction() as session:
        print(leads.by_id(session, 1001).attributes["LeadStatus"])
"""


def test_a_server_that_starts_over_data_does_what_was_put_off_there(tmp_path):
    registry = Registry(LocalBackend(tmp_path))
    marketo = Marketo(WORLD, registry=registry)
    run_at = (NOW + timedelta(hours=1)).isoformat()
    ask(marketo, "scheduleCampaign", {"programName": "Demo", "campaignName": "Monthly", "campaignRunAt": run_at})
    registry.close()
    assert run(CARRY_ON, str(tmp_path)) == "Called\n"
