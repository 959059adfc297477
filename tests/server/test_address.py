"""Store URLs. Rules: protocol/SPEC.md, ST11."""

import ssl

import pytest

from server.store.address import Access, Address, BadStoreUrl, Deployment, StoreUrl, parse_store_url

HOST = Address("h", 6379)


@pytest.mark.parametrize(
    ("url", "understood"),
    [
        ("unix:///run/v.sock", StoreUrl(Deployment.STANDALONE, (Address("/run/v.sock"),), Access())),
        ("unix:///run/v.sock?db=2", StoreUrl(Deployment.STANDALONE, (Address("/run/v.sock"),), Access({"db": 2}))),
        ("redis://h", StoreUrl(Deployment.STANDALONE, (HOST,), Access())),
        ("valkey://h:7/3", StoreUrl(Deployment.STANDALONE, (Address("h", 7),), Access({"db": 3}))),
        ("redis://[::1]:7", StoreUrl(Deployment.STANDALONE, (Address("::1", 7),), Access())),
        ("redis://:p%40s@h", StoreUrl(Deployment.STANDALONE, (HOST,), Access({"password": "p@s"}))),
        ("redis://u:p@h", StoreUrl(Deployment.STANDALONE, (HOST,), Access({"username": "u", "password": "p"}))),
        ("redis+cluster://h,i:7", StoreUrl(Deployment.CLUSTER, (HOST, Address("i", 7)), Access())),
        (
            "redis+sentinel://h,i:7/main/1",
            StoreUrl(Deployment.SENTINEL, (Address("h", 26379), Address("i", 7)), Access({"db": 1}), "main"),
        ),
    ],
)
def test_known_forms(url: str, understood: StoreUrl) -> None:
    """[ST11] One server, Sentinel, Cluster; by TCP or socket; with or without sign-in."""
    assert parse_store_url(url) == understood


@pytest.mark.parametrize("url", ["rediss://h", "valkeys://h", "rediss+sentinel://h/main", "rediss+cluster://h"])
def test_tls_checks_the_certificate_unless_told_otherwise(url: str) -> None:
    """[ST11] The `ssl_` options say what is trusted."""
    careful, trusting = parse_store_url(url).access.tls, parse_store_url(f"{url}?ssl_cert_reqs=none").access.tls
    assert careful is not None
    assert trusting is not None
    assert (careful.verify_mode, careful.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert (trusting.verify_mode, trusting.check_hostname) == (ssl.CERT_NONE, False)


@pytest.mark.parametrize(
    "url",
    [
        "", "h:6379", "http://h", "redis://", "redis://h:x", "redis://h/x", "redis://h/1/2", "redis+sentinel://h",
        "redis+cluster://h,,i", "redis://[h", "redis://h?db=x", "unix://", "redis://h?socket_timeout=60",
        "redis://h?ssl_cert_reqs=none", "rediss://h?ssl_cert_reqs=never", "rediss://h?ssl_ca_certs=/none.pem",
        "rediss://h?ssl_magic=1",
    ],
)  # fmt: skip
def test_other_forms_are_refused(url: str) -> None:
    """[ST11] At start, not at the first call."""
    with pytest.raises(BadStoreUrl):
        parse_store_url(url)


@pytest.mark.parametrize("url", ["redis://user:secret@h:x", "redis://user:secret/more@h", "user:secret@h"])
def test_refusal_does_not_tell_the_password(url: str) -> None:
    """[ST11] The message ends up in logs."""
    with pytest.raises(BadStoreUrl) as refusal:
        parse_store_url(url)
    assert "secret" not in str(refusal.value)
