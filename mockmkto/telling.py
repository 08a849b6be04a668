"""A call as people read it: in a line, or in full with why it was answered so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockmkto.errors import Code
from mockmkto.model import Call, KeyStep

__all__ = ["describe", "headline", "operation_name"]


def operation_name(call: Call) -> str:
    """What was called, also where that is no operation or where the request could not be read so far."""
    return call.operation or ("unknown operation" if call.fault_code == Code.UNSUPPORTED_OPERATION else "unreadable")


def headline(call: Call) -> str:
    """`call 2: syncLead UPDATED lead 1001 by Email`, or the fault; what a fault rule did; how many warnings."""
    words = [f"call {call.sequence}:", operation_name(call)]
    words.append(call.status if call.fault_code is None else f"fault {call.fault_code}: {_fault_text(call)}")
    if call.lead_id is not None:
        words.append(f"lead {call.lead_id}")
    if call.trace.deciding is not None and call.fault_code is None:
        words.append(f"by {call.trace.deciding.key}")
    if call.injected is not None:
        words.append(f"| injected: {call.injected}")
    if call.warnings:
        words.append(f"| {len(call.warnings)} warning{'s' if len(call.warnings) > 1 else ''}")
    return " ".join(words)


def _fault_text(call: Call) -> str:
    return (call.fault_message or "").removesuffix(f" ({call.fault_code})")


def describe(call: Call, differences: Sequence[str] = ()) -> list[str]:
    """A call in full: how it differs, what was sent, why it was answered so, what was ignored."""
    return [headline(call), *(f"  {line}" for line in _details(call, differences))]


def _details(call: Call, differences: Sequence[str]) -> Iterator[str]:
    yield from differences
    sent = {**call.fields.keys, **call.fields.attributes}
    if sent:
        yield "sent: " + ", ".join(f"{name}={value!r}" for name, value in sent.items())
    if call.signature is not None and call.signature.findings:
        yield f"signature: {call.signature.findings[0]}"
        yield from (f"  {line}" for line in call.signature.findings[1:])
    for step in call.trace.keys:
        yield f"key {_key_step(step)}"
    if call.trace.partition is not None and (call.trace.partition.workspace or call.trace.partition.rules):
        place = call.trace.partition
        yield f"partition {place.partition}{'' if place.accepted else ' refused'}: {place.reason}".rstrip(": ")
    for change in call.trace.changes:
        if change.reason:
            yield f"{change.target}: {change.outcome}, {change.reason}"
    for warning in call.warnings:
        yield f"warning: {warning}"


def _key_step(step: KeyStep) -> str:
    found = f" (it found {', '.join(map(str, step.found))})" if len(step.found) > 1 else ""
    reason = f": {step.reason}" if step.reason else ""
    return f"{step.key} {step.value!r} {step.verdict}{found}{reason}"
