"""Leads synced by the REST API: what becomes of a record by action and by what its lookup finds, and what it leaves."""

from __future__ import annotations

import datetime as dt

import pytest
from support import NOW, Marketo

from mockmkto.clock import Clock
from mockmkto.engine.upserting import upsert
from mockmkto.errors import RestError
from mockmkto.model import Key, TraceBuilder, Verdict
from mockmkto.model.upserts import UpsertAction, UpsertRequest
from mockmkto.store import activities, leads

WORLD = """
fields:
- {name: Ext__c, type: string, length: 10}
- {name: Number__c, type: integer}
- {name: Mail__c, type: email}
- {name: Flag__c, type: boolean}
- {name: At__c, type: datetime}
- {name: Day__c, type: date}
- {name: Share__c, type: percent}
- {name: Rate__c, type: float}
- {name: Blocked__c, type: string, update_blocked: true}
partitions: [Europe]
lead_keys: {SFDCLEADID: Ext__c}
leads:
- {Id: 1001, Email: one@example.com, attributes: {FirstName: Ann, Ext__c: E-1, Number__c: "7", Flag__c: "1"},
   cookies: ["id:1-2&token:_mch-a"]}
- {Id: 1002, Email: two@example.com, attributes: {Ext__c: E-2}}
- {Id: 1003, Email: Two@example.com, attributes: {Ext__c: E-2}}
- {Id: 1004, Email: eu@example.com, partition: Europe}
anonymous_leads:
- {Id: 1005, cookies: ["id:1-2&token:_mch-anon"]}
"""

CREATED = ("created", 1006)
NOT_FOUND, EXISTS = ("1004", "Lead not found"), ("1005", "Lead already exists")
SEVERAL = ("1007", "Multiple lead match lookup criteria")


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


def sync(marketo, *records, action="createOrUpdate", lookup=None, partition=None, trace=None):
    """Of each record its status and lead, or the code and the text that refused it."""
    request = UpsertRequest(records, UpsertAction(action), lookup, partition)
    with marketo.database.transaction() as session:
        done = upsert(session, request, trace if trace is not None else TraceBuilder())
    return [
        (item.status, item.lead_id) if item.error is None else (str(item.error.code.value), item.error.text)
        for item in done
    ]


def lead(marketo, lead_id):
    with marketo.database.transaction() as session:
        return leads.by_id(session, lead_id)


def everything(marketo):
    with marketo.database.transaction() as session:
        return session.connection.exec_driver_sql("SELECT * FROM lead ORDER BY id").all(), session.next_lead_id


# One row a lookup, of a record that finds none, one and several leads; by action what becomes of it.
NONE, ONE, MANY = "none", "one", "many"
LOOKUPS = {
    "email": {NONE: "new@example.com", ONE: "ONE@example.com", MANY: "two@example.com"},
    "Ext__c": {NONE: "E-9", ONE: " e-1", MANY: "E-2"},
    "sfdcLeadId": {NONE: "E-9", ONE: "E-1", MANY: "E-2"},
    "Number__c": {NONE: 8, ONE: 7},
    "cookies": {NONE: "id:1-2&token:_mch-new", ONE: "id:9-9&token:_mch-a"},
}
BECOMES = {
    "createOnly": {NONE: CREATED, ONE: EXISTS, MANY: EXISTS},
    "updateOnly": {NONE: NOT_FOUND, ONE: ("updated", 1001), MANY: SEVERAL},
    "createOrUpdate": {NONE: CREATED, ONE: ("updated", 1001), MANY: SEVERAL},
    "createDuplicate": {NONE: CREATED, ONE: CREATED, MANY: CREATED},
}
NAMES = {"sfdcLeadId": "Ext__c"}


@pytest.mark.parametrize("action", BECOMES)
@pytest.mark.parametrize(("lookup", "matches"), [(name, number) for name, by in LOOKUPS.items() for number in by])
def test_what_becomes_of_a_record(marketo, action, lookup, matches):
    before = everything(marketo)
    record = {NAMES.get(lookup, lookup): LOOKUPS[lookup][matches], "firstName": "Zoe"}
    trace = TraceBuilder()
    expected = BECOMES[action][matches]
    assert sync(marketo, record, action=action, lookup=lookup, trace=trace) == [expected]
    if expected[0] in ("created", "updated"):
        assert lead(marketo, expected[1]).attributes["FirstName"] == "Zoe"
    else:
        assert everything(marketo) == before
    (step,) = trace.records[0].keys
    assert step.name == {"email": "Email", "cookies": "marketoCookie", "sfdcLeadId": "Ext__c"}.get(lookup, lookup)
    assert (step.verdict is Verdict.DECIDES) == (expected[0] == "updated")
    assert trace.counts == {"skipped" if expected[0].isdigit() else expected[0]: 1}


