"""Programs as objects: how they are shown, and what syncMObjects changes of them: tags, channel, tokens, costs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from msgspec.structs import replace

from mockmkto.engine.asset_search import workspace_ids
from mockmkto.model import TraceBuilder, World
from mockmkto.model.objects import MObject, MObjectKind, NameValue, TypeAttribute
from mockmkto.model.programs import Program, ProgramCost, token_name
from mockmkto.store import programs as store
from mockmkto.store.database import Session

__all__ = ["CHANNEL", "UnusableDetailError", "changed_program", "program", "programs_after"]

CHANNEL = "Channel"
"""The type of tag that a program's channel counts as (captured)."""


class UnusableDetailError(ValueError):
    """A tag, a token or a cost that a program cannot have: the text says why."""


def program(session: Session, object_id: int) -> MObject | None:
    """The program of that id, with all its details."""
    found = store.by_id(session, object_id)
    return _shown(session.world, found) if found is not None else None


def programs_after(session: Session, after: int, most: int) -> tuple[MObject, ...]:
    """Programs with higher ids, by id, with all their details."""
    return tuple(_shown(session.world, item) for item in store.after(session, after, most))


def _shown(world: World, item: Program) -> MObject:
    """What answers show of a program (captured: which attributes, and in which order)."""
    said = {
        "Name": item.name,
        "Type": item.type,
        "Workspace Id": str(workspace_ids(world).get(item.workspace, 1)),
        "Workspace Name": item.workspace,
        "Tree Path": _tree_path(item),
        "Is Archived": "true" if item.archived else "false",
        "Start Date": _moment(item.start),
        "End Date": _moment(item.end),
        "CRM Id": item.crm_id,
    }
    return MObject(
        MObjectKind.PROGRAM.value,
        item.id,
        None,
        item.created_at,
        item.updated_at,
        tuple(NameValue(name, value) for name, value in said.items() if value is not None),
        tuple(_details(item)),
    )


def _tree_path(item: Program) -> str:
    folder = (item.folder or f"Marketing Activities/{item.workspace}").strip("/")
    return f"/{folder}/{item.name}"


def _moment(day: str | None) -> str | None:
    return f"{day} 00:00:00" if day is not None else None  # captured: without an offset


def _details(item: Program) -> list[TypeAttribute]:
    tags = dict(item.tags)
    if item.channel is not None:
        tags = {CHANNEL: item.channel, **tags}
    details = [TypeAttribute("Tag", _pairs({"Type": name, "Value": value})) for name, value in tags.items()]
    details += [TypeAttribute("Token", _pairs({"Name": name, "Value": text})) for name, text in item.tokens.items()]
    for cost in item.costs:
        said = {"Id": str(cost.id), "Month": cost.month, "Amount": cost.amount}
        details.append(TypeAttribute("Cost", _pairs(said | ({"Note": cost.note} if cost.note is not None else {}))))
    return details


def _pairs(said: Mapping[str, str]) -> tuple[NameValue, ...]:
    return tuple(NameValue(name, value) for name, value in said.items())


# ---------------------------------------------------------------------------------------------------------------------
# Changing


def changed_program(
    session: Session, item: Program, details: Sequence[TypeAttribute], trace: TraceBuilder, *, takes_tags: bool
) -> Program:
    """The program with these tags, tokens and costs (documented: unknown tags, values and channels are refused).

    Raises:
        UnusableDetailError: one of them cannot be; the first that cannot.
    """
    changed = item
    for detail in details:
        said = {(pair.name or "").strip().casefold(): pair.value or "" for pair in detail.attributes}
        match (detail.type or "").strip().casefold():
            case "tag" if not takes_tags:
                trace.warn("later_version", "tags are changed from version 2_3 on: this one was ignored", "typeAttrib")
            case "tag":
                changed = _with_tag(session, changed, said)
            case "token":
                changed = _with_token(changed, said)
            case "cost":
                changed = _with_cost(changed, said)
            case _:
                raise UnusableDetailError(f"attrType is not valid: {detail.type}")
    return changed


def _with_tag(session: Session, item: Program, said: Mapping[str, str]) -> Program:
    kind, value = _needed(said, "Type"), _needed(said, "Value")
    if store.folded(kind) == store.folded(CHANNEL):
        for channel in store.channels(session):
            if store.folded(channel.name) == store.folded(value):
                return replace(item, channel=channel.name)
        raise UnusableDetailError(f"Channel is not valid: {value}")
    for tag_type in store.tag_types(session):
        if store.folded(tag_type.name) == store.folded(kind):
            for known in tag_type.values:
                if store.folded(known) == store.folded(value):
                    return replace(item, tags={**item.tags, tag_type.name: known})
            raise UnusableDetailError(f"Tag value is not valid for {tag_type.name}: {value}")
    raise UnusableDetailError(f"Tag type is not valid: {kind}")


def _with_token(item: Program, said: Mapping[str, str]) -> Program:
    return replace(item, tokens={**item.tokens, token_name(_needed(said, "Name")): said.get("value", "")})


_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])(-[0-9]{2})?")


def _with_cost(item: Program, said: Mapping[str, str]) -> Program:
    """A cost that is named by its Id is changed, another is added (documented: month and amount are required)."""
    month = _needed(said, "Month")
    if not _MONTH.fullmatch(month):
        raise UnusableDetailError(f"Month is not valid: {month}")
    amount = _amount(_needed(said, "Amount"))
    given = said.get("id", "").strip()
    number = int(given) if given.isascii() and given.isdigit() else None
    known = [cost.id for cost in item.costs]
    if given and number not in known:
        raise UnusableDetailError(f"Cost Id is not valid: {given}")
    if number is None:
        number = max(known, default=0) + 1
    there = next((cost for cost in item.costs if cost.id == number), None)
    note = said.get("note") or (there.note if there is not None else None)
    cost = ProgramCost(number, f"{month[:7]}-01", amount, note)
    others = tuple(cost if known_cost.id == number else known_cost for known_cost in item.costs)
    return replace(item, costs=others if there is not None else (*item.costs, cost))


def _amount(text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or len(text) > 40:
        raise UnusableDetailError(f"Amount is not valid: {text[:40]}")
    shown = f"{amount:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _needed(said: Mapping[str, str], name: str) -> str:
    value = said.get(name.casefold(), "").strip()
    if not value:
        raise UnusableDetailError(f"{name} is required")
    return value
