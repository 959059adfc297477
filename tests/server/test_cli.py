"""The command line: what it prints, where, and with which exit status."""

from pathlib import Path

import pytest

from server.__main__ import build_parser, main
from server.samples import SAMPLES
from server.settings import SETTINGS

SAMPLE = SAMPLES / "broadband_retention.yaml"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs one command on a data directory of its own: status, standard output, standard error."""
    monkeypatch.setenv("SIDECOACH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        return (status, *capsys.readouterr())

    return run


class TestImport:
    def test_publishes_once_and_tells_the_version(self, run) -> None:
        """[HS5] The same file again is nothing new."""
        status, _, told = run("workflows", "import", str(SAMPLE))
        assert (status, "published as broadband_retention version 1" in told) == (0, True)

        status, _, told = run("workflows", "import", str(SAMPLE))
        assert (status, "nothing new" in told) == (0, True)
        assert run("workflows", "list")[1].startswith("broadband_retention@1")

    def test_a_draft_is_kept_and_not_published(self, run) -> None:
        """[HS7] `--draft` never publishes."""
        status, _, _ = run("workflows", "import", str(SAMPLE), "--draft")

        assert status == 0
        assert run("workflows", "list")[1] == "broadband_retention  draft\n"

    def test_every_problem_is_told_with_its_path_and_nothing_is_stored(self, run, tmp_path: Path) -> None:
        """[HS6] Two mistakes, two lines."""
        file = tmp_path / "bad.yaml"
        file.write_text(
            "format: sidecoach.workflow/1\nkey: bad\nname: Bad\nstart: nowhere\n"
            "sections:\n  - {key: one, name: One, fields: [missing]}\n"
        )

        status, _, told = run("workflows", "import", str(file))

        assert status == 1
        assert "start" in told
        assert "sections[0].fields[0]" in told
        assert "Traceback" not in told
        assert run("workflows", "list")[1] == ""

    def test_what_an_action_cannot_do_is_told_before_anything_is_published(self, run, tmp_path: Path) -> None:
        """[WF18] By what the Integrations of this installation say of themselves."""
        file = tmp_path / "bad.yaml"
        file.write_text(SAMPLE.read_text().replace("event: visit.book", "evnt: visit.book"))

        status, _, told = run("workflows", "import", str(file))

        assert (status, run("workflows", "list")[1]) == (1, "")
        assert "parameters.evnt: webhook.post@1 has no parameter 'evnt'" in told
        assert "parameters.event: event is missing" in told

    def test_connections_that_nobody_made_yet_are_told_and_stop_nothing(self, run, tmp_path: Path) -> None:
        """[WF20] Each once, of a draft too."""
        file = tmp_path / "calls.yaml"
        integrations = [
            ("webhook.post@1", "Mine"),
            ("webhook.post@1", "Mine"),
            ("slack.message@1", ""),
            ("http.a@1", ""),
        ]
        actions = "".join(
            f"\n      - {{key: a{place}, name: A, integration: {integration}{name and f', connection: {name}'}}}"
            for place, (integration, name) in enumerate(integrations)
        )
        file.write_text(
            "format: sidecoach.workflow/1\nkey: calls\nname: Calls\nstart: one\n"
            f"sections:\n  - key: one\n    name: One\n    actions:{actions}\n"
        )

        status, _, told = run("workflows", "import", "--draft", str(file))

        assert status == 0
        assert [line for line in told.splitlines() if "note:" in line] == [
            "  note: no Connection 'Mine' for webhook yet: its Actions will wait",
            "  note: no Connection for slack yet: its Actions will wait",
            "  note: no Connection for http yet: its Actions will wait",
        ]
        assert "note: no Connection 'Field service' for webhook yet" in run("workflows", "import", str(SAMPLE))[2]

    def test_a_file_that_is_not_there_is_one_sentence(self, run, tmp_path: Path) -> None:
        """[HS2] No traceback for a mistyped name."""
        missing = tmp_path / "missing.yaml"

        status, _, told = run("workflows", "import", str(missing))

        assert (status, told) == (1, f"sidecoach: {missing}: No such file or directory\n")


class TestExport:
    def test_an_export_imports_as_nothing_new(self, run, tmp_path: Path) -> None:
        """[HS5] Import and export are each other's inverse."""
        run("workflows", "import", str(SAMPLE))
        file = tmp_path / "exported.yaml"
        file.write_text(run("workflows", "export", "broadband_retention")[1])

        assert "nothing new" in run("workflows", "import", str(file))[2]

    def test_an_unknown_workflow_is_one_sentence(self, run) -> None:
        """[HS2] With the way to find out."""
        status, _, told = run("workflows", "export", "nothing")

        assert status == 1
        assert "sidecoach workflows list" in told


class TestRecall:
    def test_it_is_offered_no_more_and_can_be_taken_back(self, run) -> None:
        """[HS34] Each time it is said what is offered now."""
        run("workflows", "import", str(SAMPLE))

        status, _, told = run("workflows", "recall", "broadband_retention")
        assert (status, told.endswith("is recalled; offered of broadband_retention is nothing\n")) == (0, True)
        assert run("workflows", "list")[1].endswith("  recalled\n")
        assert "which was recalled" in run("workflows", "import", str(SAMPLE))[2]

        status, _, told = run("workflows", "recall", "broadband_retention", "--version", "1", "--undo")
        assert (status, "is not recalled any more" in told) == (0, True)
        assert "recalled" not in run("workflows", "list")[1]

    def test_an_unknown_version_is_one_sentence(self, run) -> None:
        """[HS2] With the way to find out."""
        run("workflows", "import", str(SAMPLE))

        for arguments in (("nothing",), ("broadband_retention", "--version", "7")):
            status, _, told = run("workflows", "recall", *arguments)
            assert (status, told.count("\n")) == (1, 1)
            assert "sidecoach workflows list" in told


class TestCommandLine:
    def test_serve_has_a_flag_for_every_setting(self, capsys: pytest.CaptureFixture[str]) -> None:
        """[HS1] Help, flags and variables come from one table."""
        with pytest.raises(SystemExit):
            build_parser().parse_args(["serve", "--help"])

        text = " ".join(capsys.readouterr().out.split())
        for setting in SETTINGS:
            assert setting.flag in text
            assert f"[{setting.variable}]" in text

    def test_a_bad_setting_is_one_sentence_and_status_1(self, run) -> None:
        """[HS2] Not a traceback."""
        status, _, told = run("serve", "--host", "0.0.0.0")

        assert status == 1
        assert told.startswith("sidecoach: listening on 0.0.0.0 needs an https address")
        assert told.count("\n") == 1

    def test_an_unknown_command_is_status_2(self) -> None:
        """[HS2] As for any command line that cannot be read."""
        with pytest.raises(SystemExit) as ended:
            main(["dance"])

        assert ended.value.code == 2
