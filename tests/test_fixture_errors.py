"""What is said about a fixture that is wrong: file, line, key, what was expected; all of it at once, nothing loaded."""

from __future__ import annotations

import json
import re
import tracemalloc
from textwrap import dedent

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mockmkto.engine.permissions import PERMISSIONS
from mockmkto.settings import SWITCHES
from mockmkto.worlds import FixtureError, parse_worlds, read_all, read_worlds, reading


def problems(text: str) -> list[str]:
    with pytest.raises(FixtureError) as caught:
        parse_worlds(dedent(text), "demo.yaml")
    return [str(problem) for problem in caught.value.problems]


def problem(text: str) -> str:
    (only,) = problems(text)
    return only


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # The kind of value.
        ("leads:\n- Id: x", "demo.yaml:2: leads[0].Id: expected an integer, got 'x'"),
        ("leads:\n- Id: 1.5", "demo.yaml:2: leads[0].Id: expected an integer, got '1.5'"),
        ("leads:\n- [1]", "demo.yaml:2: leads[0]: expected a mapping of keys to values, got a list"),
        ("leads:\n- ", "demo.yaml:2: leads[0]: expected a mapping of keys to values, got nothing"),
        ("leads: x", "demo.yaml:1: leads: expected a list, got 'x'"),
        ("just text", "demo.yaml:1: expected a mapping of keys to values, got 'just text'"),
        ("fields:\n- {name: a,\n   type: [b]}", "demo.yaml:3: fields[0].type: expected text, got a list"),
        (
            "fields: [{name: a, type: url, read_only: yes}]",
            "demo.yaml:1: fields[0].read_only: expected true or false, got 'yes'",
        ),
        (
            "credentials:\n- {user_id: a, encryption_keys: top-secret}",
            "demo.yaml:2: credentials[0].encryption_keys: expected a list, got a single text",
        ),
        # Keys.
        (
            "\nleads:\n- Id: 1\n  email: a@b.c",
            "demo.yaml:4: leads[0].email: unknown key (did you mean 'Email'?); known here: Id, partition, cookies, "
            "attributes, created_at, updated_at, created_order, updated_order, Email, foreign_ids",
        ),
        (
            "lead: []",
            "demo.yaml:1: lead: unknown key (did you mean 'leads'?); known here: subscription, credentials, clients, "
            "hosts, time_zone, behaviour, limits, clock, workspaces, partitions, assignment_rules, fields, lead_keys, "
            "next_id, leads, anonymous_leads, channels, tags, programs, lists, campaigns, imports, "
            "activity_types, activities, opportunity_fields, role_fields, companies, opportunities, "
            "opportunity_roles, custom_object_types, next_ids, faults, counted, rest_counted",
        ),
        (
            "assignment_rules: [{name: r, partition: Default, when: [{field: City, equals: x}]}]",
            "demo.yaml:1: assignment_rules[0].when[0].equals: unknown key; known here: field, is, is_not, starts_with, "
            "ends_with, contains, in, is_empty, is_not_empty",
        ),
        (
            "anonymous_leads: [{Email: a@b.c}]",
            "demo.yaml:1: anonymous_leads[0].Email: an anonymous lead has no Email: put a lead that has one under "
            "`leads`",
        ),
        (
            "credentials:\n- user_id: a",
            "demo.yaml:2: credentials[0]: expected the key `encryption_keys`, which is missing",
        ),
        ("subscriptions: []", "demo.yaml:1: subscriptions: expected at least one subscription"),
        (
            "subscriptions:\n- {}\nleads: []",
            "demo.yaml:3: leads: beside `subscriptions` no other key may stand: put it into one of them",
        ),
        # The top.
        (
            "subscription: a b",
            "demo.yaml:1: subscription: expected 1 to 64 letters, digits, '.', '_' or '-', the first a letter or "
            "digit, got 'a b'",
        ),
        (
            "time_zone: Europe/Berlim",
            "demo.yaml:1: time_zone: expected the name of a time zone, such as America/Los_Angeles or UTC, got "
            "'Europe/Berlim' (did you mean 'Europe/Berlin'?)",
        ),
        (
            "behaviour:\n  keyless_leads: maybe",
            "demo.yaml:2: behaviour.keyless_leads: expected reject or create, got 'maybe'",
        ),
        (
            "behaviour: {signature_window: soon}",
            "demo.yaml:1: behaviour.signature_window: expected a duration such as 90s, 15m, 1h30m or 2d, or off, "
            "got 'soon'",
        ),
        (
            "behaviour: {keyless_lead: create}",
            "demo.yaml:1: behaviour.keyless_lead: unknown switch (did you mean 'keyless_leads'?); known here: "
            + ", ".join(switch.name for switch in SWITCHES),
        ),
        (
            "behaviour: {keyless_leads: }",
            "demo.yaml:1: behaviour.keyless_leads: expected reject or create, got nothing",
        ),
        # Credentials.
        (
            "credentials: [{user_id: a, encryption_keys: []}]",
            "demo.yaml:1: credentials[0].encryption_keys: expected one key, or two while one is being rotated, got 0",
        ),
        (
            "credentials: [{user_id: a, encryption_keys: [a, b, c]}]",
            "demo.yaml:1: credentials[0].encryption_keys: expected one key, or two while one is being rotated, got 3",
        ),
        (
            "credentials: [{user_id: a, encryption_keys: ['']}]",
            "demo.yaml:1: credentials[0].encryption_keys: expected a key, got an empty text",
        ),
        (
            "credentials:\n- {user_id: a, encryption_keys: [k]}\n- {user_id: a, encryption_keys: [k]}",
            "demo.yaml:3: credentials[1].user_id: 'a' is given twice: also at credentials[0]",
        ),
        (
            "clients: [{client_id: a}]",
            "demo.yaml:1: clients[0]: expected the key `client_secrets`, which is missing",
        ),
        (
            "clients: [{client_id: a, client_secrets: []}]",
            "demo.yaml:1: clients[0].client_secrets: expected one secret, or two while one is being rotated, got 0",
        ),
        (
            "clients: [{client_id: a, client_secrets: [b, '']}]",
            "demo.yaml:1: clients[0].client_secrets: expected a secret, got an empty text",
        ),
        (
            "clients: [{client_id: '', client_secrets: [a]}]",
            "demo.yaml:1: clients[0].client_id: expected a client id, got an empty text",
        ),
        (
            "clients: [{client_id: a, client_secrets: [b], user: ''}]",
            "demo.yaml:1: clients[0].user: expected the e-mail of an API-only user, got an empty text",
        ),
        (
            "clients:\n- {client_id: a, client_secrets: [s]}\n- {client_id: a, client_secrets: [s]}",
            "demo.yaml:3: clients[1].client_id: 'a' is given twice: also at clients[0]",
        ),
        (
            "clients: [{client_id: a, client_secrets: [b], permissions: [Read-Write Leads]}]",
            "demo.yaml:1: clients[0].permissions[0]: there is no permission 'Read-Write Leads' (did you mean "
            f"'Read-Write Lead'?); known: {', '.join(PERMISSIONS)}",
        ),
        # Places and rules.
        (
            "workspaces: [{name: EMEA}, {name: emea}]",
            "demo.yaml:1: workspaces[1].name: 'emea' is given twice: also at workspaces[0]",
        ),
        ("partitions: [Asia, asia]", "demo.yaml:1: partitions[1]: 'asia' is given twice: also at partitions[0]"),
        ("partitions: ['']", "demo.yaml:1: partitions[0]: expected a name without space around it, got ''"),
        (
            "partitions: [Europe]\nleads: [{partition: Europa}]",
            "demo.yaml:2: leads[0].partition: there is no partition 'Europa' (did you mean 'Europe'?); known here: "
            "Europe, Default",
        ),
        (
            "assignment_rules: [{name: r, partition: Mars}]",
            "demo.yaml:1: assignment_rules[0].partition: there is no partition 'Mars'; known here: Default",
        ),
        (
            "assignment_rules:\n- {name: r, partition: Default}\n- {name: R, partition: Default}",
            "demo.yaml:3: assignment_rules[1].name: 'R' is given twice: also at assignment_rules[0]",
        ),
        (
            "assignment_rules: [{name: r, partition: Default, when: [{field: Contry, is: x}]}]",
            "demo.yaml:1: assignment_rules[0].when[0].field: there is no field 'Contry' (did you mean 'Country'?)",
        ),
        (
            "assignment_rules: [{name: r, partition: Default, when: [{field: City, is: x, is_not: y}]}]",
            "demo.yaml:1: assignment_rules[0].when[0]: expected exactly one of is, is_not, starts_with, ends_with, "
            "contains, in, is_empty, is_not_empty, got is, is_not",
        ),
        (
            "assignment_rules: [{name: r, partition: Default, when: [{field: City}]}]",
            "demo.yaml:1: assignment_rules[0].when[0]: expected exactly one of is, is_not, starts_with, ends_with, "
            "contains, in, is_empty, is_not_empty, got none",
        ),
        (
            "assignment_rules: [{name: r, partition: Default, when: [{field: City, is_empty: false}]}]",
            "demo.yaml:1: assignment_rules[0].when[0].is_empty: expected true",
        ),
        (
            "assignment_rules: [{name: r, partition: Default, when: [{field: City, in: []}]}]",
            "demo.yaml:1: assignment_rules[0].when[0].in: expected at least one value",
        ),
        (
            "assignment_rules: [{name: r, partition: Default, when: [{field: DoNotCall, is: maybe}]}]",
            "demo.yaml:1: assignment_rules[0].when[0].is: expected 1, true, yes, t, 0, false, no or f, got 'maybe'",
        ),
        # Fields.
        (
            "fields: [{name: a, type: strin}]",
            "demo.yaml:1: fields[0].type: expected one of string, text, url, phone, email, reference, integer, score, "
            "percent, float, currency, boolean, date, datetime, got 'strin' (did you mean 'string'?)",
        ),
        (
            "fields: [{name: a}]",
            "demo.yaml:1: fields[0]: expected the key `type`, which only a change to a standard field may leave out",
        ),
        ("fields: [{name: a, remove: true}]", "demo.yaml:1: fields[0].name: there is no field 'a' to remove"),
        (
            "fields: [{name: email, type: email}]",
            "demo.yaml:1: fields[0].name: Email is a part of every lead, not a field",
        ),
        (
            "fields: [{name: a, type: date, length: 5}]",
            "demo.yaml:1: fields[0].length: a field of type date has no length",
        ),
        ("fields: [{name: a, type: url, length: 0}]", "demo.yaml:1: fields[0].length: expected 1 to 2147483647, got 0"),
        ("fields: [{name: a, type: url, id: 0}]", "demo.yaml:1: fields[0].id: expected 1 to 2147483647, got 0"),
        (
            "fields: [{name: a, type: url}, {name: A, type: url}]",
            "demo.yaml:1: fields[1].name: 'A' is given twice: also at fields[0]",
        ),
        (
            "lead_keys: {EMAIL: City}",
            "demo.yaml:1: lead_keys.EMAIL: unknown key type; known here: "
            "LEADOWNEREMAIL, SFDCACCOUNTID, SFDCCONTACTID, SFDCLEADID, SFDCLEADOWNERID, SFDCOPPTYID",
        ),
        ("lead_keys: {SFDCLEADID: Nowhere}", "demo.yaml:1: lead_keys.SFDCLEADID: there is no field 'Nowhere'"),
        ("lead_keys: {SFDCLEADID: [x]}", "demo.yaml:1: lead_keys.SFDCLEADID: expected the name of a field, got a list"),
        # Leads.
        ("leads:\n- Id: 0", "demo.yaml:2: leads[0].Id: expected 1 to 2147483647, got 0"),
        ("leads:\n- Id: 2147483648", "demo.yaml:2: leads[0].Id: expected 1 to 2147483647, got 2147483648"),
        ("leads:\n- Id: 2147483647\n- {}", "demo.yaml:3: leads[1]: expected an Id: none is left above 2147483647"),
        (
            "leads:\n- Id: 7\nanonymous_leads:\n- Id: 7",
            "demo.yaml:4: anonymous_leads[0].Id: the Id '7' is already that of leads[0]",
        ),
        (
            "leads:\n- foreign_ids: [{id: A-1}]\n- foreign_ids: [{type: SFDC, id: A-1}, {type: CUSTOM, id: A-1}]",
            "demo.yaml:3: leads[1].foreign_ids[1]: the CUSTOM id 'A-1' is already that of leads[0]",
        ),
        (
            "leads: [{foreign_ids: [{type: custom, id: A-1}]}]",
            "demo.yaml:1: leads[0].foreign_ids[0].type: expected one of CUSTOM, SFDC, NETSUITE, got 'custom' (did you "
            "mean 'CUSTOM'?)",
        ),
        (
            "leads: [{foreign_ids: [{id: ''}]}]",
            "demo.yaml:1: leads[0].foreign_ids[0].id: expected an id, got an empty text",
        ),
        (
            "leads:\n- cookies: ['id:x']\nanonymous_leads:\n- cookies: [x]",
            "demo.yaml:4: anonymous_leads[0].cookies[0]: the cookie 'x' is already that of leads[0]",
        ),
        ("leads: [{cookies: [x, x]}]", "demo.yaml:1: leads[0].cookies[1]: the cookie 'x' is already that of leads[0]"),
        ("leads: [{cookies: ['id:']}]", "demo.yaml:1: leads[0].cookies[0]: expected a cookie, got an empty text"),
        (
            "leads:\n- attributes:\n    FristName: Ann",
            "demo.yaml:3: leads[0].attributes.FristName: there is no field 'FristName' (did you mean 'FirstName'?)",
        ),
        (
            "leads: [{attributes: {Email: a@b.c}}]",
            "demo.yaml:1: leads[0].attributes.Email: Email is a part of the lead, not an attribute: use `Email:` "
            "of the lead",
        ),
        (
            "leads: [{attributes: {CreatedAt: 2015-01-01}}]",
            "demo.yaml:1: leads[0].attributes.CreatedAt: CreatedAt is a part of the lead, not an attribute: use "
            "`created_at:` of the lead",
        ),
        (
            "leads: [{attributes: {City: a, city: b}}]",
            "demo.yaml:1: leads[0].attributes.city: the field City is given twice",
        ),
        (
            "leads: [{attributes: {City: [a]}}]",
            "demo.yaml:1: leads[0].attributes.City: expected a single value, got a list",
        ),
        (
            "leads: [{attributes: {LeadScore: high}}]",
            "demo.yaml:1: leads[0].attributes.LeadScore: expected a whole number from -2147483648 to "
            "2147483647, got 'high'",
        ),
        (
            f"leads: [{{attributes: {{City: {'x' * 256}}}}}]",
            "demo.yaml:1: leads[0].attributes.City: expected no more than 255 characters",
        ),
        (f"leads: [{{Email: {'x' * 256}}}]", "demo.yaml:1: leads[0].Email: expected no more than 255 characters"),
        (
            "leads: [{created_at: yesterday}]",
            "demo.yaml:1: leads[0].created_at: expected a time such as 2015-06-23T15:41:32-07:00, got 'yesterday'",
        ),
        (
            "leads: [{created_at: 2015-06-23, updated_at: 2015-06-22}]",
            "demo.yaml:1: leads[0].updated_at: expected a time that is not before created_at",
        ),
        # YAML itself.
        ("leads:\n- Email: \ud800", "demo.yaml:2: expected text that UTF-8 can carry"),
        ("leads:\n- Id: 1\n  Id: 2", "demo.yaml:3: leads[0]: the key 'Id' is given twice"),
        ("leads: [\n", "demo.yaml:2: not YAML: while parsing a flow node, did not find expected node content"),
        ("leads:\n- Email: ü\x07", "demo.yaml:2: not YAML: control characters are not allowed"),
        ("leads: []\n---\nleads: []", "demo.yaml:2: expected one document, got another after '---'"),
        ("leads:\n- {Id: !!int 5}", "demo.yaml:2: leads[0].Id: expected no tag, got tag:yaml.org,2002:int"),
        ("leads: !mine []", "demo.yaml:1: leads: expected no tag, got !mine"),
        ("? [a]\n: b", "demo.yaml:1: expected a key that is text"),
        ("~: b", "demo.yaml:1: expected a key that is text"),
        ("leads: *one", "demo.yaml:1: leads: expected an anchor that was closed before, got *one"),
        ("leads: &one [*one]", "demo.yaml:1: leads[0]: expected an anchor that was closed before, got *one"),
        ("leads: &one []\npartitions: &one []", "demo.yaml:2: partitions: the anchor &one is given twice"),
        (
            'leads: [{attributes: {City: "\\x01"}}]',
            "demo.yaml:1: leads[0].attributes.City: expected text that an XML answer can carry, got a control "
            "character",
        ),
    ],
)
def test_an_error_names_file_line_key_and_what_was_expected(text, message):
    assert problem(text) == message


