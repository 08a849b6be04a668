from __future__ import annotations

import json
import socket
import urllib.request
from xml.etree import ElementTree

import pytest
import trustme

import mockmkto
from mockmkto.cli.http import Server
from mockmkto.clock import system_now
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import Settings

ANN = """\

Id         1001
Email      ann@example.com
FirstName  Ann
LastName   O'Hara <&>
Website    example.com
"""


def app(status, body, content_type="text/plain"):
    def answer(environ, start_response):
        environ["wsgi.input"].read()
        start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
        return [body]

    return answer


@pytest.fixture
def call(run, server):
    return lambda *words: run("call", *words, "--url", server.url)


def test_created_then_updated_with_the_lead_as_a_table(call):
    words = ["syncLead", "--email", "ann@example.com", "FirstName=Ann", "LastName=O'Hara <&>"]
    created, updated = call(*words), call(*words)
    assert (created.code, created.out, created.err) == (0, f"CREATED lead 1001\n{ANN}", "")
    assert (updated.code, updated.out, updated.err) == (0, f"UPDATED lead 1001\n{ANN}", "")


def test_options_and_pairs_come_in_any_order(call):
    ran = call("FirstName=Ann", "--no-return-lead")
    assert ran.code == 2  # the operation comes first
    ran = call("syncLead", "FirstName=Ann", "--email", "ann@example.com", "LastName=O'Hara <&>", "--return-lead")
    assert ran.out == f"CREATED lead 1001\n{ANN}"


def test_without_the_lead_one_line(call):
    assert call("syncLead", "--email", "ann@example.com", "--no-return-lead").out == "CREATED lead 1001\n"


def test_an_attribute_may_hold_equals_signs_and_be_empty(call):
    assert "LastName  a=b=\n" in call("syncLead", "--email", "a@b.c", "LastName=a=b=", "FirstName=").out


def test_every_key_of_sync_lead_goes_out(call):
    call("syncLead", "--email", "ann@example.com", "--foreign-id", "F1", "--foreign-type", "SFDC", "--cookie", "c1")
    for key in (["--id", "1001"], ["--foreign-id", "F1", "--foreign-type", "SFDC"], ["--cookie", "c1"]):
        assert call("syncLead", *key, "--no-return-lead").out == "UPDATED lead 1001\n", key


@pytest.mark.parametrize(
    "key",
    [("--id", "1001"), ("--email", "a@b.c"), ("--cookie", "c1"), ("--key", "EMAIL=a@b.c")],
    ids=lambda key: key[0],
)
def test_every_key_of_get_lead_goes_out(key, call):
    call("syncLead", "--email", "a@b.c", "--cookie", "c1")
    ran = call("getLead", *key)
    assert (ran.code, ran.out.splitlines()[:4]) == (0, ["1 lead", "", "Id       1001", "Email    a@b.c"])


def test_several_leads_are_several_tables(run, tmp_path):
    world = tmp_path / "twins.yaml"
    world.write_text("leads: [{Id: 5, Email: a@b.c}, {Id: 7, Email: A@b.c}]")
    with MarketoServer(Settings(port=0, fixture=(str(world),))) as server:
        ran = run("call", "getLead", "--email", "a@b.c", "--url", server.url)
    assert ran.out == "2 leads\n\nId     7\nEmail  A@b.c\n\nId     5\nEmail  a@b.c\n"


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (
            ["syncLead", "--email", "a@b.c", "Frist=Ann"],
            "fault 20105: syncLead operation failed: unknown fields for import: Frist (20105)",
        ),
        (["syncLead"], "fault 20101: No lead key was given (20101)"),
        (["syncLead", "--id", "x"], "fault SOAP-ENV:Server: SOAP-ERROR: Encoding: Violation of encoding rules"),
        (["syncLead", "--email", "a@b.c", "--workspace", "EU"], "fault 20110: Workspace name is not valid: EU (20110)"),
        (["getLead", "--id", "7"], "fault 20103: No lead found with IDNUM = 7 (20103)"),
        (["getLead", "--id", "7", "--credential", "mockmkto:wrong"], "fault 20014: Authentication failed (20014)"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_fault_is_exit_code_1(words, fault, call):
    ran = call(*words)
    assert (ran.code, ran.out, ran.err) == (1, "", f"{fault}\n")


def test_raw_prints_the_bytes_and_nothing_else(call):
    ok, fault = call("syncLead", "--email", "a@b.c", "--raw"), call("getLead", "--id", "7", "--raw")
    assert ok.out.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope ')
    assert ok.out.endswith("</SOAP-ENV:Envelope>\n")
    assert (ok.code, ok.err) == (0, "")
    assert "<code>20103</code>" in fault.out
    assert (fault.code, fault.err) == (1, "")


def test_show_request_prints_it_on_stderr_without_the_key(call):
    ran = call("syncLead", "--email", "a@b.c", "--workspace", "Default", "--no-return-lead", "--show-request")
    root = ElementTree.fromstring(ran.err.encode())
    assert root.findtext(".//Email") == "a@b.c"
    assert root.findtext(".//targetWorkspace") == "Default"
    assert root.findtext(".//mktowsUserId") == "mockmkto"
    assert "encryption-key" not in ran.err
    assert ran.out == "CREATED lead 1001\n"


@pytest.mark.parametrize("version", ["2_0", "2_9", "3_1"])
def test_any_version(version, call):
    assert (
        call("syncLead", "--email", "a@b.c", "--api-version", version, "--no-return-lead").out == "CREATED lead 1001\n"
    )


def test_a_value_cannot_move_the_cursor(serve_app, run):
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><x><result><count>1</count>'
        "<leadRecord><Id>1&#10;2\x9b2J</Id></leadRecord></result></x></e:Body></e:Envelope>"
    )
    url = serve_app(app("200 OK", body.encode(), "text/xml"))
    assert run("call", "getLead", "--id", "1", "--url", url).out == "1 lead\n\nId  1\\n2\\x9b2J\n"


