#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# attach, detach and status: what they do, and what they refuse without a trace.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

# without CAPABILITIES... COMMAND: as root of the edge with only these.
with_only() {
	on_edge setpriv --bounding-set="-all$1" --inh-caps=-all -- "${@:2}"
}

# A user with no privilege at all. The checkout may be in a folder that only root can enter.
public=$(mktemp -d)
chmod 0755 "$public"
install -m 0755 "$pimxdp" "$public/pimxdp"
install -m 0644 "$config" "$public/edge.conf"
as_nobody() {
	in_ns edge setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
		--bounding-set=-all -- "$@"
}

nothing_left() {
	local left
	left=$(program_id "${1:-eth1}")$(pinned)
	[[ -z $left ]] || {
		say "left: $left"
		return 1
	}
}

quiet_wire
mute=("tcp $stranger 40000 $edge 5061" "tcp $partner 40000 $edge 5061")

# ---- normal operation ----

loader attach eth1 --config "$config" --mode native >"$work/out" 2>"$work/err" || :
is 'native mode is attached' "$(program_mode)" native
check 'attach says so' grep -q 'native' "$work/out" "$work/err"
is 'attach writes no error' "$(cat "$work/err")" ''
is 'the filter outlives the loader and decides' "$(fate "${mute[@]}")" 'lost arrived'
id=$(program_id)
check 'status knows the interface' grep -q eth1 <(loader status eth1)
check 'status says the mode' grep -q native <(loader status eth1)
check 'status without an interface lists it' grep -q eth1 <(loader status)
check 'status says that replies are stateless' grep -q 'replies: *stateless' <(loader status eth1)
loader stats eth1 --json >"$work/stats.json"
check 'stats --json has its fields' json '.interface == "eth1"
	and all(.reasons[]; keys == ["bytes", "packets", "reason", "verdict"])
	and all(.rules[]; keys == ["bytes", "leg", "packets", "rule"])
	and all(.partners[]; keys == ["bytes", "packets", "partner"])
	and (.reasons | length > 10) and (.rules | length >= 6)' "$work/stats.json"
check 'flows --json is a line a flow' \
	test "$(loader flows eth1 --json | jq -c . | wc -l)" -eq "$(loader flows eth1 --json | wc -l)"
for map in pim_rules pim_reasons pim_partners; do
	on_edge bpftool map dump pinned "$pins/eth1/$map" >"$work/$map" 2>&1 || :
done
check 'bpftool shows the rules with names' grep -q '"sip-mtls-in"' "$work/pim_rules"
check 'bpftool shows the reasons with names' grep -q '"no-service"' "$work/pim_reasons"
check 'bpftool shows the partners with names' grep -q '"contoso"' "$work/pim_partners"
check 'no pin is for everyone to read' \
	test -z "$(find "$pins/eth1" -type f -perm /o+rwx -print -quit)"

check_fails 'a second attach is refused, with the id' 1 "eth1.*$id" \
	loader attach eth1 --config "$config"
is 'and changes nothing' "$(program_id)" "$id"
counted=$(all_packets)
check '--replace' loader attach eth1 --config "$config" --mode native --replace
is '--replace stays in native mode' "$(program_mode)" native
check '--replace keeps the counters' test "$(all_packets)" -eq "$counted"
is 'the new program decides' "$(fate "${mute[@]}")" 'lost arrived'

check 'detach' loader detach eth1
check 'detach leaves nothing' nothing_left
is 'all frames arrive again' "$(fate "${mute[@]}")" 'arrived arrived'
check_fails 'a second detach says that nothing is attached' 1 'eth1' loader detach eth1
for verb in stats flows reload; do
	arguments=()
	[[ $verb != reload ]] || arguments=(--config "$config")
	check_fails "$verb says that nothing is attached" 1 'eth1' \
		loader "$verb" eth1 "${arguments[@]}"
done

check '--replace where nothing is attached, or its refusal' \
	bash -c '"$@"; [[ $? -le 1 ]]' bash nsenter --net=/run/netns/edge \
	"$pimxdp" attach eth1 --config "$config" --replace
loader detach eth1 >/dev/null 2>&1 || :

(cd "$net" && loader attach eth1 --config edge.conf --mode native) >/dev/null
is 'a relative path of the configuration' "$(program_mode)" native
detach

# ---- configuration and usage ----

