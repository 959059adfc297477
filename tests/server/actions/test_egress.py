"""The only way out, against receivers on loopback. Nothing here dials anything else."""

import asyncio
import gzip
import ssl
from collections.abc import Sequence

import pytest
import trustme

from server.actions.addresses import Allow
from server.actions.egress import BODY_CAP_BYTES, Blocked, Egress, EgressRules, Endpoint, Lost, NotSent
from server.actions.integrations.base import HttpRequest, HttpResponse
from tests.support.receivers import LOOPBACK, Answer, Receiver, answering, dripping, names, pouring, saying

LET_OUT = names(crm_test=LOOPBACK)


async def ask(
    receiver: Receiver, request: HttpRequest, *, within_s: float = 5.0, tls: ssl.SSLContext | None = None
) -> HttpResponse:
    """Send it to the receiver, whose port is let out."""
    egress = Egress(receiver.rules, resolve=LET_OUT, tls=tls or ssl.create_default_context())
    return await egress.send(request, until=asyncio.get_running_loop().time() + within_s)


async def refuse(url: str, rules: EgressRules = EgressRules(), **addresses: str | Sequence[str]) -> str:  # noqa: B008
    """Try it with a resolver that knows these names; gives why it was refused."""
    egress = Egress(rules, resolve=names(**addresses), tls=ssl.create_default_context())
    with pytest.raises(Blocked) as raised:
        await egress.send(HttpRequest("POST", url), until=asyncio.get_running_loop().time() + 5)
    assert raised.value.is_permanent
    return str(raised.value)


class TestNamed:
    async def test_host_of_the_settings_is_reached_wherever_it_lies(self) -> None:
        """[OI11] By its name and port, and no other on the same machine."""
        async with Receiver([answering(200)]) as receiver:
            rules = EgressRules(named=(Endpoint("ID.test.", receiver.port),))
            egress = Egress(rules, resolve=names(id_test=LOOPBACK, crm_test=LOOPBACK), tls=ssl.create_default_context())
            until = asyncio.get_running_loop().time() + 5
            answer = await egress.send(HttpRequest("GET", receiver.url(host="id.test")), until=until)
            with pytest.raises(Blocked, match="does not lead to the public internet"):
                await egress.send(HttpRequest("GET", receiver.url(host="crm.test")), until=until)

        assert answer.status == 200

    async def test_service_of_our_own_is_refused_all_the_same(self) -> None:
        """[OI11] A mistake in the settings does not speak to the database."""
        rules = EgressRules(named=(Endpoint("id.test", 5432),), own=(Endpoint("db.test", 5432),))
        told = await refuse("http://id.test:5432/", rules, id_test="10.0.0.5", db_test="10.0.0.5")

        assert told == "blocked destination: id.test is a service of this installation"


