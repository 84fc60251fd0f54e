#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Frames that walk around other filters, and what each must come to here, on the wire.

  evasion.py PIMXDP [FUNCTION]    with edge.conf attached to eth1 of namespace edge

FUNCTION has the frames: cases, or passed_fragments, which needs fragments = "pass" too.

Every frame must move exactly one counter, and arrive or not as its verdict says. Prints `ok NAME`
or `not ok NAME: why` a frame.
"""
import json
import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/lib"))
from wire import (ARP, ICMP, ICMPV6, IPV4, IPV6, TCP, UDP, VLAN, VLAN_AD, VLAN_OLD, Wire, arp,
                  ethernet, extension, icmp, ip, packed, tcp, udp)

EDGE, EDGE_AV, EDGE6, EDGE_AV6 = "198.51.100.10", "198.51.100.11", "2001:db8:10::10", "2001:db8:10::11"
PARTNER, PARTNER6 = "203.0.113.10", "2001:db8:c0de::10"
CLIENT, CLIENT6 = "192.0.2.20", "2001:db8:2::20"
STRANGER, STRANGER6 = "198.51.100.77", "2001:db8:77::77"
FAILSAFE = "198.51.100.200"

STUN = bytes.fromhex("000100002112a442") + b"identifier12"
SNAP = bytes.fromhex("aaaa03000000")
NOP_OPTIONS = b"\1\1\1\0"
ROUTER_ALERT = bytes.fromhex("94040000")
SOURCE_ROUTE = bytes.fromhex("830704") + packed("192.0.2.1") + b"\0"

PASS_RULE = ("pass", "rule")
ROLE = ("drop", "role")
FRAGMENT = ("drop", "fragment")


def sip(source, flags="S"):
    """A TCP packet to the MTLS port: the partner's is admitted, the stranger's is not."""
    destination = EDGE if ":" not in source else EDGE6
    return ip(source, destination, TCP, tcp(source, 40000, destination, 5061, flags))


def plain(source, flags="S"):
    return ethernet(IPV4 if ":" not in source else IPV6, sip(source, flags))


def tagged(source, *kinds):
    return ethernet(IPV4 if ":" not in source else IPV6, sip(source),
                    [(kind, 100 + index) for index, kind in enumerate(kinds)])


def optioned(source, options):
    return ethernet(IPV4, ip(source, EDGE, TCP, tcp(source, 40000, EDGE, 5061), options=options))


def fragment(source, payload, offset, more, protocol=TCP):
    destination = EDGE if ":" not in source else EDGE6
    return ethernet(IPV4 if ":" not in source else IPV6,
                    ip(source, destination, protocol, payload, offset=offset, more=more))


def extended(source, *kinds, data=None):
    """Extension headers of these numbers in front of the TCP header."""
    payload, following = tcp(source, 40000, EDGE6, 5061), TCP
    for kind in reversed(kinds):
        body = data if data is not None else bytes([1, 4, 0, 0, 0, 0])
        payload, following = extension(following, body) + payload, kind
    return ethernet(IPV6, ip(source, EDGE6, following, payload))


def media(source, port, flags, ours=40000):
    """From a client's port to the A/V address."""
    destination = EDGE_AV if ":" not in source else EDGE_AV6
    return ethernet(IPV4 if ":" not in source else IPV6,
                    ip(source, destination, TCP, tcp(source, port, destination, ours, flags)))


def stun(source, payload):
    destination = EDGE_AV if ":" not in source else EDGE_AV6
    return ethernet(IPV4 if ":" not in source else IPV6,
                    ip(source, destination, UDP, udp(source, 40000, destination, 3478, payload)))


