"""The OpenID provider as settings name it: what is refused, and in which words; what groups mean."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from protocol.account import PersonRole
from server.auth.provider import GroupMap, GroupMeaning, find_provider
from server.settings import CannotRun, Settings, read_settings

SECRET = "correct horse"
NAMED: dict[str, Any] = {"oidc_issuer": "https://id.example.org/realms/main", "oidc_client_id": "sidecoach"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    secret_file = str(tmp_path / "secret")
    return Settings(
        data_dir=str(tmp_path), public_url="https://coach.example.org/", oidc_secret_file=secret_file, **NAMED
    )


def test_is_none_by_default() -> None:
    """[OI1] Nobody is asked who is not named."""
    assert find_provider(Settings(data_dir="/nowhere"), {}) is None


def test_sends_people_back_to_the_public_address(settings: Settings) -> None:
    """[OI1] And shows its secret to nobody who prints it."""
    provider = find_provider(settings, {})

    assert provider is not None
    assert provider.redirect_uri == "https://coach.example.org/api/oidc/callback"
    assert provider.secret == SECRET
    assert SECRET not in repr(provider) + repr(settings)


def test_secret_may_be_in_the_environment(settings: Settings) -> None:
    """[OI1] As containers have it."""
    provider = find_provider(replace(settings, oidc_secret_file=None), {"SIDECOACH_OIDC_SECRET": SECRET})

    assert provider is not None
    assert provider.secret == SECRET


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"oidc_issuer": None}, "--oidc-issuer is missing"),
        ({"oidc_issuer": "http://id.example.org"}, "--oidc-issuer: expected an address such as https://"),
        ({"oidc_issuer": "https://id.example.org?x=y"}, "--oidc-issuer: expected an address such as https://"),
        ({"oidc_issuer": "https://me:secret@id.example.org"}, "--oidc-issuer: expected an address such as https://"),
        ({"oidc_issuer": "https://[x"}, "--oidc-issuer: expected an address such as https://"),
        ({"oidc_client_id": None}, "--oidc-client-id is missing"),
        ({"oidc_scopes": "email"}, "expected openid among them"),
        ({"oidc_secret_file": None}, "--oidc-secret-file is missing"),
        ({"oidc_secret_file": "/nowhere/secret"}, "--oidc-secret-file: /nowhere/secret: No such file or directory"),
        ({"oidc_newcomers": True}, "--oidc-newcomers needs --oidc-groups-file"),
        ({"demo": True}, "--demo signs people in by host name"),
    ],
)
def test_what_is_wrong_is_named_with_what_was_expected(
    settings: Settings, changed: dict[str, Any], expected: str
) -> None:
    """[OI1] Before anything is started, in a sentence."""
    with pytest.raises(CannotRun) as refused:
        find_provider(replace(settings, **changed), {})

    assert expected in str(refused.value)
    assert "secret@" not in str(refused.value)


def test_passwords_are_not_closed_without_another_way_in() -> None:
    """[OI9] Nobody could come in any more."""
    with pytest.raises(CannotRun, match="--oidc-issuer is missing"):
        find_provider(Settings(data_dir="/nowhere", password_sign_in=False), {})


def test_nothing_of_it_stands_in_the_way_of_the_command_line() -> None:
    """[OI9] A link is made even if nobody can sign in with what is set."""
    environment = {"SIDECOACH_OIDC_ISSUER": "nonsense", "SIDECOACH_PASSWORD_SIGN_IN": "no"}

    assert read_settings({}, environment).oidc_issuer == "nonsense"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it: [admin", "expected YAML or JSON at line"),
        ("it: {roles: [king]}", "Invalid enum value 'king' - at `$[...].roles[0]`"),
        ("it: {role: [admin]}", "unknown field `role`"),
        ("", "Expected `object`, got `null`"),
        ("it: {teams: [IT]}", "expected roles in it"),
    ],
)
def test_groups_are_refused_with_what_was_expected(
    settings: Settings, tmp_path: Path, text: str, expected: str
) -> None:
    """[OI7] A typing error gives nobody a right."""
    (tmp_path / "groups.yaml").write_text(text)
    with pytest.raises(CannotRun) as refused:
        find_provider(replace(settings, oidc_groups_file=str(tmp_path / "groups.yaml"), oidc_newcomers=True), {})

    assert str(refused.value).startswith("--oidc-groups-file: ")
    assert expected in str(refused.value)


def test_groups_add_up() -> None:
    """[OI7] Somebody is all that any of their groups makes them; groups without a meaning make them nothing."""
    sales = GroupMeaning(roles=(PersonRole.AGENT,), teams=("Berlin",))
    leads = GroupMeaning(roles=(PersonRole.COACH, PersonRole.AGENT))
    group_map = GroupMap(groups={"sales": sales, "leads": leads})

    assert group_map.roles_of(["sales", "leads", "canteen"]) == {PersonRole.AGENT, PersonRole.COACH}
    assert group_map.teams_of(["sales", "leads"]) == {"Berlin"}
    assert group_map.roles_of(["canteen"]) == group_map.teams_of([]) == frozenset()
    assert (GroupMap().gives_roles, GroupMap().gives_teams) == (False, False)
