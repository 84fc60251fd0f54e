# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Makes one report of pimbench's measurements.

report.py merge FOLDER     the parts to build/bench.json, with ratios and targets
report.py table FILE       bench.json as text
report.py lookup-data FILE, rate-data FILE          for gnuplot
report.py bench-page FILE, line-rate-page FILE      for docs/
report.py readme FILE      puts the targets into README.md, between its markers
"""

import itertools
import json
import os
import sys

MILLION = 1000000


# ---- the parts to one report ----

def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def summary(values):
    return {"median": median(values), "min": min(values), "max": max(values), "rounds": len(values)}


def ratio(ours, other):
    return round(ours["median"] / other["median"], 3)


def add_ratios(row):
    row["ratios"] = {name: ratio(row["ours"], peer) for name, peer in row["peers"].items()}


RATE_TITLES = {
    "drop": "a program that drops everything",
    "small": "pimxdp, lists of 1,000",
    "large": "pimxdp, block list of %s",
    "xdp-filter": "xdp-filter, 1,000 addresses",
    "trie": "LPM_TRIE of 1,000",
    "trie-large": "LPM_TRIE of %s",
    "nft": "nftables, interval set of 1,000",
    "pass": "a program that passes everything",
    "flows": "pimxdp, %s flows",
}


def merge_rate(parts, largest):
    rows = []
    for row in parts["rate"]:
        name = row["subject"]
        title = RATE_TITLES[name]
        received = parts["received"][name]
        merged = {
            "subject": name,
            "title": title % format(largest, ",") if "%s" in title else title,
            "verdict": "pass" if row["flows"] else "drop",
            "flows": row["flows"],
            "ns": row["ns"],
            "mpps": round(1000 / row["ns"]["median"], 3),
            "sent": row["frames"],
            "received": received,
        }
        if name in parts["judged"]:
            merged["judged"] = parts["judged"][name]["judged"]
            merged["passed"] = parts["judged"][name]["passed"]
        rows.append(merged)
    by_name = {row["subject"]: row for row in rows}
    for row in rows:
        base = by_name["pass" if row["flows"] else "drop"]
        row["ratio"] = ratio(row["ns"], base["ns"])
    return rows


def merge_load(entries):
    loads = {}
    for what in ("attach", "reload", "ipset restore", "nft -f"):
        runs = [entry for entry in entries if entry["what"] == what]
        if not runs:
            continue
        loads[what] = {key: summary([run[key] for run in runs])
                       for key in ("seconds", "user_seconds", "system_seconds", "memory_bytes")}
        if "kernel_bytes" in runs[0]:
            loads[what]["kernel_bytes"] = runs[0]["kernel_bytes"]
    for entry in entries:
        if entry["what"] == "image":
            loads["attach"]["kernel_bytes"] = entry["memory_bytes"]
            loads["attach"]["memlock_bytes"] = entry["memlock_bytes"]
    return loads


def target(name, value, limit, stretch=None, at_least=False, unit="", note="", floor=None):
    """A target. value None: it could not be measured here, so the target is neither met nor missed.
    floor: the value of a program that does nothing."""
    def within(bound):
        if value is None or bound is None:
            return None
        return value >= bound if at_least else value <= bound

    return {
        "name": name, "value": value, "unit": unit, "sense": "at least" if at_least else "at most",
        "target": limit, "met": within(limit), "stretch": stretch, "stretch_met": within(stretch),
        "floor": floor, "note": note,
    }


def best_peer(row):
    """The name of the fastest way in which xdp-filter ran; None if it did not."""
    peers = {name: peer for name, peer in row["peers"].items() if name.startswith("xdp-filter")}
    return min(peers, key=lambda name: peers[name]["median"]) if peers else None


def targets(report):
    largest = report["machine"]["largest"]
    full = largest == MILLION
    result = []

    def at_full_size(name, value, *arguments, **options):
        options["note"] = "" if full else "%g at %s" % (value, format(largest, ","))
        result.append(target(name, value if full else None, *arguments, **options))

    hot = {(row["scenario"], row["family"]): row for row in report["hot"]}
    for name, limit, stretch, scenarios in (
            ("hot pass of %s, IPv%d: of xdp-filter's allow", 0.65, 0.5, ("sip-tls-in", "stun-in")),
            ("hot drop of a stranger (%s), IPv%d: of xdp-filter's drop", 0.45, None, ("role", "role, UDP"))):
        for scenario, family in itertools.product(scenarios, (4, 6)):
            row = hot[scenario, family]
            peer = best_peer(row)
            result.append(target(
                name % (scenario, family), peer and row["ratios"][peer], limit, stretch,
                floor=peer and ratio(row["empty"], row["peers"][peer]),
                note=peer or "xdp-filter is not installed"))
    for family, least, stretch in ((4, 15, 25), (6, 10, None)):
        row = [row for row in report["lookup"] if row["family"] == family][-1]
        at_full_size("random IPv%d sources, 1,000,000 prefixes: times as fast as LPM_TRIE" % family,
                     row["times_faster"], least, stretch, at_least=True)
    rate = {row["subject"]: row for row in report["rate"]}
    result.append(target("rate rig, drops, 1,000 prefixes: of drop-everything",
                         rate["small"]["ratio"], 1.25, floor=1))
    nft = rate.get("nft")
    result.append(target("rate rig, drops, 1,000 prefixes: times nftables' rate",
                         nft and round(nft["ns"]["median"] / rate["small"]["ns"]["median"], 3), 7,
                         at_least=True, floor=nft and nft["ratio"],
                         note="" if nft else "nft is not installed"))
    at_full_size("rate rig, drops, 1,000,000 prefixes: of drop-everything", rate["large"]["ratio"], 2.2,
                 floor=1)
    at_full_size("1,000,000 allowed flows at random: of the hot pass",
                 report["flows"][-1]["of_hot"], 2.5)
    load = report["load"]
    for what in ("attach", "reload"):
        at_full_size("%s, text file of 1,000,000 prefixes" % what,
                     round(load[what]["seconds"]["median"], 3), 1, unit="s")
    at_full_size("kernel memory of its image",
                 round(load["attach"]["kernel_bytes"] / 1e6, 1), 24, unit="MB")
    at_full_size("memory of the loader",
                 round(max(load[what]["memory_bytes"]["max"] for what in ("attach", "reload")) / 1e6, 1),
                 300, unit="MB")
    return result


def merge(folder):
    parts = {}
    for name in ("machine", "hot", "lookup", "flows", "rate", "received", "judged", "load", "time"):
        with open(os.path.join(folder, name + ".json"), encoding="utf-8") as file:
            parts[name] = json.load(file)
    machine = parts["machine"]
    machine["seconds"] = parts["time"]["seconds"]
    machine["rounds"] = parts["hot"]["rows"][0]["ours"]["rounds"]
    hot = parts["hot"]["rows"]
    for row in hot:
        add_ratios(row)
        row["ratios"]["empty"] = ratio(row["ours"], row["empty"])
    for row in parts["lookup"]:
        add_ratios(row)
        add_ratios(row["chained"])
        row["times_faster"] = round(row["peers"]["LPM_TRIE"]["median"] / row["ours"]["median"], 2)
        row["chained"]["times_faster"] = round(
            row["chained"]["peers"]["LPM_TRIE"]["median"] / row["chained"]["ours"]["median"], 2)
    for row in parts["flows"]:
        add_ratios(row["table"])
        row["of_hot"] = ratio(row["ours"], row["hot"])
    report = {
        "machine": machine,
        "program": parts["hot"]["program"],
        "hot": hot,
        "lookup": parts["lookup"],
        "flows": parts["flows"],
        "rate": merge_rate(parts, machine["largest"]),
        "load": merge_load(parts["load"]),
    }
    report["targets"] = targets(report)
    for row in report["rate"]:
        if row["sent"] != row["received"]:
            report.setdefault("trouble", []).append(
                "%s: %d frames sent, %d received" % (row["subject"], row["sent"], row["received"]))
        if row.get("judged", row["received"]) != row["received"]:
            report.setdefault("trouble", []).append(
                "%s: %d frames received, %d judged" % (row["subject"], row["received"], row["judged"]))
    return report


# ---- tables ----

def spread(value, digits=1):
    return "%.*f" % (digits, value["median"]), "%.*f-%.*f" % (digits, value["min"], digits, value["max"])


def number(value):
    return format(value, ",")


def hot_table(report):
    head = ["frame", "verdict", "IP", "empty", "ours", "min-max", "xdp-filter", "ours/xdp-filter"]
    rows = []
    for row in report["hot"]:
        peer = best_peer(row)
        rows.append([row["scenario"], row["verdict"], "IPv%d" % row["family"],
                     spread(row["empty"])[0], *spread(row["ours"]),
                     spread(row["peers"][peer])[0] if peer else "-",
                     "%.2f" % row["ratios"][peer] if peer else "-"])
    return "One frame again and again, lists of 1,000 prefixes, flows counted: ns a packet", head, rows


def lookup_table(report):
    head = ["prefixes", "IP", "ours", "min-max", "LPM_TRIE", "min-max", "times faster",
            "latency: ours", "LPM_TRIE", "times faster", "image kB"]
    rows = []
    for row in report["lookup"]:
        chained = row["chained"]
        rows.append([number(row["prefixes"]), "IPv%d" % row["family"], *spread(row["ours"]),
                     *spread(row["peers"]["LPM_TRIE"]), "%.1f" % row["times_faster"],
                     spread(chained["ours"])[0], spread(chained["peers"]["LPM_TRIE"])[0],
                     "%.1f" % chained["times_faster"], number(row["image_bytes"] // 1024)])
    return "Random addresses, half of them listed: ns a lookup", head, rows


def flows_table(report):
    head = ["flows", "whole filter", "min-max", "of hot pass", "table alone", "LRU_PERCPU_HASH", "ours/LRU"]
    rows = []
    for row in report["flows"]:
        table = row["table"]
        rows.append([number(row["flows"]), *spread(row["ours"]), "%.2f" % row["of_hot"],
                     spread(table["ours"])[0], spread(table["peers"]["LRU_PERCPU_HASH"])[0],
                     "%.2f" % table["ratios"]["LRU_PERCPU_HASH"]])
    return "Allowed packets of random flows: ns a packet", head, rows


def rate_table(report):
    head = ["subject", "frames", "ns", "min-max", "Mpps", "of the empty program"]
    rows = []
    for row in sorted(report["rate"], key=lambda row: (row["verdict"], row["ns"]["median"])):
        frames = "random sources" if row["verdict"] == "drop" else number(row["flows"]) + " flows allowed"
        rows.append([row["title"], frames, *spread(row["ns"]), "%.2f" % row["mpps"],
                     "%.2f" % row["ratio"]])
    return ("Over veth, 64-byte frames, generator and receiver on one core: ns a packet in all",
            head, rows)


def load_table(report):
    head = ["list of %s IPv4 prefixes" % number(report["machine"]["largest"]), "seconds", "min-max",
            "memory MB", "in the kernel MB"]
    rows = []
    for what, row in report["load"].items():
        name = "pimxdp " + what if what in ("attach", "reload") else what
        rows.append([name, *spread(row["seconds"], 2), "%.0f" % (row["memory_bytes"]["max"] / 1e6),
                     "%.1f" % (row["kernel_bytes"] / 1e6) if "kernel_bytes" in row else "-"])
    return "From a text file to the kernel", head, rows


def targets_table(report):
    head = ["what", "found", "", "target", "stretch", "an empty program's", "met"]
    rows = []
    for row in report["targets"]:
        found = "-" if row["value"] is None else ("%g %s" % (row["value"], row["unit"])).strip()
        met = {None: "not measured", True: "yes", False: "NO"}[row["met"]]
        if row["value"] is None and row["note"]:
            met += " (%s)" % row["note"]
        if row["stretch_met"]:
            met = "yes, stretch too"
        rows.append([row["name"], found, row["sense"], "%g" % row["target"],
                     "%g" % row["stretch"] if row["stretch"] is not None else "-",
                     "%g" % row["floor"] if row["floor"] is not None else "-", met])
    return "Targets", head, rows


TABLES = (hot_table, lookup_table, flows_table, rate_table, load_table, targets_table)


def is_figure(text):
    return text[:1].isdigit() or text in ("-", "")


def print_table(title, head, rows):
    widths = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]
    right = [all(is_figure(row[i]) for row in rows) for i in range(len(head))]
    print("\n" + title)
    for row in [head] + rows:
        print("  " + "  ".join(cell.rjust(width) if flush else cell.ljust(width)
                               for cell, width, flush in zip(row, widths, right)).rstrip())


def print_markdown(title, head, rows):
    right = [all(is_figure(row[i]) for row in rows) for i in range(len(head))]
    print("\n## %s\n" % title)
    print("| " + " | ".join(head) + " |")
    print("| " + " | ".join("---:" if flush else "---" for flush in right) + " |")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def machine_lines(report):
    machine = report["machine"]
    program = report["program"]
    mitigations = [(name, machine[key]) for name, key in
                   (("indirect jumps", "jumps"), ("returns", "returns"), ("retbleed", "retbleed"))
                   if machine[key] and machine[key] != "Not affected"]
    yield "%s, %d CPUs%s, Linux %s (%s)" % (
        machine["cpu"], machine["cpus"], ", virtual" if machine["virtual"] else "",
        machine["kernel"], machine["architecture"])
    yield "%s, %s: %d rounds, %d s, load before: %s" % (
        machine["date"], machine["command"], machine["rounds"], machine["seconds"], machine["load"])
    yield "%s, %s instructions verified, %s bytes of code" % (
        machine["version"], number(program["verified_instructions"]), number(program["jited_bytes"]))
    for name, state in mitigations:
        yield "mitigation, %s: %s" % (name, state)


def print_text(report):
    for line in machine_lines(report):
        print(line)
    for table in TABLES:
        print_table(*table(report))
    for line in report.get("trouble", []):
        print("TROUBLE: " + line)


def print_bench_page(report):
    print("<!-- Written by tools/bench --publish. -->\n")
    print("# Benchmark\n")
    print("`%s` measured this; it takes %s and leaves nothing behind. Figures are medians of\n"
          "rounds that take turns, so that all subjects see the same machine; compare within a\n"
          "table, not with other machines.\n" % (
              report["machine"]["command"],
              "%d minutes" % max(1, round(report["machine"]["seconds"] / 60))))
    for line in machine_lines(report):
        print("- " + line)
    print("""
