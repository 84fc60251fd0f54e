#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# doctor on veth, bridges and other interfaces: what it sees of a machine, and that it
# changes nothing.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

public=$(mktemp -d) # only root may be able to read the checkout
chmod 0755 "$public"
install -m 0755 "$pimxdp" "$public/pimxdp"
install -m 0644 "$net/seccomp.py" "$public/seccomp.py"
pimxdp=$public/pimxdp

as_nobody() {
	on_edge setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all -- "$@"
}

# diagnose STATUS COMMAND...: it ends with that status; its JSON is kept.
diagnose() {
	local want=$1 status=0
	shift
	"$@" --json >"$work/doctor.json" 2>"$work/err" </dev/null || status=$?
	is "doctor ends with $want: ${*: -2}" "$status$(<"$work/err")" "$want"
}

# What doctor must leave as it is.
everything() {
	on_edge ip -details -json link show | jq 'map(del(.stats, .stats64))'
	find /sys/fs/bpf -printf '%P %i %s %m %T@\n' | sort
}

eth1_up() {
	on_edge ip link set eth1 up
	carriers edge eth1
}

quiet_wire
chmod 0755 /sys/fs/bpf

# ---- a machine where it works ----

everything >"$work/before"
diagnose 0 loader doctor eth1
check 'JSON is one object with the fields of the contract' json '(keys == ["checks", "state"]) and
	all(.checks[]; keys == ["advice", "check", "found", "state", "subject"]
		and (.state | IN("ok", "warning", "problem")) and (.found | length > 0)
		and ((.state == "ok") == (.advice == null)))' "$work/doctor.json"
is 'the worst state is the state of all' "$(jq -r .state "$work/doctor.json")" ok
finds 'the kernel is named' kernel version ok "^Linux $(uname -r | sed 's/[.+]/[&]/g')$" ''
finds 'the JIT is seen by loading a program' kernel jit ok '^on' ''
if [[ $(uname -v) == *PREEMPT_RT* ]]; then
	finds 'PREEMPT_RT is seen' kernel preemption warning PREEMPT_RT limits
else
	finds 'no PREEMPT_RT' kernel preemption ok 'one after the other' ''
fi
finds 'whether flows can be a file, or why not' kernel iterator ok \
	'can be pinned|^no file of flows .*: cannot load the iterator .*: [^ ]+ ' ''
finds 'bpffs is seen' bpffs mount ok '/sys/fs/bpf' ''
finds 'it may be written to' bpffs access ok "user 0's .* mode 0755: this process may pin there" ''
finds 'the capabilities are seen' process capabilities ok 'CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON' ''
finds 'a program can be loaded' process load ok 'can be loaded' ''
finds 'the driver and its native mode' eth1 driver ok '^veth: has native mode, and frames in several' ''
finds 'the MTU' eth1 mtu ok '^1,500$' ''
finds 'LRO is off' eth1 lro ok '^off$' ''
finds 'RX VLAN offload is told' eth1 rx-vlan ok 'on: .*otherwise the same' ''
finds 'no stack' eth1 stack ok 'stands alone' ''
finds 'queues and CPUs' eth1 queues ok "^1 RX queue for $(getconf _NPROCESSORS_ONLN) CPU" ''
finds 'no program' eth1 program ok '^no XDP program$' ''
finds 'no pins' eth1 pins ok '^none$' ''
loader doctor eth1 >"$work/out"
check 'the text has the same lines' test "$(grep -cE '^  (ok|warning|problem) ' "$work/out")" -eq \
	"$(jq '.checks | length' "$work/doctor.json")"
is 'the text ends with the sum' "$(tail -n 1 "$work/out")" '0 problems, 0 warnings'
is 'the text has no terminal codes' "$(tr -cd '\033' <"$work/out")" ''
TERM=xterm script -qec "nsenter --net=/run/netns/edge $pimxdp doctor eth1" "$work/terminal" >/dev/null
check 'on a terminal it has' grep -q $'\e\\[32mok' "$work/terminal"
everything >"$work/after"
check 'nothing is changed' diff "$work/before" "$work/after"

