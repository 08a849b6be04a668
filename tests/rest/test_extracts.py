"""Bulk extracts: a job is defined, queued, done when the clock says so, and its file is read, whole or in parts."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import threading
from datetime import timedelta

import pytest
from rest_support import CLIENT_ID, CLIENT_SECRET, Rest
from support import NOW, Marketo

from mockmkto.clock import Clock
from mockmkto.engine import extracts
from mockmkto.model import Client
from mockmkto.store import leads, lists

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com, created_at: "2026-03-01T08:00:00Z", updated_at: "2026-03-10T08:00:00Z",
   attributes: {FirstName: Ann, City: Rome, Unsubscribed: "1", LeadScore: "7"}}
- {Id: 1002, Email: bob@example.com, created_at: "2026-03-02T08:00:00.9Z", updated_at: "2026-03-02T08:00:00.9Z",
   attributes: {FirstName: "Bob, the \\"2nd\\""}}
- {Id: 1003, created_at: "2026-01-02T08:00:00Z", updated_at: "2026-03-11T08:00:00Z", cookies: ["id:1&token:_mch-x-1"]}
anonymous_leads:
- {Id: 1004, cookies: ["id:1&token:_mch-x-2"], created_at: "2026-03-02T08:00:00Z"}
lists:
- {id: 2001, name: Newsletter, members: [1003, 1001, 1004]}
- {id: 2002, name: Nobody}
channels:
  Web: {statuses: [{name: Visited, step: 20}, {name: Engaged, step: 30, success: true}]}
programs:
- {id: 3001, name: Launch, channel: Web, members: [{lead: 1003, status: Visited}, {lead: 1001, status: Engaged}]}
- {id: 3002, name: Tour, channel: Web, members: [{lead: 1002, status: Visited}]}
custom_object_types:
- name: car_c
  fields: [{name: vin, type: string}, {name: leadID, type: integer}, {name: doors, type: integer}]
  keys: [vin]
  link: {field: leadID, to: Id}
  records: [{vin: A1, leadID: 1001, doors: 4}, {vin: B2, leadID: 1002}, {vin: C3, leadID: 1001}]
"""
LEADS = "/bulk/v1/leads/export"
CARS = "/bulk/v1/customobjects/car_c/export"
ACTIVITIES = "/bulk/v1/activities/export"
MARCH = {"createdAt": {"startAt": "2026-03-01T00:00:00Z", "endAt": "2026-03-31T23:59:59Z"}}
LIST = {"staticListId": 2001}


def world(**switches: str) -> Rest:
    said = ", ".join(f"{name}: {value}" for name, value in switches.items())
    return Rest(f"{WORLD}\nbehaviour: {{{said}}}")


@pytest.fixture
def rest() -> Rest:
    return world()


def create(rest, path=LEADS, fields=("id", "email"), filter=LIST, **more):
    said = {"fields": None if fields is None else list(fields), "filter": filter, **more}
    return rest.post(f"{path}/create.json", {name: value for name, value in said.items() if value is not None})


def done(rest, path=LEADS, *args, **more):
    """The status of an extract that is done."""
    (made,) = create(rest, path, *args, **more).result
    (queued,) = rest.post(f"{path}/{made['exportId']}/enqueue.json").result
    (said,) = rest.get(f"{path}/{queued['exportId']}/status.json").result
    return said


def file(rest, said, path=LEADS, **headers):
    return rest.send("GET", f"{path}/{said['exportId']}/file.json", **headers)


def rows(rest, said, path=LEADS, delimiter=","):
    return list(csv.reader(io.StringIO(file(rest, said, path).body.decode()), delimiter=delimiter))


def at(rest, moment) -> None:
    rest.soap.set_clock(Clock(frozen_at=moment))
    rest.forget_token()


