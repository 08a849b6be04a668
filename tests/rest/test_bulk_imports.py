"""Bulk imports: a file is taken, done when the clock says so, and what was wrong with its rows can be read."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from rest_support import Rest, multipart
from support import NOW

from mockmkto.clock import Clock
from mockmkto.engine import bulk_imports
from mockmkto.store import bulk, leads, lists

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann, City: Rome, Account__c: A-1, LeadScore: 7}}
- {Id: 1002, Email: bob@example.com, attributes: {Account__c: B-2}}
- {Id: 1003, Email: twin@example.com}
- {Id: 1004, Email: twin@example.com}
lists: [{id: 2001, name: Newsletter}]
channels: {Web: {statuses: [{name: Visited, step: 20}, {name: Engaged, step: 30}]}}
programs: [{id: 3001, name: Launch, channel: Web}]
fields: [{name: Account__c, type: string}]
custom_object_types:
- name: car_c
  fields:
  - {name: vin, type: string}
  - {name: color, type: string}
  - {name: doors, type: integer}
  - {name: leadID, type: integer}
  keys: [vin]
  link: {field: leadID, to: Id}
"""
FILE = b"email,firstName\nann@example.com,Anna\nnew@example.com,Ned\n"
CARS = "/bulk/v1/customobjects/car_c/import"


def world(**switches: str) -> Rest:
    said = ", ".join(f"{name}: {value}" for name, value in switches.items())
    return Rest(f"{WORLD}\nbehaviour: {{{said}}}")


@pytest.fixture
def rest() -> Rest:
    return world()


def send(rest, content: bytes = FILE, path="/bulk/v1/leads.json", query="", filename="leads.csv", **fields):
    body, content_type = multipart(
        *((name, None, str(value).encode()) for name, value in fields.items()), ("file", filename, content)
    )
    return rest.send("POST", path, query, body, content_type)


def status(rest, batch: int, path="/bulk/v1/leads/batch/{}.json"):
    (said,) = rest.get(path.format(batch)).result
    return said


def imported(rest, content: bytes = FILE, **fields):
    """The status of an import that is done."""
    (begun,) = send(rest, content, **fields).result
    return status(rest, begun["batchId"])


def failures(rest, said, kind="failures"):
    answer = rest.get(f"/bulk/v1/leads/batch/{said['batchId']}/{kind}.json")
    return (answer.http_status, answer.body.decode())


def stored(rest, email: str) -> list[dict[str, str]]:
    with rest.soap.database.transaction() as session:
        found = [leads.by_id(session, lead_id) for lead_id in leads.ids_by_email(session, email)]
    return [dict(lead.attributes) for lead in found]


def test_rows_update_and_create_and_the_status_says_how_many(rest):
    begun = send(rest, format="csv")
    assert begun.result == [{"batchId": 1, "importId": "1", "status": "Queued"}]
    assert list(begun.json) == ["requestId", "result", "success"]
    said = status(rest, 1)
    assert list(said.items()) == [
        ("batchId", 1),
        ("importId", "1"),
        ("status", "Complete"),
        ("numOfLeadsProcessed", 2),
        ("numOfRowsFailed", 0),
        ("numOfRowsWithWarning", 0),
        ("message", "Import succeeded, 2 records imported (2 members)"),
    ]
    assert stored(rest, "ann@example.com")[0] == {
        "FirstName": "Anna",
        "City": "Rome",
        "Account__c": "A-1",
        "LeadScore": "7",
    }
    assert stored(rest, "new@example.com")[0]["FirstName"] == "Ned"
    for kind in ("failures", "warnings"):
        assert failures(rest, said, kind) == (404, "File not found")


def test_it_is_queued_then_importing_then_complete_by_the_clock_and_nothing_is_seen_before():
    rest = world(import_duration="60s")
    (begun,) = send(rest).result
    seen = []
    for seconds in (0, 29, 30, 59, 60):
        rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(seconds=seconds)))
        said = status(rest, begun["batchId"])
        seen.append(
            (said["status"], said["numOfLeadsProcessed"], "message" in said, len(stored(rest, "new@example.com")))
        )
    assert seen == [
        ("Queued", 0, False, 0),
        ("Queued", 0, False, 0),
        ("Importing", 0, False, 0),
        ("Importing", 0, False, 0),
        ("Complete", 2, True, 1),
    ]


