"""A document that is wrong, mended as far as it takes to read the rest: so that all that is wrong is said at once.

A misspelt key is read as the one that was meant, and its value with it; what cannot be read is left out.
"""

from __future__ import annotations

import copy

from mockmkto.worlds.problems import Location
from mockmkto.worlds.reading import Plain, at

__all__ = ["Mended"]


class Mended:
    """A copy of what a document says, in which things are renamed and left out; it knows what was where."""

    def __init__(self, plain: Plain) -> None:
        self.plain: Plain = copy.deepcopy(plain)
        self._keys: dict[int, dict[str, str]] = {}  # of a mapping: the key that stands there now, and the one that was
        self._places: dict[int, list[int]] = {}  # of a list: where each item was
        self._touched: set[Location] = set()

    def original(self, location: Location) -> Location:
        """The place that this one was in the document."""
        steps: list[str | int] = []
        value: Plain = self.plain
        for step in location:
            if isinstance(value, dict) and isinstance(step, str):
                steps.append(self._keys.get(id(value), {}).get(step, step))
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int):
                places = self._places.get(id(value))
                steps.append(places[step] if places is not None and step < len(places) else step)
                value = value[step] if step < len(value) else None
            else:
                steps.append(step)
                value = None
        return tuple(steps)

    def was_touched(self, location: Location) -> bool:
        """Whether something was left out of what stands there, so that it lacks a key for that reason alone."""
        return self.original(location) in self._touched

    def rename(self, location: Location, key: str, meant: str) -> bool:
        """Have a key of the mapping there spelt as it was meant; not where that one is there as well."""
        value = at(self.plain, location)
        if not isinstance(value, dict) or meant in value:
            return False
        for name in list(value):  # in its place
            value[meant if name == key else name] = value.pop(name)
        self._keys.setdefault(id(value), {})[meant] = key
        return True

    def leave_out(self, location: Location) -> bool:
        """Take away what stands there; whether that could be done."""
        if not location:
            return False
        parent, step = at(self.plain, location[:-1]), location[-1]
        self._touched.add(self.original(location[:-1]))
        if isinstance(parent, dict) and isinstance(step, str) and step in parent:
            del parent[step]
            return True
        if isinstance(parent, list) and isinstance(step, int) and step < len(parent):
            self._places.setdefault(id(parent), list(range(len(parent)))).pop(step)
            del parent[step]
            return True
        return False
