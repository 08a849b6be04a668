"""getCustomObjects, syncCustomObjects, deleteCustomObjects: what is found, stored, refused, answered and explained."""

import json

import pytest
from support import Marketo, attribute_list

FIXTURE = """
fields: [{name: Badge__c, type: string, length: 20}]
leads:
  - {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann}}
  - {Id: 1002, Email: bob@example.com, attributes: {Badge__c: B-7}}
  - {Id: 1003, Email: twin@example.com}
  - {Id: 1004, Email: twin@example.com}
custom_object_types:
  - name: Roadshow
    keys: [MKTOID, rid]
    link: {field: MKTOID, to: Id}
    fields:
      - {name: MKTOID, type: integer}
      - {name: rid, type: string, length: 50}
      - {name: city, type: string, length: 50}
      - {name: zip, type: string, length: 10}
      - {name: seats, type: integer}
    records: [{MKTOID: 1001, rid: r1, city: Rome}]
  - name: Ticket
    keys: [number]
    link: {field: email, to: Email}
    fields: [{name: number, type: integer}, {name: email, type: string}, {name: badge, type: string}]
  - name: Visit
    keys: [number]
    link: {field: badge, to: Badge__c}
    fields: [{name: number, type: integer}, {name: badge, type: string}]
"""


@pytest.fixture
def marketo():
    return Marketo(FIXTURE)


def switched(**switches: str) -> Marketo:
    return Marketo(FIXTURE + "behaviour: " + json.dumps(switches))


def get(marketo, keys=(), kind="Roadshow", **members):
    members = {"customObjKeyList": attribute_list(keys), "includeAttributes": "", **members}
    return marketo.call("getCustomObjects", {"objTypeName": kind, **members})


def sync(marketo, *records, kind="Roadshow", operation="UPSERT", version="2_9"):
    """Records are pairs of keys and attributes, each a list of pairs."""
    listed = [
        {"customObjKeyList": attribute_list(keys), "customObjAttributeList": attribute_list(values)}
        for keys, values in records
    ]
    members = {"objTypeName": kind, "customObjList": {"customObj": listed}, "operation": operation}
    return marketo.call("syncCustomObjects", members, version)


def delete(marketo, *keys, kind="Roadshow"):
    lists = [attribute_list(pairs) for pairs in keys]
    return marketo.call("deleteCustomObjects", {"objTypeName": kind, "customObjKeyLists": {"keyList": lists}})


def shown(answer) -> list[dict[str, str]]:
    """Every record of an answer, its keys and its other fields together."""
    return [
        {item.findtext("attrName"): item.findtext("attrValue") for item in record.iter("attribute")}
        for record in answer.root.iter("customObj")
    ]


def statuses(answer) -> list[tuple[str, str | None]]:
    return [
        (item.findtext("status"), item.findtext("error") or None) for item in answer.root.iter("syncCustomObjStatus")
    ]


R1, R2, R9 = (
    (("MKTOID", "1001"), ("rid", "r1")),
    (("MKTOID", "1001"), ("rid", "r2")),
    (("MKTOID", "1001"), ("rid", "r9")),
)


# ---------------------------------------------------------------------------------------------------------------------
# getCustomObjects


def test_a_key_finds_its_records_and_the_position_counts_them(marketo):
    answer = get(marketo, [("MKTOID", "1001")])
    assert shown(answer) == [{"MKTOID": "1001", "rid": "r1", "city": "Rome"}]
    assert (answer.text("returnCount"), answer.text("remainingCount")) == ("1", "0")
    assert answer.text("newStreamPosition") == '{"ky":["1001"],"os":1}'


@pytest.mark.parametrize("name", ["Roadshow", "RoadShow", "ROADSHOW", " roadshow "])
def test_a_type_is_found_in_any_case_and_answered_as_it_is_spelt(marketo, name):
    assert get(marketo, [("MKTOID", "1001")], kind=name).text("objTypeName") == "Roadshow"


