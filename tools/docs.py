"""Writes the tables of the documentation that are the code's own: `python tools/docs.py` (`--check` only looks).

A generated part stands between two comments: `<!-- generated: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from werkzeug.test import Client

from mockmkto.search import TERMS
from mockmkto.settings import SETTINGS, SWITCHES
from mockmkto.soap.server import SoapServer
from mockmkto.store.registry import Registry
from mockmkto.web.app import create_app
from mockmkto.web.site import Site

DOCS = Path(__file__).parent.parent / "docs"

_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def settings() -> str:
    """Every setting of the server."""
    rows = ["| flag | variable | default | what it is |", "|---|---|---|---|"]
    for item in SETTINGS:
        several = "; may be repeated, the variable takes several with spaces between" if item.repeatable else ""
        default = f"`{item.shown_default}`" if item.shown_default else "off" if item.on_off else "none"
        flag = f"{item.flag} {item.metavar}".strip()
        rows.append(f"| `{flag}` | `{item.variable}` | {default} | {item.help}{several} |")
    return "\n".join(rows)


def switches() -> str:
    """Every switch of a subscription."""
    rows = ["| fixture key | flag | variable | values | what it rules |", "|---|---|---|---|---|"]
    for item in SWITCHES:
        values = ", ".join(f"**`{text}`**" if text == item.default else f"`{text}`" for text in item.choices)
        rows.append(f"| `{item.name}` | `{item.flag}` | `{item.variable}` | {values} | {item.help} |")
    return "\n".join(rows)


def search() -> str:
    """Every term of the search language."""
    rows = ["| term | finds calls by | for example |", "|---|---|---|"]
    rows += [f"| `{item.name}:` | {item.help} | `{item.example}` |" for item in TERMS]
    rows.append(
        "| `since:` `until:` | when they came, by the subscription's clock | `since:5m`, `until:2026-03-01T12:00:00Z` |"
    )
    return "\n".join(rows)


def control_api() -> str:
    """Every route of the control API, as its own OpenAPI document describes it."""
    registry = Registry()
    site = Site(SoapServer(registry, lambda _: None), registry)
    site.ready.set()
    document = json.loads(Client(create_app(site)).get("/__admin/openapi.json").data)
    registry.close()
    schemas = document["components"]["schemas"]
    tags: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            queries = [item["name"] for item in route.get("parameters", ()) if item["in"] == "query"]
            shown = " ".join(f"`?{name}`" for name in queries if name != "subscription")
            content = route.get("requestBody", {}).get("content", {}).get("application/json", {})
            body = _members(content.get("schema", {}), schemas)
            answers = " ".join(
                code for code in route["responses"] if code not in ("400", "401", "403", "413", "503", "507")
            )
            row = f"| `{method.upper()} /__admin{path}` | {route['summary']} | {shown} | {body} | {answers} |"
            tags.setdefault(route["tags"][0], []).append(row)
    head = "| route | what it does | query | body | answers |\n|---|---|---|---|---|"
    return "\n\n".join(f"### {tag.replace('_', ' ')}\n\n{head}\n" + "\n".join(rows) for tag, rows in tags.items())


def _members(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    """The members of a body, the required ones first and in bold."""
    name = schema.get("$ref", "").rpartition("/")[2]
    properties = schemas.get(name, {}).get("properties", {})
    required = schemas.get(name, {}).get("required", ())
    ordered = sorted(properties, key=lambda item: item not in required)
    return ", ".join(f"**`{item}`**" if item in required else f"`{item}`" for item in ordered)


PARTS = {"settings": settings, "switches": switches, "search": search, "control_api": control_api}


def programs(name: str) -> str:
    """The programs of the guide for who migrates that are called so: before, the mistake if there is one, after."""
    folder = DOCS / "migration" / "programs"
    shown = []
    for part, title in (("old", "Before"), ("wrong", "The mistake"), ("new", "After")):
        file = folder / f"{name}_{part}.py"
        if file.exists():
            link = f"[{file.name}](programs/{file.name})"
            shown.append(f"{title}, {link}:\n\n```python\n{file.read_text(encoding='utf-8')}```")
    return "\n" + "\n\n".join(shown) + "\n"


def rendered(text: str) -> str:
    """A page with its generated parts as they should be."""

    def part(name: str) -> str:
        return programs(name.removeprefix("programs_")) if name.startswith("programs_") else PARTS[name]()

    return _PART.sub(lambda match: f"{match[1]}{part(match[2])}\n{match[3]}", text)


def main() -> int:
    """Write every page anew; with --check say which are out of date."""
    stale = []
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        fresh = rendered(text)
        if fresh != text:
            stale.append(page)
            if "--check" not in sys.argv:
                page.write_text(fresh, encoding="utf-8")
    for page in stale:
        print(page.relative_to(DOCS.parent), "is out of date" if "--check" in sys.argv else "written")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    raise SystemExit(main())
