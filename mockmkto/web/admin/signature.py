"""`/explain-signature`: why a signature is refused, and which slip gives exactly what came."""

from __future__ import annotations

from typing import ClassVar

from mockmkto import auth
from mockmkto.web.admin.problems import ProblemError, Wrong, wrong
from mockmkto.web.admin.resource import Body, Subscription, View

__all__ = ["Signature", "SignatureView", "explain"]


class Signature(Body, frozen=True, kw_only=True):
    """Whatever was pasted of a request, or the three values of its AuthenticationHeader."""

    takes_any_text: ClassVar[bool] = True

    text: str | None = None
    user_id: str | None = None
    signature: str | None = None
    timestamp: str | None = None


class SignatureView(View, frozen=True, kw_only=True):
    """The verdict, with the fault that it earns; the explanation, a sentence or two a line. No key is in it."""

    accepted: bool
    fault: int | None
    lines: tuple[str, ...]
    user_id: str | None
    signed_string: str | None
    expected: tuple[str, ...]
    came: str | None


def explain(asked: Subscription, body: Signature) -> SignatureView:
    """Explain a signature by the subscription's clock, window, time zone and the known credentials."""
    header = auth.AuthenticationHeader(body.user_id, body.signature, body.timestamp)
    values = (body.user_id, body.signature, body.timestamp)
    if body.text is not None:
        if any(value is not None for value in values):
            raise wrong(Wrong("body", "either text, or user_id, signature and timestamp", "both"))
        header = auth.header_from_text(body.text)
        if (header.user_id, header.signature, header.timestamp) == (None, None, None):
            detail = "body.text: no AuthenticationHeader was found (mktowsUserId, requestSignature, requestTimestamp)"
            raise ProblemError(400, detail, (Wrong("body.text", "a text with an AuthenticationHeader", "one without"),))
    elif all(value is None for value in values):
        raise wrong(Wrong("body", "text, or user_id, signature and timestamp", "neither"))
    with asked.database.transaction() as session:
        now, world = session.now, session.world
    found = auth.explain(header, asked.registry.credentials(), now, world.behaviour.signature_window, world.time_zone)
    return SignatureView(
        accepted=found.accepted,
        fault=int(found.fault) if found.fault is not None else None,
        lines=found.lines,
        user_id=found.user_id,
        signed_string=found.signed,
        expected=found.expected,
        came=found.came,
    )
