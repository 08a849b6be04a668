"""A fixture file: what it may say, what that means, and what becomes of it in a subscription."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from textwrap import dedent

import pytest
import yaml

from mockmkto.model import (
    AssignmentRule,
    Client,
    Condition,
    Credential,
    Field,
    FieldType,
    ForeignId,
    ForeignSysType,
    Operator,
)
from mockmkto.model import Workspace as W
from mockmkto.store import leads
from mockmkto.store.registry import DuplicateClientError, DuplicateUserError, Registry, SubscriptionError
from mockmkto.worlds import FixtureWorld, load, parse_worlds, reading
from mockmkto.worlds.exporting import world_entry
from mockmkto.worlds.rendering import as_yaml


def world(text: str) -> FixtureWorld:
    (only,) = parse_worlds(dedent(text), "demo.yaml")
    return only


# ---------------------------------------------------------------------------------------------------------------------
# The defaults: every key is optional


@pytest.mark.parametrize("text", ["", "# nothing", "{}", "leads:\nworkspaces:\ncredentials:\n"])
def test_every_key_is_optional_and_a_key_without_a_value_is_as_if_not_there(text):
    empty = world(text)
    assert empty.subscription == "default"
    assert empty.credentials == (Credential("mockmkto", ("mockmkto-encryption-key",), "default"),)
    assert empty.world.time_zone.key == "America/Los_Angeles"
    assert empty.world.workspaces == ()
    assert empty.world.partitions == ("Default",)
    assert empty.world.behaviour.signature_window == timedelta(minutes=15)
    assert empty.world.fields.find("FirstName").type is FieldType.STRING
    assert empty.leads == ()


def test_json_is_read_as_well():
    content = json.dumps(
        {"leads": [{"Id": 5, "attributes": {"FirstName": "Ann 🕓", "LeadScore": 7, "DoNotCall": True}}]}
    )
    (lead,) = world(content).leads
    assert (lead.id, dict(lead.attributes)) == (5, {"FirstName": "Ann 🕓", "LeadScore": "7", "DoNotCall": "1"})


def test_bytes_are_utf_8_with_or_without_a_mark():
    for mark in (b"", b"\xef\xbb\xbf"):
        (only,) = parse_worlds(mark + "leads: [{attributes: {FirstName: Zoë}}]".encode(), "x.yaml")
        assert only.leads[0].attributes == {"FirstName": "Zoë"}


# ---------------------------------------------------------------------------------------------------------------------
# Values stay as they are written


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("0123", "0123"),
        ("1e3", "1e3"),
        ("1_000", "1_000"),
        ("2015-06-23", "2015-06-23"),
        ("12:30:45", "12:30:45"),
        ("'null'", "null"),
        ('"~"', "~"),
        ("NULL", "NULL"),
        ("!!str 5", "5"),
        ("' padded '", " padded "),
    ],
)
def test_a_text_keeps_its_spelling(written, read):
    assert world(f"leads: [{{attributes: {{Country: {written}}}}}]").leads[0].attributes == {"Country": read}


@pytest.mark.parametrize("written", ["", "~", "null", "''"])
def test_an_empty_value_is_no_value(written):
    assert world(f"leads: [{{Id: 1, attributes: {{Country: {written}}}}}]").leads[0].attributes == {}


@pytest.mark.parametrize(
    ("field", "written", "stored"),
    [
        ("LeadScore", "+007", "7"),
        ("LeadScore", "'0'", "0"),
        ("AnnualRevenue", "28970000.00", "28970000"),
        ("DoNotCall", "yes", "1"),
        ("DateofBirth", "1971-11-30T08:00:00Z", "1971-11-30"),
        ("leadscore", "5", "5"),
        ("AnonymousIP", "10.1.2.3", "10.1.2.3"),  # read-only for a sync, not for a fixture
    ],
)
def test_values_are_stored_in_the_form_of_their_type_under_the_fields_own_name(field, written, stored):
    (value,) = world(f"leads: [{{attributes: {{{field}: {written}}}}}]").leads[0].attributes.items()
    assert value == ({"leadscore": "LeadScore"}.get(field, field), stored)


def test_a_datetime_without_an_offset_is_read_in_the_worlds_time_zone():
    lead = world("""
        time_zone: Europe/Berlin
        fields: [{name: Seen__c, type: datetime}]
        leads: [{attributes: {Seen__c: 2015-06-23T15:41:32}, created_at: 2015-01-01T00:00:00}]
        """).leads[0]
    assert lead.attributes == {"Seen__c": "2015-06-23T15:41:32+02:00"}
    assert lead.created_at == datetime(2014, 12, 31, 23, tzinfo=UTC)


# ---------------------------------------------------------------------------------------------------------------------
# Credentials, switches


def test_credentials_belong_to_their_subscription_and_never_show_a_key():
    sandbox = world("""
        subscription: sandbox
        credentials:
          - {user_id: one, encryption_keys: [old-secret, new-secret]}
          - {user_id: two, encryption_keys: [0123456789], blocked: true}
        clients:
          - {client_id: one, client_secrets: [old-secret, new-secret]}
          - {client_id: two, client_secrets: [42], user: u@example.com, permissions: [Read-Only Lead], blocked: true}
          - {client_id: three, client_secrets: [s], permissions: []}
        """)
    assert sandbox.credentials == (
        Credential("one", ("old-secret", "new-secret"), "sandbox"),
        Credential("two", ("0123456789",), "sandbox", blocked=True),
    )
    assert sandbox.clients == (
        Client("one", ("old-secret", "new-secret"), "sandbox", "api@mockmkto.example"),
        Client("two", ("42",), "sandbox", "u@example.com", ("Read-Only Lead",), blocked=True),
        Client("three", ("s",), "sandbox", "api@mockmkto.example", ()),
    )
    assert not re.search("old-secret|new-secret|'42'", repr(sandbox))


def test_a_world_can_have_no_credential_and_no_client():
    nobody = world("{credentials: [], clients: []}")
    assert (nobody.credentials, nobody.clients) == ((), ())


@pytest.mark.parametrize(
    ("worlds", "owners"),
    [
        (["subscription: a", "{subscription: b, credentials: []}"], ["a"]),
        (["subscription: a", "{subscription: b, credentials: [], clients: [MINE]}"], ["b"]),
        (["{subscription: a, clients: []}", "{subscription: b, credentials: []}"], ["b"]),
    ],
    ids=["the first", "whoever names it", "not one that names none"],
)
def test_the_built_in_client_opens_one_of_those_that_name_none(registry, worlds, owners):
    mine = "{client_id: mockmkto-client, client_secrets: [mockmkto-client-secret]}"
    text = "subscriptions:\n" + "".join(f"- {item.replace('MINE', mine)}\n" for item in worlds)
    for item in parse_worlds(text, "two.yaml"):
        load(item, registry)
    assert [item.subscription for item in registry.clients()] == owners


@pytest.mark.parametrize(
    ("switch", "text", "value"),
    [
        ("element_names", "any_case", "any_case"),
        ("signature_window", "90s", timedelta(seconds=90)),
        ("signature_window", "2d", timedelta(days=2)),
        ("signature_window", "off", None),
        ("signature_window", "false", None),  # what other YAML tools make of `off`
        ("anonymous_cookie", "merges", "merges"),
        ("duplicate_email", "most_recently_created", "most_recently_created"),
        ("keyless_leads", "create", "create"),
        ("overlong_values", "truncate", "truncate"),
        ("derive_website", "off", False),
    ],
)
def test_behaviour_sets_a_switch(switch, text, value):
    assert getattr(world(f"behaviour: {{{switch}: {text}}}").world.behaviour, switch) == value


# ---------------------------------------------------------------------------------------------------------------------
# Workspaces, partitions, rules


@pytest.mark.parametrize(
    ("text", "workspaces", "partitions"),
    [
        ("", (), ("Default",)),
        ("partitions: [Asia]", (), ("Asia", "Default")),
        ("workspaces: []", (W("Default", "Default"),), ("Default",)),
        (
            "workspaces: [{name: EMEA, primary_partition: Europe}]",
            (W("Default", "Default"), W("EMEA", "Europe")),
            ("Europe", "Default"),
        ),
        (
            "workspaces: [{name: default, primary_partition: europe}, {name: APAC}]\npartitions: [Europe, default]",
            (W("default", "Europe"), W("APAC", "Default")),
            ("Europe", "Default"),
        ),
    ],
)
def test_workspaces_are_enabled_when_they_are_given(text, workspaces, partitions):
    found = world(text).world
    assert found.workspaces == workspaces
    assert found.partitions == partitions


@pytest.mark.parametrize(
    ("text", "partition"),
    [
        ("", "Default"),
        ("workspaces: [{name: Default, primary_partition: Main}]", "Main"),
        ("workspaces: [{name: EMEA, primary_partition: Europe}]", "Default"),
    ],
)
def test_a_lead_without_a_partition_is_in_the_primary_one_of_default(text, partition):
    found = world(f"{text}\nleads: [{{Id: 1}}]\nanonymous_leads: [{{Id: 2}}]")
    assert [lead.partition for lead in found.leads] == [partition, partition]


def test_a_partition_is_named_in_any_case():
    found = world("partitions: [Europe]\nleads: [{partition: EUROPE}]\nanonymous_leads: [{partition: default}]")
    assert [lead.partition for lead in found.leads] == ["Europe", "Default"]


def test_assignment_rules_are_kept_in_their_order_with_the_fields_own_names():
    assert world("""
        partitions: [Asia]
        assignment_rules:
          - name: Germans to Asia
            when:
              - {field: country, is: Germany}
              - {field: email, ends_with: .de}
            partition: asia
          - {name: The rest, partition: Default}
        """).world.assignment_rules == (
        AssignmentRule(
            "Germans to Asia",
            (Condition("Country", Operator.IS, ("Germany",)), Condition("Email", Operator.ENDS_WITH, (".de",))),
            "Asia",
        ),
        AssignmentRule("The rest", (), "Default"),
    )


@pytest.mark.parametrize(
    ("written", "operator", "operands"),
    [
        ("is: NO", Operator.IS, ("NO",)),
        ("is: ''", Operator.IS, ("",)),
        ("is_not: Germany", Operator.IS_NOT, ("Germany",)),
        ("starts_with: Ger", Operator.STARTS_WITH, ("Ger",)),
        ("ends_with: many", Operator.ENDS_WITH, ("many",)),
        ("contains: rma", Operator.CONTAINS, ("rma",)),
        ("in: [DE, AT]", Operator.IN, ("DE", "AT")),
        ("is_empty: true", Operator.IS_EMPTY, ()),
        ("is_not_empty: true", Operator.IS_NOT_EMPTY, ()),
    ],
)
def test_a_condition_has_one_operator(written, operator, operands):
    rule = world(f"assignment_rules: [{{name: r, when: [{{field: Country, {written}}}], partition: Default}}]")
    assert rule.world.assignment_rules[0].conditions == (Condition("Country", operator, operands),)


# ---------------------------------------------------------------------------------------------------------------------
# Fields


@pytest.mark.parametrize(
    ("entry", "name", "field"),
    [
        (
            "{name: Account_Type__c, type: string}",
            "Account_Type__c",
            Field("Account_Type__c", FieldType.STRING, 255, id=1001),
        ),
        ("{name: N__c, type: text}", "N__c", Field("N__c", FieldType.TEXT, 30_000, id=1001)),
        ("{name: N__c, type: url, length: 5}", "N__c", Field("N__c", FieldType.URL, 5, id=1001)),
        ("{name: N__c, type: score, read_only: true}", "N__c", Field("N__c", FieldType.SCORE, read_only=True, id=1001)),
        (
            "{name: N__c, type: date, update_blocked: true}",
            "N__c",
            Field("N__c", FieldType.DATE, update_blocked=True, id=1001),
        ),
        # Of the same name, with a type: it replaces the standard field, whatever that was. One of REST alone becomes
        # a field of the subscription's own, of both APIs.
        (
            "{name: Priority, type: string}",
            "Priority",
            Field("Priority", FieldType.STRING, 255, id=1001),
        ),
        (
            "{name: leadscore, type: float}",
            "LeadScore",
            Field("leadscore", FieldType.FLOAT, display_name="Lead Score", rest_name="leadScore", id=146),
        ),
        # Without a type: it changes what is given.
        (
            "{name: inferredCompany, update_blocked: false}",
            "InferredCompany",
            Field(
                "InferredCompany",
                FieldType.STRING,
                255,
                display_name="Inferred Company",
                rest_name="inferredCompany",
                rest_read_only=True,
                id=104,
            ),
        ),
        (
            "{name: title, length: 128}",
            "Title",
            Field("Title", FieldType.STRING, 128, display_name="Job Title", rest_name="title", id=60),
        ),
        ("{name: Rating, remove: true}", "Rating", None),
    ],
)
def test_fields_are_added_replaced_changed_and_removed(entry, name, field):
    assert world(f"fields: [{entry}]").world.fields.find(name) == field


def test_a_field_of_rest_alone_can_be_changed_and_stays_one():
    found = world("fields: [{name: Priority, rest_read_only: true}]").world.fields
    assert found.find("Priority") is None
    assert found.by_rest_name("priority") == Field(
        "priority",
        FieldType.INTEGER,
        display_name="Priority",
        rest_name="priority",
        rest_read_only=True,
        soap=False,
        id=148,
    )


def test_added_fields_get_ids_that_are_counted_on_and_may_be_said():
    fields = world(
        "fields: [{name: B, type: date}, {name: A, type: date, id: 2000}, {name: C, type: date}]"
    ).world.fields
    assert [(item.name, item.id) for item in fields.every[-3:]] == [("B", 1001), ("A", 2000), ("C", 2001)]
    assert [item.id for item in fields.every] == sorted(item.id for item in fields.every)


def test_an_added_field_takes_the_rest_name_of_a_standard_one():
    fields = world("fields: [{name: gender, type: string}]").world.fields
    assert fields.by_rest_name("gender").name == "gender"
    assert not fields.find("MarketoSocialGender").rest
    assert [item.name for item in fields.rest].count("gender") == 1


def test_what_older_fixtures_take_away_may_be_gone():
    assert world("fields: [{name: JigsawContactId, remove: true}]").world.fields.named("JigsawContactId") is None


def test_an_export_of_fields_loads_again_to_the_same():
    said = """
