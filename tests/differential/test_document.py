#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holds docs/classification.md and docs/wire.md against the code, both ways.

The tables of the two pages are read, and compared with the lists that the program is made of
(include/pimxdp/*.def, constants of bpf/*.h) and with what the classifier does to frames. A check
returns the differences it finds; that each can find some is tested by planting errors in the pages.
"""

import functools
import ipaddress
import os
import random
import re
import unittest

import classifier
from classifier import BUILT_IN, OPTIONS, REASONS, STUN_ROWS, Classifier, is_martian, stun_shape
from frames import IPV4, IPV6, SYN, Generator, ethernet, ipv4, ipv6, tcp
from policies import random_policy
from test_classifier import (EDGE, EDGE6, PARTNER, PARTNER6, SHAPES, STRANGER, STRANGER6,
                             policy)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FRAMES = 2000  # of each policy
POLICIES = 24  # enough for random_policy to cover the values of each option
PAYLOADS = 20000


def read(*parts):
    with open(os.path.join(ROOT, *parts), encoding="utf-8") as file:
        return file.read()


CLASSIFICATION = read("docs", "classification.md")
WIRE = read("docs", "wire.md")


# ---- the pages ----

class PageError(Exception):
    """A page has something in a form that cannot be read; what and where."""


READ = set()  # the markers of the tables that checks have asked for


def table(text, marker):
    """Rows of the table after <!-- marker -->, cells as text without quotes around them.

    Refuses what is not one well-formed table: a parser that skips a line hides it.
    """
    READ.add(marker)
    parts = text.split(f"<!-- {marker} -->\n")
    if len(parts) != 2:
        raise PageError(f"{len(parts) - 1} tables are marked {marker}, wanted one")
    rows = []
    for line in parts[1].split("\n"):
        if not line.startswith("|"):
            break
        if not line.endswith("|"):
            raise PageError(f"{marker}: a row without its end: {line}")
        rows.append([cell.strip() for cell in line[1:-1].split("|")])
    if len(rows) < 3 or any(len(row) != len(rows[0]) for row in rows):
        raise PageError(f"{marker}: not a table with a heading and equal rows")
    if any(not re.fullmatch(":?-+:?", cell) for cell in rows[1]):
        raise PageError(f"{marker}: no line under the heading")
    return [[cell.removeprefix("`").removesuffix("`") if cell.count("`") == 2 else cell
             for cell in row] for row in rows[2:]]


def same(what, written, true):
    """The differences, as text, of two lists or sets."""
    if written == true:
        return []
    if isinstance(true, (set, frozenset)):
        return [f"{what}: only on the page: {entry}" for entry in sorted(written - true, key=str)] + [
            f"{what}: not on the page: {entry}" for entry in sorted(true - written, key=str)]
    if isinstance(true, list) and len(true) == len(written):
        return [f"{what}: on the page {page}, in the code {code}"
                for page, code in zip(written, true) if page != code]
    return [f"{what}: on the page {written}, in the code {true}"]


# ---- the program's lists ----

def definitions(name, macro):
    """The arguments of every MACRO(...) of a .def file, strings without their quotes."""
    text = re.sub(r"/\*.*?\*/", "", read("include", "pimxdp", name), flags=re.S)
    found = []
    for arguments in re.findall(rf'^{macro}\(((?:[^()"]|"(?:[^"\\]|\\.)*")*)\)', text, re.M):
        found.append([
            re.sub(r"\\(.)", r"\1", part[1:-1]) if part.startswith('"') else part
            for part in re.findall(r'"(?:[^"\\]|\\.)*"|[^\s,]+', arguments)])
    if not found:
        raise PageError(f"{name} has no {macro}")
    return found


@functools.lru_cache
def constants():
    """Numbers that a header of both sides or of the program gives a name, by name."""
    found = {}
    for folder in ("include/pimxdp", "bpf"):
        for name in sorted(os.listdir(os.path.join(ROOT, folder))):
            if name.endswith(".h"):
                for match in re.finditer(r"\b(PIM_[A-Z0-9_]+)(?: = |[ \t]+)(0x[0-9a-f]+|\d+)u?\b",
                                         read(folder, name)):
                    found.setdefault(match[1], int(match[2], 0))
    return found


# ---- docs/classification.md: lists ----

def check_rows(text):
    ends = {role: (kind, name) for role, kind, name, _ in definitions("roles.def", "PIM_ROLE")}
    program, other = [], []
    for number, row in enumerate(definitions("policy.def", "PIM_ROW"), 1):
        _, name, service, transport, low, high, direction, edge, peer, end, shape = row
        edge, peer = ends[edge][1], ends[peer][1]
        inward = direction == "IN"
        program.append([
            str(number), name, service, transport, low if low == high else f"{low}-{high}",
            *((peer, edge) if inward else (edge, peer)), "forward" if inward else "reply",
            "rtp-port-end" if end == "OPTION" else "destination" if inward else "source",
            "any" if shape == "ANY" else shape])
    for number, row in enumerate(BUILT_IN, 1):
        inward = row.direction == "in"
        (low, high), = row.ports
        other.append([
            str(number), row.name, row.transport.upper(),
            str(low) if low == high else f"{low}-{high}",
            *((row.peers, row.edge) if inward else (row.edge, row.peers)),
            "STUN" if row.name in STUN_ROWS else "any"])
    written = table(text, "rows")
    return same("rows, policy.def", written, program) + same(
        "rows, classifier", [[*row[:2], *row[3:7], row[9]] for row in written], other)


def check_roles(text):
    written = table(text, "roles")
    true = [[name, kind.lower(), "destination" if kind == "EDGE" else "source", title]
            for _, kind, name, title in definitions("roles.def", "PIM_ROLE")]
    return (same("roles, roles.def", [row[:4] for row in written], true)
            + same("edge roles, classifier", {row[0] for row in written if row[1] == "edge"},
                   set(classifier.EDGE_ROLES))
            + same("peer roles, classifier", {row[0] for row in written if row[1] == "peer"},
                   set(classifier.PEER_ROLES)))


def check_limits(text):
    code = constants()
    return same("limits", table(text, "limits"), [
        ["rows, built-in and services", str(code["PIM_ROWS_MAX"])],
        ["named partners", str(code["PIM_PARTNERS_MAX"] - 1)],  # 0 is no partner
        ["lowest port of a row", "1"],
        ["highest port of a row", str(code["PIM_PORTS"] - 1)],
        ["VLAN tags", str(code["PIM_VLAN_TAGS_MAX"])],
        ["IPv6 extension headers", str(code["PIM_EXT_MAX"])],
    ]) + same("limits, classifier", [row[1] for row in table(text, "limits")[4:]],
              [str(classifier.VLAN_TAGS_MAX), str(classifier.EXTENSIONS_MAX)])


def check_reasons(text):
    written = table(text, "reasons")
    true = [[reason, verdict.lower(), meaning]
            for verdict, _, reason, meaning in definitions("reasons.def", "PIM_OUTCOME")]
    return (same("reasons, reasons.def", [[row[0], row[1], row[3]] for row in written], true)
            + same("reasons, classifier", {row[0] for row in written}, set(REASONS)))


def check_options(text):
    written = [[row[0], re.findall(r"`([a-z]+)`", row[1])] for row in table(text, "options")]
    true = [[name, [value[3] for value in definitions("options.def", "PIM_OPTION_VALUE")
                    if value[0] == option]]
            for option, _, name in definitions("options.def", "PIM_OPTION")]
    return same("options, options.def", written, true) + same(
        "options, classifier", written, [[name, list(values)] for name, values in OPTIONS.items()])


def check_martians(text):
    written = [row[:2] for row in table(text, "martians")]
    true = []
    for word, length, title in definitions("martians.def", "PIM_MARTIAN4"):
        true.append([ipaddress.IPv4Network((int(word, 0), int(length))), title])
    for *words, length, title in definitions("martians.def", "PIM_MARTIAN6"):
        number = int.from_bytes(b"".join(int(word, 0).to_bytes(4, "big") for word in words), "big")
        true.append([ipaddress.IPv6Network((number, int(length))), title])
    ranges = [ipaddress.ip_network(row[0]) for row in written]
    found = same("martians, martians.def", [[network, row[1]] for network, row
                                            in zip(ranges, written)], true)
    for network in ranges:
        size = network.max_prefixlen // 8
        first, last = int(network[0]), int(network[-1])
        for number in (first - 1, first, last, last + 1):
            if 0 <= number < 1 << size * 8:
                source = ipaddress.ip_address(number.to_bytes(size, "big"))
                inside = any(source in other for other in ranges
                             if other.version == source.version)
                if is_martian(source.packed) != inside:
                    found.append(f"martians, classifier: {source}, on the page "
                                 f"{'a martian' if inside else 'none'}")
    return found


def check_extensions(text):
    rows = table(text, "extensions")
    numbers = {int(row[0]) for row in rows}
    found = same("extension headers, parse.h", numbers, {
        number for name, number in constants().items()
        if name.startswith("PIM_EXT_") and name != "PIM_EXT_MAX"})
    found += same("extension headers, classifier", numbers, set(classifier.EXTENSIONS))
    judge = Classifier(policy())
    for number, name, size, _ in rows:
        match = re.fullmatch(r"(\d+)(?: x \(length \+ (\d+)\))?", size)
        for length in (1, 3):  # a fragment header has no length field, only a reserved byte
            size = int(match[1]) * (length + int(match[2]) if match[2] else 1)
            head = bytes((6, length, 4 if number == "43" else 0)).ljust(size, b"\0")
            for given, wanted in ((size, "rule"), (size - 1, "truncated")):
                body = head[:given] if given < size else head + tcp(9, 5061, SYN)
                frame = ethernet(IPV6, ipv6(PARTNER6, EDGE6, int(number), body))
                if judge.decide(frame)[1] != wanted:
                    found.append(f"extension header {name}: {size} bytes on the page, and with "
                                 f"{given} the classifier says {judge.decide(frame)}")
    return found


def check_icmp(text):
    written = set()
    for version, kind, _, hop_limit in table(text, "icmp"):
        if hop_limit not in ("any", "255"):
            return [f"icmp: hop limit {hop_limit}"]
        written |= {(int(version), int(kind), hops) for hops in (1, 254, 255)
                    if hop_limit in ("any", str(hops))}
    judge = Classifier(policy())
    true = set()
    for kind in range(256):
        message = bytes((kind,)) + bytes(7)
        for hops in (1, 254, 255):
            for version, frame in (
                    (4, ethernet(IPV4, ipv4(STRANGER, EDGE, 1, message, ttl=hops))),
                    (6, ethernet(IPV6, ipv6(STRANGER6, EDGE6, 58, message, hop_limit=hops)))):
                if judge.decide(frame)[:2] == ("pass", "icmp"):
                    true.add((version, kind, hops))
    return same("icmp, classifier: (IP, type, hop limit)", written, true)


def check_flags(text):
    bits = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32}
    rules = []
    for rule, in table(text, "flags"):
        none = rule.removeprefix("none of ")
        names = none.split(", ") if none != rule else rule.split(" with ")
        rules.append((none != rule, sum(bits[name] for name in names)))
    judge = Classifier(policy())
    written, true = set(), set()
    for flags in range(256):
        if any(flags & mask == (0 if none else mask) for none, mask in rules):
            written.add(flags)
        if judge.decide(ethernet(IPV4, ipv4(PARTNER, EDGE, 6, tcp(9, 5061, flags))))[1] == "tcp-flags":
            true.add(flags)
    return same("flags, classifier", written, true)