printf 'edge = { access = [ "198.51.100.10" ] }\npartners = ( { name = "x", addresess = [ ] } )\n' >"$work/bad.conf"
check_fails 'a bad configuration is exit 2, with file and line' 2 'bad.conf:2: ' \
	loader attach eth1 --config "$work/bad.conf"
check_fails 'a missing configuration is exit 2' 2 'none.conf' \
	loader attach eth1 --config "$work/none.conf"
check_usage() {
	local name=$1 status=0
	shift
	"$@" >/dev/null 2>"$work/err" </dev/null || status=$?
	is "$name" "$status $(head -n 1 "$work/err" | grep -oE '^(pimxdp( [a-z]+)?|usage): ')" "$expected"
}
expected='2 pimxdp attach: '
check_usage 'no configuration is exit 2' loader attach eth1
check_usage 'an unknown mode is exit 2' loader attach eth1 --config "$config" --mode fast
expected='2 pimxdp: ' check_usage 'an unknown verb is exit 2' loader atach eth1 --config "$config"
check_usage 'an unknown option is exit 2' loader attach eth1 --config "$config" --quick
check_usage 'an argument too many is exit 2' loader attach eth1 eth2 --config "$config"
expected='2 pimxdp detach: ' check_usage 'no interface is exit 2' loader detach
expected='2 usage: ' check_usage 'no verb is exit 2' loader
check 'nothing of it was attached' nothing_left

# ---- interfaces ----

check_fails 'no such interface' 1 'eth9' loader attach eth9 --config "$config"
check_fails 'a name too long for an interface' 2 'interface' \
	loader attach abcdefghijklmnopq --config "$config"
for mode in auto native skb; do
	check_fails "lo is refused with the reason ($mode)" 1 'lo: .*loopback.*: attach to' \
		loader attach lo --config "$config" --mode "$mode"
done
on_edge ip tuntap add dev tun0 mode tun
check_fails 'an interface that is not Ethernet' 1 'tun0.*ethernet' \
	loader attach tun0 --config "$config"

# A bridge has no native XDP.
on_edge ip link add br0 type bridge
check_fails 'native mode where the driver has none, with the reason' 1 'br0.*native' \
	loader attach br0 --config "$config" --mode native
check 'nothing is left of that' nothing_left br0
loader attach br0 --config "$config" --mode auto >"$work/out" 2>&1 || :
is 'auto falls back to skb' "$(program_mode br0)" skb
check 'and says so' grep -q 'skb' "$work/out"
check 'status says skb' grep -q skb <(loader status br0)
check 'detach of that' loader detach br0
check 'leaves nothing' nothing_left br0
check 'skb mode, asked for' loader attach eth1 --config "$config" --mode skb
is 'is skb mode' "$(program_mode)" skb
is 'skb mode decides the same' "$(fate "${mute[@]}")" 'lost arrived'
is 'skb mode sees VLAN tags' "$(fate "vlan 5 ${mute[0]}" "vlan-ad 6 vlan 5 ${mute[0]}" \
	"vlan-ad 6 vlan 5 ${mute[1]}")" 'lost lost arrived'
check 'detach from skb mode' loader detach eth1
check 'leaves nothing either' nothing_left

# bpffs refuses dots in names.
on_edge ip link add eth1.100 type veth peer name peer100
check 'an interface name with a dot' loader attach eth1.100 --config "$config" --mode native
is 'is attached' "$(program_mode eth1.100)" native
is 'its pins have a colon' "$(pinned | head -n 1)" 'eth1:100'
check 'status knows it by its name' grep -q 'eth1\.100' <(loader status)
check 'stats of it' grep -q '"interface":"eth1.100"' <(loader stats eth1.100 --json)
check 'reload of it' loader reload eth1.100 --config "$config"
check 'detach of it' loader detach eth1.100
check 'leaves no pin' nothing_left eth1.100
on_edge ip link set eth1.100 name abcdefghijklmno
check 'an interface name of 15 letters' loader attach abcdefghijklmno --config "$config"
check 'and its detach' loader detach abcdefghijklmno

# Two interfaces at the same time.
check 'attach to one' loader attach eth1 --config "$config"
check 'attach to another' loader attach peer100 --config "$config"
check 'status lists both' test "$(loader status | grep -cE '\b(eth1|peer100)\b')" -ge 2
check 'detach of one' loader detach eth1
check 'leaves the other' test -n "$(program_id peer100)"
check 'detach of the other' loader detach peer100
check 'leaves nothing of both' nothing_left

