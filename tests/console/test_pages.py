"""The pages without a browser: what they show, that they escape it, and what protects them."""

from __future__ import annotations

import json
import re

import pytest
from console_support import HOSTILE, LONG, Console, tree, words
from lxml import html
from support import KEY, USER, Marketo

from mockmkto.web.brake import FREE_TRIES

PAGES = ["", "calls", "leads", "leads/new", "lists", "campaigns", "objects", "activities", "try"]
PAGES += ["world", "steer", "explain"]
DEMO_PAGES = [*PAGES, "leads/1003", "leads/1003/edit", "world/field?name=Title", "calls?search=op:syncLead", "calls/1"]


# ---------------------------------------------------------------------------------------------------------------------
# Every page


@pytest.mark.parametrize("path", DEMO_PAGES)
def test_every_page_is_sealed(console, path):
    console.marketo.sync({"FirstName": "Ann"}, Email="ann@example.com")
    headers = console.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", DEMO_PAGES)
def test_no_page_has_a_script_a_style_or_anything_from_another_host_in_it(console, path):
    console.marketo.sync({"FirstName": "Ann"}, Email="ann@example.com")
    page = tree(console.get(path))
    assert page.xpath("//script[not(@src)] | //style | //*[@style] | //@*[starts-with(name(), 'on')]") == []
    loaded = page.xpath("//script/@src | //link/@href | //img/@src")
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_world_has_every_page_too(path):
    Console(Marketo("{}")).get(path)


@pytest.mark.parametrize("path", DEMO_PAGES)
def test_no_page_shows_a_key_before_it_is_asked_for(console, path):
    console.marketo.sync({"FirstName": "Ann"}, Email="ann@example.com")
    assert KEY not in console.get(path).text


def test_the_root_leads_to_a_subscription(console):
    assert console.get("/", expect=303).headers["Location"] == f"{console.root}/"


def test_without_any_subscription_the_root_offers_a_new_one():
    marketo = Marketo("{}")
    console = Console(marketo)
    marketo.registry.delete(marketo.name)
    assert "There is none yet" in words(console.get("/"))


@pytest.mark.parametrize(
    "path", ["nothing", "calls/99", "leads/99", "calls/x", "calls/1/other", "world/field?name=Nope"]
)
def test_what_is_not_there_is_a_page_that_says_so(console, path):
    assert tree(console.get(path, expect=404)).xpath("//h1")


def test_an_unknown_subscription_is_named(console):
    assert "no subscription 'nope'" in words(console.get("/s/nope/", expect=404))


def test_a_subscription_is_part_of_every_address(console):
    links = tree(console.get("leads")).xpath("//main//a/@href")
    assert links
    assert all(link.startswith(console.root) for link in links)


def test_the_prefix_of_a_proxy_is_part_of_every_address(console):
    page = tree(console.get("calls", headers={"X-Forwarded-Prefix": "/marketo"}))
    assert all(link.startswith("/marketo/") for link in page.xpath("//nav/a/@href | //link/@href | //script/@src"))


def test_static_files_are_kept_for_good_under_an_address_that_changes_with_them(console):
    address = tree(console.get()).xpath("//link[@rel='stylesheet']/@href")[0]
    answer = console.get(address)
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    old = re.sub("/static/[^/]+", "/static/000000000000", address)
    assert console.get(old).headers["Cache-Control"] == "no-store"
    console.get(re.sub("[^/]+$", "secrets.txt", address), expect=404)


def test_times_are_in_the_zone_of_the_subscription(console):
    console.marketo.sync(Email="ann@example.com")
    assert "2026-03-14 02:26:53" in words(console.get("calls"))  # 09:26:53 UTC, in Los Angeles


# ---------------------------------------------------------------------------------------------------------------------
# What a client sends can do no harm


@pytest.mark.parametrize("value", [HOSTILE, LONG], ids=["markup", "30,000 characters"])
@pytest.mark.parametrize(
    "path", ["", "calls", "calls/1", "leads", "leads/1", "leads/1/edit", "try?call=1", "world", "steer"]
)
def test_hostile_values_are_text(path, value):
    marketo = Marketo("fields: [{name: Notes__c, type: text}]")
    console = Console(marketo)
    marketo.sync(
        {"Notes__c": value, "FirstName": value[:255]}, Email=f"{value[:40]}@example.com", ForeignSysPersonId=value[:100]
    )
    lead = marketo.calls[-1].lead_id
    page = tree(console.get(path.replace("leads/1", f"leads/{lead}")))
    assert page.xpath("//script[not(@src)] | //svg[not(@role)] | //main//img | //@onerror | //@onload") == []
    assert page.xpath("//body//title") == []


