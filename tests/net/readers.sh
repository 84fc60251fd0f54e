#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Reading an attached filter as a user without privilege: who may, and what those who may
# not are told.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

readers=60123 # a group that nobody else is in
public=$(mktemp -d) # only root may be able to read the checkout
chmod 0755 "$public"
install -m 0755 "$pimxdp" "$public/pimxdp"

# as GROUP VERB...: as a user without privilege, on the edge.
as() {
	local group=$1
	shift
	on_edge setpriv --reuid 65534 --regid "$group" --clear-groups --no-new-privs \
		--inh-caps=-all --bounding-set=-all "$public/pimxdp" "$@"
}
member() { as "$readers" "$@"; }
stranger() { as 65534 "$@"; }

quiet_wire
# Where the kernel allows iterators, one is pinned beside the maps.
iterates=$(loader doctor --json | jq '[.checks[] | select(.check == "iterator").found | test("can be pinned")] | any') || :
if [[ $iterates == true ]]; then file_of_flows="440 $readers flows"$'\n'; else file_of_flows=''; fi
chmod 0711 /sys/fs/bpf
fails() { ! "$@"; }
modes() { find "$pins" -printf '%m %G %y %f\n' | sort -k4; }

loader attach eth1 --config "$config" --mode native >/dev/null
is 'without --group, only the owner reads' "$(modes | awk '$1 !~ /^(600|700|711)$/')" ''
check_fails 'a stranger is told who may' 1 'may not read it.*--group' stranger stats eth1
check_fails 'a list of all takes a group too' 1 'may not read it' stranger status

# A user that may not change the group of pins is refused before anything has changed.
check_fails 'to a group, without CAP_CHOWN' 1 'cannot give it to group.*CAP_CHOWN' \
	on_edge setpriv --bounding-set=-chown --inh-caps=-chown "$pimxdp" attach eth1 \
	--config "$config" --replace --group "$readers"
is 'and the program in force stays' "$(loader status eth1 --json | jq '.[0].generation')" 1
detach

for group in 'no such' -1 4294967295 4294967296 1x ''; do
	status=0
	loader attach eth1 --config "$config" --group "$group" 2>"$work/err" || status=$?
	is "a group that is none is refused: '$group'" "$status $(head -n 1 "$work/err")" \
		"2 pimxdp attach: expected a group of /etc/group, or its number, found '$group'"
done
is 'and nothing is left' "$(pinned)" ''

loader attach eth1 --config "$config" --mode native --group "$readers" >/dev/null
is 'maps are for the group to read, link, program and secret are not' \
	"$(modes | awk '{ print $1, $2, $4 }')" "$(
		cat <<END
750 $readers eth1
${file_of_flows}600 0 link
640 $readers pim_addresses
600 0 pim_flow_secret
640 $readers pim_flow_state
640 $readers pim_flows
640 $readers pim_info
640 $readers pim_partners
640 $readers pim_policy
640 $readers pim_reasons
640 $readers pim_rules
640 $readers pim_slots4
640 $readers pim_slots6
751 $readers pimxdp
600 0 program
700 0 the-loaders-lock
END
	)"

if [[ $iterates == true ]]; then
	user=(setpriv --reuid 65534 --clear-groups --inh-caps=-all --bounding-set=-all)
	check 'a member reads the file of flows' "${user[@]}" --regid "$readers" cat "$pins/eth1/flows"
	check 'but cannot open its link' fails "${user[@]}" --regid "$readers" \
		bpftool link show pinned "$pins/eth1/flows"
	check 'a stranger does not read it' fails "${user[@]}" --regid 65534 cat "$pins/eth1/flows"
else
	skip 'who reads the file of flows' 'this kernel has no iterators'
fi

# The same answers as root's, number for number.
is 'no flows yet' "$(loader flows eth1 --json | wc -l)" 0
is 'frames of three flows' "$(fate "tcp $partner 40000 $edge 5061" "tcp $client 40001 $edge 443" \
	"tcp $client6 40002 $edge6 443" "tcp $stranger 40000 $edge 5061")" 'arrived arrived arrived lost'
is 'flows of one rule' "$(loader flows eth1 --rule sip-tls-in --json | jq -r '.rule' | sort | uniq -c | xargs)" \
	'2 sip-tls-in'
