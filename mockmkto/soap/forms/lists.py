"""Forms of the operations on static lists, imports and campaigns."""

from __future__ import annotations

from mockmkto.soap.forms.arguments import (
    CAMPAIGN,
    KEYS,
    PROGRAM,
    SOURCE,
    TOKEN,
    attribs,
    if_given,
    key_list,
    need,
    strings,
)
from mockmkto.soap.forms.form import Argument, Form, FormError, Given, Tree

__all__ = ["FORMS"]

_LIST_OPERATIONS = {"add": "ADDTOLIST", "remove": "REMOVEFROMLIST", "ask": "ISMEMBEROFLIST", "clear": "CLEARLIST"}


def _list(given: Given) -> Tree:
    need(given, "list")
    asked = [name for name in _LIST_OPERATIONS if given.get(name)]
    if len(asked) != 1:
        raise FormError("exactly one of --add, --remove, --ask and --clear must be given")
    return [
        ("listOperation", _LIST_OPERATIONS[asked[0]]),
        ("listKey", [("keyType", "MKTOLISTNAME"), ("keyValue", given["list"])]),
        ("listMemberList", key_list(given)),
        ("strict", if_given(given, "strict")),
    ]


def _import(given: Given) -> Tree:
    need(given, "program", "list", "header", "row")
    return [
        ("programName", given["program"]),
        ("importFileHeader", given["header"]),
        ("importFileRows", strings(given["row"])),
        ("importListMode", given.get("mode") or "UPSERTLEADS"),
        ("listName", given["list"]),
        ("clearList", "true" if given.get("clear") else "false"),
        ("campaignName", given.get("campaign")),
    ]


def _campaigns(given: Given) -> Tree:
    return [
        ("source", given.get("source") or "MKTOWS"),
        ("name", given.get("name")),
        ("exactName", if_given(given, "exact")),
    ]


def _request(given: Given) -> Tree:
    return [
        ("source", given.get("source") or "MKTOWS"),
        ("campaignId", given.get("campaign_id")),
        ("leadList", key_list(given)),
        ("programName", given.get("program")),
        ("campaignName", given.get("campaign")),
        ("programTokenList", attribs(given.get("token"))),
    ]


def _schedule(given: Given) -> Tree:
    return [
        ("programName", given.get("program")),
        ("cloneToProgramName", given.get("clone_to")),
        ("campaignName", given.get("campaign")),
        ("campaignRunAt", given.get("run_at")),
        ("programTokenList", attribs(given.get("token"))),
    ]


FORMS: tuple[Form, ...] = (
    Form(
        "listOperation",
        "puts leads on a static list, takes them off it, or asks",
        (
            Argument("list", "the name of the list", "NAME"),
            Argument("add", "put the leads on it", switch=True),
            Argument("remove", "take them off it", switch=True),
            Argument("ask", "are they on it?", switch=True),
            Argument("clear", "take everybody off it (1_3 to 2_2)", switch=True),
            *KEYS,
            Argument("strict", "all of it or nothing", switch=True),
        ),
        _list,
        "--list Newsletter --add --id 1001",
    ),
    Form(
        "importToList",
        "imports rows of leads to the static list of a program",
        (
            PROGRAM,
            Argument("list", "the name of the list", "NAME"),
            Argument("header", "the names of the columns, with commas between", "LINE"),
            Argument("row", "a row, with commas between", "LINE", many=True),
            Argument("mode", "UPSERTLEADS or LISTONLY", "MODE", choices=("UPSERTLEADS", "LISTONLY")),
            Argument("clear", "take everybody off the list first", switch=True),
            CAMPAIGN,
        ),
        _import,
        "--program 'ER Demo' --list Attendees --header 'Email,First Name' --row ann@example.com,Ann",
    ),
    Form(
        "getImportToListStatus",
        "asks how far the last import to a list is",
        (PROGRAM, Argument("list", "the name of the list", "NAME")),
        lambda given: [("programName", given.get("program")), ("listName", given.get("list"))],
        "--program 'ER Demo' --list Attendees",
    ),
    Form(
        "getCampaignsForSource",
        "lists the campaigns that can be requested",
        (SOURCE, Argument("name", "a part of its name", "NAME"), Argument("exact", "the whole name", switch=True)),
        _campaigns,
        "--source MKTOWS",
    ),
    Form(
        "requestCampaign",
        "runs leads through a trigger campaign",
        (SOURCE, Argument("campaign_id", "the id of the campaign", "ID"), PROGRAM, CAMPAIGN, *KEYS, TOKEN),
        _request,
        "--campaign-id 2001 --id 1001",
    ),
    Form(
        "scheduleCampaign",
        "runs a batch campaign, now or later",
        (
            PROGRAM,
            CAMPAIGN,
            Argument("run_at", "when", "TIME"),
            TOKEN,
            Argument("clone_to", "clone the program under this name (3_0 and 3_1)", "NAME"),
        ),
        _schedule,
        "--program 'ER Demo' --campaign Monthly",
    ),
)