fields:
  - {name: Late__c, type: date, id: 3000}
  - {name: gender, type: string, description: Of it, hidden: true, sensitive: true, html_encoded: false}
  - {name: Early__c, type: string, length: 40, id: 900, api_created: true}
  - {name: Next__c, type: string, read_only: true, rest_name: next, rest_read_only: true, rest: false}
  - {name: Urgency, type: integer}
  - {name: priority, length: 5, type: string, soap: false}
  - {name: mktoName, rest_read_only: false}
  - {name: inferredCountry, update_blocked: false}
  - {name: MarketoSocialTotalReferredVisits, id: 2500}
  - {name: Title, length: 128}
  - {name: Rating, remove: true}
"""
    fields = world(said).world.fields
    text = as_yaml(world_entry(world(said).world)).decode()
    again = world(text).world
    assert again.fields.every == fields.every
    assert as_yaml(world_entry(again)).decode() == text


def test_getlead_key_types_look_into_fields():
    found = world("fields: [{name: SfdcLeadId, type: string}]\nlead_keys: {SFDCLEADID: sfdcleadid}")
    assert found.world.lead_keys == {"SFDCLEADID": "SfdcLeadId"}


# ---------------------------------------------------------------------------------------------------------------------
# Leads


@pytest.mark.parametrize(
    ("leads_given", "anonymous_given", "counted"),
    [
        ([None, None], [None], [1001, 1002, 1003]),
        ([2000, None], [None], [2000, 2001, 2002]),
        ([5, None], [], [5, 6]),
        ([None, None, 1002, None], [1005, None], [1001, 1003, 1002, 1004, 1005, 1006]),  # never one given later
        ([1010, None, 7, None], [], [1010, 1011, 7, 1012]),
    ],
)
def test_absent_ids_are_counted_on(leads_given, anonymous_given, counted):
    def entries(ids):
        return [{} if lead_id is None else {"Id": lead_id} for lead_id in ids]

    content = json.dumps({"leads": entries(leads_given), "anonymous_leads": entries(anonymous_given)})
    assert [lead.id for lead in world(content).leads] == counted


def test_a_lead_is_read_with_all_that_it_has():
    (known, anonymous) = world("""
        leads:
          - Id: 1001
            Email: " Ann@Example.com "
            foreign_ids: [{id: 0123}, {type: SFDC, id: 0123}]
            cookies: ["id:287-GTJ-838&token:_mch-example.com-1-1", 287-GTJ-838&token:_mch-example.com-1-2]
            attributes: {FirstName: Ann, lastname: Lee}
            created_at: 2014-03-11T09:12:44-07:00
            updated_at: 2014-03-12T09:12:44Z
        anonymous_leads:
          - {cookies: [c], attributes: {AnonymousIP: 10.1.2.3}}
        """).leads
    assert (known.id, known.email, known.known) == (1001, "Ann@Example.com", True)
    assert known.foreign_ids == (ForeignId(ForeignSysType.CUSTOM, "0123"), ForeignId(ForeignSysType.SFDC, "0123"))
    assert known.cookies == ("287-GTJ-838&token:_mch-example.com-1-1", "287-GTJ-838&token:_mch-example.com-1-2")
    assert known.attributes == {"FirstName": "Ann", "LastName": "Lee"}
    assert known.created_at == datetime(2014, 3, 11, 16, 12, 44, tzinfo=UTC)
    assert known.updated_at == datetime(2014, 3, 12, 9, 12, 44, tzinfo=UTC)
    assert (anonymous.id, anonymous.email, anonymous.known, anonymous.cookies) == (1002, None, False, ("c",))


def test_one_e_mail_may_be_that_of_several_leads():
    assert len(world("leads: [{Email: a@b.c}, {Email: A@B.C}]").leads) == 2


def test_aliases_are_followed():
    found = world("leads:\n- attributes: &ann {FirstName: Ann}\n- attributes: *ann")
    assert [lead.attributes for lead in found.leads] == [{"FirstName": "Ann"}] * 2


def test_without_libyaml_everything_is_read_the_same(monkeypatch):
    text = 'leads:\n- {Id: 1, attributes: {Country: NO, City: "~", Title: ~}}\n'
    with_libyaml = world(text)
    monkeypatch.setattr(reading, "_LOADER", yaml.BaseLoader)
    assert world(text).leads == with_libyaml.leads


# ---------------------------------------------------------------------------------------------------------------------
# Several worlds


def test_one_file_may_hold_several_worlds():
    first, second = parse_worlds(
        "subscriptions:\n- {subscription: a, leads: [{}]}\n- {subscription: b, credentials: []}", "two.yaml"
    )
    assert (first.subscription, len(first.leads)) == ("a", 1)
    assert (second.subscription, len(second.leads)) == ("b", 0)


def test_each_world_counts_its_own_ids_and_keys():
    lead = "leads: [{foreign_ids: [{id: A-1}], cookies: [c]}]"
    worlds = parse_worlds(
        f"subscriptions:\n- {{subscription: a, {lead}}}\n- {{subscription: b, credentials: [], {lead}}}", "two.yaml"
    )
    assert [item.leads[0].id for item in worlds] == [1001, 1001]


# ---------------------------------------------------------------------------------------------------------------------
# Into a subscription


@pytest.fixture
def registry():
    with_nothing = Registry()
    yield with_nothing
    with_nothing.close()


def test_a_world_becomes_a_subscription_with_its_leads_and_their_keys(registry):
    given = world("""
        subscription: sandbox
        credentials: [{user_id: me, encryption_keys: [k]}]
        clients: [{client_id: mine, client_secrets: [s]}]
        partitions: [Europe]
        lead_keys: {SFDCLEADID: Title}
        leads:
          - Email: a@b.c
            partition: Europe
            foreign_ids: [{id: A}, {id: B}]
            cookies: ["id:c"]
            attributes: {Title: T}
          - {Email: A@B.C}
        anonymous_leads: [{Id: 3000}]
        """)
    database = load(given, registry)
    assert database is registry.get("sandbox")
    assert registry.credential("me") == given.credentials[0]
    assert registry.client("mine") == given.clients[0]
    with database.transaction() as session:
        assert session.world.partitions == ("Europe", "Default")
        assert leads.by_id(session, 1001).partition == "Europe"
        assert leads.id_by_foreign_id(session, ForeignId(ForeignSysType.CUSTOM, "A")) == 1001
        assert leads.foreign_ids_of(session, 1001)[0].id == "B"  # the latest written
        assert leads.id_by_cookie(session, "c") == 1001
        assert leads.ids_by_lead_key(session, "SFDCLEADID", "T") == (1001,)
        assert leads.ids_by_email(session, "a@b.c") == (1002, 1001)  # later in the file: more recent
        assert leads.ids_by_email(session, "a@b.c", newest_created=True) == (1002, 1001)
        assert (leads.by_id(session, 1001).known, leads.by_id(session, 3000).known) == (True, False)
        assert session.take_lead_id() == 3001


def test_times_that_the_fixture_leaves_open_are_those_of_loading_or_of_each_other(registry):
    database = load(
        world("""
        leads:
          - {}
          - {created_at: 2014-01-01T00:00:00Z}
          - {updated_at: 2015-01-01T00:00:00Z}
          - {created_at: 2014-01-01T00:00:00Z, updated_at: 2015-01-01T00:00:00Z}
        """),
        registry,
    )
    early, late = datetime(2014, 1, 1, tzinfo=UTC), datetime(2015, 1, 1, tzinfo=UTC)
    with database.transaction() as session:
        stored = [leads.by_id(session, lead_id) for lead_id in (1001, 1002, 1003, 1004)]
        assert stored[0].created_at == stored[0].updated_at <= session.now
    assert [(lead.created_at, lead.updated_at) for lead in stored[1:]] == [(early, early), (late, late), (early, late)]


def test_a_reset_returns_to_the_fixture(registry):
    database = load(world("leads: [{Email: a@b.c}]"), registry)
    with database.transaction() as session:
        leads.delete_lead(session, 1001)
    registry.set_callers("default", (), ())
    registry.reset("default")
    with database.transaction() as session:
        assert leads.by_id(session, 1001).email == "a@b.c"
    assert registry.credential("mockmkto") is not None
    assert registry.client("mockmkto-client") is not None


def test_a_world_is_loaded_wholly_or_not_at_all(registry):
    load(world("subscription: first"), registry)
    with pytest.raises(DuplicateUserError):
        load(world("subscription: second"), registry)  # the default credential is that of the first
    clients = "clients: [{client_id: mockmkto-client, client_secrets: [s]}]"
    with pytest.raises(DuplicateClientError):
        load(world(f"{{subscription: second, credentials: [], {clients}}}"), registry)
    assert registry.names() == ("first",)
    with pytest.raises(SubscriptionError):
        load(world("subscription: first"), registry)
    assert registry.names() == ("first",)
