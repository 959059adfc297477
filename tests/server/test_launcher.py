"""`sidecoach serve` as processes: started, killed in every part, started again, stopped."""

import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from standardwebhooks.webhooks import Webhook

from server.receiver.secret import demo_signing_secret
from server.settings import Settings
from server.worker_keeper import pause_s
from tests.support.installation import Installation, eventually, installed


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A demo with two server processes; starting one takes seconds, so the tests share it, killed or not."""
    with installed(
        tmp_path_factory.mktemp("installation") / "data", "--demo", "--workers", "2", "--metrics-port", "0"
    ) as installation:
        yield installation


@pytest.fixture
def house(installation: Installation) -> Installation:
    """The demo, started and ready."""
    return installation if installation.is_running else installation.start()


def scrape(house: Installation) -> str:
    """What Prometheus gets, at the address that the start prints."""
    said = next(line for line in house.output.splitlines() if line.startswith("Figures for Prometheus: "))
    return httpx.get(said.removeprefix("Figures for Prometheus: "), trust_env=False).text


def sign_in(house: Installation) -> httpx.Client:
    """Ana's browser."""
    address = f"http://agent.localhost:{house.port}"
    headers = {"Host": address.removeprefix("http://"), "Origin": address}
    answer = httpx.post(f"{house.address}/api/demo/sign-in", headers=headers)
    assert answer.status_code == 204
    # httpx would file the cookie under the address it connects to, not under the Host it names.
    cookie = answer.headers["set-cookie"].split(";")[0]
    return httpx.Client(base_url=house.address, headers={**headers, "Cookie": cookie})


def all_processes(house: Installation) -> list[psutil.Process]:
    assert house.launcher is not None
    return [psutil.Process(house.launcher.pid), *house.workers(), house.receiver(), house.valkey()]


