"""Settings: what wins, what is refused, and in which words."""

import pytest

from server.settings import SETTINGS, CannotRun, Settings, read_settings


def test_a_flag_wins_over_a_variable() -> None:
    """[HS1] The command line is nearer than the environment."""
    settings = read_settings({"port": "9001"}, {"SIDECOACH_PORT": "9002", "SIDECOACH_WORKERS": "3"})

    assert (settings.port, settings.workers) == (9001, 3)


def test_nothing_given_means_loopback_sqlite_and_the_embedded_store() -> None:
    """[HS1] `sidecoach serve` needs no configuration."""
    settings = read_settings({}, {})

    assert (settings.host, settings.port, settings.workers, settings.demo) == ("127.0.0.1", 8000, 1, False)
    assert settings.redis_url is None
    assert settings.sql_url == f"sqlite:///{settings.data_dir}/sidecoach.db"


def test_the_table_and_the_struct_name_the_same_settings() -> None:
    """[HS1] Every setting is one row of the table; the rest is what the launcher or this table gives."""
    assert {setting.name for setting in SETTINGS} == set(Settings.__struct_fields__) - {
        "process",
        "fixed",
        "receiver_url",
        "receiver_mail_port",
    }


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"port": "abc"}, "--port (SIDECOACH_PORT): 'abc' is not a whole number"),
        ({"port": "70000"}, "--port is 70000: expected 0 to 65535"),
        ({"receiver_port": "-1"}, "--receiver-port is -1: expected 0 to 65535"),
        ({"workers": "0"}, "--workers is 0: expected 1 to 64"),
        ({"public_url": "coach.example.org"}, "expected an address such as https://"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(flags: dict[str, str], expected: str) -> None:
    """[HS2] One sentence, with the setting in it."""
    with pytest.raises(CannotRun) as refused:
        read_settings(flags, {})

    assert expected in str(refused.value)


class TestFrames:
    def test_origins_are_read_one_by_one(self) -> None:
        """[EM1] Separated by spaces; nobody by default."""
        environment = {"PUBLIC_URL": "https://coach.example.org"}
        settings = read_settings(
            {"frame_ancestors": "https://crm.example.org https://desk.example.org:8443"}, environment
        )

        assert settings.frame_ancestors == ("https://crm.example.org", "https://desk.example.org:8443")
        assert read_settings({}, environment).frame_ancestors is None

    @pytest.mark.parametrize(
        "origin",
        [
            "http://crm.example.org",
            "https://*.example.org",
            "*",
            "https://crm.example.org/",
            "https://x;script-src",
            "'self'",
        ],
    )
    def test_anything_else_than_an_origin_is_refused(self, origin: str) -> None:
        """[EM1] No wildcard, and nothing that would write a policy of its own."""
        with pytest.raises(CannotRun, match="is not an origin such as"):
            read_settings({"frame_ancestors": origin}, {"PUBLIC_URL": "https://coach.example.org"})

    @pytest.mark.parametrize("environment", [{}, {"PUBLIC_URL": "http://localhost:8000"}])
    def test_need_https(self, environment: dict[str, str]) -> None:
        """[EM2] A cookie that a frame sends is Secure."""
        with pytest.raises(CannotRun, match="--frame-ancestors needs https"):
            read_settings({"frame_ancestors": "https://crm.example.org"}, environment)

    def test_are_no_place_for_a_demo(self) -> None:
        """[EM1] It signs anybody in."""
        with pytest.raises(CannotRun, match="expected no --frame-ancestors"):
            read_settings(
                {"frame_ancestors": "https://crm.example.org", "demo": True}, {"PUBLIC_URL": "https://localhost"}
            )


class TestListeningOffLoopback:
    def test_is_refused_without_https_in_front(self) -> None:
        """[HS3] Sign-ins and calls do not cross a network in the clear."""
        with pytest.raises(CannotRun, match="set PUBLIC_URL to https"):
            read_settings({"host": "0.0.0.0"}, {"PUBLIC_URL": "http://coach.example.org"})

    def test_is_allowed_with_https_in_front(self) -> None:
        """[HS3] A proxy that ends TLS stands in front."""
        settings = read_settings({"host": "0.0.0.0"}, {"PUBLIC_URL": "https://coach.example.org"})

        assert settings.host == "0.0.0.0"

    def test_is_never_allowed_for_a_demo(self) -> None:
        """[HS3] A demo signs anybody in."""
        with pytest.raises(CannotRun, match="loopback only"):
            read_settings({"host": "0.0.0.0", "demo": True}, {"PUBLIC_URL": "https://coach.example.org"})
