"""importToList and its status: columns, rows, what becomes of each, now or when the clock says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asking import activities, ask
from support import KEY, NOW, USER, XSI, Marketo

from mockmkto.clock import Clock
from mockmkto.engine.imports import cancel_import
from mockmkto.model import Credential
from mockmkto.store import campaigns, imports, lists
from mockmkto.worlds.exporting import export
from mockmkto.worlds.rendering import as_yaml

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann, City: Rome}}
- {Id: 1002, Email: bob@example.com}
programs:
- {name: ER Demo, tokens: {"{{my.x}}": "0"}}
- {name: Other}
lists:
- {name: Attendees, program: ER Demo}
- {name: Global}
- {name: Elsewhere, program: Other}
campaigns:
- {id: 2001, name: Send Welcome, program: ER Demo, sources: [MKTOWS]}
- {id: 2002, name: Abroad, program: Other, sources: [MKTOWS]}
"""
HEADER = "Email,First Name"
ROWS = ["ann@example.com,Anna", "new@example.com,Ned"]


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


def with_switch(**switches: str) -> Marketo:
    said = ", ".join(f"{name}: {value}" for name, value in switches.items())
    return Marketo(f"{WORLD}\nbehaviour: {{{said}}}")


def import_(marketo, header=HEADER, rows=ROWS, **members):
    right = {
        "programName": "ER Demo",
        "importFileHeader": header,
        "importFileRows": {"stringItem": list(rows)},
        "importListMode": "UPSERTLEADS",
        "listName": "Attendees",
        "clearList": False,
    }
    return ask(marketo, "importToList", {**right, **members})


def status(marketo, program="ER Demo", name="Attendees"):
    answer = ask(marketo, "getImportToListStatus", {"programName": program, "listName": name})
    result = answer.root.find(".//result")
    return answer if result is None else {item.tag: answer.text(item.tag) for item in result}


def counts(marketo):
    said = status(marketo)
    return tuple(int(said[f"rows{kind}"]) for kind in ("Imported", "Failed", "Ignored"))


def members(marketo, list_id=1001):
    with marketo.database.transaction() as session:
        return lists.members(session, list_id)


def later(marketo, **span):
    marketo.set_clock(Clock(frozen_at=marketo.now + timedelta(**span)))


def test_rows_update_or_create_and_their_leads_become_members(marketo):
    answer = import_(marketo)
    assert answer.text("importStatus") == "PROCESSING"
    assert counts(marketo) == (2, 0, 0)
    assert members(marketo) == (1001, 1003)
    assert marketo.lead(1001).attributes["FirstName"] == "Anna"
    assert marketo.lead(1003).email == "new@example.com"
    assert marketo.lead(1003).attributes["FirstName"] == "Ned"
    assert [(lead, kind) for lead, kind, _, _ in activities(marketo)] == [
        (1001, "Change Data Value"),
        (1001, "Add to List"),
        (1003, "New Lead"),
        (1003, "Add to List"),
    ]
    created = activities(marketo, 1003)[0][3]
    assert (created["Source Type"], created["Source Info"]) == ("List import", "List import")
    assert activities(marketo, 1001)[1][2:] == (
        "ER Demo.Attendees",
        {"List ID": "1001", "Source": "Web service API", "Lead ID": "1001"},
    )


def test_listonly_takes_leads_that_are_there_and_changes_none(marketo):
    import_(marketo, importListMode="LISTONLY")
    assert counts(marketo) == (1, 0, 1)
    assert members(marketo) == (1001,)
    assert marketo.lead(1001).attributes["FirstName"] == "Ann"


def test_clear_list_has_all_members_leave_first(marketo):
    import_(marketo, rows=["bob@example.com,Bob"])
    import_(marketo, clearList=True)
    assert members(marketo) == (1001, 1003)
    assert [kind for _, kind, _, _ in activities(marketo, 1002)][-1] == "Remove from List"


# ---------------------------------------------------------------------------------------------------------------------
# Columns


