"""Workflows that come with the product: two real ones, and a library made of a contact centre's own guidelines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from protocol.workflow import WorkflowDocument

SAMPLES = Path(__file__).parent


def sample_documents() -> Iterator[WorkflowDocument]:
    """All of them, the two real ones first."""
    # Here, because reading documents brings a schema validator along, and only a demo reads them.
    from server.documents import read_document
    from server.samples.abcd.convert import convert_all

    for path in sorted(SAMPLES.glob("*.yaml")):
        yield read_document(path.read_bytes(), path.name)
    yield from convert_all()
