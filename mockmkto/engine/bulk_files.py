"""Files of the bulk API: their header and rows, read from bytes and written as bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import msgspec

from mockmkto.errors import RestError
from mockmkto.model.bulk import BulkFormat

__all__ = [
    "EMPTY_CELL",
    "FAILURE_REASON",
    "WARNING_REASON",
    "PackedFile",
    "pack_file",
    "read_file",
    "read_format",
    "unpacked",
    "written",
]

FAILURE_REASON, WARNING_REASON = "Import Failure Reason", "Import Warning Reason"
"""What the column is called that a file of failed rows, or of rows with a warning, has more (captured, documented)."""

EMPTY_CELL = "null"
"""What an extract writes where there is no value (documented)."""

PACK = 100
"""Rows that are stored together, and done together where there are many."""

_FORMATS = {item.value: item for item in BulkFormat}
_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(list[list[str]]).decode


def read_format(text: str | None) -> BulkFormat:
    """The format that a request names, in any case; CSV where it names none (documented).

    Raises:
        RestError: 1001 it is none.
    """
    if not text:
        return BulkFormat.CSV
    found = _FORMATS.get(text.strip().casefold())
    if found is None:
        raise RestError.invalid_type(text, "CSV, TSV, SSV")
    return found


def read_file(content: bytes, format: BulkFormat) -> tuple[tuple[str, ...], Iterator[list[str]]]:
    """The names in the header, and the rows behind it one after another; a line without any text is no row.

    A name is as it stands there, blanks included (documented: ` vin` is not `vin`). A byte that is no UTF-8 is replaced
    (assumed).

    Raises:
        RestError: 1003 the file is empty (captured), or cannot be read as a table: then while the rows are read.
    """
    text = content.decode("utf-8-sig", "replace")
    rows = _rows(text, format)
    header = next(rows, None)
    if header is None:
        raise RestError.invalid_data("Empty file")
    return tuple(header), rows


def _rows(text: str, format: BulkFormat) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=format.delimiter)
    try:
        for cells in reader:
            if cells and (cells[0].strip() or any(map(str.strip, cells))):
                yield cells
    except csv.Error as error:  # a cell of more than 128 KiB, as behind a quotation mark that nobody closed
        raise RestError.invalid_data(f"Invalid file: line {reader.line_num}: {error}") from None


class PackedFile(NamedTuple):
    """A file that was read: its rows in packs of `PACK`, as bytes to be stored."""

    format: BulkFormat
    header: tuple[str, ...]
    packs: list[bytes]


def pack_file(content: bytes, format: str | None) -> PackedFile:
    """A file as it is stored. That takes its time where it is large, and needs no subscription.

    Raises:
        RestError: as `read_format` and `read_file`.
    """
    read = read_format(format)
    header, rows = read_file(content, read)
    packs = []
    while pack := list(islice(rows, PACK)):
        packs.append(_encode(pack))
    return PackedFile(read, header, packs)


def unpacked(pack: bytes) -> list[list[str]]:
    """The rows of a pack."""
    return _decode(pack)


def written(rows: Iterable[Sequence[str]], format: BulkFormat) -> bytes:
    """Rows as a part of a file."""
    text = io.StringIO()
    csv.writer(text, delimiter=format.delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")
