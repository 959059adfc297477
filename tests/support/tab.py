"""A browser tab in Python that comes back by itself: what a person relies on while machines die."""

import asyncio
import itertools
import secrets
from collections import deque
from collections.abc import Callable
from functools import partial

from protocol.base import Csn, Seq, SessionId
from protocol.commands import Command
from protocol.refusals import RefuseCode
from server.client import Page, Replica
from session_engine.refused import Refused
from tests.support.product import Gone, Product

UNDER_WAY = 4
"""Enough that a killed process holds some that are stored and unanswered, and some that are neither."""
RETRY_S = 0.05


class Tab:
    """Numbered commands for one Session: sent in order, again under the same csn until answered, position held."""

    def __init__(self, product: Product, label: str, session_id: SessionId, *, process: str | None = None) -> None:
        self.label = label
        self.client_id = secrets.token_hex(16)
        self.session_id = session_id
        self.replica = Replica()
        self.given: dict[Csn, Command] = {}
        self.acknowledged: dict[Csn, Seq] = {}
        self.refused: dict[Csn, RefuseCode] = {}
        self.not_saved = 0
        self.processes: list[str] = []
        self.reasons: list[str] = []
        self.page: Page | None = None
        self._product = product
        self._process = process
        self._csns = itertools.count(1)
        self._pending: deque[Csn] = deque()

    async def open(self) -> "Tab":
        """Connect and join, however often it takes."""
        while True:
            try:
                await self._connect()
            except (*Gone, TimeoutError):
                # Nobody there, or, while an installation starts, nobody who answers yet.
                await asyncio.sleep(RETRY_S)
            except Refused as refused:
                if refused.code is not RefuseCode.NOT_SAVED_YET:
                    raise
                await asyncio.sleep(RETRY_S)
            else:
                return self

    async def close(self) -> None:
        """As a closed tab."""
        if self.page is not None:
            await self.page.close()
            self.page = None

    def give(self, command: Command) -> None:
        """The person does something."""
        csn = next(self._csns)
        self.given[csn] = command
        self._pending.append(csn)

    async def settle(self) -> None:
        """Until the server has answered everything that was given."""
        window = UNDER_WAY
        while self._pending:
            # What the store could not take is sent alone: until it is in, the server refuses what follows it.
            window = UNDER_WAY if await self._send(window) else 1

    async def work(self, draw: Callable[[], Command], is_over: asyncio.Event) -> None:
        """Go on doing things until it is over and everything is answered."""
        while not is_over.is_set():
            for _ in range(UNDER_WAY):
                self.give(draw())
            await self.settle()

    async def reaches(self, seq: Seq) -> None:
        """Until this tab shows the entry, from wherever it has to come back."""
        while self.replica.position is None or self.replica.position.seq < seq:
            page = await self._present()
            await page.until(partial(self._is_there_or_gone, page, seq))

    def _is_there_or_gone(self, page: Page, seq: Seq) -> bool:
        is_there = self.replica.position is not None and self.replica.position.seq >= seq
        return is_there or page.close_code is not None

    async def _present(self) -> Page:
        if self.page is None or self.page.close_code is not None:
            await self.open()
        assert self.page is not None
        return self.page

    async def _send(self, window: int) -> bool:
        """Send the first of the pending; whether the store took them."""
        page = await self._present()
        csns = list(itertools.islice(self._pending, window))
        sending = [page.command(self.session_id, self.given[csn], csn=csn) for csn in csns]
        outcomes = await asyncio.gather(*sending, return_exceptions=True)
        is_saved = True
        for csn, outcome in zip(csns, outcomes, strict=True):
            match outcome:
                case int():
                    self.acknowledged[csn] = outcome
                    self._pending.remove(csn)
                case Refused(code=RefuseCode.NOT_SAVED_YET):
                    self.not_saved += 1
                    is_saved = False
                case Refused():
                    self.refused[csn] = outcome.code
                    self._pending.remove(csn)
                case _ if not isinstance(outcome, Gone):
                    raise outcome
        if not is_saved:
            await asyncio.sleep(RETRY_S)
        return is_saved

    async def _connect(self) -> None:
        # The first time on the process that the test asks for; whoever comes back takes what is there.
        process = None if self.processes else self._process
        self.page = page = await self._product.page(self.label, process=process, client_id=self.client_id)
        page.sessions[self.session_id] = self.replica
        await page.join(self.session_id, self.replica.position)
        self.processes.append(page.welcome["process"])
        self.reasons.append(self.replica.reason)
