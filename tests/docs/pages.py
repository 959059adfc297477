"""The pages as tests read them: files, and the fenced examples in them."""

import re
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
PAGES = HOUSE / "docs/pages"
FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)


def pages() -> dict[str, str]:
    """Every page's text by its path."""
    return {page.relative_to(PAGES).as_posix(): page.read_text() for page in sorted(PAGES.rglob("*.md"))}


def examples(language: str) -> Iterator[tuple[str, str]]:
    """Every fenced block of a language, named by its page and number."""
    for path, text in pages().items():
        found = [block["text"] for block in FENCE.finditer(text) if block["language"] == language]
        for number, block in enumerate(found, 1):
            yield f"{path}-{number}", block