def test_hostile_names_of_the_world_are_text(console):
    console.post("world/add-partition", {"name": HOSTILE[:60]})
    console.post("steer/add-fault", {"effect": "delay", "name": "<b>rule</b>", "match": 'text:"<i>"'})
    console.post("world/add-credential", {"user_id": "<script>alert(1)</script>", "key": "k"})
    for path in ("", "world", "steer", "leads/new"):
        page = tree(console.get(path))
        assert page.xpath("//b | //i | //svg[not(@role)] | //main//img | //script[not(@src)]") == []


@pytest.mark.parametrize("unseen", ["\u202e", "\x9b", "\u2066"])
@pytest.mark.parametrize(
    "path", ["", "calls", "calls/1", "leads", "leads/1001", "world", "world/field?name=N{}", "steer"]
)
def test_nothing_unseen_is_on_a_page_but_in_what_is_edited(path, unseen):
    world = {
        "partitions": [f"P{unseen}"],
        "fields": [{"name": f"N{unseen}", "type": "string"}],
        "credentials": [
            {"user_id": USER, "encryption_keys": [KEY]},
            {"user_id": f"u{unseen}", "encryption_keys": ["k"]},
        ],
    }
    marketo = Marketo(json.dumps(world))
    console = Console(marketo)
    marketo.sync({f"N{unseen}": f"a{unseen}b"}, Email=f"a{unseen}@example.com")
    page = tree(console.get(path.format(unseen)))
    for typed in page.xpath("//textarea | //input | //datalist | //pre"):
        typed.getparent().remove(typed)
    for value in page.xpath("//@href | //@value | //@data-what"):  # addresses, and what is sent back
        del value.getparent().attrib[value.attrname]
    assert unseen not in html.tostring(page, encoding="unicode")


def test_what_cannot_be_seen_is_named(console):
    console.marketo.sync({"FirstName": "a\u202eb"}, Email="ann@example.com")
    unseen = tree(console.get(f"leads/{console.marketo.calls[-1].lead_id}")).find_class("unseen")
    assert {item.text for item in unseen} == {"U+202E"}


def test_a_value_survives_the_form_that_edits_it(console):
    value = "\n first line\nsecond </textarea><b>\n"
    console.post(
        "leads/1003/edit",
        {
            "email": "Sam.Okafor@brightwater.example",
            "foreign_ids": "SFDC 00Q50000009FaKeAAA",
            "attribute_name": "Title",
            "attribute_value": value.replace("\n", "\r\n"),
        },
    )
    stored = console.marketo.lead(1003).attributes
    assert stored == {"Title": value}
    page = tree(console.get("leads/1003/edit"))
    assert page.xpath("//textarea[@name='attribute_value']")[0].text == "\n" + value  # browsers drop the first one


# ---------------------------------------------------------------------------------------------------------------------
# Changes need the token

FORMS = [
    "reveal",
    "calls/clear",
    "calls/1/again",
    "leads/new",
    "leads/1003/edit",
    "leads/1003/delete",
    "try",
    "explain",
    "world/download",
    "world/add-field",
    "steer/reset",
]


@pytest.mark.parametrize("token", ["", "0" * 64])
@pytest.mark.parametrize("path", FORMS)
def test_a_form_without_the_token_of_its_browser_is_refused(console, path, token):
    console.get()
    before = console.marketo.dump()
    assert "Nothing was changed" in words(console.post(path, expect=403, token=token))
    assert console.marketo.dump() == before


def test_the_token_of_another_browser_is_refused(console):
    other = Console(console.marketo)
    other.site = console.site
    stranger = other.token()
    console.get()
    console.post("calls/clear", expect=403, token=stranger)


@pytest.mark.parametrize("path", FORMS[:-2])
def test_nothing_is_changed_by_a_link(console, path):
    before = console.marketo.dump()
    console.client.get(f"{console.root}/{path}")
    assert console.marketo.dump() == before


def test_cookies_are_for_this_site_and_no_script(console):
    cookies = console.get().headers.getlist("Set-Cookie")
    assert cookies
    assert all("HttpOnly" in cookie and "SameSite=Strict" in cookie for cookie in cookies)


