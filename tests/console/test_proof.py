"""`/proof`: two subscriptions side by side, and what is said of them where they cannot be compared."""

from __future__ import annotations

import pytest
from console_support import HOSTILE, Console, told, tree, words
from support import NOW, Marketo

from mockmkto.worlds import load, parse_worlds

WORLD = f"""
clock: {{frozen: {NOW.isoformat()}}}
leads: [{{Id: 1001, Email: ann@example.com, attributes: {{FirstName: Ann}}}}]
"""


@pytest.fixture
def console() -> Console:
    console = Console(Marketo(WORLD))
    (world,) = parse_worlds(
        f"subscription: new\ncredentials: [{{user_id: n, encryption_keys: [k]}}]{WORLD}", "new.yaml"
    )
    load(world, console.marketo.registry)
    return console


def proof(console: Console, query: str, expect: int = 200):
    answer = console.client.get(f"/proof{query}")
    assert answer.status_code == expect, answer.text
    return answer


def test_without_both_sides_it_asks_for_them(console):
    page = tree(proof(console, ""))
    assert [option.get("value") for option in page.xpath("//select[@name='old']/option")] == ["default", "new"]
    assert not page.find_class("happened")
    assert "/proof" in tree(console.client.get("/subscriptions")).xpath("//main//a/@href")


def test_the_same_is_equal_and_each_difference_stands_old_beside_new(console):
    assert "Equal: 1 lead and 0 other things compared: 1 the same." in words(proof(console, "?old=default&new=new"))
    console.marketo.sync({"FirstName": HOSTILE[:200], "Title": "Boss"}, Email="ann@example.com")
    answer = proof(console, "?old=default&new=new&pair_by=Email,FirstName")
    page = tree(answer)
    assert "Not equal: 1 lead" in words(answer)
    row = next(item for item in page.xpath("//tbody/tr") if item.findtext("th//bdi") == "Title / title")
    cells = [" ".join(cell.text_content().split()) for cell in row.findall("td")]
    assert cells == ["Boss", "nothing", "unexplained the new program did not write it"]
    links = page.xpath("//section//a/@href")
    assert links == ["/s/default/leads/1001", "/s/new/leads/1001"]
    assert not page.xpath("//*[@onerror or @onload]")
    assert not page.xpath("//main//script")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [("?old=default&new=nobody", "nobody"), ("?old=default&new=new&pair_by=Shoes", "Shoes")],
)
def test_what_cannot_be_compared_is_said_on_the_form(console, query, sentence):
    assert sentence in told(proof(console, query, expect=400))
