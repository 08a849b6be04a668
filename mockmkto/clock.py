"""The only place that knows what time it is: a clock is a value, kept in the store of its subscription.

A test may put the time of this process away (freezegun, time-machine): what is shown is then the test's time, in plain
datetimes whatever class the test's tool gives; what is measured and waited for stays real.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from mockmkto.deadlines import put_off
from mockmkto.measuring import stopwatch
from mockmkto.model.moments import plain
from mockmkto.pauses import pause

__all__ = ["Clock", "sleep", "stopwatch", "system_now"]


def system_now() -> datetime:
    """The machine's time, in UTC."""
    return plain(datetime.now(UTC))


def sleep(seconds: float) -> None:
    """Let real time pass: an injected delay is felt by a client, whatever the subscription's clock shows."""
    if seconds > 0:
        with pause():
            time.sleep(seconds)
        put_off(seconds)


class Clock(Struct, frozen=True):
    """Real, offset or frozen time of one subscription.

    `frozen_at` set: time stands still there. Otherwise time is the machine's plus `offset` (zero: real).
    """

    offset: timedelta = timedelta()
    frozen_at: datetime | None = None

    @property
    def mode(self) -> Literal["real", "offset", "frozen"]:
        """How it is turned."""
        return "frozen" if self.frozen_at is not None else "offset" if self.offset else "real"

    def now(self) -> datetime:
        """The subscription's time, in UTC."""
        return self.frozen_at if self.frozen_at is not None else system_now() + self.offset

    def freeze(self, at: datetime | None = None) -> Clock:
        """A clock that stands still, at the given time or at its own now."""
        return Clock(frozen_at=(at or self.now()).astimezone(UTC))

    def advance(self, by: timedelta) -> Clock:
        """A clock that is later by so much (earlier for a negative amount); a frozen one stays frozen."""
        if self.frozen_at is not None:
            return Clock(frozen_at=self.frozen_at + by)
        return Clock(offset=self.offset + by)

    def set(self, to: datetime) -> Clock:
        """A clock that shows the given time now; it runs on unless it is frozen."""
        if self.frozen_at is not None:
            return Clock(frozen_at=to.astimezone(UTC))
        return Clock(offset=to - system_now())

    def resume(self) -> Clock:
        """The same time, running."""
        if self.frozen_at is None:
            return self
        return Clock(offset=self.frozen_at - system_now())
