"""`python -m bench.peers`: the same load on every double, in turns, and one table of ratios."""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.client import Round, WrongAnswerError
from bench.peers.servers import KINDS, LEADS, PEERS, Running, started
from bench.peers.wire import measure
from bench.processes import machine

CONNECTIONS = (1, 8)

Measured = dict[tuple[str, str, int], list[Round]]


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when everything that is installed was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=400, help="of each kind, in a round")
    options = parser.parse_args(arguments)
    rounds: Measured = defaultdict(list)
    about = [machine()]
    with TemporaryDirectory(prefix="mockmkto-peers-") as made, ExitStack() as stack:
        running = _start(Path(made), stack)
        for number in range(options.rounds + 1):
            _tell(f"round {number} of {options.rounds}" if number else "warming up")
            for kind in KINDS:
                for connections in CONNECTIONS:
                    for server in running:  # in turns: a machine that is busy is so for all
                        asked = server.peer.make(kind, options.calls)
                        done = measure(server.port, asked, connections)
                        if number:
                            rounds[server.peer.name, kind, connections].append(done)
        about.append(machine())
        print(_table(running, rounds), "", *about, sep="\n")
    return 0


def _start(folder: Path, stack: ExitStack) -> list[Running]:
    running = []
    for peer in PEERS:
        if not peer.is_there():
            _tell(f"{peer.name} is not installed: make bench-peers installs it")
            continue
        _tell(f"starting {peer.name}")
        own = folder / peer.name.replace(" ", "-")
        own.mkdir()
        try:
            server = stack.enter_context(started(peer, own))
            measure(server.port, peer.make("update", LEADS), 1)  # those that an update finds are there
        except (WrongAnswerError, OSError) as error:
            _tell(f"{peer.name} is left out: {error}")
            continue
        running.append(server)
    return running


def _table(running: Sequence[Running], rounds: Measured) -> str:
    """A row a double and kind of call: calls a second to ours, p50 and p99."""
    head = "| | | 1: calls/s | ours to it | p50 ms | p99 ms | 8: calls/s | ours to it | p50 ms | p99 ms |"
    lines = [head, "|---|---|" + "---:|" * 8]
    for server in running:
        name = server.peer.name
        for kind in KINDS:
            cells = [name if kind == KINDS[0] else "", kind]
            for connections in CONNECTIONS:
                found, ours = rounds[name, kind, connections], rounds["mockmkto", kind, connections]
                ratio = median(own.per_second / other.per_second for own, other in zip(ours, found, strict=True))
                cells += [
                    f"{median(item.per_second for item in found):,.0f}",
                    "" if name == "mockmkto" else f"{ratio:.2f}",
                    f"{median(item.percentile(50) for item in found) * 1000:.2f}",
                    f"{median(item.percentile(99) for item in found) * 1000:.1f}",
                ]
            lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "| | what it does | first answer, s | memory, MB |", "|---|---|---:|---:|"]
    lines += [
        f"| {item.peer.name} | {item.peer.what} | {item.seconds_to_answer:.2f} | {item.megabytes():.0f} |"
        for item in running
    ]
    return "\n".join(lines)


def _tell(text: str) -> None:
    print(f"... {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
