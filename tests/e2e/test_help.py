"""An agent asks for help, a supervisor comes, and sees what happened so far."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Enter

PASSWORD = "Quetzal-4711"


def test_an_agent_asks_for_help_and_a_supervisor_comes(person: Enter) -> None:
    """[HP1, HP2, HP4, HP5, HP6, HP7, DG1, DG2, DG3, MK1] F8 from an input; the digest is there on arriving."""
    ana, sam = person("agent"), person("supervisor")
    sam.enter("/sessions")
    ana.start()
    page = ana.page
    page.get_by_label("Account number").fill("12345678")
    page.get_by_label("Security password").fill(PASSWORD)
    top = ana.section.bounding_box()
    page.get_by_role("textbox", name="Account number").focus()
    ana.press("F8")
    expect(ana.seat).to_contain_text("is told")
    assert ana.section.bounding_box() == top
    page.get_by_label("Why, if you like").fill("She wants a manager")
    ana.press("Enter")
    expect(ana.seat).to_contain_text("She wants a manager")

    expect(sam.page).to_have_title("(1) Live Sessions · Sidecoach")
    expect(sam.page.get_by_role("navigation", name="Main").get_by_role("link", name="Live 1")).to_be_visible()
    asked = sam.page.get_by_role("region", name="Help")
    expect(asked).to_contain_text("Ana Agent")
    expect(asked).not_to_contain_text("She wants a manager")
    asked.get_by_role("button", name="I’m coming").click()

    expect(ana.seat).to_contain_text("Sam Supervisor is here")
    expect(sam.seat).to_contain_text("You came for Ana Agent: She wants a manager")
    expect(sam.page).to_have_title(re.compile(r"^[^(]"))
    so_far = sam.page.get_by_role("region", name="So far")
    for text in ("Ana Agent drives since", ana.section.inner_text(), "12345678", "Filled, hidden"):
        expect(so_far).to_contain_text(text)
    assert PASSWORD not in sam.page.content()
    digest, section = so_far.bounding_box(), sam.section.bounding_box()
    assert digest is not None
    assert section is not None
    assert digest["y"] + digest["height"] <= section["y"]
    assert digest["height"] < 900 / 3
    so_far.get_by_role("button", name="So far").click()
    expect(so_far).not_to_contain_text("12345678")
    expect(page.get_by_role("region", name="So far")).to_be_hidden()

    ana.button("Done").click()
    expect(ana.button("Ask for help")).to_be_visible()
    ana.button("End Session").click()
    page.get_by_role("dialog").get_by_text("Customer hung up").click()
    expect(page.get_by_role("region", name="Help")).to_contain_text("Sam Supervisor came after 0:")
