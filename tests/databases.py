"""The databases under the tests: SQLite, and with `--postgresql` a PostgreSQL that is started for them.

Debian's PostgreSQL, or any whose `initdb` is on the PATH, in a temporary folder on the loopback address; gone with the
tests. `MOCKMKTO_TEST_DATABASE_URL` names one that is there already.
"""

from __future__ import annotations

import atexit
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from spare_schemas import Spares
from sqlalchemy import Connection, MetaData

from mockmkto.store.backend import Storage
from mockmkto.store.local import LocalBackend, LocalStorage
from mockmkto.store.postgres import quoted
from mockmkto.store.registry import Registry


class NoPostgresError(Exception):
    """There is none to be started here."""


def _binaries() -> Path:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    for place in [*places, *([Path(on_path).resolve().parent] if on_path else [])]:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise NoPostgresError("no PostgreSQL server is here: install postgresql (Debian), or `make postgres`")


class Cluster:
    """A PostgreSQL server of the tests' own. Nothing of it outlives them, so it need not write anything to the disk."""

    def __init__(self) -> None:
        self._bin = _binaries()
        shm = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix="mockmkto-", dir=shm if os.access(shm, os.W_OK) else None))
        self.folder.chmod(0o755)
        self._user = self._somebody_else() if os.getuid() == 0 else None  # PostgreSQL does not run as root
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        if self._user is not None:
            shutil.chown(data, self._user)
        self._run("initdb", "-D", str(data), "-U", "mockmkto", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "-N")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"postgresql+psycopg://mockmkto@127.0.0.1:{self.port}/postgres"
        self._data = data
        self.start()
        atexit.register(self.remove)

    @staticmethod
    def _somebody_else() -> str:
        for name in ("postgres", "nobody"):
            try:
                return pwd.getpwnam(name).pw_name
            except KeyError:
                continue
        raise NoPostgresError("PostgreSQL does not run as root, and there is no other user")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=600 "
        options += "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._data / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-m", "fast", "-w", "stop")

    def remove(self) -> None:
        if (self._data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            **({"user": self._user, "group": pwd.getpwnam(self._user).pw_gid} if self._user else {}),
        )
        if done.returncode:
            raise NoPostgresError(f"{program} failed: {done.stderr.decode(errors='replace')}")


def find_postgresql() -> None:
    """Look whether there is one to be started, or one that is there already.

    Raises:
        NoPostgresError: with what to do.
    """
    if not os.environ.get("MOCKMKTO_TEST_DATABASE_URL"):
        _binaries()


@cache
def cluster() -> Cluster:
    """The server of this process's tests, started when the first of them asks for it."""
    return Cluster()


def database_url() -> str:
    """Where PostgreSQL is."""
    return os.environ.get("MOCKMKTO_TEST_DATABASE_URL") or cluster().url


# ---------------------------------------------------------------------------------------------------------------------
# A sandbox for each registry that a test makes


class _Lent:
    """A sandbox as one test has it: who closes it late does not close what somebody else has by now."""

    def __init__(self, backend, close: Callable[[], None]) -> None:
        self._lent = backend
        self.close = close

    def __getattr__(self, name: str):
        return getattr(self._lent, name)


class _Pool:
    """Sandboxes in PostgreSQL, emptied and used again: to make one takes longer than most tests."""

    def __init__(self) -> None:
        self._free: list = []
        self._lent: dict[int, object] = {}
        self._made = 0
        self._lendings = itertools.count()
        self._spares = Spares()

    def take(self, *, until_closed: bool = True):
        """An empty sandbox, for as long as it is open or, with `until_closed` off, as the test lasts."""
        from mockmkto.store.schemas import PostgresBackend

        if self._free:
            backend = self._free.pop()
            self._spares.take_back(backend._engine, backend._root)
        else:
            self._made += 1
            backend = PostgresBackend(f"{database_url()}?schema=test_{os.getpid()}_{self._made}")
        lending = next(self._lendings)
        self._lent[lending] = backend
        return _Lent(backend, (lambda: self._give_back(lending)) if until_closed else (lambda: None))

    def _give_back(self, lending: int) -> None:
        # It may be the collector that closes it, in the middle of whatever: nothing is done with it here.
        backend = self._lent.pop(lending, None)
        if backend is not None:
            self._free.append(backend)

    def close(self) -> None:
        """Let go of every connection, at the end of all tests."""
        self.take_all_back()
        for backend in self._free:
            backend.close()

    def take_all_back(self) -> None:
        for lending in list(self._lent):
            self._give_back(lending)


POOL = _Pool()
on_postgresql = False  # --postgresql


def new_backend():
    """A backend of which there is nothing yet: in memory, or in PostgreSQL."""
    return POOL.take() if on_postgresql else LocalBackend()


def new_registry() -> Registry:
    return Registry(new_backend())


class Place:
    """Where a test keeps a sandbox: in memory, in files, or in PostgreSQL."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.folder = folder if kind == "file" else None
        self._backend = POOL.take(until_closed=False) if kind == "postgresql" else None

    def backend(self):
        """The sandbox; the same one every time, unless it is in memory."""
        return self._backend if self._backend is not None else LocalBackend(self.folder)

    def storage(self, name: str = "test") -> Storage:
        """The storage of a subscription; the same one every time, unless it is in memory."""
        if self._backend is not None:
            return self._backend.storage(name)
        return LocalStorage(self.folder / name if self.folder is not None else None)


def all_rows(connection: Connection, metadata: MetaData) -> dict[str, list[tuple]]:
    """Every row of every table, sorted; of PostgreSQL asked at once, since there are very many tables."""
    if connection.dialect.name != "postgresql":
        return {
            table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
            for table in metadata.sorted_tables
        }
    rows: dict[str, list[tuple]] = {table.name: [] for table in metadata.sorted_tables}
    for name, row in connection.exec_driver_sql(_every_row(metadata)):
        rows[name].append(tuple(row))
    return {name: sorted(found, key=repr) for name, found in rows.items()}


@cache
def _every_row(metadata: MetaData) -> str:
    return " UNION ALL ".join(
        f"SELECT '{table.name}', json_build_array({', '.join(map(quoted, table.columns.keys()))}) FROM \"{table.name}\""
        for table in metadata.sorted_tables
    )
