#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Frames over a wire, for the network tests and the demo.

  wire.py probe FROM TO FRAME...      send frames, say which of them arrive
  wire.py flood FROM COUNT SEED PORT...
                                      send COUNT frames of every kind, often to or from the ports
  wire.py storm FROM FRAME...         send the frames over and over, until SIGTERM
  wire.py listen ADDRESS PORT         TCP echo server, until it is killed
  wire.py connect ADDRESS PORT FROM   one TCP exchange with such a server
  wire.py converse HOST PORT FROM CA CERTIFICATE KEY
                                      TLS exchanges without a pause, until SIGTERM

FROM and TO of probe, flood and storm are NAMESPACE:INTERFACE. A FRAME is one argument:

  [vlan ID | vlan-ad ID | short]... tcp SOURCE PORT DESTINATION PORT [FLAGS]
  [vlan ID | vlan-ad ID | short]... udp SOURCE PORT DESTINATION PORT [HEX]
  [...] fragments tcp|udp ...         the same datagram in two fragments

with FLAGS out of FSRPA (default S). "short" is like "fragments", but only the second
fragment is sent. Standard library only.
"""
import ctypes
import ipaddress
import os
import random
import select
import signal
import socket
import ssl
import struct
import sys
import time

ETH_P_ALL = 3
SO_RCVBUFFORCE = 33  # more than net.core.rmem_max allows
ARP, IPV4, IPV6, VLAN, VLAN_AD, VLAN_OLD = 0x0806, 0x0800, 0x86DD, 0x8100, 0x88A8, 0x9100
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16}
# A busy machine is slow.
PATIENCE_SECONDS = 60
# Marks our frames: their source MAC address is this and a 32-bit number.
MARK = bytes.fromhex("0e70")


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(address):
    return ipaddress.ip_address(address).packed


def ethertype(address):
    return IPV4 if len(packed(address)) == 4 else IPV6


def pseudo(source, destination, protocol, length):
    if len(packed(source)) == 4:
        return packed(source) + packed(destination) + struct.pack("!BBH", 0, protocol, length)
    return packed(source) + packed(destination) + struct.pack("!IBBBB", length, 0, 0, 0, protocol)


def tcp(source, source_port, destination, destination_port, flags="S", payload=b""):
    bits = sum(FLAGS[letter] for letter in flags)
    segment = struct.pack("!HHIIBBHHH", source_port, destination_port, 1, 1 if bits & 16 else 0,
                          5 << 4, bits, 64240, 0, 0) + payload
    sum_ = checksum(pseudo(source, destination, TCP, len(segment)) + segment)
    return segment[:16] + struct.pack("!H", sum_) + segment[18:]


def udp(source, source_port, destination, destination_port, payload=b""):
    length = 8 + len(payload)
    datagram = struct.pack("!HHHH", source_port, destination_port, length, 0) + payload
    sum_ = checksum(pseudo(source, destination, UDP, length) + datagram) or 0xFFFF
    return datagram[:6] + struct.pack("!H", sum_) + datagram[8:]


def icmp(source, destination, kind, code=0, rest=b"\0\0\0\1"):
    message = struct.pack("!BBH", kind, code, 0) + rest
    if len(packed(source)) == 4:
        sum_ = checksum(message)
    else:
        sum_ = checksum(pseudo(source, destination, ICMPV6, len(message)) + message)
    return message[:2] + struct.pack("!H", sum_) + message[4:]


def ip(source, destination, protocol, payload, options=b"", offset=0, more=False, ttl=64,
       identification=1):
    """An IP packet. options: IPv4 options. offset: of a fragment, in 8 bytes; an IPv6 packet
    gets a fragment header when it is a fragment."""
    if len(packed(source)) == 16:
        if offset or more:
            payload = struct.pack("!BBHI", protocol, 0, offset << 3 | more, identification) + payload
            protocol = 44
        return struct.pack("!IHBB", 6 << 28, len(payload), protocol, ttl) + packed(source) + \
            packed(destination) + payload
    header = struct.pack("!BBHHHBBH", 4 << 4 | 5 + len(options) // 4, 0,
                         20 + len(options) + len(payload), identification,
                         more << 13 | offset, ttl, protocol, 0)
    header += packed(source) + packed(destination) + options
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return header + payload


def extension(next_header, data=bytes([1, 4, 0, 0, 0, 0])):
    """An IPv6 extension header of the common form; by default, the data is a padding option."""
    assert len(data) % 8 == 6
    return bytes([next_header, len(data) // 8]) + data


def arp(source, destination):
    return struct.pack("!HHBBH", 1, IPV4, 6, 4, 1) + MARK + b"\0\0\0\0" + packed(source) + \
        b"\0" * 6 + packed(destination)


def ethernet(kind, payload, tags=()):
    """A frame without its MAC addresses, which Wire.send prepends. tags: (ethertype, id)."""
    frame = b""
    for tag, identifier in tags:
        frame += struct.pack("!HH", tag, identifier)
    return frame + struct.pack("!H", kind) + payload


def enter(namespace):
    """Moves this process into a network namespace (Python 3.11 does not have os.setns)."""
    library = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open("/run/netns/" + namespace, os.O_RDONLY)
    if library.setns(descriptor, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "setns " + namespace)
    os.close(descriptor)


def raw_socket(place):
    namespace, interface = place.split(":", 1)
    enter(namespace)
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    raw.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
    raw.bind((interface, ETH_P_ALL))
    return raw


class Paced:
    """Sends no more than the other end of a veth pair can hold: the ring there has 256 entries,
    and a frame that finds it full is dropped. /proc/net/dev counts what the other end took."""

    IN_FLIGHT = 128

    def __init__(self, place):
        self.socket = raw_socket(place)
        self.interface = place.split(":", 1)[1]
        self.before = self.counted()
        self.sent = 0

    def counted(self):
        with open("/proc/self/net/dev", encoding="ascii") as file:
            for line in file:
                name, _, numbers = line.partition(":")
                if name.strip() == self.interface:
                    numbers = numbers.split()
                    return int(numbers[9]), int(numbers[11])  # sent, dropped
        raise OSError("%s is not in /proc/net/dev" % self.interface)

    def send(self, frame):
        self.socket.send(frame)
        self.sent += 1
        if self.sent % self.IN_FLIGHT == 0:
            self.settle()

    def settle(self):
        """Waits until the other end has taken what was sent."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            taken, dropped = (now - before for now, before in zip(self.counted(), self.before))
            if dropped:
                raise OSError("%d frames were dropped before the filter saw them" % dropped)
            if taken >= self.sent:
                return
            if time.monotonic() > deadline:
                raise TimeoutError("of %d frames %d were taken" % (self.sent, taken))
            time.sleep(0.001)


