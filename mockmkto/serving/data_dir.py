"""A data dir is one server's at a time: a lock on it, which the system takes back from a server that was killed."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from mockmkto.serving.listening import CannotServe

__all__ = ["DataDirLock"]

_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}  # a file system that has none


class DataDirLock:
    """Taken when it is made, until it is released or the process ends, however it ends.

    Raises:
        CannotServe: another server works with the folder.
        OSError: it cannot be written to.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # The file stays: whoever removed it would let two servers lock two files of the same name.
        self._file: int | None = os.open(folder / "server.lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(self._file)
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return
            self.release()
            if error.errno not in _TAKEN:
                raise
            raise CannotServe(
                f"another server works with the data in {folder}, and one at a time can: stop it, or choose another "
                "folder with --data-dir / MOCKMKTO_DATA_DIR",
                error.errno,
            ) from None

    def release(self) -> None:
        """Let another server have it; again does nothing."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
