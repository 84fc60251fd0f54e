#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holds the sources of loader/ to the floors that CONTRIBUTING.md lists: a room uses only rooms
below it, by include or by name, and nothing that another keeps to itself; no files use each other
in a circle, every file is in a room, and only the kernel room speaks to the kernel's BPF."""

import pathlib
import re
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PRIVATE = re.compile(r"private to this (?:\* )?room", re.I)

RULES = {"rooms": "every file of loader/ is in a room that CONTRIBUTING.md lists",
         "places": "every include names a room and a file",
         "floors": "no room uses a room above it",
         "names": "no room uses a name that a room above it declares",
         "private": "no room uses what another keeps to itself",
         "headers": "every source includes its own header first",
         "guards": "every header is guarded by the name of its room and file",
         "kernel": "only the kernel room speaks to the kernel's BPF",
         "circles": "no files use each other in a circle"}


def floors(text):
    """The rooms of the table under the marker, from the roof down."""
    table = text.split("<!-- floors:", 1)[1].split("\n\n", 1)[0]
    return re.findall(r"^\| `(\w+)/` ", table, re.M)


def plain(text):
    """The code without comments, and without strings but those that may be the name of a file."""
    def keep(match):
        if match[0].startswith("/"):
            return " "
        return match[0] if re.fullmatch(r'"[\w./-]+"', match[0]) else '""'

    return re.sub(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', keep, text.replace("\\\n", ""), flags=re.S)


def includes(code):
    """What each include names, with its quotes or brackets."""
    return [target.strip() for target in
            re.findall(r"^\s*(?:#|%:)\s*(?:include(?:_next)?|import)\b(.*)$", code, re.M)]


def declared(code):
    """The functions, variables, types, constants and macros that a header declares."""
    names = set(re.findall(r"^#define (PIM_\w+)", code, re.M))
    names -= set(re.findall(r"^#undef (PIM_\w+)", code, re.M))
    code = re.sub(r"^#.*$", "", code, flags=re.M)
    names.update(re.findall(r"\b(?:struct|union|enum) (pim_\w+)\s*\{", code))
    for body in re.findall(r"\benum\b[^;{}()]*\{([^{}]*)\}", code):
        names.update(re.findall(r"\b(PIM_\w+)", re.sub(r"=[^,]*", "", body)))
    bodies = 1
    while bodies:
        code, bodies = re.subn(r"\{[^{}]*\}", ";", code)
    for declaration in map(str.strip, code.split(";")):
        if not re.fullmatch(r"(?:struct|union|enum) \w+", declaration):
            names.update(re.findall(r"\b(pim_\w+)\s*(?=[(\[]|$)", declaration)[:1])
    return names


def kept(text):
    """The names that a header, or the part of it under the marker, declares for its room alone."""
    text = re.sub(r"\s+\* ", " * ", text)  # the words may be on two lines
    found = PRIVATE.search(text)
    if not found:
        return set()
    before = text[:found.start()] + "*/"
    return declared(plain(text)) - declared(plain(before) if "#ifndef" in before else "")


class House:
    """The files of loader/, by their names below it, and the names that the headers declare."""

    def __init__(self, root):
        self.loader = root / "loader"
        self.rooms = floors((root / "CONTRIBUTING.md").read_text(encoding="utf-8"))
        self.all = sorted(path.relative_to(self.loader) for path in self.loader.rglob("*") if path.is_file())
        texts = {name: (self.loader / name).read_text(encoding="utf-8") for name in self.all}
        self.code = {name: plain(text) for name, text in texts.items()}
        headers = [name for name in self.all if name.suffix == ".h"]
        self.homes = {word: name.parts[0] for name in headers for word in declared(self.code[name])}
        opaque = {word for name in headers for word in re.findall(r"\bstruct (pim_\w+);", self.code[name])}
        self.private = {word for name in headers for word in kept(texts[name])} - opaque

    def above(self, room, other):
        """Whether the other room stands above this one."""
        return {room, other} <= set(self.rooms) and self.rooms.index(other) < self.rooms.index(room)


def faults(root):
    """Every line that is not as the list wants it: {rule: [what is wrong]}."""
    house = House(root)
    found = {rule: [] for rule in RULES}
    there = {path.name for path in house.loader.iterdir() if path.is_dir()}
    found["rooms"] += sorted(f"expected {room}/ in CONTRIBUTING.md's list and in loader/"
                             for room in there ^ set(house.rooms))
    found["rooms"] += [f"loader/{name}: expected a .c, .h or .def in a room" for name in house.all
                       if str(name) != "main.c" and
                       (len(name.parts) != 2 or name.suffix not in (".c", ".h", ".def"))]
    uses = {}  # a source and its header are one file
    for name, code in house.code.items():
        room, targets = name.parts[0], includes(code)
        for target in targets:
            other = pathlib.Path(target[1:-1])
            if re.fullmatch(r'"\w+\.skel\.h"|<bpf/[\w.]+>', target):  # skeletons are made from bpf/
                if room != "kernel":
                    found["kernel"].append(f"loader/{name}: only the kernel room uses {target}")
            elif target.startswith("<") and ".." not in other.parts and not (house.loader / other).exists():
                pass  # of the system, or of include/
            elif target != f'"{other}"' or other not in house.code:
                found["places"].append(f'loader/{name}: expected "ROOM/FILE" of loader/, found {target}')
            else:
                if house.above(room, other.parts[0]):
                    found["floors"].append(f"loader/{name}: {room}/ stands below {other.parts[0]}/, "
                                           f"and includes {other}")
                uses.setdefault(name.with_suffix(""), set()).add(other.with_suffix(""))
        for word in sorted(set(re.findall(r"\b(?:pim|PIM)_\w+", code)) & house.homes.keys()):
            home = house.homes[word]
            if house.above(room, home):
                found["names"].append(f"loader/{name}: {word} is of {home}/, above {room}/")
            if word in house.private and home != room:
                found["private"].append(f"loader/{name}: {word} is private to {home}/")
        if room != "kernel":
            found["kernel"] += [f"loader/{name}: only the kernel room calls {word}()"
                                for word in re.findall(r"\b((?:lib)?bpf_\w+|btf__\w+) ?\(", code)]
        header = name.with_suffix(".h")
        if name.suffix == ".c" and header in house.code and targets[:1] != [f'"{header}"']:
            found["headers"].append(f"loader/{name}: expected its own header first")
        guard = "_".join(("PIMXDP", *name.with_suffix("").parts, "H")).upper()
        if name.suffix == ".h" and not re.search(rf"^#ifndef {guard}\n#define {guard}\n", code, re.M):
            found["guards"].append(f"loader/{name}: expected the guard {guard}")
    found["circles"] += circles({name: others - {name} for name, others in uses.items()})
    return found


def circles(uses):
    """The files that can be reached from themselves, a line a circle."""
    def reach(name, seen):
        for other in uses.get(name, ()):
            if other not in seen:
                seen.add(other)
                reach(other, seen)
        return seen

    reached = {name: reach(name, set()) for name in uses}
    groups = {frozenset(other for other in reached[name] | {name}
                        if other == name or name in reached.get(other, ()))
              for name in uses if name in reached[name]}
    return sorted("circle: " + ", ".join(sorted(map(str, group))) for group in groups)


# A fault for each rule: the file, what is put in front of it, and the rule that must see it.
PLANTED = [("base/text.h", '#include "policy/policy.h"\n', "floors"),
           ("policy/prefix.c", '#include "cli/say.h"\n', "floors"),
           ("kernel/pins.c", '#include "control/change.h"\n', "floors"),
           ("kernel/pins.c", '  #  include   "control/change.h" /* why not */\n', "floors"),
           ("kernel/pins.c", '#/**/include "control/change.h"\n', "floors"),
           ("kernel/pins.c", '#include \\\n"control/change.h"\n', "floors"),
           ("agent/events.def", '#include "cli/say.h"\n', "floors"),
           ("base/text.h", '#include "base/array.h"\n#include "base/json.h"\n', None),
           ("base/text.c", '/* #include "cli/say.h"\n#include "cli/say.h" pim_say() bpf_map() */\n', None),
           ("base/text.h", "void pim_say(const char *format, ...);\n", "names"),
           ("config/check.c", "extern const struct pim_pin_kind pim_pin_kinds[];\n", "names"),
           ("base/text.c", "enum { SIZE = PIM_GROUPED + PIM_PORTS_TEXT };\n", "names"),
           ("control/collect.c", "int pim_swap_pending(const struct pim_place *place);\n", "private"),
           ("control/replay.c", "enum { COPY = sizeof(struct pim_capture_interface) };\n", "private"),
           ("base/error.h", '#include "base/quote.h"\n#include "base/replace_file.h"\n', "circles"),
           ("report/stats.c", "#include <bpf/bpf.h>\n", "kernel"),
           ("image/compile.c", '#include "carry.skel.h"\n', "kernel"),
           ("report/stats.c", "int bpf_obj_get(const char *pathname);\n", "kernel"),
           ("image/compile.c", '#include "addresses.h"\n', "places"),
           ("image/compile.c", "#include <cli/say.h>\n", "places"),
           ("image/compile.c", '#include "image/../cli/say.h"\n', "places"),
           ("image/compile.c", "#include <../loader/cli/say.h>\n", "places"),
           ("image/compile.c", "#include SOMETHING\n", "places"),
           ("image/compile.c", '#include "policy/policy.h"\n', "headers"),
           ("image/compile.c", "#include <stdio.h>\n", "headers"),
           ("image/empty.h", "#ifndef PIMXDP_EMPTY_H\n#define PIMXDP_EMPTY_H\n#endif\n", "guards"),
           ("stray.c", "", "rooms"),
           ("image/names.inc", "", "rooms"),
           ("image/inner/empty.c", "", "rooms"),
           ("attic/empty.c", "", "rooms")]


def planted(name, text, known):
    """The rules that see more than what is known in a copy of the tree with this text in front
    of that file."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder)
        shutil.copy(ROOT / "CONTRIBUTING.md", copy)
        shutil.copytree(ROOT / "loader", copy / "loader")
        path = copy / "loader" / name
        path.parent.mkdir(exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        path.write_text(text + before, encoding="utf-8")
        return {rule for rule, lines in faults(copy).items() if set(lines) - set(known[rule])}


def main():
    known = faults(ROOT)
    results = [(title, " ".join(known[rule])) for rule, title in RULES.items()]
    for name, text, rule in PLANTED:
        seen = planted(name, text, known)
        title = f"{' '.join(text.split()) or 'a file'} in loader/{name} is " + \
            (f"against: {RULES[rule]}" if rule else "allowed")
        wrong = (rule not in seen) if rule else bool(seen - {"headers"})
        results.append((title, f"seen by: {sorted(seen)}" if wrong else ""))
    for title, why in results:
        print(f"not ok {title}: {why}" if why else f"ok {title}")
    failed = sum(1 for _, why in results if why)
    print(f"{len(results) - failed} passed, {failed} failed, 0 skipped")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
