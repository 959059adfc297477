"""One launcher per data directory, and directories that are nobody else's.

The lock is the kernel's and ends with the process that holds it, however that
ended. The file's text says who holds it, and stays behind when nobody tidied
up.

Rules: protocol/SPEC.md, HS22 and HS32.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.settings import CannotRun


@contextmanager
def hold_directory(directory: Path) -> Iterator[bool]:
    """Hold the data directory; yields whether the holder before was killed.

    Raises:
        CannotRun: somebody else holds it, or it cannot be written to.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotRun(f"data directory {directory}: {error.strerror}") from None
    with os.fdopen(descriptor, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = file.read().strip() or "unknown"
            raise CannotRun(f"Sidecoach already runs on {directory} (process {holder})") from None
        was_killed = file.read() != ""
        _write(file.fileno(), f"{os.getpid()}\n")
        try:
            yield was_killed
        finally:
            _write(file.fileno(), "")


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)


def make_private(directory: Path) -> None:
    """A directory of this user alone. Its name can be guessed, and it lies where everybody may write.

    Raises:
        CannotRun: somebody else was faster.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise CannotRun(f"{directory} is not a directory of ours alone: remove it")
