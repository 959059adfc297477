"""The floor: two agents on calls, a supervisor and two coaches beside them, one at a tablet; on two processes."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from server.auth.browser import COOKIE
from server.auth.demo import TEAM_ID, TEAM_NAME
from session_engine.context import PersonRole
from tests.e2e.conftest import Enter
from tests.e2e.screens import Screen, all_see_the_same, card_of
from tests.e2e.test_accessible import FINGER_PX, TOO_LOW, never_scrolls_sideways
from tests.e2e.test_transfer import ask
from tests.e2e.test_transfer import card_of as transfer_card
from tests.support.installation import Installation
from tests.support.product import Product

SECOND_COACH = "coach_0"
PASSWORD = "Quetzal-4711"
WHISPER = "He is a customer of twelve years."


@dataclass
class Floor:
    """Everybody's screens."""

    ana: Screen
    ben: Screen
    sam: Screen
    cleo: Screen
    tove: Screen
    ada: Screen

    @property
    def watchers(self) -> list[Screen]:
        """Who may not see sensitive values."""
        return [self.sam, self.cleo, self.tove]


@pytest.fixture
def floor(person: Enter, house: Installation) -> Floor:
    """Ana and Ben on calls on different processes, Ada on none."""
    tove = person(SECOND_COACH, tablet=True)
    tove.page.context.add_cookies([{"name": COOKIE, "value": _sign_in_a_coach(house), "url": tove.home}])
    ana, ben, sam, cleo, ada = [person(label) for label in ("agent", "agent2", "supervisor", "coach", "admin")]
    floor = Floor(ana=ana, ben=ben, sam=sam, cleo=cleo, tove=tove, ada=ada)
    ana.start()
    ben.start()
    ben.on_other_process_than(ana)
    return floor


def _sign_in_a_coach(house: Installation) -> str:
    async def sign_in() -> str:
        product = Product(house)
        (person_id,) = await product.add_people("coach", 1, PersonRole.COACH, TEAM_ID, TEAM_NAME)
        return (await product.cookie(person_id)).partition("=")[2]

    with ThreadPoolExecutor(1) as aside:  # the browser's loop runs in this thread
        return aside.submit(asyncio.run, sign_in()).result(20)


@pytest.mark.long
def test_everybody_follows_from_the_board_on_either_process(floor: Floor) -> None:
    """[LL1, DL1, DL2, PR1, MK1] One click from the list; the same at the desk and the tablet; nothing sensitive."""
    ana = floor.ana
    ana.fill("Account number", "12345678")
    ana.fill("Security password", PASSWORD)
    ana.is_saved()
    for watcher in floor.watchers:
        watcher.enter("/sessions")
        watcher.page.locator(f"a[href='{ana.session_path}']").first.click()
        expect(watcher.section).to_have_text(ana.section.inner_text())
    floor.tove.on_other_process_than(ana)
    all_see_the_same(ana, *floor.watchers)
    for name in ("Sam Supervisor", "Cleo Coach", "coach 0"):
        expect(ana.page.get_by_title(name).or_(ana.page.get_by_text(name)).first).to_be_attached()
    for watcher in floor.watchers:
        assert not watcher.holds_text(PASSWORD)
        assert not any(PASSWORD.encode() in frame for frame in watcher.heard)
    assert any(PASSWORD.encode() in frame for frame in ana.heard)


