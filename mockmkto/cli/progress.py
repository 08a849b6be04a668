"""How far a long command is, on stderr, where a person watches."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

__all__ = ["watched"]

T = TypeVar("T")


def watched(items: Iterable[T], doing: str, what: str, every: int) -> Iterator[T]:
    """The same items; where a person watches, how many there were so far: `writing: 3,000 leads`.

    Args:
        items: what is worked on.
        doing: what is done with them.
        what: what they are, in the plural.
        every: after how many of them it is said anew.
    """
    stream = sys.stderr
    if not stream.isatty():
        yield from items
        return
    try:
        for count, item in enumerate(items, 1):
            if count % every == 0:
                print(f"\r{doing}: {count:,} {what}", end="", file=stream, flush=True)
            yield item
    finally:
        print(f"\r{' ' * 40}\r", end="", file=stream, flush=True)