def test_no_hits_are_an_empty_list(marketo):
    answer = get(marketo, [("MKTOID", "7")])
    assert (answer.text("returnCount"), answer.text("remainingCount")) == ("0", "0")
    assert answer.text("newStreamPosition") == '{"ky":["7"],"os":0}'
    assert b"<customObjList/>" in answer.body


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([], ["r1", "r2", "r1"]),
        ([("MKTOID", "1001")], ["r1", "r2"]),
        ([("rid", "r1")], ["r1", "r1"]),
        ([("MKTOID", "1001"), ("rid", "r2")], ["r2"]),
        ([("MKTOID", "1001"), ("MKTOID", "1002")], ["r1", "r2", "r1"]),
        ([("MKTOID", "1001"), ("MKTOID", "1002"), ("rid", "r1")], ["r1", "r1"]),
        ([("mktoid", " 1001 ")], ["r1", "r2"]),
        ([("MKTOID", "1001"), ("rid", "R2")], []),
    ],
)
def test_all_keys_must_hold_and_two_values_of_one_are_alternatives(marketo, keys, expected):
    sync(marketo, (R2, []), ((("MKTOID", "1002"), ("rid", "r1")), []))
    assert [record["rid"] for record in shown(get(marketo, keys))] == expected


def test_records_are_in_the_order_of_their_keys_numbers_as_numbers(marketo):
    numbers = ["10", "9", "-3", "100"]
    sync(marketo, *(([("number", number)], []) for number in numbers), kind="Ticket")
    assert [record["number"] for record in shown(get(marketo, kind="Ticket"))] == ["-3", "9", "10", "100"]


@pytest.mark.parametrize(
    ("names", "expected", "warned"),
    [
        ([], {"MKTOID": "1001", "rid": "r1", "city": "Rome", "zip": "1"}, 0),
        (["zip"], {"MKTOID": "1001", "rid": "r1", "zip": "1"}, 0),
        (["ZIP", "nope"], {"MKTOID": "1001", "rid": "r1", "zip": "1"}, 1),
        (["rid", "city"], {"MKTOID": "1001", "rid": "r1", "city": "Rome"}, 0),
        ([" ", ""], {"MKTOID": "1001", "rid": "r1", "city": "Rome", "zip": "1"}, 0),
    ],
)
def test_include_attributes_chooses_the_fields(marketo, names, expected, warned):
    sync(marketo, (R1, [("zip", "1")]))
    answer = get(marketo, [("MKTOID", "1001")], includeAttributes={"stringItem": names})
    assert shown(answer) == [expected]
    assert len(answer.warnings) == warned


def test_keys_are_among_the_attributes_only_if_they_are_asked_for(marketo):
    plain = get(marketo, [("MKTOID", "1001")])
    asked = get(marketo, [("MKTOID", "1001")], includeAttributes={"stringItem": ["rid"]})
    path = "customObjAttributeList/attribute/attrName"
    assert [[item.text for item in answer.root.iterfind(f".//{path}")] for answer in (plain, asked)] == [
        ["city"],
        ["rid"],
    ]


def test_pages_go_on_where_they_ended_and_say_how_many_are_left(marketo):
    sync(marketo, *(([("MKTOID", "1002"), ("rid", f"r{number}")], []) for number in range(5)))
    pages, position = [], None
    while True:
        members = {"batchSize": 2} | ({"streamPosition": position} if position else {})
        answer = get(marketo, [("MKTOID", "1002")] if position is None else [], **members)
        pages.append(([record["rid"] for record in shown(answer)], answer.text("remainingCount")))
        position = answer.text("newStreamPosition")
        if answer.text("remainingCount") == "0":
            break
    assert pages == [(["r0", "r1"], "3"), (["r2", "r3"], "1"), (["r4"], "0")]
    assert position == '{"ky":["1002"],"os":5}'
    assert shown(get(marketo, streamPosition=position)) == []


