"""What the calls were that came while a command ran: told when it has failed, as a failed test tells its own."""

from __future__ import annotations

import threading
from collections import Counter, deque

from msgspec.structs import replace

from mockmkto.calls.log import json_line
from mockmkto.model import Call
from mockmkto.telling import describe, operation_name

__all__ = ["Summary"]

SHOWN = 20  # calls


class Summary:
    """Counts the calls, and keeps the last of those that a tester wants to see. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._outcomes: Counter[str] = Counter()
        self._odd: deque[Call] = deque(maxlen=SHOWN)
        self._odd_ones = 0

    def add(self, call: Call) -> None:
        """One call that was answered."""
        with self._lock:
            outcome = call.status if call.fault_code is None else f"fault {call.fault_code}"
            self._outcomes[f"{operation_name(call)} {outcome}"] += 1
            if call.fault_code is not None or call.warnings or call.injected is not None:
                self._odd.append(replace(call, request=b"", response=b""))
                self._odd_ones += 1

    def as_text(self, code: int, endpoint: str) -> str:
        """For people: how many calls had which outcome, then each call with a fault, a warning or an injected fault."""
        failed = f"mockmkto: the command failed (exit code {code})"
        if not self._outcomes:
            return f"{failed}. No call has come to {endpoint}: does it read MARKETO_SOAP_ENDPOINT?\n"
        total = self._outcomes.total()
        counted = ", ".join(f"{number} x {outcome}" for outcome, number in self._outcomes.most_common())
        lines = [f"{failed}. {total} call{'s' if total > 1 else ''}: {counted}"]
        hidden = self._odd_ones - len(self._odd)
        if self._odd:
            lines += ["", f"{f'The last {SHOWN} calls' if hidden else 'Calls'} with a fault or a warning:"]
        for call in self._odd:
            lines += [f"  {line}" for line in describe(call)]
        return "\n".join(lines) + "\n"

    def as_json(self) -> str:
        """The log line of each such call: with `--log-format json` every line is an object."""
        return "".join(f"{json_line(call)}\n" for call in self._odd)
