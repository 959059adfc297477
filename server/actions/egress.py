"""The only way out: names resolved once, addresses judged, and dialed as judged.

A name that is asked twice may answer twice differently, so the address that
was judged is the one that is dialed, while the name stays in the certificate
check, in SNI and in Host. Everything that people can aim at an address of
their choosing goes through here: requests, token refreshes, tests of a
Connection, mail. What an answer means is not judged here.

Rules: protocol/SPEC.md, IN1 to IN7.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

import httpcore
import httpx

from server.actions.addresses import Address, Allow, is_denied, read_address
from server.actions.headers import header_problem
from server.actions.integrations.base import HttpRequest, HttpResponse
from server.watching.tracing import headers_of_trace

CONNECT_S = 5.0
BODY_CAP_BYTES = 64 * 1024
HTTP_PORTS = frozenset({443, 8443})
DIALED_AT_MOST = 4
"""Of the addresses of one name; they share the time for connecting."""

OUTSIDE = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    OSError,  # among them ssl.SSLError and TimeoutError
)
"""What the other side, or the way there, can do to a request."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class NotSent(Exception):
    """Not a byte of the request left. `is_permanent` if another try would end the same way."""

    def __init__(self, text: str, *, is_permanent: bool = False) -> None:
        super().__init__(text)
        self.is_permanent = is_permanent


class Blocked(NotSent):
    """The rules of this installation do not let it out."""

    def __init__(self, text: str) -> None:
        super().__init__(f"blocked destination: {text}", is_permanent=True)


class Lost(Exception):
    """Bytes may have left, and no answer came: it may have been done."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service of our own: the store, the database."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class EgressRules:
    """What an administrator lets out, and what nobody may reach through us."""

    allow: tuple[Allow, ...] = ()
    allow_http: bool = False
    allow_any_port: bool = False
    named: tuple[Endpoint, ...] = ()
    """What whoever runs this installation named in its settings: reached wherever it lies."""
    own: tuple[Endpoint, ...] = ()
    """Refused whatever `allow` says, at their ports; at other ports unless it says so."""


async def ask_dns(host: str, port: int) -> Sequence[str]:
    """Every address of a name, in the system's order; asked in a thread."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(socket_address[0]) for *_, socket_address in found))


