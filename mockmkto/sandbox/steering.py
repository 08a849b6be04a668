"""Time, limits and switches of a subscription."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from mockmkto.sandbox.report import ClockState
from mockmkto.sandbox.transport import Control, segment
from mockmkto.settings import format_duration

__all__ = ["Clock", "Limits", "Switches", "moment_text", "switch_text"]

__tracebackhide__ = True  # a test's traceback ends in the test


_PARTS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")


class Clock:
    """The time of a subscription: real, offset or frozen. Everything that reads a time follows it.

    ```python
    marketo.clock.freeze("2026-03-14T09:26:53Z")
    marketo.clock.advance("15m")
    ```

    A time is a datetime or an ISO text, with its offset from UTC.
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    @property
    def now(self) -> datetime:
        """What time it is."""
        return self.state.now

    @property
    def mode(self) -> str:
        """`real`, `offset` or `frozen`."""
        return self.state.mode

    @property
    def state(self) -> ClockState:
        """Mode, time, offset and where it stands still."""
        return self._control.get("/clock", ClockState)

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Let time stand still, at the given time or at its own now; that time."""
        return self._turn("freeze", {} if at is None else {"at": moment_text(at)})

    def advance(self, by: timedelta | str | None = None, **parts: float) -> datetime:
        """Let time pass: `advance("15m")`, `advance(hours=2)`, `advance(timedelta(days=-1))`; the time it is then.

        Args:
            by: an amount, negative to go back.
            parts: or its parts, by the names that timedelta has.
        """
        if isinstance(by, str):
            if parts:
                raise TypeError("advance() takes a text, or the parts of an amount, not both")
            return self._turn("advance", {"by": by})
        for part in parts:
            if part not in _PARTS:
                near = difflib.get_close_matches(part, _PARTS, n=1)
                raise TypeError(f"advance() takes no {part!r}" + (f": did you mean {near[0]!r}?" if near else ""))
        amount = (by or timedelta()) + timedelta(**parts)
        seconds = f"{abs(amount).total_seconds():.6f}".rstrip("0").rstrip(".")
        return self._turn("advance", {"by": f"{'-' if amount < timedelta() else ''}{seconds}s"})

    def set(self, to: datetime | str) -> datetime:
        """Let it be that time now; it runs on unless it is frozen. The time it is then."""
        return self._turn("set", {"to": moment_text(to)})

    def resume(self) -> datetime:
        """Let time run on from where it stands; the time it is then."""
        return self._turn("resume", {})

    def reset(self) -> datetime:
        """Back to real time."""
        return self._turn("reset", {})

    def __repr__(self) -> str:
        state = self.state
        return f"<{state.mode} clock of {self._control.subscription}: {state.now.isoformat()}>"

    def _turn(self, what: str, body: Mapping[str, str]) -> datetime:
        return self._control.send("POST", f"/clock/{segment(what)}", body, ClockState).now


@dataclass(frozen=True, slots=True)
class _Limits:
    limits: str
    per_day: int | None = None
    per_20_seconds: int | None = None
    at_once: int | None = None
    calls_today: int = 0
    calls_in_20_seconds: int = 0


class Limits:
    """How often an API may be called, and how often was called. Limits are off unless they are set.

    ```python
    marketo.limits.set("500/20/2")  # a day, in 20 seconds, at once; "on" for the documented ones
    ```
    """

    def __init__(self, control: Control, api: Literal["soap", "rest"] = "soap") -> None:
        self._control = control
        self._api = ("api", api)

    def set(self, limits: str) -> None:
        """`"on"`, `"off"`, or three numbers; `-` is no limit.

        `"on"` are the documented ones: 10,000 a day over SOAP, 50,000 over REST; 100 in 20 seconds, 10 at once.
        """
        self._control.tell("PUT", "/limits", {"limits": limits}, self._api)

    @property
    def calls_today(self) -> int:
        """How many calls were counted since midnight, Central time, by the subscription's clock."""
        return self._state.calls_today

    @property
    def calls_in_20_seconds(self) -> int:
        """How many calls were counted in the last 20 seconds, by the subscription's clock."""
        return self._state.calls_in_20_seconds

    def forget_counts(self) -> None:
        """Count anew."""
        self._control.tell("DELETE", "/limits/counts", None, self._api)

    def __str__(self) -> str:
        return self._state.limits

    def __repr__(self) -> str:
        return f"<limits of {self._control.subscription}: {self}>"

    @property
    def _state(self) -> _Limits:
        return self._control.get("/limits", _Limits, self._api)


class Switches(Mapping[str, str]):
    """The switches of a subscription by their names, as texts: each rules a case in which Marketo is silent.

    ```python
    marketo.switches["keyless_leads"] = "create"
    marketo.switches.update(overlong_values="truncate", derive_website=False)
    ```
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    def update(self, **switches: object) -> None:
        """Change those that are given.

        Raises:
            ControlError: there is no such switch, or it does not take this value.
        """
        self._control.tell("PUT", "/switches", {name: switch_text(value) for name, value in switches.items()})

    def __getitem__(self, name: str) -> str:
        return self._all()[name]

    def __setitem__(self, name: str, value: object) -> None:
        self.update(**{name: value})

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return f"<switches of {self._control.subscription}: {self._all()}>"

    def _all(self) -> dict[str, str]:
        return self._control.get("/switches", dict[str, str])


def moment_text(moment: datetime | str) -> str:
    """A time as the control API reads it."""
    return moment if isinstance(moment, str) else moment.isoformat()


def switch_text(value: object) -> str:
    """A value of a switch, as text."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return format_duration(value) if isinstance(value, timedelta) else str(value)