# ---- somebody else's program ----

foreign_program
for mode in xdpdrv xdpgeneric; do
	on_edge ip link set dev eth1 "$mode" obj "$work/foreign.o" sec xdp
	foreign=$(program_id)
	check_fails "another's program ($mode) is named" 1 "foreign_prog.*$foreign" \
		loader attach eth1 --config "$config"
	check_fails "--replace does not take another's program ($mode)" 1 "foreign_prog.*$foreign" \
		loader attach eth1 --config "$config" --replace
	check_fails "detach does not take another's program ($mode)" 1 'eth1' loader detach eth1
	is "another's program is still there ($mode)" "$(program_id)" "$foreign"
	is "no pin was left ($mode)" "$(pinned)" ''
	on_edge ip link set dev eth1 "$mode" off
done

# ---- the machine ----

# shellcheck disable=SC2016 # for the inner shell
without_bpffs() {
	on_edge unshare --mount bash -c 'mount -t tmpfs tmpfs /sys/fs/bpf && "$@"' bash "$@"
}
check_fails 'no bpffs: attach says how to mount it' 1 'mount -t bpf' \
	without_bpffs "$pimxdp" attach eth1 --config "$config"
is 'no bpffs: nothing was attached' "$(program_mode)" none

check_fails 'the mount that it names keeps others out' 1 'mount -t bpf -o mode=0700 bpf /sys/fs/bpf .*mode=0711' \
	without_bpffs "$pimxdp" attach eth1 --config "$config"

# A filter is attached, but here is no BPF file system to see its pins in.
attach
for verb in status stats flows addresses; do
	check_fails "no bpffs: $verb does not know" 1 \
		'eth1: unknown whether a filter is attached: /sys/fs/bpf: expected a BPF .*mount -t bpf -o mode=0700' \
		without_bpffs "$pimxdp" "$verb" eth1
done
check_fails 'no bpffs: status of all says what to mount' 1 'expected a BPF file system.*mount -t bpf' \
	without_bpffs "$pimxdp" status
status=0
without_bpffs "$pimxdp" stats eth1 --prometheus >"$work/metrics" 2>"$work/err" || status=$?
is 'no bpffs: the metrics are a failure' "$status" 1
is 'no bpffs: they could not be read, and none says whether it is attached' \
	"$(grep -E '^pimxdp_(read|attached|state)' "$work/metrics")" 'pimxdp_read_success{interface="eth1"} 0'
check_fails 'no bpffs: detach takes nothing for nothing' 1 'expected a BPF file system' \
	without_bpffs "$pimxdp" detach eth1
is 'no bpffs: the filter stays' "$(program_mode)" native
detach

check_fails 'no capabilities: attach says so' 1 'permission|privilege|capabilit|CAP_|root' \
	with_only '' "$pimxdp" attach eth1 --config "$config"
check 'no capabilities: nothing is left' nothing_left
check_fails 'no CAP_NET_ADMIN: attach says so' 1 'permission|privilege|capabilit|CAP_|root' \
	with_only ,+bpf,+perfmon "$pimxdp" attach eth1 --config "$config"
check 'no CAP_NET_ADMIN: nothing is left' nothing_left
check_fails 'a plain user: attach says so' 1 'permission|privilege|capabilit|CAP_|root' \
	as_nobody "$public/pimxdp" attach eth1 --config "$public/edge.conf"
check 'BPF, NET_ADMIN and PERFMON are enough to attach' \
	with_only ,+bpf,+net_admin,+perfmon "$pimxdp" attach eth1 --config "$config" --mode native
is 'and to filter' "$(fate "${mute[@]}")" 'lost arrived'
check 'they are enough for stats' with_only ,+bpf,+net_admin,+perfmon "$pimxdp" stats eth1 --json
check 'they are enough for status' with_only ,+bpf,+net_admin,+perfmon "$pimxdp" status eth1
check 'they are enough to reload' \
	with_only ,+bpf,+net_admin,+perfmon "$pimxdp" reload eth1 --config "$config"