def test_everything_that_is_wrong_is_told_at_once():
    assert problems("""
        leads:
          - Id: 1
            attributes: {LeadScore: x}
          - Id: 1
            partition: Mars
        """) == [
        "demo.yaml:5: leads[1].Id: the Id '1' is already that of leads[0]",
        "demo.yaml:4: leads[0].attributes.LeadScore: expected a whole number from -2147483648 to 2147483647, got 'x'",
        "demo.yaml:6: leads[1].partition: there is no partition 'Mars'; known here: Default",
    ]


def test_but_not_more_than_a_screenful():
    assert len(problems(json.dumps({"leads": [{"partition": "Mars"}] * 1000}))) == 20


def test_a_file_that_is_not_utf_8_is_told_with_its_line():
    with pytest.raises(FixtureError, match=r"^demo\.yaml:2: expected text in UTF-8$"):
        parse_worlds(b"leads:\n- {Email: \xff}", "demo.yaml")


# ---------------------------------------------------------------------------------------------------------------------
# Small files that would be large worlds


def test_aliases_of_aliases_do_not_multiply_without_bound():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert "expected no more than 5,000,000 values, aliases followed" in problem("\n".join(lines))


def test_a_document_is_not_nested_without_bound():
    assert problem("[" * 100_000).endswith("expected no more than 32 levels")


