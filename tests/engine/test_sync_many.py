"""syncMultipleLeads: a status for each record, matched by its own rules; what one bad record does to the others."""

from __future__ import annotations

import pytest
from asking import activities, ask
from support import Marketo

from mockmkto.model import Key, Verdict

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann}}
- {Id: 1002, Email: bob@example.com, foreign_ids: [{type: CUSTOM, id: B-1}]}
"""


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


def with_switch(name: str, value: str) -> Marketo:
    return Marketo(f"{WORLD}\nbehaviour: {{{name}: {value}}}")


def lead(attributes=(), **keys):
    """A leadRecord by its members."""
    pairs = dict(attributes).items()
    listed = [{"attrName": name, "attrValue": value} for name, value in pairs]
    return {**keys, "leadAttributeList": {"attribute": listed}}


def sync_all(marketo, *records, dedup=None, version="2_9"):
    return ask(
        marketo,
        "syncMultipleLeads",
        {"leadRecordList": {"leadRecord": list(records)}, "dedupEnabled": dedup},
        version,
    )


def statuses(answer):
    """Of each record the lead and the status; of one that failed the error, too."""
    found = []
    for item in answer.root.iter("syncStatus"):
        row = (int(item.findtext("leadId")), item.findtext("status"))
        found.append((*row, item.findtext("error")) if item.findtext("error") else row)
    return found


UNKNOWN = "syncLead operation failed: unknown fields for import: Nope (20105)"


@pytest.mark.parametrize(
    ("records", "dedup", "expected"),
    [
        pytest.param(
            [lead({"FirstName": "Anna"}, Email="ann@example.com"), lead(Email="new@example.com")],
            None,
            [(1001, "UPDATED"), (1003, "CREATED")],
            id="updated and created, in request order",
        ),
        pytest.param([lead(Email="ann@example.com")], "false", [(1003, "CREATED")], id="not by e-mail"),
        pytest.param([lead(Email="ann@example.com")], "true", [(1001, "UPDATED")], id="by e-mail"),
        pytest.param([lead(Id=1002, Email="ann@example.com")], "false", [(1002, "UPDATED")], id="by Id all the same"),
        pytest.param(
            [lead(ForeignSysPersonId="B-1", ForeignSysType="CUSTOM")], "false", [(1002, "UPDATED")], id="by foreign id"
        ),
        pytest.param(
            [lead(Id=999), lead(Email="ann@example.com")],
            None,
            [(0, "FAILED", "No lead found with IDNUM = 999 (20103)"), (1001, "UPDATED")],
            id="an unknown Id fails by itself",
        ),
        pytest.param(
            [lead(Email="x@example.com"), lead(Email="x@example.com")],
            None,
            [(1003, "CREATED"), (1003, "UPDATED")],
            id="the same e-mail twice",
        ),
        pytest.param(
            [lead(Email="x@example.com"), lead(Email="x@example.com")],
            "0",
            [(1003, "CREATED"), (1004, "CREATED")],
            id="the same e-mail twice, not by e-mail",
        ),
        pytest.param(
            [lead({"Nope": "1"}, Email="ann@example.com"), lead(Email="bob@example.com")],
            None,
            [(0, "FAILED", UNKNOWN), (1002, "UPDATED")],
            id="an unknown attribute fails by itself",
        ),
        pytest.param(
            [lead({"LeadScore": "many"}, Email="ann@example.com")],
            None,
            [(0, "FAILED", "Value 'many' is not valid for field LeadScore of type integer (20110)")],
            id="a bad value fails by itself",
        ),
        pytest.param(
            [lead({"FirstName": "Cy"})], None, [(0, "FAILED", "No lead key was given (20101)")], id="no key fails"
        ),
        pytest.param(
            [lead(ForeignSysPersonId="", ForeignSysType="CUSTOM", Email="bob@example.com")],
            None,
            [(1002, "UPDATED")],
            id="an empty foreign id is absent",
        ),
        pytest.param(
            [lead(ForeignSysPersonId="N-1", ForeignSysType="CUSTOM", Email="ann@example.com")],
            None,
            [(1001, "UPDATED")],
            id="an unknown foreign id, and the e-mail",
        ),
        pytest.param([lead({"Id": "1002"}, Id=1002)], None, [(1002, "UPDATED")], id="the Id twice"),
        pytest.param([], None, [], id="no records"),
    ],
)
def test_a_status_for_each_record(marketo, records, dedup, expected):
    assert statuses(sync_all(marketo, *records, dedup=dedup)) == expected


def test_what_is_logged(marketo):
    sync_all(marketo, lead({"FirstName": "Anna"}, Email="ann@example.com"), lead(Email="new@example.com"))
    assert [(lead_id, kind) for lead_id, kind, _, _ in activities(marketo)] == [
        (1001, "Change Data Value"),
        (1003, "New Lead"),
    ]
    sync_all(marketo, lead({"FirstName": "Anna"}, Email="ann@example.com"))
    assert len(activities(marketo)) == 2
    assert marketo.calls[0].trace.activities == 2


@pytest.mark.parametrize(
    ("record", "stored"),
    [
        (lead(Id=1002, Email="bobby@example.com"), "bob@example.com"),
        (lead(ForeignSysPersonId="B-1", ForeignSysType="CUSTOM", Email="bobby@example.com"), "bob@example.com"),
        (lead({"Email": "bobby@example.com"}, Id=1002), "bobby@example.com"),
        (lead({"Email": "bobby@example.com"}, Email="bob@example.com"), "bobby@example.com"),
    ],
    ids=["a key beside an Id", "a key beside a foreign id", "an attribute", "a key and an attribute"],
)
def test_an_email_is_written_where_it_is_an_attribute(marketo, record, stored):
    assert statuses(sync_all(marketo, record)) == [(1002, "UPDATED")]
    assert marketo.lead(1002).email == stored
    changes = [asset for _, _, asset, _ in activities(marketo)]
    assert changes == ([] if stored == "bob@example.com" else ["Email Address"])


def test_an_email_key_is_written_to_a_lead_that_is_created(marketo):
    record = lead(ForeignSysPersonId="N-1", ForeignSysType="CUSTOM", Email="new@example.com")
    assert statuses(sync_all(marketo, record)) == [(1003, "CREATED")]
    assert marketo.lead(1003).email == "new@example.com"
    assert marketo.keys(1003)[0] == {("CUSTOM", "N-1")}


def test_an_email_that_is_key_and_attribute_alike_is_no_warning(marketo):
    assert sync_all(marketo, lead({"Email": "ann@example.com"}, Email="ann@example.com")).warnings == []


def test_with_errors_as_faults_the_first_bad_record_faults_the_call_and_nothing_is_written():
    marketo = with_switch("multi_sync_errors", "fault")
    before = marketo.dump()
    answer = sync_all(marketo, lead({"City": "Rome"}, Email="ann@example.com"), lead({"Nope": "1"}, Id=1002))
    assert (answer.code, answer.message) == ("20105", UNKNOWN)
    assert marketo.dump() == before


def test_keyless_leads_are_created_where_the_switch_says_so():
    marketo = with_switch("keyless_leads", "create")
    assert statuses(sync_all(marketo, lead({"FirstName": "Cy"}))) == [(1003, "CREATED")]


def test_the_switch_says_what_an_absent_dedup_enabled_is():
    assert statuses(sync_all(with_switch("dedup_default", "false"), lead(Email="ann@example.com"))) == [
        (1003, "CREATED")
    ]


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ("as_single", [(1003, "UPDATED")]),
        ("failed", [(0, "FAILED", "Found more than one lead with EMAIL = ann@example.com (20106)")]),
    ],
)
def test_an_email_that_several_leads_have(switch, expected):
    marketo = with_switch("duplicate_email_many", switch)
    sync_all(marketo, lead(Email="ann@example.com"), dedup="false")
    assert statuses(sync_all(marketo, lead(Email="ann@example.com"))) == expected


def test_more_than_300_records_are_done_with_a_warning(marketo):
    answer = sync_all(marketo, *(lead(Email=f"{number}@example.com") for number in range(301)))
    assert statuses(answer)[-1] == (1303, "CREATED")
    assert answer.warnings == ["301 records came: more than 300 are not recommended"]


def test_no_list_is_20104_and_no_records_an_empty_list(marketo):
    assert ask(marketo, "syncMultipleLeads", {}).code == "20104"
    assert b"<syncStatusList/>" in sync_all(marketo).body


def test_the_trace_has_a_step_for_each_record(marketo):
    sync_all(marketo, lead({"FirstName": "Anna"}, Id=1001), lead(Email="bob@example.com"), lead(Id=7), dedup="false")
    trace = marketo.calls[-1].trace
    assert trace.counts == {"UPDATED": 1, "CREATED": 1, "FAILED": 1}
    assert trace.lead_ids == (1001, 1003)
    updated, created, failed = trace.records
    assert (updated.position, updated.keys[0].key, updated.changes[0].target) == (1, Key.ID, "FirstName")
    assert [(step.verdict, step.reason) for step in created.keys] == [
        (Verdict.NOT_TRIED, "e-mail skipped: dedupEnabled is false")
    ]
    assert created.partition.partition == "Default"
    assert (failed.status, failed.error) == ("FAILED", "No lead found with IDNUM = 7 (20103)")


def test_the_journal_says_how_many_records_came_and_their_keys(marketo):
    sync_all(marketo, lead(Id=1001), lead(Email="x@example.com"), dedup="0")
    said = marketo.calls[-1].fields
    assert said.keys == {"Id": "1001", "Email": "x@example.com"}
    assert said.attributes == {"records": "2", "dedupEnabled": "false"}


@pytest.mark.parametrize("version", ["1_3", "2_0", "3_1"])
def test_every_version_answers(marketo, version):
    assert statuses(sync_all(marketo, lead(Id=1001), version=version)) == [(1001, "UPDATED")]
