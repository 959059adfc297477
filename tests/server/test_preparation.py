"""What is made ready before anybody is served, and what is refused."""

import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from server.preparation import prepare
from server.settings import CannotRun, Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "data").mkdir()
    return Settings(data_dir=str(tmp_path / "data"))


async def test_a_socket_directory_that_others_may_enter_is_refused(settings: Settings) -> None:
    """[HS32] Whoever made it first could stand between us and our store."""
    settings.runtime_path.mkdir()
    settings.runtime_path.chmod(0o777)

    async with AsyncExitStack() as stack:
        with pytest.raises(CannotRun, match="not a directory of ours alone"):
            await prepare(settings, stack)


async def test_a_key_ring_that_others_may_read_is_refused(settings: Settings) -> None:
    """[HS2] In one sentence, before anything is started."""
    settings.key_ring_path.write_text("{}")
    settings.key_ring_path.chmod(0o644)

    async with AsyncExitStack() as stack:
        with pytest.raises(CannotRun, match="others may read the keys"):
            await prepare(settings, stack)