@pytest.mark.parametrize(
    ("action", "record", "lookup", "expected"),
    [
        ("updateOnly", {"id": 1001}, "id", ("updated", 1001)),
        ("createOrUpdate", {"id": "1001"}, "id", ("updated", 1001)),
        ("updateOnly", {"id": 999}, "id", NOT_FOUND),
        ("createOrUpdate", {"id": 999}, "id", NOT_FOUND),
        ("createOnly", {"id": 1001}, "id", ("1003", "Invalid value for field 'id' and value '1001'")),
        ("createDuplicate", {"id": 1001}, "id", ("1003", "Invalid value for field 'id' and value '1001'")),
        ("createOnly", {"id": 7, "email": "n@example.com"}, None, "1003"),
        ("createOrUpdate", {"id": 7, "email": "n@example.com"}, "email", "1003"),
        ("updateOnly", {"id": 1001, "email": "one@example.com"}, "email", "1003"),
        ("createOrUpdate", {"id": None, "email": "n@example.com"}, "email", CREATED),
        ("updateOnly", {"id": "x"}, "id", ("1003", "Invalid value for field 'id' and value 'x'")),
        ("updateOnly", {"id": 2**70}, "id", "1003"),
    ],
)
def test_an_id_is_a_key_where_it_is_looked_up_by_and_nowhere_else(marketo, action, record, lookup, expected):
    (found,) = sync(marketo, record, action=action, lookup=lookup)
    assert found == expected or found[0] == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"Flag__c": "other"}, ("1003", "Invalid value for field 'Flag__c' and value 'other'")),
        ({"Mail__c": "bademail"}, ("1003", "Invalid value for field 'Mail__c' and value 'bademail'")),
        ({"email": "bademail"}, ("1003", "Invalid value for field 'email' and value 'bademail'")),
        ({"email": "ünï@example.com"}, ("1003", "Invalid value for field 'email' and value 'ünï@example.com'")),
        ({"Number__c": 14.1}, ("1003", "Invalid value for field 'Number__c' and value '14.1'")),
        ({"Rate__c": "14c"}, ("1003", "Invalid value for field 'Rate__c' and value '14c'")),
        ({"At__c": "yesterday"}, ("1003", "Invalid value for field 'At__c' and value 'yesterday'")),
        ({"Share__c": "100%"}, ("1003", "Invalid value for field 'Share__c' and value '100%'")),
        ({"Day__c": ["2020-08-30"]}, "1003"),
        ({"firstName": "a\0b"}, "1003"),
        ({"nope": 1}, ("1006", "Field 'nope' not found")),
        ({"Ext__c": "12345678901"}, ("1077", "Value for field exceeds max length")),
    ],
)
def test_a_record_that_is_refused_leaves_nothing_and_its_neighbours_are_kept(marketo, record, expected):
    bad = {"id": 1001, "firstName": "Never", **record}
    neighbours = {"id": 1002, "firstName": "Bea"}, {"id": 1004, "firstName": "Eva"}
    before = lead(marketo, 1001)
    first, refused, last = sync(marketo, neighbours[0], bad, neighbours[1], action="updateOnly", lookup="id")
    assert (first, last) == (("updated", 1002), ("updated", 1004))
    assert refused == expected or refused[0] == expected
    assert lead(marketo, 1001) == before
    assert [lead(marketo, number).attributes["FirstName"] for number in (1002, 1004)] == ["Bea", "Eva"]