is 'with their sum' "$(loader flows eth1 --rule sip-tls-in | head -n 1)" 'eth1  2 of 2 flows, largest first'
is 'flows of a rule that admitted none' "$(loader flows eth1 --rule rtp-out --json)" ''
check_fails 'flows of no rule' 2 "expected a rule of this filter.*found 'sip'" loader flows eth1 --rule sip
for verb in 'stats eth1' 'stats eth1 --json' 'flows eth1 --json' 'flows eth1' 'addresses eth1' \
	'policy eth1' 'policy eth1 --json' 'lookup 192.0.2.7 --interface eth1'; do
	# shellcheck disable=SC2086 # words
	is "a member has root's answer: $verb" "$(member $verb 2>&1)" "$(loader $verb)"
done
for verb in 'status' 'status eth1'; do
	# shellcheck disable=SC2086
	is "a member has root's answer, but for the link: $verb" "$(member $verb 2>&1)" \
		"$(loader $verb | sed 's/ link id [0-9]*,//')"
done
is 'the link is unknown in JSON' "$(member status eth1 --json | jq -c '.[0] | [.state, .link_id]')" \
	'["attached",null]'
for verb in 'stats eth1' 'flows eth1' 'status' 'addresses eth1' 'policy eth1'; do
	# shellcheck disable=SC2086
	on_edge strace -f -e trace=bpf -o "$work/calls" "$pimxdp" $verb >/dev/null
	is "no reader asks for objects by their id: $verb" "$(grep -c 'BY_ID' "$work/calls" || :)" 0
done
# A loader that holds the lock, and does nothing: readers do not even ask for it. `flows`
# tries it once, to write the readable copies, and does without.
exec {loader_lock}<"$pins/the-loaders-lock"
flock "$loader_lock"
for verb in status 'stats eth1' 'addresses eth1' 'flows eth1'; do
	# shellcheck disable=SC2086 # words
	on_edge strace -e trace=flock,nanosleep,clock_nanosleep -o "$work/calls" "$pimxdp" $verb >"$work/read"
	is "no reader waits for a loader's lock: $verb" "$(grep -cE 'LOCK_SH|nanosleep' "$work/calls" || :)" 0
	is "nor asks for it more than once: $verb" "$(grep -c LOCK_EX "$work/calls" || :)" \
		"$([[ $verb == flows* ]] && echo 1 || echo 0)"
	check "and has read all the same: $verb" test -s "$work/read"
done
exec {loader_lock}<&-

# A loader killed while counters move leaves an odd number of moves: after some tries what
# is there is read. What reads no counters does not wait.
mapfile -t moving < <(on_edge bpftool --json map dump pinned "$pins/eth1/pim_info" |
	jq -r '.[0].value[]')
mapfile -t still < <(printf '%s\n' "${moving[@]}")
at=48 # where the stamp counts them
moving[at]=0x01
write_stamp() { on_edge bpftool map update pinned "$pins/eth1/pim_info" key 0 0 0 0 value "$@"; }
write_stamp "${moving[@]}"
waited() {
	# shellcheck disable=SC2086 # words
	on_edge strace -e trace=nanosleep,clock_nanosleep -o "$work/calls" "$pimxdp" $1 >"$work/read" || :
	grep -c nanosleep "$work/calls" || :
}
tries=$(waited 'stats eth1') # fifty, unless two seconds are over first
check "counters on the move are waited for, not for ever: $tries times" test "$tries" -ge 1 -a "$tries" -le 50
is 'and are read then' "$(grep -c '^eth1' "$work/read")" 1
is 'the state is told at once' "$(waited 'status eth1')" 0
write_stamp "${still[@]}"
is 'at rest they are read at once' "$(waited 'stats eth1')" 0
check_fails 'a member changes nothing: detach' 1 'only its owner' member detach eth1
install -m 0644 "$config" "$public/edge.conf"
check_fails 'a member changes nothing: reload' 1 'only its owner' \
	member reload eth1 --config "$public/edge.conf"
check_fails 'a stranger is told the group' 1 "member of group $readers" stranger stats eth1

# The interface may be left out if only one has a filter.
for verb in stats 'stats --json' flows 'flows --json' addresses 'addresses --json' 'addresses --role client'; do
	read -r name options <<<"$verb"
	# shellcheck disable=SC2086
	is "the only interface is found: $verb" "$(member $name $options 2>&1)" "$(loader $name eth1 $options)"
