#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""slow-clients.py WHERE COUNT [again [FROM]]: COUNT connections to ADDRESS:PORT or unix:FILE that never end their request.

Each sends a header line now and then. With `again`, one that the server closes comes back at once. FROM is the
address to come from.
Prints a line "open N closed M" whenever that has changed by much and at the end, which is when the server
has closed every one that does not come back. Several processes share the connections, for want of descriptors.
"""
import errno
import os
import selectors
import socket
import sys

LINE = b"X-More: please wait, this will take a while\r\n"
TRICKLE_SECONDS = 2
EACH = 900  # connections of one process


def connect(where, source):
    if where.startswith("unix:"):
        client = socket.socket(socket.AF_UNIX)
        target = where.removeprefix("unix:")
    else:
        host, _, port = where.rpartition(":")
        client = socket.socket(socket.AF_INET6 if "[" in host else socket.AF_INET)
        target = (host.strip("[]"), int(port))
    client.setblocking(False)
    if source:
        client.bind((source, 0))
    if client.connect_ex(target) not in (0, errno.EINPROGRESS, errno.EAGAIN):
        client.close()
        return None
    return client


def slow(where, count, again, source):
    watched = selectors.DefaultSelector()
    closed = said = 0
    for _ in range(count):
        client = connect(where, source)
        if client:
            watched.register(client, selectors.EVENT_READ | selectors.EVENT_WRITE, "new")
    while watched.get_map():
        for key, events in watched.select(TRICKLE_SECONDS) or [(key, 0) for key in list(watched.get_map().values())]:
            client = key.fileobj
            try:
                if events & selectors.EVENT_READ and not client.recv(4096):
                    raise ConnectionResetError
                if key.data == "new" and events & selectors.EVENT_WRITE:
                    client.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
                    watched.modify(client, selectors.EVENT_READ, "trickling")
                elif not events and key.data == "trickling":
                    client.send(LINE)
            except BlockingIOError:
                pass
            except OSError:
                closed += 1
                watched.unregister(client)
                client.close()
                client = connect(where, source) if again else None
                if client:
                    watched.register(client, selectors.EVENT_READ | selectors.EVENT_WRITE, "new")
        if closed - said >= 50 or not watched.get_map():
            said = closed
            os.write(1, b"open %d closed %d\n" % (len(watched.get_map()), closed))


def main(where, count, again="", source=""):
    children = []
    count = int(count)
    while count > 0:
        part = min(count, EACH)
        child = os.fork()
        if not child:
            slow(where, part, again, source)
            os._exit(0)
        children.append(child)
        count -= part
    print("started", flush=True)
    for child in children:
        os.waitpid(child, 0)


main(*sys.argv[1:])
