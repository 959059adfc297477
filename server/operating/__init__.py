"""Files for operators: the guide, a proxy, a systemd unit, alert rules and a dashboard. They ship with the wheel.

Rules: protocol/SPEC.md, OP4 and OP12.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from server.settings import CannotRun

HERE = Path(__file__).parent


def files() -> list[Path]:
    """All of them."""
    return sorted(path for path in HERE.iterdir() if path.is_file() and path.suffix not in {".py", ".pyc"})


def write(directory: Path) -> int:
    """Copy them to a directory; the exit status.

    Raises:
        CannotRun: it cannot be written to.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for file in files():
            shutil.copyfile(file, directory / file.name)
            print(directory / file.name)
    except OSError as error:
        raise CannotRun(f"{directory}: {error.strerror}") from None
    return 0
