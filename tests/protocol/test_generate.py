"""Generated files: fresh, and saying what the structs say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from protocol import typescript as emitter
from protocol.commands import COMMAND_TYPES
from protocol.generate import ROOT, SCHEMAS, main, schema_of, stale, write
from protocol.refusals import CloseCode, RefuseCode
from protocol.typescript import typescript

TYPES = typescript()


def declaration(name: str) -> str:
    """The TypeScript of one type."""
    found = re.search(rf"^export (interface|type) {name} .*?(?=\n\n|\Z)", TYPES, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[0]


class TestFiles:
    def test_what_is_committed_is_fresh(self) -> None:
        """[WF15] The same check that `make check` runs."""
        assert stale(ROOT) == ()

    def test_stale_files_are_named_and_fail_the_check(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """[WF15] Missing, changed and left over alike."""
        assert main([], tmp_path) == 0
        assert main(["--check"], tmp_path) == 0
        (tmp_path / "protocol/schema/entry.schema.json").write_text("{}")
        (tmp_path / "protocol/schema/old.schema.json").write_text("{}")
        (tmp_path / "client/src/protocol/protocol.gen.ts").unlink()
        capsys.readouterr()

        assert main(["--check"], tmp_path) == 1

        told = capsys.readouterr().err.splitlines()
        assert [line.partition(":")[0] for line in told] == [
            "client/src/protocol/protocol.gen.ts",
            "protocol/schema/entry.schema.json",
            "protocol/schema/old.schema.json",
        ]

    def test_writing_brings_all_up_to_date_and_touches_nothing_else(self, tmp_path: Path) -> None:
        """[WF15] Left-over schemas go; a second run changes nothing."""
        write(tmp_path)
        (tmp_path / "protocol/schema/old.schema.json").write_text("{}")

        assert write(tmp_path) == ("protocol/schema/old.schema.json",)
        assert write(tmp_path) == ()

    @pytest.mark.parametrize("name", SCHEMAS)
    def test_every_schema_is_a_schema(self, name: str) -> None:
        """[WF15] JSON Schema 2020-12."""
        Draft202012Validator.check_schema(schema_of(name))


class TestTypeScript:
    def test_every_command_close_code_and_refusal_is_there(self) -> None:
        """[WF16] The browser can say every command, and knows every no."""
        for command in COMMAND_TYPES:
            assert f"export interface {command.__name__} {{" in TYPES
        for refusal in RefuseCode:
            assert f'"{refusal.value}"' in declaration("RefuseCode")
        for close in CloseCode:
            assert f"{close.name}: {close.value}," in TYPES

    def test_what_the_server_sends_has_every_property(self) -> None:
        """[WF16] msgspec writes defaults too."""
        assert "?:" not in declaration("Answer")
        assert "  visible_when: Condition | null;" in declaration("Answer")

    def test_what_the_browser_sends_may_leave_out_defaults(self) -> None:
        """[WF16] Only what has no default is asked for."""
        assert "  training?: boolean;" in declaration("StartSession")
        assert "  version_id: VersionId;" in declaration("StartSession")

    def test_tags_are_literals_and_descriptions_are_comments(self) -> None:
        """[WF16] A switch over `type` or `op` is exhaustive."""
        assert '  op: "put";' in declaration("Put")
        assert '  type: "not";' in declaration("Not")
        assert "  /** Base64 of a Yjs v1 update. */" in declaration("NotesUpdate")

    def test_a_type_without_a_translation_is_refused(self) -> None:
        """[WF16] Rather than called `any`."""
        with pytest.raises(TypeError, match="no TypeScript for"):
            emitter.Vocabulary().mention(set[int], every_property=True)

    def test_a_long_comment_takes_several_lines(self) -> None:
        """[WF16] As in the docstring that it comes from."""
        summary, second = "word " * 20 + "end.", "And a second paragraph."

        assert emitter.comment(f"{summary}\n\n{second}", "  ").splitlines() == [
            "  /**",
            f"   * {summary}",
            "   *",
            f"   * {second}",
            "   */",
        ]
        assert emitter.comment(second) == f"/** {second} */\n"
        assert emitter.comment(None) == ""
