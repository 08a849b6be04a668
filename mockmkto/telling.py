"""A call as people read it: in a line, or in full with why it was answered so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockmkto.deeds import DEEDS, LIST_DEEDS, REST_DEEDS
from mockmkto.errors import Code
from mockmkto.model import Call, KeyStep, PageStep, RecordStep, Subject, Verdict
from mockmkto.model.trace import NOT_COUNTED

__all__ = [
    "deciding_step",
    "deed",
    "describe",
    "headline",
    "only_record",
    "operation_name",
    "records_text",
    "shown_part",
]

_TWICE = ("Id", "Email")
_MOST_RECORDS = 10  # of one call are described: a message must be read


def operation_name(call: Call) -> str:
    """What was called, also where that is no operation or where the request could not be read so far."""
    if call.api == "rest":
        return call.operation or call.endpoint or "unreadable"
    return call.operation or ("unknown operation" if call.fault_code == Code.UNSUPPORTED_OPERATION else "unreadable")


def headline(call: Call) -> str:
    """`call 2: syncLead UPDATED lead 1001 by Email`, or the fault; what a fault rule did; how many warnings."""
    words = [f"call {call.sequence}:", operation_name(call)]
    words.append(call.status if call.fault_code is None else f"fault {call.fault_code}: {_fault_text(call)}")
    if call.lead_id is not None:
        words.append(f"lead {call.lead_id}")
    step = deciding_step(call)
    if step is not None and call.fault_code is None:
        words.append(f"by {step.name}")
    single = only_record(call)
    if single is not None and single.error is not None:
        words.append(f"({single.error})")
    elif single is None and call.trace.counts and call.fault_code is None:
        words.append(f"({records_text(call)})")
    if call.injected is not None:
        words.append(f"| injected: {call.injected}")
    if call.warnings:
        words.append(f"| {len(call.warnings)} warning{'s' if len(call.warnings) > 1 else ''}")
    return " ".join(words)


def only_record(call: Call) -> RecordStep | None:
    """The record of a REST call that carried one: its status is the call's."""
    if call.api != "rest" or call.fault_code is not None or sum(call.trace.counts.values()) != 1:
        return None
    return call.trace.records[0] if call.trace.records else None


def deciding_step(call: Call) -> KeyStep | None:
    """The key that decided, of a call that is about one lead."""
    if call.trace.deciding is not None:
        return call.trace.deciding
    single = only_record(call)
    return next((step for step in single.keys if step.verdict is Verdict.DECIDES), None) if single is not None else None


def _fault_text(call: Call) -> str:
    return (call.fault_message or "").removesuffix(f" ({call.fault_code})")


def deed(call: Call) -> str:
    """What a call did, as its trace says: `put 3 leads on the list Newsletter: 2 added, 1 not found`.

    Empty for a call that was refused or not run, and for syncLead and getLead, which their keys tell.
    """
    if call.fault_code is not None or call.status == "" or call.operation is None:
        return ""
    pattern = (
        REST_DEEDS.get(call.operation, f"called {call.operation}") if call.api == "rest" else DEEDS.get(call.operation)
    )
    if call.operation == "listOperation":
        pattern = LIST_DEEDS.get(call.fields.keys.get("listOperation", ""))
    if pattern is None:
        return ""
    rows = sum(call.trace.counts.values())
    names = " and ".join(_name(item) for item in call.trace.subjects if item.id is not None) or "nothing that is there"
    parts = [pattern.format(rows=rows, s="" if rows == 1 else "s", ies="y" if rows == 1 else "ies", names=names)]
    if call.trace.counts:
        parts.append(records_text(call))
    if call.trace.page is not None:
        parts.append(f"{call.trace.page.selector}, {shown_part(call.trace.page)}")
    return ": ".join(parts)


def records_text(call: Call) -> str:
    """How many records became what: `2 CREATED, 1 FAILED`."""
    return ", ".join(f"{count} {status}" for status, count in call.trace.counts.items())


def shown_part(page: PageStep) -> str:
    """Which part of what was meant a page is: `1 to 100 of 250`, `none`; where nobody counted, how many it has."""
    if page.total == NOT_COUNTED:
        return f"{page.last or 'none'} shown" + ("" if page.ended else ", and there are more")
    if not page.first:
        return "none shown" if page.total else "none"
    if page.first == 1 and page.last == page.total:
        return f"all {page.total}" if page.total > 1 else "the only one"
    return f"{page.first} to {page.last} of {page.total}"


def _name(subject: Subject) -> str:
    name = subject.name if subject.name is not None else str(subject.id)
    return f"the {subject.kind} {name}"


def _subject(subject: Subject) -> str:
    found = f"{subject.name or subject.id} ({subject.id})" if subject.id is not None else subject.name or "not found"
    if subject.id == subject.name and subject.name is not None:
        found = str(subject.name)
    return f"{subject.kind} {subject.asked}: {found}" + (f", {subject.reason}" if subject.reason else "")


def _record(record: RecordStep) -> Iterator[str]:
    lead = f", lead {record.lead_id}" if record.lead_id is not None else ""
    object_ = f", {record.object_id}" if record.object_id is not None else ""
    told = "".join(f": {text}" for text in (record.error, record.reason) if text)
    yield f"record {record.position}: {record.status}{lead}{object_}{told}"
    for step in record.keys:
        yield f"  key {_key_step(step)}"


def describe(call: Call, differences: Sequence[str] = ()) -> list[str]:
    """A call in full: how it differs, what was sent, why it was answered so, what was ignored."""
    return [headline(call), *(f"  {line}" for line in _details(call, differences))]


def _details(call: Call, differences: Sequence[str]) -> Iterator[str]:
    yield from differences
    sent = {**call.fields.keys, **call.fields.attributes}
    if call.api == "rest":  # what a record says stands there under its own name, too
        sent = {name: text for name, text in sent.items() if not (name in _TWICE and name.lower() in sent)}
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
    did = deed(call)
    if did:
        yield f"{'would have ' if call.dry_run else ''}{did}"
    for subject in call.trace.subjects:
        yield _subject(subject)
    for record in call.trace.records[:_MOST_RECORDS]:
        yield from _record(record)
    total = sum(call.trace.counts.values())
    if total > _MOST_RECORDS and call.trace.records:
        yield f"and {total - len(call.trace.records[:_MOST_RECORDS])} more records"
    if call.trace.page is not None:
        yield f"page: {shown_part(call.trace.page)} of {call.trace.page.selector}"
    for change in call.trace.changes:
        if change.reason:
            yield f"{change.target}: {change.outcome}, {change.reason}"
    for warning in call.warnings:
        yield f"warning: {warning}"


def _key_step(step: KeyStep) -> str:
    found = f" (it found {', '.join(map(str, step.found))})" if len(step.found) > 1 else ""
    reason = f": {step.reason}" if step.reason else ""
    return f"{step.name} {step.value!r} {step.verdict}{found}{reason}"