def test_without_libyaml_the_lines_are_the_same(monkeypatch):
    monkeypatch.setattr(reading, "_LOADER", yaml.BaseLoader)
    assert problem("leads:\n- {Id: 1}\n- Id: x") == "demo.yaml:3: leads[1].Id: expected an integer, got 'x'"
    assert problem("leads: [\n").startswith("demo.yaml:2: not YAML: ")


_KEYS = st.sampled_from(
    (
        *("subscription", "subscriptions", "credentials", "time_zone", "behaviour", "workspaces", "partitions"),
        *(
            "assignment_rules",
            "fields",
            "lead_keys",
            "leads",
            "anonymous_leads",
            "name",
            "type",
            "when",
            "field",
            "is",
            "in",
        ),
        *("Id", "Email", "partition", "foreign_ids", "id", "cookies", "attributes", "City", "LeadScore", "created_at"),
    )
)
_SCALARS = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["Default", "string", "1001"])
)
_PLAIN = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=20
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(_KEYS, _PLAIN, max_size=4).map(json.dumps) | st.text(max_size=60) | st.binary(max_size=40))
def test_whatever_is_given_it_is_a_world_or_an_error_with_its_place(content):
    try:
        said = [item.subscription for item in parse_worlds(content, "demo.yaml")]
    except FixtureError as error:
        said = [str(item) for item in error.problems if str(item).startswith("demo.yaml:")]
    assert said