def passed_fragments():
    """With fragments = pass."""
    none = ("drop", "no-service")
    passes = ("pass", "fragment")
    for source, edge in ((PARTNER, EDGE), (PARTNER6, EDGE6)):
        head = tcp(source, 40000, edge, 5061)
        closed = tcp(source, 40000, edge, 3389)
        yield "a first fragment, " + source, fragment(source, head + bytes(4), 0, True), PASS_RULE
        yield "a first fragment to 3389, " + source, fragment(source, closed + bytes(4), 0, True), none
        for size in (8, 16, 19):
            yield "a first fragment of %d bytes, %s" % (size, source), \
                fragment(source, head[:size], 0, True), FRAGMENT
        yield "an overlap with the first, " + source, fragment(source, closed, 1, False), FRAGMENT
        yield "an overlap with the first, more to come, " + source, fragment(source, closed, 1, True), \
            FRAGMENT
        yield "a later fragment, " + source, fragment(source, b"x" * 64, 2, False), passes
        yield "the last there can be, " + source, fragment(source, b"x" * 8, 0x1FFF, False), passes
        yield "an overlap with UDP, " + source, fragment(source, b"x" * 8, 1, False, UDP), FRAGMENT
    yield "a later fragment of a stranger", fragment(STRANGER, b"x" * 64, 2, False), FRAGMENT
    yield "a first fragment of a stranger", fragment(
        STRANGER, tcp(STRANGER, 40000, EDGE, 5061) + bytes(4), 0, True), ROLE
    yield "a first fragment of an echo request", fragment(
        STRANGER, icmp(STRANGER, EDGE, 8) + bytes(8), 0, True, ICMP), ("pass", "icmp")
    def more(following):
        """An IPv6 fragment header: the first of several."""
        return struct.pack("!BBHI", following, 0, 1, 9)

    for port, verdict in ((3389, none), (5061, PASS_RULE)):
        segment = tcp(PARTNER6, 40000, EDGE6, port) + bytes(4)
        for name, following, payload in (
                ("a first fragment behind options", 60, extension(44) + more(TCP) + segment),
                ("a first fragment before options", 44, more(60) + extension(TCP) + segment),
                ("an atomic fragment", 44, extension(TCP, bytes(6)) + segment)):
            yield "IPv6, %s, to %d" % (name, port), \
                ethernet(IPV6, ip(PARTNER6, EDGE6, following, payload)), verdict
    yield "IPv6, a first fragment of options alone", ethernet(IPV6, ip(
        PARTNER6, EDGE6, 44, more(60) + extension(TCP))), FRAGMENT
    whole = udp(CLIENT, 40000, EDGE_AV, 3478, STUN[:2] + (1000).to_bytes(2, "big") + STUN[4:] + bytes(1000))
    for size, verdict in ((7, FRAGMENT), (8, ("drop", "stun-shape")), (16, PASS_RULE), (64, PASS_RULE)):
        yield "the first %d bytes of a STUN message" % size, ethernet(IPV4, ip(
            CLIENT, EDGE_AV, UDP, whole[:size], more=True)), verdict


