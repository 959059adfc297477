"""The quick form of the kill storm; the long one is `make storm`."""

import subprocess
import sys

import pytest

WITHIN_S = 150


@pytest.mark.xdist_group("storm")
def test_nothing_is_lost_or_doubled_while_what_sends_is_killed_again_and_again() -> None:
    """[DI8] 80 Actions of every strategy, receivers that fail, five kills of dispatchers and one of the store."""
    command = [sys.executable, "-m", "tests.storm", "--quick", "--seed", "20261124"]

    run = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.splitlines()[-1].startswith("storm: lost 0, duplicated 0, unknown ")
