"""How large something may become that began small: the one budget for all that a request can have unfolded.

A client may send `--max-body` bytes and no more; these bounds keep what is made of them in proportion, however it is
written. What goes over one of them is refused (`Bad Request`), or, where it is only said to people, cut.
"""

from __future__ import annotations

__all__ = [
    "DEFAULT_MAX_ELEMENTS",
    "LONGEST_FAULT",
    "LONGEST_NOTE",
    "LONGEST_QUOTE",
    "LONGEST_TEXT",
    "MOST_CHARACTERS_AGAIN",
    "MOST_ELEMENTS_AGAIN",
    "MOST_VALUES",
    "SMALL_REQUEST",
    "cut",
]

DEFAULT_MAX_ELEMENTS = 100_000
"""Elements of a request, and attributes of elements as many again: about a second of reading, and 60 MB."""

MOST_ELEMENTS_AGAIN = 50_000
"""Elements of a request that are read once more, because something refers to them."""

MOST_CHARACTERS_AGAIN = 1_000_000
"""Characters of text in them: each reading of a text is a copy of it."""

LONGEST_TEXT = 1024 * 1024
"""Characters of one text of a request: what is made of it, is copied. No field holds more than 30,000 bytes."""

LONGEST_FAULT = 128 * 1024
"""Characters of the text of a fault, which can hold any number of names and values of the request."""

LONGEST_NOTE = 4000
"""Characters of one warning or finding of the record of a call."""

LONGEST_QUOTE = 1000
"""Characters of one name or value that such a note quotes."""

MOST_VALUES = 1_000_000
"""Values of a world that comes in a request, keys among them; a file may have five times as many."""

SMALL_REQUEST = 64 * 1024
"""Bytes of a request of which nothing can become too large to keep: it need not be measured."""

WORLD_FACTOR = 5
"""A whole subscription that comes in a request may be so much larger than one call."""


def cut(text: str, longest: int = LONGEST_NOTE) -> str:
    """The text, or as much of it as that many characters, and three dots for the rest."""
    return text if len(text) <= longest else f"{text[:longest]}..."
