"""What is written: the attributes of a request, the rules that refuse or drop them, and what an answer shows."""

from __future__ import annotations

import datetime as dt

import pytest
from support import NOW, Marketo

from mockmkto.clock import Clock
from mockmkto.model import ChangeOutcome, FieldType

WORLD = """
fields:
  - {name: Short__c, type: string, length: 5}
  - {name: Blocked__c, type: string, update_blocked: true}
  - {name: Code__c, type: string, read_only: true}
leads:
  - {Id: 1, Email: ann@example.com, attributes: {FirstName: Ann, LeadScore: 5, Blocked__c: kept, AnonymousIP: 10.0.0.1}}
"""


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


def with_switch(**switches: str) -> Marketo:
    return Marketo(f"behaviour: {{{', '.join(f'{name}: {value}' for name, value in switches.items())}}}\n{WORLD}")


# ---------------------------------------------------------------------------------------------------------------------
# Names


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["pants"], "pants"),
        (["id"], "id"),
        (["ForeignSysPersonId"], "ForeignSysPersonId"),
        (["zebra", "FirstName", "ape", "Id"], "zebra, ape, Id"),
        (["Id"], "Id"),
        (["pants", "pants"], "pants"),
    ],
)
def test_unknown_names_are_20105_all_of_them_in_request_order_and_nothing_is_written(marketo, names, shown):
    before = marketo.dump()
    answer = marketo.sync([("City", "Lyon"), *((name, "2") for name in names)], Id=1)
    assert answer.fault_string == "20105 - Unknown lead field"
    assert answer.message == f"syncLead operation failed: unknown fields for import: {shown} (20105)"
    assert marketo.dump() == before


def test_a_name_in_another_case_is_found_with_a_warning(marketo):
    answer = marketo.sync({"fIRSTnAME": "Zoe", "short__C": "x"}, Id=1)
    assert answer.record.attributes["FirstName"] == "Zoe"
    assert answer.warnings == [
        "attribute fIRSTnAME was read as the field FirstName",
        "attribute short__C was read as the field Short__c",
    ]


@pytest.mark.parametrize("second", ["City", "CITY"])
def test_of_an_attribute_named_twice_the_last_counts_with_a_warning(marketo, second):
    answer = marketo.sync([("City", "Lyon"), (second, "Oslo")], Id=1)
    assert answer.record.attributes["City"] == "Oslo"
    assert "attribute City is there twice: the last one counts" in answer.warnings


@pytest.mark.parametrize(
    ("attribute", "missing"),
    [
        ("<attrValue>1</attrValue>", "attrName of attribute 1"),
        ("<attrName></attrName><attrValue>1</attrValue>", "attrName of attribute 1"),
        ("<attrName>City</attrName>", "attrValue of attribute City"),
        ('<attrName>City</attrName><attrValue xsi:nil="true"/>', "attrValue of attribute City"),
        ("", "attrName of attribute 1"),
    ],
)
def test_a_missing_name_or_value_is_20109(marketo, attribute, missing):
    answer = marketo.post(
        marketo.envelope(
            f"<ns1:paramsSyncLead><leadRecord><Id>1</Id><leadAttributeList><attribute>{attribute}</attribute>"
            "</leadAttributeList></leadRecord><returnLead>true</returnLead></ns1:paramsSyncLead>"
        )
    )
    assert (answer.fault_string, answer.message) == (
        "20109 - Parameter required",
        f"{missing} is required (20109)",
    )


# ---------------------------------------------------------------------------------------------------------------------
# Email among the attributes


def test_email_among_the_attributes_sets_the_email_and_never_matches(marketo):
    answer = marketo.sync({"Email": " new@example.com "}, ForeignSysPersonId="NEW")
    assert (answer.status, answer.lead_id, answer.record.email) == ("CREATED", 2, "new@example.com")
    again = marketo.sync({"Email": "ann@example.com"}, ForeignSysPersonId="NEW")
    assert (again.lead_id, again.record.email) == (2, "ann@example.com")


