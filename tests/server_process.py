"""`mockmkto serve` as a process, with everything that a client or a tester asks of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from plain_client import Client

from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, DEFAULT_USER_ID


class ServerProcess:
    """Started when it is made; `ready` waits for it."""

    def __init__(self, log: Path, *words: str, variables: Mapping[str, str] | None = None, **options) -> None:
        environ = {name: text for name, text in os.environ.items() if not name.startswith("MOCKMKTO_")}
        command = [sys.executable, "-m", "mockmkto", "serve", "--port", "0", "--log-format", "json", *words]
        self.log = log
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=file, env=environ | dict(variables or {}), **options
            )

    def ready(self) -> Self:
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        self.url = json.loads(line)["url"]
        self.client = Client(f"{self.url}/soap/mktows/3_1", DEFAULT_USER_ID, DEFAULT_ENCRYPTION_KEY, timeout=30)
        return self

    def ask(self, method: str, path: str, body: object = None):
        """The control API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/__admin{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(30)
        self.process.stdout.close()
        return self.process.returncode
