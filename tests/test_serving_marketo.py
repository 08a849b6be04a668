"""A whole server: the order in which it becomes ready, the settings it applies, and a data dir over a restart."""

from __future__ import annotations

import errno
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress

import pytest
from support import NS, SOAP, Answer

from mockmkto import auth
from mockmkto.bounds import SMALL_REQUEST
from mockmkto.errors import Code, MarketoError
from mockmkto.serving import CannotServe, data_dir, marketo
from mockmkto.serving.marketo import MarketoServer, NotReadyError
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, DEFAULT_USER_ID, Settings
from mockmkto.store import leads
from mockmkto.store.registry import DuplicateUserError
from mockmkto.worlds import FixtureError

DEFAULT = (DEFAULT_USER_ID, DEFAULT_ENCRYPTION_KEY)
GIVEN = ("given", "given-encryption-key")
ONE = "{leads: [{Id: 1, Email: ann@example.com}], behaviour: {keyless_leads: reject}}"
TWO = """
subscriptions:
  - {subscription: first, credentials: [{user_id: one, encryption_keys: [key-of-one]}], leads: [{Id: 1}]}
  - {subscription: second, credentials: [{user_id: two, encryption_keys: [key-of-two]}], leads: [{Id: 2}]}
"""


@pytest.fixture
def fixture(tmp_path):
    """A fixture file with this text."""

    def write(text: str, name: str = "world.yaml") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@contextmanager
def serving(**settings):
    calls = []
    with MarketoServer(Settings(port=0, **settings), calls.append) as server:
        server.seen = calls
        yield server


def ask(url: str, body: bytes | None = None) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body), timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def sync(server: MarketoServer, record: str, credential: tuple[str, str] = DEFAULT) -> Answer:
    user_id, key = credential
    database = server.registry.get(
        (server.registry.credential(user_id) or server.registry.credentials()[0]).subscription
    )
    with database.transaction() as session:
        timestamp = session.now.isoformat(timespec="seconds")
    body = (
        f'<e:Envelope xmlns:e="{SOAP}" xmlns:m="{NS}"><e:Header><m:AuthenticationHeader><mktowsUserId>{user_id}'
        f"</mktowsUserId><requestSignature>{auth.sign(user_id, key, timestamp)}</requestSignature><requestTimestamp>"
        f"{timestamp}</requestTimestamp></m:AuthenticationHeader></e:Header><e:Body><m:paramsSyncLead><leadRecord>"
        f"{record}</leadRecord><returnLead>true</returnLead></m:paramsSyncLead></e:Body></e:Envelope>"
    )
    status, answer = ask(server.endpoint, body.encode())
    return Answer(status, answer, server.seen[-1])


# ---------------------------------------------------------------------------------------------------------------------
# Ready


def test_without_any_setting_it_serves_the_empty_world_to_the_default_credential():
    with serving() as server:
        answer = sync(server, "<Email>new@example.com</Email>")
        assert (answer.status, answer.lead_id) == ("CREATED", 1001)
        assert server.registry.names() == ("default",)


def test_until_the_fixtures_are_loaded_it_is_alive_and_not_ready(monkeypatch, fixture):
    seen = {}
    load = marketo.load
    server = MarketoServer(Settings(port=0, fixture=(fixture(ONE),)))

    def loading(world, registry):
        for path in ("/livez", "/readyz"):
            seen[path] = ask(server.url + path)[0]
        seen["call"] = ask(server.endpoint, b"<early/>")[0]
        return load(world, registry)

    monkeypatch.setattr(marketo, "load", loading)
    with server:
        assert ask(server.url + "/readyz")[0] == 200
    assert seen == {"/livez": 200, "/readyz": 503, "call": 503}


def test_ready_means_that_one_call_was_answered_inside_and_nobody_sees_it(fixture, caplog):
    caplog.set_level("INFO")
    answered = []
    with serving(fixture=(fixture(ONE),)) as server:
        answered += server.seen
        assert ask(server.url + "/readyz") == (200, b"ready\n")
    assert answered == []
    assert "getLead" not in caplog.text


