"""`python -m bench`: measure everything, print the table."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import measures
from bench.least import against_the_least
from bench.many import many_leads
from bench.processes import machine
from bench.report import Figure, as_json, as_table
from bench.rest import rest_calls

_PARTS = ("starts", "memory", "resets", "stores", "sync_lead", "least", "many_leads", "rest")


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when everything was measured, whatever came out."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure mockmkto. bench/README.md explains.")
    parser.add_argument("--quick", action="store_true", help="fewer leads, calls and rounds: half a minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--only", choices=_PARTS, action="append", help="one part of it (repeatable)")
    parser.add_argument("--database-url", metavar="URL", help="an empty PostgreSQL database, for its part of `stores`")
    options = parser.parse_args(arguments)
    plan = measures.QUICK if options.quick else measures.FULL
    started = time.perf_counter()
    about = [machine()]
    figures = _measure(plan, options.only or _PARTS, options.database_url, _tell)
    about += [machine(), f"{'quick' if options.quick else 'full'} run, {time.perf_counter() - started:.0f} s"]
    print(as_table(figures), "", *about, sep="\n")
    if options.json:
        options.json.write_text(as_json(figures, about), encoding="utf-8")
    return 0


def _measure(
    plan: measures.Plan, parts: Iterable[str], database_url: str | None, tell: Callable[[str], None]
) -> list[Figure]:
    figures: list[Figure] = []
    with TemporaryDirectory(prefix="mockmkto-bench-") as folder:
        canned = Path(folder, "answer.xml")
        canned.write_bytes(measures.canned_answer())
        if "starts" in parts:
            tell("exec to first answered call")
            figures += measures.starts(plan, canned)
        if "memory" in parts:
            tell("resident memory")
            figures += measures.memory(plan, canned)
        if "resets" in parts:
            tell("reset")
            figures += measures.resets(plan)
        if "stores" in parts:
            figures += measures.stores(plan, canned, database_url, tell)
        if "sync_lead" in parts:
            figures += measures.sync_lead(plan, canned, tell)
        if "least" in parts:
            figures += against_the_least(plan.sizes[0], plan.rounds, plan.calls, tell)
        if "many_leads" in parts:
            figures += many_leads(plan.sizes[-1], plan.rounds, tell)
        if "rest" in parts:
            figures += rest_calls(plan.sizes[0], plan.rounds, plan.calls, canned, tell)
    return figures


def _tell(text: str) -> None:
    print(f"... {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
