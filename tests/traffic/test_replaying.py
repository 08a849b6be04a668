"""A replay says where an answer differs, and nothing where it does not."""

from __future__ import annotations

import json

import pytest
import yaml
from lxml import etree
from traffic import recordings
from traffic.recordings import CONVERSATION, answer, found, get_lead, request, sync, synced

from mockmkto.cli import main
from mockmkto.traffic.comparing import Ids, compare
from mockmkto.traffic.learning import as_fixture, learn
from mockmkto.traffic.reading import read_traffic
from mockmkto.worlds import parse_worlds


def learned(folder, calls):
    return learn(read_traffic(recordings.side_by_side(folder, calls)))


# ---------------------------------------------------------------------------------------------------------------------
# What is learned


def test_what_was_found_before_it_was_made_was_there(tmp_path):
    assert learned(tmp_path, CONVERSATION) == {
        "fields": [{"name": "Tier__c", "type": "string"}],
        "leads": [
            {"Id": 501, "Email": "ann@bigcorp.com", "attributes": {"FirstName": "Ann", "Tier__c": "Gold"}},
        ],
    }


def test_a_lead_that_a_sync_updated_was_there_by_the_key_of_the_sync(tmp_path):
    record = (
        "<leadRecord><ForeignSysPersonId>A-1</ForeignSysPersonId><ForeignSysType>SFDC</ForeignSysType></leadRecord>"
    )
    by_foreign_id = request(f"<ns1:paramsSyncLead>{record}<returnLead>false</returnLead></ns1:paramsSyncLead>")
    calls = [(by_foreign_id, synced(7, "UPDATED")), (sync("bob@x.example"), synced(8, "UPDATED"))]
    assert learned(tmp_path, calls) == {
        "leads": [
            {"Id": 7, "foreign_ids": [{"type": "SFDC", "id": "A-1"}]},
            {"Id": 8, "Email": "bob@x.example"},
        ]
    }


def test_a_workspace_that_was_named_without_a_fault_is_there(tmp_path):
    header = "<ns1:MktowsContextHeader><targetWorkspace>EMEA</targetWorkspace></ns1:MktowsContextHeader>"
    sent = sync("bob@x.example").replace(b"</SOAP-ENV:Header>", f"{header}</SOAP-ENV:Header>".encode())
    world = learned(tmp_path, [(sent, synced(1, "CREATED"))])
    assert world["workspaces"] == [{"name": "EMEA", "primary_partition": "Default"}]


def test_what_is_learned_loads(tmp_path):
    (world,) = parse_worlds(as_fixture(learned(tmp_path, CONVERSATION)), "learned")
    assert [lead.id for lead in world.leads] == [501]


# ---------------------------------------------------------------------------------------------------------------------
# What differs


def one(place, recorded, ours):
    return [f"{place}: recorded {recorded}, ours {ours}"]


@pytest.mark.parametrize(
    ("recorded", "ours", "expected"),
    [
        (synced(1, "CREATED"), synced(1, "CREATED"), []),
        (synced(1, "CREATED"), synced(1001, "CREATED"), []),  # ids are mapped
        (synced(1, "CREATED"), synced(1, "UPDATED"), one("result/syncStatus/status", "'CREATED'", "'UPDATED'")),
        (
            found(1, "a@x", FirstName="A"),
            found(1, "a@x", FirstName="B"),
            one("result/leadRecordList/leadRecord/leadAttributeList/attribute[FirstName]/attrValue", "'A'", "'B'"),
        ),
        (found(1, "a@x", A="1", B="2"), found(1, "a@x", B="2", A="1"), []),  # attributes are told by their names
        (
            found(1, "a@x", A="1", B="2"),
            found(1, "a@x", A="1"),
            one("result/leadRecordList/leadRecord/leadAttributeList/attribute[B]", "'2'", "nothing"),
        ),
        (answer("<r><at>2014-07-23T16:48:03-05:00</at></r>"), answer("<r><at>2026-01-01T00:00:00-06:00</at></r>"), []),
        (
            answer("<r><at>2014-07-23T16:48:03-05:00</at></r>"),
            answer("<r><at>soon</at></r>"),
            one("at", "'2014-07-23T16:48:03-05:00'", "'soon'"),
        ),
        (
            answer("<r><newStreamPosition>id:1</newStreamPosition></r>"),
            answer("<r><newStreamPosition>id:9</newStreamPosition></r>"),
            [],
        ),
        (
            answer("<r><newStreamPosition>id:1</newStreamPosition></r>"),
            answer("<r><newStreamPosition/></r>"),
            one("newStreamPosition", "'id:1'", "''"),
        ),
        (answer('<r><e xsi:nil="true"/></r>'), answer("<r><e/></r>"), one("e", "'nil'", "'an empty element'")),
        (
            answer("<r><a>1</a><a>2</a></r>"),
            answer("<r><a>2</a><a>1</a></r>"),
            ["a: recorded '1', ours '2'", "a[2]: recorded '2', ours '1'"],
        ),  # order counts
        (
            synced(1, "CREATED"),
            answer("<SOAP-ENV:Fault><faultcode>c</faultcode></SOAP-ENV:Fault>"),
            one("answer", "'successSyncLead'", "'Fault'"),
        ),
        (b"", b"", []),
        (b"no xml", b"other", one("", "'no xml'", "'other'")),
    ],
)
def test_answers_are_compared(recorded, ours, expected):
    assert [str(item) for item in compare(recorded, ours, Ids())] == expected