# ---------------------------------------------------------------------------------------------------------------------
# Where and who


def test_url_and_credential_come_from_the_environment(run, monkeypatch):
    settings = Settings(port=0, credential=(("acme", "first"), ("acme", "second")))
    with MarketoServer(settings) as server:
        monkeypatch.setenv("MOCKMKTO_URL", server.url)
        assert run("call", "getLead", "--id", "7").err == "fault 20014: Authentication failed (20014)\n"
        monkeypatch.setenv("MOCKMKTO_CREDENTIAL", "acme:first other:key")
        assert run("call", "getLead", "--id", "7").err.startswith("fault 20103")
        monkeypatch.setenv("MOCKMKTO_CREDENTIAL", "acme:wrong")
        assert run("call", "getLead", "--id", "7", "--credential", "acme:second").err.startswith("fault 20103")
        monkeypatch.setenv("MOCKMKTO_URL", "http://127.0.0.1:1")
        assert run("call", "getLead", "--id", "7").code == 3
        assert run("call", "getLead", "--id", "7", "--url", server.url).code == 1


def test_port_comes_from_the_servers_own_variable(run, server, monkeypatch):
    monkeypatch.setenv("MOCKMKTO_PORT", server.url.rpartition(":")[2])
    assert run("call", "getLead", "--id", "7").err.startswith("fault 20103")


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("http://127.0.0.1:6586", Server("http", "127.0.0.1", 6586)),
        ("http://127.0.0.1:6586/", Server("http", "127.0.0.1", 6586)),
        ("localhost:6586", Server("http", "localhost", 6586)),
        ("http://h/soap/mktows/2_9?WSDL", Server("http", "h", 80)),
        ("https://h/marketo/soap/mktows/2_9", Server("https", "h", 443, "/marketo")),
        ("https://[::1]:6586/x/", Server("https", "::1", 6586, "/x")),
    ],
)
def test_addresses_are_read_as_they_may_have_been_copied(url, server):
    assert Server.at(url) == server


@pytest.mark.parametrize(
    "url", ["http://", "ftp://h", "http://h:x", "http://h:70000", "http://h/a b", "http://h/\n", "http://hé"]
)
def test_what_is_no_address_is_wrong_usage(url, run):
    ran = run("call", "getLead", "--id", "1", "--url", url)
    assert ran.code == 2
    assert ran.err.startswith("mockmkto: --url / MOCKMKTO_URL: expected an address such as http://127.0.0.1:6586, got ")


# ---------------------------------------------------------------------------------------------------------------------
# Nobody there