# ---------------------------------------------------------------------------------------------------------------------
# Several worlds


def test_the_line_of_an_error_in_one_of_several_worlds():
    assert problem("subscriptions:\n- {}\n- leads:\n  - Id: x") == (
        "demo.yaml:4: subscriptions[1].leads[0].Id: expected an integer, got 'x'"
    )


def test_two_worlds_cannot_both_have_the_default_credential():
    assert problem("subscriptions:\n- subscription: a\n- subscription: b") == (
        "demo.yaml:3: subscriptions[1].credentials[0].user_id: the user id 'mockmkto' of the subscription 'b' already "
        "opens 'a' of demo.yaml: subscriptions[0]: give each its own `credentials`"
    )


def test_two_worlds_cannot_have_one_client():
    client = "clients: [{client_id: x, client_secrets: [s]}]"
    text = f"subscriptions:\n- {{subscription: a, {client}}}\n- {{subscription: b, credentials: [], {client}}}"
    assert problem(text) == (
        "demo.yaml:3: subscriptions[1].clients[0].client_id: the client id 'x' of the subscription 'b' already "
        "opens 'a' of demo.yaml: subscriptions[0]: give each its own `clients`"
    )


def test_two_worlds_cannot_be_one_subscription():
    assert problem("subscriptions:\n- {subscription: a, credentials: []}\n- {subscription: A, credentials: []}") == (
        "demo.yaml:3: subscriptions[1].subscription: the subscription 'A' is already that of demo.yaml: "
        "subscriptions[0]: give each a name of its own"
    )


