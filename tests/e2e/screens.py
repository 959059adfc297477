"""A person at a real browser: what they see, in the words of the screen, and what they do with mouse and keyboard."""

import re
from typing import Any

import msgspec
from playwright.sync_api import BrowserContext, Locator, Page, WebSocket, expect

from tests.support.installation import eventually

BROADBAND = "Broadband support and retention"
CALLBACK = "Callback request"
EVERY_FIELD = "Every Field"

CLOSED_CONNECTION = re.compile(r"WebSocket connection to|Failed to load resource|ERR_INTERNET_DISCONNECTED")
"""What Chromium itself writes to the console when a connection breaks."""

READ_SCREEN = """() => {
  const text = (selector, root = document) => root.querySelector(selector)?.innerText ?? null;
  const fields = {};
  for (const row of document.querySelectorAll("[data-field]")) {
    const label = text("label", row).replace(/\\s*\\*$/, "");
    const typed = row.querySelector("input:not([type=radio], [type=checkbox]), textarea, select");
    const chosen = [...row.querySelectorAll("input:checked")].map((box) => text(`label[for="${box.id}"]`, row));
    const pressed = [...row.querySelectorAll("[aria-pressed=true]")].map((button) => button.innerText);
    const hidden = /hidden · (not )?valid/.exec(row.innerText)?.[0];
    fields[label] = hidden ?? (typed ? typed.value : [...chosen, ...pressed].join(", "));
  }
  return {
    section: text("h1"),
    answers: [...document.querySelectorAll("[role=radiogroup][aria-label=Answers] input")].map((box) => box.ariaLabel),
    selected: document.querySelector("[role=radiogroup][aria-label=Answers] input:checked")?.ariaLabel ?? null,
    fields,
    notes: text("[contenteditable]")?.replace("Anything worth remembering about this call…", "").trim() ?? "",
  };
}"""
"""Section, Answers, Fields on screen by label, Notes: what three people compare over the phone."""

PAGE_WITH_VALUES = """() => document.documentElement.outerHTML +
  [...document.querySelectorAll("input, textarea, select")].map((control) => control.value).join(" ")"""