def test_what_comes_and_goes_between_two_pages_shows_nothing_twice(marketo):
    sync(marketo, *(([("MKTOID", "1002"), ("rid", f"r{number}")], []) for number in range(4)))
    first = get(marketo, [("MKTOID", "1002")], batchSize=2)
    sync(marketo, ([("MKTOID", "1002"), ("rid", "a")], []))
    delete(marketo, [("MKTOID", "1002"), ("rid", "r0")])
    second = get(marketo, streamPosition=first.text("newStreamPosition"), batchSize=9)
    assert [record["rid"] for record in shown(second)] == ["r2", "r3"]


def test_a_position_remembers_keys_that_are_not_the_first(marketo):
    sync(marketo, (R2, []), ((("MKTOID", "1002"), ("rid", "r1")), []))
    position = get(marketo, [("rid", "r1")], batchSize=1).text("newStreamPosition")
    assert [record["MKTOID"] for record in shown(get(marketo, streamPosition=position))] == ["1002"]


def test_a_position_that_a_client_makes_is_followed(marketo):
    sync(marketo, (R2, []))
    assert [record["rid"] for record in shown(get(marketo, streamPosition='{"ky":["1001"],"os":1}'))] == ["r2"]


def test_where_the_keys_differ_the_position_decides_or_a_fault_does(marketo):
    said = {"keys": [("MKTOID", "1002")], "streamPosition": '{"ky":["1001"],"os":0}'}
    answer = get(marketo, **said)
    assert ([record["MKTOID"] for record in shown(answer)], len(answer.warnings)) == (["1001"], 1)
    assert get(switched(position_conflict="fault"), **said).code == "20122"


@pytest.mark.parametrize(
    "position",
    [
        "abc",
        "[]",
        "id:1",
        "{" * 400,
        '{"ky":[]}',
        '{"ky":[1],"os":1}',
        '{"ky":["1"],"os":-1}',
        '{"ky":["1"],"os":true}',
        '{"ky":["1"],"os":1,"kn":["city"]}',
        '{"ky":["1"],"os":1,"kn":"MKTOID"}',
        '{"ky":[],"os":0,"af":["x"]}',
    ],
)
def test_what_is_no_position_is_20122(marketo, position):
    assert get(marketo, streamPosition=position).code == "20122"


@pytest.mark.parametrize(("asked", "used"), [("2", 2), ("101", 100), ("0", 100), ("-1", 100)])
def test_batch_size_is_at_most_100(marketo, asked, used):
    for start in (0, 60):
        sync(marketo, *(([("MKTOID", "1002"), ("rid", f"r{n:03}")], []) for n in range(start, start + 60)))
    answer = get(marketo, [("MKTOID", "1002")], batchSize=asked)
    assert len(shown(answer)) == used
    assert answer.text("remainingCount") == str(120 - used)
    assert bool(answer.warnings) is (asked == "101")


# ---------------------------------------------------------------------------------------------------------------------
# syncCustomObjects


@pytest.mark.parametrize(
    ("operation", "keys", "expected"),
    [
        ("UPSERT", R2, ("CREATED", None)),
        ("UPSERT", R1, ("UPDATED", None)),
        ("INSERT", R2, ("CREATED", None)),
        ("INSERT", R1, ("FAILED", "Object already exists")),
        ("UPDATE", R1, ("UPDATED", None)),
        ("UPDATE", R9, ("FAILED", "Object does not exist")),
        ("", R2, ("CREATED", None)),
    ],
)
def test_what_an_operation_does_with_what_is_there_and_what_is_not(marketo, operation, keys, expected):
    assert statuses(sync(marketo, (keys, [("city", "Oslo")]), operation=operation)) == [expected]


@pytest.mark.parametrize(("operation", "keys"), [("INSERT", R1), ("UPDATE", R9)])
def test_the_page_calls_that_skipped(operation, keys):
    assert statuses(sync(switched(custom_skipped="skipped"), (keys, []), operation=operation)) == [("SKIPPED", None)]