def check_least(text):
    """Frames in which the header has as many bytes as the page says, and one less."""
    def frame4(protocol, size):
        return ethernet(IPV4, ipv4(PARTNER, EDGE, protocol, bytes(size)))

    made = {
        "Ethernet": bytes,
        "VLAN tag": lambda size: ethernet(0x8100, bytes(size)),
        "IPv4": lambda size: ethernet(IPV4, (b"\x45\0\0\x14" + bytes(16))[:size].ljust(size, b"\0")),
        "IPv6": lambda size: ethernet(IPV6, (b"\x60" + bytes(39))[:size].ljust(size, b"\0")),
        "IPv6 extension": lambda size: ethernet(IPV6, ipv6(PARTNER6, EDGE6, 60, (b"\x3b" + bytes(7))[:size])),
        "ICMP": lambda size: frame4(1, size),
        "TCP": lambda size: frame4(6, size),
        "UDP": lambda size: frame4(17, size),
    }
    judge = Classifier(policy())
    rows = table(text, "least")
    found = same("least bytes", [row[0] for row in rows], list(made))
    for header, size, within, step in rows:
        if header not in made:
            continue
        found += same(f"{header} is within", within, "frame" if int(step) < 4 else "datagram")
        short = judge.decide(made[header](int(size) - 1))
        if (short[1], short.step) != ("truncated", int(step)):
            found.append(f"{header} of {size} bytes less one: {short}, in step {short.step}")
        whole = judge.decide(made[header](int(size)))
        if (whole[1], whole.step) == ("truncated", int(step)):
            found.append(f"{header} of {size} bytes: {whole}, in step {whole.step}")
    return found


