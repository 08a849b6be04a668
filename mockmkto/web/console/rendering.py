"""Templates to HTML: every value is escaped, times are in the subscription's zone, and what cannot be seen is shown."""

from __future__ import annotations

from datetime import datetime, tzinfo
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import parse_qsl

import jinja2
import msgspec
from markupsafe import Markup, escape

from mockmkto.model import Call
from mockmkto.telling import operation_name
from mockmkto.unseen import UNSEEN, escaped
from mockmkto.web.console import statics

__all__ = ["Renderer", "Told", "clipped", "outcome", "visible"]

_SHORT = 90  # characters of a value in a list


class Told(msgspec.Struct, frozen=True):
    """A sentence for the top of the page."""

    kind: Literal["done", "wrong"]
    sentence: str


class Shown(statics.Rooted, Protocol):
    """What is rendered, as far as a filter looks at it."""

    @property
    def zone(self) -> tzinfo:
        """The subscription's time zone."""


class Renderer:
    """The templates of the console, compiled once."""

    def __init__(self) -> None:
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters.update(
            visible=visible,
            clipped=clipped,
            named=named,
            when=when,
            number=number,
            operation=operation_name,
        )
        self._templates.globals.update(asset=statics.address, outcome=outcome, parameters=parameters)

    def render(self, template: str, *, page: Shown, **values: object) -> str:
        """One page."""
        return self._templates.get_template(template).render(page=page, **values)


def parameters(query: str) -> list[tuple[str, str]]:
    """What a query says, in its order."""
    return parse_qsl(query, keep_blank_values=True)


def outcome(call: Call) -> str:
    """How a call ended, as a word for its colour: created, updated, ok, fault, disturbed."""
    if call.fault_code is not None:
        return "fault"
    if call.injected is not None and call.status.upper() not in ("CREATED", "UPDATED", "OK"):
        return "disturbed"
    return {"created": "created", "updated": "updated"}.get(call.status.lower(), "ok")


def visible(value: object) -> Markup:
    """A value as text that stays in its own direction; what could not be seen of it is named."""
    text = str(value)
    if not UNSEEN.search(text):
        return Markup("<bdi>{}</bdi>").format(text)
    parts = [Markup("<bdi>")]
    last = 0
    for found in UNSEEN.finditer(text):
        parts.append(escape(text[last : found.start()]))
        parts.append(
            Markup('<span class="unseen" title="a character that cannot be seen">U+{:04X}</span>').format(ord(found[0]))
        )
        last = found.end()
    return Markup("").join([*parts, escape(text[last:]), Markup("</bdi>")])


def named(value: object) -> str:
    """A value where there is no place for markup: in an attribute that is read out, in a title, in an option."""
    return escaped(str(value))


def clipped(value: object, length: int = _SHORT) -> Markup:
    """The same, of a long value only the beginning."""
    text = str(value)
    if len(text) <= length:
        return visible(text)
    return Markup('<span class="clipped" title="{} characters">{}<span class="more">…</span></span>').format(
        len(text), visible(text[:length])
    )


@jinja2.pass_context
def when(context: jinja2.runtime.Context, moment: datetime, form: str = "long") -> Markup:
    """A moment on the subscription's calendar."""
    page: Shown = context["page"]
    local = moment.astimezone(page.zone)
    exact = moment.isoformat(timespec="milliseconds")
    if form == "input":
        return escape(local.isoformat(timespec="seconds"))
    shown = Markup('<span class="date">{:%Y-%m-%d}</span> {:%H:%M:%S}').format(local, local)
    if form == "long":
        shown += Markup(' <span class="date">{}</span>').format(f"{local:%Z}")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        exact, local.isoformat(timespec="milliseconds"), shown
    )


def number(value: float) -> str:
    """12345 as 12,345."""
    return f"{value:,}"