class Screen:
    """One tab of one person."""

    def __init__(self, context: BrowserContext, label: str, port: int) -> None:
        self.label = label
        self.home = f"http://{label}.localhost:{port}"
        self.page: Page = context.new_page()
        self.process = ""
        self.client_id = ""
        self.sent: dict[int, dict[str, Any]] = {}
        self.acknowledged: dict[int, int] = {}
        self.heard: list[bytes] = []
        self.problems: list[str] = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("websocket", self._on_websocket)

    # --- going places -----------------------------------------------------------------

    def enter(self, path: str = "/sessions") -> "Screen":
        """Follow a link; whoever is not signed in yet takes the one of the landing page, which does."""
        signed_in = self.page.context.cookies(self.home)
        self.page.goto(f"{self.home}{path}{'' if signed_in else '#continue'}")
        expect(self.page.get_by_role("link", name="Skip to content")).to_be_attached()
        return self

    def start(self, workflow: str = BROADBAND, *, practice: bool = False) -> "Screen":
        """Start a Session from the picker, beside those that run already."""
        self.enter("/new")
        card_of(self.page.get_by_role("radio", name=workflow)).click()
        self.page.get_by_role("button", name="Practice" if practice else "Start", exact=True).click()
        return self.start_beside()

    def start_beside(self) -> "Screen":
        """Asked or not: whatever runs goes on beside the Session that starts."""
        beside = self.button("Start beside it")
        expect(beside.or_(self.answers).first).to_be_visible()
        if beside.is_visible():
            beside.click()
            expect(beside).to_be_hidden()
        expect(self.page).to_have_url(re.compile("/sessions/[0-9a-f]{32}$"))
        expect(self.answers).to_be_visible()
        return self

    def sign_out(self) -> None:
        """Leave, whatever runs."""
        self.button("Sign out").click()
        leave = self.button("Leave them running")
        door = self.page.get_by_role("button", name="Continue as")
        expect(leave.or_(door)).to_be_visible()
        if leave.is_visible():
            leave.click()

    def watch(self, other: "Screen") -> "Screen":
        """Open the Session that somebody else has on screen."""
        self.enter(other.session_path)
        expect(self.section).to_have_text(other.section.inner_text())
        return self

    @property
    def session_path(self) -> str:
        """The Session's link."""
        return "/sessions/" + self.session_id

    @property
    def session_id(self) -> str:
        """From the address."""
        return self.page.url.partition("#")[0].rpartition("/")[2]

    # --- what is on the screen ----------------------------------------------------------

    @property
    def section(self) -> Locator:
        """The Section's name."""
        return self.page.get_by_role("heading", level=1)

    @property
    def answers(self) -> Locator:
        """The Answers."""
        return self.page.get_by_role("radiogroup", name="Answers")

    @property
    def seat(self) -> Locator:
        """Who drives."""
        return self.page.get_by_role("region", name="Seat")

    def seat_height(self, width: int) -> int:
        """In px, of who drives, on a screen so wide."""
        self.page.set_viewport_size({"width": width, "height": 900})
        box = self.seat.bounding_box()
        assert box is not None
        return round(box["height"])

    @property
    def saved(self) -> Locator:
        """The Saved mark."""
        return self.page.get_by_role("status").filter(has_text=re.compile("^(Saved|Saving…|Not saved yet)$"))

    @property
    def banner(self) -> Locator:
        """What is said while there is no connection."""
        return self.page.get_by_text("You are offline.")

    @property
    def notes(self) -> Locator:
        """The editor of the Notes."""
        return self.page.get_by_role("textbox", name="Notes")

    @property
    def onward(self) -> Locator:
        """Continue."""
        return self.button("Continue to Next Section")

    def button(self, name: str) -> Locator:
        """A button by its whole name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def answer(self, label: str) -> Locator:
        """One Answer."""
        return self.answers.get_by_role("radio", name=label, exact=True)

    def field(self, label: str) -> Locator:
        """A Field that is typed into, by its label."""
        return self.page.get_by_label(re.compile(rf"^{re.escape(label)}( ?\*)?$")).and_(
            self.page.locator("input, textarea, select")
        )

    def read(self) -> dict[str, Any]:
        """Section, Answers, Fields and Notes."""
        seen: dict[str, Any] = self.page.evaluate(READ_SCREEN)
        return seen

    def holds_text(self, text: str) -> bool:
        """Whether the text is anywhere in this page: seen or not, typed or not."""
        return text in self.page.evaluate(PAGE_WITH_VALUES)

    # --- doing --------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type, wherever the focus is."""
        self.page.keyboard.type(text)

    def choose(self, answer: str) -> None:
        """Click an Answer."""
        card_of(self.answer(answer)).click()

    def share_screen(self) -> None:
        """Tell the others that the customer sees this screen."""
        self.button("More").click()
        self.page.get_by_role("menuitem", name="Screen shared with the customer").click()

    def go_on(self, answer: str) -> None:
        """Select an Answer and continue, by mouse."""
        before = self.section.inner_text()
        self.choose(answer)
        self.onward.click()
        expect(self.section).not_to_have_text(before)

    def fill(self, label: str, value: str) -> None:
        """Fill a Field and wait until it is stored."""
        self.field(label).fill(value)
        self.field(label).blur()
        self.is_saved()

    def is_saved(self) -> None:
        """Wait until nothing of this page waits to be stored."""
        expect(self.saved).to_have_text("Saved", timeout=15_000)

    # --- underneath -----------------------------------------------------------------------

    def on_other_process_than(self, other: "Screen") -> None:
        """Load the page again until another server process serves it."""
        while eventually(self._find_process) == other.process:
            self.process = ""
            self.page.reload()

    def _find_process(self) -> str:
        self.page.evaluate("null")  # hearing of frames needs a word with the browser
        return self.process

    def _on_console(self, message: Any) -> None:
        if message.type in {"error", "warning"} and not CLOSED_CONNECTION.search(message.text):
            self.problems.append(message.text)

    def _on_websocket(self, socket: WebSocket) -> None:
        socket.on("framesent", self._on_sent)
        socket.on("framereceived", self._on_received)

    def _on_sent(self, payload: bytes | str) -> None:
        frame = msgspec.json.decode(payload)
        if frame["type"] == "hello":
            self.client_id = frame["client_id"]
        elif frame["type"] == "command":
            self.sent[frame["csn"]] = frame["body"]

    def _on_received(self, payload: bytes | str) -> None:
        frame = msgspec.json.decode(payload)
        self.heard.append(payload if isinstance(payload, bytes) else payload.encode())
        if frame["type"] == "welcome":
            self.process = frame["process"]
        elif frame["type"] == "acknowledged" or (frame["type"] == "delta" and frame["client_id"] == self.client_id):
            self.acknowledged[frame["csn"]] = frame["seq"]


def card_of(radio: Locator) -> Locator:
    """What people click to mark a choice: the whole card around the button."""
    return radio.locator("xpath=ancestor::label")


def all_see_the_same(*screens: Screen) -> dict[str, Any]:
    """Wait until everybody sees the same Section, Answers, selection, Fields and Notes; values hidden from some count
    as the same."""

    def seen() -> dict[str, Any] | None:
        first, *rest = [screen.read() for screen in screens]
        return first if all(_is_same(first, other) for other in rest) else None

    try:
        return eventually(seen)
    except AssertionError:
        raise AssertionError("\n".join(f"{screen.label}: {screen.read()}" for screen in screens)) from None


def _is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    for label, value in one["fields"].items():
        hidden = other["fields"].get(label)
        if hidden in {"hidden · valid", "hidden · not valid"} and value:
            other["fields"][label] = value
    return one == other
