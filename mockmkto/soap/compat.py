"""The only door to spyne: importing it here makes spyne 2.14.0 run on today's Pythons and leave nothing behind.

What is mended, and why:

- `spyne.util.six` is an old copy of six. The importer that serves its `moves` knows no `find_spec`: from Python 3.12 on
  it is passed over in silence, so spyne does not import; on 3.11 every later import that reaches it raises an
  ImportWarning, so a user who tests with `-W error` would be broken by us. The few modules that spyne takes from there
  are therefore served from six itself, under spyne's names, and the importer is taken away again.
- spyne imports `cgi`, which 3.13 dropped; the requirement `legacy-cgi` brings it back.
- spyne compiles eight patterns of thousands of characters, of which it then only takes the text: a tenth of a start.
  They are compiled by whoever matches with one, which nobody does.
- spyne warns while it is imported (deprecated modules, escapes in its strings). Those warnings are nobody's business,
  so they are silenced for the length of the import, and all that we use of spyne is imported in that time.

Everything else in this project writes `from mockmkto.soap.compat import spyne` and no other import of spyne.
"""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["spyne"]

_MOVES = ("", ".collections_abc", ".http_cookies", ".urllib", ".urllib.error", ".urllib.parse", ".urllib.request")
"""The modules of `six.moves` that spyne 2.14.0 imports anywhere, so that its other modules work after us, too."""


def _serve_moves_from_six() -> None:
    """Give spyne six's own `moves` under the names that spyne asks for; what is already there stays."""
    for name in _MOVES:
        sys.modules.setdefault(f"spyne.util.six.moves{name}", importlib.import_module(f"six.moves{name}"))


class _CompiledLater:
    """What `re.compile` gives for a pattern, which is compiled when it is asked for anything but its text."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> object:
        return getattr(re.compile(self.pattern, self.flags), name)


@contextmanager
def _patterns_compiled_later() -> Iterator[None]:
    """A block in which the module that defines XML's names compiles nothing; for every other one nothing is changed."""
    compile_now = re.compile

    def compile_(pattern: Any, flags: int = 0) -> Any:
        if sys._getframe(1).f_globals.get("__name__") == "spyne.model.primitive.xml":
            return _CompiledLater(pattern, flags)
        return compile_now(pattern, flags)

    re.compile = compile_
    try:
        yield
    finally:
        re.compile = compile_now


def _take_importer_away() -> None:
    """Take the importer without `find_spec` off the list that every import in this process walks through."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "spyne.util.six"]


with warnings.catch_warnings(), _patterns_compiled_later():
    warnings.simplefilter("ignore")
    _serve_moves_from_six()
    try:
        import spyne
        import spyne.const.xml
        import spyne.interface.wsdl.wsdl11
        import spyne.model.enum
        import spyne.protocol
        import spyne.server.null  # every application imports it
        import spyne.util.appreg
    finally:
        _take_importer_away()
