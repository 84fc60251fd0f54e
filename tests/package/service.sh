#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The unit: whether systemd understands it, how much it leaves exposed, and, under a
# separate systemd, that pimxdp works inside it and nothing else does.
set -euo pipefail
# shellcheck source=../net/suite.bash
source "$(dirname -- "$0")/../net/suite.bash"
isolate "$@"
# shellcheck source=root.bash
source "$root/tests/package/root.bash"
begin
make_root
make --no-print-directory -C "$root" install DESTDIR="$root_copy" PREFIX=/usr >"$work/install.log"
unit=/usr/lib/systemd/system/pimxdp@.service

# ---- by reading ----

check 'systemd understands the unit' chroot "$root_copy" systemd-analyze verify pimxdp@eth1.service
is 'without a word' "$(chroot "$root_copy" systemd-analyze verify pimxdp@eth1.service 2>&1)" ''
# 0 is least exposed, 100 most; a service without any of this has 96.
check 'little is exposed' chroot "$root_copy" systemd-analyze security --offline=true --threshold=25 pimxdp@eth1.service
sed '/^ProtectSystem/d; /^SystemCallFilter/d; /^CapabilityBoundingSet/d' "$root_copy$unit" >"$root_copy/run/open@.service"
check 'and the threshold tells' bash -c '! "$@"' - \
	chroot "$root_copy" systemd-analyze security --offline=true --threshold=25 /run/open@.service
setting() { sed -n "s/^$1=//p" "$root_copy$unit"; }
is 'three capabilities' "$(setting CapabilityBoundingSet)" 'CAP_BPF CAP_NET_ADMIN CAP_PERFMON'
is 'it is never stopped by taking the filter off' "$(setting ExecStop)$(setting ExecStopPost)" ''
make --no-print-directory -C "$root" install DESTDIR="$work/local" PREFIX=/opt/pimxdp UNITDIR=/etc/systemd/system \
	>"$work/install.log"
check 'another prefix is another program' grep -q '^ExecStart=/opt/pimxdp/sbin/pimxdp run ' \
	"$work/local/etc/systemd/system/pimxdp@.service"

# ---- by running ----

if ! boot_root; then
	skip 'the unit under a systemd' "$boot_fault"
	finish
fi
ok 'a systemd runs in a container'
place=$root_copy/etc/pimxdp
mkdir -p "$place"
cp "$config" "$place/eth1.conf"
in_root ip link add eth1 type veth peer name net0
in_root ip link set eth1 up
in_root ip link set net0 up

# sandboxed COMMAND: what the unit would do if it ran that once; then see output.
sandboxed() {
	{
		grep -vE '^(\[Install\]|WantedBy|Type|Exec|Restart)' "$root_copy$unit"
		printf '%s\n' Type=oneshot "ExecStart=$*" StandardOutput=truncate:/run/tried StandardError=inherit
	} | in_root tee /run/systemd/system/sandboxed@.service >"$work/sandboxed"
	in_root systemctl daemon-reload
	in_root systemctl start sandboxed@eth1
}
output() { in_root cat /run/tried; }
works() { # NAME COMMAND...
	local name=$1
	shift
	if sandboxed "$@" >"$work/started" 2>&1; then
		ok "$name"
	else
		not_ok "$name" "$(one_line "$(output) $(in_root systemctl --no-pager status sandboxed@eth1 2>&1 | tail -n 5)")"
	fi
}
# The command itself must have failed: statuses above 200 are systemd's own.
fails() { # NAME COMMAND...
	local name=$1 code status
	shift
	if sandboxed "$@" >"$work/started" 2>&1; then
		not_ok "$name" "was done: $*"
		return
	fi
	code=$(in_root systemctl show --property ExecMainCode --value sandboxed@eth1)
	status=$(in_root systemctl show --property ExecMainStatus --value sandboxed@eth1)
	if ((code > 0 && status > 0 && status < 200)); then
		ok "$name"
	else
		not_ok "$name" "was not tried: code $code, status $status: $(one_line "$(<"$work/started")")"
	fi
}

