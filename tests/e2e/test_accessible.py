"""For everybody: axe finds nothing on any page, light or dark; small screens show and reach what matters."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.conftest import Enter
from tests.e2e.screens import BROADBAND, CALLBACK, Screen, card_of
from tests.support.installation import Installation

AXE = (Path(__file__).resolve().parents[2] / "client/node_modules/axe-core/axe.min.js").read_text()

RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "dark": {"type": "rule", "values": ["color-contrast"]},
}
"""What is no matter of colours is the same in the other ones."""

RUN_AXE = """async (rules) => {
  const turning = document.getAnimations().filter((each) => each instanceof CSSTransition);
  await Promise.allSettled(turning.map((each) => each.finished));
  const { violations } = await axe.run(document, { runOnly: rules });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary}`));
}"""

Go = Callable[[Screen], None]


def axe_finds_nothing(screen: Screen) -> None:
    """In light and in dark colours."""
    for colours, rules in RULES.items():
        screen.page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        expect(screen.page.locator(f"html[data-mantine-color-scheme={colours}]")).to_be_attached()
        if not screen.page.evaluate("typeof axe === 'object'"):
            screen.page.evaluate(AXE)
        found: list[str] = screen.page.evaluate(RUN_AXE, rules)
        assert not found, "\n".join([f"in {colours} colours:", *found])


def visit(path: str) -> Go:
    """Open a page."""

    def go(screen: Screen) -> None:
        screen.enter(path)
        expect(screen.page.get_by_role("heading", level=1)).to_be_visible()

    return go


def start_and(name: str, *, workflow: str = BROADBAND) -> Go:
    """Start a Session and press a button."""

    def go(screen: Screen) -> None:
        screen.start(workflow)
        screen.button(name).click()

    return go


def peek(screen: Screen) -> None:
    """Look at an earlier Section."""
    screen.start(CALLBACK)
    screen.go_on("Right person")
    screen.button("Peek at Returning the call").click()
    expect(screen.page.get_by_role("dialog").get_by_role("heading", name="Returning the call")).to_be_visible()


def lead_with_everything_open(screen: Screen) -> None:
    """A Session with an invalid value, an unassigned Answer, all Fields unfolded and visits left behind."""
    screen.start(CALLBACK)
    screen.fill("Caller's name", "Mr Lindqvist")
    screen.go_on("Right person")
    screen.fill("People affected", "-1")
    screen.choose("Enquiry from the press")
    screen.page.get_by_role("button", name=re.compile("^Other Fields")).click()
    expect(screen.page.get_by_text("Kept, but not valid")).to_be_visible()
    expect(screen.notes).to_be_editable()


def win(screen: Screen) -> None:
    """A record."""
    screen.start(CALLBACK)
    screen.fill("Caller's name", "Mr Lindqvist")
    screen.go_on("Right person")
    screen.go_on("Settled on this call")
    screen.button("Complete Session").click()
    expect(screen.page.get_by_role("status").filter(has_text="WON")).to_be_visible()
    expect(screen.notes).to_be_attached()


def press_and_see(key: str, dialog: str) -> Go:
    """What a key opens over a live Session."""

    def go(screen: Screen) -> None:
        screen.start(CALLBACK)
        expect(screen.section).to_be_focused()
        screen.press(key)
        expect(screen.page.get_by_role("dialog", name=dialog)).to_be_visible()

    return go


def switch_workflow(screen: Screen) -> None:
    """The other Workflows, with the offers there."""
    screen.start(CALLBACK)
    screen.button("More").click()
    screen.page.get_by_role("menuitem", name="Switch Workflow").click()
    expect(screen.page.get_by_role("dialog").get_by_role("button", name=BROADBAND)).to_be_visible()


def miss_a_field(screen: Screen) -> None:
    """Completing with a required Field empty."""
    screen.start(CALLBACK)
    screen.go_on("Right person")
    screen.go_on("Settled on this call")
    screen.button("Complete Session").click()
    expect(screen.page.get_by_role("dialog", name="A required Field is empty")).to_be_visible()


def start_another(screen: Screen) -> None:
    """Asked what becomes of the one that runs."""
    screen.start(CALLBACK)
    screen.enter("/new")
    screen.button("Start").click()
    expect(screen.page.get_by_role("dialog", name=re.compile("running$"))).to_be_visible()


def leave(screen: Screen) -> None:
    """Asked what becomes of what is open, about to end one of them."""
    screen.start(CALLBACK)
    screen.button("Sign out").click()
    dialog = screen.page.get_by_role("dialog", name="You have Sessions open")
    dialog.get_by_role("button", name=re.compile("^End ")).first.click()
    expect(dialog.get_by_role("button", name="Customer hung up")).to_be_visible()


def choose_language(screen: Screen) -> None:
    """How this person reads and writes."""
    screen.enter()
    screen.page.get_by_role("button", name="my account").click()
    screen.page.get_by_role("menuitem", name="Language and region").click()
    expect(screen.page.get_by_role("dialog", name="Language and region")).to_be_visible()


def end(screen: Screen) -> None:
    """A record of a Session that ended early."""
    screen.start(CALLBACK)
    screen.fill("Caller's name", "Mr Lindqvist")
    screen.press("Escape", "x")
    screen.page.get_by_role("dialog").get_by_role("button", name="Customer hung up").click()
    expect(screen.page.locator("[data-outcome]")).to_contain_text("Ended early")
    expect(screen.notes).to_be_attached()


def ask_by_link(screen: Screen) -> None:
    """Another system's link, with something to fill in and something that is left out."""
    screen.enter("/start?workflow=callback_request&external_id=AXE-1&field.caller_name=Mr%20Lindqvist&field.other=1")
    expect(screen.button("Start the Session")).to_be_focused()


PAGES: dict[str, Go] = {
    "live Sessions": visit("/sessions"),
    "picker": visit("/new"),
    "unknown link": visit("/no/such/page"),
    "unknown Session": visit("/sessions/" + "0" * 32),
    "a live Session": lead_with_everything_open,
    "a paused Session": start_and("Pause"),
    "the end dialog": start_and("End Session"),
    "the list of Sections": start_and("Go to Section…"),
    "a peek": peek,
    "a record": win,
    "an ended record": end,
    "the palette": press_and_see("Control+k", "What next?"),
    "the list of keys": press_and_see("?", "Keyboard"),
    "the Responses": start_and("Handle Objection"),
    "the other Workflows": switch_workflow,
    "a required Field that is empty": miss_a_field,
    "the offer to pause": start_another,
    "the question before signing out": leave,
    "language and region": choose_language,
    "one's own account": visit("/account"),
    "a link that starts nothing": visit("/start?workflow=nothing&external_id=7"),
    "a link that asks": ask_by_link,
}


@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_on(person: Enter, page: str) -> None:
    """WCAG 2.2 A and AA, and the best practices that axe knows."""
    ana = person("agent")
    PAGES[page](ana)

    axe_finds_nothing(ana)


def test_axe_finds_nothing_at_the_entrance(person: Enter) -> None:
    """The landing page, and the door of one person."""
    visitor = person("agent", elsewhere=True)
    for address in (visitor.home, visitor.home.replace("agent.", "")):
        visitor.page.goto(address)
        expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
        axe_finds_nothing(visitor)


def test_axe_finds_nothing_on_a_watchers_screen_and_after_a_refused_input(person: Enter) -> None:
    """[SE2, MK1] With a hidden value, and with the notices of a seat that was lost."""
    ana, sam = person("agent"), person("supervisor")
    ana.start()
    ana.fill("Security password", "Quetzal-4711")
    sam.watch(ana)
    axe_finds_nothing(sam)

    ana.field("Account number").focus()
    ana.type("1234")
    sam.button("Take the seat").click()
    expect(ana.seat).to_contain_text("took the seat")
    ana.type("5678")
    expect(ana.page.get_by_role("group", name="Not saved: Account number")).to_be_visible()

    axe_finds_nothing(ana)


def is_on_screen(locator: Locator) -> bool:
    """Whether all of it lies within the window."""
    seen: bool = locator.evaluate(
        """(element) => {
          const box = element.getBoundingClientRect();
          return box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight + 1 && box.right <= innerWidth + 1;
        }"""
    )
    return seen


def is_uncovered(locator: Locator) -> bool:
    """Whether all of it is seen: neither cut off by a panel that scrolls nor under something else."""
    seen: bool = locator.evaluate(
        """(element) => {
          const { left, right, top, bottom } = element.getBoundingClientRect();
          const corners = [[left, top], [right, top], [left, bottom], [right, bottom]];
          const [x, y] = [(left + right) / 2, (top + bottom) / 2];
          return corners.every(([across, down]) => {
            const hit = document.elementFromPoint(across + Math.sign(x - across) * 8, down + Math.sign(y - down) * 8);
            return hit !== null && (element.contains(hit) || hit.contains(element));
          });
        }"""
    )
    return seen


def never_scrolls_sideways(screen: Screen) -> bool:
    """Nothing is wider than the window."""
    fits: bool = screen.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    return fits


@pytest.mark.parametrize(("width", "height"), [(911, 512), (320, 640)], ids=["small laptop at 150 %", "phone"])
def test_a_small_screen_shows_section_answers_and_the_way_on(person: Enter, width: int, height: int) -> None:
    """[GD2, GD3] Continue is always there; every Answer can be reached; nothing scrolls sideways."""
    ana = person("agent")
    ana.page.set_viewport_size({"width": width, "height": height})
    ana.start()
    assert never_scrolls_sideways(ana)
    assert is_on_screen(ana.section)
    assert is_on_screen(ana.onward)
    ana.go_on("Verified")
    answers = ana.answers.get_by_role("radio")
    for place in range(answers.count()):
        answers.nth(place).scroll_into_view_if_needed()
        assert is_on_screen(answers.nth(place).locator("xpath=.."))
        assert is_on_screen(ana.onward)
    answers.nth(1).focus()
    ana.press("Space")
    ana.onward.click()
    expect(ana.section).to_be_focused()
    assert is_on_screen(ana.section)
    assert never_scrolls_sideways(ana)


def test_a_small_laptop_has_a_whole_section_on_screen(person: Enter) -> None:
    """[GD2, GD3, FD1] 1366 × 768 at 150 %: name, five Answers, Continue and the Fields, and nothing is scrolled."""
    ana = person("agent")
    ana.page.set_viewport_size({"width": 911, "height": 512})
    ana.start()
    for field in (ana.field("Account number"), ana.field("Contact phone")):
        assert is_on_screen(field)
    ana.go_on("Verified")
    expect(ana.section).to_have_text("Reason for call")

    cards = [card_of(answer) for answer in ana.answers.get_by_role("radio").all()]

    assert len([card for card in cards if is_on_screen(card) and is_uncovered(card)]) >= 5
    for part in (ana.section, ana.onward, ana.page.locator("[data-field]").first):
        assert is_on_screen(part)
        assert is_uncovered(part)
    cards[4].click()
    assert ana.page.evaluate("[...document.querySelectorAll('*')].every((each) => each.scrollTop === 0)")
    ana.onward.click()
    expect(ana.section).not_to_have_text("Reason for call")


@pytest.mark.parametrize(("width", "height"), [(911, 512), (320, 640)], ids=["small laptop at 150 %", "phone"])
@pytest.mark.parametrize("page", ["live Sessions", "picker", "a live Session", "a paused Session", "a record"])
def test_no_page_of_a_small_screen_scrolls_sideways(person: Enter, page: str, width: int, height: int) -> None:
    """Reflow: 320 CSS pixels are 1,280 at 400 %."""
    ana = person("agent")
    if page == "a live Session":
        ana.start()
    else:
        PAGES[page](ana)
    ana.page.set_viewport_size({"width": width, "height": height})

    assert never_scrolls_sideways(ana)


def test_a_phone_reaches_fields_notes_and_path_by_its_tabs(person: Enter) -> None:
    """[FD1, NT1] One at a time; the Section comes first."""
    ana, sam = person("agent"), person("supervisor")
    ana.start()
    sam.watch(ana)
    ana.page.set_viewport_size({"width": 390, "height": 844})
    panels = ana.page.get_by_role("navigation", name="Panels")
    expect(ana.section).to_be_visible()
    expect(ana.field("Account number")).to_be_hidden()

    panels.get_by_role("button", name="Fields").click()
    ana.fill("Account number", "12345678")
    panels.get_by_role("button", name="Notes").click()
    ana.notes.click()
    ana.type("From a phone.")
    panels.get_by_role("button", name="Path").click()
    expect(ana.button("Go to Section…")).to_be_visible()
    panels.get_by_role("button", name="Section").click()
    ana.go_on("Verified")

    expect(sam.section).to_have_text("Reason for call")
    expect(sam.notes).to_have_text("From a phone.")
    assert never_scrolls_sideways(ana)


FINGER_PX = 44

TOO_LOW = """(least) => {
  const is_seen = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && element.closest(".visually-hidden, [aria-hidden=true]") === null;
  // What is as high as the text that it stands in: variables of a Section, links of a sentence.
  const is_text = (element) => element.matches("[class*=chip], p a, li:not(nav *) a");
  // What is pressed instead: the label of a button that its card draws, the row that a title opens.
  const pressed = (element) => {
    if (element.matches("[type=radio], [type=checkbox]")) return [element, ...element.labels];
    return [element, element.matches("tr:not([data-shut]) a") ? element.closest("tr") : element];
  };
  const height = (element) => Math.max(...pressed(element).map((each) => each.getBoundingClientRect().height));
  const controls = "a[href], button, input, select, textarea, [role=option], [contenteditable=true]";
  return [...document.querySelectorAll(controls)]
    .filter((element) => is_seen(element) && !is_text(element) && height(element) < least - 0.5)
    .map((element) => `${element.ariaLabel ?? element.innerText} is ${height(element)} px high: ${element.outerHTML}`);
}"""


@pytest.mark.long
@pytest.mark.parametrize(("width", "height"), [(820, 1180), (390, 844)], ids=["tablet", "phone"])
def test_fingers_hit_whatever_there_is(browser: Browser, house: Installation, width: int, height: int) -> None:
    """[GD2, FD1, SX5] On the screens of a call, in the picker and in the lists nothing is lower than 44 px."""
    device = browser.new_context(viewport={"width": width, "height": height}, has_touch=True, reduced_motion="reduce")
    ana = Screen(device, "agent", house.port)

    def nothing_is_too_low() -> None:
        assert ana.page.evaluate("matchMedia('(pointer: coarse)').matches")
        found: list[str] = ana.page.evaluate(TOO_LOW, FINGER_PX)
        assert not found, "\n".join(found)

    ana.start("Every Field")
    panels = ana.page.get_by_role("navigation", name="Panels")
    nothing_is_too_low()
    panels.get_by_role("button", name="Fields").click()
    ana.fill("Text", "copied by a button")
    ana.fill("Number", "7")
    nothing_is_too_low()
    ana.start(CALLBACK)
    ana.go_on("Right person")
    for panel in ("Fields", "Notes", "Path"):
        panels.get_by_role("button", name=panel).click()
        nothing_is_too_low()
    ana.button("End Session").click()
    expect(ana.page.get_by_role("dialog").get_by_role("button", name="Customer hung up")).to_be_visible()
    nothing_is_too_low()
    ana.press("Escape")
    ana.page.reload()
    ana.button("Pause").click()
    expect(ana.page.get_by_role("region", name="Paused")).to_be_visible()
    nothing_is_too_low()
    ana.enter("/new")
    expect(ana.page.get_by_role("radio", name=BROADBAND)).to_be_visible()
    nothing_is_too_low()
    for path, there in (("/sessions", "Every Field"), ("/sessions?list=paused", CALLBACK)):
        ana.enter(path)
        expect(ana.page.get_by_role("row").filter(has_text=there).first).to_be_visible()
        ana.button("Filters").click()
        nothing_is_too_low()
    assert ana.problems == []
    device.close()
