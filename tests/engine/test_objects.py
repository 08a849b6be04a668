"""MObjects: what is listed, described, found, stored, deleted, refused, answered and explained."""

import datetime as dt
import json

import pytest
from support import NOW, Marketo, attrib_list

from mockmkto.clock import Clock

FIXTURE = """
time_zone: America/Los_Angeles
clock: {frozen: 2026-03-14T09:26:53Z}
fields: [{name: Account_Type__c, display_name: Account Type, type: string, length: 50}]
leads:
  - {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann, Company: ACME}}
  - {Id: 1002, Email: bob@example.com, attributes: {Account_Type__c: Gold}}
channels:
  Roadshow: {statuses: [{name: Invited, step: 10}, {name: Attended, step: 30, success: true, check_in: Attended}]}
tags: {Region: [West, East], Product: [A]}
programs:
  - {id: 1001, name: Newsletter}
  - {id: 1002, name: Old Demo, archived: true, tags: {Region: West}}
  - id: 1003
    name: ER Demo
    type: Marketing Event
    channel: Roadshow
    folder: Marketing Activities/Events
    tags: {Region: West}
    tokens: {"{{my.message}}": Hello}
    costs: [{month: 2014-03, amount: 500, note: hall}]
    start: 2014-03-01
    end: 2014-03-02
opportunity_fields: [{name: Region__c, type: string, length: 40}]
opportunities:
  - {id: 1, external: {Opp Id: O-1}, attributes: {Name: Big deal, Amount: 1000, Stage: Open}, company: ACME}
opportunity_roles:
  - {id: 1, opportunity: 1, lead: 1001, attributes: {Role: Buyer, IsPrimary: true}}
"""


@pytest.fixture
def marketo():
    return Marketo(FIXTURE)


def switched(**switches: str) -> Marketo:
    return Marketo(FIXTURE + "behaviour: " + json.dumps(switches))


# ---------------------------------------------------------------------------------------------------------------------
# listMObjects, describeMObject


@pytest.mark.parametrize("version", ["1_3", "2_0", "3_1"])
def test_the_types_that_can_be_described_in_their_order(marketo, version):
    names = [item.text for item in marketo.call("listMObjects", version=version).root.iter("objects")]
    assert names == ["ActivityRecord", "LeadRecord", "Opportunity", "OpportunityPersonRole"]


def described(marketo, name, version="2_9") -> tuple[str, dict[str, dict[str, str | None]]]:
    """The name of a type, and of each field what is said of it; nil is None."""
    answer = marketo.call("describeMObject", {"objectName": name}, version)
    fields = {}
    for field in answer.root.iter("field"):
        said = {item.tag: None if item.attrib else item.text for item in field}
        fields[said.pop("name")] = said
    return answer.root.findtext(".//metadata/name"), fields


def test_an_activity_record_as_captured(marketo):
    answer = marketo.call("describeMObject", {"objectName": "ActivityRecord"})
    assert (
        "<metadata><name>ActivityRecord</name><description>Composite object composed of fields from Event, Campaign, "
        "Lead, and Company</description><isCustom>false</isCustom><isVirtual>true</isVirtual><fieldList><field>"
        '<name>id</name><description>Unique system id of Event</description><displayName xsi:nil="true"/>'
        "<sourceObject>Event</sourceObject><dataType>integer</dataType><size>10</size><isReadonly>true</isReadonly>"
        "<isUpdateBlocked>true</isUpdateBlocked><isName>false</isName><isPrimaryKey>true</isPrimaryKey>"
        '<isCustom>false</isCustom><isDynamic>false</isDynamic><dynamicFieldRef xsi:nil="true"/>'
        "<updatedAt>2010-01-01T00:00:00+00:00</updatedAt></field>"
    ) in answer.body.decode()
    _, fields = described(marketo, "ActivityRecord")
    assert list(fields) == [
        "id",
        "activityDateTime",
        "activityType",
        "mktgAssetName",
        "activityAttributes",
        "campaign",
        "personName",
        "mktPersonId",
        "foreignSysId",
        "orgName",
        "foreignSysOrgId",
    ]
    assert {name for name, said in fields.items() if said["isName"] == "true"} == {"activityType"}
    assert {said["isReadonly"] for said in fields.values()} == {"true"}


