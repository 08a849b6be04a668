"""`mockmkto fixture`: a world made from what somebody has: a describe answer, an export of leads."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

from mockmkto.cli.parser import DONE, wrong_usage
from mockmkto.cli.progress import watched

__all__ = ["configure", "run"]

_VERBS = ("from-describe", "from-leads")
_EVERY = 1000  # leads between two looks of the progress bar
_SHOWN = 5  # kinds of values that did not fit


def configure(parser: argparse.ArgumentParser) -> None:
    """What to make a fixture of."""
    parser.usage = "mockmkto fixture from-describe|from-leads FILE [options]"
    parser.description = (
        "Writes a fixture, or a part of one, to standard output.\n\n"
        "  from-describe FILE   the answer of the REST API's leads/describe.json (or describe2.json), or of\n"
        "                       SOAP's describeMObject, becomes `fields:`\n"
        "  from-leads FILE      an export of leads, CSV or JSON, becomes `leads:` (and `fields:` for columns of\n"
        "                       which nothing is known); columns are found by either name of a field, or by what\n"
        "                       people call it\n\n"
        "FILE can be -, standard input. What was left out or changed is said on stderr.\n\n"
        "  mockmkto fixture from-describe describe.json > world.yaml\n"
        "  mockmkto fixture from-leads export.csv --fixture world.yaml --anonymize --output leads.yaml"
    )
    parser.add_argument("what", metavar="from-describe|from-leads", choices=_VERBS)
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--output", metavar="FILE", default="-", help="where to [default: -, standard output]")
    parser.add_argument(
        "--fixture",
        metavar="NAME_OR_FILE",
        default="empty",
        help="whose fields the columns of from-leads are [default: empty, the standard ones]",
    )
    parser.add_argument(
        "--anonymize",
        action="store_true",
        help="replace people by inventions, the same for the same: names, e-mails, addresses, keys",
    )


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:  # noqa: ARG001  # as every command
    """Writes the fixture, and returns 0.

    Raises:
        Failure: a file cannot be read or written, or is not what it should be.
    """
    if args.what == "from-describe":
        return _from_describe(args)
    return _from_leads(args)


def _from_describe(args: argparse.Namespace) -> int:
    import msgspec

    from mockmkto.worlds.from_describe import UnreadableDescriptionError, fields_from

    try:
        content = sys.stdin.buffer.read() if args.file == "-" else Path(args.file).read_bytes()
        described = fields_from(content)
    except OSError as error:
        raise wrong_usage(f"{args.file} cannot be read ({error.strerror}).") from None
    except UnreadableDescriptionError as error:
        raise wrong_usage(f"{args.file}: {error}.") from None
    with _output(args.output) as output:
        output.write("fields:\n" if described.entries else "fields: []\n")
        for entry in described.entries:
            output.write(f"  - {msgspec.json.encode(entry).decode()}\n")
    _say(described.notes)
    _say([f"{described.count} fields are described; {len(described.entries)} differ from the standard catalogue"])
    return DONE


def _from_leads(args: argparse.Namespace) -> int:
    import msgspec

    from mockmkto.worlds import FixtureError, find_fixture, read_worlds
    from mockmkto.worlds.from_leads import UnreadableLeadsError, lead_entry, match_columns, read_records

    bad: Counter[str] = Counter()
    count = 0
    try:
        world = read_worlds(find_fixture(args.fixture))[0].world
        with _twice(args.file) as source, ExitStack() as stack:
            columns = match_columns(watched(read_records(source()), "looking", "leads", _EVERY), world.fields)
            output = stack.enter_context(_output(args.output))
            if columns.added:
                output.write("fields:\n")
                for item in columns.added:
                    told = {"name": item.name, "type": item.type.value}
                    output.write(f"  - {msgspec.json.encode(told).decode()}\n")
            output.write("leads:\n")
            for record in watched(read_records(source()), "writing", "leads", _EVERY):
                entry = lead_entry(
                    record, columns, world, anonymize=args.anonymize, bad=lambda text: bad.update((text,))
                )
                output.write(f"  - {_flow(entry)}\n")
                count += 1
    except OSError as error:
        raise wrong_usage(f"{args.file} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError as error:
        raise wrong_usage(f"{args.file} is not UTF-8 ({error.reason} at byte {error.start}).") from None
    except (UnreadableLeadsError, FixtureError) as error:
        raise wrong_usage(f"{args.file}: {error}.") from None
    _say(columns.notes)
    _say(f"left out{'' if often == 1 else f', {often} times'}: {text}" for text, often in bad.most_common(_SHOWN))
    if len(bad) > _SHOWN:
        _say([f"and {len(bad) - _SHOWN} more values that did not fit were left out"])
    _say([f"{count:,} leads"])
    return DONE


def _flow(entry: Mapping[str, Any]) -> str:
    """A mapping in one line of YAML: JSON is, but for two characters that end a line there."""
    import msgspec

    text = msgspec.json.encode(entry).decode()
    if text.isascii():
        return text
    return "".join(f"\\u{ord(char):04x}" if char in "\x85\u2028\u2029\ufeff" else char for char in text)


def _say(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        print(f"mockmkto: {sentence}.", file=sys.stderr)


@contextmanager
def _output(file: str) -> Iterator[TextIO]:
    if file == "-":
        yield sys.stdout
        return
    try:
        stream = Path(file).open("w", encoding="utf-8")  # noqa: SIM115  # closed below
    except OSError as error:
        raise wrong_usage(f"{file} cannot be written ({error.strerror}).") from None
    with stream:
        yield stream


@contextmanager
def _twice(file: str) -> Iterator[Any]:
    """What opens the file, as often as it is called: standard input is kept in a temporary file for that."""
    with ExitStack() as stack:
        path = Path(file)
        if file == "-":
            kept = stack.enter_context(tempfile.NamedTemporaryFile("wb", suffix=".leads"))
            while piece := sys.stdin.buffer.read(1 << 20):
                kept.write(piece)
            kept.flush()
            path = Path(kept.name)

        def opened() -> TextIO:
            return stack.enter_context(path.open(encoding="utf-8-sig", newline=""))

        yield opened
