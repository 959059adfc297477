"""What a simulated agent does on a Section, and how long a person would take. Pure: the same seed, the same call.

Who does it is `demo_calls.py`.

Rules: protocol/SPEC.md, FQ9.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from protocol.base import FieldContent, Key, Record
from protocol.fields import FieldDefinition, FieldType
from protocol.workflow import Section, WorkflowDocument

NAMES = ("Robin Hale", "Priya Nair", "Tomasz Zielinski", "Grace Mbeki", "Elin Strand", "Hugo Laurent")
WORDS = ("It began on Monday", "The blue jacket, size M", "Says the label was torn", "Wants it before Friday")
MOST_FIELDS = 3
"""Of one Section; an agent does not fill every form."""
PAUSES, RESPONSES = 0.06, 0.25
"""How likely a Section brings one."""


class Type(Record, frozen=True, kw_only=True):
    """Fill a Field, a part at a time as a person types it."""

    field_key: Key
    contents: tuple[FieldContent, ...]


class Say(Record, frozen=True, kw_only=True):
    """Use a Response."""

    response_key: Key


class Break(Record, frozen=True, kw_only=True):
    """Pause, and go on after some seconds."""

    seconds: float


class Choose(Record, frozen=True, kw_only=True):
    """Select one of these Answers, the first that can be, and continue."""

    answer_keys: tuple[Key, ...]


class Finish(Record, frozen=True, kw_only=True):
    """The end Section: complete; a Workflow with Actions is ended, since completing would stop at their review."""

    completes: bool


Step = Type | Say | Break | Choose | Finish


def steps_on(document: WorkflowDocument, section: Section, rng: Random) -> Iterator[tuple[float, Step]]:
    """What is done on this Section, each after so many seconds."""
    fields = {field.key: field for field in document.fields}
    contents = [(key, content_of(fields[key], rng)) for key in section.fields if key in fields]
    filled = [(key, content) for key, content in contents if content is not None]
    for key, content in filled[:MOST_FIELDS]:
        yield rng.uniform(2.0, 5.0), Type(field_key=key, contents=typed(content))
    if document.responses and rng.random() < RESPONSES:
        yield rng.uniform(2.0, 4.0), Say(response_key=rng.choice(document.responses).key)
    if rng.random() < PAUSES:
        yield rng.uniform(1.0, 3.0), Break(seconds=rng.uniform(6.0, 15.0))
    if section.answers:
        linked = [answer.key for answer in section.answers if answer.to is not None]
        rng.shuffle(linked)
        yield rng.uniform(3.0, 8.0), Choose(answer_keys=tuple(linked))
    else:
        has_actions = any(each.actions for each in document.sections)
        yield rng.uniform(2.0, 5.0), Finish(completes=not has_actions)


def typed(content: FieldContent) -> tuple[FieldContent, ...]:
    """The same word by word, as it goes out while somebody types."""
    if not isinstance(content, str) or " " not in content:
        return (content,)
    words = content.split(" ")
    return tuple(" ".join(words[: count + 1]) for count in range(len(words)))


def content_of(definition: FieldDefinition, rng: Random) -> FieldContent:
    """Something that a customer might say; None for what an agent would leave empty."""
    match definition.type:
        case FieldType.TEXT:
            return rng.choice(NAMES) if "name" in definition.key else str(rng.randrange(10**9, 10**10))
        case FieldType.LONG_TEXT:
            return rng.choice(WORDS)
        case FieldType.NUMBER:
            return str(rng.randrange(1, 60))
        case FieldType.MONEY:
            return f"{rng.randrange(10, 90)}.{rng.randrange(10, 90)}"
        case FieldType.YES_NO:
            return rng.random() < 0.7
        case FieldType.SINGLE_CHOICE:
            return rng.choice(definition.options).value if definition.options else None
        case FieldType.EMAIL:
            return f"{rng.choice(NAMES).split()[0].lower()}@example.org"
        case FieldType.PHONE:
            return f"+44 20 7946 0{rng.randrange(100, 1000)}"
        case FieldType.POSTCODE:
            return "SW1A 1AA"
    return None