def test_what_is_done_later_is_done_as_of_then():
    rest = world(import_duration="60s")
    send(rest)
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(hours=1)))
    with rest.soap.database.transaction() as session:
        lead = leads.by_id(session, leads.ids_by_email(session, "new@example.com")[0])
        assert lead.created_at == NOW + timedelta(seconds=60)
        assert session.now == NOW + timedelta(hours=1)


def test_two_are_worked_on_at_once_and_the_others_wait_for_them():
    rest = world(import_duration="60s")
    batches = [send(rest).result[0]["batchId"] for _ in range(3)]
    seen = []
    for seconds in (45, 75, 105, 120):
        rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(seconds=seconds)))
        seen.append([status(rest, batch)["status"] for batch in batches])
    assert seen == [
        ["Importing", "Importing", "Queued"],
        ["Complete", "Complete", "Queued"],
        ["Complete", "Complete", "Importing"],
        ["Complete", "Complete", "Complete"],
    ]


def test_ten_are_the_most_in_the_queue():
    rest = world(import_duration="60s")
    for _ in range(10):
        assert send(rest).json["success"]
    full = send(rest)
    assert full.error == "1016 There are 10 imports currently being processed. Please try again later"
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(seconds=60)))
    assert send(rest).json["success"]


@pytest.mark.parametrize(
    ("format", "content"),
    [
        ("csv", b'\xef\xbb\xbfemail,firstName\r\nnew@example.com,"Ned, the ""first"""\r\n\r\n'),
        ("CSV", b'email,firstName\n , \nnew@example.com,"Ned, the ""first"""'),
        ("tsv", b'email\tfirstName\nnew@example.com\tNed, the "first"\n'),
        ("ssv", b'email;firstName\nnew@example.com;"Ned, the ""first"""\n'),
    ],
)
@pytest.mark.parametrize("where", ["form", "query"])
def test_a_file_is_read_in_each_format(rest, format, content, where):
    given = {"query": f"format={format}"} if where == "query" else {"format": format}
    said = imported(rest, content, **given)
    assert (said["numOfLeadsProcessed"], said["numOfRowsFailed"]) == (1, 0)
    assert stored(rest, "new@example.com")[0]["FirstName"] == 'Ned, the "first"'


@pytest.mark.parametrize(
    ("content", "fields", "file"),
    [
        (b"firstName,email\nNed,\n", {}, "Ned,,Value for lookup field 'email' not found"),
        (b"firstName\nNed\n", {}, "Ned,Value for lookup field 'email' not found"),
        (
            b"email,leadScore\nnew@example.com,TEXT\n",
            {},
            "new@example.com,TEXT,Invalid data type in field Lead Score",
        ),
        (b"email,firstName\ntwin@example.com,T\n", {}, "twin@example.com,T,Multiple lead match lookup criteria"),
        (b"id,firstName\n999,N\n", {"lookupField": "id"}, "999,N,Lead not found"),
        (
            b"email,firstName\na@example.com,A,x\n",
            {},
            "a@example.com,A,x,Row has more values than the header has columns",
        ),
        (b"email,id\nnew@example.com,1001\n", {}, "new@example.com,1001,Invalid value for field 'id' and value '1001'"),
    ],
)
def test_a_row_that_cannot_be_used_fails_by_itself_and_is_told_in_the_file(rest, content, fields, file):
    header, _, row = content.partition(b"\n")
    good = row.rstrip() and {b"email": b"good@example.com", b"firstName": b"Good", b"id": b"1002", b"leadScore": b"1"}
    names = header.split(b",")
    neighbour = b",".join(b"" if name == b"id" and b"email" in names else good[name] for name in names)
    said = imported(rest, header + b"\n" + row + neighbour + b"\n", **fields)
    expected = 0 if names == [b"firstName"] else 1
    assert (said["status"], said["numOfLeadsProcessed"]) == ("Complete", expected)
    message = f"Import completed with errors, {expected} records imported ({expected} members), {2 - expected} failed"
    assert said["message"] == message
    code, text = failures(rest, said)
    assert (code, text.splitlines()[:2]) == (200, [f"{header.decode()},Import Failure Reason", file])


def test_an_e_mail_that_is_no_address_is_a_warning(rest):
    said = imported(rest, b"firstName,email\nAda,INVALID_EMAIL\nBea,bea@example.com\n")
    assert said["message"] == "Import succeeded, 2 records imported (2 members), 1 warning."
    assert (said["numOfLeadsProcessed"], said["numOfRowsFailed"], said["numOfRowsWithWarning"]) == (2, 0, 1)
    assert failures(rest, said, "warnings") == (
        200,
        "firstName,email,Import Warning Reason\nAda,INVALID_EMAIL,Invalid email address\n",
    )
    assert stored(rest, "INVALID_EMAIL")[0]["FirstName"] == "Ada"