@pytest.mark.parametrize(
    ("header", "row", "stored"),
    [
        ("Email,First Name", "ann@example.com,Anna", {"FirstName": "Anna"}),
        ('"Email Address", "first name"', 'ann@example.com, "An, na" ', {"FirstName": "An, na"}),
        (" email , Company Name,Job Title", "ANN@example.com , Acme ,Boss", {"Company": "Acme", "Title": "Boss"}),
        ("First Name,Email", "Anna,ann@example.com", {"FirstName": "Anna"}),
    ],
)
def test_columns_have_display_names_trimmed_unquoted_in_any_case(marketo, header, row, stored):
    answer = import_(marketo, header, [row])
    assert answer.warnings == []
    attributes = marketo.lead(1001).attributes
    assert {name: attributes[name] for name in stored} == stored


def test_names_of_the_api_are_read_with_a_warning(marketo):
    answer = import_(marketo, "Email,FirstName", ["ann@example.com,Anna"])
    assert marketo.lead(1001).attributes["FirstName"] == "Anna"
    assert answer.warnings == ["column FirstName was read as First Name: a header has display names"]


def test_an_unknown_column_is_ignored_with_a_warning_or_is_20105(marketo):
    answer = import_(marketo, '"Email","Unknown"', ["ann@example.com,x"])
    assert counts(marketo) == (1, 0, 0)
    assert answer.warnings == ["column Unknown is no field, and was ignored"]
    refused = import_(with_switch(import_unknown_column="fault"), "Email,Unknown,Other", ["a@example.com,x,y"])
    assert refused.message == "importToList operation failed: unknown fields for import: Unknown, Other (20105)"


@pytest.mark.parametrize("name", ["{{my.x}}", "my.x", '"{{my.x}}"'])
def test_tokens_are_kept_for_the_campaign_and_nothing_runs(marketo, name):
    import_(marketo, f"Email,{name}", ["ann@example.com,Fish", "bob@example.com,"], campaignName="send welcome")
    with marketo.database.transaction() as session:
        kept = campaigns.all_lead_tokens(session)
        assert [(item.campaign_id, item.lead_id, item.tokens) for item in kept] == [(2001, 1001, {"x": "Fish"})]
        assert campaigns.all_calls(session) == ()


def test_tokens_without_a_campaign_are_not_kept_with_a_warning(marketo):
    answer = import_(marketo, "Email,{{my.x}}", ["ann@example.com,Fish"], campaignName="")
    assert answer.warnings == ["there are tokens, but no campaignName: they were not kept"]
    with marketo.database.transaction() as session:
        assert campaigns.all_lead_tokens(session) == ()


# ---------------------------------------------------------------------------------------------------------------------
# Rows


@pytest.mark.parametrize(
    ("header", "rows", "expected"),
    [
        (HEADER, [",Ned", "ann@example.com,Anna"], (1, 1, 0)),
        ("Email,Lead Score", ["ann@example.com,abc", "bob@example.com,5"], (1, 1, 0)),
        (HEADER, ["ann@example.com,Anna,more"], (0, 1, 0)),
        (HEADER, ["ann@example.com"], (1, 0, 0)),
        (HEADER, ["ann@example.com,A\nbob@example.com,B\n\n", "new@example.com,N"], (3, 0, 0)),
        (HEADER, ["new@example.com,A", "New@example.com,B"], (2, 0, 0)),
        (HEADER, [], (0, 0, 0)),
        (HEADER, ['"' + "x" * 200_000 + '"', "ann@example.com,Anna"], (1, 1, 0)),
    ],
)
def test_what_becomes_of_rows(marketo, header, rows, expected):
    import_(marketo, header, rows)
    assert counts(marketo) == expected


def test_the_same_e_mail_twice_is_one_lead(marketo):
    import_(marketo, rows=["new@example.com,A", "new@example.com,B"])
    assert members(marketo) == (1003,)
    assert marketo.lead(1003).attributes["FirstName"] == "B"


def test_an_empty_cell_leaves_its_field_or_clears_it(marketo):
    import_(marketo, "Email,City", ["ann@example.com,"])
    assert marketo.lead(1001).attributes["City"] == "Rome"
    clearing = with_switch(import_empty="clear")
    import_(clearing, "Email,City", ["ann@example.com,"])
    assert "City" not in clearing.lead(1001).attributes


