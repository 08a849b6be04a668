"""`/health`: is the server ready, since when, and what has it done."""

from __future__ import annotations

from typing import Literal

from mockmkto import __version__
from mockmkto.web.admin.resource import Server, View

__all__ = ["Health", "show"]


class Health(View, frozen=True, kw_only=True):
    """How the server is. `calls` are those that it answered since it was started, of every subscription."""

    status: Literal["ready", "loading"]
    version: str
    uptime_seconds: float
    calls: int
    subscriptions: int


def show(asked: Server) -> Health:
    """Status, version, uptime and counters."""
    return Health(
        status="ready" if asked.site.ready.is_set() else "loading",
        version=__version__,
        uptime_seconds=round(asked.site.uptime, 3),
        calls=asked.site.soap.answered,
        subscriptions=len(asked.registry.names()),
    )