def test_a_lead_record_has_the_fields_of_the_catalogue_without_id_and_email(marketo):
    _, fields = described(marketo, "LeadRecord")
    assert list(fields) == sorted(fields, key=str.upper)
    assert "FirstName" in fields
    assert not {"Id", "Email"} & fields.keys()
    assert fields["FirstName"] == {
        "description": None,
        "displayName": "First Name",
        "sourceObject": "Lead",
        "dataType": "string",
        "size": "255",
        "isReadonly": "false",
        "isUpdateBlocked": "false",
        "isName": None,
        "isPrimaryKey": "false",
        "isCustom": "false",
        "isDynamic": "true",
        "dynamicFieldRef": "leadAttributeList",
        "updatedAt": "2010-01-01T00:00:00+00:00",
    }
    custom = fields["Account_Type__c"]
    assert (custom["isCustom"], custom["size"], custom["displayName"]) == ("true", "50", "Account Type")
    assert fields["LeadScore"]["size"] is None


@pytest.mark.parametrize(
    ("kind", "shown", "custom"),
    [
        ("Opportunity", {"Amount", "CloseDate", "Name", "Stage", "IsWon"}, "Region__c"),
        ("OpportunityPersonRole", {"OpportunityId", "PersonId", "Role", "IsPrimary", "ExternalCreatedDate"}, None),
    ],
)
def test_opportunities_and_roles_have_an_id_and_their_fields(marketo, kind, shown, custom):
    _, fields = described(marketo, kind)
    assert shown <= fields.keys()
    assert {name for name, said in fields.items() if said["isPrimaryKey"] == "true"} == {"id"}
    assert {name for name, said in fields.items() if said["isCustom"] == "true"} == ({custom} if custom else set())
    assert {said["dynamicFieldRef"] for name, said in fields.items() if name != "id"} == {"attribList"}


@pytest.mark.parametrize("version", ["1_3", "2_0", "2_9"])
@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("leadrecord", "LeadRecord"),
        (" OPPORTUNITY ", "Opportunity"),
        ("OpportunityPersonRole", "OpportunityPersonRole"),
    ],
)
def test_a_type_is_found_in_any_case_and_answered_under_its_own_name(marketo, asked, answered, version):
    assert described(marketo, asked, version)[0] == answered


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({}, "20109", "objectName"),
        ({"objectName": ""}, "20109", "objectName"),
        ({"objectName": "Foo"}, "20110", "Object name is not valid (20110)"),
        ({"objectName": "Program"}, "20110", "Object name is not valid (20110)"),
    ],
)
def test_what_cannot_be_described(marketo, members, code, message):
    answer = marketo.call("describeMObject", members)
    assert (answer.code, message in answer.message) == (code, True)


# ---------------------------------------------------------------------------------------------------------------------
# getMObjects


def criteria(*given: tuple[str, ...]) -> dict[str, object]:
    """Criteria of name, comparison and value; of name and value alone without a comparison."""
    names = {2: ("attrName", "attrValue"), 3: ("attrName", "comparison", "attrValue")}
    listed = [dict(zip(names[len(item)], item, strict=True)) for item in given]
    return {"mObjCriteriaList": {"mObjCriteria": listed}}


def of(kind: str, **members: object) -> dict[str, object]:
    """An association with an object."""
    return {"mObjAssociationList": {"mObjAssociation": {"mObjType": kind, **members}}}


def key(name: str, value: str) -> dict[str, object]:
    return {"externalKey": {"name": name, "value": value}}


def get(marketo, kind, members=None, version="2_9"):
    return marketo.call("getMObjects", {"type": kind, **(members or {})}, version)


def ids(answer) -> list[int]:
    assert answer.code is None, answer.message
    return [int(item.findtext("id")) for item in answer.root.iter("mObject")]


def attribs(element) -> dict[str, str]:
    return {item.findtext("name"): item.findtext("value") for item in element.iterfind("attribList/attrib")}


def details(element) -> list[tuple[str, dict[str, str]]]:
    return [
        (item.findtext("attrType"), {pair.findtext("name"): pair.findtext("value") for pair in item.iter("attrib")})
        for item in element.iterfind("typeAttribList/typeAttrib")
    ]


