"""Recorded exchanges of the real API about leads: the same requests here get the same members, in the same order.

Each story is a world of our own in the state in which the recorded one was, and its exchanges one after the other. The
Ids, e-mails and names are ours; what is compared is the whole answer, but for its requestId.
"""

from __future__ import annotations

import datetime as dt
import json

import pytest
from rest_support import Rest
from support import NOW

from mockmkto.clock import Clock

WORLD = """
fields:
- {name: textarea_field, type: text}
- {name: boolean_field, type: boolean}
- {name: email_field, type: email}
- {name: integer_field, type: integer}
- {name: float_field, type: float}
- {name: datetime_field, type: datetime}
- {name: date_field, type: date}
- {name: score_field, type: score}
- {name: percent_field, type: percent}
- {name: currency_field, type: currency}
"""
ALL = (
    "email,firstName,lastName,id,textarea_field,boolean_field,email_field,integer_field,float_field,datetime_field,"
    "date_field,score_field,percent_field,currency_field"
)
LEADS = "/rest/v1/leads.json"
AT = "2026-03-14T09:26:53Z"
LATER = "2026-03-14T09:27:03Z"


@pytest.fixture
def rest() -> Rest:
    return Rest(WORLD)


def answered(answer) -> str:
    """The answer as it was sent, without its requestId."""
    said = answer.json
    assert next(iter(said)) == "requestId"
    del said["requestId"]
    assert answer.http_status == 200
    return json.dumps(said)


def says(answer, result) -> None:
    assert answered(answer) == json.dumps({"result": result, "success": True})


def sync(rest, records, **members):
    return rest.post(LEADS, {**members, "input": records})


def default(lead_id, email, first, last, updated=AT, created=AT):
    names = {"id": lead_id, "firstName": first, "lastName": last}
    return {**names, "email": email, "updatedAt": updated, "createdAt": created}


BY_EMAIL = {"lookupField": "email", "action": "createOrUpdate"}
BY_ID = {"lookupField": "id", "action": "updateOnly"}


def test_the_life_of_two_leads(rest):
    """003 to 011, 018, 022, 024."""
    eve, joe = "eve@example.com", "joe@example.com"

    def find(*emails):
        return rest.get(LEADS, filterType="email", filterValues=",".join(emails))

    says(find(eve), [])
    says(sync(rest, [{"email": eve, "firstName": "Eve"}], **BY_EMAIL), [{"id": 1001, "status": "created"}])
    says(find(eve), [default(1001, eve, "Eve", None)])
    says(find(eve, joe), [default(1001, eve, "Eve", None)])
    unset = dict.fromkeys(ALL.split(",")[4:])
    says(
        rest.get(LEADS, fields=ALL, filterType="id", filterValues="1001"),
        [{"id": 1001, "email": eve, "firstName": "Eve", "lastName": None, **unset, "boolean_field": False}],
    )
    updated = [{"id": 1001, "status": "updated"}]
    rest.soap.set_clock(Clock(frozen_at=NOW + dt.timedelta(seconds=10)))
    says(sync(rest, [{"email": eve, "id": 1001, "firstName": "Ina", "lastName": "Wood"}], **BY_ID), updated)
    says(find(eve), [default(1001, eve, "Ina", "Wood", LATER)])
    says(sync(rest, [{"email": eve, "id": 1001, "firstName": "Eve", "lastName": None}], **BY_ID), updated)
    rest.soap.set_clock(Clock(frozen_at=NOW + dt.timedelta(seconds=30)))
    says(sync(rest, [{"email": eve, "id": 1001, "firstName": "Eve"}], **BY_ID), updated)
    says(find(eve), [default(1001, eve, "Eve", None, LATER)])

    rest.soap.set_clock(Clock(frozen_at=NOW))
    says(sync(rest, [{"email": joe, "firstName": "Joe"}], **BY_EMAIL), [{"id": 1002, "status": "created"}])
    both = [{"id": 1001, "status": "updated"}, {"id": 1002, "status": "updated"}]
    records = [{"email": eve, "id": 1001, "firstName": "Eve"}, {"email": joe, "id": 1002, "firstName": "Jim"}]
    says(sync(rest, records, **BY_ID), both)
    records = [{"email": "new@example.com", "id": 1001, "lastName": "Test"}, {"email": joe, "id": 1002}]
    says(sync(rest, records, **BY_ID), both)
    says(find(eve), [])
    assert [lead["id"] for lead in find(joe, "new@example.com").result] == [1001, 1002]
    says(rest.post(LEADS, {"input": [{"id": 1002}]}, _method="DELETE"), [{"id": 1002, "status": "deleted"}])
    says(find(joe), [])
    says(sync(rest, [{"email": joe}], **BY_EMAIL), [{"id": 1003, "status": "created"}])


