"""`sidecoach selftest`: what an administrator runs before believing an installation."""

import subprocess
import sys


def test_the_installed_software_passes_its_own_test() -> None:
    """A server of its own, killed and started again; a line per step, and the last one counts them."""
    command = [sys.executable, "-m", "server", "selftest"]

    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1] == "selftest: 15 steps, 0 failed"
