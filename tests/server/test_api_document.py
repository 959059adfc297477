"""The OpenAPI document: valid, complete, and what the API really does."""

from openapi_spec_validator import OpenAPIV31SpecValidator

from protocol.api import ProblemCode
from protocol.api_tokens import Scope
from server.http.v1.openapi import SCOPES, document_of
from server.http.v1.operation import PROBLEMS, problems_of
from server.http.v1.operations import OPERATIONS

DOCUMENT = document_of(OPERATIONS)


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
        assert set(SCOPES) == set(Scope)
        told = {code for operation in OPERATIONS for code in problems_of(operation)}
        assert set(PROBLEMS) == set(ProblemCode) >= told | {ProblemCode.NOT_FOUND, ProblemCode.METHOD_NOT_ALLOWED}
