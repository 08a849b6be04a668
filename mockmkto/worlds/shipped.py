"""The fixtures that come with mockmkto, found by name in a checkout and after an install alike."""

from __future__ import annotations

import os
from pathlib import Path

from mockmkto.worlds.problems import FixtureError, Problem

__all__ = ["find_fixture", "shipped_fixtures"]

_SUFFIXES = (".yaml", ".yml", ".json")
_PACKAGE = Path(__file__).parents[1]
# In a wheel the fixtures lie in the package; in a checkout, and so in an editable install, beside it.
_FOLDERS = (_PACKAGE / "data" / "fixtures", _PACKAGE.parent / "fixtures")


def shipped_fixtures() -> dict[str, Path]:
    """Every shipped fixture by its name: `demo` and the file that it is."""
    folder = next((folder for folder in _FOLDERS if folder.is_dir()), None)
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))} if folder is not None else {}


def find_fixture(name_or_file: str | os.PathLike[str]) -> Path:
    """The file of a shipped fixture's name; what has a suffix or a folder is a file's own path.

    Raises:
        FixtureError: there is no such file, or no fixture of that name.
    """
    text = os.fspath(name_or_file)
    is_file = (
        isinstance(name_or_file, os.PathLike)
        or text.endswith(_SUFFIXES)
        or any(separator in text for separator in (os.sep, os.altsep, "/") if separator)
    )
    if is_file:
        path = Path(text).expanduser()
        if not path.is_file():
            raise FixtureError([Problem(text, None, (), "there is no such file")])
        return path
    shipped = shipped_fixtures()
    if text not in shipped:
        message = f"there is no fixture of that name; shipped are {', '.join(shipped)}; a file needs its suffix"
        raise FixtureError([Problem(text, None, (), f"{message} ({', '.join(_SUFFIXES)})")])
    return shipped[text]
