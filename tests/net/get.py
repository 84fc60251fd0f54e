#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""get.py WHERE PATH [METHOD [NAME:VALUE...]]: an HTTP request to ADDRESS:PORT or unix:FILE.

Prints the status, the media type, an empty line and the body. "get.py WHERE raw TEXT" sends
the text instead (with its backslash escapes) and prints the first line of the answer, if any.
"""
import http.client
import socket
import sys

TIMEOUT_SECONDS = 60


def connect(where):
    if where.startswith("unix:"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(TIMEOUT_SECONDS)
        connection.connect(where.removeprefix("unix:"))
        return connection
    host, _, port = where.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), TIMEOUT_SECONDS)


class Client(http.client.HTTPConnection):
    def __init__(self, where):
        super().__init__("localhost")
        self.where = where

    def connect(self):
        self.sock = connect(self.where)


def main(where, path, method="GET", *headers):
    if path == "raw":
        connection = connect(where)
        connection.sendall(method.encode().decode("unicode_escape").encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        print(connection.makefile("rb").readline().decode("latin-1").strip())
        return
    client = Client(where)
    client.request(method, path, headers=dict(header.split(":", 1) for header in headers))
    answer = client.getresponse()
    print(answer.status)
    print(answer.getheader("Content-Type", ""))
    print()
    print(answer.read().decode(), end="")


main(*sys.argv[1:])
