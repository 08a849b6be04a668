"""The search language of the journal: `op:syncLead status:CREATED email:ann@ warning:* since:5m`.

A search is a list of terms, and a call matches when no term differs from it: the same code finds, counts, waits, and
says why the closest call was not the one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec import Struct

from mockmkto.model import Call, Key, Verdict
from mockmkto.settings import parse_duration

__all__ = ["TERMS", "Search", "SearchError", "Term", "TermKind", "closest", "parse_search"]

_TOKEN = re.compile(r'(?P<minus>-?)(?:(?P<name>[^\s:"=]+):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>\S*))\s*')


class SearchError(ValueError):
    """A search that cannot be read: what was expected, and where."""


class TermKind(Struct, frozen=True):
    """One kind of term: its name, what it looks at, and how it compares."""

    name: str
    help: str
    example: str
    values: Callable[[Call], Iterable[str]]  # what the call has; nothing is "not there"
    exact: bool = False  # the whole text, in any case; otherwise a part of it


def _optional(value: object) -> tuple[str, ...]:
    return () if value is None else (str(value),)


def _key(name: str) -> Callable[[Call], Iterable[str]]:
    return lambda call: _optional(call.fields.keys.get(name))


def _ids(call: Call) -> Iterable[str]:
    yield from _optional(call.fields.keys.get("Id"))
    yield from (record["id"] for record in call.fields.records if "id" in record)


def _emails(call: Call) -> Iterable[str]:
    """The e-mail that was sent, or that leads were looked for by."""
    keys = call.fields.keys
    yield from _optional(keys.get("Email"))
    if keys.get("filterType", "").casefold() == "email":
        yield from _optional(keys.get("filterValues"))
    if call.api == "rest":
        yield from (step.value for record in call.trace.records for step in record.keys if step.key is Key.EMAIL)
        yield from (record["email"] for record in call.fields.records if "email" in record)


def _cookies(call: Call) -> Iterable[str]:
    keys = call.fields.keys
    yield from (keys[name] for name in ("marketoCookie", "cookie") if name in keys)


def _decided_by(call: Call) -> Iterable[str]:
    yield from _optional(call.trace.deciding.name if call.trace.deciding else None)
    if call.api == "rest":
        steps = (step for record in call.trace.records for step in record.keys)
        yield from dict.fromkeys(step.name for step in steps if step.verdict is Verdict.DECIDES)


def _statuses(call: Call) -> Iterable[str]:
    """What became of the call, and over REST, where each record has a status, what became of one of them."""
    return dict.fromkeys((call.status, *(call.trace.counts if call.api == "rest" else ())))


def _text(call: Call) -> Iterable[str]:
    yield call.request.decode("utf-8", "replace")
    yield call.response.decode("utf-8", "replace")


TERMS: tuple[TermKind, ...] = (
    TermKind("op", "the operation", "op:syncLead", lambda call: _optional(call.operation), exact=True),
    TermKind("api", "the API: soap or rest", "api:rest", lambda call: (call.api,), exact=True),
    TermKind("endpoint", "a part of the method and path of a REST call", "endpoint:/leads.json", lambda c: _at(c)),
    TermKind(
        "status",
        "CREATED, UPDATED, OK, or the code of a fault; over REST also what became of a record",
        "status:CREATED",
        _statuses,
        True,
    ),
    TermKind(
        "fault",
        "the code of a fault, or a part of its message; over REST also those of a refused record",
        "fault:20014",
        lambda c: _faults(c),
    ),
    TermKind(
        "lead", "the Id of a lead that was created, updated, chosen or shown", "lead:1001", lambda c: _leads(c), True
    ),
    TermKind("by", "the key that decided", "by:Email", _decided_by, True),
    TermKind("id", "the Id that was sent", "id:1001", _ids, True),
    TermKind("email", "a part of the e-mail that was sent", "email:ann@", _emails),
    TermKind("foreign", "a part of the ForeignSysPersonId that was sent", "foreign:A-1", _key("ForeignSysPersonId")),
    TermKind("cookie", "a part of the cookie that was sent", "cookie:token", _cookies),
    TermKind("workspace", "the workspace of the context header", "workspace:EMEA", _key("targetWorkspace"), True),
    TermKind(
        "attr",
        "an attribute that was sent, or what names a list, a campaign or the like: its name, or NAME=VALUE",
        "attr:FirstName=Ann",
        lambda c: _attrs(c),
    ),
    TermKind("warning", "a part of a warning, or of its kind", "warning:unknown_element", lambda c: _warnings(c)),
    TermKind("injected", "what a fault rule did", "injected:*", lambda c: _optional(c.injected)),
    TermKind("user", "the user id, or the client id", "user:mockmkto", lambda c: _optional(c.user_id), True),
    TermKind("version", "the version of the API", "version:2_9", lambda c: (c.version,), True),
    TermKind("call", "the number of the call in the journal", "call:12", lambda c: (str(c.sequence),), True),
    TermKind("text", "a part of the raw request or answer; also without the name", 'text:"<Email>"', _text),
)

_KINDS = {kind.name: kind for kind in TERMS}
_TIMES = ("since", "until")
_LONGEST_NAME = 40  # names are compared in quadratic time


def _at(call: Call) -> Iterable[str]:
    return _optional(call.endpoint)


def _faults(call: Call) -> Iterable[str]:
    if call.fault_code is not None:
        yield f"{call.fault_code} {call.fault_message or ''}"
    if call.api == "rest":
        yield from dict.fromkeys(record.error for record in call.trace.records if record.error is not None)


def _leads(call: Call) -> Iterable[str]:
    touched = dict.fromkeys(call.trace.lead_ids)
    if call.lead_id is not None:
        touched[call.lead_id] = None
    return map(str, touched)


def _attrs(call: Call) -> Iterable[str]:
    """Attributes, and what a request says beside the keys of a lead: a list, a campaign, a program."""
    for name, value in call.fields.keys.items():
        if name not in _OWN_TERMS:
            yield f"{name}={value}"
    for said in (call.fields.attributes, *call.fields.records):
        yield from (f"{name}={value}" for name, value in said.items())


_OWN_TERMS = ("Id", "Email", "ForeignSysPersonId", "ForeignSysType", "marketoCookie", "targetWorkspace")


def _warnings(call: Call) -> Iterable[str]:
    return (f"{warning.kind} {warning.message}" for warning in call.warnings)


class Term(Struct, frozen=True):
    """One term of a search; `*` as the value means that there is one at all."""

    kind: TermKind
    value: str
    negated: bool = False

    def difference(self, call: Call) -> str | None:
        """Why the call is not what this term looks for; `None` when it is."""
        found = list(self.kind.values(call))
        wanted = self.value.casefold()
        if self.value == "*":
            holds = bool(found)
        elif self.kind.exact:
            holds = any(text.casefold() == wanted for text in found)
        else:
            holds = any(wanted in text.casefold() for text in found)
        if holds != self.negated:
            return None
        shown = ", ".join(repr(text if len(text) <= 80 else text[:80] + "...") for text in found) or "none"
        expected = f"{'not ' if self.negated else ''}{'any' if self.value == '*' else repr(self.value)}"
        return f"{self.kind.name}: expected {expected}, got {shown}"


class _Moment(Struct, frozen=True):
    """`since:5m` or `until:2026-03-01T12:00:00Z`: when the call came, by the subscription's clock."""

    name: str
    text: str
    at: datetime
    negated: bool = False

    def difference(self, call: Call) -> str | None:
        holds = call.at >= self.at if self.name == "since" else call.at <= self.at
        if holds != self.negated:
            return None
        return f"{self.name}: expected {self.text} ({self.at.isoformat()}), got {call.at.isoformat()}"


