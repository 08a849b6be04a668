"""Custom objects over REST: the same records as over SOAP, each with a marketoGUID."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from rest_support import Rest
from support import NOW, attribute_list

from mockmkto.clock import Clock
from mockmkto.store import custom_objects

WORLD = """
clock: {frozen: 2026-03-14T09:26:53Z}
custom_object_types:
  - name: car
    keys: [id]
    link: {field: owner, to: Email}
    fields:
      - {name: id, type: integer}
      - {name: owner, type: string}
      - {name: color, type: string, length: 10}
      - {name: sold, type: boolean}
    records:
      - {id: 1, owner: ann@example.com, color: red}
      - {id: 2, owner: nobody@example.com}
      - {id: 10, color: blue}
  - name: Course
    keys: [school, number]
    fields:
      - {name: school, type: string}
      - {name: number, type: integer}
      - {name: title, type: string}
    records:
      - {school: North, number: 1, title: Drawing}
      - {school: North, number: 2, title: Painting}
      - {school: South, number: 1, title: Writing}
leads:
  - {Id: 1001, Email: ann@example.com}
  - {Id: 1002, Email: bob@example.com}
"""
CAR, COURSE = "/rest/v1/customobjects/car.json", "/rest/v1/customobjects/Course.json"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
AT = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def rest():
    return Rest(WORLD)


def cars(rest, *ids, fields="id,owner,color,sold"):
    found = rest.get(CAR, filterType="id", filterValues=",".join(map(str, ids)), fields=fields).result
    return [[item[name] for name in fields.split(",")] for item in found]


def guid(rest, number):
    return rest.get(CAR, filterType="id", filterValues=number).result[0]["marketoGUID"]


# ---------------------------------------------------------------------------------------------------------------------
# What there is


def test_the_types_are_listed_and_described(rest):
    both = rest.get("/rest/v1/customobjects.json").result
    assert [item["name"] for item in both] == ["Course", "car"]
    (car,) = rest.get("/rest/v1/customobjects.json", names="CAR").result
    assert (car["idField"], car["dedupeFields"]) == ("marketoGUID", ["id"])
    assert car["searchableFields"] == [["id"], ["marketoGUID"], ["owner"]]
    assert car["relationships"] == [
        {"field": "owner", "type": "child", "relatedTo": {"name": "Lead", "field": "email"}}
    ]
    (described,) = rest.get("/rest/v1/customobjects/Car/describe.json").result
    assert {name: described[name] for name in car} == car
    assert [
        (item["name"], item["dataType"], item.get("length"), item["updateable"]) for item in described["fields"]
    ] == [
        ("createdAt", "datetime", None, False),
        ("marketoGUID", "string", 36, False),
        ("updatedAt", "datetime", None, False),
        ("color", "string", 10, True),
        ("id", "integer", None, True),
        ("owner", "string", 255, True),
        ("sold", "boolean", None, True),
    ]
    assert both[0]["searchableFields"][0] == ["school", "number"]


def test_records_are_answered_as_captured(rest):
    said = rest.get(CAR, filterType="id", filterValues="1,2", fields="id,createdAt,updatedAt")
    assert [list(item) for item in said.result] == [["seq", "marketoGUID", "id", "createdAt", "updatedAt"]] * 2
    assert [(item["seq"], item["id"], item["createdAt"]) for item in said.result] == [(0, 1, AT), (1, 2, AT)]
    assert all(UUID.fullmatch(item["marketoGUID"]) for item in said.result)
    assert list(said.json) == ["requestId", "result", "success"]


def test_unless_fields_are_asked_for_the_id_the_keys_and_the_times_are_shown(rest):
    (said,) = rest.get(COURSE, filterType="school", filterValues="South").result
    assert list(said) == ["seq", "marketoGUID", "school", "number", "createdAt", "updatedAt"]


@pytest.mark.parametrize(
    ("path", "asked", "found"),
    [
        (CAR, {"filterType": "id", "filterValues": "10,1,99,many"}, [1, 10]),
        (CAR, {"filterType": "dedupeFields", "filterValues": "2"}, [2]),
        (CAR, {"filterType": "DEDUPEFIELDS", "filterValues": ["2", "1"]}, [1, 2]),
        (CAR, {"filterType": "owner", "filterValues": "ann@example.com,nobody@example.com"}, [1, 2]),
        (CAR, {"filterType": "owner", "filterValues": "bob@example.com"}, []),
        (CAR, {"filterType": "idField", "filterValues": "00000000-0000-4000-8000-000000000000,nonsense"}, []),
        (COURSE, {"filterType": "number", "filterValues": "1", "fields": "title"}, ["Drawing", "Writing"]),
    ],
)
def test_records_are_found_by(rest, path, asked, found):
    shown = "title" if path == COURSE else "id"
    assert [item[shown] for item in rest.get(path, **asked).result] == found


def test_a_record_is_found_by_its_guid_which_stays_and_is_no_others(rest):
    of_one, of_two = guid(rest, 1), guid(rest, 2)
    assert of_one != of_two
    said = rest.get(CAR, filterType="marketoGUID", filterValues=f"{of_two.upper()},{of_one},{of_two}", fields="id")
    assert [(item["id"], item["marketoGUID"]) for item in said.result] == [(2, of_two), (1, of_one)]
    assert rest.get(COURSE, filterType="idField", filterValues=of_one).result == []


def test_whole_keys_are_asked_for_by_a_body(rest):
    asked = {
        "filterType": "dedupeFields",
        "fields": ["title", "number"],
        "input": [
            {"school": "South", "number": 1},
            {"school": "North", "Number": "2"},
            {"school": "East", "number": 1},
        ],
    }
    said = rest.post(COURSE, asked, _method="GET").result
    assert [(item["title"], item["number"]) for item in said] == [("Writing", 1), ("Painting", 2)]


@pytest.mark.parametrize(
    ("path", "asked", "error"),
    [
        ("/rest/v1/customobjects/boat.json", {"filterType": "id", "filterValues": "1"}, "1013 Object 'boat' not found"),
        (CAR, {"filterValues": "1"}, "1003 filterType not specified"),
        (CAR, {"filterType": "id"}, "1003 filterValues not specified"),
        (CAR, {"filterType": "wings", "filterValues": "1"}, "1006 Field 'wings' not found"),
        (CAR, {"filterType": "color", "filterValues": "red"}, "1011 Field 'color' not supported"),
        (CAR, {"filterType": "id", "filterValues": "1", "fields": "wings"}, "1006 Field 'wings' not found"),
        (
            CAR,
            {"filterType": "id", "filterValues": ",".join(map(str, range(301)))},
            "1003 301 filterValues: 300 are the most",
        ),
        (CAR, {"filterType": "id", "filterValues": "1", "nextPageToken": "x"}, "1003 Invalid token value: x"),
        (
            COURSE,
            {"filterType": "dedupeFields", "filterValues": "North"},
            "1003 Several fields are the key: send them as the input of a POST with _method=GET",
        ),
    ],
)
def test_what_cannot_be_asked(rest, path, asked, error):
    assert rest.get(path, **asked).error == error


def test_pages_go_on_until_there_is_no_token():
    records = "".join(f"      - {{school: North, number: {number}}}\n" for number in range(3, 8))
    rest = Rest(WORLD.replace("      - {school: South", records + "      - {school: South"))
    asked = {"filterType": "school", "filterValues": "North", "batchSize": 3}
    numbers, sizes, token = [], [], None
    while token is not None or not sizes:
        said = rest.get(COURSE, **asked, **({} if token is None else {"nextPageToken": token}))
        numbers += [item["number"] for item in said.result]
        sizes.append(len(said.result))
        token = said.json.get("nextPageToken")
        assert [item["seq"] for item in said.result] == list(range(len(said.result)))
    assert (numbers, sizes) == ([1, 2, 3, 4, 5, 6, 7], [3, 3, 1])
    other = rest.get(COURSE, **asked).json["nextPageToken"]
    refused = rest.get(COURSE, **asked | {"filterValues": "South"}, nextPageToken=other)
    assert refused.error == f"1003 Invalid token value: {other}"


# ---------------------------------------------------------------------------------------------------------------------
# Syncing


@pytest.mark.parametrize(
    ("action", "of_old", "of_new"),
    [
        (None, ("updated",), ("created",)),
        ("createOrUpdate", ("updated",), ("created",)),
        ("CREATEORUPDATE", ("updated",), ("created",)),
        ("createOnly", ("skipped", ("1017", "Object already exists")), ("created",)),
        ("updateOnly", ("updated",), ("skipped", ("1013", "Object not found"))),
    ],
)
def test_what_an_action_does_with_what_is_there_and_what_is_not(rest, action, of_old, of_new):
    records = [{"id": 1, "color": "green"}, {"id": 5, "sold": True}]
    body = {"input": records} if action is None else {"action": action, "input": records}
    said = rest.post(CAR, body)
    assert said.outcomes == [of_old, of_new]
    assert [item["seq"] for item in said.result] == [0, 1]
    green = ["green" if of_old == ("updated",) else "red"]
    assert cars(rest, 1, fields="color") == [green]
    assert cars(rest, 5) == ([[5, None, None, True]] if of_new == ("created",) else [])
    for number, item in zip((1, 5), said.result, strict=True):
        if item["status"] != "skipped":
            assert item["marketoGUID"] == guid(rest, number)


def test_null_and_the_empty_text_clear_and_what_is_not_named_stays(rest):
    rest.post(CAR, {"input": [{"id": 1, "color": None}, {"id": 10, "color": "", "sold": True}]})
    assert cars(rest, 1, 10) == [[1, "ann@example.com", None, False], [10, None, None, True]]


def test_nothing_differs_is_updated_and_leaves_the_time(rest):
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(minutes=1)))
    assert rest.post(CAR, {"input": [{"id": 1, "color": "red"}]}).outcomes == [("updated",)]
    assert cars(rest, 1, fields="updatedAt") == [[AT]]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"color": "red"}, ("1002", "Missing value for the required parameter 'id'")),
        ({"id": None}, ("1002", "Missing value for the required parameter 'id'")),
        ({"id": "many"}, ("1003", "Invalid value for field 'id' and value 'many'")),
        ({"id": 7, "sold": "maybe"}, ("1003", "Invalid value for field 'sold' and value 'maybe'")),
        ({"id": 7, "color": "x" * 11}, ("1077", "Value for field exceeds max length")),
        ({"id": 7, "wings": 2}, ("1006", "Field 'wings' not found")),
        ({"id": 8}, ("1036", "Duplicate object found in input")),
        ({"id": 7, "owner": "two@example.com"}, ("1003", "Found more than one lead with Email = two@example.com")),
    ],
)
def test_a_record_that_is_refused_leaves_nothing_and_its_neighbours_are_stored(record, reason):
    rest = Rest(WORLD + "  - {Id: 1003, Email: two@example.com}\n  - {Id: 1004, Email: two@example.com}\n")
    said = rest.post(CAR, {"input": [{"id": 8}, record, {"id": 9}]})
    assert said.outcomes == [("created",), ("skipped", reason), ("created",)]
    assert "marketoGUID" not in said.result[1]
    assert [step.status for step in said.call.trace.records] == ["created", "skipped", "created"]
    assert cars(rest, 7, 8, 9, fields="id") == [[8], [9]]


def test_by_the_id_field_a_record_is_updated_even_its_key(rest):
    of_one = guid(rest, 1)
    body = {"action": "updateOnly", "dedupeBy": "idField", "input": [{"marketoGUID": of_one, "id": 77}]}
    assert rest.post(CAR, body).result == [{"seq": 0, "status": "updated", "marketoGUID": of_one}]
    assert cars(rest, 1, 77) == [[77, "ann@example.com", "red", False]]
    body["input"] = [{"marketoGUID": of_one, "id": 2}, {"id": 2}, {"marketoGUID": "x", "color": "red"}]
    body["input"] += [{"marketoGUID": of_one.upper(), "id": None}]
    assert rest.post(CAR, body).outcomes == [
        ("skipped", ("1017", "Object already exists")),
        ("skipped", ("1002", "Missing value for the required parameter 'marketoGUID'")),
        ("skipped", ("1013", "Object not found")),
        ("skipped", ("1002", "Missing value for the required parameter 'id'")),
    ]
    body["action"] = "createOrUpdate"
    assert rest.post(CAR, body).error == "1003 dedupeBy idField is for updateOnly alone"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"action": "upsert", "input": [{"id": 1}]}, "1001 Invalid value 'upsert'. Required of type 'SyncAction'"),
        ({"dedupeBy": "name", "input": [{"id": 1}]}, "1001 Invalid value 'name'. Required of type 'DedupeBy'"),
        ({}, "1002 Missing value for the required parameter 'input'"),
    ],
)
def test_a_sync_that_cannot_be_is_refused_as_a_whole(rest, body, error):
    assert rest.post(CAR, body).error == error


def test_what_may_not_be_written_is_noted_and_not_stored(rest):
    said = rest.post(CAR, {"input": [{"id": 1, "createdAt": "2001-01-01T00:00:00Z", "color": "blue"}]})
    assert said.outcomes == [("updated",)]
    assert "field createdAt may not be written: what was sent is not stored" in said.warnings
    assert cars(rest, 1, fields="createdAt,color") == [[AT, "blue"]]


# ---------------------------------------------------------------------------------------------------------------------
# Deleting, and SOAP


@pytest.mark.parametrize("by_id", [False, True])
def test_a_record_is_deleted_once(rest, by_id):
    of_one = guid(rest, 1)
    record = {"marketoGUID": of_one} if by_id else {"id": 1}
    body = {"input": [record, record]} | ({"deleteBy": "idField"} if by_id else {})
    said = rest.post("/rest/v1/customobjects/car/delete.json", body)
    assert said.outcomes == [("deleted",), ("skipped", ("1013", "Object not found"))]
    assert said.result[0]["marketoGUID"] == of_one
    assert cars(rest, 1, 2, fields="id") == [[2]]


def test_what_one_api_writes_the_other_reads(rest):
    rest.post(CAR, {"input": [{"id": 5, "owner": "bob@example.com", "sold": True}]})
    keys = attribute_list([("id", "5")])
    answer = rest.soap.call(
        "getCustomObjects", {"objTypeName": "car", "customObjKeyList": keys, "includeAttributes": ""}
    )
    assert answer.code is None
    assert b"bob@example.com" in answer.body
    with rest.soap.database.transaction() as session:
        assert [item.values["id"] for item in custom_objects.of_lead(session, 1002)] == ["5"]
    record = {"customObjKeyList": keys, "customObjAttributeList": attribute_list([("color", "black")])}
    rest.soap.call("syncCustomObjects", {"objTypeName": "car", "customObjList": {"customObj": [record]}})
    assert cars(rest, 5) == [[5, "bob@example.com", "black", True]]