# ---- docs/classification.md: steps ----

@functools.lru_cache
def judged():
    """(policy, frames) of each of a run's policies, and the (step, verdict, reason) there were."""
    cases, seen = [], set()
    for index in range(POLICIES):
        rng = random.Random(f"document/{index}")
        made = random_policy(rng, index)
        judge = Classifier(made)
        frames = list(Generator(made, judge, rng, short=True).frames(FRAMES))
        for frame in frames:
            decision = judge.decide(frame)
            seen.add((decision.step, *decision[:2]))
        cases.append((made, frames))
    return cases, seen


def check_steps(text):
    """What the page has for each step, what the classifier has for it, and the table of reasons."""
    numbers = [int(number) for number in re.findall(r"^### Step (\d+): ", text, re.M)]
    marked = [int(number) for number in re.findall(r"^<!-- step (\d+) -->$", text, re.M)]
    written = {(number, *row[1:3]) for number in marked for row in table(text, f"step {number}")}
    by_reason = {(int(step), verdict, reason) for reason, verdict, steps, _ in table(text, "reasons")
                 for step in steps.split(", ")}
    _, seen = judged()
    found = same("headings of steps, and their tables", numbers, marked)
    found += same("steps, in order", numbers, sorted(set(numbers)))
    found += same("steps, classifier", written, seen)
    found += same("the steps of a reason, classifier", by_reason, seen)
    # A step's table stands under its own heading.
    for number, section in re.findall(r"^### Step (\d+): .*?$(.*?)(?=^##)", text, re.M | re.S):
        found += same(f"tables of steps under step {number}",
                      re.findall(r"^<!-- step (\d+) -->$", section, re.M), [number])
    return found


