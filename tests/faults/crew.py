"""People who work without a pause on two Sessions, each on a process of their own, and what must be true afterwards.

Ana drives one Session from two tabs, Ben another; Sam and Cleo write Notes in Ana's. Every value and every word of
the Notes is written once, so that what is lost or doubled shows.
"""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from protocol.base import Csn, SessionId
from protocol.commands import Command, EditNotes, SetField
from protocol.events import Entry, FieldSet, NotesEdited
from protocol.views import Audience
from server.actions.integrations import INTEGRATIONS
from server.parts import actions_of
from session_engine.evolve import fold
from session_engine.notes import read_text
from session_engine.project import project
from session_engine.state import SessionState
from session_engine.workflow import Workflow
from tests.session_engine.test_properties import builtins, comparable
from tests.support.notes import Editor
from tests.support.product import Product
from tests.support.tab import Tab

FIELDS = ("account_number", "outage_ref", "complaint_text")
"""Of types that keep a mark as it is typed."""


class Crew:
    """The tabs, and their work so far."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.tabs: list[Tab] = []
        self._workflow = Workflow(product.version, actions_of(INTEGRATIONS), product.installation.address)
        self._marks = (f"m{number:05}" for number in itertools.count())
        self._work: dict[Tab, Callable[[], Command]] = {}
        self._words: dict[Tab, list[str]] = {}

    async def gather(self) -> "Crew":
        """Start both Sessions and let everybody join; each tab keeps to its process."""
        ana, ben = [await self._start(label) for label in ("agent", "agent2")]
        for label, session_id, process in [
            ("agent", ana, "w1"),
            ("agent", ana, "w2"),
            ("supervisor", ana, "w1"),
            ("coach", ana, "w2"),
            ("agent2", ben, "w2"),
            ("coach", ben, "w1"),
        ]:
            tab = await Tab(self.product, label, session_id, process=process).open()
            self._work[tab] = self._driving() if label.startswith("agent") else self._noting(tab)
            self.tabs.append(tab)
        return self

    @asynccontextmanager
    async def at_work(self, within_s: float = 45.0) -> AsyncIterator[None]:
        """Everybody works; afterwards all that they gave has been answered."""
        is_over = asyncio.Event()
        async with asyncio.timeout(within_s), asyncio.TaskGroup() as tasks:
            for tab, draw in self._work.items():
                tasks.create_task(tab.work(draw, is_over))
            yield
            is_over.set()

    async def some_work(self, commands: int = 60) -> None:
        """Until this many more commands were acknowledged: so much load lies between two faults."""
        enough = self._acknowledged() + commands
        while self._acknowledged() < enough:
            assert all(tab.refused == {} for tab in self.tabs), [tab.refused for tab in self.tabs]
            await asyncio.sleep(0.02)

    async def level(self, within_s: float = 10.0) -> float:
        """Until every tab shows its Session's last acknowledged entry; the seconds that it took."""
        began_s = time.monotonic()
        last = {tab.session_id: 0 for tab in self.tabs}
        for tab in self.tabs:
            last[tab.session_id] = max(last[tab.session_id], *tab.acknowledged.values())
        async with asyncio.timeout(within_s):
            await asyncio.gather(*[tab.reaches(last[tab.session_id]) for tab in self.tabs])
        return time.monotonic() - began_s

    async def close(self) -> None:
        """Everybody leaves."""
        for tab in self.tabs:
            await tab.close()

    async def check(self) -> None:
        """Nothing acknowledged is lost, nothing is there twice, order per client is kept, everybody sees the log."""
        assert all(tab.refused == {} for tab in self.tabs), [tab.refused for tab in self.tabs]
        assert not {"ahead", "fork"} & {reason for tab in self.tabs for reason in tab.reasons}
        for session_id in {tab.session_id for tab in self.tabs}:
            entries = await self.product.log(session_id)
            state = fold(entries)
            tabs = [tab for tab in self.tabs if tab.session_id == session_id]
            for tab in tabs:
                _check_commands(tab, entries)
                self._check_view(tab, state)
            _check_notes([self._words[tab] for tab in tabs if tab in self._words], state)

    def _check_view(self, tab: Tab, state: SessionState) -> None:
        audience = Audience.OWNER if state.owner.id == f"demo_{tab.label}" else Audience.STAFF
        assert tab.replica.audience == audience
        shown = builtins(project(state, self._workflow, audience))
        assert comparable(tab.replica.view) == comparable(shown), f"{tab.label} sees something else than the log says"

    async def _start(self, label: str) -> SessionId:
        async with await self.product.page(label) as page:
            return await page.start(self.product.version.id)

    def _driving(self) -> Callable[[], Command]:
        keys = itertools.cycle(FIELDS)
        return lambda: SetField(visit_id="v1", seat=1, field_key=next(keys), content=next(self._marks))

    def _noting(self, tab: Tab) -> Callable[[], Command]:
        editor, words = Editor(), self._words.setdefault(tab, [])

        def write() -> EditNotes:
            words.append(next(self._marks))
            return EditNotes(update=editor.type(f"{words[-1]} "))

        return write

    def _acknowledged(self) -> int:
        return sum(len(tab.acknowledged) for tab in self.tabs)


def _check_commands(tab: Tab, entries: list[Entry]) -> None:
    mine: list[tuple[Csn | None, Entry]] = [(entry.csn, entry) for entry in entries if entry.client_id == tab.client_id]
    csns = [csn for csn, _ in mine]
    assert csns == sorted(tab.given), f"{tab.label}: given once each and in order, found {Counter(csns).most_common(1)}"
    assert tab.acknowledged == {csn: entry.seq for csn, entry in mine}, f"{tab.label} was told another seq"
    for csn, entry in mine:
        assert csn is not None
        given, (event,) = tab.given[csn], entry.events
        if isinstance(given, SetField):
            assert isinstance(event, FieldSet)
            assert (event.field_key, event.content) == (given.field_key, given.content)
        else:
            assert isinstance(event, NotesEdited)


def _check_notes(writers: list[list[str]], state: SessionState) -> None:
    """Every word once, each writer's words in order."""
    found = read_text(state.notes.update).split() if state.notes is not None else []
    assert Counter(found) == Counter(itertools.chain(*writers))
    for words in writers:
        assert [word for word in found if word in set(words)] == words
