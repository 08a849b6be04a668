"""What a call did, in a sentence or two: derived from its trace, as every other view of it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from markupsafe import Markup, escape

from mockmkto.model import Call, ChangeOutcome, Key, KeyStep, Verdict
from mockmkto.telling import deed, operation_name
from mockmkto.web.console.rendering import clipped, outcome

__all__ = ["happened", "title"]

_COUNT = re.compile(rb"<count>([0-9]+)</count>")
_IN_SENTENCE = 60  # characters of a value
_MOST_LISTED = 5

Link = Callable[[int], str]


def title(call: Call) -> str:
    """A call in a few words, for a heading."""
    return f"{operation_name(call)}: {call.status}"


def happened(call: Call, link: Link) -> Markup:
    """What happened and why; `link` gives the address of a lead."""
    parts = [_did(call, link)]
    if call.fault_code is None:
        parts.append(_why(call, link))
        parts.append(_where(call))
        parts.append(_values(call))
        parts.append(_missing(call))
        parts.append(_touched(call, link))
    parts.append(_disturbed(call))
    return Markup(" ").join(part for part in parts if part)


def _did(call: Call, link: Link) -> Markup:
    would = "Would have " if call.dry_run else ""
    if call.fault_code is not None:
        return _refused(call, link)
    if call.status.upper() == "CREATED" and call.lead_id is not None:
        verb = f"{would}created" if would else "Created"
        lead = _lead(call.lead_id, link, exists=not call.dry_run)
        return Markup("<strong>{} {}</strong>").format(verb, lead) + "."
    if call.status.upper() == "UPDATED" and call.lead_id is not None:
        verb = f"{would}updated" if would else "Updated"
        return Markup("<strong>{} {}</strong>").format(verb, _lead(call.lead_id, link)) + "."
    if call.operation == "getLead" and call.status == "OK":
        count = _COUNT.search(call.response)
        asked = ", ".join(f"{name} {value}" for name, value in call.fields.keys.items())
        found = f"{int(count[1])} lead{'s' if int(count[1]) != 1 else ''}" if count else "the leads"
        return Markup("<strong>Found {}</strong> by {}.").format(found, clipped(asked, _IN_SENTENCE))
    if outcome(call) == "disturbed":
        return Markup("<strong>The operation did not run.</strong>")
    did = deed(call)
    if did:
        head, _, rest = did.partition(": ")
        text = f"Would have {head}" if call.dry_run else _capital(head)
        said = Markup("<strong>{}</strong>").format(clipped(text, 200))
        said += Markup(": {}.").format(clipped(rest, 200)) if rest else "."
        failed = next((record for record in call.trace.records if record.error), None)
        if failed is not None:
            error = clipped((failed.error or "").rstrip("."), 200)
            said += Markup(" Record {}: {}.").format(failed.position, error)
        return said
    return Markup("<strong>{}</strong> was answered with {}.").format(call.operation or "The request", call.status)


def _refused(call: Call, link: Link) -> Markup:
    would = "Would be refused" if call.dry_run else "Refused"
    said = Markup("<strong>{} with {} {}</strong>: {}.").format(
        would,
        "error" if call.api == "rest" else "fault",
        call.fault_code,
        clipped((call.fault_message or "").rstrip("."), 300),
    )
    more: list[Markup] = []
    if call.signature is not None and call.signature.findings:
        more.append(Markup("{}").format(call.signature.findings[0]))
    step = call.trace.partition
    if step is not None and not step.accepted and call.lead_id is not None:
        more.append(
            Markup("{} is in the partition {}, {}.").format(
                _lead(call.lead_id, link, "Lead"), step.partition, step.reason
            )
        )
    failed = next((item for item in call.trace.keys if item.verdict is Verdict.FAILS), None)
    if failed is not None:
        more.append(Markup("{}: {}.").format(_key(failed), failed.reason))
    hints = [item for item in call.warnings if item.kind in ("unknown_field", "operation", "xml", "envelope")]
    more += [clipped(_sentence(item.message), 200) for item in hints[:2]]
    if call.operation == "syncLead":
        more.append(escape("Nothing was written." if not call.dry_run else "Nothing would be written."))
    return Markup(" ").join([said, *more])


def _why(call: Call, link: Link) -> Markup:
    """Which key chose the lead, and what the other keys would have chosen."""
    if call.operation != "syncLead" or call.lead_id is None:
        return Markup()
    deciding = call.trace.deciding
    if deciding is None:
        if not call.trace.keys:
            return Markup("The request has no key, and keyless leads are created here.")
        tried = Markup(", nor the ").join(_key(step) for step in call.trace.keys)
        return Markup("No lead had the {}.").format(tried)
    lead, *others = deciding.found
    if others:
        text = Markup("{} leads have its {}: {} is the one that counts ({}); {} {} not touched.").format(
            len(deciding.found),
            _key(deciding),
            lead,
            deciding.reason.partition(" is the ")[2] or deciding.reason,
            _leads(others, link),
            "were" if len(others) > 1 else "was",
        )
    else:
        text = Markup("It was found by its {}.").format(_key(deciding))
    yielded = next((step for step in call.trace.keys if step.verdict is Verdict.YIELDS), None)
    if yielded is not None:
        text += Markup(" {}.").format(_capital(yielded.reason))
    for step in call.trace.keys:
        if step.verdict is Verdict.OUTRANKED and lead not in step.found:
            text += Markup(' <span class="why">The {} belongs to {}, but {} counts before {}.</span>').format(
                _key(step), _leads(list(step.found), link), deciding.name, step.name
            )
    return text


def _where(call: Call) -> Markup:
    step = call.trace.partition
    if step is None or call.status != "CREATED":
        return Markup()
    return Markup("It {} in the partition {}: {}.").format(
        "would be" if call.dry_run else "is", step.partition, step.reason
    )


_COUNTED = {
    ChangeOutcome.WRITTEN: "written",
    ChangeOutcome.UNCHANGED: "already there",
    ChangeOutcome.NOT_STORED: "not stored",
    ChangeOutcome.MOVED: "taken from another lead",
}


def _values(call: Call) -> Markup:
    counts = Counter(change.outcome for change in call.trace.changes if change.target not in ("lead", "known"))
    if not counts:
        return Markup()
    listed = [f"{counts[item]} {text}" for item, text in _COUNTED.items() if counts[item]]
    total = sum(counts.values())
    return Markup("Of {} value{}: {}.").format(total, "s" if total > 1 else "", ", ".join(listed))


def _missing(call: Call) -> Markup:
    """What the request named and nobody found."""
    missing = [item for item in call.trace.subjects if item.id is None]
    listed = [f"{item.kind} {item.asked}" for item in missing[:_MOST_LISTED]]
    if not listed:
        return Markup()
    more = f" and {len(missing) - _MOST_LISTED} more" if len(missing) > _MOST_LISTED else ""
    return Markup("Not found: {}{}.").format(clipped("; ".join(listed), 300), more)


def _touched(call: Call, link: Link) -> Markup:
    """Which leads a call was about that names no single one, and what it logged."""
    text = Markup()
    if call.trace.lead_count and call.operation not in ("syncLead", "getLead"):
        made = {item.lead_id for item in call.trace.records if item.status in ("CREATED", "created")}
        some = [item for item in call.trace.lead_ids if not (call.dry_run and item in made)]
        listed = Markup(", ").join(
            Markup('<a href="{}">{}</a>').format(link(item), item) for item in some[:_MOST_LISTED]
        )
        rest = call.trace.lead_count - len(some[:_MOST_LISTED])
        more = f" and {rest} more" if rest and some else f"{rest} new" if rest else ""
        text = Markup("Lead{}: {}{}.").format("s" if call.trace.lead_count > 1 else "", listed, more)
    if call.trace.activities:
        count = call.trace.activities
        would = "would have been" if call.dry_run else "was" if count == 1 else "were"
        text += Markup(" {} activit{} {} logged.").format(count, "y" if count == 1 else "ies", would)
    return text


def _disturbed(call: Call) -> Markup:
    if call.injected is None:
        return Markup()
    return Markup("The fault rule did this: {}.").format(clipped(call.injected))


def _key(step: KeyStep) -> Markup:
    shown = step.name if step.key is not Key.COOKIE else "cookie"
    return Markup("{} <q>{}</q>").format(shown, clipped(step.value, _IN_SENTENCE))


def _lead(lead_id: int, link: Link, word: str = "lead", *, exists: bool = True) -> Markup:
    if not exists:
        return Markup("{} {}").format(word, lead_id)
    return Markup('<a href="{}">{} {}</a>').format(link(lead_id), word, lead_id)


def _leads(ids: list[int], link: Link) -> Markup:
    listed = Markup(", ").join(_lead(item, link) for item in ids[:_MOST_LISTED])
    return listed if len(ids) <= _MOST_LISTED else listed + f" and {len(ids) - _MOST_LISTED} more"


def _sentence(text: str) -> str:
    return _capital(text) if text.endswith((".", "?")) else f"{_capital(text)}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
