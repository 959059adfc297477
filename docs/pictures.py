"""Pictures of the product: pages name them, `tests/e2e/test_pictures.py` takes them, nobody commits them."""

from __future__ import annotations

import base64
import re
from pathlib import Path

PICTURES = Path(__file__).resolve().parent / "pictures"
"""Where they are put: not known to git."""
NOTHING_YET = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
"""One pixel."""
NAMED = re.compile(r"!\[[^\]]+\]\((?:\.\./)*pictures/([\w-]+)\.png\)")


def named_by(pages: Path) -> set[str]:
    """Every picture that some page shows."""
    return {name for page in pages.rglob("*.md") for name in NAMED.findall(page.read_text())}