def test_a_value_is_written_and_an_empty_one_clears(marketo):
    sync(marketo, (R1, [("city", "Paris"), ("zip", "75001")]))
    assert shown(get(marketo, [("MKTOID", "1001")])) == [
        {"MKTOID": "1001", "rid": "r1", "city": "Paris", "zip": "75001"}
    ]
    sync(marketo, (R1, [("zip", "")]))
    assert shown(get(marketo, [("MKTOID", "1001")])) == [{"MKTOID": "1001", "rid": "r1", "city": "Paris"}]


def test_an_unknown_attribute_fails_its_record_alone(marketo):
    answer = sync(marketo, (R1, [("nameasdf", "x")]), (R2, [("city", "Oslo")]))
    assert statuses(answer) == [("FAILED", "Unknown name attribute list: nameasdf"), ("CREATED", None)]


@pytest.mark.parametrize(
    ("keys", "attributes", "error"),
    [
        ([("MKTOID", "1001")], [], "Missing key: rid"),
        ([("MKTOID", "1001"), ("rid", "")], [], "Missing key: rid"),
        ([*R1, ("city", "Rome")], [], "Unknown name key list: city"),
        ([("MKTOID", "x"), ("rid", "r1")], [], "'x' is not valid for field MKTOID of type integer"),
        (R1, [("seats", "many")], "'many' is not valid for field seats of type integer"),
        (R1, [("zip", "12345678901")], "the value is too long for field zip"),
        (R1, [("rid", "r2")], "rid is a key"),
    ],
)
def test_what_cannot_be_stored_fails_with_a_reason(marketo, keys, attributes, error):
    before = marketo.dump()
    (status, said), *_ = statuses(sync(marketo, (keys, attributes)))
    assert (status, said[: len(error)]) == ("FAILED", error)
    assert marketo.dump() == before


def test_a_status_echoes_the_type_as_stored_and_the_keys_as_sent(marketo):
    answer = sync(marketo, ([("mktoid", "01001"), ("rid", "r1")], []), kind="roadshow")
    (status,) = answer.root.iter("syncCustomObjStatus")
    assert status.findtext("objTypeName") == "Roadshow"
    keys = [(item.findtext("attrName"), item.findtext("attrValue")) for item in status.iter("attribute")]
    assert keys == [("mktoid", "01001"), ("rid", "r1")]


def test_nothing_differs_is_updated_or_unchanged(marketo):
    assert statuses(sync(marketo, (R1, [("city", "Rome")]))) == [("UPDATED", None)]
    assert statuses(sync(switched(custom_unchanged="unchanged"), (R1, [("city", "Rome")]))) == [("UNCHANGED", None)]


# ---------------------------------------------------------------------------------------------------------------------
# Links


@pytest.mark.parametrize(
    ("kind", "attributes", "lead"),
    [
        ("Ticket", [("email", "bob@example.com")], 1002),
        ("Ticket", [("email", "BOB@example.com")], 1002),
        ("Ticket", [], None),
        ("Visit", [("badge", "B-7")], 1002),
    ],
)
def test_a_record_is_linked_by_the_field_of_its_type(marketo, kind, attributes, lead):
    answer = sync(marketo, ([("number", "1")], attributes), kind=kind)
    assert statuses(answer) == [("CREATED", None)]
    assert [step.lead_id for step in answer.call.trace.records] == [lead]


def test_a_link_that_finds_no_lead_is_stored_with_a_warning_or_fails(marketo):
    record = ([("number", "1")], [("email", "nobody@example.com")])
    answer = sync(marketo, record, kind="Ticket")
    assert (statuses(answer), len(answer.warnings)) == ([("CREATED", None)], 1)
    refused = sync(switched(custom_link_missing="failed"), record, kind="Ticket")
    assert statuses(refused) == [("FAILED", "No lead found with Email = nobody@example.com")]


def test_a_link_that_finds_several_leads_fails(marketo):
    answer = sync(marketo, ([("number", "1")], [("email", "twin@example.com")]), kind="Ticket")
    assert statuses(answer) == [("FAILED", "Found more than one lead with Email = twin@example.com")]


