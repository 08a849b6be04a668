"""Which partition: mktows.md's table of workspaces, the rules for where it is silent, and what a condition compares."""

from __future__ import annotations

import pytest
from support import Marketo, decided_by

from mockmkto.engine.partitions import condition_holds
from mockmkto.model import Condition, Field, FieldType, Key, Operator
from mockmkto.worlds import parse_worlds

WORKSPACES = """
workspaces:
  - {name: Default, primary_partition: Home}
  - {name: EMEA, primary_partition: Europe}
  - {name: APAC, primary_partition: Asia}
partitions: [Home, Europe, Asia, Partners]
assignment_rules:
  - {name: Germans, when: [{field: Country, is: Germany}, {field: Email, ends_with: .de}], partition: Asia}
  - {name: Partners, when: [{field: Title, is: Partner}], partition: Partners}
  - {name: Late, when: [{field: Country, is: Germany}, {field: Title, is: Partner}], partition: Europe}
leads:
  - {Id: 1, Email: eu@example.com, partition: Europe, foreign_ids: [{id: EU}], cookies: [eu]}
  - {Id: 2, Email: as@example.com, partition: Asia, foreign_ids: [{id: AS}], cookies: [as]}
anonymous_leads:
  - {Id: 3, cookies: [home]}
  - {Id: 4, cookies: [web-eu], partition: Europe}
"""


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORKSPACES)


# ---------------------------------------------------------------------------------------------------------------------
# A new lead

GERMAN = {"Country": "Germany"}


@pytest.mark.parametrize(
    ("workspace", "attributes", "email", "partition"),
    [
        pytest.param("EMEA", GERMAN, "x@new.de", "Asia", id="header, a rule holds: the rule's"),
        pytest.param("EMEA", {}, "x@new.example", "Europe", id="header, no rule holds: the named workspace's primary"),
        pytest.param("APAC", GERMAN, "x@new.example", "Asia", id="header, half a rule holds: the named one's primary"),
        pytest.param("emea", {}, "x@new.example", "Europe", id="header in another case"),
        pytest.param("default", {}, "x@new.example", "Home", id="header names Default"),
        pytest.param("", {}, "x@new.example", "Home", id="header empty: as if not given"),
        pytest.param("  ", {}, "x@new.example", "Home", id="header blank: as if not given"),
        pytest.param(None, GERMAN, "x@new.de", "Asia", id="no header, a rule holds: the rule's"),
        pytest.param(None, {}, "x@new.example", "Home", id="no header, no rule holds: Default's primary"),
        pytest.param(None, GERMAN | {"Title": "Partner"}, "x@new.de", "Asia", id="several rules hold: the first"),
        pytest.param(None, GERMAN | {"Title": "Partner"}, "x@new.example", "Partners", id="the first that holds whole"),
        pytest.param("EMEA", {"Title": "Partner"}, "x@new.example", "Partners", id="a partition of no workspace"),
    ],
)
def test_a_new_lead_goes_where_a_rule_or_its_workspace_says(marketo, workspace, attributes, email, partition):
    answer = marketo.sync(attributes, Email=email, workspace=workspace)
    assert answer.status == "CREATED"
    assert marketo.lead(answer.lead_id).partition == answer.call.trace.partition.partition == partition


def test_rules_see_the_website_that_is_derived():
    marketo = Marketo(
        "{partitions: [Default, P],"
        " assignment_rules: [{name: r, when: [{field: Website, is: new.example}], partition: P}]}"
    )
    assert marketo.lead(marketo.sync(Email="a@new.example").lead_id).partition == "P"


def test_rules_see_an_email_that_is_sent_as_an_attribute(marketo):
    answer = marketo.sync(GERMAN | {"Email": "x@new.de"}, ForeignSysPersonId="NEW")
    assert marketo.lead(answer.lead_id).partition == "Asia"


def test_a_rule_without_conditions_always_holds():
    marketo = Marketo("{partitions: [Default, P], assignment_rules: [{name: all, when: [], partition: P}]}")
    assert marketo.lead(marketo.sync(Email="a@new.example").lead_id).partition == "P"


# ---------------------------------------------------------------------------------------------------------------------
# A lead that is there


