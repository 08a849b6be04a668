"""The command line in this process, a server to talk to, and the command line as a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import mockmkto
from mockmkto.cli import main
from mockmkto.serving import HttpServer
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import Settings

DEADLINE = 60  # seconds after which a process that hangs is ended


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for name in list(os.environ):
        if name.startswith("MOCKMKTO_"):
            monkeypatch.delenv(name)


@pytest.fixture
def run(capfd) -> Callable[..., Ran]:
    """`run("sign", "--format", "json")`, in this process."""

    def run(*argv: str) -> Ran:
        capfd.readouterr()
        code = main(argv)
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run


@pytest.fixture
def server() -> Iterator[MarketoServer]:
    with MarketoServer(Settings(port=0)) as server:
        yield server


@pytest.fixture
def serve_app() -> Iterator[Callable[..., str]]:
    """Serves a WSGI application and returns its address: for servers that are no mockmkto."""
    servers = []

    def serve(app) -> str:
        servers.append(HttpServer(app))
        servers[-1].start()
        return servers[-1].url

    yield serve
    for server in servers:
        server.stop()


@pytest.fixture
def unused_url() -> Iterator[str]:
    """Where nobody listens: the port is taken, and it stays so."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def silent_url() -> Iterator[str]:
    """Where connections are made, and nobody says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def closing_url() -> Iterator[str]:
    """Where every connection is closed once something came."""

    def close_all() -> None:
        while True:
            with listener.accept()[0] as connection:
                if not connection.recv(65536):
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=close_all)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        socket.create_connection(listener.getsockname()).close()
        thread.join()


@pytest.fixture
def spawn(tmp_path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """`spawn("serve", "--port", "0")`: a process of its own, in a folder of its own."""
    spawned = []

    def spawn(*argv: str, interpreter: tuple[str, ...] = (), **environ: str) -> subprocess.Popen[str]:
        package = str(Path(mockmkto.__file__).parents[1])
        kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
        process = subprocess.Popen(
            [sys.executable, *interpreter, "-m", "mockmkto", *argv],
            cwd=tmp_path,
            env=kept | {"PYTHONPATH": package} | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        watchdog = threading.Timer(DEADLINE, process.kill)
        watchdog.start()
        spawned.append((process, watchdog))
        return process

    yield spawn
    for process, watchdog in spawned:
        watchdog.cancel()
        process.kill()
        process.communicate()
