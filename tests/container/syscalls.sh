#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The shipped seccomp profile against strace: it allows what the static binary
# calls, in every verb, and nothing that it does not call.
set -euo pipefail
# shellcheck source=../net/suite.bash
source "$(dirname -- "$0")/../net/suite.bash"
# shellcheck source=verbs.bash
source "$root/tests/container/verbs.bash"
isolate "$@"
begin

profile=$root/deploy/container/seccomp.json
# shellcheck disable=SC2119 # every call
allowed() { # [GROUP]: names of the entries whose comment begins so
	jq -r --arg group "${1-}" '.syscalls[] | select(.action == "SCMP_ACT_ALLOW"
		and (.comment | startswith($group))) | .names[]' "$profile" | sort
}

make --no-print-directory -C "$root" static >"$work/make" 2>&1 || {
	cat "$work/make"
	die 'the static binary does not build'
}
static=$root/build/static/pimxdp
etc=$work/etc
mkdir -p "$etc/out"

quiet_wire
verbs_prepare "$etc"

refused=''
traced() {
	on_edge strace -f -qq -o "$(mktemp "$work/trace.XXXXXX")" "$static" "$@" >"$work/out" 2>&1 ||
		refused+="$*: $(one_line "$(cat "$work/out")") "
}
every_verb "$etc" traced
is 'every verb works under strace' "$refused" ''
is 'no verb of the help is left out' "$(verbs_left)" ''

# Where the last good policy is kept, by a link that root made.
mkdir -m 0700 "$work/state"
ln -s state "$work/linked"

# lives WHERE COMMAND...: the life of an agent: it reloads, loses its interface, serves, ends.
get() { on_edge python3 "$net/get.py" "$@"; }
says() { grep -q "event=$1" "$work/agent.log"; }
lives() {
	local where=$1 agent page
	shift
	# -D: the process started is the agent, not strace.
	start edge "$@" strace -D -f -qq -o "$(mktemp "$work/trace.XXXXXX")" "$static" run eth1 \
		--config "$etc/partners.conf" --metrics "$where" --group 60123 --detach-on-exit \
		--state "$work/linked" 2>"$work/agent.log"
	agent=$!
	wait_for "$patience" 'the agent' says attached
	for page in /metrics /healthz /readyz /nothing; do
		get "$where" "$page" >>"$work/pages"
	done
	kill -HUP "$agent"
	wait_for "$patience" 'the signal' says unchanged
	sed 's/"contoso"/"renamed"/' "$config" >"$etc/new"
	mv "$etc/new" "$etc/partners.conf"
	wait_for "$patience" 'the change' says reloaded
	in_ns edge ip link del eth1
	wait_for "$patience" 'the loss of the interface' says interface-gone
	quiet_wire
	wait_for "$patience" 'its return' says interface-is-back
	wait_for "$patience" 'to be attached' grep -q 'event=attached .*cause=interface' "$work/agent.log"
	kill -TERM "$agent"
	wait "$agent"
	cp "$config" "$etc/partners.conf"
}
check 'an agent works under strace, with a port' lives 127.0.0.1:9469 env
# quiet_wire turned IPv6 off, which `lives` does again when its interface returns.
kernel_setting edge net/ipv6/conf/lo/disable_ipv6 0
check 'with a port of IPv6' lives '[::1]:9469' env
python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True: s.recv(4096)' "$work/manager" &
wait_for "$patience" 'the manager' test -S "$work/manager"
check 'and with a socket and a manager' lives "unix:$work/socket" \
	env NOTIFY_SOCKET="$work/manager" WATCHDOG_USEC=400000

# strace also records the execve that starts it, which the runtime makes.
sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' "$work"/trace.* | sort -u | grep -vx execve >"$work/called"
check 'there are traces' test "$(wc -l <"$work/called")" -gt 30
is 'what it calls is allowed' "$(comm -23 "$work/called" <(allowed) | paste -sd' ')" ''
is 'what is allowed for it, it calls' "$(comm -13 "$work/called" <(allowed pimxdp | uniq) | paste -sd' ')" ''
is 'no name stands twice, but for socket' "$(allowed | uniq -d)" socket

# Which sockets: the family, and of netlink the protocol. The rule is the numbers; its comment, which
# people read and which is compared here, names them.
sed -nE 's/^[0-9]+ +socket\((AF_[A-Z0-9]+), [^,]*, ([A-Z_]+|[0-9]+)\).*/\1 \2/p' "$work"/trace.* |
	sed -E '/^AF_NETLINK /!s/ .*//' | sort -u >"$work/sockets"
# Of these, the number of each.
numbers() {
	python3 -c 'import socket, sys
protocols = {"NETLINK_ROUTE": 0, "NETLINK_SOCK_DIAG": 4, "NETLINK_GENERIC": 16}
for line in sys.stdin:
    family, *protocol = line.split()
    print(int(getattr(socket, family)), *[protocols[name] for name in protocol])'
}
is 'the sockets it opens are those that are allowed' "$(paste -sd, "$work/sockets")" \
	"$(jq -r '.syscalls[] | select(.names == ["socket"]) | .comment | ltrimstr("pimxdp: socket(2), ")' \
		"$profile" | sort | paste -sd,)"
is 'each by its number, and compared for equality' "$(numbers <"$work/sockets" | sort)" \
	"$(jq -r '.syscalls[] | select(.names == ["socket"]) | .args |
		select(map(.op) | unique == ["SCMP_CMP_EQ"]) | select(map(.index) | . == [0] or . == [0, 2]) |
		map(.value) | join(" ")' "$profile" | sort)"
is 'no rule lets every socket through' "$(jq '[.syscalls[] | select((.names | index("socket")) and
	(.names != ["socket"] or (.args | length == 0)))] | length' "$profile")" 0
is 'all else is refused' "$(jq -r '[.defaultAction, .defaultErrnoRet] | join(" ")' "$profile")" 'SCMP_ACT_ERRNO 1'
finish