@pytest.mark.parametrize(
    ("workspace", "given", "lead", "key"),
    [
        pytest.param("EMEA", {"Id": 1}, 1, Key.ID, id="header, Id, in its primary partition"),
        pytest.param("EMEA", {"ForeignSysPersonId": "EU"}, 1, Key.FOREIGN_ID, id="header, foreign id, in it"),
        pytest.param("EMEA", {"cookie": "eu"}, 1, Key.COOKIE, id="header, cookie, in it"),
        pytest.param("emea", {"cookie": "web-eu"}, 4, Key.COOKIE, id="header, cookie of an anonymous lead, in it"),
        pytest.param("APAC", {"Email": "eu@example.com"}, 1, Key.EMAIL, id="header, Email: the header is ignored"),
        pytest.param(
            "APAC", {"Email": "eu@example.com", "ForeignSysPersonId": "NEW"}, 1, Key.EMAIL, id="header, Email decides"
        ),
        pytest.param(None, {"Id": 2}, 2, Key.ID, id="no header, Id"),
        pytest.param(None, {"ForeignSysPersonId": "AS"}, 2, Key.FOREIGN_ID, id="no header, foreign id"),
        pytest.param(None, {"cookie": "web-eu"}, 4, Key.COOKIE, id="no header, cookie"),
        pytest.param(None, {"Email": "as@example.com"}, 2, Key.EMAIL, id="no header, Email"),
        pytest.param("", {"Id": 2}, 2, Key.ID, id="empty header, Id"),
    ],
)
def test_a_matched_lead_is_updated_where_it_is(marketo, workspace, given, lead, key):
    before = marketo.lead(lead).partition
    answer = marketo.sync(GERMAN | {"Title": "Partner"}, workspace=workspace, **given)
    assert (answer.status, answer.lead_id, decided_by(answer)) == ("UPDATED", lead, key)
    assert marketo.lead(lead).partition == before == answer.call.trace.partition.partition
    assert answer.call.trace.partition.rules == ()


@pytest.mark.parametrize(
    ("workspace", "given", "lead"),
    [
        pytest.param("APAC", {"Id": 1}, 1, id="Id"),
        pytest.param("APAC", {"Id": 1, "Email": "eu@example.com"}, 1, id="Id, though the Email finds it too"),
        pytest.param("APAC", {"ForeignSysPersonId": "EU"}, 1, id="foreign id"),
        pytest.param("APAC", {"cookie": "eu"}, 1, id="cookie"),
        pytest.param("EMEA", {"cookie": "home"}, 3, id="cookie of an anonymous lead"),
        pytest.param("Default", {"Id": 1}, 1, id="Default is a workspace like any other"),
    ],
)
def test_a_lead_matched_by_another_key_than_email_outside_the_primary_partition_is_20106(
    marketo, workspace, given, lead
):
    before = marketo.dump()
    answer = marketo.sync({"City": "Lyon"}, workspace=workspace, **given)
    assert answer.message == (
        f"syncLead operation failed: lead {lead} is not in the primary partition of workspace {workspace} (20106)"
    )
    assert answer.fault_string == "20106 - Lead sync failed"
    assert not answer.call.trace.partition.accepted
    assert marketo.dump() == before


def test_partition_names_are_compared_in_any_case():
    marketo = Marketo(
        "{workspaces: [{name: Default, primary_partition: default}, {name: W, primary_partition: EUROPE}],"
        " partitions: [Default, Europe], leads: [{Id: 1, partition: europe}]}"
    )
    assert marketo.sync(Id=1, workspace="w").status == "UPDATED"


# ---------------------------------------------------------------------------------------------------------------------
# The name in the header


@pytest.mark.parametrize("name", ["Nowhere", "EMEA2", "Europe"])
def test_an_unknown_workspace_is_20110(marketo, name):
    answer = marketo.sync(Email="new@example.com", workspace=name)
    assert (answer.fault_string, answer.message) == (
        "20110 - Input error",
        f"Workspace name is not valid: {name} (20110)",
    )


@pytest.mark.parametrize("name", ["Default", "default", "DEFAULT", " Default ", "", None])
def test_where_workspaces_are_not_enabled_the_header_may_name_default_in_any_case(name):
    marketo = Marketo("leads: [{Id: 1}]")
    assert marketo.sync(Id=1, workspace=name).status == "UPDATED"
    assert marketo.sync(Email="new@example.com", workspace=name).status == "CREATED"
    assert marketo.lead(2).partition == "Default"


def test_where_workspaces_are_not_enabled_a_lead_in_any_partition_may_be_updated():
    marketo = Marketo("{partitions: [Default, Other], leads: [{Id: 1, partition: Other}]}")
    assert marketo.sync(Id=1, workspace="Default").status == "UPDATED"
    assert marketo.lead(1).partition == "Other"


@pytest.mark.parametrize("name", ["EMEA", "Defaults"])
def test_where_workspaces_are_not_enabled_any_other_name_is_20110(name):
    answer = Marketo().sync(Email="new@example.com", workspace=name)
    assert answer.message == f"Workspace name is not valid: {name} (20110)"


def test_anonymous_leads_are_in_the_primary_partition_of_default_unless_the_fixture_says_otherwise(marketo):
    assert [marketo.lead(lead_id).partition for lead_id in (3, 4)] == ["Home", "Europe"]


# ---------------------------------------------------------------------------------------------------------------------
# Conditions

(PLAIN,) = parse_worlds("{}", "test.yaml")
IS, IS_NOT, IN = Operator.IS, Operator.IS_NOT, Operator.IN
STARTS, ENDS, CONTAINS = Operator.STARTS_WITH, Operator.ENDS_WITH, Operator.CONTAINS
EMPTY, NOT_EMPTY = Operator.IS_EMPTY, Operator.IS_NOT_EMPTY


