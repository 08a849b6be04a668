"""People become inventions; shapes, duplicates and keys stay."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockmkto.model import FieldType
from mockmkto.worlds.anonymizing import anonymous_cookie, anonymous_email, anonymous_text, anonymous_value


@pytest.mark.parametrize(
    ("name", "type_", "value", "shape"),
    [
        (
            "Email",
            FieldType.EMAIL,
            "Ann.Lee@bigcorp.com",
            r"[A-Z][a-z]+\.[a-z]+\.[0-9a-f]{8}@company[0-9a-f]{8}\.example",
        ),
        ("FirstName", FieldType.STRING, "ANN", r"[A-Z]+"),
        ("LastName", FieldType.STRING, "lee", r"[a-z]+"),
        ("Phone", FieldType.PHONE, "+1 (650) 376-2300", r"\+\d \(\d{3}\) \d{3}-\d{4}"),
        ("Website", FieldType.URL, "http://www.bigcorp.com/us", r"http://www\.company[0-9a-f]{8}\.example/[a-z]{2}"),
        ("DateofBirth", FieldType.DATE, "1980-02-29", r"19(79|80|81)-\d\d-\d\d"),
        ("Address", FieldType.TEXT, "1 Main St", r"\d+ [A-Z][a-z]+ Street"),
        ("City", FieldType.STRING, "Berlin", r"[A-Z][a-z]+"),
        ("Company", FieldType.STRING, "Big Corp", r"[A-Z][a-z]+ [A-Z][a-z]+ \d{4}"),
        ("Account__c", FieldType.STRING, "AC-0001", r"[A-Z]{2}-\d{4}"),
        ("AnonymousIP", FieldType.STRING, "10.0.0.1", r"(192\.0\.2|198\.51\.100)\.\d+"),
    ],
)
def test_a_value_becomes_another_of_its_shape(name, type_, value, shape):
    invented = anonymous_value(name, type_, value)
    assert re.fullmatch(shape, invented)
    assert invented.casefold() != value.casefold()
    assert anonymous_value(name, type_, value) == invented


@pytest.mark.parametrize(
    ("name", "type_", "value"),
    [
        ("LeadScore", FieldType.SCORE, "12"),
        ("Country", FieldType.STRING, "Norway"),
        ("LeadStatus", FieldType.STRING, "Open"),
        ("Unsubscribed", FieldType.BOOLEAN, "1"),
        ("Renewal__c", FieldType.DATE, "2026-01-31"),
        ("Seen__c", FieldType.DATETIME, "2026-01-31T09:30:00+00:00"),
        ("FirstName", FieldType.STRING, ""),
    ],
)
def test_what_is_no_persons_is_kept(name, type_, value):
    assert anonymous_value(name, type_, value) == value


def test_one_person_in_two_cases_stays_one():
    assert anonymous_email("Ann@BigCorp.com").casefold() == anonymous_email("ann@bigcorp.com").casefold()
    assert anonymous_text("AC-0001").casefold() == anonymous_text("ac-0001").casefold()


def test_colleagues_stay_colleagues():
    domains = {anonymous_email(f"{name}@bigcorp.com").partition("@")[2] for name in ("ann", "bob", "cat")}
    assert len(domains) == 1
    assert anonymous_value("Website", FieldType.URL, "bigcorp.com") in domains


def test_a_cookie_stays_one_with_its_munchkin_id():
    whole = anonymous_cookie("id:287-GTJ-838&token:_mch-big-corp.com-1396310362214-46169")
    assert re.fullmatch(r"id:287-GTJ-838&token:_mch-company[0-9a-f]{8}\.example-\d{13}-\d{5}", whole)
    assert whole.endswith(anonymous_cookie("token:_mch-big-corp.com-1396310362214-46169"))


@given(st.lists(st.text("abcXYZ0189-_. ", max_size=8), unique_by=str.casefold, max_size=60))
def test_two_keys_never_become_one(texts):
    assert len({anonymous_text(text).casefold() for text in texts if text.isascii()}) == len(texts)


@given(st.text(max_size=60))
def test_any_text_keeps_its_length_and_its_marks(text):
    if "@" in text:
        return
    invented = anonymous_text(text)
    assert len(invented) >= len(text)  # capitals of some letters are two
    assert [char for char in invented if char in " .,;-"] == [char for char in text if char in " .,;-"]