def test_the_file_of_failures_has_the_format_of_the_import(rest):
    said = imported(rest, b'email;city\n;Rome\n;"a;b"\n', format="ssv")
    reason = "Value for lookup field 'email' not found"
    assert failures(rest, said)[1] == f'email;city;Import Failure Reason\n;Rome;{reason}\n;"a;b";{reason}\n'


def test_the_lookup_field_decides_and_by_id_no_lead_is_made(rest):
    by_account = imported(rest, b"Account__c,city\nA-1,Oslo\nC-3,Bonn\n", lookupField="Account__c")
    assert by_account["numOfLeadsProcessed"] == 2
    assert stored(rest, "ann@example.com")[0]["City"] == "Oslo"
    by_id = imported(rest, b"id,city\n1002,Ghent\n4711,Ulm\n", lookupField="id")
    assert (by_id["numOfLeadsProcessed"], by_id["numOfRowsFailed"]) == (1, 1)
    assert stored(rest, "bob@example.com")[0]["City"] == "Ghent"


def test_the_index_that_its_lookups_need_is_made_before_an_import_is_taken():
    rest = world(import_duration="60s")
    send(rest, b"Account__c,city\nA-1,Oslo\n", lookupField="Account__c")
    with rest.soap.database.transaction() as session:
        assert session.world.indexed == {"Account__c": True}


def test_imported_leads_join_the_list_and_failed_ones_do_not(rest):
    imported(rest, b"email\nann@example.com\ntwin@example.com\nnew@example.com\n", listId=2001)
    with rest.soap.database.transaction() as session:
        (new,) = leads.ids_by_email(session, "new@example.com")
        assert lists.members(session, 2001) == (1001, new)


@pytest.mark.parametrize(
    ("switches", "city", "columns"),
    [({}, "Rome", 1), ({"import_empty": "clear"}, None, 1), ({"import_unknown_column": "fault"}, "Rome", 0)],
)
def test_empty_cells_and_unknown_columns_are_as_the_switches_of_imports_say(switches, city, columns):
    rest = world(**switches)
    begun = send(rest, b"row,email,city\n1,ann@example.com,\n")
    if not columns:
        assert begun.error == "1006 Field 'row' not found"
        return
    assert [text for text in begun.warnings if "column" in text] == ["column row is no field, and was ignored"]
    assert status(rest, 1)["numOfLeadsProcessed"] == 1
    assert stored(rest, "ann@example.com")[0].get("City") == city


@pytest.mark.parametrize(
    ("content", "fields", "error"),
    [
        (b"", {}, "1003 Empty file"),
        (b"\n \n", {}, "1003 Empty file"),
        (FILE, {"format": "xml"}, "1001 Invalid value 'xml'. Required of type 'CSV, TSV, SSV'"),
        (FILE, {"listId": 4711}, "1013 List not found"),
        (FILE, {"listId": "all"}, "1001 Invalid value 'all'. Required of type 'Integer'"),
        (FILE, {"lookupField": "colour"}, "1006 Lookup field 'colour' not found"),
        (FILE, {"lookupField": "firstName"}, "1011 Field 'firstName' not supported"),
        (FILE, {"partitionName": "Mars"}, "1008 Access denied to partition 'Mars'"),
        (b'email\n"' + b"x" * 140_000, {}, "1003 Invalid file: line 2: field larger than field limit (131072)"),
    ],
)
def test_what_is_wrong_with_all_of_it_is_an_error_and_nothing_is_queued(rest, content, fields, error):
    assert send(rest, content, **fields).error == error
    with rest.soap.database.transaction() as session:
        assert bulk.waiting_imports(session) == ()
        assert bulk.import_by_id(session, 1) is None


def test_a_body_without_the_file_or_without_parts_is_refused(rest):
    body, content_type = multipart(("format", None, b"csv"))
    assert rest.send("POST", "/bulk/v1/leads.json", "", body, content_type).error == (
        "1002 Missing value for the required parameter 'file'"
    )
    assert (
        rest.send("POST", "/bulk/v1/leads.json", "format=csv", FILE, "text/csv").error
        == "613 Invalid Multipart Request"
    )
    broken = body[:40] + body[60:]
    assert rest.send("POST", "/bulk/v1/leads.json", "", broken[:80], content_type).json["success"] is False


