"""Every page and dialog around a Session, as people come across them."""

import re
from typing import Any

from playwright.sync_api import expect

from server.auth.demo import DEMO_PEOPLE
from tests.e2e.conftest import Enter
from tests.e2e.screens import BROADBAND, CALLBACK, Screen
from tests.support.installation import eventually

INCOMPLETE = "Answers are unassigned and need Sections linked"


def finished(screen: Screen, title: str) -> Any:
    """The line of a record, once the lists know it."""
    ask = "(title) => fetch(`/api/sessions?list=finished&q=${title}`).then((answer) => answer.json())"
    return next(iter(screen.page.evaluate(ask, title)["lines"]), None)


class TestEntrance:
    def test_the_landing_page_leads_to_every_person_in_a_tab_of_their_own(self, person: Enter) -> None:
        """[HS11, HS12] One click signs in."""
        visitor = person("agent", elsewhere=True).page
        visitor.goto(person("agent").home.replace("agent.", ""))

        for demo in DEMO_PEOPLE:
            expect(visitor.get_by_role("link", name=demo.name)).to_be_visible()
        with visitor.context.expect_page() as opened:
            visitor.get_by_role("link", name="Cleo Coach").click()

        expect(opened.value.get_by_role("heading", name="Live Sessions")).to_be_visible()
        assert opened.value.url.startswith("http://coach.localhost:")

    def test_somebodys_own_address_asks_before_it_signs_in(self, person: Enter) -> None:
        """[HS11] And signing out leads back there."""
        ana = person("agent", elsewhere=True)
        ana.page.goto(ana.home)

        ana.button("Continue as Ana Agent").click()

        expect(ana.page.get_by_role("heading", name="Live Sessions")).to_be_visible()
        ana.sign_out()
        expect(ana.button("Continue as Ana Agent")).to_be_visible()

    def test_signing_out_ends_the_other_tabs(self, person: Enter) -> None:
        """[CN2] They say so instead of pretending."""
        ana = person("agent", elsewhere=True)
        ana.start(CALLBACK)
        second = person("agent", beside=ana).enter()

        second.sign_out()

        expect(ana.page.get_by_role("heading", name="You are signed out")).to_be_visible()
        expect(ana.button("Sign in")).to_be_visible()

    def test_whoever_drives_is_asked_before_signing_out_and_may_end_it_there(self, person: Enter) -> None:
        """[LC1, LC7] A coach who practises, too: each open Session ends with a reason, waits or goes on."""
        cleo = person("coach", elsewhere=True)
        cleo.start(CALLBACK, practice=True)
        cleo.fill("Caller's name", "Practises leaving")
        practice = cleo.session_path
        cleo.enter()
        strip = cleo.page.get_by_role("navigation", name="Open Sessions")
        expect(strip.get_by_role("link", name="Practises leaving")).to_be_visible()

        cleo.button("Sign out").click()
        dialog = cleo.page.get_by_role("dialog", name="You have Sessions open")
        dialog.get_by_role("button", name="End Practises leaving…").click()
        reason = dialog.get_by_role("group", name="Why Practises leaving ends").get_by_role(
            "button", name="Call dropped"
        )
        reason.press("Enter")
        expect(reason).to_be_visible()
        reason.click()

        expect(dialog.get_by_text("Practises leaving")).to_have_count(0)
        dialog.get_by_role("button", name="Stay").click()
        cleo.enter(practice)
        expect(cleo.page.locator("[data-outcome]")).to_contain_text("Ended early: Call dropped")

    def test_an_owner_is_told_once_what_expired(self, person: Enter) -> None:
        """[LC9] When the page is next loaded; it leads to the record."""
        ana = person("agent", elsewhere=True)
        ana.start(CALLBACK)
        ana.fill("Caller's name", "Ms Hollis")
        ana.button("End Session").click()
        ana.page.get_by_role("dialog").get_by_role("button", name="Customer hung up").click()
        record = eventually(lambda: finished(ana, "Ms Hollis"))
        asked = re.compile(r"/api/sessions\?.*outcome=expired")
        expired = {"lines": [{**record, "outcome": "expired", "end_reason_key": None}], "next": None, "counts": None}
        ana.page.route(asked, lambda route: route.fulfill(json=expired))

        notice = ana.page.get_by_role("status").filter(has_text="Ms Hollis expired: it was paused for 14 days.")
        ana.page.reload()
        expect(ana.page.locator("[data-outcome]")).to_be_visible()
        expect(notice).to_be_hidden()
        ana.enter("/sessions")
        notice.get_by_role("link", name="Ms Hollis").click()
        expect(ana.page.locator("[data-outcome]")).to_contain_text("Ended early")

        with ana.page.expect_response(asked):
            ana.enter("/sessions")
        expect(ana.page.get_by_role("heading", name="Live Sessions")).to_be_visible()
        expect(notice).to_be_hidden()

    def test_one_browser_is_several_people_at_once(self, person: Enter) -> None:
        """[HS11] A cookie per host: no private window is needed."""
        ana = person("agent", elsewhere=True)
        ana.start(CALLBACK)
        sam = person("supervisor", beside=ana).watch(ana)

        ana.fill("Caller's name", "Mr Lindqvist")

        expect(sam.field("Caller's name")).to_have_value("Mr Lindqvist")
        expect(sam.seat).to_contain_text("Ana Agent drives")
        assert {cookie["domain"] for cookie in ana.page.context.cookies()} == {
            "agent.localhost",
            "supervisor.localhost",
        }