class Wire:
    """One end of a wire to send from, and the other end where frames arrive when the filter
    passes them. Frames keep their order, so when an ARP frame, which always passes, is sent
    last and arrives, all have been judged. (In skb mode they keep it only on one CPU.)"""

    def __init__(self, sender, receiver):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        self.receiver = raw_socket(receiver)
        self.sender = raw_socket(sender)
        self.destination = self.receiver.getsockname()[4]
        self.number = random.SystemRandom().randrange(1 << 31)

    def send(self, frame):
        """Returns the number that marks the frame."""
        self.number += 1
        mark = MARK + struct.pack("!I", self.number & 0xFFFFFFFF)
        self.sender.send(self.destination + mark + frame)
        return mark

    def arrived(self, limit=PATIENCE_SECONDS):
        """The marks of the frames that came through, once all sent so far have been judged."""
        last = self.send(ethernet(ARP, arp("0.0.0.0", "0.0.0.0")))
        marks = set()
        deadline = time.monotonic() + limit
        while last not in marks:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.receiver], [], [], left)[0]:
                raise TimeoutError("the frame that marks the end did not arrive")
            mark = self.receiver.recv(65536)[6:12]
            if mark.startswith(MARK):
                marks.add(mark)
        marks.discard(last)
        return marks

    def close(self):
        self.sender.close()
        self.receiver.close()


def frames(text):
    """The frames of one FRAME argument."""
    words = text.split()
    tags, fragmented, first = [], False, True
    while words[0] in ("vlan", "vlan-ad", "fragments", "short"):
        word = words.pop(0)
        if word in ("vlan", "vlan-ad"):
            tags.append((VLAN if word == "vlan" else VLAN_AD, int(words.pop(0))))
        else:
            fragmented = True
            first = first and word != "short"
    protocol, source, source_port, destination, destination_port, *rest = words
    ends = (source, int(source_port), destination, int(destination_port))
    if protocol == "tcp":
        number, payload = TCP, tcp(*ends, *rest)
    elif protocol == "udp":
        number, payload = UDP, udp(*ends, bytes.fromhex("".join(rest)))
    else:
        raise ValueError("a frame is tcp or udp, not " + protocol)
    if not fragmented:
        packets = [ip(source, destination, number, payload)]
    else:
        packets = [ip(source, destination, number, payload[8:], offset=1)]
        if first:
            packets.insert(0, ip(source, destination, number, payload[:8], more=True))
    return [ethernet(ethertype(source), packet, tags) for packet in packets]


def probe(sender, receiver, *texts):
    wire = Wire(sender, receiver)
    marks = [[wire.send(frame) for frame in frames(text)] for text in texts]
    arrived = wire.arrived()
    for text, sent in zip(texts, marks):
        got = sum(mark in arrived for mark in sent)
        print("%s %s" % ("arrived" if got == len(sent) else "part" if got else "lost", text))


