"""Which network addresses nobody may be sent to, and the exceptions that an administrator makes.

Pure: an address is judged, never a name and never how it was spelled. Python's
own `is_global` is not asked, because it calls addresses public that lead
inside: multicast, site-local, translated ones. Who resolves names and dials is
`egress.py`.

Rules: protocol/SPEC.md, IN1 to IN3.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

DENIED_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network; 0.0.0.0 reaches the machine itself
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier's NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own agent: public by number, local by nature
        "169.254.0.0/16",  # link-local, and the metadata service of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",  # this one, 192.52.193.0 and 192.175.48.0: answered by whoever is nearest
        "192.52.193.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
DENIED_V6 = tuple(
    IPv6Network(text)
    for text in (
        "::/96",  # unspecified, loopback and v4-compatible
        "::ffff:0:0:0/96",  # v4-translated
        "64:ff9b::/96",  # NAT64: a v4 address in disguise
        "64:ff9b:1::/48",
        "100::/64",
        "100:0:0:1::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",  # 6to4: the same
        "2620:4f:8000::/48",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)


def read_address(text: str) -> Address:
    """The address to judge: without its zone, and v4 if it is v4 in v6's clothes.

    Raises:
        ValueError: it is no address.
    """
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_denied(address: Address) -> bool:
    """Whether it is not one of the public internet's."""
    if isinstance(address, IPv4Address):
        return any(address in network for network in DENIED_V4)
    return any(address in network for network in DENIED_V6)


@dataclass(frozen=True, slots=True)
class Allow:
    """An administrator's exception: these addresses, at this port, may be sent to, without TLS too."""

    network: Network
    port: int

    @classmethod
    def parse(cls, text: str) -> Allow:
        """Read `10.1.2.0/24:8443` or `[fd00::7]:443`.

        Raises:
            ValueError: it is written otherwise, or has bits outside of its mask.
        """
        network, colon, port = text.strip().rpartition(":")
        if not colon or not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65_535):
            raise ValueError(f"{text!r}: expected ADDRESS/BITS:PORT, such as 10.1.2.0/24:8443")
        if ":" in network and not (network.startswith("[") and network.endswith("]")):
            raise ValueError(f"{text!r}: expected brackets around a v6 address, such as [fd00::7]:443")
        return cls(ip_network(network.removeprefix("[").removesuffix("]")), int(port))

    def covers(self, address: Address, port: int) -> bool:
        """Whether it is an exception for this address and port."""
        return port == self.port and address in self.network
