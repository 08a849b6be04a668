"""Which headers of a request the record of its call shows: what tells one client from another, and no secret."""

from __future__ import annotations

from collections.abc import Callable

from mockmkto.bounds import LONGEST_QUOTE, cut

__all__ = ["shown_headers"]

_SHOWN = ("SOAPAction", "Content-Type", "User-Agent", "Accept-Encoding", "Expect")
_NAMES = tuple((name, name.lower().encode()) for name in _SHOWN)


def shown_headers(value_of: Callable[[bytes], bytes | None]) -> dict[str, str]:
    """Those that came, by the names that people know; `value_of` looks one up by its name in lower case."""
    found = {}
    for name, key in _NAMES:
        value = value_of(key)
        if value is not None:
            found[name] = cut(value.decode("latin-1"), LONGEST_QUOTE)
    return found
