"""What MkDocs is told while it builds: see `generated.py`, `included.py` and `pictures.py`."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from docs import generated, included
from docs.pictures import NOTHING_YET, PICTURES, named_by

log = logging.getLogger("mkdocs.hooks.sidecoach")
ELSEWHERE = re.compile(r"https://(?:unpkg\.com|api\.github\.com|gitlab\.com|www\.googletagmanager\.com)")
"""Where the theme would load what this site has no use for."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pictures that tests took. One that is missing is told, unless placeholders will do."""
    for name in sorted(named_by(Path(config.docs_dir))):
        taken = PICTURES / f"{name}.png"
        if not taken.is_file() and not config.extra.get("placeholders"):
            log.warning("picture %s was not taken: make docs takes it", name)
        content = taken.read_bytes() if taken.is_file() else NOTHING_YET
        files.append(File.generated(config, f"pictures/{name}.png", content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in what is generated and what is included."""
    shown = included.included_by(Path(config.docs_dir))
    return generated.fill(included.fill(markdown, page.file.src_uri, shown))


def on_post_build(config: MkDocsConfig) -> None:
    """Leave nothing that would ask another host for anything."""
    for script in (Path(config.site_dir) / "assets/javascripts").glob("*.js"):
        script.write_text(ELSEWHERE.sub("about:blank#", script.read_text()))
    for leftover in (Path(config.site_dir) / "assets").rglob("*.map"):
        leftover.unlink()
