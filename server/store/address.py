"""Where the store is: what a store URL says.

Forms (a user and password may stand before the first host):
    unix:///run/valkey.sock              one server by its socket
    redis://host:6379/0                  one server; rediss:// over TLS
    redis+sentinel://h1:26379,h2/main    the primary that Sentinels name "main"
    redis+cluster://h1:6379,h2:6379      a cluster, found from any of its nodes
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

DEFAULT_PORT = 6379
DEFAULT_SENTINEL_PORT = 26379


class BadStoreUrl(ValueError):
    """The store URL has none of the known forms."""


class Address(NamedTuple):
    """One server: a host and port, or the path of a unix socket."""

    host: str
    port: int = 0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host


class Access(NamedTuple):
    """How to enter a server."""

    username: str | None = None
    password: str | None = None
    database: int = 0
    tls: bool = False


class Deployment(StrEnum):
    """How the servers of a store stand together."""

    STANDALONE = "standalone"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


class StoreUrl(NamedTuple):
    """A store URL, understood."""

    deployment: Deployment
    seeds: tuple[Address, ...]
    access: Access
    primary_name: str = ""


_DEPLOYMENTS = {
    "redis": Deployment.STANDALONE,
    "valkey": Deployment.STANDALONE,
    "unix": Deployment.STANDALONE,
    "redis+sentinel": Deployment.SENTINEL,
    "redis+cluster": Deployment.CLUSTER,
}


def parse_store_url(url: str) -> StoreUrl:
    """Understand a store URL.

    Raises:
        BadStoreUrl: an unknown scheme, no host, or a part that is not a number.
    """
    parts = urlsplit(url)
    tls = parts.scheme.startswith("rediss")
    scheme = parts.scheme.replace("rediss", "redis", 1)
    deployment = _DEPLOYMENTS.get(scheme)
    if deployment is None:
        raise BadStoreUrl(f"store URL has scheme {parts.scheme!r}, expected one of {', '.join(_DEPLOYMENTS)}")

    credentials, _, hosts = parts.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    path = parts.path.strip("/")
    try:
        if scheme == "unix":
            seeds: tuple[Address, ...] = (Address(unquote(parts.path)),)
            database, primary_name = int(parse_qs(parts.query).get("db", ["0"])[0]), ""
        else:
            default = DEFAULT_SENTINEL_PORT if deployment is Deployment.SENTINEL else DEFAULT_PORT
            seeds = tuple(_parse_host(host, default) for host in hosts.split(","))
            primary_name, _, rest = path.partition("/") if deployment is Deployment.SENTINEL else ("", "", path)
            database = int(rest or 0)
    except ValueError as error:
        raise BadStoreUrl(f"store URL of scheme {parts.scheme!r}: {error}") from error
    if not seeds[0].host or (deployment is Deployment.SENTINEL and not primary_name):
        raise BadStoreUrl(f"store URL of scheme {parts.scheme!r} lacks a host, or the primary's name for Sentinel")

    access = Access(username=unquote(username) or None, password=unquote(password) or None, database=database, tls=tls)
    return StoreUrl(deployment=deployment, seeds=seeds, access=access, primary_name=primary_name)


def _parse_host(host: str, default_port: int) -> Address:
    if host.startswith("["):
        name, _, port = host[1:].partition("]")
        return Address(name, int(port.lstrip(":") or default_port))
    name, _, port = host.partition(":")
    return Address(name, int(port or default_port))
