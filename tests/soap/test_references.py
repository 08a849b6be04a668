"""References within a request, as PHP's client writes an object that it was given twice."""

from contextvars import copy_context
from xml.etree.ElementTree import fromstring

import pytest
from support import Marketo

from mockmkto.errors import StackFault
from mockmkto.soap import references

ATTRIBUTE = '<attribute id="ref1"><attrName>FirstName</attrName><attrValue>Ann</attrValue></attribute>'
CITY = "<attribute><attrName>City</attrName><attrValue>Ghent</attrValue></attribute>"
WHOLE_LIST = f'<leadAttributeList id="list">{CITY}</leadAttributeList>'
EMAIL = "<Email>ann@example.com</Email>"


@pytest.fixture
def marketo():
    return Marketo()


def sync(marketo, record, beside=""):
    body = f"<ns1:paramsSyncLead><leadRecord>{record}</leadRecord><returnLead>true</returnLead></ns1:paramsSyncLead>"
    return marketo.post(marketo.envelope(body + beside))


@pytest.mark.parametrize(
    ("record", "beside", "attributes"),
    [
        (f'<leadAttributeList>{ATTRIBUTE}<attribute href="#ref1"/></leadAttributeList>', "", {"FirstName": "Ann"}),
        ('<leadAttributeList><attribute href="#ref1"/></leadAttributeList>', ATTRIBUTE, {"FirstName": "Ann"}),
        ('<leadAttributeList href="#list"/>', WHOLE_LIST, {"City": "Ghent"}),
        ('<leadAttributeList href="#hop"/>', f'<hop id="hop" href="#list"/>{WHOLE_LIST}', {"City": "Ghent"}),
    ],
)
def test_a_reference_stands_for_what_it_refers_to(marketo, record, beside, attributes):
    answer = sync(marketo, EMAIL + record, beside)
    assert answer.status == "CREATED"
    assert answer.record.attributes.items() >= attributes.items()


def test_a_text_can_be_referred_to(marketo):
    answer = sync(
        marketo, '<Email id="e">ann@example.com</Email><ForeignSysPersonId href="#e">own</ForeignSysPersonId>'
    )
    assert answer.record.foreign_id == "ann@example.com"


def test_a_reference_to_nil_is_nil(marketo):
    answer = sync(marketo, f'{EMAIL}<ForeignSysPersonId id="n" xsi:nil="true"/><ForeignSysType href="#n"/>')
    assert (answer.record.foreign_id, answer.warnings) == (None, [])


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("#nowhere", "Unresolved reference '#nowhere'"),
        ("#", "Unresolved reference '#'"),
        ("#me", "Unresolved reference '#me'"),
        ("http://example.com/lead", "External reference 'http://example.com/lead'"),
        ("", "External reference ''"),
    ],
)
def test_a_reference_that_leads_nowhere(marketo, reference, said):
    answer = sync(marketo, f'<Email id="me" href="{reference}"/>')
    assert (answer.http_status, answer.code) == (500, "SOAP-ENV:Server")
    assert answer.fault_string == f"SOAP-ERROR: Encoding: {said}"


def test_a_reference_in_what_is_ignored_is_ignored(marketo):
    assert sync(marketo, f'{EMAIL}<other href="#nowhere"/>').status == "CREATED"


def test_a_small_body_cannot_ask_for_very_much(marketo, monkeypatch):
    monkeypatch.setattr(references, "MOST_ELEMENTS_AGAIN", 10)
    many = '<attribute href="#ref1"/>' * 10
    answer = sync(marketo, f"{EMAIL}<leadAttributeList>{ATTRIBUTE}{many}</leadAttributeList>")
    assert answer.fault_string == "Bad Request"


def test_requests_that_are_read_at_the_same_time_do_not_have_each_other_begin_anew(monkeypatch):
    monkeypatch.setattr(references, "MOST_ELEMENTS_AGAIN", 10)
    threads, blocks = [], []
    for _ in range(2):
        root = fromstring('<a><b id="it"/><c href="#it"/></a>')
        thread = copy_context()
        blocks.append(references.within(root))
        thread.run(blocks[-1].__enter__)
        threads.append((thread, root[1]))
    for _ in range(10):
        for thread, reference in threads:
            assert thread.run(references.referred, reference).tag == "b"
    for thread, reference in threads:
        with pytest.raises(StackFault, match="Bad Request"):
            thread.run(references.referred, reference)
    for (thread, _), block in zip(threads, blocks, strict=True):
        thread.run(block.__exit__, None, None, None)
