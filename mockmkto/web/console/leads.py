"""Leads: look for them, look at one and at the calls that changed it, add, edit and delete."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from werkzeug.wrappers import Response

from mockmkto.model import Call, Change, ChangeOutcome, Field, FieldType, ForeignSysType, RecordStep, World
from mockmkto.web.admin import activities, campaigns, custom_objects, leads, lists, opportunities
from mockmkto.web.admin.custom_objects import RecordView
from mockmkto.web.admin.leads import LeadQuery, LeadView
from mockmkto.web.admin.problems import ProblemError
from mockmkto.web.admin.reading import read_query
from mockmkto.web.console.forms import sent_attributes, sent_lines
from mockmkto.web.console.page import Page
from mockmkto.web.console.rendering import outcome

__all__ = ["add", "change", "edit", "new", "one", "remove", "show"]

_PAGE = 50
_LOGGED = 15  # activities on the page of a lead
_TERM = re.compile(r'(?:([^\s:"]+):)?(?:"([^"]*)"|(\S*))\s*')
_COLUMNS = ("FirstName", "LastName", "Company")
_GROUPS: dict[str, tuple[FieldType, ...]] = {
    "Text": (FieldType.STRING, FieldType.TEXT, FieldType.REFERENCE),
    "Contact": (FieldType.EMAIL, FieldType.PHONE, FieldType.URL),
    "Numbers": (FieldType.INTEGER, FieldType.SCORE, FieldType.PERCENT, FieldType.FLOAT, FieldType.CURRENCY),
    "Yes or no": (FieldType.BOOLEAN,),
    "Dates": (FieldType.DATE, FieldType.DATETIME),
}


@dataclass(frozen=True, slots=True)
class ChangedBy:
    """A call that changed a lead, and what it changed."""

    call: Call
    changes: tuple[Change, ...]
    became: tuple[str, ...] = ()  # of the lead as one of many in the call, or more than once: added, UPDATED


def show(page: Page) -> Response:
    """The leads that a search finds, a page at a time."""
    search = page.request.args.get("search", "").strip()
    sort = page.request.args.get("sort", "-updated")
    offset = page.request.args.get("offset", "0")
    try:
        given = {"where": where(search), "sort": [sort], "offset": [offset], "limit": [str(_PAGE)]}
        query = read_query({name: texts for name, texts in given.items() if texts}, LeadQuery)
        found = leads.show(page.subscription, query)
    except ProblemError as error:
        page.refused(error)
        query = LeadQuery(limit=_PAGE)
        found = leads.LeadList(leads=(), total=0, next=None)
    world = _world(page)
    return page.render(
        "leads.html",
        status=400 if page.rejected else 200,
        search=search,
        sort=query.sort,
        offset=query.offset,
        size=_PAGE,
        found=found,
        columns=[name for name in _COLUMNS if world.fields.find(name) is not None],
        has_partitions=len(world.partitions) > 1,
        partitions=world.partitions,
    )


def where(search: str) -> list[str]:
    """A search as the control API takes it: `NAME:VALUE`; a word alone is an Id, or the beginning of an e-mail."""
    terms = []
    for name, quoted, plain in _TERM.findall(search):
        value = quoted or plain
        if name:
            terms.append(f"{name}:{value}")
        elif value.isascii() and value.isdigit():
            terms.append(f"Id:{value}")
        elif value:
            terms.append(f"Email:{value.removesuffix('*')}*")
    return terms


def one(page: Page, lead_id: int) -> Response:
    """One lead: its fields by type, its keys, and the calls that changed it."""
    lead = leads.one(page.subscription, lead_id)
    world = _world(page)
    return page.render(
        "lead.html",
        lead=lead,
        groups=_grouped(world, lead.attributes),
        history=_history(page, lead_id),
        memberships=lists.show(page.subscription, lists.ListQuery(lead=lead_id)).lists,
        asked_for=campaigns.calls(page.subscription, campaigns.CallQuery(lead=lead_id)).calls,
        log=activities.show(page.subscription, activities.ActivityQuery(lead=lead_id, limit=_LOGGED)),
        roles=opportunities.roles(page.subscription, opportunities.RoleQuery(lead=lead_id)).roles,
        opportunities={
            item.id: item
            for item in opportunities.show(page.subscription, opportunities.PageQuery(lead=lead_id)).opportunities
        },
        owned=_owned(page, lead_id),
    )


def new(page: Page) -> Response:
    """The form for a new lead."""
    return _form(page, None)


def edit(page: Page, lead_id: int) -> Response:
    """The form for a lead that is there."""
    return _form(page, leads.one(page.subscription, lead_id))


def add(page: Page) -> Response:
    """A new lead, as the form says: no syncLead, nothing is matched."""
    body = _whole(page)
    lead_id = page.sent("id").strip()
    if lead_id:
        body["id"] = int(lead_id) if lead_id.isascii() and lead_id.isdigit() and len(lead_id) < 19 else lead_id
    try:
        made = page.control(leads.add, body)
    except ProblemError as error:
        page.refused(error)
        return _form(page, None)
    return page.done(f"Lead {made.value.id} was added.", f"leads/{made.value.id}")


def change(page: Page, lead_id: int) -> Response:
    """What the form changes of a lead; what it leaves as it was is not written."""
    before = leads.one(page.subscription, lead_id)
    now = _whole(page)
    body: dict[str, object] = {}
    if now["email"] != before.email:
        body["email"] = now["email"]
    if now["known"] != before.known:
        body["known"] = now["known"]
    if now.get("partition", before.partition) != before.partition:
        body["partition"] = now["partition"]
    if now["foreign_ids"] != [{"type": item.type, "id": item.id} for item in before.foreign_ids]:
        body["foreign_ids"] = now["foreign_ids"]
    if now["cookies"] != list(before.cookies):
        body["cookies"] = now["cookies"]
    attributes = now["attributes"]
    assert isinstance(attributes, dict)
    changed: dict[str, str | None] = {
        name: text for name, text in attributes.items() if text != _as_sent(before.attributes.get(name, ""))
    }
    changed |= {name: None for name in before.attributes if name not in attributes}
    if changed:
        body["attributes"] = changed
    if not body:
        return page.done("Nothing was changed.", f"leads/{lead_id}")
    try:
        page.control(leads.change, body, id=lead_id)
    except ProblemError as error:
        page.refused(error)
        return _form(page, before)
    return page.done(f"Lead {lead_id} was changed.", f"leads/{lead_id}")


def remove(page: Page, lead_id: int) -> Response:
    """A lead less."""
    leads.remove(page.subscription, lead_id)
    return page.done(f"Lead {lead_id} was deleted.", "leads")


# ---------------------------------------------------------------------------------------------------------------------


def remove_many(page: Page) -> Response:
    """Several leads less."""
    gone = 0
    for text in page.request.form.getlist("id"):
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            continue
        try:
            page.control(leads.remove, id=int(text))
            gone += 1
        except ProblemError:  # somebody was faster
            continue
    return page.done(f"{gone} lead{'s' if gone != 1 else ''} deleted.", "leads")


def _owned(page: Page, lead_id: int) -> dict[str, Sequence[RecordView]]:
    """The records of custom objects that are linked to a lead, by their type."""
    owned: dict[str, Sequence[RecordView]] = {}
    for kind in custom_objects.show(page.subscription).types:
        query = custom_objects.RecordQuery(lead=lead_id)
        found = custom_objects.records(page.subscription, type=kind.name, query=query).records if kind.link else ()
        if found:
            owned[kind.name] = found
    return owned


def _world(page: Page) -> World:
    with page.subscription.database.transaction() as session:
        return session.world


def _grouped(world: World, attributes: Mapping[str, str]) -> list[tuple[str, list[tuple[Field, str]]]]:
    groups = []
    for title, types in _GROUPS.items():
        rows = [
            (item, attributes[item.name]) for item in world.fields if item.type in types and item.name in attributes
        ]
        if rows:
            groups.append((title, rows))
    return groups


def _history(page: Page, lead_id: int) -> list[ChangedBy]:
    """The calls of the journal that changed a lead, the newest first: it was theirs, or they took a key from it."""
    history = []
    for call in page.subscription.database.journal.calls():
        done = [item for item in call.trace.records if item.lead_id == lead_id and _did_something(item)]
        if done and call.fault_code is None:
            written = (change for item in done for change in item.changes)
            changes = tuple(item for item in written if item.outcome is not ChangeOutcome.UNCHANGED)
            history.append(ChangedBy(call, changes, tuple(item.status for item in done)))
            continue
        if outcome(call) not in ("created", "updated"):
            continue
        if call.lead_id == lead_id:
            changes = tuple(item for item in call.trace.changes if item.outcome is not ChangeOutcome.UNCHANGED)
            history.append(ChangedBy(call, changes))
            continue
        lost = {step.key for step in call.trace.keys if lead_id in step.found}
        merged = [item for item in call.trace.changes if item.target == "lead" and item.before == str(lead_id)]
        moved = [item for item in call.trace.changes if item.outcome is ChangeOutcome.MOVED and item.target in lost]
        if merged or moved:
            history.append(ChangedBy(call, (*merged, *moved)))
    return history[::-1]


def _did_something(record: RecordStep) -> bool:
    """Whether a record of a call of many changed its lead, or where that is."""
    changed = any(change.outcome is not ChangeOutcome.UNCHANGED for change in record.changes)
    return record.error is None and (changed or record.status in ("added", "removed", "requested", "merged"))


def _form(page: Page, lead: LeadView | None) -> Response:
    world = _world(page)
    if page.rejected:
        values = _Values(
            page.sent("id"),
            page.sent("email"),
            not page.request.form.get("anonymous"),
            page.sent("partition"),
            page.sent("foreign_ids"),
            page.sent("cookies"),
            sent_attributes(page),
        )
    elif lead is not None:
        values = _Values(
            str(lead.id),
            lead.email or "",
            lead.known,
            lead.partition,
            "\n".join(f"{item.type} {item.id}" for item in lead.foreign_ids),
            "\n".join(lead.cookies),
            lead.attributes,
        )
    else:
        values = _Values()
    return page.render(
        "lead_form.html",
        status=400 if page.rejected else 200,
        lead=lead,
        values=values,
        partitions=world.partitions,
        fields=tuple(world.fields),
        systems=tuple(ForeignSysType),
    )


class _Values(msgspec.Struct, frozen=True):
    """What stands in the form."""

    id: str = ""
    email: str = ""
    known: bool = True
    partition: str = ""
    foreign_ids: str = ""
    cookies: str = ""
    attributes: Mapping[str, str] = msgspec.field(default_factory=dict)


def _as_sent(text: str) -> str:
    """A value as a browser would send it back."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _whole(page: Page) -> dict[str, object]:
    body: dict[str, object] = {
        "email": page.sent("email").strip() or None,
        "known": not page.request.form.get("anonymous"),
        "foreign_ids": [_foreign_id(line) for line in sent_lines(page, "foreign_ids")],
        "cookies": sent_lines(page, "cookies"),
        "attributes": sent_attributes(page),
    }
    if page.sent("partition"):
        body["partition"] = page.sent("partition")
    return body


def _foreign_id(line: str) -> dict[str, str]:
    kind, _, key = line.partition(" ")
    return {"type": kind, "id": key.strip()} if key.strip() else {"type": ForeignSysType.CUSTOM, "id": kind}