def test_a_server_that_answers_with_an_error_of_its_own_does_not_start(monkeypatch):
    def broken(*_):
        raise MarketoError(Code.INTERNAL_ERROR)

    monkeypatch.setattr("mockmkto.soap.operations.leads.get_lead", broken)
    server = MarketoServer(Settings(port=0))
    with pytest.raises(NotReadyError):
        server.start()


def test_a_blocked_first_credential_does_not_stop_it(fixture):
    text = "credentials: [{user_id: a, encryption_keys: [k], blocked: true}, {user_id: b, encryption_keys: [kb]}]"
    with serving(fixture=(fixture(text),)) as server:
        assert sync(server, "<Email>x@example.com</Email>", ("b", "kb")).status == "CREATED"


def test_a_wrong_fixture_stops_it_before_anything_is_made(fixture, tmp_path):
    files = (fixture(ONE), fixture("leads: 5", "wrong.yaml"))
    with pytest.raises(FixtureError):
        MarketoServer(Settings(port=0, fixture=files, data_dir=tmp_path / "data"))
    assert not (tmp_path / "data").exists()


def test_an_address_that_is_taken_leaves_nothing_open(fixture):
    with serving() as server:
        other = MarketoServer(Settings(port=int(server.url.rpartition(":")[2])))
        with pytest.raises(CannotServe):
            other.start()
        assert ask(server.url + "/readyz")[0] == 200


def test_a_start_that_fails_stops_listening(monkeypatch):
    def broken(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(marketo, "load", broken)
    server = MarketoServer(Settings(port=0))
    with pytest.raises(OSError, match="the disk is full"):
        server.start()
    monkeypatch.undo()
    with serving() as again:
        assert ask(again.url + "/livez")[0] == 200


def test_the_addresses_that_it_names_are_those_that_answer():
    with serving() as server:
        assert server.endpoint == f"{server.url}/soap/mktows/3_1"
        assert server.wsdl_url == f"{server.endpoint}?WSDL"
        assert ask(server.wsdl_url)[0] == 200
    with serving(public_url="https://mkto.example.com") as server:
        assert server.endpoint == "https://mkto.example.com/soap/mktows/3_1"
        assert b'location="https://mkto.example.com/soap/mktows/3_1"' in ask(f"{server.url}/soap/mktows/3_1?wsdl")[1]


# ---------------------------------------------------------------------------------------------------------------------
# Settings


def test_a_switch_overrides_what_the_fixture_says_and_a_reset_keeps_it(fixture):
    with serving(fixture=(fixture(ONE),), switches={"keyless_leads": "create"}) as server:
        assert sync(server, "").status == "CREATED"
        server.registry.reset("default")
        assert sync(server, "").lead_id == 2


def test_switches_rule_every_subscription(fixture):
    with serving(fixture=(fixture(TWO),), switches={"keyless_leads": "create"}) as server:
        for credential in (("one", "key-of-one"), ("two", "key-of-two")):
            assert sync(server, "", credential).status == "CREATED"


@pytest.mark.parametrize(
    ("given", "accepted", "refused"),
    [
        pytest.param((GIVEN,), [GIVEN], [DEFAULT], id="it replaces the built-in one"),
        pytest.param((GIVEN, ("given", "second-key")), [GIVEN, ("given", "second-key")], [DEFAULT], id="two keys"),
        pytest.param((GIVEN, ("other", "k")), [GIVEN, ("other", "k")], [DEFAULT], id="two users"),
        pytest.param(((DEFAULT_USER_ID, "my-own-key"),), [(DEFAULT_USER_ID, "my-own-key")], [DEFAULT], id="same user"),
        pytest.param((), [DEFAULT], [GIVEN], id="none"),
    ],
)
def test_credentials_that_are_given(given, accepted, refused):
    with serving(credential=given) as server:
        for credential in accepted:
            assert sync(server, "<Email>a@example.com</Email>", credential).http_status == 200
        for credential in refused:
            assert sync(server, "<Email>a@example.com</Email>", credential).code == "20014"


def test_credentials_of_a_fixture_stay_beside_those_that_are_given(fixture):
    with serving(fixture=(fixture(TWO),), credential=(GIVEN,)) as server:
        assert server.registry.credential("given").subscription == "first"
        assert {item.user_id for item in server.registry.credentials()} == {"one", "two", "given"}


def test_given_credentials_open_default_wherever_it_stands(fixture):
    files = (fixture(TWO), fixture("subscription: default", "default.yaml"))
    with serving(fixture=files, credential=(GIVEN,)) as server:
        assert server.registry.credential("given").subscription == "default"


OWN_CLIENTS = """
clients:
  - {client_id: own, client_secrets: [s], user: own@example.com, permissions: [Read-Only Lead]}
  - {client_id: mockmkto-client, client_secrets: [mockmkto-client-secret]}
"""


@pytest.mark.parametrize(
    ("text", "given", "there"),
    [
        ("{}", (), {"mockmkto-client": ("mockmkto-client-secret",)}),
        ("{}", (("a", "x"), ("a", "y"), ("b", "z")), {"a": ("x", "y"), "b": ("z",)}),
        ("{}", (("mockmkto-client", "mine"),), {"mockmkto-client": ("mine",)}),
        (OWN_CLIENTS, (("a", "x"),), {"own": ("s",), "a": ("x",)}),
        (OWN_CLIENTS, (("own", "x"),), {"own": ("x",)}),
        ("credentials: [{user_id: one, encryption_keys: [k]}]", (), {"mockmkto-client": ("mockmkto-client-secret",)}),
    ],
    ids=["none", "instead of the built-in one", "its own secret", "beside a fixture's", "a fixture's", "built-in"],
)
def test_clients_that_are_given(fixture, tmp_path, text, given, there):
    settings = {"fixture": (fixture(text),), "client": given, "data_dir": tmp_path / "data"}
    for _ in range(2):  # the second time it is there already
        with serving(**settings) as server:
            server.registry.reset("default")
            assert {item.client_id: item.secrets for item in server.registry.clients("default")} == there
            own = server.registry.client("own")
            assert own is None or (own.user, own.permissions) == ("own@example.com", ("Read-Only Lead",))


@pytest.mark.parametrize(("log_format", "start"), [("text", "20"), ("json", "{")])
def test_each_call_is_one_log_line_in_the_format_that_is_set(caplog, log_format, start):
    caplog.set_level("INFO", "mockmkto.calls")
    with serving(log_format=log_format) as server:
        sync(server, "<Email>a@example.com</Email>")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "mockmkto.calls"]
    assert line.startswith(start)
    assert "CREATED" in line


