"""The files of the bulk API, part by part: what is still to be imported, what failed, what was extracted.

Every query here goes through an index; a test reads SQLite's plan of each (`FINDERS`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, func, insert, select

from mockmkto.store.bulk_tables import bulk_part
from mockmkto.store.session import Session

__all__ = ["FINDERS", "Part", "drop_file", "parts", "put_part", "put_parts", "size_of", "take_part"]

_of_file = (bulk_part.c.job == bindparam("of_job"), bulk_part.c.file == bindparam("of_file"))
_first_part = select(bulk_part).where(*_of_file).order_by(bulk_part.c.position).limit(1)
_last_part = (
    select(bulk_part.c.position, bulk_part.c.start, func.length(bulk_part.c.content).label("size"))
    .where(*_of_file)
    .order_by(bulk_part.c.position.desc())
    .limit(1)
)
_part_at = select(bulk_part).where(*_of_file, bulk_part.c.position == bindparam("of_position"))
_place_of = (
    select(bulk_part.c.position)
    .where(*_of_file, bulk_part.c.start <= bindparam("byte"))
    .order_by(bulk_part.c.start.desc())
    .limit(1)
)

FINDERS: Mapping[str, Select[Any]] = {
    "the first part of a file": _first_part,
    "the last part of a file": _last_part,
    "a part of a file": _part_at,
    "the part of a file with a byte": _place_of,
}

_insert_part = insert(bulk_part)
_delete_part = delete(bulk_part).where(*_of_file, bulk_part.c.position == bindparam("of_position"))
_delete_file = delete(bulk_part).where(*_of_file)


class Part(NamedTuple):
    """A part of a file, and how many bytes are before it."""

    position: int
    start: int
    content: bytes


def put_part(session: Session, job: object, file: str, content: bytes) -> int:
    """Put a part behind the others; how many bytes the file has then."""
    return put_parts(session, job, file, (content,))


def put_parts(session: Session, job: object, file: str, contents: Iterable[bytes]) -> int:
    """Put parts behind the others, in this order; how many bytes the file has then."""
    last = session.first(_last_part, {"of_job": str(job), "of_file": file})
    position, size = (last.position, int(last.start) + int(last.size)) if last is not None else (-1, 0)
    parts = []
    for content in contents:
        position += 1
        parts.append({"job": str(job), "file": file, "position": position, "start": size, "content": content})
        size += len(content)
    session.run_many(_insert_part, parts)
    return size


def take_part(session: Session, job: object, file: str) -> bytes | None:
    """The first part that is there, which is there no more; `None` where there is none."""
    row = session.first(_first_part, {"of_job": str(job), "of_file": file})
    if row is None:
        return None
    session.run(_delete_part, {"of_job": str(job), "of_file": file, "of_position": row.position})
    return bytes(row.content)


def size_of(session: Session, job: object, file: str) -> int | None:
    """How many bytes a file has; `None` where there is none."""
    row = session.first(_last_part, {"of_job": str(job), "of_file": file})
    return int(row.start) + int(row.size) if row is not None else None


def parts(session: Session, job: object, file: str, *, first: int = 0, last: int | None = None) -> Iterator[Part]:
    """The parts of a file that have a byte from the first up to the last one asked for, one after another."""
    asked: dict[str, Any] = {"of_job": str(job), "of_file": file}
    row = session.first(_place_of, {**asked, "byte": first})
    while row is not None:
        part = session.first(_part_at, {**asked, "of_position": row.position})
        if part is None or (last is not None and part.start > last):
            return
        yield Part(part.position, part.start, bytes(part.content))
        row = session.first(_part_at, {**asked, "of_position": part.position + 1})


def drop_file(session: Session, job: object, file: str) -> None:
    """Forget a file of a job."""
    session.run(_delete_file, {"of_job": str(job), "of_file": file})
