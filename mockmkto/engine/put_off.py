"""What the engine does where something is due that was put off: the one place that says so, for who starts a server.

Each is imported when something is due: a server that starts over data knows all of them, and has to load none.
"""

from __future__ import annotations

from importlib import import_module

from mockmkto.store.due import Work, when_due
from mockmkto.store.session import Session

__all__ = ["know_what_is_put_off"]

_WORK: dict[str, str] = {
    "scheduling": "make_due_runs",
    "imports": "finish_due_imports",
}
"""The modules of the engine in the order in which they work, and what each of them does."""


def _later(module: str, function: str) -> Work:
    def work(session: Session) -> bool | None:
        done: bool | None = getattr(import_module(f"mockmkto.engine.{module}"), function)(session)
        return done

    return work


def _go_on_with_files(session: Session) -> bool:
    from mockmkto.store import bulk

    if bulk.next_due_at(session) is None:  # not before there is a file
        return False
    from mockmkto.engine.bulk import go_on

    return go_on(session)


_works = [*(_later(module, function) for module, function in _WORK.items()), _go_on_with_files]


def know_what_is_put_off() -> None:
    """Have the store call for this work where something is due."""
    for work in _works:
        when_due(work)
