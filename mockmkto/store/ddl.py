"""All tables of a kind with their indexes, as texts of statements."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import MetaData, create_mock_engine
from sqlalchemy.schema import CreateIndex, ExecutableDDLElement

__all__ = ["tables_and_indexes_of", "tables_of"]


def tables_of(metadata: MetaData, url: str) -> str:
    """What makes them in the dialect of that URL, sent at once: a tenth to a third of the time of one by one."""
    return ";".join(text for _, text in _statements(metadata, url))


def tables_and_indexes_of(metadata: MetaData, url: str) -> tuple[str, str]:
    """The same in two: what makes the tables, and what makes their indexes when the rows are there."""
    statements = _statements(metadata, url)
    return (
        ";".join(text for is_index, text in statements if not is_index),
        ";".join(text for is_index, text in statements if is_index),
    )


@cache
def _statements(metadata: MetaData, url: str) -> Sequence[tuple[bool, str]]:
    """Whether each makes an index, and its text."""
    statements: list[tuple[bool, str]] = []

    def note(statement: ExecutableDDLElement, *_: object, **__: object) -> None:
        statements.append((isinstance(statement, CreateIndex), str(statement.compile(dialect=engine.dialect))))

    engine = create_mock_engine(url, note)
    metadata.create_all(engine, checkfirst=False)
    return statements
