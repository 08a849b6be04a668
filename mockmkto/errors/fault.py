"""What every wire answers with where it refuses: the part of it that whoever keeps the record of a call must know."""

from __future__ import annotations

__all__ = ["Fault"]


class Fault(Exception):
    """An answer that refuses. A wire says it in its own way; the record of the call has its code and one line."""

    @property
    def recorded_code(self) -> int | str:
        """By what it is searched and counted."""
        raise NotImplementedError

    @property
    def brief(self) -> str:
        """What it says, to whoever reads of it elsewhere: it has a bound, whatever a client sent."""
        raise NotImplementedError