attached() { in_root pimxdp status eth1 --json | jq -r '.[0].state'; }
printf '%b' '\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0' \
	'\0\0\0\0\0\0\0\0\x0e\0\0\0\x0e\0\0\0' '\0\0\0\0\0\0\0\0\0\0\0\0\x08\x06' >"$place/arp.pcap"
works 'in the sandbox: attach' /usr/sbin/pimxdp attach eth1 --config /etc/pimxdp/eth1.conf
is 'and the filter is there outside' "$(attached)" attached
sed -i 's/^clients/# &/' "$place/eth1.conf"
works 'in the sandbox: reload' /usr/sbin/pimxdp reload eth1 --config /etc/pimxdp/eth1.conf
is 'and it loaded' "$(in_root pimxdp status eth1 --json | jq '.[0].generation')" 2
cp "$config" "$place/eth1.conf"
works 'in the sandbox: attach --replace' /usr/sbin/pimxdp attach eth1 --config /etc/pimxdp/eth1.conf --replace
for verb in stats flows addresses status; do
	works "in the sandbox: $verb" /usr/sbin/pimxdp "$verb" eth1
done
works 'in the sandbox: replay' /usr/sbin/pimxdp replay /etc/pimxdp/arp.pcap --config /etc/pimxdp/eth1.conf --json
is 'and it judged' "$(output | jq -r .reason 2>&1)" arp
works 'in the sandbox: detach' /usr/sbin/pimxdp detach eth1
is 'and it is off' "$(attached)" detached

works 'in the sandbox: what it may do' /usr/bin/grep -E '^(CapPrm|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status
# CAP_NET_ADMIN is bit 12, CAP_PERFMON 38, CAP_BPF 39.
is 'these capabilities and no others' "$(output | awk '/^Cap/ { print $2 }' | sort -u)" \
	"$(printf '%016x' $((1 << 12 | 1 << 38 | 1 << 39)))"
is 'no new privileges, a filter of system calls' "$(output | awk '!/^Cap/ { print $2 }' | paste -sd' ')" '1 2'
fails 'no writing to /etc' /usr/bin/touch /etc/pimxdp/made
fails 'no writing to /sys' /usr/bin/mkdir /sys/fs/cgroup/made
fails 'no changing of kernel settings' /usr/sbin/sysctl -w net.core.bpf_jit_enable=1
fails 'no mounting' /usr/bin/mount -t tmpfs tmpfs /tmp
fails 'no namespaces' /usr/bin/unshare --user /bin/true
fails 'no raw sockets' /usr/bin/python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'
fails 'no other user' /usr/bin/setpriv --reuid=65534 /bin/true
fails 'no writable code' /usr/bin/python3 -c 'import mmap; mmap.mmap(-1, 4096, prot=7)'
is 'nothing of that was done' "$(find "$place" -name made)" ''

# ---- the agent ----

if ! "$pimxdp" run --help >"$work/run.help" 2>&1; then
	skip 'the agent under systemd' 'this pimxdp has no command run'
	finish
fi
property() { in_root systemctl show --property "$1" --value pimxdp@eth1; }
program() { in_root pimxdp status eth1 --json | jq '.[0].program_id'; }
generation() { in_root pimxdp status eth1 --json | jq '.[0].generation'; }
is_generation() { (($(generation) == $1)); }
restarted() { (($(property NRestarts) == $1)) && in_root systemctl --quiet is-active pimxdp@eth1; }
tried_again() { (($(property NRestarts) > $1)); }
says_refused() { [[ $(property StatusText) == *REFUSED* ]]; }

