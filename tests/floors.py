#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holds the sources of loader/ to the floors that CONTRIBUTING.md lists: a room uses only rooms
below it, no files use each other in a circle, every file is in a room, and only the kernel room
speaks to the kernel's BPF."""

import pathlib
import re
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def floors(text):
    """The rooms of the table under the marker, from the roof down."""
    table = text.split("<!-- floors:", 1)[1].split("\n\n", 1)[0]
    return re.findall(r"^\| `(\w+)/` ", table, re.M)


def includes(source):
    text = source.read_text(encoding="utf-8")
    return re.findall(r'^#include "([^"]+)"', text, re.M), re.findall(r"^#include <([^>]+)>", text, re.M)


def faults(root):
    """Every line that is not as the list wants it: {rule: [what is wrong]}."""
    loader = root / "loader"
    rooms = floors((root / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    found = {rule: [] for rule in ("rooms", "places", "floors", "headers", "kernel", "circles")}
    there = {path.name for path in loader.iterdir() if path.is_dir()}
    found["rooms"] += sorted(f"expected {room}/ in CONTRIBUTING.md's list and in loader/"
                             for room in there ^ set(rooms))
    found["rooms"] += [f"loader/{path.name}: expected it in a room"
                       for path in loader.iterdir() if path.is_file() and path.name != "main.c"]
    files = [path for path in sorted(loader.rglob("*.[chd]*")) if path.suffix in (".c", ".h", ".def")]
    uses = {}  # a source and its header are one file
    for path in files:
        name = path.relative_to(loader)
        room = name.parts[0]
        own, system = includes(path)
        for target in own:
            if target.endswith(".skel.h"):  # made from bpf/, for the kernel room
                if room != "kernel":
                    found["kernel"].append(f"loader/{name}: {target} belongs to the kernel room")
                continue
            if not (loader / target).is_file():
                found["places"].append(f'loader/{name}: expected "ROOM/FILE" of loader/, found "{target}"')
                continue
            other = pathlib.Path(target)
            if room in rooms and other.parts[0] in rooms and rooms.index(other.parts[0]) < rooms.index(room):
                found["floors"].append(f"loader/{name}: {room}/ stands below {other.parts[0]}/, "
                                       f"and includes {target}")
            uses.setdefault(name.with_suffix(""), set()).add(other.with_suffix(""))
        if path.suffix == ".c" and path.with_suffix(".h").is_file() and \
                own[:1] != [str(name.with_suffix(".h"))]:
            found["headers"].append(f"loader/{name}: expected its own header first")
        found["kernel"] += [f"loader/{name}: only the kernel room uses <{header}>"
                            for header in system if header.startswith("bpf/") and room != "kernel"]
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


RULES = {"rooms": "every file of loader/ is in a room that CONTRIBUTING.md lists",
         "places": "every include names a room and a file",
         "floors": "no room uses a room above it",
         "headers": "every source includes its own header first",
         "kernel": "only the kernel room speaks to the kernel's BPF",
         "circles": "no files use each other in a circle"}

# A fault for each rule: the file, what is put in front of it, and the rule that must see it.
PLANTED = [("base/text.h", '#include "policy/policy.h"\n', "floors"),
           ("policy/prefix.c", '#include "cli/say.h"\n', "floors"),
           ("kernel/pins.c", '#include "control/change.h"\n', "floors"),
           ("base/text.h", '#include "base/array.h"\n#include "base/json.h"\n', None),
           ("base/error.h", '#include "base/quote.h"\n#include "base/replace_file.h"\n', "circles"),
           ("report/stats.c", "#include <bpf/bpf.h>\n", "kernel"),
           ("image/compile.c", '#include "carry.skel.h"\n', "kernel"),
           ("image/compile.c", '#include "addresses.h"\n', "places"),
           ("image/compile.c", '#include "policy/policy.h"\n', "headers"),
           ("stray.c", "", "rooms"),
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
        title = f"{text.splitlines()[0] if text else 'a file'} in loader/{name} is " + \
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
