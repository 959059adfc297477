"""How the receiver misbehaves: what it can be told, and what becomes of each request then.

Nothing here answers anybody: `app.py` and `mail.py` do as the plan says.

Rules: protocol/SPEC.md, RX4 to RX6.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from random import Random
from typing import Annotated, TypeVar

from msgspec import Meta
from msgspec.structs import replace

from protocol.base import Record

HookName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Last part of a hook's URL.")]
Probability = Annotated[float, Meta(gt=0, le=1, description="How likely each matching request is met.")]
Times = Annotated[
    int, Meta(ge=1, le=1_000_000, description="How many requests it still meets; null: until switched off.")
]


class MailFault(StrEnum):
    """What can go wrong with an e-mail."""

    REFUSE_RECIPIENT = "rcpt_550"
    REFUSE_FOR_NOW = "data_451"
    DROP_AFTER_DATA = "data_drop"


class Misbehaviour(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What requests meet instead of a plain 200. With neither status nor drop it only slows the answer down."""

    name: HookName | None = None
    status: Annotated[int, Meta(ge=300, le=599)] | None = None
    retry_after: Annotated[str, Meta(max_length=64, pattern=r"^[ -~]+$", description="Seconds or a date.")] | None = (
        None
    )
    errors: Annotated[dict[str, str], Meta(max_length=20, description="Messages by field name.")] = {}
    drop: Annotated[bool, Meta(description="Close the connection without an answer.")] = False
    after_effect: Annotated[bool, Meta(description="The request is done nevertheless, and counted.")] = False
    delay_s: Annotated[float, Meta(ge=0, le=120)] = 0.0
    probability: Probability = 1.0
    times: Times | None = None

    def __post_init__(self) -> None:
        if self.drop and self.status is not None:
            raise ValueError("status and drop exclude each other")
        if not self.decides and not self.delay_s:
            raise ValueError("expected a status, drop or delay_s")
        if self.status is None and (self.retry_after is not None or self.errors):
            raise ValueError("retry_after and errors belong to a status")

    @property
    def decides(self) -> bool:
        """Whether it settles how the request is answered."""
        return self.drop or self.status is not None


class MailMisbehaviour(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What e-mails meet."""

    fault: MailFault
    probability: Probability = 1.0
    times: Times | None = None


class Behaviour(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the receiver was told. The default is good behaviour."""

    seed: int | None = None
    idempotent: Annotated[bool, Meta(description="A repeated id has no second effect.")] = True
    misbehaviours: Annotated[tuple[Misbehaviour, ...], Meta(max_length=100)] = ()
    mail: Annotated[tuple[MailMisbehaviour, ...], Meta(max_length=100)] = ()


class Plan(Record, frozen=True, kw_only=True):
    """What becomes of one request."""

    delay_s: float = 0.0
    misbehaviour: Misbehaviour | None = None


Rule = TypeVar("Rule", Misbehaviour, MailMisbehaviour)


class Conduct:
    """Behaviour over time: the dice, and what is used up."""

    def __init__(self) -> None:
        self.behaviour = Behaviour()
        self._dice = Random()

    def follow(self, behaviour: Behaviour) -> None:
        """Behave like this from now on. The same seed throws the same dice."""
        self.behaviour = behaviour
        self._dice = Random(behaviour.seed)

    def plan(self, name: str) -> Plan:
        """What becomes of the next request to this hook: delays add up, the first that decides does."""
        delay_s, decision = 0.0, None
        left: list[Misbehaviour] = []
        for each in self.behaviour.misbehaviours:
            concerns = each.name in (None, name) and not (each.decides and decision is not None)
            if not concerns or not self._is_met(each.probability):
                left.append(each)
                continue
            delay_s += each.delay_s
            decision = each if each.decides else decision
            left.extend(_used(each))
        self.behaviour = replace(self.behaviour, misbehaviours=tuple(left))
        return Plan(delay_s=delay_s, misbehaviour=decision)

    def meets(self, faults: Sequence[MailFault]) -> MailFault | None:
        """Which of these faults the next e-mail meets at this step, if any."""
        for place, each in enumerate(self.behaviour.mail):
            if each.fault in faults and self._is_met(each.probability):
                mail = self.behaviour.mail
                self.behaviour = replace(self.behaviour, mail=(*mail[:place], *_used(each), *mail[place + 1 :]))
                return each.fault
        return None

    def _is_met(self, probability: float) -> bool:
        # A certain thing throws no dice, so that switching one on does not change what else the seed gives.
        return probability == 1 or self._dice.random() < probability


def _used(rule: Rule) -> tuple[Rule, ...]:
    if rule.times is None:
        return (rule,)
    return (replace(rule, times=rule.times - 1),) if rule.times > 1 else ()
