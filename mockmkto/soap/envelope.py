"""Bytes to the parts of an envelope: what the vendor's stack did before it looked at a call.

The texts of the faults are the stack's own (captured: `Bad Request`; the others inferred from the stack that the
answers give away). XML is parsed with no DTD, no entities, no network, and bounds on size, depth and elements.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from mockmkto.bounds import DEFAULT_MAX_ELEMENTS
from mockmkto.errors import StackFault
from mockmkto.model import TraceBuilder

__all__ = [
    "ENVELOPE_NAMESPACE",
    "MAX_DEPTH",
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
_DECLARED = re.compile(rb"<\?xml[^>]*\sencoding\s*=", re.ASCII)
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_DOCTYPE = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_ENCODING = re.compile(rb"<\?xml[^>]*\sencoding\s*=\s*[\"']([^\"'>]*)", re.ASCII)
# Encodings in which the bytes of `<` and `=` are found wherever these characters stand.
_PLAIN_ENCODING = re.compile(
    "us-?ascii|utf-?(8|16|32)|iso[-_]?(8859|10646|2022)|windows-|cp12|latin|koi8|shift_?jis|sjis|euc-|gb|big5|ucs-?[24]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope's headers and its call, as elements; `call` is the first element of the Body."""

    headers: tuple[etree._Element, ...]
    call: etree._Element


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    tag: str = element.tag
    return tag[tag.rfind("}") + 1 :]


def is_nil(element: etree._Element) -> bool:
    """Whether the element says that it is nil, in either of the two ways to say it."""
    nil = element.get(_XSI_NIL)
    return nil is not None and nil.strip() in ("true", "1")


def _parser(encoding: str | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


class _Parsers(threading.local):
    """A parser of each thread: to make one costs as much as to parse a small request, and threads cannot share it."""

    def __init__(self) -> None:
        self.plain = _parser()


_parsers = _Parsers()


def parse(
    body: bytes, content_type: str | None, trace: TraceBuilder, max_elements: int = DEFAULT_MAX_ELEMENTS
) -> etree._Element:
    """The root element of a request. Any Content-Type will do; its charset counts only where the XML declares none.

    Raises:
        StackFault: `Bad Request` for what is empty, not well-formed, too deep, or has more elements, or attributes of
            elements, than `max_elements`; the DTD fault for a DTD.
    """
    if _has_dtd(body):
        raise StackFault.dtd()
    encoding = None
    charset = _CHARSET.search(content_type or "")
    if charset and charset[1].lower() not in ("utf-8", "utf8") and not _says_its_encoding(body):
        encoding = charset[1]
    parser = _parsers.plain
    if encoding is not None:
        try:
            parser = _parser(encoding)
        except (LookupError, ValueError):
            trace.warn("charset", f"the charset {encoding} of the Content-Type is not known: it was ignored")
            encoding = None
    if _is_too_much(body, encoding, max_elements):
        raise _too_many(max_elements, trace)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        trace.warn("xml", f"the body could not be parsed: {error}" if body else "the body is empty")
        raise StackFault.bad_request() from None
    if root is None:
        raise StackFault.bad_request()
    if root.getroottree().docinfo.internalDTD is not None:  # in an encoding in which it was not seen above
        raise StackFault.dtd()
    if body.count(b"<") > MAX_DEPTH and _TOO_DEEP(root):
        trace.warn("xml", f"elements are nested deeper than {MAX_DEPTH}")
        raise StackFault.bad_request()
    if body.count(b"<") > max_elements and _HAS_MORE(root, most=max_elements):
        raise _too_many(max_elements, trace)
    return root


def _is_too_much(body: bytes, encoding: str | None, max_elements: int) -> bool:
    """Whether the body has very many tags or attributes, seen before anything is made of them.

    An element has two tags at most; text and comments may hold these characters, too, but not so many.
    """
    if len(body) <= max_elements * 3:  # no tag and no attribute is shorter
        return False
    declared = _ENCODING.match(body[:200])
    given = encoding or (declared[1].decode("ascii", "replace") if declared else "")
    if (given and not _PLAIN_ENCODING.match(given)) or body.startswith(_EBCDIC):
        return True
    return body.count(b"<") > 2 * max_elements or body.count(b"=") > 2 * max_elements


_EBCDIC = b"\x4c\x6f\xa7\x94"  # `<?xm`, by which a parser knows it
_HAS_MORE = etree.XPath("count(//*) > $most")


def _too_many(max_elements: int, trace: TraceBuilder) -> StackFault:
    trace.warn(
        "elements",
        f"the body has more than {max_elements} elements, or attributes of elements, which --max-elements sets",
    )
    return StackFault.bad_request()


def _says_its_encoding(body: bytes) -> bool:
    """Whether the document itself says how it is encoded: by a byte order mark, or in its XML declaration."""
    return body.startswith(_BYTE_ORDER_MARKS) or _DECLARED.match(body[:200]) is not None


def _has_dtd(body: bytes) -> bool:
    """Whether there is a DTD, seen before anything parses it: a parser fails in its own ways on hostile ones."""
    text = body.replace(b"\0", b"") if b"\0" in body[:4] else body  # UTF-16: the prolog is ASCII all the same
    return b"<!DOCTYPE" in text and _DOCTYPE.match(text) is not None


_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")  # ten times as fast as to look at every element here


def read_envelope(root: etree._Element, trace: TraceBuilder) -> Envelope:
    """The parts of a SOAP 1.1 envelope, whatever its prefix.

    Raises:
        StackFault: it is no such envelope, has no Body, or no call in it.
    """
    if root.tag != f"{{{ENVELOPE_NAMESPACE}}}Envelope":
        trace.warn("envelope", f"the root element is {root.tag}, not an Envelope of SOAP 1.1 ({ENVELOPE_NAMESPACE})")
        raise StackFault.wrong_version()
    parts = iter(root)
    part = next(parts, None)
    headers: tuple[etree._Element, ...] = ()
    if part is not None and part.tag == f"{{{ENVELOPE_NAMESPACE}}}Header":
        headers = tuple(header for header in _elements(part) if _is_for_us(header, trace))
        part = next(parts, None)
    if part is None or part.tag != f"{{{ENVELOPE_NAMESPACE}}}Body":
        raise StackFault.no_body()
    calls = list(_elements(part))
    if not calls:
        raise StackFault.empty_body()
    for extra in calls[1:]:
        if extra.get("id"):  # not a call: a part of one, which refers to it
            continue
        trace.warn("several_calls", f"<{local_name(extra)}> was ignored: only the first element of the Body is read")
    return Envelope(headers, calls[0])


def _elements(parent: etree._Element) -> Iterator[etree._Element]:
    return (child for child in parent if isinstance(child.tag, str))


def _is_for_us(header: etree._Element, trace: TraceBuilder) -> bool:
    """Whether a header is addressed to the endpoint; the stack passed over those for another actor (inferred)."""
    actor = header.get(_ACTOR, "")
    if actor in ("", _ACTOR_NEXT):
        return True
    name = local_name(header)
    trace.warn("actor", f"header <{name}> was ignored: its actor is {actor}, which is somebody else", name)
    return False


def must_understand(header: etree._Element) -> bool:
    """Whether a header must be understood.

    Raises:
        StackFault: the attribute is no boolean.
    """
    text = header.get(_MUST_UNDERSTAND, "0")
    if text not in ("0", "false", "1", "true"):  # the stack took the words, too (inferred)
        raise StackFault.must_understand_not_boolean()
    return text in ("1", "true")
