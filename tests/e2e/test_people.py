"""Real people: from the first administrator's link to the audit log, in an installation that is no demo."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import SUPPORT
from tests.e2e.screens import Screen
from tests.e2e.test_accessible import TOO_LOW, axe_finds_nothing, never_scrolls_sideways
from tests.support.installation import Installation, installed

PASSWORD = "harbour lantern quilt"
NEXT_PASSWORD = "cobalt meadow drizzle"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
LONG_NAME = "Maximiliane-Theodora von und zu Hohenstein-Wolfenbüttel"


class Office:
    """An installation with an administrator, and who comes to it."""

    def __init__(self, installation: Installation, browser: Browser) -> None:
        self.installation = installation
        self.browser = browser
        self.home = f"http://localhost:{installation.port}"
        self.screens: list[Screen] = []
        self._admin = self._settle(self.add_by_command_line("ada@example.org", "Ada Admin", "admin"))

    def browse(self, path: str = "/", *, as_who: httpx.Cookies | None = None, touch: bool = False) -> Screen:
        """Somebody's tab in a browser of their own; signed in nowhere, or like somebody who is."""
        device = self.browser.new_context(
            viewport={"width": 1440, "height": 900},
            has_touch=touch,
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )
        if as_who is not None:
            device.add_cookies([{"name": name, "value": value, "url": self.home} for name, value in as_who.items()])
        screen = Screen(device, "somebody", self.installation.port)
        screen.home = self.home
        screen.page.goto(f"{self.home}{path}")
        self.screens.append(screen)
        return screen

    def admin(self, path: str) -> Screen:
        """An administrator who is signed in already."""
        return self.browse(path, as_who=self._admin)

    def add_by_command_line(self, email: str, name: str, role: str) -> str:
        """The way to the page that their link opens."""
        command = [sys.executable, "-m", "server", "people", "add", email, "--name", name, "--role", role]
        command += ["--data-dir", str(self.installation.data_dir)]
        return link_in(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def add(self, email: str, name: str, role: str = "agent", team_id: str | None = None) -> str:
        """The same, as the administrator's page does it."""
        order = {"name": name, "email": email, "roles": [role], "team_ids": [team_id] if team_id else []}
        with self._client(self._admin) as admin:
            return link_in(admin.post("/api/people", json=order).raise_for_status().text)

    def settled(self, email: str, name: str, role: str = "agent", team_id: str | None = None) -> httpx.Cookies:
        """Somebody who chose a password, and is signed in."""
        return self._settle(self.add(email, name, role, team_id))

    def add_team(self, name: str) -> str:
        """A team; its id."""
        with self._client(self._admin) as admin:
            return str(admin.post("/api/teams", json={"name": name}).raise_for_status().json()["id"])

    def import_workflow(self, name: str) -> None:
        """One of those that tests have, for everybody to start."""
        command = [sys.executable, "-m", "server", "workflows", "import", str(SUPPORT / name), "--data-dir"]
        subprocess.run([*command, str(self.installation.data_dir)], check=True, capture_output=True)

    def sign_in_elsewhere(self, email: str, password: str) -> None:
        """In a browser that nobody sees."""
        with self._client() as client:
            client.post("/api/sign-in", json={"email": email, "password": password}).raise_for_status()

    def _settle(self, link: str) -> httpx.Cookies:
        use = {"token": link.partition("#")[2], "password": PASSWORD}
        with self._client() as client:
            client.post("/api/links/use", json=use).raise_for_status()
            return client.cookies

    def _client(self, cookies: httpx.Cookies | None = None) -> httpx.Client:
        headers = {"Origin": self.home, "User-Agent": FIREFOX}
        return httpx.Client(base_url=self.home, headers=headers, cookies=cookies, timeout=20)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Office]:
    """Up for all tests of this module; each brings people of its own."""
    with installed(tmp_path_factory.mktemp("people") / "data") as installation:
        installation.start()
        yield Office(installation, browser)


