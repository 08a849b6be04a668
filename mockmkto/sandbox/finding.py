"""What the things of a subscription are found by in a test: values, whole or by how they begin, in any case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from mockmkto.sandbox.report import last_calls
from mockmkto.sandbox.transport import Control, as_text

__all__ = ["as_texts", "is_so", "needed", "only_one", "value_of"]

_SHOWN = 10

_T = TypeVar("_T")


def value_of(values: Mapping[str, str], name: str) -> str | None:
    """The value of a field, in any case of its name."""
    wanted = name.casefold()
    return next((value for own, value in values.items() if own.casefold() == wanted), None)


def is_so(values: Mapping[str, str], where: Mapping[str, object]) -> bool:
    """Whether every field has the value that is asked for, in any case, or begins so (`Name="Big*"`)."""
    for name, wanted in where.items():
        there = (value_of(values, name) or "").casefold()
        text = "" if wanted is None else as_text(wanted).casefold()
        if there != text and not (text.endswith("*") and there and there.startswith(text[:-1])):
            return False
    return True


def as_texts(given: Mapping[str, object] | None, more: Mapping[str, object]) -> dict[str, str | None]:
    """Values by the names of fields, as texts."""
    return {name: None if value is None else as_text(value) for name, value in {**(given or {}), **more}.items()}


def only_one(found: list[_T], what: str, where: Mapping[str, object], there: Iterable[object], control: Control) -> _T:
    """The only one of those found.

    Raises:
        AssertionError: there is none or there are several; it shows those that there are.
    """
    __tracebackhide__ = True
    if len(found) == 1:
        return found[0]
    wanted = ", ".join(f"{name}={as_text(value)!r}" for name, value in where.items())
    expected = f"expected one {what} with {wanted}" if wanted else f"expected one {what}"
    shown = [repr(item) for item in (found or there)]
    lines = [f"{expected}, got {len(found) or 'none'}" + (f" of {len(shown)}:" if not found and shown else ":")]
    lines += [f"  {item}" for item in shown[:_SHOWN]]
    if len(shown) > _SHOWN:
        lines.append(f"  and {len(shown) - _SHOWN} more")
    raise AssertionError("\n".join([*lines, *last_calls(control)]))


def needed(values: Mapping[str, str], name: str, of: str) -> str:
    """The value of a field.

    Raises:
        KeyError: there is none; it says which there are.
    """
    value = value_of(values, name)
    if value is None:
        raise KeyError(f"{of} has no value in {name}; it has {', '.join(values) or 'no attributes'}")
    return value
