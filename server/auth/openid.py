"""Signing in with an OpenID provider: the authorization code flow with PKCE, state and nonce.

Authlib and joserfc know the protocol; every request goes out through the one
guarded way (`server/actions/egress.py`), which lets out to the issuer that the
settings name, wherever it lies, and to nobody else inside. Whom the provider
names, and what becomes of them, is `server/records/identities.py`.

Rules: protocol/SPEC.md, OI1 to OI4.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from hmac import compare_digest
from typing import Any
from urllib.parse import quote_plus, urlsplit

import msgspec
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from protocol.base import Record
from server.actions.egress import Egress, Lost, NotSent
from server.actions.integrations.base import HttpRequest, HttpResponse
from server.auth.provider import Provider
from server.people_ports import Identity, WhyNot

WITHIN_S = 10.0
"""For one request to the provider."""
FAILED_S = 5.0
"""So long a provider that could not be asked is not asked again."""
KEPT_S = 3_600.0
"""For so long the provider's document and keys are believed; a key that is not known is asked for at once."""
KEYS_AGAIN_S = 10.0
"""At most this often: a token with a made-up key id costs the provider nothing."""
LEEWAY_S = 60
"""Between the provider's clock and ours."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""All of them asymmetric: with others whoever knows the client secret could sign, or nobody need."""
OF_TIME = {"exp", "iat", "nbf"}


class SignInFailed(Exception):
    """It came to nothing; the text is for the log and holds nothing that the provider or the browser wrote."""

    def __init__(self, why: WhyNot, text: str) -> None:
        super().__init__(text)
        self.why = why


class Attempt(Record, frozen=True, kw_only=True):
    """What must come back, and what only we know. Sealed into a cookie of the browser that tries."""

    state: str
    nonce: str
    verifier: str
    path: str
    """Where the person wanted to go."""
    until_s: float


