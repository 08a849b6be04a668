"""Long work beside calls: it is done in slices, and while a call is being answered it stands still.

One interpreter runs one thread at a time, and whoever works without a pause gives way only every 5 ms: a call, which
has to ask for its turn at each statement, would wait that long ten times over.
"""

from __future__ import annotations

from mockmkto.clock import sleep, stopwatch

__all__ = ["PAUSE", "SLICE", "LongWork", "answered", "answering"]

SLICE = 0.002  # seconds of work at a time
PAUSE = 0.0005  # seconds: a lock that is taken again at once is not handed over
_MOST_PAUSES = 40  # in a row: where calls come without an end the work goes on all the same

_under_way: list[None] = []  # an item for each call; to append and to pop is one step each


def answering() -> None:
    """A call is being answered, until `answered`."""
    _under_way.append(None)


def answered() -> None:
    """One call less is being answered."""
    _under_way.pop()


class LongWork:
    """Work that is done beside calls: whoever does it says every millisecond or so that it could give way."""

    __slots__ = ("_until",)

    def __init__(self) -> None:
        self._until = stopwatch() + SLICE

    def give_way(self) -> None:
        """Go on at once within the slice; behind it wait for the calls that are being answered, up to 20 ms of them."""
        if stopwatch() >= self._until:
            self.end_slice()

    def end_slice(self) -> None:
        """The same, wherever in its slice the work is."""
        for _ in range(_MOST_PAUSES):
            sleep(PAUSE)
            if not _under_way:
                break
        self._until = stopwatch() + SLICE