class Search(Struct, frozen=True):
    """A search, read. An empty one finds every call."""

    terms: tuple[Term | _Moment, ...] = ()

    @property
    def reads_bytes(self) -> bool:
        """Whether it looks at the raw request or answer, which a call from a list of the journal does not carry."""
        return any(isinstance(term, Term) and term.kind.name == "text" for term in self.terms)

    def differences(self, call: Call) -> tuple[str, ...]:
        """Every term that the call is not what it looks for: a line each, empty for a match."""
        return tuple(line for term in self.terms if (line := term.difference(call)) is not None)

    def matches(self, call: Call) -> bool:
        """Whether nothing differs."""
        return all(term.difference(call) is None for term in self.terms)


def parse_search(text: str, now: datetime) -> Search:
    """The search that a text says; `now` is the subscription's time, from which `since:5m` counts back.

    Raises:
        SearchError: an unknown name, an empty value, a time that is none.
    """
    terms: list[Term | _Moment] = []
    position = 0
    stripped = text.strip()
    while position < len(stripped):
        token = _TOKEN.match(stripped, position)
        assert token is not None  # the pattern matches anything, if only a part of it
        if token.end() == position:
            raise SearchError(f"cannot be read from {stripped[position:]!r} on")
        position = token.end()
        name, negated = token["name"], bool(token["minus"])
        value = token["quoted"] if token["quoted"] is not None else token["plain"]
        if name is None:
            terms.append(Term(_KINDS["text"], value, negated))
        elif not value:
            raise SearchError(f"{name}: has no value")
        elif name in _TIMES:
            terms.append(_Moment(name, value, _moment(name, value, now), negated))
        elif name in _KINDS:
            terms.append(Term(_KINDS[name], value, negated))
        else:
            known = [*_KINDS, *_TIMES]
            near = difflib.get_close_matches(name[:_LONGEST_NAME].casefold(), known, n=1)
            meant = f" (did you mean {near[0]}:?)" if near else ""
            raise SearchError(
                f"there is no {name}: to search for{meant}; known are {', '.join(known)}. "
                'A text with a colon is "quoted"'
            )
    return Search(tuple(terms))


def _moment(name: str, text: str, now: datetime) -> datetime:
    try:
        return now - parse_duration(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SearchError(
            f"{name}: expected a duration such as 5m, or a time such as {now.isoformat(timespec='seconds')}"
        ) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=now.tzinfo)


def closest(search: Search, calls: Iterable[Call]) -> tuple[Call, tuple[str, ...]] | None:
    """The call that differs least, the latest of several, and how it differs; `None` when there are no calls."""
    best: tuple[Call, tuple[str, ...]] | None = None
    for call in calls:
        differences = search.differences(call)
        if best is None or len(differences) <= len(best[1]):
            best = (call, differences)
    return best