def test_nor_can_those_of_two_files(tmp_path):
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text("subscription: a")
    two.write_text("leads: []\nsubscription: A\ncredentials: []")
    with pytest.raises(FixtureError) as caught:
        read_all([one, two])
    assert str(caught.value) == (
        f"{two}:2: subscription: the subscription 'A' is already that of {one}: give each a name of its own"
    )


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(FixtureError, match=r"nothing\.yaml: cannot be read: No such file"):
        read_worlds(tmp_path / "nothing.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "credentials:\n- alice:SECRET",
        "credentials: alice:SECRET",
        "credentials: {alice: SECRET}",
        "credentials:\n- [alice, SECRET]",
        "credentials:\n- {alice:SECRET}",
        "credentials:\n- alice: SECRET",
        "credentials:\n- {user_id: [SECRET], encryption_keys: [k]}",
        "credentials:\n- {user_id: alice, encryption_keys: SECRET}",
        "credentials:\n- {user_id: alice, encryption_keys: [k], blocked: SECRET}",
        "credentials:\n- {user_id: alice, encryption_keys: [[SECRET]]}",
        "subscriptions:\n- credentials:\n  - alice:SECRET",
        "clients:\n- alice:SECRET",
        "clients:\n- {alice:SECRET}",
        "clients:\n- {client_id: alice, client_secrets: SECRET}",
    ],
)
def test_nothing_of_a_credential_or_a_client_is_repeated(text):
    (said,) = problems(text)
    assert "credentials" in said or "clients" in said
    assert "SECRET" not in said


