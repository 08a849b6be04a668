"""A request or an answer as HTML: pretty-printed and raw, with what caused a warning marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape

from lxml import etree
from markupsafe import Markup, escape

from mockmkto.model import Warning
from mockmkto.web.console.rendering import visible

__all__ = ["MOST_SHOWN", "Shown", "show"]

MOST_SHOWN = 150_000  # characters that are shown; the whole can be downloaded
_DEEPEST = 60
_TAG = re.compile(r"<(/?)([A-Za-z_][\w.:-]*)")
_NAMED = re.compile(r"(<(?:[\w.-]+:)?attrName>)([^<]*)(?=</)")


@dataclass(frozen=True, slots=True)
class Shown:
    """The two views; `pretty` is `None` for what is no XML, and `broken` says why. `marked`: the numbers of marks."""

    raw: Markup
    pretty: Markup | None
    broken: str | None
    bytes: int
    cut: bool
    marked: frozenset[int] = frozenset()


def show(content: bytes, warnings: Iterable[Warning] = ()) -> Shown:
    """Both views of what came or went."""
    marks: dict[str, tuple[int, str]] = {}
    for number, warning in enumerate(warnings, 1):
        if warning.element is not None:
            marks.setdefault(warning.element, (number, warning.message))
    text = content.decode("utf-8", "replace")
    cut = len(text) > MOST_SHOWN
    broken: str | None = None
    at: tuple[int, int] | None = None
    pretty: Markup | None = None
    placed: set[int] = set()
    if not content.strip():
        broken = "It is empty."
    elif not cut:
        try:
            # Comments and CDATA are of no consequence to the API, but a person must see what was sent.
            parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
            pretty = _Printer(marks, placed).document(etree.fromstring(content, parser))
        except (etree.XMLSyntaxError, ValueError) as error:
            said = error.msg if isinstance(error, etree.XMLSyntaxError) else str(error)
            broken = f"This is no XML: {said}."
            at = error.position if isinstance(error, etree.XMLSyntaxError) else None
    raw = _raw(text[:MOST_SHOWN], marks, placed, at)
    return Shown(raw, pretty, broken, len(content), cut, frozenset(placed))


class _Printer:
    def __init__(self, marks: Mapping[str, tuple[int, str]], placed: set[int]) -> None:
        self._marks = marks
        self._placed = placed

    def document(self, root: etree._Element) -> Markup:
        return Markup("\n").join(self._element(root, 0, {}))

    def _element(self, element: etree._Element, depth: int, known: dict[str | None, str]) -> Iterator[Markup]:
        indent = escape("  " * min(depth, _DEEPEST))
        tag: object = element.tag  # of a comment it is a function, whatever the stubs say
        if not isinstance(tag, str):
            yield Markup('{}<span class="x-c">{}</span>').format(
                indent, visible(etree.tostring(element, encoding="unicode", with_tail=False))
            )
            return
        local = tag.rpartition("}")[2]
        name = f"{element.prefix}:{local}" if element.prefix else local
        opened = Markup('<span class="x-p">&lt;</span><span class="x-t">{}</span>').format(name)
        for prefix, uri in element.nsmap.items():
            if known.get(prefix) != uri:
                opened += self._attribute(f"xmlns:{prefix}" if prefix else "xmlns", uri)
        for key, value in element.attrib.items():
            opened += self._attribute(_qualified(str(key), element), str(value))
        opened = self._mark(local, opened, Markup('<span class="x-p">&gt;</span>'))
        closed = Markup(
            '<span class="x-p">&lt;/</span><span class="x-t">{}</span><span class="x-p">&gt;</span>'
        ).format(name)
        text = element.text or ""
        if not len(element):
            if not text:
                yield indent + opened + closed
                return
            value = Markup('<span class="x-v">{}</span>').format(visible(text))
            if local == "attrName":
                value = self._mark(text, value, Markup())
            yield indent + opened + value + closed
            return
        yield indent + opened
        if text.strip():
            yield Markup("{}  {}").format(indent, visible(text.strip()))
        for child in element:
            yield from self._element(child, depth + 1, dict(element.nsmap))
            if child.tail and child.tail.strip():
                yield Markup("{}  {}").format(indent, visible(child.tail.strip()))
        yield indent + closed

    def _attribute(self, name: str, value: str) -> Markup:
        return Markup(' <span class="x-a">{}</span><span class="x-p">="</span>{}<span class="x-p">"</span>').format(
            name, visible(value)
        )

    def _mark(self, name: str, content: Markup, rest: Markup) -> Markup:
        mark = self._marks.get(name)
        if mark is None:
            return content + rest
        self._placed.add(mark[0])
        return _marked(mark, content + rest)


def _marked(mark: tuple[int, str], content: Markup) -> Markup:
    return Markup('<mark title="{}">{}<sup>{}</sup></mark>').format(mark[1], content, mark[0])


def _qualified(key: str, element: etree._Element) -> str:
    if not key.startswith("{"):
        return key
    uri, _, local = key[1:].partition("}")
    prefix = next((name for name, known in element.nsmap.items() if known == uri and name), None)
    return f"{prefix}:{local}" if prefix else local


def _raw(text: str, marks: Mapping[str, tuple[int, str]], placed: set[int], at: tuple[int, int] | None) -> Markup:
    """The text as it came, with opening tags and attribute names marked; where a parser gave up is marked, too."""
    spans: list[tuple[int, int, tuple[int, str]]] = []
    for found in _TAG.finditer(text):
        mark = marks.get(found[2].rpartition(":")[2])
        if mark is not None and not found[1]:
            spans.append((found.start(), found.end(), mark))
    for found in _NAMED.finditer(text):
        mark = marks.get(_unescaped(found[2]))
        if mark is not None:
            spans.append((found.start(2), found.end(2), mark))
    broken = _offset(text, at) if at is not None else None
    if broken is not None:
        spans.append((broken, min(broken + 1, len(text)), (0, "the parser gave up here")))
    spans.sort()
    parts: list[Markup] = []
    last = 0
    for start, end, mark in spans:
        if start < last:
            continue
        parts.append(visible(text[last:start]))
        if mark[0]:
            placed.add(mark[0])
            parts.append(_marked(mark, visible(text[start:end])))
        else:
            sign = visible(text[start:end].strip() or "⏎")
            parts.append(Markup('<mark class="broken" title="{}">{}</mark>').format(mark[1], sign))
        last = end
    parts.append(visible(text[last:]))
    return Markup("").join(parts)


def _unescaped(text: str) -> str:
    return unescape(text)


def _offset(text: str, at: tuple[int, int]) -> int | None:
    line, column = at
    lines = text.splitlines(keepends=True)
    if not 1 <= line <= len(lines):
        return None
    return sum(len(item) for item in lines[: line - 1]) + min(max(column - 1, 0), max(len(lines[line - 1]) - 1, 0))
