"""The OpenAPI document is valid, and true: schemathesis asks what it allows, and what it does not."""

from __future__ import annotations

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from support import Marketo

from mockmkto.web.app import CONTROL_API, create_app
from mockmkto.web.guard import Guard
from mockmkto.web.origins import Origins
from mockmkto.web.site import Site

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]

CAN_BE_WRONG = {"requestBody"}
EXAMPLES = 30  # of each operation, of what it allows and of what it does not

FIXTURE = """
partitions: [Europe]
fields: [{name: Rank__c, type: integer}]
lead_keys: {SFDCLEADID: City}
leads:
  - {Id: 1, Email: ann@example.com, foreign_ids: [{id: A-1}], cookies: [one], attributes: {City: Bern, Rank__c: 5}}
anonymous_leads: [{Id: 2, cookies: [two]}]
faults: [{name: x, effect: delay}]
opportunities: [{id: 1, external: {Opp Id: O-1}, attributes: {Name: Big deal}, company: ACME}]
opportunity_roles: [{id: 1, opportunity: 1, lead: 1}]
custom_object_types:
  - {name: T, keys: [k], link: {field: k, to: Id}, fields: [{name: k, type: integer}], records: [{k: 1}]}
"""


@pytest.fixture(scope="module")
def app():
    marketo = Marketo(FIXTURE)
    marketo.sync({"FirstName": "Ann"}, Email="ann@example.com")
    site = Site(marketo.server, marketo.registry)
    site.ready.set()
    yield create_app(site)
    marketo.registry.close()


@pytest.fixture(scope="module")
def described(app):
    return schemathesis.openapi.from_wsgi("/__admin/openapi.json", app)


def test_the_document_is_valid(api):
    assert list(OpenAPIV31SpecValidator(api.get("/openapi.json")).iter_errors()) == []


def test_the_address_in_it_is_the_one_that_was_asked(make_api):
    api = make_api(guard=Guard(origins=Origins(("example.com",))))
    document = api.get("/openapi.json", headers={"X-Forwarded-Host": "example.com", "X-Forwarded-Proto": "https"})
    assert document["servers"] == [{"url": "https://example.com/__admin"}]


def could_wait(timeout: object) -> bool:
    return isinstance(timeout, int | float) and 0 < timeout <= 60


@pytest.mark.parametrize("line", CONTROL_API)
def test_whatever_is_asked_the_answer_is_one_that_is_described(line, described):
    method, path = line.split()
    operation = described[path][method]
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case):
            if path == "/calls/wait" and isinstance(case.body, dict) and could_wait(case.body.get("timeout", 5)):
                case.body = case.body | {"timeout": 0}
            case.call_and_validate(checks=CHECKS)

        try:
            ask()
        except Unsatisfiable:  # where every name is allowed, nothing is wrong
            assert mode is GenerationMode.NEGATIVE
            assert CAN_BE_WRONG.isdisjoint(described.raw_schema["paths"][path][method.lower()])


# What a schema cannot say: what a subscription has at the moment, what goes together, what a calendar or another
# grammar allows; and that JSON Schema takes 10.0 for an integer.
DEPENDS = re.compile(
    "(a partition: )?there is no |an existing |the Id of a lead|a fixture that is shipped|.*which only a change"
    "|.*, which the effect"
    "|no (code|status|foreign key): |either |fixture or world|text, or user_id|no e-mail: |a (trigger|batch) campaign"
    "|exactly one of |.* is given twice|[0-9]+ is the id of "
    "|a field of type|one of 1_3|a text with|off, on, or three|an amount"
    "|one name and its value|one of set, add|MKTOSALES|true$|on or off|unknown key|a mapping of keys|an integer"
    "|a search such as|NAME:VALUE|seconds up to|a duration|a time|what leads to a time|a date such as"
    "|Invalid RFC3339|the name of a time zone|a type of activities|one of .*[0-9]{5}"
)
ANYTHING = {"body.world"}  # a fixture, in YAML or as an object; it is checked where it is read


@pytest.mark.parametrize("line", CONTROL_API)
def test_what_is_described_as_right_is_refused_only_for_what_is_there(line, described):
    method, path = line.split()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described[path][method].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def ask(case):
        if path == "/calls/wait" and isinstance(case.body, dict):
            case.body = case.body | {"timeout": 0}
        answer = case.call()
        if answer.status_code == 400:
            for error in answer.json()["errors"]:
                assert DEPENDS.match(error["expected"]) or path == "/state" or error["where"] in ANYTHING, error

    ask()


def with_bodies():
    return [line for line in CONTROL_API if not line.startswith(("GET", "DELETE"))]


@pytest.mark.parametrize("line", with_bodies())
def test_a_body_is_required_where_nothing_comes_of_none(line, make_api):
    api = make_api(FIXTURE)
    method, path = line.split()
    described = api.get("/openapi.json")["paths"][path][method.lower()]
    if "requestBody" in described:
        asked = re.sub(r"\{(\w+)\}", lambda found: "1" if found[1] == "id" else "x", path)
        answer = api.client.open(
            f"/__admin{asked}", method=method, data=b"", headers={"Content-Type": "application/json"}
        )
        missing = answer.status_code == 400 and answer.json["errors"][0]["expected"] == "the key, which is required"
        assert described["requestBody"]["required"] == missing