class TestNowhere:
    def test_an_unknown_link_has_a_page_that_says_so(self, person: Enter) -> None:
        """[HS20] With a way back."""
        ana = person("agent").enter("/no/such/page")

        expect(ana.page.get_by_role("heading", name="There is no such page")).to_be_visible()
        ana.page.get_by_role("main").get_by_role("link", name="Live Sessions").click()
        expect(ana.page.get_by_role("heading", name="Live Sessions")).to_be_visible()

    def test_an_unknown_session_has_a_page_that_says_so(self, person: Enter) -> None:
        """[CN6] With a way back."""
        ana = person("agent")
        for link in ("0" * 32, "no-id-at-all"):
            ana.enter(f"/sessions/{link}")
            expect(ana.page.get_by_role("heading", name="There is no such Session")).to_be_visible()
            expect(ana.page.get_by_role("navigation", name="Main")).to_be_visible()

    def test_a_strangers_session_is_not_shown(self, person: Enter) -> None:
        """[RT2] Another agent is told, and sees nothing of it."""
        ana, ben = person("agent"), person("agent2")
        ana.start()

        ben.enter(ana.session_path)

        expect(ben.page.get_by_role("heading", name="This Session is not open to you")).to_be_visible()
        assert not ben.holds_text(BROADBAND)