def cases():
    # What the variants below are measured against.
    yield "base packet of a partner, IPv4", plain(PARTNER), PASS_RULE
    yield "base packet of a partner, IPv6", plain(PARTNER6), PASS_RULE
    yield "base packet of a stranger, IPv4", plain(STRANGER), ROLE
    yield "base packet of a stranger, IPv6", plain(STRANGER6), ROLE
    yield "ARP", ethernet(ARP, arp(STRANGER, EDGE)), ("pass", "arp")
    yield "LLDP", ethernet(0x88CC, b"\0" * 46), ("pass", "non-ip")

    # IP in 802.3 frames.
    for name, kind, packet in (("IPv4", IPV4, sip(PARTNER)), ("IPv6", IPV6, sip(PARTNER6))):
        body = SNAP + kind.to_bytes(2, "big") + packet
        yield "SNAP, " + name, ethernet(len(body), body), ("drop", "snap")
        yield "SNAP behind two tags, " + name, ethernet(len(body), body, [(VLAN_AD, 5), (VLAN, 6)]), \
            ("drop", "snap")
        yield "SNAP of length 0, " + name, ethernet(0, body), ("drop", "snap")
    yield "SNAP with ARP", ethernet(36, SNAP + b"\x08\6" + arp(STRANGER, EDGE)), ("pass", "non-ip")
    yield "SNAP cut short", ethernet(7, SNAP + b"\x08"), ("pass", "non-ip")
    yield "a spanning tree's frame", ethernet(38, b"\x42\x42\3" + bytes(43)), ("pass", "non-ip")

    # VLAN tags.
    for name, kinds in (("one tag", (VLAN,)), ("an 802.1ad tag", (VLAN_AD,)),
                        ("a 0x9100 tag", (VLAN_OLD,)), ("two tags", (VLAN, VLAN)),
                        ("QinQ", (VLAN_AD, VLAN)), ("0x9100 in 802.1Q", (VLAN, VLAN_OLD))):
        yield name + ", partner", tagged(PARTNER, *kinds), PASS_RULE
        yield name + ", stranger", tagged(STRANGER, *kinds), ROLE
        yield name + ", stranger, IPv6", tagged(STRANGER6, *kinds), ROLE
    yield "three tags", tagged(PARTNER, VLAN, VLAN, VLAN), ("drop", "vlan-depth")
    yield "QinQinQ", tagged(STRANGER, VLAN_AD, VLAN, VLAN), ("drop", "vlan-depth")
    yield "a tag cut short", ethernet(VLAN, b"\0"), ("drop", "truncated")
    yield "ARP behind a tag", ethernet(ARP, arp(STRANGER, EDGE), [(VLAN, 5)]), ("pass", "arp")
    yield "a fragment behind two tags", \
        ethernet(IPV4, ip(PARTNER, EDGE, TCP, b"x" * 64, offset=2), [(VLAN_AD, 5), (VLAN, 6)]), FRAGMENT

    # IPv4 options.
    for name, options in (("no-operation options", NOP_OPTIONS), ("router alert", ROUTER_ALERT),
                          ("a loose source route", SOURCE_ROUTE), ("40 bytes of options", b"\1" * 40)):
        for source in (PARTNER, STRANGER):
            yield "%s, %s" % (name, source), optioned(source, options), ("drop", "ip-options")

    # Fragments. The forged one carries a whole permitted header where an offset says there is none.
    head = tcp(PARTNER, 40000, EDGE, 5061)
    for source in (PARTNER, PARTNER6, STRANGER):
        yield "a first fragment, " + source, fragment(source, head, 0, True), FRAGMENT
        yield "a first fragment of 8 bytes, " + source, fragment(source, head[:8], 0, True), FRAGMENT
        yield "a later fragment, " + source, fragment(source, b"x" * 64, 4, False), FRAGMENT
        yield "a middle fragment, " + source, fragment(source, b"x" * 64, 4, True), FRAGMENT
        yield "a forged later fragment, " + source, fragment(source, head, 1, False), FRAGMENT
        yield "a forged last fragment, " + source, fragment(source, head, 0x1FFF, False), FRAGMENT
    yield "a fragment of UDP", fragment(CLIENT, STUN, 1, False, UDP), FRAGMENT
    yield "a fragment of an echo request", fragment(STRANGER, b"x" * 64, 3, False, ICMP), FRAGMENT
    atomic = ip(PARTNER6, EDGE6, 44, extension(TCP, b"\0" * 6) +
                tcp(PARTNER6, 40000, EDGE6, 5061))
    yield "an atomic fragment is whole", ethernet(IPV6, atomic), PASS_RULE

    # IPv6 extension headers.
    for source, verdict in ((PARTNER6, PASS_RULE), (STRANGER6, ROLE)):
        yield "hop-by-hop options, " + source, extended(source, 0), verdict
        yield "destination options, " + source, extended(source, 60), verdict
        yield "hop-by-hop and destination options, " + source, extended(source, 0, 60), verdict
        yield "long destination options, " + source, extended(source, 60, data=bytes(262)), verdict
        yield "eight destination options, " + source, extended(source, *[60] * 8), verdict
        yield "nine destination options, " + source, extended(source, *[60] * 9), ("drop", "ipv6-ext")
        yield "mobility header, " + source, extended(source, 135), verdict
        yield "routing type 4, " + source, extended(source, 43, data=bytes([4, 0, 0, 0, 0, 0])), verdict
        yield "routing type 4, a segment left, " + source, \
            extended(source, 43, data=bytes([4, 1, 0, 0, 0, 0])), ("drop", "ipv6-ext")
        yield "routing type 0, " + source, extended(source, 43, data=bytes(6)), ("drop", "ipv6-ext")
    yield "a fragment header behind options", \
        ethernet(IPV6, ip(PARTNER6, EDGE6, 60, extension(44) + extension(TCP, bytes(
            [0, 9, 0, 0, 0, 1])) + b"x" * 64)), FRAGMENT
    yield "options that reach beyond the packet", \
        ethernet(IPV6, ip(PARTNER6, EDGE6, 60, bytes([TCP, 200]) + bytes(6))), ("drop", "truncated")

    # Ports at both ends of the range, where other filters are off by one.
    for source in (CLIENT, CLIENT6):
        for port, verdict in ((49999, ("drop", "no-service")), (50000, PASS_RULE),
                              (59999, PASS_RULE), (60000, ("drop", "no-service"))):
            yield "a reply from port %d, %s" % (port, source), media(source, port, "SA"), verdict
            yield "a segment from 40000 to port %d, %s" % (port, source), \
                media(source, 40000, "A", port), verdict
        yield "an unsolicited SYN, " + source, media(source, 55555, "S"), ("drop", "unsolicited")
        yield "an unsolicited SYN to the range, " + source, media(source, 40000, "S", 55555), \
            ("drop", "unsolicited")
    for source in (PARTNER, PARTNER6):
        yield "a SYN-ACK to a server, " + source, plain(source, "SA"), ("drop", "unsolicited")
        yield "an ACK to a server, " + source, plain(source, "A"), PASS_RULE
    yield "a SYN-ACK of a stranger to a server", plain(STRANGER, "SA"), ROLE
    yield "a reply of a stranger", media(STRANGER, 55555, "SA"), ROLE

    # Shapes, flags, impossible sources.
    yield "a STUN binding request", stun(CLIENT, STUN), PASS_RULE
    yield "a STUN binding request, IPv6", stun(CLIENT6, STUN), PASS_RULE
    yield "TURN channel 0x4000", stun(CLIENT, bytes.fromhex("40000004") + b"data"), PASS_RULE
    yield "TURN channel 0x4fff", stun(CLIENT, bytes.fromhex("4fff0004") + b"data"), PASS_RULE
    yield "TURN channel 0x5000", stun(CLIENT, bytes.fromhex("50000004") + b"data"), PASS_RULE
    yield "TURN channel 0x7ffe", stun(CLIENT6, bytes.fromhex("7ffe0004") + b"data"), PASS_RULE
    yield "TURN channel 0x7ffe, a byte less", stun(CLIENT, bytes.fromhex("7ffe0004") + b"dat"), \
        ("drop", "stun-shape")
    yield "DNS on the STUN port", stun(CLIENT, bytes.fromhex("123401000001000000000000")), \
        ("drop", "stun-shape")
    yield "an empty datagram on the STUN port", stun(CLIENT, b""), ("drop", "stun-shape")
    for flags in ("", "SF", "SR", "F", "P"):
        yield "TCP flags '%s'" % flags, plain(PARTNER, flags), ("drop", "tcp-flags")
    for source in ("0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", EDGE_AV, "::1", "::",
                   "ff02::1", "::ffff:203.0.113.10", EDGE_AV6):
        yield "martian " + source, plain(source), ("drop", "martian")
    yield "the failsafe address, any port", ethernet(IPV4, ip(
        FAILSAFE, EDGE, TCP, tcp(FAILSAFE, 40000, EDGE, 22))), ("pass", "failsafe")
    yield "not to the Edge", ethernet(IPV4, ip(STRANGER, "198.51.100.99", TCP, tcp(
        STRANGER, 40000, "198.51.100.99", 22))), ("pass", "not-edge")
    yield "port 0", ethernet(IPV4, ip(PARTNER, EDGE, TCP, tcp(PARTNER, 40000, EDGE, 0))), \
        ("drop", "port-zero")
    yield "GRE", ethernet(IPV4, ip(PARTNER, EDGE, 47, bytes(32))), ("drop", "protocol")
    yield "IPv4 in IPv4", ethernet(IPV4, ip(PARTNER, EDGE, 4, sip(PARTNER))), ("drop", "protocol")
    yield "IPv6 in IPv4", ethernet(IPV4, ip(PARTNER, EDGE, 41, sip(PARTNER6))), ("drop", "protocol")
    yield "no next header", ethernet(IPV6, ip(PARTNER6, EDGE6, 59, b"")), ("drop", "protocol")
    yield "IPv4 in an IPv6 frame", ethernet(IPV6, sip(PARTNER) + bytes(20)), ("drop", "malformed")
    yield "IPv6 in an IPv4 frame", ethernet(IPV4, sip(PARTNER6)), ("drop", "malformed")

    # Padding is no part of the packet, and ICMP is not for everyone.
    yield "an IPv4 header with ports in the padding", \
        ethernet(IPV4, ip(PARTNER, EDGE, TCP, b"") + head), ("drop", "truncated")
    yield "padding behind a whole packet", plain(PARTNER) + bytes(6), PASS_RULE
    yield "an echo request", ethernet(IPV4, ip(STRANGER, EDGE, ICMP, icmp(STRANGER, EDGE, 8))), \
        ("pass", "icmp")
    yield "an ICMP redirect", ethernet(IPV4, ip(STRANGER, EDGE, ICMP, icmp(STRANGER, EDGE, 5))), \
        ("drop", "icmp-type")
    yield "ICMPv6 in IPv4", ethernet(IPV4, ip(STRANGER, EDGE, ICMPV6, icmp(STRANGER, EDGE, 128))), \
        ("drop", "protocol")
    for hop_limit, verdict in ((255, ("pass", "icmp")), (64, ("drop", "icmp-type"))):
        yield "a neighbour solicitation with hop limit %d" % hop_limit, ethernet(IPV6, ip(
            STRANGER6, EDGE6, ICMPV6, icmp(STRANGER6, EDGE6, 135, 0, bytes(4) + packed(EDGE6)),
            ttl=hop_limit)), verdict


