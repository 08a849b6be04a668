"""What a fault rule does to an answer."""

from __future__ import annotations

from http import HTTPStatus
from http.client import responses

from msgspec.structs import replace

from mockmkto.calls.pending import Answer
from mockmkto.model import Effect, FaultRule

__all__ = ["disturb", "stand_in"]


def stand_in(rule: FaultRule, half: bytes, content_type: str) -> Answer:
    """The answer of an effect that replaces it; `half` is what the wire says, of that type, when one breaks off."""
    match rule.effect:
        case Effect.HTTP_STATUS:
            status = rule.status or HTTPStatus.SERVICE_UNAVAILABLE
            phrase = responses.get(status, "Unknown")  # 520 and its like have no name here
            page = f"<html><head><title>{int(status)} {phrase}</title></head><body>{phrase}</body></html>\n"
            return Answer(status, page.encode(), "text/html; charset=utf-8")
        case Effect.EMPTY:
            return Answer(200, b"", content_type)
        case Effect.MALFORMED:
            return Answer(200, half, content_type)
        case Effect.RESET_MIDWAY:
            return Answer(200, half * 2, content_type, reset_after=len(half))
        case Effect.RESET:
            return Answer(200, b"", content_type, reset_after=0)
        case _:
            raise AssertionError(f"{rule.effect} does not replace an answer")


def disturb(answer: Answer, rule: FaultRule) -> Answer:
    """The answer of an effect that lets the operation run, a fault of the operation's own included."""
    if rule.effect is Effect.TRICKLE:
        return replace(answer, bytes_per_second=max(1, rule.bytes_per_second))
    if rule.effect is Effect.LOSE_ANSWER:
        return replace(answer, reset_after=0)
    return answer
