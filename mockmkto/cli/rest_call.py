"""`mockmkto call GET /rest/v1/...`: sends one call to the REST API with a token of a client's, and shows the answer."""

from __future__ import annotations

import argparse
import json
import ssl
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

from mockmkto.cli.answers import clean
from mockmkto.cli.http import Answer, Server, Unanswered, given_url, is_there, trust
from mockmkto.cli.parser import DONE, FAULT, Failure, Parser, nobody_there, wrong_usage
from mockmkto.settings import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, SETTINGS, SettingError, read_settings

__all__ = ["METHODS", "parse", "run"]

METHODS = ("GET", "POST", "DELETE")
TIMEOUT = 60.0  # seconds

_CLIENT = next(setting for setting in SETTINGS if setting.name == "client")
_CODES = "Exit codes: 0 done, 1 an error was answered, 2 wrong usage, 3 nobody there."


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The words behind the command's name, of which one is a method.

    Raises:
        Failure: an option is not known, or has no value; there is no path.
    """
    method = next(word for word in words if word in METHODS)
    parser = Parser(f"mockmkto call {method}")
    parser.usage = f"mockmkto call {method} PATH [NAME=VALUE ...] [options]"
    parser.description = (
        "Sends one call to the REST API with a token of the client's, and shows the answer.\n"
        "NAME=VALUE are parameters:\n\n"
        "  mockmkto call GET /rest/v1/leads.json filterType=email filterValues=ann@example.com\n"
        '  mockmkto call POST /rest/v1/leads.json --json \'{"input": [{"email": "ann@example.com"}]}\'\n\n'
        f"{_CODES}"
    )
    parser.add_argument("path", metavar="PATH", help="of the API, such as /rest/v1/leads.json")
    parser.add_argument(
        "parameters", metavar="NAME=VALUE", nargs="*", help="a parameter; one of a name may be repeated"
    )
    what = parser.add_argument_group("what it says")
    what.add_argument("--json", metavar="JSON", help="the body; @FILE reads it from a file, - from stdin")
    what.add_argument("--form", action="store_true", help="send the parameters as a form, not in the address")
    where = parser.add_argument_group("where and who")
    where.add_argument(
        "--url", metavar="URL", help="where the server is [MOCKMKTO_URL; default: this machine, MOCKMKTO_PORT or 6586]"
    )
    where.add_argument(
        "--client",
        metavar="ID:SECRET",
        help=f"whose token [{_CLIENT.variable}, its first; default: {DEFAULT_CLIENT_ID}]",
    )
    where.add_argument("--ca", metavar="FILE", help="trust this certificate, or its authority, in PEM")
    where.add_argument("--insecure", action="store_true", help="accept any certificate")
    shown = parser.add_argument_group("what to show")
    shown.add_argument("--dry-run", action="store_true", help="what it would do, and why; nothing is written")
    shown.add_argument("--raw", action="store_true", help="the answer's bytes as they came, and nothing else")
    left = list(words)
    left.remove(method)
    args = parser.parse_intermixed_args(left)
    args.method = method
    return args


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Sends the call; prints the answer, or the errors on stderr.

    Raises:
        Failure: the words make no call, nobody answers, or not with JSON, or the client gets no token.
    """
    if not args.path.startswith("/"):
        raise wrong_usage(f"expected a path such as /rest/v1/leads.json, got {args.path!r}.")
    pairs = [_pair(text) for text in args.parameters]
    content, kind = _content(args, pairs)
    query = "" if args.form else urlencode(pairs)
    address = args.path + (("&" if "?" in args.path else "?") + query if query else "")
    server = Server.at(given_url(args.url, environ))
    tls = trust(args.ca, insecure=args.insecure) if server.scheme == "https" else None
    authorization = f"Bearer {_token(server, _client(args.client, environ), tls)}"
    if args.dry_run:
        from mockmkto.cli.dry_run import dry_run_of_rest

        said = {"method": args.method, "path": address, "authorization": authorization}
        if content is not None:
            said |= {"body": content.decode(errors="replace"), "content_type": kind or ""}
        return dry_run_of_rest(server, said, environ, tls, TIMEOUT, raw=args.raw)
    headers = {"Authorization": authorization} | ({"Content-Type": kind} if kind else {})
    try:
        answer = server.ask(args.method, address, body=content, headers=headers, tls=tls, timeout=TIMEOUT)
    except Unanswered as failure:
        if is_there(server, tls):
            raise Failure(f"{server.url} gave no answer ({failure.why}). Its journal says why.", FAULT) from None
        raise
    return _show(answer, server, raw=args.raw)


