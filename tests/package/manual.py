#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The man pages against the program, in both directions: what the one has, the
other has. Facts come from the program's own help, messages and JSON."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PIMXDP = os.path.join(ROOT, "build/pimxdp")
PAGE = os.path.join(ROOT, "man/pimxdp.8")
CONFIG_PAGE = os.path.join(ROOT, "man/partners.conf.5")

passed = failed = 0


def report(name, why=""):
    global passed, failed
    if why:
        failed += 1
        print(f"not ok {name}: {why}")
    else:
        passed += 1
        print(f"ok {name}")


def same(name, written, true):
    """Sets, lists or strings: in the page, and in the program."""
    if written == true:
        return report(name)
    if isinstance(true, (set, frozenset)):
        return report(name, f"only in the page: {sorted(written - true)}; "
                            f"only in the program: {sorted(true - written)}")
    return report(name, f"in the page: {written}; in the program: {true}")


def run(*arguments):
    return subprocess.run([PIMXDP, *arguments], capture_output=True, text=True, check=False)


# ---- pages ----

def source(path):
    with open(path, encoding="utf-8") as page:
        return page.read().splitlines()


def parts(lines, macro):
    """Title to lines, of each `.Sh` or `.Ss`."""
    found, title = {}, None
    for line in lines:
        if line.startswith(f".{macro} "):
            title = line[4:]
            found[title] = []
        elif title is not None:
            found[title].append(line)
    return found


def rendered(path):
    output = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=1000", path],
                            capture_output=True, text=True, check=True).stdout
    return re.sub(".\b", "", output).splitlines()


def table(lines):
    """Rows of a `.Bl -column`, without its heading."""
    return [tuple(cell.strip() for cell in line[4:].split(" Ta "))
            for line in lines if line.startswith(".It ") and " Ta " in line and ".It Sy" not in line]


def literals(lines):
    """The texts of `.Bd -literal`."""
    found, block = [], None
    for line in lines:
        if line.startswith(".Bd -literal"):
            block = []
        elif line == ".Ed":
            found.append("\n".join(block) + "\n")
            block = None
        elif block is not None:
            block.append(line.replace("\\e", "\\"))
    return found


def check_lint(path):
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", path],
                          capture_output=True, text=True, check=False)
    report(f"{os.path.basename(path)} is correct mdoc", (lint.stdout + lint.stderr).replace("\n", " "))


# ---- pimxdp(8) ----

def verbs():
    return re.findall(r"^  ([a-z]+) ", run("--help").stdout, re.M)


def options_of_help(text):
    """(short, long, argument) of every line of an option."""
    return {(short or "", name, argument or "") for short, name, argument in
            re.findall(r"^  (?:(-[a-zA-Z]), |    )(--[a-z-]+)(?: ([^ ]+))?  ", text, re.M)}


def options_of_page(lines):
    found = set()
    for line in lines:
        item = re.fullmatch(r"\.It (?:Fl ([a-zA-Z]) , )?Fl (-[a-z-]+)(?: Ar (\S+))?", line)
        if item:
            found.add(("-" + item[1] if item[1] else "", "-" + item[2], item[3] or ""))
    return found


def check_commands(sections):
    commands = parts(sections["COMMANDS"], "Ss")
    synopsis = {}
    for line in rendered(PAGE):
        usage = re.match(r"     (pimxdp ([a-z]+).*)", line)
        if usage:
            synopsis[usage[2]] = " ".join(usage[1].split())
        if line == "DESCRIPTION":
            break
    true = verbs()
    same("the synopsis has every command", set(synopsis), set(true))
    same("each command has its section", set(commands), set(true))
    for verb in true:
        text = run(verb, "--help").stdout
        usage = text.splitlines()[0].removeprefix("usage: ")
        same(f"{verb}: the synopsis is the usage", synopsis.get(verb), " ".join(usage.split()))
        every = {option for option in options_of_help(text) if option[1] == "--help"}
        report(f"{verb}: takes --help", "" if every else text)
        same(f"{verb}: its options", options_of_page(commands.get(verb, [])),
             options_of_help(text) - every)
    statuses = re.search(r"^exit status: (.*)$", run(true[0], "--help").stdout, re.M)[1]
    same("exit statuses", {line[4:] for line in sections["EXIT STATUS"] if line.startswith(".It ")},
         set(re.findall(r"\b\d\b", statuses)))


