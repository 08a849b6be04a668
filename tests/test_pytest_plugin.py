"""Real pytest sessions that use the plugin: what they print, what they isolate, what they cost."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import mockmkto

IMPORTS = "from plain_client import Client, MarketoFault\nimport pytest\n"


@pytest.fixture(scope="module")
def elsewhere():
    """The address of a server in another process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mockmkto", "serve", "--port", "0", "--log-format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(Path(mockmkto.__file__).parents[1])},
        text=True,
    )
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture
def session(pytester, monkeypatch, request):
    """`session(tests)`: runs a file of tests in a process of its own, warnings being errors."""
    for name in ("MOCKMKTO_URL", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(request.config.rootpath / "tests"))
    # Whatever else is installed here has a price of its own.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    options = "--strict-markers --strict-config -p no:cacheprovider -p mockmkto.pytest_plugin"
    pytester.makeini(f"[pytest]\nfilterwarnings = error\naddopts = {options}\n")

    def run(tests: str, *args: str, conftest: str = "", cwd: Path | None = None) -> pytest.RunResult:
        if conftest:
            pytester.makeconftest(conftest)
        pytester.makepyfile(IMPORTS + textwrap.dedent(tests))
        if cwd is not None:
            monkeypatch.chdir(cwd)
        return pytester.runpytest_subprocess(*args, timeout=60)

    return run


def section(result: pytest.RunResult, title: str) -> str:
    """What stands under `--- title ---` in the output."""
    text = result.stdout.str()
    match = re.search(rf"^-+ {title} -+\n(.*?)(?=^[-=_]{{3,}} |\Z)", text, re.DOTALL | re.MULTILINE)
    assert match, text
    return match[1]


def test_every_test_has_a_marketo_of_its_own(session):
    result = session(
        """
        @pytest.mark.parametrize("number", range(5))
        def test_alone(mockmkto, number):
            assert len(mockmkto.leads) == len(mockmkto.calls) == 0
            assert Client.of(mockmkto).sync("ann@example.com", FirstName="Ann") == ("CREATED", 1001)
            assert mockmkto.leads.one(Email="ann@example.com")["FirstName"] == "Ann"
            mockmkto.calls.assert_one("syncLead", status="CREATED")

        def test_they_are_deleted(mockmkto_server):
            import http.client, json
            connection = http.client.HTTPConnection(mockmkto_server.url.partition("//")[2])
            connection.request("GET", "/__admin/subscriptions")
            names = [item["name"] for item in json.load(connection.getresponse())["subscriptions"]]
            connection.close()
            assert names == ["default"]
        """
    )
    result.assert_outcomes(passed=6)


def test_a_failing_test_prints_the_closest_call_and_its_journal(session):
    result = session(
        """
        def test_it(mockmkto):
            client = Client.of(mockmkto)
            client.sync("ann@example.com", FirstName="Anna")
            client.key = "encryption-key"
            with pytest.raises(MarketoFault):
                client.sync("ann@example.com", FirstName="Ann")
            mockmkto.calls.assert_one("syncLead", status="CREATED", FirstName="Ann")
        """
    )
    result.assert_outcomes(failed=1)
    printed = result.stdout.str()
    expected = "expected one call with op:syncLead status:CREATED FirstName='Ann', got none of 2 calls"
    assert f"E       AssertionError: {expected}\n" in printed
    assert "E           status: expected 'CREATED', got '20014'\n" in printed
    assert "def assert_one" not in printed, "the traceback ends in the test"
    journal = section(result, "mockmkto calls")
    assert journal.startswith(
        "call 1: syncLead CREATED lead 1001\n"
        "  sent: Email='ann@example.com', FirstName='Anna'\n"
        "  key Email 'ann@example.com' finds nothing: no lead has it\n"
        "  Website: written, derived from the e-mail\n"
    )
    assert "\ncall 2: syncLead fault 20014: Authentication failed\n" in journal
    assert "\n  signature: The requestSignature is not the one of user 'mockmkto_" in journal


def test_a_failure_of_any_kind_has_its_journal_and_a_passing_test_has_none(session):
    result = session(
        """
        def test_fails_without_a_call(mockmkto):
            assert mockmkto.leads.all()

        def test_passes(mockmkto):
            Client.of(mockmkto).sync("ann@example.com")

        def test_uses_none():
            assert False
        """
    )
    result.assert_outcomes(failed=2, passed=1)
    assert section(result, "mockmkto calls") == "No call has come.\n"
    assert result.stdout.str().count("mockmkto calls") == 1


def test_a_server_that_is_gone_does_not_break_the_report(session):
    result = session(
        """
        def test_it(mockmkto, monkeypatch):
            monkeypatch.setattr(mockmkto, "journal", lambda: 1 / 0)
            assert False, "the reason"
        """
    )
    result.assert_outcomes(failed=1)
    assert "the reason" in result.stdout.str()
    assert section(result, "mockmkto calls") == "the journal cannot be read: division by zero\n"