def test_a_call_with_everybody_beside_it(floor: Floor) -> None:
    """[HP2, SU11, PT1, WH1, SE8, SE20, TR6, RP1, MK1] Help, a whisper, a transfer; suggesting and the seat by touch."""
    ana, ben, sam, cleo, tove = floor.ana, floor.ben, floor.sam, floor.cleo, floor.tove
    ana.fill("Security password", PASSWORD)
    sam.enter("/sessions")
    ana.press("F2")
    asked = sam.page.get_by_role("region", name="Help")
    expect(asked).to_contain_text("Ana Agent")
    asked.get_by_role("button", name="I’m coming").click()
    expect(ana.seat).to_contain_text("Sam Supervisor is here")
    ana.button("Done").click()

    for coach in (cleo, tove):
        coach.watch(ana)
    tove.on_other_process_than(ana)
    tove.page.get_by_role("button", name=re.compile("^Suggest the Answer ")).first.tap()
    expect(ana.page.locator("[data-aside][data-ripe]")).to_be_visible()
    ana.press("Control+.")
    expect(ana.answers.get_by_role("radio").first).to_be_checked()
    expect(tove.answers.get_by_role("radio").first).to_be_checked()

    tove.button("Point").tap()
    card_of(tove.answers.get_by_role("radio").last).tap(force=True)  # read-only, to be pointed at
    expect(tove.button("Point")).to_have_attribute("aria-pressed", "false")
    expect(ana.page.locator("[data-answer][data-pointed='coach 0']")).to_be_visible()
    expect(ana.answers.get_by_role("radio").first).to_be_checked()

    cleo.press("y")
    cleo.type(WHISPER)
    cleo.press("Enter")
    expect(ana.page.locator("[data-whisper][data-ripe]")).to_be_visible()
    ana.press("Alt+1")
    expect(cleo.page.locator("[data-whispered]")).to_contain_text("Ana Agent: Yes")

    tove.button("Ask for the seat").tap()
    expect(ana.page.locator("[data-seat-asked=ripe]")).to_be_visible()
    ana.press("F4")
    expect(tove.seat).to_contain_text("You drive Ana Agent’s Session")
    for watcher in (ana, sam, cleo):
        expect(watcher.seat).to_contain_text("Watching · coach 0 drives")
    tove.button("Hand back").tap()
    expect(ana.seat).to_contain_text("You drive")

    sam.button("Take the seat").click()
    expect(sam.seat).to_contain_text("You drive Ana Agent’s Session")
    expect(ana.seat).to_contain_text("Sam Supervisor drives")
    sam.button("Hand back").click()
    expect(ana.seat).to_contain_text("You drive")

    session = ana.session_path
    ask(ana, "Ben Agent")
    transfer_card(ben)
    ben.press("Shift+F9")
    expect(ben.page).to_have_url(re.compile(f"{session}$"))
    for watcher in (sam, cleo, tove):
        expect(watcher.seat).to_contain_text("Ben Agent drives")
    assert ben.field("Security password").input_value() == PASSWORD

    tove.enter(f"{session}/replay")
    slider = tove.page.get_by_role("slider", name="Moment of the call")
    slider.tap(position={"x": 10, "y": 40})
    expect(slider).to_have_attribute("aria-valuenow", "1")
    slider.tap()
    expect(slider).not_to_have_attribute("aria-valuenow", "1")
    for watcher in floor.watchers:
        assert not watcher.holds_text(PASSWORD)
        assert not any(PASSWORD.encode() in frame for frame in watcher.heard)
    for other in (sam, tove, ben):
        assert not any(WHISPER.encode() in frame for frame in other.heard)


@pytest.mark.parametrize(("width", "height"), [(820, 1180), (390, 844)], ids=["tablet", "phone"])
def test_fingers_hit_whatever_comes_at_once(person: Enter, width: int, height: int) -> None:
    """[GD2, SE21, HP4, WH9, TR10, BP1] Help, a whisper, a transfer and a question about the seat, and the board."""
    ana, sam, cleo = [person(label, tablet=True) for label in ("agent", "supervisor", "coach")]
    for screen in (ana, sam, cleo):
        screen.page.set_viewport_size({"width": width, "height": height})

    def nothing_is_too_low(screen: Screen) -> None:
        found: list[str] = screen.page.evaluate(TOO_LOW, FINGER_PX)
        assert not found, f"{screen.label}: " + "\n".join(found)
        assert never_scrolls_sideways(screen)

    ana.start()
    sam.watch(ana)
    cleo.watch(ana)
    cleo.page.get_by_label("Whisper, which").fill(WHISPER)
    cleo.button("Whisper").tap()
    ana.button("Ask for help").tap()
    ask(ana, "Ben Agent")
    expect(sam.button("I’m coming")).to_be_visible()
    expect(sam.button("Withdraw")).to_be_visible()
    nothing_is_too_low(ana)
    cleo.button("Ask for the seat").tap()
    expect(ana.page.locator("[data-seat-asked=ripe]")).to_be_visible()
    expect(sam.seat).to_contain_text("Cleo Coach asks Ana Agent for the seat")
    for screen in (ana, sam, cleo):
        nothing_is_too_low(screen)
    sam.button("I’m coming").tap()
    ana.button("Decline").tap()
    expect(sam.seat).to_contain_text("You came for Ana Agent")
    ana.button("Withdraw").tap()

    cleo.button("More").tap()
    nothing_is_too_low(cleo)
    cleo.page.get_by_role("menuitem", name="Whispers").tap()
    expect(cleo.page.get_by_role("region", name="Whispers in this Session")).to_contain_text(WHISPER)
    nothing_is_too_low(cleo)

    for path in ("/sessions", "/sessions?view=people"):
        sam.enter(path)
        expect(sam.page.locator(f"a[href='{ana.session_path}']").first).to_be_visible()
        nothing_is_too_low(sam)
