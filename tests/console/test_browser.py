"""The console in a real browser: each page, each thing that moves, by mouse, by keyboard, and without scripts."""

from __future__ import annotations

import re
import time

import pytest
from console_support import HOSTILE, LONG

PAGES = ["", "calls", "leads", "leads/new", "try", "world", "steer", "explain", "leads/1003", "leads/1003/edit"]
WIDTHS = [360, 768, 1280, 1920]


def go(page, sandbox, path=""):
    answer = page.goto(sandbox.home + path)
    assert answer.status == 200, f"{path}: {answer.status}"
    return page


def says(page) -> str:
    return " ".join(page.locator("main").inner_text().split())


# ---------------------------------------------------------------------------------------------------------------------
# Pages


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_window(page, sandbox, width):
    sandbox.sync({"Notes__c": LONG, "FirstName": "x" * 255}, email="a" * 100 + "@example.com", foreign_id="F" * 120)
    sandbox.sync({"Frist": "x"}, email="ann@example.com")
    page.set_viewport_size({"width": width, "height": 800})
    for path in [*PAGES, "calls/1", "calls/2", "leads/1103", "leads/1103/edit"]:
        go(page, sandbox, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_a_wrong_lead_is_found_out_about_in_three_clicks(page, sandbox):
    sandbox.sync(
        {"City": "Milano"}, email="dario.conti@fontana-arredi.example", foreign_id="CRM-40022", foreign_type="CUSTOM"
    )
    go(page, sandbox)
    page.get_by_role("link", name=re.compile("syncLead UPDATED")).click()
    assert "The Email dario.conti@fontana-arredi.example belongs to lead 1005" in says(page)
    page.get_by_role("link", name="lead 1004").first.click()
    assert "City Lisboa → Milano" in says(page)


def test_without_scripts_everything_can_be_read_and_done(browser, sandbox):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sandbox.sync({"Frist": "x"}, email="ann@example.com")
    for path in [*PAGES, "calls/1"]:
        go(page, sandbox, path)
        assert page.locator("h1").count() == 1
    go(page, sandbox)
    page.get_by_role("button", name="Show").first.click()
    assert sandbox.credential["encryption_keys"][0] in says(page)
    assert sandbox.client["client_secrets"][0] in says(page)
    go(page, sandbox, "try")
    page.get_by_label("Email").fill("new@example.com")
    page.get_by_role("button", name="What would it do?").click()
    assert "Would have created lead 1103" in says(page)
    go(page, sandbox, "steer")
    page.locator("#reset summary", has_text="Reset to the fixture").click()
    page.get_by_role("button", name="Reset", exact=True).click()
    assert "as its fixture says again" in says(page)
    context.close()


# ---------------------------------------------------------------------------------------------------------------------
# What is live


def test_calls_arrive_by_themselves(page, sandbox):
    go(page, sandbox, "calls")
    assert "No calls yet" in says(page)
    sandbox.sync({"FirstName": "Ann"}, email="ann@example.com")
    page.locator("tr[data-call='1']").wait_for()
    sandbox.sync({"FirstName": "Ann"}, email="ann@example.com")
    page.locator("tr[data-call='2']").wait_for()
    assert page.locator("[data-calls] tbody tr").evaluate_all("rows => rows.map(row => row.dataset.call)") == ["2", "1"]
    assert page.locator("tr[data-call='2'] .status").inner_text() == "UPDATED"
    assert page.locator("[data-empty]").count() == 0


def test_only_calls_that_are_searched_for_arrive(page, sandbox):
    go(page, sandbox, "calls?search=email:bob@")
    sandbox.sync(email="ann@example.com")
    sandbox.sync(email="bob@example.com")
    page.locator("tr[data-call='2']").wait_for()
    assert page.locator("[data-calls] tbody tr").count() == 1


def test_hostile_calls_arrive_as_text(page, sandbox):
    go(page, sandbox, "calls")
    sandbox.sync({"FirstName": HOSTILE[:200]}, email=HOSTILE[:90], foreign_id=HOSTILE[:120])
    page.locator("tr[data-call='1']").wait_for()
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img, main svg:not([role=img]), main script").count() == 0


def test_what_is_copied_is_what_it_says(page, sandbox):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    go(page, sandbox)

    def copied(button) -> str:
        button.click()
        page.get_by_role("button", name="Copied").wait_for()
        text = page.evaluate("navigator.clipboard.readText()")
        page.get_by_role("button", name="Copied").wait_for(state="detached")
        return text

    facts = page.locator(".facts").first
    key = sandbox.credential["encryption_keys"][0]
    assert copied(facts.get_by_role("button", name="Copy").nth(0)).endswith("/soap/mktows/3_1")
    assert copied(facts.get_by_role("button", name="Copy").nth(3)) == key
    assert f"key='{key}'" in copied(page.locator(".snippets").get_by_role("button", name="Copy").first)
    assert key not in page.content()


def test_the_theme_is_chosen_and_kept(page, sandbox):
    go(page, sandbox)

    def background() -> str:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light = background()
    page.get_by_role("button", name="Change between light and dark").click()
    dark = background()
    assert light != dark
    page.reload()
    assert background() == dark
    page.emulate_media(color_scheme="dark")
    page.get_by_role("button", name="Change between light and dark").click()
    assert background() == light


# ---------------------------------------------------------------------------------------------------------------------
# What is done


def test_a_dry_run_and_then_the_call(page, sandbox):
    go(page, sandbox, "try")
    page.get_by_label("Email").fill("sam.okafor@brightwater.example")
    page.get_by_label("Field").first.fill("Title")
    page.get_by_label("Value").first.fill("Head of Fleet")
    page.get_by_role("button", name="What would it do?").click()
    said = says(page)
    assert "Would have updated lead 1003" in said
    assert "Fleet Planner Head of Fleet WRITTEN" in said.replace("written", "WRITTEN")
    assert sandbox.admin("GET", "/leads/1003")["attributes"]["Title"] == "Fleet Planner"
    page.get_by_role("button", name="Send it").click()
    page.wait_for_url("**/calls/1")
    assert sandbox.admin("GET", "/leads/1003")["attributes"]["Title"] == "Head of Fleet"


def test_xml_is_pasted_and_tried(page, sandbox):
    sandbox.sync({"FirstName": "Ann"}, email="ann@example.com")
    go(page, sandbox, "calls/1")
    page.get_by_role("link", name="Open in Try it").click()
    assert page.get_by_label("XML", exact=True).is_checked()
    assert not page.get_by_label("Email", exact=True).is_visible()
    page.get_by_role("button", name="What would it do?").click()
    assert "Would have updated lead 1103" in says(page)


def test_a_row_is_added_for_another_field(page, sandbox):
    go(page, sandbox, "leads/new")
    rows = page.get_by_label("Field").count()
    page.get_by_role("button", name="Add a field").click()
    assert page.get_by_label("Field").count() == rows + 1
    page.keyboard.type("FirstName")
    page.get_by_label("Value").last.fill("Ann")
    page.get_by_label("Email").fill("ann@example.com")
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/leads/1103")
    assert "FirstName Ann" in says(page)


def test_a_call_is_sent_again(page, sandbox):
    sandbox.sync({"FirstName": "Ann"}, email="ann@example.com")
    go(page, sandbox, "calls/1")
    page.get_by_role("button", name="Send again").click()
    page.wait_for_url("**/calls/2")
    assert "Updated lead 1103" in says(page)


def test_what_is_lost_is_asked_about_first(page, sandbox):
    go(page, sandbox, "leads/1003")
    page.locator("summary", has_text="Delete").click()
    assert "for good" in says(page)
    page.keyboard.press("Escape")
    assert not page.get_by_role("button", name="Delete lead 1003").is_visible()
    page.locator("summary", has_text="Delete").click()
    page.get_by_role("button", name="Delete lead 1003").click()
    page.wait_for_url("**/leads")
    assert "Lead 1003 was deleted." in says(page)


def test_a_reset_is_undone(page, sandbox):
    sandbox.sync({"FirstName": "Ann"}, email="ann@example.com")
    go(page, sandbox, "steer")
    page.locator("#reset summary", has_text="Reset to the fixture").click()
    page.get_by_role("button", name="Reset", exact=True).click()
    assert sandbox.admin("GET", "/leads")["total"] == 30
    page.locator("#snapshots summary", has_text="Go back").click()
    page.get_by_role("button", name="Go back to before-reset").click()
    page.get_by_text("as the snapshot before-reset has it").wait_for()
    assert sandbox.admin("GET", "/leads/1103")["email"] == "ann@example.com"


def test_a_fault_rule_is_made_and_fires(page, sandbox):
    go(page, sandbox, "steer")
    page.get_by_label("Code of the fault").select_option("20016")
    page.get_by_label("To calls that match").fill("email:slow@")
    page.get_by_role("button", name="Add the rule").click()
    page.get_by_text("is there now").wait_for()
    sandbox.sync(email="slow@example.com")
    go(page, sandbox, "calls/1")
    assert "Refused with fault 20016" in says(page)


def test_a_fixture_file_is_loaded_and_the_state_downloaded(page, sandbox, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("leads: [{Id: 7, Email: seven@example.com}]", encoding="utf-8")
    go(page, sandbox, "world")
    page.get_by_label("or a file").set_input_files(file)
    page.get_by_label("I know that").check()
    page.get_by_role("button", name="Load it").click()
    page.get_by_text("is now as mine.yaml says").wait_for()
    assert sandbox.admin("GET", "/leads")["total"] == 1
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the state").click()
    assert "seven@example.com" in download.value.path().read_text(encoding="utf-8")


def test_a_subscription_is_chosen_in_the_header(page, sandbox):
    go(page, sandbox)
    page.locator("summary", has_text=sandbox.name).click()
    page.locator(".chooser").get_by_role("link", name="default").click()
    page.wait_for_url("**/s/default/")


# ---------------------------------------------------------------------------------------------------------------------
# By keyboard alone


def test_the_keyboard_reaches_everything_and_shows_where_it_is(page, sandbox):
    sandbox.sync(email="ann@example.com")
    for path in PAGES:
        go(page, sandbox, path)
        wanted = page.evaluate(
            "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]"
            ".filter(item => item.checkVisibility() && !(item.type === 'radio' && !item.checked)).length"
        )
        reached = set()
        for _ in range(wanted + 30):
            page.keyboard.press("Tab")
            found = page.evaluate(
                "() => { const item = document.activeElement; if (item === document.body) return null;"
                " const style = getComputedStyle(item);"
                " item.dataset.reached ||= String(Math.random());"
                " return [item.dataset.reached, style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0]; }"
            )
            if found is None:
                break
            reached.add(found[0])
            assert found[1], f"{path}: {page.evaluate('document.activeElement.outerHTML')[:200]} shows no focus"
        assert len(reached) >= wanted, f"{path}: {len(reached)} of {wanted}"


def test_the_first_tab_skips_to_the_page(page, sandbox):
    go(page, sandbox)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


# ---------------------------------------------------------------------------------------------------------------------
# Nothing that a client sends runs


@pytest.mark.parametrize("value", [HOSTILE, LONG], ids=["markup", "30,000 bytes"])
def test_hostile_values_are_shown_and_nothing_runs(page, sandbox, value):
    sandbox.admin("POST", "/partitions", {"name": HOSTILE[:60]})
    sandbox.admin("POST", "/faults", {"effect": "delay", "name": HOSTILE[:60], "match": 'text:"<none>"'})
    sandbox.sync(
        {"Notes__c": value, "FirstName": value[:255], value[:60]: "x"}, email="ann@example.com"
    )  # refused: no such field
    sandbox.sync({"Notes__c": value, "FirstName": value[:255]}, email=value[:90], foreign_id=value[:120], cookie=value)
    sandbox.post(f"<a>{HOSTILE}".encode())
    for path in [
        *PAGES,
        "calls/1",
        "calls/2",
        "leads/1103",
        "leads/1103/edit",
        "try?call=2",
        "calls?search=text:x",
    ]:
        go(page, sandbox, path)
        page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
        assert page.evaluate("window.hacked") is None, path
        assert page.locator("main img, main svg:not([role=img]), main script, main title").count() == 0, path
    page.goto(f"{sandbox.url}/s/default/calls")  # where calls go that open no subscription
    page.locator("[data-calls] tbody tr a").first.click()
    assert "This is no XML" in says(page)
    assert page.evaluate("window.hacked") is None
    go(page, sandbox, "leads/1103")
    assert value[:80] in page.locator("main").inner_text()


def test_three_hundred_attributes_and_an_empty_world_look_right(page, sandbox):
    fields = "\n".join(f"  - {{name: Field_{number}__c, type: string}}" for number in range(300))
    page.set_viewport_size({"width": 360, "height": 800})
    go(page, sandbox, "world")
    page.locator("summary", has_text="or paste one").click()
    page.get_by_label("YAML or JSON").fill(f"fields:\n{fields}\n")
    page.get_by_label("I know that").check()
    page.get_by_role("button", name="Load it").click()
    page.get_by_text("is now as what was pasted says").wait_for()
    assert "There are no leads" in says(go(page, sandbox, "leads"))
    sandbox.sync({f"Field_{number}__c": f"value {number}" for number in range(300)}, email="ann@example.com")
    for path in ("calls/1", "leads/1001", "leads/1001/edit"):
        go(page, sandbox, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    assert page.get_by_label("Value of Field_299__c").input_value() == "value 299"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    ("path", "form", "button", "said"),
    [
        ("steer", "#clock", "Freeze", "stands still"),
        ("world", "#partitions", "Add", "partition"),
    ],
)
def test_what_was_done_is_said_where_one_looks(page, sandbox, width, path, form, button, said):
    """A form comes back to its own section, however far down the page that is."""
    page.set_viewport_size({"width": width, "height": 500})
    go(page, sandbox, path)
    section = page.locator(form)
    if path == "world":
        section.get_by_role("textbox").first.fill("Asia")
    section.get_by_role("button", name=button).first.click()
    told = page.locator("main > .told")
    told.wait_for()
    assert said in told.inner_text()
    box = told.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < box["y"] + box["height"] <= 500


def test_a_row_is_the_link_that_stands_in_it(page, sandbox):
    sandbox.sync({"FirstName": "Ann"}, email="ann@example.com")
    go(page, sandbox, "calls")
    page.locator("tr[data-call='1'] td.time").click(force=True)  # the link lies over it
    page.wait_for_url("**/calls/1")
    go(page, sandbox, "calls")
    page.locator("tr[data-call='1'] td.lead a").click()
    page.wait_for_url("**/leads/1103")


def test_leads_are_deleted_in_bulk(page, sandbox):
    go(page, sandbox, "leads")
    before = page.locator("tbody tr").count()
    for lead in (1001, 1002):
        page.get_by_label(f"Choose lead {lead}").check()
    page.locator("summary", has_text="Delete those chosen").click()
    page.get_by_role("button", name="Cancel").last.click()
    assert page.locator("tbody tr").count() == before
    page.locator("summary", has_text="Delete those chosen").click()
    page.get_by_role("button", name="Delete them").click()
    assert "2 leads deleted." in says(page)
    assert sandbox.admin("GET", "/leads")["total"] == before - 2


def test_subscriptions_stand_side_by_side_and_are_deleted_in_bulk(page, sandbox):
    made = sandbox.admin("POST", "/subscriptions", {"name": f"{sandbox.name}-b"}, scoped=False)["name"]
    sandbox.admin("POST", "/faults", {"effect": "empty"})
    page.goto(sandbox.home.partition("/s/")[0] + "/subscriptions")
    row = page.locator("tr", has=page.get_by_role("link", name=sandbox.name, exact=True))
    assert "1 fault rule" in row.inner_text()
    page.get_by_label(f"Choose {made}").check()
    page.locator("summary", has_text="Delete those chosen").click()
    page.get_by_role("button", name="Delete them").click()
    assert "1 subscription deleted." in says(page)
    assert page.get_by_role("link", name=made, exact=True).count() == 0


def test_the_fault_form_starts_valid_and_shows_only_what_its_kind_takes(page, sandbox):
    go(page, sandbox, "steer")
    status, code = page.locator(".effects [name=status]"), page.locator(".effects [name=code]")
    assert status.is_hidden()
    page.locator("form.effects").get_by_role("button", name="Add the rule").click()
    assert "answers with fault 20015" in says(page)
    page.get_by_label("What happens").select_option("http_status")
    assert code.is_hidden()
    assert status.is_visible()
    page.get_by_role("button", name="The answer gets lost").click()
    rules = sandbox.admin("GET", "/faults")["faults"]
    assert [(rule["effect"], rule["times"]) for rule in rules] == [("fault", None), ("lose_answer", 1)]


def test_home_shows_the_calls_by_outcome(page, sandbox):
    for email in ("ann@example.com", "ann@example.com", "ben@example.com"):
        sandbox.sync({"Frist" if email.startswith("ben") else "FirstName": "x"}, email=email)
    go(page, sandbox)
    assert page.get_by_role("img", name="The last calls by outcome: 1 created, 1 updated, 1 fault").is_visible()
    page.get_by_role("link", name="1 created").click()
    assert page.locator("tr[data-call]").count() == 1


def test_a_call_is_on_the_page_200_ms_after_it_was_answered(page, sandbox):
    go(page, sandbox, "calls")
    page.wait_for_timeout(300)  # the page waits for calls from now on
    page.evaluate(
        """() => {
            const seen = () => { window.seen ??= performance.timeOrigin + performance.now(); };
            new MutationObserver(seen).observe(document.querySelector("tbody[data-live]"), {childList: true});
        }"""
    )
    sandbox.sync({"FirstName": "Ann"}, email="ann@example.com")
    answered = time.time() * 1000
    page.wait_for_function("window.seen !== undefined")
    assert page.evaluate("window.seen") - answered < 200


def test_on_a_phone_the_name_of_the_page_is_to_be_seen(page, sandbox):
    page.set_viewport_size({"width": 390, "height": 800})
    for path, name in (("", "Home"), ("activities", "Activity"), ("steer", "Steer")):
        go(page, sandbox, path)
        box = page.locator(".top nav [aria-current]").bounding_box()
        assert page.locator(".top nav [aria-current]").inner_text() == name
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