class TestRequest:
    async def test_it_arrives_as_it_was_built(self) -> None:
        """[IN2, IN5] The name in Host, the bytes of the body, and nothing that libraries add for their comfort."""
        async with Receiver([answering(201, b"made", {"X-Told": "yes"})]) as receiver:
            request = HttpRequest("PUT", receiver.url("/a%20b?c=d", "crm.test"), {"X-Own": "1"}, "ü".encode())
            response = await ask(receiver, request)

        [received] = receiver.received
        assert (received.method, received.target, received.body) == ("PUT", "/a%20b?c=d", "ü".encode())
        assert received.headers == {
            "host": f"crm.test:{receiver.port}",
            "accept": "*/*",
            "accept-encoding": "identity",
            "user-agent": "Sidecoach",
            "connection": "close",
            "x-own": "1",
            "content-length": "2",
        }
        assert (response.status, response.body, response.headers["x-told"]) == (201, b"made", "yes")
        assert response.is_complete

    async def test_redirect_is_an_answer_and_not_followed(self) -> None:
        """[IN5] It could lead inside."""
        async with Receiver([answering(302, headers={"Location": "http://127.0.0.1:1/"})]) as receiver:
            response = await ask(receiver, HttpRequest("POST", receiver.url()))

        assert response.status == 302
        assert len(receiver.received) == 1

    async def test_proxies_of_the_environment_are_not_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """[IN5] They would be dialed instead of what was judged."""
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        async with Receiver([answering(200)]) as receiver:
            assert (await ask(receiver, HttpRequest("GET", receiver.url()))).status == 200

    async def test_cookies_and_connections_are_not_kept(self) -> None:
        """[IN5] One attempt knows nothing of the one before."""
        async with Receiver([answering(200, headers={"Set-Cookie": "a=b"})]) as receiver:
            egress = Egress(receiver.rules, resolve=LET_OUT, tls=ssl.create_default_context())
            for _ in range(2):
                await egress.send(HttpRequest("GET", receiver.url()), until=asyncio.get_running_loop().time() + 5)

        assert receiver.connections == 2
        assert "cookie" not in receiver.received[1].headers

    async def test_compressed_answer_is_not_unpacked(self) -> None:
        """[IN5] A few bytes can become a gigabyte."""
        packed = gzip.compress(b"a" * 1_000_000)
        async with Receiver([answering(200, packed, {"Content-Encoding": "gzip"})]) as receiver:
            response = await ask(receiver, HttpRequest("GET", receiver.url()))

        assert response.body == packed

    @pytest.mark.parametrize(
        "name",
        ["Host", "Content-Length", "Transfer-Encoding", "Cookie", "Connection", "X-Forwarded-For", "Expect", "A b"],
    )
    async def test_header_that_is_not_on_the_list_is_refused(self, name: str) -> None:
        """[IN6] Before anything is asked or dialed."""
        async with Receiver([answering(200)]) as receiver:
            with pytest.raises(Blocked, match="expected a header's name"):
                await ask(receiver, HttpRequest("GET", receiver.url(), {name: "x"}))

        assert receiver.connections == 0

    @pytest.mark.parametrize("value", ["a\r\nX-Other: b", "a\nb", "a\x00b", "ü"])
    async def test_header_of_more_than_a_line_is_refused(self, value: str) -> None:
        """[IN6] A second line would be a header that nobody judged."""
        async with Receiver([answering(200)]) as receiver:
            with pytest.raises(Blocked, match="one line of ASCII"):
                await ask(receiver, HttpRequest("GET", receiver.url(), {"X-Own": value}))

        assert receiver.connections == 0