def test_a_read_only_console_shows_and_explains_and_changes_nothing():
    console = Console(Marketo("{}"), read_only=True)
    before = console.marketo.dump()
    assert "read-only" in words(console.get())
    assert "CREATED" in words(console.post("try", {"email": "ann@example.com", "do": "dry", "version": "3_1"}))
    for path in ("steer/reset", "world/add-field", "leads/new", "calls/clear"):
        assert "--read-only-admin" in words(console.post(path, expect=403))
    console.post("try", {"email": "ann@example.com", "do": "send", "version": "3_1"}, expect=400)
    assert console.marketo.dump() == before


def test_an_admin_token_is_asked_for_once():
    console = Console(Marketo("{}"), token="open sesame")
    answer = console.get("calls", expect=303)
    assert answer.headers["Location"] == f"/login?to=%2Fs%2F{console.marketo.name}%2Fcalls"
    form = {
        "token_of_form": re.search(r'value="(\w{64})"', console.client.get("/login").text)[1],
        "to": f"{console.root}/calls",
    }
    assert console.client.post("/login", data={**form, "token": "wrong"}).status_code == 403
    assert (
        console.client.post("/login", data={**form, "token": "open sesame"}).headers["Location"]
        == f"{console.root}/calls"
    )
    page = console.get("calls")
    assert "open sesame" not in page.text
    stolen = console.client.get_cookie("mockmkto_admin").value
    console.client.post("/logout", data=form)
    console.get("calls", expect=303)
    console.client.set_cookie("mockmkto_admin", stolen)  # a copy of it is as dead as the browser's own
    console.get("calls", expect=303)


def test_a_logout_ends_one_browser_and_no_other():
    console = Console(Marketo("{}"), token="t")

    def let_in() -> str:
        form = {"token_of_form": re.search(r'value="(\w{64})"', console.client.get("/login").text)[1], "token": "t"}
        console.client.post("/login", data=form)
        return console.client.get_cookie("mockmkto_admin").value

    one, other = let_in(), let_in()
    assert one != other
    console.client.post("/logout", data={"token_of_form": console.token()})
    for cookie, status in ((one, 200), (other, 303)):
        console.client.set_cookie("mockmkto_admin", cookie)
        console.get("calls", expect=status)


def test_the_login_page_listens_to_nobody_who_tries_many_tokens():
    console = Console(Marketo("{}"), token="right")
    form = {"token_of_form": re.search(r'value="(\w{64})"', console.client.get("/login").text)[1]}
    wrong = [console.client.post("/login", data={**form, "token": f"t{n}"}).status_code for n in range(FREE_TRIES + 1)]
    assert set(wrong) == {403}
    answer = console.client.post("/login", data={**form, "token": "right"})
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert "Too many wrong tokens" in words(answer)


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "/\\evil.example", ""])
def test_a_login_leads_nowhere_else(to):
    console = Console(Marketo("{}"), token="t")
    token = re.search(r'value="(\w{64})"', console.client.get("/login").text)[1]
    answer = console.client.post("/login", data={"token_of_form": token, "to": to, "token": "t"})
    assert answer.headers["Location"] == "/"


# ---------------------------------------------------------------------------------------------------------------------
# Home


def test_the_key_is_shown_when_it_is_asked_for(console):
    page = console.post("reveal")
    assert page.text.count(KEY) == 1 + 7  # the credential, and a program in each language
    assert page.text.count("mockmkto-client-secret") == 1 + 2


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("key:mockmkto", KEY),
        ("snippet:PHP", f"$key = '{KEY}';"),
        ("secret:mockmkto-client", "mockmkto-client-secret"),
        ("rest-snippet:curl, REST", "secret='mockmkto-client-secret'"),
    ],
)
def test_a_copy_button_gets_its_text_alone(console, what, said):
    answer = console.post("reveal", {"what": what})
    assert answer.mimetype == "text/plain"
    assert said in answer.text


def test_home_says_how_things_stand(console):
    console.post("steer/set-limits", {"limits": "on"})
    console.post("steer/add-fault", {"effect": "fault", "code": "20016", "match": "email:slow@"})
    console.marketo.sync(Email="ann@example.com")
    said = words(console.get())
    for text in ("frozen", "America/Los_Angeles", "1 of 10,000 today", "fault-1", "CREATED", "?WSDL"):
        assert text in said
