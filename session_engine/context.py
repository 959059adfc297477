"""What a decision may know besides the Session: measured by the shell, passed in."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from protocol.account import Locale, Policy
from protocol.account import Permission as Permission
from protocol.account import PersonRole as PersonRole
from protocol.base import ClientId, Csn, Millis, Name, PersonId, Record, TeamId
from protocol.events import NamedTeam, Party


class Actor(Record, frozen=True, kw_only=True):
    """Who asks."""

    id: PersonId
    name: Name
    roles: frozenset[PersonRole]
    team_ids: Annotated[
        frozenset[TeamId], Meta(description="Teams the person belongs to, and acts in as coach or supervisor.")
    ]
    permissions: Annotated[frozenset[Permission], Meta(description="What was given besides roles.")] = frozenset()
    locale: Locale = Locale()
    is_token: Annotated[bool, Meta(description="No person, but an API token: it acts, and watches nothing.")] = False

    @property
    def party(self) -> Party:
        """The actor as the log remembers them."""
        return Party(id=self.id, name=self.name)


SYSTEM = Actor(id="system", name="System", roles=frozenset(), team_ids=frozenset())
"""The server itself, acting when time has passed."""


class Context(Record, frozen=True, kw_only=True):
    """One command's circumstances."""

    now_ms: Annotated[Millis, Meta(description="Clock of the store.")]
    actor: Actor
    client_id: Annotated[ClientId | None, Meta(description="Null if the server itself acts.")]
    csn: Csn | None
    policy: Policy = Policy()
    driver_absent: Annotated[bool, Meta(description="No presence lease of the driver is alive.")] = False
    receiver: Annotated[
        Party | None,
        Meta(description="To whom `offer_seat` or `grant_seat` would give the seat, if a presence lease is alive."),
    ] = None
    version_recalled: Annotated[
        bool,
        Meta(description="The version of the Session was recalled; to `start_session`, of the one that it leaves."),
    ] = False
    named: Annotated[
        Actor | None, Meta(description="The active person whom the command names; null if there is none.")
    ] = None
    ring: Annotated[
        tuple[Party, ...], Meta(description="Who is asked for help one after the other; to `ask_for_help`.")
    ] = ()
    named_team: Annotated[
        NamedTeam | None, Meta(description="The team that the command names; null if there is none.")
    ] = None
    present: Annotated[
        tuple[Party, ...], Meta(description="Who has the Session open; to `whisper`, which is said to them.")
    ] = ()
    is_continued: Annotated[bool, Meta(description="The Session that `switch` names was started from this one.")] = (
        False
    )
