"""Leads, and the keys that find them: foreign ids, cookies, e-mails and the fields that getLead looks into.

Every query here that finds a lead goes through an index; a test reads SQLite's plan of each (`FINDERS`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, Select, bindparam, delete, func, insert, literal_column, select, update

from mockmkto.model import ForeignId, ForeignSysType, Lead
from mockmkto.store.lead_keys import cookie_key, cookie_shown, email_key, index_of, lead_key_value
from mockmkto.store.object_tables import custom_object, role
from mockmkto.store.program_tables import lead_token, list_member, program_member
from mockmkto.store.session import Session
from mockmkto.store.tables import BEGINNING, cookie, foreign_id, lead, lead_key

__all__ = [
    "FINDERS",
    "NewLead",
    "add",
    "add_many",
    "by_id",
    "cookies_of",
    "count",
    "delete_lead",
    "existing_id",
    "few_by_email",
    "few_by_lead_key",
    "few_by_partition",
    "foreign_ids_of",
    "from_row",
    "give_cookie",
    "give_foreign_id",
    "id_by_cookie",
    "id_by_foreign_id",
    "ids_by_email",
    "ids_by_lead_key",
    "move_keys",
    "replace_keys",
    "save",
]

_MAX_ID = 2**63 - 1

_by_id = select(lead).where(lead.c.id == bindparam("lead_id"))
_by_foreign_id = select(foreign_id.c.lead_id).where(
    foreign_id.c.type == bindparam("type"), foreign_id.c.person_id == bindparam("person_id")
)
_by_cookie = select(cookie.c.lead_id).where(cookie.c.cookie == bindparam("cookie"))
_with_email = lead.c.email == bindparam("email")
_by_email_updated = select(lead.c.id).where(_with_email).order_by(lead.c.updated_order.desc())
_by_email_created = select(lead.c.id).where(_with_email).order_by(lead.c.created_order.desc())
# Nearly every e-mail is one lead's, and whoever looks for it wants the lead next: two rows say whether there are more.
_whole_by_email = select(lead).where(_with_email).order_by(lead.c.updated_order.desc()).limit(2)
_with_lead_key = (
    lead_key.c.key_type == bindparam("key_type"),
    func.substr(lead_key.c.value, literal_column("1"), literal_column(str(BEGINNING))) == bindparam("beginning"),
    lead_key.c.value == bindparam("value"),
)
_by_lead_key = select(lead_key.c.lead_id).where(*_with_lead_key).order_by(lead_key.c.lead_id.desc())
_few_by_lead_key = (
    select(lead_key.c.lead_id).where(*_with_lead_key).order_by(lead_key.c.lead_id).limit(bindparam("limit"))
)
_few_by_email = select(lead.c.id).where(_with_email).limit(bindparam("limit"))
_few_by_partition = select(lead.c.id).where(lead.c.partition == bindparam("partition")).limit(bindparam("limit"))
_foreign_ids_of = (
    select(foreign_id.c.type, foreign_id.c.person_id)
    .where(foreign_id.c.lead_id == bindparam("lead_id"))
    .order_by(foreign_id.c.written_order.desc())
)
_cookies_of = (
    select(cookie.c.shown).where(cookie.c.lead_id == bindparam("lead_id")).order_by(cookie.c.written_order.desc())
)

_count = select(func.count()).select_from(lead)

FINDERS: Mapping[str, Select[Any]] = {
    "Id": _by_id,
    "ForeignSysPersonId": _by_foreign_id,
    "marketoCookie": _by_cookie,
    "Email, most recently updated": _by_email_updated,
    "Email, most recently created": _by_email_created,
    "the lead of an Email": _whole_by_email,
    "getLead key type": _by_lead_key,
    "some with a value": _few_by_lead_key,
    "some with an Email": _few_by_email,
    "some of a partition": _few_by_partition,
    "foreign ids of a lead": _foreign_ids_of,
    "cookies of a lead": _cookies_of,
}


_insert_lead = insert(lead)
_VALUES = ("attributes", "updated_at", "updated_order")
_of_lead = update(lead).where(lead.c.id == bindparam("lead_id"))
_update_values = _of_lead.values({name: bindparam(name) for name in _VALUES})
_update_lead = _of_lead.values(
    {name: bindparam(name) for name in ("email", "sent_email", "known", "partition", *_VALUES)}
)
# An update, and where there is nothing to update an insert: whoever writes is alone with the subscription.
_move_foreign_id = (
    update(foreign_id)
    .where(foreign_id.c.type == bindparam("key_type"), foreign_id.c.person_id == bindparam("key"))
    .values(lead_id=bindparam("lead_id"), written_order=bindparam("written_order"))
)
_insert_foreign_id = insert(foreign_id).values(type=bindparam("key_type"), person_id=bindparam("key"))
_move_cookie = (
    update(cookie)
    .where(cookie.c.cookie == bindparam("key"))
    .values(lead_id=bindparam("lead_id"), written_order=bindparam("written_order"))
)
_insert_cookie = insert(cookie).values(cookie=bindparam("key"), shown=bindparam("shown"))
_delete_lead = delete(lead).where(lead.c.id == bindparam("lead_id"))
_delete_lead_keys = delete(lead_key).where(lead_key.c.lead_id == bindparam("lead_id"))
_insert_lead_key = insert(lead_key)
_insert_foreign_ids = insert(foreign_id)
_insert_cookies = insert(cookie)
_delete_foreign_ids = delete(foreign_id).where(foreign_id.c.lead_id == bindparam("lead_id"))
_delete_roles = delete(role).where(role.c.lead_id == bindparam("lead_id"))
_unlink_objects = update(custom_object).where(custom_object.c.lead_id == bindparam("of_lead")).values({"lead_id": None})
_leave_lists = delete(list_member).where(list_member.c.lead_id == bindparam("lead_id"))
_leave_programs = delete(program_member).where(program_member.c.lead_id == bindparam("lead_id"))
_delete_lead_tokens = delete(lead_token).where(lead_token.c.lead_id == bindparam("lead_id"))
_delete_cookies = delete(cookie).where(cookie.c.lead_id == bindparam("lead_id"))
_move_foreign_ids = (
    update(foreign_id).where(foreign_id.c.lead_id == bindparam("from_lead")).values(lead_id=bindparam("to_lead"))
)
_move_cookies = update(cookie).where(cookie.c.lead_id == bindparam("from_lead")).values(lead_id=bindparam("to_lead"))


class NewLead(Struct, frozen=True):
    """A lead and its keys, to be added as they are: for fixtures and the control API, not for syncLead."""

    lead: Lead
    foreign_ids: tuple[ForeignId, ...] = ()
    cookies: tuple[str, ...] = ()


# ---------------------------------------------------------------------------------------------------------------------
# Finding


def by_id(session: Session, lead_id: int) -> Lead | None:
    """The lead with that Id."""
    if session.found is not None and session.found.id == lead_id:
        return session.found
    row = session.first(_by_id, {"lead_id": lead_id})
    return from_row(row) if row is not None else None


def existing_id(session: Session, lead_id: float) -> int | None:
    """The Id itself if a lead has it; a number that no Id can be finds nothing."""
    if not -_MAX_ID <= lead_id <= _MAX_ID or int(lead_id) != lead_id:
        return None
    session.found = by_id(session, int(lead_id))  # whoever asks wants the lead next
    return session.found.id if session.found is not None else None


def id_by_foreign_id(session: Session, key: ForeignId) -> int | None:
    """The Id of the lead that has this foreign key."""
    row = session.first(_by_foreign_id, {"type": key.type.value, "person_id": key.id})
    return row.lead_id if row is not None else None


def id_by_cookie(session: Session, text: str) -> int | None:
    """The Id of the lead that has this cookie, with or without the leading `id:`."""
    row = session.first(_by_cookie, {"cookie": cookie_key(text)})
    return row.lead_id if row is not None else None


def ids_by_email(session: Session, email: str, *, newest_created: bool = False) -> tuple[int, ...]:
    """The Ids of all leads that have this e-mail, most recently updated (or created) first."""
    key = {"email": email_key(email)}
    rows = session.rows(_whole_by_email, key)
    session.found = from_row(rows[0]) if rows else None
    if len(rows) > 1:
        rows = session.rows(_by_email_created if newest_created else _by_email_updated, key)
    return tuple(row.id for row in rows)


def ids_by_lead_key(session: Session, key_type: str, value: str) -> tuple[int, ...]:
    """The Ids of all leads whose field behind this getLead key type has the value, highest first."""
    rows = session.rows(_by_lead_key, _key_of(key_type, value))
    return tuple(row.lead_id for row in rows)


def few_by_lead_key(session: Session, key_type: str, value: str, limit: int) -> tuple[int, ...]:
    """The Ids of at most so many leads whose field behind this key type has the value, rising."""
    rows = session.rows(_few_by_lead_key, {**_key_of(key_type, value), "limit": limit})
    return tuple(row.lead_id for row in rows)


def few_by_email(session: Session, email: str, limit: int) -> tuple[int, ...]:
    """The Ids of at most so many leads that have this e-mail, in no order."""
    return tuple(row.id for row in session.rows(_few_by_email, {"email": email_key(email), "limit": limit}))


def few_by_partition(session: Session, partition: str, limit: int) -> tuple[int, ...]:
    """The Ids of at most so many leads of this partition, as it is spelt, in no order."""
    return tuple(row.id for row in session.rows(_few_by_partition, {"partition": partition, "limit": limit}))


def _key_of(key_type: str, value: str) -> dict[str, str]:
    compared = lead_key_value(value)
    return {"key_type": key_type, "value": compared, "beginning": compared[:BEGINNING]}


def foreign_ids_of(session: Session, lead_id: int) -> tuple[ForeignId, ...]:
    """The foreign keys of a lead, the latest written first."""
    rows = session.rows(_foreign_ids_of, {"lead_id": lead_id})
    return tuple(ForeignId(ForeignSysType(row.type), row.person_id) for row in rows)


def cookies_of(session: Session, lead_id: int) -> tuple[str, ...]:
    """The cookies of a lead, the latest written first, without the leading `id:`."""
    return tuple(row.shown for row in session.rows(_cookies_of, {"lead_id": lead_id}))


def count(session: Session) -> int:
    """How many leads there are, anonymous ones included."""
    counted: int = session.rows(_count)[0][0]
    return counted


# ---------------------------------------------------------------------------------------------------------------------
# Writing


def add(session: Session, new: Lead) -> None:
    """Store a lead that was not there."""
    session.run_many(_insert_lead, [{"id": new.id, **_values(new), **_created(new)}])
    _write_lead_keys(session, new, was_there=False)


def save(session: Session, changed: Lead, before: Lead | None = None) -> None:
    """Store a lead that was there; what is as it is stored `before` is not written again, nor into an index."""
    if before is not None and (before.email, before.known, before.partition) == (
        changed.email,
        changed.known,
        changed.partition,
    ):
        session.run_many(_update_values, [{"lead_id": changed.id, **_values_of(changed)}])
    else:
        session.run_many(_update_lead, [{"lead_id": changed.id, **_values(changed)}])
    _write_lead_keys(session, changed, was_there=True)


def give_foreign_id(session: Session, lead_id: int, key: ForeignId) -> None:
    """The foreign key is now this lead's, whosever it was; of the lead's keys it is the latest written."""
    values = {"key_type": key.type.value, "key": key.id, "lead_id": lead_id, "written_order": session.next_order()}
    if not session.run(_move_foreign_id, values):
        session.run(_insert_foreign_id, values)


def give_cookie(session: Session, lead_id: int, text: str) -> None:
    """The cookie is now this lead's, whosever it was; it is shown as it first came."""
    values = {"key": cookie_key(text), "lead_id": lead_id, "written_order": session.next_order()}
    if not session.run(_move_cookie, values):
        session.run(_insert_cookie, {**values, "shown": cookie_shown(text)})