# ---- no interface ----

on_edge ip link add br0 type bridge
on_edge ip tuntap add dev tun0 mode tun
diagnose 0 loader doctor
is 'without an interface, a line for each Ethernet one' \
	"$(jq -r '[.checks[] | select(.subject == "interfaces").check] | sort | join(" ")' "$work/doctor.json")" 'br0 eth1'
finds 'it is short' interfaces eth1 ok '^veth, up, MTU 1,500, native mode$' ''
finds 'and says where to look on' interfaces br0 warning '^bridge, down, MTU 1,500, no native mode$' \
	'^pimxdp doctor br0$'

# ---- other interfaces ----

diagnose 1 loader doctor eth9
finds 'no such interface' eth9 interface problem 'not in this network namespace' 'ip link'
diagnose 1 loader doctor tun0
finds 'not Ethernet' tun0 interface problem 'hardware type 65534' 'Ethernet headers'
check_fails 'a name that none can have' 2 'expected an interface name' loader doctor 'a/b'
diagnose 0 loader doctor br0
finds 'a driver without native mode' br0 driver warning '^bridge: has no native mode' 'skb mode'
diagnose 1 loader doctor lo
finds 'not the loopback' lo interface problem loopback 'faces the Internet'

on_edge ip link set eth1 master br0
diagnose 0 loader doctor eth1
finds 'a port of a bridge' eth1 stack ok 'port of the bridge br0' ''
diagnose 0 loader doctor br0
finds 'the bridge of it' br0 stack warning 'bridge on eth1 \(veth\)' 'attach to the ports'
on_edge ip link set eth1 nomaster
if on_edge ip link add mac0 link eth1 type macvlan 2>"$work/err"; then
	diagnose 0 loader doctor eth1
	finds 'below a macvlan' eth1 stack ok 'below mac0 \(macvlan\)' ''
	diagnose 0 loader doctor mac0
	finds 'the macvlan on it' mac0 stack warning 'macvlan on eth1 \(veth\)' 'attach to eth1'
	on_edge ip link del mac0
else
	skip 'a macvlan on it' "$(one_line "$(<"$work/err")")"
fi
for kind in bond team vlan; do
	options=()
	[[ $kind != vlan ]] || options=(link eth1)
	if ! on_edge ip link add up0 "${options[@]}" type "$kind" ${options[0]:+id 5} 2>"$work/err"; then
		skip "a $kind on it" "$(one_line "$(<"$work/err")")"
		continue
	fi
	if [[ $kind == vlan ]]; then
		diagnose 0 loader doctor eth1
		finds 'below a vlan' eth1 stack ok 'below up0 \(vlan\)' ''
	else
		on_edge ip link set eth1 down
		on_edge ip link set eth1 master up0
		eth1_up
		diagnose 0 loader doctor eth1
		finds "a member of a $kind" eth1 stack warning "member of up0 \\($kind\\)" 'every member'
	fi
	on_edge ip link del up0
	eth1_up
done

# A tap has native mode, and hands out no frames in several buffers.
on_edge ip tuntap add dev tap0 mode tap
on_edge ip link set tap0 up
diagnose 0 loader doctor tap0
finds 'a driver without frames in several buffers' tap0 driver ok 'native mode$' ''
finds 'and with the usual MTU' tap0 mtu ok '^1,500$' ''
on_edge ip link set tap0 mtu 3506
diagnose 0 loader doctor tap0
finds 'an MTU of a page' tap0 mtu warning '^3,506, .* no frames in several' 'some refuse'
on_edge ip link set tap0 mtu 3507
diagnose 0 loader doctor tap0
finds 'an MTU beyond a page' tap0 mtu warning '^3,507, .* no frames in several' 'most drivers refuse native mode: lower'
on_edge ip link set eth1 mtu 9000
diagnose 0 loader doctor eth1
finds 'a large MTU where the driver copes' eth1 mtu ok '^9,000$' ''
check 'and attach agrees' loader attach eth1 --config "$config" --mode native
detach
on_edge ip link set eth1 mtu 1500
on_edge ip link set eth1 down
diagnose 0 loader doctor eth1
finds 'an interface that is down' eth1 link warning down 'ip link set dev eth1 up'
eth1_up

