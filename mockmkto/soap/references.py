"""References within a request: an object that a client was given twice is written once, and referred to.

`<attribute href="#ref1"/>` stands for the element with `id="ref1"`, wherever that is in the document. PHP's client
writes so whatever the contract says of literal use, and Axis does in encoded use; the vendor's stack read it
(inferred).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from mockmkto.bounds import LONGEST_QUOTE, MOST_CHARACTERS_AGAIN, MOST_ELEMENTS_AGAIN, cut
from mockmkto.errors import StackFault
from mockmkto.soap.envelope import Element

__all__ = ["referred", "within"]

_MAX_HOPS = 16


class _Document:
    """The elements of one document by their ids, and how much may still be read through references.

    A small body can ask for very much: for many elements, or for one long text many times.
    """

    def __init__(self, root: Element) -> None:
        self._root = root
        self._by_id: dict[str, Element] = {}  # filled by the first reference: most documents have none
        self._elements_left = MOST_ELEMENTS_AGAIN
        self._characters_left = MOST_CHARACTERS_AGAIN

    def find(self, reference: str) -> Element:
        if not self._by_id:
            for element in self._root.iter():
                self._by_id.setdefault(element.get("id", ""), element)
        found = self._by_id.get(reference[1:]) if len(reference) > 1 else None
        if found is None:
            raise StackFault.unresolved_reference(cut(reference, LONGEST_QUOTE))
        for element in found.iter():
            self._elements_left -= 1
            self._characters_left -= len(element.text or "")
            if self._elements_left < 0 or self._characters_left < 0:
                raise StackFault.bad_request()
        return found


_document: ContextVar[_Document] = ContextVar("document")  # of the request that this thread is reading


@contextmanager
def within(root: Element) -> Iterator[None]:
    """A block in which the elements of this document are read; its references lead to others of them."""
    before = _document.set(_Document(root))
    try:
        yield
    finally:
        _document.reset(before)


def referred(element: Element) -> Element:
    """The element, or the one that it refers to.

    Raises:
        StackFault: it refers to nothing in the document, or to too much.
    """
    for _ in range(_MAX_HOPS):
        reference = element.get("href")
        if reference is None:
            return element
        if not reference.startswith("#"):
            raise StackFault.external_reference(cut(reference, LONGEST_QUOTE))
        element = _document.get().find(reference)
    raise StackFault.unresolved_reference(cut(reference or "", LONGEST_QUOTE))
