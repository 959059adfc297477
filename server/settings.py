"""Every setting of an installation: its flag, its variable, its meaning, its checks.

`SETTINGS` is the one table; the command line, the environment and the README
follow it. A flag wins over a variable. Nothing here touches the disk or the
network.

Rules: protocol/SPEC.md, HS1 to HS3.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec.structs import replace

from protocol.account import Locale, Policy
from protocol.base import Record
from protocol.house import HouseSettings

SOCKET = "valkey.sock"
"""The embedded store's, in the runtime directory."""


CHANGEABLE = (
    "language",
    "currency",
    "time_zone",
    "undo_s",
    "driver_left_s",
    "expires_days",
    "archive_after_s",
    "teammates_resume",
)
"""Settings that administrators change while it runs, unless they were given at the start."""

RANGES = {
    "undo_s": (0, 60),
    "driver_left_s": (1, 3_650 * 86_400),
    "expires_days": (1, 3_650),
    "archive_after_s": (1, 30 * 86_400),
}
"""What these may be, from and to."""


class CannotRun(Exception):
    """What was asked for cannot be done with these settings, on this machine, now; the text is for whoever asked."""


class Settings(Record, frozen=True, kw_only=True):
    """What one installation was started with. Passed whole to every worker process."""

    data_dir: str
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    redis_url: str | None = None
    database_url: str | None = None
    public_url: str | None = None
    demo: bool = False
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"
    key_ring: str | None = None
    log_format: str = "text"
    receiver_port: int | None = None
    receiver_url: str | None = None
    receiver_mail_port: int | None = None
    language: str = "en-GB"
    currency: str = "GBP"
    time_zone: str = "Europe/London"
    undo_s: int = 10
    driver_left_s: int = 900
    expires_days: int = 14
    archive_after_s: int = 600
    teammates_resume: bool = True
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_secret_file: str | None = None
    oidc_label: str = "Sign in with your company account"
    oidc_scopes: str = "openid email profile"
    oidc_groups_claim: str = "groups"
    oidc_groups_file: str | None = None
    oidc_newcomers: bool = False
    password_sign_in: bool = True
    frame_ancestors: tuple[str, ...] | None = None
    process: str = "w1"
    fixed: dict[str, str] = {}
    """Of those that can be changed while it runs: which were given at the start, by which flag or variable."""

    @property
    def data_path(self) -> Path:
        """Where keys, SQL and the embedded store live."""
        return Path(self.data_dir)

    @property
    def key_ring_path(self) -> Path:
        """The installation's own keys."""
        return Path(self.key_ring) if self.key_ring else self.data_path / "keys.json"

    @property
    def makes_keys(self) -> bool:
        """Whether a key ring that is not there is made; one that several machines share must be."""
        return self.key_ring is None

    @property
    def runtime_path(self) -> Path:
        """Where the embedded store's socket lives: short, because a socket's path may have 107 characters only."""
        digest = hashlib.sha256(self.data_dir.encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"sidecoach-{os.getuid()}-{digest}"

    @property
    def sql_url(self) -> str:
        """The SQL database: the given one, else a file in the data directory."""
        return self.database_url or f"sqlite:///{self.data_path / 'sidecoach.db'}"

    @property
    def address(self) -> str:
        """Where people open it, as far as this machine knows."""
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def house(self) -> HouseSettings:
        """What holds until an administrator says otherwise."""
        return HouseSettings(**{name: getattr(self, name) for name in CHANGEABLE})

    @property
    def locale(self) -> Locale:
        """How people read and write who have no locale of their own, until an administrator says otherwise."""
        return locale_of(self.house)

    @property
    def policy(self) -> Policy:
        """The rules that decisions depend on, until an administrator says otherwise."""
        return policy_of(self.house)

    def for_process(self, name: str) -> Settings:
        """The same settings for the server process of this name."""
        return replace(self, process=name)


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


class Setting(Record, frozen=True, kw_only=True):
    """One row of the settings table."""

    name: str
    variable: str
    meaning: str
    default: str = ""
    read: Callable[[str], Any] = str

    @property
    def is_switch(self) -> bool:
        """Whether the flag alone says yes."""
        return self.read is _read_yes_no

    @property
    def flag(self) -> str:
        """As it is written on the command line."""
        return _flag(self.name)


def locale_of(house: HouseSettings) -> Locale:
    """How people read and write who have no locale of their own; the country is the language's region."""
    country = house.language.rpartition("-")[2]
    return Locale(language=house.language, country=country, currency=house.currency, time_zone=house.time_zone)


def policy_of(house: HouseSettings) -> Policy:
    """The rules that decisions depend on."""
    return Policy(
        undo_ms=house.undo_s * 1_000,
        driver_left_ms=house.driver_left_s * 1_000,
        expires_ms=house.expires_days * 86_400_000,
        archive_after_ms=house.archive_after_s * 1_000,
        teammates_resume=house.teammates_resume,
        end_reasons=house.end_reasons,
    )


def _read_whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise CannotRun(f"{text!r} is not a whole number") from None


def _read_yes_no(text: str) -> bool:
    if text.lower() not in {"1", "true", "yes", "0", "false", "no", ""}:
        raise CannotRun(f"{text!r} is neither yes nor no")
    return text.lower() in {"1", "true", "yes"}


def _read_whether(text: str) -> bool:
    """Yes or no, given as a value: for what is on unless it is switched off."""
    return _read_yes_no(text)


def _read_log_format(text: str) -> str:
    if text not in {"text", "json"}:
        raise CannotRun(f"{text!r} is neither text nor json")
    return text


def _read_path(text: str) -> str:
    return str(Path(text).expanduser().resolve())


def read_language(text: str) -> str:
    """A language and its region, such as en-GB. Raises `CannotRun`."""
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?-[A-Z]{2}", text):
        raise CannotRun(f"{text!r} is not a language and region such as en-GB")
    return text


def read_currency(text: str) -> str:
    """An ISO 4217 code. Raises `CannotRun`."""
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise CannotRun(f"{text!r} is not a currency code such as GBP")
    return text


def _read_origins(text: str) -> tuple[str, ...]:
    for origin in text.split():
        if not re.fullmatch(r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?", origin):
            raise CannotRun(f"{origin!r} is not an origin such as https://crm.example.org")
    return tuple(text.split())


def read_time_zone(text: str) -> str:
    """An IANA name that this machine knows. Raises `CannotRun`."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CannotRun(f"{text!r} is not a time zone such as Europe/London") from None
    return text


SETTINGS = (
    Setting(
        name="data_dir",
        variable="SIDECOACH_DATA_DIR",
        meaning="Directory of keys, SQLite file and embedded Valkey.",
        default="~/.local/share/sidecoach",
    ),
    Setting(name="host", variable="SIDECOACH_HOST", meaning="Address to listen on.", default="127.0.0.1"),
    Setting(
        name="port",
        variable="SIDECOACH_PORT",
        meaning="Port to listen on; 0 picks a free one.",
        default="8000",
        read=_read_whole_number,
    ),
    Setting(
        name="workers",
        variable="SIDECOACH_WORKERS",
        meaning="Number of server processes, 1 to 64.",
        default="1",
        read=_read_whole_number,
    ),
    Setting(
        name="redis_url",
        variable="REDIS_URL",
        meaning="Redis or Valkey to use instead of the embedded one.",
    ),
    Setting(
        name="database_url",
        variable="DATABASE_URL",
        meaning="PostgreSQL to use instead of the SQLite file.",
    ),
    Setting(
        name="public_url",
        variable="PUBLIC_URL",
        meaning="Address that browsers use; https:// is needed to listen off loopback.",
    ),
    Setting(
        name="key_ring",
        variable="SIDECOACH_KEY_RING",
        meaning="File with the installation's keys, which servers on several machines share; see `sidecoach key-ring`.",
        read=_read_path,
    ),
    Setting(
        name="log_format",
        variable="SIDECOACH_LOG_FORMAT",
        meaning="How log lines are written: text or json.",
        default="text",
        read=_read_log_format,
    ),
    Setting(
        name="metrics_port",
        variable="SIDECOACH_METRICS_PORT",
        meaning="Port at which Prometheus finds /metrics of all processes; nowhere if none is given.",
        read=_read_whole_number,
    ),
    Setting(
        name="metrics_host",
        variable="SIDECOACH_METRICS_HOST",
        meaning="Address to listen on for Prometheus, which does not sign in: on loopback, or in a network of its own.",
        default="127.0.0.1",
    ),
    Setting(
        name="demo",
        variable="SIDECOACH_DEMO",
        meaning="Seed five people and sample Workflows, and sign people in by host name; loopback only.",
        default="no",
        read=_read_yes_no,
    ),
    Setting(
        name="receiver_port",
        variable="SIDECOACH_RECEIVER_PORT",
        meaning="Port of the demo's receiver of Actions; the next free one after --port if none is given.",
        read=_read_whole_number,
    ),
    Setting(
        name="language",
        variable="SIDECOACH_LANGUAGE",
        meaning="Language and region of people who have none of their own: how dates and numbers are written.",
        default="en-GB",
        read=read_language,
    ),
    Setting(
        name="currency",
        variable="SIDECOACH_CURRENCY",
        meaning="Currency of amounts typed without one.",
        default="GBP",
        read=read_currency,
    ),
    Setting(
        name="time_zone",
        variable="SIDECOACH_TIME_ZONE",
        meaning="Time zone of people who have none of their own.",
        default="Europe/London",
        read=read_time_zone,
    ),
    Setting(
        name="undo_s",
        variable="SIDECOACH_UNDO_S",
        meaning="For how many seconds completing can be undone, 0 to 60.",
        default="10",
        read=_read_whole_number,
    ),
    Setting(
        name="driver_left_s",
        variable="SIDECOACH_DRIVER_LEFT_S",
        meaning="A Session whose driver is gone for so many seconds is paused.",
        default="900",
        read=_read_whole_number,
    ),
    Setting(
        name="expires_days",
        variable="SIDECOACH_EXPIRES_DAYS",
        meaning="A Session that was paused for so many days is ended.",
        default="14",
        read=_read_whole_number,
    ),
    Setting(
        name="archive_after_s",
        variable="SIDECOACH_ARCHIVE_AFTER_S",
        meaning="A finished Session that nobody looked at for so many seconds moves from the store to SQL.",
        default="600",
        read=_read_whole_number,
    ),
    Setting(
        name="teammates_resume",
        variable="SIDECOACH_TEAMMATES_RESUME",
        meaning="Whether agents may resume paused Sessions of their team.",
        default="yes",
        read=_read_whether,
    ),
    Setting(
        name="oidc_issuer",
        variable="SIDECOACH_OIDC_ISSUER",
        meaning="Issuer of the OpenID provider that people sign in with, as its discovery document names it.",
    ),
    Setting(
        name="oidc_client_id",
        variable="SIDECOACH_OIDC_CLIENT_ID",
        meaning="What the OpenID provider calls this installation.",
    ),
    Setting(
        name="oidc_secret_file",
        variable="SIDECOACH_OIDC_SECRET_FILE",
        meaning="File with the client secret that the provider gave; or the secret is in SIDECOACH_OIDC_SECRET.",
    ),
    Setting(
        name="oidc_label",
        variable="SIDECOACH_OIDC_LABEL",
        meaning="What the button says on the page to sign in.",
        default="Sign in with your company account",
    ),
    Setting(
        name="oidc_scopes",
        variable="SIDECOACH_OIDC_SCOPES",
        meaning="What the provider is asked for.",
        default="openid email profile",
    ),
    Setting(
        name="oidc_groups_claim",
        variable="SIDECOACH_OIDC_GROUPS_CLAIM",
        meaning="The claim that lists a person's groups.",
        default="groups",
    ),
    Setting(
        name="oidc_groups_file",
        variable="SIDECOACH_OIDC_GROUPS_FILE",
        meaning="File (YAML or JSON) of the roles and teams that groups give; without it both are managed here.",
    ),
    Setting(
        name="oidc_newcomers",
        variable="SIDECOACH_OIDC_NEWCOMERS",
        meaning="Whether people whom nobody added are let in, if their groups give them a role.",
        default="no",
        read=_read_whether,
    ),
    Setting(
        name="password_sign_in",
        variable="SIDECOACH_PASSWORD_SIGN_IN",
        meaning="Whether people may sign in by password, too; one-time links always let in.",
        default="yes",
        read=_read_whether,
    ),
    Setting(
        name="frame_ancestors",
        variable="SIDECOACH_FRAME_ANCESTORS",
        meaning="Origins, separated by spaces, whose pages may show Sidecoach in a frame; needs https in PUBLIC_URL.",
        read=_read_origins,
    ),
)


def read_settings(flags: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """Settings from what was given on the command line and in the environment.

    Raises:
        CannotRun: a value is not of its type, or the combination cannot work.
    """
    given: dict[str, Any] = {}
    fixed: dict[str, str] = {}
    for setting in SETTINGS:
        value, by = flags.get(setting.name), setting.flag
        if value is None:
            value, by = environment.get(setting.variable) or None, setting.variable
        if value is None:
            value = setting.default or None
        elif setting.name in CHANGEABLE:
            fixed[setting.name] = by
        if isinstance(value, str):
            try:
                value = setting.read(value)
            except CannotRun as error:
                raise CannotRun(f"{setting.flag} ({setting.variable}): {error}") from None
        given[setting.name] = value
    given["data_dir"] = str(Path(given["data_dir"]).expanduser().resolve())
    settings = Settings(**given, fixed=fixed)
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    if not 0 <= settings.port <= 65_535:
        raise CannotRun(f"--port is {settings.port}: expected 0 to 65535")
    if settings.receiver_port is not None and not 0 <= settings.receiver_port <= 65_535:
        raise CannotRun(f"--receiver-port is {settings.receiver_port}: expected 0 to 65535")
    if settings.metrics_port is not None and not 0 <= settings.metrics_port <= 65_535:
        raise CannotRun(f"--metrics-port is {settings.metrics_port}: expected 0 to 65535")
    if not 1 <= settings.workers <= 64:
        raise CannotRun(f"--workers is {settings.workers}: expected 1 to 64")
    for name, (least, most) in RANGES.items():
        if not least <= getattr(settings, name) <= most:
            raise CannotRun(f"{_flag(name)} is {getattr(settings, name)}: expected {least} to {most}")
    if settings.public_url is not None and urlsplit(settings.public_url).scheme not in {"http", "https"}:
        raise CannotRun(f"PUBLIC_URL is {settings.public_url!r}: expected an address such as https://coach.example.org")
    if settings.frame_ancestors and not (settings.public_url or "").startswith("https://"):
        raise CannotRun("--frame-ancestors needs https, which browsers ask for in a frame: set PUBLIC_URL to https://…")
    if settings.frame_ancestors and settings.demo:
        raise CannotRun("--demo signs anybody in: expected no --frame-ancestors, whose pages could do so, too")
    if is_loopback(settings.host):
        return
    if settings.demo:
        raise CannotRun(f"--demo signs anybody in, so it listens on loopback only, not on {settings.host}")
    if not (settings.public_url or "").startswith("https://"):
        raise CannotRun(
            f"listening on {settings.host} needs an https address in front of it: set PUBLIC_URL to https://…"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