def move_keys(session: Session, *, from_lead: int, to_lead: int) -> None:
    """Every cookie and foreign key of one lead is now another's."""
    for moving in (_move_cookies, _move_foreign_ids):
        session.run(moving, {"from_lead": from_lead, "to_lead": to_lead})


def delete_lead(session: Session, lead_id: int) -> None:
    """Remove a lead, its keys, its roles, its places on lists and in programs; custom objects of its own are nobody's.

    What it was asked for by campaigns stays, as history.
    """
    for deleting in (
        _delete_cookies,
        _delete_foreign_ids,
        _delete_roles,
        _leave_lists,
        _leave_programs,
        _delete_lead_tokens,
    ):
        session.run(deleting, {"lead_id": lead_id})
    session.run(_unlink_objects, {"of_lead": lead_id})
    session.run(_delete_lead_keys, {"lead_id": lead_id})
    session.run(_delete_lead, {"lead_id": lead_id})


def replace_keys(
    session: Session, lead_id: int, foreign_ids: Iterable[ForeignId] | None, cookies: Iterable[str] | None
) -> None:
    """The foreign keys and the cookies of a lead are these, the last one the latest written; `None` leaves them."""
    if foreign_ids is not None:
        session.run(_delete_foreign_ids, {"lead_id": lead_id})
        for key in foreign_ids:
            give_foreign_id(session, lead_id, key)
    if cookies is not None:
        session.run(_delete_cookies, {"lead_id": lead_id})
        for text in cookies:
            give_cookie(session, lead_id, f"id:{text}")