check 'the agent starts and says that it is ready' in_root systemctl start pimxdp@eth1
is 'it is active' "$(property ActiveState)" active
is 'the filter is attached' "$(attached)" attached
sed -i 's/^clients/# &/' "$place/eth1.conf"
check 'systemctl reload' in_root systemctl reload pimxdp@eth1
check 'and the policy is loaded' wait_for "$patience" 'the reload' is_generation 2
before=$(program)
in_root systemctl kill --signal=KILL pimxdp@eth1
check 'when it is killed, systemd starts it again' wait_for "$patience" 'the restart' restarted 1
is 'and the filter was never off' "$(program)" "$before"
check 'systemctl stop' in_root systemctl stop pimxdp@eth1
is 'leaves the filter in place' "$(attached) $(program)" "attached $before"
is 'and is a success' "$(property Result)" success
cp "$config" "$place/eth1.conf"
check 'started again, it adopts the filter' in_root systemctl start pimxdp@eth1
is 'the filter is the one' "$(attached)" attached
in_root systemctl stop pimxdp@eth1

# drop_in LINE...: for [Service].
drop_in() {
	local folder=$root_copy/etc/systemd/system/pimxdp@eth1.service.d
	mkdir -p "$folder"
	printf '%s\n' '[Service]' "$@" >"$folder/test.conf"
	in_root systemctl daemon-reload
	in_root systemctl restart pimxdp@eth1
}
example=$root_copy/usr/share/doc/pimxdp/examples/metrics.conf
address=$(sed -n 's/^Environment=.*--metrics \([^"]*\)"/\1/p' "$example")
mapfile -t lines < <(grep -v '^\[' "$example")
check 'with the example for metrics it starts' drop_in "${lines[@]}"
# ask PYTHON-CONNECTION: the status of /readyz, and whether /metrics has counters.
ask() {
	in_root python3 -c "
import http.client, socket
$1
def get(path):
    connection = connect()
    connection.request('GET', path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()
print(get('/readyz')[0], 'pimxdp_reason_packets_total{' in get('/metrics')[1])"
}
is 'and answers there' "$(ask "connect = lambda: http.client.HTTPConnection('$address')")" '200 True'
mapfile -t lines < <(grep -v '^\[' "$example" | sed -n 's/^#\([A-Z][A-Za-z]*=\)/\1/p')
check 'with the example for a socket it starts' drop_in "${lines[@]}"
is 'and answers there, too' "$(ask "
def connect():
    connection = http.client.HTTPConnection('localhost')
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect('/run/pimxdp/eth1/metrics')
    return connection")" '200 True'
in_root pimxdp detach eth1 >"$work/detached"
check 'with a group it starts' drop_in 'Environment=PIMXDP_OPTIONS="--group adm"' SupplementaryGroups=adm
is 'and the pins are that group'\''s to read' \
	"$(in_root stat --format='%G %a' /sys/fs/bpf/pimxdp/eth1/pim_reasons)" 'adm 640'
check 'and without' drop_in

in_root systemctl stop pimxdp@eth1
is 'the last good policy is kept, for root alone' \
	"$(in_root stat --format='%U %a' /var/lib/pimxdp /var/lib/pimxdp/eth1.policy | paste -sd' ')" 'root 700 root 600'
in_root pimxdp detach eth1 >"$work/detached" # what a boot does
echo 'wrong = 1' >"$place/eth1.conf"
check 'with a wrong configuration it starts' in_root systemctl start pimxdp@eth1
is 'with that policy' "$(attached)" attached
check 'and its status says so' wait_for "$patience" 'the status' says_refused
in_root systemctl stop pimxdp@eth1
in_root pimxdp detach eth1 >"$work/detached"
in_root rm /var/lib/pimxdp/eth1.policy
status=0
in_root systemctl start pimxdp@eth1 >"$work/started" 2>&1 || status=$?
is 'a wrong configuration with nothing kept is a failure' "$status" 1
is 'with its exit status' "$(property ExecMainStatus)" 2
before=$(property NRestarts)
check 'and is tried again' wait_for "$patience" 'the next try' tried_again "$before"
cp "$config" "$place/eth1.conf"
is_attached() { [[ $(attached) == attached ]]; }
check 'until it is repaired' wait_for "$patience" 'the filter' is_attached
in_root systemctl stop pimxdp@eth1
finish
