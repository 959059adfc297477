"""Watching unseen, from the permission to the first act."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.test_accessible import axe_finds_nothing


@pytest.mark.long
def test_a_coach_watches_unseen_until_they_do_something(person: Enter) -> None:
    """[PR4, PR5, PR7, PE17] Given by an administrator; after a reload too; a mark shows them."""
    ana, cleo, ada = person("agent"), person("coach", elsewhere=True), person("admin")
    ada.enter("/people")
    row = ada.page.get_by_role("row").filter(has_text="Cleo Coach")
    row.get_by_role("button").first.click()
    ada.page.get_by_label("Watch unseen").check()
    ada.button("Save").click()
    expect(ada.page.get_by_role("dialog")).to_be_hidden()
    expect(row).to_contain_text("Watch unseen")
    ana.start()
    address = ana.page.url.removeprefix(ana.home)
    here = ana.page.get_by_role("list", name="Who is here")
    cleo.enter("/account")
    hides = cleo.page.get_by_role("switch", name="Watch unseen")
    hides.press("Space")
    expect(hides).to_be_checked()
    cleo.enter(address)
    expect(cleo.seat).to_contain_text("Watching unseen")
    cleo.button("Be seen").click()
    expect(here).to_contain_text("Cleo Coach")
    cleo.button("Watch unseen").click()
    expect(cleo.seat).to_contain_text("Watching unseen")
    axe_finds_nothing(cleo)
    cleo.page.reload()
    expect(cleo.seat).to_contain_text("Watching unseen")
    expect(here).not_to_contain_text("Cleo Coach")
    cleo.press("k")
    cleo.page.get_by_role("dialog").get_by_role("button").filter(has_text="Well done").click()
    expect(cleo.seat).to_contain_text("Watching · Ana Agent drives")
    expect(here).to_contain_text("Cleo Coach")
    row.get_by_role("button").first.click()
    ada.page.get_by_label("Watch unseen").uncheck()
    ada.button("Save").click()