def test_the_life_of_an_extract(rest):
    created = create(rest)
    (made,) = created.result
    assert list(created.json) == ["requestId", "result", "success"]
    export = made["exportId"]
    assert list(made.items()) == [
        ("exportId", export),
        ("format", "CSV"),
        ("status", "Created"),
        ("createdAt", "2026-03-14T09:26:53Z"),
    ]
    assert rest.get(f"{LEADS}/{export}/status.json").result == [made]
    assert file(rest, made).http_status == 404
    assert rest.post(f"{LEADS}/{export}/enqueue.json").result == [
        {**made, "status": "Queued", "queuedAt": "2026-03-14T09:26:53Z"}
    ]
    (said,) = rest.get(f"{LEADS}/{export}/status.json").result
    content = b"id,email\n1001,ann@example.com\n1003,null\n"
    assert list(said.items()) == [
        ("exportId", export),
        ("format", "CSV"),
        ("status", "Completed"),
        ("createdAt", "2026-03-14T09:26:53Z"),
        ("queuedAt", "2026-03-14T09:26:53Z"),
        ("startedAt", "2026-03-14T09:26:53Z"),
        ("finishedAt", "2026-03-14T09:26:53Z"),
        ("numberOfRecords", 2),
        ("fileSize", len(content)),
        ("fileChecksum", f"sha256:{hashlib.sha256(content).hexdigest()}"),
    ]
    answer = file(rest, said)
    assert (answer.http_status, answer.body) == (200, content)


def test_a_client_in_use_asks_through_a_dotted_path_and_by_the_name_of_a_list(rest):
    """As recorded: `staticListName`, no format, no body to enqueue but `{"data": {"_method": "POST"}}`."""
    made = rest.post(
        "/rest/../bulk/v1/leads/export/create.json",
        {"fields": ["firstName", "lastName", "id", "email"], "filter": {"staticListName": " newsletter "}},
    ).result[0]
    queued = rest.post(
        f"/rest/../bulk/v1/leads/export/{made['exportId']}/enqueue.json", {"data": {"_method": "POST"}}
    ).result[0]
    assert list(queued) == ["exportId", "format", "status", "createdAt", "queuedAt"]
    assert rows(rest, made) == [
        ["firstName", "lastName", "id", "email"],
        ["Ann", "null", "1001", "ann@example.com"],
        ["null", "null", "1003", "null"],
    ]


def test_it_is_queued_then_processed_then_completed_by_the_clock():
    rest = world(export_duration="60s")
    (made,) = create(rest).result
    rest.post(f"{LEADS}/{made['exportId']}/enqueue.json")
    seen = []
    for seconds in (0, 29, 30, 59, 60):
        at(rest, NOW + timedelta(seconds=seconds))
        (said,) = rest.get(f"{LEADS}/{made['exportId']}/status.json").result
        seen.append(
            (
                said["status"],
                said.get("startedAt", "")[17:19],
                said.get("finishedAt", "")[14:19],
                file(rest, said).http_status,
            )
        )
    assert seen == [
        ("Queued", "", "", 404),
        ("Queued", "", "", 404),
        ("Processing", "23", "", 404),
        ("Processing", "23", "", 404),
        ("Completed", "23", "27:53", 200),
    ]


def test_a_list_is_read_as_it_is_when_the_job_is_done():
    rest = world(export_duration="60s")
    (made,) = create(rest).result
    with rest.soap.database.transaction() as session:
        lists.add_member(session, 2001, 1002)
    rest.post(f"{LEADS}/{made['exportId']}/enqueue.json")
    at(rest, NOW + timedelta(seconds=60))
    assert [row[0] for row in rows(rest, made)] == ["id", "1001", "1002", "1003"]


@pytest.mark.parametrize(
    ("filter", "ids"),
    [
        (MARCH, ["1001", "1002"]),
        ({"createdAt": {"startAt": "2026-03-01T08:00:00Z", "endAt": "2026-03-02T08:00:00Z"}}, ["1001", "1002"]),
        ({"createdAt": {"startAt": "2026-03-01T08:00:01Z", "endAt": "2026-03-02T07:59:59Z"}}, []),
        ({"createdAt": {"startAt": "2026-03-01T10:00:00+02:00", "endAt": "2026-03-01T08:00:00"}}, ["1001"]),
        ({"updatedAt": {"startAt": "2026-03-10T00:00:00Z", "endAt": "2026-03-12T00:00:00Z"}}, ["1001", "1003"]),
        ({"staticListName": "Nobody"}, []),
    ],
)
def test_a_filter_chooses_known_leads_rising(rest, filter, ids):
    assert [row[0] for row in rows(rest, done(rest, filter=filter))] == ["id", *ids]