# A veth has native mode only with as many RX queues as its peer has TX queues.
on_edge ip link add va type veth peer name vb
if on_edge ethtool -L vb tx 2 2>/dev/null; then
	diagnose 0 loader doctor va
	finds 'a veth with too few RX queues' va driver warning 'veth: has no native mode now' 'as many RX queues'
else
	skip 'a veth with too few RX queues' 'one CPU, so a veth has one queue'
fi
on_edge ip link del va

# ---- programs and pins ----

attach "$config"
diagnose 0 loader doctor eth1
finds 'our own program' eth1 program ok "^pimxdp's own, id $(program_id), native mode$" ''
finds 'and its pins' eth1 pins ok 'of the filter that is attached' ''
diagnose 0 loader doctor
finds 'in short, too' interfaces eth1 ok 'native mode, pimxdp attached$' ''

on_edge ip link set eth1 down
on_edge ip link set eth1 name eth7
diagnose 1 loader doctor eth1
finds 'renamed: no interface' eth1 interface problem 'not in this' ''
finds 'renamed: the pins say where it is' eth1 pins problem 'on another interface' 'now named eth7'
diagnose 1 loader doctor eth7
finds 'renamed: our own program, by the pins of its earlier name' eth7 program problem \
	"pimxdp's own, id .* named eth1" '^pimxdp detach eth1, or'
check_fails 'renamed: attach knows it, too' 1 'eth7: pimxdp is attached already .* named eth1: pimxdp detach eth1' \
	loader attach eth7 --config "$config"
for verb in stats detach; do
	check_fails "renamed: so does $verb" 1 'eth7: its filter .program id .* is pinned as eth1' \
		loader "$verb" eth7
done
check_fails 'a mistyped interface has no filter to ask for' 1 'eth8: .*no such interface is here' loader flows eth8
on_edge ip link set eth7 name eth1
eth1_up

diagnose 1 as_nobody "$pimxdp" doctor eth1
finds 'another user: the program is seen' eth1 program warning "id $(program_id), native mode; .*cannot be seen" ''
finds 'another user: why the pins are not' eth1 pins warning 'cannot be seen' "$pins/eth1: this user may not read"
detach

loader attach eth1 --config "$config" --mode skb >/dev/null
diagnose 0 loader doctor eth1
finds 'skb mode where there is native mode' eth1 program warning "pimxdp's own, .* skb mode" '--mode native'
detach

mkdir -p "$pins/eth1"
diagnose 0 loader doctor eth1
finds 'an attach that was interrupted' eth1 pins warning 'interrupted' 'attach removes them'
rmdir "$pins/eth1"

foreign_program
for mode in xdpdrv xdpgeneric; do
	on_edge ip link set dev eth1 "$mode" obj "$work/foreign.o" sec xdp
	mode_name=$(program_mode)
	diagnose 1 loader doctor eth1
	finds "another's program ($mode)" eth1 program problem \
		"another's, foreign_prog, id $(program_id), $mode_name mode" 'bpftool net show dev eth1'
	diagnose 1 as_nobody "$pimxdp" doctor eth1
	finds "another's program, to another user ($mode)" eth1 program problem \
		"whose name only CAP_SYS_ADMIN sees, id $(program_id), $mode_name mode" 'detach it'
	diagnose 0 loader doctor
	finds "in short it is a warning ($mode)" interfaces eth1 warning 'an XDP program attached' 'doctor eth1'
	on_edge ip link set dev eth1 "$mode" off
done

# ---- the report in docs/using.md ----

# STATE CHECK of every line, under the subjects; what was found differs by machine.
outline() { sed -nE 's/^  (ok|warning|problem) +([a-z-]+)  .*/\1 \2/p; s/^[a-z0-9]+$/&/p; s/^[0-9]+ problem.*/&/p'; }
on_edge ip link set dev eth1 down
on_edge ip link set dev eth1 xdpdrv obj "$work/foreign.o" sec xdp
{ loader doctor eth1 || :; } | outline >"$work/outline"
sed -n '/<!-- doctor: begin/,/<!-- doctor: end/p' "$root/docs/using.md" | outline >"$work/page"
check 'docs/using.md has such a report' diff "$work/page" "$work/outline"
on_edge ip link set dev eth1 xdpdrv off
eth1_up