# ---------------------------------------------------------------------------------------------------------------------
# deleteCustomObjects


def test_a_record_is_deleted_once(marketo):
    assert statuses(delete(marketo, R1)) == [("DELETED", None)]
    assert statuses(delete(marketo, R1)) == [("FAILED", "Not found")]
    assert shown(get(marketo)) == []


def test_the_page_calls_what_is_not_there_unchanged():
    assert statuses(delete(switched(custom_unchanged="unchanged"), R9)) == [("UNCHANGED", None)]


def test_a_part_of_the_keys_deletes_nothing(marketo):
    before = marketo.dump()
    assert delete(marketo, R1, [("MKTOID", "1001")]).code == "20110"
    assert marketo.dump() == before


# ---------------------------------------------------------------------------------------------------------------------
# Faults


@pytest.mark.parametrize("operation", ["getCustomObjects", "syncCustomObjects", "deleteCustomObjects"])
@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({}, "20109", "objTypeName"),
        ({"objTypeName": ""}, "20109", "objTypeName"),
        (
            {"objTypeName": "Nope", "customObjList": "", "customObjKeyLists": "", "operation": "FOO"},
            "20110",
            "Object name is not valid (20110)",
        ),
    ],
)
def test_the_type_is_asked_for_first(marketo, operation, members, code, message):
    answer = marketo.call(operation, members)
    assert (answer.code, message in answer.message) == (code, True)


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        ("syncCustomObjects", {"objTypeName": "Nope"}, "20109"),
        ("deleteCustomObjects", {"objTypeName": "Nope"}, "20109"),
        ("syncCustomObjects", {"objTypeName": "Roadshow", "customObjList": "", "operation": "FOO"}, "20110"),
        ("getCustomObjects", {"objTypeName": "Roadshow", "customObjKeyList": attribute_list([("city", "x")])}, "20110"),
        (
            "getCustomObjects",
            {"objTypeName": "Roadshow", "customObjKeyList": attribute_list([("MKTOID", "x")])},
            "20110",
        ),
        (
            "getCustomObjects",
            {"objTypeName": "Roadshow", "customObjKeyList": {"attribute": {"attrName": "rid"}}},
            "20109",
        ),
    ],
)
def test_faults(marketo, operation, members, code):
    assert marketo.call(operation, members).code == code


def test_more_than_100_are_refused_and_none_is_stored(marketo):
    before = marketo.dump()
    records = [([("MKTOID", "1002"), ("rid", f"r{number}")], []) for number in range(101)]
    assert sync(marketo, *records).code == "20110"
    assert delete(marketo, *(keys for keys, _ in records)).code == "20110"
    assert marketo.dump() == before


@pytest.mark.parametrize("version", ["1_9", "1_3"])
def test_versions_before_2_0_have_no_custom_objects(marketo, version):
    assert sync(marketo, (R1, []), version=version).code == "20019"


# ---------------------------------------------------------------------------------------------------------------------
# What is told


def test_a_sync_explains_each_record(marketo):
    trace = sync(marketo, (R1, [("city", "Paris")]), (R9, [("nope", "1")])).call.trace
    assert [(subject.kind, subject.name) for subject in trace.subjects] == [("object type", "Roadshow")]
    first, second = trace.records
    assert (first.status, first.lead_id, first.object_id) == ("UPDATED", 1001, "MKTOID = 1001, rid = r1")
    assert [(change.target, change.before, change.after) for change in first.changes] == [("city", "Rome", "Paris")]
    assert (second.status, second.error) == ("FAILED", "Unknown name attribute list: nope")
    assert dict(trace.counts) == {"UPDATED": 1, "FAILED": 1}


def test_a_read_explains_its_page(marketo):
    page = get(marketo, [("MKTOID", "1001")]).call.trace.page
    assert (page.selector, page.total, page.first, page.last) == ("Roadshow with MKTOID = 1001", 1, 1, 1)
    assert page.ended