def add_many(session: Session, batch: Iterable[NewLead]) -> None:
    """Store leads with their keys in bulk; the Ids that are handed out later start above theirs."""
    leads, foreign_ids, cookies, lead_keys = [], [], [], []
    for new in batch:
        leads.append({"id": new.lead.id, **_values(new.lead), **_created(new.lead)})
        session.reserve_lead_ids(new.lead.id)
        foreign_ids += [
            {
                "type": key.type.value,
                "person_id": key.id,
                "lead_id": new.lead.id,
                "written_order": session.next_order(),
            }
            for key in new.foreign_ids
        ]
        cookies += [
            {
                "cookie": cookie_key(text),
                "shown": cookie_shown(text),
                "lead_id": new.lead.id,
                "written_order": session.next_order(),
            }
            for text in new.cookies
        ]
        lead_keys += _lead_key_rows(session, new.lead)
    for statement, rows in (
        (_insert_lead, leads),
        (_insert_foreign_ids, foreign_ids),
        (_insert_cookies, cookies),
        (_insert_lead_key, lead_keys),
    ):
        session.run_many(statement, rows)


def _write_lead_keys(session: Session, changed: Lead, *, was_there: bool) -> None:
    if not session.world.lead_keys and not session.world.indexed:
        return
    if was_there:
        session.run(_delete_lead_keys, {"lead_id": changed.id})
    session.run_many(_insert_lead_key, _lead_key_rows(session, changed))


