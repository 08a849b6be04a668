"""One side of a proof: a program run beside a server of its own, or a world that somebody has exported."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import NamedTuple

from msgspec.structs import replace

from mockmkto.cli.exec import intercepted_by, variables_of
from mockmkto.cli.parser import wrong_usage
from mockmkto.cli.serve import unusable_is_failure
from mockmkto.clock import Clock, system_now
from mockmkto.migration.model import Run
from mockmkto.migration.side import Side, baseline_of, read_side
from mockmkto.model import Call, Credential
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import SettingError, read_settings
from mockmkto.store.database import Database
from mockmkto.store.leads import NewLead
from mockmkto.store.local import LocalBackend
from mockmkto.store.registry import Registry
from mockmkto.worlds import FixtureError, FixtureWorld, find_fixture, load, read_worlds
from mockmkto.worlds.exporting import export
from mockmkto.worlds.rendering import as_yaml

__all__ = ["KEPT", "Keeper", "Ran", "Runner"]

KEPT = ("old", "new")


class Ran(NamedTuple):
    """What a side left behind, and how its program ended."""

    side: Side
    run: Run
    world: bytes  # as a fixture; empty where nobody wants it


class Keeper:
    """A server that goes on with what both sides left behind, as the subscriptions `old` and `new`."""

    def __init__(self) -> None:
        self._server: MarketoServer | None = None

    @property
    def server(self) -> MarketoServer:
        """The server; not before `begin`."""
        if self._server is None:
            raise RuntimeError("nothing has begun")
        return self._server

    def begin(self, world: FixtureWorld) -> None:
        """Have both subscriptions as the fixture, to which a reset returns them."""
        worlds = [
            replace(world, subscription=name, credentials=(Credential(name, (f"{name}-key",), name),), clients=())
            for name in KEPT
        ]
        self._server = MarketoServer(read_settings({"port": "0"}, {}), worlds=worlds)
        self._server.start()

    def keep(self, name: str, database: Database, calls: Iterable[Call]) -> None:
        """Have one of them as a side is now, with its calls. What is called neither is not kept."""
        kept = self.server.registry.get(name) if name in KEPT else None
        if kept is not None:
            kept.become(database)
            for call in calls:
                kept.journal.add(call)

    def stop(self) -> None:
        """Stop the server, if it runs."""
        if self._server is not None:
            self._server.stop()


class Runner:
    """Runs programs one after the other, each with a fresh server that begins as all the others did.

    Raises:
        Failure: the fixture cannot be used.
    """

    def __init__(
        self,
        fixture: str,
        at: datetime | None,
        environ: Mapping[str, str],
        *,
        port: str = "0",
        tls: bool = False,
        intercept: bool = False,
        shows_output: bool = False,
        keeper: Keeper | None = None,
        wants_worlds: bool = False,
    ) -> None:
        self._environ = environ
        self._flags = {"port": port, "https_port": "0"} | ({"tls": "on"} if tls else {})
        self._intercept = intercept
        self._shows_output = shows_output
        self._keeper = keeper
        self._wants_worlds = wants_worlds
        world = _one_world(fixture)
        moment = at or world.clock.frozen_at or system_now().replace(microsecond=0)
        # Where time stands still, nobody can tell how old a signature is, no limit is ever lifted, and nothing is done
        # that is to take its time.
        behaviour = replace(
            world.world.behaviour,
            signature_window=None,
            limits=None,
            import_duration=timedelta(),
            export_duration=timedelta(),
        )
        self._world = replace(world, clock=Clock(frozen_at=moment), world=replace(world.world, behaviour=behaviour))
        self.baseline: Mapping[int, NewLead] = {}
        if keeper is not None:
            keeper.begin(self._world)

    def run(self, command: str, which: str) -> Ran:
        """What a program leaves behind. Its exit code is part of it; `which` is what a keeper calls it.

        Raises:
            Failure: the program cannot be started, or the server cannot be.
        """
        try:
            words = shlex.split(command, posix=os.name != "nt")
        except ValueError as error:
            raise wrong_usage(f"{command!r} cannot be read as a command: {error}.") from None
        if not words:
            raise wrong_usage("a command is empty.")
        try:
            settings = read_settings(self._flags, {})
        except SettingError as error:
            raise wrong_usage(f"{error}.") from None
        calls: list[Call] = []

        def keep(call: Call) -> None:
            calls.append(call if self._keeper is not None else call.without_bodies(len(calls) + 1, None, None))

        with unusable_is_failure(settings), MarketoServer(settings, keep, [self._world]) as server:
            database = server.registry.default()
            assert database is not None
            with database.transaction() as session:
                self.baseline = baseline_of(session)
            variables = {**self._environ, **variables_of(server)}
            with intercepted_by(server, variables) if self._intercept else nullcontext({}) as further:
                code, output = self._run(words, {**variables, **further})
            side, world = _left_behind(database, command, calls, self._wants_worlds)
            if self._keeper is not None:
                self._keeper.keep(which, database, calls)
        return Ran(side, Run(command, exit_code=code, output=output), world)

    def recorded(self, file: str, which: str) -> Ran:
        """A world that somebody has exported; `which` is what a keeper calls it.

        Raises:
            Failure: it cannot be used.
        """
        registry = Registry(LocalBackend())
        try:
            database = load(_one_world(file), registry)
            side, world = _left_behind(database, file, None, self._wants_worlds)
            if self._keeper is not None:
                self._keeper.keep(which, database, ())
        finally:
            registry.close()
        return Ran(side, Run(file), world)

    def _run(self, words: list[str], environ: Mapping[str, str]) -> tuple[int, str]:
        with TemporaryFile() as output:
            try:
                process = subprocess.Popen(  # noqa: S603  # what the user asked for
                    words, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
                )
            except (OSError, ValueError) as error:
                why = (error.strerror if isinstance(error, OSError) else None) or str(error)
                raise wrong_usage(f"the command {words[0]!r} cannot be started: {why}.") from None
            try:
                code = process.wait()
            except BaseException:
                process.kill()
                process.wait()
                raise
            output.seek(0)
            text = output.read().decode("utf-8", "replace")
        if self._shows_output:
            sys.stderr.write(text)
        return code, text


def _left_behind(database: Database, name: str, calls: Sequence[Call] | None, wants_world: bool) -> tuple[Side, bytes]:
    with database.transaction() as session:
        world = as_yaml(export(session, "default", (), ())) if wants_world else b""
        return read_side(session, name, calls), world


def _one_world(fixture: str) -> FixtureWorld:
    try:
        worlds = read_worlds(find_fixture(fixture))
    except FixtureError as error:
        raise wrong_usage(str(error)) from None
    if len(worlds) != 1:
        raise wrong_usage(f"{fixture} has {len(worlds)} subscriptions: give a fixture with one.")
    return worlds[0]
