"""Why the folder of --data-dir cannot be used, and what to do about it."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from mockmkto.store.versions import check_head

__all__ = ["unusable_data"]

_ANOTHER = "Choose another folder with --data-dir / MOCKMKTO_DATA_DIR."
_FULL = f"Make room, or c{_ANOTHER[1:]}"
_NOT_OURS = f"This user must own it, and be able to write there. {_ANOTHER}"
_ADVICE = {
    errno.ENOSPC: _FULL,
    getattr(errno, "EDQUOT", errno.ENOSPC): _FULL,
    errno.EACCES: _NOT_OURS,
    errno.EPERM: _NOT_OURS,
    errno.EROFS: f"It must be possible to write there. {_ANOTHER}",
    errno.EEXIST: f"A file is where a folder must be. {_ANOTHER}",
    errno.ENOTDIR: f"A file is where a folder must be. {_ANOTHER}",
}
# What SQLite says has no number that every Python knows.
_ADVICE_OF_SQLITE = {
    "disk is full": _FULL,
    "readonly": _NOT_OURS,
    "unable to open": _NOT_OURS,
    "locked": f"Another server may have it open. {_ANOTHER}",
}


def unusable_data(folder: Path, error: BaseException) -> str:
    """The sentences for an error of the system's or of SQLite's: which file, what is wrong, what to do."""
    if isinstance(error, OSError):
        path = error.filename if isinstance(error.filename, str) else str(folder)
        place = "" if Path(path) == folder else f"{path}: "
        return _said(folder, f"{place}{error.strerror or error}", _ADVICE.get(error.errno or 0, _ANOTHER))
    text = str(error)
    if "not a database" in text or "malformed" in text:
        files = sorted(folder.rglob("*.sqlite"))
        found = [path for path in files if _is_no_database(path)] or [path for path in files if _is_damaged(path)]
        damaged = ", ".join(map(str, found))
        advice = f"It is damaged, or not mockmkto's: put a copy in its place. {_ANOTHER}"
        return _said(folder, f"{damaged or folder}: {text}", advice)
    advice = next((advice for part, advice in _ADVICE_OF_SQLITE.items() if part in text), _ANOTHER)
    return _said(folder, text, advice)


def _said(folder: Path, why: str, advice: str) -> str:
    return f"the data in {folder} cannot be used ({why}). {advice}"


def _is_no_database(path: Path) -> bool:
    try:
        check_head(path)
    except sqlite3.DatabaseError:
        return True
    return False


def _is_damaged(path: Path) -> bool:
    try:
        raw = sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)  # which writes nothing beside it
        try:
            return bool(raw.execute("PRAGMA quick_check").fetchone() != ("ok",))
        finally:
            raw.close()
    except sqlite3.DatabaseError as error:
        return "not a database" in str(error) or "malformed" in str(error)