@functools.lru_cache
def changed_by_option():
    """Option to the earliest steps of the decisions that another value of it changes."""
    cases, _ = judged()
    steps = {name: set() for name in OPTIONS}
    for made, frames in cases:
        # Built-in rows alone: no row after rtp-out can then admit what rtp-out no longer does.
        made = classifier.Policy(**{**vars(made), "services": [], "options": {}, "disable": []})
        usual = [Classifier(made).decide(frame) for frame in frames[:500]]
        for name, values in OPTIONS.items():
            for value in values[1:]:
                made.options = {name: value}
                judge = Classifier(made)
                for frame, decision in zip(frames, usual):
                    other = judge.decide(frame)
                    if other != decision:
                        steps[name].add(min(other.step, decision.step))
    return steps


def check_option_steps(text):
    written = {row[0]: set() if row[2] == "-" else {int(step) for step in row[2].split(", ")}
               for row in table(text, "options")}
    return same("options and their steps", set((name, *sorted(steps)) for name, steps in written.items()),
                set((name, *sorted(steps)) for name, steps in changed_by_option().items()))


def check_prose(text):
    """Numbers that stand in sentences, where no table has them."""
    plain = " ".join(text.split())
    tags = re.search(r"by the TPIDs (.*?), in any mixture", plain)
    code = constants()
    found = [f"not on the page: {sentence}" for sentence in (
        "There are fourteen steps, numbered 1 to 13 and 15.", "Protocol 1 on IPv4, 58 on IPv6.",
        "neither TCP (6) nor UDP (17)") if sentence not in plain]
    written = {int(tpid, 0) for tpid in re.findall(r"0x[0-9a-f]{4}", tags[1] if tags else "")}
    found += same("TPIDs, classifier", written, set(classifier.TPIDS))
    found += same("TPIDs, parse.h", written, {code["PIM_ETHERTYPE_VLAN"], code["PIM_ETHERTYPE_QINQ"],
                                              code["PIM_ETHERTYPE_QINQ_OLD"]})
    return found + same("number of steps", len(re.findall(r"^### Step ", text, re.M)), 14)


