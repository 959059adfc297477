"""JSON Schema and TypeScript types, written from the structs of this package.

`python -m protocol.generate` writes them, `--check` names the files that are
stale and fails. `protocol/schema/` is for authors of documents and for tools;
`client/src/protocol/protocol.gen.ts` is for the browser. How the TypeScript
text is made is in `typescript.py`.

Rules: protocol/SPEC.md, WF15.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from protocol.commands import Command
from protocol.events import Entry
from protocol.frames import DownFrame, UpFrame
from protocol.typescript import typescript
from protocol.workflow import WorkflowDocument, WorkflowVersion

ROOT = Path(__file__).resolve().parent.parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"

SCHEMAS: dict[str, Any] = {
    "workflow_document": WorkflowDocument,
    "workflow_version": WorkflowVersion,
    "command": Command,
    "up_frame": UpFrame,
    "down_frame": DownFrame,
    "entry": Entry,
}
"""What gets a schema file of its own, by the name of that file."""


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema of one of `SCHEMAS`."""
    return {"$schema": DIALECT, **msgspec.json.schema(SCHEMAS[name])}


def generated() -> dict[str, str]:
    """Every generated file: its text by its path from the root of the project."""
    files = {
        f"protocol/schema/{name}.schema.json": json.dumps(schema_of(name), indent=2, ensure_ascii=False) + "\n"
        for name in SCHEMAS
    }
    files["client/src/protocol/protocol.gen.ts"] = typescript()
    return files


def stale(root: Path) -> tuple[str, ...]:
    """Paths of generated files that are missing, differ, or should not be there."""
    files = generated()
    differing = [path for path, text in files.items() if not _holds(root / path, text)]
    schemas = (root / "protocol/schema").glob("*.json")
    left_over = [path for path in (f"protocol/schema/{found.name}" for found in schemas) if path not in files]
    return tuple(sorted(differing + left_over))


def write(root: Path) -> tuple[str, ...]:
    """Bring every generated file up to date; the paths that changed."""
    files = generated()
    changed = stale(root)
    for path in changed:
        target = root / path
        if path not in files:
            target.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(files[path], encoding="utf-8")
    return changed


def main(arguments: list[str], root: Path = ROOT) -> int:
    """The command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m protocol.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is stale")
    if parser.parse_args(arguments).check:
        found = stale(root)
        for path in found:
            print(f"{path}: stale, run 'make gen'", file=sys.stderr)
        return 1 if found else 0
    for path in write(root):
        print(f"wrote {path}")
    return 0


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
