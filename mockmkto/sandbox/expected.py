"""What a test expects of a call: a search of the journal, made exact.

A search finds a part of a text in any case; an assertion means the whole of it. So each expectation is two things that
agree: the search that the server runs, which finds at least the calls that are meant, and the terms that decide here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mockmkto.model import Call
from mockmkto.sandbox.transport import as_text
from mockmkto.search import TERMS, Search, Term, TermKind, parse_search

__all__ = ["Expectation", "expect", "search_text"]

__tracebackhide__ = True  # a test's traceback ends in the test

_KINDS = {kind.name: kind for kind in TERMS}
_TIMES = ("since", "until")
_ALIASES = {"operation": "op", "lead_id": "lead", "user_id": "user", "client_id": "user"}

# The keys of a request by the names of the contract, and the term of the search language that looks at each.
_KEYS = {
    "Id": "id",
    "Email": "email",
    "ForeignSysPersonId": "foreign",
    "ForeignSysType": None,
    "marketoCookie": "cookie",
    "targetWorkspace": "workspace",
}
_OPERATION = re.compile(r"^\s*([A-Za-z]\w*(?:\.\w+)?)(?=\s|$)")  # syncLead, leads.sync


class _Exactly(Term, frozen=True, kw_only=True):
    """A key or an attribute that was sent: its whole value; an e-mail in any case, as Marketo compares it."""

    in_any_case: bool = False

    def difference(self, call: Call) -> str | None:
        found = list(self.kind.values(call))
        if self.value == "*":
            holds = bool(found)
        elif self.in_any_case:
            holds = self.value.casefold() in (text.casefold() for text in found)
        else:
            holds = self.value in found
        if holds != self.negated:
            return None
        wanted = "any value" if self.value == "*" else repr(self.value)
        expected = "nothing sent" if self.negated else wanted
        return f"{self.kind.name}: expected {expected}, got {', '.join(map(repr, found)) or 'nothing sent'}"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of a call."""

    text: str  # the search that the server runs: finds it, and perhaps more
    shown: str  # for the person who reads a failure
    asked: str  # the search that was asked for
    exact: tuple[Term, ...]  # and what must be so beside it
    unsent: tuple[str, ...] = ()  # names of attributes that must not have been sent

    def search(self, now: datetime) -> Search:
        """The search that decides; `now` is the subscription's time."""
        return Search((*parse_search(self.asked, now).terms, *self.exact))


def expect(search: str, expected: Mapping[str, object]) -> Expectation:
    """The expectation of a search, or of an operation's name, and of named values.

    A name is one of the search language (`status`, `fault`, `by` ...), a key of the contract (`Email`, `Id`,
    `ForeignSysPersonId`, `marketoCookie`, `targetWorkspace` ...), what names a list, a campaign or the like
    (`campaignId`, `MKTOLISTNAME`), or an attribute or a token. `None` is "not sent", `"*"` is any value.
    """
    text = _OPERATION.sub(r"op:\1", search).strip()
    asked = [text] if text else []
    shown, wider = list(asked), list(asked)
    exact = []
    for name, value in expected.items():
        term = search_text(name, value)
        if term is not None:
            wider.append(term)
        if _term_name(name) is None:
            exact.append(_exactly(name, value))
            shown.append(f"no {name}" if value is None else f"{name}={'*' if value == '*' else repr(as_text(value))}")
        elif term is None:
            raise ValueError(f"{name}: the search language cannot look for {value!r}")
        else:
            asked.append(term)
            shown.append(term)
    unsent = tuple(name for name, value in expected.items() if value is None and search_text(name, value) is None)
    return Expectation(" ".join(wider), " ".join(shown), " ".join(asked), tuple(exact), unsent)


def search_text(name: str, value: object) -> str | None:
    """An expectation in the search language, which may find more than is meant; `None` when it cannot be said."""
    text = "*" if value is None else as_text(value)
    if '"' in text:
        return None
    term = _term_name(name) or _KEYS.get(name)
    if term is not None:
        minus = "-" if value is None else ""
        return f"{minus}{term}:*" if text == "*" else f"{term}:{_quoted(text)}"
    if value is None or name in _KEYS:
        return None
    return f"attr:{_quoted(f'{name}={text}')}" if text != "*" else f"attr:{_quoted(f'{name}=')}"


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[^\s\"*]+", text) else f'"{text}"'


def _term_name(name: str) -> str | None:
    name = _ALIASES.get(name, name)
    return name if name in _KINDS or name in _TIMES else None


def _exactly(name: str, value: object) -> Term:
    def sent_key(call: Call) -> tuple[str, ...]:
        own = (call.fields.keys[name],) if name in call.fields.keys else ()
        return (*own, *(record[name.lower()] for record in call.fields.records if name.lower() in record))

    def sent_attribute(call: Call) -> tuple[str, ...]:
        fields, folded = call.fields, name.casefold()
        said = (item for part in (fields.keys, fields.attributes, *fields.records) for item in part.items())
        return tuple(text for sent, text in said if sent.casefold() == folded)

    kind = TermKind(name, "", "", sent_key if name in _KEYS else sent_attribute, exact=True)
    text = "*" if value is None else as_text(value)
    return _Exactly(kind, text, negated=value is None, in_any_case=name == "Email")
