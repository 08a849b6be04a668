"""SQLite as a backend: everything in memory, or each subscription in a folder, where it outlives the server.

One server uses a data dir at a time.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import MetaData

from mockmkto.store.backend import SUBSCRIPTION, ClosedDatabaseError, SqlDatabase
from mockmkto.store.sqlite import SqliteDatabase
from mockmkto.store.versions import UnusableFileError

__all__ = ["LocalBackend", "LocalStorage"]


class LocalStorage:
    """The databases of one subscription: in memory, or files in a folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._open: dict[str, SqliteDatabase] = {}
        self._shared: dict[str, SqlDatabase] = {}
        self._calls_at_once = 0
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
                        raise UnusableFileError(f"{path} is not there, though the other files of its subscription are")
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
    def under_way(self) -> Iterator[int]:
        """Count a call for as long as the block lasts; of one server, since nobody else has this storage."""
        with self._lock:
            self._calls_at_once += 1
            at_once = self._calls_at_once
        try:
            yield at_once
        finally:
            with self._lock:
                self._calls_at_once -= 1

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
        """The registry's database."""
        return self._own.at("registry", metadata)

    def storage(self, name: str) -> LocalStorage:
        """The storage of a subscription."""
        return LocalStorage(self._folder(name))

    def clear(self, name: str, unless: Callable[[], bool] | None = None) -> None:
        """Remove the folder of a subscription, if there is one."""
        folder = self._folder(name)
        if folder is not None and folder.exists() and not (unless is not None and unless()):
            shutil.rmtree(folder)

    def clear_others(self, names: Sequence[str]) -> None:
        """Leave other folders alone: they may be somebody's, and are cleared when one of their name is made."""

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