# ---- docs/wire.md ----

@functools.lru_cache
def payloads():
    rng = random.Random("document/wire")
    made = random_policy(rng, 0)
    generator = Generator(made, Classifier(made), rng)
    found = [generator.shape(0.6) for _ in range(PAYLOADS)]
    found += [payload for _, payload in SHAPES]
    # Each first byte, and lengths about every least one.
    for payload in list(found[-len(SHAPES):]):
        for first in range(256):
            found.append(bytes((first,)) + payload[1:])
        for size in range(len(payload)):
            found.append(payload[:size])
    return found


def number_range(text):
    """The numbers of "0x40-0x4f" or "192-223" or "255"."""
    low, _, high = text.partition("-")
    return range(int(low, 0), int(high or low, 0) + 1)


def clause(text):
    """A test of (payload, L) from one of the forms that the column "and" has."""
    match = re.fullmatch(r"L a multiple of (\d+)", text)
    if match:
        return lambda payload, length: length % int(match[1]) == 0
    match = re.fullmatch(r"second byte (not )?(\d+-\d+)", text)
    if match:
        return lambda payload, length: (payload[1] in number_range(match[2])) != bool(match[1])
    match = re.fullmatch(r"(not |one of )?((?:[0-9a-f]{2}[ ,]*)+) at (\d+)", text)
    if match:
        at = int(match[3])
        values = [bytes.fromhex(value) for value in match[2].split(", ")]
        return lambda payload, length: any(
            payload[at : at + len(value)] == value for value in values) != (match[1] == "not ")
    raise PageError(f"shapes: unknown words: {text}")


class Shape:
    """A row of the table of shapes, as a predicate."""

    def __init__(self, name, options, first, least, by_length, also, _):
        self.name = name
        self.options = options.split(", ")
        self.first = number_range(first)
        match = re.fullmatch(r"(\d+)(?: \+ (\d+) x CC)?", least)
        self.least, self.per_source = int(match[1]), int(match[2] or 0)
        self.beyond = None
        if by_length != "any":
            ends = re.fullmatch(r"L \+ (\d+)(?: to L \+ (\d+))?", by_length)
            self.beyond = range(int(ends[1]), int(ends[2] or ends[1]) + 1)
        self.clauses = [clause(part) for part in also.split("; ") if part]

    def fits(self, payload):
        size = len(payload)
        if size < 4:
            return False
        length = payload[2] << 8 | payload[3]
        return (payload[0] in self.first
                and size >= self.least + self.per_source * (payload[0] & 15)
                and (self.beyond is None or size - length in self.beyond)
                and all(test(payload, length) for test in self.clauses))


def check_shapes(text):
    shapes = [Shape(*row) for row in table(text, "shapes")]
    found, seen = [], set()
    for payload in payloads():
        for media, option in ((True, "media"), (False, "strict")):
            written = next((shape.name for shape in shapes
                            if option in shape.options and shape.fits(payload)), None)
            true = stun_shape(payload, media)
            if media:
                seen.add(true)
            if written != true:
                found.append(f"shapes, {option}: {payload[:32].hex()}, {len(payload)} bytes: on the "
                             f"page {written}, in the classifier {true}")
    return found[:5] + same("shapes", {shape.name for shape in shapes}, seen - {None})


