"""The people of a demo, one host name each, so that one browser can be several people.

They exist to try the product out on one's own machine: `--demo` lets them in
without a secret, and a start without it keeps them out.

Rules: protocol/SPEC.md, HS11 to HS13.
"""

from __future__ import annotations

from protocol.account import Locale
from protocol.base import Name, Record
from session_engine.context import Actor, PersonRole

TEAM_ID = "demo_team"
TEAM_NAME = "Demo team"


class DemoPerson(Record, frozen=True, kw_only=True):
    """Somebody to be, and the first label of the host that makes you so."""

    label: str
    name: Name
    role: PersonRole
    locale: Locale = Locale()

    @property
    def actor(self) -> Actor:
        """As the people table has them."""
        return Actor(
            id=f"demo_{self.label}",
            name=self.name,
            roles=frozenset({self.role}),
            team_ids=frozenset({TEAM_ID}),
            locale=self.locale,
        )


BERLIN = Locale(language="de-DE", country="DE", currency="EUR", time_zone="Europe/Berlin")
"""Ben works from Berlin, so that a demo shows two ways to write a date."""

DEMO_PEOPLE = (
    DemoPerson(label="agent", name="Ana Agent", role=PersonRole.AGENT),
    DemoPerson(label="agent2", name="Ben Agent", role=PersonRole.AGENT, locale=BERLIN),
    DemoPerson(label="coach", name="Cleo Coach", role=PersonRole.COACH),
    DemoPerson(label="supervisor", name="Sam Supervisor", role=PersonRole.SUPERVISOR),
    DemoPerson(label="admin", name="Ada Admin", role=PersonRole.ADMIN),
)


SIMULATED_PEOPLE = tuple(
    Actor(
        id=f"demo_simulated_{number}",
        name=f"Simulated {name}",
        roles=frozenset({PersonRole.AGENT}),
        team_ids=frozenset({TEAM_ID}),
    )
    for number, name in enumerate(("Mia", "Noah", "Ines", "Otto", "Zoe"), 1)
)
"""Nobody can be them: they have no host name."""


def find_demo_person(host_name: str) -> DemoPerson | None:
    """Whom the host `agent.localhost` stands for."""
    label, _, rest = host_name.partition(".")
    return next((person for person in DEMO_PEOPLE if rest == "localhost" and person.label == label), None)
