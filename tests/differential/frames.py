# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Frames for the differential test: builders for each layer, and a hostile generator over them.

The builders fill in lengths that are right unless told otherwise. Checksums are left zero, for no
step of the classification reads them.
"""

import ipaddress
import struct

from classifier import (ACCESS, AV, BLOCK, BUILT_IN, CLIENT, EDGE_ROLES, FAILSAFE, MESSENGER,
                        PARTNER, PEER_ROLES, is_martian)

FIN, SYN, RST, PSH, ACK, URG = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806
TPIDS = (0x8100, 0x88A8, 0x9100)
EXTENSIONS = (0, 43, 44, 51, 60, 135, 139, 140)
FRAME_MAX = 9000

_U16 = struct.Struct("!H").pack
_IPV4 = struct.Struct("!BBHHHBBH4s4s").pack
_IPV6 = struct.Struct("!IHBB16s16s").pack
_TCP = struct.Struct("!HHIIBBHHH").pack
_UDP = struct.Struct("!HHHH").pack
_MACS = b"\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02"


def ethernet(ethertype, payload, tags=(), macs=_MACS):
    """tags: pairs of TPID and tag control information, the outermost first."""
    head = macs
    for tpid, control in tags:
        head += _U16(tpid) + _U16(control)
    return head + _U16(ethertype) + payload


def ipv4(source, destination, protocol, payload, *, options=b"", header=None, total=None,
         fragment=0x4000, version=4, ttl=64, tos=0):
    """header: bytes that the ihl claims; fragment: flags and offset, as the 16-bit field."""
    if header is None:
        header = 20 + len(options)
    if total is None:
        total = 20 + len(options) + len(payload)
    return _IPV4(version << 4 | header // 4 & 15, tos, total & 0xFFFF, 0x1234, fragment, ttl,
                 protocol, 0, source, destination) + options + payload


def ipv6(source, destination, next_header, payload, *, length=None, version=6, hop_limit=64,
         flow=0):
    if length is None:
        length = len(payload)
    return _IPV6(version << 28 | flow, length & 0xFFFF, next_header, hop_limit, source,
                 destination) + payload


def tcp(source, destination, flags, payload=b"", *, options=b"", offset=None):
    """offset: the data offset in words."""
    if offset is None:
        offset = 5 + len(options) // 4
    return (_TCP(source, destination, 1, 1, offset << 4 & 0xF0, flags, 8192, 0, 0) + options
            + payload)


def udp(source, destination, payload=b"", *, length=None):
    if length is None:
        length = 8 + len(payload)
    return _UDP(source, destination, length & 0xFFFF, 0) + payload


def extension(kind, next_header, body):
    """An IPv6 extension header. body: what follows the two bytes of next header and length.

    It is filled up with zeros to the unit of its kind: four bytes for an authentication header,
    with at least eight in all, and eight for the others. A fragment header has no length; its
    second byte is the first of body.
    """
    if kind == 44:
        return bytes((next_header,)) + body[:7].ljust(7, b"\0")
    if kind == 51:
        words = max(2, (len(body) + 5) // 4)
        return bytes((next_header, words - 2)) + body.ljust(words * 4 - 2, b"\0")
    units = (len(body) + 9) // 8
    return bytes((next_header, units - 1)) + body.ljust(units * 8 - 2, b"\0")


def chain(headers, last):
    """(first next-header value, bytes) of a chain of (kind, body), with last after it."""
    parts = []
    for kind, body in reversed(headers):
        parts.append(extension(kind, last, body))
        last = kind
    return last, b"".join(reversed(parts))


def stun(kind=1, attributes=b"", *, length=None, cookie=b"\x21\x12\xa4\x42"):
    if length is None:
        length = len(attributes)
    return _U16(kind) + _U16(length & 0xFFFF) + cookie + b"transaction!" + attributes


# Where a kernel that keeps a frame in pieces may have cut it: after what a page holds besides its
# headroom and its tail, and whole pages from there.
_SEAMS = (3520, 3520, 4096, 3520 + 4096, 2048, 1536)

MS_COOKIE_ATTRIBUTE = b"\x00\x0f\x00\x04\x72\xc6\x4b\xc6"

# How often each kind of frame is made, and which method makes it.
_KINDS = (
    (300, "row"), (50, "icmp"), (40, "tcp_odd"), (40, "udp_odd"), (120, "stun_shape"),
    (110, "fragment"), (90, "extensions"), (30, "options"), (50, "link"), (35, "martian"),
    (15, "elsewhere"), (100, "cut"), (100, "mutate"), (10, "noise"), (15, "odd_protocol"),
    (6, "jumbo"), (15, "snap"),
)


class Generator:
    """Makes frames that aim at one policy: its rows, its edges, the borders of its prefixes."""

    def __init__(self, policy, classifier, rng, short=False):
        """short: make frames of under 14 bytes too."""
        self.rng = rng
        self.random = rng.random
        self.bytes = rng.randbytes
        self.minimum = 1 if short else 14
        self.edges = {4: {}, 16: {}}  # address size: {edge role bits: addresses}
        for address, role in classifier.edges.items():
            self.edges[len(address)].setdefault(role, []).append(address)
        self.all_edges = {
            size: [address for group in groups.values() for address in group]
            for size, groups in self.edges.items()
        }
        self.sizes = [size for size, group in self.all_edges.items() if group]
        self.rows = [row for row in (*BUILT_IN, *policy.services)]
        self.ports = sorted({
            port
            for row in self.rows for low, high in row.ports
            for port in (low, high, low - 1, high + 1, (low + high) // 2)
            if 0 <= port <= 65535
        } | {1, 53, 65535, 49151, 49152})
        self._make_sources(policy, classifier)
        self.recent = []
        self.queue = []
        methods = []
        for weight, name in _KINDS:
            methods.extend([getattr(self, "_" + name)] * weight)
        self.methods = methods

    def _make_sources(self, policy, classifier):
        """Sorts addresses on and around the borders of all prefixes by the roles they have."""
        texts = [text for _, prefixes in policy.partners for text in prefixes]
        if len(texts) > 400:
            texts = self.rng.sample(texts, 400)
        for group in (policy.clients, policy.messenger or (), policy.block, policy.failsafe):
            texts.extend(group)
        candidates = {4: [], 16: []}
        for text in texts:
            network = ipaddress.ip_network(text)
            bits = network.max_prefixlen
            first = int(network.network_address)
            last = int(network.broadcast_address)
            inside = [first + int(self.random() * (last - first + 1)) for _ in range(4)]
            for number in (first, last, first - 1, last + 1, first, last, *inside):
                if 0 <= number < 1 << bits:
                    candidates[bits // 8].append(number.to_bytes(bits // 8, "big"))
        for size in (4, 16):
            for _ in range(60):
                address = self.bytes(size)
                if size == 16 and self.random() < 0.7:
                    address = b"\x20\x01" + address[2:]
                candidates[size].append(address)
        self.sources = candidates
        self.with_role = {4: {}, 16: {}}
        self.without_role = {4: {}, 16: {}}
        for size in (4, 16):
            usable = [
                (address, classifier.addresses.roles(address)) for address in candidates[size]
                if not is_martian(address) and address not in classifier.edges
            ]
            for role in (PARTNER, CLIENT, MESSENGER):
                self.with_role[size][role] = [
                    address for address, roles in usable
                    if roles & role and not roles & (BLOCK | FAILSAFE)]
                self.without_role[size][role] = [
                    address for address, roles in usable
                    if not roles & (role | BLOCK | FAILSAFE)]

    def frames(self, count):
        """Yields count frames."""
        methods, recent, random = self.methods, self.recent, self.random
        number = len(methods)
        for _ in range(count):
            frame = methods[int(random() * number)]()
            if len(frame) < self.minimum:
                frame += bytes(self.minimum - len(frame))
            elif len(frame) > FRAME_MAX:
                frame = frame[:FRAME_MAX]
            if len(recent) < 256:
                recent.append(frame)
            elif len(frame) < 600 and random() < 0.2:
                recent[int(random() * 256)] = frame
            yield frame

    # Small choices

    def _pick(self, sequence):
        return sequence[int(self.random() * len(sequence))]

    def _number(self, low, high):
        return low + int(self.random() * (high - low + 1))

    def _size(self):
        """An address size that this policy's edge has."""
        return self._pick(self.sizes)

    def _edge(self, size, role=None):
        """An edge address; where a role is named, mostly one that has it."""
        if role is not None and self.random() < 0.85:
            groups = self.edges[size]
            fit = groups.get(role, ()) or groups.get(ACCESS | AV, ())
            if fit and self.random() < 0.8:
                return self._pick(fit)
            fit = groups.get(ACCESS | AV, ()) or fit
            if fit:
                return self._pick(fit)
        return self._pick(self.all_edges[size])

    def _source(self, size, role=None, share=0.8):
        """A source address; where a role is named, mostly one that has it and is not blocked."""
        if role is not None:
            kind = self.random()
            group = ()
            if kind < share:
                group = self.with_role[size][role]
            elif kind < 0.96:
                group = self.without_role[size][role]
            if group:
                return self._pick(group)
        if self.random() < 0.05:
            return self.bytes(size)
        return self._pick(self.sources[size])

    def _port(self):
        kind = self.random()
        if kind < 0.5:
            return self._number(1, 65535)
        if kind < 0.99:
            return self._pick(self.ports)
        return 0

    def _row_port(self, row):
        """A port in or about the row's ranges."""
        low, high = self._pick(row.ports)
        kind = self.random()
        if kind < 0.3:
            return low
        if kind < 0.55:
            return high
        if kind < 0.7:
            return self._number(low, high)
        if kind < 0.82:
            return low - 1
        if kind < 0.94:
            return min(65535, high + 1)
        return self._port()

    def _flags(self):
        kind = self.random()
        if kind < 0.6:
            return ACK | self._pick((0, PSH, PSH, FIN, URG | PSH))
        if kind < 0.75:
            return SYN
        if kind < 0.85:
            return SYN | ACK
        if kind < 0.92:
            return RST | self._pick((0, ACK))
        return int(self.random() * 256)

    # Layers

    def _data(self, most=40):
        return self.bytes(int(self.random() * most)) if self.random() < 0.6 else b""

    def _ip(self, size, source, destination, protocol, payload, **fields):
        if size == 4:
            if "hop_limit" in fields:
                fields["ttl"] = fields.pop("hop_limit")
            return ipv4(source, destination, protocol, payload, **fields)
        return ipv6(source, destination, protocol, payload, **fields)

    def _adorned(self, size, source, destination, protocol, payload):
        """A datagram, at times after options or extension headers that change nothing."""
        kind = self.random()
        if size == 4:
            if kind < 0.93:
                return ipv4(source, destination, protocol, payload,
                            fragment=self._pick((0, 0x4000, 0x4000, 0x8000)))
            options = self._pick((b"\x01\x01\x01\x00", b"\x94\x04\x00\x00", bytes(40)))
            return ipv4(source, destination, protocol, payload, options=options)
        if kind < 0.9:
            return ipv6(source, destination, protocol, payload, hop_limit=self._pick((1, 64, 255)),
                        flow=self._pick((0, 0xABCDE, 0xFFFFFFF)))
        first, front = chain(self._headers(self._number(1, 8), innocent=True), protocol)
        return ipv6(source, destination, first, front + payload)

    def _frame(self, size, datagram, ethertype=None):
        """A datagram on Ethernet, with tags and padding at times."""
        if ethertype is None:
            ethertype = IPV4 if size == 4 else IPV6
        tags = ()
        kind = self.random()
        if kind < 0.2:
            count = 1 if kind < 0.1 else 2 if kind < 0.18 else 3
            tags = [(self._pick(TPIDS), self._number(0, 0xFFFF)) for _ in range(count)]
        kind = self.random()
        if kind < 0.15:
            datagram = datagram.ljust(46, b"\0")
        elif kind < 0.25:
            datagram += self.bytes(self._number(1, 60))
        return ethernet(ethertype, datagram, tags)

    def _transport(self, row, leg, *, row_port=None):
        """A segment or datagram of a row's leg, mostly in its ports and its transport."""
        mine = self._row_port(row) if row_port is None else row_port
        other = self._port()
        if leg == "reply":
            source, destination = mine, other
            if row.name == "rtp-out" and self.random() < 0.5:
                source, destination = other, mine
        else:
            source, destination = other, mine
        if self.random() < 0.04:
            source, destination = destination, source
        transport = row.transport
        if self.random() < 0.06:
            transport = "udp" if transport == "tcp" else "tcp"
        if transport == "tcp":
            options = self._pick((b"", b"", b"\x02\x04\x05\xb4", b"\x01" * 12, b"\x01" * 40))
            return 6, tcp(source, destination, self._flags(), self._data(), options=options)
        if 3478 in (source, destination) and self.random() < 0.85:
            return 17, udp(source, destination, self.shape(0.2))
        return 17, udp(source, destination, self._data())

    # Kinds of frames

    def _row(self):
        row = self._pick(self.rows)
        leg = "forward" if row.direction == "in" else "reply"
        if self.random() < 0.08:
            leg = "reply" if leg == "forward" else "forward"
        size = self._size()
        protocol, payload = self._transport(row, leg)
        source = self._source(size, PEER_ROLES[row.peers])
        destination = self._edge(size, EDGE_ROLES[row.edge])
        return self._frame(size, self._adorned(size, source, destination, protocol, payload))

    def _permitted(self):
        """A row's segment with nothing wrong about it, as (size, source, destination, protocol,
        payload): what an evasion tries to carry past the filter."""
        row = self._pick(self.rows)
        low, high = self._pick(row.ports)
        mine, other = self._pick((low, high)), self._number(1024, 65535)
        source, destination = (mine, other) if row.direction == "out" else (other, mine)
        size = self._size()
        if row.transport == "tcp":
            protocol, payload = 6, tcp(source, destination, ACK | PSH, self._data())
        else:
            protocol, payload = 17, udp(source, destination, stun(1, bytes(8)))
        return (size, self._source(size, PEER_ROLES[row.peers], 0.9),
                self._edge(size, EDGE_ROLES[row.edge]), protocol, payload)

    def _icmp(self):
        size = self._size()
        if self.random() < 0.94:
            protocol = 1 if size == 4 else 58
        else:
            protocol = 58 if size == 4 else 1
        if self.random() < 0.5:
            kind = self._pick((0, 3, 8, 11, 12, 1, 2, 4, 127, 128, 129, 130, *range(132, 139)))
        else:
            kind = int(self.random() * 256)
        message = bytes((kind, self._pick((0, 0, 1, 4, 255)), 0, 0)) + self._data(64)
        if self.random() < 0.7:
            message = message.ljust(8, b"\0")
        source, destination = self._source(size, CLIENT), self._edge(size)
        hop_limit = self._pick((255, 255, 255, 254, 64, 1, 0))
        if size == 16 and self.random() < 0.1:
            protocol, front = chain(self._headers(self._number(1, 3), innocent=True), protocol)
            message = front + message
        return self._frame(size, self._ip(size, source, destination, protocol, message,
                                          hop_limit=hop_limit))

    def _tcp_odd(self):
        size, source, destination, protocol, payload = self._permitted()
        if protocol != 6:
            payload = tcp(self._port(), self._pick((443, 5061)), ACK)
        segment = bytearray(payload)
        kind = self.random()
        if kind < 0.5:
            segment[13] = int(self.random() * 256)
        if kind > 0.4:
            segment[12] = int(self.random() * 256)
            if self.random() < 0.5:
                segment += bytes(self._number(0, 44))
        if self.random() < 0.2:
            del segment[self._number(0, 24):]
        if self.random() < 0.1 and len(segment) >= 4:
            place = self._pick((0, 2))
            segment[place : place + 2] = b"\0\0"
        return self._frame(size, self._ip(size, source, destination, 6, bytes(segment)))

    def _udp_odd(self):
        size, source, destination, protocol, payload = self._permitted()
        if protocol != 17:
            payload = udp(self._port(), 3478, stun(1, bytes(4)))
        data = payload[8:]
        right = len(payload)
        length = self._pick((0, 1, 7, 8, 9, right - 1, right, right + 1, right + 4, 0xFFFF, 20, 28,
                             right | 0x8000, right << 8 & 0xFFFF))
        ports = struct.unpack_from("!HH", payload)
        if self.random() < 0.1:
            ports = self._pick(((0, ports[1]), (ports[0], 0), (0, 0)))
        datagram = udp(*ports, data, length=length)
        kind = self.random()
        if kind < 0.2:
            datagram = datagram[: self._number(0, 12)]
        elif kind < 0.4:
            datagram += self.bytes(self._number(1, 8))
        elif kind < 0.5:  # a payload that is a shape only with the bytes after the UDP length
            cut = self._number(0, len(data))
            datagram = udp(*ports, data, length=8 + cut)
        return self._frame(size, self._ip(size, source, destination, 17, datagram))

    def shape(self, spoil):
        """A payload of one of docs/wire.md's shapes; with the chance spoil, one of its tests is missed.

        Every byte that a test reads, and the length of the whole, is moved by the least that
        counts.
        """
        random, pick = self.random, self._pick
        kind = int(random() * 8)
        spoiled = random() < spoil
        fault = int(random() * 8) if spoiled else -1
        if kind == 0:  # STUN
            size = pick((0, 0, 4, 8, 12, 100))
            payload = bytearray(stun(self._number(0, 0x3FFF), self.bytes(size)))
        elif kind == 1:  # MS-TURN
            size = pick((0, 0, 1, 3, 8, 41))
            payload = bytearray(stun(pick((1, 3, 4, 0x0101, 0x0115, 0x3FFF)),
                                     MS_COOKIE_ATTRIBUTE + self.bytes(size),
                                     cookie=pick((bytes(4), b"\x21\x12\xa4\x42", self.bytes(4)))))
        elif kind == 2:  # classic STUN
            size = pick((0, 0, 1, 2, 8, 33))
            payload = bytearray(stun(pick((0x0001, 0x0101, 0x0111)), self.bytes(size),
                                     cookie=pick((b"\0\0\0\0", b"\x21\x12\xa4\x42", self.bytes(4),
                                                  b"\x21\x12\xa4\x43"))))
        elif kind == 3:  # ChannelData, of RFC 8656 and of RFC 5766
            size = pick((0, 1, 4, 7, 160))
            payload = bytearray(bytes((pick((self._number(0x40, 0x4F), self._number(0x50, 0x7F),
                                             0x4F, 0x50, 0x7F)), self._number(0, 255)))
                                + _U16(size) + self.bytes(size + self._number(0, 3)))
        elif kind == 4:  # RTP
            sources = pick((0, 0, 1, 2, 7, 8, 15))
            payload = bytearray(bytes((0x80 | pick((0, 0x10, 0x20, 0x30)) | sources,
                                       pick((0, 97, 111, 114, 115, 191, 224, 255, 127))))
                                + self.bytes(10 + 4 * sources + pick((0, 0, 1, 40))))
        elif kind == 5:  # RTCP
            payload = bytearray(bytes((0x80 | self._number(0, 0x3F),
                                       pick((192, 200, 201, 223, self._number(192, 223)))))
                                + self.bytes(6 + pick((0, 0, 1, 20))))
        elif kind == 6:  # MS multiplexed TURN
            size = pick((8, 8, 9, 28, 100))
            payload = bytearray(b"\xff\x10" + _U16(size) + self.bytes(size))
        else:
            payload = bytearray(pick((b"", b"\0", self.bytes(4), self.bytes(self._number(0, 60)),
                                      bytes(20), b"\x16\x03\x01\x00\x2d" + bytes(45))))
        if fault < 0:
            return bytes(payload)
        if fault == 0:
            del payload[-pick((1, 1, 2, 4, 5)):]
        elif fault == 1:
            payload += self.bytes(pick((1, 1, 2, 3, 4)))
        elif fault == 2 and len(payload) >= 4:  # a length that is close, with bytes that match it or not
            length = payload[2] << 8 | payload[3]
            change = pick((-4, -1, 1, 2, 3, 4, 8, 256, -256))
            payload[2:4] = _U16((length + change) & 0xFFFF)
            if random() < 0.5:
                if change > 0:
                    payload += self.bytes(change)
                else:
                    del payload[len(payload) + max(change, -len(payload)):]
        elif fault == 3 and payload:
            payload[0] ^= pick((0x40, 0x80, 0xC0, 0x10, 0x01, 0x20))
        elif fault == 4 and len(payload) > 1:
            payload[1] = pick((payload[1] ^ 1, 191, 192, 223, 224, 0x10, 0x11))
        elif fault == 5 and len(payload) >= 8:
            payload[4 + int(random() * 4)] ^= 1 << int(random() * 8)
        elif fault == 6 and len(payload) >= 28:
            payload[20 + int(random() * 8)] ^= 1 << int(random() * 8)
        else:
            del payload[pick((0, 1, 2, 3, 4, 7, 8, 11, 12, 19, 20, 27, 28)):]
        return bytes(payload)

    def _stun_shape(self):
        row = self._pick(BUILT_IN[4:6])
        size = self._size()
        ports = (3478, self._port()) if row.direction == "out" else (self._port(), 3478)
        datagram = udp(*ports, self.shape(0.6))
        if self.random() < 0.05:
            datagram += self.bytes(self._number(1, 4))
        return self._frame(size, self._adorned(
            size, self._source(size, MESSENGER, 0.93), self._edge(size, AV), 17, datagram))

    def _fragment_field(self):
        """Flags and offset of IPv4: fragments of all sorts, and what only looks like one."""
        if self.random() < 0.4:
            return self._pick((0x2000, 0x6000, 0xA000))
        return self._pick((0x2000, 0x2001, 0x0001, 0x0002, 0x2002, 0x0003, 0x1FFF, 0x3FFF, 0x00B9, 0x4000, 0x8000, 0xC000,
                           0x6000, 0xA000, 0x0100, 0x1000, 0x0000))

    def _beginning(self, size):
        """(protocol, payload) of what a first fragment begins: mostly its header, and more of it or
        less by the least that counts."""
        kind = self.random()
        if kind < 0.2:
            protocol = 1 if size == 4 else 58
            payload = bytes((self._pick((8, 3, 5) if size == 4 else (128, 2, 131)),)) + bytes(
                self._pick((5, 6, 7, 7, 8, 60)))
        elif kind < 0.45:
            options = self._pick((b"", b"\1" * 4, b"\1" * 12, b"\1" * 40))
            payload = tcp(self._port(), self._pick((443, 5061, self._port())), self._flags(),
                          options=options)
            protocol, payload = 6, payload + self.bytes(8)
            if self.random() < 0.7:
                payload = payload[: 20 + len(options) + self._pick((-21, -8, -1, 0, 0, 0, 1, 4))
                                  if self.random() < 0.8 else self._number(0, 28)]
        else:  # UDP whose payload goes on in other fragments
            ports = (3478, self._port()) if self.random() < 0.5 else (self._port(), 3478)
            data = self.shape(0.3)
            beyond = self._pick((0, 0, 1, 4, 8, 1000, 40000))
            if beyond and len(data) >= 4 and self.random() < 0.7:
                length = (data[2] << 8 | data[3]) + beyond
                data = data[:2] + _U16(length & 0xFFFF) + data[4:]
            protocol = 17
            payload = udp(*ports, data, length=8 + len(data) + beyond)
            cut = self.random()
            if cut < 0.5:  # where a shape's test reads its last byte, and one before
                payload = payload[: 8 + self._pick((0, 1, 3, 4, 7, 8, 11, 12, 19, 20, 27, 28))]
            elif cut < 0.6:
                payload = payload[: self._number(0, len(payload))]
        return protocol, payload

    def _fragment(self):
        """Fragments, first and later, and later ones whose payload imitates a permitted header."""
        size, source, destination, protocol, payload = self._permitted()
        if self.random() < 0.5:
            protocol, payload = self._beginning(size)
            if protocol == 17:
                source, destination = self._source(size, MESSENGER, 0.95), self._edge(size, AV)
        if self.random() < 0.2:
            payload = payload[: self._number(0, 12)]
        if size == 4:
            options = b"\x01" * 8 if self.random() < 0.1 else b""
            return self._frame(4, ipv4(source, destination, protocol, payload, options=options,
                                       fragment=self._fragment_field()))
        field = self._pick((0x0001, 0x0007)) if self.random() < 0.4 else self._pick((
            0x0001, 0x0009, 0x0008, 0x0010, 0x0011, 0x0018, 0x000F, 0xFFF9, 0xFFF8, 0x0006, 0x0000,
            0x0002, 0x0004, 0x0100, 0x8001, 0x0007))
        body = bytes((self._pick((0, 0, 1, 255)),)) + _U16(field) + self.bytes(4)
        headers = self._headers(self._pick((0, 0, 0, 1, 2, 6, 7, 8)), innocent=True)
        headers.append((44, body))
        headers += self._headers(self._pick((0, 0, 0, 1, 2)), innocent=self.random() < 0.7)
        first, front = chain(headers, protocol)
        datagram = front + payload
        if self.random() < 0.1:
            datagram = datagram[: self._number(0, len(front))]
        return self._frame(16, ipv6(source, destination, first, datagram))

    def _header(self, innocent):
        """(kind, body) of an extension header; an innocent one never ends the walk."""
        kind = self._pick(EXTENSIONS)
        if kind == 44:
            if innocent or self.random() < 0.6:
                return kind, bytes((self._pick((0, 0, 7, 255)), 0, self._pick((0, 2, 4, 6)))) \
                    + self.bytes(4)
            return kind, self.bytes(7)
        random = self.random()
        room = 6 if random < 0.75 else 14 if random < 0.9 else self._number(0, 40)
        body = self.bytes(room)
        if kind == 43:
            types = (2, 4, 3, 253, 1) if innocent or self.random() < 0.8 else (0,)
            left = 0 if innocent or self.random() < 0.7 else self._pick((1, 1, 2, 127, 128, 255))
            body = bytes((self._pick(types), left)) + body[2:]
            if len(body) < 6:
                body = body.ljust(6, b"\0")
        return kind, body

    def _headers(self, count, innocent=False):
        return [self._header(innocent) for _ in range(count)]

    def _extensions(self):
        size, source, destination, protocol, payload = self._permitted()
        if size == 4:  # the same numbers are plain protocols on IPv4
            if 16 in self.sizes:
                size = 16
                source, destination = self._source(16, CLIENT, 0.9), self._edge(16)
            else:
                first, front = chain(self._headers(1), protocol)
                return self._frame(4, ipv4(source, destination, first, front + payload))
        count = self._pick((1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 8, 9, 9, 10))
        kind = self.random()
        headers = self._headers(count, innocent=kind < 0.55)
        if kind > 0.9:  # all of one kind
            headers = [self._header(True)] * count
        last = protocol
        if self.random() < 0.12:
            last = self._pick((59, 58, 1, 50, 4, 41, 132, 253, *EXTENSIONS))
        first, front = chain(headers, last)
        datagram = bytearray(front + payload)
        kind = self.random()
        length = None
        if kind < 0.15:  # a header that claims another length
            place = 0
            for header_kind, body in headers[: self._number(0, count - 1)]:
                place += len(extension(header_kind, 0, body))
            datagram[place + 1] = self._pick((0, 1, 2, 3, 5, 31, 127, 255))
        elif kind < 0.25:  # the datagram ends early; the rest goes on as padding
            length = self._number(0, len(datagram))
        elif kind < 0.3:  # and does so within the last header or just after it
            length = max(0, len(front) - self._number(-1, 9))
        elif kind < 0.36:
            del datagram[self._number(0, len(datagram)):]
        elif kind < 0.4:
            length = max(0, min(0xFFFF, len(datagram) + self._pick((1, 2, 8, -1, -2, -8))))
        return self._frame(16, ipv6(source, destination, first, bytes(datagram), length=length))

    def _options(self):
        if 4 not in self.sizes:
            return self._row()
        size, source, destination, protocol, payload = self._permitted()
        if size != 4:
            size, source, destination = 4, self._source(4, CLIENT, 0.9), self._edge(4)
        kind = self.random()
        options = self._pick((b"\x01" * 4, b"\x07\x27\x04" + bytes(37), bytes(8),
                              b"\x44\x0c\x05\x00" + bytes(8), b""))
        header, total = None, None
        if kind < 0.25:
            header = 4 * int(self.random() * 16)
        elif kind < 0.5:
            right = 20 + len(options) + len(payload)
            total = self._pick((0, 19, 20, 21, 24, 27, 28, 39, 40, 59, 60, right - 1, right + 1,
                                20 + len(options), 19 + len(options), 0xFFFF))
        elif kind < 0.6:
            protocol = 1
            payload = bytes((self._pick((8, 5)),)) + bytes(7)
        return self._frame(4, ipv4(source, destination, protocol, payload, options=options,
                                   header=header, total=total,
                                   version=self._pick((4,) * 15 + (0, 5, 6, 15)),
                                   fragment=self._pick((0x4000, 0x4000, 0x4000, 0x2000))))

    def _link(self):
        """Ethernet's own variety: types, tags, tags cut short, 802.3 lengths, ARP."""
        pick = self._pick
        kind = self.random()
        if kind < 0.15:
            arp = b"\0\1\x08\0\6\4\0\1" + self.bytes(20)
            return self._frame(4, arp[: pick((0, 8, 28, 28, 28))], ARP)
        if kind < 0.4:
            ethertype = pick((0, 46, 60, 1500, 1501, 1535, 1536, 0x0801, 0x07FF, 0x0805, 0x0807,
                              0x86DC, 0x86DE, 0x8101, 0x88A7, 0x88A9, 0x9101, 0x9200, 0x88CC,
                              0x8847, 0x8863, 0x8864, 0x0008, 0x0608, 0xDD86, 0x0081, 0xA888,
                              0x0091, 0xFFFF, self._number(0, 0xFFFF)))
            return self._frame(4, self._data(80), ethertype)
        size, source, destination, protocol, payload = self._permitted()
        datagram = self._adorned(size, source, destination, protocol, payload)
        ethertype = IPV4 if size == 4 else IPV6
        if kind < 0.5:  # a type that does not fit the version
            ethertype = IPV6 if size == 4 else IPV4
            return self._frame(size, datagram, ethertype)
        tags = [(pick(TPIDS), self._number(0, 0xFFFF)) for _ in range(pick((1, 2, 2, 3, 3, 4, 7)))]
        macs = pick((_MACS, b"\xff" * 6 + _MACS[6:], b"\x01\0\x5e\0\0\1" + _MACS[6:], bytes(12)))
        if kind < 0.8:
            return ethernet(ethertype, datagram, tags, macs)
        frame = ethernet(pick((ethertype, ARP, 0x88CC)), datagram, tags)
        return frame[: self._number(self.minimum, min(len(frame), 14 + 4 * len(tags) + 6))]

    def _snap(self):
        """IP in 802.3 frames with SNAP, and what differs from that by a bit, a byte or a length."""
        size, source, destination, protocol, payload = self._permitted()
        datagram = self._adorned(size, source, destination, protocol, payload)
        head = bytearray(b"\xaa\xaa\x03\0\0\0" + _U16(IPV4 if size == 4 else IPV6))
        kind = self.random()
        if kind < 0.25:
            head[int(self.random() * 8)] ^= 1 << int(self.random() * 8)
        elif kind < 0.32:
            head[6:] = _U16(self._pick((ARP, 0x8100, 0x0801, 0x07FF, 0x86DC, 0x86DE, 0x0008, 0xDD86)))
        right = 8 + len(datagram)
        length = self._pick((right, right, right, right - 1, right + 1, 0, 7, 8, 1500, 1501, 1535,
                             1536, 1537))
        body = bytes(head) + datagram
        kind = self.random()
        if kind < 0.2:
            body = body[: self._number(0, 9)]
        elif kind < 0.3:
            body = body[:8]
        return self._frame(size, body, length) if kind > 0.3 else ethernet(
            length, body, [(self._pick(TPIDS), 7)] * self._pick((0, 0, 1, 2)))

    def _martian(self):
        size, source, destination, protocol, payload = self._permitted()
        kind = self.random()
        if kind < 0.2:
            source = destination
        elif kind < 0.4:
            source = self._pick(self.all_edges[size])
        elif kind < 0.45:
            source, destination = destination, source
        elif size == 4:
            first = self._pick((0, 127, 224, 239, 240, 255, 1, 126, 128, 223))
            source = bytes((first,)) + self._pick((bytes(3), b"\xff\xff\xff", b"\0\0\1",
                                                   self.bytes(3)))
        else:
            source = self._pick((
                bytes(16), bytes(15) + b"\1", bytes(15) + b"\2", b"\xff" + self.bytes(15),
                b"\xff" * 16, b"\xff" + bytes(15), b"\xfe" + b"\xff" * 15,
                bytes(10) + b"\xff\xff" + self.bytes(4), bytes(10) + b"\xff\xfe" + self.bytes(4),
                bytes(10) + b"\xff\xff" + bytes(4), bytes(10) + b"\xff\xff\xff\xff\xff\xff",
                bytes(9) + b"\1\xff\xff" + self.bytes(4), bytes(12) + self.bytes(4),
                bytes(11) + b"\1" + bytes(4), b"\1" + bytes(15), bytes(14) + b"\1\0"))
        return self._frame(size, self._adorned(size, source, destination, protocol, payload))

    def _elsewhere(self):
        """Destinations that are no edge: neighbours of one, multicast, mapped, sources."""
        size, source, destination, protocol, payload = self._permitted()
        kind = self.random()
        if kind < 0.3:
            number = int.from_bytes(destination, "big") ^ 1 << self._number(0, 8 * size - 1)
            destination = number.to_bytes(size, "big")
        elif kind < 0.5:
            destination = b"\xff" * size
        elif kind < 0.6:
            destination = bytes(size)
        elif kind < 0.7:
            source, destination = destination, source
        elif kind < 0.8:
            destination = self._source(size)
        elif size == 4:
            destination = self._pick((b"\xe0\0\0\1", b"\xe0\0\0\0", b"\xe0\0\0\xff",
                                      b"\xe0\0\1\0", b"\xdf\xff\xff\xff", b"\xe1\0\0\1",
                                      b"\xe0\1\0\1", b"\xef\xff\xff\xff", self.bytes(4)))
        else:
            mapped = self._pick(self.all_edges[4] or [b"\1\2\3\4"])
            destination = self._pick((b"\xff\2" + bytes(13) + b"\1", self.bytes(16),
                                      b"\xff\2" + b"\xff" * 14, b"\xff\2" + bytes(14),
                                      b"\xff" + self._pick((b"\0", b"\1", b"\3", b"\5", b"\x0e",
                                                            b"\x12", b"\x32"))
                                      + bytes(13) + b"\1", b"\xfe\2" + bytes(14),
                                      bytes(10) + b"\xff\xff" + mapped, bytes(12) + mapped,
                                      b"\xff\2" + bytes(9) + b"\1\xff" + destination[-3:]))
        return self._frame(size, self._adorned(size, source, destination, protocol, payload))

    def _cut(self):
        """Works through the prefixes of a valid frame, of every length; and through the same frame
        with its datagram shortened to every length while the bytes stay, as padding."""
        if not self.queue:
            size, source, destination, protocol, payload = self._permitted()
            if self.random() < 0.15:
                protocol, payload = (1, b"\x08" + bytes(12)) if size == 4 else (
                    58, b"\x80" + bytes(12))
            datagram = self._adorned(size, source, destination, protocol, payload[:60])
            tags = [(self._pick(TPIDS), 7)] * self._pick((0, 0, 1, 2))
            if self.random() < 0.25:  # something is wrong with it besides its length
                datagram = bytes((self._pick((0x44, 0x46, 0x55, 0x65, 0x4F, 0x00)),)) + datagram[1:]
            ethertype = IPV4 if size == 4 else IPV6
            if self.random() < 0.5:
                frame = ethernet(ethertype, datagram, tags)
                self.queue = [frame[:end] for end in range(self.minimum, len(frame) + 1)]
            elif size == 4:
                for total in range(len(datagram) + 2):
                    self.queue.append(ethernet(
                        ethertype, datagram[:2] + _U16(total) + datagram[4:], tags))
            else:
                for length in range(len(datagram) - 40 + 2):
                    self.queue.append(ethernet(
                        ethertype, datagram[:4] + _U16(length) + datagram[6:], tags))
        return self.queue.pop()

    def _mutate(self):
        """A frame made before, with a few things changed in it."""
        if not self.recent:
            return self._row()
        frame = bytearray(self._pick(self.recent))
        random, pick = self.random, self._pick
        for _ in range(pick((1, 1, 1, 2, 3, 8))):
            size = len(frame)
            kind = random()
            place = int(random() * min(size, 110))
            if kind < 0.35:
                frame[place] ^= 1 << int(random() * 8)
            elif kind < 0.5:
                frame[place] = pick((0, 1, 0x7F, 0x80, 0xFF, 6, 17, 44, 58, int(random() * 256)))
            elif kind < 0.65 and size > 20:
                # Lengths of IPv4, IPv6 and UDP, wherever the tags have moved them.
                place = pick((14, 18, 22)) + pick((2, 4, 24, 44, 0, 6))
                if place + 2 <= size:
                    value = frame[place] << 8 | frame[place + 1]
                    value = pick((value - 1, value + 1, value - 8, value + 8, 0, 0xFFFF, size - 14))
                    frame[place : place + 2] = _U16(value & 0xFFFF)
            elif kind < 0.75:
                del frame[max(self.minimum, int(random() * (size + 1))):]
            elif kind < 0.83:
                frame += self.bytes(self._number(1, 30))
            elif kind < 0.91:
                del frame[place : place + pick((1, 2, 4, 8))]
            else:
                frame[place:place] = frame[place : place + pick((1, 2, 4, 8, 20))]
            if not frame:
                break
        return bytes(frame)

    def _noise(self):
        data = self.bytes(self._number(self.minimum, 200))
        if len(data) > 14 and self.random() < 0.7:
            data = data[:12] + self._pick((b"\x08\0\x45", b"\x86\xdd\x60", b"\x81\0",
                                           b"\x08\0")) + data[14:]
        return data

    def _odd_protocol(self):
        size, source, destination, _, payload = self._permitted()
        protocol = self._pick((0, 2, 4, 41, 43, 44, 47, 50, 51, 59, 60, 132, 136, 255, 1, 58,
                               self._number(0, 255)))
        return self._frame(size, self._ip(size, source, destination, protocol, payload))

    def _jumbo(self):
        """Large frames; at times with the transport header thousands of bytes in, where a driver
        that splits frames no longer has it in the first piece."""
        size, source, destination, protocol, payload = self._permitted()
        kind = self.random()
        if size == 16 and kind < 0.3:  # the transport header, or the last but one, lies on a seam
            behind = self._pick(_SEAMS) + 4 * self._number(-14, 4) - 56
            headers = []
            while behind > 0:
                unit = min(behind // 8 * 8, 2048)
                if unit < 8:
                    break
                headers.append((self._pick((0, 60, 135, 139, 140)), self.bytes(unit - 2)))
                behind -= unit
            if self.random() < 0.5:
                headers.append((51, self.bytes(10)))
            headers += self._headers(self._pick((0, 0, 0, 1, 2)))
            first, front = chain(headers, protocol)
            tags = [(0x8100, 1)] * self._pick((0, 0, 1, 2))
            return ethernet(IPV6, ipv6(source, destination, first, front + payload), tags)
        if size == 16 and kind < 0.6:
            headers = []
            left = FRAME_MAX - 200
            for _ in range(self._number(1, 8)):
                room = self._pick((2046, 2046, 1022, 510, self._number(6, 2046)))
                if room > left:
                    break
                left -= room + 2
                if self.random() < 0.2:
                    headers.append((51, self.bytes(min(room, 1022))))
                else:
                    headers.append((self._pick((0, 60, 135)), self.bytes(room)))
            protocol, front = chain(headers, protocol)
            datagram = ipv6(source, destination, protocol, front + payload)
            if kind < 0.4:
                datagram += self.bytes(self._number(1, 2000))
            return ethernet(IPV6, datagram)
        if protocol == 17:
            ports = struct.unpack_from("!HH", payload)
            length = self._number(1400, 8900)
            payload = udp(*ports, self._pick((
                stun(1, bytes(length & ~3)), b"\x40\0" + _U16(length) + bytes(length),
                b"\xff\x10" + _U16(length) + bytes(length), bytes(length))))
        else:
            payload += bytes(self._number(1400, 8900))
        return self._frame(size, self._ip(size, source, destination, protocol, payload))
