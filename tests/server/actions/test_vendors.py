"""Slack, Twilio, HubSpot and Google: their own words for how it went."""

from __future__ import annotations

import base64
import json

import pytest

from protocol.actions import OutcomeKind
from server.actions.integrations.base import (
    BadOrder,
    FollowsUp,
    LooksUp,
)
from tests.support.orders import (
    GOOD_ANSWERS,
    KEY,
    answer,
    build,
    classify,
    connection,
    get,
    order,
)

SENT, DEFERRED, AMBIGUOUS = OutcomeKind.SENT, OutcomeKind.DEFERRED, OutcomeKind.AMBIGUOUS
REFUSED, UNAUTHORISED = OutcomeKind.REFUSED, OutcomeKind.UNAUTHORISED


class TestSlack:
    @pytest.mark.parametrize(
        ("error", "kind", "about"),
        [
            ("internal_error", AMBIGUOUS, None),
            ("fatal_error", AMBIGUOUS, None),
            ("service_unavailable", AMBIGUOUS, None),
            ("ratelimited", DEFERRED, None),
            ("invalid_auth", UNAUTHORISED, None),
            ("missing_scope", UNAUTHORISED, None),
            ("channel_not_found", REFUSED, "channel"),
            ("msg_too_long", REFUSED, "text"),
            ("whatever_comes_next", REFUSED, None),
        ],
    )
    def test_ok_decides_and_not_the_status(self, error: str, kind: OutcomeKind, about: str | None) -> None:
        """[IN23] All of these are 200."""
        module, _ = get("slack.message@1")
        observed = module.classify(order("slack.message@1"), answer(200, {"ok": False, "error": error}))

        assert observed.kind is kind
        assert error in observed.message
        assert list(observed.field_messages) == ([about] if about else [])


class TestTwilio:
    def test_form_is_what_their_api_wants(self) -> None:
        """[IN24] The account in the path, the pair in Basic."""
        request = build("twilio.sms.send@1")

        assert request.url == "https://api.twilio.com/2010-04-01/Accounts/AC0123/Messages.json"
        assert request.body == b"To=%2B4930123456&From=%2B4930999999&Body=We+call+you+back.+Zo%C3%AB"
        assert request.headers["authorization"] == "Basic " + base64.b64encode(b"AC0123:auth-secret-6").decode()

    def test_error_about_a_parameter_is_told_by_its_path(self) -> None:
        """[IN24] In the review, beside it."""
        module, _ = get("twilio.sms.send@1")
        body = {"code": 21211, "message": "Invalid 'To' Phone Number", "status": 400}
        observed = module.classify(order("twilio.sms.send@1"), answer(400, body))

        assert observed.kind is REFUSED
        assert observed.field_messages == {"to": "Invalid 'To' Phone Number"}

    def test_too_many_is_no_failure(self) -> None:
        """[IN13] They say themselves that it was not processed."""
        assert classify("twilio.sms.send@1", answer(429, {"code": 20429, "message": "Too Many Requests"})) is DEFERRED


