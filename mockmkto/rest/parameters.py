"""The parameters of a request: of its query, and of its body where that is a form."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from urllib.parse import parse_qsl

from mockmkto.errors import RestError
from mockmkto.model import TraceBuilder

__all__ = ["Parameters", "whole_number"]

_MOST = 5000  # parameters: more than a body of 1 MB needs to name 300 leads one by one

_LONGEST_NAME = 100  # names are compared in quadratic time

_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no", ""})
_IGNORED = frozenset({"access_token", "_method"})


class Parameters:
    """What was given, in its order; empty ones are as if they were not there (captured: `name=&programName=`)."""

    def __init__(self, *texts: str) -> None:
        self._given: dict[str, list[str]] = {}
        self._asked: dict[str, None] = {}
        for text in texts:
            self.take(text)

    def take(self, text: str) -> None:
        """Take what a query or a form says beside what is there.

        Raises:
            RestError: 1003, it has more parameters than any call needs.
        """
        if not text:
            return
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST)
        except ValueError:
            raise RestError.invalid_data(f"More than {_MOST} parameters") from None
        for name, value in pairs:
            self.put(name, value)

    def put(self, name: str, value: str) -> None:
        """Take one."""
        self._given.setdefault(name, []).append(value)

    def text(self, name: str) -> str | None:
        """The value of a parameter, the first that is not empty; `None` where it was not given."""
        self._asked[name] = None
        return next((value for value in self._given.get(name, ()) if value), None)

    def required(self, name: str) -> str:
        """The value of a parameter.

        Raises:
            RestError: 1003 `... not specified` (captured for filterValues).
        """
        value = self.text(name)
        if value is None:
            raise RestError.not_specified(name)
        return value

    def texts(self, name: str) -> list[str]:
        """The values of a parameter that was repeated, or that lists them with commas; both are documented.

        A published client escapes the `&` between repeated ones, too; each was answered all the same (captured).
        """
        self._asked[name] = None
        again = f"&{name}="
        parts = [part.strip() for value in self._given.get(name, ()) for part in value.replace(again, ",").split(",")]
        return [part for part in parts if part]

    def whole(self, name: str, default: int, *, least: int = 1, most: int = 2**31 - 1) -> int:
        """A whole number, no less and no more than that: one that is beyond is that (assumed).

        Raises:
            RestError: 1001, it is no number.
        """
        value = self.text(name)
        if value is None:
            return default
        return min(max(whole_number(value), least), most)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean, in any case: a published client sends `False`.

        Raises:
            RestError: 1001, it is none.
        """
        value = self.text(name)
        if value is None:
            return default
        folded = value.strip().lower()
        if folded in _TRUE:
            return True
        if folded in _FALSE:
            return False
        raise RestError.invalid_type(value, "Boolean")

    def shown(self) -> Iterator[tuple[str, str]]:
        """What was given, as the record of a call shows it, secrets aside."""
        for name, values in self._given.items():
            if name not in ("access_token", "client_secret", "_method"):
                yield name, ",".join(values)

    def warn_of_slips(self, trace: TraceBuilder) -> None:
        """Note what was given and is much like a parameter that was asked for and not given: the call was refused."""
        missing = [name for name in self._asked if name not in self._given]
        for name in self._given:
            close = (
                get_close_matches(name[:_LONGEST_NAME], missing, n=1, cutoff=0.75) if name not in self._asked else []
            )
            if close and not trace.full:
                trace.warn("parameter", f"the parameter {name} is not read; did you mean {close[0]}?", name, close[0])

    def warn_of_unread(self, trace: TraceBuilder) -> None:
        """Note what was given and no operation asked for: the vendor ignored it, and a test should know."""
        for name in self._given:
            if name not in self._asked and name not in _IGNORED and not trace.full:
                known = ", ".join(self._asked) or "none"
                trace.warn("parameter", f"the parameter {name} is not read by this call; these are: {known}", name)


def whole_number(text: str) -> int:
    """The number that a parameter says.

    Raises:
        RestError: 1001, it says none.
    """
    stripped = text.strip()
    if not (stripped.isascii() and stripped.lstrip("+-").isdigit() and len(stripped) < 20):
        raise RestError.invalid_type(text, "Integer")
    return int(stripped)
