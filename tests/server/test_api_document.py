"""The OpenAPI document: valid, complete, and what the API really does."""

from collections.abc import Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from protocol.api import ProblemCode
from protocol.api_tokens import Scope
from server.http.v1.openapi import SCOPES, document_of
from server.http.v1.operation import PROBLEMS, problems_of
from server.http.v1.operations import OPERATIONS
from tests.support.served import Served, served

# Schemathesis draws regular expressions in a way of which Hypothesis warns.
pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
DOCUMENT = document_of(OPERATIONS)
FEW, MANY = 8, 100
"""Requests of each kind for each operation."""


class TestDocument:
    def test_is_openapi_3_1(self) -> None:
        """[AP8]"""
        assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []

    def test_has_every_operation_once(self) -> None:
        """[AP1][AP8] With its scope and its answers."""
        told = {
            (path, method.upper()): each["security"]
            for path, methods in DOCUMENT["paths"].items()
            for method, each in methods.items()
        }
        assert told == {(each.path, each.method): [{"token": [each.scope.value]}] for each in OPERATIONS}
        assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)

    def test_explains_every_scope_and_every_problem(self) -> None:
        """[AP4][AP8] None is told that no operation has."""
        assert set(SCOPES) == set(Scope) == {operation.scope for operation in OPERATIONS}
        told = {code for operation in OPERATIONS for code in problems_of(operation)}
        assert set(PROBLEMS) == set(ProblemCode) == told | {ProblemCode.NOT_FOUND, ProblemCode.METHOD_NOT_ALLOWED}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served")) as house:
        yield house


class TestConformance:
    def test_the_document_is_for_everybody(self, house: Served) -> None:
        """[AP8]"""
        answer = httpx.get(f"{house.address}/api/v1/openapi.json")
        assert (answer.status_code, answer.json()) == (200, DOCUMENT)

    @pytest.mark.parametrize("name", [operation.name for operation in OPERATIONS])
    @pytest.mark.parametrize("mode", GenerationMode)
    def test_whatever_is_asked_is_answered_as_described(
        self, house: Served, name: str, mode: GenerationMode, request: pytest.FixtureRequest
    ) -> None:
        """[AP8] What fits the document, and what does not; of things that are there, and of others."""
        schema = schemathesis.openapi.from_dict(DOCUMENT)
        found = next(each for each in schema.get_all_operations() if each.ok().definition.raw["operationId"] == name)
        operation = found.ok()
        there = {"session_id": house.session_id, "person_id": house.person_id, "version_id": house.version_id}

        @settings(
            max_examples=MANY if request.config.getoption("--long") else FEW,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
            deadline=None,
        )
        @given(case=operation.as_strategy(generation_mode=mode), is_there=st.booleans())
        def ask(case: schemathesis.Case, is_there: bool) -> None:
            if is_there:
                for place in case.path_parameters.keys() & there.keys():
                    case.path_parameters[place] = there[place]
            case.call_and_validate(
                base_url=house.address,
                headers={"Authorization": f"Bearer {house.token}"},
                checks=[
                    schemathesis.checks.not_a_server_error,
                    checks.status_code_conformance,
                    checks.content_type_conformance,
                    checks.response_schema_conformance,
                    checks.response_headers_conformance,
                ],
            )

        ask()
