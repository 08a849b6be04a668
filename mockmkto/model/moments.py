"""Plain datetimes, whatever class a test puts in their place (freezegun): what is written and read knows only those."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

__all__ = ["Moment", "encodable", "plain"]


def plain(moment: datetime) -> datetime:
    """The same time, in the standard library's own class."""
    if type(moment).__module__ == "datetime":
        return moment
    parts = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond)
    made: datetime = _base(type(moment), "datetime")(*parts, tzinfo=moment.tzinfo, fold=moment.fold)
    return made


def encodable(value: object) -> object:
    """For encoders (`enc_hook`): a value of a class derived from datetime or date, as what it is derived from.

    Raises:
        NotImplementedError: it is anything else.
    """
    if isinstance(value, datetime):
        return plain(value)
    if isinstance(value, date):
        return _base(type(value), "date")(value.year, value.month, value.day)
    raise NotImplementedError(f"a {type(value).__name__} cannot be written")


def _base(kind: type, name: str) -> Any:
    """The standard library's class that one derives from: while a test has put it away, its name is not it."""
    return next(base for base in kind.__mro__ if (base.__module__, base.__name__) == ("datetime", name))


# The type of a time in what is read and written: it stays what it is while the name `datetime` is another class.
if TYPE_CHECKING:
    Moment = Annotated[datetime, "a time"]
else:
    Moment = Annotated[_base(datetime, "datetime"), "a time"]