What the columns mean:

- *empty* is a program that only returns: the price of a run. It is part of every
  figure beside it, and ratios are of figures as they stand.
- *xdp-filter* (of xdp-tools) admits by port or by address, whichever was faster. It knows
  no prefixes, and either one is enough for it.
- *LPM_TRIE* and *LRU_PERCPU_HASH* are the kernel's own maps for the job, holding the same list
  and counting the same. Lookups are timed in a loop of 1,024, less the loop. *Latency* is the
  same loop when each lookup has to wait for the last one's answer. Subjects take turns of 100 ms, so
  that each has its tables in the caches as far as they go there, as under an attack that lasts.
- *whole filter* is the filter on random flows of 1,000 listed prefixes, less what making them
  random costs; *table alone* is flow accounting in a loop of 1,024, less the loop.
- Over veth, the generator's own work and the driver's are part of every figure.

![Lookup time against list size](bench-lookup.svg)

![The rate rig](bench-rate.svg)""")
    for table in TABLES:
        print_markdown(*table(report))


# ---- pictures ----

def print_lookup_data(report):
    print("# prefixes ours min max LPM_TRIE min max; IPv4, then IPv6")
    for family in (4, 6):
        for row in report["lookup"]:
            if row["family"] == family:
                values = [row[side]["median"] if key == "median" else row[side][key]
                          for side in ("ours",) for key in ("median", "min", "max")]
                values += [row["peers"]["LPM_TRIE"][key] for key in ("median", "min", "max")]
                print(row["prefixes"], *("%.2f" % value for value in values))
        print("\n")


def print_rate_data(report):
    print("# title, ns, min, max, Mpps, colour")
    drops = [row for row in report["rate"] if row["verdict"] == "drop"]
    for row in sorted(drops, key=lambda row: -row["ns"]["median"]):
        colour = 1 if row["subject"] in ("small", "large") else 2 if row["subject"] == "drop" else 3
        print('"%s" %.2f %.2f %.2f %.2f %d' % (row["title"], row["ns"]["median"], row["ns"]["min"],
                                             row["ns"]["max"], row["mpps"], colour))


# ---- line rates ----

GIGABITS = (10, 25, 100)
# What a frame has on the wire besides: preamble and start delimiter, FCS, and the gap after it.
PREAMBLE, FCS, GAP = 8, 4, 12
ETHERNET, IPV4, UDP, RTP, G711_20MS = 14, 20, 8, 12, 160


def packets_per_second(gigabits, frame_bytes):
    """Packets per second at line rate. frame_bytes: including the FCS."""
    return gigabits * 1e9 / 8 / (PREAMBLE + frame_bytes + GAP)


def print_line_rate_page(report):
    hot = {(row["scenario"], row["family"]): row for row in report["hot"]}
    rate = {row["subject"]: row for row in report["rate"]}
    rtp_bytes = ETHERNET + IPV4 + UDP + RTP + G711_20MS + FCS
    subjects = (
        ("pass, one hot flow: `sip-tls-in`, IPv4", hot["sip-tls-in", 4]["ours"], "test run"),
        ("pass, one hot flow: `stun-in`, IPv4", hot["stun-in", 4]["ours"], "test run"),
        ("pass, %s random flows" % number(report["flows"][-1]["flows"]), report["flows"][-1]["ours"], "test run"),
        ("drop, a stranger again and again, IPv4", hot["role", 4]["ours"], "test run"),
        ("drop, random sources, lists of 1,000", rate["small"]["ns"], "rate rig"),
        ("drop, random sources, block list of %s" % number(report["machine"]["largest"]),
         rate["large"]["ns"], "rate rig"),
        ("for comparison: nftables, random sources", rate["nft"]["ns"], "rate rig") if "nft" in rate else None,
    )
    print("<!-- Written by tools/bench --publish. -->\n")
    print("# What the nanoseconds mean for a line\n")
    print("""This page is arithmetic. Nothing on it was measured on a line of that speed: it takes the
