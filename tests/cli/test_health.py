from __future__ import annotations

import pytest

LOADING = ("503 Service Unavailable", b"loading\n")
READY = ("200 OK", b"ready\n")


class Server:
    """Answers with one answer after the other, the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, environ, start_response):
        self.asked.append(environ["PATH_INFO"])
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        start_response(status, [("Content-Type", "text/plain")])
        return [body]


def test_ready(run, server):
    ran = run("health", "--url", server.url)
    assert (ran.code, ran.out, ran.err) == (0, "ready\n", "")


def test_it_asks_readyz_under_the_prefix(run, serve_app):
    asked = Server(READY)
    assert run("health", "--url", serve_app(asked) + "/marketo/").code == 0
    assert asked.asked == ["/marketo/readyz"]


def test_alive_but_not_ready(run, serve_app):
    url = serve_app(Server(LOADING))
    ran = run("health", "--url", url)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"mockmkto: the server at {url} is alive, but not ready yet.\n"


def test_nobody_there(run, unused_url):
    ran = run("health", "--url", unused_url)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"mockmkto: nobody answers at {unused_url} (Connection refused). ")


@pytest.mark.parametrize("answer", [("404 Not Found", b"nothing here"), ("200 OK", b"<html>Welcome")])
def test_another_server(answer, run, serve_app):
    url = serve_app(Server(answer))
    ran = run("health", "--url", url)
    assert (ran.code, ran.err) == (
        3,
        f"mockmkto: {url} is no mockmkto: it answers /readyz with HTTP {answer[0][:3]}.\n",
    )


def test_a_server_that_never_answers(run, silent_url, monkeypatch):
    monkeypatch.setattr("mockmkto.cli.health.TIMEOUT", 0.05)
    ran = run("health", "--url", silent_url)
    assert (ran.code, "(no answer within 0.05 s)" in ran.err) == (3, True)


@pytest.fixture
def clock(monkeypatch):
    """A clock that only sleeping moves."""

    class Time:
        now = 0.0
        naps = 0

        def monotonic(self):
            return self.now

        def sleep(self, seconds):
            self.now += seconds
            self.naps += 1

    time = Time()
    monkeypatch.setattr("mockmkto.cli.health.time", time)
    monkeypatch.setattr("mockmkto.cli.health.stopwatch", time.monotonic)
    return time


def test_wait_asks_until_it_is_ready(run, serve_app, clock):
    asked = Server(LOADING, LOADING, READY)
    ran = run("health", "--url", serve_app(asked), "--wait", "10")
    assert (ran.code, ran.out, clock.naps) == (0, "ready\n", 2)


def test_wait_ends_when_the_time_is_up(run, serve_app, clock):
    assert run("health", "--url", serve_app(Server(LOADING)), "--wait", "0.42").code == 1
    assert clock.now == pytest.approx(0.42)


def test_wait_waits_for_a_server_that_is_not_there_yet(run, unused_url, clock):
    assert run("health", "--url", unused_url, "--wait", "1s").code == 3
    assert clock.now == pytest.approx(1)


def test_address_comes_from_the_environment(run, server, unused_url, monkeypatch):
    port = server.url.rpartition(":")[2]
    monkeypatch.setenv("MOCKMKTO_PORT", port)
    monkeypatch.setenv("MOCKMKTO_HOST", "0.0.0.0")
    assert run("health").code == 0
    monkeypatch.setenv("MOCKMKTO_URL", unused_url)
    assert run("health").code == 3
    assert run("health", "--url", server.url).code == 0
