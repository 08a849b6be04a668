"""The word that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

__all__ = ["near", "nearest"]

_LONGEST_SLIP = 255  # words are compared in quadratic time


def nearest(word: str, known: Sequence[str]) -> str:
    """` (did you mean 'leads'?)`, or nothing when no known word is near."""
    found = near(word, known)
    return f" (did you mean {found!r}?)" if found is not None else ""


def near(word: str, known: Sequence[str]) -> str | None:
    """The known word that is nearest, in any case; `None` when none is near.

    Of words that differ in their case alone, as the two names of a field do, the one that is written more alike.
    """
    if len(word) > _LONGEST_SLIP:
        return None
    found = difflib.get_close_matches(word.casefold(), {item.casefold() for item in known}, n=1)
    if not found:
        return None
    written = [item for item in known if item.casefold() == found[0]]
    return max(written, key=lambda item: difflib.SequenceMatcher(None, word, item).ratio())
