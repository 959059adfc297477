"""Entering a store: TLS and passwords, against a real server behind them. Rules: protocol/SPEC.md, ST11."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from redis.asyncio import Redis

from server.embedded import EmbeddedValkey
from server.ports import Unavailable
from server.store.redis import RedisStore
from tests.support.stores import Log, Process


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, signed by itself; its key is in the same file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - dt.timedelta(days=1), now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(signed.public_bytes(pem) + private)
    return path


@pytest.fixture
async def tls_port(own_valkey: EmbeddedValkey, certificate: Path) -> AsyncIterator[int]:
    """Where the store is reached over TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(own_valkey.url.removeprefix("unix://"))
        await asyncio.gather(carry(reader, inner_writer), carry(inner_reader, writer))

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(relay, "127.0.0.1", ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_certificate_that_is_trusted_by_name(tls_port: int, certificate: Path) -> None:
    """[ST11] Commits and pushes over TLS."""
    process = await Process(RedisStore(f"rediss://127.0.0.1:{tls_port}?ssl_ca_certs={certificate}")).start()
    log = await Log(process).create()
    await process.store.subscribe(log.session_id)
    await log.append(b"x" * 100_000)
    await process.hears(len)
    assert await process.store.read(log.session_id) == tuple(log.entries)
    await process.store.close()


async def test_certificate_that_nobody_vouches_for(tls_port: int) -> None:
    """[ST11] Unavailable, and the reason is said; `ssl_cert_reqs=none` trusts it all the same."""
    store = RedisStore(f"rediss://127.0.0.1:{tls_port}")
    with pytest.raises(Unavailable, match="certificate verify failed"):
        await store.start(lambda push: None)
    await store.close()
    trusting = await Process(RedisStore(f"rediss://127.0.0.1:{tls_port}?ssl_cert_reqs=none")).start()
    await trusting.store.close()


async def test_user_password_and_database(own_valkey: EmbeddedValkey) -> None:
    """[ST11] Entered as the URL says; a wrong password is Unavailable and is not told."""
    path = own_valkey.url.removeprefix("unix://")
    async with Redis.from_url(own_valkey.url, decode_responses=True) as operator:
        await operator.acl_setuser(
            "ana", enabled=True, passwords="+p@ss", keys=["*"], channels=["*"], commands=["+@all"]
        )
        process = await Process(RedisStore(f"unix://ana:p%40ss@{path}?db=3")).start()
        await Log(process).create()
        await process.store.close()
        assert (await operator.info("keyspace"))["db3"]["keys"] == 2
    store = RedisStore(f"unix://ana:wrong@{path}")
    with pytest.raises(Unavailable) as refusal:
        await store.start(lambda push: None)
    assert "wrong" not in str(refusal.value).replace("WRONGPASS", "")
    await store.close()
