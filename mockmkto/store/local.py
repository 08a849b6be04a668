"""SQLite as a backend: everything in memory, or each subscription in a folder, where it outlives the server.

One server uses a data dir at a time. A file is made beside its place and put there when it is a database, so one that
is empty has been damaged; and what the registry does not know is nobody's to remove.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import MetaData

from mockmkto.store.backend import BASELINE, SUBSCRIPTION, ClosedDatabaseError, SqlDatabase
from mockmkto.store.sqlite import SqliteDatabase
from mockmkto.store.versions import UnusableFileError, check_file

__all__ = ["LocalBackend", "LocalStorage"]

_log = logging.getLogger("mockmkto.store")


class LocalStorage:
    """The databases of one subscription: in memory, or files in a folder."""

    shared = False

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._open: dict[str, SqliteDatabase] = {}
        self._shared: dict[str, SqlDatabase] = {}
        self._calls_at_once: dict[str, int] = {}
        self._closed = False

    def at(self, part: str, metadata: MetaData) -> SqlDatabase:
        """The database of a part: one that was only shared is made anew, not to change somebody else's."""
        with self._lock:
            self._raise_if_closed()
            self._shared.pop(part, None)
            database = self._open.get(part)
            if database is None:
                path = self._path(part)
                if path is not None:
                    if part == SUBSCRIPTION and not path.exists() and any(path.parent.glob("*.sqlite")):
                        raise UnusableFileError(_lost(path))
                    path.parent.mkdir(parents=True, exist_ok=True)
                database = self._open[part] = SqliteDatabase(metadata, path)
            return database

    def find(self, part: str, metadata: MetaData) -> SqlDatabase | None:
        """The database of a part, `None` when it is not there, or has no tables: its making was broken off."""
        with self._lock:
            self._raise_if_closed()
            if part in self._shared:
                return self._shared[part]
            path = self._path(part)
            if part not in self._open and (path is None or not path.exists()):
                return None
            database = self.at(part, metadata)
            if isinstance(database, SqliteDatabase) and database.is_empty:
                self._open.pop(part).close()
                return None
            return database

    def snapshots(self) -> Sequence[str]:
        """The names of the snapshots, in no order."""
        with self._lock:
            if self._folder is not None:
                return [path.stem for path in (self._folder / "snapshots").glob("*.sqlite")]
            return [part.removeprefix("snapshots/") for part in self._open if part.startswith("snapshots/")]

    def share(self, part: str, database: SqlDatabase) -> bool:
        """In memory somebody else's database does as well, as long as nobody changes it; a file is one's own."""
        if self._folder is not None:
            return False
        with self._lock:
            self._shared[part] = database
        return True

    def remove(self, part: str) -> None:
        """Forget a part, its file too."""
        with self._lock:
            self._shared.pop(part, None)
            database = self._open.pop(part, None)
            if database is not None:
                database.close()
            path = self._path(part)
            if path is not None:
                for ending in ("", "-wal", "-shm"):
                    path.with_name(path.name + ending).unlink(missing_ok=True)

    @contextmanager
    def under_way(self, group: str) -> Iterator[int]:
        """Count a call for as long as the block lasts; of one server, since nobody else has this storage."""
        with self._lock:
            at_once = self._calls_at_once.get(group, 0) + 1
            self._calls_at_once[group] = at_once
        try:
            yield at_once
        finally:
            with self._lock:
                self._calls_at_once[group] -= 1

    def close(self) -> None:
        """Let go of every part; files stay."""
        with self._lock:
            self._closed = True
            for database in self._open.values():
                database.close()
            self._open.clear()
            self._shared.clear()

    def _raise_if_closed(self) -> None:
        if self._closed:
            raise ClosedDatabaseError("the storage was closed")

    def _path(self, part: str) -> Path | None:
        return self._folder / f"{part}.sqlite" if self._folder is not None else None