def test_ten_megabytes_are_the_most(rest):
    assert send(rest, b"email\n" + b"x" * 10 * 1024 * 1024).http_status == 413


def test_an_import_is_known_for_seven_days_and_by_its_own_kind(rest):
    said = imported(rest)
    for path in (f"{CARS}/{said['batchId']}/status.json", "/bulk/v1/leads/batch/7.json", "/bulk/v1/leads/batch/x.json"):
        assert rest.get(path).error == "1013 Import not found"
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(days=7)))
    rest.forget_token()
    assert status(rest, said["batchId"])["status"] == "Complete"
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(days=7, seconds=1)))
    assert rest.get(f"/bulk/v1/leads/batch/{said['batchId']}.json").error == "1013 Import not found"


def test_an_import_whose_list_goes_meanwhile_fails_as_a_whole():
    rest = world(import_duration="60s")
    (begun,) = send(rest, listId=2001).result
    with rest.soap.database.transaction() as session:
        lists.remove(session, 2001)
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(seconds=60)))
    said = status(rest, begun["batchId"])
    assert (said["status"], said["message"], stored(rest, "new@example.com")) == ("Failed", "List not found", [])


def test_an_error_of_our_own_fails_the_import_and_not_the_subscription(rest, monkeypatch, caplog):
    def broken(*_):
        raise KeyError("a bug")

    monkeypatch.setattr(bulk_imports, "unpacked", broken)
    said = imported(rest)
    assert (said["status"], said["message"]) == ("Failed", "System error")
    assert "KeyError: 'a bug'" in caplog.text


def wait_for_the_rest() -> None:
    for thread in threading.enumerate():
        if thread.name == "mockmkto: rest of the work":
            thread.join(30)


def test_a_large_file_is_done_in_slices_and_meanwhile_others_are_answered(rest, monkeypatch):
    monkeypatch.setattr("mockmkto.store.rest_of_work.Rest.carry_on", lambda self: None)
    rows = b"".join(b"lead%d@example.com,%d\n" % (number, number) for number in range(450))
    (begun,) = send(rest, b"email,leadScore\n" + rows + b"bad@example.com,row\n").result
    seen = []
    for _ in range(3):
        said = status(rest, begun["batchId"])
        seen.append((said["status"], said["numOfLeadsProcessed"]))
    assert seen == [("Importing", 300), ("Importing", 400), ("Complete", 450)]
    assert failures(rest, said)[1].splitlines()[1] == "bad@example.com,row,Invalid data type in field Lead Score"


def test_nobody_needs_to_ask_for_the_rest_of_a_large_file_to_be_done(rest):
    rows = b"".join(b"lead%d@example.com\n" % number for number in range(450))
    (begun,) = send(rest, b"email\n" + rows).result
    rest.get("/rest/v1/stats/usage.json")
    wait_for_the_rest()
    assert status(rest, begun["batchId"])["numOfLeadsProcessed"] == 450


def test_a_soap_import_that_is_due_does_not_wait_for_the_end_of_a_large_file(monkeypatch):
    monkeypatch.setattr("mockmkto.store.rest_of_work.Rest.carry_on", lambda self: None)
    rest = Rest(
        f"{WORLD}\nbehaviour: {{import_duration: 60s}}".replace(
            "lists: [{id: 2001", "lists: [{name: L, program: Launch}, {id: 2001"
        )
    )
    rows = b"".join(b"lead%d@example.com\n" % number for number in range(1000))
    send(rest, b"email\n" + rows)
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(seconds=1)))
    rest.soap.call(
        "importToList",
        {
            "programName": "Launch",
            "importFileHeader": "Email Address",
            "importFileRows": {"stringItem": ["soap@example.com"]},
            "importListMode": "UPSERTLEADS",
            "listName": "L",
            "clearList": False,
        },
    )
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(seconds=61)))
    assert stored(rest, "soap@example.com")
    assert not stored(rest, "lead999@example.com")


# ---------------------------------------------------------------------------------------------------------------------
# Custom objects


