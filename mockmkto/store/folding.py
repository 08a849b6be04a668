"""Folding case in PostgreSQL as Python does it, and so as it is folded everywhere else here."""

from __future__ import annotations

import sys
from functools import cache

__all__ = ["folding_function"]


def folding_function(root: str) -> str:
    """A function that folds the case as Python does, made from Python's own table: PostgreSQL's locales know others."""
    plain = 'octet_length($1) = length($1) THEN lower($1 COLLATE "C")'
    body = f"SELECT CASE WHEN {plain} ELSE {_expression()} END"
    return f"CREATE FUNCTION {root}.folded(text) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $body${body}$body$"


@cache
def _expression() -> str:
    """Of every character there is."""
    folded = {
        character: text
        for character in map(chr, range(sys.maxunicode + 1))
        if (text := character.casefold()) != character
    }
    single = {character: text for character, text in folded.items() if len(text) == 1}
    expression = f"translate($1, '{''.join(single)}', '{''.join(single.values())}')"
    for character, text in folded.items():
        if len(text) > 1:
            expression = f"replace({expression}, '{character}', '{text}')"
    return expression
