"""The record of a call: into the journal, then to whoever listens. No answer is lost for it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable

from msgspec.structs import replace
from sqlalchemy.exc import OperationalError, TimeoutError

from mockmkto.clock import system_now
from mockmkto.model import Call, RequestFields, Trace, Warning
from mockmkto.store.backend import ClosedDatabaseError
from mockmkto.store.database import Database
from mockmkto.store.registry import Registry
from mockmkto.store.troubles import first_line, trouble_of

__all__ = ["TROUBLES", "Recorder", "whose", "why"]

_log = logging.getLogger("mockmkto.soap")

TROUBLES = (OperationalError, TimeoutError, sqlite3.OperationalError)
"""Disk full, file held, database server gone, or more calls than it has connections: nobody's error here."""


class Recorder:
    """Keeps and tells the calls of every subscription of a registry. Safe to use from many threads.

    Args:
        registry: whose journals take the calls.
        on_call: is told of every call, after it is in the journal and before it is answered.
        keep_journal: whether calls are put into the journals at all.
    """

    def __init__(self, registry: Registry, on_call: Callable[[Call], None], *, keep_journal: bool) -> None:
        self._registry = registry
        self._on_call = on_call
        self._keep_journal = keep_journal

    def keep(self, call: Call, database: Database | None) -> Call:
        """The call with its number in the journal, told; what cannot be put into a journal is told all the same."""
        call = self._journaled(call, database) if self._keep_journal else call
        try:
            self._on_call(call)
        except Exception:  # noqa: BLE001  # whoever listens has a trouble of its own: the answer goes out
            _log.exception("the call could not be told")
        return call

    def _journaled(self, call: Call, database: Database | None) -> Call:
        try:
            if database is None:
                database = self._registry.default()
            return database.journal.add(call) if database is not None else call
        except ClosedDatabaseError:
            return call  # the subscription was deleted meanwhile, its journal with it
        except TROUBLES as error:
            name = database.name if database is not None else None
            _log.error("%s: %s; the call is not in the journal", whose(name), why(error))
            return call
        except Exception as error:  # noqa: BLE001  # the lead is written: an answer is never lost for its record
            _log.exception("the call could not be written into the journal as it is")
            return _told_briefly(call, database, error)


def _told_briefly(call: Call, database: Database | None, error: Exception) -> Call:
    """What nobody can have spoilt of a call, and why there is no more: a test must not be told that none came."""
    missing = Warning("record", f"the rest of this call's record could not be written: {type(error).__name__}")
    brief = replace(call, fields=RequestFields(), trace=Trace(), signature=None, warnings=(missing,), at=system_now())
    try:
        return database.journal.add(brief) if database is not None else call
    except Exception:  # noqa: BLE001  # as above: it is in the log, then
        _log.exception("the call is not in the journal")
        return call


def why(error: Exception) -> str:
    """What is wrong with the store, in a line."""
    trouble = trouble_of(error)
    return trouble.text if trouble is not None else first_line(error)


def whose(subscription: str | None) -> str:
    """What is meant by the store, for that line."""
    return f"the data of the subscription {subscription}" if subscription else "the registry"
