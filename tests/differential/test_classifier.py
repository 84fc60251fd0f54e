#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holds the differential test's classifier against decisions worked out by hand from
docs/classification.md and docs/wire.md, packets that walk around other filters among them, so that
two programs that agree are not agreeing on a mistake of both."""

import ipaddress
import os
import random
import tempfile
import unittest

from classifier import OPTIONS, REASONS, Classifier, Policy, Service, stun_shape
from frames import (ACK, ARP, FIN, IPV4, IPV6, MS_COOKIE_ATTRIBUTE, PSH, RST, SYN, Generator, chain,
                    ethernet, extension, ipv4, ipv6, stun, tcp, udp)
from policies import random_policy, write_configuration

SERVICES = [
    Service("dns-reply", "udp", "out", "access", "client", [(53, 53), (5353, 5360)]),
    Service("xmpp", "tcp", "in", "access", "partner", [(5269, 5269)]),
    Service("crl", "tcp", "out", "av", "partner", [(80, 80)]),
    Service("sip-by-client", "tcp", "in", "access", "client", [(5061, 5061)]),
]


def policy(**changes):
    values = {
        "access": ["198.51.100.10", "2001:db8:10::10"],
        "av": ["198.51.100.11", "2001:db8:10::11"],
        "partners": [("contoso", ["203.0.113.0/24", "2001:db8:c0de::/48"]),
                     ("branch", ["203.0.113.128/25"])],
        "clients": ["198.18.0.0/16", "203.0.113.0/28", "2400::/16"],
        "messenger": ["192.0.2.0/24", "2001:db8:77::/48"],
        "block": ["203.0.113.66", "2001:db8:c0de:bad::/64"],
        "failsafe": ["198.51.100.200", "203.0.113.67"],
    }
    options = {name: changes.pop(name) for name in list(changes) if name in OPTIONS}
    values.update(changes)
    return Policy(options=options, **values)


def address(text):
    return ipaddress.ip_address(text).packed


EDGE, EDGE_AV = address("198.51.100.10"), address("198.51.100.11")
PARTNER, CLIENT, MESSENGER = address("203.0.113.5"), address("198.18.7.7"), address("192.0.2.9")
PARTNER_ONLY, STRANGER = address("203.0.113.200"), address("9.9.9.9")
BLOCKED, FAILSAFE = address("203.0.113.66"), address("198.51.100.200")
EDGE6, EDGE6_AV = address("2001:db8:10::10"), address("2001:db8:10::11")
PARTNER6, CLIENT6 = address("2001:db8:c0de::5"), address("2400::7")
MESSENGER6, STRANGER6 = address("2001:db8:77::9"), address("2a00::1")

SIP = tcp(40000, 5061, SYN)
SIP_REPLY = tcp(5061, 40000, SYN | ACK)


def frame4(source, destination, protocol, payload, tags=(), **fields):
    return ethernet(IPV4, ipv4(source, destination, protocol, payload, **fields), tags)


def frame6(source, destination, next_header, payload, **fields):
    return ethernet(IPV6, ipv6(source, destination, next_header, payload, **fields))


def chained6(source, destination, headers, last, payload, **fields):
    first, front = chain(headers, last)
    return frame6(source, destination, first, front + payload, **fields)


def options_header(count=1):
    return [(60, bytes(6))] * count


def fragment_header(field):
    return (44, b"\0" + field.to_bytes(2, "big") + bytes(4))


# A SYN from 203.0.113.5 to 198.51.100.10:5061, written out without the builders.
SIP_BYTES = bytes.fromhex(
    "020000000001 020000000002 0800"
    "4500 0028 1234 4000 40 06 0000 cb007105 c633640a"
    "9c40 13c5 00000001 00000001 50 02 2000 0000 0000")
# The same over IPv6 after two tags, and a STUN binding request from 192.0.2.9.
SIP6_BYTES = bytes.fromhex(
    "020000000001 020000000002 88a8 0007 8100 0007 86dd"
    "60000000 0014 06 40 20010db8c0de00000000000000000005 20010db8001000000000000000000010"
    "9c40 13c5 00000001 00000001 50 02 2000 0000 0000")
STUN_BYTES = bytes.fromhex(
    "020000000001 020000000002 0800"
    "4500 0030 1234 4000 40 11 0000 c0000209 c633640b"
    "9c40 0d96 001c 0000"
    "0001 0000 2112a442 000102030405060708090a0b")

SNAP = b"\xaa\xaa\x03\0\0\0"
STANDARD, SERVICED, FRAGMENTS = {}, {"services": SERVICES}, {"fragments": "pass"}

# (what it shows, changes to the policy, frame, verdict, reason, rule, leg)
CASES = (
    # Step 1
    ("13 bytes", STANDARD, bytes(13), "drop", "truncated"),
    ("one tag", STANDARD, frame4(PARTNER, EDGE, 6, SIP, [(0x8100, 5)]),
     "pass", "rule", "sip-mtls-in", "forward"),
    ("two tags", STANDARD, SIP6_BYTES, "pass", "rule", "sip-mtls-in", "forward"),
    ("two tags, 0x9100", STANDARD, frame4(PARTNER, EDGE, 6, SIP, [(0x9100, 1), (0x9100, 2)]),
     "pass", "rule", "sip-mtls-in", "forward"),
    ("three tags", STANDARD, frame4(PARTNER, EDGE, 6, SIP, [(0x8100, 1)] * 3),
     "drop", "vlan-depth"),
    ("third tag cut short", STANDARD, frame4(PARTNER, EDGE, 6, SIP, [(0x8100, 1)] * 3)[:23],
     "drop", "vlan-depth"),
    ("tag cut short", STANDARD, frame4(PARTNER, EDGE, 6, SIP, [(0x8100, 1)])[:17],
     "drop", "truncated"),
    # Step 2
    ("ARP, headerless", STANDARD, ethernet(ARP, b""), "pass", "arp"),
    ("ARP with non-ip = drop", {"non-ip": "drop"}, ethernet(ARP, bytes(28)), "pass", "arp"),
    ("802.3 length", STANDARD, ethernet(46, bytes(46)), "pass", "non-ip"),
    ("SNAP, IPv4", STANDARD, ethernet(46, SNAP + b"\x08\0" + SIP_BYTES[14:]), "drop", "snap"),
    ("SNAP, IPv6, behind two tags, the header alone", STANDARD,
     ethernet(0x05FF, SNAP + b"\x86\xdd", [(0x88A8, 1), (0x8100, 2)]), "drop", "snap"),
    ("SNAP, whatever the length", STANDARD, ethernet(0, SNAP + b"\x08\0"), "drop", "snap"),
    ("SNAP behind an EtherType", STANDARD, ethernet(0x0600, SNAP + b"\x08\0"), "pass", "non-ip"),
    ("SNAP of seven bytes", STANDARD, ethernet(46, SNAP + b"\x08"), "pass", "non-ip"),
    ("SNAP with ARP", STANDARD, ethernet(46, SNAP + b"\x08\6" + bytes(28)), "pass", "non-ip"),
    ("SNAP of another OUI", {"non-ip": "drop"},
     ethernet(46, b"\xaa\xaa\3\0\0\xf8\x08\0" + bytes(28)), "drop", "non-ip"),
    ("LLDP with non-ip = drop", {"non-ip": "drop"}, ethernet(0x88CC, bytes(46)),
     "drop", "non-ip"),
    # Step 3
    ("IPv4 of 19 bytes", STANDARD, SIP_BYTES[:33], "drop", "truncated"),
    ("version 5", STANDARD, frame4(PARTNER, EDGE, 6, SIP, version=5), "drop", "malformed"),
    ("ihl of 4", STANDARD, frame4(PARTNER, EDGE, 6, SIP, header=16), "drop", "malformed"),
    ("total length below the header", STANDARD, frame4(PARTNER, EDGE, 6, SIP, total=19),
     "drop", "malformed"),
    ("total length beyond the frame", STANDARD, frame4(PARTNER, EDGE, 6, SIP, total=41),
     "drop", "truncated"),
    ("header beyond the frame", STANDARD, frame4(PARTNER, EDGE, 6, b"", header=60, total=60),
     "drop", "truncated"),
    ("padding is not L4", STANDARD, frame4(PARTNER, EDGE, 6, SIP, total=20), "drop", "truncated"),
    ("padding is ignored", STANDARD, SIP_BYTES + bytes(6),
     "pass", "rule", "sip-mtls-in", "forward"),
    ("IPv6 of 39 bytes", STANDARD, frame6(PARTNER6, EDGE6, 6, SIP)[:53], "drop", "truncated"),
    ("IPv6 of version 4", STANDARD, frame6(PARTNER6, EDGE6, 6, SIP, version=4),
     "drop", "malformed"),
    ("payload length beyond the frame", STANDARD, frame6(PARTNER6, EDGE6, 6, SIP, length=21),
     "drop", "truncated"),
    ("IPv6 padding is not L4", STANDARD, frame6(PARTNER6, EDGE6, 6, SIP, length=19),
     "drop", "truncated"),
    # Steps 4 to 7
    ("another host", STANDARD, frame4(PARTNER, STRANGER, 6, SIP), "pass", "not-edge"),
    ("another host, not-edge = drop", {"not-edge": "drop"}, frame4(PARTNER, STRANGER, 6, SIP),
     "drop", "not-edge"),
    ("multicast of the link, not-edge = drop", {"not-edge": "drop"},
     frame4(PARTNER, address("224.0.0.255"), 2, b""), "pass", "not-edge"),
    ("one above, not-edge = drop", {"not-edge": "drop"},
     frame4(PARTNER, address("224.0.1.0"), 2, b""), "drop", "not-edge"),
    ("solicitation, not-edge = drop", {"not-edge": "drop"},
     frame6(address("::"), address("ff02::1:ff00:10"), 58, b"\x87" + bytes(23)),
     "pass", "not-edge"),
    ("multicast of the interface, not-edge = drop", {"not-edge": "drop"},
     frame6(PARTNER6, address("ff01::1"), 58, b""), "drop", "not-edge"),
    ("martian for another host", STANDARD, frame4(address("127.0.0.1"), STRANGER, 6, SIP),
     "pass", "not-edge"),
    ("0.0.0.0/8", STANDARD, frame4(address("0.255.0.1"), EDGE, 6, SIP), "drop", "martian"),
    ("loopback", {"failsafe": ["127.0.0.0/8"]}, frame4(address("127.0.0.1"), EDGE, 6, SIP),
     "drop", "martian"),
    ("multicast source", STANDARD, frame4(address("224.0.0.0"), EDGE, 6, SIP), "drop", "martian"),
    ("broadcast source", STANDARD, frame4(b"\xff" * 4, EDGE, 6, SIP), "drop", "martian"),
    ("the edge itself", STANDARD, frame4(EDGE_AV, EDGE, 6, SIP), "drop", "martian"),
    ("::1", STANDARD, frame6(address("::1"), EDGE6, 6, SIP), "drop", "martian"),
    ("::", STANDARD, frame6(address("::"), EDGE6, 6, SIP), "drop", "martian"),
    ("IPv4-mapped", STANDARD, frame6(address("::ffff:203.0.113.5"), EDGE6, 6, SIP),
     "drop", "martian"),
    ("::2 is no martian", STANDARD, frame6(address("::2"), EDGE6, 6, SIP),
     "drop", "role", "sip-mtls-in", "forward"),
    ("failsafe, whatever it sends", STANDARD, frame4(FAILSAFE, EDGE, 99, b"", fragment=1),
     "pass", "failsafe"),
    ("failsafe before block", {"block": ["198.51.100.200"]}, frame4(FAILSAFE, EDGE, 6, SIP),
     "pass", "failsafe"),
    ("block before partner", STANDARD, frame4(BLOCKED, EDGE, 6, SIP), "drop", "blocked"),
    ("blocked ping", STANDARD, frame4(BLOCKED, EDGE, 1, b"\x08" + bytes(7)), "drop", "blocked"),
    # Step 8
    ("IPv4 options", STANDARD, frame4(PARTNER, EDGE, 6, SIP, options=b"\1" * 4),
     "drop", "ip-options"),
    ("IPv4 options, classify", {"ip-options": "classify"},
     frame4(PARTNER, EDGE, 6, SIP, options=b"\1" * 40), "pass", "rule", "sip-mtls-in", "forward"),
    ("options before fragment", STANDARD,
     frame4(PARTNER, EDGE, 6, SIP, options=b"\1" * 4, fragment=0x2000), "drop", "ip-options"),
    ("hop-by-hop and destination options", STANDARD,
     chained6(PARTNER6, EDGE6, [(0, bytes(6)), (60, bytes(14))], 6, SIP),
     "pass", "rule", "sip-mtls-in", "forward"),
    ("eight destination options", STANDARD, chained6(PARTNER6, EDGE6, options_header(8), 6, SIP),
     "pass", "rule", "sip-mtls-in", "forward"),
    ("nine destination options", STANDARD, chained6(PARTNER6, EDGE6, options_header(9), 6, SIP),
     "drop", "ipv6-ext"),
    ("routing type 0", STANDARD, chained6(PARTNER6, EDGE6, [(43, b"\0\0" + bytes(4))], 6, SIP),
     "drop", "ipv6-ext"),
    ("routing type 4", STANDARD, chained6(PARTNER6, EDGE6, [(43, b"\4\0" + bytes(4))], 6, SIP),
     "pass", "rule", "sip-mtls-in", "forward"),
    ("routing type 4, a segment left", STANDARD,
     chained6(PARTNER6, EDGE6, [(43, b"\4\1" + bytes(4))], 6, SIP), "drop", "ipv6-ext"),
    ("authentication header of 12 bytes", STANDARD,
     frame6(PARTNER6, EDGE6, 51, b"\6\1" + bytes(10) + SIP),
     "pass", "rule", "sip-mtls-in", "forward"),
    ("authentication header of 12 bytes, then four that make the TCP header a wrong one", STANDARD,
     frame6(PARTNER6, EDGE6, 51, b"\6\1" + bytes(14) + SIP), "drop", "malformed"),
    ("mobility, HIP and shim6", SERVICED,
     chained6(CLIENT6, EDGE6, [(135, bytes(6)), (139, bytes(6)), (140, bytes(6))], 17, udp(53, 9)),
     "pass", "rule", "dns-reply", "reply"),
    ("header beyond the datagram", STANDARD,
     frame6(PARTNER6, EDGE6, 60, extension(60, 6, bytes(14)) + SIP, length=15),
     "drop", "truncated"),
    ("no next header", STANDARD, frame6(PARTNER6, EDGE6, 59, SIP), "drop", "protocol"),
    # Step 9
    ("first fragment", STANDARD, frame4(PARTNER, EDGE, 6, SIP, fragment=0x2000),
     "drop", "fragment"),
    ("forged later fragment", STANDARD, frame4(PARTNER, EDGE, 6, SIP, fragment=0x0001),
     "drop", "fragment"),
    ("reserved bit and DF are no fragment", STANDARD,
     frame4(PARTNER, EDGE, 6, SIP, fragment=0xC000), "pass", "rule", "sip-mtls-in", "forward"),
    ("fragment of a messenger, pass", {"fragments": "pass"},
     frame4(MESSENGER, EDGE, 250, b"", fragment=0x0100), "pass", "fragment"),
    ("fragment of a stranger, pass", FRAGMENTS,
     frame4(STRANGER, EDGE, 6, SIP, fragment=0x0002), "drop", "fragment"),
    ("offset 1, pass", FRAGMENTS, frame4(PARTNER, EDGE, 6, SIP, fragment=0x2001),
     "drop", "fragment"),
    ("offset 2, pass", FRAGMENTS, frame4(PARTNER, EDGE, 6, SIP, fragment=0x2002),
     "pass", "fragment"),
    ("IPv6 offset 1, pass", FRAGMENTS, chained6(PARTNER6, EDGE6, [fragment_header(0x0F)], 6, SIP),
     "drop", "fragment"),
    ("IPv6 offset 2, pass", FRAGMENTS, chained6(PARTNER6, EDGE6, [fragment_header(0x10)], 6, SIP),
     "pass", "fragment"),
    ("first fragment of a stranger, pass", FRAGMENTS,
     frame4(STRANGER, EDGE, 6, SIP, fragment=0x2000), "drop", "role", "sip-mtls-in", "forward"),
    ("first fragment to 3389, pass", FRAGMENTS,
     frame4(PARTNER, EDGE, 6, tcp(9, 3389, SYN), fragment=0x2000), "drop", "no-service"),
    ("first fragment, pass", FRAGMENTS, frame4(PARTNER, EDGE, 6, SIP, fragment=0x2000),
     "pass", "rule", "sip-mtls-in", "forward"),
    ("IPv6 first fragment, more headers behind it, pass", FRAGMENTS,
     chained6(PARTNER6, EDGE6, options_header() + [fragment_header(1)] + options_header(), 6, SIP),
     "pass", "rule", "sip-mtls-in", "forward"),
    ("IPv6 first fragment, nine headers, pass", FRAGMENTS,
     chained6(PARTNER6, EDGE6, [fragment_header(1)] + options_header(8), 6, SIP),
     "drop", "ipv6-ext"),
    ("first fragment, 19 bytes of TCP, pass", FRAGMENTS,
     frame4(PARTNER, EDGE, 6, SIP[:19], fragment=0x2000), "drop", "fragment"),
    ("first fragment, not all of TCP's options, pass", FRAGMENTS,
     frame4(PARTNER, EDGE, 6, tcp(9, 5061, SYN, options=b"\1" * 8)[:27], fragment=0x2000),
     "drop", "fragment"),
    ("first fragment, data offset of 4, pass", FRAGMENTS,
     frame4(PARTNER, EDGE, 6, tcp(9, 5061, SYN, offset=4), fragment=0x2000),
     "drop", "malformed"),
    ("first fragment, 7 bytes of UDP, pass", FRAGMENTS,
     frame4(MESSENGER, EDGE_AV, 17, bytes(7), fragment=0x2000), "drop", "fragment"),
    ("first fragment, 7 bytes of ICMP, pass", FRAGMENTS,
     frame4(STRANGER, EDGE, 1, b"\x08" + bytes(6), fragment=0x2000), "drop", "fragment"),
    ("first fragment of a ping, pass", FRAGMENTS,
     frame4(STRANGER, EDGE, 1, b"\x08" + bytes(7), fragment=0x2000), "pass", "icmp"),
    ("first fragment of SCTP, pass", FRAGMENTS,
     frame4(PARTNER, EDGE, 132, SIP, fragment=0x2000), "drop", "protocol"),
    ("first fragment of a STUN message, pass", FRAGMENTS,
     frame4(MESSENGER, EDGE_AV, 17, udp(9, 3478, stun(length=1400)[:8], length=1428),
            fragment=0x2000), "pass", "rule", "stun-in", "forward"),
    ("the same, not all of the cookie, in the padding, pass", FRAGMENTS,
     frame4(MESSENGER, EDGE_AV, 17, udp(9, 3478, stun(length=1400)[:7], length=1428),
            fragment=0x2000) + b"\x42", "drop", "stun-shape", "stun-in", "forward"),
    ("first fragment, UDP length of 7, pass", FRAGMENTS,
     frame4(MESSENGER, EDGE_AV, 17, udp(9, 3478, stun(), length=7), fragment=0x2000),
     "drop", "malformed"),
    ("IPv6 first fragment", STANDARD, chained6(PARTNER6, EDGE6, [fragment_header(1)], 6, SIP),
     "drop", "fragment"),
    ("IPv6 later fragment, then a ninth header and more", STANDARD,
     chained6(PARTNER6, EDGE6, [fragment_header(8)] + options_header(9), 6, SIP),
     "drop", "fragment"),
    ("atomic fragment with reserved bits", STANDARD,
     chained6(PARTNER6, EDGE6, [fragment_header(6)], 6, SIP),
     "pass", "rule", "sip-mtls-in", "forward"),
    ("fragment header as the ninth", STANDARD,
     chained6(PARTNER6, EDGE6, options_header(8) + [fragment_header(1)], 6, SIP),
     "drop", "ipv6-ext"),
    # Step 10
    ("ping of a stranger", STANDARD, frame4(STRANGER, EDGE, 1, b"\x08" + bytes(7)),
     "pass", "icmp"),
    ("redirect", STANDARD, frame4(STRANGER, EDGE, 1, b"\x05" + bytes(7)), "drop", "icmp-type"),
    ("ICMP of seven bytes", STANDARD, frame4(STRANGER, EDGE, 1, b"\x08" + bytes(6)),
     "drop", "truncated"),
    ("neighbour solicitation", STANDARD,
     frame6(STRANGER6, EDGE6, 58, b"\x87" + bytes(23), hop_limit=255), "pass", "icmp"),
    ("neighbour solicitation from afar", STANDARD,
     frame6(STRANGER6, EDGE6, 58, b"\x87" + bytes(23), hop_limit=254), "drop", "icmp-type"),
    ("IPv6 echo with any hop limit", STANDARD,
     frame6(STRANGER6, EDGE6, 58, b"\x80" + bytes(7), hop_limit=1), "pass", "icmp"),
    ("multicast listener report", STANDARD,
     frame6(STRANGER6, EDGE6, 58, b"\x83" + bytes(23), hop_limit=255), "drop", "icmp-type"),
    ("ICMP inside IPv6", STANDARD, frame6(STRANGER6, EDGE6, 1, b"\x08" + bytes(7)),
     "drop", "protocol"),
    ("ICMPv6 inside IPv4", STANDARD, frame4(STRANGER, EDGE, 58, b"\x80" + bytes(7)),
     "drop", "protocol"),
    # Step 11
    ("TCP of 19 bytes", STANDARD, frame4(PARTNER, EDGE, 6, SIP[:19]), "drop", "truncated"),
    ("data offset beyond the datagram", STANDARD,
     frame4(PARTNER, EDGE, 6, tcp(9, 5061, SYN, offset=6)), "drop", "truncated"),
    ("data offset of 4", STANDARD, frame4(PARTNER, EDGE, 6, tcp(9, 5061, SYN, offset=4)),
     "drop", "malformed"),
    ("SYN and FIN", STANDARD, frame4(PARTNER, EDGE, 6, tcp(9, 5061, SYN | FIN | ACK)),
     "drop", "tcp-flags"),
    ("SYN and RST", STANDARD, frame4(PARTNER, EDGE, 6, tcp(9, 5061, SYN | RST)),
     "drop", "tcp-flags"),
    ("FIN and PSH alone", STANDARD, frame4(PARTNER, EDGE, 6, tcp(9, 5061, FIN | PSH)),
     "drop", "tcp-flags"),
    ("bad flags before port zero", STANDARD, frame4(PARTNER, EDGE, 6, tcp(0, 5061, 0)),
     "drop", "tcp-flags"),
    ("source port zero", STANDARD, frame4(PARTNER, EDGE, 6, tcp(0, 5061, SYN)),
     "drop", "port-zero"),
    ("UDP of seven bytes", STANDARD, frame4(MESSENGER, EDGE_AV, 17, bytes(7)),
     "drop", "truncated"),
    ("UDP length of seven", STANDARD,
     frame4(MESSENGER, EDGE_AV, 17, udp(9, 3478, stun(), length=7)), "drop", "malformed"),
    ("UDP length beyond the datagram", STANDARD,
     frame4(MESSENGER, EDGE_AV, 17, udp(9, 3478, stun(), length=29)), "drop", "malformed"),
    ("SCTP", STANDARD, frame4(PARTNER, EDGE, 132, SIP), "drop", "protocol"),
    # Step 12
    ("row 1", STANDARD, SIP_BYTES, "pass", "rule", "sip-mtls-in", "forward"),
    ("row 1, of a client", STANDARD, frame4(CLIENT, EDGE, 6, SIP),
     "drop", "role", "sip-mtls-in", "forward"),
    ("row 1, to the A/V edge", STANDARD, frame4(PARTNER, EDGE_AV, 6, SIP), "drop", "no-service"),
    ("row 1, A/V is the access edge", {"av": None}, frame4(PARTNER, EDGE, 6, SIP),
     "pass", "rule", "sip-mtls-in", "forward"),
    ("row 2", STANDARD, frame4(PARTNER, EDGE, 6, SIP_REPLY), "pass", "rule", "sip-mtls-out",
     "reply"),
    ("row 2, a bare SYN", STANDARD, frame4(PARTNER, EDGE, 6, tcp(5061, 40000, SYN)),
     "drop", "unsolicited", "sip-mtls-out", "reply"),
    ("row 1, a SYN-ACK", STANDARD, frame4(PARTNER, EDGE, 6, tcp(9, 5061, SYN | ACK)),
     "drop", "unsolicited", "sip-mtls-in", "forward"),
    ("row 1, a SYN-ACK of a stranger", STANDARD, frame4(STRANGER, EDGE, 6, tcp(9, 5061, SYN | ACK)),
     "drop", "role", "sip-mtls-in", "forward"),
    ("row 2 admits the SYN-ACK that row 1 did not", STANDARD,
     frame4(PARTNER, EDGE, 6, tcp(5061, 5061, SYN | ACK)), "pass", "rule", "sip-mtls-out", "reply"),
    ("row 2, a bare SYN of a stranger", STANDARD, frame4(STRANGER, EDGE, 6, tcp(5061, 40000, SYN)),
     "drop", "role", "sip-mtls-out", "reply"),
    ("row 2, a RST", STANDARD, frame4(PARTNER, EDGE, 6, tcp(5061, 40000, RST)),
     "pass", "rule", "sip-mtls-out", "reply"),
    ("row 2 disabled", {"disable": ["sip-mtls-out"]}, frame4(PARTNER, EDGE, 6, SIP_REPLY),
     "drop", "no-service"),
    ("row 3", STANDARD, frame6(CLIENT6, EDGE6, 6, tcp(9, 443, SYN)),
     "pass", "rule", "sip-tls-in", "forward"),
    ("row 3 names what row 2 could not admit", STANDARD,
     frame4(MESSENGER, EDGE, 6, tcp(5061, 443, ACK)), "drop", "role", "sip-tls-in", "forward"),
    ("row 2 admits what row 3 did not", STANDARD,
     frame4(PARTNER_ONLY, EDGE, 6, tcp(5061, 443, ACK)), "pass", "rule", "sip-mtls-out", "reply"),
    ("row 3 over UDP", STANDARD, frame4(CLIENT, EDGE, 17, udp(9, 443)), "drop", "no-service"),
    ("row 4, the edge's port", STANDARD, frame4(MESSENGER, EDGE_AV, 6, tcp(9, 50000, ACK)),
     "pass", "rule", "rtp-out", "reply"),
    ("row 4, the peer's port", STANDARD, frame4(MESSENGER, EDGE_AV, 6, tcp(59999, 9, ACK)),
     "pass", "rule", "rtp-out", "reply"),
    ("row 4, one below", STANDARD, frame4(MESSENGER, EDGE_AV, 6, tcp(49999, 9, ACK)),
     "drop", "no-service"),
    ("row 4, one above", STANDARD, frame4(MESSENGER, EDGE_AV, 6, tcp(9, 60000, ACK)),
     "drop", "no-service"),
    ("row 4, the peer's port, edge", {"rtp-port-end": "edge"},
     frame4(MESSENGER, EDGE_AV, 6, tcp(59999, 9, ACK)), "drop", "no-service"),
    ("row 4, the edge's port, edge", {"rtp-port-end": "edge"},
     frame4(MESSENGER, EDGE_AV, 6, tcp(9, 59999, ACK)), "pass", "rule", "rtp-out", "reply"),
    ("row 4, the edge's port, peer", {"rtp-port-end": "peer"},
     frame4(MESSENGER, EDGE_AV, 6, tcp(9, 50000, ACK)), "drop", "no-service"),
    ("row 4, a bare SYN", STANDARD, frame6(MESSENGER6, EDGE6_AV, 6, tcp(9, 50000, SYN)),
     "drop", "unsolicited", "rtp-out", "reply"),
    ("row 6 before row 5", STANDARD, frame4(MESSENGER, EDGE_AV, 17, udp(3478, 3478, stun())),
     "pass", "rule", "stun-in", "forward"),
    ("row 5", STANDARD, frame4(MESSENGER, EDGE_AV, 17, udp(3478, 9, stun(0x0101))),
     "pass", "rule", "stun-out", "reply"),
    ("row 6", STANDARD, STUN_BYTES, "pass", "rule", "stun-in", "forward"),
    ("row 6, of a client who is no messenger", STANDARD,
     frame4(CLIENT, EDGE_AV, 17, udp(9, 3478, stun())), "drop", "role", "stun-in", "forward"),
    ("row 6, messengers are the clients", {"messenger": None},
     frame4(CLIENT, EDGE_AV, 17, udp(9, 3478, stun())), "pass", "rule", "stun-in", "forward"),
    ("a union of roles: a partner prefix that is a client's too", STANDARD,
     frame4(PARTNER, EDGE, 6, tcp(9, 443, SYN)), "pass", "rule", "sip-tls-in", "forward"),
    ("an added in-row", SERVICED, frame4(PARTNER, EDGE, 6, tcp(9, 5269, SYN)),
     "pass", "rule", "xmpp", "forward"),
    ("an added out-row's second range", SERVICED, frame4(CLIENT, EDGE, 17, udp(5360, 9)),
     "pass", "rule", "dns-reply", "reply"),
    ("beyond an added range", SERVICED, frame4(CLIENT, EDGE, 17, udp(5361, 9)),
     "drop", "no-service"),
    ("an added out-row, a bare SYN", SERVICED, frame4(PARTNER, EDGE_AV, 6, tcp(80, 9, SYN)),
     "drop", "unsolicited", "crl", "reply"),
    ("rtp-out names a bare SYN that matches crl too", SERVICED,
     frame4(PARTNER, EDGE_AV, 6, tcp(80, 50000, SYN)), "drop", "role", "rtp-out", "reply"),
    ("crl admits what rtp-out did not", SERVICED,
     frame4(PARTNER, EDGE_AV, 6, tcp(80, 50000, ACK)), "pass", "rule", "crl", "reply"),
    ("an added row admits what row 1 did not", SERVICED, frame4(CLIENT, EDGE, 6, SIP),
     "pass", "rule", "sip-by-client", "forward"),
    ("observe decides the same", {"mode": "observe"}, frame4(STRANGER, EDGE, 6, SIP),
     "drop", "role", "sip-mtls-in", "forward"),
    # Step 13
    ("no shape", STANDARD, frame4(MESSENGER, EDGE_AV, 17, udp(9, 3478, bytes(21))),
     "drop", "stun-shape", "stun-in", "forward"),
    ("no shape, off", {"stun-shape": "off"}, frame4(MESSENGER, EDGE_AV, 17, udp(9, 3478)),
     "pass", "rule", "stun-in", "forward"),
    ("RTP", STANDARD, frame4(MESSENGER, EDGE_AV, 17, udp(3478, 9, b"\x80\x72" + bytes(10))),
     "pass", "rule", "stun-out", "reply"),
    ("RTP, strict", {"stun-shape": "strict"},
     frame4(MESSENGER, EDGE_AV, 17, udp(3478, 9, b"\x80\x72" + bytes(10))),
     "drop", "stun-shape", "stun-out", "reply"),
    ("a shape only by what follows the UDP length", STANDARD,
     frame4(MESSENGER, EDGE_AV, 17, udp(9, 3478, stun(), length=27)),
     "drop", "stun-shape", "stun-in", "forward"),
    ("a shape by the UDP length, with more behind it", STANDARD,
     frame4(MESSENGER, EDGE_AV, 17, udp(9, 3478, stun() + b"\0", length=28)),
     "pass", "rule", "stun-in", "forward"),
)

MEDIA = ("rtp", "rtcp", "channel-data-5766")
SHAPES = (
    ("stun", stun()),
    ("stun", stun(0x3FFF, bytes(4))),
    (None, stun(0x4000)[:19]),
    (None, stun(3)[:19]),
    (None, stun(3, bytes(4), length=0)),
    (None, stun(3, bytes(2))),
    (None, stun(3, cookie=b"\x21\x12\xa4\x43")),
    ("ms-turn", stun(3, MS_COOKIE_ATTRIBUTE, cookie=bytes(4))),
    ("ms-turn", stun(3, MS_COOKIE_ATTRIBUTE + b"\1", cookie=bytes(4))),
    (None, stun(3, MS_COOKIE_ATTRIBUTE + b"\1", cookie=bytes(4), length=8)),
    (None, stun(3, MS_COOKIE_ATTRIBUTE[:7], cookie=bytes(4))),
    (None, stun(3, bytes(4) + MS_COOKIE_ATTRIBUTE, cookie=bytes(4))),
    ("classic-stun", stun(0x0001, cookie=bytes(4))),
    ("classic-stun", stun(0x0111, b"\1", cookie=bytes(4))),
    (None, stun(0x0011, cookie=bytes(4))),
    (None, stun(0x0001, b"\1", cookie=bytes(4), length=0)),
    ("channel-data", b"\x40\0\0\0"),
    ("channel-data", b"\x4f\0\0\1" + bytes(4)),
    (None, b"\x4f\0\0\1" + bytes(5)),
    (None, b"\x40\0\0\1"),
    ("channel-data-5766", b"\x50\0\0\0"),
    ("channel-data-5766", b"\x7f\xff\0\1" + bytes(4)),
    (None, b"\x7f\xff\0\1" + bytes(5)),
    (None, b"\x50\0\0\1"),
    (None, b"\x40\0\0"),
    ("rtp", b"\x80\x00" + bytes(10)),
    ("rtp", b"\xbf\x72" + bytes(70)),
    (None, b"\xbf\x72" + bytes(69)),
    (None, b"\x80\x00" + bytes(9)),
    ("rtp", b"\x80\xbf" + bytes(10)),
    ("rtcp", b"\x80\xc0" + bytes(6)),
    ("rtcp", b"\x9f\xdf" + bytes(6)),
    (None, b"\x80\xc8" + bytes(5)),
    (None, b"\x80\xe0" + bytes(6)),
    ("ms-multiplexed", b"\xff\x10\0\x08" + bytes(8)),
    (None, b"\xff\x10\0\x07" + bytes(8)),
    (None, b"\xff\x10\0\x07" + bytes(7)),
    (None, b"\xff\x10\0\x08" + bytes(9)),
    (None, b"\xff\x11\0\x08" + bytes(8)),
    (None, b""),
    (None, bytes(20)),
)


class ClassifierTest(unittest.TestCase):
    def test_cases(self):
        for text, changes, frame, verdict, reason, *row in CASES:
            with self.subTest(text):
                self.assertEqual(Classifier(policy(**changes)).decide(frame),
                                 (verdict, reason, *(row or (None, None))))

    def test_every_reason_has_a_case(self):
        self.assertEqual({case[4] for case in CASES}, set(REASONS))

    def test_shapes(self):
        for shape, payload in SHAPES:
            with self.subTest(shape=shape, payload=payload.hex()):
                self.assertEqual(stun_shape(payload, True), shape)
                self.assertEqual(stun_shape(payload, False), None if shape in MEDIA else shape)

    def test_shapes_of_first_fragments(self):
        """A shape whose test reads a byte that is in another fragment is none."""
        for shape, payload, reads in (
                ("stun", stun(3), 8), ("classic-stun", stun(1, cookie=bytes(4)), 8),
                ("ms-turn", stun(3, MS_COOKIE_ATTRIBUTE, cookie=bytes(4)), 28),
                ("channel-data", b"\x40\0\0\x08" + bytes(8), 4), ("rtp", b"\x80\0" + bytes(30), 4),
                ("rtcp", b"\x80\xc8" + bytes(30), 4), ("ms-multiplexed", b"\xff\x10\0\x08" + bytes(8), 4)):
            for there in range(len(payload) + 1):
                self.assertEqual(stun_shape(payload[:there], True, len(payload)),
                                 shape if there >= reads else None, (shape, there))

    def test_no_prefix_of_a_frame_is_admitted(self):
        for frame in (SIP_BYTES, SIP6_BYTES, STUN_BYTES):
            judge = Classifier(policy())
            for end in range(len(frame)):
                self.assertEqual(judge.decide(frame[:end])[:2], ("drop", "truncated"), end)
            self.assertEqual(judge.decide(frame)[1], "rule")

    def test_builders(self):
        self.assertEqual(frame4(PARTNER, EDGE, 6, SIP), SIP_BYTES)
        self.assertEqual(ethernet(IPV6, ipv6(PARTNER6, EDGE6, 6, SIP), [(0x88A8, 7), (0x8100, 7)]),
                         SIP6_BYTES)
        self.assertEqual(STUN_BYTES[:14] + ipv4(MESSENGER, EDGE_AV, 17, udp(
            40000, 3478, STUN_BYTES[42:])), STUN_BYTES)

    def test_longest_prefix_does_not_hide_a_shorter_one(self):
        judge = Classifier(policy(clients=["0.0.0.0/0"], partners=[("a", ["203.0.113.5"])]))
        self.assertEqual(judge.decide(SIP_BYTES)[1], "rule")
        self.assertEqual(judge.decide(frame4(PARTNER, EDGE, 6, tcp(9, 443, SYN)))[1], "rule")


class GeneratorTest(unittest.TestCase):
    """A run can be had again only if its seed is all that it depends on."""

    def _run(self, seed, folder):
        rng = random.Random(seed)
        made = random_policy(rng, 2)
        path = os.path.join(folder, "policy.conf")
        write_configuration(made, path, rng)
        with open(path, encoding="ascii") as file:
            text = file.read()
        return text, list(Generator(made, Classifier(made), rng).frames(500))

    def test_seed_decides_everything(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self._run("1", folder), self._run("1", folder))
            self.assertNotEqual(self._run("1", folder), self._run("2", folder))

    def test_sizes(self):
        with tempfile.TemporaryDirectory() as folder:
            _, frames = self._run("3", folder)
        self.assertTrue(all(14 <= len(frame) <= 9000 for frame in frames))

    def test_all_option_values_come_up(self):
        seen = {name: set() for name in OPTIONS}
        for index in range(24):
            made = random_policy(random.Random(f"5/{index}"), index)
            for name, values in OPTIONS.items():
                seen[name].add(made.options.get(name, values[0]))
        self.assertEqual(seen, {name: set(values) for name, values in OPTIONS.items()})


if __name__ == "__main__":
    unittest.main()
