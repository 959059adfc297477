"""Which addresses nobody may be sent to."""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

import pytest
from AntiSSRF import IPAddressRanges
from hypothesis import given
from hypothesis import strategies as st

from server.actions.addresses import Allow, is_denied, read_address

DENIED = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "168.63.129.16",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1",
    "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.255",
    "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:7f00:1", "::ffff:0:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::", "3fff::1",
    "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1", "::ffff:169.254.169.254",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "168.63.129.17", "172.32.0.1", "2606:4700::1111",
    "::ffff:8.8.8.8", "2a00:1450:4001::200e",
]  # fmt: skip
ORACLE = [ip_network(text) for text in IPAddressRanges.recommended_latest]


@pytest.mark.parametrize("text", DENIED)
def test_address_that_leads_inside_is_denied(text: str) -> None:
    """[IN1] Private, local, reserved, translated and documented addresses."""
    assert is_denied(read_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_public_address_is_not_denied(text: str) -> None:
    """[IN1] The neighbours of what is denied are as public as anything."""
    assert not is_denied(read_address(text))


@given(address=st.sampled_from(ORACLE).flatmap(lambda network: st.ip_addresses(network=network)))
def test_table_is_at_least_as_strict_as_somebody_elses(address: IPv4Address | IPv6Address) -> None:
    """[IN1] Every address of the ranges that AntiSSRF recommends to block."""
    assert is_denied(read_address(str(address)))


@pytest.mark.parametrize("network", ORACLE, ids=str)
def test_edges_of_every_range_are_denied(network: IPv4Network | IPv6Network) -> None:
    """[IN1] The first and the last address of what AntiSSRF blocks."""
    assert is_denied(read_address(str(network[0])))
    assert is_denied(read_address(str(network[-1])))


@given(address=st.ip_addresses())
def test_no_random_address_is_let_through_that_the_oracle_denies(address: IPv4Address | IPv6Address) -> None:
    """[IN1] Whatever it is."""
    if any(address in network for network in ORACLE):
        assert is_denied(read_address(str(address)))


@given(address=st.ip_addresses(v=4))
def test_v4_in_v6s_clothes_is_judged_as_v4(address: IPv4Address) -> None:
    """[IN1] `::ffff:a.b.c.d` is the very same address."""
    assert is_denied(read_address(f"::ffff:{address}")) == is_denied(address)


@pytest.mark.parametrize(
    "spelling", ["2130706433", "0x7f000001", "017700000001", "127.1", "0", "0x7f.1", "１２７.0.0.1"]
)
def test_no_spelling_of_loopback_gets_through(spelling: str) -> None:
    """[IN1] The system reads many; what it makes of them is judged. Numbers need no name server."""
    try:
        found = socket.getaddrinfo(spelling, 443, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICSERV)
    except OSError:
        return  # this system does not take it for an address: nothing to dial
    assert all(is_denied(read_address(str(address[0]))) for *_, address in found)


@pytest.mark.parametrize("text", ["crm.example.com", "2130706433x", "127.1", "", "1.2.3.4.5"])
def test_what_is_no_address_is_not_judged(text: str) -> None:
    """[IN1] Names are for the resolver."""
    with pytest.raises(ValueError, match="does not appear to be"):
        read_address(text)


class TestAllow:
    def test_exception_holds_for_its_addresses_and_port_only(self) -> None:
        """[IN3] Not for the neighbour, and not for another service of the same machine."""
        allow = Allow.parse("10.1.2.0/24:8443")

        assert allow.covers(read_address("10.1.2.7"), 8443)
        assert allow.covers(read_address("::ffff:10.1.2.7"), 8443)
        assert not allow.covers(read_address("10.1.2.7"), 443)
        assert not allow.covers(read_address("10.1.3.7"), 8443)
        assert not allow.covers(read_address("fd00::7"), 8443)

    def test_v6_stands_in_brackets(self) -> None:
        """[IN3] As in a URL."""
        assert Allow.parse("[fd00::/8]:443").covers(read_address("fd00::7"), 443)

    @pytest.mark.parametrize(
        "text",
        ["10.0.0.0/8", "10.0.0.0/8:", "10.0.0.0/8:0", "10.0.0.0/8:70000", "fd00::7:443", "10.0.0.1/8:443", "crm:443"],
    )
    def test_exception_that_is_written_otherwise_is_not_guessed(self, text: str) -> None:
        """[IN3] One bit too many opens a network."""
        with pytest.raises(ValueError, match=r".+"):
            Allow.parse(text)