def test_the_summary_says_which_rows_failed_and_why(marketo):
    import_(marketo, "Email,Lead Score", ["ann@example.com,abc", ",5", "bob@example.com,5"])
    assert status(marketo)["importSummary"] == (
        "1 of 3 rows imported, 2 failed; row 1: Value 'abc' is not valid for field LeadScore of type integer (20110); "
        "row 2: it has no e-mail"
    )


@pytest.mark.parametrize(
    ("rows", "expected"), [([",A"], "FAILED"), ([",A", "ann@example.com,B"], "COMPLETE"), ([], "COMPLETE")]
)
def test_an_import_fails_where_every_row_does(marketo, rows, expected):
    import_(marketo, rows=rows)
    assert status(marketo)["status"] == expected


# ---------------------------------------------------------------------------------------------------------------------
# Which list


def test_a_list_of_no_program_is_taken_with_a_warning(marketo):
    answer = import_(marketo, listName="global")
    assert answer.text("importStatus") == "PROCESSING"
    assert answer.warnings == ["Global is a list of no program, not of ER Demo"]
    assert members(marketo, 1002) == (1001, 1003)


def test_a_list_may_be_named_with_its_program(marketo):
    assert import_(marketo, listName="ER Demo.Attendees").text("importStatus") == "PROCESSING"


def test_a_missing_list_can_be_made():
    marketo = with_switch(missing_list="create")
    import_(marketo, listName="New")
    with marketo.database.transaction() as session:
        (made,) = lists.named(session, "New")
        assert (made.shown, lists.members(session, made.id)) == ("ER Demo.New", (1001, 1003))


@pytest.mark.parametrize(
    ("wrong", "code", "message"),
    [
        ({"programName": None, "importListMode": "X"}, "20109", "programName is required (20109)"),
        ({"importFileHeader": ""}, "20109", "importFileHeader is required (20109)"),
        ({"importFileRows": None}, "20109", "importFileRows is required (20109)"),
        ({"importListMode": None}, "20109", "importListMode is required (20109)"),
        ({"listName": ""}, "20109", "listName is required (20109)"),
        ({"importListMode": "X", "programName": "Nope"}, "20110", "importListMode is not valid: X (20110)"),
        ({"programName": "Nope", "listName": "Nope"}, "20110", "programName is not valid: Nope (20110)"),
        ({"listName": "Nope", "campaignName": "Nope"}, "20111", "No list found with listName = Nope (20111)"),
        ({"listName": "Elsewhere"}, "20111", "No list found with listName = Elsewhere (20111)"),
        (
            {"campaignName": "Nope", "importFileHeader": "First Name"},
            "20113",
            "No campaign found with ER Demo.Nope (20113)",
        ),
        ({"campaignName": "Abroad"}, "20113", "No campaign found with ER Demo.Abroad (20113)"),
        (
            {"importFileHeader": "First Name"},
            "20110",
            "importFileHeader is not valid: it has no column Email (20110)",
        ),
    ],
)
def test_faults_in_their_order_and_nothing_is_written(marketo, wrong, code, message):
    before = marketo.dump()
    answer = import_(marketo, **wrong)
    assert (answer.code, answer.message) == (code, message)
    assert marketo.dump() == before


# ---------------------------------------------------------------------------------------------------------------------
# Status