@pytest.mark.parametrize(
    ("record", "lookup", "expected"),
    [
        ({"firstName": "Ann"}, None, ("1003", "Lookup field 'email' not specified")),
        ({"email": None}, "email", ("1003", "Lookup field 'email' not specified")),
        ({"email": " "}, "email", "1003"),
        ({"email": "x@example.com"}, "Ext__c", ("1003", "Lookup field 'Ext__c' not specified")),
        ({"cookies": "id:1-2"}, "cookies", ("1012", "Invalid cookie value 'id:1-2'")),
    ],
)
def test_a_record_without_what_it_is_looked_up_by_is_refused(marketo, record, lookup, expected):
    (found,) = sync(marketo, record, lookup=lookup)
    assert found == expected or found[0] == expected
    if lookup != "cookies":
        assert sync(marketo, record, lookup=lookup, action="createDuplicate")[0][0] in ("created", "1003")


@pytest.mark.parametrize(
    ("lookup", "expected"),
    [
        ("userId", "1006: Lookup field 'userId' not found"),
        ("firstName", "1011: Field 'firstName' not supported"),
        ("Flag__c", "1011: Field 'Flag__c' not supported"),
        ("leadPartitionId", "1011: Field 'leadPartitionId' not supported"),
        ("sfdcOpptyId", "1006: Lookup field 'sfdcOpptyId' not found"),
    ],
)
def test_a_lookup_field_that_is_none_ends_the_call(marketo, lookup, expected):
    with pytest.raises(RestError, match=f"^{expected}$"):
        sync(marketo, {lookup: "x"}, lookup=lookup)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"firstName": None}, {"Ext__c": "E-1", "Number__c": "7", "Flag__c": "1"}),
        ({"firstName": ""}, {"Ext__c": "E-1", "Number__c": "7", "Flag__c": "1"}),
        ({"lastName": "Z"}, {"FirstName": "Ann", "LastName": "Z", "Ext__c": "E-1", "Number__c": "7", "Flag__c": "1"}),
        ({"Flag__c": None, "Number__c": None}, {"FirstName": "Ann", "Ext__c": "E-1"}),
        ({"FIRSTNAME": "Bea"}, {"FirstName": "Bea", "Ext__c": "E-1", "Number__c": "7", "Flag__c": "1"}),
        ({"createdAt": "2020-01-01", "cookies": "x", "leadPartitionId": 2, "Blocked__c": "x"}, None),
        ({"firstName": "Ann", "Number__c": 7, "Flag__c": True}, None),
    ],
    ids=["null clears", "nothing clears", "omitted stays", "booleans and numbers", "any case", "read-only", "same"],
)  # fmt: skip
def test_what_an_update_stores(marketo, sent, stored):
    before = lead(marketo, 1001)
    assert sync(marketo, {"id": 1001, **sent}, action="updateOnly", lookup="id") == [("updated", 1001)]
    assert lead(marketo, 1001).attributes == (before.attributes if stored is None else stored)


def test_an_update_that_changes_nothing_leaves_the_time_and_the_log(marketo):
    marketo.set_clock(Clock(frozen_at=NOW + dt.timedelta(hours=1)))
    before = lead(marketo, 1001)
    trace = TraceBuilder()
    record = {"id": 1001, "firstName": "Ann", "email": "one@example.com", "lastName": None}
    assert sync(marketo, record, action="updateOnly", lookup="id", trace=trace) == [("updated", 1001)]
    assert lead(marketo, 1001) == before
    assert (trace.activities, trace.records[0].activities) == (0, 0)
    assert sync(marketo, {**record, "lastName": "Z"}, lookup="id") == [("updated", 1001)]
    assert lead(marketo, 1001).updated_at == NOW + dt.timedelta(hours=1)


def test_the_email_that_found_a_lead_stays_as_it_is_stored_and_another_key_writes_it(marketo):
    sync(marketo, {"email": "ONE@example.com", "firstName": "Bea"})
    assert lead(marketo, 1001).email == "one@example.com"
    sync(marketo, {"email": "other@example.com", "id": 1001}, lookup="id")
    assert lead(marketo, 1001).email == "other@example.com"
    assert sync(marketo, {"email": "one@example.com"}) == [CREATED]


def test_a_later_record_finds_what_an_earlier_one_made(marketo):
    records = [{"email": "n@example.com"}, {"email": "N@example.com", "lastName": "Z"}, {"email": "m@example.com"}]
    assert sync(marketo, *records) == [CREATED, ("updated", 1006), ("created", 1007)]


