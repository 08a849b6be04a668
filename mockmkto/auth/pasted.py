"""Finds an authentication header in whatever a person pastes: an envelope, a part of one, a log line, a dump."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from mockmkto.auth.signatures import AuthenticationHeader

__all__ = ["header_from_text"]

# Names are found in any case and in snake_case, as JSON mappers and Ruby clients write them.
_USER_ID, _SIGNATURE, _TIMESTAMP = "mktows_?user_?id", "request_?signature", "request_?timestamp"

# A whole element, whatever its prefix, or an empty one. (A JSON string may write `</` as `<\/`.)
_ELEMENT = r"<(?:[\w.-]+:)?NAME(?=[\s/>])(?P<attributes>[^<>]*?)(?:/>|>(?P<content>.*?)<\\?/)"

# A name and its value as JSON, YAML, PHP, Ruby, Python and log lines write them: `"n": "v"`, `[n] => v`, `n=v`,
# `:n=>"v"`, `["n":protected]=> string(40) "v"`. A bare timestamp may hold spaces, any other bare value ends there.
_BARE_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(?: ?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?"
_PAIR = (
    r"(?<!\w)NAME(?:[\"']?:[\w\"':]*\]|\\*[\"']?\]?)\s*(?:=>|=|:)\s*(?:string\([0-9]+\)\s*)?"
    r"(?:\\*(?P<quote>[\"'])(?P<quoted>.*?)\\*(?P=quote)|(?P<bare>" + _BARE_TIME + r"|[^\s,;&\"'<>()\[\]{}]+))"
)

_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_HEADER_ELEMENT = re.compile(rf"<[^<>]*(?:{_USER_ID}|{_SIGNATURE}|{_TIMESTAMP})", re.IGNORECASE)
_HTML_ESCAPE = re.compile("&(?:amp;)?lt;")
_JSON_ESCAPE = re.compile(r"\\u00([2-7][0-9a-f])", re.IGNORECASE)  # .NET and Go write `<` so
_NIL = re.compile(r"""nil\s*=\s*["'](?:true|1)["']""")


def header_from_text(text: str) -> AuthenticationHeader:
    """The header's values as they were sent; `None` for each that is not found.

    Understands an envelope or any part of it with any prefixes (escaped as HTML or inside a JSON string, too), and
    the names followed by their values, as JSON, log lines and the dumps of PHP, Ruby and Python show them.
    """
    import html  # only here, for a person: a server needs none of it

    text = _JSON_ESCAPE.sub(lambda code: chr(int(code[1], 16)), text)
    for _ in range(2):  # a page that shows a page
        if _HTML_ESCAPE.search(text) and not _HEADER_ELEMENT.search(text):
            text = html.unescape(text)
    return AuthenticationHeader(*(_find(name, text, html.unescape) for name in (_USER_ID, _SIGNATURE, _TIMESTAMP)))


def _find(name: str, text: str, unescape: Callable[[str], str]) -> str | None:
    flags = re.IGNORECASE | re.DOTALL
    element = re.search(_ELEMENT.replace("NAME", name), text, flags)
    if element is not None:
        if _NIL.search(element["attributes"]):
            return None
        content = element["content"] or ""
        cdata = _CDATA.search(content)
        return cdata[1] if cdata else unescape(content)
    pair = re.search(_PAIR.replace("NAME", name), text, flags)
    if pair is None:
        return None
    if pair["quoted"] is None:
        return pair["bare"]
    return _unescape(pair["quoted"])


def _unescape(quoted: str) -> str:
    """A quoted value without its escapes: PHP writes a slash as a backslash and a slash into JSON."""
    if "\\" not in quoted:
        return quoted
    try:
        return str(json.loads(f'"{quoted}"'))
    except ValueError:
        return quoted