class TestLimits:
    async def test_no_more_than_64_kib_of_an_answer_are_read(self) -> None:
        """[IN7] However long it says it is: reading stops, not cutting."""
        head = b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n"
        async with Receiver([pouring(head, 2**30)]) as receiver:
            response = await ask(receiver, HttpRequest("GET", receiver.url()))

        assert response.status == 200
        assert len(response.body) == BODY_CAP_BYTES
        assert not response.is_complete

    async def test_status_counts_even_if_the_body_drips(self) -> None:
        """[IN7] It was said; waiting for more cannot unsay it."""
        async with Receiver([dripping(b"HTTP/1.1 400 No\r\ncontent-length: 1000\r\n\r\n")]) as receiver:
            response = await ask(receiver, HttpRequest("GET", receiver.url()), within_s=0.3)

        assert response.status == 400
        assert not response.is_complete

    async def test_status_counts_even_if_the_body_breaks_off(self) -> None:
        """[IN7] The same for a connection that ends."""
        async with Receiver([saying(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nsome")]) as receiver:
            response = await ask(receiver, HttpRequest("GET", receiver.url()))

        assert (response.status, response.body, response.is_complete) == (200, b"some", False)

    @pytest.mark.parametrize(
        ("answer", "within_s"),
        [
            (saying(b""), 5.0),
            (saying(b"HTTP/1.1 2"), 5.0),
            (saying(b"220 mail.test ESMTP\r\n"), 5.0),
            (dripping(b""), 0.3),
            (dripping(b"HTTP/1.1 200 OK\r\nx: "), 0.3),
        ],
        ids=["hangs up", "hangs up in the middle", "speaks something else", "drips", "drips a header"],
    )
    async def test_request_without_an_answer_may_have_arrived(self, answer: Answer, within_s: float) -> None:
        """[IN12] Only the receiver knows."""
        async with Receiver([answer]) as receiver:
            with pytest.raises(Lost, match="after the request was sent"):
                await ask(receiver, HttpRequest("POST", receiver.url()), within_s=within_s)

        assert len(receiver.received) == 1


class TestConnecting:
    async def test_refused_connection_sent_nothing(self) -> None:
        """[IN12] And may be tried again."""
        async with Receiver([answering(200)]) as receiver:
            pass
        with pytest.raises(NotSent, match="refused") as raised:
            await ask(receiver, HttpRequest("POST", receiver.url()))
        assert not raised.value.is_permanent

    async def test_name_that_leads_nowhere_sent_nothing(self) -> None:
        """[IN12] And may be tried again."""
        async with Receiver([answering(200)]) as receiver:
            with pytest.raises(NotSent, match=r"gone\.test cannot be resolved") as raised:
                await ask(receiver, HttpRequest("POST", receiver.url(host="gone.test")))
        assert not raised.value.is_permanent

    async def test_resolver_that_does_not_answer_is_not_waited_for(self) -> None:
        """[IN7, IN12] A name server counts among the 5 s for connecting."""

        async def never(host: str, port: int) -> Sequence[str]:
            await asyncio.Event().wait()
            return ()

        egress = Egress(EgressRules(), resolve=never, tls=ssl.create_default_context(), connect_s=0.05)
        with pytest.raises(NotSent, match=r"no answer in time|cannot be resolved"):
            await egress.send(HttpRequest("GET", "https://crm.test"), until=asyncio.get_running_loop().time() + 5)

    async def test_names_of_own_services_are_asked_side_by_side(self) -> None:
        """[IN3, IN7] And not for ever; that of one which cannot be resolved is still refused."""

        async def slow(host: str, port: int) -> Sequence[str]:
            if host == "db.test":
                await asyncio.Event().wait()
            return ("10.0.0.1",)

        rules = EgressRules(own=tuple(Endpoint("db.test", port) for port in range(5_000, 5_100)))
        egress = Egress(rules, resolve=slow, tls=ssl.create_default_context(), connect_s=0.05)
        async with asyncio.timeout(2):
            with pytest.raises(Blocked, match="public internet"):
                await egress.resolve_guarded("crm.test", 443)

    async def test_receiver_that_does_not_shake_hands_was_sent_nothing(self) -> None:
        """[IN12] TLS first: what follows would be a request."""
        async with Receiver([saying(b"hello?")]) as receiver:
            url = f"https://crm.test:{receiver.port}/"
            with pytest.raises(NotSent) as raised:
                await ask(receiver, HttpRequest("POST", url), within_s=0.3)
        assert not raised.value.is_permanent
        assert receiver.received == []

    async def test_second_address_is_dialed_if_the_first_is_dead(self) -> None:
        """[IN2] Every one of them was judged."""
        async with Receiver([answering(200)]) as receiver:
            rules = EgressRules(allow=(Allow.parse(f"127.0.0.0/8:{receiver.port}"),))
            egress = Egress(rules, resolve=names(crm_test=("127.0.0.2", LOOPBACK)), tls=ssl.create_default_context())
            request = HttpRequest("GET", receiver.url(host="crm.test"))
            response = await egress.send(request, until=asyncio.get_running_loop().time() + 5)

        assert response.status == 200

    async def test_name_is_asked_once(self) -> None:
        """[IN2] A second answer could be another one: judged public, dialed inside."""
        asked: list[str] = []

        async def rebinding(host: str, port: int) -> Sequence[str]:
            asked.append(host)
            return (LOOPBACK,) if len(asked) == 1 else ("127.0.0.9",)

        async with Receiver([answering(200)]) as receiver:
            egress = Egress(receiver.rules, resolve=rebinding, tls=ssl.create_default_context())
            request = HttpRequest("GET", receiver.url(host="crm.test"))
            await egress.send(request, until=asyncio.get_running_loop().time() + 5)

        assert asked == ["crm.test"]


class TestTls:
    async def test_name_is_kept_in_sni_certificate_and_host(
        self, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
    ) -> None:
        """[IN2] Though the address is dialed."""
        asked: list[str | None] = []
        server_tls.sni_callback = lambda _, name, __: asked.append(name)
        async with Receiver([answering(200)], tls=server_tls) as receiver:
            request = HttpRequest("GET", receiver.url(host="crm.test"))
            response = await ask(receiver, request, tls=client_tls)

        assert response.status == 200
        assert asked == ["crm.test"]
        assert receiver.received[0].headers["host"] == f"crm.test:{receiver.port}"

    async def test_certificate_of_another_name_is_refused_for_good(
        self, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
    ) -> None:
        """[IN12] Another try meets the same receiver."""
        async with Receiver([answering(200)], tls=server_tls) as receiver:
            egress = Egress(receiver.rules, resolve=names(other_test=LOOPBACK), tls=client_tls)
            request = HttpRequest("GET", receiver.url(host="other.test"))
            with pytest.raises(NotSent, match="certificate is not accepted") as raised:
                await egress.send(request, until=asyncio.get_running_loop().time() + 5)

        assert raised.value.is_permanent
        assert receiver.received == []

    async def test_certificate_of_unknown_origin_may_be_renewed(self, server_tls: ssl.SSLContext) -> None:
        """[IN12] Nothing was sent; somebody may mend it meanwhile."""
        async with Receiver([answering(200)], tls=server_tls) as receiver:
            request = HttpRequest("GET", receiver.url(host="crm.test"))
            with pytest.raises(NotSent, match="certificate is not accepted") as raised:
                await ask(receiver, request)

        assert not raised.value.is_permanent
        assert receiver.received == []


class TestRules:
    @pytest.mark.parametrize(
        "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::1"]
    )
    async def test_name_that_leads_inside_is_refused(self, address: str) -> None:
        """[IN1] And what it leads to is not told."""
        told = await refuse("https://crm.test/", crm_test=address)

        assert told == "blocked destination: crm.test does not lead to the public internet"

    async def test_one_address_inside_is_enough(self) -> None:
        """[IN1] Whichever of them would have been dialed."""
        assert "public internet" in await refuse("https://crm.test/", crm_test=("8.8.8.8", "10.0.0.1"))

    @pytest.mark.parametrize("spelling", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "127.0.0.1.", "localhost"])
    async def test_spelling_does_not_matter(self, spelling: str) -> None:
        """[IN1] What the system makes of it does."""

        async def reads_all(host: str, port: int) -> Sequence[str]:
            return (LOOPBACK,)

        egress = Egress(EgressRules(), resolve=reads_all, tls=ssl.create_default_context())
        with pytest.raises(Blocked):
            await egress.send(HttpRequest("GET", f"https://{spelling}/"), until=asyncio.get_running_loop().time() + 5)

    @pytest.mark.parametrize(
        "url",
        ["ftp://crm.test/", "file:///etc/passwd", "crm.test", "//crm.test", "https://", "", "gopher://crm.test:443/"],
    )
    async def test_other_schemes_are_refused(self, url: str) -> None:
        """[IN4] Only https."""
        assert "expected an address" in await refuse(url, crm_test="8.8.8.8")

    async def test_http_is_refused(self) -> None:
        """[IN4] Everybody on the way could read it."""
        assert "without TLS" in await refuse("http://crm.test/", crm_test="8.8.8.8")

    async def test_name_and_password_in_the_address_are_refused(self) -> None:
        """[IN4] They would end in logs; Connections have secrets."""
        told = await refuse("https://ana:s3cret@crm.test/", crm_test="8.8.8.8")

        assert "no name or password" in told
        assert "s3cret" not in told

    @pytest.mark.parametrize("port", [22, 25, 80, 6379, 5432])
    async def test_other_ports_are_refused(self, port: int) -> None:
        """[IN4] Other services listen there."""
        assert f"port {port}" in await refuse(f"https://crm.test:{port}/", crm_test="8.8.8.8")

    async def test_settings_let_more_out(self) -> None:
        """[IN4] Judged only; nothing is dialed."""
        resolve = names(crm_test="8.8.8.8")
        plain = Egress(EgressRules(allow_http=True), resolve=resolve, tls=ssl.create_default_context())
        ports = Egress(EgressRules(allow_any_port=True), resolve=resolve, tls=ssl.create_default_context())

        assert len(await plain.resolve_guarded("crm.test", 80, is_plain=True)) == 1
        assert len(await ports.resolve_guarded("crm.test", 9_000)) == 1
        with pytest.raises(Blocked):
            await ports.resolve_guarded("crm.test", 80, is_plain=True)

    async def test_exception_is_for_its_port_only(self) -> None:
        """[IN3] Not for what else that machine does."""
        rules = EgressRules(allow=(Allow.parse("10.0.0.0/8:8443"),))

        assert "public internet" in await refuse("https://crm.test/", rules, crm_test="10.0.0.1")

    async def test_own_services_are_refused_whatever_is_excepted(self) -> None:
        """[IN3] By their name and by their address."""
        rules = EgressRules(
            allow=(Allow.parse("10.0.0.0/8:443"), Allow.parse("10.0.0.0/8:8443")),
            own=(Endpoint("db.test", 443), Endpoint("gone.test", 443)),
        )
        known = {"db_test": "10.0.0.5", "crm_test": "10.0.0.5", "other_test": "10.0.0.6"}

        assert "service of this installation" in await refuse("https://db.test/", rules, **known)
        assert "service of this installation" in await refuse("https://DB.test./", rules, **known, db_test_="10.0.0.5")
        assert "service of this installation" in await refuse("https://crm.test/", rules, **known)
        egress = Egress(rules, resolve=names(**known), tls=ssl.create_default_context())
        assert await egress.resolve_guarded("crm.test", 8443)
        assert await egress.resolve_guarded("other.test", 443)

    async def test_own_services_are_refused_at_public_addresses_too(self) -> None:
        """[IN3] A database of somebody else's house is ours as well."""
        rules = EgressRules(own=(Endpoint("8.8.8.8", 5432),))

        assert "service of this installation" in await refuse(
            "https://crm.test/", rules, crm_test="8.8.8.8", **{"8_8_8_8": "8.8.8.8"}
        )


class TestReach:
    async def test_receiver_is_greeted_and_sent_nothing(
        self, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
    ) -> None:
        """[IN19] Name, address, certificate: all that can be tried without doing anything."""
        async with Receiver([answering(200)], tls=server_tls) as receiver:
            egress = Egress(receiver.rules, resolve=LET_OUT, tls=client_tls)
            await egress.reach(receiver.url(host="crm.test"), until=asyncio.get_running_loop().time() + 5)

        assert receiver.received == []

    async def test_what_stands_in_the_way_is_told(self) -> None:
        """[IN19] By the same rules as a request's."""
        async with Receiver([answering(200)]) as receiver:
            pass
        egress = Egress(receiver.rules, resolve=LET_OUT, tls=ssl.create_default_context())
        until = asyncio.get_running_loop().time() + 5
        with pytest.raises(NotSent, match="refused"):
            await egress.reach(receiver.url(), until=until)
        with pytest.raises(Blocked):
            await egress.reach("https://127.0.0.1/", until=until)


async def test_cancelled_attempt_is_cancelled() -> None:
    """[IN12] A server process that goes does not wait, and makes up no outcome."""
    async with Receiver([dripping(b"")]) as receiver:
        attempt = asyncio.create_task(ask(receiver, HttpRequest("POST", receiver.url()), within_s=30))
        await receiver.asked.wait()
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    """For crm.test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("crm.test").configure_cert(context)
    return context


@pytest.fixture
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    """Believes that authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
