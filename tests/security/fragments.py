#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A TCP of an attacker's own that sends every segment in fragments.

  fragments.py FROM TO PORT TRICK HARDWARE    in the namespace of net0

HARDWARE is the address of the interface at the other end. FROM must be no address of this host, whose TCP would reset what it did not ask for; the other end
needs a neighbour entry for it. Prints "reached" when TO, an echo server, answers what was sent
over a whole handshake, "handshake" when only that came about, and "silent" when TO did not answer
the SYN. No clock says which: an echo request is sent last, and what TO has to say before it
answers that, it has said.
"""
import os
import random
import select
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/lib"))
from wire import (ETH_P_ALL, ICMP, ICMPV6, IPV4, IPV6, PATIENCE_SECONDS, TCP, checksum, extension,
                  icmp, ip, packed, pseudo)

SYN, ACK = 2, 16
OPTIONS = bytes((2, 4, 4, 0))  # a maximum segment size: the header is 24 bytes, three units
PERMITTED = 5061
TRIES = 3  # of a SYN


class Attacker:
    def __init__(self, source, destination, port, trick, target):
        self.source, self.destination, self.port = source, destination, port
        self.trick = trick
        self.target = bytes.fromhex(target.replace(":", ""))
        self.following = TCP  # what the fragment header says
        self.six = ":" in source
        self.local_port = random.SystemRandom().randrange(20000, 49000)
        self.sequence = 1000
        self.identification = random.SystemRandom().randrange(1, 60000)
        self.raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.raw.bind(("net0", ETH_P_ALL))
        self.hardware = self.raw.getsockname()[4]

    def send(self, packet):
        kind = IPV6 if self.six else IPV4
        self.raw.send(self.target + self.hardware + struct.pack("!H", kind) + packet)

    def segment(self, flags, acknowledgment, data, port=None):
        options = OPTIONS if flags == SYN else b"\1\1\1\1"
        head = struct.pack("!HHIIBBHHH", self.local_port, port or self.port, self.sequence,
                           acknowledgment, 6 << 4, flags, 64240, 0, 0) + options
        sum_ = checksum(pseudo(self.source, self.destination, TCP, len(head) + len(data)) + head + data)
        return head[:16] + struct.pack("!H", sum_) + head[18:] + data

    def fragment(self, part, offset, more, before=(), nested=False):
        """One fragment. before: extension headers before the fragment header."""
        if not self.six:
            self.send(ip(self.source, self.destination, TCP, part, offset=offset, more=more,
                         identification=self.identification))
            return
        following = self.following
        if nested:
            part, following = struct.pack("!BBHI", following, 0, 1, 77) + part, 44
        payload = struct.pack("!BBHI", following, 0, offset << 3 | more, self.identification) + part
        kind = 44
        for header in before:
            payload, kind = extension(kind) + payload, header
        self.send(ip(self.source, self.destination, kind, payload))

    def transmit(self, segment, decoy):
        """Sends the segment in fragments. decoy: a segment of the same length to a permitted port."""
        self.identification += 1
        trick = self.trick
        if trick == "plain":
            self.fragment(segment[:24], 0, True)
            self.fragment(segment[24:], 3, False)
        elif trick == "tiny":
            self.fragment(segment[:8], 0, True)
            self.fragment(segment[8:16], 1, True)
            self.fragment(segment[16:], 2, False)
        elif trick == "half-header":
            self.fragment(segment[:16], 0, True)
            self.fragment(segment[16:], 2, False)
        elif trick == "last-first":
            self.fragment(segment[16:], 2, False)
            self.fragment(segment[:16], 0, True)
        elif trick == "twice":  # the first fragment is another one the second time
            self.fragment(decoy[:24], 0, True)
            self.fragment(segment[:24], 0, True)
            self.fragment(segment[24:], 3, False)
        elif trick == "overlap":  # RFC 3128: from the second unit on it is another segment
            self.fragment(decoy[:24], 0, True)
            self.fragment(segment[8:], 1, False)
        elif trick == "overlap-first":  # the same, but the overlap is there first
            self.fragment(segment[8:], 1, False)
            self.fragment(segment[:8], 0, True)
        elif trick == "whole":  # an offset of 0 and no more: not in fragments, but atomic
            self.fragment(segment, 0, False)
        elif trick == "behind-options":
            self.fragment(segment[:24], 0, True, (60, 60))
            self.fragment(segment[24:], 3, False, (60, 60))
        elif trick == "before-options":
            self.following = 60
            self.fragment(extension(TCP) + segment[:24], 0, True)
            self.fragment(segment[24:], 4, False)
            self.following = TCP
        elif trick == "only-options":  # the first has nothing but an extension header
            self.following = 60
            self.fragment(extension(TCP), 0, True)
            self.fragment(segment[:24], 1, True)
            self.fragment(segment[24:], 4, False)
            self.following = TCP
        elif trick == "nested":
            self.fragment(segment[:24], 0, True, nested=True)
            self.fragment(segment[24:], 4, False)
        else:
            sys.exit("no such trick: " + trick)

    def until(self, wanted, seconds=PATIENCE_SECONDS):
        """Frames from the other end, up to one for which `wanted` is true, which is the last; and
        whether there was one."""
        found = []
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.raw], [], [], left)[0]:
                return found, False
            frame = self.raw.recv(65536)
            body, protocol = self.parsed(frame)
            if body is None:
                continue
            found.append((protocol, body))
            if wanted(protocol, body):
                return found, True

    def parsed(self, frame):
        if frame[12:14] != struct.pack("!H", IPV6 if self.six else IPV4):
            return None, None
        at, source, target = (20, 26, 30) if not self.six else (40, 22, 38)
        size = 16 if self.six else 4
        if (frame[source : source + size], frame[target : target + size]) != (
                packed(self.destination), packed(self.source)):
            return None, None
        return frame[14 + at :], frame[20] if self.six else frame[23]

    def ask_last(self):
        """Sends what TO certainly answers; returns a test of that answer."""
        if self.six:
            self.send(ip(self.source, self.destination, ICMPV6,
                         icmp(self.source, self.destination, 128, 0, struct.pack("!I", self.identification))))
            kind = 129
        else:
            self.send(ip(self.source, self.destination, ICMP,
                         icmp(self.source, self.destination, 8, 0, struct.pack("!I", self.identification))))
            kind = 0
        mark = struct.pack("!I", self.identification)
        number = ICMPV6 if self.six else ICMP
        return lambda protocol, body: protocol == number and body[0] == kind and body[4:8] == mark

    def is_ours(self, protocol, body):
        return protocol == TCP and struct.unpack_from("!HH", body) == (self.port, self.local_port)

    def run(self):
        data = b"handed in by me\n"  # 16 bytes; the server echoes lines
        syn = self.segment(SYN, 0, b"12345678")
        answers = []
        for _ in range(TRIES):
            self.transmit(syn, self.segment(SYN, 0, b"12345678", PERMITTED))
            frames, answered = self.until(self.ask_last())
            if not answered:
                return "no answer even to an echo request"
            answers = [body for protocol, body in frames if self.is_ours(protocol, body)
                       and body[13] & (SYN | ACK) == SYN | ACK]
            if answers:
                break
        else:
            return "silent"
        acknowledgment = struct.unpack_from("!I", answers[0], 4)[0] + 1
        self.sequence += 1
        # A segment that is lost is sent again, as by any TCP.
        wait_seconds = 1
        while wait_seconds < PATIENCE_SECONDS:
            self.transmit(self.segment(ACK, acknowledgment, data),
                          self.segment(ACK, acknowledgment, data, PERMITTED))
            if self.until(lambda protocol, body: self.is_ours(protocol, body) and data in body,
                          wait_seconds)[1]:
                return "reached"
            wait_seconds *= 2
        return "handshake"


def main():
    source, destination, port, trick, target = sys.argv[1:]
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(Attacker(source, destination, int(port), trick, target).run())


if __name__ == "__main__":
    main()