def _lead_key_rows(session: Session, changed: Lead) -> list[dict[str, Any]]:
    world = session.world
    if not world.lead_keys and not world.indexed:
        return []
    kept = chain(world.lead_keys.items(), ((index_of(name), name) for name in world.indexed))
    return [
        {"key_type": key_type, "value": lead_key_value(changed.attributes[name]), "lead_id": changed.id}
        for key_type, name in kept
        if name in changed.attributes
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Rows


def _values(item: Lead) -> dict[str, Any]:
    compared = email_key(item.email) if item.email is not None else None
    return {
        "email": compared,
        "sent_email": item.email if item.email != compared else None,
        "known": item.known,
        "partition": item.partition,
        **_values_of(item),
    }


def _values_of(item: Lead) -> dict[str, Any]:
    return {
        "attributes": dict(item.attributes),
        "updated_at": item.updated_at,
        "updated_order": item.updated_order,
    }


def _created(item: Lead) -> dict[str, Any]:
    return {"created_at": item.created_at, "created_order": item.created_order}


def from_row(row: Row[Any]) -> Lead:
    """The lead of a row of the table."""
    return Lead(
        id=row.id,
        email=row.sent_email if row.sent_email is not None else row.email,
        known=row.known,
        partition=row.partition,
        attributes=row.attributes,
        created_at=row.created_at,
        updated_at=row.updated_at,
        created_order=row.created_order,
        updated_order=row.updated_order,
    )