def counters(pimxdp):
    output = subprocess.run(["nsenter", "--net=/run/netns/edge", "--", pimxdp, "stats", "eth1",
                             "--json"], check=True, stdout=subprocess.PIPE).stdout
    return {(row["verdict"], row["reason"]): (row["packets"], row["bytes"])
            for row in json.loads(output)["reasons"]}


def main():
    pimxdp = sys.argv[1]
    wire = Wire("internet:net0", "edge:eth1")
    end_bytes = 14 + len(arp("0.0.0.0", "0.0.0.0"))
    before = counters(pimxdp)
    made = {"cases": cases, "passed_fragments": passed_fragments}[(sys.argv + ["cases"])[2]]
    for name, frame, (verdict, reason) in made():
        mark = wire.send(frame)
        arrived = mark in wire.arrived()
        after = counters(pimxdp)
        moved = {key: (value[0] - before.get(key, (0, 0))[0], value[1] - before.get(key, (0, 0))[1])
                 for key, value in after.items() if value != before.get(key, (0, 0))}
        before = after
        # The frame that marks the end was counted as ARP.
        packets, size = moved.pop(("pass", "arp"), (0, 0))
        if (packets - 1, size - end_bytes) != (0, 0):
            moved[("pass", "arp")] = (packets - 1, size - end_bytes)
        expected = {(verdict, reason): (1, 12 + len(frame))}
        if moved != expected:
            print("not ok %s: expected %s, counted %s" % (name, expected, moved))
        elif arrived != (verdict == "pass"):
            print("not ok %s: %s, but %s" % (name, verdict, "arrived" if arrived else "did not arrive"))
        else:
            print("ok %s: %s %s" % (name, verdict, reason))


if __name__ == "__main__":
    main()
