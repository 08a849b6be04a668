"""What was set and means nothing: said when a server starts, which goes on without it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from mockmkto.settings import SETTINGS, SWITCHES, Settings

__all__ = ["ignored"]

_SETTINGS = {item.variable for item in SETTINGS} | {item.variable for item in SWITCHES}
# The client commands', and those of the tests.
_OTHERS = re.compile("MOCKMKTO_(URL|KILLS|TEST_.*|INTEROP_.*|.*_REQUIRED)")
# Kubernetes sets these for a service that is called mockmkto, or mockmkto-admin.
_OF_A_SERVICE = re.compile("MOCKMKTO_(.*_)?(SERVICE_(HOST|PORT)|PORT_[0-9]+_(TCP|UDP))(_.*)?")


def ignored(
    settings: Settings, flags: Mapping[str, str | Sequence[str] | None], environ: Mapping[str, str]
) -> Iterator[str]:
    """A sentence for each: a setting that another one would have to go with, a folder and a variable that are not."""
    named = {item.name: item.flag if flags.get(item.name) is not None else item.variable for item in SETTINGS}
    given = {item.name for item in SETTINGS if flags.get(item.name) is not None or environ.get(item.variable)}
    if environ.get("MOCKMKTO_HTTPS_PORT", "").startswith("tcp://") and flags.get("https_port") is None:
        given.discard("https_port")
    if "tls_name" in given and not settings.tls:
        yield f"{named['tls_name']} is ignored: only --tls makes a certificate for names"
    if "https_port" in given and not settings.speaks_https:
        yield f"{named['https_port']} is ignored: https comes with --tls, or with --tls-cert and --tls-key"
    if settings.fixtures_dir is not None and not settings.fixtures_dir.is_dir():
        yield f"{named['fixtures_dir']} is ignored: there is no folder {settings.fixtures_dir}"
    for name, text in environ.items():
        known = name in _SETTINGS or _OTHERS.fullmatch(name) or _OF_A_SERVICE.fullmatch(name)
        if name.startswith("MOCKMKTO_") and not known and not text.startswith("tcp://"):
            yield f"{name} is ignored: there is no such variable{_nearest(name)}"


def _nearest(name: str) -> str:
    import difflib  # only for a mistake

    known = {item.removeprefix("MOCKMKTO_"): item for item in sorted(_SETTINGS)}
    near = difflib.get_close_matches(name.removeprefix("MOCKMKTO_"), known, n=1)
    return f" (did you mean {known[near[0]]}?)" if near else ""
