#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""confined_call.py PROFILE NUMBER [ARGUMENT...]: makes a system call, with these arguments and then
zeros, behind the filter that libseccomp makes of a seccomp profile, as a container's runtime would.
Prints "allowed", or what the call failed with. With "-" as PROFILE there is no filter."""
import ctypes
import json
import os
import sys

ALLOW = 0x7FFF0000
ERRNO = 0x00050000
OPERATORS = {"SCMP_CMP_EQ": 4}


class Comparison(ctypes.Structure):
    """struct scmp_arg_cmp"""
    _fields_ = [("index", ctypes.c_uint), ("operator", ctypes.c_int), ("value", ctypes.c_uint64),
                ("second", ctypes.c_uint64)]


def confine(profile):
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(ERRNO | profile["defaultErrnoRet"])))
    for entry in profile["syscalls"]:
        arguments = [Comparison(argument["index"], OPERATORS[argument["op"]], argument["value"], 0)
                     for argument in entry.get("args", [])]
        array = (Comparison * len(arguments))(*arguments)
        for name in entry["names"]:
            number = seccomp.seccomp_syscall_resolve_name(name.encode())
            if number < 0 or seccomp.seccomp_rule_add_array(context, ctypes.c_uint32(ALLOW), number,
                                                            len(arguments), array):
                sys.exit("no system call is called " + name)
    if seccomp.seccomp_load(context):
        sys.exit("the filter does not load")


def main(path, number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if path != "-":
        with open(path, encoding="utf-8") as file:
            profile = json.load(file)
        confine(profile)
    words = [ctypes.c_long(int(word)) for word in (number, *arguments, *[0] * 6)[:7]]
    if libc.syscall(*words) >= 0:
        print("allowed")
    else:
        print(os.strerror(ctypes.get_errno()))


main(*sys.argv[1:])
