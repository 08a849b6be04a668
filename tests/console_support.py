"""What the tests of the console share: a browser without scripts, a running server's subscription, hostile values."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

from lxml import html
from support import Marketo
from werkzeug.test import Client, TestResponse

from mockmkto.soap.composing import resigned
from mockmkto.soap.forms import FORMS, request_of
from mockmkto.web.app import create_app
from mockmkto.web.guard import Guard
from mockmkto.web.site import Site

DEMO = (Path(__file__).parents[1] / "fixtures" / "demo.yaml").read_text(encoding="utf-8")

HOSTILE = (
    "<script>window.hacked=1</script>"
    '<img src=x onerror="window.hacked=1">"\'`&amp;</textarea></script></title><svg onload=window.hacked=1>'
    "${7*7}{{7*7}}\u202egnp.exe\u202c\u2067\u05e9\u05dc\u05d5\u05dd\u2069 "
    "\u0645\u0631\u062d\u0628\u0627 \U0001f469\u200d\U0001f680 javascript:window.hacked=1"
)
LONG = HOSTILE + "x" * (30_000 - len(HOSTILE.encode()))  # what a text field can hold, in bytes


class Console:
    """A browser without scripts: it follows redirects, keeps cookies, and posts forms with the page's token."""

    def __init__(self, marketo: Marketo, **guard) -> None:
        self.marketo = marketo
        self.site = Site(marketo.server, marketo.registry, guard=Guard(**guard))
        self.site.ready.set()
        self.client = Client(create_app(self.site))
        self.root = f"/s/{marketo.name}"

    def get(self, path: str = "", expect: int = 200, **options) -> TestResponse:
        answer = self.client.get(path if path.startswith("/s") or path == "/" else f"{self.root}/{path}", **options)
        assert answer.status_code == expect, f"{path}: {answer.status_code} {answer.text}"
        return answer

    def token(self) -> str:
        return re.search(r'name="token_of_form" value="(\w+)"', self.get("try").text)[1]

    def post(self, path: str, form: dict | None = None, expect: int = 200, *, token: str | None = None) -> TestResponse:
        given = self.token() if token is None else token
        answer = self.client.post(
            f"{self.root}/{path}", data={"token_of_form": given, **(form or {})}, follow_redirects=True
        )
        assert answer.status_code == expect, f"{path}: {answer.status_code} {answer.text}"
        return answer


class Sandbox:
    """A subscription of its own on the server, and the same to a client and to a browser."""

    def __init__(self, url: str, fixture: str = "demo") -> None:
        self.url = url
        made = self.admin("POST", "/subscriptions", {"fixture": fixture}, scoped=False)
        self.name = made["name"]
        self.credential = made["credentials"][0]
        self.client = made["clients"][0]
        self.home = f"{url}/s/{self.name}/"

    def admin(self, method: str, path: str, body=None, *, scoped: bool = True):
        query = f"?subscription={self.name}" if scoped else ""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}/__admin{path}{query}", data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def sync(self, attributes: dict[str, str] | None = None, **keys: str) -> None:
        """One signed syncLead over HTTP, whatever it is answered."""
        from mockmkto.clock import system_now
        from mockmkto.model import Credential
        from mockmkto.soap.composing import Composed, resigned, sync_lead

        credential = Credential(self.credential["user_id"], tuple(self.credential["encryption_keys"]), self.name)
        body = resigned(
            sync_lead(Composed(attributes=attributes or {}, **keys)),
            credential,
            system_now().isoformat(timespec="seconds"),
        )
        self.post(body)

    def post(self, body: bytes) -> None:
        request = urllib.request.Request(f"{self.url}/soap/mktows/3_1", body, {"Content-Type": "text/xml"})
        try:
            urllib.request.urlopen(request, timeout=10).close()
        except urllib.error.HTTPError as fault:
            fault.close()


def tree(answer: TestResponse) -> html.HtmlElement:
    """The page, parsed."""
    return html.document_fromstring(answer.text)


def words(answer: TestResponse) -> str:
    """What the page says."""
    return " ".join(tree(answer).text_content().split())


def told(answer: TestResponse) -> str:
    """The sentence at the top of the page."""
    paragraph, *_ = tree(answer).find_class("told")
    return " ".join(paragraph.text_content().split())


def ask(marketo: Marketo, operation: str, version: str = "3_1", **given: object):
    """A signed call of any operation but syncLead and getLead, by the arguments of its form."""
    body = request_of(FORMS[operation], given)
    credential = marketo.registry.credentials(marketo.name)[0]
    with marketo.database.transaction() as session:
        now = session.now
    return marketo.post(resigned(body, credential, now.isoformat(timespec="seconds")), version)
