"""The fields of leads over REST: both names of each, the schema, and fields that a client adds."""

from __future__ import annotations

import json

import pytest
from rest_support import Rest

from mockmkto.engine.catalogue import EMAIL_FIELD, ID_FIELD, STANDARD_FIELDS
from mockmkto.worlds import parse_worlds
from mockmkto.worlds.from_describe import fields_from
from mockmkto.worlds.rendering import as_yaml

CUSTOM = """
fields:
  - {name: textarea_field, type: text, id: 795}
  - {name: boolean_field, type: boolean, id: 796}
  - {name: datetime_field, type: datetime, id: 800}
  - {name: score_field, type: score, id: 801}
  - {name: percent_field, type: percent, id: 802}
"""

# As two real answers had them: id, label, type, length, REST name, its readOnly, SOAP name, its readOnly.
CAPTURED = [
    (4, "Company Name", "string", 255, ("company", False), ("Company", False)),
    (6, "Billing Address", "text", None, ("billingStreet", False), ("BillingStreet", False)),
    (12, "Main Phone", "string", 255, ("mainPhone", False), ("MainPhone", False)),
    (15, "Annual Revenue", "currency", None, ("annualRevenue", False), ("AnnualRevenue", False)),
    (16, "Num Employees", "integer", None, ("numberOfEmployees", False), ("NumberOfEmployees", False)),
    (18, "SIC Code", "string", 40, ("sicCode", False), ("SICCode", False)),
    (44, "Id", "integer", None, ("id", False), ("Id", False)),
    (45, "Full Name", "string", 255, ("mktoName", True), None),
    (49, "Is Lead", "boolean", None, ("isLead", False), ("IsLead", False)),
    (56, "Email Address", "email", 255, ("email", False), ("Email", False)),
    (57, "Phone Number", "phone", 255, ("phone", False), ("Phone", False)),
    (61, "Contact Company", "reference", None, ("contactCompany", True), ("Contact Company", False)),
    (62, "Date of Birth", "date", None, ("dateOfBirth", False), ("DateofBirth", False)),
    (70, "Original Source Type", "string", 255, ("originalSourceType", True), ("OriginalSourceType", False)),
    (81, "Unsubscribed Reason", "string", 2000, ("unsubscribedReason", False), ("UnsubscribedReason", False)),
    (130, "Created At", "datetime", None, ("createdAt", True), None),
    (146, "Lead Score", "integer", None, ("leadScore", False), ("LeadScore", False)),
    (147, "Urgency", "float", None, ("urgency", False), None),
    (795, "textarea_field", "text", None, ("textarea_field", False), ("textarea_field", False)),
    (796, "boolean_field", "boolean", None, ("boolean_field", False), ("boolean_field", False)),
    (800, "datetime_field", "datetime", None, ("datetime_field", False), ("datetime_field", False)),
    (801, "score_field", "integer", None, ("score_field", False), ("score_field", False)),
    (802, "percent_field", "percent", None, ("percent_field", False), ("percent_field", False)),
]


@pytest.fixture
def rest():
    return Rest(CUSTOM)


@pytest.mark.parametrize(("number", "label", "type_", "length", "in_rest", "in_soap"), CAPTURED)
def test_a_field_is_described_as_captured(rest, number, label, type_, length, in_rest, in_soap):
    (said,) = [item for item in rest.get("/rest/v1/leads/describe.json").result if item["id"] == number]
    wanted = {"id": number, "displayName": label, "dataType": type_}
    wanted |= {} if length is None else {"length": length}
    wanted["rest"] = {"name": in_rest[0], "readOnly": in_rest[1]}
    if in_soap is not None:
        wanted["soap"] = {"name": in_soap[0], "readOnly": in_soap[1]}
    assert said == wanted
    assert list(said) == list(wanted)


def test_all_fields_are_described_in_the_order_of_their_ids(rest):
    ids = [item["id"] for item in rest.get("/rest/v1/leads/describe.json").result]
    assert ids == sorted(ids)
    assert len(ids) == 117 + 5