def check_wire_numbers(text):
    written = {name: int(value, 0) for name, value, _ in table(text, "numbers")}
    true = {match[1]: int(match[2], 0) for match in re.finditer(
        r"\b(PIM_[A-Z0-9_]+) = (0x[0-9a-f]+|\d+),", read("bpf", "stun.h"))}
    return same("numbers, stun.h", set(written.items()), set(true.items()))


def check_wire_ports(text):
    """What else arrives, and the services that the sample configuration has for it."""
    section = text.split("## What else arrives")[1].split("\n## ")[0]
    rows = "".join(line for line in section.split("\n") if line.startswith("|"))
    sample = read("examples", "partners.conf").partition("# Rows in addition")[2].partition("\n)")[0]
    return same("ports of services", set(re.findall(r"(?:TCP|UDP) (\d+(?:-\d+)?)", rows)),
                {port for ports in re.findall(r"ports = \[([^]]*)\]", sample)
                 for port in re.findall(r'"([0-9-]+)"', ports)})


CHECKS = {
    check_rows: CLASSIFICATION, check_roles: CLASSIFICATION, check_limits: CLASSIFICATION,
    check_reasons: CLASSIFICATION, check_options: CLASSIFICATION, check_martians: CLASSIFICATION,
    check_extensions: CLASSIFICATION, check_icmp: CLASSIFICATION, check_flags: CLASSIFICATION,
    check_least: CLASSIFICATION, check_steps: CLASSIFICATION, check_option_steps: CLASSIFICATION,
    check_prose: CLASSIFICATION,
    check_shapes: WIRE, check_wire_numbers: WIRE, check_wire_ports: WIRE,
}

