"""`mockmkto fixture`: what somebody has becomes a fixture that loads."""

from __future__ import annotations

import io
import json
import sys

import pytest
import yaml

from mockmkto.cli import main
from mockmkto.engine.catalogue import STANDARD_FIELDS
from mockmkto.model import FieldType
from mockmkto.worlds import parse_worlds

IDS = iter(range(700, 800))


def rest_field(soap, rest, data_type="string", length=255, *, read_only=False, label=None):
    told = {
        "id": next(IDS),
        "displayName": label or soap or rest,
        "dataType": data_type,
        "rest": {"name": rest, "readOnly": read_only},
    }
    if length:
        told["length"] = length
    if soap:
        told["soap"] = {"name": soap, "readOnly": False}
    return told


REST = {
    "requestId": "d0ab#17d4da6f9e3",
    "result": [
        rest_field("Id", "id", "integer", None),
        rest_field("Email", "email", "email"),
        rest_field("FirstName", "firstName", label="First Name"),
        rest_field("Title", "title", length=128, label="Job Title"),
        rest_field("Tier__c", "Tier__c", length=40, label="Tier"),
        rest_field("Formula__c", "Formula__c", "formula"),
        rest_field(None, "mktoName", read_only=True, label="Full Name"),
        rest_field(None, "ownThing", "boolean", None),
    ],
    "success": True,
}
SOAP = """<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:ns1="http://www.marketo.com/mktows/"><SOAP-ENV:Body><ns1:successDescribeMObject><result><metadata>
 <name>LeadRecord</name><fieldList>
 <field><name>FirstName</name><displayName>First Name</displayName><dataType>string</dataType><size>255</size>
  <isReadonly>false</isReadonly><isUpdateBlocked>false</isUpdateBlocked></field>
 <field><name>Tier__c</name><displayName>Tier</displayName><dataType>string</dataType><size>40</size>
  <isReadonly>true</isReadonly><isUpdateBlocked>true</isUpdateBlocked></field>
 </fieldList></metadata></result></ns1:successDescribeMObject></SOAP-ENV:Body></SOAP-ENV:Envelope>"""


@pytest.fixture
def make(tmp_path, capsys):
    def make(what, content, *words, suffix=".json"):
        file = tmp_path / f"given{suffix}"
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        code = main(["fixture", what, str(file), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return make


def catalogue(text):
    (world,) = parse_worlds(text, "made.yaml")
    return world.world.fields


# ---------------------------------------------------------------------------------------------------------------------
# from-describe


def test_a_describe_answer_of_rest_names_every_field_in_both_apis(make):
    code, text, said = make("from-describe", REST)
    fields = catalogue(text)
    assert code == 0
    assert {field.name for field in fields.every} == {
        *("FirstName", "Title", "Tier__c", "Formula__c", "mktoName", "ownThing", "createdAt", "updatedAt"),
    }
    assert (fields.find("title").length, fields.by_rest_name("title").name) == (128, "Title")
    assert (fields.find("Tier__c").display_name, fields.find("Tier__c").length) == ("Tier", 40)
    assert fields.find("ownThing") is None
    assert fields.by_rest_name("ownThing").type is FieldType.BOOLEAN
    assert fields.by_rest_name("mktoName").rest_read_only
    assert [field.id for field in fields.every] == [130, 131, 702, 703, 704, 705, 706, 707]
    assert "Formula__c is of the type formula, which there is not: it becomes a string." in said
    assert "standard fields are not described, and so are taken away: " in said


def test_describe2_does_as_well(make):
    fields = [
        {"name": "firstName", "displayName": "First Name", "dataType": "string", "length": 255, "updateable": True},
        {"name": "tier__c", "displayName": "Tier", "dataType": "integer", "updateable": False},
    ]
    _, text, _ = make("from-describe", {"result": [{"name": "API Lead", "searchableFields": [], "fields": fields}]})
    made = catalogue(text)
    assert made.by_rest_name("firstName").name == "FirstName"
    assert (made.find("tier__c").type, made.find("tier__c").rest_read_only) == (FieldType.INTEGER, True)


def test_describemobject_does_as_well(make):
    _, text, _ = make("from-describe", SOAP, suffix=".xml")
    tier = catalogue(text).find("Tier__c")
    assert (tier.length, tier.read_only, tier.update_blocked, tier.display_name) == (40, True, True, "Tier")


def test_the_standard_catalogue_gives_nothing_to_write(make):
    told = [
        {
            "id": field.id,
            "displayName": field.display_name,
            "dataType": field.type.value,
            "length": field.length,
            "rest": {"name": field.rest_name, "readOnly": field.rest_read_only},
            **({"soap": {"name": field.name, "readOnly": field.read_only}} if field.soap else {}),
        }
        for field in STANDARD_FIELDS
    ]
    code, text, said = make("from-describe", {"result": told})
    assert (code, text) == (0, "fields: []\n")
    assert said.endswith(
        f"mockmkto: {len(STANDARD_FIELDS)} fields are described; 0 differ from the standard catalogue.\n"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("nothing", "expected the JSON of leads/describe.json"),
        ('{"result": []}', "the answer describes no field of leads"),
        ("<a", "the XML cannot be read"),
        (SOAP.replace("LeadRecord", "Opportunity"), "it describes Opportunity: leads are the LeadRecord"),
        ("<a/>", "the answer describes no field of leads"),
    ],
)
def test_what_is_no_describe_answer_is_said(content, said, make):
    code, _, err = make("from-describe", content)
    assert code == 2
    assert said in err


# ---------------------------------------------------------------------------------------------------------------------
# from-leads

CSV = """Id,Email Address,First Name,lastName,LeadScore,Account Code,Rank,Created At
7,ann@bigcorp.com,Ann,Lee,5,AC-1,3,2014-01-01 10:00:00
8,bob@bigcorp.com,Bob,null,,AC-2,4,2014-01-02 10:00:00
"""


def leads(text):
    (world,) = parse_worlds(text, "made.yaml")
    return {lead.id: lead for lead in world.leads}


def test_columns_are_found_by_either_name_or_by_what_people_call_a_field(make):
    code, text, said = make("from-leads", CSV, suffix=".csv")
    assert code == 0
    assert yaml.safe_load(text)["fields"] == [
        {"name": "Account Code", "type": "string"},
        {"name": "Rank", "type": "integer"},
    ]
    found = leads(text)
    assert (found[7].email, found[7].attributes) == (
        "ann@bigcorp.com",
        {"FirstName": "Ann", "LastName": "Lee", "LeadScore": "5", "Account Code": "AC-1", "Rank": "3"},
    )
    assert found[8].attributes == {"FirstName": "Bob", "Account Code": "AC-2", "Rank": "4"}
    assert found[7].created_at.isoformat() == "2014-01-01T10:00:00-08:00"
    assert "no field is known for the column 'Account Code'" in said
    assert said.endswith("mockmkto: 2 leads.\n")


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (CSV.replace(",", ";"), ".csv"),
        (CSV.replace(",", "\t"), ".tsv"),
        ("\ufeff" + CSV, ".csv"),
        (json.dumps([{"id": 7, "email": "ann@bigcorp.com", "firstName": "Ann"}, {"id": 8}]), ".json"),
        ('{"id": 7, "email": "ann@bigcorp.com", "firstName": "Ann"}\n{"id": 8}\n', ".jsonl"),
        (
            json.dumps({"result": [{"id": 7, "email": "ann@bigcorp.com", "firstName": "Ann"}, {"id": 8}]}, indent=1),
            ".json",
        ),
    ],
)
def test_every_form_of_an_export_is_read(content, suffix, make):
    _, text, _ = make("from-leads", content, suffix=suffix)
    found = leads(text)
    assert sorted(found) == [7, 8]
    assert (found[7].email, found[7].attributes["FirstName"]) == ("ann@bigcorp.com", "Ann")