class TestPicker:
    def test_the_last_workflow_is_chosen_already_and_enter_starts_it(self, person: Enter) -> None:
        """[GD1] A search, a category, and the mark of what is incomplete."""
        ana = person("agent", elsewhere=True)
        ana.start(CALLBACK)
        ana.enter("/new")
        expect(ana.page.get_by_role("radio", name=CALLBACK)).to_be_checked()
        expect(ana.page.get_by_text(INCOMPLETE)).to_be_visible()
        ana.button("Broadband").click()
        expect(ana.page.get_by_role("radio", name=CALLBACK)).to_be_hidden()
        expect(ana.page.get_by_text(INCOMPLETE)).to_be_hidden()
        ana.button("All").click()
        ana.page.get_by_role("textbox", name="Find a Workflow").fill("callb")
        expect(ana.page.get_by_role("radio")).to_have_count(1)

        ana.press("Enter")
        ana.button("Start beside it").click()

        expect(ana.section).to_have_text("Returning the call")

    def test_what_is_published_meanwhile_reaches_a_page_that_is_open(self, person: Enter) -> None:
        """[HS4] Asked for anew each time that the picker is shown, without a reload."""
        ana = person("agent", elsewhere=True).enter()
        offers = ana.page.evaluate("fetch('/api/workflows').then((answer) => answer.json())")
        before = [offer for offer in offers if offer["name"] != CALLBACK]
        ana.page.route("**/api/workflows", lambda route: route.fulfill(json=before))
        ana.enter("/new")
        expect(ana.page.get_by_role("radio", name=BROADBAND)).to_be_visible()
        expect(ana.page.get_by_role("radio", name=CALLBACK)).to_have_count(0)

        ana.page.unroute("**/api/workflows")
        menu = ana.page.get_by_role("navigation", name="Main")
        menu.get_by_role("link", name="Live").click()
        expect(ana.page.get_by_role("heading", name="Live Sessions")).to_be_visible()
        menu.get_by_role("link", name="New Sessions").click()

        expect(ana.page.get_by_role("radio", name=CALLBACK)).to_be_visible()

    def test_pinned_workflows_come_first(self, person: Enter) -> None:
        """[GD1] By a star that keys reach from the one that is chosen; kept on this computer."""
        ana = person("agent", elsewhere=True).enter("/new")
        expect(ana.button(f"Pin {BROADBAND}")).to_have_attribute("aria-pressed", "true")
        ana.page.get_by_role("radio", name="Promo Code Invalid").focus()
        ana.press("Space", "Tab")
        star = ana.button("Pin Promo Code Invalid")
        expect(star).to_be_focused()
        expect(star).to_have_attribute("aria-pressed", "false")

        ana.press("Space")

        expect(star).to_have_attribute("aria-pressed", "true")
        expect(star).to_be_focused()
        for name in (BROADBAND, CALLBACK, "Every Field", "Outbound discovery"):
            ana.button(f"Pin {name}").click()
        ana.page.reload()
        expect(ana.page.get_by_role("radio").first).to_have_accessible_name("Promo Code Invalid")

    def test_one_key_leads_to_a_new_session(self, person: Enter) -> None:
        """[GD2] From an input, too; the list of keys names it, and what was typed is saved."""
        ana = person("agent")
        ana.start(CALLBACK)
        ana.press("?")
        expect(ana.page.get_by_role("dialog", name="Keyboard")).to_contain_text(re.compile(r"Start a Session\s*F9"))
        ana.press("Escape")
        ana.field("Caller's name").focus()
        ana.type("Mrs Kirkbride")
        ana.press("F9")

        expect(ana.page.get_by_role("textbox", name="Find a Workflow")).to_be_focused()
        strip = ana.page.get_by_role("navigation", name="Open Sessions")
        expect(strip.get_by_role("link", name="Mrs Kirkbride")).to_be_visible()

    def test_practice_and_a_link_of_another_system_ask_what_becomes_of_the_call_that_runs(self, person: Enter) -> None:
        """[LC2, LC10] As the picker does; a link that opens what exists asks nothing."""
        ben = person("agent2", elsewhere=True)
        link = "/start?workflow=callback_request&external_id=SCREEN-POP-31"
        asked = ben.page.get_by_role("dialog", name=re.compile("running$"))  # he may have others from before
        ben.start(CALLBACK)
        first = ben.session_path
        ben.enter("/new")
        ben.button("Practice").click()
        expect(asked).to_be_visible()
        asked.get_by_role("button", name="Cancel").click()

        ben.enter(link)
        ben.button("Start the Session").click()
        asked.get_by_role("button", name="Cancel").click()
        expect(asked).to_be_hidden()
        ben.button("Start the Session").click()  # the question is where it was
        asked.get_by_role("button", name=re.compile("^Pause (it|them) and start$")).click()
        expect(ben.section).to_have_text("Returning the call")
        second = ben.session_path
        assert second != first
        ben.enter(first)
        expect(ben.page.get_by_role("region", name="Paused")).to_be_visible()

        ben.enter(link)
        expect(ben.section).to_have_text("Returning the call")
        ben.fill("Caller's name", "Mr Iveson")
        ben.button("End Session").click()
        ben.page.get_by_role("dialog").get_by_role("button", name="Customer hung up").click()
        eventually(lambda: finished(ben, "Mr Iveson"))
        ben.start(CALLBACK)
        ben.enter(link)
        expect(ben.page.locator("[data-outcome]")).to_contain_text("Ended early")
        assert ben.session_path == second

    def test_practice_is_banded_and_seen_by_nobody_else(self, person: Enter) -> None:
        """[LL2, RT1] Everybody may; it is in no other list."""
        cleo, sam = person("coach"), person("supervisor")
        sam.enter()
        cleo.enter("/new")
        expect(cleo.button("Start")).to_be_hidden()

        cleo.start(CALLBACK, practice=True)
        cleo.fill("Caller's name", "Only practising")

        expect(cleo.page.get_by_text("Practice", exact=True)).to_be_visible()
        cleo.enter()
        expect(cleo.page.get_by_role("main").get_by_role("link", name="Only practising")).to_be_visible()
        assert not sam.holds_text("Only practising")


