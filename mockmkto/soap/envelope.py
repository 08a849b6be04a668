"""Bytes to the parts of an envelope: what the vendor's stack did before it looked at a call.

The texts of the faults are the stack's own (captured: `Bad Request`; the others inferred from the stack that the
answers give away). XML is parsed by expat, which keeps nothing of a document once it is read, with no DTD, no entities,
no network, and bounds on size, depth and elements.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, XMLParser

from msgspec import Struct

from mockmkto.bounds import DEFAULT_MAX_ELEMENTS
from mockmkto.errors import StackFault
from mockmkto.model import TraceBuilder

__all__ = [
    "ENVELOPE_NAMESPACE",
    "MAX_DEPTH",
    "Element",
    "Envelope",
    "is_nil",
    "local_name",
    "must_understand",
    "parse",
    "read_envelope",
]

ENVELOPE_NAMESPACE = "http://schemas.xmlsoap.org/soap/envelope/"
MAX_DEPTH = 256

_XSI_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_MUST_UNDERSTAND = f"{{{ENVELOPE_NAMESPACE}}}mustUnderstand"
_ACTOR = f"{{{ENVELOPE_NAMESPACE}}}actor"
_ACTOR_NEXT = "http://schemas.xmlsoap.org/soap/actor/next"
_DOCTYPE = re.compile(r"\ufeff?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)
_DOCTYPE_IN_BYTES = re.compile(rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding\s*=\s*[\"']([^\"'>]*)", re.ASCII)
# How a document begins that is in no superset of ASCII; the longer beginnings first.
_BEGINNINGS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),  # `<?xm` in EBCDIC
)
# Python has codecs that are no character sets, and one that takes quadratic time.
_CHARACTER_SET = re.compile(
    "us-?ascii|ascii|utf-?(7|8)|iso[-_]?(8859|2022|ir)|(windows|ibm|cp)[-_]?[0-9]|latin|l[0-9]|koi8|mac|tis|big5|gb"
    "|(s|shift)_?-?jis|euc|hz|johab|ptcp|viscii|armscii",
    re.IGNORECASE,
)


class Envelope(Struct, frozen=True):
    """An envelope's headers and its call, as elements; `call` is the first element of the Body."""

    headers: tuple[Element, ...]
    call: Element


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    tag: str = element.tag
    return tag[tag.rfind("}") + 1 :]


def is_nil(element: Element) -> bool:
    """Whether the element says that it is nil, in either of the two ways to say it."""
    nil = element.get(_XSI_NIL)
    return nil is not None and nil.strip() in ("true", "1")


def parse(
    body: bytes, content_type: str | None, trace: TraceBuilder, max_elements: int = DEFAULT_MAX_ELEMENTS
) -> Element:
    """The root element of a request. Any Content-Type will do; its charset counts only where the XML declares none.

    Raises:
        StackFault: `Bad Request` for what is empty, not well-formed, too deep, or has more elements, or attributes of
            elements, than `max_elements`; the DTD fault for a DTD.
    """
    text = _decoded(body, content_type, trace)
    # Seen before anything parses it: parsers fail in their own ways on hostile ones.
    if isinstance(text, str):
        has_dtd = "<!DOCTYPE" in text and _DOCTYPE.match(text) is not None
        tags, values = text.count("<"), text.count("=")
    else:
        has_dtd = b"<!DOCTYPE" in text and _DOCTYPE_IN_BYTES.match(text) is not None
        tags, values = text.count(b"<"), text.count(b"=")
    if has_dtd:
        raise StackFault.dtd()
    if max(tags, values) > 2 * max_elements:  # an element has two tags at most; texts may hold them, but not so many
        raise _too_many(max_elements, trace)
    parser = XMLParser()  # noqa: S314  # no DTD gets this far, and so no entity
    try:
        parser.feed(text)
        root: Element = parser.close()
    except (ParseError, ValueError) as error:  # ValueError: half a surrogate pair
        trace.warn("xml", f"the body could not be parsed: {error}" if body else "the body is empty")
        raise StackFault.bad_request() from None
    if tags > MAX_DEPTH and _is_too_deep(root):
        trace.warn("xml", f"elements are nested deeper than {MAX_DEPTH}")
        raise StackFault.bad_request()
    if tags > max_elements and sum(1 for _ in root.iter()) > max_elements:
        raise _too_many(max_elements, trace)
    return root


