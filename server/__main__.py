"""The command line: `serve`, `worker`, `doctor`, `backup`, `restore`, `workflows …`, `people …` and others.

What a person did wrong is told in one sentence, without a traceback, and the
exit status is 1; 2 is for a command line that cannot be read.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from protocol.account import PersonRole
from server.ports import Unavailable
from server.settings import SETTINGS, CannotRun, Settings, read_settings

STORAGE_SETTINGS = {"data_dir", "database_url", "key_ring"}
ADDRESS_SETTINGS = {"public_url", "port"}
"""What a link leads to."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    given = build_parser().parse_args(arguments)
    os.umask(0o077)  # whatever is written holds people's data: for this user alone
    try:
        return _run(given)
    except (CannotRun, Unavailable) as error:
        print(f"sidecoach: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def build_parser() -> argparse.ArgumentParser:
    """The commands and their flags, from the settings table."""
    parser = argparse.ArgumentParser(prog="sidecoach", description="Shared, live, scripted call guidance.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="run the installation until Ctrl+C")
    _add_settings(serve, {setting.name for setting in SETTINGS})

    worker = commands.add_parser("worker", help="only send what Actions have due, beside a running installation")
    _add_settings(worker, {setting.name for setting in SETTINGS})
    doctor = commands.add_parser("doctor", help="look whether everything is where it belongs, and mend the due sets")
    doctor.add_argument("--json", action="store_true", help="tell it as one JSON object")
    _add_settings(doctor, {setting.name for setting in SETTINGS})

    backup = commands.add_parser("backup", help="write all of an installation to one file, while it runs or not")
    restore = commands.add_parser("restore", help="make an installation from such a file, where there is none")
    for command in (backup, restore):
        command.add_argument("file", type=Path)
        _add_settings(command, STORAGE_SETTINGS | {"redis_url"})

    workflows = commands.add_parser("workflows", help="import, list, export and recall Workflows")
    verbs = workflows.add_subparsers(dest="verb", required=True, metavar="VERB")
    importing = verbs.add_parser("import", help="publish the next version of a Workflow from a JSON or YAML document")
    importing.add_argument("file", type=Path)
    importing.add_argument("--draft", action="store_true", help="keep it as the Workflow's draft, publish nothing")
    listing = verbs.add_parser("list", help="list the Workflows that are offered, and drafts")
    exporting = verbs.add_parser("export", help="write the newest version of a Workflow to standard output")
    exporting.add_argument("key")
    recalling = verbs.add_parser("recall", help="offer a version no more, and resume no Session that is paused on it")
    recalling.add_argument("key")
    recalling.add_argument("--version", type=int, metavar="N", help="its number; the newest if none is given")
    recalling.add_argument("--undo", action="store_true", help="take a recall back")
    for verb in (importing, listing, exporting, recalling):
        _add_settings(verb, STORAGE_SETTINGS)

    people = commands.add_parser("people", help="add people, make their one-time links, and list them")
    people_verbs = people.add_subparsers(dest="verb", required=True, metavar="VERB")
    adding = people_verbs.add_parser("add", help="add somebody, and print the one-time link that lets them in")
    adding.add_argument("email", metavar="EMAIL")
    adding.add_argument("--name", required=True)
    adding.add_argument("--role", required=True, action="append", choices=list(PersonRole), help="may be repeated")
    adding.add_argument("--team", default=[], action="append", help="name or id of a team; may be repeated")
    linking = people_verbs.add_parser("link", help="print a new one-time link, for a password that was lost, too")
    linking.add_argument("email", metavar="EMAIL")
    for verb in (adding, linking):
        _add_settings(verb, STORAGE_SETTINGS | ADDRESS_SETTINGS)
    _add_settings(people_verbs.add_parser("list", help="list everybody"), STORAGE_SETTINGS)

    making = commands.add_parser("key-ring", help="write a new key ring, for servers on several machines to share")
    making.add_argument("file", type=Path)
    operating = commands.add_parser("operating-files", help="write the files for operators: proxy, systemd, Prometheus")
    operating.add_argument("directory", type=Path)

    receiver = commands.add_parser("receiver", help="run a receiver of Actions by itself, to look at and to misbehave")
    receiver.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="loopback only. Default: 127.0.0.1.")
    receiver.add_argument("--port", type=int, default=8100, metavar="N", help="0 picks a free one. Default: 8100.")
    receiver.add_argument("--mail-port", type=int, default=8101, metavar="N", help="for e-mail. Default: 8101.")
    receiver.add_argument("--secret", action="append", default=[], metavar="whsec_…", help="may be given twice")

    commands.add_parser("selftest", help="check this installation's software with a throw-away server")
    commands.add_parser("worker-process")
    commands.add_parser("receiver-process")
    return parser


def _add_settings(parser: argparse.ArgumentParser, names: set[str]) -> None:
    for setting in SETTINGS:
        if setting.name not in names:
            continue
        default = f" Default: {setting.default}." if setting.default else ""
        text = f"{setting.meaning}{default} [{setting.variable}]"
        if setting.is_switch:
            parser.add_argument(setting.flag, action="store_true", default=None, help=text)
        else:
            parser.add_argument(setting.flag, metavar="VALUE", help=text)


def _run(given: argparse.Namespace) -> int:
    # Each command loads what it needs: a server process should not wait for what reads documents.
    match given.command:
        case "serve":
            from server.launcher import serve

            return serve(_settings(given))
        case "worker-process":
            from server.worker import run

            return run()
        case "receiver":
            from server.receiver.process import run_alone

            return run_alone(given.host, given.port, given.mail_port, given.secret)
        case "receiver-process":
            from server.receiver.process import run as run_receiver

            return run_receiver()
        case "worker":
            from server import dispatching

            return dispatching.run(_settings(given))
        case "doctor":
            from server import doctor

            return doctor.run(_settings(given), as_json=given.json)
        case "backup":
            from server import backup

            return backup.run(_settings(given), given.file)
        case "restore":
            from server import restoring

            return restoring.run(_settings(given), given.file)
        case "key-ring":
            from server.store import keyring

            keyring.make(given.file)
            print(f"{given.file}: give it to every server by --key-ring, and keep a copy: nothing opens without it")
            return 0
        case "operating-files":
            from server import operating

            return operating.write(given.directory)
        case "workflows":
            content = _read(given.file) if given.verb == "import" else b""
            return asyncio.run(_run_verb(given, content))
        case "people":
            return asyncio.run(_run_people(given))
        case _:
            return int(importlib.import_module("server.selftest").run())


async def _run_verb(given: argparse.Namespace, content: bytes) -> int:
    from server import cli_workflows

    async with cli_workflows.opened_catalog(_settings(given)) as catalog:
        match given.verb:
            case "import":
                return await cli_workflows.import_document(catalog, given.file, content, given.draft)
            case "list":
                return await cli_workflows.list_offers(catalog)
            case "recall":
                return await cli_workflows.recall(catalog, given.key, given.version, given.undo)
            case _:
                return await cli_workflows.export_newest(catalog, given.key)


async def _run_people(given: argparse.Namespace) -> int:
    from server import cli_people

    settings = _settings(given)
    is_new = settings.database_url is None and not (settings.data_path / "sidecoach.db").exists()
    async with cli_people.opened_roster(settings) as roster:
        match given.verb:
            case "add":
                status = await cli_people.add(roster, settings, given.email, given.name, given.role, given.team)
                if is_new:
                    where = settings.data_dir
                    print(f"{where} is a new installation. For another, name its --data-dir.", file=sys.stderr)
                return status
            case "link":
                return await cli_people.make_link(roster, settings, given.email)
            case _:
                return await cli_people.list_people(roster)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CannotRun(f"{file}: {error.strerror}") from None


def _settings(given: argparse.Namespace) -> Settings:
    return read_settings(vars(given), os.environ)


if __name__ == "__main__":
    sys.exit(main())
