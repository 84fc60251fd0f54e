# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Random policies for the differential test, and the configuration files that say the same."""

import ipaddress
import os

from classifier import BUILT_IN, OPTIONS, Policy, Service

# Where the prefixes of a policy are drawn from: few enough that the lists overlap. 0/8 to 240/4 and
# their IPv6 kin are there because a role must not make a martian welcome.
_ROOTS = {
    4: ("203.0.113.0/24", "192.0.2.0/24", "198.18.0.0/15", "10.0.0.0/8", "100.64.0.0/10",
        "172.16.0.0/12", "8.0.0.0/7", "126.0.0.0/8", "128.0.0.0/2", "0.0.0.0/1", "223.255.0.0/16",
        "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3"),
    6: ("2001:db8::/32", "2001:db8:c0de::/48", "2400::/12", "fd00::/8", "fe80::/10", "2000::/3",
        "64:ff9b::/96", "::/96", "::/8", "8000::/1", "ff00::/8"),
}
_BITS = {4: 32, 6: 128}
_NETWORK = {4: ipaddress.IPv4Network, 6: ipaddress.IPv6Network}
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_EDGES = {
    4: ("198.51.100.10", "198.51.100.11", "10.1.2.3", "203.0.113.129", "1.0.0.0",
        "223.255.255.255"),
    6: ("2001:db8:10::10", "2001:db8:10::11", "fd00::1", "2400:0:0:1::", "fe80::1:2", "1::"),
}
_NAMES = ("contoso", "fabrikam", "yahoo", "aol", "msn", "litware", "northwind", "proseware", "a",
          "tailspin-toys", "Wing_Tip", "partner.13")
_SERVICE_PORTS = (53, 80, 443, 444, 5269, 5061, 3478, 50000, 59999, 1, 65535, 49152, 1024)


def _random_prefix(rng, version, known):
    """A prefix of one of the roots, at times inside or around one that is known already."""
    kind = rng.random()
    bits = _BITS[version]
    same = [prefix for prefix in known[-64:] if prefix.version == version]
    if kind < 0.35 and same:
        near = rng.choice(same)
        if rng.random() < 0.6:
            length = min(bits, near.prefixlen + rng.choice((1, 1, 2, 7, 8, 16, bits)))
        else:
            length = max(1, near.prefixlen - rng.choice((1, 1, 2, 5, 8)))
        base = near
    else:
        weights = [6] * (len(_ROOTS[version]) - 4) + [1] * 4
        base = ipaddress.ip_network(rng.choices(_ROOTS[version], weights)[0])
        length = rng.choice((base.prefixlen, bits, rng.randint(base.prefixlen, bits)))
    number = int(base.network_address)
    if length > base.prefixlen:
        number |= rng.getrandbits(bits - base.prefixlen)
    number = number >> (bits - length) << (bits - length)
    return _NETWORK[version]((number, length))


def _prefix_list(rng, count, taken, known):
    """count prefixes as text; none is in taken, to which they are added."""
    texts = []
    for _ in range(count):
        prefix = _random_prefix(rng, rng.choice((4, 4, 6)), known)
        if prefix in taken or (prefix.version == 6 and prefix.subnet_of(_MAPPED)):
            continue  # the program refuses IPv4 in IPv6 notation
        taken.add(prefix)
        known.append(prefix)
        texts.append(str(prefix))
    return texts


def _port_ranges(rng):
    """One to five ranges that do not touch each other's ports."""
    ranges = []
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        low = rng.choice(_SERVICE_PORTS) if rng.random() < 0.7 else rng.randint(1, 65535)
        high = min(65535, low + rng.choice((0, 0, 0, 1, 2, 9, 100, 9999, 65535)))
        if all(high < other[0] or low > other[1] for other in ranges):
            ranges.append((low, high))
    return ranges


def _services(rng, count):
    return [
        Service(f"extra-{index + 1}", rng.choice(("tcp", "udp")), rng.choice(("in", "out")),
                rng.choice(("access", "av")), rng.choice(("partner", "client", "messenger")),
                _port_ranges(rng))
        for index in range(count)
    ]


