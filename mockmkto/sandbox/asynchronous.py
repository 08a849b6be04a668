"""The handle for code that runs in an event loop: the same methods, awaited, which hold no loop up while they ask."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from mockmkto.sandbox.calls import Calls
from mockmkto.sandbox.faults import Fault, Faults
from mockmkto.sandbox.handle import Sandbox, Snapshot
from mockmkto.sandbox.leads import Leads
from mockmkto.sandbox.steering import Clock, Limits, Switches

__all__ = ["AsyncHandle"]

__tracebackhide__ = True  # a test's traceback ends in the test

_PARTS = (Leads, Calls, Faults, Clock, Limits, Switches)
_HANDLES = (Sandbox, Snapshot, Fault, *_PARTS)


class AsyncHandle:
    """A `Sandbox`, or what belongs to one: what asks the server is awaited, and asked in a thread of its own.

    ```python
    marketo = AsyncHandle(sandbox)
    await marketo.calls.wait_for("syncLead", Email="ann@example.com")  # the loop runs on
    async with marketo.faults.add(20024, times=1):
        await app.sync()
    assert await marketo.leads.count() == 1
    ```

    What the handle knows by itself is not awaited: `endpoint`, `user_id`, `rest_endpoint`, `client_id`, `leads`,
    `calls` ... What it has to ask for is: every method, `await marketo.clock.now`, `async for call in marketo.calls`,
    and `count()` in place of `len()`.
    """

    def __init__(self, handle: Sandbox | Snapshot | Fault | Leads | Calls | Faults | Clock | Limits | Switches) -> None:
        self._handle = handle

    def __getattr__(self, name: str) -> Any:
        known = inspect.getattr_static(type(self._handle), name, None)
        if isinstance(known, property) and isinstance(self._handle, (Clock, Limits, Fault)) and name != "name":
            return _Awaited(lambda: getattr(self._handle, name))
        value = getattr(self._handle, name)  # an AttributeError is the handle's own
        if isinstance(value, _PARTS):
            return AsyncHandle(value)
        if not callable(value):
            return value
        return lambda *args, **values: _Awaited(lambda: value(*args, **values))

    async def count(self) -> int:
        """How many there are: `len()` of the leads, the calls, the faults, the switches."""
        return await asyncio.to_thread(len, self._handle)  # type: ignore[arg-type]  # a TypeError says so

    async def __aiter__(self) -> AsyncIterator[Any]:
        found: list[Any] = await asyncio.to_thread(list, self._handle)  # type: ignore[arg-type]
        for item in found:
            yield item

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._handle.__exit__, kind, error, traceback)  # type: ignore[union-attr]

    def __repr__(self) -> str:
        return f"<asynchronous {self._handle!r}>"


class _Awaited(Coroutine[Any, Any, Any]):
    """What is being asked for. A handle that comes of it can be entered at once: `async with marketo.snapshot():`."""

    def __init__(self, ask: Callable[[], object]) -> None:
        self._ask = ask
        self._coroutine: Coroutine[Any, Any, Any] | None = None
        self._made: AsyncHandle | None = None

    def __await__(self) -> Any:
        return self._begun().__await__()

    def send(self, value: Any) -> Any:
        """As a coroutine, which a task can be made of."""
        return self._begun().send(value)

    def throw(self, *error: Any) -> Any:
        """The same."""
        return self._begun().throw(*error)

    def close(self) -> None:
        """The same."""
        if self._coroutine is not None:
            self._coroutine.close()

    def _begun(self) -> Coroutine[Any, Any, Any]:
        if self._coroutine is None:
            self._coroutine = self._asked()
        return self._coroutine

    async def _asked(self) -> Any:
        found = await asyncio.to_thread(self._ask)
        return AsyncHandle(found) if isinstance(found, _HANDLES) else found

    async def __aenter__(self) -> Any:
        self._made = await self._asked()
        return await self._made.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._made is not None
        await self._made.__aexit__(kind, error, traceback)