def test_an_id_stands_for_one_lead_alone():
    ids = Ids()
    assert not compare(synced(1, "CREATED"), synced(1001, "CREATED"), ids)
    assert compare(synced(2, "CREATED"), synced(1001, "CREATED"), ids)
    assert compare(synced(1, "UPDATED"), synced(1002, "UPDATED"), ids)


# ---------------------------------------------------------------------------------------------------------------------
# The command


@pytest.mark.parametrize("record", recordings.FORMS, ids=lambda form: form.__name__)
def test_a_faithful_recording_is_answered_the_same(record, tmp_path, capsys):
    assert main(["replay", str(record(tmp_path))]) == 0
    assert capsys.readouterr().out == (
        "4 calls: 4 answered the same, 0 differ.\n  getLead: 2 the same, 0 differ\n  syncLead: 2 the same, 0 differ\n"
    )


DIFFERENT = [*CONVERSATION, (sync("cat@bigcorp.com", FirstName="Cat"), synced(501, "UPDATED"))]


@pytest.fixture
def different(tmp_path):
    """The last answer is not ours: by an e-mail, the real one updated somebody whom it had shown under another."""
    folder = tmp_path / "recorded"
    folder.mkdir()
    return recordings.side_by_side(folder, DIFFERENT)


def test_what_differs_is_printed_with_the_place_and_the_reason(different, capsys):
    assert main(["replay", str(different)]) == 1
    said = capsys.readouterr().out
    assert f"syncLead  {different / '5.request.xml'}\n" in said
    assert "  result/syncStatus/status: recorded 'UPDATED', ours 'CREATED'\n" in said
    assert "5 calls: 4 answered the same, 1 differs.\n" in said


def test_json_and_junit_have_the_same(different, tmp_path, capsys):
    assert main(["replay", str(different), "--json", "--junit", str(tmp_path / "junit.xml")]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["total"], said["same"]) == (5, {"getLead": 2, "syncLead": 2})
    (call,) = said["differing"]
    assert {"place": "result/syncStatus/status", "recorded": "UPDATED", "ours": "CREATED"} in call["differences"]
    suite = etree.parse(tmp_path / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "0")
    assert "recorded 'UPDATED', ours 'CREATED'" in suite.findtext("testcase/failure")


def test_a_given_world_is_the_beginning(tmp_path, capsys):
    recordings.side_by_side(tmp_path)
    (tmp_path / "world.yaml").write_text("fields: [{name: Tier__c, type: string}]")
    assert main(["replay", str(tmp_path), "--fixture", str(tmp_path / "world.yaml")]) == 1
    said = capsys.readouterr().out
    assert "ours, because: No lead found with EMAIL = ann@bigcorp.com" in said


def test_the_learned_world_can_be_kept_and_given_again(tmp_path, capsys):
    folder = tmp_path / "recorded"
    folder.mkdir()
    recordings.side_by_side(folder)
    world = tmp_path / "world.yaml"
    assert main(["replay", str(folder), "--learn", "--save-world", str(world)]) == 0
    assert yaml.safe_load(world.read_text())["leads"][0]["Id"] == 501
    assert main(["replay", str(folder), "--fixture", str(world)]) == 0


@pytest.mark.parametrize("anonymize", [False, True])
def test_the_report_holds_no_key_and_without_names_no_person(anonymize, different, tmp_path):
    file = tmp_path / "report.md"
    assert main(["replay", str(different), "--report", str(file), *(["--anonymize"] if anonymize else [])]) == 1
    said = file.read_text()
    assert "recorded 'UPDATED', ours 'CREATED'" in said
    assert "bigcorp_1" not in said
    assert "0c1d" not in said
    assert ("cat@bigcorp.com" in said) is not anonymize
    assert (">Cat<" in said) is not anonymize


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere is not there."),
        (["{here}", "--learn", "--fixture", "demo"], "--learn and --fixture exclude each other"),
        (["{here}", "--anonymize"], "--anonymize is for the report"),
        (["{here}", "--api-version", "9_9"], "there is no version '9_9'"),
        (["{here}", "--fixture", "nope"], "nope"),
        (["{here}", "--junit", "/nowhere/at/all.xml"], "/nowhere/at/all.xml cannot be written"),
    ],
)
def test_wrong_usage_is_said(words, said, tmp_path, capsys):
    recordings.side_by_side(tmp_path)
    assert main(["replay", *(word.format(here=tmp_path) for word in words)]) == 2
    assert said in capsys.readouterr().err


def test_a_call_that_cannot_be_sent_is_left_out_and_said(tmp_path, capsys):
    calls = [*CONVERSATION, (b"<Envelope", synced(1, "CREATED")), (get_lead("IDNUM", "1"), b"<html>")]
    assert main(["replay", str(recordings.side_by_side(tmp_path, calls))]) == 0
    said = capsys.readouterr().out
    assert "5.request.xml: its request is no XML" in said
    assert "6.request.xml: its recorded answer is no XML" in said
    assert "6 calls: 4 answered the same, 0 differ, 2 left out.\n" in said
