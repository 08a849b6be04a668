"""Keeps the garbage collector away while what stays is built: modules, tables, types, worlds."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["nothing_is_garbage"]


@contextmanager
def nothing_is_garbage() -> Iterator[None]:
    """A block in which nothing is collected: the collector would look some 200 times through all that is imported.

    That is a tenth of a start. Where the collector was off, it stays off.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