def check_policy(sections):
    lines = sections["THE POLICY"]
    roles = re.search(r"with this role: (.*)$", run("addresses", "--help").stdout, re.M)[1]
    rows = [(row["rule"], row["transport"],
             ", ".join(f"{low}" if low == high else f"{low}-{high}" for low, high in row["ports"]),
             f"{row['peer']} -> {row['edge']}" if row["direction"] == "in"
             else f"{row['edge']} -> {row['peer']}")
            for row in json.loads(run("policy", "--json").stdout)]
    with open(os.path.join(ROOT, "include/pimxdp/reasons.def"), encoding="utf-8") as definitions:
        reasons = [(reason, verdict.lower(), meaning) for verdict, reason, meaning in
                   re.findall(r'^PIM_OUTCOME\((PASS|DROP), *\w+, *"([^"]+)", *"([^"]+)"\)',
                              definitions.read(), re.M)]
    columns = {2: [], 3: [], 4: []}
    for row in table(lines):
        columns[len(row)].append(row)
    same("the roles", [row[0] for row in columns[2]], re.split(", | or ", roles))
    same("the rows", columns[4], rows)
    report("reasons.def has reasons", "" if len(reasons) > 20 else str(reasons))
    same("the reasons", columns[3], reasons)
    named = {line[7:] for line in sections["READING STATISTICS"] if line.startswith(".It Cm ")}
    report("the reasons explained exist", " ".join(sorted(named - {row[0] for row in columns[3]})))


def check_log(sections):
    with open(os.path.join(ROOT, "loader/agent/events.def"), encoding="utf-8") as definitions:
        events = [(name, level.lower(), meaning) for level, name, meaning in
                  re.findall(r'^PIM_EVENT\(\w+, *(\w+), *"([^"]+)", *"([^"]+)"\)', definitions.read(), re.M)]
    report("events.def has events", "" if len(events) > 20 else str(events))
    same("the events", table(sections["LOG"]), events)


def check_environment(sections):
    read = set()
    for source in pathlib.Path(ROOT, "loader").rglob("*.c"):
        read |= set(re.findall(r'getenv\("(\w+)"\)', source.read_text(encoding="utf-8")))
    written = {name for line in sections["ENVIRONMENT"] if line.startswith(".It Ev ")
               for name in line[7:].split(" , ")}
    same("the environment that is read", written, read)


# ---- partners.conf(5) ----

MINIMAL = 'edge = { access = [ "198.51.100.10" ] }\n'
SERVICE = {"name": '"a"', "transport": '"tcp"', "direction": '"in"', "edge": '"access"',
           "peers": '"client"', "ports": '[ "1" ]'}


def complaint(text, folder):
    """What `check` says of a configuration."""
    path = os.path.join(folder, "partners.conf")
    with open(path, "w", encoding="utf-8") as config:
        config.write(text)
    return run("check", "--config", path).stderr


def offered(text, folder):
    """The names in the parentheses of "expected a KEY (a, b or c), found"."""
    message = complaint(text, folder)
    found = re.search(r"expected .*? \((.*?)\), found", message)
    if not found:
        report("the program lists what it knows", f"{text!r}: {message}")
        return []
    return re.split(", | or ", found[1])


def wrong_group(key):
    """A configuration with an unknown key in that group; None for a plain list."""
    group = "{ no-such-key = 1 }"
    if key == "disable":
        return None
    if key == "edge":
        return f"edge = {group}"
    if key in ("partners", "services"):
        group = f"( {group} )"
    return f"{MINIMAL}{key} = {group}"


def wrong_value(group, key):
    """A configuration with a wrong value of that key, or None where any string will do."""
    if group == "options":
        return f'{MINIMAL}options = {{ {key} = "?" }}'
    if group == "services" and key not in ("name", "ports"):
        service = {**SERVICE, key: '"?"'}
        body = ", ".join(f"{name} = {value}" for name, value in service.items())
        return f"{MINIMAL}services = ( {{ {body} }} )"
    return None


def items(lines):
    """Key to its values, of the items of one subsection."""
    found, key = {}, None
    for line in lines:
        if line.startswith(".It Ic "):
            key = line[7:]
            found[key] = []
        elif line.startswith(".It Li "):
            found[key].append(line[7:])
    return found


