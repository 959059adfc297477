"""Makes what `test_upgrade.py` starts today's code on: a data directory as this code leaves it.

Run it with the code of a release, from a checkout of that release:

    PYTHONPATH=. .venv/bin/python /path/to/this/make.py /path/to/tests/upgrade/0.1.0.tar.xz

It starts a demo, does what an installation is used for, stops it, and packs the
directory with a file that says what must be found in it. Nothing is taken out of
an archive that was made; a new release adds its own.
"""

import asyncio
import io
import json
import sys
import tarfile
import tempfile
from pathlib import Path

import msgspec

from protocol.commands import End, Pause, SetField
from tests.support.installation import installed
from tests.support.product import Product

FIELD = "account_number"
KEPT = {"live": "acc-live-4711", "paused": "acc-paused-4712", "finished": "acc-finished-4713"}


async def call(product: Product, what: str) -> dict[str, object]:
    """One Session, and how it ends up; what its log says."""
    page = await product.page("agent2" if what == "paused" else "agent")
    session_id = await page.start(product.version.id)
    await page.command(session_id, SetField(visit_id="v1", seat=1, field_key=FIELD, content=KEPT[what]))
    if what == "paused":
        await page.command(session_id, Pause(visit_id="v1", seat=1, reason="Rings back"))
    elif what == "finished":
        await page.command(session_id, End(reason_key="hung_up"))
    await page.close()
    entries = [msgspec.to_builtins(entry) for entry in await product.log(session_id)]
    return {"session_id": session_id, "content": KEPT[what], "log": entries}


async def make(data_dir: Path) -> dict[str, object]:
    """Use an installation; what must be found in what it leaves."""
    with installed(data_dir, "--demo") as installation:
        await asyncio.to_thread(installation.start)
        product = Product(installation)
        await product.prepare()
        said = {what: await call(product, what) for what in KEPT}
        await asyncio.sleep(3)  # rows follow the logs
        assert await asyncio.to_thread(installation.stop) == 0
    return {"version_id": product.version.id, "sessions": said}


def main(target: Path) -> None:
    """Make and pack."""
    with tempfile.TemporaryDirectory(prefix="sc-up-") as folder:
        data_dir = Path(folder) / "data"
        said = json.dumps(asyncio.run(make(data_dir))).encode()
        for log in data_dir.rglob("*.log"):
            log.unlink()
        with tarfile.open(target, "w:xz") as packed:
            packed.add(data_dir, "data")
            about = tarfile.TarInfo("said.json")
            about.size = len(said)
            packed.addfile(about, io.BytesIO(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
