"""The benchmark runs. What it measures is no matter of a test."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]


@pytest.mark.long
def test_every_update_reaches_all_three_and_the_last_line_says_so() -> None:
    command = [sys.executable, "-m", "tests.bench", "--quick", "--sessions", "20", "--rate", "30", "--seconds", "2"]

    ran = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, timeout=120, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.match(r"bench: 180 delivered, lost 0, out of order 0, \d+ µs each, ", ran.stdout.splitlines()[-1])


@pytest.mark.long
def test_every_list_and_every_watcher_is_told_and_the_last_line_says_so() -> None:
    command = [sys.executable, "-m", "tests.bench", "board", "--quick", "--sessions", "20", "--seconds", "2"]

    ran = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, timeout=120, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1] == "bench: 0 Sessions untold, 110 delivered to watchers, lost 0"
