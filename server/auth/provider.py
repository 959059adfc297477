"""The OpenID provider as the settings name it: who issues, what we are there, and what groups mean here.

The client secret comes from a file or the environment, is held by whoever
speaks to the provider (`openid.py`), and by no setting.

Rules: protocol/SPEC.md, OI1 and OI7.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
import yaml
from msgspec import Meta

from protocol.account import PersonRole
from protocol.base import Record
from server.settings import CannotRun, Settings, is_loopback

SECRET_VARIABLE = "SIDECOACH_OIDC_SECRET"
CALLBACK = "/api/oidc/callback"


class GroupMeaning(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What those who belong to a group are here."""

    roles: tuple[PersonRole, ...] = ()
    teams: tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...] = ()
    """Names or ids."""


class GroupMap(Record, frozen=True, kw_only=True):
    """What groups give: roles, teams, both or nothing. What no group gives at all is managed here."""

    groups: dict[str, GroupMeaning] = {}

    @property
    def gives_roles(self) -> bool:
        """Whether roles come from groups."""
        return any(meaning.roles for meaning in self.groups.values())

    @property
    def gives_teams(self) -> bool:
        """Whether teams come from groups."""
        return any(meaning.teams for meaning in self.groups.values())

    def roles_of(self, groups: Collection[str]) -> frozenset[PersonRole]:
        """All that any of them gives."""
        return frozenset(role for group in groups if group in self.groups for role in self.groups[group].roles)

    def teams_of(self, groups: Collection[str]) -> frozenset[str]:
        """The same for teams, by name or id."""
        return frozenset(team for group in groups if group in self.groups for team in self.groups[group].teams)


@dataclass(frozen=True, slots=True)
class Provider:
    """Everything that is to be known before it is asked for the first time."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    redirect_uri: str
    scopes: str
    groups_claim: str
    group_map: GroupMap
    takes_newcomers: bool


def find_provider(settings: Settings, environment: Mapping[str, str]) -> Provider | None:
    """What the settings name, with what lies in files; None if they name none.

    Only who lets people in asks: links of the command line are made whatever is wrong here.

    Raises:
        CannotRun: something is missing, a file cannot be read or is not as it should be.
    """
    if settings.oidc_issuer is None:
        others = ("oidc_client_id", "oidc_secret_file", "oidc_groups_file", "oidc_newcomers")
        if any(getattr(settings, name) for name in others) or not settings.password_sign_in:
            raise CannotRun("--oidc-issuer is missing: the other --oidc settings, and no password sign-in, need it")
        return None
    if settings.oidc_client_id is None:
        raise CannotRun("--oidc-client-id is missing: expected what the provider calls this installation")
    if "openid" not in settings.oidc_scopes.split():
        raise CannotRun(f"--oidc-scopes is {settings.oidc_scopes!r}: expected openid among them")
    if settings.oidc_newcomers and settings.oidc_groups_file is None:
        raise CannotRun("--oidc-newcomers needs --oidc-groups-file: people whom nobody added get their roles from it")
    if settings.demo:
        raise CannotRun("--demo signs people in by host name: expected no --oidc-issuer")
    return Provider(
        issuer=_read_issuer(settings.oidc_issuer),
        client_id=settings.oidc_client_id,
        secret=_read_secret(settings, environment),
        redirect_uri=f"{settings.address.rstrip('/')}{CALLBACK}",
        scopes=settings.oidc_scopes,
        groups_claim=settings.oidc_groups_claim,
        group_map=_read_groups(settings),
        takes_newcomers=settings.oidc_newcomers,
    )


def _read_issuer(text: str) -> str:
    try:
        issuer = urlsplit(text)
        is_address = bool(issuer.hostname) and issuer.port != 0 and not (issuer.query or issuer.fragment)
    except ValueError:
        is_address = False
    if not is_address or "@" in issuer.netloc or not _is_safe(issuer.scheme, issuer.hostname or ""):
        raise CannotRun("--oidc-issuer: expected an address such as https://id.example.org/realms/main")
    return text


def _is_safe(scheme: str, host: str) -> bool:
    return scheme == "https" or (scheme == "http" and is_loopback(host))


def _read_secret(settings: Settings, environment: Mapping[str, str]) -> str:
    if settings.oidc_secret_file is None:
        secret = environment.get(SECRET_VARIABLE, "").strip()
        if not secret:
            raise CannotRun(f"--oidc-secret-file is missing: expected it, or the client secret in {SECRET_VARIABLE}")
    else:
        secret = _read(settings.oidc_secret_file, "--oidc-secret-file").strip()
    if not secret or not secret.isprintable() or not secret.isascii():
        raise CannotRun("--oidc-secret-file: expected one line with the client secret that the provider gave")
    return secret


def _read_groups(settings: Settings) -> GroupMap:
    if settings.oidc_groups_file is None:
        return GroupMap()
    try:
        document = yaml.safe_load(_read(settings.oidc_groups_file, "--oidc-groups-file"))
        group_map = GroupMap(groups=msgspec.convert(document, dict[str, GroupMeaning]))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" at line {mark.line + 1}"
        raise CannotRun(f"--oidc-groups-file: expected YAML or JSON{where}") from None
    except msgspec.ValidationError as error:
        raise CannotRun(f"--oidc-groups-file: {error}; expected such as `sales: {{roles: [agent]}}`") from None
    if settings.oidc_newcomers and not group_map.gives_roles:
        raise CannotRun("--oidc-groups-file: expected roles in it, since people whom nobody added are let in")
    return group_map


def _read(path: str, flag: str) -> str:
    try:
        return Path(path).expanduser().read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "expected text"
        raise CannotRun(f"{flag}: {path}: {reason}") from None