def random_frame(source, likely_ports):
    """A frame of any kind: mostly well-formed, some cut short, some noise."""
    address4 = source.choice(("203.0.113.10", "192.0.2.20", "198.51.100.77", "127.0.0.1",
                              "198.51.100.10", "198.51.100.200"))
    address6 = source.choice(("2001:db8:c0de::10", "2001:db8:77::77", "::1", "2001:db8:10::10"))
    edge4 = source.choice(("198.51.100.10", "198.51.100.11", "198.51.100.99"))
    edge6 = source.choice(("2001:db8:10::10", "2001:db8:10::11", "2001:db8:10::99"))
    ends = (address4, edge4) if source.random() < 0.6 else (address6, edge6)
    ports = [source.choice((0, source.randrange(65536), *likely_ports)) for _ in range(2)]
    payload = source.randbytes(source.choice((0, 1, 8, 20, 100, 1200)))
    kind = source.randrange(8)
    if kind < 3:
        flags = "".join(letter for letter in FLAGS if source.random() < 0.4)
        number, data = TCP, tcp(ends[0], ports[0], ends[1], ports[1], flags, payload)
    elif kind < 5:
        number, data = UDP, udp(ends[0], ports[0], ends[1], ports[1], payload)
    elif kind < 6:
        number = ICMP if ends[0] == address4 else ICMPV6
        data = icmp(*ends, source.randrange(256))
    else:
        number, data = source.randrange(256), payload
    packet = ip(*ends, number, data, options=b"\1" * source.choice((0, 0, 0, 4, 40)),
                offset=source.choice((0, 0, 0, 0, 1, 100)), more=source.random() < 0.1,
                ttl=source.choice((1, 64, 255)))
    tags = [(source.choice((VLAN, VLAN_AD, VLAN_OLD)), source.randrange(4096))
            for _ in range(source.choice((0, 0, 0, 1, 2, 3)))]
    frame = ethernet(source.choice((ethertype(ends[0]), ethertype(ends[0]), ethertype(ends[0]),
                                    ARP, 0x88CC)), packet, tags)
    if source.random() < 0.2:
        frame = frame[:max(2, source.randrange(len(frame)))]
    if source.random() < 0.1:
        frame += bytes(source.randrange(60))
    return frame


def flood(sender, count, seed, *ports):
    """Prints the number of frames and bytes sent."""
    raw = Paced(sender)
    source = random.Random(int(seed))
    ports = [int(port) for port in ports]
    sent = 0
    for number in range(int(count)):
        frame = b"\xff" * 6 + MARK + struct.pack("!I", number) + random_frame(source, ports)
        raw.send(frame)
        sent += len(frame)
    raw.settle()
    print(count, sent)


def storm(sender, *texts):
    """Prints "started" after the first round, and at the end how often each FRAME was sent."""
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    raw = Paced(sender)
    all_frames = [b"\xff" * 6 + MARK + bytes(4) + frame for text in texts for frame in frames(text)]
    rounds = 0
    while not stop:
        for frame in all_frames:
            raw.send(frame)
        rounds += 1
        if rounds == 1:
            print("started", flush=True)
        if rounds % 16 == 0:
            time.sleep(0.001)
    raw.settle()
    print(rounds)


def listen(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, int(port)), family=family) as server:
        while True:
            with server.accept()[0] as connection, connection.makefile("rb") as lines:
                connection.sendall(lines.readline())


def connect(address, port, source):
    sent = b"%d bytes of media\n" % random.randrange(100000)
    with socket.create_connection((address, int(port)), 10, (source, 0)) as connection, \
            connection.makefile("rb") as lines:
        connection.sendall(sent)
        received = lines.readline()
    if received != sent:
        sys.exit("wrong echo")
    print("connected")


def converse(host, port, source, authority, certificate, key):
    """Talks to "openssl s_server -rev". After each exchange, prints how many there have been; at
    the end, prints that again and how long the longest took, in milliseconds."""
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    context = ssl.create_default_context(cafile=authority)
    context.check_hostname = False
    context.load_cert_chain(certificate, key)
    count, longest = 0, 0.0
    with socket.create_connection((host, int(port)), 5, (source, 0)) as plain, \
            context.wrap_socket(plain) as connection, connection.makefile("rb") as answers:
        while not stop:
            line = b"exchange %d" % count
            begin = time.monotonic()
            connection.sendall(line + b"\n")
            answer = answers.readline().rstrip(b"\n")
            longest = max(longest, time.monotonic() - begin)
            if answer != line[::-1]:
                sys.exit("wrong answer: %r" % answer)
            count += 1
            print(count, flush=True)
            time.sleep(0.005)
    print(count, round(longest * 1000))


def main():
    verbs = {"probe": probe, "flood": flood, "storm": storm, "listen": listen,
             "connect": connect, "converse": converse}
    if len(sys.argv) < 2 or sys.argv[1] not in verbs:
        sys.exit(__doc__)
    try:
        verbs[sys.argv[1]](*sys.argv[2:])
    except (OSError, EOFError) as error:
        sys.exit("wire.py %s: %s" % (sys.argv[1], error))


if __name__ == "__main__":
    main()
