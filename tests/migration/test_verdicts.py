"""What a proof makes of a difference: noise, what is allowed, what is only another form; and how it says so."""

from __future__ import annotations

import itertools
import json
import re

import pytest
from lxml import etree
from plain_client import Client
from proofs import named, proof_of
from support import attribute_list

from mockmkto.migration.allowing import BadAllowanceError, read_allowed
from mockmkto.migration.model import Verdict
from mockmkto.migration.pairing import UnknownKeyError
from mockmkto.migration.reporting import as_json, as_junit, as_text

FIXTURE = """
fields:
- {name: LastSeen, type: datetime}
- {name: Vip, type: boolean}
- {name: AccountId, type: string}
leads:
- {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann, AccountId: A-1}}
"""


def ann(marketo, **values):
    marketo.sync(values, Email="ann@example.com")


def test_a_form_that_says_the_same_is_no_difference():
    proof = proof_of(
        FIXTURE,
        lambda m: ann(m, LastSeen="2026-03-14T09:00:00-05:00", Vip="false"),
        lambda m: ann(m, LastSeen="2026-03-14T14:00:00Z"),
    )
    assert proof.equal
    assert named(proof, Verdict.FORM) == {
        "ann@example.com: LastSeen",
        "ann@example.com: Vip",
        "ann@example.com: activity Change Data Value Vip",  # from nothing to false
    }
    assert named(proof, Verdict.UNEXPLAINED) == set()


def test_where_the_old_program_differs_from_itself_is_noise():
    numbers = itertools.count()

    def old(marketo):
        ann(marketo, Title=f"run {next(numbers)}")

    def new(marketo):
        ann(marketo, Title="another run", Phone="1")

    proof = proof_of(FIXTURE, old, new, twice_old=True)
    assert "ann@example.com: Title / title" in named(proof, Verdict.EXPECTED)
    assert named(proof) == {
        "ann@example.com: Phone / phone",
        "ann@example.com: activity Change Data Value Phone Number",
    }
    assert {found.rule for _, found in proof.differences if found.verdict is Verdict.EXPECTED} == {"noise"}


@pytest.mark.parametrize(
    ("line", "allows"),
    {
        "ann@example.com | Phone | the form has no phone": True,
        "*@EXAMPLE.com | phone | in any case, by either name": True,
        "* | Phone / phone: 1 -> * | by its values": True,
        "* | Phone / phone: 2 -> * | by other values": False,
        "bob@example.com | Phone | of somebody else": False,
        "* | Title | another field": False,
    }.items(),
)
def test_a_line_allows_what_it_names_and_what_follows_from_it(line, allows):
    proof = proof_of(FIXTURE, lambda m: ann(m, Phone="1"), lambda m: ann(m, FirstName="Ann"), allow=f"# why\n\n{line}")
    assert proof.equal is allows
    assert [item.text for item in proof.unused] == ([] if allows else [line])
    assert ("allowed, but nothing to allow: line 3: " in as_text(proof)) is not allows
    if allows:
        assert line.rpartition("| ")[2] in as_text(proof)


@pytest.mark.parametrize("line", ["* | Phone", "* | Phone |", "| Phone | why", "Phone: why"])
def test_a_line_without_a_reason_is_refused(line):
    with pytest.raises(BadAllowanceError, match=re.escape("allow.txt, line 2: expected WHOSE | WHAT | REASON")):
        read_allowed(f"# why\n{line}\n", "allow.txt")


def test_leads_are_paired_by_the_key_that_is_asked_for():
    def moved(marketo):
        marketo.sync({"Email": "anne@example.com"}, Id=1001)

    def made(marketo):
        moved(marketo)
        marketo.sync({"Email": "ann@example.com"}, ForeignSysPersonId="Z-1")

    by_email = proof_of(FIXTURE, lambda m: None, moved)
    assert named(by_email) == {
        "ann@example.com: Email / email",
        "ann@example.com: activity Change Data Value Email Address",
    }
    (lead,) = (item for item in by_email.compared if item.differences)
    assert (lead.old_id, lead.new_id, lead.paired_by) == (1001, 1001, "lead of the fixture")
    by_field = proof_of(FIXTURE, lambda m: None, made, pair_by=["AccountId"])
    assert {(item.label, item.old_id, item.new_id, item.paired_by) for item in by_field.compared} == {
        ("ann@example.com", 1001, 1001, "AccountId"),
        ("ann@example.com", None, 1002, ""),
    }
    with pytest.raises(UnknownKeyError, match="'Nothing': it is no field"):
        proof_of(FIXTURE, moved, moved, pair_by=["Nothing"])


