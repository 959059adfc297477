"""Event webhooks from an administrator's choice to what arrives elsewhere."""

import httpx
from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.test_accessible import axe_finds_nothing
from tests.support.installation import Installation, eventually


def test_a_call_that_starts_is_told_to_the_system_that_asked(person: Enter, installation: Installation) -> None:
    """[EV1, EV4, EV5] Chosen in the browser, delivered with a good signature."""
    ada, ana = person("admin"), person("agent")
    ada.enter("/integrations")
    ada.button("More for Call reporting").click()
    ada.page.get_by_role("menuitem", name="Events…").click()
    dialog = ada.page.get_by_role("dialog", name="What Call reporting is told")
    dialog.get_by_role("checkbox", name="A Session starts").check()
    axe_finds_nothing(ada)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()

    ana.start()
    session_id = ana.page.url.rpartition("/")[2]

    def told() -> bool:
        arrived = httpx.get(f"{installation.receiver_address}/api/deliveries").text
        return "session.started" in arrived and session_id in arrived

    eventually(told, 15)