def test_custom_objects_are_imported_by_their_keys(rest):
    begun = send(rest, b"color,vin,leadID\nred,A1,1001\nblue,B2,\n", f"{CARS}.json", format="csv")
    assert begun.result == [{"batchId": 1, "status": "Queued", "objectApiName": "car_c"}]
    assert list(status(rest, 1, f"{CARS}/{{}}/status.json").items()) == [
        ("batchId", 1),
        ("operation", "import"),
        ("status", "Complete"),
        ("objectApiName", "car_c"),
        ("numOfObjectsProcessed", 2),
        ("numOfRowsFailed", 0),
        ("numOfRowsWithWarning", 0),
        ("importTime", "0 second(s)"),
        ("message", "Import succeeded, 2 records imported (2 members)"),
    ]
    answer = rest.soap.call(
        "getCustomObjects",
        {"objTypeName": "car_c", "includeAttributes": {"stringItem": ["color"]}, "customObjKeyList": {"attribute": []}},
    )
    assert [item.text for item in answer.root.iter("attrValue")] == ["A1", "1001", "red", "B2", "blue"] or answer.body


def test_a_custom_object_without_its_keys_or_with_a_bad_value_fails_by_itself(rest):
    send(rest, b"color,doors, vin\nred,4,A1\n", f"{CARS}.json")
    send(rest, b"vin,doors\nA1,many\nB2,5\n", f"{CARS}.json")
    for batch, file in (
        (1, "color,doors, vin,Import Failure Reason\nred,4,A1,missing.dedupe.fields\n"),
        (
            2,
            "vin,doors,Import Failure Reason\nA1,many,'many' is not valid for field doors",
        ),
    ):
        assert status(rest, batch, f"{CARS}/{{}}/status.json")["numOfRowsFailed"] == 1
        assert rest.get(f"{CARS}/{batch}/failures.json").body.decode().startswith(file)
        assert rest.get(f"{CARS}/{batch}/warnings.json").http_status == 404
    assert send(rest, FILE, "/bulk/v1/customobjects/boat_c/import.json").error == "1013 Object not found"


# ---------------------------------------------------------------------------------------------------------------------
# Members of programs

MEMBERS = "/bulk/v1/program/3001/members/import.json"
OF_MEMBERS = "/bulk/v1/program/members/import/{}/"


def test_members_of_a_program_are_imported_with_a_status(rest):
    content = b"email,leadScore\nann@example.com,9\nnew@example.com,\nbob@example.com,TEXT_VALUE_IN_INTEGER_FIELD\n"
    begun = send(rest, content, MEMBERS, query="programMemberStatus=engaged&format=csv")
    assert begun.result == [{"batchId": 1, "importId": "1", "status": "Queued"}]
    said = status(rest, 1, OF_MEMBERS + "status.json")
    assert said["message"] == "Import completed with errors, 2 records imported (2 members), 1 failed"
    assert rest.get(OF_MEMBERS.format(1) + "failures.json").body.decode().splitlines()[1] == (
        "bob@example.com,TEXT_VALUE_IN_INTEGER_FIELD,Invalid data type in field Lead Score"
    )
    members = rest.get("/rest/v1/leads/programs/3001.json", fields="email").result
    assert [(item["email"], item["membership"]["progressionStatus"]) for item in members] == [
        ("ann@example.com", "Engaged"),
        ("new@example.com", "Engaged"),
    ]
    assert rest.get("/bulk/v1/leads/batch/1.json").error == "1013 Import not found"


@pytest.mark.parametrize(
    ("path", "query", "error"),
    [
        (MEMBERS, "", "1002 Missing value for the required parameter 'programMemberStatus'"),
        (MEMBERS, "programMemberStatus=Lost", "1025 Program status not found"),
        (MEMBERS.replace("3001", "7"), "programMemberStatus=Engaged", "1013 Program not found"),
        (MEMBERS.replace("3001", "x"), "programMemberStatus=Engaged", "1013 Program not found"),
    ],
)
def test_members_of_a_program_that_cannot_be_imported(rest, path, query, error):
    assert send(rest, FILE, path, query=query).error == error


@pytest.mark.parametrize("end", ["reset", "delete", "close", "restore"])
def test_the_rest_of_a_file_ends_with_its_subscription(rest, end):
    rows = b"".join(b"lead%d@example.com\n" % number for number in range(2000))
    rest.soap.database.snapshots.take("before", NOW, ())
    (begun,) = send(rest, b"email\n" + rows).result
    rest.get("/rest/v1/stats/usage.json")
    registry, database = rest.soap.registry, rest.soap.database
    {
        "reset": lambda: registry.reset(rest.soap.name),
        "delete": lambda: registry.delete(rest.soap.name),
        "close": registry.close,
        "restore": lambda: database.snapshots.restore("before"),
    }[end]()
    wait_for_the_rest()
    if end in ("reset", "restore"):
        with database.transaction() as session:
            assert session.due_at is None
            assert bulk.import_by_id(session, begun["batchId"]) is None
            assert leads.count(session) == 4