def random_policy(rng, index):
    """Policy number index of a run; the number picks what must come up in every run."""
    versions = ((4, 6), (4, 6), (4,), (6,))[index % 4]
    edges = [text for version in versions for text in rng.sample(_EDGES[version], 3)]
    rng.shuffle(edges)
    if index % 3 == 0:
        access, av = edges, None
    elif index % 3 == 1:  # none on both sides
        access = [text for text in edges if edges.index(text) % 2 == 0] or edges[:1]
        av = [text for text in edges if text not in access] or edges[:1]
    else:  # some on both
        access, av = edges[: len(edges) // 2 + 1], edges[len(edges) // 2 :]

    known = []
    partners_taken = set()
    partners = [
        (name, _prefix_list(rng, rng.choice((0, 1, 2, 4, 8)), partners_taken, known))
        for name in rng.sample(_NAMES, rng.randint(1, 6))
    ]
    if index == 5:  # one long list: a table of a few entries may hide a search that is wrong
        partners[0][1].extend(_prefix_list(rng, 3000, partners_taken, known))
    if index == 7:
        partners[0][1].extend(
            text for text in ("0.0.0.0/0", "::/0")
            if ipaddress.ip_network(text) not in partners_taken)

    clients = _prefix_list(rng, rng.randint(1, 6), set(), known)
    if rng.random() < 0.25:
        clients = ["0.0.0.0/0", "::/0"]
    messenger = None
    if index == 3:
        messenger = []  # explicitly empty, which is not the same as left out
    elif rng.random() < 0.5:
        messenger = _prefix_list(rng, rng.randint(1, 6), set(), known)
    block = _prefix_list(rng, rng.choice((0, 1, 3, 6)), set(), known)
    if index == 9:
        block.append("0.0.0.0/0" if "0.0.0.0/0" not in block else "::/0")
    # An administrator from an edge address is still a martian.
    failsafe = _prefix_list(rng, rng.choice((0, 1, 2, 4)), set(), known)
    if rng.random() < 0.3 and ipaddress.ip_network(access[0]) not in map(
            ipaddress.ip_network, failsafe):
        failsafe.append(access[0])

    options = {}
    for name, values in OPTIONS.items():
        # The first few cover each value, the rest their combinations.
        value = values[index % len(values)] if index < 3 else rng.choice(values)
        if value != values[0] or rng.random() < 0.7:
            options[name] = value
    return Policy(
        access=access, av=av, partners=partners, clients=clients, messenger=messenger, block=block,
        failsafe=failsafe, services=_services(rng, rng.choice((0, 2, 4, 6))),
        disable=rng.sample([row.name for row in BUILT_IN], (0, 0, 0, 1, 2)[index % 5]),
        options=options)


class _Writer:
    """Writes a policy in the ways that libconfig's grammar leaves free."""

    def __init__(self, rng, folder):
        self.rng = rng
        self.folder = folder
        self.files = 0

    def _end(self):
        return self.rng.choice((";", ",", "", "  # a comment", " // a comment"))

    def _address(self, text):
        """One of the ways to write a prefix."""
        network = ipaddress.ip_network(text)
        if network.prefixlen == network.max_prefixlen and self.rng.random() < 0.5:
            text = str(network.network_address)
        if network.version == 6:
            style = self.rng.random()
            if style < 0.15:
                text = text.upper()
            elif style < 0.3:
                text = f"{network.network_address.exploded}/{network.prefixlen}"
        return text

    def _array(self, texts):
        return "[ " + ", ".join(f'"{text}"' for text in texts) + " ]"

    def _list_file(self, texts):
        """Writes a file of prefixes and returns its name relative to the configuration."""
        self.files += 1
        name = f"lists/{self.files}.prefixes"
        os.makedirs(os.path.join(self.folder, "lists"), exist_ok=True)
        lines = ["# prefixes, one a line", ""]
        for text in texts:
            lines.append(self._address(text))
            if self.rng.random() < 0.1:
                lines.append(self.rng.choice(("", "# a comment", "#")))
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
            file.write("\n".join(lines))
            file.write(self.rng.choice(("\n", "")))  # a last line without an end is a line
        return name

    def _prefixes(self, texts):
        """The members addresses and files of a group."""
        inline = texts[:40]
        members = []
        cut = len(inline)
        if self.rng.random() < 0.4:
            cut = self.rng.randint(0, len(inline))
        if cut or len(texts) == 0:
            members.append("addresses = " + self._array(map(self._address, texts[:cut])))
        if cut < len(texts):
            middle = (cut + len(texts)) // 2
            files = [part for part in (texts[cut:middle], texts[middle:]) if part]
            members.append("files = " + self._array([self._list_file(part) for part in files]))
        self.rng.shuffle(members)
        return members

    def _service(self, service):
        ports = [str(low) if low == high else f"{low}-{high}" for low, high in service.ports]
        members = [f'name = "{service.name}"', f'transport = "{service.transport}"',
                   f'direction = "{service.direction}"', f'edge = "{service.edge}"',
                   f'peers = "{service.peers}"', f"ports = {self._array(ports)}"]
        self.rng.shuffle(members)
        return "{ " + self.rng.choice((", ", "; ", " ")).join(members) + " }"

    def text(self, policy):
        def group(members):
            return "{ " + self.rng.choice(("; ", ", ", "\n        ")).join(members) + " }"

        edge = ["access = " + self._array(policy.access)]
        if policy.av is not None:
            edge.append("av = " + self._array(policy.av))
        settings = ["edge = " + group(edge)]
        settings.append("partners = (\n    " + ",\n    ".join(
            group([f'name = "{name}"'] + self._prefixes(prefixes))
            for name, prefixes in policy.partners) + " )")
        for name in ("clients", "messenger", "block", "failsafe"):
            prefixes = getattr(policy, name)
            if prefixes or (name == "messenger" and prefixes is not None):
                settings.append(f"{name} = " + group(self._prefixes(prefixes)))
        if policy.services:
            settings.append("services = (\n    " + ",\n    ".join(
                map(self._service, policy.services)) + "\n)")
        if policy.disable:
            settings.append("disable = " + self._array(policy.disable))
        if policy.options:
            settings.append("options = " + group(
                [f'{name} = "{value}"' for name, value in policy.options.items()]))
        self.rng.shuffle(settings)
        return "".join(setting + self._end() + "\n" for setting in settings)


def write_configuration(policy, path, rng):
    """Writes the policy as a configuration file, and prefix files beside it."""
    text = _Writer(rng, os.path.dirname(path)).text(policy)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
