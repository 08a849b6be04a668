"""What a subscription is made of, its leads aside: shown, edited, loaded from a fixture, downloaded as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import yaml
from werkzeug.wrappers import Response

from mockmkto.engine.permissions import PERMISSIONS
from mockmkto.model import FieldType, Operator
from mockmkto.settings import SWITCHES, behaviour_texts
from mockmkto.web.admin import clients, credentials, fields, state, switches, world
from mockmkto.web.admin.problems import ProblemError, Wrong, wrong
from mockmkto.web.admin.resource import Text
from mockmkto.web.console.forms import number
from mockmkto.web.console.page import Page
from mockmkto.worlds import FixtureError, find_fixture, shipped_fixtures
from mockmkto.worlds.reading import Document

__all__ = ["act", "download", "field", "show"]


def show(page: Page) -> Response:
    """Every part of the world, each with its form."""
    asked = page.subscription
    with asked.database.transaction() as session:
        now = session.world
    rules = world.rules(asked).rules
    return page.render(
        "world.html",
        status=400 if page.rejected else 200,
        world=now,
        partitions=world.partitions(asked).partitions,
        rules=rules,
        rules_text=page.sent("rules") if page.rejected and page.sent("rules") else _rules_text(rules),
        credentials=credentials.show(asked).credentials,
        clients=clients.show(asked).clients,
        permissions=PERMISSIONS,
        switches=[
            (item, behaviour_texts(now.behaviour)[item.name]) for item in SWITCHES if not item.name.endswith("limits")
        ],
        fixtures=list(dict.fromkeys([*shipped_fixtures(), *page.site.fixtures])),
        types=tuple(FieldType),
        operators=tuple(Operator),
    )


def field(page: Page) -> Response:
    """The form for one field."""
    found = page.control(fields.field, name=page.request.args.get("name", ""))
    return page.render("field.html", field=found, types=tuple(FieldType))


def act(page: Page, action: str) -> Response:
    """One change of the world; what the control API has against it is said on the page."""
    found = _ACTIONS.get(action)
    if found is None:
        return page.problem(404, "There is no such action.")
    section, perform = found
    try:
        sentence = perform(page)
    except ProblemError as error:
        if action in ("change-field", "remove-field"):
            return page.tell(error.problem.detail, "wrong", "world#fields")
        page.refused(error)
        return show(page)
    return page.done(sentence, f"world#{section}")


def download(page: Page) -> Response:
    """The subscription now as a fixture, its keys included: by a form, so that no address gives them away."""
    text: Text = state.show(page.subscription, state.FormatQuery())
    name = f"{page.subscription.name}.yaml"
    return Response(
        text.content,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
        content_type="application/yaml; charset=utf-8",
    )


# ---------------------------------------------------------------------------------------------------------------------
# The actions, each with the sentence that says what was done


def _add_field(page: Page) -> str:
    body: dict[str, object] = {"name": page.sent("name").strip(), "type": page.sent("type")}
    if page.sent("length").strip():
        body["length"] = number(page.sent("length").strip())
    body |= {flag: bool(page.request.form.get(flag)) for flag in ("read_only", "update_blocked")}
    page.control(fields.add_field, body)
    return f"The field {body['name']} was added."


def _change_field(page: Page) -> str:
    name = page.sent("name")
    body: dict[str, object] = {"type": page.sent("type")}
    body["length"] = number(page.sent("length").strip()) if page.sent("length").strip() else None
    body |= {flag: bool(page.request.form.get(flag)) for flag in ("read_only", "update_blocked")}
    page.control(fields.change_field, body, name=name)
    return f"The field {name} was changed."


def _remove_field(page: Page) -> str:
    page.control(fields.remove_field, name=page.sent("name"))
    return f"The field {page.sent('name')} was taken away, with every lead's value of it."


def _add_partition(page: Page) -> str:
    page.control(world.add_partition, {"name": page.sent("name").strip()})
    return f"The partition {page.sent('name').strip()} was added."


def _remove_partition(page: Page) -> str:
    page.control(world.remove_partition, name=page.sent("name"))
    return f"The partition {page.sent('name')} was taken away."


def _put_workspace(page: Page) -> str:
    name = page.sent("name").strip()
    if not name:
        raise wrong(Wrong("The workspace's name", "a name", "nothing"))
    page.control(world.change_workspace, {"primary_partition": page.sent("primary_partition")}, name=name)
    return f"New leads of the workspace {name} are created in {page.sent('primary_partition')}."


def _remove_workspace(page: Page) -> str:
    page.control(world.remove_workspace, name=page.sent("name"))
    return f"The workspace {page.sent('name')} was taken away."


def _change_rules(page: Page) -> str:
    try:
        listed = Document("the assignment rules", page.sent("rules")).plain if page.sent("rules").strip() else []
    except FixtureError as error:
        raise wrong(Wrong("The assignment rules", "a list in YAML", str(error))) from None
    count = len(page.control(world.change_rules, {"rules": listed}).rules)
    return f"There {'is' if count == 1 else 'are'} {count} assignment rule{'' if count == 1 else 's'} now."


def _add_credential(page: Page) -> str:
    body: dict[str, object] = {}
    if page.sent("user_id").strip():
        body["user_id"] = page.sent("user_id").strip()
    if page.sent("key"):
        body["encryption_keys"] = [page.sent("key")]
    made = page.control(credentials.add, body)
    return f"The credential {made.value.user_id} was added."


def _change_credential(page: Page) -> str:
    """Rotate: the new key is live beside the old one, until that is dropped; block; unblock."""
    user_id, what = page.sent("user_id"), page.sent("what")
    there = next((item for item in credentials.show(page.subscription).credentials if item.user_id == user_id), None)
    keys: Sequence[str] = there.encryption_keys if there is not None else ()
    if what == "rotate":
        new = page.sent("key") or credentials.fresh_credential(page.subscription.name).encryption_keys[0]
        page.control(credentials.change, {"encryption_keys": [new, *keys[:1]]}, user_id=user_id)
        return f"{user_id} has a new key; the one before it opens as well, until it is dropped."
    if what == "drop":
        page.control(credentials.change, {"encryption_keys": list(keys[:1])}, user_id=user_id)
        return f"{user_id} has one key now, the new one."
    blocked = what == "block"
    page.control(credentials.change, {"blocked": blocked}, user_id=user_id)
    return f"{user_id} is {'blocked: its calls are answered with fault 20013' if blocked else 'not blocked any more'}."


def _remove_credential(page: Page) -> str:
    page.control(credentials.remove, user_id=page.sent("user_id"))
    return f"The credential {page.sent('user_id')} was taken away: calls with it are answered with fault 20014."


def _add_client(page: Page) -> str:
    body: dict[str, object] = {}
    if page.sent("client_id").strip():
        body["client_id"] = page.sent("client_id").strip()
    if page.sent("secret"):
        body["client_secrets"] = [page.sent("secret")]
    made = page.control(clients.add, body)
    return f"The client {made.value.client_id} was added."


def _change_client(page: Page) -> str:
    """As of a credential; and what it is permitted to do."""
    client_id, what = page.sent("client_id"), page.sent("what")
    there = next((item for item in clients.show(page.subscription).clients if item.client_id == client_id), None)
    secrets: Sequence[str] = there.client_secrets if there is not None else ()
    if what == "rotate":
        new = page.sent("secret") or clients.fresh_client(page.subscription.name).secrets[0]
        page.control(clients.change, {"client_secrets": [new, *secrets[:1]]}, client_id=client_id)
        return f"{client_id} has a new secret; the one before it opens as well, until it is dropped."
    if what == "drop":
        page.control(clients.change, {"client_secrets": list(secrets[:1])}, client_id=client_id)
        return f"{client_id} has one secret now, the new one."
    if what == "permit":
        chosen = page.request.form.getlist("permission")
        page.control(clients.change, {"permissions": chosen or None}, client_id=client_id)
        return f"{client_id} has {', '.join(chosen) if chosen else 'every permission'}."
    blocked = what == "block"
    page.control(clients.change, {"blocked": blocked}, client_id=client_id)
    return f"{client_id} is {'blocked: its calls are answered with error 603' if blocked else 'not blocked any more'}."


def _remove_client(page: Page) -> str:
    page.control(clients.remove, client_id=page.sent("client_id"))
    return f"The client {page.sent('client_id')} was taken away: it gets no token any more."


def _change_switches(page: Page) -> str:
    texts = {item.name: page.sent(item.name).strip() for item in SWITCHES if item.name in page.request.form}
    page.control(switches.change, texts)
    return "The switches were set."


def _load(page: Page) -> str:
    """Everything is replaced by a fixture: a shipped one, one the server was given, or one that is pasted or sent."""
    upload = page.request.files.get("file")
    if upload is not None and upload.filename:
        content, name = upload.read(), upload.filename
    elif page.sent("text").strip():
        content, name = page.sent("text").encode(), "what was pasted"
    else:
        name = page.sent("fixture")
        if name not in shipped_fixtures() and name not in page.site.fixtures:
            raise wrong(Wrong("The fixture", "one of the list", repr(name)))
        content = find_fixture(name).read_bytes()
    baseline = bool(page.request.form.get("baseline"))
    state.change(page.subscription, state.BaselineQuery(baseline=baseline, file=name), content)
    more = "; a reset returns to it from now on" if baseline else ""
    return f"The subscription is now as {name} says{more}."


_ACTIONS: dict[str, tuple[str, Callable[[Page], str]]] = {
    "add-field": ("fields", _add_field),
    "change-field": ("fields", _change_field),
    "remove-field": ("fields", _remove_field),
    "add-partition": ("partitions", _add_partition),
    "remove-partition": ("partitions", _remove_partition),
    "put-workspace": ("workspaces", _put_workspace),
    "remove-workspace": ("workspaces", _remove_workspace),
    "change-rules": ("rules", _change_rules),
    "add-credential": ("credentials", _add_credential),
    "change-credential": ("credentials", _change_credential),
    "remove-credential": ("credentials", _remove_credential),
    "add-client": ("clients", _add_client),
    "change-client": ("clients", _change_client),
    "remove-client": ("clients", _remove_client),
    "change-switches": ("switches", _change_switches),
    "load": ("fixture", _load),
}


def _rules_text(rules: Sequence[object]) -> str:
    if not rules:
        return ""
    plain = msgspec.to_builtins(rules)
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)
