"""Requests to the REST API that the console makes: out of a call of the journal, or as somebody has typed them."""

from __future__ import annotations

from urllib.parse import unquote

from werkzeug.wrappers import Response

from mockmkto.model import Call, Client
from mockmkto.rest.incoming import FORM, HIDDEN, Incoming, is_rest_path
from mockmkto.web.console.page import Page

__all__ = ["JSON", "client_for", "content_type_of", "incoming_of", "read_request_line", "send_rest"]

JSON = "application/json"


def content_type_of(body: bytes) -> str:
    """What a body is, as far as it shows: a multipart begins with its boundary, a form has no line ends."""
    start = body.lstrip()[:200]
    if start.startswith(b"--"):
        boundary = start[2:].split(b"\r\n", 1)[0].split(b"\n", 1)[0].strip()
        return f"multipart/form-data; boundary={boundary.decode('ascii', 'replace')}"
    if start and start[:1] not in (b"{", b"[", b'"') and b"=" in start and b"\n" not in body.strip():
        return FORM
    return JSON


def incoming_of(call: Call) -> Incoming:
    """The request of a call once more, without the token that it may have had in its query."""
    method, _, path = (call.endpoint or "GET /").partition(" ")
    kept = [part for part in call.query.split("&") if part and not part.endswith(f"={HIDDEN}")]
    meant = [part for part in kept if not part.startswith("_method=")]
    was_form = content_type_of(call.request) == FORM and b"_method=" in call.request
    posted = "POST" if was_form or len(meant) < len(kept) else method
    kind = call.headers.get("Content-Type") or content_type_of(call.request)
    return Incoming(posted, path, "&".join(kept), call.request, kind)


def read_request_line(text: str) -> tuple[str, str, str] | None:
    """Method, path and query of `POST /rest/v1/leads.json?x=1`; without a method it is a GET; `None`: it is none.

    An address with a scheme and a host is taken for its path.
    """
    method, _, address = text.strip().partition(" ")
    if not address:
        method, address = "GET", method
    if "://" in address:
        address = "/" + address.partition("://")[2].partition("/")[2]
    path, _, query = address.strip().partition("?")
    if not method.isalpha() or len(method) > 20 or not is_rest_path(path):
        return None
    return method.upper(), unquote(path), query


def client_for(page: Page, client_id: str | None) -> Client | None:
    """The subscription's client of this id, or its first one that is not blocked."""
    known = page.site.registry.clients(page.subscription.name)
    same = next((item for item in known if item.client_id == client_id), None)
    return same or next((item for item in known if not item.blocked), None)


def send_rest(page: Page, incoming: Incoming, client: Client, sentence: str) -> Response:
    """Make this call as one of that client's, and show it."""
    _, call = page.site.rest.exchange(incoming._replace(remote=page.request.remote_addr), client)
    if not call.sequence:
        return page.tell("The call was answered, but this server keeps no journal.", "done", "calls")
    return page.done(sentence, f"calls/{call.sequence}")
