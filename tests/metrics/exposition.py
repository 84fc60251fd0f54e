#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Expositions of metrics, for tests/net/metrics.sh.

  exposition.py strict FILE            a strict OpenMetrics reader takes the file
  exposition.py equal FILE FILE        the Prometheus text and the OpenMetrics text say the same
  exposition.py report FILE INTERFACE STATS STATUS ADDRESSES
                                       the same numbers as stats --json, status --json, addresses
  exposition.py serve PORT FILE...     each file under its own name, until it is ended
  exposition.py watch FILE             reads the file over and over until SIGTERM

strict, equal and report print "ok NAME" or "not ok NAME: why" lines.
"""
import collections
import http.server
import json
import os
import signal
import sys

from prometheus_client import parser
from prometheus_client.openmetrics import parser as strict_parser

TYPES = {False: "text/plain; version=0.0.4; charset=utf-8",
         True: "application/openmetrics-text; version=1.0.0; charset=utf-8"}
END = "# EOF\n"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def families(path):
    text = read(path)
    reader = strict_parser if text.endswith(END) else parser
    return list(reader.text_string_to_metric_families(text))


def samples(path):
    """{(name, labels): value}; a sample that stands twice is an error."""
    found = {}
    for family in families(path):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            if key in found:
                raise ValueError("twice: %s %s" % (sample.name, sample.labels))
            found[key] = sample.value
    return found


def verdict(name, why):
    print("not ok %s: %s" % (name, why) if why else "ok " + name)


def strict(path):
    try:
        read_families = families(path)
        wrong = "" if read_families and read(path).endswith(END) else "is no OpenMetrics text"
        for family in read_families:
            if family.name.endswith(("_total", "_info")):
                wrong = family.name + " has the name of a sample"
    except ValueError as error:
        wrong = str(error)
    verdict("a strict reader of OpenMetrics takes it", wrong)


def equal(one, other):
    one, other = samples(one), samples(other)
    differing = [key for key in one.keys() | other.keys() if one.get(key) != other.get(key)]
    verdict("both formats say the same, in %d samples" % len(one),
            "" if len(one) > 50 and not differing else "differing: %s" % differing[:3])


def expected(interface, stats, status, addresses):
    """Every sample that the other outputs know of the interface, without its name."""
    count = collections.Counter(line.split()[0] for line in read(addresses).splitlines())
    status = [place for place in json.loads(read(status)) if place["interface"] == interface][0]
    stats = json.loads(read(stats))
    for kind, labels in (("reason", ("reason", "verdict")), ("rule", ("rule", "leg")),
                         ("partner", ("partner",))):
        for line in stats[kind + "s"]:
            for unit in "packets", "bytes":
                yield ("pimxdp_%s_%s_total" % (kind, unit), {name: line[name] for name in labels},
                       line[unit])
    flows = stats["flows"]
    for name, field in (("flows", "held"), ("slots", "slots"), ("inserts_total", "inserts"),
                        ("evictions_total", "evictions"),
                        ("evicted_packets_total", "evicted_packets"),
                        ("evicted_bytes_total", "evicted_bytes")):
        yield "pimxdp_flow_table_" + name, {}, flows[field]
    yield "pimxdp_attach_mode", {"mode": status["attach_mode"]}, 1
    yield "pimxdp_attached", {}, int(status["state"] == "attached")
    yield "pimxdp_state", {"state": status["state"]}, 1
    yield "pimxdp_read_success", {}, 1
    yield "pimxdp_policy_generation", {}, status["generation"]
    yield "pimxdp_policy_info", {"hash": status["policy_hash"], "mode": status["mode"]}, 1
    for role in count:
        yield "pimxdp_policy_prefixes", {"role": role}, count[role]


def report(path, interface, *others):
    found = samples(path)
    wanted = {(name, frozenset({**labels, "interface": interface}.items())): value
              for name, labels, value in expected(interface, *others)}
    differing = ["%s %s: %s instead of %s" % (name, dict(labels), found.get((name, labels)), value)
                 for (name, labels), value in wanted.items() if found.get((name, labels)) != value]
    verdict("the numbers are those of the other outputs, %d of them" % len(wanted),
            "; ".join(differing[:3]))
    # What those leave out: times, and counters that never counted.
    rest = ["%s %s" % (name, dict(labels)) for (name, labels), value in found.items()
            if (name, labels) not in wanted and ("interface", interface) in labels and value
            and not name.endswith("_timestamp_seconds")]
    verdict("and there is nothing else that counts", "; ".join(rest[:3]))
    if not any(value for (name, _), value in wanted.items() if name.endswith("_total")):
        verdict("something was counted", "all counters are 0")


def serve(port, *paths):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path = {"/" + os.path.basename(path): path for path in paths}.get(self.path)
            if not path:
                return self.send_error(404)
            body = read(path)
            self.send_response(200)
            self.send_header("Content-Type", TYPES[body.endswith(END)])
            self.end_headers()
            return self.wfile.write(body.encode())

        def log_message(self, *arguments):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


def watch(path):
    """Prints "another" for each file that it had not read before, and at the end how many they
    were and how many were not whole."""
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    seen, partial = set(), 0
    while not stop:
        with open(path, encoding="utf-8") as file:
            number = os.fstat(file.fileno()).st_ino
            text = file.read()
        if number not in seen:
            seen.add(number)
            print("another", flush=True)
        partial += not (text.startswith("# HELP ") and text.endswith(END))
    print(len(seen), partial)


def main():
    verbs = {"strict": strict, "equal": equal, "report": report, "serve": serve,
             "watch": watch}
    if len(sys.argv) < 2 or sys.argv[1] not in verbs:
        sys.exit(__doc__)
    verbs[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