def test_an_import_is_processing_until_its_time_has_passed_and_leads_change_with_it():
    marketo = with_switch(import_duration="60s")
    import_(marketo)
    assert status(marketo) == {
        "status": "PROCESSING",
        "startedTime": "2026-03-14T02:26:53-07:00",
        "endedTime": None,
        "estimatedTime": None,
        "estimatedRows": "2",
        "rowsImported": "0",
        "rowsFailed": "0",
        "rowsIgnored": "2",
        "importSummary": None,
    }
    later(marketo, seconds=59)
    assert status(marketo)["status"] == "PROCESSING"
    assert (members(marketo), marketo.lead(1001).attributes["FirstName"]) == ((), "Ann")
    later(marketo, seconds=1)
    assert status(marketo) == {
        "status": "COMPLETE",
        "startedTime": "2026-03-14T02:26:53-07:00",
        "endedTime": "2026-03-14T02:27:53-07:00",
        "estimatedTime": None,
        "estimatedRows": "2",
        "rowsImported": "2",
        "rowsFailed": "0",
        "rowsIgnored": "0",
        "importSummary": "2 of 2 rows imported",
    }
    assert (members(marketo), marketo.lead(1001).attributes["FirstName"]) == ((1001, 1003), "Anna")


def test_the_status_has_nils_as_captured():
    marketo = with_switch(import_duration="60s")
    import_(marketo)
    answer = ask(marketo, "getImportToListStatus", {"programName": "ER Demo", "listName": "Attendees"})
    nil = [item.tag for item in answer.root.iter() if item.get(f"{{{XSI}}}nil") == "true"]
    assert nil == ["endedTime", "estimatedTime", "importSummary"]


def test_a_lead_that_is_synced_meanwhile_is_updated_by_the_import_afterwards():
    marketo = with_switch(import_duration="60s")
    import_(marketo)
    marketo.sync({"FirstName": "Annie"}, Email="ann@example.com")
    later(marketo, minutes=2)
    assert marketo.lead(1001).attributes["FirstName"] == "Anna"
    assert marketo.lead(1001).updated_at == NOW + timedelta(minutes=1)


def test_the_last_import_counts(marketo):
    import_(marketo)
    import_(marketo, rows=["bob@example.com,Bob"])
    assert status(marketo)["estimatedRows"] == "1"


def test_a_canceled_import_is_never_done():
    marketo = with_switch(import_duration="60s")
    import_(marketo)
    with marketo.database.transaction() as session:
        (begun,) = imports.all_imports(session)
        cancel_import(session, begun)
    later(marketo, minutes=2)
    assert (status(marketo)["status"], members(marketo)) == ("CANCELED", ())


@pytest.mark.parametrize(
    ("program", "name", "code", "message"),
    [
        (None, "Attendees", "20109", "programName is required (20109)"),
        ("ER Demo", "", "20109", "listName is required (20109)"),
        ("Nope", "Nope", "20110", "programName is not valid: Nope (20110)"),
        ("ER Demo", "Nope", "20111", "No list found with listName = Nope (20111)"),
        (
            "ER Demo",
            "Attendees",
            "20110",
            "listName is not valid: nothing was imported into Attendees (20110)",
        ),
    ],
)
def test_faults_of_the_status(marketo, program, name, code, message):
    answer = status(marketo, program, name)
    assert (answer.code, answer.message) == (code, message)


def test_the_trace_says_what_became_of_each_row(marketo):
    answer = import_(marketo, "Email,Lead Score", ["ann@example.com,5", "bob@example.com,x", "new@example.com,"])
    trace = answer.call.trace
    assert [(step.position, step.status, step.lead_id, step.error) for step in trace.records] == [
        (1, "updated", 1001, None),
        (2, "failed", None, "Value 'x' is not valid for field LeadScore of type integer (20110)"),
        (3, "created", 1003, None),
    ]
    assert [(item.target, item.after) for item in trace.records[0].changes] == [("LeadScore", "5")]
    assert trace.counts == {"updated": 1, "failed": 1, "created": 1}
    assert [item.kind for item in trace.subjects] == ["program", "list"]
    assert (trace.lead_ids, trace.activities) == ((1001, 1003), 4)


def test_an_export_of_an_import_under_way_goes_on_elsewhere():
    marketo = with_switch(import_duration="60s")
    import_(marketo)
    with marketo.database.transaction() as session:
        text = as_yaml(export(session, "default", [Credential(USER, (KEY,), "default")], [])).decode()
    other = Marketo(text)
    other.set_clock(Clock(frozen_at=NOW + timedelta(minutes=2)))
    assert (status(other)["status"], members(other)) == ("COMPLETE", (1001, 1003))