def trust() -> ssl.SSLContext:
    """Whom TLS believes: the usual roots, and what this machine's administrator added."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


class Egress:
    """Sends one request at a time through a connection of its own, to addresses that were judged.

    Connections are not kept: one that the receiver closed in the meantime
    would turn a request that never arrived into one that may have.
    """

    def __init__(
        self,
        rules: EgressRules,
        *,
        resolve: Resolve = ask_dns,
        tls: ssl.SSLContext | None = None,
        connect_s: float = CONNECT_S,
    ) -> None:
        self._rules = rules
        self._resolve = resolve
        self.tls = trust() if tls is None else tls
        self._connect_s = connect_s

    async def send(self, request: HttpRequest, *, until: float) -> HttpResponse:
        """Send it and give the answer, before the loop's clock shows `until`.

        Raises:
            NotSent, Blocked: surely not sent.
            Lost: perhaps sent; no answer.
        """
        url = _read_url(request.url)
        headers = _judge_headers(request.headers)
        outgoing = httpx.Request(request.method, url, headers=headers, content=request.body or None)
        may_have_left = False

        async def watch(step: str, _: Mapping[str, Any]) -> None:
            # Whatever is not a part of connecting may put bytes on the wire.
            nonlocal may_have_left
            may_have_left = may_have_left or not step.startswith("connection.")

        left_s = max(0.0, until - asyncio.get_running_loop().time())
        outgoing.extensions = {
            "trace": watch,
            "timeout": {"connect": min(self._connect_s, left_s), "read": left_s, "write": left_s, "pool": left_s},
        }
        client = httpx.AsyncClient(transport=self._transport(url), trust_env=False, follow_redirects=False)
        async with client:
            try:
                async with asyncio.timeout_at(until):
                    answer = await client.send(outgoing, stream=True)
            except OUTSIDE as error:
                if may_have_left:
                    raise Lost(f"{url.host}: after the request was sent, {_reason(error)}") from error
                raise not_sent(url.host, error) from error
            body, is_complete = await _read_body(answer, until)
        return HttpResponse(
            status=answer.status_code,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=body,
            is_complete=is_complete,
            received_ms=time.time_ns() // 1_000_000,
        )

    async def reach(self, address: str, *, until: float) -> None:
        """Resolve, connect and shake hands, and send nothing.

        Raises:
            NotSent, Blocked: what stands in the way.
        """
        url = _read_url(address)
        backend = self._backend(url)
        try:
            async with asyncio.timeout_at(until):
                stream = await backend.connect_tcp(_name(url), _port(url), timeout=self._connect_s)
                if url.scheme == "https":
                    await stream.start_tls(self.tls, _name(url), timeout=self._connect_s)
        except OUTSIDE as error:
            raise not_sent(url.host, error) from error
        finally:
            await backend.aclose()

    async def dial(self, host: str, port: int, *, usual_ports: frozenset[int], is_plain: bool) -> socket.socket:
        """A socket for a protocol other than HTTP, connected to an address that was judged.

        Raises:
            NotSent, Blocked: what stands in the way.
        """
        addresses = await self.resolve_guarded(host, port, usual_ports=usual_ports, is_plain=is_plain)
        for address in addresses:
            try:
                async with asyncio.timeout(self._connect_s / len(addresses)):
                    return await _connect(address, port)
            except OSError as error:
                if address == addresses[-1]:
                    raise not_sent(host, error) from error
        raise NotSent(f"{host} has no address")

    async def resolve_guarded(
        self, host: str, port: int, *, usual_ports: frozenset[int] = HTTP_PORTS, is_plain: bool = False
    ) -> tuple[Address, ...]:
        """The addresses of a name, each of which may be dialed. Asked once; refused if a single one is denied.

        Raises:
            NotSent: the name leads nowhere.
            Blocked: it leads where nothing may be sent.
        """
        rules = self._rules
        addresses = await self._addresses(host, port)
        if not addresses:
            raise NotSent(f"{host} has no address")
        own = list(zip(rules.own, await asyncio.gather(*map(self._own_addresses, rules.own)), strict=True))
        name = host.rstrip(".").lower()
        is_named = any(port == each.port and name == each.host.rstrip(".").lower() for each in rules.named)
        for address in addresses:
            is_allowed = is_named or any(allow.covers(address, port) for allow in rules.allow)
            for endpoint, own_addresses in own:
                is_ours = name == endpoint.host.rstrip(".").lower() or address in own_addresses
                if is_ours and (port == endpoint.port or not is_allowed):
                    raise Blocked(f"{host} is a service of this installation")
            if is_allowed:
                continue
            if is_denied(address):
                # Which address it is would tell a stranger about the network inside.
                raise Blocked(f"{host} does not lead to the public internet")
            if is_plain and not rules.allow_http:
                raise Blocked(f"{host} would be sent to without TLS")
            if port not in usual_ports and not (rules.allow_any_port or (is_plain and port == 80)):
                raise Blocked(f"port {port} of {host}: expected one of {', '.join(map(str, sorted(usual_ports)))}")
        return addresses[:DIALED_AT_MOST]

    async def _addresses(self, host: str, port: int) -> tuple[Address, ...]:
        try:
            async with asyncio.timeout(self._connect_s):
                return tuple(dict.fromkeys(read_address(text) for text in await self._resolve(host, port)))
        except (OSError, UnicodeError) as error:
            raise NotSent(f"{host} cannot be resolved") from error

    async def _own_addresses(self, endpoint: Endpoint) -> tuple[Address, ...]:
        try:
            return await self._addresses(endpoint.host, endpoint.port)
        except NotSent:
            return ()  # what has no address cannot be reached by one; its name is still refused

    def _backend(self, url: httpx.URL) -> GuardedBackend:
        return GuardedBackend(self, is_plain=url.scheme == "http")

    def _transport(self, url: httpx.URL) -> GuardedTransport:
        return GuardedTransport(self._backend(url), self.tls)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Dials what `resolve_guarded` gave. The name that it was asked for never reaches the system again."""

    def __init__(self, egress: Egress, *, is_plain: bool) -> None:
        self._egress = egress
        self._is_plain = is_plain
        self._network = httpcore.AnyIOBackend()
        self._stream: httpcore.AsyncNetworkStream | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the words of httpcore
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to the first address that answers."""
        async with asyncio.timeout(timeout):  # with the time that resolving takes
            addresses = await self._egress.resolve_guarded(host, port, is_plain=self._is_plain)
            share_s = None if timeout is None else timeout / len(addresses)
            for address in addresses:
                try:
                    self._stream = await self._network.connect_tcp(
                        str(address), port, share_s, local_address, socket_options
                    )
                    return self._stream
                except (httpcore.ConnectError, httpcore.ConnectTimeout):
                    if address == addresses[-1]:
                        raise
        raise NotSent(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        """Between tries of its own, of which there are none."""
        await self._network.sleep(seconds)

    async def aclose(self) -> None:
        """Close what was dialed: a handshake that is cut short leaves it open."""
        if self._stream is not None:
            await self._stream.aclose()


class GuardedTransport(httpx.AsyncBaseTransport):
    """HTTP/1.1 over the guarded backend, without proxies, retries or kept connections."""

    def __init__(self, backend: GuardedBackend, tls: ssl.SSLContext) -> None:
        self._backend = backend
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls, max_connections=1, max_keepalive_connections=0, network_backend=backend
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request, one answer."""
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Answer(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Close whatever is open."""
        await self._pool.aclose()
        await self._backend.aclose()


class _Answer(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._answer.aiter_stream():
            yield chunk

    async def aclose(self) -> None:
        await self._answer.aclose()


async def _connect(address: Address, port: int) -> socket.socket:
    dialed = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        dialed.setblocking(False)
        await asyncio.get_running_loop().sock_connect(dialed, (str(address), port))
    except BaseException:
        dialed.close()
        raise
    return dialed


async def _read_body(answer: httpx.Response, until: float) -> tuple[bytes, bool]:
    """As much of it as may be kept, and whether that is all. The status is known: what is missing cannot undo it."""
    body = bytearray()
    try:
        async with asyncio.timeout_at(until), aclosing(cast(AsyncGenerator[bytes], answer.aiter_raw())) as chunks:
            async for chunk in chunks:
                body += chunk
                if len(body) > BODY_CAP_BYTES:
                    return bytes(body[:BODY_CAP_BYTES]), False
    except OUTSIDE:
        return bytes(body), False
    finally:
        await answer.aclose()
    return bytes(body), True


def _read_url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise Blocked("expected an address such as https://crm.example.com/calls") from error
    if url.scheme not in ("https", "http") or not url.host:
        raise Blocked("expected an address that begins with https://")
    if url.userinfo:
        raise Blocked(f"{url.host}: expected no name or password in the address")
    return url


def _judge_headers(headers: Mapping[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        problem = header_problem(name, value)
        if problem is not None:
            raise Blocked(f"header {name!r}: {problem}")
    # Compressed answers would be unpacked without a limit by whoever reads them.
    ours = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "Sidecoach", "connection": "close"}
    return ours | headers_of_trace() | {name.lower(): value for name, value in headers.items()}


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _name(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")


def _causes(error: BaseException) -> Iterable[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def not_sent(host: str, error: BaseException) -> NotSent:
    """Why nothing was sent, in words that hold no more of the error than may be shown."""
    for cause in _causes(error):
        if isinstance(cause, NotSent):
            return cause
        if isinstance(cause, ssl.SSLCertVerificationError):
            # 62 and 64: another name, another address. Only another setting mends that; a certificate may be renewed.
            wrong_name = cause.verify_code in (62, 64)
            return NotSent(f"{host}: its certificate is not accepted: {cause.verify_message}", is_permanent=wrong_name)
    return NotSent(f"{host}: {_reason(error)}")


def _reason(error: BaseException) -> str:
    for cause in _causes(error):
        if isinstance(cause, TimeoutError | httpcore.TimeoutException):
            return "no answer in time"
        if isinstance(cause, ConnectionRefusedError):
            return "the connection was refused"
        if isinstance(cause, ssl.SSLError):
            return "TLS could not be agreed on"
    if isinstance(error, httpcore.ProtocolError):
        return "the connection ended, or the answer is not HTTP"
    return "the connection failed"
