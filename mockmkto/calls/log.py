"""The log line of a call: one line for people, or one line of JSON."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import msgspec

from mockmkto.model import Call, Key, RecordStep
from mockmkto.telling import deciding_step, only_record, operation_name, records_text
from mockmkto.unseen import escaped

__all__ = ["LOGGER", "json_line", "text_line"]

LOGGER = logging.getLogger("mockmkto.calls")

_SHOWN_WARNINGS = 3
_SHOWN_REFUSED = 3  # records
_MOST_REFUSED = 20
_LONGEST = 400  # characters of one note: a client can send any length
_LONGEST_WHY = 2000  # of what was found about a signature: the slip that explains it comes last

# What a client sends must not begin a line of its own, nor move the cursor of whoever reads the log.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {10: "\\n", 13: "\\r", 9: "\\t"}


def text_line(call: Call) -> str:
    """Time, version, operation, status or fault, lead, which key decided, milliseconds; then what to know about it."""
    words = [_time(call), call.version, operation_name(call)]
    if call.fault_code is None:
        words.append(call.status)
    else:
        words.append(f"fault {call.fault_message}")
    if call.lead_id is not None:
        words.append(f"lead {call.lead_id}")
    words += _keys(call)
    if call.api == "rest" and call.trace.counts and only_record(call) is None:
        words.append(f"({records_text(call)})")
    words.append(f"{call.milliseconds:.1f} ms")
    if call.subscription not in (None, "default"):
        words.append(f"[{call.subscription}]")
    why = [f"injected: {call.injected}"] if call.injected is not None else []
    if call.signature is not None and call.signature.findings:
        why.append(_clean("why: " + " ".join(map(_sentence, call.signature.findings)), _LONGEST_WHY))
    notes = [f"record {record.position}: {record.error}" for record in _refused(call)[:_SHOWN_REFUSED]]
    notes += [f"warning: {warning}" for warning in call.warnings[:_SHOWN_WARNINGS]]
    if len(call.warnings) > _SHOWN_WARNINGS:
        notes.append(f"and {len(call.warnings) - _SHOWN_WARNINGS} more warnings")
    return " | ".join([_clean(" ".join(words)), *why, *(_clean(note) for note in notes)])


def _refused(call: Call) -> list[RecordStep]:
    """The records of a REST call that were refused: of its answer, the part that one looks for in a log."""
    return [record for record in call.trace.records if record.error is not None] if call.api == "rest" else []


def json_line(call: Call) -> str:
    """The same as JSON, with every warning and every finding; what is very long is cut."""
    deciding = deciding_step(call)
    fields = {
        "at": _local(call).isoformat(),
        "time_zone": call.time_zone,
        "clock": call.clock,
        "api": call.api,
        "version": call.version,
        "endpoint": _cut(call.endpoint),
        "operation": call.operation,
        "status": call.status,
        "fault": _cut(call.fault_message),
        "lead_id": call.lead_id,
        "decided_by": deciding.name if deciding else None,
        "key": _cut(deciding.value) if deciding else None,
        "email": _cut(call.fields.keys.get("Email")),
        "records": dict(call.trace.counts),
        "refused": [
            {"record": record.position, "error": _cut(record.error)} for record in _refused(call)[:_MOST_REFUSED]
        ],
        "injected": call.injected,
        "milliseconds": round(call.milliseconds, 3),
        "subscription": call.subscription,
        "user_id": _cut(call.user_id),
        "remote": call.remote,
        "signature": [_cut(finding) for finding in call.signature.findings] if call.signature else [],
        "warnings": [_cut(warning.message) for warning in call.warnings],
    }
    return escaped(msgspec.json.encode(fields).decode())  # it escapes what JSON must, not what a terminal obeys


def _time(call: Call) -> str:
    """In the subscription's zone, as its console shows it; marked where its clock is not the real one."""
    return _second(call.at.replace(microsecond=0), call.time_zone, call.clock)


@lru_cache(maxsize=16)
def _second(at: datetime, time_zone: str, clock: str) -> str:
    """The text of a second, in which there may be a thousand calls."""
    mark = "" if clock == "real" else f" ({clock} clock)"
    return f"{at.astimezone(_zone(time_zone)):%Y-%m-%d %H:%M:%S %Z}{mark}"


def _local(call: Call) -> datetime:
    return call.at.astimezone(_zone(call.time_zone))


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _keys(call: Call) -> Iterator[str]:
    """The key that decided and its value, and the e-mail in any case: what one looks for in a log."""
    step = deciding_step(call)
    if step is not None:
        yield f"by {step.name} {step.value}"
    email = call.fields.keys.get("Email")
    if email and (step is None or step.key is not Key.EMAIL):
        yield f"Email {email}"


def _sentence(finding: str) -> str:
    return finding if finding.endswith((".", "!", "?", ":")) else f"{finding}."


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= _LONGEST_WHY else text[:_LONGEST_WHY] + "..."


def _clean(text: str, longest: int = _LONGEST) -> str:
    if len(text) <= longest and text.isascii() and text.isprintable():
        return text
    text = escaped(text[: longest + 1].translate(_CONTROLS))
    return text if len(text) <= longest else text[:longest] + "..."
