"""What a request may be made to unfold to: beyond the bounds it is refused, soon, and in little memory."""

import resource
import tracemalloc
from pathlib import Path

import pytest
from support import Marketo

from mockmkto import bounds
from mockmkto.errors import MarketoError
from mockmkto.soap.server import SoapServer

SYNC = (
    "<ns1:paramsSyncLead><leadRecord><Email>ann@example.com</Email>{}</leadRecord>"
    "<returnLead>true</returnLead></ns1:paramsSyncLead>"
)
ATTRIBUTE = "<attribute><attrName>{}</attrName><attrValue>{}</attrValue></attribute>"
LONG = "v" * 100_000
MUCH = "v" * (bounds.LONGEST_TEXT + 1)


def attributes(written: str) -> str:
    return SYNC.format(f"<leadAttributeList>{written}</leadAttributeList>")


@pytest.fixture
def marketo():
    return Marketo()


TOO_MUCH = {
    "an attribute 4,000 times": attributes('<attribute href="#a"/>' * 4000)
    + f'<x id="a"><attrName>FirstName</attrName><attrValue>{LONG}</attrValue></x>',
    "a name 4,000 times": attributes('<attribute><attrName href="#a"/><attrValue>1</attrValue></attribute>' * 4000)
    + f'<x id="a">{LONG}</x>',
    "a value 4,000 times": attributes('<attribute><attrName>City</attrName><attrValue href="#a"/></attribute>' * 4000)
    + f'<x id="a">{LONG}</x>',
    "a list of a list": attributes('<attribute href="#a"/>' * 4000)
    + f'<x id="a"><attrName href="#b"/></x><x id="b">{LONG}</x>',
    "empty elements": SYNC.format("<b/>" * (bounds.DEFAULT_MAX_ELEMENTS + 1)),
    "twice as many tags": attributes("<attribute></attribute>" * (bounds.DEFAULT_MAX_ELEMENTS + 1)),
    "attributes of an element": SYNC.format(
        "<b " + " ".join(f'b{n}=""' for n in range(2 * bounds.DEFAULT_MAX_ELEMENTS + 1)) + "/>"
    ),
    "namespaces": SYNC.format(
        "<b " + " ".join(f'xmlns:b{n}="u"' for n in range(2 * bounds.DEFAULT_MAX_ELEMENTS + 1)) + "/>"
    ),
    "a long value": attributes(ATTRIBUTE.format("City", MUCH)),
    "a long name": attributes(ATTRIBUTE.format(MUCH, "x")),
    "a long number": SYNC.format(f"<Id>{'9' * len(MUCH)}</Id>"),
}


@pytest.mark.parametrize("body", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_unfolds_to_too_much_is_a_bad_request_in_little_memory(marketo, body):
    request = marketo.envelope(body).encode()
    tracemalloc.start()
    try:
        answer = marketo.post(request)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (answer.http_status, answer.code, answer.fault_string) == (500, "SOAP-ENV:Client", "Bad Request")
    assert peak < 20_000_000 + len(request)


def test_nothing_of_a_document_is_kept_once_it_was_read():
    server = Marketo()
    few = SoapServer(server.registry, lambda _: None, keep_journal=False)

    def send(start: int) -> None:
        names = "".join(f"<n{start + number:08d}{'n' * 500}/>" for number in range(100))
        few.exchange("2_9", server.envelope(SYNC.format(names)).encode())

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    for number in range(20):
        send(number * 100)
    before = resident()
    for number in range(20, 220):  # 10 MB of names that never come again
        send(number * 100)
    assert resident() - before < 5_000_000


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "iso-8859-1", "utf-7", "cp037"])
def test_elements_are_counted_in_every_encoding(encoding):
    server = Marketo()
    few = SoapServer(server.registry, server.calls.append, max_elements=1000)
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + server.envelope(SYNC.format("<b/>" * 1001))
    answer, _ = few.exchange("2_9", text.encode(encoding))
    assert b"<faultstring>Bad Request</faultstring>" in answer.body


def test_as_many_elements_as_are_allowed_are_read(marketo):
    server = SoapServer(marketo.registry, marketo.calls.append, max_elements=1000)
    written = marketo.envelope("{}")
    around = (written.count("<") - written.count("</")) + 7  # of the call: its own seven, and attributes
    most = attributes(ATTRIBUTE.format("City", "Ghent") * ((1000 - around) // 3))
    answer, call = server.exchange("2_9", written.format(most).encode())
    assert (answer.status, call.status) == (200, "CREATED")


def test_too_many_elements_are_refused_with_the_setting_that_allows_more(marketo):
    server = SoapServer(marketo.registry, marketo.calls.append, max_elements=1000)
    _, call = server.exchange("2_9", marketo.envelope(SYNC.format("<b/>" * 1001)).encode())
    assert [str(warning) for warning in call.warnings] == [
        "the body has more than 1000 elements, or attributes of elements, which --max-elements sets"
    ]


@pytest.mark.parametrize(
    ("body", "timestamp"),
    [
        (attributes("".join(ATTRIBUTE.format(f"Nope{n}" + "n" * 2000, LONG) for n in range(50))), None),
        (SYNC.format("".join(f"<b{n}{'b' * 40_000}/>" for n in range(120))), None),
        (SYNC.format("").replace("<returnLead>true", f"<returnLead>{'t' * 900_000}"), None),
        (SYNC.format(""), "2" * 900_000),
        (f"<ns1:{'o' * 40_000}/>", None),
        (SYNC.format(f"<ForeignSysPersonId>{LONG}</ForeignSysPersonId>"), None),
    ],
    ids=["names and values", "unknown elements", "a boolean", "a timestamp", "an operation", "a key"],
)
def test_the_record_of_a_call_stays_small_whatever_is_in_the_request(marketo, body, timestamp):
    call = marketo.post(marketo.envelope(body, timestamp=timestamp)).call
    notes = [*map(str, call.warnings), *(call.signature.findings if call.signature else ()), call.fault_message or ""]
    assert max(map(len, notes)) <= bounds.LONGEST_NOTE + 100
    assert sum(map(len, [*call.fields.attributes, *call.fields.attributes.values()])) <= bounds.SMALL_REQUEST
    assert max(map(len, call.fields.keys.values()), default=0) <= bounds.LONGEST_NOTE + 3


def test_an_unknown_user_of_any_length_is_refused_with_a_short_finding(marketo):
    body = marketo.envelope(SYNC.format("")).replace(">mockmkto<", f">{'u' * 900_000}<")
    call = marketo.post(body).call
    assert call.fault_code == 20014
    assert sum(map(len, call.signature.findings)) < 4 * bounds.LONGEST_NOTE


def test_the_text_of_a_fault_is_cut():
    error = MarketoError.unknown_fields(f"Nope{n}" for n in range(100_000))
    assert bounds.LONGEST_FAULT <= len(error.message) < bounds.LONGEST_FAULT + 20


def test_a_reference_that_leads_nowhere_is_quoted_in_part(marketo):
    answer = marketo.post(marketo.envelope(SYNC.format(f'<leadAttributeList href="#{LONG}"/>')))
    assert answer.fault_string.startswith("SOAP-ERROR: Encoding: Unresolved reference '#vvv")
    assert len(answer.fault_string) < bounds.LONGEST_QUOTE + 100
