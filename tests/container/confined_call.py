#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""confined_call.py PROFILE NUMBER: makes a system call, with arguments of zero, behind the filter
that libseccomp makes of a seccomp profile, as a container's runtime would. Prints "allowed", or
what the call failed with."""
import ctypes
import json
import os
import sys

ALLOW = 0x7FFF0000
ERRNO = 0x00050000


def confine(profile):
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(ERRNO | profile["defaultErrnoRet"])))
    for entry in profile["syscalls"]:
        for name in entry["names"]:
            number = seccomp.seccomp_syscall_resolve_name(name.encode())
            if number < 0 or seccomp.seccomp_rule_add(context, ctypes.c_uint32(ALLOW), number, 0):
                sys.exit("no system call is called " + name)
    if seccomp.seccomp_load(context):
        sys.exit("the filter does not load")


def main(path, number):
    with open(path, encoding="utf-8") as file:
        profile = json.load(file)
    libc = ctypes.CDLL(None, use_errno=True)
    confine(profile)
    zero = ctypes.c_long(0)
    if libc.syscall(ctypes.c_long(int(number)), zero, zero, zero, zero, zero, zero) >= 0:
        print("allowed")
    else:
        print(os.strerror(ctypes.get_errno()))


main(*sys.argv[1:])