def test_a_call_is_found_by_what_it_said(marketo):
    fields = sync(marketo, (R1, [("city", "Paris")])).call.fields
    assert dict(fields.keys) == {"objTypeName": "Roadshow", "MKTOID": "1001", "rid": "r1"}
    assert dict(fields.attributes) == {"city": "Paris"}


def test_a_change_is_an_activity_only_where_that_is_switched_on(marketo):
    assert sync(marketo, (R1, [("city", "Paris")])).call.trace.activities == 0
    told = switched(custom_activities="on")
    assert sync(told, (R1, [("city", "Paris")])).call.trace.activities == 1
    assert sync(told, (R1, [("city", "Paris")])).call.trace.activities == 0
    assert delete(told, R1).call.trace.activities == 1


# ---------------------------------------------------------------------------------------------------------------------
# Captured shapes


def test_the_shape_of_found_records(marketo):
    """As captured: the order of members, nil types, the position behind the counts."""
    assert get(marketo, [("MKTOID", "1001")]).body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns1="http://www.marketo.com/mktows/">'
        "<SOAP-ENV:Body><ns1:successGetCustomObjects><result><objTypeName>Roadshow</objTypeName>"
        "<returnCount>1</returnCount><remainingCount>0</remainingCount>"
        '<newStreamPosition>{"ky":["1001"],"os":1}</newStreamPosition><customObjList><customObj><customObjKeyList>'
        '<attribute><attrName>MKTOID</attrName><attrType xsi:nil="true"/><attrValue>1001</attrValue></attribute>'
        '<attribute><attrName>rid</attrName><attrType xsi:nil="true"/><attrValue>r1</attrValue></attribute>'
        "</customObjKeyList><customObjAttributeList>"
        '<attribute><attrName>city</attrName><attrType xsi:nil="true"/><attrValue>Rome</attrValue></attribute>'
        "</customObjAttributeList></customObj></customObjList></result></ns1:successGetCustomObjects>"
        "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
    )


def test_the_shape_of_no_records(marketo):
    """As captured: no xsi where nothing is nil."""
    assert get(marketo, [("MKTOID", "123")]).body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:ns1="http://www.marketo.com/mktows/">'
        "<SOAP-ENV:Body><ns1:successGetCustomObjects><result><objTypeName>Roadshow</objTypeName>"
        "<returnCount>0</returnCount><remainingCount>0</remainingCount>"
        '<newStreamPosition>{"ky":["123"],"os":0}</newStreamPosition><customObjList/></result>'
        "</ns1:successGetCustomObjects></SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
    )


@pytest.mark.parametrize(
    ("keys", "attributes", "outcome"),
    [
        (R1, [("city", "Paris")], '<status>UPDATED</status><error xsi:nil="true"/>'),
        (R9, [("nope", "1")], "<status>FAILED</status><error>Unknown name attribute list: nope</error>"),
    ],
)
def test_the_shape_of_a_status(marketo, keys, attributes, outcome):
    echoed = "".join(
        f'<attribute><attrName>{name}</attrName><attrType xsi:nil="true"/><attrValue>{value}</attrValue></attribute>'
        for name, value in keys
    )
    assert (
        "<ns1:successSyncCustomObjects><result><syncCustomObjStatusList><syncCustomObjStatus>"
        f"<objTypeName>Roadshow</objTypeName><customObjKeyList>{echoed}</customObjKeyList>{outcome}"
        "</syncCustomObjStatus></syncCustomObjStatusList></result></ns1:successSyncCustomObjects>"
    ) in sync(marketo, (keys, attributes)).body.decode()


def test_the_shape_of_the_fault_of_an_unknown_type(marketo):
    assert (
        "<faultcode>SOAP-ENV:Client</faultcode><faultstring>20110 - Input error</faultstring><detail>"
        '<ns1:serviceException xmlns:ns1="http://www.marketo.com/mktows/"><name>mktServiceException</name>'
        "<message>Object name is not valid (20110)</message><code>20110</code></ns1:serviceException></detail>"
    ) in sync(marketo, (R1, []), kind="Nope").body.decode()
