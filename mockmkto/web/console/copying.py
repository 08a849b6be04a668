"""A call as a program that sends it again: curl, Python, PHP. It signs anew, with the key from the environment.

What a client sent ends up in a shell or an interpreter here: it only ever stands where nothing reads it as code.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

from mockmkto.model import Call

__all__ = [
    "LANGUAGES",
    "as_program",
    "in_shell",
    "in_single_quotes",
    "text_or_base64",
    "unused_delimiter",
    "wrapped",
]

_SIGNED = {
    name: re.compile(rb"(<(?:[\w.-]+:)?" + name.encode() + rb"(?:\s[^<>]*)?>)[^<]*(</)")
    for name in ("requestSignature", "requestTimestamp")
}
_SIGNATURE, _TIMESTAMP = "@SIGNATURE@", "@TIMESTAMP@"


def as_program(language: str, call: Call, endpoint: str, user_id: str, timestamp: str | None) -> str:
    """The program; `timestamp` is the time to sign at where the subscription's clock is not the machine's.

    Raises:
        KeyError: there is no such language.
    """
    body = _SIGNED["requestSignature"].sub(rb"\g<1>" + _SIGNATURE.encode() + rb"\g<2>", call.request)
    body = _SIGNED["requestTimestamp"].sub(rb"\g<1>" + _TIMESTAMP.encode() + rb"\g<2>", body)
    return LANGUAGES[language](body, endpoint, user_id, timestamp)


def _curl(body: bytes, endpoint: str, user_id: str, timestamp: str | None) -> str:
    now = in_shell(timestamp) if timestamp else "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    source, decode = text_or_base64(body)
    end = unused_delimiter(source)
    return f"""\
# export MARKETO_ENCRYPTION_KEY first
timestamp={now}
key=$MARKETO_ENCRYPTION_KEY
signature=$(printf %s "$timestamp"{in_shell(user_id)} | openssl dgst -sha1 -hmac "$key" | sed 's/.* //')
{"base64 -d" if decode else "cat"} <<'{end}' | sed -e "s|{_SIGNATURE}|$signature|" -e "s|{_TIMESTAMP}|$timestamp|" |
{source}
{end}
  curl --silent --show-error --header 'Content-Type: text/xml; charset=utf-8' --data-binary @- {in_shell(endpoint)}
"""


def _python(body: bytes, endpoint: str, user_id: str, timestamp: str | None) -> str:
    source, decode = text_or_base64(body)
    lines = "".join(f"    {line!a}\n" for line in source.splitlines(keepends=True)) or '    ""\n'
    now = repr(timestamp) if timestamp else 'datetime.now(UTC).isoformat(timespec="seconds")'
    read = "base64.b64decode(REQUEST)" if decode else "REQUEST.encode()"
    return f"""\
import {"base64, " if decode else ""}hashlib, hmac, os, urllib.error, urllib.request
from datetime import UTC, datetime

ENDPOINT = {endpoint!a}
USER_ID = {user_id!a}
KEY = os.environ["MARKETO_ENCRYPTION_KEY"]
REQUEST = (
{lines})

timestamp = {now}
signature = hmac.new(KEY.encode(), (timestamp + USER_ID).encode(), hashlib.sha1).hexdigest()
body = {read}.replace(b"{_SIGNATURE}", signature.encode()).replace(b"{_TIMESTAMP}", timestamp.encode())
request = urllib.request.Request(ENDPOINT, body, {{"Content-Type": "text/xml; charset=utf-8"}})
try:
    print(urllib.request.urlopen(request).read().decode())
except urllib.error.HTTPError as fault:
    print(fault.code, fault.read().decode())
"""


def _php(body: bytes, endpoint: str, user_id: str, timestamp: str | None) -> str:
    # Base64 always: there is no quoting in PHP that could be got wrong then.
    lines = "\n".join(f"    . '{line}'" for line in wrapped(base64.b64encode(body).decode()))
    now = in_single_quotes(timestamp) if timestamp else "gmdate('Y-m-d\\TH:i:s\\Z')"
    return f"""\
<?php
$endpoint = {in_single_quotes(endpoint)};
$userId = {in_single_quotes(user_id)};
$key = getenv('MARKETO_ENCRYPTION_KEY');
$request = base64_decode(''  // the request as it came
{lines});

$timestamp = {now};
$signature = hash_hmac('sha1', $timestamp . $userId, $key);
$body = str_replace(['{_SIGNATURE}', '{_TIMESTAMP}'], [$signature, $timestamp], $request);
echo file_get_contents($endpoint, false, stream_context_create(['http' => [
    'method' => 'POST', 'header' => 'Content-Type: text/xml; charset=utf-8',
    'content' => $body, 'ignore_errors' => true,
]]));
"""


LANGUAGES: dict[str, Callable[[bytes, str, str, str | None], str]] = {"curl": _curl, "Python": _python, "PHP": _php}


def text_or_base64(body: bytes) -> tuple[str, bool]:
    """The body as text where that changes nothing of it, else in base64; and whether it is."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    if text and "\r" not in text and all(sign.isprintable() or sign in "\n\t" for sign in text):
        return text, False
    return "\n".join(wrapped(base64.b64encode(body).decode())), True


def wrapped(text: str) -> list[str]:
    """A long text in lines."""
    return [text[start : start + 100] for start in range(0, len(text), 100)]


def unused_delimiter(text: str) -> str:
    """A line that the text does not have."""
    number = 0
    while f"END_OF_REQUEST{number or ''}" in text:
        number += 1
    return f"END_OF_REQUEST{number or ''}"


def in_shell(text: str) -> str:
    """A text as a shell takes it, whatever it has in it."""
    return "'" + text.replace("'", "'\\''") + "'"


def in_single_quotes(text: str) -> str:
    """A text as PHP takes it between single quotes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