done
in_ns edge ip link add eth2 type veth peer name far2
loader attach eth2 --config "$config" --mode skb --group "$readers" >/dev/null
for verb in stats flows addresses; do
	check_fails "of two, neither is taken for meant: $verb" 2 'expected INTERFACE, since 2 have pins: eth1 or eth2' member "$verb"
done
loader detach eth2 >/dev/null
in_ns edge ip link del eth2
check_fails 'who may not look is told so' 1 'may not read it' stranger stats

# JSON says of the filter what status says.
is 'stats have the state of the filter' \
	"$(member stats --json | jq -c '[.mode, .since, .loaded, .generation, .policy_hash]')" \
	"$(member status --json | jq -c '.[0] | [.mode, .attached, .loaded, .generation, .policy_hash]')"
is 'addresses as JSON are those of the text' \
	"$(member addresses --json | jq -r '[.role, (.prefix | sub("/(32|128)$"; "")), .partner // empty] | join(" ")')" \
	"$(member addresses | sed -E 's/ +/ /g; s,/(32|128)( |$),\2,')"
is 'a lookup as JSON' "$(member lookup 192.0.2.7 --interface eth1 --json | jq -r '[.address, .as_source, (.roles | join(", ")), .partner // "none"] | join("; ")')" \
	"192.0.2.7; rows; $(member lookup 192.0.2.7 --interface eth1 | sed -n 's/^  roles  *//p'); $(member lookup 192.0.2.7 --interface eth1 | sed -n 's/^  partner  *//p')"

# root's first `flows` wrote the readable copies; a member cannot, and does not say so.
stamp() { on_edge bpftool -j map dump pinned "$pins/eth1/pim_info" | md5sum; }
loader flows eth1 >/dev/null
before=$(stamp)
check 'a member reads the flows' member flows eth1
is 'and leaves the readable copies alone' "$(stamp)" "$before"

chmod 0700 /sys/fs/bpf
check_fails 'the file system itself in the way' 1 'may not pass /sys/fs/bpf:.*chmod o\+x /sys/fs/bpf' \
	member stats eth1
chmod 0711 /sys/fs/bpf

# A reload, and one that grows the maps, keep the group. The file of flows stays where its
# maps do, and is renewed where they do not.
iterator() { on_edge bpftool --json link show pinned "$pins/eth1/flows" | jq .id; }
cp "$net"/*.prefixes "$work" 2>/dev/null || :
[[ $iterates != true ]] || first=$(iterator)
{
	cat "$config"
	echo 'block = { addresses = [ "198.18.0.0/16" ] }'
} >"$work/blocks.conf"
check 'a reload' loader reload eth1 --config "$work/blocks.conf"
[[ $iterates != true ]] || is 'keeps the file of flows' "$(iterator)" "$first"
sed 's/name = "contoso"/name = "another"/' "$config" >"$work/other.conf"
check 'a reload that grows the maps' loader reload eth1 --config "$work/other.conf"
if [[ $iterates == true ]]; then
	check 'renews the file of flows' test "$(iterator)" -ne "$first"
	check 'and it can be read' on_edge grep -q '^IPv6: ' "$pins/eth1/flows"
fi
is 'keeps the modes' "$(modes | grep -v ' the-loaders-lock$' | awk '$1 !~ /^(440|600|640|750|751)$/ || (($1 == 440 || $1 == 640) && $2 != '$readers')')" ''
is 'a member sees the new policy' "$(member status eth1 --json | jq '.[0].generation')" 3
is 'and its partners' "$(member stats eth1 --json | jq -c '[.partners[].partner]')" \
	"$(loader stats eth1 --json | jq -c '[.partners[].partner]')"

# A link that cannot be opened still says where the filter is.
in_ns edge ip link set eth1 down
in_ns edge ip link set eth1 name eth9
is 'renamed' "$(member status eth1 --json | jq -r '.[0].state')" \
	"$(loader status eth1 --json | jq -r '.[0].state')"
check 'with its new name' grep -q 'now named eth9' <(member status eth1)
in_ns edge ip link set eth9 name eth1
in_ns edge ip link set eth1 up
in_ns edge ip link del eth1
check 'gone' grep -q 'or its interface is gone' <(member status eth1)
check 'its counters can be read' member stats eth1

finish