# ---- privilege ----

diagnose 1 as_nobody "$pimxdp" doctor eth1
finds 'a user without capabilities: what each lack stops' process capabilities problem \
	'CAP_BPF \(no program .*CAP_NET_ADMIN \(no XDP .*CAP_PERFMON \(the verifier' 'taken .* away for good'
finds 'and where it may not pin' bpffs access problem 'may pass, but not pin' 'user 0'
finds 'and that the JIT cannot be seen' kernel jit warning 'unknown: .* not shown in this network namespace' ''
finds 'and that hardening cannot be seen' kernel jit-hardening ok 'not shown' ''
for capability in bpf net_admin perfmon; do
	diagnose 1 on_edge setpriv --bounding-set="-$capability,-sys_admin" --inh-caps=-all -- \
		"$pimxdp" doctor eth1
	finds "without CAP_${capability^^}" process capabilities problem "lacks CAP_${capability^^} \\(" ''
	is "without CAP_${capability^^} alone" "$(jq '[.checks[] | select(.state == "problem")] | length' "$work/doctor.json")" 1
done
for error in EPERM ENOSYS; do
	diagnose 1 on_edge python3 "$public/seccomp.py" "$error" "$pimxdp" doctor eth1
	finds "a seccomp filter that says $error" process seccomp problem "answers bpf\\(2\\) with $error" 'use a profile'
	finds "no_new_privs with it ($error)" process no-new-privs ok '^set' ''
done
if on_edge unshare --user --map-root-user true 2>"$work/err"; then
	diagnose 1 on_edge setpriv --reuid=65534 --regid=65534 --clear-groups -- \
		unshare --user --map-root-user -- "$pimxdp" doctor eth1
	finds 'a user namespace' process user-namespace problem 'of its own' 'start it outside'
else
	skip 'a user namespace' "$(one_line "$(<"$work/err")")"
fi

# ---- the machine, otherwise: files of our own over the kernel's, in this mount
# namespace. Its own settings are never touched. ----

# with_mounts SCRIPT COMMAND...: the script mounts, then the command runs.
# shellcheck disable=SC2016 # for the inner shell
with_mounts() { on_edge unshare --mount bash -c "$1"' && shift && "$@"' bash "$@"; }
diagnose 1 with_mounts 'mount -t tmpfs tmpfs /sys/fs/bpf' "$pimxdp" doctor eth1
finds 'no bpffs' bpffs mount problem 'no BPF file system' 'mount -t bpf -o mode=0700 bpf /sys/fs/bpf'
diagnose 0 with_mounts 'mount -t tmpfs tmpfs /sys/fs/bpf && mkdir /sys/fs/bpf/pimxdp &&
	mount -t bpf -o mode=0711 bpf /sys/fs/bpf/pimxdp' "$pimxdp" doctor eth1
finds 'the folder of the pins alone is a bpffs' bpffs mount ok 'on /sys/fs/bpf/pimxdp$' ''
# As the kernel mounts it: anybody may write there.
diagnose 1 with_mounts 'mount -t tmpfs tmpfs /sys/fs/bpf && mkdir /sys/fs/bpf/pimxdp &&
	mount -t bpf bpf /sys/fs/bpf/pimxdp' "$pimxdp" doctor eth1
