#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Somebody has taken over the agent in its container, and opens the kinds of sockets that kernels
# were broken through: those that pimxdp never opens. Root with all capabilities tries, behind the
# profile that is shipped, so that nothing but the profile refuses.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

profile=$root/deploy/container/seccomp.json
opened() { python3 "$root/tests/container/confined_call.py" "$1" 41 "${@:2}"; }
# NAME FAMILY TYPE PROTOCOL; 2 is SOCK_DGRAM, 3 SOCK_RAW, 5 SOCK_SEQPACKET.
while read -r name family kind protocol; do
	is "$name is refused" "$(opened "$profile" "$family" "$kind" "$protocol")" 'Operation not permitted'
	check "$name: it is not refused without the profile" \
		test "$(opened - "$family" "$kind" "$protocol")" != 'Operation not permitted'
done <<'END_OF_LIST'
AF_PACKET 17 3 768
AF_ALG 38 5 0
AF_VSOCK 40 1 0
AF_KEY 15 3 2
AF_CAN 29 3 1
AF_BLUETOOTH 31 3 1
AF_XDP 44 3 0
AF_TIPC 30 2 0
NETLINK_NETFILTER 16 3 12
NETLINK_XFRM 16 3 6
NETLINK_AUDIT 16 3 9
NETLINK_CRYPTO 16 3 21
END_OF_LIST
while read -r name family kind protocol; do
	is "$name, which it uses, is allowed" "$(opened "$profile" "$family" "$kind" "$protocol")" allowed
done <<'END_OF_LIST'
AF_UNIX 1 1 0
AF_INET 2 1 0
AF_INET6 10 1 0
NETLINK_ROUTE 16 3 0
NETLINK_GENERIC 16 3 16
END_OF_LIST
is 'socketpair is refused' "$(python3 "$root/tests/container/confined_call.py" "$profile" 53 1 1 0)" 'Operation not permitted'
finish