# ---------------------------------------------------------------------------------------------------------------------
# All of it at once


def test_what_stands_behind_a_misspelt_key_is_judged_as_well():
    found = problems(
        """
        field:
        - {name: Rank, type: nonsense}
        leads:
        - {email: ann@example.com, attributes: {LeadScore: many}}
        - {Id: x}
        - {Email: ben@example.com, partition: Nowhere}
        """
    )
    assert [re.sub("; known here.*|of string, .*, datetime", "", text.partition(":")[2]) for text in found] == [
        "2: field: unknown key (did you mean 'fields'?)",
        "5: leads[0].email: unknown key (did you mean 'Email'?)",
        "6: leads[1].Id: expected an integer, got 'x'",
        "3: field[0].type: expected one , got 'nonsense'",
        "5: leads[0].attributes.LeadScore: expected a whole number from -2147483648 to 2147483647, got 'many'",
        "7: leads[2].partition: there is no partition 'Nowhere'",
    ]


def test_items_keep_their_places_when_one_before_them_cannot_be_read():
    found = problems("leads:\n- [1]\n- {Id: y}\n- {Id: 5, partiton: Nowhere}\n- {Id: z}")
    assert [text.partition(": expected")[0].partition(": there")[0].partition(": unknown")[0] for text in found] == [
        "demo.yaml:2: leads[0]",
        "demo.yaml:3: leads[1].Id",
        "demo.yaml:4: leads[2].partiton",
        "demo.yaml:5: leads[3].Id",
        "demo.yaml:4: leads[2].partiton",
    ]


def test_what_is_left_out_is_not_missed():
    """A key that is there with a value of the wrong kind is no key that is missing; who refers to it has no mistake."""
    assert len(problems("credentials: [{user_id: a, encryption_keys: top-secret}]")) == 1
    assert len(problems("partitions: Europe\nleads: [{Id: 1, partition: Europe}]")) == 1
    assert len(problems("fields: [{name: Rank, type: [integer]}]\nleads: [{Id: 1, attributes: {Rank: 5}}]")) == 1


def test_of_very_many_problems_the_first_are_said():
    text = "leads:\n" + "".join(f"- {{Id: x{number}}}\n" for number in range(1000))
    assert len(problems(text)) == 20


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("leads:\n" + "- {Id: 1, Nope: x}\n" * 20_000, 2, "unknown key"),
        ("[" + "1," * 200_000 + "1]", 1, "expected a mapping of keys to values, got a list"),
        ("leads: [" + "{Id: 1, attributes: {City: Ghent}}," * 20_000 + "{Id: x}]", 1, "expected an integer"),
    ],
    ids=["a mistake in each lead", "a long list", "a mistake at the end"],
)
def test_a_large_document_is_refused_in_little_memory(text, line, said):
    content = text.encode()
    tracemalloc.start()
    try:
        with pytest.raises(FixtureError) as refused:
            parse_worlds(content, "body")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused.value.problems[0].line == line
    assert said in str(refused.value)
    assert peak < 60_000_000


def test_the_lines_of_many_mistakes_are_those_of_each():
    text = "leads:\n" + "".join(f"- Id: {number}\n  attributes:\n    Nope: x\n" for number in range(1, 30))
    with pytest.raises(FixtureError) as refused:
        parse_worlds(text, "body")
    assert [problem.line for problem in refused.value.problems] == [4 + 3 * number for number in range(20)]


def test_a_world_that_comes_in_a_request_may_have_fewer_values():
    parse_worlds("leads: [{Id: 1}]", "body", 10)
    with pytest.raises(FixtureError, match="expected no more than 3 values, aliases followed"):
        parse_worlds("leads: [{Id: 1}]", "body", 3)