medians of [bench.md](bench.md) and divides. A core spends its nanoseconds on each packet, one
after the other; a NIC spreads packets over cores by their addresses and ports; so

    cores = packets a second * ns a packet / 1,000,000,000

A figure of a *test run* is the filter alone, in a loop, without a driver: a real one adds its
own work. A figure of the *rate rig* has a driver (veth) and the making of
the frames in it, which a real receiver does not pay. Packets that pass go on to the kernel's
stack, which costs far more than any filter: cores for that are not in here.

## Packets a second

A frame of b bytes, FCS and all, takes b + 20 bytes of line: 8 of preamble and start delimiter
before it and a gap of 12 after it. The smallest frame has 64 bytes. Media is larger: 20 ms of
G.711 are %d bytes, with RTP (%d), UDP (%d), IPv4 (%d), Ethernet (%d) and FCS (%d) a frame of
%d bytes. An Edge that carries calls sees mostly such frames; one that is attacked sees 64.
""" % (G711_20MS, RTP, UDP, IPV4, ETHERNET, FCS, rtp_bytes))
    print("| line | 64-byte frames, million a second | G.711 RTP frames (%d bytes), million a second "
          "| calls that is, each way |" % rtp_bytes)
    print("| ---: | ---: | ---: | ---: |")
    for gigabits in GIGABITS:
        print("| %d GbE | %.2f | %.2f | %s |" % (
            gigabits, packets_per_second(gigabits, 64) / 1e6,
            packets_per_second(gigabits, rtp_bytes) / 1e6,
            number(int(packets_per_second(gigabits, rtp_bytes) / 50))))
    for frame_bytes, title in ((64, "Cores for 64-byte frames at line rate"),
                               (rtp_bytes, "Cores for G.711 RTP frames at line rate")):
        print("\n## %s\n" % title)
        print("| work | figure | ns | Mpps a core | " +
              " | ".join("%d GbE" % gigabits for gigabits in GIGABITS) + " |")
        print("| --- | --- | ---: | ---: |" + " ---: |" * len(GIGABITS))
        for subject in subjects:
            if not subject:
                continue
            name, value, kind = subject
            ns = value["median"]
            print("| %s | %s | %.1f | %.2f | " % (name, kind, ns, 1000 / ns) +
                  " | ".join("%.1f" % (packets_per_second(gigabits, frame_bytes) * ns / 1e9)
                             for gigabits in GIGABITS) + " |")
    print("\nThe machine:\n")
    for line in machine_lines(report):
        print("- " + line)


README_INTRODUCTION = """\
`sudo tools/bench` measured this beside its peers in one run (under ten minutes; `--quick` takes one).
[docs/bench.md](docs/bench.md) has every figure, and the same in nanoseconds. *Hot* is one frame again and
again, the *rate rig* sends random sources over a veth pair; what is "of" something is a ratio of times.
"""
FAMILIES = ("IPv4", "IPv6")


def both_families(targets):
    """Groups the targets by name; two that differ only in the family are one group."""
    for _, group in itertools.groupby(targets, lambda row: row["name"].replace(*FAMILIES)):
        group = list(group)
        name = group[0]["name"]
        if len(group) == 2:
            name = name.replace(FAMILIES[0], " and ".join(FAMILIES))
        yield name, group


def readme_block(report):
    machine = report["machine"]
    yield README_INTRODUCTION
    returns = "" if machine["returns"] in ("", "Not affected") else ", mitigation of returns: %s" % machine["returns"]
    yield "Measured on %s, Linux %s, %d CPUs%s%s; %s:\n" % (
        machine["cpu"], machine["kernel"], machine["cpus"], ", virtual" if machine["virtual"] else "",
        returns, machine["date"])
    yield "| measured | found | aim | |"
    yield "| --- | ---: | ---: | --- |"
    for name, group in both_families(report["targets"]):
        unit = group[0]["unit"]
        found = " and ".join("-" if row["value"] is None else "%g" % row["value"] for row in group)
        aims = " and ".join(dict.fromkeys("%g" % row["target"] for row in group))
        words = [{None: "not measured", True: "met", False: "**not met**"}[row["met"]] for row in group]
        met = words[0] if len(set(words)) == 1 else \
            ", ".join("%s %s" % pair for pair in zip(FAMILIES, words))
        for row in group:
            if row["met"] is False and row["floor"] is not None:
                met += "; a program that does nothing: %g" % row["floor"]
        yield "| %s | %s | %s | %s |" % (
            name, ("%s %s" % (found, unit)).strip(),
            ("%s %s %s" % (group[0]["sense"], aims, unit)).strip(), met)


def write_readme(report):
    begin, end = "<!-- bench: begin -->\n", "<!-- bench: end -->\n"
    with open("README.md", encoding="utf-8") as file:
        text = file.read()
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        sys.exit("README.md: expected %s and %s" % (begin.strip(), end.strip()))
    with open("README.md", "w", encoding="utf-8") as file:
        file.write(before + begin + "\n".join(readme_block(report)) + "\n" + end + after)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    command, path = sys.argv[1:]
    if command == "merge":
        json.dump(merge(path), sys.stdout, indent=1)
        print()
        return
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    {"table": print_text, "lookup-data": print_lookup_data, "rate-data": print_rate_data,
     "bench-page": print_bench_page, "line-rate-page": print_line_rate_page,
     "readme": write_readme}[command](report)


if __name__ == "__main__":
    main()