TOMORROW = (NOW + dt.timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("kind", "members", "expected"),
    [
        ("Program", {}, [1001, 1003]),
        ("program", {}, [1001, 1003]),
        ("Program", {"id": 1003}, [1003]),
        ("Program", {"id": 9}, []),
        ("Program", criteria(("Name", "EQ", "ER Demo")), [1003]),
        ("Program", criteria(("name", "er demo")), [1003]),
        ("Program", criteria(("Name", "NE", "ER Demo")), [1001]),
        ("Program", criteria(("Id", "LE", "1001")), [1001]),
        ("Program", criteria(("Type", "EQ", "Marketing Event")), [1003]),
        ("Program", criteria(("Workspace Name", "EQ", "default"), ("Workspace Id", "EQ", "1")), [1001, 1003]),
        ("Program", criteria(("Workspace Id", "GT", "1")), []),
        ("Program", criteria(("Tag Type", "EQ", "Region"), ("Tag Value", "EQ", "West")), [1003]),
        ("Program", criteria(("Tag Type", "EQ", "Region"), ("Tag Value", "EQ", "East")), []),
        ("Program", criteria(("Tag Type", "EQ", "Channel"), ("Tag Value", "EQ", "roadshow")), [1003]),
        ("Program", criteria(("Tag Type", "NE", "Region")), [1001]),
        ("Program", criteria(("Include Archive", "EQ", "true")), [1001, 1002, 1003]),
        ("Program", criteria(("Include Archive", "EQ", "false")), [1001, 1003]),
        ("Program", criteria(("Updated At", "GE", TOMORROW)), []),
        ("Program", criteria(("Created At", "LT", TOMORROW)), [1001, 1003]),
        ("Program", criteria(("CRM Id", "EQ", "")), [1001, 1003]),
        ("Program", of("Lead", id=1001), []),
        ("Opportunity", {}, [1]),
        ("Opportunity", {"id": 9}, []),
        ("Opportunity", key("Opp Id", "O-1"), [1]),
        ("Opportunity", key("opp id", " O-1 "), [1]),
        ("Opportunity", key("Opp Id", "O-2"), []),
        ("Opportunity", {"id": 1} | key("Opp Id", "O-2"), []),
        ("Opportunity", criteria(("Amount", "GT", "500")), [1]),
        ("Opportunity", criteria(("Amount", "GT", "1000.0")), []),
        ("Opportunity", criteria(("Amount", "EQ", "1000.00")), [1]),
        ("Opportunity", criteria(("Stage", "EQ", "open"), ("Amount", "LT", "5000")), [1]),
        ("Opportunity", criteria(("Region__c", "NE", "West")), [1]),
        ("Opportunity", criteria(("IsWon", "NE", "true")), [1]),
        ("Opportunity", of("Lead", id=1001), [1]),
        ("Opportunity", of("lead", id=1002), []),
        ("Opportunity", of("Lead", id=9), []),
        ("Opportunity", of("Lead", **key("Email", "ann@example.com")), [1]),
        ("Opportunity", of("Lead", **key("Account_Type__c", "Gold")), []),
        ("Opportunity", of("Company", **key("Name", "acme")), [1]),
        ("Opportunity", of("Opportunity", id=1), [1]),
        ("OpportunityPersonRole", {}, [1]),
        ("OpportunityPersonRole", of("Opportunity", id=1), [1]),
        ("OpportunityPersonRole", of("Opportunity", **key("Opp Id", "O-1")), [1]),
        ("OpportunityPersonRole", of("Lead", id=1002), []),
        ("OpportunityPersonRole", of("Company", **key("Name", "ACME")), [1]),
        ("OpportunityPersonRole", criteria(("Role", "EQ", "buyer"), ("IsPrimary", "EQ", "1")), [1]),
        ("OpportunityPersonRole", criteria(("PersonId", "EQ", "1001")), [1]),
        ("OpportunityPersonRole", key("Opp Id", "O-1"), []),
    ],
)
def test_everything_that_is_asked_must_hold(marketo, kind, members, expected):
    assert ids(get(marketo, kind, members)) == expected


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({}, "20109", "type"),
        ({"type": ""}, "20109", "type"),
        ({"type": "Foo"}, "20110", "Object type is not valid (20110)"),
        ({"type": "Program", "streamPosition": "abc"}, "20122", "abc"),
        ({"type": "Program", **criteria(("Foo", "EQ", "1"))}, "20110", "attrName is not valid: Foo"),
        ({"type": "Program", **criteria(("Name", "LIKE", "1"))}, "20110", "comparison is not valid: LIKE"),
        ({"type": "Program", **criteria(("Id", "EQ", "x"))}, "20110", "'x' is not valid"),
        ({"type": "Program", **criteria(("", "EQ", "x"))}, "20109", "attrName"),
        ({"type": "Program", "mObjCriteriaList": {"mObjCriteria": {"attrName": "Id"}}}, "20109", "attrValue"),
        ({"type": "Program", **criteria(("Include Archive", "EQ", "maybe"))}, "20110", "maybe"),
        ({"type": "Program", **criteria(("Tag Type", "EQ", "A"), ("Tag Type", "EQ", "B"))}, "20110", "Tag Type"),
        ({"type": "Program", **criteria(("Tag Type", "GT", "A"))}, "20110", "comparison"),
        ({"type": "Opportunity", **of("Campaign", id=1)}, "20110", "mObjType is not valid: Campaign"),
        ({"type": "Opportunity", **of("Lead", **key("Nope", "1"))}, "20110", "externalKey is not valid: Nope"),
    ],
)
def test_what_cannot_be_asked(marketo, members, code, message):
    answer = marketo.call("getMObjects", members)
    assert (answer.code, message in (answer.message or "")) == (code, True), answer.message


