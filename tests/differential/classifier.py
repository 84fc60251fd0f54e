# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What pimxdp must decide about a frame, written from docs/classification.md and docs/wire.md alone.

This is the other opinion of the differential test. It shares nothing with the program it judges:
the rows, the roles and the order of the steps are written here a second time, on purpose, so that a
slip in one of the two shows up as a disagreement. Steps are numbered as in docs/classification.md.
"""

import ipaddress
from dataclasses import dataclass, field

# Roles of a source address, as bits, so that one lookup answers for all of them.
PARTNER, CLIENT, MESSENGER, BLOCK, FAILSAFE = 1, 2, 4, 8, 16
PEER_ROLES = {"partner": PARTNER, "client": CLIENT, "messenger": MESSENGER}

# Roles of a destination address.
ACCESS, AV = 1, 2
EDGE_ROLES = {"access": ACCESS, "av": AV}

TCP, UDP = 6, 17
TRANSPORTS = {"tcp": TCP, "udp": UDP}

# Every reason a frame can end in.
REASONS = (
    "truncated", "vlan-depth", "arp", "snap", "non-ip", "malformed", "not-edge", "martian", "failsafe",
    "blocked", "ip-options", "ipv6-ext", "fragment", "icmp", "icmp-type", "tcp-flags", "port-zero",
    "protocol", "role", "unsolicited", "no-service", "stun-shape", "rule",
)

# The options of docs/classification.md and their values, the default first.
OPTIONS = {
    "mode": ("enforce", "observe"),
    "not-edge": ("pass", "drop"),
    "non-ip": ("pass", "drop"),
    "fragments": ("drop", "pass"),
    "ip-options": ("drop", "classify"),
    "rtp-port-end": ("either", "edge", "peer"),
    "stun-shape": ("media", "strict", "off"),
}


@dataclass
class Service:
    """A row: one of the six, or one that a configuration adds."""

    name: str
    transport: str  # tcp or udp
    direction: str  # in or out
    edge: str  # access or av
    peers: str  # partner, client or messenger
    ports: list  # of (lowest, highest), both inclusive


BUILT_IN = (
    Service("sip-mtls-in", "tcp", "in", "access", "partner", [(5061, 5061)]),
    Service("sip-mtls-out", "tcp", "out", "access", "partner", [(5061, 5061)]),
    Service("sip-tls-in", "tcp", "in", "access", "client", [(443, 443)]),
    Service("rtp-out", "tcp", "out", "av", "messenger", [(50000, 59999)]),
    Service("stun-out", "udp", "out", "av", "messenger", [(3478, 3478)]),
    Service("stun-in", "udp", "in", "av", "messenger", [(3478, 3478)]),
)
STUN_ROWS = ("stun-out", "stun-in")


@dataclass
class Policy:
    """A configuration. Addresses and prefixes are text, as a configuration file has them.

    av and messenger are None where the file does not name them; a missing option has its default.
    """

    access: list
    av: list = None
    partners: list = field(default_factory=list)  # of (name, prefixes)
    clients: list = field(default_factory=list)
    messenger: list = None
    block: list = field(default_factory=list)
    failsafe: list = field(default_factory=list)
    services: list = field(default_factory=list)
    disable: list = field(default_factory=list)
    options: dict = field(default_factory=dict)


class Decision(tuple):
    """(verdict, reason, rule, leg), equal to a plain tuple of these; and the step that gives it.

    All decisions are made before the first frame, so that the step costs nothing a frame.
    """

    def __new__(cls, step, verdict, reason, rule=None, leg=None):
        self = super().__new__(cls, (verdict, reason, rule, leg))
        self.step = step
        return self


_TRUNCATED_ETHERNET = Decision(1, "drop", "truncated")
_VLAN_DEPTH = Decision(1, "drop", "vlan-depth")
_ARP = Decision(2, "pass", "arp")
_SNAP = Decision(2, "drop", "snap")
_TRUNCATED_IP = Decision(3, "drop", "truncated")
_MALFORMED_IP = Decision(3, "drop", "malformed")
_MARTIAN = Decision(5, "drop", "martian")
_FAILSAFE = Decision(6, "pass", "failsafe")
_BLOCKED = Decision(7, "drop", "blocked")
_IP_OPTIONS = Decision(8, "drop", "ip-options")
_IPV6_EXT = Decision(8, "drop", "ipv6-ext")
_TRUNCATED_EXTENSION = Decision(8, "drop", "truncated")
_LINK_MULTICAST = Decision(4, "pass", "not-edge")
_FRAGMENT_DROP = Decision(9, "drop", "fragment")
_FRAGMENT_PASS = Decision(9, "pass", "fragment")
_TRUNCATED_ICMP = Decision(10, "drop", "truncated")
_ICMP = Decision(10, "pass", "icmp")
_ICMP_TYPE = Decision(10, "drop", "icmp-type")
_TRUNCATED_TRANSPORT = Decision(11, "drop", "truncated")
_MALFORMED_TRANSPORT = Decision(11, "drop", "malformed")
_TCP_FLAGS = Decision(11, "drop", "tcp-flags")
_PORT_ZERO = Decision(11, "drop", "port-zero")
_PROTOCOL = Decision(11, "drop", "protocol")
_NO_SERVICE = Decision(12, "drop", "no-service")

BRANCHES = ("link multicast", "segments left", "offset 1", "offset 2", "first fragment admitted",
            "first fragment cut short", "shape cut off", "SYN-ACK on a forward leg")

TPIDS = frozenset((0x8100, 0x88A8, 0x9100))
VLAN_TAGS_MAX = 2

EXTENSIONS = frozenset((0, 43, 44, 51, 60, 135, 139, 140))
EXTENSIONS_MAX = 8

# What follows the length of an 802.3 frame that has IP in it.
_SNAP_IP = (b"\xaa\xaa\x03\0\0\0\x08\0", b"\xaa\xaa\x03\0\0\0\x86\xdd")
_ROUTING, _FRAGMENT, _AUTHENTICATION = 43, 44, 51

_ICMP_TYPES = frozenset((0, 3, 8, 11, 12))
_ICMPV6_TYPES = frozenset((1, 2, 3, 4, 128, 129))
_ND_TYPES = frozenset((133, 134, 135, 136, 137))

_FIN, _SYN, _RST, _ACK = 0x01, 0x02, 0x04, 0x10

_STUN_COOKIE = b"\x21\x12\xa4\x42"
_MS_TURN_COOKIE = b"\x00\x0f\x00\x04\x72\xc6\x4b\xc6"
_CLASSIC_TYPES = frozenset((0x0001, 0x0101, 0x0111))


def stun_shape(payload, media, size=None):
    """The name of the shape that docs/wire.md gives this UDP payload, or None.

    media: whether RTP, RTCP and the channels of RFC 5766 alone count. size: bytes of the payload
    where it goes on beyond those given, in other fragments.
    """
    if size is None:
        size = len(payload)
    if len(payload) < 4:
        return None  # the least any shape's test reads is a length field at 2
    first = payload[0]
    length = payload[2] << 8 | payload[3]
    kind = first & 0xC0
    if kind == 0:
        if size < 20 or length + 20 != size:
            return None
        if len(payload) < 8:
            return None
        cookie = payload[4:8] == _STUN_COOKIE
        if cookie and length % 4 == 0:
            return "stun"
        if size >= 28 and payload[20:28] == _MS_TURN_COOKIE:
            return "ms-turn"
        if not cookie and (first << 8 | payload[1]) in _CLASSIC_TYPES:
            return "classic-stun"
        return None
    if kind == 0x40:
        if not length + 4 <= size <= length + 7:
            return None
        if first <= 0x4F:
            return "channel-data"
        return "channel-data-5766" if media else None
    if kind == 0x80:
        if not media:
            return None
        if 192 <= payload[1] <= 223:
            return "rtcp" if size >= 8 else None
        return "rtp" if size >= 12 + 4 * (first & 15) else None
    if first == 0xFF and payload[1] == 0x10 and size >= 12 and length >= 8 and length + 4 == size:
        return "ms-multiplexed"
    return None


class Addresses:
    """Which roles a source address has: the union over all prefixes that contain it."""

    def __init__(self):
        self._tables = {4: {}, 16: {}}  # address size: {shift: {address >> shift: role bits}}
        self._cache = {}

    def add(self, prefixes, role):
        for text in prefixes:
            network = ipaddress.ip_network(text)  # raises where host bits are set
            size = network.max_prefixlen // 8
            shift = network.max_prefixlen - network.prefixlen
            table = self._tables[size].setdefault(shift, {})
            key = int(network.network_address) >> shift
            table[key] = table.get(key, 0) | role

    def roles(self, address):
        """Role bits of an address of 4 or 16 bytes."""
        found = self._cache.get(address)
        if found is None:
            number = int.from_bytes(address, "big")
            found = 0
            for shift, table in self._tables[len(address)].items():
                found |= table.get(number >> shift, 0)
            if len(self._cache) > 50000:  # random sources must not fill the memory
                self._cache.clear()
            self._cache[address] = found
        return found


def is_martian(address):
    """Step 5's ranges; the edge's own addresses are not known here."""
    if len(address) == 4:
        return address[0] in (0, 127) or address[0] >= 224
    if address[0] == 0xFF:
        return True
    if address[:10] != bytes(10):
        return False
    return address[10:12] == b"\xff\xff" or address[10:] in (bytes(6), b"\0\0\0\0\0\1")


class _Leg:
    """A leg of a row as it is seen at ingress, with everything about it that a frame may match."""

    def __init__(self, service, leg, rtp_port_end):
        self.edge = EDGE_ROLES[service.edge]
        self.peers = PEER_ROLES[service.peers]
        self.reply = leg == "reply"
        self.stun = service.name in STUN_ROWS
        ports = bytearray(65536)
        for low, high in service.ports:
            for port in range(low, high + 1):
                ports[port] = 1
        none = bytes(65536)
        self.source_ports, self.destination_ports = none, none
        if leg == "forward":
            self.destination_ports = ports
        elif service.name == "rtp-out":
            if rtp_port_end in ("either", "peer"):
                self.source_ports = ports
            if rtp_port_end in ("either", "edge"):
                self.destination_ports = ports
        else:
            self.source_ports = ports
        self.role = Decision(12, "drop", "role", service.name, leg)
        self.unsolicited = Decision(12, "drop", "unsolicited", service.name, leg)
        self.misshapen = Decision(13, "drop", "stun-shape", service.name, leg)
        self.admitted = Decision(15, "pass", "rule", service.name, leg)


class Classifier:
    """The steps of docs/classification.md for one policy."""

    def __init__(self, policy):
        def option(name):
            return policy.options.get(name, OPTIONS[name][0])

        av = policy.access if policy.av is None else policy.av
        messenger = policy.clients if policy.messenger is None else policy.messenger

        self.edges = {}  # address bytes: edge role bits
        for addresses, role in ((policy.access, ACCESS), (av, AV)):
            for text in addresses:
                address = ipaddress.ip_address(text).packed
                self.edges[address] = self.edges.get(address, 0) | role

        self.addresses = Addresses()
        for _, prefixes in policy.partners:
            self.addresses.add(prefixes, PARTNER)
        self.addresses.add(policy.clients, CLIENT)
        self.addresses.add(messenger, MESSENGER)
        self.addresses.add(policy.block, BLOCK)
        self.addresses.add(policy.failsafe, FAILSAFE)

        # How often a frame came where no decision tells it: a run that never did proves nothing.
        self.reached = dict.fromkeys(BRANCHES, 0)

        self._not_edge = Decision(4, option("not-edge"), "not-edge")
        self._non_ip = Decision(2, option("non-ip"), "non-ip")
        self._link_multicast = option("not-edge") == "drop"
        self._fragments_pass = option("fragments") == "pass"
        self._options_classify = option("ip-options") == "classify"
        self._shape = option("stun-shape")

        rows = [row for row in (*BUILT_IN, *policy.services) if row.name not in policy.disable]
        self._legs = {}
        for name, transport in TRANSPORTS.items():
            mine = [row for row in rows if row.transport == name]
            self._legs[transport] = [
                _Leg(row, leg, option("rtp-port-end"))
                for direction, leg in (("in", "forward"), ("out", "reply"))
                for row in mine
                if row.direction == direction
            ]

    def decide(self, frame):
        """The Decision about a frame that is given whole, as bytes."""
        # Step 1
        end = len(frame)
        if end < 14:
            return _TRUNCATED_ETHERNET
        ethertype = frame[12] << 8 | frame[13]
        at = 14
        tags = 0
        while ethertype in TPIDS:
            if tags == VLAN_TAGS_MAX:
                return _VLAN_DEPTH
            if end < at + 4:
                return _TRUNCATED_ETHERNET
            ethertype = frame[at + 2] << 8 | frame[at + 3]
            at += 4
            tags += 1

        # Steps 2 and 3. "stop" is where the datagram ends; what follows is padding.
        room = end - at
        if ethertype == 0x0800:
            if room < 20:
                return _TRUNCATED_IP
            header = (frame[at] & 15) * 4
            total = frame[at + 2] << 8 | frame[at + 3]
            if frame[at] >> 4 != 4 or header < 20 or total < header:
                return _MALFORMED_IP
            if header > room or total > room:
                return _TRUNCATED_IP
            stop = at + total
            source = frame[at + 12 : at + 16]
            destination = frame[at + 16 : at + 20]
        elif ethertype == 0x86DD:
            if room < 40:
                return _TRUNCATED_IP
            if frame[at] >> 4 != 6:
                return _MALFORMED_IP
            stop = at + 40 + (frame[at + 4] << 8 | frame[at + 5])
            if stop > end:
                return _TRUNCATED_IP
            source = frame[at + 8 : at + 24]
            destination = frame[at + 24 : at + 40]
        elif ethertype == 0x0806:
            return _ARP
        elif ethertype < 0x0600 and frame[at : at + 8] in _SNAP_IP:
            return _SNAP
        else:
            return self._non_ip

        # Steps 4 to 7
        edge = self.edges.get(destination)
        if edge is None:
            if self._link_multicast and (
                    destination[:3] == b"\xe0\0\0" if ethertype == 0x0800
                    else destination[:2] == b"\xff\2"):
                self.reached["link multicast"] += 1
                return _LINK_MULTICAST
            return self._not_edge
        if is_martian(source) or source in self.edges:
            return _MARTIAN
        roles = self.addresses.roles(source)
        if roles & FAILSAFE:
            return _FAILSAFE
        if roles & BLOCK:
            return _BLOCKED

        # Steps 8, 9 and 10. "at" moves to the first byte after the IP headers. A first fragment that
        # goes on has another name for a header that is not whole.
        begins = False
        if ethertype == 0x0800:
            if header > 20 and not self._options_classify:
                return _IP_OPTIONS
            offset = (frame[at + 6] & 0x1F) << 8 | frame[at + 7]
            if offset or frame[at + 6] & 0x20:
                if offset or not self._fragments_pass:
                    return self._later_fragment(offset, roles)
                begins = True
            protocol = frame[at + 9]
            at += header
            if protocol == 1:
                if stop - at < 8:
                    return self._cut_short(begins, _TRUNCATED_ICMP)
                return _ICMP if frame[at] in _ICMP_TYPES else _ICMP_TYPE
        else:
            hop_limit = frame[at + 7]
            protocol = frame[at + 6]
            at += 40
            walked = 0
            while protocol in EXTENSIONS:
                if walked == EXTENSIONS_MAX:
                    return _IPV6_EXT
                walked += 1
                if stop - at < 8:  # no extension header is shorter
                    return _TRUNCATED_EXTENSION
                if protocol == _FRAGMENT:
                    size = 8
                elif protocol == _AUTHENTICATION:
                    size = (frame[at + 1] + 2) * 4
                else:
                    size = (frame[at + 1] + 1) * 8
                if stop - at < size:
                    return _TRUNCATED_EXTENSION
                if protocol == _ROUTING and (frame[at + 2] == 0 or frame[at + 3] != 0):
                    self.reached["segments left"] += frame[at + 2] != 0
                    return _IPV6_EXT
                if protocol == _FRAGMENT:
                    offset = frame[at + 2] << 5 | frame[at + 3] >> 3
                    if offset or frame[at + 3] & 1:
                        if offset or not self._fragments_pass:
                            return self._later_fragment(offset, roles)
                        begins = True
                protocol = frame[at]
                at += size
            if protocol == 58:
                if stop - at < 8:
                    return self._cut_short(begins, _TRUNCATED_ICMP)
                kind = frame[at]
                if kind in _ICMPV6_TYPES or (kind in _ND_TYPES and hop_limit == 255):
                    return _ICMP
                return _ICMP_TYPE

        # Step 11
        payload = None
        bare_syn = syn_ack = False
        if protocol == TCP:
            if stop - at < 20:
                return self._cut_short(begins, _TRUNCATED_TRANSPORT)
            offset = frame[at + 12] >> 4
            if offset * 4 > stop - at:
                return self._cut_short(begins, _TRUNCATED_TRANSPORT)
            if offset < 5:
                return _MALFORMED_TRANSPORT
            flags = frame[at + 13]
            if flags & _SYN:
                if flags & (_FIN | _RST):
                    return _TCP_FLAGS
                syn_ack = bool(flags & _ACK)
                bare_syn = not syn_ack
            elif not flags & (_ACK | _RST):
                return _TCP_FLAGS
        elif protocol == UDP:
            if stop - at < 8:
                return self._cut_short(begins, _TRUNCATED_TRANSPORT)
            length = frame[at + 4] << 8 | frame[at + 5]
            if length < 8 or length > stop - at and not begins:
                return _MALFORMED_TRANSPORT
            payload = (at + 8, min(at + length, stop))
        else:
            return _PROTOCOL
        source_port = frame[at] << 8 | frame[at + 1]
        destination_port = frame[at + 2] << 8 | frame[at + 3]
        if source_port == 0 or destination_port == 0:
            return _PORT_ZERO

        # Steps 12, 13 and 15
        first = None
        for leg in self._legs[protocol]:
            if not edge & leg.edge:
                continue
            if not (leg.destination_ports[destination_port] or leg.source_ports[source_port]):
                continue
            if roles & leg.peers and not (bare_syn if leg.reply else syn_ack):
                if leg.stun and self._shape != "off":
                    start, stop = payload
                    given, media = frame[start:stop], self._shape == "media"
                    if stun_shape(given, media, length - 8) is None:
                        self.reached["shape cut off"] += begins and len(given) < length - 8
                        return leg.misshapen
                self.reached["first fragment admitted"] += begins
                return leg.admitted
            self.reached["SYN-ACK on a forward leg"] += syn_ack and not leg.reply
            if first is None:
                first = leg
        if first is None:
            return _NO_SERVICE
        return first.unsolicited if roles & first.peers else first.role

    def _cut_short(self, begins, truncated):
        """Steps 9, 10 and 11, where a transport header is not whole."""
        self.reached["first fragment cut short"] += begins
        return _FRAGMENT_DROP if begins else truncated

    def _later_fragment(self, offset, roles):
        """Step 9, of any fragment where fragments = drop, else of one that is not the first."""
        if self._fragments_pass and offset in (1, 2) and roles & (PARTNER | CLIENT | MESSENGER):
            self.reached["offset 1" if offset == 1 else "offset 2"] += 1
        if self._fragments_pass and offset >= 2 and roles & (PARTNER | CLIENT | MESSENGER):
            return _FRAGMENT_PASS
        return _FRAGMENT_DROP
