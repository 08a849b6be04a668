"""Arguments that several operations take, and what they become in a request."""

from __future__ import annotations

from collections.abc import Iterable

from mockmkto.soap.forms.form import Argument, FormError, Given, Tree

__all__ = [
    "ATTRIBUTE",
    "BATCH",
    "CAMPAIGN",
    "EXCLUDE",
    "FIELD",
    "INCLUDE",
    "KEYS",
    "OBJECT",
    "OPERATION",
    "POSITION",
    "PROGRAM",
    "SELECTOR",
    "SINCE",
    "SOURCE",
    "TOKEN",
    "UNTIL",
    "activity_filter",
    "attribs",
    "attributes",
    "if_given",
    "key_list",
    "lead_keys",
    "need",
    "selector",
    "start_position",
    "strings",
]

KEYS = (
    Argument("id", "the Id of a lead", "ID", many=True),
    Argument("email", "the e-mail of a lead", "ADDRESS", many=True),
    Argument("cookie", "a Munchkin cookie of a lead", "COOKIE", many=True),
    Argument("key", "any other key of a lead, such as SFDCLEADID=42", "TYPE=VALUE", many=True, pair=True),
)
BATCH = Argument("batch", "batchSize: how many at most", "NUMBER")
PROGRAM = Argument("program", "the name of the program", "NAME")
CAMPAIGN = Argument("campaign", "the name of the campaign", "NAME")
TOKEN = Argument("token", "a program token, such as my.message=Hello", "NAME=VALUE", many=True, pair=True)
SOURCE = Argument("source", "MKTOWS or SALES", "SOURCE", choices=("MKTOWS", "SALES"))
OBJECT = Argument("object", "the type of the object", "TYPE")
POSITION = Argument("position", "the position that the answer before gave", "POSITION")
FIELD = Argument("field", "show this attribute; otherwise all", "NAME", many=True)
ATTRIBUTE = Argument("attribute", "an attribute of the object", "NAME=VALUE", many=True, pair=True)
INCLUDE = Argument("include", "only activities of this type, such as VisitWebpage", "TYPE", many=True)
EXCLUDE = Argument("exclude", "no activities of this type", "TYPE", many=True)
SINCE = Argument("since", "from this time on, such as 2026-01-31T00:00:00Z", "TIME")
UNTIL = Argument("until", "up to this time", "TIME")
OPERATION = Argument("operation", "UPSERT, INSERT or UPDATE", "OPERATION", choices=("UPSERT", "INSERT", "UPDATE"))


def lead_keys(given: Given) -> list[tuple[str, str]]:
    """Every key of a lead that was given: its type and its value."""
    named = (("IDNUM", given.get("id")), ("EMAIL", given.get("email")), ("COOKIE", given.get("cookie")))
    return [(kind, value) for kind, values in named for value in values or ()] + list(given.get("key") or ())


def key_list(given: Given) -> Tree:
    """The keys as `leadKey` elements."""
    return [("leadKey", [("keyType", kind), ("keyValue", value)]) for kind, value in lead_keys(given)]


def need(given: Given, *names: str) -> None:
    """Raises FormError where one of these was not given."""
    for name in names:
        if not given.get(name):
            raise FormError(f"--{name.replace('_', '-')} must be given")


def strings(values: Iterable[str] | None, name: str = "stringItem") -> Tree | None:
    """The texts as elements of one name; `None` for none."""
    items = [(name, value) for value in values or ()]
    return items or None


def attributes(pairs: Iterable[tuple[str, str]] | None) -> Tree | None:
    """The pairs as `attribute` elements; `None` for none."""
    return [("attribute", [("attrName", name), ("attrValue", value)]) for name, value in pairs or ()] or None


def attribs(pairs: Iterable[tuple[str, str]] | None) -> Tree | None:
    """The pairs as `attrib` elements; `None` for none."""
    return [("attrib", [("name", name), ("value", value)]) for name, value in pairs or ()] or None


def if_given(given: Given, name: str) -> str | None:
    """`true` where the switch was given, else nothing."""
    return "true" if given.get(name) else None


def activity_filter(given: Given) -> Tree | None:
    """The types of activities that are wanted, or not; `None` for all."""
    tree = [
        (element, strings(given.get(name), "activityType"))
        for element, name in (("includeTypes", "include"), ("excludeTypes", "exclude"))
    ]
    return tree if any(content for _, content in tree) else None


def start_position(given: Given) -> Tree:
    """The members of a stream position, those that were given."""
    return [
        ("latestCreatedAt", given.get("until")),
        ("oldestCreatedAt", given.get("since")),
        ("offset", given.get("position")),
    ]


def selector(given: Given) -> Tree | None:
    """Keys of one type, a list, or a span of time."""
    keys = lead_keys(given)
    if keys:
        kinds = dict.fromkeys(kind for kind, _ in keys)
        if len(kinds) > 1:
            raise FormError(f"the keys of a selector are of one type, not of {' and '.join(kinds)}")
        return [
            ("@", "LeadKeySelector"),
            ("keyType", keys[0][0]),
            ("keyValues", strings(value for _, value in keys)),
        ]
    if given.get("list") or given.get("list_id"):
        return [
            ("@", "StaticListSelector"),
            ("staticListName", given.get("list")),
            ("staticListId", given.get("list_id")),
        ]
    if given.get("updated_since"):
        return [
            ("@", "LastUpdateAtSelector"),
            ("latestUpdatedAt", given.get("updated_until")),
            ("oldestUpdatedAt", given["updated_since"]),
        ]
    return None


SELECTOR = (
    *KEYS,
    Argument("list", "the leads of the static list of this name", "NAME"),
    Argument("list_id", "the leads of the static list of this id", "ID"),
    Argument("updated_since", "the leads that were updated from this time on", "TIME"),
    Argument("updated_until", "and up to this one", "TIME"),
)