def test_a_program_as_it_is_shown(marketo):
    (shown,) = get(marketo, "Program", {"id": 1003}).root.iter("mObject")
    assert [item.tag for item in shown] == ["type", "id", "attribList"]
    assert list(attribs(shown).items()) == [
        ("Name", "ER Demo"),
        ("Type", "Marketing Event"),
        ("Workspace Id", "1"),
        ("Workspace Name", "Default"),
        ("Tree Path", "/Marketing Activities/Events/ER Demo"),
        ("Is Archived", "false"),
        ("Start Date", "2014-03-01 00:00:00"),
        ("End Date", "2014-03-02 00:00:00"),
    ]


def test_details_of_a_program_are_shown_if_they_are_asked_for(marketo):
    (shown,) = get(marketo, "Program", {"id": 1003, "includeDetails": "true"}).root.iter("mObject")
    assert details(shown) == [
        ("Tag", {"Type": "Channel", "Value": "Roadshow"}),
        ("Tag", {"Type": "Region", "Value": "West"}),
        ("Token", {"Name": "message", "Value": "Hello"}),
        ("Cost", {"Id": "1", "Month": "2014-03-01", "Amount": "500", "Note": "hall"}),
    ]


def test_version_2_0_knows_no_details(marketo):
    answer = get(marketo, "Program", {"id": 1003, "includeDetails": "true"}, "2_0")
    assert (ids(answer), b"typeAttribList" in answer.body, len(answer.warnings)) == ([1003], False, 1)


def test_an_opportunity_and_a_role_as_they_are_shown(marketo):
    (opportunity,) = get(marketo, "Opportunity").root.iter("mObject")
    (role,) = get(marketo, "OpportunityPersonRole").root.iter("mObject")
    tags = ["type", "id", "externalKey", "createdAt", "updatedAt", "attribList", "associationList"]
    assert [item.tag for item in opportunity] == tags
    assert list(attribs(opportunity).items()) == [("Amount", "1000"), ("Name", "Big deal"), ("Stage", "Open")]
    assert opportunity.findtext(".//mObjAssociation/mObjType") == "Company"
    assert opportunity.findtext(".//mObjAssociation/externalKey/value") == "ACME"
    assert opportunity.findtext("createdAt")[-6:] in ("-07:00", "-08:00")
    assert list(attribs(role).items()) == [("IsPrimary", "true"), ("Role", "Buyer")]
    associated = [(item.findtext("mObjType"), item.findtext("id")) for item in role.iter("mObjAssociation")]
    assert associated == [("Lead", "1001"), ("Opportunity", "1")]


def test_pages_of_100_by_id_go_on_behind_the_last(marketo):
    many = "programs: [" + ", ".join(f"{{id: {2000 + n}, name: P{n}}}" for n in range(101)) + "]"
    marketo = Marketo(many)
    first = get(marketo, "Program")
    assert (len(ids(first)), first.text("returnCount"), first.text("hasMore")) == (100, "100", "true")
    second = get(marketo, "Program", {"streamPosition": first.text("newStreamPosition")})
    assert (ids(second), second.text("hasMore")) == ([2100], "false")
    end = second.text("newStreamPosition")
    assert end
    assert ids(get(marketo, "Program", {"streamPosition": end})) == []


def test_a_position_holds_what_its_query_said(marketo):
    for number in range(101):
        sync(marketo, opportunity(key("Opp Id", f"N-{number}"), Name="Deal", Stage="Won" if number % 2 else "Lost"))
    query = criteria(("Stage", "EQ", "Won"), ("Name", "EQ", "Deal"))
    for number in range(101, 205):
        sync(marketo, opportunity(key("Opp Id", f"N-{number}"), Name="Deal", Stage="Won"))
    first = get(marketo, "Opportunity", query)
    following = {"streamPosition": first.text("newStreamPosition")}
    rest = ids(get(marketo, "Opportunity", following))
    assert (len(ids(first)), len(rest)) == (100, 54)
    assert ids(get(marketo, "Opportunity", {**query, **following})) == rest
    other = get(marketo, "Opportunity", {**criteria(("Stage", "EQ", "Lost")), **following})
    assert (ids(other), len(other.warnings)) == (rest, 1)
    assert get(marketo, "OpportunityPersonRole", following).code == "20122"


def test_a_position_with_another_query_is_a_fault_where_that_is_switched_on():
    strict = switched(position_conflict="fault")
    position = {"streamPosition": get(strict, "Opportunity").text("newStreamPosition")}
    assert get(strict, "Opportunity", {"id": 1, **position}).code == "20122"
    assert ids(get(strict, "Opportunity", position)) == []


# ---------------------------------------------------------------------------------------------------------------------
# syncMObjects