def deliver_signed(address: str, secret: str) -> dict[str, Any]:
    """What the receiver says about a delivery."""
    now = datetime.now(UTC)
    signature = Webhook(secret).sign("act_1", now, "{}")
    headers = {
        "webhook-id": "act_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    assert httpx.post(f"{address}/hooks/crm", content=b"{}", headers=headers).status_code == 200
    found: dict[str, Any] = httpx.get(f"{address}/api/deliveries").json()["entries"][-1]
    return found


def is_running(process: psutil.Process) -> bool:
    """A zombie that nobody has buried yet is not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class TestStart:
    def test_says_where_to_click_and_has_people_and_workflows(self, house: Installation) -> None:
        """[HS13] `serve --demo` needs nothing else."""
        assert f"http://supervisor.localhost:{house.port}/" in house.output
        with sign_in(house) as browser:
            assert browser.get("/api/me").json()["person"]["name"] == "Ana Agent"
            assert "broadband_retention" in {offer["key"] for offer in browser.get("/api/workflows").json()}

    def test_every_server_process_has_its_own_name(self, house: Installation) -> None:
        """[HS24] And they share one socket."""
        assert len(house.workers()) == 2
        seen: set[str] = set()

        def both_answered() -> bool:
            seen.add(httpx.get(f"{house.address}/healthz").json()["process"])
            return seen == {"w1", "w2"}

        eventually(both_answered)

    def test_a_second_start_says_who_holds_the_directory(self, house: Installation) -> None:
        """[HS22] And disturbs nothing."""
        second = Installation(house.data_dir)
        status = second.launch().wait(20)

        assert house.launcher is not None
        assert status == 1
        assert (
            second.output == f"sidecoach: Sidecoach already runs on {house.data_dir} (process {house.launcher.pid})\n"
        )
        assert house.is_ready()

    def test_a_port_in_use_is_told_in_one_sentence(self, tmp_path: Path) -> None:
        """[HS23] Before anything else is started."""
        with socket.create_server(("127.0.0.1", 0)) as taken, installed(tmp_path / "data") as house:
            port = taken.getsockname()[1]
            status = house.launch(port).wait(20)

            assert status == 1
            assert house.output == (
                f"sidecoach: port {port} is in use on 127.0.0.1: stop what uses it, or give another --port\n"
            )

    @pytest.mark.parametrize(
        ("address", "told"),
        [("redis://127.0.0.1:1", "sidecoach: "), ("gopher://host", "sidecoach: store URL has scheme 'gopher'")],
    )
    def test_a_store_that_cannot_be_used_is_told_in_one_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, told: str
    ) -> None:
        """[HS2] Without a traceback, and nothing is left running."""
        monkeypatch.setenv("REDIS_URL", address)
        with installed(tmp_path / "data") as house:
            status = house.launch().wait(30)

            assert status == 1
            assert "Traceback" not in house.output
            assert house.output.startswith(told)
            assert house.output.count("\n") == 1

    def test_a_start_without_demo_keeps_the_demos_people_out(self, house: Installation) -> None:
        """[HS13] Their sign-ins, too, count for nothing any more."""
        with sign_in(house) as browser:
            cookie = browser.headers["Cookie"]
        house.stop()

        with installed(house.data_dir) as plain:
            plain.start()
            assert httpx.get(f"{plain.address}/api/me", headers={"Cookie": cookie}).status_code == 401
            assert httpx.get(f"{plain.address}/api/demo").status_code == 404


class TestKill:
    def test_a_killed_server_process_comes_back_under_its_name(self, house: Installation) -> None:
        """[HS25] The others serve meanwhile."""
        with sign_in(house) as browser:
            killed = house.workers()[0]
            killed.kill()
            assert browser.get("/api/me").status_code == 200

            eventually(lambda: len({worker.pid for worker in house.workers()} - {killed.pid}) == 2)
            assert browser.get("/api/me").status_code == 200

    def test_a_killed_store_comes_back(self, house: Installation) -> None:
        """[HS25] The server processes stay, and find it again."""
        workers = {worker.pid for worker in house.workers()}
        killed = house.valkey()
        killed.kill()

        eventually(house.is_ready, 20)
        assert house.valkey().pid != killed.pid
        assert {worker.pid for worker in house.workers()} == workers

    def test_after_a_killed_launcher_a_new_start_works_at_once(self, house: Installation) -> None:
        """[HS26] Orphaned processes go, though in use; the orphaned store is adopted; people stay signed in."""
        assert house.launcher is not None
        orphans, store, port = house.workers(), house.valkey().pid, house.port
        with sign_in(house) as browser:
            house.launcher.kill()
            house.launcher.wait()

            house.start(port)

            assert house.valkey().pid == store
            assert browser.get("/api/me").json()["person"]["name"] == "Ana Agent"
            eventually(lambda: not any(is_running(orphan) for orphan in orphans))

    def test_everything_killed_at_once_and_a_new_start_works(self, house: Installation) -> None:
        """[HS26] As after a power cut."""
        port = house.port
        with sign_in(house) as browser:
            for process in all_processes(house):
                process.kill()
            assert house.launcher is not None
            house.launcher.wait()

            house.start(port)

            assert browser.get("/api/me").status_code == 200


class TestReceiver:
    """The demo's receiver, beside the installation."""

    def test_is_announced_and_signs_with_the_installations_secret(self, house: Installation) -> None:
        """[RX10, RX11] Its address is in the start message; deliveries signed with the demo's secret are verified."""
        secret = demo_signing_secret(Settings(data_dir=str(house.data_dir)))

        assert deliver_signed(house.receiver_address, secret)["signature"] == {"verdict": "verified", "why": None}
        assert "shows what Actions send" in house.output

    def test_comes_back_at_the_same_address_when_it_is_killed(self, house: Installation) -> None:
        """[RX10] What it held is gone, and it says so by another run."""
        killed, address = house.receiver(), house.receiver_address
        run = httpx.get(f"{address}/api/deliveries").json()["run"]
        killed.kill()

        def answers() -> bool:
            try:
                return bool(httpx.get(f"{address}/api/deliveries", timeout=5).json()["run"] != run)
            except httpx.TransportError:
                return False

        eventually(answers, 20)
        assert house.receiver().pid != killed.pid
        assert len(house.workers()) == 2

    @pytest.mark.long
    def test_listens_where_it_is_told_and_not_without_a_demo(self, tmp_path: Path) -> None:
        """[RX10] `--receiver-port`; without `--demo` nothing receives."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with installed(tmp_path / "data", "--demo", "--receiver-port", str(port)) as told:
            assert told.start().receiver_address == f"http://127.0.0.1:{port}"
            told.stop()
            plain = Installation(told.data_dir)
            plain.start()
            assert "receiver" not in plain.output
            with pytest.raises(StopIteration):
                plain.receiver()
            plain.stop()


class TestStop:
    def test_leaves_nothing_running(self, house: Installation) -> None:
        """[HS27] Server processes first, the store last; the exit status says that all is well."""
        assert house.launcher is not None
        processes = all_processes(house)

        house.launcher.send_signal(signal.SIGTERM)

        assert house.launcher.wait(20) == 0
        assert not any(is_running(process) for process in processes)
        assert "Traceback" not in house.output

    def test_while_starting_leaves_nothing_running_either(self, tmp_path: Path) -> None:
        """[HS27] Ctrl+C may come at any time."""
        house = Installation(tmp_path / "data", "--demo")
        launcher = house.launch()
        eventually(lambda: (tmp_path / "data" / "lock").exists() and "Traceback" not in house.output)
        valkey = eventually(lambda: _find_valkey(house), 20)

        launcher.send_signal(signal.SIGINT)

        assert launcher.wait(20) == 0
        assert not is_running(valkey)
        assert "Traceback" not in house.output


def test_the_first_administrator_gets_in_by_what_the_start_says(tmp_path: Path) -> None:
    """[PE14, PE15] The command as it is printed, the link that it prints, a password; then nothing is said any more."""
    password = "seven quiet herons on a roof"
    with installed(tmp_path / "data", "--workers", "2") as house:
        house.start()
        (told,) = [line for line in house.output.splitlines() if "people add" in line]
        _, *arguments = shlex.split(told.replace("EMAIL", "ada@example.org").replace("NAME", "Ada"))
        command = [sys.executable, "-m", "server", *arguments]
        link = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
        page, _, token = link.partition("#")
        with httpx.Client(base_url=house.address, headers={"Origin": house.address}) as browser:
            assert page == f"{house.address}/welcome"
            used = browser.post("/api/links/use", json={"token": token, "password": password})
            assert used.status_code == 204
            assert browser.get("/api/me").json()["person"]["roles"] == ["admin"]
            browser.post("/api/sign-out")
            body = {"email": "ada@example.org", "password": password}
            assert browser.post("/api/sign-in", json=body).status_code == 204
            assert browser.get("/api/house").json()["has_people"] is True
            assert token not in house.output
        house.stop()
        house.start()
        assert "people add" not in house.output


def _find_valkey(house: Installation) -> psutil.Process | None:
    try:
        return house.valkey()
    except AssertionError:
        return None


def test_restarts_pause_longer_the_more_often_they_fail() -> None:
    """[HS25] At once for a process that had been steady; never more than 10 s."""
    assert [pause_s(deaths) for deaths in (0, 1, 2, 5, 9)] == [0.0, 0.5, 1.0, 8.0, 10.0]


class TestFigures:
    def test_prometheus_sees_every_process_and_who_died(self, house: Installation) -> None:
        """[OP1] One address for all processes; one that was killed is counted, and seen again when it is back."""
        up = ['sidecoach_process_up{process="w1"} 1.0', 'sidecoach_process_up{process="w2"} 1.0']
        eventually(lambda: all(line in scrape(house) for line in up))
        counted = scrape(house).count("sidecoach_process_restarts_total{")
        house.workers()[0].kill()

        eventually(lambda: scrape(house).count("sidecoach_process_restarts_total{") >= max(counted, 1))
        eventually(lambda: all(line in scrape(house) for line in up), 20)
        eventually(lambda: 'sidecoach_store_up{process="w1"} 1.0' in scrape(house))
