"""One recorded call: what was sent to the real API and what it answered."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

__all__ = ["Exchange", "UnreadableTrafficError", "local", "parse_xml"]

_VERSION = re.compile(r"/soap/mktows/(\d+_\d+)")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)


class UnreadableTrafficError(ValueError):
    """A recording that cannot be read; the text names file and place."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, as bytes, and where they were recorded."""

    source: str  # the file, and the place in it
    request: bytes
    answer: bytes
    url: str = ""
    status: int = 200

    @property
    def version(self) -> str | None:
        """The version of the API in the address, `2_9`; `None` where the recording does not say."""
        found = _VERSION.search(self.url)
        return found[1] if found else None


def parse_xml(content: bytes) -> etree._Element | None:
    """The root of a document; `None` when it is no XML."""
    try:
        return etree.fromstring(content.strip(), _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return None


def local(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname
