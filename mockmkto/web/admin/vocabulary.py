"""What a search can find at all in a subscription: what no call has and none can have is a slip of the keyboard.

An assertion that nothing is so would hold for every misspelt word, and a fault rule for one would never fire.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from mockmkto.engine.lookup import KEY_TYPES
from mockmkto.engine.object_criteria import CRITERIA
from mockmkto.engine.object_fields import fields_of
from mockmkto.errors import Code, RestCode
from mockmkto.model import Call, Effect, Key, World
from mockmkto.model.lists import ListKeyType
from mockmkto.model.objects import MObjectKind
from mockmkto.rest.routes import ROUTES
from mockmkto.search import TERMS, Search, SearchError, Term
from mockmkto.soap.contract import VERSIONS, contract
from mockmkto.worlds.schema import nearest

__all__ = ["possible"]

_STACK = ("SOAP-ENV:Client", "SOAP-ENV:Server", "SOAP-ENV:VersionMismatch", "SOAP-ENV:MustUnderstand")
# What else may stand in a keyword beside a field's name: for who has misspelt one of these.
_KEYWORDS = (*(kind.name for kind in TERMS), "since", "until", "operation", "lead_id", "user_id", "client_id")
_A_CODE = re.compile(r"[0-9]{5}|[67][0-9]{2}|10[0-9]{2}")  # other numbers are of messages
_KEYS = ("Id", "Email", "ForeignSysPersonId", "ForeignSysType", "marketoCookie", "targetWorkspace")
# What answers of the REST API say of a record, or of a job.
_REST_STATUSES = (
    "created", "updated", "deleted", "skipped", "added", "removed", "memberof", "notmemberof", "associated",
    "Queued", "Importing", "Complete", "Failed", "Created", "Processing", "Completed", "Cancelled",
)  # fmt: skip
# What its requests say beside the fields of leads.
_REST_MEMBERS = (
    "action", "activityTypeIds", "apiName", "asyncProcessing", "batchSize", "dedupeBy", "deleteBy", "fields",
    "filterType", "filterValues", "format", "id", "input", "leadId", "leadIds", "listId", "lookupField", "name",
    "nextPageToken", "partitionName", "programName", "runAt", "sinceDatetime", "tokens", "workspaceName",
)  # fmt: skip
_CONDITIONS = ("nth", "after", "times", "share", "seed", "delay", "name", "match", "count", "timeout")


def possible(search: Search, world: World, calls: Callable[[], Iterable[Call]]) -> Search:
    """The same search, when each of its terms can find something here.

    Args:
        search: what is looked for, or must not be found.
        world: the subscription's, whose fields are those that an attribute can name.
        calls: its journal, read only where a term looks like a slip: what was called, can be looked for.

    Raises:
        SearchError: a term finds nothing here, whatever is called; the nearest that does is named.
    """
    for term in search.terms:
        if not isinstance(term, Term) or term.value == "*":
            continue
        said = _slip(term, world)
        if said is not None and not any(_has(term, call) for call in calls()):
            raise SearchError(said)
    return search


def _slip(term: Term, world: World) -> str | None:
    value = term.value
    if term.kind.name == "attr":
        name, equals, _ = value.partition("=")
        return _unknown_field(name, world) if equals else None
    if term.kind.name in ("lead", "call") and not (value.isascii() and value.isdigit()):
        return f"{term.kind.name}: expected a number, got {value!r}"
    if term.kind.name == "fault" and not _A_CODE.fullmatch(value):
        return None  # a part of a message
    if term.kind.name == "by" and world.fields.named(value) is not None:
        return None
    values = _values(term.kind.name)
    if values is None or value.casefold() in (item.casefold() for item in values):
        return None
    return f"{term.kind.name}: no call can have {value!r}{nearest(value, values)}"


def _values(kind: str) -> tuple[str, ...] | None:
    """The values that there are of a kind of term; `None` where any text can be one."""
    match kind:
        case "op":
            return (*_operations(), *dict.fromkeys(ROUTES.values()))
        case "api":
            return ("soap", "rest")
        case "status":
            shown = (*_statuses(), *_REST_STATUSES)
            return (*shown, *map(str, Code), *map(str, RestCode), *_STACK, *(effect.value for effect in Effect))
        case "fault":
            return (*map(str, Code), *map(str, RestCode))
        case "by":
            return tuple(key.value for key in Key if key is not Key.FIELD)
        case "version":
            return (*VERSIONS, "v1")
        case _:
            return None


def _unknown_field(name: str, world: World) -> str | None:
    folded = name.casefold()
    named = (*(field.name for field in world.fields), *(field.rest_name or field.name for field in world.fields.rest))
    known = (*named, *_of_objects(world), *_KEYS, *_members(), *_REST_MEMBERS)
    if any(item.casefold().endswith(folded) for item in known):  # a search finds a part of a text
        return None
    if name.startswith(("my.", "{{")):  # a token, which any program can have
        return None
    near = nearest(name, [*known, *_KEYWORDS, *_CONDITIONS])
    return f"{name}: there is no field, no key and no term of that name, and no call has sent it{near}"


def _of_objects(world: World) -> Iterator[str]:
    """The fields of opportunities, roles and custom objects, and what getMObjects can be asked to compare."""
    for kind in (MObjectKind.OPPORTUNITY, MObjectKind.ROLE):
        yield from (field.name for field in fields_of(kind, world))
    for custom in world.objects.custom_types:
        yield from (field.name for field in custom.fields)
    yield from CRITERIA


def _has(term: Term, call: Call) -> bool:
    """Whether the call has that value, or sent an attribute of that name."""
    name, equals, _ = term.value.partition("=")
    if term.kind.name == "attr" and equals:
        said = (name for part in (call.fields.attributes, call.fields.keys, *call.fields.records) for name in part)
        return any(sent.casefold().endswith(name.casefold()) for sent in said)
    return Term(term.kind, term.value).difference(call) is None


@cache
def _operations() -> tuple[str, ...]:
    """Every operation of every version."""
    return tuple(dict.fromkeys(item.name for version in reversed(VERSIONS) for item in contract(version).operations))


@cache
def _members() -> tuple[str, ...]:
    """Every member that a request of any version can have, and the keys that name a list or a lead."""
    names: dict[str, None] = dict.fromkeys((*ListKeyType, *KEY_TYPES))
    for version in VERSIONS:
        for item in contract(version).operations:
            names.update(dict.fromkeys(item.params._type_info))
    return tuple(names)


@cache
def _statuses() -> tuple[str, ...]:
    """Every status that an answer can show, and OK, which the record of a call has where an answer shows none."""
    successes = [item.success for version in VERSIONS for item in contract(version).operations]
    return tuple(dict.fromkeys(["OK", *(value for success in successes for value in _enumerated(success, set()))]))


def _enumerated(model: Any, seen: set[Any]) -> Iterator[str]:
    if model in seen:
        return
    seen.add(model)
    yield from getattr(model, "__values__", None) or ()
    for member in getattr(model, "_type_info", {}).values():
        yield from _enumerated(member, seen)
