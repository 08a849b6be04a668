"""Any sequence of calls of both APIs leaves the leads that the rules say: the server beside a model that is not it.

Keys are drawn from pools of three, so that none, one and several leads have one. What is stored is compared after every
call; what a search finds is compared by every field, whoever stored what is found and whenever its index was made.
"""

from __future__ import annotations

import os
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from rest_support import Rest
from sqlalchemy import select

from mockmkto.store import leads as lead_store
from mockmkto.store.tables import lead as lead_table

LEADS = "/rest/v1/leads.json"
WORLD = "fields: [{name: Ext__c, type: string}, {name: Number__c, type: integer}]\nbehaviour: {derive_website: off}"
NAMES = {"email": "email", "Ext__c": "ext", "Number__c": "number", "firstName": "first"}

EMAILS = st.sampled_from(["a@example.com", "A@Example.com", "b@example.com", "c@example.com"])
VALUES = {
    "email": EMAILS,
    "Ext__c": st.sampled_from(["x", " X", "y", "z", "", None]),
    "Number__c": st.sampled_from([1, "1", 2, None, "many"]),
    "firstName": st.sampled_from(["Ann", "Bob", None]),
    "id": st.sampled_from([1001, 1002, 1003, 9]),
    "nope": st.just(1),
}
ACTIONS = ("createOnly", "updateOnly", "createOrUpdate", "createDuplicate")


@st.composite
def records(draw: st.DrawFn, lookup: str) -> dict[str, Any]:
    names = draw(st.sets(st.sampled_from([*NAMES, *NAMES, "id", "nope"]), max_size=3)) | {lookup}
    return {name: draw(VALUES[name]) for name in sorted(names)}


@st.composite
def syncs(draw: st.DrawFn) -> tuple[Any, ...]:
    lookup = draw(st.sampled_from(["email", "id", "Ext__c", "Number__c"]))
    action = draw(st.sampled_from([*ACTIONS, "createOrUpdate", "createOrUpdate"]))
    return ("sync", action, lookup, draw(st.lists(records(lookup), min_size=1, max_size=3)))


STEPS = st.lists(
    st.one_of(
        syncs(),
        syncs(),
        st.tuples(st.just("soap"), EMAILS, st.sampled_from(["x", "Y", ""]), st.sampled_from(["Ann", "Cy"])),
        st.tuples(st.just("delete"), VALUES["id"]),
        st.tuples(st.just("find"), st.sampled_from(["email", "id", "Ext__c", "Number__c"])),
        st.just(("reset",)),
    ),
    max_size=12,
)


class Model:
    """What there is, by the rules: of each lead its e-mail, its values, and when it was last changed."""

    def __init__(self) -> None:
        self.leads: dict[int, dict[str, Any]] = {}
        self.next_id, self.order = 1001, 0

    def having(self, name: str, value: Any) -> list[int]:
        if name == "id":
            return [value] if value in self.leads else []
        wanted = str(value).strip().casefold()
        return [i for i, lead in self.leads.items() if str(lead.get(NAMES[name]) or "").strip().casefold() == wanted]

    def write(self, lead_id: int | None, values: dict[str, Any], *, always: bool = False) -> int:
        new = lead_id is None
        if lead_id is None:
            lead_id, self.next_id = self.next_id, self.next_id + 1
            self.leads[lead_id] = {}
        before = {name: value for name, value in self.leads[lead_id].items() if name != "order"}
        after = {name: value for name, value in {**before, **values}.items() if value not in (None, "")}
        if new or always or after != before:
            self.order += 1
            self.leads[lead_id] = {**after, "order": self.order}
        return lead_id

    def sync(self, action: str, lookup: str, record: dict[str, Any]) -> tuple[str, Any]:
        if "nope" in record:
            return ("1006", None)
        if "id" in record and (lookup != "id" or action in ("createOnly", "createDuplicate")):
            return ("1003", None)
        key = record[lookup]
        if key in (None, "") and action != "createDuplicate":
            return ("1003", None)
        if record.get("Number__c") == "many":
            return ("1003", None)
        values = {NAMES[name]: value for name, value in record.items() if name != "id"}
        if values.get("number") is not None:
            values["number"] = int(values["number"])
        found = self.having(lookup, key) if action != "createDuplicate" else []
        if not found:
            if action == "updateOnly" or lookup == "id":
                return ("1004", None)
            return ("created", self.write(None, values))
        if action == "createOnly":
            return ("1005", None)
        if len(found) > 1:
            return ("1007", None)
        if lookup == "email":
            del values["email"]
        return ("updated", self.write(found[0], values))

    def soap(self, email: str, ext: str, first: str) -> tuple[str, int]:
        found = self.having("email", email)
        values = {"ext": ext, "first": first}
        if not found:
            return ("CREATED", self.write(None, {"email": email, **values}))
        latest = max(found, key=lambda lead_id: self.leads[lead_id]["order"])
        return ("UPDATED", self.write(latest, values, always=True))


def stored(rest: Rest) -> dict[int, dict[str, Any]]:
    with rest.soap.database.transaction() as session:
        found = {}
        for lead_id in session.connection.scalars(select(lead_table.c.id)).all():
            lead = lead_store.by_id(session, lead_id)
            assert lead is not None
            shown = {
                "email": lead.email,
                "ext": lead.attributes.get("Ext__c"),
                "first": lead.attributes.get("FirstName"),
            }
            number = lead.attributes.get("Number__c")
            shown["number"] = int(number) if number is not None else None
            found[lead_id] = {name: value for name, value in shown.items() if value is not None}
        return found


def check_search(rest: Rest, model: Model, field: str) -> None:
    values = {"email": ["a@example.com", "b@example.com"], "id": [1001, 1003], "Ext__c": ["X", "z"], "Number__c": [1]}
    expected = {lead_id for value in values[field] for lead_id in model.having(field, value)}
    found = rest.get(LEADS, filterType=field, filterValues=",".join(map(str, values[field])), fields="id").result
    assert [item["id"] for item in found] == sorted(expected)


@pytest.mark.sqlite
@settings(
    max_examples=40 if os.environ.get("PROPERTY_EXAMPLES") == "few" else 80,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=STEPS)
def test_any_calls_of_both_apis_leave_the_leads_that_the_rules_say(steps):
    rest, model = Rest(WORLD), Model()
    rest.soap.database.set_baseline()
    for step in steps:
        match step:
            case ("sync", action, lookup, batch):
                answer = rest.post(LEADS, {"action": action, "lookupField": lookup, "input": batch})
                expected = [model.sync(action, lookup, record) for record in batch]
                said = [
                    (item["status"], item["id"]) if "id" in item else (item["reasons"][0]["code"], None)
                    for item in answer.result
                ]
                assert said == expected
            case ("soap", email, ext, first):
                answer = rest.soap.sync({"Ext__c": ext, "FirstName": first}, Email=email, return_lead=False)
                assert (answer.status, answer.lead_id) == model.soap(email, ext, first)
            case ("delete", lead_id):
                ((status, *_),) = rest.delete(LEADS, {"input": [{"id": lead_id}]}).outcomes
                assert (status == "deleted") == (model.leads.pop(lead_id, None) is not None)
            case ("find", field):
                check_search(rest, model, field)
            case ("reset",):
                rest.soap.database.reset()
                rest.forget_token()
                model = Model()
        kept = {lead_id: {k: v for k, v in lead.items() if k != "order"} for lead_id, lead in model.leads.items()}
        assert stored(rest) == kept
    for field in ("email", "id", "Ext__c", "Number__c"):
        check_search(rest, model, field)
