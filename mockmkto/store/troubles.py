"""What keeps a database from being read or written: a full disk, a file that is held, a server that is gone."""

from __future__ import annotations

import errno
import sqlite3

from msgspec import Struct
from sqlalchemy.exc import DatabaseError, OperationalError, TimeoutError

from mockmkto.store.backend import UnusableDatabaseError
from mockmkto.store.versions import UnusableFileError

__all__ = ["Trouble", "first_line", "trouble_of"]

# Exactly these: what derives from them, such as a constraint that fails, is an error of ours.
_OF_SQLITE = (sqlite3.OperationalError, sqlite3.DatabaseError, UnusableFileError)
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_DISK_FULL = "53100"  # PostgreSQL's


class Trouble(Struct, frozen=True):
    """What the database, or the system under it, had to say; and whether it is that there is no room."""

    text: str
    full: bool

    @property
    def status(self) -> int:
        """How HTTP calls it: 507 where there is no room, otherwise 503."""
        return 507 if self.full else 503


def trouble_of(error: BaseException) -> Trouble | None:
    """What is wrong with the database; `None` for any other error, such as one of ours, or of the network's."""
    if isinstance(error, UnusableDatabaseError):
        return Trouble(first_line(error), full=False)
    if isinstance(error, OSError):
        # Of a file, not of a connection to a client: that has no name.
        if error.filename is None and error.errno not in _FULL:
            return None
        named = f"{error.filename}: " if error.filename is not None else ""
        return Trouble(f"{named}{error.strerror or error}", error.errno in _FULL)
    if isinstance(error, TimeoutError):
        return Trouble("every connection to the database is in use", full=False)
    if isinstance(error, OperationalError):
        return _trouble(error.orig or error)
    cause = (error.orig or error) if isinstance(error, DatabaseError) else error
    return _trouble(cause) if type(cause) in _OF_SQLITE else None


def _trouble(cause: BaseException) -> Trouble:
    text = first_line(cause)
    return Trouble(text, "disk is full" in text or getattr(cause, "sqlstate", None) == _DISK_FULL)


def first_line(error: BaseException | None) -> str:
    """What an error says; what PostgreSQL says further is for those who read its own log."""
    return str(error).partition("\n")[0]