def opportunity(members: dict[str, object] | None = None, /, **values: object) -> dict[str, object]:
    return {"type": "Opportunity", **(members or {}), "attribList": attrib_list(values)}


def role(members: dict[str, object] | None = None, /, **values: object) -> dict[str, object]:
    return {"type": "OpportunityPersonRole", **(members or {}), "attribList": attrib_list(values)}


def program(program_id: object, *given: tuple[str, dict[str, object]], **members: object) -> dict[str, object]:
    listed = [{"attrType": kind, "attrList": attrib_list(pairs)} for kind, pairs in given]
    return {"type": "Program", "id": program_id, "typeAttribList": {"typeAttrib": listed}, **members}


def within(**named: dict[str, object]) -> dict[str, object]:
    """Associations by their type."""
    listed = [{"mObjType": kind, **members} for kind, members in named.items()]
    return {"associationList": {"mObjAssociation": listed}}


def sync(marketo, *objects, operation="UPSERT", version="2_9"):
    return marketo.call("syncMObjects", {"mObjectList": {"mObject": list(objects)}, "operation": operation}, version)


def statuses(answer) -> list[tuple[str, str | None, str | None]]:
    """Status, id and error of each object."""
    assert answer.code is None, answer.message
    return [
        (item.findtext("status"), item.findtext("id") or None, item.findtext("error"))
        for item in answer.root.iter("mObjStatus")
    ]


O1, O2, O9 = key("Opp Id", "O-1"), key("Opp Id", "O-2"), key("Opp Id", "O-9")


@pytest.mark.parametrize(
    ("operation", "item", "expected"),
    [
        ("UPSERT", opportunity(O2, Name="New"), ("CREATED", "2")),
        ("UPSERT", opportunity(Name="No key"), ("CREATED", "2")),
        ("UPSERT", opportunity(O1, Amount="5"), ("UPDATED", "1")),
        ("UPSERT", opportunity(O1, Amount="1000.0"), ("UNCHANGED", "1")),
        ("UPSERT", opportunity({"id": 1}, Stage="Won"), ("UPDATED", "1")),
        ("INSERT", opportunity(O1, Amount="5"), ("SKIPPED", "1")),
        ("INSERT", opportunity(O2), ("CREATED", "2")),
        ("UPDATE", opportunity(O1, Amount="5"), ("UPDATED", "1")),
        ("UPDATE", opportunity(O9, Amount="5"), ("SKIPPED", "0")),
        ("UPDATE", opportunity({"id": 9}, Amount="5"), ("SKIPPED", "0")),
        ("UPSERT", role(PersonId=1002, OpportunityId=1, Role="User"), ("CREATED", "2")),
        ("UPSERT", role(PersonId=1001, OpportunityId=1, Role="buyer", IsPrimary="0"), ("UPDATED", "1")),
        ("UPSERT", role(PersonId=1001, OpportunityId=1, Role="Buyer", IsPrimary="true"), ("UNCHANGED", "1")),
        ("UPSERT", role({"id": 1}, Role="Judge"), ("UPDATED", "1")),
        ("UPSERT", role(within(Lead={"id": 1002}, Opportunity={"id": 1})), ("CREATED", "2")),
        ("UPSERT", role(within(Lead=key("Email", "bob@example.com"), Opportunity=O1)), ("CREATED", "2")),
        ("INSERT", role(PersonId=1001, OpportunityId=1, Role="Buyer"), ("SKIPPED", "1")),
        ("UPDATE", role(PersonId=1002, OpportunityId=1, Role="Buyer"), ("SKIPPED", "0")),
        ("UPDATE", program(1003, ("Tag", {"Type": "Region", "Value": "East"})), ("UPDATED", "1003")),
        ("UPDATE", program(1003, ("Tag", {"Type": "region", "Value": "west"})), ("UNCHANGED", "1003")),
        ("UPDATE", program(1001, ("Tag", {"Type": "Channel", "Value": "Roadshow"})), ("UPDATED", "1001")),
        ("UPDATE", program(1003, ("Cost", {"Month": "2013-06", "Amount": "2000", "Id": "1"})), ("UPDATED", "1003")),
        ("UPDATE", program(1003, ("Token", {"Name": "{{my.message}}", "Value": "Hi"})), ("UPDATED", "1003")),
        ("UPDATE", program(9), ("SKIPPED", "0")),
    ],
)
def test_what_becomes_of_an_object(marketo, operation, item, expected):
    answer = sync(marketo, item, operation=operation)
    assert statuses(answer) == [(*expected, None)]
    assert b"<error" not in answer.body


