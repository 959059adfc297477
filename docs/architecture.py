"""The map of the house, drawn from what really imports what.

The Python side is asked of grimp, the browser's side of its import lines.
Where a box stands is said here; which arrows there are is not. A module that
no box claims is drawn in *Running it* or *features*, a new package of the
server in a box of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

import grimp

HOUSE = Path(__file__).resolve().parent.parent
PACKAGES = ("protocol", "session_engine", "server")
WIDTH, ROW, BOX_HEIGHT, GAP = 920, 104, 58, 16


@dataclass(frozen=True, slots=True)
class Box:
    """Part of the house: a name, what it is for, and the modules or folders in it."""

    name: str
    caption: str
    parts: tuple[str, ...]
    kind: str = "server"


def _server(name: str, caption: str, *modules: str) -> Box:
    return Box(name, caption, tuple(f"server.{module}" for module in modules))


def _browser(name: str, caption: str, *folders: str) -> Box:
    return Box(name, caption, tuple(f"client/{folder}" for folder in folders), "browser")


RUNNING = _server("Running it", "launcher, processes, commands", "__main__", "launcher", "worker")
FEATURES = _browser("features", "screens, one folder each", "features", "main")
ROWS: tuple[tuple[Box, ...], ...] = (
    (FEATURES,),
    (
        _browser("palette", "every key", "palette"),
        _browser("ui", "pieces of screens", "ui"),
        _browser("sync", "the page's copy of what is true", "sync"),
    ),
    (_browser("lib", "generic functions", "lib"), _browser("protocol.gen", "types, generated", "protocol")),
    (RUNNING,),
    (_server("app, parts", "where everything is put together", "app", "parts"),),
    (
        _server("http", "pages and API", "http"),
        _server("gateway", "a connection each", "gateway"),
        _server("receiver", "other end of Actions", "receiver"),
    ),
    (
        _server("auth", "who they are", "auth"),
        _server("rooms", "a live Session, its members", "rooms"),
        _server(
            "timers and keeping",
            "what is due; lists; archive",
            "timers", "archiver", "recreating", "mirror", "session_rows", "attention_rows", "erasing",
            "event_hooks", "told_events", "vacating", "retention", "due_mending", "house", "replaying", "alerting",
            "alert_rules", "dwell",
        ),
    ),
    (
        _server("documents", "Workflows as text; samples", "documents", "document_text", "schema_problems", "samples"),
        _server("submit", "the one door for changes", "submit", "circumstances", "folded", "line"),
        _server("actions", "dispatch, Integrations, way out", "actions"),
    ),
    (
        _server("records", "SQL: people, lists, archive", "records"),
        _server("store", "Valkey or Redis: the log", "store"),
    ),
    (
        _server(
            "ports, settings",
            "what the server needs",
            "ports", "people_ports", "api_ports", "event_ports", "alert_ports", "notice_ports", "presence", "settings",
        ),
        _server("watching, log", "figures, traces, log lines", "watching", "log", "listening"),
    ),
    (Box("session_engine", "what is true: decide, evolve, project; no I/O", ("session_engine",), "engine"),),
    (Box("protocol", "the words of both sides", ("protocol",), "protocol"),),
)  # fmt: skip

Arrows = dict[tuple[Box, Box], int]
"""How many imports lead from one box to another."""
Place = tuple[int, float, float]
"""Of a box: its row, its left edge, its width."""


def python_imports() -> dict[str, set[str]]:
    """Every module of the house, and the modules of the house that it imports."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    return {module: set(graph.find_modules_directly_imported_by(module)) for module in sorted(graph.modules)}


def browser_imports() -> dict[str, set[str]]:
    """Every folder of `client/src` as `client/NAME`, and the folders that it imports."""
    source = HOUSE / "client/src"
    imports: dict[str, set[str]] = {}
    for file in sorted(source.rglob("*.ts*")):
        if ".test." in file.name:
            continue
        found = re.findall(r'(?:from|import)\s*\(?"(\.[^"]+)"', file.read_text())
        reached = ((file.parent / path).resolve().relative_to(source) for path in found)
        imports.setdefault(_folder(file.relative_to(source)), set()).update(_folder(path) for path in reached)
    return imports


def _folder(path: Path) -> str:
    return "client/" + path.parts[0].partition(".")[0]


