"""Everything beside the leads on both sides, each thing by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from mockmkto.migration.model import Compared, Difference, Verdict
from mockmkto.migration.records import Record
from mockmkto.migration.values import form_only, hint

__all__ = ["compare_records"]


def compare_records(old: Iterable[Record], new: Iterable[Record]) -> Iterator[Compared]:
    """Each record of either side; those of one name are paired in the order of their creation."""
    here, there = _named(old), _named(new)
    for key in dict.fromkeys((*here, *there)):
        for one, other in zip_longest(here.get(key, ()), there.get(key, ())):
            yield _compared(one, other)


def _named(records: Iterable[Record]) -> dict[tuple[str, str], list[Record]]:
    found: dict[tuple[str, str], list[Record]] = {}
    for item in records:
        found.setdefault((item.kind, item.label.casefold()), []).append(item)
    return found


def _compared(one: Record | None, other: Record | None) -> Compared:
    either = one or other
    assert either is not None
    ids = (one.id if one is not None else None, other.id if other is not None else None)
    if one is None or other is None:
        shown = ", ".join(f"{name} {text!r}" for name, text in either.values.items()) or "there"
        sides = (shown, None) if other is None else (None, shown)
        return Compared(either.kind, either.label, *ids, differences=(Difference(either.kind, *sides),))
    return Compared(either.kind, either.label, *ids, "name", tuple(_differences(one, other)))


def _differences(one: Record, other: Record) -> Iterator[Difference]:
    for name in dict.fromkeys((*one.values, *other.values)):
        texts = one.values.get(name), other.values.get(name)
        if texts[0] == texts[1]:
            continue
        kind = one.types.get(name) or other.types.get(name)
        if why := form_only(kind, *texts):
            yield Difference(name, *texts, Verdict.FORM, why=why)
        else:
            yield Difference(name, *texts, why=hint(kind, *texts, one.values, None))