def holds(type_: str, value: str, operator: Operator, *operands: str) -> bool:
    field = Field("F", FieldType(type_))
    return condition_holds(Condition("F", operator, operands), value, field, PLAIN.world)


@pytest.mark.parametrize(
    ("type_", "value", "operator", "operands", "expected"),
    [
        ("string", "Germany", IS, ["germany"], True),
        ("string", "Germany", IS, ["German"], False),
        ("string", "STRASSE", IS, ["straße"], True),
        ("string", "", IS, [""], True),
        ("string", "007", IS, ["7"], False),
        ("string", "Germany", IS_NOT, ["GERMANY"], False),
        ("string", "", IS_NOT, ["Germany"], True),
        ("string", "Germany", STARTS, ["gER"], True),
        ("string", "Germany", STARTS, ["many"], False),
        ("string", "", STARTS, ["G"], False),
        ("email", "x@example.DE", ENDS, [".de"], True),
        ("email", "x@example.de.com", ENDS, [".de"], False),
        ("url", "www.Example.com", CONTAINS, ["example"], True),
        ("url", "www.example.com", CONTAINS, ["sample"], False),
        ("phone", "+49 30 1", STARTS, ["+49"], True),
        ("text", "Some\nlines", CONTAINS, ["LINES"], True),
        ("reference", "A1", IS, ["a1"], True),
        ("string", "Austria", IN, ["Germany", "AUSTRIA"], True),
        ("string", "France", IN, ["Germany", "Austria"], False),
        ("string", "", IN, ["Germany"], False),
        ("integer", "10", IS, ["10"], True),
        ("integer", "10", IS, ["10.0"], True),
        ("integer", "10", IS, ["+010"], True),
        ("integer", "10", IS, ["100"], False),
        ("integer", "10", IS, ["ten"], False),
        ("integer", "", IS, ["0"], False),
        ("integer", "", IS_NOT, ["0"], True),
        ("integer", "10", IS_NOT, ["010"], False),
        ("integer", "10", IN, ["1", "10.00"], True),
        ("integer", "10", STARTS, ["1"], True),
        ("integer", "0", EMPTY, [], False),
        ("score", "-5", IS, ["-5"], True),
        ("percent", "50", IS, ["050"], True),
        ("float", "1", IS, ["1.0"], True),
        ("float", "1000", IS, ["1e3"], True),
        ("float", "1.5", IS, ["1.05"], False),
        ("currency", "28970000", IS, ["28970000.00"], True),
        ("currency", "1.5", IS_NOT, ["1.50"], False),
        ("boolean", "1", IS, ["true"], True),
        ("boolean", "1", IS, ["YES"], True),
        ("boolean", "0", IS, ["false"], True),
        ("boolean", "", IS, ["false"], True),
        ("boolean", "", IS, ["true"], False),
        ("boolean", "", IS_NOT, ["true"], True),
        ("boolean", "", IS_NOT, ["no"], False),
        ("boolean", "", IN, ["0", "x"], True),
        ("boolean", "", EMPTY, [], True),
        ("date", "2015-06-23", IS, ["2015-06-23"], True),
        ("date", "2015-06-23", IS, ["2015-06-23T10:00:00Z"], True),
        ("date", "2015-06-23", STARTS, ["2015-06"], True),
        ("datetime", "2015-06-23T08:00:00-07:00", IS, ["2015-06-23T08:00:00"], True),
        ("datetime", "2015-06-23T08:00:00-07:00", IS, ["2015-06-24"], False),
        *((kind.value, "", EMPTY, [], True) for kind in FieldType),
        *((kind.value, "1", EMPTY, [], False) for kind in FieldType),
        *((kind.value, "", NOT_EMPTY, [], False) for kind in FieldType),
        *((kind.value, "1", NOT_EMPTY, [], True) for kind in FieldType),
    ],
)
def test_condition(type_, value, operator, operands, expected):
    assert holds(type_, value, operator, *operands) is expected


@pytest.mark.parametrize("operator", [IS, IS_NOT, STARTS, ENDS, CONTAINS, IN])
@pytest.mark.parametrize("kind", list(FieldType))
def test_a_condition_that_its_field_can_never_meet_is_no_error(kind, operator):
    for value in ("", "1"):
        assert holds(kind.value, value, operator, "no such value") is (operator is IS_NOT)


@pytest.mark.parametrize(
    ("operator", "operand", "partition"),
    [("is", "x@A.de", "P"), ("is", "y@a.de", "Default"), ("contains", "'@A.'", "P"), ("is_not_empty", "true", "P")],
)
def test_conditions_on_the_email_in_any_case(operator, operand, partition):
    rule = f"{{name: r, when: [{{field: eMail, {operator}: {operand}}}], partition: P}}"
    marketo = Marketo(f"{{partitions: [Default, P], assignment_rules: [{rule}]}}")
    assert marketo.lead(marketo.sync(Email="X@a.de").lead_id).partition == partition
