"""The file that `sidecoach backup` writes and `sidecoach restore` reads.

A ZIP archive (APPNOTE.TXT 6.3, with its CRC-32 per member) of:

- `keys.json`: the key ring's file, as it is;
- `sql/<table>`: the table's rows, as lists in the order of `columns` in the manifest;
- `logs`: pairs of a Session's id and its log, packed as the archive packs it;
- `manifest.json`, written last: without it the file is not whole.

Members that hold rows are a sequence of chunks: four bytes of length, big-endian, and that many bytes of MessagePack,
a list of rows.

Rules: protocol/SPEC.md, BK1 and BK2.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import msgspec

from protocol.base import Millis, Record
from server.settings import CannotRun

FORMAT = 1
MANIFEST, KEYS, LOGS = "manifest.json", "keys.json", "logs"
LENGTH_BYTES = 4

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[list[Any]]).decode


class Manifest(Record, frozen=True, kw_only=True):
    """What the file holds."""

    format: int
    id: str
    release: str
    revision: str
    """Of the tables, by Alembic."""
    at_ms: Millis
    columns: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, int]
    """By member."""


def contents(manifest: Manifest) -> str:
    """The same in a few words."""
    counts = {member.removeprefix("sql/"): count for member, count in manifest.rows.items()}
    return (
        f"{counts['people']} people, {counts['workflow_versions']} Workflow versions,"
        f" {counts['archived_logs']} archived Sessions and {counts[LOGS]} in the store"
    )


def table_member(name: str) -> str:
    """The member that holds a table's rows."""
    return f"sql/{name}"


class BackupWriter:
    """Writes the members one after the other."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._rows: dict[str, int] = {}

    def write_keys(self, content: bytes) -> None:
        """The key ring's file."""
        self._archive.writestr(KEYS, content)

    @contextmanager
    def rows(self, member: str) -> Iterator[RowsOf]:
        """Rows of one member, as many chunks as it takes."""
        self._rows[member] = 0
        with self._archive.open(member, "w", force_zip64=True) as file:
            yield RowsOf(self._rows, member, file)

    def finish(
        self, *, backup_id: str, release: str, revision: str, at_ms: Millis, columns: Mapping[str, tuple[str, ...]]
    ) -> Manifest:
        """Say that all of it is there."""
        manifest = Manifest(
            format=FORMAT,
            id=backup_id,
            release=release,
            revision=revision,
            at_ms=at_ms,
            columns=columns,
            rows=self._rows,
        )
        self._archive.writestr(MANIFEST, msgspec.json.encode(manifest))
        return manifest


class RowsOf:
    """One member while it is written."""

    def __init__(self, counts: dict[str, int], member: str, file: IO[bytes]) -> None:
        self._counts = counts
        self._member = member
        self._file = file

    def add(self, rows: Iterable[Iterable[Any]]) -> None:
        """One chunk; nothing if there are none."""
        chunk = [list(row) for row in rows]
        if not chunk:
            return
        encoded = _encode(chunk)
        self._file.write(len(encoded).to_bytes(LENGTH_BYTES) + encoded)
        self._counts[self._member] += len(chunk)


class Backup:
    """A whole file, open to be read."""

    def __init__(self, archive: ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.manifest = manifest

    @property
    def keys(self) -> bytes:
        """The key ring's file."""
        return self._archive.read(KEYS)

    def rows(self, member: str) -> Iterator[list[list[Any]]]:
        """The member's rows, in the chunks that they were written in."""
        count = 0
        with self._archive.open(member) as file:
            while head := file.read(LENGTH_BYTES):
                rows = _decode(file.read(int.from_bytes(head)))
                yield rows
                count += len(rows)
        if count != self.manifest.rows[member]:
            raise CannotRun(f"{member}: {count} rows found, {self.manifest.rows[member]} expected")


@contextmanager
def writing_backup(path: Path) -> Iterator[BackupWriter]:
    """Write a new file, for this user alone; it has its name when it is whole and on disk.

    Raises:
        CannotRun: it is there already, or cannot be written.
    """
    if path.exists():
        raise CannotRun(f"{path} exists: a backup is not written over another")
    draft = path.with_name(f"{path.name}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with ZipFile(file, "w", ZIP_DEFLATED) as archive:
                yield BackupWriter(archive)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def reading_backup(path: Path) -> Iterator[Backup]:
    """Open a file whose every byte was checked.

    Raises:
        CannotRun: it is no backup, not whole, damaged, or of a later format.
    """
    try:
        with ZipFile(path) as archive:
            damaged = archive.testzip()
            if damaged is not None:
                raise CannotRun(f"{path} is damaged: {damaged} does not match its checksum")
            yield Backup(archive, _read_manifest(path, archive))
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}") from None
    except BadZipFile:
        raise CannotRun(f"{path} is not a whole backup: expected what `sidecoach backup` wrote") from None


def _read_manifest(path: Path, archive: ZipFile) -> Manifest:
    try:
        manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    except (KeyError, msgspec.MsgspecError):
        raise CannotRun(f"{path} is not a whole backup: expected what `sidecoach backup` wrote") from None
    if manifest.format > FORMAT:
        raise CannotRun(f"{path} was written by release {manifest.release}: expected that one or a later one here")
    return manifest