def post(url: str, body: dict[str, object]) -> None:
    headers = {"Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=10).close()


def test_nobody_there(run, unused_url):
    ran = run("call", "getLead", "--id", "1", "--url", unused_url)
    assert ran.code == 3
    assert ran.err == (
        f"mockmkto: nobody answers at {unused_url} (Connection refused). Start the server with 'mockmkto serve', or "
        "say with --url or MOCKMKTO_URL where it is.\n"
    )


def test_a_name_that_is_none(run, monkeypatch):
    def unknown(*_args, **_kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    ran = run("call", "getLead", "--id", "1", "--url", "http://marketo.invalid")
    assert (ran.code, ran.err.partition(". ")[0]) == (
        3,
        "mockmkto: nobody answers at http://marketo.invalid:80 (no such host)",
    )


def test_a_server_that_never_answers(run, silent_url, monkeypatch):
    monkeypatch.setattr("mockmkto.cli.call.TIMEOUT", 0.05)
    ran = run("call", "getLead", "--id", "1", "--url", silent_url)
    assert (ran.code, ran.err.partition(". ")[0]) == (
        3,
        f"mockmkto: nobody answers at {silent_url} (no answer within 0.05 s)",
    )


@pytest.mark.parametrize(
    ("status", "body", "content_type", "said"),
    [
        ("404 Not Found", b"nothing here\nsecond line", "text/plain; charset=utf-8", " It said: nothing here"),
        ("200 OK", b"<html><body>Welcome</body></html>", "text/html", ""),
        ("200 OK", b"<p>not <b>XML", "text/html", ""),
        ("502 Bad Gateway", b"", "text/html", ""),
        ("200 OK", b"\x1b[2Jcleared", "text/plain", " It said: ?[2Jcleared"),
    ],
)
def test_something_else_answers(status, body, content_type, said, serve_app, run):
    url = serve_app(app(status, body, content_type))
    ran = run("call", "getLead", "--id", "1", "--url", url)
    text = f"{url} answered with HTTP {status[:3]}, but not with SOAP. Is it a mockmkto?{said}"
    assert (ran.code, ran.out, ran.err) == (3, "", f"mockmkto: {text}\n")


def test_a_certificate_is_checked(run, tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    (tmp_path / "none.pem").write_text("no certificate")
    tls = {"tls_cert": tmp_path / "cert.pem", "tls_key": tmp_path / "key.pem"}
    with MarketoServer(Settings(port=0, https_port=0, **tls)) as server:
        words = ["call", "getLead", "--id", "7", "--url", server.https_url]
        refused = run(*words)
        assert refused.code == 3
        assert refused.err.startswith(f"mockmkto: the certificate of {server.https_url} is not trusted (")
        assert refused.err.endswith("Give it, or who signed it, with --ca FILE; or do without: --insecure.\n")
        assert run(*words, "--ca", str(tmp_path / "ca.pem")).err.startswith("fault 20103")
        assert run(*words, "--insecure").err.startswith("fault 20103")
        assert run(*words, "--ca", str(tmp_path / "none.pem")).code == 2
        assert run("health", "--url", server.https_url).out == "ready\n"


def test_a_server_that_closes_the_connection(run, closing_url):
    ran = run("call", "getLead", "--id", "7", "--insecure", "--url", closing_url.replace("http", "https"))
    assert ran.code == 3
    plain = run("call", "getLead", "--id", "7", "--url", closing_url)
    assert (plain.code, plain.err.startswith("mockmkto: ")) == (3, True)


# ---------------------------------------------------------------------------------------------------------------------
# What a fault rule does, and what time it is


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        ({"effect": "reset"}, "gave no answer ("),
        ({"effect": "lose_answer"}, "gave no answer ("),
        ({"effect": "reset_midway"}, "gave no answer ("),
        ({"effect": "http_status", "status": 503}, "answered with HTTP 503, not with SOAP."),
        ({"effect": "empty"}, "answered with HTTP 200, empty."),
        ({"effect": "malformed"}, "answered with HTTP 200, with half an answer."),
    ],
    ids=lambda value: value["effect"] if isinstance(value, dict) else "",
)
def test_what_a_fault_rule_does_is_not_taken_for_a_server_that_is_not_there(effect, said, run, server):
    post(f"{server.url}/__admin/faults", effect)
    ran = run("call", "getLead", "--id", "1", "--url", server.url)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"mockmkto: {server.url} {said}")
    assert "The server is there and ready: a fault rule may have done it" in ran.err


@pytest.mark.parametrize("change", [{"by": "40d"}, {"by": "-40d"}], ids=["later", "earlier"])
def test_it_is_signed_with_the_time_of_the_subscription(change, run, server):
    words = ["call", "syncLead", "--email", "ann@example.com", "--url", server.url]
    post(f"{server.url}/__admin/clock/advance", change)
    assert run(*words).out.startswith("CREATED")
    post(f"{server.url}/__admin/clock/freeze", {})
    assert run(*words).out.startswith("UPDATED")


def test_it_is_signed_with_the_timestamp_that_is_given(run, server):
    words = ["call", "getLead", "--id", "1", "--url", server.url]
    assert "20016" in run(*words, "--timestamp", "2010-04-09T14:04:54-07:00").err
    assert "20103" in run(*words, "--timestamp", system_now().isoformat()).err


def test_where_nobody_may_ask_for_the_time_it_is_this_machines(run):
    with MarketoServer(Settings(port=0, admin_token="secret")) as server:
        assert "20103" in run("call", "getLead", "--id", "1", "--url", server.url).err


@pytest.mark.parametrize("url", ["ftp://ann:secret@example.com/", "http://ann:secret@", "ann:secret@exa mple.com"])
def test_a_password_in_an_address_is_not_repeated(url, run):
    ran = run("call", "getLead", "--id", "1", "--url", url)
    assert ran.code == 2
    assert "secret" not in ran.err
    with pytest.raises(ValueError, match="expected an address") as raised:
        mockmkto.connect(url)
    assert "secret" not in str(raised.value)


def test_a_password_in_an_address_where_nobody_answers_is_not_repeated(unused_url, run):
    url = unused_url.replace("//", "//ann:secret@")
    assert "secret" not in run("call", "getLead", "--id", "1", "--url", url).err
    with pytest.raises(mockmkto.UnreachableError) as raised:
        mockmkto.connect(url)
    assert "secret" not in str(raised.value)
