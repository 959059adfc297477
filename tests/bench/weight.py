"""What a browser loads before the live screen can be used: JavaScript and styles, in KB of gzip.

`python -m tests.bench.weight` prints a line per file and fails above the limit. Parts that come later
(Notes) are listed apart.
"""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "server" / "static"
LIMIT_KB = 250.0
"""Of JavaScript, without Notes."""


def weigh(file: Path) -> float:
    """KB (1,000 bytes) as sent with gzip, level 9."""
    return len(gzip.compress(file.read_bytes(), 9, mtime=0)) / 1000


def main() -> int:
    """Print the table; 1 if the first load is too heavy."""
    page = (STATIC / "index.html").read_text()
    first = {STATIC / path.lstrip("/") for path in re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)}
    later = {*(STATIC / "assets").iterdir()} - first
    scripts = sum(weigh(file) for file in first if file.suffix == ".js")
    for title, files in (("first load", first), ("later", later)):
        print(title)
        for file in sorted(files):
            print(f"  {file.name:40} {weigh(file):8.1f} KB")
    print(f"JavaScript of the first load: {scripts:.1f} KB gzip, limit {LIMIT_KB:.0f} KB")
    return int(scripts > LIMIT_KB)


if __name__ == "__main__":
    sys.exit(main())
