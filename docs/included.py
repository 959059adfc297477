"""Papers of the house that the site shows as they are: their links lead to pages of the site.

A page includes one by a comment on a line of its own: `<!-- included:
CONTRIBUTING.md -->`. What such a paper links to and the site does not show
stays as the name of a file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
MARKER = re.compile(r"^<!-- included: (\S+) -->$", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)")
RULE = re.compile(r"^- \*\*\[([A-Z]{2}\d+)\]\*\*", re.MULTILINE)
CITED = re.compile(r"(?<!\*)\[([A-Z]{2}\d+)\](?![(\]*])")
CODE = re.compile(r"(^```.*?^```$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
SPEC = "contributors/spec.md"


def included_by(pages: Path) -> dict[str, str]:
    """The page that shows each paper."""
    shown = {"README.md": "index.md"}  # says the same for readers of the repository
    for page in sorted(pages.rglob("*.md")):
        for paper in MARKER.findall(page.read_text()):
            shown[paper] = page.relative_to(pages).as_posix()
    return shown


def fill(markdown: str, page: str, shown: Mapping[str, str]) -> str:
    """A page with the papers that it names, and with links from ids of rules to the rules."""
    if MARKER.search(markdown) is None:
        return _outside_code(markdown, lambda text: CITED.sub(lambda rule: _to_rule(rule[1], page), text))
    return MARKER.sub(lambda found: _paper(found[1], page, shown), markdown)


def _paper(paper: str, page: str, shown: Mapping[str, str]) -> str:
    folder = posixpath.dirname(paper)

    def lead(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, found[2]))
        if target not in shown:
            return found[1] if found[1].startswith("`") else f"{found[1]} (`{target}`)"
        return f"[{found[1]}]({posixpath.relpath(shown[target], posixpath.dirname(page))}{found[3] or ''})"

    text = (HOUSE / paper).read_text()
    text = re.sub(r"^```mermaid\n.*?^```$", "<!-- generated: action_statuses -->", text, flags=re.DOTALL | re.MULTILINE)
    text = RULE.sub(lambda rule: f'- <span id="{rule[1]}"></span>**[{rule[1]}]**', text)
    return _outside_code(text, lambda part: LINK.sub(lead, part))


def _to_rule(rule: str, page: str) -> str:
    return f"[{rule}]({posixpath.relpath(SPEC, posixpath.dirname(page))}#{rule})"


def _outside_code(text: str, change: object) -> str:
    assert callable(change)
    return "".join(part if number % 2 else change(part) for number, part in enumerate(CODE.split(text)))