def test_email_is_no_attribute_of_an_answer(marketo):
    assert "Email" not in marketo.sync({"email": "new@example.com"}, Id=1).record.attributes


def test_an_empty_email_among_the_attributes_clears_it(marketo):
    assert marketo.sync({"Email": ""}, Id=1).record.email is None
    assert marketo.get("EMAIL", "ann@example.com").code == "20103"


@pytest.mark.parametrize(
    ("keys", "attribute", "lead", "stored", "warned"),
    [
        ({"Email": "ann@example.com"}, "anna@example.com", 1, "anna@example.com", True),
        ({"Email": "ann@example.com"}, "ann@example.com", 1, "ann@example.com", False),
        ({"Email": "ann@example.com"}, "", 1, None, True),
        ({"Id": 1, "Email": "key@example.com"}, "anna@example.com", 1, "anna@example.com", True),
        ({"Email": "new@example.com"}, "other@example.com", 2, "other@example.com", True),
    ],
    ids=["the key finds it", "the same twice", "cleared", "beside an Id", "of a new lead"],
)
def test_the_key_email_finds_and_the_attribute_is_written(marketo, keys, attribute, lead, stored, warned):
    answer = marketo.sync({"Email": attribute}, **keys)
    assert (answer.lead_id, answer.record.email) == (lead, stored)
    assert [warning.startswith("Email is given as a key and as an attribute") for warning in answer.warnings] == [
        True
    ] * warned


@pytest.mark.parametrize(("name", "text"), [("Id", "1"), ("id", " 1 ")])
def test_an_attribute_that_repeats_the_id_is_ignored_with_a_warning(marketo, name, text):
    answer = marketo.sync({name: text, "City": "Oslo"}, Id=1)
    assert (answer.status, answer.record.attributes["City"]) == ("UPDATED", "Oslo")
    assert answer.warnings == ["the attribute Id repeats the key, and was ignored"]


def test_an_empty_key_email_is_absent_and_the_attribute_counts(marketo):
    assert marketo.sync({"Email": "new@example.com"}, Id=1, Email="").record.email == "new@example.com"


# ---------------------------------------------------------------------------------------------------------------------
# Values

GOOD = {
    "string": "  as sent ",
    "text": "two\nlines",
    "url": "www.example.com",
    "phone": "+1 555",
    "email": "Some.One@Example.com",
    "reference": "R-1",
    "integer": "-42",
    "score": "0",
    "percent": "50",
    "float": "1.5",
    "currency": "28970000",
    "boolean": "1",
    "date": "2015-06-23",
    "datetime": "2010-05-07T15:41:32-05:00",
}
BAD = {
    "integer": "1.5",
    "score": "many",
    "percent": "50%",
    "float": "1,5",
    "currency": "$5",
    "boolean": "perhaps",
    "date": "23.06.2015",
    "datetime": "yesterday",
}
EVERY_TYPE = "fields: [" + ", ".join(f"{{name: {kind.value}__c, type: {kind.value}}}" for kind in FieldType) + "]"


@pytest.mark.parametrize("kind", [kind.value for kind in FieldType])
def test_every_type_is_written_read_back_and_cleared(kind):
    marketo = Marketo(EVERY_TYPE)
    created = marketo.sync({f"{kind}__c": GOOD[kind]}, Email="a@b.example").record
    assert created.attributes[f"{kind}__c"] == GOOD[kind]
    assert created.types[f"{kind}__c"] == kind
    assert marketo.get("EMAIL", "a@b.example").record == created
    assert f"{kind}__c" not in marketo.sync({f"{kind}__c": ""}, Id=created.id).record.attributes


@pytest.mark.parametrize("kind", BAD)
def test_a_value_that_is_not_of_the_type_is_20110_and_nothing_is_written(kind):
    marketo = Marketo(EVERY_TYPE)
    before = marketo.dump()
    answer = marketo.sync({"string__c": "fine", f"{kind}__c": BAD[kind]}, Email="a@b.example")
    assert answer.message == f"Value '{BAD[kind]}' is not valid for field {kind}__c of type {kind} (20110)"
    assert marketo.dump() == before