check 'they are enough to detach' with_only ,+bpf,+net_admin,+perfmon "$pimxdp" detach eth1
check 'and leave nothing' nothing_left
check 'a plain user may check' as_nobody "$public/pimxdp" check --config "$public/edge.conf"
check 'a plain user may look up' \
	as_nobody "$public/pimxdp" lookup "$partner" --config "$public/edge.conf"
check 'a plain user may read the policy' as_nobody "$public/pimxdp" policy

# A low limit of locked memory matters to old kernels only, and cannot always be raised.
check 'a memlock limit of 64 kB' bash -c 'ulimit -l 64 && exec "$@"' bash \
	nsenter --net=/run/netns/edge "$pimxdp" attach eth1 --config "$config"

# ---- pins of another version ----

id=$(program_id)
link=$(loader status eth1 --json | jq '.[0].link_id')
fate "tcp $partner 40000 $edge 5061" >/dev/null
other_schema
for command in 'stats eth1' 'flows eth1' "reload eth1 --config $config" "attach eth1 --config $config"; do
	read -ra words <<<"$command"
	check_fails "pins of another schema: ${words[0]} refuses" 1 'schema 200.*--replace' loader "${words[@]}"
done
check 'pins of another schema: status says so' grep -q 'schema 200.*--replace' <(loader status eth1 2>&1)
check_fails 'pins of another schema: --replace in another mode is refused' 2 'attached in native mode' \
	loader attach eth1 --config "$config" --replace --mode skb
is 'pins of another schema: the filter stays' "$(program_id)" "$id"
check 'pins of another schema: --replace takes over' grep -q 'counters begin anew.*schema 200' \
	<(loader attach eth1 --config "$config" --replace 2>&1)
check 'with a program of its own' test "$(program_id)" != "$id"
is 'by the same link: no packet went unjudged' "$(loader status eth1 --json | jq '.[0].link_id')" "$link"
is 'from nothing counted' "$(loader stats eth1 --json | jq '[.reasons[], .rules[], .partners[] | .packets] | add')" 0
is 'it judges' "$(fate "tcp $partner 40000 $edge 5061" "tcp $stranger 40000 $edge 5061")" 'arrived lost'
is 'and counts' "$(packets pass rule) $(packets drop role)" '1 1'
check 'pins that it does not know are gone' test ! -e "$pins/eth1/pim_more"
check 'and it can be reloaded' loader reload eth1 --config "$config"
other_schema
check 'pins of another schema: detach takes them away' loader detach eth1
check 'leaves nothing of them' nothing_left

attach
other_schema
on_edge ip link set eth1 down
on_edge ip link set eth1 name eth9
check_fails 'a filter of another schema on a renamed interface is left alone' 1 'schema 200.*detach' \
	loader attach eth1 --config "$config" --replace
on_edge ip link set eth9 name eth1
on_edge ip link set eth1 up
on_edge rm "$pins/eth1/pim_info"
on_edge bpftool map create "$pins/eth1/pim_info" type array key 4 value 8 entries 1 name none
check_fails 'pins that are no pimxdp'\''s are left alone' 1 'not of a pimxdp' \
	loader attach eth1 --config "$config" --replace
check 'but for detach' loader detach eth1
check 'leaves nothing at last' nothing_left

# A BPF file system that is read-only here, as in a sandbox: nothing is done by half.
attach
mount --bind /sys/fs/bpf /sys/fs/bpf
mount -o remount,bind,ro /sys/fs/bpf
for verb in 'detach eth1' "reload eth1 --config $public/edge.conf" "attach eth1 --config $config --replace"; do
	# shellcheck disable=SC2086 # words
	check_fails "read-only: ${verb%% *} fails" 1 'Read-only file system' loader $verb
	is "read-only: the filter stays after ${verb%% *}" "$(program_mode)" native
done
umount /sys/fs/bpf

# Another one, mounted over that which has the pins.
mount -t bpf -o mode=0700 bpf /sys/fs/bpf
check 'pins below another mount: status says so' grep -q \
	'a filter is attached .* pins are not in .* another BPF file system' <(loader status eth1)
for verb in stats detach; do
	check_fails "pins below another mount: $verb says so" 1 \
		'a filter is attached .* pins are not in .* another BPF file system' loader "$verb" eth1
done
umount /sys/fs/bpf
check 'when it is gone, all is there' loader stats eth1
detach
check 'and nothing is left' nothing_left
finish