def test_a_rule_that_never_fired_fails_the_test(session):
    result = session(
        """
        def test_it(mockmkto):
            with mockmkto.faults.add(20024, name="busy", Email="ann@example.com"):
                Client.of(mockmkto).sync("ben@example.com")
        """
    )
    result.stdout.fnmatch_lines(
        ["E *AssertionError: the fault rule busy (fault 20024 for email:ann@example.com) never fired", "E *got 'ben@*"]
    )


def test_the_marker_says_what_the_world_is(session, pytester):
    pytester.makefile(".yaml", world="leads: [{Email: file@example.com}]\n")
    result = session(
        """
        pytestmark = pytest.mark.mockmkto(keyless_leads="create", fixture="demo")

        class TestClass:
            def test_module(self, mockmkto):
                assert len(mockmkto.leads) > 10
                assert mockmkto.switches["keyless_leads"] == "create"

            @pytest.mark.mockmkto(fixture="workspaces", keyless_leads="reject")
            def test_the_nearest_wins(self, mockmkto):
                assert "workspaces:" in mockmkto.export()
                assert mockmkto.switches["keyless_leads"] == "reject"

            @pytest.mark.mockmkto(fixture=None, workspaces=True, frozen="2026-03-14T09:26:53Z")
            def test_bits(self, mockmkto):
                assert mockmkto.clock.mode == "frozen"
                assert "workspaces:" in mockmkto.export()
                assert len(mockmkto.leads) == 0

            @pytest.mark.mockmkto(fixture="world.yaml")
            def test_file(self, mockmkto):
                assert mockmkto.leads.one().email == "file@example.com"

        @pytest.mark.mockmkto("demo")
        def test_misused(mockmkto): ...

        @pytest.mark.mockmkto(keyles_leads="create")
        def test_misspelt(mockmkto): ...
        """
    )
    result.assert_outcomes(passed=4, errors=2)
    result.stdout.fnmatch_lines(
        ["@pytest.mark.mockmkto takes names and values*", "*takes no 'keyles_leads': did you mean 'keyless_leads'?"]
    )


