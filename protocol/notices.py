"""Notices: what a Workflow's open Sessions are told at once, on a connection and over HTTP.

Rules: protocol/SPEC.md, NC.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.base import END, Key, Millis, Name, Record, TeamId
from protocol.events import Party

MOST_SIGNS = 300

NoticeId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}" + END, description="Drawn when it is written.")]


class NoticeSeverity(StrEnum):
    """How loud it is."""

    INFO = "info"
    WARNING = "warning"


class Notice(Record, frozen=True, kw_only=True):
    """What is told, and in which Sessions."""

    id: NoticeId
    workflow_key: Key
    workflow_name: Name
    section_key: Annotated[Key | None, Meta(description="Only while a Session is on this Section; null: on any.")]
    section_name: Name | None
    team_ids: Annotated[tuple[TeamId, ...], Meta(description="Only in Sessions of one of these teams; none: of all.")]
    text: Annotated[str, Meta(min_length=1, max_length=MOST_SIGNS)]
    severity: NoticeSeverity
    by: Party
    made_ms: Millis
    until_ms: Annotated[Millis | None, Meta(description="It runs out then; null: it stands until it is taken back.")]


class NewNotice(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/notices."""

    workflow_key: Key
    text: Annotated[str, Meta(max_length=2 * MOST_SIGNS)]
    section_key: Key | None = None
    severity: NoticeSeverity = NoticeSeverity.INFO
    until_ms: Millis | None = None


class NoticeLine(Notice, frozen=True, kw_only=True):
    """A notice as those who write some see it."""

    reached: Annotated[int, Meta(description="In how many Sessions its driver had it on the screen; no practice.")]
    ended_ms: Annotated[Millis | None, Meta(description="When it was taken back, or ran out; null while it stands.")]
    taken_back_by: Party | None
    mine: Annotated[bool, Meta(description="Whoever asks may take it back.")]


class NoticeLines(Record, frozen=True, kw_only=True):
    """Answer of /api/notices: those that stand, then those that are over, the newest first."""

    lines: tuple[NoticeLine, ...]
