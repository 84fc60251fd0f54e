#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs a command under a seccomp filter that answers bpf(2), or sockets of a netlink protocol,
with an error.

Usage: seccomp.py ERRNO COMMAND...             for example: seccomp.py EPERM pimxdp ...
       seccomp.py ERRNO:PROTOCOL COMMAND...    for example: seccomp.py EPERM:4 pimxdp ...
"""
import ctypes
import errno
import os
import platform
import struct
import sys

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PR_SET_NO_NEW_PRIVS = 38
AUDIT_ARCH_X86_64, NR_SOCKET, NR_BPF = 0xC000003E, 41, 321
AF_NETLINK = 16
RET_ALLOW, RET_ERRNO = 0x7FFF0000, 0x00050000
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
OFFSET_NR, OFFSET_ARCH, OFFSET_ARGUMENT = 0, 4, 16  # in struct seccomp_data


def instruction(code, k, if_true=0, if_false=0):
    return struct.pack("=HBBI", code, if_true, if_false, k)


def main():
    name, _, protocol = sys.argv[1].partition(":") if len(sys.argv) > 2 else ("", "", "")
    if not hasattr(errno, name):
        sys.exit(__doc__)
    if platform.machine() != "x86_64":
        sys.exit("seccomp.py: expected x86_64, found " + platform.machine())
    conditions = [(OFFSET_ARCH, AUDIT_ARCH_X86_64), (OFFSET_NR, NR_BPF)]
    if protocol:
        conditions = [(OFFSET_ARCH, AUDIT_ARCH_X86_64), (OFFSET_NR, NR_SOCKET),
                      (OFFSET_ARGUMENT, AF_NETLINK), (OFFSET_ARGUMENT + 2 * 8, int(protocol))]
    program = b""
    for at, (offset, value) in enumerate(conditions):
        to_the_end = 2 * (len(conditions) - at) - 1  # behind the error
        program += instruction(LOAD_WORD, offset) + instruction(JUMP_IF_EQUAL, value, 0, to_the_end)
    program += instruction(RETURN, RET_ERRNO | getattr(errno, name)) + instruction(RETURN, RET_ALLOW)
    filters = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("@HP", len(program) // 8, ctypes.addressof(filters))
    libc = ctypes.CDLL(None, use_errno=True)
    if (libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or
            libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, fprog)):
        sys.exit("seccomp.py: " + os.strerror(ctypes.get_errno()))
    os.execvp(sys.argv[2], sys.argv[2:])


main()