@pytest.fixture
def office(running: Office) -> Iterator[Office]:
    """The same, with nobody before a screen."""
    yield running
    problems = [problem for screen in running.screens for problem in screen.problems]
    for screen in running.screens:
        screen.page.context.close()
    running.screens.clear()
    assert problems == []


def link_in(text: str) -> str:
    """The address of a one-time link, without the host."""
    found = re.search(r"/welcome#[\w-]+", text)
    assert found is not None, text
    return found[0]


def choose_password(screen: Screen, password: str) -> None:
    """On the page that a link opens."""
    screen.page.get_by_label("New password", exact=True).fill(password)
    screen.button("Save and sign in").click()
    is_inside(screen)


def sign_in(screen: Screen, email: str, password: str) -> None:
    """As people do: by keyboard, from one field to the next."""
    expect(screen.page.get_by_label("E-mail")).to_be_focused()
    screen.page.get_by_label("E-mail").fill(email)
    screen.page.get_by_label("Password", exact=True).fill(password)
    screen.press("Enter")


def is_inside(screen: Screen) -> None:
    """The frame of every page of a signed-in person."""
    expect(screen.page.get_by_role("link", name="Skip to content")).to_be_attached()


def is_at_the_door(screen: Screen) -> None:
    """The page to sign in."""
    expect(screen.page.get_by_role("heading", name="Sign in")).to_be_visible()


def dialog(screen: Screen, name: str | re.Pattern[str]) -> Locator:
    """What is asked."""
    return screen.page.get_by_role("dialog", name=name)


def row(screen: Screen, text: str) -> Locator:
    """A line of a list."""
    return screen.page.get_by_role("row").filter(has_text=text)


def choose(screen: Screen, name: str, item: str) -> None:
    """An entry of a person's menu."""
    screen.button(f"More for {name}").click()
    screen.page.get_by_role("menuitem", name=item).click()


def open_sign_ins(page: Page) -> Locator:
    """Where one is signed in, on one's own page."""
    return page.get_by_role("region", name="Where I am signed in").get_by_role("listitem")


