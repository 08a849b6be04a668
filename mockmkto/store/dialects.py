"""What SQLite and PostgreSQL call by different names, as one function each for the queries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

__all__ = ["ascii_lower", "folded", "json_pairs", "octet_length", "stripped"]


class json_pairs(GenericFunction[Any]):  # functions are called by small letters
    """A table of the members of a JSON object, `key` and `value` as text."""

    name = "mockmkto_json_pairs"
    inherit_cache = True


class folded(GenericFunction[str]):
    """A text as Python's `casefold` makes it, compared byte by byte, whatever the database's locale."""

    name = "folded"
    type = Text()
    inherit_cache = True


class octet_length(GenericFunction[int]):
    """How many bytes a text takes in UTF-8. SQLite has the function of that name from 3.43 on only."""

    name = "mockmkto_octet_length"
    type = Integer()
    inherit_cache = True


class ascii_lower(GenericFunction[str]):
    """A text for LIKE to look into, whatever the case of its ASCII letters. SQLite's LIKE does not look at that."""

    name = "mockmkto_ascii_lower"
    type = Text()
    inherit_cache = True


class stripped(GenericFunction[str]):
    """A text without those characters around it that are in another one."""

    name = "mockmkto_stripped"
    type = Text()
    inherit_cache = True


_TEXTS: dict[type[GenericFunction[Any]], dict[str, str]] = {
    json_pairs: {"sqlite": "json_each({})", "postgresql": "json_each_text({})"},
    folded: {"sqlite": "folded({})", "postgresql": '(folded({}) COLLATE "C")'},
    octet_length: {"sqlite": "length(CAST({} AS BLOB))", "postgresql": "octet_length({})"},
    stripped: {"sqlite": "trim({})", "postgresql": "btrim({})"},
    ascii_lower: {"sqlite": "{}", "postgresql": 'lower({} COLLATE "C")'},
}


def _written(function: GenericFunction[Any], compiler: SQLCompiler, **options: Any) -> str:
    text = _TEXTS[type(function)][compiler.dialect.name]
    return text.format(compiler.process(function.clause_expr.element, **options))


for _function in _TEXTS:
    compiles(_function)(_written)
