"""A walk through every Workflow of the product, on a real server: every Answer taken, every end reached."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import msgspec
import pytest

from protocol.base import Key
from protocol.commands import Complete, Continue, SelectAnswer
from protocol.workflow import Section, WorkflowOffer, WorkflowVersion
from server.client import Page, Replica
from tests.support.installation import installed
from tests.support.product import Product

WALKERS = 8
Edge = tuple[Key, Key]


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Product]:
    """A demo of its own."""
    with installed(tmp_path / "data", "--demo") as installation:
        installation.start()
        product = Product(installation)
        await product.prepare()
        yield product


async def test_every_answer_of_every_workflow_leads_where_it_says(
    product: Product, record_property: Callable[[str, object], None]
) -> None:
    """[GD1, GD3, GD8, LC2, AC7] 57 Workflows, from the start through the review, if there is one, to every end."""
    versions = await fetch_versions(product)
    assert len(versions) == 57
    left = deque(versions)
    walked: list[tuple[int, int, int]] = []

    async def walk_on() -> None:
        async with await product.page("agent") as page:
            while left:
                walked.append(await Walk(page, left.popleft()).run())

    await asyncio.gather(*[walk_on() for _ in range(WALKERS)])

    sessions, answers, ends = (sum(counts) for counts in zip(*walked, strict=True))
    record_property("walked", f"{sessions} Sessions, {answers} Answers taken, {ends} ends reached")
    assert len(walked) == 57
    assert (answers, ends) == (438, 71)


async def fetch_versions(product: Product) -> list[WorkflowVersion]:
    """Every published Workflow, the larger ones first."""
    headers = {"Cookie": await product.cookie("agent")}
    async with httpx.AsyncClient(base_url=product.installation.address, headers=headers, trust_env=False) as browser:
        offers = msgspec.json.decode((await browser.get("/api/workflows")).content, type=list[WorkflowOffer])
        found = [await browser.get(f"/api/versions/{offer.version_id}") for offer in offers]
    versions = [msgspec.json.decode(answer.content, type=WorkflowVersion) for answer in found]
    return sorted(versions, key=lambda version: -len(version.document.sections))


class Walk:
    """One Workflow, in as many practice Sessions as it takes."""

    def __init__(self, page: Page, version: WorkflowVersion) -> None:
        self._page = page
        self._version = version
        self._sections = {section.key: section for section in version.document.sections}
        reachable = self._reachable()
        self._edges: set[Edge] = {
            (key, answer.key) for key in reachable for answer in self._sections[key].answers if answer.to
        }
        self._ends = {key for key in reachable if not self._sections[key].answers}

    async def run(self) -> tuple[int, int, int]:
        """Walk until nothing is left; gives Sessions, Answers taken, ends reached."""
        edges, ends, sessions = len(self._edges), len(self._ends), 0
        while self._edges or self._ends:
            sessions += 1
            before = (len(self._edges), len(self._ends))
            await self._walk_one()
            assert (len(self._edges), len(self._ends)) != before, f"{self._version.id}: no way to {self._edges}"
        return sessions, edges, ends

    async def _walk_one(self) -> None:
        session_id = await self._page.start(self._version.id, training=True)
        replica = self._page.sessions[session_id]
        while section := self._here(replica):
            if not section.answers:
                break
            answer_key, to = self._next(section)
            seat, visit_id = replica.head["seat"], replica.head["current_visit_id"]
            await self._page.command(session_id, SelectAnswer(visit_id=visit_id, seat=seat, answer_key=answer_key))
            await self._page.command(session_id, Continue(visit_id=visit_id, seat=seat))
            self._edges.discard((section.key, answer_key))
            assert replica.visit["section_key"] == to
        seat, visit_id = replica.head["seat"], replica.head["current_visit_id"]
        await self._page.command(session_id, Complete(visit_id=visit_id, seat=seat, anyway=True))
        if replica.head["status"] == "reviewing":
            await self._page.command(session_id, Complete(visit_id=visit_id, seat=seat, anyway=True))
        assert (replica.head["status"], replica.head["won"]) == ("completed", section.win)
        self._ends.discard(section.key)
        await self._page.leave(session_id)

    def _here(self, replica: Replica) -> Section:
        return self._sections[replica.visit["section_key"]]

    def _next(self, section: Section) -> tuple[Key, Key]:
        """The Answer that leads the shortest way to what is left: an Answer not taken, or an end not reached."""
        queue: deque[tuple[Key, tuple[Key, Key] | None]] = deque([(section.key, None)])
        seen = {section.key}
        fallback: tuple[Key, Key] | None = None
        while queue:
            key, first = queue.popleft()
            if first is not None and key in self._ends:
                return first
            if not self._sections[key].answers:
                fallback = fallback or first
            for answer in self._sections[key].answers:
                if answer.to is None:
                    continue
                step = first or (answer.key, answer.to)
                if (key, answer.key) in self._edges:
                    return step
                if answer.to not in seen:
                    seen.add(answer.to)
                    queue.append((answer.to, step))
        assert fallback is not None, f"no way out of {section.key}"
        return fallback

    def _reachable(self) -> set[Key]:
        found, left = set[Key](), [self._version.document.start or ""]
        while left:
            key = left.pop()
            if key not in found:
                found.add(key)
                left += [answer.to for answer in self._sections[key].answers if answer.to]
        return found