def test_what_rest_does_not_know_is_not_described():
    rest = Rest("fields: [{name: Legacy__c, type: string, rest: false}, {name: Rating, remove: true}]")
    names = {item["rest"]["name"] for item in rest.get("/rest/v1/leads/describe.json").result}
    assert names.isdisjoint({"Legacy__c", "rating"})


WORLD = """
fields:
  - {name: Tier__c, type: string, length: 40, display_name: Tier, rest_name: tier}
  - {name: Read__c, type: date, read_only: true, rest_read_only: true}
  - {name: onlyRest, type: float, soap: false}
  - {name: gender, type: string}
  - {name: Title, length: 128}
  - {name: unsubscribed, rest_read_only: true}
  - {name: Rating, remove: true}
"""


def test_what_is_described_makes_the_same_fields_again():
    """What describe cannot say, that SOAP does not store what the vendor tracks, is as in the standard catalogue."""
    rest = Rest(WORLD)
    described = fields_from(rest.get("/rest/v1/leads/describe.json").body)
    text = as_yaml({"fields": [json.loads(json.dumps(entry_of(entry))) for entry in described.entries]})
    (again,) = parse_worlds(text.decode(), "again.yaml")
    with rest.soap.database.transaction() as session:
        before = session.world.fields
    wanted = {field.name: field for field in before.every if field.rest}
    found = {field.name: field for field in again.world.fields.every}
    assert {name: shown(field) for name, field in found.items()} == {n: shown(f) for n, f in wanted.items()}
    assert described.count == len(wanted)
    again_described = Rest(text.decode()).get("/rest/v1/leads/describe.json").result
    assert again_described == rest.get("/rest/v1/leads/describe.json").result


def entry_of(entry):
    return {name: value for name in entry.__struct_fields__ if (value := getattr(entry, name)) is not None}


def shown(field):
    label = field.display_name or field.name
    return (field.id, field.type, field.length, label, field.rest_name or field.name, field.rest_read_only, field.soap)


def test_describe2_says_by_what_leads_are_searched(rest):
    (said,) = rest.get("/rest/v1/leads/describe2.json").result
    assert list(said) == ["name", "searchableFields", "fields"]
    assert said["name"] == "API Lead"
    assert ["email"] in said["searchableFields"]
    assert ["score_field"] not in said["searchableFields"]
    fields = {item["name"]: item for item in said["fields"]}
    assert fields["email"] == {
        "name": "email",
        "displayName": "Email Address",
        "dataType": "email",
        "length": 255,
        "updateable": True,
        "crmManaged": False,
    }
    assert not fields["createdAt"]["updateable"]


# ---------------------------------------------------------------------------------------------------------------------
# The schema

SCHEMA = "/rest/v1/leads/schema/fields"
PET = {"displayName": "Pet", "name": "petName", "dataType": "string", "description": "Of the lead", "isSensitive": True}


def test_what_the_schema_says_of_a_field(rest):
    assert rest.get(f"{SCHEMA}/SICCODE.json").result == [
        {
            "displayName": "SIC Code",
            "name": "sicCode",
            "description": None,
            "dataType": "string",
            "length": 40,
            "isHidden": False,
            "isHtmlEncodingInEmail": True,
            "isSensitive": False,
            "isCustom": False,
            "isApiCreated": False,
        }
    ]
    assert rest.get(f"{SCHEMA}/nothing.json").error == "1006 Field 'nothing' not found"


def test_the_schema_is_listed_in_pages(rest):
    names, token, pages = [], None, 0
    while token is not None or not pages:
        said = rest.get(f"{SCHEMA}.json", batchSize=50, **({} if token is None else {"nextPageToken": token}))
        names += [item["name"] for item in said.result]
        token, pages = said.json.get("nextPageToken"), pages + 1
    assert pages == 3
    own = ("textarea_field", "boolean_field", "datetime_field", "score_field", "percent_field")
    standard = (field.rest_name for field in (*STANDARD_FIELDS, ID_FIELD, EMAIL_FIELD))
    assert sorted(names) == sorted((*standard, *own))
    assert rest.get(f"{SCHEMA}.json", nextPageToken="nonsense").error == "1003 Invalid token value: nonsense"