class TestHubSpot:
    def test_contact_is_upserted_by_address(self) -> None:
        """[IN25] Twice is once; the key is the trace."""
        request = build("hubspot.contact.upsert@1")

        assert request.url == "https://api.hubapi.com/crm/v3/objects/contacts/batch/upsert"
        assert json.loads(request.body) == {
            "inputs": [
                {
                    "id": "bo@example.com",
                    "idProperty": "email",
                    "objectWriteTraceId": KEY,
                    "properties": {"email": "bo@example.com", "firstname": "Bo"},
                }
            ]
        }

    @pytest.mark.parametrize("action", ["hubspot.deal.create@1", "hubspot.note.create@1"])
    def test_deals_and_notes_are_upserted_by_the_key(self, action: str) -> None:
        """[IN25] In a property that has unique values."""
        [upsert] = json.loads(build(action).body)["inputs"]

        assert (upsert["id"], upsert["idProperty"]) == (KEY, "sidecoach_action_id")
        assert upsert["properties"]["sidecoach_action_id"] == KEY
        assert all(isinstance(value, str) for value in upsert["properties"].values())

    def test_note_has_the_time_that_it_must_have(self) -> None:
        """[IN25] When it was fired."""
        [upsert] = json.loads(build("hubspot.note.create@1").body)["inputs"]

        assert upsert["properties"]["hs_timestamp"] == "2026-03-20T09:46:40.123Z"
        assert upsert["properties"]["hs_note_body"] == "Called back."

    def test_links_are_made_by_further_requests(self) -> None:
        """[IN25] Of what was just created, to each record that the order names."""
        module, _ = get("hubspot.note.create@1")
        assert isinstance(module, FollowsUp)
        ordered = order("hubspot.note.create@1")
        done = module.classify(ordered, answer(200, GOOD_ANSWERS["hubspot.note.create@1"]))  # type: ignore[attr-defined]

        links = module.follow_ups(ordered, connection("hubspot"), done)
        assert [(link.method, link.url.removeprefix("https://api.hubapi.com")) for link in links] == [
            ("PUT", "/crm/v4/objects/notes/9/associations/default/contacts/501"),
            ("PUT", "/crm/v4/objects/notes/9/associations/default/deals/77"),
        ]

    @pytest.mark.parametrize("text", ["501/../../deals/1", "abc", "５"])
    def test_record_id_is_a_number(self, text: str) -> None:
        """[IN25] It becomes a part of a path."""
        with pytest.raises(BadOrder) as raised:
            build("hubspot.deal.create@1", contact_id=text)
        assert list(raised.value.problems) == ["contact_id"]

    @pytest.mark.parametrize(
        ("category", "kind"),
        [("VALIDATION_ERROR", REFUSED), ("RATE_LIMITS", DEFERRED), ("MISSING_SCOPES", UNAUTHORISED), ("NEW", REFUSED)],
    )
    def test_failure_among_several_statuses_is_a_failure(self, category: str, kind: OutcomeKind) -> None:
        """[IN25] 207 is not yet a success."""
        module, _ = get("hubspot.contact.upsert@1")
        body = {"status": "COMPLETE", "results": [], "errors": [{"category": category, "message": "no such property"}]}
        observed = module.classify(order("hubspot.contact.upsert@1"), answer(207, body))

        assert observed.kind is kind
        assert observed.message == f"HubSpot says {category}: no such property"

    def test_success_among_several_statuses_is_a_success(self) -> None:
        """[IN25] If it is the record's."""
        assert classify("hubspot.contact.upsert@1", answer(207, GOOD_ANSWERS["hubspot.contact.upsert@1"])) is SENT


class TestGoogleCalendar:
    def test_event_has_an_id_of_ours(self) -> None:
        """[IN26] In the letters that Google allows."""
        body = json.loads(build("google_calendar.event.create@1").body)

        assert set(body["id"]) <= set("0123456789abcdefghijklmnopqrstuv")
        assert 5 <= len(body["id"]) <= 1024
        assert body["attendees"] == [{"email": "bo@example.com"}]

    @pytest.mark.parametrize("text", ["2026-03-31T14:00:00", "tomorrow", "2026-03-31"])
    def test_time_needs_its_offset(self, text: str) -> None:
        """[IN11] Else it is another time elsewhere."""
        with pytest.raises(BadOrder) as raised:
            build("google_calendar.event.create@1", start=text)
        assert list(raised.value.problems) == ["start"]

    def test_end_is_after_the_beginning(self) -> None:
        """[IN11] In whatever offsets they are written."""
        with pytest.raises(BadOrder) as raised:
            build("google_calendar.event.create@1", end="2026-03-31T12:00:00Z")
        assert list(raised.value.problems) == ["end"]

    def test_limit_told_as_403_is_no_question_of_rights(self) -> None:
        """[IN26] A new token would not help."""
        body = {"error": {"code": 403, "message": "Slow down", "errors": [{"reason": "userRateLimitExceeded"}]}}

        assert classify("google_calendar.event.create@1", answer(403, body)) is DEFERRED

    @pytest.mark.parametrize(
        ("status", "kind"), [(200, SENT), (404, None), (410, SENT), (500, AMBIGUOUS), (401, UNAUTHORISED)]
    )
    def test_look_up_says_whether_it_was_done(self, status: int, kind: OutcomeKind | None) -> None:
        """[IN17] Deleted since is done; and nothing disables the Connection."""
        module, _ = get("google_calendar.event.create@1")
        assert isinstance(module, LooksUp)
        observed = module.classify_look_up(order("google_calendar.event.create@1"), answer(status, {}))

        assert (observed and observed.kind) is kind
        assert observed is None or not observed.disables_connection
