"""`mockmkto call`: sends one signed call, as a plain client would, and shows the answer."""

from __future__ import annotations

import argparse
import json
import ssl
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from urllib.parse import quote

from mockmkto.cli.answers import Fault, read_answer
from mockmkto.cli.credentials import CREDENTIAL_HELP, SignedHeader, one_credential
from mockmkto.cli.http import Answer, Server, Unanswered, given_url, is_there, trust
from mockmkto.cli.parser import DONE, FAULT, Failure, Parser, nobody_there, wrong_usage
from mockmkto.clock import system_now
from mockmkto.model import Credential
from mockmkto.soap.composing import resigned
from mockmkto.soap.forms import FORMS, Argument, Form, FormError, request_of
from mockmkto.soap.types import NAMESPACE, LeadKeyRef
from mockmkto.soap.versions import VERSIONS

__all__ = ["configure", "parse", "run"]

TIMEOUT = 60.0  # seconds
ASKING = 5.0  # seconds, of a question beside the call

_HTTP = frozenset(("GET", "POST", "DELETE"))
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"


def parse(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """Every operation has arguments of its own: the word that names it says which. A method is of the REST API.

    Raises:
        Failure: an option is not known, or has no value.
    """
    if not _HTTP.isdisjoint(words):
        from mockmkto.cli import rest_call

        return rest_call.parse(words)
    form = next((FORMS[word] for word in words if word in FORMS), None)
    if form is None:
        return parser.parse_intermixed_args(words)
    own = Parser(f"mockmkto call {form.operation}")
    _configure_form(own, form)
    left = list(words)
    left.remove(form.operation)
    args = own.parse_args(left)
    args.operation, args.workspace = form.operation, None
    return args


def _configure_form(parser: argparse.ArgumentParser, form: Form) -> None:
    parser.usage = f"mockmkto call {form.operation} [options]"
    example = f"  mockmkto call {form.operation} {form.example}".rstrip()
    parser.description = f"Sends one signed call, which {form.summary}, and shows the answer.\n\n{example}\n\n{_CODES}"
    group = parser.add_argument_group("what it says")
    for item in form.arguments:
        if item.switch:
            group.add_argument(item.flag, dest=_dest(item), action="store_true", help=item.help)
            continue
        group.add_argument(
            item.flag,
            dest=_dest(item),
            metavar=item.metavar,
            help=item.help + ("; repeatable" if item.many else ""),
            action="append" if item.many else "store",
            choices=item.choices or None,
        )
    _configure_sending(parser)


def _dest(item: Argument) -> str:
    return f"said_{item.name}"  # syncMObjects has an --operation


_CODES = "Exit codes: 0 done, 1 a fault was answered, 2 wrong usage, 3 nobody there."


def configure(parser: argparse.ArgumentParser) -> None:
    """The operation, who and where, the keys, the values."""
    parser.usage = "mockmkto call OPERATION [options] [NAME=VALUE ...]"
    width = max(map(len, FORMS)) + 2
    others = "\n".join(f"  {form.operation:{width}}{form.summary}" for form in FORMS.values())
    parser.description = (
        "Sends one signed call and shows the answer. NAME=VALUE are the lead's attributes:\n\n"
        "  mockmkto call syncLead --email ann@example.com FirstName=Ann\n"
        "  mockmkto call getLead --email ann@example.com\n\n"
        "A method and a path are a call to the REST API:\n\n"
        "  mockmkto call GET /rest/v1/leads.json filterType=email filterValues=ann@example.com\n\n"
        "Every other operation has arguments of its own: mockmkto call OPERATION --help.\n\n"
        f"{others}\n\n{_CODES}"
    )
    parser.add_argument("operation", metavar="OPERATION", nargs="?", help="syncLead, getLead, or another")
    parser.add_argument("attributes", metavar="NAME=VALUE", nargs="*", help="an attribute of the lead (syncLead)")
    keys = parser.add_argument_group("which lead")
    keys.add_argument("--id", metavar="ID", help="its Id, the IDNUM")
    keys.add_argument("--email", metavar="ADDRESS", help="its e-mail")
    keys.add_argument("--cookie", metavar="COOKIE", help="one of its Munchkin cookies")
    keys.add_argument("--foreign-id", metavar="ID", help="its ForeignSysPersonId (syncLead)")
    keys.add_argument("--foreign-type", metavar="TYPE", help="the ForeignSysType: CUSTOM, SFDC or NETSUITE (syncLead)")
    keys.add_argument("--key", metavar="TYPE=VALUE", help="any other key, such as SFDCLEADID=42 (getLead)")
    how = parser.add_argument_group("how (syncLead)")
    how.add_argument("--workspace", metavar="NAME", help="the targetWorkspace of the context header")
    how.add_argument(
        "--return-lead", dest="return_lead", action="store_true", default=None, help="ask for the lead [the default]"
    )
    how.add_argument(
        "--no-return-lead", dest="return_lead", action="store_false", default=None, help="ask for the outcome alone"
    )
    _configure_sending(parser)


def _configure_sending(parser: argparse.ArgumentParser) -> None:
    """Where to, as whom, and what to show."""
    where = parser.add_argument_group("where and who")
    where.add_argument(
        "--url", metavar="URL", help="where the server is [MOCKMKTO_URL; default: this machine, MOCKMKTO_PORT or 6586]"
    )
    where.add_argument(
        "--api-version", metavar="VERSION", help=f"{VERSIONS[0]} to {VERSIONS[-1]} [default: {VERSIONS[-1]}]"
    )
    where.add_argument(
        "--timestamp",
        metavar="TIME",
        help="the requestTimestamp, signed exactly as given [default: now, by the subscription's clock]",
    )
    where.add_argument("--credential", metavar="USER:KEY", help=CREDENTIAL_HELP)
    where.add_argument("--ca", metavar="FILE", help="trust this certificate, or its authority, in PEM")
    where.add_argument("--insecure", action="store_true", help="accept any certificate")
    what = parser.add_argument_group("what to show")
    what.add_argument("--dry-run", action="store_true", help="what it would do, and why; nothing is written")
    what.add_argument("--raw", action="store_true", help="the answer's bytes as they came, and nothing else")
    what.add_argument("--show-request", action="store_true", help="the request too, on stderr")


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Sends the call; prints the outcome, or the fault on stderr.

    Raises:
        Failure: the words make no call, or nobody answers, or not with SOAP.
    """
    if "method" in args:
        from mockmkto.cli import rest_call

        return rest_call.run(args, environ)
    form, operation = FORMS.get(args.operation), _OPERATIONS.get(args.operation)
    if form is None and operation is None:
        shown = repr(args.operation) if (args.operation or "").isalpha() else "of that name"  # it may be a credential
        said = f"there is no operation {shown}" if args.operation else "an operation must be named"
        raise wrong_usage(f"{said}. There are {', '.join((*_OPERATIONS, *FORMS))}.")
    version = args.api_version or VERSIONS[-1]
    if version not in VERSIONS:
        raise wrong_usage(f"--api-version: there is no version {version!r}. There are {', '.join(VERSIONS)}.")
    body = operation(args) if operation is not None else ""
    server = Server.at(given_url(args.url, environ))
    user_id, key = one_credential(args.credential, environ)
    tls = trust(args.ca, insecure=args.insecure) if server.scheme == "https" else None
    timestamp = args.timestamp if args.timestamp is not None else _now(server, user_id, tls, environ)
    if form is not None:
        request = _of_form(form, args, Credential(user_id, (key,), ""), timestamp)
    else:
        request = _envelope(SignedHeader(user_id, key, timestamp).xml, args.workspace, body)
    if args.show_request:
        sys.stderr.write(f"{request.decode(errors='replace')}\n")
    if args.dry_run:
        from mockmkto.cli.dry_run import dry_run

        return dry_run(server, request, version, environ, tls, TIMEOUT, raw=args.raw)
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{NAMESPACE}{args.operation}"'}
    path = f"/soap/mktows/{version}"
    try:
        answer = server.ask("POST", path, body=request, headers=headers, tls=tls, timeout=TIMEOUT)
    except Unanswered as failure:
        if is_there(server, tls):
            raise Failure(f"{server.url} gave no answer ({failure.why}). {_THERE}", FAULT) from None
        raise
    return _show(answer, server, tls, raw=args.raw)


_THERE = (
    "The server is there and ready: a fault rule may have done it, or whoever stands between. Its journal says which."
)


def _now(server: Server, user_id: str, tls: ssl.SSLContext | None, environ: Mapping[str, str]) -> str:
    """The time of the subscription that is called, which may have been frozen or advanced; else this machine's."""
    token = environ.get("MOCKMKTO_ADMIN_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    now = system_now()
    try:
        path = f"/__admin/credentials/{quote(user_id, safe='')}/clock"
        answer = server.ask("GET", path, headers=headers, tls=tls, timeout=ASKING)
        if answer.status == 200:
            now = datetime.fromisoformat(json.loads(answer.body)["now"])
    except (Failure, ValueError, LookupError, TypeError):
        pass  # there is no control API here: what is wrong, the call itself says
    return now.astimezone().isoformat(timespec="seconds")


def _show(answer: Answer, server: Server, tls: ssl.SSLContext | None, *, raw: bool) -> int:
    outcome = read_answer(answer.body)
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(answer.body)
    if outcome is None:
        raise _no_soap(answer, server, tls)
    if isinstance(outcome, Fault):
        if not raw:
            print(outcome, file=sys.stderr)
        return FAULT
    if not raw:
        print(outcome)
    return DONE


def _no_soap(answer: Answer, server: Server, tls: ssl.SSLContext | None) -> Failure:
    said = ""
    if answer.content_type.startswith("text/plain"):
        first = answer.body.decode(errors="replace").strip().partition("\n")[0]
        said = f" It said: {''.join(sign if sign.isprintable() else '?' for sign in first[:200])}"
    if is_there(server, tls):
        what = (
            "with half an answer" if answer.body.startswith(b"<?xml") else "not with SOAP" if answer.body else "empty"
        )
        return Failure(f"{server.url} answered with HTTP {answer.status}, {what}. {_THERE}{said}", FAULT)
    return nobody_there(f"{server.url} answered with HTTP {answer.status}, but not with SOAP. Is it a mockmkto?{said}")


# ---------------------------------------------------------------------------------------------------------------------
# The requests


def _sync_lead(args: argparse.Namespace) -> str:
    if args.key is not None:
        raise wrong_usage("--key is for getLead: syncLead takes --id, --email, --cookie and --foreign-id.")
    pairs = [_pair(text, "NAME=VALUE") for text in args.attributes]
    listed = "".join(
        _element("attribute", _elements((("attrName", name), ("attrValue", value)))) for name, value in pairs
    )
    keys = _elements(
        (
            ("Id", args.id),
            ("Email", args.email),
            ("ForeignSysPersonId", args.foreign_id),
            ("ForeignSysType", args.foreign_type),
        )
    )
    record = _element("leadRecord", keys + _element("leadAttributeList", listed))
    rest = _elements((("returnLead", "false" if args.return_lead is False else "true"), ("marketoCookie", args.cookie)))
    return f"<ns1:paramsSyncLead>{record}{rest}</ns1:paramsSyncLead>"


def _get_lead(args: argparse.Namespace) -> str:
    unusable = {
        "NAME=VALUE": args.attributes or None,
        "--foreign-id": args.foreign_id,
        "--foreign-type": args.foreign_type,
        "--workspace": args.workspace,
        "--return-lead": args.return_lead,
    }
    for name, given in unusable.items():
        if given is not None:
            raise wrong_usage(f"{name} is for syncLead: getLead takes one of {_ONE_KEY}.")
    keys = [("IDNUM", args.id), ("EMAIL", args.email), ("COOKIE", args.cookie)]
    if args.key is not None:
        keys.append(_pair(args.key, f"TYPE=VALUE with one of {', '.join(LeadKeyRef.__values__)} after --key"))
    given_keys = [(kind, value) for kind, value in keys if value is not None]
    if len(given_keys) != 1:
        raise wrong_usage(f"getLead takes exactly one of {_ONE_KEY}, got {len(given_keys) or 'none'}.")
    kind, value = given_keys[0]
    lead_key = _element("leadKey", _elements((("keyType", kind), ("keyValue", value))))
    return f"<ns1:paramsGetLead>{lead_key}</ns1:paramsGetLead>"


def _of_form(form: Form, args: argparse.Namespace, credential: Credential, timestamp: str) -> bytes:
    given: dict[str, object] = {}
    for item in form.arguments:
        value = getattr(args, _dest(item))
        pairs = [_pair(text, f"{item.metavar} after {item.flag}") for text in value] if item.pair and value else value
        given[item.name] = pairs
    try:
        return resigned(request_of(form, given), credential, timestamp)
    except FormError as error:
        raise wrong_usage(f"{error}. See mockmkto call {form.operation} --help.") from None
    except ValueError:
        raise wrong_usage("a value has a character that no XML can carry.") from None


_ONE_KEY = "--id, --email, --cookie and --key TYPE=VALUE"

_OPERATIONS: dict[str, Callable[[argparse.Namespace], str]] = {"syncLead": _sync_lead, "getLead": _get_lead}


def _pair(text: str, expected: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:  # not repeated: a credential without its option is such a word
        raise wrong_usage(
            f"expected {expected}, got a word {'without =' if not equals else 'with nothing before its ='}."
        )
    return name, value


def _envelope(header: str, workspace: str | None, body: str) -> bytes:
    if workspace is not None:
        target = _elements((("targetWorkspace", workspace),))
        header += f"<ns1:MktowsContextHeader>{target}</ns1:MktowsContextHeader>"
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{_ENVELOPE}" xmlns:ns1="{NAMESPACE}">'
        f"<SOAP-ENV:Header>{header}</SOAP-ENV:Header><SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
    )
    return text.encode(errors="surrogateescape")  # arguments that are not UTF-8 go out as they came in


def _elements(members: Iterable[tuple[str, str | None]]) -> str:
    return "".join(_element(name, escape(value, quote=False)) for name, value in members if value is not None)


def _element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"
