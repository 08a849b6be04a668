"""A brake on trying tokens: whoever has sent many wrong ones in a row is not even listened to for a while."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from mockmkto.measuring import stopwatch

__all__ = ["FREE_TRIES", "Brake"]

FREE_TRIES = 10  # wrong tokens in a row that cost nothing: somebody has pasted the wrong one
FIRST_PAUSE = 1.0  # seconds after the next one, and twice as long after each further one
LONGEST_PAUSE = 60.0
MOST_KNOWN = 10_000  # addresses that are remembered; the one that tried the longest ago is forgotten


class Brake:
    """Counts by the client's address. Safe to use from many threads."""

    def __init__(self, now: Callable[[], float] = stopwatch) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()  # how many, and until when nobody listens

    def pause(self, address: str | None) -> float:
        """For how many more seconds nothing is accepted from there, not even the right token; 0 as a rule."""
        with self._lock:
            _, until = self._wrong.get(address or "", (0, 0.0))
        return max(0.0, until - self._now())

    def tried(self, address: str | None, *, right: bool) -> None:
        """Note a try that was listened to."""
        key = address or ""
        if right and key not in self._wrong:
            return
        with self._lock:
            count, _ = self._wrong.pop(key, (0, 0.0))
            if right:
                return
            count += 1
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(count - FREE_TRIES - 1, 10)) if count > FREE_TRIES else 0
            self._wrong[key] = (count, self._now() + pause)
            while len(self._wrong) > MOST_KNOWN:
                self._wrong.popitem(last=False)
