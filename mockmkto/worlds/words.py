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
    """The known word that is nearest, in any case; `None` when none is near."""
    if len(word) > _LONGEST_SLIP:
        return None
    by_folded = {item.casefold(): item for item in known}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None
