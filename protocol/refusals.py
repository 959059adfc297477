"""Refusals and close codes: every way in which the server says no.

A refusal answers one command and changes nothing. A close code ends one
connection: 4000 to 4499 come back by themselves, 4500 to 4999 do not.

Rules: protocol/SPEC.md, CM and CL.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class RefuseCode(StrEnum):
    """Why a command was not accepted."""

    BAD_COMMAND = "bad_command"
    NOT_ALLOWED = "not_allowed"
    UNKNOWN_SESSION = "unknown_session"
    SESSION_EXISTS = "session_exists"
    UNKNOWN_VERSION = "unknown_version"
    VERSION_RECALLED = "version_recalled"
    REFUSED_BEFORE = "refused_before"
    STALE_SEAT = "stale_seat"
    STALE_VISIT = "stale_visit"
    NOT_ACTIVE = "not_active"
    NOT_PAUSED = "not_paused"
    FINISHED = "finished"
    NOT_FINISHED = "not_finished"
    UNKNOWN_ANSWER = "unknown_answer"
    ANSWER_HIDDEN = "answer_hidden"
    NO_ANSWER_SELECTED = "no_answer_selected"
    LEADS_NOWHERE = "leads_nowhere"
    NOT_AT_END = "not_at_end"
    FIELDS_MISSING = "fields_missing"
    UNDO_OVER = "undo_over"
    UNKNOWN_REASON = "unknown_reason"
    UNKNOWN_RESPONSE = "unknown_response"
    UNKNOWN_PERSON = "unknown_person"
    ALREADY_OWNER = "already_owner"
    UNKNOWN_SUGGESTION = "unknown_suggestion"
    SUGGESTION_SETTLED = "suggestion_settled"
    SUGGESTIONS_MUTED = "suggestions_muted"
    HELP_CLAIMED = "help_claimed"
    HELP_OVER = "help_over"
    UNKNOWN_TEAM = "unknown_team"
    TRANSFER_OPEN = "transfer_open"
    TRANSFER_OVER = "transfer_over"
    UNKNOWN_WHISPER = "unknown_whisper"
    NOT_HERE = "not_here"
    UNKNOWN_ACTION = "unknown_action"
    UNKNOWN_PARAMETER = "unknown_parameter"
    NOT_EDITABLE = "not_editable"
    NOT_REMOVABLE = "not_removable"
    NOT_IMMEDIATE = "not_immediate"
    ACTION_LOCKED = "action_locked"
    ACTION_SETTLED = "action_settled"
    ACTION_INVALID = "action_invalid"
    ACTIONS_INVALID = "actions_invalid"
    APPROVAL_NEEDED = "approval_needed"
    CHECK_FIRST = "check_first"
    FAILED_TOO_OFTEN = "failed_too_often"
    REVIEW_CHANGED = "review_changed"
    IN_REVIEW = "in_review"
    NOT_IN_REVIEW = "not_in_review"
    STALE_ATTEMPT = "stale_attempt"
    NOT_SWITCHED = "not_switched"
    NOT_ON_PATH = "not_on_path"
    UNKNOWN_SECTION = "unknown_section"
    NOT_OPEN_TO_JUMPS = "not_open_to_jumps"
    UNKNOWN_FIELD = "unknown_field"
    BAD_CONTENT = "bad_content"
    BAD_NOTES = "bad_notes"
    TOO_LARGE = "too_large"
    DRIVER_PRESENT = "driver_present"
    ALREADY_DRIVING = "already_driving"
    HANDOVER_OPEN = "handover_open"
    HANDOVER_OVER = "handover_over"
    NOT_PRESENT = "not_present"
    NOT_TAKEN = "not_taken"
    NOT_SAVED_YET = "not_saved_yet"


class CloseCode(IntEnum):
    """Why a connection ended (private range of RFC 6455, section 7.4.2)."""

    DRAINING = 4001
    SLOW = 4008
    NO_PONG = 4012
    RATE = 4013
    OVERLOAD = 4029
    BAD_ENVELOPE = 4500
    CLIENT_TOO_OLD = 4501
    NOT_SIGNED_IN = 4502
    FORBIDDEN = 4503
    GONE = 4507
