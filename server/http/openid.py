"""The way to the OpenID provider and back, as browsers walk it.

Both addresses are opened, not fetched: whatever goes wrong ends on a page of
the client that says so in words. Between the two the browser carries the
sealed attempt; an answer counts only together with it, so that nobody can have
another's browser finish what they began.

Rules: protocol/SPEC.md, OI1 to OI4 and OI8.
"""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.auth.browser import browser_name, give_token, host_name
from server.auth.openid import Attempt, OpenId, SignInFailed
from server.people_ports import Identities, WhyNot
from server.settings import Settings
from server.store.keyring import KeyRing, SealBroken, decrypt, encrypt

log = logging.getLogger(__name__)

COOKIE = "sidecoach_oidc"
PATH = "/api/oidc"
PLACE = b"oidc attempt"
LASTS_S = 600
"""People look for their telephone to confirm with."""
PROBLEM_PAGE = "/sign-in/problem"
OPERATORS = {WhyNot.UNREACHABLE, WhyNot.PROVIDER, WhyNot.CLOCK}
"""What whoever runs this installation, or the provider, has to mend."""
LONGEST_PATH = 1_000
"""The sealed attempt has to fit into a cookie."""


class OpenIdDoor:
    """Sends browsers to the provider, and lets in who comes back with its word."""

    def __init__(self, openid: OpenId, identities: Identities, key_ring: KeyRing, settings: Settings) -> None:
        self._openid = openid
        self._identities = identities
        self._cipher = AESGCM(key_ring.derive("oidc attempt"))
        self._settings = settings

    async def start(self, request: Request) -> Response:
        """GET /api/oidc/start?to=PATH"""
        path = own_path(request.query_params.get("to", ""))
        home = urlsplit(self._settings.address)
        if host_name(request.headers.get("host", "")) != host_name(home.netloc):
            # The provider sends people back to that host, and the cookie has to be there.
            return _go(f"{self._settings.address.rstrip('/')}{PATH}/start?{urlencode({'to': path})}")
        try:
            url, attempt = await self._openid.begin(path, LASTS_S)
        except SignInFailed as error:
            return self._failed(error, path)
        response = _go(url)
        response.set_cookie(
            COOKIE,
            encrypt(self._cipher, msgspec.json.encode(attempt), PLACE).hex(),
            max_age=LASTS_S,
            path=PATH,
            secure=home.scheme == "https",
            httponly=True,
            samesite="lax",  # it has to come along when the provider sends the browser back
        )
        return response

    async def callback(self, request: Request) -> Response:
        """GET /api/oidc/callback?code=&state="""
        attempt = self._open(request.cookies.get(COOKIE, ""))
        path = "/" if attempt is None else own_path(attempt.path)
        try:
            identity = await self._openid.finish(attempt, request.query_params)
            entered = await self._identities.enter(identity, browser_name(request))
            if isinstance(entered, WhyNot):
                raise SignInFailed(entered, "whom the provider names is not let in")
        except SignInFailed as error:
            response = self._failed(error, path)
        else:
            response = _go(path)
            give_token(response, entered, self._settings)
        response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax")
        return response

    def _open(self, sealed: str) -> Attempt | None:
        try:
            return msgspec.json.decode(decrypt(self._cipher, bytes.fromhex(sealed), PLACE), type=Attempt)
        except (SealBroken, ValueError, msgspec.MsgspecError):
            return None

    def _failed(self, error: SignInFailed, path: str) -> Response:
        level = logging.WARNING if error.why in OPERATORS else logging.INFO
        log.log(level, "oidc.failed why=%s reason=%r", error.why, str(error))
        return _go(f"{PROBLEM_PAGE}?{urlencode({'why': error.why, 'to': path})}")


def own_path(text: str) -> str:
    """The page of ours that this names; the first one if it may be anything else."""
    is_ours = re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", text) is not None and len(text) <= LONGEST_PATH
    is_ours = is_ours and "//" not in text.partition("?")[0]  # after `/..` a browser would take it for another host
    return text if is_ours and not re.match(r"/(api|ws)(/|\?|$)", text) else "/"


def _go(address: str) -> Response:
    headers = {"Cache-Control": "no-store"}
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, headers)
