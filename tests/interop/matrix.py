"""Runs the clients' programs: each client is built once, each of its programs run once against a server of its own."""

from __future__ import annotations

import functools
import json
import os
from dataclasses import dataclass, replace  # noqa: TID251  # of dataclasses here
from pathlib import Path
from typing import Any

import pytest
from interop.clients import HERE, REST_PROGRAM, Client, execute, wanted

from mockmkto.cli.exec import intercepted_by
from mockmkto.model import Call
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import (
    DEFAULT_CLIENT_ID,
    DEFAULT_CLIENT_SECRET,
    DEFAULT_ENCRYPTION_KEY,
    DEFAULT_USER_ID,
    Settings,
)

FIXTURES = {"scenario": "workspaces", "life": str(HERE / "life.yaml")}


@dataclass(frozen=True)
class Outcome:
    """What a program printed, and what the server noted."""

    steps: dict[str, Any]
    calls: tuple[Call, ...]
    trouble: str | None = None


class Matrix:
    """Builds and runs when the first test asks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.outcome = functools.cache(self._outcome)
        self.rest_outcome = functools.cache(self._rest_outcome)
        self._built = functools.cache(self._build)

    def _build(self, client: Client) -> tuple[Path, str | None]:
        work = self._folder / f"{client.name}-{client.api}"
        work.mkdir()
        if not client.build:
            return work, None
        with MarketoServer(Settings(port=0)) as server:
            wsdl = f"{server.url}/soap/mktows/{client.api}?WSDL"
            for command in client.build:
                done = execute(client.command(command, work, wsdl))
                if done.code:
                    return work, f"{command[0]} of {client.name} ended with {done.code}:\n{done.out}{done.err}"
        return work, None

    def _outcome(self, client: Client, program: str) -> Outcome:
        work, trouble = self._built(client)
        if trouble:
            return Outcome({}, (), trouble)
        calls: list[Call] = []
        with MarketoServer(Settings(port=0, fixture=(FIXTURES[program],)), on_call=calls.append) as server:
            done = execute(
                client.command(client.run, work, program=program),
                MARKETO_SOAP_ENDPOINT=f"{server.url}/soap/mktows/{client.api}",
                MARKETO_USER_ID=DEFAULT_USER_ID,
                MARKETO_ENCRYPTION_KEY=DEFAULT_ENCRYPTION_KEY,
            )
        if done.code:
            said = f"{program} of {client.name} ended with {done.code}:\n{done.out}{done.err}"
            return Outcome({}, tuple(calls), said)
        return Outcome(json.loads(done.out), tuple(calls))

    def _rest_outcome(self, client: Client) -> Outcome:
        work, trouble = self._built(client)
        if trouble:
            return Outcome({}, (), trouble)
        calls: list[Call] = []
        settings = Settings(port=0, fixture=(str(HERE / "rest.yaml"),))
        with MarketoServer(settings, on_call=calls.append) as server, intercepted_by(server, os.environ) as further:
            done = execute(
                client.command(client.run, work),
                **further,
                MARKETO_CLIENT_ID=DEFAULT_CLIENT_ID,
                MARKETO_CLIENT_SECRET=DEFAULT_CLIENT_SECRET,
            )
        if done.code:
            return Outcome(
                {}, tuple(calls), f"{REST_PROGRAM} of {client.name} ended with {done.code}:\n{done.out}{done.err}"
            )
        return Outcome(json.loads(done.out.splitlines()[-1]), tuple(calls))


def rest_outcome(matrix: Matrix, name: str) -> Outcome:
    """What a client of the REST API did; skips, by the client's name, where it is not to be run."""
    found = matrix.rest_outcome(wanted(name))
    if found.trouble:
        pytest.fail(found.trouble)
    return found


def outcome(matrix: Matrix, name: str, program: str, api: str | None = None) -> Outcome:
    """What the program did, at a version of the API; skips, by the client's name, where it is not to be run."""
    client = wanted(name)
    found = matrix.outcome(replace(client, api=api or client.api), program)
    if found.trouble:
        pytest.fail(found.trouble)
    return found