def test_a_body_beyond_the_limit_is_413():
    with serving(max_body=1000) as server:
        assert ask(server.endpoint, b"x" * 1001)[0] == 413


# ---------------------------------------------------------------------------------------------------------------------
# A data dir


def count(server: MarketoServer, name: str = "default") -> int:
    with server.registry.get(name).transaction() as session:
        return leads.count(session)


def test_a_restart_goes_on_where_it_was_and_a_reset_returns_to_the_fixture(fixture, tmp_path):
    settings = {"fixture": (fixture(ONE),), "data_dir": tmp_path / "data"}
    with serving(**settings) as server:
        assert sync(server, "<Email>new@example.com</Email>").lead_id == 2
    with serving(**settings) as server:
        assert count(server) == 2
        assert sync(server, "<Email>new@example.com</Email>").status == "UPDATED"
        assert sync(server, "<Email>newer@example.com</Email>").lead_id == 3
        server.registry.reset("default")
        assert count(server) == 1
        assert sync(server, "<Email>newer@example.com</Email>").lead_id == 2


def test_a_second_server_on_a_data_dir_does_not_start_until_the_first_has_stopped(tmp_path):
    settings = {"data_dir": tmp_path / "data"}
    with serving(**settings) as first:
        with pytest.raises(CannotServe, match=r"another server works with the data in .*data, and one at a time can"):
            MarketoServer(Settings(port=0, **settings))
        assert sync(first, "<Email>ann@example.com</Email>").lead_id == 1001
    with serving(**settings) as second:
        assert sync(second, "<Email>ann@example.com</Email>").lead_id == 1001


