"""How leads and their keys are stored and found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from support import NOW, Marketo

from mockmkto.model import ForeignId, ForeignSysType, Lead
from mockmkto.store import leads
from mockmkto.store.leads import NewLead
from mockmkto.store.tables import lead as lead_table

WORLD = "lead_keys: {SFDCLEADID: City, SFDCCONTACTID: Title}"


@pytest.fixture
def session():
    marketo = Marketo(WORLD)
    with marketo.database.transaction() as session:
        yield session


def lead(lead_id: int, order: int = 1, **values) -> Lead:
    given = {"email": f"{lead_id}@example.com", "known": True, "partition": "Default", "attributes": {}} | values
    return Lead(
        id=lead_id,
        created_at=given.pop("created_at", NOW),
        updated_at=given.pop("updated_at", NOW),
        created_order=order,
        updated_order=given.pop("updated", order),
        **given,
    )


CUSTOM, SFDC = ForeignSysType.CUSTOM, ForeignSysType.SFDC


def test_a_lead_is_read_as_it_was_written(session):
    wanted = lead(
        5, 3, updated=9, email=" Ünï@example.com", known=False, attributes={"City": "Zürich 🕓\n", "Title": "''"}
    )
    leads.add(session, wanted)
    assert leads.by_id(session, 5) == wanted


@pytest.mark.parametrize(
    "moment",
    [
        datetime.min.replace(tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
        datetime(2026, 3, 14, 9, 26, 53, 589_793, UTC),
        datetime(2026, 3, 14, 9, 26, 53, 1, timezone(timedelta(hours=5, minutes=45))),
        datetime.max.replace(tzinfo=UTC),
    ],
    ids=str,
)
def test_times_are_read_to_the_microsecond_and_in_utc(session, moment):
    leads.add(session, lead(5, created_at=moment))
    leads.save(session, lead(5, updated_at=moment))
    found = leads.by_id(session, 5)
    assert (found.created_at, found.updated_at) == (moment, moment)
    assert found.created_at.tzinfo is found.updated_at.tzinfo is UTC


@pytest.mark.parametrize("before", [None, "5@example.com", "Five@Example.com"])
@pytest.mark.parametrize("email", [None, "", " ", "5@example.com", "5@Example.com"])
def test_an_email_is_shown_as_it_was_sent_last_and_kept_once(session, before, email):
    leads.add(session, lead(5, email=before))
    leads.save(session, lead(5, email=email))
    assert leads.by_id(session, 5).email == email
    compared, sent = session.connection.execute(select(lead_table.c.email, lead_table.c.sent_email)).one()
    assert compared == (email.strip().lower() if email is not None else None)
    assert sent == (email if email != compared else None)


def test_a_lead_that_is_saved_replaces_what_was_there(session):
    leads.add(session, lead(5, attributes={"City": "Oslo", "Title": "Dr"}))
    changed = lead(5, updated=7, email=None, attributes={"City": "Bergen"})
    leads.save(session, changed)
    assert leads.by_id(session, 5) == changed
    assert leads.ids_by_email(session, "5@example.com") == ()
    assert leads.ids_by_lead_key(session, "SFDCLEADID", "Oslo") == ()
    assert leads.ids_by_lead_key(session, "SFDCLEADID", " BERGEN ") == (5,)
    assert leads.ids_by_lead_key(session, "SFDCCONTACTID", "Dr") == ()


@pytest.mark.parametrize(
    "change",
    [
        {"attributes": {"City": "Bern"}},
        {"email": "5@EXAMPLE.com"},
        {"email": None},
        {"known": False},
        {"partition": "Europe"},
        {"partition": "Europe", "attributes": {"Title": "CEO"}, "updated": 8},
    ],
    ids=str,
)
def test_a_lead_that_is_saved_with_what_it_was_is_stored_whole(session, change):
    before, changed = lead(5), lead(5, **{"updated": 7, "updated_at": NOW + timedelta(hours=1), **change})
    leads.add(session, before)
    leads.save(session, changed, before)
    assert leads.by_id(session, 5) == changed


def test_emails_are_ordered_by_the_counter_that_is_asked_for(session):
    for lead_id, created, updated in ((1, 1, 6), (2, 2, 4), (3, 3, 5)):
        leads.add(session, lead(lead_id, created, updated=updated, email="T@example.com"))
    assert leads.ids_by_email(session, " t@EXAMPLE.com") == (1, 3, 2)
    assert leads.ids_by_email(session, "t@example.com", newest_created=True) == (3, 2, 1)


def test_lead_keys_are_found_highest_id_first(session):
    for lead_id in (2, 9, 4):
        leads.add(session, lead(lead_id, attributes={"City": "Oslo"}))
    assert leads.ids_by_lead_key(session, "SFDCLEADID", "oslo") == (9, 4, 2)


def test_a_key_that_is_given_again_moves_and_is_the_latest(session):
    for name in "AB":
        leads.give_foreign_id(session, 1, ForeignId(CUSTOM, name))
        leads.give_cookie(session, 1, f"id:{name}")
    leads.give_foreign_id(session, 1, ForeignId(CUSTOM, "A"))
    leads.give_cookie(session, 2, "B")
    assert leads.foreign_ids_of(session, 1) == (ForeignId(CUSTOM, "A"), ForeignId(CUSTOM, "B"))
    assert (leads.cookies_of(session, 1), leads.cookies_of(session, 2)) == (("A",), ("B",))
    assert leads.id_by_cookie(session, "id:B") == 2


def test_keys_move_together_and_a_deleted_lead_takes_its_own_along(session):
    leads.add(session, lead(1, attributes={"City": "Oslo"}))
    for owner in (1, 2):
        leads.give_foreign_id(session, owner, ForeignId(SFDC, str(owner)))
        leads.give_cookie(session, owner, str(owner))
    leads.move_keys(session, from_lead=2, to_lead=3)
    assert (leads.id_by_cookie(session, "2"), leads.id_by_foreign_id(session, ForeignId(SFDC, "2"))) == (3, 3)
    leads.delete_lead(session, 1)
    assert (leads.by_id(session, 1), leads.id_by_cookie(session, "1")) == (None, None)
    assert leads.id_by_foreign_id(session, ForeignId(SFDC, "1")) is None
    assert leads.ids_by_lead_key(session, "SFDCLEADID", "Oslo") == ()


@pytest.mark.parametrize("number", [0, -1, 2**63, -(2**63), 10**400, 1.5, float("inf"), float("-inf"), float("nan")])
def test_a_number_that_no_id_can_be_finds_nothing(session, number):
    leads.add(session, lead(1))
    assert leads.existing_id(session, number) is None


def test_leads_in_bulk_are_found_by_each_of_their_keys_and_later_ids_start_above(session):
    batch = [
        NewLead(lead(n, n, attributes={"City": f"C{n}"}), (ForeignId(SFDC, f"F{n}"),), (f"id:k{n}",))
        for n in (2000, 5, 3000)
    ]
    leads.add_many(session, batch)
    for item in batch:
        n = item.lead.id
        assert leads.by_id(session, n) == item.lead
        assert leads.existing_id(session, n) == n
        assert leads.id_by_foreign_id(session, ForeignId(SFDC, f"F{n}")) == n
        assert leads.id_by_cookie(session, f"k{n}") == n
        assert leads.ids_by_email(session, f"{n}@example.com") == (n,)
        assert leads.ids_by_lead_key(session, "SFDCLEADID", f"c{n}") == (n,)
    assert leads.count(session) == 3
    assert session.take_lead_id() == 3001