def test_objects_and_custom_objects_are_compared_by_their_names():
    fixture = (
        FIXTURE
        + """
opportunity_fields: [{name: Deal, type: string}]
custom_object_types:
- {name: Roadshow, keys: [MKTOID, rid], link: {field: MKTOID, to: Id},
   fields: [{name: MKTOID, type: integer}, {name: rid, type: string}, {name: city, type: string}]}
"""
    )

    def program(city, amount, extra=False):
        def run(marketo):
            if extra:  # another Id for the same lead
                marketo.sync({}, Email="zoe@example.com")
            lead = marketo.sync({}, Email="bob@example.com").lead_id
            if not extra:
                marketo.sync({}, Email="zoe@example.com")
            marketo.call(
                "syncCustomObjects",
                {
                    "objTypeName": "Roadshow",
                    "customObjList": {
                        "customObj": {
                            "customObjKeyList": attribute_list([("MKTOID", str(lead)), ("rid", "r1")]),
                            "customObjAttributeList": attribute_list([("city", city)]),
                        }
                    },
                    "operation": "UPSERT",
                },
            )
            marketo.call(
                "syncMObjects",
                {
                    "mObjectList": {
                        "mObject": {
                            "type": "Opportunity",
                            "externalKey": {"name": "Deal", "value": "D-1"},
                            "attribList": {
                                "attrib": [{"name": "Name", "value": "Big"}, {"name": "Amount", "value": amount}]
                            },
                        }
                    },
                    "operation": "UPSERT",
                },
            )

        return run

    assert proof_of(fixture, program("Bonn", "5"), program("Bonn", "5.00", extra=True)).equal
    proof = proof_of(fixture, program("Bonn", "5"), program("Koeln", "6", extra=True))
    assert named(proof) == {"Roadshow MKTOID bob@example.com, rid r1: city", "D-1: Amount"}


def test_a_proof_says_the_same_in_every_form():
    proof = proof_of(FIXTURE, lambda m: ann(m, Title=" Boss"), lambda m: ann(m, Title="Boss"))
    assert as_text(proof).splitlines()[-1] == (
        "Not equal: 1 lead and 3 other things compared: 3 the same, 1 unexplained."
    )
    line = "Title / title                 old ' Boss'       new Boss\n      unexplained: only white space differs"
    assert line in as_text(proof)
    told = json.loads(as_json(proof))
    assert (told["equal"], told["counts"]["unexplained"], told["same"]) == (False, 1, {"field": 3})
    (lead,) = told["compared"]
    assert (lead["label"], lead["verdict"]) == ("ann@example.com", "unexplained")
    assert lead["calls"][0]["old"] == ["syncLead UPDATED"]
    suite = etree.fromstring(as_junit(proof))
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert suite.findtext("testcase/failure").startswith(f"  {line}")


def test_the_fixture_of_pytest_runs_both_and_explains(mockmkto_proof):
    world = {"leads": [{"Id": 1001, "Email": "ann@example.com", "attributes": {"FirstName": "Ann"}}]}

    def old(marketo):
        Client.of(marketo).sync("ann@example.com", Title="Boss")

    def new(marketo):
        Client.of(marketo).sync("ann@example.com", Title="boss")

    mockmkto_proof(fixture=world, old=old, new=old).assert_same()
    mockmkto_proof(fixture=world, old=old, new=new, allow="* | Title | they shout no more").assert_same()
    proof = mockmkto_proof(fixture=world, old=old, new=new, twice_old=True)
    assert (proof.old.name, proof.old.calls) == ("old", 1)
    with pytest.raises(AssertionError, match=r"Title / title +old Boss +new boss\n +unexplained: only upper and lower"):
        proof.assert_same()
