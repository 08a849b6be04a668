"""A proof for a person, as JSON, as JUnit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from mockmkto.junit import as_document, plain
from mockmkto.migration.model import CallPair, Compared, Difference, Proof, Run, Verdict
from mockmkto.migration.traps import page_of

__all__ = ["as_json", "as_junit", "as_text", "pages_of", "sentence"]

_MOST_SAME = 50  # things that are the same, on paper
_MOST_OUTPUT = 4_000  # characters of a program that failed: its last ones
_WIDEST = 44  # characters of a column: what is longer has lines of its own


def as_text(proof: Proof) -> str:
    """A line for each lead and each other thing that differs or was called about, its differences below it."""
    lines = [_run_line("old", proof.old), _run_line("new", proof.new)]
    same = [item for item in proof.compared if item.verdict is Verdict.SAME]
    lines += ["", *(_head(item) for item in same[:_MOST_SAME])] if same else []
    if len(same) > _MOST_SAME:
        lines.append(f"and {len(same) - _MOST_SAME:,} more that both programs called about, all the same")
    for item in sorted(
        (item for item in proof.compared if item.verdict is not Verdict.SAME),
        key=lambda item: item.verdict is Verdict.UNEXPLAINED,
    ):
        lines += ["", _head(item), *_below(item)]
    if proof.unpaired:
        lines += ["", "calls about nothing that is in either world"]
        lines += [f"  {line}" for pair in proof.unpaired for line in _calls(pair)]
    lines.append("")
    lines += [f"note: {note}" for note in proof.notes]
    lines += [f"allowed, but nothing to allow: line {item.line}: {item.text}" for item in proof.unused]
    for failed, run in zip(proof.failed, (run for run in (proof.old, proof.new) if run.exit_code), strict=True):
        lines += [f"{failed}.", *(f"  | {line}" for line in run.output[-_MOST_OUTPUT:].splitlines())]
    lines.append(f"{sentence(proof)}.")
    return "\n".join(lines).lstrip("\n") + "\n"


def sentence(proof: Proof) -> str:
    """`Equal: 12 leads and 5 other things, 2 of them with expected differences`."""
    kinds = Counter(item.kind for item in proof.compared) + Counter(proof.same)
    leads = kinds.pop("lead", 0)
    what = f"{_count(leads, 'lead')} and {_count(sum(kinds.values()), 'other thing')} compared"
    counts = proof.counts
    parts = [f"{counts[Verdict.SAME]:,} the same"]
    parts += [f"{counts[verdict]:,} {verdict}" for verdict in list(Verdict)[1:] if counts[verdict]]
    verdict = "Equal" if proof.equal else "Not equal"
    if not counts[Verdict.UNEXPLAINED] and not proof.equal:
        verdict = "Not proven"
    return f"{verdict}: {what}: {', '.join(parts)}"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _run_line(which: str, run: Run) -> str:
    calls = f", {_count(run.calls, 'call')}" if run.calls else ""
    faults = f", {run.faults:,} of them refused" if run.faults else ""
    return f"{which}  {run.name}: {_count(run.leads, 'lead')}{calls}{faults}"


def _head(item: Compared) -> str:
    kind = "" if item.kind == "lead" else f"{item.kind} "
    ids = ""
    if item.kind == "lead":
        ids = (
            " (" + " | ".join("none" if number is None else str(number) for number in (item.old_id, item.new_id)) + ")"
        )
    calls = "; ".join(" | ".join(_sides(pair)) for pair in item.calls if pair.intent != "read")
    return f"{kind}{item.label}{ids}  {item.verdict}" + (f"  [{calls}]" if calls else "")


def _below(item: Compared) -> Iterator[str]:
    known = [difference for difference in item.differences if difference.verdict is not Verdict.UNEXPLAINED]
    worst = [difference for difference in item.differences if difference.verdict is Verdict.UNEXPLAINED]
    for difference in (*worst, *known):
        yield from (f"  {line}" for line in _difference(difference))
    for pair in item.calls:
        if pair.verdict is not Verdict.SAME:
            yield from (f"  {line}" for line in _calls(pair))


def _difference(item: Difference) -> Iterator[str]:
    old, new = _shown(item.old), _shown(item.new)
    if len(old) <= _WIDEST and len(new) <= _WIDEST:
        yield f"{item.item:28}  old {old:{12}}  new {new}"
    else:
        yield item.item
        yield f"    old {old}"
        yield f"    new {new}"
    yield f"    {_verdict(item.verdict, item.rule, item.why)}"


def _calls(pair: CallPair) -> Iterator[str]:
    old, new = _sides(pair)
    yield f"{pair.intent}: {old} | {new}"
    if pair.why:
        yield f"    {_verdict(pair.verdict, pair.rule, pair.why)}"


def _sides(pair: CallPair) -> tuple[str, str]:
    return " + ".join(pair.old) or "no call", " + ".join(pair.new) or "no call"


def _verdict(verdict: Verdict, rule: str | None, why: str) -> str:
    named = f" ({rule})" if rule and verdict is Verdict.EXPECTED else ""
    page = page_of(rule) if rule else None
    return f"{verdict}{named}{f': {why}' if why else ''}{f' [{page}]' if page else ''}"


def _shown(text: str | None) -> str:
    """A value as it can be read: one that begins or ends with a blank, or is none, in quotes."""
    if text is None:
        return "(nothing)"
    return text if text == text.strip() and text and text.isprintable() else repr(text)


def as_json(proof: Proof) -> bytes:
    """The same for a program: everything that differs or was called about, with counts and pages."""
    told: dict[str, Any] = {
        "equal": proof.equal,
        "sentence": sentence(proof),
        "counts": {verdict.value: proof.counts[verdict] for verdict in Verdict},
        "pages": pages_of(proof),
    }
    whole: dict[str, Any] = msgspec.to_builtins(proof)
    for item, compared in zip(whole["compared"], proof.compared, strict=True):
        item["verdict"] = compared.verdict.value
    return msgspec.json.format(msgspec.json.encode(told | whole))


def pages_of(proof: Proof) -> dict[str, str]:
    """Where the documentation explains each trap that a proof names."""
    pairs = [pair for item in proof.compared for pair in item.calls]
    found: Iterable[Difference | CallPair] = (*(item for _, item in proof.differences), *pairs, *proof.unpaired)
    rules = {item.rule for item in found if item.rule}
    return {rule: page for rule in sorted(rules) if (page := page_of(rule))}


def as_junit(proof: Proof) -> bytes:
    """For a pipeline: a test case for each thing that differs or was called about, and one for all others of a kind."""
    from lxml import etree  # only for this

    suite = etree.Element("testsuite", name="mockmkto prove")
    for kind, number in sorted(proof.same.items()):
        etree.SubElement(suite, "testcase", classname=kind, name=f"{number} that are the same")
    for item in proof.compared:
        case = etree.SubElement(suite, "testcase", classname=item.kind, name=plain(item.label))
        worst = [str(found) for found in item.differences if found.verdict is Verdict.UNEXPLAINED]
        worst += [" | ".join(_sides(pair)) for pair in item.calls if pair.verdict is Verdict.UNEXPLAINED]
        text = plain("\n".join(_below(item)))
        if worst:
            failure = etree.SubElement(case, "failure", message=plain("; ".join(worst)))
            failure.text = text
        elif text:
            etree.SubElement(case, "system-out").text = text
    for pair in proof.unpaired:
        case = etree.SubElement(suite, "testcase", classname="calls", name=plain(pair.intent))
        if pair.verdict is Verdict.UNEXPLAINED:
            etree.SubElement(case, "failure", message=plain(" | ".join(_sides(pair)))).text = plain(pair.why)
    for failed in proof.failed:
        case = etree.SubElement(suite, "testcase", classname="program", name=plain(failed))
        etree.SubElement(case, "error", message=plain(failed))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    return as_document(suite)
