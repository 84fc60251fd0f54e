#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The relative links of Markdown pages: each leads to a file, and its #anchor to a
heading of it.

links.py PAGE...     prints what is wrong, a line each; exits 1 when there is any

Links to other hosts are not followed. A page without a link is fine; no page is not."""

import os
import re
import sys
import urllib.parse


def prose(path):
    """The page's lines outside code blocks."""
    fenced = False
    with open(path, encoding="utf-8") as page:
        for line in page:
            if line.startswith("```"):
                fenced = not fenced
            elif not fenced and not line.startswith("    "):
                yield line.rstrip("\n")


def links(path):
    # A link's text may go on in the next line; code spans hold none.
    text = re.sub(r"`[^`]*`", "code", "\n".join(prose(path)))
    return re.findall(r"\]\(([^()\s]+)\)", text)


def anchors(path):
    """Those that GitHub gives to headings: words in lower case, joined by hyphens."""
    found = set()
    for line in prose(path):
        heading = re.match(r"#{1,6} +(.*?) *#*$", line)
        if heading:
            name = re.sub(r"[^\w\- ]", "", heading[1].lower()).replace(" ", "-")
            number = 0
            while name + (f"-{number}" if number else "") in found:
                number += 1
            found.add(name + (f"-{number}" if number else ""))
    return found


def faults(path):
    for link in links(path):
        target, _, anchor = urllib.parse.unquote(link).partition("#")
        if re.match(r"[a-z+]+:", target):
            continue
        if target.startswith("/"):
            yield f"{path}: {link}: an absolute path"
            continue
        file = os.path.normpath(os.path.join(os.path.dirname(path), target)) if target else path
        if not os.path.exists(file):
            yield f"{path}: {link}: no such file"
        elif anchor and (not file.endswith(".md") or anchor not in anchors(file)):
            yield f"{path}: {link}: no such heading"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    wrong = [fault for path in sys.argv[1:] for fault in faults(path)]
    print("\n".join(wrong), end="\n" if wrong else "")
    return len(wrong) > 0


if __name__ == "__main__":
    sys.exit(main())
