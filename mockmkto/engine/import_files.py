"""The file of an import: what its columns are, and its rows, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from msgspec import Struct

from mockmkto.engine.catalogue import by_display_name, closest_name, display_name
from mockmkto.engine.reading import EMAIL_FIELD
from mockmkto.errors import Code, MarketoError
from mockmkto.model import Attribute, FieldCatalogue, TraceBuilder
from mockmkto.model.programs import token_name

__all__ = ["Columns", "Row", "read_columns", "read_rows"]

_EMAILS = ("email", display_name(EMAIL_FIELD).casefold())


class Row(Struct, frozen=True):
    """A row, its cells by what their columns are. `problem` says why it cannot be read."""

    number: int  # in the file, from 1
    email: str
    attributes: tuple[Attribute, ...] = ()
    tokens: tuple[tuple[str, str], ...] = ()
    problem: str = ""


class Columns(Struct, frozen=True):
    """What each column is: the e-mail, a field or a token by name, or nothing."""

    names: tuple[str, ...]  # as the header has them
    email: int
    fields: tuple[tuple[int, str], ...]
    tokens: tuple[tuple[int, str], ...]

    def row(self, number: int, cells: list[str], *, keep_empty: bool) -> Row:
        """The row of these cells; where fewer came than there are columns, the others are empty (assumed)."""
        if len(cells) > len(self.names):
            return Row(number, "", problem=f"it has {len(cells)} cells, and there are {len(self.names)} columns")
        cells = [cell.strip() for cell in cells] + [""] * (len(self.names) - len(cells))
        if not cells[self.email]:
            return Row(number, "", problem="it has no e-mail")
        attributes = tuple(
            Attribute(name, cells[place]) for place, name in self.fields if cells[place] or not keep_empty
        )
        tokens = tuple((name, cells[place]) for place, name in self.tokens if cells[place])
        return Row(number, cells[self.email], attributes, tokens)


def read_columns(header: str, catalogue: FieldCatalogue, trace: TraceBuilder, *, unknown_faults: bool) -> Columns:
    """What the columns of a header are: display names (documented), or the names of the API, with a warning.

    Names are trimmed and in any case; `{{my.x}}` and `my.x` are tokens (captured). A column that is nothing is ignored
    (assumed), with a warning.

    Raises:
        MarketoError: 20105 a column is nothing, and that is to be a fault; 20110 there is no column of e-mails.
    """
    names = tuple(name.strip() for name in next(_cells([header]), None) or ())
    email, fields, tokens, unknown = -1, dict[str, int](), dict[str, int](), list[str]()
    for place, name in enumerate(names):
        field = by_display_name(name, catalogue) or catalogue.find(name)
        if name.casefold() in _EMAILS:
            email = place
        elif name.startswith(("{{", "my.")):
            tokens[token_name(name)] = place
        elif field is None:
            unknown.append(name)
        else:
            if display_name(field).casefold() != name.casefold():
                shown = display_name(field)
                trace.warn("column", f"column {name} was read as {shown}: a header has display names", name, shown)
            if field.name in fields:
                trace.warn("twice", f"column {name} is there twice: the last one counts", name)
            fields[field.name] = place
    for name in unknown:
        nearest = closest_name(name, catalogue) if not trace.full else None
        hint = f"; did you mean {nearest}?" if nearest else ""
        trace.warn("column", f"column {name} is no field, and was ignored{hint}", name, nearest)
    if unknown and unknown_faults:
        text = f"importToList operation failed: unknown fields for import: {', '.join(unknown)}"
        raise MarketoError(Code.LEAD_ATTRIBUTE_BAD, text)
    if email < 0:
        raise MarketoError.bad_parameter("importFileHeader", "it has no column Email")
    return Columns(
        names,
        email,
        tuple((place, name) for name, place in fields.items()),
        tuple((place, name) for name, place in tokens.items()),
    )


def read_rows(texts: Iterable[str], columns: Columns, *, keep_empty: bool) -> Iterator[Row]:
    """The rows: each text has one, or several lines of them (assumed); an empty line is none."""
    for number, cells in enumerate(_cells(texts), 1):
        if cells is None:
            yield Row(number, "", problem="it cannot be read as CSV")
        else:
            yield columns.row(number, cells, keep_empty=keep_empty)


def _cells(texts: Iterable[str]) -> Iterator[list[str] | None]:
    """The cells of each line; `None` for the rest of a text that is no CSV, such as one with a cell of 128 KiB."""
    for text in texts:
        lines = csv.reader(io.StringIO(text, newline=None), skipinitialspace=True)
        while True:
            try:
                cells = next(lines)
            except StopIteration:
                break
            except csv.Error:
                yield None
                break
            if any(cell.strip() for cell in cells):
                yield cells