def _client(flag: str | None, environ: Mapping[str, str]) -> tuple[str, str]:
    variable = {_CLIENT.variable: environ.get(_CLIENT.variable, "")}
    try:
        given = read_settings({_CLIENT.name: [flag] if flag is not None else None}, variable).client
    except SettingError as error:
        raise wrong_usage(f"{error}.") from None
    return given[0] if given else (DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET)


def _token(server: Server, client: tuple[str, str], tls: ssl.SSLContext | None) -> str:
    client_id, secret = client
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode(form).encode()
    answer = server.ask("POST", "/identity/oauth/token", body=body, headers=headers, tls=tls, timeout=TIMEOUT)
    said = _read(answer)
    if said is None:
        raise _no_json(answer, server)
    if "access_token" not in said:
        why = clean(str(said.get("error_description") or said.get("error") or f"HTTP {answer.status}"))
        raise Failure(f"the client {clean(client_id)} gets no token: {why}", FAULT)
    return str(said["access_token"])


def _content(args: argparse.Namespace, pairs: Sequence[tuple[str, str]]) -> tuple[bytes | None, str | None]:
    """The body and its type."""
    if args.form:
        if args.json is not None:
            raise wrong_usage("--form and --json cannot stand together.")
        return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
    if args.json is None:
        return (None, None) if args.method == "GET" else (b"", "application/json")
    if args.json == "-":
        return sys.stdin.buffer.read(), "application/json"
    if args.json.startswith("@"):
        try:
            return Path(args.json[1:]).read_bytes(), "application/json"
        except OSError as error:
            raise wrong_usage(f"--json: {args.json[1:]} cannot be read ({error.strerror}).") from None
    return args.json.encode(errors="surrogateescape"), "application/json"


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:  # not repeated: a secret without its option is such a word
        raise wrong_usage("expected NAME=VALUE, got a word " + ("without =." if not equals else "with no name."))
    return name, value


def _show(answer: Answer, server: Server, *, raw: bool) -> int:
    said = _read(answer)
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(answer.body)
    if said is None:
        if not raw and answer.status == 200 and "json" not in answer.content_type:  # a file of the bulk API
            sys.stdout.flush()
            sys.stdout.buffer.write(answer.body)
            return DONE
        if raw and answer.status == 200:
            return DONE
        raise _no_json(answer, server)
    if said.get("success") is False or answer.status >= 400:
        if not raw:
            for line in _errors(said):
                print(clean(line), file=sys.stderr)
        return FAULT
    if not raw:
        print(json.dumps(said, indent=2, ensure_ascii=False))
    return DONE


def _errors(said: Mapping[str, object]) -> list[str]:
    errors = said.get("errors")
    if isinstance(errors, list) and errors:
        return [f"error {item.get('code')}: {item.get('message')}" for item in errors if isinstance(item, dict)]
    return [json.dumps(said)]


def _read(answer: Answer) -> dict[str, object] | None:
    try:
        said = json.loads(answer.body)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _no_json(answer: Answer, server: Server) -> Failure:
    return nobody_there(f"{server.url} answered with HTTP {answer.status}, but not with JSON. Is it a mockmkto?")