def test_a_data_dir_that_cannot_be_opened_is_not_kept_from_others(tmp_path, monkeypatch):
    settings = Settings(port=0, data_dir=tmp_path / "data")
    with monkeypatch.context() as broken:
        broken.setattr(marketo, "Registry", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            MarketoServer(settings)
    with MarketoServer(settings):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_served_from_without_one(tmp_path, monkeypatch, number):
    def refuse(_: int) -> None:
        raise OSError(number, "no locks here")

    monkeypatch.setattr(data_dir, "_lock", refuse)
    with MarketoServer(Settings(port=0, data_dir=tmp_path / "data")) as server:
        assert server.registry.names() == ("default",)


def test_a_restart_does_not_load_the_fixture_again_but_adds_new_subscriptions(fixture, tmp_path):
    with serving(fixture=(fixture(ONE),), data_dir=tmp_path / "data"):
        pass
    files = (fixture("leads: [{Id: 8}, {Id: 9}]", "changed.yaml"), fixture(TWO, "two.yaml"))
    with serving(fixture=files, data_dir=tmp_path / "data") as server:
        assert server.registry.names() == ("default", "first", "second")
        assert count(server) == 1


def test_switches_and_credentials_of_a_restart_count_and_outlast_a_reset(fixture, tmp_path):
    settings = {"fixture": (fixture(ONE),), "data_dir": tmp_path / "data"}
    with serving(**settings) as server:
        assert sync(server, "").code == "20101"
    with serving(**settings, switches={"keyless_leads": "create"}, credential=(GIVEN,)) as server:
        assert sync(server, "", GIVEN).status == "CREATED"
        assert sync(server, "").code == "20014"
        server.registry.reset("default")
        assert count(server) == 1
        assert sync(server, "", GIVEN).status == "CREATED"
        assert sync(server, "").code == "20014"


def test_a_user_id_that_opens_a_subscription_of_the_data_dir_stops_the_start(fixture, tmp_path):
    with serving(fixture=(fixture(ONE),), data_dir=tmp_path / "data"):
        pass
    server = MarketoServer(Settings(port=0, fixture=(fixture("subscription: other"),), data_dir=tmp_path / "data"))
    with pytest.raises(DuplicateUserError):
        server.start()
    with serving(fixture=(fixture(ONE),), data_dir=tmp_path / "data") as server:
        assert server.registry.names() == ("default",)


def test_a_start_that_was_broken_off_while_loading_begins_anew(fixture, tmp_path):
    settings = {"fixture": (fixture(ONE),), "data_dir": tmp_path / "data"}
    server = MarketoServer(Settings(port=0, **settings))
    with suppress(KeyboardInterrupt), server.registry.making("default"):
        server.registry.create("default")
        raise KeyboardInterrupt  # nobody has seen it yet
    server.stop()
    with serving(**settings) as server:
        assert sync(server, "<Email>ann@example.com</Email>").lead_id == 1


@pytest.mark.parametrize(
    ("rules", "padding", "signed", "thread"),
    [
        ("[]", "", True, "mockmkto-http-"),
        ("[]", " " * SMALL_REQUEST, True, "mockmkto-worker"),
        ("[]", "", False, "mockmkto-worker"),
        ("[{name: slow, effect: delay, delay: 1ms}]", "", True, "mockmkto-worker"),
    ],
    ids=["a plain call", "a large one", "a wrong signature", "a fault rule"],
)
def test_what_cannot_block_is_answered_where_it_arrived_and_all_else_by_a_worker(
    fixture, rules, padding, signed, thread
):
    threads = []
    settings = Settings(port=0, fixture=(fixture(f"{{faults: {rules}}}"),))
    server = MarketoServer(settings, lambda _: threads.append(threading.current_thread().name))
    server.seen = [None]
    with server:
        user, key = DEFAULT
        sync(server, f"<Email>ann@example.com</Email>{padding}", (user, key if signed else "wrong"))
    (name,) = threads
    assert name.startswith(thread)
