"""A call over REST as a program that sends it again: curl, Python, PHP. Id and secret come from outside.

What a client sent ends up in a shell or an interpreter here: it only ever stands where nothing reads it as code.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from mockmkto.rest.incoming import Incoming
from mockmkto.web.console.copying import in_shell, in_single_quotes, text_or_base64, unused_delimiter, wrapped

__all__ = ["LANGUAGES", "as_program"]


def as_program(language: str, incoming: Incoming, address: str) -> str:
    """The program; `address` is that of the server.

    Raises:
        KeyError: there is no such language.
    """
    return LANGUAGES[language](incoming, address)


def _url(incoming: Incoming) -> str:
    return incoming.path + (f"?{incoming.query}" if incoming.query else "")


def _curl(incoming: Incoming, address: str) -> str:
    source, decode = text_or_base64(incoming.body)
    end = unused_delimiter(source)
    lines = [
        "# export MARKETO_CLIENT_ID and MARKETO_CLIENT_SECRET first",
        f"server={in_shell(address)}",
        'token=$(curl --silent --get "$server/identity/oauth/token" --data grant_type=client_credentials \\',
        '  --data-urlencode "client_id=$MARKETO_CLIENT_ID" --data-urlencode "client_secret=$MARKETO_CLIENT_SECRET" |',
        """  sed 's/.*"access_token" *: *"\\([^"]*\\)".*/\\1/')""",
    ]
    asked = f'curl --silent --show-error --request {incoming.method} --header "Authorization: Bearer $token"'
    if not incoming.body:
        return "\n".join([*lines, f'{asked} "$server"{in_shell(_url(incoming))}', ""])
    kind = in_shell(f"Content-Type: {incoming.content_type}")
    sent = f'{asked} \\\n  --header {kind} --data-binary @- "$server"{in_shell(_url(incoming))}'
    read = f"base64 -d <<'{end}' |\n{source}\n{end}\n{sent}" if decode else f"{sent} <<'{end}'\n{source}\n{end}"
    return "\n".join([*lines, read, ""])


def _python(incoming: Incoming, address: str) -> str:
    source, decode = text_or_base64(incoming.body)
    lines = "".join(f"    {line!a}\n" for line in source.splitlines(keepends=True))
    body = "None" if not incoming.body else "base64.b64decode(BODY)" if decode else "BODY.encode()"
    given = f"BODY = (\n{lines})\n" if incoming.body else ""
    headers = f', "Content-Type": {incoming.content_type!a}' if incoming.body else ""
    return f"""\
import {"base64, " if decode and incoming.body else ""}json, os, urllib.parse, urllib.request

SERVER = {address!a}
PATH = {_url(incoming)!a}
{given}
who = {{"client_id": os.environ["MARKETO_CLIENT_ID"], "client_secret": os.environ["MARKETO_CLIENT_SECRET"]}}
query = urllib.parse.urlencode({{"grant_type": "client_credentials", **who}})
with urllib.request.urlopen(f"{{SERVER}}/identity/oauth/token?{{query}}") as answer:
    token = json.load(answer)["access_token"]
headers = {{"Authorization": f"Bearer {{token}}"{headers}}}
request = urllib.request.Request(SERVER + PATH, {body}, headers, method={incoming.method!a})
with urllib.request.urlopen(request) as answer:
    print(answer.read().decode())
"""


def _php(incoming: Incoming, address: str) -> str:
    # Base64 always: there is no quoting in PHP that could be got wrong then.
    lines = "\n".join(f"    . '{line}'" for line in wrapped(base64.b64encode(incoming.body).decode()))
    body = f"base64_decode(''  // the body as it came\n{lines})" if incoming.body else "''"
    kind = in_single_quotes(f"\nContent-Type: {incoming.content_type}".lstrip()) if incoming.body else "''"
    return f"""\
<?php
$server = {in_single_quotes(address)};
$body = {body};
$token = json_decode(file_get_contents($server . '/identity/oauth/token?' . http_build_query([
    'grant_type' => 'client_credentials', 'client_id' => getenv('MARKETO_CLIENT_ID'),
    'client_secret' => getenv('MARKETO_CLIENT_SECRET'),
])))->access_token;
echo file_get_contents($server . {in_single_quotes(_url(incoming))}, false, stream_context_create(['http' => [
    'method' => {in_single_quotes(incoming.method)}, 'content' => $body, 'ignore_errors' => true,
    'header' => ['Authorization: Bearer ' . $token, {kind}],
]]));
"""


LANGUAGES: dict[str, Callable[[Incoming, str], str]] = {"curl": _curl, "Python": _python, "PHP": _php}
