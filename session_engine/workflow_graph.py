"""What is wrong with a Workflow document, and how its Sections hang together.

A graph of Sections by key: Answers and routes lead on, and any Section open to
jumps can be entered from anywhere. Checks of Field definitions and values are
`field_checks.py`; of what names a Field, `reference_checks.py`; of Actions,
`action_checks.py`.

Rules: protocol/SPEC.md, WF1 to WF5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from protocol.base import Key
from protocol.integrations import IntegrationAction
from protocol.workflow import Answer, Problem, ProblemCode, Section, WorkflowDocument
from session_engine.action_checks import ActionChecks
from session_engine.field_checks import definition_problems, problem
from session_engine.reference_checks import References


def incomplete(document: WorkflowDocument) -> bool:
    """Whether at least one Answer is unassigned."""
    return any(answer.to is None for section in document.sections for answer in section.answers)


def reachable(document: WorkflowDocument) -> frozenset[Key]:
    """Sections that a Session can come to: from the start, or by a jump."""
    keys = {section.key for section in document.sections}
    entrances = {section.key for section in document.sections if section.open_to_jumps}
    if document.start in keys:
        entrances.add(document.start)
    onward = {section.key: [key for key in _leads_to(section) if key in keys] for section in document.sections}
    return _spread(entrances, onward)


def trapped(document: WorkflowDocument) -> frozenset[Key]:
    """Sections from which no end Section and no unassigned Answer can be reached without a jump."""
    keys = {section.key for section in document.sections}
    backward = defaultdict(list)
    exits = set()
    for section in document.sections:
        if not section.answers or any(answer.to not in keys for answer in section.answers):
            exits.add(section.key)
        for key in _leads_to(section):
            backward[key].append(section.key)
    return frozenset(keys - _spread(exits, backward))


def problems(
    document: WorkflowDocument, integrations: Mapping[str, IntegrationAction] | None = None
) -> tuple[Problem, ...]:
    """Everything static that is wrong, in the document's order; only `unassigned` does not block.

    `integrations` are all that the server can do elsewhere, by id. Without
    them parameters and results of Actions are not judged.
    """
    return tuple(_problems(document, integrations))


def _problems(document: WorkflowDocument, integrations: Mapping[str, IntegrationAction] | None) -> Iterator[Problem]:
    references = References(document)
    actions = ActionChecks(document, references, integrations)
    yield from _start_problems(document)
    yield from references.title_problems(document.title, "title")
    yield from _repeated((section.key for section in document.sections), "sections[{}].key")

    found, stuck = reachable(document), trapped(document)
    has_start = any(section.key == document.start for section in document.sections)
    for place, section in enumerate(document.sections):
        path = f"sections[{place}]"
        if has_start and section.key not in found:
            yield problem(
                ProblemCode.UNREACHABLE,
                path,
                f"nothing leads to {section.key}; expected an Answer or a route to it, or open_to_jumps",
            )
        if section.key in stuck:
            yield problem(
                ProblemCode.TRAP,
                path,
                f"no way out: from {section.key} no end Section and no unassigned Answer can be reached",
            )
        yield from _section_problems(section, path, references, actions)

    for place, definition in enumerate(document.fields):
        yield from definition_problems(definition, f"fields[{place}]")
        yield from references.condition_problems(definition.visible_when, f"fields[{place}].visible_when")
    yield from _repeated((definition.key for definition in document.fields), "fields[{}].key")

    for place, response in enumerate(document.responses):
        yield from references.content_problems(response.content, f"responses[{place}].content")
    yield from _repeated((response.key for response in document.responses), "responses[{}].key")


def _start_problems(document: WorkflowDocument) -> Iterator[Problem]:
    if document.start is None:
        yield problem(ProblemCode.NO_START, "start", "no start; expected the key of the first Section")
    elif all(section.key != document.start for section in document.sections):
        yield _unknown_section(document.start, "start")


def _section_problems(section: Section, path: str, references: References, actions: ActionChecks) -> Iterator[Problem]:
    yield from references.content_problems(section.content, f"{path}.content")
    for place, answer in enumerate(section.answers):
        yield from _answer_problems(answer, f"{path}.answers[{place}]", references)
    yield from _repeated((answer.key for answer in section.answers), path + ".answers[{}].key")

    for place, key in enumerate(section.fields):
        yield from references.field_problems(key, f"{path}.fields[{place}]")
    yield from _repeated(section.fields, path + ".fields[{}]")

    for place, template in enumerate(section.actions):
        yield from actions.problems(template, f"{path}.actions[{place}]")
    for place, route in enumerate(section.routes):
        yield from references.condition_problems(route.when, f"{path}.routes[{place}].when")
        if route.to not in references.sections:
            yield _unknown_section(route.to, f"{path}.routes[{place}].to")
    if section.win and section.answers:
        yield problem(
            ProblemCode.WIN_NOT_AT_END, f"{path}.win", f"{section.key} has Answers; expected win on end Sections only"
        )


def _answer_problems(answer: Answer, path: str, references: References) -> Iterator[Problem]:
    if answer.to is None:
        yield problem(
            ProblemCode.UNASSIGNED, f"{path}.to", f"{answer.key} leads nowhere yet; expected the key of a Section"
        )
    elif answer.to not in references.sections:
        yield _unknown_section(answer.to, f"{path}.to")
    if answer.writes is not None:
        yield from references.value_problems(answer.writes.field, answer.writes.value, f"{path}.writes")
    yield from references.condition_problems(answer.visible_when, f"{path}.visible_when")


def _unknown_section(key: Key, path: str) -> Problem:
    return problem(ProblemCode.UNKNOWN_SECTION, path, f"no Section {key}; expected the key of a Section")


def _repeated(keys: Iterable[Key], path: str) -> Iterator[Problem]:
    """A problem for each key that was there before; `path` has a gap for the place."""
    first: dict[Key, int] = {}
    for place, key in enumerate(keys):
        if first.setdefault(key, place) != place:
            yield problem(
                ProblemCode.DUPLICATE_KEY,
                path.format(place),
                f"{key} is taken by {path.format(first[key])}; expected another key",
            )


def _leads_to(section: Section) -> Iterator[Key]:
    for answer in section.answers:
        if answer.to is not None:
            yield answer.to
    for route in section.routes:
        yield route.to


def _spread(start: Collection[Key], edges: Mapping[Key, Collection[Key]]) -> frozenset[Key]:
    """Everything that the edges reach, the start included."""
    seen = set(start)
    waiting = list(start)
    while waiting:
        for key in edges.get(waiting.pop(), ()):
            if key not in seen:
                seen.add(key)
                waiting.append(key)
    return frozenset(seen)