def test_values_are_those_of_answers_and_null_where_there_is_none(rest):
    fields = (
        "firstName",
        "city",
        "unsubscribed",
        "leadScore",
        "dateOfBirth",
        "createdAt",
        "cookies",
        "leadPartitionId",
    )
    said = done(
        rest, fields=fields, filter={"updatedAt": {"startAt": "2026-03-01T00:00:00Z", "endAt": "2026-03-14T00:00:00Z"}}
    )
    assert rows(rest, said) == [
        list(fields),
        ["Ann", "Rome", "true", "7", "null", "2026-03-01T08:00:00Z", "null", "1"],
        ['Bob, the "2nd"', "null", "false", "null", "null", "2026-03-02T08:00:00Z", "null", "1"],
        ["null", "null", "false", "null", "null", "2026-01-02T08:00:00Z", "_mch-x-1", "1"],
    ]


@pytest.mark.parametrize(("format", "delimiter"), [("CSV", ","), ("tsv", "\t"), ("SSV", ";")])
def test_the_format_and_the_names_of_columns(rest, format, delimiter):
    names = {"FIRSTNAME": "First Name", "email": "E-mail", "title": "not asked for"}
    said = done(rest, fields=("EMAIL", "firstname", "email"), format=format, columnHeaderNames=names)
    assert said["format"] == format.upper()
    assert rows(rest, said, delimiter=delimiter)[:2] == [["E-mail", "First Name"], ["ann@example.com", "Ann"]]


@pytest.mark.parametrize(
    ("asked", "status", "body", "span"),
    [
        ("bytes=0-0", 206, slice(0, 1), "bytes 0-0/{}"),
        ("bytes=3-7", 206, slice(3, 8), "bytes 3-7/{}"),
        ("bytes=9-", 206, slice(9, None), "bytes 9-{last}/{}"),
        ("bytes=-4", 206, slice(-4, None), "bytes {tail}-{last}/{}"),
        ("bytes=5-99999", 206, slice(5, None), "bytes 5-{last}/{}"),
        ("bytes=99999-", 416, slice(0, 0), "bytes */{}"),
        ("bytes=0-1,3-4", 200, slice(None), None),
        ("lines=0-1", 200, slice(None), None),
        (None, 200, slice(None), None),
    ],
)
def test_a_file_is_read_in_parts(rest, asked, status, body, span):
    said = done(rest)
    whole = file(rest, said).body
    answer = file(rest, said, range=asked)
    assert (answer.http_status, answer.body) == (status, whole[body])
    expected = span.format(len(whole), last=len(whole) - 1, tail=len(whole) - 4) if span else None
    assert answer.headers.get("Content-Range") == expected
    assert (answer.headers.get("Accept-Ranges") == "bytes") is (status != 416)


def test_a_file_of_many_parts_is_one_and_so_are_its_ranges(rest, monkeypatch):
    monkeypatch.setattr(extracts, "_FIRST_ROWS", 1)
    monkeypatch.setattr(extracts, "_ROWS", 1)
    monkeypatch.setattr("mockmkto.store.rest_of_work.Rest.carry_on", lambda self: None)
    (made,) = create(rest).result
    rest.post(f"{LEADS}/{made['exportId']}/enqueue.json")
    seen = [rest.get(f"{LEADS}/{made['exportId']}/status.json").result[0]["status"] for _ in range(3)]
    assert seen == ["Processing", "Processing", "Completed"]
    whole = b"id,email\n1001,ann@example.com\n1003,null\n"
    assert file(rest, made).body == whole
    for first in range(0, len(whole), 3):
        assert file(rest, made, range=f"bytes={first}-{first + 4}").body == whole[first : first + 5]
    checksum = rest.get(f"{LEADS}/{made['exportId']}/status.json").result[0]["fileChecksum"]
    assert checksum == f"sha256:{hashlib.sha256(whole).hexdigest()}"


