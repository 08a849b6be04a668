"""`/tls`: the authority that has signed the server's certificate, for clients to trust."""

from __future__ import annotations

from mockmkto.web.admin.problems import ProblemError
from mockmkto.web.admin.resource import Server, Text, also

__all__ = ["authority"]


@also(404, "the server has no authority of its own")
def authority(asked: Server) -> Text:
    """The authority's certificate in PEM; nobody is asked for the admin token here."""
    if asked.site.authority is None:
        raise ProblemError(404, "This server has no authority of its own: that comes with --tls.")
    return Text((asked.site.authority,), "application/x-pem-file")