def check_keys(sections, folder):
    groups = {}
    for title, lines in parts(sections["KEYS"], "Ss").items():
        for key in re.split(", | and ", title):
            groups[key] = items(lines)
    same("keys of the configuration", set(groups), set(offered(MINIMAL + "no-such-key = 1", folder)))
    printed = complaint_free(MINIMAL, folder, "--print")
    for group, keys in groups.items():
        text = wrong_group(group)
        if text is None:
            same(f"{group} has no keys", set(keys), set())
            continue
        same(f"keys of {group}", list(keys), offered(text, folder))
        for key, values in keys.items():
            text = wrong_value(group, key)
            if text is None:
                same(f"{group}: {key} has no fixed values", values, [])
                continue
            same(f"{group}: values of {key}", values, offered(text, folder))
            if group == "options":
                default = re.search(rf'^ *{key} = "(.*)"$', printed, re.M)
                same(f"{group}: the default of {key}", values[:1], [default[1]] if default else [])


def complaint_free(text, folder, *arguments):
    complaint(text, folder)
    return run("check", "--config", os.path.join(folder, "partners.conf"), *arguments).stdout


def check_limits(sections, folder):
    page = " ".join(sections["KEYS"] + sections["ADDRESSES"])
    for what, text in (
            ("a partner's name", f'{MINIMAL}partners = ( {{ name = "" }} )'),
            ("a service's name", f'{MINIMAL}services = ( {{ name = "" }} )')):
        limit = re.search(r"1 to (\d+) ", complaint(text, folder))
        report(f"the length of {what}",
               "" if limit and f"1 to {limit[1]} " in page else f"the program has {limit and limit[1]}")
    body = ", ".join(f"{name} = {value}" for name, value in SERVICE.items() if name != "name")
    many = ", ".join(f'{{ name = "s{number}", {body} }}' for number in range(100))
    limit = re.search(r"at most (\d+) services", complaint(f"{MINIMAL}services = ( {many} )", folder))
    report("the number of services",
           "" if limit and f"up to {limit[1]} of" in page else f"the program has {limit and limit[1]}")
    many = ", ".join(f'{{ name = "p{number}" }}' for number in range(65600))
    limit = re.search(r"at most (\d+) partners", complaint(f"{MINIMAL}partners = ( {many} )", folder))
    report("the number of partners",
           "" if limit and f"up to {limit[1]} of" in page else f"the program has {limit and limit[1]}")
    with open(os.path.join(folder, "long.prefixes"), "w", encoding="utf-8") as prefixes:
        prefixes.write("#" * 1000 + "\n")
    limit = re.search(r"at most (\d+) ",
                      complaint(f'{MINIMAL}block = {{ files = [ "long.prefixes" ] }}', folder))
    report("the length of a line",
           "" if limit and f"at most {limit[1]} characters" in page else f"the program has {limit and limit[1]}")


def check_examples(sections, folder):
    with open(os.path.join(ROOT, "examples/contoso.prefixes"), encoding="utf-8") as prefixes:
        text = prefixes.read()
    with open(os.path.join(folder, "contoso.prefixes"), "w", encoding="utf-8") as prefixes:
        prefixes.write(text)
    examples = literals(sections["EXAMPLES"])
    report("the configuration's page has examples", "" if len(examples) >= 2 else str(examples))
    for number, example in enumerate(examples, 1):
        path = os.path.join(folder, "partners.conf")
        with open(path, "w", encoding="utf-8") as config:
            config.write(example)
        result = run("check", "--config", path)
        report(f"example {number} of the configuration is correct",
               "" if result.returncode == 0 else result.stderr)


def check_example_commands(sections):
    """Verbs and options in pimxdp(8)'s examples exist."""
    text = "".join(literals(sections["EXAMPLES"])).replace("\\\n", " ").replace("|\n", "|")
    for line in re.findall(r"^pimxdp (.*)$", text, re.M):
        words = line.split("|")[0].split()
        known = {option[1] for option in options_of_help(run(words[0], "--help").stdout)}
        unknown = {word for word in words if word.startswith("--")} - known
        report(f"an example's options exist: {' '.join(words)}", " ".join(sorted(unknown)))


def main():
    os.environ["LC_ALL"] = "C"
    for path in (PAGE, CONFIG_PAGE):
        check_lint(path)
    sections = parts(source(PAGE), "Sh")
    check_commands(sections)
    check_policy(sections)
    check_log(sections)
    check_environment(sections)
    check_example_commands(sections)
    sections = parts(source(CONFIG_PAGE), "Sh")
    with tempfile.TemporaryDirectory() as folder:
        check_keys(sections, folder)
        check_limits(sections, folder)
        check_examples(sections, folder)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