def test_from_the_first_administrators_link_to_an_agent_who_is_out(office: Office) -> None:
    """[PX1, PX3, PX6, PX7, PX8] Nobody but the two ever needs anything else than their own browser."""
    ada = office.browse(office.add_by_command_line("first@example.org", "Ada First", "admin"))
    expect(ada.page.get_by_role("heading", name="Welcome, Ada First")).to_be_visible()
    assert "#" not in ada.page.url
    password = ada.page.get_by_label("New password", exact=True)
    password.fill("too short")
    ada.press("Enter")
    expect(ada.page.get_by_role("alert")).to_have_text("That is too short.")
    password.fill("password1234")
    ada.press("Enter")
    expect(ada.page.get_by_role("alert")).to_contain_text("Expected")
    expect(password).to_have_value("password1234")
    choose_password(ada, PASSWORD)

    ada.page.get_by_role("link", name="People", exact=True).click()
    ada.button("Add person").click()
    form = dialog(ada, "Add a person")
    form.get_by_label("Name").fill("Ben Agent")
    form.get_by_label("E-mail").fill("first@example.org")
    form.get_by_role("button", name="Add and get link").click()
    expect(form.get_by_role("alert")).to_contain_text("Somebody is known by this e-mail address already")
    expect(form.get_by_label("E-mail")).to_be_focused()
    expect(form.get_by_label("Name")).to_have_value("Ben Agent")
    form.get_by_label("E-mail").fill("ben@example.org")
    form.get_by_role("button", name="Add and get link").dblclick()
    made = dialog(ada, "Link for Ben Agent")
    made.get_by_role("button", name="Copy the link").click()
    expect(made.get_by_role("status")).to_have_text("Copied")
    link: str = ada.page.evaluate("navigator.clipboard.readText()")
    assert link == made.locator("code").inner_text()
    made.get_by_role("button", name="Done").click()
    expect(row(ada, "ben@example.org")).to_have_count(1)
    expect(row(ada, "ben@example.org")).to_contain_text("Invited, link until")

    ben = office.browse(link_in(link))
    choose_password(ben, PASSWORD)
    expect(ben.page.get_by_role("link", name="My Connections")).to_be_visible()
    expect(ben.page.get_by_role("link", name="People", exact=True)).to_be_hidden()
    ben.page.goto(f"{ben.home}/people")
    expect(ben.page.get_by_role("heading", name="This page is for administrators")).to_be_visible()

    choose(ada, "Ben Agent", "Sign-ins…")
    sign_ins = dialog(ada, "Sign-ins of Ben Agent")
    expect(sign_ins.get_by_role("listitem")).to_have_count(1)
    sign_ins.get_by_role("button", name="End all").click()
    expect(sign_ins).to_contain_text("Signed in nowhere.")
    sign_ins.get_by_role("button", name="Close").last.click()
    expect(ben.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    ben.button("Sign in").click()
    sign_in(ben, "BEN@example.org ", PASSWORD)
    expect(ben.page.get_by_role("heading", name="This page is for administrators")).to_be_visible()

    choose(ada, "Ben Agent", "Deactivate…")
    asked = dialog(ada, "Deactivate Ben Agent?")
    expect(asked).to_contain_text("signed out everywhere")
    asked.get_by_role("button", name="Deactivate").click()
    expect(ada.page.get_by_text("Ben Agent is deactivated. No Session of theirs was open.")).to_be_visible()
    expect(row(ada, "ben@example.org")).to_have_count(0)
    ben.button("Sign in").click()
    sign_in(ben, "ben@example.org", PASSWORD)
    expect(ben.page.get_by_role("alert")).to_have_text("E-mail or password is not right.")

    ada.page.get_by_label("Who is shown").select_option("Deactivated")
    choose(ada, "Ben Agent", "Activate")
    expect(ada.page.get_by_text("Ben Agent is active")).to_be_visible()
    ben.press("Enter")
    is_inside(ben)


def test_a_colleague_goes_on_with_the_call_of_who_is_deactivated(office: Office) -> None:
    """[PX8, RA5] The administrator names them; the call is in their strip at once, and they drive."""
    office.import_workflow("callback_request.yaml")
    team_id = office.add_team("Evening")
    dora, emil = (office.settled(f"{name}@example.org", name, team_id=team_id) for name in ("Dora", "Emil"))
    calling = office.browse("/new", as_who=dora)
    calling.button("Start").click()
    calling.fill("Caller's name", "Mr Lindqvist")
    calling.is_saved()
    waiting = office.browse("/sessions", as_who=emil)

    ada = office.admin("/people")
    choose(ada, "Dora", "Deactivate…")
    asked = dialog(ada, "Deactivate Dora?")
    expect(asked).to_contain_text("1 Session is open")
    asked.get_by_label("Who goes on?").select_option("Emil")
    asked.get_by_role("button", name="Deactivate").click()

    expect(ada.page.get_by_role("status").filter(has_text="1 Session went to Emil.")).to_be_visible()
    waiting.page.get_by_role("navigation", name="Open Sessions").get_by_role("link").click()
    expect(waiting.seat).to_contain_text("You drive")
    expect(waiting.field("Caller's name")).to_have_value("Mr Lindqvist")
    waiting.go_on("Right person")
    expect(waiting.section).to_have_text("What it is about")


def test_a_wrong_password_keeps_what_was_typed_and_leads_on_to_where_one_wanted(office: Office) -> None:
    """[PX1] One message, whichever of the two is wrong; afterwards the page that was asked for."""
    office.settled("cleo@example.org", "Cleo Coach", "coach")
    cleo = office.browse("/attention?kind=failed")
    sign_in(cleo, "cleo@example.org", "not my password")
    expect(cleo.page.get_by_role("alert")).to_have_text("E-mail or password is not right.")
    expect(cleo.page.get_by_label("E-mail")).to_have_value("cleo@example.org")
    shown = cleo.page.get_by_label("Password", exact=True)
    expect(shown).to_be_focused()
    axe_finds_nothing(cleo)
    cleo.type(PASSWORD)
    cleo.button("Show password").press("Space")
    expect(shown).to_have_attribute("type", "text")
    expect(shown).to_have_attribute("autocomplete", "current-password")
    expect(cleo.page.get_by_label("E-mail")).to_have_attribute("autocomplete", "username")
    shown.press("Enter")

    expect(cleo.page).to_have_url(f"{cleo.home}/attention?kind=failed")
    expect(cleo.page.get_by_role("heading", name="Needs attention")).to_be_visible()


def test_whoever_tried_too_often_is_told_for_how_long(office: Office) -> None:
    """[PX2] The seconds count down, and then the button works again."""
    visitor = office.browse()
    slow_down = {"status": 429, "headers": {"Retry-After": "2"}, "json": {"code": "slow_down", "detail": "wait"}}
    visitor.page.route("**/api/sign-in", lambda route: route.fulfill(**slow_down))
    sign_in(visitor, "dan@example.org", "not my password")
    expect(visitor.page.get_by_role("alert")).to_have_text("Too many tries. Try again in 2 s.")
    expect(visitor.page.get_by_role("button", name="Sign in")).to_be_disabled()

    expect(visitor.page.get_by_role("button", name="Sign in")).to_be_enabled()
    expect(visitor.page.get_by_role("alert")).to_have_count(0)
    expect(visitor.page.get_by_label("Password", exact=True)).to_have_value("not my password")


def test_a_new_installation_says_how_its_first_administrator_is_made(office: Office) -> None:
    """[PX1] With the command, to be copied."""
    visitor = office.browse()
    nobody = {"name": "Sidecoach", "demo": False, "has_people": False, "passwords": True, "provider": None}
    visitor.page.route("**/api/house", lambda route: route.fulfill(json=nobody))
    visitor.page.reload()

    expect(visitor.page.get_by_role("heading", name="Add the first person")).to_be_visible()
    expect(visitor.page.locator("code")).to_contain_text("sidecoach people add you@example.com")
    axe_finds_nothing(visitor)


def test_a_link_that_is_over_says_how_to_get_a_new_one(office: Office) -> None:
    """[PX3] Used, replaced or cut off; the next one may be pasted into the same tab."""
    used = office.add("eve@example.org", "Eve Agent")
    eve = office.browse(used)
    choose_password(eve, PASSWORD)
    other = office.browse(used)
    expect(other.page.get_by_role("heading", name="This link is over")).to_be_visible()
    axe_finds_nothing(other)
    other.page.goto(f"{other.home}/welcome")
    expect(other.page.get_by_role("heading", name="Open your link again")).to_be_visible()

    other.page.goto(other.home + office.add("fay@example.org", "Fay Agent"))
    expect(other.page.get_by_role("heading", name="Welcome, Fay Agent")).to_be_visible()
    axe_finds_nothing(other)
    eve.page.goto(eve.home + office.add("fin@example.org", "Fin Agent"))
    expect(eve.page.get_by_text("Eve Agent is signed in in this browser, and will be signed out.")).to_be_visible()
    choose_password(eve, PASSWORD)
    expect(eve.page.get_by_role("button", name=re.compile("^Fin Agent"))).to_be_visible()


def test_everybody_changes_their_password_and_ends_their_other_sign_ins(office: Office) -> None:
    """[PX4, PX5] What is wrong stands at its field; the browser that asks stays signed in."""
    gus = office.browse("/sessions", as_who=office.settled("gus@example.org", "Gus Agent"))
    for _ in range(2):
        office.sign_in_elsewhere("gus@example.org", PASSWORD)
    gus.page.get_by_role("button", name="my account").click()
    gus.page.get_by_role("menuitem", name="My account").click()
    expect(open_sign_ins(gus.page)).to_have_count(3)
    expect(open_sign_ins(gus.page).filter(has_text="This one")).to_have_count(1)
    axe_finds_nothing(gus)

    gus.page.get_by_role("button", name=re.compile("^End Firefox")).first.click()
    expect(open_sign_ins(gus.page)).to_have_count(2)
    gus.page.get_by_label("Current password").fill("not my password")
    gus.page.get_by_label("New password").fill(NEXT_PASSWORD)
    gus.press("Enter")
    expect(gus.page.get_by_role("alert")).to_have_text("That is not your password.")
    expect(gus.page.get_by_label("New password")).to_have_value(NEXT_PASSWORD)
    gus.page.get_by_label("Current password").fill(PASSWORD)
    gus.press("Enter")
    expect(gus.page.get_by_text("Changed. Every other browser is signed out.")).to_be_visible()
    expect(open_sign_ins(gus.page)).to_have_count(1)
    expect(gus.page.get_by_label("Current password")).to_have_value("")

    for _ in range(2):
        office.sign_in_elsewhere("gus@example.org", NEXT_PASSWORD)
    gus.page.reload()
    gus.button("End all others").click()
    expect(open_sign_ins(gus.page)).to_have_count(1)


def test_the_second_step_is_set_up_and_asked_for(office: Office) -> None:
    """[TF7] Password, picture and code, codes to keep; the door asks for the code in a step of its own."""
    kim = office.browse("/account", as_who=office.settled("kim@example.org", "Kim Agent"))
    kim.button("Set up…").click()
    kim.page.get_by_role("dialog").get_by_label("Password", exact=True).fill(PASSWORD)
    kim.press("Enter")
    scan = dialog(kim, "Scan this with your app")
    expect(scan.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
    axe_finds_nothing(kim)
    app = pyotp.TOTP(scan.get_by_role("code").first.inner_text())
    scan.get_by_label("Code that the app shows").fill("000000")
    kim.press("Enter")
    expect(scan.get_by_role("alert")).to_contain_text("Expected the code")
    scan.get_by_label("Code that the app shows").fill(app.generate_otp(int(time.time()) // 30 - 1))
    kim.press("Enter")
    codes = kim.page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    kept = codes.first.inner_text()
    axe_finds_nothing(kim)
    kim.button("I have kept them").click()
    expect(kim.page.get_by_text("Recovery codes left: 10.")).to_be_visible()

    door = office.browse("/account")
    door.page.get_by_label("E-mail").fill("kim@example.org")
    door.page.get_by_label("Password", exact=True).fill(PASSWORD)
    door.press("Enter")
    code = door.page.get_by_label("Code of your authenticator app")
    expect(code).to_be_focused()
    axe_finds_nothing(door)
    code.fill("000000")
    door.press("Enter")
    expect(door.page.get_by_role("alert")).to_have_text("This code is not right, or was used already.")
    code.fill(kept)
    door.press("Enter")
    expect(door.page.get_by_text("Recovery codes left: 9.")).to_be_visible()


def test_people_are_found_changed_and_given_teams(office: Office) -> None:
    """[PX6, PX7, PX8, PX9] Teams are added and renamed beside the list; a reload shows the same."""
    office.add("hana@example.org", LONG_NAME)
    ada = office.admin("/people")
    ada.button("Teams…").click()
    teams = dialog(ada, "Teams")
    teams.get_by_label("Name of a new team").fill("Retention")
    ada.press("Enter")
    expect(teams.get_by_role("listitem").filter(has_text="Retention")).to_be_visible()
    axe_finds_nothing(ada)
    teams.get_by_role("button", name="Rename Retention").click()
    teams.get_by_label("New name of Retention").fill("Retention North")
    ada.press("Enter")
    expect(teams.get_by_role("listitem").filter(has_text="Retention North")).to_be_visible()
    teams.get_by_label("Name of a new team").fill("retention north")
    ada.press("Enter")
    expect(teams.get_by_role("alert")).to_contain_text("There is a team of this name already")
    teams.get_by_role("button", name="Close").last.click()

    ada.page.get_by_label("Find people").fill("hohenstein")
    expect(row(ada, "@")).to_have_count(1)
    ada.button(f"Edit {LONG_NAME}").click()
    form = dialog(ada, f"Edit {LONG_NAME}")
    form.get_by_label("Coach").check()
    form.get_by_label("Retention North").check()
    axe_finds_nothing(ada)
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()
    expect(row(ada, LONG_NAME)).to_contain_text("Agent, Coach")
    expect(row(ada, LONG_NAME)).to_contain_text("Retention North")
    ada.page.reload()
    expect(row(ada, "@")).to_have_count(1)
    axe_finds_nothing(ada)

    choose(ada, LONG_NAME, "New link…")
    dialog(ada, f"New link for {LONG_NAME}?").get_by_role("button", name="Make a link").click()
    expect(dialog(ada, f"Link for {LONG_NAME}").locator("code")).to_contain_text("/welcome#")
    axe_finds_nothing(ada)
    dialog(ada, f"Link for {LONG_NAME}").get_by_role("button", name="Done").click()
    choose(ada, LONG_NAME, "Deactivate…")
    axe_finds_nothing(ada)
    ada.press("Enter", "Escape")
    ada.page.get_by_label("Find people").fill("Ada Admin")
    expect(row(ada, LONG_NAME)).to_have_count(0)
    ada.button("More for Ada Admin").click()
    expect(ada.page.get_by_role("menuitem", name="Sign-ins…")).to_be_visible()
    expect(ada.page.get_by_role("menuitem", name="Deactivate…")).to_have_count(0)


def test_the_audit_log_is_read_filtered_and_exported(office: Office) -> None:
    """[PX10] The newest first; names lead to all that has to do with them."""
    office.settled("ian@example.org", "Ian Agent")
    ada = office.admin("/audit")
    expect(row(ada, "Ian Agent").first).to_contain_text("signed in")
    axe_finds_nothing(ada)
    ada.button("Only by Ian Agent").first.click()
    expect(ada.button("Filters (1)")).to_be_visible()
    expect(row(ada, "Ada Admin")).to_have_count(0)
    expect(row(ada, "used a link")).to_have_count(1)
    ada.page.get_by_label("What", exact=True).select_option("Changed the password")
    expect(row(ada, "used a link")).to_have_count(0)
    axe_finds_nothing(ada)
    with ada.page.expect_download() as exporting:
        ada.page.get_by_role("link", name="Export CSV").click()
    text = Path(exporting.value.path()).read_text()
    assert text.count("password_changed") == 1
    assert "sign_in" not in text

    ada.page.get_by_role("combobox", name="Who").fill("ada")
    ada.page.get_by_role("option", name=re.compile("^Ada Admin")).click()
    expect(row(ada, "Ada Admin")).to_have_count(1)
    ada.button("Clear filters").click()
    expect(row(ada, "Ian Agent").first).to_be_visible()


@pytest.mark.long
def test_no_page_of_people_scrolls_sideways_or_is_too_low_for_fingers(office: Office) -> None:
    """[PX1, PX3, PX4, PX6, PX10] On a small laptop and on phones, a long name on each."""
    link = office.add("jo@example.org", LONG_NAME)

    def fits(screen: Screen, there: str) -> None:
        expect(screen.page.get_by_text(there).locator("visible=true").first).to_be_visible()
        for width, height in ((911, 512), (390, 844), (320, 640)):
            screen.page.set_viewport_size({"width": width, "height": height})
            assert never_scrolls_sideways(screen)
            assert screen.page.evaluate(TOO_LOW, 44) == []

    visitor = office.browse("/", touch=True)
    fits(visitor, "No password yet or forgotten?")
    visitor.page.goto(f"{visitor.home}{link}")
    fits(visitor, LONG_NAME)
    choose_password(visitor, PASSWORD)
    visitor.page.goto(f"{visitor.home}/account")
    fits(visitor, "This one")
    ada = office.admin("/people")
    visitor.page.context.add_cookies(ada.page.context.cookies())
    for path in ("/people", "/audit?act=person_added"):
        visitor.page.goto(f"{visitor.home}{path}")
        fits(visitor, LONG_NAME)
    visitor.page.set_viewport_size({"width": 911, "height": 512})
    visitor.button("Sign out").click()
    is_at_the_door(visitor)
