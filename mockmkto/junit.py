"""Reports in the form of JUnit, which pipelines read: what each of them needs, whatever it tells."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["as_document", "plain"]


def as_document(suite: etree._Element) -> bytes:
    """The report as a file."""
    from lxml import etree  # who makes a report has it already

    target = io.BytesIO()
    etree.ElementTree(suite).write(target, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return target.getvalue()


def plain(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(
        char
        for char in text
        if char in "\t\n" or " " <= char < "\ud800" or "\ue000" <= char < "\ufffe" or char > "\uffff"
    )
