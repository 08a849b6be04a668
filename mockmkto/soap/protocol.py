"""The protocol that spyne is given: what its interface document has to know of it, and nothing else.

spyne's own SOAP reader and writer are generic: they qualify children, fail on what the vendor's stack let pass, and say
nothing about what they ignored. Requests are read and answers written by what `reading` and `writing` compile from
spyne's models, and operations are found in the same contract that spyne's application is made of (`dispatch`).
"""

from __future__ import annotations

from mockmkto.soap.compat import spyne

__all__ = ["MktowsProtocol"]


class MktowsProtocol(spyne.protocol.ProtocolBase):  # type: ignore[misc]  # spyne has no types
    """SOAP 1.1 as the vendor spoke it."""

    mime_type = "text/xml; charset=utf-8"
    type = frozenset({"soap", "soap11"})
