"""Recordings are read in every form in which recorders keep them."""

from __future__ import annotations

import pytest
from traffic import recordings

from mockmkto.traffic.exchange import UnreadableTrafficError
from mockmkto.traffic.reading import read_traffic


@pytest.mark.parametrize("record", recordings.FORMS, ids=lambda form: form.__name__)
def test_every_call_is_read_in_its_order(record, tmp_path):
    exchanges = list(read_traffic(record(tmp_path)))
    assert [(item.request.strip(), item.answer.strip()) for item in exchanges] == recordings.CONVERSATION


@pytest.mark.parametrize("record", [recordings.har, recordings.nock, recordings.vcr_python, recordings.vcr_ruby])
def test_the_version_stands_in_the_address(record, tmp_path):
    assert {item.version for item in read_traffic(record(tmp_path))} == {"2_9"}


def test_numbers_are_in_their_own_order(tmp_path):
    calls = [(recordings.sync(f"{number}@x.example"), recordings.synced(number, "CREATED")) for number in range(12)]
    exchanges = list(read_traffic(recordings.side_by_side(tmp_path, calls)))
    assert [item.request for item in exchanges] == [sent for sent, _ in calls]


def test_one_file_of_a_pair_brings_the_other(tmp_path):
    recordings.side_by_side(tmp_path)
    (exchange,) = read_traffic(tmp_path / "2.response.xml")
    assert (exchange.request, exchange.answer) == recordings.CONVERSATION[1]


def test_half_a_call_is_left_out_and_said(tmp_path):
    recordings.side_by_side(tmp_path)
    (tmp_path / "3.response.xml").unlink()
    left_out: list[str] = []
    assert len(list(read_traffic(tmp_path, left_out))) == 3
    assert left_out == [f"{tmp_path / '3.request.xml'}: the other half of the call is not beside it"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.har", "{", "is no HAR file, no nock recording and no cassette of VCR"),
        ("a.json", '{"log": {"entries": [{"request": {}}]}}', "a.json, call 1: it is not what it should be"),
        ("a.json", '[{"scope": "x"}]', "a.json, call 1: it is not what it should be"),
        ("a.yaml", "interactions: [{request: {uri: x}}]", "is no cassette of VCR"),
        ("a.yaml", "- 1", "expected a mapping with interactions"),
        ("a.yaml", "a: [", "is no cassette of VCR"),
        ("a.xml", "<a/>", "does not say whether it is a request or an answer"),
        ("a.request.xml", "<a/>", "the other half of the call is not beside it"),
        ("a.bin", "", "is of no known form"),
        ("a.yaml", "interactions: []", "has no recorded call"),
    ],
)
def test_what_cannot_be_read_is_said(name, content, said, tmp_path):
    (tmp_path / name).write_text(content)
    with pytest.raises(UnreadableTrafficError) as caught:
        list(read_traffic(tmp_path / name))
    assert said in str(caught.value)
    assert name in str(caught.value)


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(UnreadableTrafficError, match="nowhere is not there"):
        list(read_traffic(tmp_path / "nowhere"))