@pytest.mark.parametrize("where", ["in process", "on one server"])
def test_settings_are_overridden_for_a_folder(where, session, pytester, elsewhere):
    pytester.makefile(".yaml", world="leads: [{Email: file@example.com}]\n")
    result = session(
        """
        def test_it(mockmkto):
            assert mockmkto.leads.one().email == "file@example.com"
            assert mockmkto.switches["keyless_leads"] == "create"
        """,
        *(["--mockmkto-url", elsewhere] if where == "on one server" else []),
        conftest="""
            import pytest

            @pytest.fixture(scope="session")
            def mockmkto_settings():
                return {"fixture": ["world.yaml"], "keyless_leads": "create"}
        """,
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("how", ["option", "variable", "ini"])
def test_a_server_that_runs_elsewhere_is_used_instead(how, session, elsewhere, monkeypatch):
    args = {"option": ["--mockmkto-url", elsewhere], "ini": ["-o", f"mockmkto_url={elsewhere}"]}.get(how, [])
    if how == "variable":
        monkeypatch.setenv("MOCKMKTO_URL", elsewhere)
    result = session(
        f"""
        def test_it(mockmkto, mockmkto_server):
            assert mockmkto.url == mockmkto_server.url == {elsewhere!r}
            Client.of(mockmkto).sync("ann@example.com")
            mockmkto.calls.assert_one("syncLead")
            assert len(mockmkto_server.leads) == 0
        """,
        *args,
    )
    result.assert_outcomes(passed=1)


MANY = """
@pytest.mark.parametrize("number", range(300))
def test_nobody_else_is_here(mockmkto, number):
    client = Client.of(mockmkto)
    assert client.sync("ann@example.com", FirstName=str(number)) == ("CREATED", 1001)
    assert client.sync("ann@example.com") == ("UPDATED", 1001)
    assert mockmkto.leads.one()["FirstName"] == str(number)
    mockmkto.calls.assert_count(2, "syncLead", Email="ann@example.com")
"""


@pytest.mark.parametrize("where", ["in process", "on one server"])
def test_hundreds_of_tests_in_two_workers_see_nobody_elses_leads(where, session, elsewhere):
    pytest.importorskip("xdist")
    url = ["--mockmkto-url", elsewhere] if where == "on one server" else []
    session(MANY, "-p", "xdist", "-n", "2", "-q", *url).assert_outcomes(passed=300)


def test_threads_and_unittest_and_no_warning(session):
    result = session(
        """
        import threading, unittest
        from concurrent.futures import ThreadPoolExecutor

        def test_threads(mockmkto):
            client = Client.of(mockmkto)
            with ThreadPoolExecutor(8) as pool:
                statuses = list(pool.map(lambda number: client.sync(f"{number % 4}@example.com")[0], range(40)))
                counts = set(pool.map(lambda _: len(mockmkto.leads), range(40)))
            assert (statuses.count("CREATED"), counts) == (4, {4})
            mockmkto.calls.assert_count(40)

        class CaseTest(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _marketo(self, mockmkto):
                self.marketo = mockmkto

            def test_case(self):
                Client.of(self.marketo).sync("ann@example.com")
                self.assertEqual(self.marketo.leads.one().email, "ann@example.com")
        """,
        "-W",
        "error",
    )
    result.assert_outcomes(passed=2)
    assert "warnings summary" not in result.stdout.str()


def test_a_session_that_does_not_use_it_imports_nothing_of_it(pytester, monkeypatch):
    """The fixture's price is paid by who asks for it."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # what else is installed here has its own price
    pytester.makeconftest(
        """
        import pathlib, sys
        def pytest_unconfigure():
            pathlib.Path("imported").write_text(" ".join(sys.modules))
        """
    )
    pytester.makepyfile("def test_it(): ...")
    pytester.run(sys.executable, "-m", "pytest", "-p", "mockmkto.pytest_plugin").assert_outcomes(passed=1)
    imported = set((pytester.path / "imported").read_text().split())
    assert {name for name in imported if name.startswith("mockmkto")} == {"mockmkto", "mockmkto.pytest_plugin"}
    assert not imported & {"msgspec", "lxml", "sqlalchemy", "spyne", "werkzeug", "httptools", "yaml", "http.client"}


def test_the_fixtures_and_the_marker_are_listed(pytester):
    text = pytester.runpytest_subprocess("--fixtures", "--markers").stdout.str()
    assert "@pytest.mark.mockmkto(fixture=None, frozen=None, workspaces=None, credential=None, client=None, " in text
    text = pytester.runpytest_subprocess("--fixtures", "-q").stdout.str()
    assert re.search(r"^mockmkto -- .*\n +A Marketo of the test's own", text, re.MULTILINE)
    assert "mockmkto_server [session scope] -- " in text
    assert "mockmkto_settings [session scope] -- " in text


# ---------------------------------------------------------------------------------------------------------------------
# What a test's Marketo is made from


def test_a_path_is_beside_the_test_or_under_the_rootdir(session, pytester):
    for folder, name in (("tests", "beside"), (".", "rooted")):
        (pytester.path / folder).mkdir(exist_ok=True)
        (pytester.path / folder / f"{name}.yaml").write_text(f"leads: [{{Email: {name}@example.com}}]\n")
    (pytester.path / "tests" / "test_paths.py").write_text(
        textwrap.dedent(
            """
            import pytest

            @pytest.mark.mockmkto(fixture="beside.yaml")
            def test_beside(mockmkto):
                assert mockmkto.leads.one().email == "beside@example.com"

            @pytest.mark.mockmkto(fixture="rooted.yaml")
            def test_rooted(mockmkto):
                assert mockmkto.leads.one().email == "rooted@example.com"

            @pytest.mark.mockmkto(fixture="nowhere.yaml")
            def test_nowhere(mockmkto): ...
            """
        )
    )
    elsewhere = pytester.mkdir("elsewhere")
    result = session("", "-c", str(pytester.path / "tox.ini"), str(pytester.path / "tests"), cwd=elsewhere)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["mockmkto: there is no fixture file nowhere.yaml; looked in */tests, *, */elsewhere"])


def test_what_it_cannot_be_made_from_is_said_without_a_traceback(session):
    result = session(
        """
        @pytest.mark.mockmkto(fixture={"leads": [{"email": "ann@example.com"}]})
        def test_world(mockmkto): ...

        @pytest.mark.mockmkto(keyless_leads="maybe")
        def test_switch(mockmkto): ...

        def test_words(mockmkto):
            mockmkto.calls.assert_none(stauts="CREATED")
        """
    )
    result.assert_outcomes(failed=1, errors=2)
    printed = result.stdout.str()
    assert "mockmkto cannot make the subscription of this test: " in printed
    assert "leads[0].email: unknown key (did you mean 'Email'?)" in printed
    assert "did you mean 'status'?" in printed
    assert "mockmkto/sandbox/" not in printed.replace("\\", "/")


def test_a_credential_of_the_marker(session):
    session(
        """
        @pytest.mark.mockmkto(credential="acme:acme-key")
        def test_it(mockmkto):
            assert (mockmkto.user_id, mockmkto.encryption_key) == ("acme", "acme-key")
            Client.of(mockmkto).sync("ann@example.com")
        """
    ).assert_outcomes(passed=1)


def test_a_client_of_the_marker(session):
    session(
        """
        @pytest.mark.mockmkto(client="acme:its-secret")
        def test_it(mockmkto, mockmkto_async):
            assert (mockmkto.client_id, mockmkto.client_secret) == ("acme", "its-secret")
            for name in ("rest_endpoint", "identity_endpoint", "client_id", "client_secret"):
                assert getattr(mockmkto_async, name) == getattr(mockmkto, name)
        """
    ).assert_outcomes(passed=1)


def test_tests_share_one_where_they_ask_for_it(session):
    result = session(
        """
        pytestmark = pytest.mark.mockmkto(fixture="demo")

        @pytest.mark.parametrize("number", range(2))
        def test_a_module_shares(mockmkto_module, mockmkto_session, number):
            assert len(mockmkto_module.leads) > 10
            assert len(mockmkto_module.calls) == len(mockmkto_session.calls) == number
            Client.of(mockmkto_module).sync("ann@example.com")
            Client.of(mockmkto_session).sync("ann@example.com")

        def test_it_is_reported(mockmkto_session):
            assert False
        """
    )
    result.assert_outcomes(passed=2, failed=1)
    assert "call 1: syncLead CREATED lead 1001" in section(result, "mockmkto calls")


# ---------------------------------------------------------------------------------------------------------------------
# Strict


STRICT = """
def test_a_fault(mockmkto):
    with pytest.raises(MarketoFault):
        Client.of(mockmkto).get("nobody@example.com")

def test_a_warning(mockmkto):
    Client.of(mockmkto).sync("ann@example.com", firstname="Ann")

def test_asserted(mockmkto):
    test_a_fault(mockmkto)
    mockmkto.calls.assert_one(fault=20103)

def test_expected(mockmkto):
    mockmkto.calls.expect("getLead", fault=20103)
    test_a_fault(mockmkto)

def test_injected(mockmkto):
    with mockmkto.faults.add(20015), pytest.raises(MarketoFault):
        Client.of(mockmkto).get("nobody@example.com")

def test_nothing(mockmkto):
    Client.of(mockmkto).sync("ann@example.com", FirstName="Ann")

@pytest.mark.mockmkto(strict=False)
def test_lenient(mockmkto):
    test_a_fault(mockmkto)

def test_that_none_was_so_expects_nothing(mockmkto):
    test_a_fault(mockmkto)
    mockmkto.calls.assert_none(fault=20101)
"""


@pytest.mark.parametrize("how", ["option", "ini", "marker"])
def test_in_strict_mode_what_was_not_expected_fails_the_test(how, session):
    args = {"option": ["--mockmkto-strict"], "ini": ["-o", "mockmkto_strict=true"]}.get(how, [])
    marker = "pytestmark = pytest.mark.mockmkto(strict=True)\n" if how == "marker" else ""
    result = session(marker + STRICT, *args)
    result.assert_outcomes(passed=5, failed=3)
    result.stdout.fnmatch_lines(
        [
            "a call was answered with a fault or a warning that the test did not expect:",
            "  call 1: getLead fault 20103*",
        ]
    )


def test_without_strict_mode_nothing_is_asked(session):
    session(STRICT).assert_outcomes(passed=8)


# ---------------------------------------------------------------------------------------------------------------------
# In an event loop


def test_the_handle_in_an_event_loop(session):
    session(
        """
        import asyncio

        def test_it(mockmkto_async):
            marketo = mockmkto_async

            async def test():
                client = Client(marketo.endpoint, marketo.user_id, marketo.encryption_key)
                waiting = asyncio.create_task(marketo.calls.wait_for("syncLead", Email="ann@example.com"))
                ticks = 0
                while not waiting.done():  # the loop runs on while it waits
                    ticks += 1
                    if ticks == 3:
                        await asyncio.to_thread(client.sync, "ann@example.com", FirstName="Ann")
                    await asyncio.sleep(0)
                assert [call.status for call in waiting.result()] == ["CREATED"]
                assert (await marketo.leads.one(Email="ann@example.com"))["FirstName"] == "Ann"
                assert await marketo.leads.count() == 1
                assert [call.operation async for call in marketo.calls] == ["syncLead"]
                async with marketo.snapshot():
                    await marketo.leads.add(Email="ben@example.com")
                    assert await marketo.leads.count() == 2
                assert await marketo.leads.count() == 1
                await marketo.clock.freeze("2026-03-14T09:26:53Z")
                assert (await marketo.clock.now).isoformat() == "2026-03-14T09:26:53+00:00"
                with pytest.raises(AssertionError, match="never fired"):
                    async with marketo.faults.add(20024):
                        pass
                with pytest.raises(AttributeError):
                    marketo.leds

            asyncio.run(test())
        """
    ).assert_outcomes(passed=1)
