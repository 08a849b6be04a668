"""The first pages: which subscription, where it is, who may call it, how, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.wrappers import Response

from mockmkto.soap.versions import VERSIONS
from mockmkto.store import leads
from mockmkto.store.backend import ClosedDatabaseError
from mockmkto.store.registry import DEFAULT_SUBSCRIPTION
from mockmkto.web.admin import calls, clients, credentials, faults, health, limits, subscriptions
from mockmkto.web.admin.problems import ProblemError
from mockmkto.web.admin.resource import Server
from mockmkto.web.console.chart import chart
from mockmkto.web.console.page import Page
from mockmkto.web.console.snippets import LANGUAGES, REST_LANGUAGES, first_call, first_rest_call
from mockmkto.worlds import shipped_fixtures

__all__ = ["add", "every", "remove", "remove_many", "reveal", "show", "start"]

_CHARTED = 500  # calls, the last ones
_LATEST = 8  # calls on the home page
_JUDGED = 50  # calls of each subscription, the last ones
_SHOWN = 200  # subscriptions


def start(page: Page) -> Response:
    """`/`: the subscription `default`, or the first that there is."""
    database = page.site.registry.default()
    name = DEFAULT_SUBSCRIPTION if database is None else database.name
    return page.to(f"/s/{name}/") if database is not None else every(page)


def every(page: Page) -> Response:
    """Every subscription, and a form for a new one."""
    names = page.subscriptions
    stands = [_standing(page, name) for name in names[:_SHOWN]]
    fixtures = list(dict.fromkeys([*shipped_fixtures(), *page.site.fixtures]))
    return page.render(
        "subscriptions.html",
        status=400 if page.rejected else 200,
        names=names[:_SHOWN],
        stands=[item for item in stands if item is not None],
        hidden=max(0, len(names) - _SHOWN),
        fixtures=fixtures,
    )


@dataclass(frozen=True, slots=True)
class _Standing:
    """A subscription at a glance."""

    name: str
    leads: int
    calls: int
    faults: int
    warned: int
    rules: int
    clock: str


def _standing(page: Page, name: str) -> _Standing | None:
    """How a subscription stands; `None` when it was deleted in this very moment."""
    try:
        database = page.site.registry.get(name)
        if database is None:
            return None
        with database.transaction() as session:
            stored, rules, clock = leads.count(session), session.fault_rules, session.clock
        recent = database.journal.calls(max(0, database.journal.last - _JUDGED))
    except ClosedDatabaseError:
        return None
    mode = "frozen" if clock.frozen_at is not None else "offset" if clock.offset else ""
    faults_of = sum(1 for call in recent if call.fault_code is not None)
    return _Standing(name, stored, database.calls, faults_of, sum(1 for call in recent if call.warnings), rules, mode)


def remove_many(page: Page) -> Response:
    """Several subscriptions less."""
    gone = 0
    for name in page.request.form.getlist("name"):
        try:
            subscriptions.remove(Server(page.site, page.request), name)
            gone += 1
        except ProblemError:  # somebody was faster
            continue
    return page.told_at(f"{gone} subscription{'s' if gone != 1 else ''} deleted.", "/subscriptions")


def add(page: Page) -> Response:
    """A new subscription, and on to it."""
    body: dict[str, object] = {"fixture": page.sent("fixture")}
    if page.sent("name"):
        body["name"] = page.sent("name")
    try:
        made = page.control_server(subscriptions.add, body)
    except ProblemError as error:
        page.refused(error)
        return every(page)
    return page.to(f"/s/{made.value.name}/")


def remove(page: Page) -> Response:
    """A subscription less."""
    subscriptions.remove(Server(page.site, page.request), page.subscription.name)
    return page.to("/subscriptions")


def show(page: Page) -> Response:
    """Endpoints, WSDL, who may call, a first call in every language; clock, limits, fault rules; the latest calls."""
    return _home(page, revealed=False)


def reveal(page: Page) -> Response:
    """The same with the keys; or, for a script's copy button, one text alone."""
    wanted = page.sent("what")
    if not wanted:
        return _home(page, revealed=True)
    kind, _, name = wanted.partition(":")
    found, callers = credentials.show(page.subscription).credentials, clients.show(page.subscription).clients
    text = ""
    if kind == "key":
        text = next((item.encryption_keys[0] for item in found if item.user_id == name), "")
    elif kind == "snippet":
        language = next((item for item in LANGUAGES if item.name == name), None)
        if language is not None and found:
            text = first_call(language, _endpoint(page), found[0].user_id, found[0].encryption_keys[0])
    elif kind == "secret":
        text = next((item.client_secrets[0] for item in callers if item.client_id == name), "")
    elif kind == "rest-snippet":
        language = next((item for item in REST_LANGUAGES if item.name == name), None)
        if language is not None and callers:
            text = first_rest_call(language, page.api_address, callers[0].client_id, callers[0].client_secrets[0])
    if not text:
        return page.problem(404, "There is nothing of that name.")
    return Response(text, content_type="text/plain; charset=utf-8")


def _home(page: Page, *, revealed: bool) -> Response:
    asked = page.subscription
    found = credentials.show(asked).credentials
    first = found[0] if found else None
    callers = clients.show(asked).clients
    caller = callers[0] if callers else None
    snippets = [
        (
            "snippet",
            language,
            first_call(language, _endpoint(page), first.user_id, first.encryption_keys[0] if revealed else None),
        )
        for language in (LANGUAGES if first is not None else ())
        if first is not None
    ]
    snippets += [
        (
            "rest-snippet",
            language,
            first_rest_call(
                language, page.api_address, caller.client_id, caller.client_secrets[0] if revealed else None
            ),
        )
        for language in (REST_LANGUAGES if caller is not None else ())
        if caller is not None
    ]
    recent = asked.database.journal.calls(max(0, asked.database.journal.last - _CHARTED))
    with asked.database.transaction() as session:
        world = session.world
        stored = leads.count(session)
    rules = faults.show(asked).faults
    return page.render(
        "home.html",
        endpoint=_endpoint(page),
        versions=VERSIONS,
        credentials=found,
        address=page.api_address,
        clients=callers,
        revealed=revealed,
        snippets=snippets,
        health=health.show(asked),
        limits=limits.show(asked),
        rest_limits=limits.show(asked, limits.LimitsQuery(api="rest")),
        rules=rules,
        calls=recent[: -_LATEST - 1 : -1],
        chart=chart(recent),
        world=world,
        leads=stored,
        total=calls.count(asked, calls.CountQuery()).count,
    )


def _endpoint(page: Page) -> str:
    return f"{page.api_address}/soap/mktows/{VERSIONS[-1]}"