# (the check that must notice, what stands on the page, what is put in its place)
PLANTED = (
    (check_rows, "TCP | 443 |", "TCP | 444 |"),
    (check_rows, "| `rtp-port-end` | any |", "| source | any |"),
    (check_rows, "| 6 | `stun-in` |", "| 6 | `stun-inn` |"),
    (check_rows, "| destination | STUN |", "| destination | any |"),
    (check_roles, "| `client` | peer |", "| `client` | order |"),
    (check_roles, "public IM partner | `partners`", "IM partner | `partners`"),
    (check_limits, "| VLAN tags | 2 |", "| VLAN tags | 3 |"),
    (check_limits, "| 65534 |", "| 65535 |"),
    (check_reasons, "| `martian` | drop | 5 | a source address that cannot be |\n", ""),
    (check_reasons, "| `icmp` | pass | 10 | ICMP that hosts need |",
     "| `icmp` | drop | 10 | ICMP that hosts need |"),
    (check_reasons, "more than two VLAN tags", "more than two tags"),
    (check_reasons, "| `rule` | pass | 15 | admitted",
     "| `limit` | drop | 14 | too many |\n| `rule` | pass | 15 | admitted"),
    (check_options, "`drop`, `classify`", "`classify`, `drop`"),
    (check_options, "`either`, `edge`, `peer`", "`either`, `edge`"),
    (check_martians, "| 240.0.0.0/4 |", "| 240.0.0.0/5 |"),
    (check_martians, "| ff00::/8 |", "| fe00::/7 |"),
    (check_extensions, "| 139 | Host", "| 138 | Host"),
    (check_extensions, "4 x (length + 2)", "4 x (length + 1)"),
    (check_icmp, "| 6 | 137 | Redirect | 255 |", "| 6 | 137 | Redirect | any |"),
    (check_icmp, "| 4 | 12 | Parameter Problem | any |\n", ""),
    (check_flags, "| SYN with RST |\n", ""),
    (check_flags, "none of SYN, ACK, RST", "none of SYN, ACK"),
    (check_least, "| TCP | 20 |", "| TCP | 21 |"),
    (check_least, "| ICMP | 8 |", "| ICMP | 4 |"),
    (check_least, "| UDP | 8 | datagram | 11 |", "| UDP | 8 | datagram | 12 |"),
    (check_steps, "| drop | `port-zero` | RFC 6335 6 |", "| pass | `port-zero` | RFC 6335 6 |"),
    (check_steps, "| the source has the role `block` | drop | `blocked` | |",
     "| the source has the role `block` | drop | `role` | |"),
    (check_steps, "| `blocked` | drop | 7 |", "| `blocked` | drop | 6 |"),
    (check_steps, "| drop | 1, 3, 8, 10, 11 |", "| drop | 1, 3, 10, 11 |"),
    (check_steps, "| drop | 3, 11 |", "| drop | 1, 3, 11 |"),
    (check_steps, "<!-- step 6 -->", "<!-- step 16 -->"),
    (check_steps, "### Step 15: admitted", "### Step 14: admitted"),
    (check_option_steps, "`drop`, `pass` | 8, 9 |", "`drop`, `pass` | 9 |"),
    (check_option_steps, "`enforce`, `observe` | - |", "`enforce`, `observe` | 15 |"),
    (check_option_steps, "`strict`, `off` | 13 |", "`strict`, `off` | 12 |"),
    (check_prose, "0x9100", "0x9200"),
    (check_prose, "There are fourteen steps", "There are fifteen steps"),
    (check_shapes, "0x40-0x4f", "0x40-0x5f"),
    (check_shapes, "0x50-0x7f", "0x50-0x7e"),
    (check_shapes, "`channel-data-5766` | media |", "`channel-data-5766` | media, strict |"),
    (check_shapes, "0x50-0x7f | 4 | L + 4 to L + 7", "0x50-0x7f | 4 | L + 4 to L + 8"),
    (check_shapes, "0x40-0x4f | 4 | L + 4 to L + 7", "0x40-0x4f | 4 | L + 4 to L + 6"),
    (check_shapes, "| 28 | L + 20 |", "| 28 | L + 24 |"),
    (check_shapes, "12 + 4 x CC", "12"),
    (check_shapes, "second byte 192-223", "second byte 193-223"),
    (check_shapes, "L a multiple of 4; ", ""),
    (check_shapes, "`rtp` | media |", "`rtp` | media, strict |"),
    (check_shapes, "01 01, 01 11 at 0", "01 01 at 0"),
    (check_shapes, "| L + 4 | 10 at 1 |", "| L + 4 | 11 at 1 |"),
    (check_shapes, "c6 4b c6 at 20", "c6 4b c7 at 20"),
    (check_wire_numbers, "| `PIM_RTCP_TYPE_LAST` | 223 |", "| `PIM_RTCP_TYPE_LAST` | 224 |"),
    (check_wire_ports, "| TCP 5269 |", "| TCP 5268 |"),
)


@functools.lru_cache
def differences(check):
    return check(CHECKS[check])


class DocumentTest(unittest.TestCase):
    """A method a check; they are made below, so that none is forgotten."""

    def test_every_table_is_read(self):
        for check in CHECKS:
            differences(check)
        marked = re.findall(r"^<!-- (.*?) -->$", CLASSIFICATION, re.M)
        self.assertEqual(len(marked), len(re.findall(r"^\|[ |:-]+\|$", CLASSIFICATION, re.M)))
        marked += re.findall(r"^<!-- (.*?) -->$", WIRE, re.M)
        self.assertEqual(set(marked) - READ, set())

    def test_every_check_notices_what_is_planted(self):
        self.assertEqual({check for check, _, _ in PLANTED}, set(CHECKS))
        for check, stands, planted in PLANTED:
            text = CHECKS[check]
            with self.subTest(check=check.__name__, planted=planted):
                self.assertEqual(text.count(stands), 1, stands)
                try:
                    noticed = check(text.replace(stands, planted))
                except PageError as error:
                    noticed = [str(error)]
                self.assertNotEqual(noticed, [])


def _test_of(check):
    return lambda self: self.assertEqual(differences(check), [])


for _check in CHECKS:
    setattr(DocumentTest, "test_" + _check.__name__.removeprefix("check_"), _test_of(_check))


if __name__ == "__main__":
    unittest.main()
