"""The first quarter of an hour: from the first administrator's link to a practice call; settings; the demo's page."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Enter
from tests.e2e.screens import BROADBAND
from tests.e2e.test_accessible import axe_finds_nothing, never_scrolls_sideways
from tests.e2e.test_people import Office, choose_password
from tests.support.installation import Installation, installed

SUPPORT = Path(__file__).resolve().parents[1] / "support"
BROKEN = """
format: sidecoach.workflow/1
key: greet
name: Greeting
start: hello
sections:
  - {key: hello, name: Hello, answers: [{key: yes, label: Yes, to: nowhere}]}
"""


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Office]:
    """An installation in which there is nothing but one administrator."""
    with installed(tmp_path_factory.mktemp("first") / "data") as installation:
        installation.start()
        yield Office(installation, browser)


@pytest.fixture
def office(new: Office) -> Iterator[Office]:
    """The same, with nobody before a screen."""
    yield new
    problems = [problem for screen in new.screens for problem in screen.problems]
    for screen in new.screens:
        screen.page.context.close()
    new.screens.clear()
    assert problems == []


def done(page: Page) -> list[str]:
    """The steps that are ticked off."""
    return page.get_by_role("listitem").filter(has_text=re.compile("Done")).locator("h2").all_inner_texts()


class TestFirstSteps:
    def test_lead_from_the_first_link_to_a_practice_call(self, office: Office, tmp_path: Path) -> None:
        """[FQ1, FQ2, FQ5, FQ6] By the state alone: nothing is ticked off by a click."""
        link = office.add_by_command_line("eve@example.org", "Eve Admin", "admin")
        eve = office.browse(link)
        choose_password(eve, "harbour lantern quilt")
        expect(eve.page.get_by_role("heading", name="First steps")).to_be_visible()
        axe_finds_nothing(eve)
        assert done(eve.page) == ["Add people Done"], "there are two administrators"

        eve.page.get_by_role("link", name="Open the settings").click()
        eve.page.get_by_label("Name", exact=True).fill("North Coast Broadband")
        eve.press("Enter")
        expect(eve.page.get_by_text("Saved. It holds from now on.")).to_be_visible()
        expect(eve.page.get_by_role("link", name="North Coast Broadband")).to_be_visible()

        eve.page.goto(f"{office.home}/")
        document = tmp_path / "greet.yaml"
        document.write_text(BROKEN)
        eve.page.get_by_label("Document of a Workflow").set_input_files(document)
        expect(eve.page.get_by_text("sections[0].answers[0].to")).to_be_visible()
        eve.page.get_by_label("Document of a Workflow").set_input_files(SUPPORT / "callback_request.yaml")
        expect(eve.page.get_by_text("Callback request is offered now, as version 1.")).to_be_visible()

        eve.page.get_by_role("link", name="Choose a Workflow").click()
        eve.button("Practice").click()
        expect(eve.section).to_have_text("Returning the call")
        eve.page.goto(f"{office.home}/")
        expect(eve.page.get_by_role("listitem").filter(has_text="Make a practice call")).to_contain_text("Done")
        assert len(done(eve.page)) == 4
        eve.button("Not now").click()
        expect(eve.page.get_by_role("heading", name="Live Sessions")).to_be_visible()
        eve.page.goto(f"{office.home}/")
        expect(eve.page.get_by_role("heading", name="Live Sessions")).to_be_visible()

    @pytest.mark.long
    def test_examples_come_and_go(self, office: Office) -> None:
        """[FQ3, FQ4] In one press each, marked in the picker."""
        ada = office.admin("/first-steps")
        ada.button("Import the examples").click()
        expect(ada.page.get_by_text("to look at, practise with and change.")).to_be_visible(timeout=30_000)
        ada.page.goto(f"{office.home}/new")
        expect(ada.page.get_by_text("Example", exact=True).first).to_be_visible()
        ada.page.goto(f"{office.home}/settings")
        ada.button("Remove the examples…").click()
        ada.button("Remove").click()
        expect(ada.page.get_by_text("removed. Records stay.")).to_be_visible()


class TestSettings:
    @pytest.mark.long
    def test_what_is_typed_stays_when_a_colleague_was_faster(self, office: Office) -> None:
        """[SG5, SG6, SG8] And a refusal stands at its field."""
        ada, bob = office.admin("/settings"), office.admin("/settings")
        ada.page.get_by_label("Undo after completing").fill("99")
        ada.button("Save").click()
        expect(ada.page.get_by_role("alert").first).to_contain_text("0 to 60")

        bob.page.get_by_label("End what stays paused").fill("20")
        bob.button("Save").click()
        expect(bob.page.get_by_text("Saved. It holds from now on.")).to_be_visible()

        ada.page.get_by_label("Undo after completing").fill("33")
        ada.button("Save").click()
        expect(ada.page.get_by_role("alert")).to_contain_text("Somebody changed this meanwhile: End what stays paused.")
        expect(ada.page.get_by_label("Undo after completing")).to_have_value("33 s")
        expect(ada.page.get_by_label("End what stays paused")).to_have_value("20 days")
        ada.button("Save").click()
        expect(ada.page.get_by_text("Saved. It holds from now on.")).to_be_visible()

    @pytest.mark.long
    def test_reasons_are_managed_by_keyboard(self, office: Office) -> None:
        """[SG7] Moved, renamed, hidden and offered again; the focus stays with what was moved."""
        ada = office.admin("/settings")
        ada.page.get_by_label("Move Call dropped up").focus()
        ada.press("Enter")
        expect(ada.page.get_by_label("Reason 1")).to_have_value("Call dropped")
        expect(ada.page.get_by_label("Reason 1")).to_be_focused()
        ada.page.get_by_label("Offer Not interested no more").focus()
        ada.press("Enter")
        ada.button("Add a reason").focus()
        ada.press("Enter")
        ada.type("Wants an e-mail")
        ada.press("Enter")
        expect(ada.page.get_by_text("Saved. It holds from now on.")).to_be_visible()
        ada.page.get_by_text("Offered no more").click()
        ada.button("Offer Not interested again").click()
        expect(ada.page.get_by_label("Reason 9")).to_have_value("Not interested")
        expect(ada.button("Add a reason")).to_be_disabled()
        axe_finds_nothing(ada)
        assert ada.page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "only the page itself scrolls"
        ada.page.set_viewport_size({"width": 320, "height": 640})
        assert never_scrolls_sideways(ada)


class TestDemoPage:
    def test_has_calls_to_watch(self, person: Enter) -> None:
        """[FQ7, FQ8, FQ10] One press starts them, one ends them; the supervisor sees them come and go."""
        visitor, sam = person("agent", elsewhere=True), person("supervisor")
        visitor.page.goto(visitor.home.replace("agent.", ""))
        expect(visitor.page.get_by_role("link", name="Demo receiver")).to_be_visible()
        expect(visitor.page.get_by_text(re.compile(r"^kill -9 \d+$"))).to_be_visible()
        sam.enter("/sessions")
        visitor.button("Simulate calls").click()
        expect(visitor.page.get_by_text("stop by themselves within 10 minutes")).to_be_visible()
        expect(sam.page.get_by_text(re.compile("^Simulated ")).first).to_be_visible()
        visitor.button("Stop the calls").click()
        expect(visitor.button("Simulate calls")).to_be_visible()
        expect(sam.page.get_by_text(re.compile("^Simulated "))).to_have_count(0)

    @pytest.mark.long
    def test_its_script_does_what_it_says(self, person: Enter, house: Installation) -> None:
        """[FQ7] Step by step, by the words of the page."""
        ana, sam = person("agent"), person("supervisor")
        ana.start(BROADBAND)
        ana.fill("Account number", "B-204417")
        sam.watch(ana)
        ana.fill("Security password", "Quetzal-4711")
        expect(sam.field("Account number")).to_have_value("B-204417")
        assert not sam.holds_text("Quetzal-4711")
        sam.button("Take the seat").click()
        sam.go_on("Verified")
        sam.button("Hand back").click()
        expect(ana.seat).to_contain_text("You drive")
        for answer in ("No connection", "Known outage"):
            ana.go_on(answer)
        expect(ana.page.get_by_role("article", name="Subscribe to outage texts")).to_be_visible()

        for worker in house.workers():
            os.kill(worker.pid, signal.SIGKILL)
        expect(ana.banner.or_(ana.section)).to_be_visible()
        expect(ana.section).to_have_text("Outage advice", timeout=20_000)
        ana.is_saved()
