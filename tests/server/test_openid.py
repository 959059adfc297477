"""Signing in with the company's OpenID provider, a certified one: the way there and back, and what is not believed."""

import json
import time
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from msgspec.structs import replace

from protocol.account import PersonRole
from protocol.people import PersonChange
from server.actions.egress import Egress, EgressRules
from server.actions.integrations.base import HttpRequest, HttpResponse
from server.auth.openid import OpenId, SignInFailed
from server.auth.provider import GroupMap, Provider
from server.http.openid import own_path
from server.parts import endpoint_of
from server.people_ports import Identity, WhyNot
from server.records.database import Database
from tests.support.openid import (
    CLIENT_ID,
    SECRET,
    Company,
    Doors,
    doors,
    employer,
    enter,
    go,
    me,
    query_of,
    running,
    walk,
    why,
)
from tests.support.people import ADDRESS, GOOD, fronted, problem, sign_in

__all__ = ["doors", "employer", "running"]

CALLBACK = f"{ADDRESS}/api/oidc/callback"


class TestTheWayThere:
    async def test_goes_with_state_nonce_and_challenge_and_a_sealed_cookie(self, doors: Doors) -> None:
        """[OI1, OI3] What only we know stays ours: the browser carries it without being able to read it."""
        front = await doors.open()
        answer = await front.browser().get("/api/oidc/start", params={"to": "/sessions"})
        asked, cookie = query_of(answer.headers["location"]), answer.headers["set-cookie"]

        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT_ID, CALLBACK)
        assert len(asked["state"]) == len(asked["nonce"]) == len(asked["code_challenge"]) == 43
        assert {"HttpOnly", "SameSite=lax", "Path=/api/oidc", "Max-Age=600"} <= set(cookie.split("; "))
        assert not any(asked[name] in cookie for name in ("state", "nonce", "code_challenge"))
        assert SECRET not in answer.headers["location"] + cookie

    @pytest.mark.parametrize(
        ("to", "leads"),
        [
            ("/sessions?list=paused", "/sessions?list=paused"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example/", "/"),
            ("/api/oidc/start", "/"),
            ("/a\r\nSet-Cookie: x=y", "/"),
            ("/..//evil.example", "/"),
            ("", "/"),
            ("/" + "a" * 1_000, "/"),
        ],
    )
    def test_comes_back_to_a_page_of_ours(self, to: str, leads: str) -> None:
        """[OI4] Wherever somebody made the link lead."""
        assert own_path(to) == leads

    async def test_begins_at_the_host_that_it_comes_back_to(self, doors: Doors) -> None:
        """[OI4] A cookie of 127.0.0.1 would not be there."""
        front = await doors.open()
        answer = await front.browser().get("/api/oidc/start?to=/new", headers={"Host": "127.0.0.1:8000"})

        assert answer.headers["location"] == f"{ADDRESS}/api/oidc/start?to=%2Fnew"
        assert "set-cookie" not in answer.headers


class TestWhatIsNotBelieved:
    async def test_an_answer_to_what_another_browser_began(self, doors: Doors) -> None:
        """[OI3] Nobody is signed in as somebody else by a link."""
        front = await doors.open()
        await front.add("Ana")
        back = await go(front.browser())
        stranger, other = front.browser(), front.browser()
        await go(other)

        assert why((await stranger.get(back)).headers["location"]) == "outdated"
        assert why((await other.get(back)).headers["location"]) == "outdated"

    async def test_another_state_or_cookie(self, doors: Doors) -> None:
        """[OI3] Not a sign of either may differ."""
        front = await doors.open()
        await front.add("Ana")
        browser = front.browser()
        back = httpx.URL(await go(browser))
        state = back.params["state"]
        for wrong in (state[:-1], state + "x", "", "ü"):
            kept = dict(browser.cookies)
            answer = await browser.get(back.copy_set_param("state", wrong))
            assert why(answer.headers["location"]) == "outdated"
            browser.cookies = httpx.Cookies(kept)
        sealed = browser.cookies["sidecoach_oidc"]
        browser.cookies = httpx.Cookies({"sidecoach_oidc": sealed[:-2] + ("00" if sealed[-2:] != "00" else "11")})

        assert why((await browser.get(back)).headers["location"]) == "outdated"

    async def test_a_code_that_was_used(self, doors: Doors) -> None:
        """[OI2, OI3] Even by somebody who kept the cookie; the first use takes it away."""
        front = await doors.open()
        await front.add("Ana")
        browser = front.browser()
        back = await go(browser)
        kept = dict(browser.cookies)
        first = await browser.get(back)
        assert 'sidecoach_oidc=""' in first.headers.get_list("set-cookie")[-1]
        thief = front.browser()
        thief.cookies = httpx.Cookies(kept)

        assert first.headers["location"] == "/"
        assert why((await thief.get(back)).headers["location"]) == "provider"
        assert "sidecoach" not in thief.cookies

    async def test_who_cancels_is_told_so(self, doors: Doors, employer: Company) -> None:
        """[OI8] And where they wanted to go is kept."""
        front = await doors.open()
        employer.tell(who="cancel")
        location = await enter(front.browser(), "/new")

        assert query_of(location) == {"why": "cancelled", "to": "/new"}

    async def test_an_error_of_the_provider_is_not_repeated(
        self, doors: Doors, caplog: pytest.LogCaptureFixture
    ) -> None:
        """[OI8] Neither on the page nor in the log: anybody can write it."""
        front = await doors.open()
        browser = front.browser()
        back = httpx.URL(await go(browser))
        for params in (
            {"error": "server_error", "error_description": "call 0800-EVIL"},
            {"iss": "https://evil.example"},
        ):
            kept = dict(browser.cookies)
            answer = await browser.get(back.copy_merge_params(params))
            assert query_of(answer.headers["location"]) == {"why": "provider", "to": "/"}
            browser.cookies = httpx.Cookies(kept)
        assert "EVIL" not in caplog.text
        assert "evil" not in caplog.text


class TestThePasswordDoor:
    async def test_may_be_closed_but_links_always_let_in(self, doors: Doors) -> None:
        """[OI9] Nobody is locked out: the command line makes a link for an administrator."""
        front = await doors.open(password_sign_in=False)
        _, ada = await front.arrive("Ada", PersonRole.ADMIN)
        house = (await ada.get("/api/house")).json()
        answer = await sign_in(front.browser(), "ada", GOOD)

        assert (house["passwords"], house["provider"]) == (False, "Sign in with your company account")
        assert problem(answer) == (403, "no_passwords")
        assert (await me(ada))["way"] == "link"

    async def test_is_all_that_there_is_without_a_provider(
        self, database: Database, database_url: str, tmp_path: Path
    ) -> None:
        """[OI9, PE16] Its addresses do not exist then."""
        async with fronted(database, database_url, tmp_path) as front:
            _, browser = await front.arrive("Ana")
            person = (await me(browser))["person"]

            assert problem(await browser.get("/api/oidc/start")) == (404, "not_found")
            assert (await browser.get("/api/house")).json()["provider"] is None
            assert (person["email"], person["has_password"]) == ("ana@example.org", True)

    async def test_a_link_ends_with_the_address_that_it_was_sent_to(self, doors: Doors) -> None:
        """[PE5] Whoever reads the old address's mail is not let in."""
        front = await doors.open()
        ana, token = await front.add("Ana")
        await front.roster.change(ana, PersonChange(name="Ana Agent"), by="ada")
        still = await front.browser().post("/api/links/look", json={"token": token})
        await front.roster.change(ana, PersonChange(email="ana2@example.org"), by="ada")
        over = await front.browser().post("/api/links/look", json={"token": token})

        assert still.status_code == 200
        assert problem(over) == (404, "link_over")


def forged(algorithm: str, claims: dict[str, Any]) -> str:
    """An ID token that is not signed with the provider's key."""
    if algorithm == "HS256":
        return jwt.encode({"alg": algorithm}, claims, OctKey.import_key(SECRET))
    parts = [urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in ({"alg": "none"}, claims)]
    return ".".join([*parts, ""])


class Saying(Egress):
    """A way out at the end of which everything is answered with this."""

    def __init__(self, body: bytes) -> None:
        super().__init__(EgressRules())
        self._body = body

    async def send(self, request: HttpRequest, *, until: float) -> HttpResponse:
        return HttpResponse(status=200, headers={}, body=self._body)


class Guarded:
    """One process that speaks to the provider, with a clock of its own."""

    def __init__(self, employer: Company, egress: Egress | None = None) -> None:
        self.ahead_s = 0.0
        self.openid = OpenId(
            Provider(
                issuer=employer.issuer,
                client_id=CLIENT_ID,
                secret=SECRET,
                redirect_uri=CALLBACK,
                scopes="openid email profile",
                groups_claim="groups",
                group_map=GroupMap(),
                takes_newcomers=False,
            ),
            egress or Egress(EgressRules(named=(endpoint_of(employer.issuer),))),
            clock_s=lambda: time.time() + self.ahead_s,
        )

    async def sign_in(self, **changed: str) -> Identity:
        """All the way, with a part of what only we know replaced."""
        url, attempt = await self.openid.begin("/", 600)
        answer = query_of(await walk(url))
        return await self.openid.finish(replace(attempt, **changed), answer)

    async def refused(self, **changed: str) -> WhyNot:
        """Why that came to nothing."""
        with pytest.raises(SignInFailed) as failed:
            await self.sign_in(**changed)
        return failed.value.why


@pytest.fixture
def guarded(employer: Company) -> Guarded:
    return Guarded(employer)


class TestTheIdToken:
    async def test_tells_who_it_is(self, guarded: Guarded, employer: Company) -> None:
        """[OI2] Issuer and subject; the address only if it is verified."""
        identity = await guarded.sign_in()

        assert (identity.issuer, identity.subject) == (employer.issuer, "a-1")
        assert (identity.email, identity.name) == ("Ana@Example.org", "Ana Agent")

    async def test_of_another_attempt_is_refused(self, guarded: Guarded) -> None:
        """[OI2] Its nonce is of this one; so is the verifier that the code was asked for with."""
        assert await guarded.refused(nonce="x" * 43) is WhyNot.PROVIDER
        assert await guarded.refused(verifier="x" * 64) is WhyNot.PROVIDER

    async def test_signed_by_another_key_is_refused(self, guarded: Guarded, employer: Company) -> None:
        """[OI2] Even under the name of one that we know."""
        await guarded.sign_in()
        employer.tell(rotate="same_kid")

        assert await guarded.refused() is WhyNot.PROVIDER

    async def test_signed_by_a_new_key_is_believed_once_the_provider_tells_of_it(
        self, guarded: Guarded, employer: Company
    ) -> None:
        """[OI2] Providers change their keys; not more often than every ten seconds they are asked for anew."""
        await guarded.sign_in()
        employer.tell(rotate="another_kid")
        assert await guarded.refused() is WhyNot.PROVIDER
        guarded.ahead_s = 11

        assert (await guarded.sign_in()).subject == "a-1"

    @pytest.mark.parametrize("ahead_s", [3_600, -3_600])
    async def test_of_another_time_is_told_as_that(self, guarded: Guarded, ahead_s: int) -> None:
        """[OI2, OI8] A minute does not matter; an hour is somebody's clock."""
        guarded.ahead_s = ahead_s / 60 * 0.5
        await guarded.sign_in()
        guarded.ahead_s = ahead_s

        assert await guarded.refused() is WhyNot.CLOCK

    @pytest.mark.parametrize("algorithm", ["none", "HS256"])
    async def test_that_others_could_have_made_is_refused(
        self, guarded: Guarded, employer: Company, algorithm: str
    ) -> None:
        """[OI2] Unsigned, or signed with the client secret: right in everything else."""
        url, attempt = await guarded.openid.begin("/", 600)
        now_s = int(time.time())
        claims = {"iss": employer.issuer, "sub": "a-1", "aud": CLIENT_ID, "exp": now_s + 600, "iat": now_s}
        employer.tell(forged=forged(algorithm, {**claims, "nonce": attempt.nonce}))
        with pytest.raises(SignInFailed) as failed:
            await guarded.openid.finish(attempt, query_of(await walk(url)))
        employer.tell(forged=None)

        assert failed.value.why is WhyNot.PROVIDER
        assert str(failed.value) == "the ID token is refused: UnsupportedAlgorithmError"


class TestTheProvider:
    async def test_that_is_away_is_told_as_that(self) -> None:
        """[OI8] Nothing of where it is is told."""
        nobody = Guarded(Company("http://localhost:1"))

        assert await nobody.refused() is WhyNot.UNREACHABLE

    async def test_that_calls_itself_otherwise_is_not_believed(self, employer: Company) -> None:
        """[OI2] The issuer of the settings is the one that counts, to the sign."""
        another = Guarded(Company(f"{employer.issuer}/"))

        assert await another.refused() is WhyNot.PROVIDER

    @pytest.mark.parametrize(
        "wrong",
        [
            {"authorization_endpoint": "https://["},
            {"authorization_endpoint": "javascript:alert(1)"},
            {"token_endpoint": "http://id.example.org/token"},
            {"token_endpoint": None},
            {"jwks_uri": ["https://id.example.org/keys"]},
            {"issuer": 1},
        ],
    )
    async def test_that_tells_nonsense_of_itself_is_not_believed(self, wrong: dict[str, Any]) -> None:
        """[OI2, OI8] Nobody is sent anywhere, and nothing breaks."""
        issuer = "https://id.example.org"
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        document = {"issuer": issuer, **{name: f"{issuer}/{name}" for name in names}, **wrong}
        nobody = Guarded(Company(issuer), egress=Saying(json.dumps(document).encode()))

        assert await nobody.refused() is WhyNot.PROVIDER

    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"keys": 1}', b'{"keys": [{"kty": "RSA"}]}'])
    async def test_whose_keys_are_none_is_not_believed(self, guarded: Guarded, employer: Company, body: bytes) -> None:
        """[OI2, OI8] Nor a token that is of no form at all."""
        url, attempt = await guarded.openid.begin("/", 600)
        answer = query_of(await walk(url))
        employer.tell(keys=body.decode("latin-1"))
        with pytest.raises(SignInFailed) as failed:
            await guarded.openid.finish(attempt, answer)
        employer.tell(keys=None)

        assert failed.value.why is WhyNot.PROVIDER

    @pytest.mark.parametrize("token", ["x", "..", "e30.e30.e30", "é.x.y", "a.b.c.d.e"])
    async def test_whose_token_is_none_is_not_believed(self, guarded: Guarded, employer: Company, token: str) -> None:
        """[OI2, OI8] Whatever it looks like."""
        employer.tell(forged=token)
        why_not = await guarded.refused()
        employer.tell(forged=None)

        assert why_not is WhyNot.PROVIDER