def test_people_are_replaced_and_keys_stay_keys(make):
    many = CSV + "9,ANN@bigcorp.com,Ann,Lee,5,AC-1,3,2014-01-03 10:00:00\n"
    _, text, _ = make("from-leads", many, "--anonymize", suffix=".csv")
    found = leads(text)
    for original in ("bigcorp", "Lee", "AC-1"):
        assert original.casefold() not in text.casefold()
    assert found[7].email.casefold() == found[9].email.casefold() != found[8].email.casefold()
    assert found[7].attributes["Account Code"] == found[9].attributes["Account Code"]
    assert (found[7].attributes["LeadScore"], found[7].attributes["Rank"]) == ("5", "3")


def test_a_value_that_does_not_fit_is_left_out_and_said(make):
    code, text, said = make("from-leads", "Email,LeadScore\na@x.example,many\nb@x.example,many\n", suffix=".csv")
    assert (code, [lead.attributes for lead in leads(text).values()]) == (0, [{}, {}])
    assert "left out, 2 times: 'many' is not valid for field LeadScore of type integer" in said


def test_the_fields_of_a_world_of_ones_own_are_known(make, tmp_path):
    (tmp_path / "world.yaml").write_text("fields: [{name: Tier__c, type: string, display_name: Service Tier}]")
    content = "Email,Service Tier\na@x.example,Gold\n"
    _, text, _ = make("from-leads", content, "--fixture", str(tmp_path / "world.yaml"), suffix=".csv")
    assert yaml.safe_load(text) == {"leads": [{"Email": "a@x.example", "attributes": {"Tier__c": "Gold"}}]}


def test_standard_input_and_a_file_as_output(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CSV.encode())))
    assert main(["fixture", "from-leads", "-", "--output", str(tmp_path / "made.yaml")]) == 0
    assert sorted(leads((tmp_path / "made.yaml").read_text())) == [7, 8]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\n1\n", "line 2: expected 2 values, got 1"),
        ("a,a\n1,2\n", "line 1: the column 'a' is there twice"),
        ('a,b\n"1,2\n', "line 2: unexpected end of data"),
        ("[1]", "expected an object for each lead, got 1"),
        ('{"a": 1}\n{', "line 2: "),
        ("{", "the JSON cannot be read"),
    ],
)
def test_what_is_no_export_is_said_with_its_line(content, said, make):
    code, _, err = make("from-leads", content, suffix=".csv")
    assert code == 2
    assert said in err


def test_lines_that_yaml_would_end_are_kept(make):
    _, text, _ = make("from-leads", "Email,Title\na@x.example,a\u2028b\x85c\n", suffix=".csv")
    assert [lead.attributes["Title"] for lead in leads(text).values()] == ["a\u2028b\x85c"]