def test_many_leads_are_extracted_by_a_thread_while_others_are_answered(rest):
    with rest.soap.database.transaction() as session:
        made = [
            leads.NewLead(
                leads.by_id(session, 1002).__class__(
                    number, f"l{number}@example.com", True, "Default", {}, NOW, NOW, number, number
                )
            )
            for number in range(2001, 4501)
        ]
        leads.add_many(session, made)
    said = done(rest, filter=MARCH)
    assert said["status"] == "Processing"
    for thread in threading.enumerate():
        if thread.name == "mockmkto: rest of the work":
            thread.join(30)
    (said,) = rest.get(f"{LEADS}/{said['exportId']}/status.json").result
    assert (said["status"], said["numberOfRecords"]) == ("Completed", 2502)
    assert [int(row[0]) for row in rows(rest, said)[1:]] == [1001, 1002, *range(2001, 4501)]


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"fields": None}, "1003 fields not specified"),
        ({"fields": []}, "1003 fields not specified"),
        ({"fields": ["id", "colour"]}, "1003 Field 'colour' not found"),
        ({"format": "XML"}, "1001 Invalid value 'XML'. Required of type 'CSV, TSV, SSV'"),
        ({"format": 7}, "1001 Invalid value '7'. Required of type 'CSV, TSV, SSV'"),
        ({"columnHeaderNames": ["a"]}, "1003 Invalid columnHeaderNames: expected names of columns by names of fields"),
        ({"filter": None}, "1003 filter not specified"),
        ({"filter": {}}, "1003 filter not specified"),
        ({"filter": {"email": "x"}}, "1003 Invalid filter type 'email'"),
        ({"filter": {**LIST, **MARCH}}, "1003 Only one filter type may be specified: createdAt, staticListId"),
        ({"filter": {"staticListId": 7}}, "1013 List not found"),
        ({"filter": {"staticListId": "2001"}}, "1013 List not found"),
        ({"filter": {"staticListName": "Nowhere"}}, "1013 List not found"),
        ({"filter": {"smartListName": "All"}}, "1035 Unsupported filter type for target subscription"),
        ({"filter": {"createdAt": "2026"}}, "1003 Invalid filter 'createdAt': expected startAt and endAt"),
        (
            {"filter": {"createdAt": {"startAt": "2026-01-01T00:00:00Z"}}},
            "1003 endAt of filter 'createdAt' not specified",
        ),
        (
            {"filter": {"createdAt": {"startAt": "yesterday", "endAt": "2026-01-01T00:00:00Z"}}},
            "1003 Invalid value for field 'createdAt.startAt' and value 'yesterday'",
        ),
        (
            {"filter": {"updatedAt": {"startAt": "2026-02-01T00:00:00Z", "endAt": "2026-01-01T00:00:00Z"}}},
            "1003 Invalid filter 'updatedAt': endAt is before startAt",
        ),
        (
            {"filter": {"createdAt": {"startAt": "2026-01-01T00:00:00Z", "endAt": "2026-02-01T00:00:01Z"}}},
            "1003 Invalid filter 'createdAt': the date range is longer than 31 days",
        ),
    ],
)
def test_what_cannot_be_extracted_is_no_job(rest, said, error):
    assert create(rest, **said).error == error
    assert rest.get(f"{LEADS}.json").result == []


def test_jobs_are_those_of_the_client_that_created_them(rest):
    mine = rest.soap.name
    rest.soap.registry.set_clients(
        mine,
        [Client(CLIENT_ID, (CLIENT_SECRET,), mine, "a@example.com"), Client("other", ("s",), mine, "a@example.com")],
    )
    said = done(rest)
    others = rest.identity("other", "s").json["access_token"]
    for method, what in (("GET", "status"), ("POST", "enqueue"), ("POST", "cancel")):
        asked = rest.send(method, f"{LEADS}/{said['exportId']}/{what}.json", token=others)
        assert asked.error == "1013 Export job not found"
    assert rest.send("GET", f"{LEADS}/{said['exportId']}/file.json", token=others).http_status == 404
    assert rest.send("GET", f"{LEADS}.json", token=others).result == []
    assert [job["exportId"] for job in rest.get(f"{LEADS}.json").result] == [said["exportId"]]
    assert rest.get(f"{ACTIVITIES}/{said['exportId']}/status.json").error == "1013 Export job not found"
    assert rest.get("/bulk/v1/boats/export.json").error == "610 Requested resource not found"