class TestAround:
    def test_a_peek_moves_nothing_and_esc_returns(self, person: Enter) -> None:
        """[GD7] Any Section, from the path or from the list of Sections."""
        ana, sam = person("agent"), person("supervisor")
        ana.start(CALLBACK)
        ana.go_on("Right person")
        sam.watch(ana)

        ana.button("Peek at Returning the call").click()
        drawer = ana.page.get_by_role("dialog")
        expect(drawer.get_by_role("heading", name="Returning the call")).to_be_visible()
        expect(sam.section).to_have_text("What it is about")
        ana.press("1", "Escape")

        expect(drawer).to_be_hidden()
        assert all(screen.read()["selected"] is None for screen in (ana, sam))
        expect(ana.section).to_have_text("What it is about")

    def test_go_to_offers_what_is_open_to_jumps(self, person: Enter) -> None:
        """[GD6] And the path says that it was a jump."""
        ana, sam = person("agent"), person("supervisor")
        ana.start()
        sam.watch(ana)

        ana.button("Go to Section…").click()
        ana.page.get_by_role("searchbox", name="Find a Section").fill("leaving")
        ana.press("Enter")

        for screen in (ana, sam):
            expect(screen.section).to_have_text(re.compile("[Ll]eaving"))
            expect(screen.page.get_by_role("navigation", name="Path")).to_contain_text("Jumped to")

    def test_back_keeps_what_was_entered_and_what_was_left_behind(self, person: Enter) -> None:
        """[GD5] The earlier Answer is marked; the abandoned visits can be unfolded."""
        ana = person("agent")
        ana.start(CALLBACK)
        ana.fill("Caller's name", "Mr Lindqvist")
        ana.go_on("Right person")
        ana.go_on("Needs an expert")

        ana.page.get_by_role("button", name=re.compile("^Back to Returning the call")).click()

        expect(ana.section).to_have_text("Returning the call")
        expect(ana.answer("Right person")).to_be_checked()
        expect(ana.field("Caller's name")).to_have_value("Mr Lindqvist")
        path = ana.page.get_by_role("navigation", name="Path")
        expect(path.get_by_role("listitem")).to_have_count(1)
        ana.button("Show 2 left behind").click()
        expect(path).to_contain_text("Agree on a time")

    def test_an_unassigned_answer_says_that_it_leads_nowhere(self, person: Enter) -> None:
        """[GD4] It can be selected, and watchers see it; Continue waits for another."""
        ana, sam = person("agent"), person("supervisor")
        ana.start(CALLBACK)
        ana.go_on("Right person")
        sam.watch(ana)

        ana.choose("Enquiry from the press")

        expect(ana.page.get_by_text("This Answer leads nowhere yet.", exact=True)).to_be_visible()
        expect(sam.answer("Enquiry from the press")).to_be_checked()
        expect(ana.onward).to_be_disabled()
        ana.press("Control+Enter")
        expect(ana.section).to_have_text("What it is about")
        ana.choose("Settled on this call")
        expect(ana.onward).to_be_enabled()

    def test_a_value_that_breaks_a_rule_is_kept_and_marked(self, person: Enter) -> None:
        """[FD3] Judged when the Field is left, with what was expected."""
        ana, sam = person("agent"), person("supervisor")
        ana.start()
        sam.watch(ana)
        ana.field("Account number").focus()
        ana.type("12")
        expect(sam.field("Account number")).to_have_value("12")
        expect(ana.page.get_by_text("Kept, but not valid")).to_be_hidden()

        ana.press("Enter")

        for screen in (ana, sam):
            expect(screen.page.get_by_text("Kept, but not valid: expected")).to_be_visible()
            expect(screen.field("Account number")).to_have_value("12")

    def test_end_session_asks_once_and_leaves_a_record(self, person: Enter) -> None:
        """[LC4, GD7] With the reason, for everybody who looks."""
        ana, sam = person("agent"), person("supervisor")
        ana.start(CALLBACK)
        sam.watch(ana)

        ana.button("End Session").click()
        dialog = ana.page.get_by_role("dialog", name="End this Session early")
        dialog.get_by_role("textbox").fill("Wrong number")
        ana.press("Enter")
        expect(dialog).to_be_visible()
        dialog.get_by_role("button", name="Opened by mistake").click()

        for screen in (ana, sam):
            expect(screen.page.get_by_role("status").filter(has_text="Ended early")).to_contain_text("Wrong number")
            expect(screen.button("End Session")).to_be_hidden()
            expect(screen.button("Take the seat")).to_be_hidden()
            expect(screen.notes).not_to_be_editable()


class TestLiveList:
    def test_rows_come_change_and_go_by_themselves(self, person: Enter) -> None:
        """[LL1, LL2] Title, people, Section and status; a click opens."""
        ana, sam, ben = person("agent"), person("supervisor"), person("agent2")
        sam.enter()
        ben.enter()
        ana.start(CALLBACK)
        ana.fill("Caller's name", "Ms Okonkwo")

        row = sam.page.get_by_role("row").filter(has_text="Ms Okonkwo")
        expect(row).to_contain_text("Ana Agent")
        expect(row).to_contain_text("Returning the call")
        ana.go_on("Right person")
        expect(row).to_contain_text("What it is about")
        ana.button("Pause").click()
        expect(row).to_be_hidden()
        ana.button("Resume").click()
        expect(row).to_contain_text("Active")
        assert not ben.holds_text("Ms Okonkwo")
        row.get_by_role("link").press("Enter")
        expect(sam.section).to_have_text("What it is about")
        sam.button("Take the seat").click()
        expect(sam.seat).to_contain_text("You drive")
        sam.page.go_back()
        expect(row).to_contain_text("Sam Supervisor drives")
        ana.button("End Session").click()
        ana.page.get_by_role("dialog").get_by_role("button", name="Customer hung up").click()
        expect(row.filter(has_text="Active")).to_be_hidden()