class OpenId:
    """One provider, asked by one process."""

    def __init__(self, provider: Provider, egress: Egress, clock_s: Callable[[], float] = time.time) -> None:
        self._provider = provider
        self._egress = egress
        self._clock_s = clock_s
        self._metadata: Mapping[str, Any] = {}
        self._metadata_until_s = 0.0
        self._asking = asyncio.Lock()
        self._failed: tuple[float, SignInFailed] | None = None
        self._keys: KeySet | None = None
        self._keys_read_s = 0.0

    async def begin(self, path: str, lasts_s: float) -> tuple[str, Attempt]:
        """The provider's address that the browser goes to, and what has to be kept meanwhile.

        Raises:
            SignInFailed: the provider cannot be asked.
        """
        metadata = await self._get_metadata()
        attempt = Attempt(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            path=path,
            until_s=self._clock_s() + lasts_s,
        )
        url = prepare_grant_uri(
            metadata["authorization_endpoint"],
            client_id=self._provider.client_id,
            response_type="code",
            redirect_uri=self._provider.redirect_uri,
            scope=self._provider.scopes,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return str(url), attempt

    async def finish(self, attempt: Attempt | None, answer: Mapping[str, str]) -> Identity:
        """Whom the provider vouches for, from what the browser brought back from it.

        Raises:
            SignInFailed: nobody, for now.
        """
        if attempt is None or self._clock_s() > attempt.until_s:
            raise SignInFailed(WhyNot.OUTDATED, "no attempt of this browser, or one that is over")
        if not compare_digest(attempt.state.encode(), answer.get("state", "").encode()):
            raise SignInFailed(WhyNot.OUTDATED, "another state than that of the attempt")
        if answer.get("error") == "access_denied":
            raise SignInFailed(WhyNot.CANCELLED, "the person or the provider said no")
        metadata = await self._get_metadata()
        is_named = metadata.get("authorization_response_iss_parameter_supported") is True or "iss" in answer
        if is_named and answer.get("iss") != self._provider.issuer:
            raise SignInFailed(WhyNot.PROVIDER, "the answer is of another issuer")
        if "error" in answer or not answer.get("code"):
            raise SignInFailed(WhyNot.PROVIDER, "the provider answered with an error")
        tokens = await self._redeem(metadata, answer["code"], attempt.verifier)
        claims = await self._read_id_token(metadata, tokens, attempt.nonce)
        return self._identity(await self._with_userinfo(metadata, tokens, claims))

    # --- the provider -------------------------------------------------------------------

    async def _get_metadata(self) -> Mapping[str, Any]:
        # Asked by one at a time, and not again at once: whoever knocks at our door must not make us knock at theirs.
        async with self._asking:
            if self._failed is not None and self._clock_s() < self._failed[0]:
                raise self._failed[1]
            try:
                return await self._read_metadata()
            except SignInFailed as error:
                self._failed = (self._clock_s() + FAILED_S, error)
                raise

    async def _read_metadata(self) -> Mapping[str, Any]:
        if self._clock_s() < self._metadata_until_s:
            return self._metadata
        issuer = self._provider.issuer
        document: Mapping[str, Any] = OpenIDProviderMetadata(
            await self._get_json(get_well_known_url(issuer, external=True))
        )
        if document.get("issuer") != issuer:
            raise SignInFailed(WhyNot.PROVIDER, "its discovery document names another issuer than the settings")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            # Over http nothing is asked, unless it is on this very machine, as the issuer then is.
            if _scheme_of(document.get(name)) not in {"https", urlsplit(issuer).scheme}:
                raise SignInFailed(WhyNot.PROVIDER, f"its discovery document lacks a usable {name}")
        self._metadata, self._metadata_until_s = document, self._clock_s() + KEPT_S
        return document

    async def _redeem(self, metadata: Mapping[str, Any], code: str, verifier: str) -> dict[str, Any]:
        body = prepare_token_request(
            "authorization_code", code=code, redirect_uri=self._provider.redirect_uri, code_verifier=verifier
        )
        offered = metadata.get("token_endpoint_auth_methods_supported")
        takes_basic = not isinstance(offered, list) or not offered or "client_secret_basic" in offered
        method = "client_secret_basic" if takes_basic else "client_secret_post"
        named = self._provider.client_id, self._provider.secret
        if method == "client_secret_basic":  # RFC 6749, 2.3.1: encoded before a colon joins them
            named = quote_plus(named[0]), quote_plus(named[1])
        auth = ClientAuth(*named, method)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        url, headers, body = auth.prepare("POST", metadata["token_endpoint"], headers, body)
        request = HttpRequest("POST", url, headers, body.encode())
        tokens = _json_of(await self._send(request))
        if not isinstance(tokens.get("id_token"), str):
            raise SignInFailed(WhyNot.PROVIDER, "its answer to the code holds no ID token")
        return tokens

    async def _read_id_token(
        self, metadata: Mapping[str, Any], tokens: Mapping[str, Any], nonce: str
    ) -> Mapping[str, Any]:
        try:
            try:
                token = jwt.decode(tokens["id_token"], await self._get_keys(metadata), ALGORITHMS)
            except InvalidKeyIdError:
                # The provider may have changed its keys since we read them.
                token = jwt.decode(tokens["id_token"], await self._get_keys(metadata, anew=True), ALGORITHMS)
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": self._provider.issuer},
                    "aud": {"essential": True, "value": self._provider.client_id},
                },
                params={
                    "nonce": nonce,
                    "client_id": self._provider.client_id,
                    "access_token": tokens.get("access_token"),
                },
            )
            claims.validate(now=int(self._clock_s()), leeway=LEEWAY_S)
        except ClaimError as error:
            why = WhyNot.CLOCK if error.claim in OF_TIME else WhyNot.PROVIDER
            raise SignInFailed(why, f"the ID token's claim {error.claim!r} is not as expected") from None
        except (JoseError, AuthlibBaseError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Among them what comes of keys and tokens that are of no form at all.
            raise SignInFailed(WhyNot.PROVIDER, f"the ID token is refused: {type(error).__name__}") from None
        return dict(claims)

    async def _get_keys(self, metadata: Mapping[str, Any], *, anew: bool = False) -> KeySet:
        age_s = self._clock_s() - self._keys_read_s
        if self._keys is None or age_s > KEPT_S or (anew and age_s > KEYS_AGAIN_S):
            document = await self._get_json(metadata["jwks_uri"])
            self._keys, self._keys_read_s = KeySet.import_key_set(document), self._clock_s()  # type: ignore[arg-type]
        return self._keys

    async def _with_userinfo(
        self, metadata: Mapping[str, Any], tokens: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Some providers tell who somebody is only to whoever asks with the access token."""
        wanted = {
            "email",
            "email_verified",
            *([self._provider.groups_claim] if self._provider.group_map.groups else ()),
        }
        url, access_token = metadata.get("userinfo_endpoint"), tokens.get("access_token")
        if wanted <= claims.keys() or not isinstance(url, str) or not isinstance(access_token, str):
            return claims
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
        told = _json_of(await self._send(HttpRequest("GET", url, headers)))
        if told.get("sub") != claims["sub"]:
            raise SignInFailed(WhyNot.PROVIDER, "it tells of another subject than the ID token's")
        joined = {**told, **claims}
        # An address and whether it was verified are of one mouth, or a word about one would count for another.
        source = claims if {"email", "email_verified"} <= claims.keys() else told
        for name in ("email", "email_verified"):
            joined[name] = source.get(name)
        return joined

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
            raise SignInFailed(WhyNot.PROVIDER, "the subject is not one")
        email, name, groups = claims.get("email"), claims.get("name"), claims.get(self._provider.groups_claim)
        if isinstance(groups, str):
            groups = [groups]
        return Identity(
            issuer=self._provider.issuer,
            subject=subject,
            email=email if isinstance(email, str) and claims.get("email_verified") is True else None,
            name=" ".join(name.split())[:200] if isinstance(name, str) and name.isprintable() else "",
            groups=frozenset(each for each in groups if isinstance(each, str))
            if isinstance(groups, list)
            else frozenset(),
        )

    async def _get_json(self, url: str) -> dict[str, Any]:
        return _json_of(await self._send(HttpRequest("GET", url, {"Accept": "application/json"})))

    async def _send(self, request: HttpRequest) -> HttpResponse:
        try:
            return await self._egress.send(request, until=asyncio.get_running_loop().time() + WITHIN_S)
        except (NotSent, Lost) as error:
            raise SignInFailed(WhyNot.UNREACHABLE, str(error)) from None


def _json_of(answer: HttpResponse) -> dict[str, Any]:
    if answer.status >= 500:
        raise SignInFailed(WhyNot.UNREACHABLE, f"the provider answered {answer.status}")
    if answer.status != 200 or not answer.is_complete:
        raise SignInFailed(WhyNot.PROVIDER, f"the provider answered {answer.status}, or too much")
    try:
        return msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise SignInFailed(WhyNot.PROVIDER, "the provider's answer is not a JSON object") from None


def _scheme_of(address: object) -> str:
    try:
        return urlsplit(address).scheme if isinstance(address, str) else ""
    except ValueError:
        return ""  # such as an unclosed bracket
