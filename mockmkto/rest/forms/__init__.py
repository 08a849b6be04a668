"""What a SOAP operation is called as over REST: for every operation the requests that do the same, and what differs."""

from __future__ import annotations

from collections.abc import Mapping

from mockmkto.rest.forms import leads, objects, others
from mockmkto.rest.forms.twin import Given, RestRequestForm, Twin, TwinOf
from mockmkto.store.database import Session

__all__ = ["TWINS", "Given", "RestRequestForm", "Twin", "twin_of"]

TWINS: Mapping[str, TwinOf] = {**leads.TWINS, **others.TWINS, **objects.TWINS}
"""By the names of the SOAP API's operations: all 23."""


def twin_of(session: Session, operation: str, given: Given) -> Twin:
    """The requests that do over REST what an operation does with these arguments; names are looked up."""
    return TWINS[operation](session, given)
