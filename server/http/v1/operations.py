"""The one table of what the API can do. Routes, rights, the OpenAPI document and tests come from it.

Rules: protocol/SPEC.md, AP1.
"""

from __future__ import annotations

from http import HTTPStatus

from protocol import api
from protocol.api import ProblemCode
from protocol.api_tokens import Scope
from protocol.base import ExternalId, PersonId, SessionId, VersionId
from server.http.v1.operation import Operation
from server.http.v1.people import (
    activate_person,
    add_person,
    change_person,
    deactivate_person,
    get_person,
    list_people,
    list_teams,
)
from server.http.v1.records import list_audit, list_connections
from server.http.v1.sessions import find_external, get_session, list_sessions
from server.http.v1.workflows import get_version, list_workflows

SESSION = {"session_id": (SessionId, ProblemCode.UNKNOWN_SESSION)}
PERSON = {"person_id": (PersonId, ProblemCode.UNKNOWN_PERSON)}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="list_workflows",
        method="GET",
        path="/api/v1/workflows",
        scope=Scope.WORKFLOWS_READ,
        summary="Workflows that Sessions can be started of",
        handler=list_workflows,
        answers={HTTPStatus.OK: api.Workflows},
    ),
    Operation(
        name="get_version",
        method="GET",
        path="/api/v1/versions/{version_id}",
        scope=Scope.WORKFLOWS_READ,
        summary="A published version: its Sections, Answers, Fields and Responses",
        handler=get_version,
        places={"version_id": (VersionId, ProblemCode.UNKNOWN_VERSION)},
        answers={HTTPStatus.OK: api.WorkflowRecord},
        problems=(ProblemCode.UNKNOWN_VERSION,),
    ),
    Operation(
        name="list_sessions",
        method="GET",
        path="/api/v1/sessions",
        scope=Scope.SESSIONS_READ,
        summary="Sessions of the token's teams, a list and a page at a time",
        handler=list_sessions,
        asked=api.SessionsAsked,
        answers={HTTPStatus.OK: api.Sessions},
    ),
    Operation(
        name="get_session",
        method="GET",
        path="/api/v1/sessions/{session_id}",
        scope=Scope.SESSIONS_READ,
        summary="A Session as it is now, without sensitive values",
        handler=get_session,
        places=SESSION,
        answers={HTTPStatus.OK: api.SessionRecord},
        problems=(ProblemCode.UNKNOWN_SESSION,),
    ),
    Operation(
        name="find_session",
        method="GET",
        path="/api/v1/external-ids/{external_id}",
        scope=Scope.SESSIONS_READ,
        summary="The Session of an external id",
        handler=find_external,
        places={"external_id": (ExternalId, ProblemCode.UNKNOWN_SESSION)},
        answers={HTTPStatus.OK: api.SessionFound},
        problems=(ProblemCode.UNKNOWN_SESSION,),
    ),
    Operation(
        name="list_people",
        method="GET",
        path="/api/v1/people",
        scope=Scope.PEOPLE_READ,
        summary="People, by name, a page at a time",
        handler=list_people,
        asked=api.PeopleAsked,
        answers={HTTPStatus.OK: api.People},
    ),
    Operation(
        name="get_person",
        method="GET",
        path="/api/v1/people/{person_id}",
        scope=Scope.PEOPLE_READ,
        summary="One person",
        handler=get_person,
        places=PERSON,
        answers={HTTPStatus.OK: api.Person},
        problems=(ProblemCode.UNKNOWN_PERSON,),
    ),
    Operation(
        name="list_teams",
        method="GET",
        path="/api/v1/teams",
        scope=Scope.PEOPLE_READ,
        summary="Teams, by name",
        handler=list_teams,
        answers={HTTPStatus.OK: api.Teams},
    ),
    Operation(
        name="add_person",
        method="POST",
        path="/api/v1/people",
        scope=Scope.PEOPLE_WRITE,
        summary="Add somebody; the answer has their invitation link",
        handler=add_person,
        body=api.PersonOrder,
        answers={HTTPStatus.CREATED: api.Invited},
        problems=(
            ProblemCode.NOT_ALLOWED,
            ProblemCode.EMAIL_TAKEN,
            ProblemCode.UNKNOWN_TEAM,
            ProblemCode.BAD_NAME,
            ProblemCode.BAD_EMAIL,
        ),
    ),
    Operation(
        name="change_person",
        method="PATCH",
        path="/api/v1/people/{person_id}",
        scope=Scope.PEOPLE_WRITE,
        summary="Change somebody's name, e-mail address, roles or teams",
        handler=change_person,
        places=PERSON,
        body=api.PersonPatch,
        answers={HTTPStatus.OK: api.Person},
        problems=(
            ProblemCode.UNKNOWN_PERSON,
            ProblemCode.NOT_ALLOWED,
            ProblemCode.EMAIL_TAKEN,
            ProblemCode.UNKNOWN_TEAM,
            ProblemCode.BAD_NAME,
            ProblemCode.BAD_EMAIL,
        ),
    ),
    Operation(
        name="deactivate_person",
        method="POST",
        path="/api/v1/people/{person_id}/deactivate",
        scope=Scope.PEOPLE_WRITE,
        summary="Keep somebody out; their sign-ins end at once",
        handler=deactivate_person,
        places=PERSON,
        answers={HTTPStatus.OK: api.Person},
        problems=(ProblemCode.UNKNOWN_PERSON, ProblemCode.NOT_ALLOWED),
    ),
    Operation(
        name="activate_person",
        method="POST",
        path="/api/v1/people/{person_id}/activate",
        scope=Scope.PEOPLE_WRITE,
        summary="Let somebody in again who was deactivated",
        handler=activate_person,
        places=PERSON,
        answers={HTTPStatus.OK: api.Person},
        problems=(ProblemCode.UNKNOWN_PERSON, ProblemCode.NOT_ALLOWED),
    ),
    Operation(
        name="list_connections",
        method="GET",
        path="/api/v1/connections",
        scope=Scope.CONNECTIONS_READ,
        summary="Whether the account's Connections work",
        handler=list_connections,
        answers={HTTPStatus.OK: api.ApiConnections},
    ),
    Operation(
        name="list_audit",
        method="GET",
        path="/api/v1/audit",
        scope=Scope.AUDIT_READ,
        summary="The audit log, the newest first, a page at a time",
        handler=list_audit,
        asked=api.AuditAsked,
        answers={HTTPStatus.OK: api.AuditRows},
    ),
)
