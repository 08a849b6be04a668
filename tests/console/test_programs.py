"""The programs that the console writes are run: a first call in every language, and a call sent again by its copy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from console_support import HOSTILE, Sandbox
from msgspec.structs import replace

from mockmkto.model import Call
from mockmkto.rest.incoming import Incoming
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import Settings
from mockmkto.soap.composing import Composed, sync_lead
from mockmkto.web.console.copying import as_program
from mockmkto.web.console.rest_copying import as_program as rest_program
from mockmkto.web.console.snippets import LANGUAGES, REST_LANGUAGES, first_call, first_rest_call

TOOLS = {"curl": ["sh"], "Python": ["python3"], "PHP": ["php"], "Java": ["java"], "Ruby": ["ruby"], "Node": ["node"]}
NEEDS = {"curl": ["sh", "curl", "openssl"], ".NET": ["mcs", "mono"]}
NAMES = {"Java": "FirstCall.java", ".NET": "FirstCall.cs"}


@pytest.fixture
def sandbox():
    with MarketoServer(Settings(port=0, fixture=("empty",))) as server:
        yield Sandbox(server.url, "empty")


def run(language: str, program: str, folder, **variables: str) -> str:
    missing = [tool for tool in NEEDS.get(language, TOOLS.get(language, [])[:1]) if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"there is no {', '.join(missing)}")
    file = folder / NAMES.get(language, "program")
    file.write_text(program, encoding="utf-8")
    command = [*TOOLS.get(language, []), str(file)]
    if language == ".NET":
        compiled = str(folder / "first.exe")
        build = ["mcs", "-r:System.Net.Http", f"-out:{compiled}", str(file)]
        subprocess.run(build, check=True, capture_output=True, timeout=120)
        command = ["mono", compiled]
    ran = subprocess.run(
        command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, timeout=120, check=False
    )
    return ran.stdout + ran.stderr


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda item: item.name)
def test_a_first_call_creates_the_lead(language, sandbox, tmp_path):
    key = sandbox.credential["encryption_keys"][0]
    endpoint = f"{sandbox.url}/soap/mktows/3_1"
    said = run(language.name, first_call(language, endpoint, sandbox.credential["user_id"], key), tmp_path)
    assert "<status>CREATED</status>" in said, said
    assert sandbox.admin("GET", "/leads")["leads"][0]["attributes"]["FirstName"] == "Ann"


@pytest.mark.parametrize("language", REST_LANGUAGES, ids=lambda item: item.name)
def test_a_first_call_over_rest_creates_the_lead(language, sandbox, tmp_path):
    client = sandbox.client
    program = first_rest_call(language, sandbox.url, client["client_id"], client["client_secrets"][0])
    said = run(language.name.partition(",")[0], program, tmp_path)
    assert '"status":"created"' in said, said
    assert sandbox.admin("GET", "/leads")["leads"][0]["attributes"]["FirstName"] == "Ann"


@pytest.mark.parametrize(
    "value", ["Ann", HOSTILE.replace("\n", ""), "$(touch hacked)`touch hacked`'\"\\\n?>EOF\nEND_OF_REQUEST\n"]
)
@pytest.mark.parametrize("language", ["curl", "Python", "PHP"])
def test_a_copied_call_sends_what_was_sent_and_runs_nothing_of_it(language, value, sandbox, tmp_path):
    user_id, (key,) = sandbox.credential["user_id"], sandbox.credential["encryption_keys"]
    body = sync_lead(Composed(email="ann@example.com", attributes={"Address": value})).replace(
        b"<SOAP-ENV:Header/>",
        b"<SOAP-ENV:Header><ns1:AuthenticationHeader><mktowsUserId>"
        + user_id.encode()
        + b"</mktowsUserId><requestSignature>old"
        b"</requestSignature><requestTimestamp>old</requestTimestamp></ns1:AuthenticationHeader></SOAP-ENV:Header>",
    )
    call = Call(datetime.now(UTC), "3_1", body, b"", 200, "CREATED", 1.0)
    program = as_program(language, call, f"{sandbox.url}/soap/mktows/3_1", user_id, None)
    assert key not in program
    said = run(language, program, tmp_path, MARKETO_ENCRYPTION_KEY=key)
    assert "<status>CREATED</status>" in said, said
    assert sandbox.admin("GET", "/leads")["leads"][0]["attributes"]["Address"] == value
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize("value", ["Ann", "$(touch hacked)`touch hacked`'\"\\\n?>EOF\nEND_OF_REQUEST\n"])
@pytest.mark.parametrize("language", ["curl", "Python", "PHP"])
def test_a_copied_call_over_rest_does_what_it_did_and_runs_nothing_of_it(language, value, sandbox, tmp_path):
    client = sandbox.client
    body = json.dumps(
        {"input": [{"email": "ann@example.com", "address": value}]}, ensure_ascii=False, indent=1
    ).encode()
    for incoming, answered in (
        (Incoming("POST", "/rest/v1/leads.json", "", body, "application/json"), '"status":"created"'),
        (Incoming("GET", "/rest/v1/leads.json", "filterType=email&filterValues=ann%40example.com'"), '"result":[]'),
    ):
        program = rest_program(language, incoming, sandbox.url)
        secrets = {"MARKETO_CLIENT_ID": client["client_id"], "MARKETO_CLIENT_SECRET": client["client_secrets"][0]}
        said = run(language, program, tmp_path, **secrets)
        assert answered in said, said
    assert sandbox.admin("GET", "/leads")["leads"][0]["attributes"]["Address"] == value
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize("language", ["curl", "Python", "PHP"])
def test_where_the_clock_is_not_this_machines_the_copy_signs_at_its_time(language):
    call = replace(Call(datetime.now(UTC), "3_1", b"\xff", b"", 200, "Client", 1.0))
    assert "'2030-01-01T00:00:00+00:00'" in as_program(language, call, "http://x", "u'\\", "2030-01-01T00:00:00+00:00")
