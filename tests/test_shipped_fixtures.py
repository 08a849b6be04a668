"""The fixtures that come with mockmkto: found by name, and worlds in which there is something to try."""

from __future__ import annotations

import argparse
import re
import shlex
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from mockmkto.engine.sync import sync_lead
from mockmkto.errors import MarketoError
from mockmkto.model import Attribute, Client, Credential, FieldType, LeadRecord, SyncLeadRequest, TraceBuilder
from mockmkto.store import leads
from mockmkto.store.registry import Registry
from mockmkto.worlds import (
    FixtureError,
    FixtureWorld,
    find_fixture,
    load,
    read_all,
    shipped,
    shipped_fixtures,
)

NAMES = ["demo", "empty", "workspaces"]


def shipped_world(name: str) -> FixtureWorld:
    (only,) = read_all([name])
    return only


def loaded(name: str) -> Registry:
    registry = Registry()
    load(shipped_world(name), registry)
    return registry


# ---------------------------------------------------------------------------------------------------------------------
# Found


def test_the_shipped_fixtures_are_found_by_name():
    assert list(shipped_fixtures()) == NAMES
    assert all(find_fixture(name).name == f"{name}.yaml" for name in NAMES)


def test_in_an_installed_package_they_lie_in_it(monkeypatch, tmp_path):
    inside, beside = tmp_path / "mockmkto" / "data" / "fixtures", tmp_path / "fixtures"
    for folder in (inside, beside):
        folder.mkdir(parents=True)
        (folder / "demo.yaml").touch()
    monkeypatch.setattr(shipped, "_FOLDERS", (inside, beside))
    assert find_fixture("demo") == inside / "demo.yaml"


@pytest.mark.parametrize("name", ["mine.yaml", "mine.yml", "mine.json", "./mine", Path("mine")])
def test_what_has_a_suffix_or_a_folder_is_a_file(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path(name).touch()
    assert find_fixture(name).samefile(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dmo", "dmo: there is no fixture of that name; shipped are demo, empty, workspaces; a file needs its suffix"),
        ("demo.yaml", "demo.yaml: there is no such file"),
        ("./demo", "./demo: there is no such file"),
    ],
)
def test_what_is_not_found_is_told(name, message, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FixtureError, match="^" + re.escape(message)):
        find_fixture(name)


# ---------------------------------------------------------------------------------------------------------------------
# Each of them


@pytest.mark.parametrize("name", NAMES)
def test_each_has_the_default_credential_and_client_and_loads(name):
    registry = loaded(name)
    credential = registry.credential("mockmkto")
    assert credential == Credential("mockmkto", ("mockmkto-encryption-key",), "default")
    client = Client("mockmkto-client", ("mockmkto-client-secret",), "default", "api@mockmkto.example")
    assert (registry.clients(), shipped_world(name).clients_given) == ((client,), True)
    with registry.get("default").transaction() as session:
        assert leads.count(session) == len(shipped_world(name).leads)
    registry.close()


@pytest.mark.parametrize("name", NAMES)
def test_none_names_a_real_machine_or_person(name):
    text = shipped_fixtures()[name].read_text(encoding="utf-8")
    hosts = set(re.findall(r"[\w.-]+@([\w.-]+)", text)) | set(re.findall(r"https?://([\w.-]+)", text))
    reserved = (".example", "example.com", "t.com", "exemple.fr")  # t@t.com is the vendor's own sample
    assert [host for host in hosts if not host.endswith(reserved)] == []
    addresses = re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", text)
    assert [one for one in addresses if not one.startswith(("192.0.2.", "198.51.100.", "203.0.113."))] == []


def test_empty_is_known_without_its_file_and_is_what_the_file_says():
    (read,) = read_all([find_fixture("empty")])
    known = shipped_world("empty")
    assert known == read
    assert known.world.fields.every == read.world.fields.every  # in that order, too


def test_empty_has_no_leads_and_no_workspaces():
    empty = shipped_world("empty")
    assert empty.leads == ()
    assert empty.world.workspaces == ()


# ---------------------------------------------------------------------------------------------------------------------
# demo: a small believable subscription


@pytest.fixture(scope="module")
def demo():
    return shipped_world("demo")


def test_demo_has_workspaces_off_and_at_least_25_known_leads(demo):
    assert demo.world.workspaces == ()
    assert sum(lead.known for lead in demo.leads) >= 25


def test_demo_has_two_leads_with_one_e_mail(demo):
    emails = Counter(lead.email.casefold() for lead in demo.leads if lead.email)
    assert max(emails.values()) == 2


def test_demo_has_a_lead_with_two_foreign_keys_and_one_without_an_e_mail(demo):
    assert any(len(lead.foreign_ids) == 2 for lead in demo.leads)
    assert any(lead.known and lead.email is None and lead.foreign_ids for lead in demo.leads)


def test_demo_has_two_anonymous_leads_with_a_cookie_and_an_address(demo):
    anonymous = [lead for lead in demo.leads if not lead.known]
    assert len(anonymous) == 2
    assert all(lead.cookies and lead.attributes["AnonymousIP"] for lead in anonymous)


@pytest.mark.parametrize("type_", FieldType)
def test_demo_has_a_value_of_every_type(demo, type_):
    names = {field.name for field in demo.world.fields if field.type is type_}
    assert any(names & lead.attributes.keys() for lead in demo.leads)