@pytest.mark.parametrize(
    ("operation", "item", "error"),
    [
        ("UPSERT", {"type": "Foo"}, "Object type is not valid: Foo"),
        ("UPSERT", {"id": 1}, "type is required"),
        ("UPSERT", opportunity({"id": 9}), "No Opportunity found with Id = 9"),
        ("UPSERT", opportunity(Nope="1"), "Unknown attribute: Nope"),
        ("UPSERT", opportunity(Amount="much"), "'much' is not valid for field Amount of type currency"),
        ("UPSERT", opportunity(key("Opp Id", "")), "externalKey needs a name and a value"),
        ("UPSERT", opportunity(within(Lead={"id": 1001})), "An opportunity has no association with Lead"),
        ("UPSERT", opportunity(within(Company={"id": 7})), "A company is named by an externalKey"),
        ("UPSERT", opportunity(within(Company=key("Account_Type__c", "Tin"))), "No company found"),
        ("UPSERT", role(O1, PersonId=1001, OpportunityId=1), "A role has no external key"),
        ("UPSERT", role(PersonId=999, OpportunityId=1, Role="User"), "No lead found with Id = 999"),
        ("UPSERT", role(PersonId=1001, OpportunityId=9), "No opportunity found with Id = 9"),
        ("UPSERT", role(PersonId=1001), "OpportunityId is required"),
        ("UPSERT", role(OpportunityId=1), "PersonId is required"),
        ("UPSERT", role(within(Lead=key("Email", "no@example.com"), Opportunity=O1)), "No lead found with Email"),
        ("UPSERT", role(within(Lead={"id": 1001}, Opportunity=O9)), "No opportunity found with Opp Id = O-9"),
        ("UPSERT", role(within(Company=key("Name", "ACME"))), "A role has no association with Company"),
        ("INSERT", program(1003), "A program can only be updated"),
        ("UPSERT", program(1003), "A program can only be updated"),
        ("UPDATE", program(1003, ("Tag", {"Type": "Region", "Value": "North"})), "Tag value is not valid for Region"),
        ("UPDATE", program(1003, ("Tag", {"Type": "Nope", "Value": "A"})), "Tag type is not valid: Nope"),
        ("UPDATE", program(1003, ("Tag", {"Type": "Channel", "Value": "Nope"})), "Channel is not valid: Nope"),
        ("UPDATE", program(1003, ("Tag", {"Type": "Region"})), "Value is required"),
        ("UPDATE", program(1003, ("Cost", {"Amount": "1"})), "Month is required"),
        ("UPDATE", program(1003, ("Cost", {"Month": "June", "Amount": "1"})), "Month is not valid: June"),
        ("UPDATE", program(1003, ("Cost", {"Month": "2013-06", "Amount": "lots"})), "Amount is not valid: lots"),
        ("UPDATE", program(1003, ("Cost", {"Month": "2013-06", "Amount": "1", "Id": "9"})), "Cost Id is not valid: 9"),
        ("UPDATE", program(1003, ("Foo", {"A": "1"})), "attrType is not valid: Foo"),
        ("UPDATE", {"type": "Program", "id": 1003, "attribList": attrib_list({"Name": "X"})}, "Attribute of a program"),
    ],
)
def test_what_cannot_be_stored_fails_by_itself_with_a_reason(marketo, operation, item, error):
    before = marketo.dump()
    (status, object_id, said), *others = statuses(sync(marketo, item, operation=operation))
    assert (status, object_id, said[: len(error)], others) == ("FAILED", None, error, [])
    assert marketo.dump() == before


def test_the_others_of_a_call_are_stored(marketo):
    answer = sync(marketo, opportunity(O2, Nope="1"), opportunity(O2, Name="Two"))
    assert [status for status, _, _ in statuses(answer)] == ["FAILED", "CREATED"]


def test_one_that_fails_is_a_fault_and_nothing_is_stored_where_that_is_switched_on():
    strict = switched(mobject_errors="fault")
    before = strict.dump()
    answer = sync(strict, opportunity(O2, Name="Two"), opportunity(Nope="1"))
    assert (answer.code, "Unknown attribute: Nope" in answer.message) == ("20110", True)
    assert strict.dump() == before


def test_a_role_may_name_an_opportunity_of_the_same_call(marketo):
    answer = sync(marketo, opportunity(O9, Name="Nine"), role(within(Lead={"id": 1002}, Opportunity=O9)))
    assert statuses(answer) == [("CREATED", "2", None), ("CREATED", "2", None)]


def test_an_external_key_is_echoed_and_of_several_objects_the_latest_is_found(marketo):
    sync(marketo, opportunity(key("Region__c", "West"), Name="One"))
    sync(marketo, opportunity(Name="Two", Region__c="West"))
    answer = sync(marketo, opportunity(key("Region__c", "West"), Amount="7"))
    assert statuses(answer) == [("UPDATED", "3", None)]
    assert (answer.root.findtext(".//externalKey/name"), answer.root.findtext(".//externalKey/value")) == (
        "Region__c",
        "West",
    )
    assert ids(get(marketo, "Opportunity", criteria(("Region__c", "EQ", "West")))) == [2, 3]


