"""Writes the programs, their commands and the matrix into docs/clients: `python tools/client_pages.py`.

A program stands between `<!-- program: FILE -->` and `<!-- end -->`, the commands that build and run it between
`<!-- commands: CLIENT -->` and `<!-- end -->`. The matrix, between `<!-- matrix -->` and `<!-- end -->`, has the
versions that are on this machine; it is written only with `--matrix`, where every client is there.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "clients"
INTEROP = ROOT / "tests" / "interop"

sys.path.insert(0, str(ROOT / "tests"))

from interop.clients import (  # noqa: E402
    AXIS,
    BY_NAME,
    CLIENTS,
    PROGRAMS,
    REST_BY_NAME,
    REST_CLIENTS,
    REST_PROGRAM,
)

_LANGUAGE = {".cs": "csharp", ".java": "java", ".js": "javascript", ".php": "php", ".pl": "perl", ".py": "python"}
_LANGUAGE |= {".rb": "ruby", ".xjb": "xml"}
_PROGRAM = re.compile(r"(<!-- program: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
_COMMANDS = re.compile(r"(<!-- commands: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
_MATRIX = re.compile(r"(<!-- matrix -->\n).*?(<!-- end -->)", re.DOTALL)


def program(name: str) -> str:
    """A file of tests/interop, fenced."""
    path = INTEROP / name
    return f"```{_LANGUAGE[path.suffix]}\n{path.read_text(encoding='utf-8')}```"


def commands(name: str) -> str:
    """What builds and runs a client, from the root of the repository."""
    client = BY_NAME.get(name) or REST_BY_NAME[name]
    programs = PROGRAMS if name in BY_NAME else (REST_PROGRAM,)
    runs = (tuple(_of(part, program) for part in client.run) for program in programs)
    every = (*client.build, *runs)
    lines = [f"AXIS={AXIS}"] if any(AXIS in part for command in every for part in command) else []
    lines += [f"mkdir -p build/{name}"] if client.build else []
    lines += [" ".join(_word(part, name) for part in command) for command in every]
    return "```sh\n" + "\n".join(lines) + "\n```"


def _of(part: str, program: str) -> str:
    return part.replace("{program}", program).replace("{Program}", program.title())


def _word(part: str, name: str) -> str:
    for place, value in (("{here}", "tests/interop"), ("{work}", f"build/{name}"), ("{python}", "python3")):
        part = part.replace(place, value)
    shown = part.replace("{wsdl}", "$MARKETO_SOAP_ENDPOINT?WSDL").replace(AXIS, "$AXIS")
    return f'"{shown}"' if shown != part else shlex.quote(part)


def matrix() -> str:
    """Every client, with the versions that are on this machine."""
    rows = ["| client | run with | API version | page |", "|---|---|---|---|"]
    rows += [
        f"| {client.title} | {client.found} | {client.api} | [{client.page}.md]({client.page}.md) |"
        for client in (*CLIENTS, *REST_CLIENTS)
    ]
    return "\n".join(rows)


def rendered(text: str) -> str:
    """A page with the programs and commands of today."""
    text = _PROGRAM.sub(lambda match: f"{match[1]}{program(match[2])}\n{match[3]}", text)
    return _COMMANDS.sub(lambda match: f"{match[1]}{commands(match[2])}\n{match[3]}", text)


def main() -> int:
    """Write every page anew."""
    missing = [client.missing for client in (*CLIENTS, *REST_CLIENTS) if client.missing]
    if "--matrix" in sys.argv and missing:
        print(*missing, sep="\n", file=sys.stderr)
        return 1
    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        fresh = rendered(text)
        if "--matrix" in sys.argv:
            fresh = _MATRIX.sub(lambda match: f"{match[1]}{matrix()}\n{match[2]}", fresh)
        if fresh != text:
            page.write_text(fresh, encoding="utf-8")
            print(page.relative_to(ROOT), "written")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