def test_demo_has_false_booleans_and_zero_numbers(demo):
    zeros = {name for lead in demo.leads for name, value in lead.attributes.items() if value == "0"}
    assert {demo.world.fields.find(name).type for name in zeros} == {
        FieldType.BOOLEAN,
        FieldType.INTEGER,
        FieldType.SCORE,
        FieldType.PERCENT,
        FieldType.FLOAT,
        FieldType.CURRENCY,
    }


def test_demo_has_a_lead_with_thirty_attributes_and_names_of_every_script(demo):
    assert max(len(lead.attributes) for lead in demo.leads) >= 30
    text = "".join(value for lead in demo.leads for value in lead.attributes.values())
    assert all(letter in text for letter in "ßüöêńΝ田ト🕓")


def test_demo_has_read_only_and_update_blocked_fields_with_values(demo):
    for flag in ("read_only", "update_blocked"):
        names = {field.name for field in demo.world.fields if getattr(field, flag)}
        assert any(names & lead.attributes.keys() for lead in demo.leads)


def test_demo_can_be_asked_for_salesforce_keys(demo):
    assert set(demo.world.lead_keys) == {"SFDCLEADID", "SFDCCONTACTID", "SFDCACCOUNTID"}
    for name in demo.world.lead_keys.values():
        assert any(name in lead.attributes for lead in demo.leads)


def test_demo_has_opportunities_with_roles_and_custom_objects_of_its_leads(demo):
    leads_there = {lead.id for lead in demo.leads}
    assert {role.opportunity_id for role in demo.objects.roles} == {item.id for item in demo.objects.opportunities}
    assert {role.lead_id for role in demo.objects.roles} <= leads_there
    assert {int(record.values["LeadId"]) for record in demo.objects.records} <= leads_there
    assert all(item.external_key.name == "Opp_Number__c" for item in demo.objects.opportunities)


def test_demo_has_programs_lists_and_campaigns_of_every_kind(demo):
    assets = demo.assets
    assert {program.channel for program in assets.programs} == {channel.name for channel in assets.channels}
    assert any(program.archived for program in assets.programs)
    assert any(program.costs and program.tags and program.tokens for program in assets.programs)
    assert {bool(item.static_list.program_id) for item in assets.lists} == {True, False}
    assert sum(len(item.members) for item in assets.lists) >= 10
    kinds = {(item.kind, item.active) for item in assets.campaigns.campaigns}
    assert kinds == {("trigger", True), ("trigger", False), ("batch", True)}
    effects = {type(effect).__name__ for item in assets.campaigns.campaigns for effect in item.effects}
    assert effects == {"SetValues", "AddToList", "RemoveFromList", "WriteActivity"}
    assert {source for item in assets.campaigns.campaigns for source in item.sources} == {"MKTOWS", "SALES"}


# ---------------------------------------------------------------------------------------------------------------------
# workspaces: what its comments promise


def test_workspaces_has_a_lead_with_keys_in_every_partition_and_one_e_mail_in_two():
    world = shipped_world("workspaces")
    assert len(world.world.workspaces) == 3
    for partition in world.world.partitions:
        assert any(lead.foreign_ids and lead.cookies for lead in world.leads if lead.partition == partition)
    shared = [lead.partition for lead in world.leads if lead.email == "shared@example.com"]
    assert shared == ["Europe", "Asia"]


def promises() -> list[tuple[str, str]]:
    lines = [line.strip(" #") for line in find_fixture("workspaces").read_text(encoding="utf-8").splitlines()]
    return [
        (line.removeprefix("$ mockmkto call syncLead "), after.removeprefix("-> "))
        for line, after in pairwise(lines)
        if line.startswith("$ ")
    ]


def request(command: str) -> SyncLeadRequest:
    parser = argparse.ArgumentParser()
    parser.add_argument("--id", type=int)
    for flag in ("--email", "--foreign-id", "--foreign-type", "--cookie", "--workspace"):
        parser.add_argument(flag)
    parser.add_argument("attributes", nargs="*", default=[])
    given = parser.parse_args(shlex.split(command))
    attributes = tuple(Attribute(*pair.split("=", 1)) for pair in given.attributes)
    foreign_type = (given.foreign_type or "CUSTOM") if given.foreign_id else None
    return SyncLeadRequest(
        LeadRecord(given.id, given.email, given.foreign_id, foreign_type, attributes),
        marketo_cookie=given.cookie,
        target_workspace=given.workspace,
    )


@pytest.fixture(scope="module")
def workspaces():
    registry = loaded("workspaces")
    yield registry
    registry.close()


def test_workspaces_promises_something_for_every_rule():
    assert len(promises()) >= 25


@pytest.mark.parametrize(("command", "promised"), promises())
def test_workspaces_keeps_what_its_comments_promise(workspaces, command, promised):
    workspaces.reset("default")
    with workspaces.get("default").transaction() as session:
        try:
            result = sync_lead(session, request(command), TraceBuilder())
        except MarketoError as fault:
            outcome = f"fault {fault.code.value}"
        else:
            number = f" {result.lead_id}" if result.status == "UPDATED" else ""
            lead = leads.by_id(session, result.lead_id)
            outcome = f"{result.status}{number} in {lead.partition}"
            assert lead.known
    assert outcome == promised
