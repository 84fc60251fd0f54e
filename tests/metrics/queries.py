#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The queries of the dashboard, the alert rules and the documentation, against the metrics there
are and against a Prometheus that has them.

  queries.py FAMILIES URL

FAMILIES is what `pimxdp metrics --json` prints. Prints "ok NAME" or "not ok NAME: why" lines.
"""
import collections
import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DASHBOARD = "deploy/grafana/pimxdp.json"
ALERTS = "deploy/prometheus/alerts.yaml"
DOCS = ("docs/metrics.md", "docs/fleet.md")

# For all queries together.
PATIENCE_SECONDS = 60

# What Prometheus adds to every sample, and series of its own.
TARGET = {"instance", "job"}
OWN = {"up": TARGET, "ALERTS": TARGET | {"alertname", "alertstate", "severity"}}
VARIABLES = {"$__rate_interval": "1m", "$__interval": "1m", "$instance": ".+", "$interface": ".+"}

SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"')
GROUPING = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
NAME = re.compile(r"[\w:]*pimxdp_[\w:]*")

# may_be_empty: it asks for what is wrong, and nothing is.
Query = collections.namedtuple("Query", "where expr shown may_be_empty")


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def all_panels(panels):
    for panel in panels:
        yield panel
        yield from all_panels(panel.get("panels", []))


def dashboard_queries(dashboard):
    for panel in all_panels(dashboard["panels"]):
        for target in panel.get("targets", []):
            shown = set(re.findall(r"\{\{\s*(\w+)\s*\}\}", target["legendFormat"]))
            yield Query("dashboard, " + panel["title"], target["expr"], shown, False)
    for annotation in dashboard["annotations"]["list"]:
        if "expr" in annotation:
            shown = set(re.findall(r"\{\{\s*(\w+)\s*\}\}", annotation["textFormat"]))
            yield Query("dashboard, annotation " + annotation["name"], annotation["expr"], shown, True)
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            expr, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["definition"]).groups()
            yield Query("dashboard, variable " + variable["name"], expr, {label}, False)


def alert_rules(alerts):
    return [rule for group in alerts["groups"] for rule in group["rules"]]


def alert_queries(rules):
    for rule in rules:
        shown = set(re.findall(r"\$labels\.(\w+)", " ".join(rule.get("annotations", {}).values())))
        yield Query("alerts, " + rule.get("alert", rule.get("record")), rule["expr"], shown,
                    "alert" in rule)


def document_queries(path):
    for number, block in enumerate(re.findall(r"^```promql\n(.*?)^```", read(path), re.S | re.M), 1):
        yield Query("%s, query %d" % (path, number), block.strip(), set(), False)


def names(expr):
    return set(NAME.findall(re.sub(r'"[^"]*"', '""', expr))) | \
        {name for name, _ in SELECTOR.findall(expr)}


def labels_of(expr, known):
    """The labels that a result may have: a union, or what aggregations leave of it."""
    kept, found = set(), set()
    for name in names(expr):
        found |= known.get(name, set())
    for word, listed in GROUPING.findall(expr):
        listed = set(re.findall(r"\w+", listed))
        if word == "by":
            kept |= listed
        elif word == "without":
            found -= listed
    return kept or found


def faults(query, known):
    expr = query.expr
    for name in names(expr):
        if name not in known:
            yield "there is no metric %s" % name
    if not names(expr) & known.keys():
        yield "asks for no metric"
    for name, matchers in SELECTOR.findall(expr):
        for label, _, _ in MATCHER.findall(matchers):
            if label not in known.get(name, set()):
                yield "%s has no label %s" % (name, label)
    everything = set().union(*(known.get(name, set()) for name in names(expr)))
    for _, listed in GROUPING.findall(expr):
        for label in re.findall(r"\w+", listed):
            if label not in everything:
                yield "none of its metrics has a label %s" % label
    for label in query.shown - labels_of(expr, known):
        yield "shows the label %s, which its result has not" % label


def ask(url, path, **arguments):
    try:
        with urllib.request.urlopen("%s/api/v1/%s?%s" % (
                url, path, urllib.parse.urlencode(arguments, doseq=True)), timeout=30) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        raise ValueError(json.load(error).get("error", str(error))) from None


def live_faults(query, url):
    expr = query.expr
    for variable, value in VARIABLES.items():
        expr = expr.replace(variable, value)
    try:
        result = ask(url, "query", query=expr)["result"]
        if not result and not query.may_be_empty:
            yield "has no result: " + expr
        for name, matchers in SELECTOR.findall(expr):
            for label, operator, value in MATCHER.findall(matchers):
                if operator == "=" and name not in OWN and \
                        value not in ask(url, "label/%s/values" % label, **{"match[]": name}):
                    yield "%s never has %s=\"%s\"" % (name, label, value)
    except ValueError as error:
        yield "%s: %s" % (expr, error)


def lasting_faults(query, url, deadline):
    """Those that there still are when the time is over: a scrape that came too late takes the
    series away until the next one."""
    while True:
        last = time.monotonic() > deadline
        found = list(live_faults(query, url))
        if last or not found:
            return found
        time.sleep(0.5)


def dashboard_faults(dashboard):
    panels = list(all_panels(dashboard["panels"]))
    if len({panel["id"] for panel in panels}) != len(panels):
        yield "two panels have the same id"
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    for panel in panels:
        for used in re.findall(r"\$\{?([a-z]\w*)", json.dumps(panel)):
            if used not in variables:
                yield "%s uses $%s, which is no variable" % (panel["title"], used)
        if panel["type"] != "row" and panel["datasource"]["uid"] != "${datasource}":
            yield "%s has a data source of its own" % panel["title"]
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            yield "%s is beyond the right edge" % panel["title"]
    cells = collections.Counter((x, y) for panel in panels for place in [panel["gridPos"]]
                                for x in range(place["x"], place["x"] + place["w"])
                                for y in range(place["y"], place["y"] + place["h"]))
    if cells and max(cells.values()) > 1:
        yield "panels overlap"


def verdict(name, why):
    why = "; ".join(why)
    print("not ok %s: %s" % (name, why) if why else "ok " + name, flush=True)


def main(families, url):
    with open(families, encoding="utf-8") as file:
        known = {family["metric"]: set(family["labels"]) | TARGET for family in json.load(file)}
    rules = alert_rules(yaml.safe_load(read(ALERTS)))
    exported = set(known)
    known.update(OWN)
    known["ALERTS"] = set().union(*known.values())
    for rule in rules:
        if "record" in rule:
            known[rule["record"]] = labels_of(rule["expr"], known)
    dashboard = json.loads(read(DASHBOARD))
    queries = [*dashboard_queries(dashboard), *alert_queries(rules)]
    for path in DOCS:
        queries += document_queries(path)
    verdict("dashboard, as a whole", dashboard_faults(dashboard))
    deadline = time.monotonic() + PATIENCE_SECONDS
    for query in queries:
        verdict(query.where, list(faults(query, known)) or lasting_faults(query, url, deadline))
    used = set().union(*(names(query.expr) for query in queries))
    verdict("every metric is shown or asked for somewhere", sorted(exported - used))
    for kind in "dashboard", "alerts", "docs":
        if not any(query.where.startswith(kind) for query in queries):
            verdict(kind, ["has no queries"])


if __name__ == "__main__":
    main(*sys.argv[1:])