def test_jobs_are_listed_by_state_page_by_page_for_seven_days(rest):
    first = done(rest)
    at(rest, NOW + timedelta(days=1))
    second, third = (create(rest).result[0] for _ in range(2))
    rest.post(f"{LEADS}/{third['exportId']}/cancel.json")

    def listed(**asked):
        answer = rest.get(f"{LEADS}.json", **asked)
        return [job["exportId"] for job in answer.result], answer.json.get("nextPageToken")

    ids = [job["exportId"] for job in (first, second, third)]
    assert listed() == (ids, None)
    assert listed(status="completed,Failed") == (ids[:1], None)
    assert listed(status="Canceled") == listed(status="Cancelled") == (ids[2:], None)
    page, token = listed(batchSize=2)
    assert page == ids[:2]
    assert listed(batchSize=2, nextPageToken=token) == (ids[2:], None)
    assert rest.get(f"{LEADS}.json", nextPageToken="x").error == "1003 Invalid token value: [x]"
    at(rest, NOW + timedelta(days=7, seconds=1))
    assert listed() == (ids[1:], None)
    assert rest.get(f"{LEADS}/{ids[0]}/status.json").error == "1013 Export job not found"


def test_a_job_is_queued_once_and_a_cancelled_one_never():
    rest = world(export_duration="60s")
    (made,) = create(rest).result
    enqueue, cancel = (f"{LEADS}/{made['exportId']}/{what}.json" for what in ("enqueue", "cancel"))
    assert rest.post(enqueue).json["success"]
    assert rest.post(enqueue).error == "1029 Job already queued"
    (said,) = rest.post(cancel).result
    assert list(said.items())[:4] == [*[*made.items()][:2], ("status", "Cancelled"), ("createdAt", made["createdAt"])]
    assert rest.post(enqueue).error == "1029 Job already queued"
    assert rest.post(cancel).error == "1003 Export job is Cancelled, and cannot be canceled"
    at(rest, NOW + timedelta(minutes=5))
    assert rest.get(f"{LEADS}/{made['exportId']}/status.json").result[0]["status"] == "Cancelled"


def test_ten_are_the_most_in_the_queue_of_all_kinds_and_two_are_worked_on_at_once():
    rest = world(export_duration="60s")
    jobs = [create(rest).result[0]["exportId"] for _ in range(11)]
    for export in jobs[:9]:
        assert rest.post(f"{LEADS}/{export}/enqueue.json").json["success"]
    (other,) = create(rest, ACTIVITIES, filter=MARCH, fields=ACTIVITY).result
    assert rest.post(f"{ACTIVITIES}/{other['exportId']}/enqueue.json").json["success"]
    assert rest.post(f"{LEADS}/{jobs[10]}/enqueue.json").error == "1029 Too many jobs in queue"
    at(rest, NOW + timedelta(seconds=100))
    states = [rest.get(f"{LEADS}/{export}/status.json").result[0]["status"] for export in jobs[:6]]
    assert states == ["Completed", "Completed", "Processing", "Processing", "Queued", "Queued"]
    assert rest.post(f"{LEADS}/{jobs[10]}/enqueue.json").json["success"]


def test_the_bytes_of_a_day_are_limited_until_midnight_in_us_central(rest, monkeypatch):
    monkeypatch.setattr(extracts, "DAILY_BYTES", 30)
    (before,) = create(rest).result
    done(rest)
    assert create(rest).error == "1029 Export daily quota 0MB exceeded"
    assert rest.post(f"{LEADS}/{before['exportId']}/enqueue.json").error == "1029 Export daily quota 0MB exceeded"
    at(rest, NOW.replace(hour=4, minute=59) + timedelta(days=1))
    assert create(rest).error == "1029 Export daily quota 0MB exceeded"
    at(rest, NOW.replace(hour=5, minute=0, second=0) + timedelta(days=1))
    assert create(rest).json["success"]


def test_a_list_that_goes_meanwhile_fails_the_job():
    rest = world(export_duration="60s")
    (made,) = create(rest).result
    rest.post(f"{LEADS}/{made['exportId']}/enqueue.json")
    with rest.soap.database.transaction() as session:
        lists.remove(session, 2001)
    at(rest, NOW + timedelta(seconds=60))
    (said,) = rest.get(f"{LEADS}/{made['exportId']}/status.json").result
    assert (said["status"], said["errorMsg"], file(rest, said).http_status) == ("Failed", "List not found", 404)