finds 'one that others may write to is no place for pins' bpffs folder problem 'found mode 1777' 'chmod go-w'
diagnose 0 with_mounts 'mount -t bpf bpf /sys/fs/bpf' "$pimxdp" doctor eth1
finds 'a root that others may write to' bpffs root warning 'mode 1777: other users' 'chmod 0700 /sys/fs/bpf'
diagnose 1 with_mounts 'mount -t tmpfs tmpfs /sys/kernel/btf' "$pimxdp" doctor eth1
finds 'no BTF' kernel btf problem 'no /sys/kernel/btf/vmlinux' 'CONFIG_DEBUG_INFO_BTF'
for mode in none integrity confidentiality; do
	words='none integrity confidentiality'
	diagnose 0 with_mounts "mount -t tmpfs tmpfs /sys/kernel/security &&
		echo '${words/$mode/[$mode]}' >/sys/kernel/security/lockdown" "$pimxdp" doctor eth1
	finds "lockdown $mode" kernel lockdown ok "^$mode" ''
done
settings() { echo "mount -t tmpfs tmpfs /proc/sys/net/core && echo $1 >/proc/sys/net/core/bpf_jit_enable &&
	echo $2 >/proc/sys/net/core/bpf_jit_harden"; }
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --)
diagnose 1 with_mounts "$(settings 0 2)" "${nobody[@]}" "$pimxdp" doctor eth1
finds 'the JIT is off' kernel jit problem '^off' 'bpf_jit_enable=1'
finds 'hardening of all programs' kernel jit-hardening warning 'every program' 'bpf_jit_harden=1'
diagnose 1 with_mounts "$(settings 1 1)" "${nobody[@]}" "$pimxdp" doctor eth1
finds 'the JIT is on' kernel jit ok '^on' ''
finds 'hardening of some programs' kernel jit-hardening ok 'without privilege' ''
diagnose 0 with_mounts "$(settings 0 0)" "$pimxdp" doctor eth1
finds 'what the loaded program shows is worth more' kernel jit ok '^on' ''

everything >"$work/before"
as_nobody "$pimxdp" doctor >/dev/null || :
as_nobody "$pimxdp" doctor eth1 >/dev/null || :
loader doctor >/dev/null
everything >"$work/after"
check 'nothing is changed by any of it' diff "$work/before" "$work/after"
# The kernel has one list of programs, in which those of another doctor come and go.
trials() { bpftool --json prog show | jq '.[] | select(.name == "pim_trial").id' | sort; }
trials >"$work/trials"
gone() { [[ -z $(trials | comm -12 - "$work/trials") ]]; }
check 'nothing is loaded by any of it' wait_for "$patience" 'the programs of others' gone

# ---- BIG TCP ----

# Older kernels and versions of ip do not know it.
ip link add eth9 netns edge type veth peer name net9 netns internet
on_edge ip link set eth9 up
in_ns internet ip link set net9 up
if on_edge ip link set dev eth9 gro_max_size 131072 2>/dev/null; then
	loader attach eth9 --config "$config" --mode native >/dev/null 2>"$work/err"
	is 'attach in native mode says nothing of BIG TCP' "$(grep -c BIG "$work/err" || :)" 0
	diagnose 0 loader doctor eth9
	finds 'native mode does not mind BIG TCP' eth9 big-tcp ok '131,072 bytes; native' ''
	loader detach eth9 >/dev/null
	loader attach eth9 --config "$config" --mode skb >/dev/null 2>"$work/err"
	check 'attach in skb mode warns of it, with the command' \
		grep -q 'BIG TCP is on.*up to 131072.*ip link set dev eth9 gro_max_size 65536' "$work/err"
	diagnose 0 loader doctor eth9
	finds 'so does doctor' eth9 big-tcp warning '131,072' 'dev eth9 gro_max_size 65536 gso_max_size 65536'
	remedy=$(jq -r '.checks[] | select(.check == "big-tcp").advice' "$work/doctor.json")
	# shellcheck disable=SC2086 # words
	check 'the command is one' on_edge ${remedy##*: }
	sed 's/contoso/fabrikam/' "$config" >"$work/other.conf"
	loader reload eth9 --config "$work/other.conf" >/dev/null 2>"$work/err"
	is 'and then nobody warns' "$(grep -c BIG "$work/err" || :)" 0
	diagnose 0 loader doctor eth9
	finds 'doctor neither' eth9 big-tcp ok '^off$' ''
	loader detach eth9 >/dev/null
else
	skip 'BIG TCP' 'this kernel or this ip has no gro_max_size'
fi
finish
