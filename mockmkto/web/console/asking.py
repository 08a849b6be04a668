"""The forms of Try it: what a browser shows and sends of an operation's arguments, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mockmkto.soap.forms import FORMS, Argument, Form, FormError
from mockmkto.soap.forms.arguments import KEYS, lead_keys
from mockmkto.soap.forms.form import Given, Tree

__all__ = ["OPERATIONS", "SYNC_LEAD", "given_by", "in_words", "texts_of"]

SYNC_LEAD = "syncLead"  # which has a form of its own
_FLAG = re.compile("--([a-z]+(?:-[a-z]+)*)")  # as a command line names an argument


def _key(given: Given) -> Tree:
    keys = lead_keys(given)
    if len(keys) != 1:
        raise FormError("exactly one of --id, --email, --cookie and --key must be given")
    return [("leadKey", [("keyType", keys[0][0]), ("keyValue", keys[0][1])])]


_GET_LEAD = Form("getLead", "reads the leads that a key finds", KEYS, _key, "--email ann@example.com")

OPERATIONS: Mapping[str, Form] = {"getLead": _GET_LEAD, **FORMS}
"""Every operation but syncLead, by its name."""


def texts_of(form: Form, sent: Mapping[str, str]) -> dict[str, str]:
    """What was sent of each argument, as it stands in the form; where there may be many, in a line each."""
    return {item.name: sent[item.name].replace("\r\n", "\n") for item in form.arguments if sent.get(item.name)}


def given_by(form: Form, texts: Mapping[str, str]) -> dict[str, object]:
    """The arguments as the form takes them.

    Raises:
        FormError: a line that should be NAME=VALUE is not.
    """
    given: dict[str, object] = {}
    for item in form.arguments:
        lines = [line.strip() for line in texts.get(item.name, "").split("\n") if line.strip()]
        if not lines:
            continue
        if item.switch:
            given[item.name] = True
        elif item.many:
            given[item.name] = [_pair(item, line) for line in lines] if item.pair else lines
        else:
            given[item.name] = lines[0]
    return given


def in_words(error: FormError) -> str:
    """What is wrong, with the arguments' names as the form shows them."""
    text = _FLAG.sub(lambda found: found[1].replace("-", " "), str(error))
    return f"{text[:1].upper()}{text[1:]}."


def _pair(argument: Argument, line: str) -> tuple[str, str]:
    name, mark, value = line.partition("=")
    if not mark or not name.strip():
        raise FormError(f"{argument.flag} takes {argument.metavar}, one a line")
    return name.strip(), value.strip()
