"""What a browser's request proves: for which host it is, that our own page sent it, and which sign-in it carries.

And what it tells without proof: what it calls itself, and where it comes from.

Used by the HTTP handlers and by the upgrade to a websocket alike.

Rules: protocol/SPEC.md, HS11, HS16, HS17, PE3, PE6 and EM2.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from server.settings import Settings, is_loopback

COOKIE = "sidecoach"
COOKIE_AGE_S = 400 * 24 * 3600
"""The longest that browsers keep a cookie; how long the sign-in itself is good for is decided by the server."""

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
"""What each writes of itself and none before it does: most claim to be others, too."""
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def host_name(address: str) -> str:
    """The name in a Host header or in the network part of an address: without port, in lower case."""
    try:
        return (urlsplit(f"//{address}").hostname or "").lower()
    except ValueError:
        return ""  # such as an unclosed bracket: nobody's host


def is_our_host(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether the request names a host that this installation goes by.

    A page elsewhere can make its own name lead to this machine; it cannot make
    the browser send ours.
    """
    name = host_name(connection.headers.get("host", ""))
    public = host_name(urlsplit(settings.public_url).netloc) if settings.public_url else None
    return name == public or is_loopback(name)


def is_same_origin(connection: HTTPConnection) -> bool:
    """Whether a page of the very host that is asked sent the request. Browsers tell on POST and on upgrade."""
    try:
        origin = urlsplit(connection.headers.get("origin", ""))
    except ValueError:
        return False
    return origin.scheme in {"http", "https"} and origin.netloc == connection.headers.get("host", "")


def find_token(connection: HTTPConnection) -> str | None:
    """The sign-in that the browser carries."""
    return connection.cookies.get(COOKIE)


def browser_name(connection: HTTPConnection) -> str:
    """Such as *Firefox on Windows*, for a person to know it again; empty if it does not tell."""
    told = connection.headers.get("user-agent", "")
    browser = next((name for mark, name in BROWSERS if mark in told), "")
    system = next((name for mark, name in SYSTEMS if mark in told), "")
    return f"{browser} on {system}" if browser and system else browser or system


def network_address(connection: HTTPConnection) -> str:
    """Where the request comes from; of IPv6 the network, all of which is one household's."""
    host = connection.client.host if connection.client is not None else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host[:64]
    if address.version == 4:
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped is not None else str(ip_network((address, 64), strict=False))


def give_token(response: Response, token: str, settings: Settings) -> None:
    """Have the browser carry the sign-in, to this very host and to no other."""
    _set_cookie(response, token, COOKIE_AGE_S, settings)


def take_token(response: Response, settings: Settings) -> None:
    """Have the browser forget the sign-in."""
    _set_cookie(response, "", 0, settings)


def _set_cookie(response: Response, value: str, age_s: int, settings: Settings) -> None:
    response.set_cookie(
        COOKIE,
        value,
        max_age=age_s,
        path="/",
        secure=(settings.public_url or "").startswith("https://"),
        httponly=True,
        samesite="none" if settings.frame_ancestors else "lax",
    )
    if settings.frame_ancestors:
        # One for each site that frames us, and none that follows people from one to the other.
        # Python's cookies know the word from 3.14 on.
        name, cookie = response.raw_headers.pop()
        response.raw_headers.append((name, cookie + b"; Partitioned"))