PARTITIONS = [
    pytest.param("createOrUpdate", "n@example.com", "europe", CREATED, "Europe", id="a new one is put there"),
    pytest.param("createOnly", "n@example.com", "Default", CREATED, "Default", id="into the default one"),
    pytest.param("createOrUpdate", "n@example.com", None, CREATED, "Default", id="without a name too"),
    pytest.param("createOrUpdate", "eu@example.com", "Europe", ("updated", 1004), "Europe", id="there is one"),
    pytest.param("createOrUpdate", "one@example.com", "Europe", ("1010", "Partition update not allowed"), "Default",
                 id="one is elsewhere"),
    pytest.param("createOnly", "n@example.com", "Asia", ("1008", "Access denied to partition 'Asia'"), None,
                 id="there is no such partition"),
    pytest.param("createOnly", "n@example.com", " ", ("1009", "Partition name must be specified"), None, id="no name"),
    pytest.param("updateOnly", "one@example.com", "Europe", ("updated", 1001), "Default", id="not looked at"),
    pytest.param("createDuplicate", "one@example.com", "Europe", CREATED, "Default", id="nor here"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "email", "partition", "expected", "where"), PARTITIONS)
def test_the_partition_that_a_request_names(marketo, action, email, partition, expected, where):
    assert sync(marketo, {"email": email, "lastName": "Z"}, action=action, partition=partition) == [expected]
    if where is not None:
        with marketo.database.transaction() as session:
            found = leads.by_id(session, max(leads.ids_by_email(session, email)))
        assert found.partition == where
        assert (found.attributes.get("LastName") == "Z") == (not expected[0].isdigit())


def test_an_anonymous_lead_that_its_cookie_finds_becomes_known(marketo):
    record = {"cookies": "_mch-anon", "email": "anon@example.com"}
    assert sync(marketo, record, lookup="cookies") == [("updated", 1005)]
    assert (lead(marketo, 1005).known, lead(marketo, 1005).email) == (True, "anon@example.com")


def test_a_lead_that_a_cookie_made_is_found_by_it(marketo):
    assert sync(marketo, {"cookies": "id:1-2&token:_mch-n"}, lookup="cookies") == [CREATED]
    with marketo.database.transaction() as session:
        assert leads.id_by_cookie(session, "id:1-2&token:_mch-n") == 1006


def log(marketo, lead_id):
    with marketo.database.transaction() as session:
        found = [item for item in activities.all_activities(session) if item.lead_id == lead_id]
    return [(item.type, item.asset, dict(item.attributes)) for item in found]


def test_what_was_done_is_in_the_log(marketo):
    trace = TraceBuilder()
    sync(marketo, {"email": "n@example.com", "firstName": "Nia"}, trace=trace)
    sync(marketo, {"email": "n@example.com", "firstName": "Mia"}, trace=trace)
    api = "Web service API"
    created, changed = log(marketo, 1006)
    assert created == (
        "New Lead",
        "Nia",
        {"Source Type": api, "Source Info": api, "Created Date": "2026-03-14", "Lead ID": "1006"},
    )
    said = {"Attribute Name": "First Name", "Old Value": "Nia", "New Value": "Mia", "Reason": api, "Source": api}
    assert changed == ("Change Data Value", "First Name", {**said, "Lead ID": "1006"})
    assert [record.activities for record in trace.records] == [1, 1]


def test_the_trace_says_what_was_found_and_what_was_changed(marketo):
    trace = TraceBuilder()
    sync(
        marketo,
        {"Ext__c": "E-2", "firstName": "x"},
        {"Ext__c": "E-1", "firstName": "Bea"},
        lookup="Ext__c",
        trace=trace,
    )
    refused, updated = trace.records
    assert (refused.status, refused.lead_id, refused.changes) == ("skipped", None, ())
    assert refused.error == "Multiple lead match lookup criteria (1007)"
    (step,) = refused.keys
    assert (step.key, step.name, step.value, step.found) == (Key.FIELD, "Ext__c", "E-2", (1002, 1003))
    assert (updated.status, updated.lead_id) == ("updated", 1001)
    assert [(item.target, item.before, item.after) for item in updated.changes] == [
        ("Ext__c", "E-1", "E-1"),
        ("FirstName", "Ann", "Bea"),
    ]
    assert trace.counts == {"skipped": 1, "updated": 1}
