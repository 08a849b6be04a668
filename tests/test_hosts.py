"""A host name means a subscription where a fixture maps it; otherwise the credential decides, as ever."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request

import pytest

import mockmkto
from mockmkto import auth
from mockmkto.calls.hosts import host_that_may_mean_one
from mockmkto.cli import main
from mockmkto.worlds import FixtureError, parse_worlds

WORLDS = """
subscriptions:
  - subscription: default
    credentials: [{user_id: one, encryption_keys: [key]}]
    clients: [{client_id: one, client_secrets: [secret]}]
  - subscription: emea
    hosts: [123-ABC-456.mktoapi.com, 123-ABC-456.mktorest.com, marketo-emea]
    credentials: [{user_id: two, encryption_keys: [key]}]
    clients: [{client_id: two, client_secrets: [secret]}]
"""
CALL = """<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><AuthenticationHeader>
<mktowsUserId>{user}</mktowsUserId><requestSignature>{sign}</requestSignature><requestTimestamp>{time}</requestTimestamp>
</AuthenticationHeader></e:Header><e:Body><m:paramsListMObjects xmlns:m="http://www.marketo.com/mktows/"/></e:Body>
</e:Envelope>"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    file = tmp_path_factory.mktemp("worlds") / "worlds.yaml"
    file.write_text(WORLDS)
    with mockmkto.serve(fixture=str(file), signature_window="off") as sandbox:
        yield sandbox


def ask(server, user: str, host: str) -> tuple[int, str]:
    time = "2026-01-31T09:30:00Z"
    body = CALL.format(user=user, time=time, sign=auth.sign(user, "key", time)).encode()
    request = urllib.request.Request(server.endpoint, body, {"Host": host, "Content-Type": "text/xml"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize("host", ["123-ABC-456.mktoapi.com", "123-abc-456.MKTOAPI.com:443", "marketo-emea:6586"])
def test_a_mapped_host_is_called_with_a_credential_of_its_subscription(server, host):
    assert ask(server, "two", host)[0] == 200
    status, fault = ask(server, "one", host)
    assert status == 500
    assert "20014 - Authentication failed" in fault
    call = mockmkto.connect(server.url, "emea").calls.all()[-1]
    assert call.user_id == "one"
    assert call.signature.findings == (
        f"the host {host_that_may_mean_one(host)} means the subscription emea, but the user id opens default",
    )


@pytest.mark.parametrize("host", ["127.0.0.1:6586", "localhost", "[::1]:6586", "app.marketo.com", "marketo:6586"])
@pytest.mark.parametrize("user", ["one", "two"])
def test_any_other_host_leaves_it_to_the_credential(server, user, host):
    assert ask(server, user, host)[0] == 200


def test_a_stranger_at_a_mapped_host_stands_in_the_journal_of_its_subscription(server):
    emea = mockmkto.connect(server.url, "emea")
    before = len(emea.calls.all())
    assert ask(server, "nobody", "marketo-emea")[0] == 500
    assert len(emea.calls.all()) == before + 1


def ask_rest(server, host: str, path: str, token: str | None = None) -> tuple[int, dict]:
    headers = {"Host": host, **({"Authorization": f"Bearer {token}"} if token is not None else {})}
    request = urllib.request.Request(f"{server.url}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def token_path(client_id: str) -> str:
    return f"/identity/oauth/token?grant_type=client_credentials&client_id={client_id}&client_secret=secret"


LISTS = "/rest/v1/lists.json"
ITS_HOST = "123-abc-456.MKTOREST.com:443"


def test_over_rest_a_mapped_host_is_called_with_a_client_of_its_subscription(server):
    tokens = {name: ask_rest(server, "localhost", token_path(name))[1]["access_token"] for name in ("one", "two")}
    assert ask_rest(server, ITS_HOST, token_path("two"))[1]["access_token"] == tokens["two"]
    assert ask_rest(server, ITS_HOST, LISTS, tokens["two"])[1]["success"]
    emea = mockmkto.connect(server.url, "emea")
    before = emea.calls.all()[-1].sequence
    status, refused = ask_rest(server, ITS_HOST, token_path("one"))
    assert (status, refused["error"]) == (401, "invalid_client")
    _, refused = ask_rest(server, ITS_HOST, LISTS, tokens["one"])
    assert refused["errors"] == [{"code": "601", "message": "Access token invalid"}]
    calls = [call for call in emea.calls.all() if call.sequence > before]
    assert [(call.operation, call.user_id) for call in calls] == [("identity.token", "one"), ("lists.find", "one")]
    assert "means the subscription emea" in calls[-1].warnings[0].message


@pytest.mark.parametrize("path", [token_path("nobody"), LISTS])
def test_a_stranger_over_rest_stands_in_the_journal_of_the_hosts_subscription(server, path):
    emea = mockmkto.connect(server.url, "emea")
    before = len(emea.calls.all())
    ask_rest(server, ITS_HOST, path, "00000000-0000-0000-0000-000000000000:ab")
    assert len(emea.calls.all()) == before + 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (None, None),
        ("127.0.0.1", None),
        ("127.0.0.1:80", None),
        ("localhost:6586", None),
        ("[::1]:6586", None),
        ("Marketo:6586", "marketo"),
        ("app.marketo.com.", "app.marketo.com"),
    ],
)
def test_an_address_means_no_subscription(text, name):
    assert host_that_may_mean_one(text) == name


@pytest.mark.parametrize(
    ("fixture", "said"),
    [
        ("hosts: [a b]", "hosts[0]: expected a host's name, or its address"),
        ("hosts: [a.example, A.example]", "hosts[1]"),
        (
            "subscriptions: [{hosts: [a.example]}, {subscription: b, hosts: [a.example],"
            " credentials: [{user_id: b, encryption_keys: [b]}]}]",
            "the host a.example means the subscription 'default' of ",
        ),
    ],
)
def test_mistakes_are_said(fixture, said):
    with pytest.raises(FixtureError) as caught:
        parse_worlds(fixture, "w.yaml")
    assert said in str(caught.value)


def test_it_comes_back_from_an_export(server):
    hosts = "hosts:\n- 123-abc-456.mktoapi.com\n- 123-abc-456.mktorest.com\n- marketo-emea\n"
    assert hosts in mockmkto.connect(server.url, "emea").export()


def test_exec_intercepts_it(tmp_path, capfd):
    (tmp_path / "w.yaml").write_text("hosts: [mkto.internal.example]")
    ask = "import urllib.request as u; print(u.urlopen('https://mkto.internal.example/readyz').status)"
    command = [sys.executable, "-c", ask]
    assert main(["exec", "--intercept", "--fixture", str(tmp_path / "w.yaml"), "--", *command]) == 0
    assert capfd.readouterr().out == "200\n"
