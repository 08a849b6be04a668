"""The custom objects of a subscription, as a test sees and makes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mockmkto.model.moments import Moment
from mockmkto.sandbox.finding import as_texts, is_so, needed, only_one, value_of
from mockmkto.sandbox.transport import Control, segment

__all__ = ["CustomObjects", "Record", "Records"]

_PAGE = 500


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """A custom object as it was when it was asked for. `record["city"]` is a value, in any case of the name."""

    id: int
    lead: int | None
    values: Mapping[str, str]
    created_at: Moment
    updated_at: Moment

    def __getitem__(self, name: str) -> str:
        return needed(self.values, name, f"record {self.id}")

    def get(self, name: str, default: str | None = None) -> str | None:
        """A value; the default when it is empty."""
        return value_of(self.values, name) or default

    def __repr__(self) -> str:
        said = " ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"<{said}{f' of lead {self.lead}' if self.lead is not None else ''}>"


@dataclass(frozen=True, slots=True)
class _RecordPage:
    records: tuple[Record, ...]
    total: int
    next: str | None = None


@dataclass(frozen=True, slots=True)
class _Type:
    name: str


@dataclass(frozen=True, slots=True)
class _Types:
    types: tuple[_Type, ...]


class Records:
    """The custom objects of one type: `len()`, iteration in the order of their keys, and these methods."""

    def __init__(self, control: Control, name: str) -> None:
        self._control = control
        self._name = name
        self._path = f"/custom-objects/{segment(name)}/records"

    def add(self, values: Mapping[str, object] | None = None, /, **more: object) -> Record:
        """A new record, put there as it is: no syncCustomObjects.

        Raises:
            ControlError: there is no such type or field, a key has no value, or a record has these keys.
        """
        return self._control.send("POST", self._path, {"values": as_texts(values, more)}, Record)

    def one(self, where: Mapping[str, object] | None = None, /, *, lead: int | None = None, **more: object) -> Record:
        """The only record with these values.

        Raises:
            AssertionError: there is none or there are several; it shows those that there are.
        """
        __tracebackhide__ = True
        wanted = {**(where or {}), **more}
        return only_one(self.all(wanted, lead=lead), self._name, wanted, self.all(), self._control)

    def all(
        self, where: Mapping[str, object] | None = None, /, *, lead: int | None = None, **more: object
    ) -> list[Record]:
        """Every record with these values, and of that lead, in the order of their keys."""
        wanted = {**(where or {}), **more}
        of = [("lead", lead)] if lead is not None else []
        found: list[Record] = []
        offset = 0
        while True:
            page = self._control.get(self._path, _RecordPage, ("offset", offset), ("limit", _PAGE), *of)
            found += [item for item in page.records if is_so(item.values, wanted)]
            offset += len(page.records)
            if page.next is None or not page.records:
                return found

    def delete(self, record: Record | int) -> None:
        """Take a record away.

        Raises:
            ControlError: there is no such record.
        """
        self._control.tell("DELETE", f"{self._path}/{segment(record.id if isinstance(record, Record) else record)}")

    def __len__(self) -> int:
        return self._control.get(self._path, _RecordPage, ("limit", 1)).total

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Record]:
        return iter(self.all())

    def __repr__(self) -> str:
        return f"<{len(self)} {self._name} of {self._control.subscription}>"


class CustomObjects:
    """The custom objects of a subscription, by the names of their types.

    ```python
    marketo.custom_objects["Roadshow"].add(MKTOID=1001, rid="r1", city="Rome")
    assert marketo.custom_objects["Roadshow"].one(rid="r1")["city"] == "Rome"
    ```
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    def __getitem__(self, name: str) -> Records:
        return Records(self._control, name)

    def __iter__(self) -> Iterator[str]:
        return iter(item.name for item in self._control.get("/custom-objects", _Types).types)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<types of custom objects of {self._control.subscription}: {', '.join(self) or 'none'}>"