# ---------------------------------------------------------------------------------------------------------------------
# Activities

ACTIVITY = (
    "marketoGUID",
    "leadId",
    "activityDate",
    "activityTypeId",
    "campaignId",
    "primaryAttributeValueId",
    "primaryAttributeValue",
    "attributes",
)


@pytest.fixture
def active(rest) -> Rest:
    """Two leads that did something: one was created and then changed, one was put on a list."""
    rest.soap.sync({"City": "Oslo"}, Email="new@example.com")
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(seconds=10)))
    rest.soap.sync({"City": "Bonn"}, Email="new@example.com")
    rest.post("/rest/v1/leads.json", {"input": [{"email": "ann@example.com", "city": "Ulm"}]})
    return rest


def test_activities_are_extracted_with_all_that_is_said_of_them(active):
    said = done(active, ACTIVITIES, ACTIVITY, MARCH)
    header, *found = rows(active, said, ACTIVITIES)
    assert header == list(ACTIVITY)
    assert [(row[1], row[2], row[3], row[4], row[6]) for row in found] == [
        ("1005", "2026-03-14T09:26:53Z", "12", "null", "null"),
        ("1005", "2026-03-14T09:27:03Z", "13", "null", "City"),
        ("1001", "2026-03-14T09:27:03Z", "13", "null", "City"),
    ]
    assert json.loads(found[1][7])["New Value"] == "Bonn"
    assert json.loads(found[2][7])["Old Value"] == "Rome"


def test_without_fields_an_extract_of_activities_has_them_all_and_leads_need_some(active):
    assert rows(active, done(active, ACTIVITIES, None, MARCH), ACTIVITIES)[0] == list(ACTIVITY)


@pytest.mark.parametrize(
    ("more", "ids"),
    [
        ({"activityTypeIds": [13]}, ["1005", "1001"]),
        ({"activityTypeIds": [12, 24]}, ["1005"]),
        ({"activityTypeIds": [37]}, []),
        ({"activityTypeIds": [99999]}, []),
        ({"activityTypeIds": [13], "primaryAttributeValues": ["City"]}, ["1005", "1001"]),
        ({"activityTypeIds": [13], "primaryAttributeValues": ["Title"]}, []),
        ({"createdAt": {"startAt": "2026-03-14T09:27:03Z", "endAt": "2026-03-14T09:27:03Z"}}, ["1005", "1001"]),
    ],
)
def test_activities_are_chosen_by_time_type_and_what_they_were_about(active, more, ids):
    said = done(active, ACTIVITIES, ("leadId", "actionResult"), {**MARCH, **more})
    assert rows(active, said, ACTIVITIES) == [["leadId", "actionResult"], *([number, "succeeded"] for number in ids)]


@pytest.mark.parametrize(
    ("filter", "error"),
    [
        ({"activityTypeIds": [1]}, "1003 filter 'createdAt' not specified"),
        ({**MARCH, "activityTypeIds": ["1"]}, "1003 Invalid filter 'activityTypeIds': expected a list of integers"),
        ({**MARCH, "primaryAttributeValues": ["x"]}, "1003 filter 'activityTypeIds' not specified"),
        (
            {**MARCH, "activityTypeIds": [2], "primaryAttributeValueIds": list(range(51))},
            "1003 Invalid filter 'primaryAttributeValueIds': 50 are the most",
        ),
        ({**MARCH, **LIST}, "1003 Invalid filter type 'staticListId'"),
    ],
)
def test_filters_of_activities_that_cannot_be(rest, filter, error):
    assert create(rest, ACTIVITIES, ACTIVITY, filter).error == error


# ---------------------------------------------------------------------------------------------------------------------
# Custom objects