def test_every_type_has_a_good_value_here():
    assert set(GOOD) == {kind.value for kind in FieldType}


def test_an_empty_value_clears_the_field(marketo):
    assert "FirstName" not in marketo.sync({"FirstName": ""}, Id=1).record.attributes
    assert "FirstName" not in marketo.lead(1).attributes


def test_what_the_request_does_not_name_stays(marketo):
    assert marketo.sync({"LastName": "Lee"}, Id=1).record.attributes["FirstName"] == "Ann"


@pytest.mark.parametrize(
    ("attributes", "keys", "name"),
    [
        ({"Short__c": "sixsix"}, {"Id": 1}, "Short__c"),
        ({"City": "x" * 256}, {"Id": 1}, "City"),
        ({"Address": "é" * 15_001}, {"Id": 1}, "Address"),
        ({}, {"Id": 1, "Email": "x" * 250 + "@b.com"}, "Email"),
        ({"Email": "x" * 250 + "@b.com"}, {"Id": 1}, "Email"),
    ],
)
def test_an_overlong_value_is_20110_and_nothing_is_written(marketo, attributes, keys, name):
    before = marketo.dump()
    answer = marketo.sync(attributes, **keys)
    assert answer.code == "20110"
    assert f" is too long for field {name}, which holds " in answer.message
    assert marketo.dump() == before


@pytest.mark.parametrize(
    ("name", "sent", "stored"),
    [("Short__c", "sixsix", "sixsi"), ("City", "x" * 256, "x" * 255), ("Address", "é" * 15_001, "é" * 15_000)],
)
def test_overlong_values_truncate_cuts_with_a_warning(name, sent, stored):
    marketo = with_switch(overlong_values="truncate")
    answer = marketo.sync({name: sent}, Id=1)
    assert answer.record.attributes[name] == stored
    assert answer.warnings == [f"the value of {name} was cut to {len(stored)} characters"]


def test_an_email_that_was_cut_matches_as_it_is_stored():
    marketo = with_switch(overlong_values="truncate")
    email = "x" * 300
    created = marketo.sync(Email=email)
    assert (created.status, created.record.email) == ("CREATED", "x" * 255)
    assert marketo.sync(Email=email).lead_id == created.lead_id


def test_truncate_does_not_make_a_wrong_value_right():
    assert with_switch(overlong_values="truncate").sync({"LeadScore": "many"}, Id=1).code == "20110"


# ---------------------------------------------------------------------------------------------------------------------
# Fields that may not be written


@pytest.mark.parametrize(
    ("name", "before"),
    [("Code__c", None), ("AnonymousIP", "10.0.0.1"), ("Blocked__c", "kept"), ("InferredCountry", None)],
)
def test_a_read_only_or_update_blocked_value_is_not_stored_but_the_lead_is_synced_with_a_warning(marketo, name, before):
    answer = marketo.sync({name: "new", "LastName": "Lee"}, Id=1)
    assert (answer.status, answer.record.attributes["LastName"]) == ("UPDATED", "Lee")
    assert answer.record.attributes.get(name) == before == marketo.lead(1).attributes.get(name)
    assert answer.warnings == [f"field {name} may not be written: the lead is synced, the value is not stored"]
    (change,) = [change for change in answer.call.trace.changes if change.target == name]
    assert (change.before, change.after, change.outcome) == (before, before, ChangeOutcome.NOT_STORED)


def test_a_read_only_value_is_not_stored_on_a_new_lead_either(marketo):
    answer = marketo.sync({"Code__c": "new"}, Email="new@example.com")
    assert (answer.status, answer.record.attributes.get("Code__c")) == ("CREATED", None)


# ---------------------------------------------------------------------------------------------------------------------
# Website