class LocalBackend:
    """A sandbox in memory, or in a data dir: `registry.sqlite`, and `subscriptions/NAME/` with the files of each."""

    shared = False

    @property
    def in_memory(self) -> bool:
        """Whether there is no data dir."""
        return self._data_dir is None

    def __init__(self, data_dir: Path | None = None) -> None:
        self._data_dir = data_dir
        self._own = LocalStorage(data_dir)

    def registry(self, metadata: MetaData) -> SqlDatabase:
        """The registry's database.

        Raises:
            UnusableFileError: it is lost, though there are subscriptions.
        """
        path = self._data_dir / "registry.sqlite" if self._data_dir is not None else None
        if path is None or path.is_dir():
            return self._own.at("registry", metadata)
        if not path.exists() or not path.stat().st_size:
            self._refuse_lost_registry(path, "empty" if path.exists() else "not there")
            path.unlink(missing_ok=True)
        database = self._own.at("registry", metadata)
        if isinstance(database, SqliteDatabase) and database.is_empty:
            self._refuse_lost_registry(path, "without tables")
        return database

    def _refuse_lost_registry(self, path: Path, how: str) -> None:
        names = sorted(self._in_use())
        log = path.with_name(f"{path.name}-wal")
        if names or (log.exists() and log.stat().st_size):
            raise UnusableFileError(
                f"{path} is {how}, and it knows which subscriptions there are ({_shortened(names) or 'in its log'}). "
                f"Nothing was changed. Put a copy of it in its place, or move {path.parent} away to begin anew"
            )

    def _in_use(self) -> Iterator[str]:
        """Names under which there is something."""
        folder = self._data_dir / "subscriptions" if self._data_dir is not None else None
        if folder is not None and folder.is_dir():
            yield from (item.name for item in folder.iterdir() if _has_databases(item))

    def check(self, there: Collection[str], broken_off: Collection[str]) -> None:
        """Look at every file of the subscriptions, without opening one as a database.

        Raises:
            UnusableFileError: one is lost, empty, cut short, or no database; or there are files, and no subscription.
        """
        if self._data_dir is None:
            return
        unknown = sorted(set(self._in_use()) - {*there, *broken_off})
        if unknown and not there and not broken_off:
            self._refuse_lost_registry(self._data_dir / "registry.sqlite", "without a subscription")
        for name in unknown:
            _log.warning("%s is of no subscription that the registry knows: it is left alone", self._folder(name))
        for name in sorted(there):
            folder = self._data_dir / "subscriptions" / name
            for part in (SUBSCRIPTION, BASELINE):
                if not (folder / f"{part}.sqlite").exists():
                    raise UnusableFileError(_lost(folder / f"{part}.sqlite"))
            for path in (*folder.glob("*.sqlite"), *(folder / "snapshots").glob("*.sqlite")):
                check_file(path)

    def refuse_unknown(self, name: str) -> None:
        """Refuse a folder that is there already.

        Raises:
            UnusableFileError: there is one with databases in it.
        """
        folder = self._folder(name)
        if folder is not None and _has_databases(folder):
            raise UnusableFileError(
                f"{folder} is there, and the registry knows no subscription {name}. Nothing was changed. "
                "Move the folder away"
            )

    def storage(self, name: str) -> LocalStorage:
        """The storage of a subscription."""
        return LocalStorage(self._folder(name))

    def clear(self, name: str, unless: Callable[[], bool] | None = None) -> None:
        """Remove the folder of a subscription, if there is one."""
        folder = self._folder(name)
        if folder is not None and folder.exists() and not (unless is not None and unless()):
            shutil.rmtree(folder)

    def starting(self) -> AbstractContextManager[None]:
        """There is nobody to wait for."""
        return nullcontext()

    def making(self, name: str | None = None) -> AbstractContextManager[None]:  # noqa: ARG002
        """There is nobody to wait for."""
        return nullcontext()

    def close(self) -> None:
        """Let go of the registry; files stay."""
        self._own.close()

    def _folder(self, name: str) -> Path | None:
        return self._data_dir / "subscriptions" / name if self._data_dir is not None else None


def _has_databases(folder: Path) -> bool:
    return folder.is_dir() and any(folder.rglob("*.sqlite*"))


def _lost(path: Path) -> str:
    return (
        f"{path} is not there, though the other files of its subscription are. Nothing was changed. "
        f"Put a copy of it in its place, or of the whole folder {path.parent}"
    )


def _shortened(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