def test_values_are_written_cleared_and_kept(marketo):
    sync(marketo, opportunity(O1, Stage="", Amount="12.50", IsWon="true", Name="NULL"))
    (shown,) = get(marketo, "Opportunity").root.iter("mObject")
    assert attribs(shown) == {"Amount": "12.5", "IsWon": "true", "Name": "NULL"}


def test_the_text_null_is_warned_of(marketo):
    assert len(sync(marketo, opportunity(O1, Name="NULL")).warnings) == 1


def test_a_company_is_that_of_a_lead_or_as_it_is_said(marketo):
    sync(marketo, opportunity({**O2, **within(Company=key("Email", "ann@example.com"))}))
    sync(marketo, opportunity({**O9, **within(Company=key("Company", "Initech"))}))
    assert ids(get(marketo, "Opportunity", of("Company", **key("Name", "ACME")))) == [1, 2]
    assert ids(get(marketo, "Opportunity", of("Company", **key("Name", "initech")))) == [3]


def test_a_program_is_changed(marketo):
    sync(
        marketo,
        program(
            1003,
            ("Tag", {"Type": "Product", "Value": "a"}),
            ("Token", {"Name": "my.other", "Value": "1"}),
            ("Cost", {"Month": "2014-04-15", "Amount": "20.50"}),
            ("Cost", {"Id": "1", "Month": "2014-03", "Amount": "600"}),
        ),
        operation="UPDATE",
    )
    (shown,) = get(marketo, "Program", {"id": 1003, "includeDetails": "1"}).root.iter("mObject")
    assert details(shown)[1:] == [
        ("Tag", {"Type": "Region", "Value": "West"}),
        ("Tag", {"Type": "Product", "Value": "A"}),
        ("Token", {"Name": "message", "Value": "Hello"}),
        ("Token", {"Name": "other", "Value": "1"}),
        ("Cost", {"Id": "1", "Month": "2014-03-01", "Amount": "600", "Note": "hall"}),
        ("Cost", {"Id": "2", "Month": "2014-04-01", "Amount": "20.5"}),
    ]


def test_tags_are_changed_from_2_3_on(marketo):
    item = program(1003, ("Tag", {"Type": "Region", "Value": "East"}))
    early = sync(marketo, item, operation="UPDATE", version="2_2")
    assert (statuses(early), len(early.warnings)) == ([("UNCHANGED", "1003", None)], 1)
    assert statuses(sync(marketo, item, operation="UPDATE", version="2_3")) == [("UPDATED", "1003", None)]


@pytest.mark.parametrize(("version", "written"), [("2_3", b"<id>0</id>"), ("2_4", b'<id xsi:nil="true"/>')])
def test_the_id_of_what_failed_is_0_and_nil_from_2_4_on(marketo, version, written):
    assert written in sync(marketo, opportunity(Nope="1"), version=version).body


def test_unchanged_may_be_answered_as_updated():
    answer = sync(switched(unchanged_status="updated"), opportunity(O1, Stage="Open"))
    assert statuses(answer) == [("UPDATED", "1", None)]


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({"operation": "FOO"}, "20109", "mObjectList"),
        ({"mObjectList": ""}, "20109", "operation"),
        ({"mObjectList": "", "operation": "FOO"}, "20110", "operation is not valid: FOO"),
        ({"mObjectList": {"mObject": [opportunity(Name="x")] * 101}, "operation": "UPSERT"}, "20110", "mObjectList"),
    ],
)
def test_faults_of_a_sync(marketo, members, code, message):
    before = marketo.dump()
    answer = marketo.call("syncMObjects", members)
    assert (answer.code, message in answer.message) == (code, True)
    assert marketo.dump() == before


# ---------------------------------------------------------------------------------------------------------------------
# deleteMObjects


def delete(marketo, *objects):
    return marketo.call("deleteMObjects", {"mObjectList": {"mObject": list(objects)}})


def one(kind: str, object_id: object = None) -> dict[str, object]:
    return {"type": kind} | ({"id": object_id} if object_id is not None else {})


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ([one("Opportunity", 1)], [("DELETED", "1")]),
        ([one("Opportunity", 1), one("Opportunity", 1)], [("DELETED", "1"), ("UNCHANGED", "1")]),
        ([one("Opportunity", 1), one("Opportunity", 9)], [("DELETED", "1"), ("UNCHANGED", "9")]),
        ([one("OpportunityPersonRole", 1)], [("DELETED", "1")]),
        ([one("OpportunityPersonRole", 9)], [("UNCHANGED", "9")]),
        ([one("Program", 1003)], [("FAILED", None)]),
        ([one("Foo", 1)], [("FAILED", None)]),
        ([one("Opportunity")], [("FAILED", None)]),
        ([], []),
    ],
)
def test_what_becomes_of_an_object_that_is_to_go(marketo, objects, expected):
    assert [(status, object_id) for status, object_id, _ in statuses(delete(marketo, *objects))] == expected


