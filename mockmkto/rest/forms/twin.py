"""Requests over REST as a person reads them, and what all of them are made with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlencode

from mockmkto.engine.lead_fields import rest_name
from mockmkto.engine.partitions import DEFAULT_PARTITION
from mockmkto.model import World
from mockmkto.rest.incoming import Incoming
from mockmkto.store import leads
from mockmkto.store.database import Session

__all__ = [
    "NEXT_TOKEN",
    "Given",
    "RestRequestForm",
    "Twin",
    "TwinOf",
    "field_name",
    "keys_of",
    "lead_id_of",
    "lead_ids_of",
    "nothing",
    "partition_of",
]

Given: TypeAlias = Mapping[str, Any]
"""By the names of a form's arguments: a text, a bool for a switch, a list where there may be many, pairs as tuples."""

NEXT_TOKEN = "{nextPageToken}"  # noqa: S105
"""Stands in a request for what the answer before it says."""


class RestRequestForm(NamedTuple):
    """One request. The body is what JSON says of it, or bytes that have a type of their own."""

    method: str
    path: str
    query: Mapping[str, Any] = {}
    body: Any = None
    content_type: str = "application/json"

    @property
    def line(self) -> str:
        """`GET /rest/v1/leads.json?filterType=email&filterValues=ann@example.com`."""
        query = urlencode(self.query, doseq=True, safe="@,:{}")
        return f"{self.method} {self.path}" + (f"?{query}" if query else "")

    @property
    def text(self) -> str:
        """The body as it reads; empty where there is none."""
        if self.body is None:
            return ""
        if isinstance(self.body, bytes):
            return self.body.decode("utf-8", "replace")
        return json.dumps(self.body, ensure_ascii=False, indent=2)

    def incoming(self, token: str | None = None) -> Incoming:
        """The same, to be answered; with the token that the answer before it gave."""
        query = {name: token if value == NEXT_TOKEN and token else value for name, value in self.query.items()}
        content = self.body if isinstance(self.body, bytes) else self.text.encode()
        kind = self.content_type if content or self.method != "GET" else None
        return Incoming(self.method, self.path, urlencode(query, doseq=True), content, kind)


class Twin(NamedTuple):
    """The requests that do the same, in their order, and what is different; without one there is nothing like it."""

    requests: tuple[RestRequestForm, ...] = ()
    notes: tuple[str, ...] = ()


TwinOf: TypeAlias = Callable[[Session, Given], Twin]


def nothing(note: str) -> TwinOf:
    """That an operation has no twin, and why."""
    return lambda _session, _given: Twin((), (note,))


def field_name(world: World, name: str) -> str:
    """What the REST API calls a field of the SOAP API; the name as it is, where no field has it."""
    folded = name.strip().casefold()
    if folded in ("id", "email"):
        return folded
    field = world.fields.named(name.strip())
    return rest_name(field) if field is not None else name.strip()


def keys_of(given: Given) -> list[tuple[str, str]]:
    """Every key of a lead that was given: its type, as SOAP calls it, and its value."""
    named = (("IDNUM", given.get("id")), ("EMAIL", given.get("email")), ("COOKIE", given.get("cookie")))
    return [(kind, value) for kind, values in named for value in values or ()] + list(given.get("key") or ())


def lead_id_of(session: Session, text: str) -> int | None:
    """The Id of a lead that is named by it or by its e-mail."""
    stripped = text.strip()
    if stripped.isascii() and stripped.isdigit() and len(stripped) < 19:
        return int(stripped)
    newest = session.world.behaviour.duplicate_email == "most_recently_created"
    return next(iter(leads.ids_by_email(session, stripped, newest_created=newest)), None) if "@" in stripped else None


def lead_ids_of(session: Session, given: Given, notes: list[str]) -> list[int]:
    """The Ids of the leads that keys name: the REST API takes Ids alone."""
    found, missed = list[int](), list[str]()
    by_other = False
    for kind, value in keys_of(given):
        by_other = by_other or kind != "IDNUM"
        number = lead_id_of(session, value) if kind in ("IDNUM", "EMAIL") else None
        if number is None:
            missed.append(f"{kind} {value}")
        else:
            found.append(number)
    if by_other:
        notes.append("REST takes Ids alone: look the leads up first.")
    _note_missed("No lead was found with", missed, notes)
    return found


def _note_missed(said: str, missed: Sequence[str], notes: list[str]) -> None:
    if missed:
        notes.append(f"{said} {', '.join(missed[:5])}{' and more' if len(missed) > 5 else ''}.")


def partition_of(world: World, workspace: str) -> str:
    """Where new leads of a workspace go."""
    found = world.workspace(workspace)
    return found.primary_partition if found is not None else DEFAULT_PARTITION


def first(values: Iterable[str] | None) -> str | None:
    """The first of several, or none."""
    return next(iter(values or ()), None)
