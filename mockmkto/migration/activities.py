"""The activity logs of one lead on both sides, as what happened and not in which order or under which ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias

from mockmkto.engine.catalogue import EMAIL_FIELD, display_name
from mockmkto.migration.model import Difference, Verdict
from mockmkto.migration.values import form_only, hint
from mockmkto.model import Activity, ActivityType, Field, FieldType, World

__all__ = ["FILLED", "compare_activities", "item_of_list"]

FILLED = "filled"
"""The rule of a change from nothing, which only one side has: whoever knows the lead says what it is worth."""

_IDS = ("Lead ID", "List ID", "Campaign ID", "Opportunity ID", "Program ID")  # another one on each side
_SOURCES = ("Reason", "Source", "Source Type", "Source Info")
_SOAP = "SOAP API"
_LIST = "List import"  # what importToList names as the source of a lead that it makes
_REST = "Web service API"
_APIS = (_SOAP, _LIST, _REST)
_CHANGES = (ActivityType.CHANGE_DATA_VALUE, ActivityType.CHANGE_SCORE)


class _Seen(NamedTuple):
    """An activity without what is another on each side: its ids, and the API that wrote it."""

    type: str
    asset: str
    campaign: str | None
    said: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    at: datetime | None


_Key: TypeAlias = Callable[[_Seen], object]


def item_of_list(name: str) -> str:
    """How being on a list is shown among what is compared of a lead."""
    return f"list {name}"


def compare_activities(
    old: Iterable[Activity], new: Iterable[Activity], world: World, item_of: Mapping[str, str], *, times: bool
) -> Iterator[Difference]:
    """What the logs of a lead do not share; that an API is named as the source is one expected difference for all.

    Args:
        old: what happened on the old side.
        new: what happened on the new side.
        world: whose fields the values are of.
        item_of: how each field is shown among what is compared, by its name.
        times: whether the clocks of both sides stood at the same moment.
    """
    fields = {display_name(field): field for field in (EMAIL_FIELD, *world.fields.every)}
    left_old = [_seen(item, fields, times=times) for item in old]
    left_new = [_seen(item, fields, times=times) for item in new]
    _without_pairs(left_old, left_new, lambda item: item)
    named = _without_pairs(left_old, left_new, lambda item: item._replace(sources=()))
    by_source: Counter[tuple[str, str]] = Counter()
    for one, other in named:
        texts = _source(one), _source(other)
        if texts[0] in (_SOAP, f"{_SOAP}, {_REST}", _LIST) and texts[1] == _REST:
            by_source[texts] += 1
        else:
            yield Difference(f"source of activity {_shown(one)}", *texts)
    for (was, now), number in by_source.items():
        which = "1 activity" if number == 1 else f"{number} activities"
        why = f"each API logs its own name, in {which}"
        yield Difference("source in the activity log", was, now, Verdict.EXPECTED, "source", why)

    alike: Sequence[_Key] = (
        lambda item: (item.type, item.asset, item.campaign, item.said),
        lambda item: (item.type, item.asset, item.campaign),
        lambda item: (item.type, item.asset),
        lambda item: item.type if item.type not in _CHANGES else object(),
    )
    for key in alike:
        for one, other in _without_pairs(left_old, left_new, key):
            yield from _parts(one, other, fields, item_of)
    for one in left_old:
        yield _alone(one, fields, item_of, is_old=True)
    for other in left_new:
        yield _alone(other, fields, item_of, is_old=False)


def _seen(item: Activity, fields: Mapping[str, Field], *, times: bool) -> _Seen:
    own = dict(item.attributes)
    field = fields.get(own.get("Attribute Name", ""))
    said, sources = [], []
    for name, text in item.attributes:
        if name in _IDS:
            continue
        if name == "Merge IDs":
            said.append((name, f"{text.count(',') + 1} leads"))
            continue
        if name in _SOURCES and text in _APIS:
            sources.append((name, text))
        elif name in ("Old Value", "New Value") and field is not None:
            said.append((name, _canonical(field.type, text)))
        elif name == "Object Key":
            said.append((name, text.replace(f"= {item.lead_id}", "= its Id")))
        else:
            said.append((name, text))
    return _Seen(item.type, item.asset, item.campaign, tuple(said), tuple(sources), item.at if times else None)


def _canonical(type: FieldType, text: str) -> str:
    """A value in one form, whatever API has written it."""
    if type is FieldType.BOOLEAN and text.lower() in ("", "0", "false"):
        return "0"
    if type is FieldType.DATETIME and text:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return text
        return moment.astimezone(UTC).isoformat() if moment.tzinfo is not None else text
    return text


def _without_pairs(old: list[_Seen], new: list[_Seen], key: _Key) -> list[tuple[_Seen, _Seen]]:
    """The pairs that a key makes, each activity in one; they are taken out of both."""
    if not old or not new:
        return []
    by_key: dict[object, list[int]] = {}
    for place, item in enumerate(new):
        by_key.setdefault(key(item), []).append(place)
    pairs, gone_old, gone_new = [], set(), set()
    for place, item in enumerate(old):
        places = by_key.get(key(item))
        if places:
            other = places.pop(0)
            pairs.append((item, new[other]))
            gone_old.add(place)
            gone_new.add(other)
    old[:] = [item for place, item in enumerate(old) if place not in gone_old]
    new[:] = [item for place, item in enumerate(new) if place not in gone_new]
    return pairs


def _parts(one: _Seen, other: _Seen, fields: Mapping[str, Field], item_of: Mapping[str, str]) -> Iterator[Difference]:
    """What is not the same in two activities that are one."""
    shown, follows = f"activity {_shown(one)}", _follows(one, fields, item_of)
    if one.asset != other.asset:
        of_name = item_of.get("FirstName" if _first(one) != _first(other) else "LastName")
        cause = of_name if one.type == ActivityType.NEW_LEAD else follows
        yield Difference(f"asset of {shown}", one.asset or None, other.asset or None, follows=cause)
    if one.campaign != other.campaign:
        yield Difference(f"campaign of {shown}", one.campaign, other.campaign)
    was, now = dict(one.said), dict(other.said)
    for name in dict.fromkeys((*was, *now)):
        old, new = was.get(name), now.get(name)
        if old == new:
            continue
        if why := form_only(None, old, new):
            yield Difference(f"{name} of {shown}", old, new, Verdict.FORM, why=why)
            continue
        field = fields.get(was.get("Attribute Name", ""))
        why = hint(field.type if field is not None else None, old, new, {}, None) if old and new else ""
        yield Difference(f"{name} of {shown}", old, new, why=why, follows=follows)
    if one.at != other.at:
        at = (item.at.isoformat() if item.at is not None else None for item in (one, other))
        old, new = at
        yield Difference(f"time of {shown}", old, new, why=hint(FieldType.DATETIME, old, new, {}, None))


def _alone(item: _Seen, fields: Mapping[str, Field], item_of: Mapping[str, str], *, is_old: bool) -> Difference:
    said = ", ".join(f"{name} {text!r}" for name, text in item.said if name not in ("Attribute Name", "Created Date"))
    text = said or "logged"
    old, new = (text, None) if is_old else (None, text)
    was_empty = item.type in _CHANGES and dict(item.said).get("Old Value") in ("", "0")
    rule = FILLED if was_empty else None
    return Difference(f"activity {_shown(item)}", old, new, rule=rule, follows=_follows(item, fields, item_of))


def _follows(item: _Seen, fields: Mapping[str, Field], item_of: Mapping[str, str]) -> str | None:
    """The item whose difference has this activity as its consequence."""
    if item.type in _CHANGES:
        field = fields.get(item.asset)
        return item_of.get(field.name) if field is not None else None
    if item.type in (ActivityType.ADD_TO_LIST, ActivityType.REMOVE_FROM_LIST):
        return item_of_list(item.asset)
    return None


def _shown(item: _Seen) -> str:
    return f"{item.type} {item.asset}".rstrip()


def _first(item: _Seen) -> str:
    return item.asset.partition(" ")[0]


def _values(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [text for _, text in pairs]


def _source(item: _Seen) -> str:
    return ", ".join(dict.fromkeys(_values(item.sources))) or "none"
