"""Which selector a request means: the one that `xsi:type` names, and else the one that its children tell."""

import pytest
from lxml import etree
from support import XSI

from mockmkto.model import TraceBuilder
from mockmkto.soap import types
from mockmkto.soap.operations.leads import ParamsGetMultipleLeads
from mockmkto.soap.reading import reader

NS = "http://www.marketo.com/mktows/"
KEYS = "<keyType>EMAIL</keyType><keyValues><stringItem>ann@example.com</stringItem></keyValues>"
NAME = "<staticListName>Newsletter</staticListName>"
DATES = "<oldestUpdatedAt>2026-01-31T09:30:00Z</oldestUpdatedAt>"


def read(attributes: str, children: str, *, any_case: bool = False):
    text = (
        f'<p:paramsGetMultipleLeads xmlns:p="{NS}" xmlns:t="{NS}" xmlns:xsi="{XSI}">'
        f"<leadSelector {attributes}>{children}</leadSelector></p:paramsGetMultipleLeads>"
    )
    trace = TraceBuilder()
    params = reader(ParamsGetMultipleLeads, any_case=any_case)(etree.fromstring(text), trace)
    return params.leadSelector, trace.warnings


@pytest.mark.parametrize("prefix", ["t:", "other:", ""])
@pytest.mark.parametrize(
    ("kind", "children"),
    [("LeadKeySelector", KEYS), ("StaticListSelector", NAME), ("LastUpdateAtSelector", DATES)],
)
def test_xsi_type_names_the_selector_whatever_its_prefix(kind, children, prefix):
    selector, warnings = read(f'xsi:type="{prefix}{kind}"', children)
    assert (type(selector), selector.guessed, warnings) == (getattr(types, kind), False, [])


def test_its_members_are_read():
    selector, _ = read('xsi:type="t:LeadKeySelector"', KEYS)
    assert (selector.keyType, selector.keyValues.stringItem) == ("EMAIL", ["ann@example.com"])
    selector, _ = read('xsi:type="t:LastUpdateAtSelector"', DATES)
    assert (selector.oldestUpdatedAt, selector.latestUpdatedAt) == ("2026-01-31T09:30:00Z", None)


@pytest.mark.parametrize(
    ("children", "kind"),
    [
        (KEYS, "LeadKeySelector"),
        ("<keyType>EMAIL</keyType>", "LeadKeySelector"),
        (NAME, "StaticListSelector"),
        ("<staticListId>1001</staticListId>", "StaticListSelector"),
        (DATES, "LastUpdateAtSelector"),
    ],
)
@pytest.mark.parametrize("attributes", ["", 'xsi:type="t:NoSelector"'])
def test_without_a_known_type_the_children_tell_with_a_warning(attributes, children, kind):
    selector, (warning,) = read(attributes, children)
    assert (type(selector), selector.guessed) == (getattr(types, kind), True)
    assert (warning.kind, warning.nearest) == ("untyped_selector", kind)


@pytest.mark.parametrize("children", ["", "<foo/>"])
def test_an_element_that_tells_nothing_is_an_empty_selector(children):
    selector, (warning,) = read("", children)
    assert (type(selector), warning.nearest) == (types.LeadSelector, None)


def test_children_in_another_case_tell_it_where_names_are_read_in_any_case():
    assert type(read("", "<STATICLISTNAME>x</STATICLISTNAME>", any_case=True)[0]) is types.StaticListSelector
    assert type(read("", "<STATICLISTNAME>x</STATICLISTNAME>")[0]) is types.LeadSelector


def test_one_that_is_nil_is_not_there():
    assert read('xsi:nil="true"', "") == (None, [])