def test_custom_objects_are_those_of_the_leads_that_the_filter_chooses(rest):
    said = done(rest, CARS, ("vin", "leadid", "doors", "createdAt", "marketoguid"), LIST)
    header, *found = rows(rest, said, CARS)
    assert header == ["vin", "leadID", "doors", "createdAt", "marketoGUID"]
    shown = rest.get("/rest/v1/customobjects/car_c.json", filterType="vin", filterValues="A1,C3").result
    assert [row[4] for row in found] == [item["marketoGUID"] for item in shown]
    assert [row[:3] for row in found] == [["A1", "1001", "4"], ["C3", "1001", "null"]]
    assert create(rest, CARS, ("colour",), LIST).error == "1003 Field 'colour' not found"
    assert create(rest, CARS, ("vin",), MARCH).error == "1003 Invalid filter type 'createdAt'"
    assert create(rest, CARS.replace("car_c", "boat_c")).error == "1013 Object not found"


# ---------------------------------------------------------------------------------------------------------------------
# Members of programs

MEMBERS = "/bulk/v1/program/members/export"


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        (
            {"programId": 3001},
            [["1001", "Ann", "Launch", "Engaged", "true"], ["1003", "null", "Launch", "Visited", "false"]],
        ),
        ({"programId": 3001, "statusNames": ["visited"]}, [["1003", "null", "Launch", "Visited", "false"]]),
        ({"programId": 3001, "isExhausted": True}, []),
        (
            {"programId": 3002, "updatedAt": {"startAt": "2020-01-01T00:00:00Z", "endAt": "2020-01-02T00:00:00Z"}},
            [],
        ),
    ],
)
def test_members_of_a_program_are_extracted_with_their_leads(rest, filter, found):
    said = done(rest, MEMBERS, ("leadId", "firstname", "program", "statusName", "reachedSuccess"), filter)
    header, *lines = rows(rest, said, MEMBERS)
    assert (header, lines) == (["leadId", "firstName", "program", "statusName", "reachedSuccess"], found)


def test_members_of_several_programs_say_of_which_first(rest, monkeypatch):
    monkeypatch.setattr(extracts, "_FIRST_ROWS", 1)
    monkeypatch.setattr(extracts, "_ROWS", 1)
    monkeypatch.setattr("mockmkto.store.rest_of_work.Rest.carry_on", lambda self: None)
    (made,) = create(rest, MEMBERS, ("leadId", "webinarUrl"), {"programIds": [3001, 3002]}).result
    rest.post(f"{MEMBERS}/{made['exportId']}/enqueue.json")
    seen = [rest.get(f"{MEMBERS}/{made['exportId']}/status.json").result[0]["status"] for _ in range(5)]
    assert seen[-1] == "Completed"
    assert rows(rest, made, MEMBERS) == [
        ["programId", "leadId", "webinarUrl"],
        ["3001", "1001", "null"],
        ["3001", "1003", "null"],
        ["3002", "1002", "null"],
    ]


@pytest.mark.parametrize(
    ("filter", "error"),
    [
        ({}, "1003 filter 'programId' not specified"),
        ({"statusNames": ["Visited"]}, "1003 filter 'programId' not specified"),
        ({"programId": 7}, "1013 Program not found"),
        ({"programId": "3001"}, "1003 Invalid filter 'programId': expected integers"),
        ({"programIds": list(range(11))}, "1003 Invalid filter 'programIds': 10 are the most"),
        (
            {"programId": 3001, "programIds": [3002]},
            "1003 Only one filter type may be specified: programId, programIds",
        ),
        (
            {"programId": 3001, "statusNames": ["Lost"]},
            "1003 Invalid filter 'statusNames': no program has the status 'Lost'",
        ),
        ({"programId": 3001, "staticListId": 2001}, "1003 Invalid filter type 'staticListId'"),
    ],
)
def test_members_that_cannot_be_extracted(rest, filter, error):
    assert create(rest, MEMBERS, ("leadId",), filter).error == error


def test_the_soap_api_sees_what_is_due_and_goes_on_with_it():
    """Whoever comes first does it: no REST call is needed for a file to be there."""
    rest = world(export_duration="60s")
    (made,) = create(rest).result
    rest.post(f"{LEADS}/{made['exportId']}/enqueue.json")
    at(rest, NOW + timedelta(seconds=60))
    other = Marketo.over(rest.soap.registry, rest.soap.name)
    other.get("EMAIL", "ann@example.com")
    with rest.soap.database.transaction() as session:
        assert session.due_at is None