def test_a_value_of_every_type(rest):
    """025 and 026: milliseconds are not answered."""
    record = {
        "email": "eve@example.com",
        "firstName": "Eve",
        "textarea_field": "several words",
        "boolean_field": True,
        "email_field": "other@example.com",
        "integer_field": 7,
        "float_field": 2.5,
        "datetime_field": "2021-02-03T04:05:06.000Z",
        "date_field": "2021-02-03",
        "score_field": 12,
        "percent_field": 98,
        "currency_field": 12.34,
    }
    says(sync(rest, [record], **BY_EMAIL), [{"id": 1001, "status": "created"}])
    shown = {"id": 1001, "email": "eve@example.com", "firstName": "Eve", "lastName": None, **record}
    says(
        rest.get(LEADS, fields=ALL, filterType="id", filterValues="1001"),
        [{**shown, "datetime_field": "2021-02-03T04:05:06Z"}],
    )


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("boolean_field", "some", "some"), ("integer_field", 2.5, "2.5"), ("datetime_field", "tomorrow", "tomorrow")],
)
def test_a_value_of_another_type(rest, field, value, said):
    """027 to 030: the whole record is refused, and the answer is a success."""
    sync(rest, [{"email": "eve@example.com", "firstName": "Eve"}], **BY_EMAIL)
    reasons = [{"code": "1003", "message": f"Invalid value for field '{field}' and value '{said}'"}]
    record = {"email": "eve@example.com", "id": 1001, "firstName": "Ina", field: value}
    says(sync(rest, [record], **BY_ID), [{"status": "skipped", "reasons": reasons}])
    assert rest.get(LEADS, filterType="id", filterValues="1001").result[0]["firstName"] == "Eve"


def test_one_that_is_there_already(rest):
    """034."""
    sync(rest, [{"email": "eve@example.com"}])
    reasons = [{"code": "1005", "message": "Lead already exists"}]
    says(sync(rest, [{"email": "EVE@example.com"}], action="createOnly"), [{"status": "skipped", "reasons": reasons}])


def test_a_sync_without_an_action(rest):
    """041."""
    sync(rest, [{"email": "eve+test@example.com"}])
    says(sync(rest, [{"email": "eve+test@example.com"}], lookupField="email"), [{"id": 1001, "status": "updated"}])


def test_leads_by_id(rest):
    """038 to 040 and 050; of 2014 the order of the members and the form of times were others."""
    sync(rest, [{"email": "eve@example.com", "dateOfBirth": "1913-03-15"}, {"email": "joe@example.com"}])
    one, two = default(1001, "eve@example.com", None, None), default(1002, "joe@example.com", None, None)
    says(rest.get("/rest/v1/lead/1001.json"), [one])
    says(rest.get("/rest/v1/lead/1001.json", fields="email"), [{"id": 1001, "email": "eve@example.com"}])
    says(
        rest.get("/rest/v1/lead/1001.json", fields="email,dateOfBirth"),
        [{"id": 1001, "email": "eve@example.com", "dateOfBirth": "1913-03-15"}],
    )
    says(rest.get(LEADS, filterType="id", filterValues="1002,1001"), [one, two])
    says(rest.get("/rest/v1/lead/999.json"), [])
