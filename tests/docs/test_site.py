"""The site builds without a warning, and asks nobody else for anything."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.docs.pages import HOUSE

BUILD = """
import sys
from mkdocs.commands.build import build
from mkdocs.config import load_config
config = load_config("mkdocs.yml", strict=True, site_dir=sys.argv[1])
config.extra["placeholders"] = True
build(config)
"""
LOADING = {
    ("script", "src"),
    ("link", "href"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("form", "action"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built with one pixel for each picture. A link or an anchor that leads nowhere fails the build."""
    folder = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        [sys.executable, "-c", BUILD, folder], cwd=HOUSE, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


class Loads(HTMLParser):
    """What a browser would fetch of its own accord to show a page."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if (tag, name) in LOADING and value]


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    loaded = {(page.name, address) for page in site.rglob("*.html") for address in Loads(page).addresses}

    assert len(loaded) > 100
    assert {each for each in loaded if re.match(r"(https?:)?//", each[1])} == set()


def test_no_style_or_script_names_another_host(site: Path) -> None:
    styles = "".join(style.read_text() for style in site.rglob("*.css"))
    scripts = "".join(script.read_text() for script in (site / "assets/javascripts").glob("*.js"))

    assert re.findall(r"""(?:url\(|@import)\s*["']?(?:https?:)?//[^)"']+""", styles) == []
    assert set(re.findall(r"""["'`](https?://[\w.-]+)""", scripts)) <= {"http://www.w3.org", "https://fonts.google"}


def test_generated_parts_are_in_their_pages(site: Path) -> None:
    assert "<svg" in (site / "made/architecture.html").read_text()
    assert "SIDECOACH_DATA_DIR" in (site / "admins/settings.html").read_text()
    assert "workflows recall" in (site / "admins/commands.html").read_text()
    assert 'id="CN1"' in (site / "contributors/spec.html").read_text()
    left = [
        page.name for page in site.rglob("*.html") if re.search(r"<!-- (generated|included|tests):", page.read_text())
    ]
    assert left == []
