#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs a command under a seccomp filter that answers bpf(2) with an error.

Usage: seccomp.py ERRNO COMMAND...    for example: seccomp.py EPERM pimxdp ...
"""
import ctypes
import errno
import os
import platform
import struct
import sys

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PR_SET_NO_NEW_PRIVS = 38
AUDIT_ARCH_X86_64, NR_BPF = 0xC000003E, 321
RET_ALLOW, RET_ERRNO = 0x7FFF0000, 0x00050000
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
OFFSET_NR, OFFSET_ARCH = 0, 4  # in struct seccomp_data


def instruction(code, k, if_true=0, if_false=0):
    return struct.pack("=HBBI", code, if_true, if_false, k)


def main():
    if len(sys.argv) < 3 or not hasattr(errno, sys.argv[1]):
        sys.exit(__doc__)
    if platform.machine() != "x86_64":
        sys.exit("seccomp.py: expected x86_64, found " + platform.machine())
    program = b"".join((
        instruction(LOAD_WORD, OFFSET_ARCH),
        instruction(JUMP_IF_EQUAL, AUDIT_ARCH_X86_64, 0, 3),
        instruction(LOAD_WORD, OFFSET_NR),
        instruction(JUMP_IF_EQUAL, NR_BPF, 0, 1),
        instruction(RETURN, RET_ERRNO | getattr(errno, sys.argv[1])),
        instruction(RETURN, RET_ALLOW),
    ))
    filters = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("@HP", len(program) // 8, ctypes.addressof(filters))
    libc = ctypes.CDLL(None, use_errno=True)
    if (libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or
            libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, fprog)):
        sys.exit("seccomp.py: " + os.strerror(ctypes.get_errno()))
    os.execvp(sys.argv[2], sys.argv[2:])


main()
