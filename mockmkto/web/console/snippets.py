"""A first call in every language, with the endpoint, the user id and the key of a subscription."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["HIDDEN", "LANGUAGES", "REST_LANGUAGES", "Language", "first_call", "first_rest_call"]

HIDDEN = "••••••••"  # in the place of a key

_FOLDER = Path(__file__).parent / "programs"


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its name, the file of its program, how it is run, and how a text is quoted in it."""

    name: str
    file: str
    run: str
    quoted: Callable[[str], str]


def _in_shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _in_php(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _in_ruby(text: str) -> str:
    return _in_double(text).replace("#", "\\#")


def _in_double(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


LANGUAGES: tuple[Language, ...] = (
    Language("curl", "curl.txt", "sh first-call.sh", _in_shell),
    Language("Python", "python.txt", "python3 first_call.py", _in_double),
    Language("PHP", "php.txt", "php first-call.php", _in_php),
    Language("Java", "java.txt", "java FirstCall.java", _in_double),
    Language("Ruby", "ruby.txt", "ruby first_call.rb", _in_ruby),
    Language("Node", "node.txt", "node first-call.js", _in_double),
    Language(".NET", "dotnet.txt", "dotnet run", _in_double),
)


REST_LANGUAGES: tuple[Language, ...] = (
    Language("curl, REST", "rest-curl.txt", "sh first-call.sh", _in_shell),
    Language("Python, REST", "rest-python.txt", "python3 first_call.py", _in_double),
)


@cache
def _program(file: str) -> str:
    return (_FOLDER / file).read_text(encoding="utf-8")


def first_call(language: Language, endpoint: str, user_id: str, key: str | None) -> str:
    """The program; without a key, with dots in its place."""
    return _with(language, {"ENDPOINT": endpoint, "USER_ID": user_id, "KEY": key})


def first_rest_call(language: Language, address: str, client_id: str, secret: str | None) -> str:
    """The same over REST, at the server's address."""
    values = {"REST": f"{address}/rest", "IDENTITY": f"{address}/identity", "CLIENT_ID": client_id, "SECRET": secret}
    return _with(language, values)


def _with(language: Language, values: Mapping[str, str | None]) -> str:
    program = _program(language.file)
    for name, value in values.items():
        program = program.replace(f"@{name}@", language.quoted(HIDDEN if value is None else value), 1)
    return program