def _decoded(body: bytes, content_type: str | None, trace: TraceBuilder) -> str | bytes:
    """The document as text; as it is where it is UTF-8, which the parser reads itself.

    Raises:
        StackFault: `Bad Request` for what is not in the encoding that it declares, or in one that nobody knows.
    """
    try:
        for beginning, encoding in _BEGINNINGS:
            if body.startswith(beginning):
                return body.decode(encoding)
        declared = _DECLARED.match(body[:200])
        if declared is not None:
            encoding = declared[1].decode("ascii", "replace")
            return body if encoding.lower() == "utf-8" else _decode(body, encoding)
        charset = _CHARSET.search(content_type or "")
        if charset is None or charset[1].lower() in ("utf-8", "utf8") or body.startswith(b"\xef\xbb\xbf"):
            return body
        try:
            return _decode(body, charset[1])
        except LookupError:
            trace.warn("charset", f"the charset {charset[1]} of the Content-Type is not known: it was ignored")
            return body
    except (LookupError, ValueError) as error:
        trace.warn("xml", f"the body could not be parsed: {error}")
        raise StackFault.bad_request() from None


def _decode(body: bytes, encoding: str) -> str:
    if not _CHARACTER_SET.match(encoding):  # UTF-16 neither: what could be read so far is not in it
        raise LookupError(f"the body is in no encoding that is called {encoding}")
    return body.decode(encoding)


def _is_too_deep(root: Element) -> bool:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return False
    return True


def _too_many(max_elements: int, trace: TraceBuilder) -> StackFault:
    trace.warn(
        "elements",
        f"the body has more than {max_elements} elements, or attributes of elements, which --max-elements sets",
    )
    return StackFault.bad_request()


def read_envelope(root: Element, trace: TraceBuilder) -> Envelope:
    """The parts of a SOAP 1.1 envelope, whatever its prefix.

    Raises:
        StackFault: it is no such envelope, has no Body, or no call in it.
    """
    if root.tag != f"{{{ENVELOPE_NAMESPACE}}}Envelope":
        trace.warn("envelope", f"the root element is {root.tag}, not an Envelope of SOAP 1.1 ({ENVELOPE_NAMESPACE})")
        raise StackFault.wrong_version()
    parts = iter(root)
    part = next(parts, None)
    headers: tuple[Element, ...] = ()
    if part is not None and part.tag == f"{{{ENVELOPE_NAMESPACE}}}Header":
        headers = tuple(header for header in part if _is_for_us(header, trace))
        part = next(parts, None)
    if part is None or part.tag != f"{{{ENVELOPE_NAMESPACE}}}Body":
        raise StackFault.no_body()
    calls = list(part)
    if not calls:
        raise StackFault.empty_body()
    for extra in calls[1:]:
        if extra.get("id"):  # not a call: a part of one, which refers to it
            continue
        trace.warn("several_calls", f"<{local_name(extra)}> was ignored: only the first element of the Body is read")
    return Envelope(headers, calls[0])


def _is_for_us(header: Element, trace: TraceBuilder) -> bool:
    """Whether a header is addressed to the endpoint; the stack passed over those for another actor (inferred)."""
    actor = header.get(_ACTOR, "")
    if actor in ("", _ACTOR_NEXT):
        return True
    name = local_name(header)
    trace.warn("actor", f"header <{name}> was ignored: its actor is {actor}, which is somebody else", name)
    return False


def must_understand(header: Element) -> bool:
    """Whether a header must be understood.

    Raises:
        StackFault: the attribute is no boolean.
    """
    text = header.get(_MUST_UNDERSTAND, "0")
    if text not in ("0", "false", "1", "true"):  # the stack took the words, too (inferred)
        raise StackFault.must_understand_not_boolean()
    return text in ("1", "true")
