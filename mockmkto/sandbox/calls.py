"""The calls that a subscription got, and assertions about them that explain themselves."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mockmkto.clock import stopwatch
from mockmkto.model import Call
from mockmkto.sandbox.expected import Expectation, expect
from mockmkto.sandbox.report import (
    differences_report,
    one_liners,
    read_call,
    read_calls,
    strangers_report,
    subscription_now,
)
from mockmkto.sandbox.transport import Control, ControlError
from mockmkto.telling import describe

__all__ = ["Calls"]

__tracebackhide__ = True  # a test's traceback ends in the test

_WRONG = frozenset(("fault", "warning", "status"))  # an assertion that names one of them expects it
_LONGEST_WAIT = 60.0  # seconds that the control API waits at most


class Calls:
    """The journal of a subscription: `len()`, iteration (oldest first), and these methods.

    ```python
    marketo.calls.assert_one("syncLead", status="CREATED", Email="ann@example.com", FirstName="Ann")
    marketo.calls.assert_one("leads.sync", status="created", firstName="Ann")
    marketo.calls.assert_none(fault="*")
    ```

    `search` is an operation's name, of either API, or a text in the search language (`"syncLead since:5m"`). `expected`
    are names and whole values: those of the search language (`status`, `fault`, `by`, `lead`, `warning` ...), the keys
    that were sent (`Email`, `Id`, `ForeignSysPersonId`, `marketoCookie`, `targetWorkspace`), or attributes that were
    sent (`FirstName="Ann"`). `None` is "not sent", `"*"` is any value.
    """

    def __init__(self, control: Control, strangers_after: int | None = None) -> None:
        self._control = control
        self._strangers_after = strangers_after
        self._expected: list[Expectation] = []  # which calls may go wrong, for strict mode

    def all(self, search: str = "", **expected: object) -> list[Call]:
        """The calls that are so, oldest first, without the raw request and answer (`get` has them)."""
        return self._found(expect(search, expected))[0]

    def get(self, sequence: int) -> Call | None:
        """The call of that number in the journal, whole; `None` when it is not there."""
        try:
            return read_call(self._control, sequence)
        except ControlError as error:
            if error.status == 404:
                return None
            raise

    def one(self, search: str = "", **expected: object) -> Call:
        """The only call that is so, whole: the same as `assert_one`.

        Raises:
            AssertionError: there is none, or there are several.
        """
        return self.assert_one(search, **expected)

    def last(self, search: str = "", **expected: object) -> Call:
        """The latest call that is so, whole.

        Raises:
            AssertionError: there is none.
        """
        expectation = self._asked(search, expected)
        found, _ = self._found(expectation)
        if not found:
            raise AssertionError(self._too_few("a call", expectation))
        return read_call(self._control, found[-1].sequence)

    def assert_one(self, search: str = "", **expected: object) -> Call:
        """Exactly one call was so: that call, whole.

        Raises:
            AssertionError: there was none, and the closest call shows how it differs; or there were several.
        """
        expectation = self._asked(search, expected)
        (sequence,) = self._exactly(1, expectation)
        return read_call(self._control, sequence)

    def assert_none(self, search: str = "", **expected: object) -> None:
        """No call was so.

        Raises:
            AssertionError: there was one.
        """
        self._exactly(0, expect(search, expected))

    def assert_count(self, count: int, search: str = "", **expected: object) -> list[Call]:
        """So many calls were so: those calls.

        Raises:
            AssertionError: there were more, or fewer.
        """
        expectation = self._asked(search, expected)
        self._exactly(count, expectation)
        return self._found(expectation)[0]

    def wait_for(self, search: str = "", *, count: int = 1, timeout: float = 5.0, **expected: object) -> list[Call]:
        """Waits until so many calls are so (more may be): those calls. The server waits; nothing is asked twice.

        Args:
            search: an operation's name, or a search.
            count: how many calls.
            timeout: seconds.
            expected: names and values.

        Raises:
            AssertionError: there were fewer when the time was over.
        """
        expectation = self._asked(search, expected)
        deadline = stopwatch() + timeout
        wanted = count
        while True:
            left = deadline - stopwatch()
            in_time = self._wait(expectation, wanted, min(max(left, 0.0), _LONGEST_WAIT))
            found, alike = self._found(expectation)
            if len(found) >= count:
                return found
            if not in_time and deadline <= stopwatch():
                many = "a call" if count == 1 else f"{count} calls"
                raise AssertionError(self._too_few(f"{many} within {timeout:g} s", expectation, len(found)))
            wanted = alike + count - len(found)  # the server's search has found some that are not quite so

    def expect(self, search: str = "", **expected: object) -> None:
        """In strict mode: calls that are so may be answered with a fault or a warning, before or after this.

        Over REST some of their records may be refused.

        What an assertion has asked for by its `fault`, `warning` or `status` is expected, too, and so is what a fault
        rule has done.
        """
        self._expected.append(expect(search, expected))

    def assert_no_surprise(self) -> None:
        """No call was answered with a fault or a warning that was not expected (see `expect`).

        Raises:
            AssertionError: there was one; all of them are shown.
        """
        odd = [call for call in self.all() if call.injected is None and _is_odd(call)]
        now = subscription_now(self._control) if odd and self._expected else None
        if now is not None:
            searches = [expectation.search(now) for expectation in self._expected]
            odd = [call for call in odd if not any(search.matches(call) for search in searches)]
        if odd:
            many = "a call was" if len(odd) == 1 else f"{len(odd)} calls were"
            lines = [f"{many} answered with a fault or a warning that the test did not expect:"]
            for call in odd:
                lines += [f"  {line}" for line in describe(call)]
            raise AssertionError("\n".join(lines))

    def _asked(self, search: str, expected: dict[str, object]) -> Expectation:
        """An expectation of an assertion; one that names how a call may go wrong says that it may."""
        expectation = expect(search, expected)
        if _WRONG.intersection(expected) or any(f"{name}:" in search for name in _WRONG):
            self._expected.append(expectation)
        return expectation

    def clear(self) -> None:
        """Forget every call; the leads stay."""
        self._control.tell("DELETE", "/calls")

    def __len__(self) -> int:
        return read_calls(self._control, most=1).total

    def __bool__(self) -> bool:
        return True  # the journal of a subscription, even when it is empty yet

    def __iter__(self) -> Iterator[Call]:
        return iter(self.all())

    def __repr__(self) -> str:
        return f"<{len(self)} calls of {self._control.subscription}>"

    def _wait(self, expectation: Expectation, count: int, timeout: float) -> bool:
        body = {"search": expectation.text, "count": count, "timeout": timeout}
        try:
            self._control.send("POST", "/calls/wait", body, msgspec.Raw, timeout=timeout + 30)
        except ControlError as error:
            if error.status == 408:
                return False
            raise
        return True

    def _found(self, expectation: Expectation) -> tuple[list[Call], int]:
        """The calls that are so, and how many the server's own search had found."""
        for name in expectation.unsent:  # the search that is run does not say it
            self._control.get("/calls/count", msgspec.Raw, ("search", f'attr:"{name}="'))
        journal = read_calls(self._control, expectation.text)
        return [call for call in journal.calls if not _differs(expectation, call)], len(journal.calls)

    def _exactly(self, count: int, expectation: Expectation) -> list[int]:
        found, _ = self._found(expectation)
        if len(found) == count:
            return [call.sequence for call in found]
        wanted = {0: "no call", 1: "one call"}.get(count, f"{count} calls")
        if len(found) < count:
            raise AssertionError(self._too_few(wanted, expectation, len(found)))
        shown = [f"  {line}" for line in describe(found[0])] if len(found) == 1 else one_liners(found)
        raise AssertionError("\n".join([f"expected {wanted}{_so(expectation)}, got {len(found)}:", *shown]))

    def _too_few(self, wanted: str, expectation: Expectation, found: int = 0) -> str:
        search = expectation.search(subscription_now(self._control))
        journal = read_calls(self._control, raw=search.reads_bytes)
        expected = f"expected {wanted}{_so(expectation)}"
        if not journal.calls:
            lines = [f"{expected}; no call has come"]
        else:
            total = f"{len(journal.calls)} call{'s' if len(journal.calls) > 1 else ''}"
            lines = [f"{expected}, got {found or 'none'} of {total}"]
            if found:
                matching, _ = self._found(expectation)
                numbers = {call.sequence for call in matching}
                rest = [call for call in journal.calls if call.sequence not in numbers]
                lines += one_liners(matching)
            else:
                rest = list(journal.calls)
            lines += differences_report(search, rest)
        if journal.dropped:
            lines += ["", f"{journal.dropped} earlier calls were dropped: the journal is full"]
        return "\n".join([*lines, *strangers_report(self._control, self._strangers_after)])


def _is_odd(call: Call) -> bool:
    """Whether something was wrong with a call: over REST, where each record is refused by itself, with one of them."""
    if call.fault_code is not None or call.warnings:
        return True
    return call.api == "rest" and any(record.error is not None for record in call.trace.records)


def _differs(expectation: Expectation, call: Call) -> bool:
    """Whether a call that the server's search has found is not quite so."""
    return any(term.difference(call) is not None for term in expectation.exact)


def _so(expectation: Expectation) -> str:
    return f" with {expectation.shown}" if expectation.shown else ""
