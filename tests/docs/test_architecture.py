"""The map is of the house as it is."""

from docs.architecture import FEATURES, ROWS, RUNNING, Box, boxes_and_arrows, browser_imports, needed, python_imports


def test_every_part_that_a_box_names_exists() -> None:
    known = {**python_imports(), **browser_imports()}
    named = {part for row in ROWS for box in row for part in box.parts}

    assert named - known.keys() == set()
    assert {f"client/{name}" for name in ("features", "sync", "palette", "ui", "lib", "protocol")} <= named


def test_the_engine_and_the_protocol_import_nothing_of_the_server() -> None:
    _, arrows = boxes_and_arrows(python_imports())

    pure = {"session_engine", "protocol"}
    assert {target.name for source, target in arrows if source.name in pure} == {"protocol"}


def test_what_nobody_placed_is_drawn_nevertheless() -> None:
    imports = {"server.novelty": {"protocol.base"}, "server.wing": set(), "server.wing.room": {"server.novelty"}}

    rows, arrows = boxes_and_arrows({**imports, "client/attic": {"client/lib"}})

    [wing] = [box for row in rows for box in row if box.name == "wing"]
    assert (wing, RUNNING) in arrows
    assert any(source is FEATURES and target.name == "lib" for source, target in arrows)


def test_an_arrow_that_others_tell_already_is_left_out() -> None:
    top, middle, bottom = (Box(name, "", ()) for name in ("top", "middle", "bottom"))

    assert needed({(top, middle): 1, (middle, bottom): 1, (top, bottom): 5}) == {(top, middle): 1, (middle, bottom): 1}
