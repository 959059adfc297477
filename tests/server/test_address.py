"""Store URLs. Rules: protocol/SPEC.md, ST11."""

import pytest

from server.store.address import Access, Address, BadStoreUrl, Deployment, StoreUrl, parse_store_url

HOST = Address("h", 6379)


@pytest.mark.parametrize(
    ("url", "understood"),
    [
        ("unix:///run/v.sock", StoreUrl(Deployment.STANDALONE, (Address("/run/v.sock"),), Access())),
        ("unix:///run/v.sock?db=2", StoreUrl(Deployment.STANDALONE, (Address("/run/v.sock"),), Access(database=2))),
        ("redis://h", StoreUrl(Deployment.STANDALONE, (HOST,), Access())),
        ("valkey://h:7/3", StoreUrl(Deployment.STANDALONE, (Address("h", 7),), Access(database=3))),
        ("rediss://h", StoreUrl(Deployment.STANDALONE, (HOST,), Access(tls=True))),
        ("redis://[::1]:7", StoreUrl(Deployment.STANDALONE, (Address("::1", 7),), Access())),
        ("redis://:p%40s@h", StoreUrl(Deployment.STANDALONE, (HOST,), Access(password="p@s"))),
        ("redis://u:p@h", StoreUrl(Deployment.STANDALONE, (HOST,), Access(username="u", password="p"))),
        ("redis+cluster://h,i:7", StoreUrl(Deployment.CLUSTER, (HOST, Address("i", 7)), Access())),
        (
            "rediss+sentinel://h,i:7/main/1",
            StoreUrl(Deployment.SENTINEL, (Address("h", 26379), Address("i", 7)), Access(database=1, tls=True), "main"),
        ),
    ],
)
def test_known_forms(url: str, understood: StoreUrl) -> None:
    """[ST11] One server, Sentinel, Cluster; by TCP, TLS or socket; with or without sign-in."""
    assert parse_store_url(url) == understood


@pytest.mark.parametrize(
    "url", ["", "h:6379", "http://h", "redis://", "redis://h:x", "redis://h/x", "redis+sentinel://h"]
)
def test_other_forms_are_refused(url: str) -> None:
    """[ST11] At start, not at the first call."""
    with pytest.raises(BadStoreUrl):
        parse_store_url(url)


def test_refusal_does_not_tell_the_password() -> None:
    """[ST11] The message ends up in logs."""
    with pytest.raises(BadStoreUrl) as refusal:
        parse_store_url("redis://user:secret@h:x")
    assert "secret" not in str(refusal.value)