def test_an_opportunity_takes_its_roles_along_and_a_role_leaves_its_opportunity(marketo):
    delete(marketo, one("OpportunityPersonRole", 1))
    assert ids(get(marketo, "Opportunity")) == [1]
    sync(marketo, role(PersonId=1002, OpportunityId=1))
    delete(marketo, one("Opportunity", 1))
    assert (ids(get(marketo, "Opportunity")), ids(get(marketo, "OpportunityPersonRole"))) == ([], [])


def test_an_external_key_names_what_is_to_go_with_a_warning(marketo):
    answer = delete(marketo, {"type": "Opportunity", **O1})
    assert ([status for status, _, _ in statuses(answer)], len(answer.warnings)) == (["DELETED"], 1)


def test_no_list_is_20109(marketo):
    assert marketo.call("deleteMObjects").code == "20109"


def test_the_shapes_of_statuses(marketo):
    """As captured: no error and no xsi where all went well."""
    assert (
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:ns1="http://www.marketo.com/mktows/"><SOAP-ENV:Body><ns1:successDeleteMObjects><result><mObjStatusList>'
        "<mObjStatus><id>1</id><status>DELETED</status></mObjStatus></mObjStatusList></result>"
        "</ns1:successDeleteMObjects></SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
    ) in delete(marketo, one("Opportunity", 1)).body.decode()
    assert (
        "<ns1:successSyncMObjects><result><mObjStatusList><mObjStatus><id>2</id><externalKey><name>Opp Id</name>"
        "<value>O-2</value></externalKey><status>CREATED</status></mObjStatus></mObjStatusList></result>"
    ) in sync(marketo, opportunity(O2)).body.decode()


# ---------------------------------------------------------------------------------------------------------------------
# The activity log


def log(marketo, lead_id=1001) -> list[tuple[str, str]]:
    from mockmkto.store import activities

    with marketo.database.transaction() as session:
        return [(item.type, item.asset) for item in activities.all_activities(session) if item.lead_id == lead_id]


def test_leads_are_told_what_happens_to_their_opportunities(marketo):
    sync(marketo, role(PersonId=1002, OpportunityId=1, Role="User"))
    sync(marketo, opportunity(O1, Amount="5"), opportunity(O1, Amount="5"))
    delete(marketo, one("OpportunityPersonRole", 2))
    expected = ["Add to Opportunity", "Update Opportunity", "Remove from Opportunity"]
    assert log(marketo, 1002) == [(kind, "Big deal") for kind in expected]
    assert log(marketo, 1001) == [("Update Opportunity", "Big deal")]


def test_leads_are_told_nothing_where_that_is_switched_off():
    quiet = switched(opportunity_activities="off")
    sync(quiet, opportunity(O1, Amount="5"), role(PersonId=1002, OpportunityId=1))
    assert log(quiet, 1001) + log(quiet, 1002) == []


# ---------------------------------------------------------------------------------------------------------------------
# What is told


def test_a_sync_explains_each_object(marketo):
    trace = sync(marketo, opportunity(O1, Amount="5"), role(PersonId=999, OpportunityId=1)).call.trace
    first, second = trace.records
    assert (first.status, first.object_id) == ("UPDATED", "Opportunity 1")
    assert [(change.target, change.before, change.after) for change in first.changes] == [("Amount", "1000", "5")]
    assert (second.status, second.error) == ("FAILED", "No lead found with Id = 999")
    assert dict(trace.counts) == {"UPDATED": 1, "FAILED": 1}


def test_a_read_explains_its_page(marketo):
    trace = get(marketo, "Opportunity", criteria(("Amount", "GT", "500"))).call.trace
    assert (trace.page.selector, trace.page.total) == ("Opportunity with Amount GT 500", 1)
    assert [(subject.kind, subject.name) for subject in trace.subjects] == [("object type", "Opportunity")]


def test_times_follow_the_clock_of_the_subscription(marketo):
    later = NOW + dt.timedelta(days=3)
    marketo.set_clock(Clock(frozen_at=later))
    sync(marketo, opportunity(O1, Amount="5"))
    assert ids(get(marketo, "Opportunity", criteria(("Updated At", "GE", later.isoformat())))) == [1]
    assert ids(get(marketo, "Opportunity", criteria(("Created At", "GE", later.isoformat())))) == []
