"""Every integration keeps the same promises, our own and installed ones alike."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

import msgspec
import pytest

from protocol.actions import OutcomeKind
from protocol.integrations import Integration, ParameterType, Safety
from server.actions.headers import header_problem
from server.actions.integrations import INTEGRATIONS, find_action
from server.actions.integrations.base import (
    BadConnection,
    BadOrder,
    FollowsUp,
    HttpRequest,
    HttpResponse,
    LooksUp,
    MailMessage,
    MailServer,
    Reach,
    Refreshes,
)
from tests.support.orders import (
    GOOD_ANSWERS,
    HOSTS,
    KEY,
    SECRETS,
    answer,
    build,
    classify,
    connection,
    get,
    order,
)

ACTIONS = [action.id for module in INTEGRATIONS.values() for action in module.DESCRIPTION.actions]
OVER_HTTP = [action for action in ACTIONS if not action.startswith("email.")]
SECRET_TEXTS = [secret for secrets in SECRETS.values() for secret in secrets.values()]
SENT, DEFERRED, AMBIGUOUS = OutcomeKind.SENT, OutcomeKind.DEFERRED, OutcomeKind.AMBIGUOUS
REFUSED, UNAUTHORISED = OutcomeKind.REFUSED, OutcomeKind.UNAUTHORISED


class TestDescription:
    @pytest.mark.parametrize("key", INTEGRATIONS)
    def test_it_is_what_the_protocol_says(self, key: str) -> None:
        """[IN10] Written and read again it is the same: patterns and lengths hold."""
        description = INTEGRATIONS[key].DESCRIPTION

        assert msgspec.json.decode(msgspec.json.encode(description), type=Integration) == description
        assert description.key == key

    @pytest.mark.parametrize("key", INTEGRATIONS)
    def test_keys_of_settings_and_actions_are_unique(self, key: str) -> None:
        """[IN10] A form has one place for each."""
        description = INTEGRATIONS[key].DESCRIPTION

        assert len({setting.key for setting in description.settings}) == len(description.settings)
        assert len({action.id for action in description.actions}) == len(description.actions)
        assert all(action.id.startswith(f"{key}.") for action in description.actions)
        assert all(not setting.default for setting in description.settings if setting.secret)

    @pytest.mark.parametrize("action", ACTIONS)
    def test_keys_of_parameters_are_unique_and_the_target_is_one_of_them(self, action: str) -> None:
        """[IN10] And choices have options, and nothing else has."""
        _, described = get(action)
        keys = [parameter.key for parameter in described.parameters]

        assert len(set(keys)) == len(keys)
        assert described.target in keys
        for parameter in described.parameters:
            assert bool(parameter.options) == (parameter.type is ParameterType.CHOICE)

    @pytest.mark.parametrize("action", ACTIONS)
    def test_integration_is_a_module_of_the_contract(self, action: str) -> None:
        """[IN10] What is offered beyond it is found by its names."""
        module, _ = get(action)

        assert isinstance(module, Refreshes) == (module.DESCRIPTION.key == "google_calendar")
        assert isinstance(module, LooksUp) == (module.DESCRIPTION.key == "google_calendar")
        assert isinstance(module, FollowsUp) == (module.DESCRIPTION.key == "hubspot")

    def test_unknown_actions_are_not_found(self) -> None:
        """[IN10] Nor another version of one that is known."""
        assert [find_action(action) for action in ("fax.send@1", "webhook.post@2", "", "webhook")] == [None] * 4


class TestBuild:
    @pytest.mark.parametrize("action", ACTIONS)
    def test_same_order_gives_the_same_bytes(self, action: str) -> None:
        """[IN20, IN22] However often it is tried, and however its parameters are ordered."""
        module, _ = get(action)
        once = order(action)
        turned = replace(once, parameters=dict(reversed(once.parameters.items())))
        built = [module.build(each, connection(module.DESCRIPTION.key)) for each in (once, turned)]

        if isinstance(built[0], MailMessage):
            assert built[0] == built[1]
        else:
            first, second = (request for request in built if isinstance(request, HttpRequest))
            assert (first.method, first.url, first.body) == (second.method, second.url, second.body)

    @pytest.mark.parametrize("action", OVER_HTTP)
    def test_host_is_the_vendors_or_the_connections(self, action: str) -> None:
        """[IN21] Nothing that an Action says chooses it."""
        key = get(action)[0].DESCRIPTION.key

        assert build(action).url.startswith(f"https://{HOSTS.get(key, 'crm.test')}/")

    @pytest.mark.parametrize("action", [a for a in OVER_HTTP if a.partition(".")[0] in HOSTS])
    def test_base_url_of_a_connection_takes_the_vendors_place(self, action: str) -> None:
        """[IN19] For tests, and for those who reach it through something of their own."""
        module, _ = get(action)
        key = module.DESCRIPTION.key
        request = module.build(order(action), connection(key, base_url="https://crm.test/through/"))

        assert isinstance(request, HttpRequest)
        assert request.url.startswith("https://crm.test/through/")
        with pytest.raises(BadConnection, match="Base URL"):
            module.build(order(action), connection(key, base_url="crm.test"))

    @pytest.mark.parametrize("action", ACTIONS)
    def test_key_reaches_the_wire_where_it_makes_a_repeat_harmless(self, action: str) -> None:
        """[IN17] As it is, or as an id made of it."""
        module, described = get(action)
        request = module.build(order(action), connection(module.DESCRIPTION.key))
        if described.safety is Safety.NONE:
            return
        assert isinstance(request, HttpRequest)
        made = base64.b32hexencode(hashlib.sha256(KEY.encode()).digest()).decode().rstrip("=").lower()
        on_the_wire = request.body.decode() + " ".join(request.headers.values())
        assert KEY in on_the_wire or made in on_the_wire

    @pytest.mark.parametrize("action", OVER_HTTP)
    def test_headers_are_ones_that_egress_lets_out(self, action: str) -> None:
        """[IN6] Else nothing would ever be sent."""
        assert [header_problem(*header) for header in build(action).headers.items()] == [None] * len(
            build(action).headers
        )

    @pytest.mark.parametrize("action", ACTIONS)
    def test_no_credential_is_in_the_text_of_what_was_built(self, action: str) -> None:
        """[IN8] Texts end in logs and in tracebacks."""
        module, _ = get(action)
        held = connection(module.DESCRIPTION.key)
        texts = f"{held!r} {module.build(order(action), held)!r} {module.probe(held)!r}"

        assert [secret for secret in SECRET_TEXTS if secret in texts] == []

    @pytest.mark.parametrize("action", ACTIONS)
    def test_every_required_parameter_is_asked_for_by_its_path(self, action: str) -> None:
        """[IN11] All of them at once."""
        module, described = get(action)
        required = {parameter.key for parameter in described.parameters if parameter.required}
        if not required:
            return
        with pytest.raises(BadOrder) as raised:
            module.build(replace(order(action), parameters={}), connection(module.DESCRIPTION.key))
        assert set(raised.value.problems) == required

    @pytest.mark.parametrize("action", ACTIONS)
    def test_every_parameter_of_another_type_is_told_by_its_path(self, action: str) -> None:
        """[IN11] A number where a text is expected, a text where a list or an object is."""
        module, described = get(action)
        for parameter in described.parameters:
            if parameter.type is ParameterType.JSON:
                continue
            is_many = parameter.type in (ParameterType.MAP, ParameterType.EMAILS)
            with pytest.raises(BadOrder) as raised:
                module.build(
                    order(action, **{parameter.key: "x" if is_many else 7}), connection(module.DESCRIPTION.key)
                )
            assert list(raised.value.problems) == [parameter.key]

    @pytest.mark.parametrize("action", ACTIONS)
    def test_parameter_of_another_name_is_refused(self, action: str) -> None:
        """[IN11] It would be left out silently."""
        module, _ = get(action)
        with pytest.raises(BadOrder) as raised:
            module.build(order(action, surprise="x"), connection(module.DESCRIPTION.key))
        assert list(raised.value.problems) == ["surprise"]

    @pytest.mark.parametrize("key", INTEGRATIONS)
    def test_every_required_setting_is_missed(self, key: str) -> None:
        """[IN10] By its label, without showing the others."""
        module = INTEGRATIONS[key]
        for setting in module.DESCRIPTION.settings:
            if not setting.required or setting.default:
                continue
            whole = connection(key)
            lacking = replace(
                whole,
                settings={name: held for name, held in whole.settings.items() if name != setting.key},
                secrets={name: held for name, held in whole.secrets.items() if name != setting.key},
            )
            with pytest.raises(BadConnection, match=setting.label) as raised:
                module.probe(lacking)
            assert [secret for secret in SECRET_TEXTS if secret in str(raised.value)] == []


class TestStatuses:
    @pytest.mark.parametrize("action", OVER_HTTP)
    @pytest.mark.parametrize(
        ("status", "headers", "kind"),
        [
            (301, {"location": "https://elsewhere.test"}, REFUSED),
            (400, {}, REFUSED),
            (401, {}, UNAUTHORISED),
            (403, {}, UNAUTHORISED),
            (404, {}, REFUSED),
            (408, {}, AMBIGUOUS),
            (410, {}, REFUSED),
            (413, {}, REFUSED),
            (422, {}, REFUSED),
            (429, {}, DEFERRED),
            (429, {"retry_after": "7"}, DEFERRED),
            (500, {}, AMBIGUOUS),
            (502, {}, AMBIGUOUS),
            (503, {}, AMBIGUOUS),
            (503, {"retry_after": "7"}, DEFERRED),
            (504, {}, AMBIGUOUS),
        ],
    )
    def test_status_means_the_same_everywhere(
        self, action: str, status: int, headers: dict[str, str], kind: OutcomeKind
    ) -> None:
        """[IN13] Whatever stands in the body, or nothing."""
        module, _ = get(action)
        observed = module.classify(order(action), answer(status, **headers))

        assert observed.kind is kind
        assert observed.status == status
        assert observed.message
        assert observed.retry_after_ms == (7_000 if "retry_after" in headers else None)
        assert observed.disables_connection == (status == 410)
        assert observed.results == {}
        assert module.classify_probe(answer(status, **headers)).kind is kind
        if isinstance(module, FollowsUp):
            assert module.classify_follow_up(order(action), answer(status, **headers)).kind is kind

    @pytest.mark.parametrize("action", OVER_HTTP)
    def test_conflict_is_refused_unless_it_is_our_own_id(self, action: str) -> None:
        """[IN13, IN26] Only the calendar's id is made of the key."""
        assert classify(action, answer(409)) is (SENT if action.startswith("google_calendar") else REFUSED)

    @pytest.mark.parametrize("action", OVER_HTTP)
    def test_good_answer_is_sent_and_gives_the_results_that_were_described(self, action: str) -> None:
        """[IN13] No more and no less."""
        module, described = get(action)
        observed = module.classify(order(action), answer(200, GOOD_ANSWERS.get(action)))

        assert observed.kind is SENT
        assert set(observed.results) == set(described.results)
        assert observed.message == ""

    @pytest.mark.parametrize("action", [action for action in GOOD_ANSWERS if not action.startswith("google")])
    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{", b'{"ok": "yes"}'])
    def test_success_without_the_words_for_it_is_ambiguous(self, action: str, body: bytes) -> None:
        """[IN13] Something answered 200; whether it was the vendor nobody knows."""
        assert classify(action, HttpResponse(200, {}, body)) is AMBIGUOUS

    @pytest.mark.parametrize(
        ("text", "waits_ms"),
        [
            ("120", 120_000),
            (" 0 ", 0),
            ("Fri, 20 Mar 2026 10:00:30 GMT", 30_000),
            ("Fri, 20 Mar 2026 09:00:00 GMT", 0),
            ("99999999999999999999", 7 * 24 * 3_600_000),
            ("soon", None),
            ("-5", None),
            ("1.5", None),
            ("", None),
        ],
    )
    @pytest.mark.parametrize("tells_time", [True, False])
    def test_retry_after_is_seconds_or_a_date(self, text: str, waits_ms: int | None, tells_time: bool) -> None:
        """[IN13] By the receiver's own clock if it told the time."""
        headers = {"retry-after": text}
        if tells_time:
            headers["date"] = "Fri, 20 Mar 2026 10:00:00 GMT"
        received_ms = 0 if tells_time else 1_774_000_800_000
        response = HttpResponse(429, headers, b"", received_ms=received_ms)

        assert get("webhook.post@1")[0].classify(order("webhook.post@1"), response).retry_after_ms == waits_ms


@pytest.mark.parametrize(
    ("key", "kind"),
    [("webhook", Reach), ("http", Reach), ("email", MailServer), ("slack", HttpRequest), ("hubspot", HttpRequest),
     ("twilio", HttpRequest), ("google_calendar", HttpRequest)],
)  # fmt: skip
def test_connection_is_tried_by_what_does_no_harm(key: str, kind: type) -> None:
    """[IN19] Reading, or less."""
    probe = INTEGRATIONS[key].probe(connection(key))

    assert isinstance(probe, kind)
    assert not isinstance(probe, HttpRequest) or probe.method == "GET" or probe.url.endswith("/auth.test")
