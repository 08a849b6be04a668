"""`mockmkto export` and `mockmkto import`, against a running server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import Settings

WORLD = "leads: [{Id: 5, Email: ann@example.com, attributes: {City: Zürich}}]\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "world.yaml"
    path.write_text(WORLD, encoding="utf-8")
    return str(path)


def test_what_is_imported_is_exported_and_imported_again(file, run, server, tmp_path):
    assert run("import", file, "--url", server.url) == (ran := run("import", file, "--url", server.url))
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    exported = run("export", "--url", server.url)
    assert exported.code == 0
    assert "Email: ann@example.com" in exported.out
    assert "City: Zürich" in exported.out
    copy = tmp_path / "copy.json"
    assert run("export", str(copy), "--url", server.url).code == 0
    assert json.loads(copy.read_bytes())["leads"][0]["Id"] == 5
    assert run("import", str(copy), "--url", server.url, "--baseline").code == 0
    assert run("export", "--url", server.url, "--format", "yaml").out == exported.out


def test_a_subscription_that_is_not_there(file, run, server):
    for words in (("export",), ("import", file)):
        ran = run(*words, "--url", server.url, "--subscription", "nobody")
        assert ran.code == 2
        assert ran.err == "mockmkto: There is no subscription 'nobody'; there are default.\n"


def test_a_fixture_that_is_wrong_says_where(run, server, tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text("leads:\n- {Id: x}\n", encoding="utf-8")
    ran = run("import", str(path), "--url", server.url)
    assert ran.code == 2
    assert ran.err == f"mockmkto: {path}:2: leads[0].Id: expected an integer, got 'x'\n"


def test_the_admin_token_is_sent(file, run, monkeypatch):
    with MarketoServer(Settings(port=0, admin_token="secret")) as server:
        assert run("export", "--url", server.url).code == 2
        assert run("export", "--url", server.url, "--admin-token", "secret").code == 0
        monkeypatch.setenv("MOCKMKTO_ADMIN_TOKEN", "secret")
        assert run("import", file, "--url", server.url).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import",), "a fixture must be named"),
        (("import", "nowhere.yaml"), "nowhere.yaml cannot be read"),
        (("export", "no/such/folder.yaml"), "no/such/folder.yaml cannot be written"),
        (("export", "--format", "xml"), "--format"),
    ],
)
def test_wrong_usage(words, said, run, server):
    ran = run(*words, "--url", server.url)
    assert ran.code == 2
    assert said in ran.err


def test_nobody_is_there(file, run, unused_url, serve_app):
    assert run("export", "--url", unused_url).code == 3
    assert run("import", file, "--url", unused_url).code == 3

    def app(environ, start_response):
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"?"]

    ran = run("export", "--url", serve_app(app))
    assert ran.code == 3
    assert "is no mockmkto: it answers /__admin/state with HTTP 404" in ran.err


def test_a_file_that_is_wrong_is_named_as_it_was_given(run, server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("world.yaml").write_text("leads:\n- {email: ann@example.com}\n- {Id: x}\n")
    ran = run("import", "world.yaml", "--url", server.url)
    assert ran.code == 2
    assert "world.yaml:2: leads[0].email: unknown key" in ran.err
    assert "world.yaml:3: leads[1].Id: expected an integer, got 'x'" in ran.err