def test_a_field_that_is_added_is_one_of_both_apis(rest):
    assert rest.post(f"{SCHEMA}.json", {"input": [PET]}).result == [{"name": "petName", "status": "created"}]
    (said,) = rest.get(f"{SCHEMA}/petname.json").result
    assert said.items() >= (PET | {"length": 255, "isCustom": True, "isApiCreated": True, "isHidden": False}).items()
    (described,) = [item for item in rest.get("/rest/v1/leads/describe.json").result if item["displayName"] == "Pet"]
    assert (described["id"], described["soap"]["name"]) == (1001, "petName")
    assert rest.soap.sync({"petName": "Rex"}, Email="ann@example.com").record.attributes["petName"] == "Rex"
    rest.soap.registry.set_baseline("default")
    rest.post(f"{SCHEMA}.json", {"input": [PET | {"name": "later"}]})
    rest.soap.registry.reset("default")
    rest.forget_token()
    assert rest.get(f"{SCHEMA}/petname.json").result == [said]
    assert rest.get(f"{SCHEMA}/later.json").error == "1006 Field 'later' not found"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": None}, ("1002", "Missing value for the required parameter 'name'")),
        ({"displayName": ""}, ("1002", "Missing value for the required parameter 'displayName'")),
        ({"dataType": None}, ("1002", "Missing value for the required parameter 'dataType'")),
        ({"dataType": "rainbow"}, ("1001", "Invalid value 'rainbow'. Required of type 'LeadFieldDataType'")),
        ({"name": "pet name"}, ("1003", "Invalid value for field 'name' and value 'pet name'")),
        ({"name": "firstname"}, ("1017", "Field 'firstname' already exists")),
        ({"name": "FirstName"}, ("1017", "Field 'FirstName' already exists")),
        ({"name": "Email"}, ("1017", "Field 'Email' already exists")),
        ({"name": "MarketoSocialGender"}, ("1017", "Field 'MarketoSocialGender' already exists")),
        ({"isHidden": "yes"}, ("1001", "Invalid value 'yes'. Required of type 'Boolean'")),
        ({"description": 5}, ("1001", "Invalid value '5'. Required of type 'String'")),
    ],
)
def test_a_field_that_cannot_be_is_skipped_and_its_neighbours_are_added(rest, change, reason):
    other = PET | {"name": "other", "displayName": "Other"}
    said = rest.post(f"{SCHEMA}.json", {"input": [PET | change, other]})
    assert said.outcomes == [("skipped", reason), ("created",)]
    described = rest.get("/rest/v1/leads/describe.json").result
    assert [item["displayName"] for item in described if item["id"] > 1000] == ["Other"]


def test_of_a_standard_field_only_description_encoding_and_sensitivity_are_changed(rest):
    allowed = {"description": "Who", "isHtmlEncodingInEmail": False, "isSensitive": True}
    assert rest.post(f"{SCHEMA}/firstName.json", {"input": [allowed]}).result == [
        {"name": "firstName", "status": "updated"}
    ]
    (said,) = rest.get(f"{SCHEMA}/firstName.json").result
    assert said.items() >= allowed.items()
    for member, value in (("displayName", "Forename"), ("isHidden", True)):
        refused = rest.post(f"{SCHEMA}/firstName.json", {"input": [{member: value}]})
        assert refused.outcomes == [("skipped", ("1011", f"Field '{member}' not supported"))]
    assert rest.get(f"{SCHEMA}/firstName.json").result == [said]
    rest.post(f"{SCHEMA}/score_field.json", {"input": [{"displayName": "Points", "isHidden": True}]})
    assert rest.get(f"{SCHEMA}/score_field.json").result[0]["displayName"] == "Points"
    unknown = rest.post(f"{SCHEMA}/nothing.json", {"input": [allowed]})
    assert unknown.outcomes == [("skipped", ("1006", "Field 'nothing' not found"))]
