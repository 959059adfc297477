"""API tokens as administrators make and revoke them, and the page that tells what they are for."""

import httpx
from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.test_accessible import axe_finds_nothing, never_scrolls_sideways
from tests.support.installation import Installation, eventually


def test_a_token_is_made_seen_once_used_and_revoked(person: Enter, house: Installation) -> None:
    """[AT7, AT3] By keyboard; in whichever process it is used."""
    ada = person("admin")
    page = ada.enter("/tokens").page
    ada.button("Make a token").first.press("Enter")
    form = page.get_by_role("dialog", name="Make a token")
    expect(form.get_by_label("Name")).to_be_focused()
    ada.press("Enter")
    expect(form.get_by_role("alert")).to_have_text("Which program will use it?")
    ada.type("Telephone system")
    ada.press("Enter")
    expect(form.get_by_role("alert")).to_have_text("Choose at least one.")
    expect(form.get_by_label("Read Workflows")).to_be_focused()
    ada.press("Tab", "Tab", "Space")
    axe_finds_nothing(ada)
    ada.press("Enter")

    made = page.get_by_role("dialog", name="Token for Telephone system")
    token = made.locator("code").inner_text()
    axe_finds_nothing(ada)
    ada.button("I have copied it").press("Enter")
    row = page.get_by_role("row", name="Telephone system")
    expect(row).to_contain_text("Read people")
    expect(row).to_contain_text("All teams")
    expect(row).to_contain_text("Never")
    assert token not in page.content()

    with httpx.Client(base_url=house.address, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as client:
        assert client.get("/api/v1/people").status_code == 200
        page.reload()
        expect(row).not_to_contain_text("Never")
        axe_finds_nothing(ada)
        page.set_viewport_size({"width": 320, "height": 640})
        assert never_scrolls_sideways(ada)
        page.set_viewport_size({"width": 1440, "height": 900})
        ada.button("Revoke the token of Telephone system…").click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
        expect(row).to_contain_text("Revoked")
        eventually(lambda: {client.get("/api/v1/people").status_code for _ in range(4)} == {401}, 2.5)


def test_what_the_api_does_is_told_to_everybody(person: Enter) -> None:
    """[AP18] Without anything from elsewhere, on a small screen too."""
    visitor = person("agent", elsewhere=True)
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.page.goto(f"{visitor.home}/api/docs")
    page = visitor.page
    card = page.get_by_role("article", name="Start a Session for an agent")
    expect(card).to_contain_text("sessions:start")
    card.get_by_text("Problems", exact=True).click()
    expect(card).to_contain_text("external_id_taken")
    card.get_by_text("Example", exact=True).click()
    expect(card).to_contain_text('"Idempotency-Key: $(uuidgen)"')
    axe_finds_nothing(visitor)
    page.set_viewport_size({"width": 320, "height": 640})
    assert never_scrolls_sideways(visitor)
    assert all(url.startswith(visitor.home) for url in asked)
