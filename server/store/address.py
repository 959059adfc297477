"""Where the store is: what a store URL says.

Forms (a user and password may stand before the first host):
    unix:///run/valkey.sock              one server by its socket
    redis://host:6379/0                  one server; rediss:// over TLS
    redis+sentinel://h1:26379,h2/main    the primary that Sentinels name "main"
    redis+cluster://h1:6379,h2:6379      a cluster, found from any of its nodes

redis-py reads each server's part; of its options, `db` and (over TLS) `ssl_…`
may follow a `?`. Time-outs, retries and pools are not the operator's to set.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from ssl import SSLContext
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from redis.asyncio.connection import SSLConnection, parse_url
from redis.exceptions import RedisError

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

    options: Mapping[str, Any] = {}
    """By redis-py's names: `username`, `password`, `db`, `ssl_…`."""

    tls: SSLContext | None = None


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


_FORMS = {
    "redis": (Deployment.STANDALONE, "redis"),
    "rediss": (Deployment.STANDALONE, "rediss"),
    "valkey": (Deployment.STANDALONE, "redis"),
    "valkeys": (Deployment.STANDALONE, "rediss"),
    "unix": (Deployment.STANDALONE, "unix"),
    "redis+sentinel": (Deployment.SENTINEL, "redis"),
    "rediss+sentinel": (Deployment.SENTINEL, "rediss"),
    "redis+cluster": (Deployment.CLUSTER, "redis"),
    "rediss+cluster": (Deployment.CLUSTER, "rediss"),
}
"""By scheme: the deployment, and the scheme by which redis-py knows each of its servers."""

_NOT_ACCESS = ("host", "port", "path", "connection_class")


def parse_store_url(url: str) -> StoreUrl:
    """Understand a store URL.

    Raises:
        BadStoreUrl: an unknown scheme, no host, a part that is not a number, an unknown option, no TLS file.
    """
    scheme = url.partition(":")[0] if "://" in url else ""
    if scheme not in _FORMS:
        raise BadStoreUrl(f"store URL has scheme {scheme!r}, expected one of {', '.join(_FORMS)}")
    try:
        return _understand(url, *_FORMS[scheme])
    except OSError as error:
        raise BadStoreUrl(f"store URL of scheme {scheme!r}, its TLS options: {error}") from None
    except (KeyError, TypeError, ValueError, RedisError):
        # Not what they say: it may quote the password.
        raise BadStoreUrl(
            f"store URL of scheme {scheme!r}: its hosts, ports, database, primary's name or options make no sense"
        ) from None


def _understand(url: str, deployment: Deployment, scheme: str) -> StoreUrl:
    parts = urlsplit(url)
    credentials, at, hosts = parts.netloc.rpartition("@")
    path, primary_name = parts.path, ""
    if deployment is Deployment.SENTINEL:
        primary_name, _, path = path.strip("/").partition("/")
        if not primary_name:
            raise ValueError("no primary's name")
    if scheme != "unix":
        path = path.strip("/")
        int(path or 0)  # redis-py would pass over a database that is no number
        path = f"/{path}"
    servers: list[dict[str, Any]] = [
        {**parse_url(f"{scheme}://{credentials}{at}{host}{path}?{parts.query}")} for host in hosts.split(",")
    ]
    default_port = DEFAULT_SENTINEL_PORT if deployment is Deployment.SENTINEL else DEFAULT_PORT
    if scheme == "unix":
        seeds = [Address(servers[0]["path"])]
    else:
        seeds = [Address(server["host"], server.get("port", default_port)) for server in servers]
    options = {name: value for name, value in servers[0].items() if name not in _NOT_ACCESS}
    tls_options = {name: value for name, value in options.items() if name.startswith("ssl_")}
    if not options.keys() <= {"username", "password", "db", *(tls_options if scheme == "rediss" else ())}:
        raise ValueError("unknown options")
    tls = SSLConnection(**tls_options).ssl_context.get() if scheme == "rediss" else None
    return StoreUrl(deployment, tuple(seeds), Access(options, tls), primary_name)