def boxes_and_arrows(
    imports: Mapping[str, Iterable[str]],
) -> tuple[tuple[tuple[Box, ...], ...], Arrows]:
    """The rows with boxes for what nobody placed, and what leads where."""
    rows = list(ROWS)
    owner = {part: box for row in rows for box in row for part in box.parts}
    strangers: dict[str, Box] = {}

    def box_of(module: str) -> Box:
        parts = module.split(".")
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            if name in owner:
                return owner[name]
        package = ".".join(parts[:2])
        if package.startswith("server.") and any(other.startswith(package + ".") for other in imports):
            return strangers.setdefault(package, Box(parts[1], "", (package,)))
        return FEATURES if module.startswith("client/") else RUNNING

    arrows: Arrows = {}
    for module, targets in imports.items():
        if module == "server":
            continue
        for target in targets:
            pair = box_of(module), box_of(target)
            if pair[0] is not pair[1] and target != "server":
                arrows[pair] = arrows.get(pair, 0) + 1
    if strangers:
        place = next(number for number, row in enumerate(rows) if row[0].name == "auth")
        rows.insert(place, tuple(strangers.values()))
    return tuple(rows), arrows


def needed(arrows: Arrows) -> Arrows:
    """Without those arrows that a way over other boxes tells already, so that a person can read it."""
    targets: dict[Box, set[Box]] = {}
    for source, target in arrows:
        targets.setdefault(source, set()).add(target)

    def reaches(source: Box, target: Box, seen: set[Box]) -> bool:
        seen.add(source)
        return target in targets.get(source, set()) or any(
            reaches(step, target, seen) for step in targets.get(source, set()) - seen
        )

    return {
        (source, target): count
        for (source, target), count in arrows.items()
        if not any(step != target and reaches(step, target, {source}) for step in targets[source])
    }


def draw() -> str:
    """The map as SVG; its colours are those of the page that it stands in."""
    rows, arrows = boxes_and_arrows({**python_imports(), **browser_imports()})
    places: dict[Box, Place] = {}
    for number, row in enumerate(rows):
        for column, box in enumerate(row):
            places[box] = number, *_sides(row, column)
    down = needed({pair: count for pair, count in arrows.items() if places[pair[0]][0] < places[pair[1]][0]})
    others = {pair: count for pair, count in arrows.items() if places[pair[0]][0] >= places[pair[1]][0]}
    height = len(rows) * ROW
    drawn = [
        f'<svg class="map" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="map-title" '
        'xmlns="http://www.w3.org/2000/svg">',
        '<title id="map-title">Which part of Sidecoach imports which</title>',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'markerUnits="userSpaceOnUse" orient="auto">'
        '<path d="M0 0L8 4L0 8z"/></marker></defs>',
    ]
    for pairs, kind in ((down, "down"), (others, "up")):
        drawn += [_arrow(places[source], places[target], kind) for source, target in pairs]
    sync = next(box for box in places if box.name == "sync")
    gateway = next(box for box in places if box.name == "gateway")
    drawn.append(_arrow(places[sync], places[gateway], "wire"))
    drawn += [_box(box, *place) for box, place in places.items()]
    return "\n".join([*drawn, "</svg>"])


def _sides(row: tuple[Box, ...], column: int) -> tuple[float, float]:
    """Left edge and width of a box in its row."""
    width = min(300.0, (WIDTH - GAP * (len(row) + 1)) / len(row))
    left = (WIDTH - len(row) * width - (len(row) - 1) * GAP) / 2
    return left + column * (width + GAP), width


def _box(box: Box, row: int, left: float, width: float) -> str:
    top = row * ROW + (ROW - BOX_HEIGHT) / 2
    middle = left + width / 2
    return (
        f'<g class="{box.kind}"><rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{BOX_HEIGHT}" rx="8"/>'
        f'<text x="{middle:.0f}" y="{top + 25:.0f}" class="name">{escape(box.name)}</text>'
        f'<text x="{middle:.0f}" y="{top + 44:.0f}">{escape(box.caption)}</text></g>'
    )


def _arrow(source: Place, target: Place, kind: str) -> str:
    upwards, level = source[0] > target[0], source[0] == target[0]
    edge = (ROW - BOX_HEIGHT) / 2
    start_y = source[0] * ROW + (edge if upwards else ROW - edge)
    end_y = target[0] * ROW + (ROW - edge if upwards or level else edge)
    start_x, end_x = _towards(source, target), _towards(target, source)
    bend = edge * 0.9 if level else (end_y - start_y) * 0.5
    back = -bend if level else bend
    return (
        f'<path class="{kind}" marker-end="url(#tip)" d="M{start_x:.0f} {start_y:.0f}'
        f'C{start_x:.0f} {start_y + bend:.0f} {end_x:.0f} {end_y - back:.0f} {end_x:.0f} {end_y:.0f}"/>'
    )


def _towards(box: Place, other: Place) -> float:
    """Where on its edge a box is left for, or met from, another one: a little to the side where that is."""
    _, left, width = box
    middle, there = left + width / 2, other[1] + other[2] / 2
    return middle + max(-width * 0.35, min(width * 0.35, (there - middle) * 0.25))