@pytest.mark.parametrize(
    ("email", "attributes", "website"),
    [
        ("ann@example.com", {"FirstName": "Ann"}, "example.com"),
        ("ann@Example.COM", {}, "Example.COM"),
        ("a@b@example.com", {}, "example.com"),
        ("ann@example.com", {"Company": "Acme"}, None),
        ("ann@example.com", {"Website": "www.acme.example"}, "www.acme.example"),
        ("ann@example.com", {"Company": ""}, "example.com"),
        ("ann", {}, None),
        ("ann@", {}, None),
        (None, {}, None),
    ],
)
def test_a_new_lead_with_an_email_and_neither_website_nor_company_gets_the_domain_as_website(
    email, attributes, website
):
    answer = Marketo().sync(attributes, Email=email, ForeignSysPersonId="NEW")
    assert (answer.status, answer.record.attributes.get("Website")) == ("CREATED", website)


def test_website_is_not_derived_on_an_update(marketo):
    assert "Website" not in marketo.sync(Id=1, Email="new@example.com").record.attributes


def test_website_is_not_derived_when_the_switch_is_off():
    assert "Website" not in with_switch(derive_website="off").sync(Email="new@example.com").record.attributes


def test_website_is_not_derived_where_there_is_no_such_field():
    answer = Marketo("fields: [{name: Website, remove: true}]").sync(Email="new@example.com")
    assert (answer.status, answer.record.attributes) == ("CREATED", {})


# ---------------------------------------------------------------------------------------------------------------------
# Times, and what is returned


@pytest.mark.parametrize("given", [{"Id": 1}, {"Email": "ann@example.com"}])
def test_when_nothing_differs_it_is_updated_all_the_same_and_updated_at_moves(marketo, given):
    before = marketo.lead(1)
    later = NOW + dt.timedelta(hours=1)
    marketo.set_clock(Clock(frozen_at=later))
    assert marketo.sync({"FirstName": "Ann"}, **given).status == "UPDATED"
    after = marketo.lead(1)
    assert (after.updated_at, after.created_at) == (later, before.created_at)
    assert after.updated_order > before.updated_order
    assert after.created_order == before.created_order
    assert after.attributes == before.attributes


def test_a_new_lead_is_created_and_updated_now(marketo):
    lead = marketo.lead(marketo.sync(Email="new@example.com").lead_id)
    assert lead.created_at == lead.updated_at == NOW
    assert lead.known


@pytest.mark.parametrize("given", [{"Email": "new@example.com"}, {"Id": 1}], ids=["CREATED", "UPDATED"])
def test_return_lead_gives_the_whole_lead_as_get_lead_does(marketo, given):
    answer = marketo.sync({"LastName": "Lee"}, **given)
    assert answer.record == marketo.get("IDNUM", answer.lead_id).record
    assert answer.record.attributes["LastName"] == "Lee"


@pytest.mark.parametrize("given", [{"Email": "new@example.com"}, {"Id": 1}], ids=["CREATED", "UPDATED"])
def test_without_return_lead_the_record_is_nil(marketo, given):
    answer = marketo.sync(return_lead=False, **given)
    assert b'<leadRecord xsi:nil="true"/>' in answer.body


@pytest.mark.parametrize(
    ("world", "shown"),
    [
        ("{}", b'<leadAttributeList xsi:nil="true"/>'),
        ("behaviour: {empty_lists: empty}", b"<leadAttributeList/>"),
    ],
)
def test_a_lead_without_attributes_has_a_list_that_is_nil_or_empty(world, shown):
    marketo = Marketo(world)
    answer = marketo.sync(ForeignSysPersonId="NEW")
    assert shown in answer.body
    assert shown in marketo.get("IDNUM", answer.lead_id).body


def test_attributes_are_answered_in_the_order_of_their_upper_cased_names():
    names = ["b__c", "B_a__c", "A_Z__c", "AZ__c", "a__c"]
    marketo = Marketo("fields: [" + ", ".join(f"{{name: {name}, type: string}}" for name in names) + "]")
    answer = marketo.sync(dict.fromkeys(names, "1"), ForeignSysPersonId="NEW")
    assert list(answer.record.attributes) == sorted(names, key=str.upper)
