"""Workflows as programs see them: which Sessions can be started, and what a version asks and offers.

Rules: protocol/SPEC.md, AP9.
"""

from __future__ import annotations

from protocol.api import (
    ProblemCode,
    WorkflowAnswer,
    WorkflowField,
    WorkflowRecord,
    WorkflowResponse,
    Workflows,
    WorkflowSection,
    WorkflowSummary,
)
from server.http.v1.operation import ApiParts, Call, no
from session_engine.workflow import is_sensitive


async def list_workflows(parts: ApiParts, call: Call) -> Workflows:
    """All that are offered."""
    offers = await parts.catalog.offers()
    return Workflows(
        lines=tuple(
            WorkflowSummary(
                key=offer.key, name=offer.name, category=offer.category or None, version_id=offer.version_id
            )
            for offer in offers
        )
    )


async def get_version(parts: ApiParts, call: Call) -> WorkflowRecord:
    """One published version."""
    version = await parts.catalog.find_version(call.places["version_id"])
    if version is None:
        raise no(ProblemCode.UNKNOWN_VERSION, f"there is no published version {call.places['version_id']}")
    document = version.document
    return WorkflowRecord(
        version_id=version.id,
        key=document.key,
        name=document.name,
        published_ms=version.published_ms,
        start=document.start,
        sections=tuple(
            WorkflowSection(
                key=section.key,
                name=section.name,
                win=section.win,
                fields=section.fields,
                answers=tuple(
                    WorkflowAnswer(key=answer.key, label=answer.label, to=answer.to) for answer in section.answers
                ),
            )
            for section in document.sections
        ),
        fields=tuple(
            WorkflowField(
                key=field.key,
                label=field.label,
                type=field.type,
                required=field.required,
                sensitive=is_sensitive(field),
                options=tuple(option.value for option in field.options),
            )
            for field in document.fields
        ),
        responses=tuple(WorkflowResponse(key=each.key, name=each.name) for each in document.responses),
    )
