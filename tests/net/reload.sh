#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Reloads under traffic: no packet is lost or let through because of the swap, and
# counters and flows carry on.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

reloads=50
one=$work/one.conf two=$work/two.conf

# counted NAMESPACE NAME...: the sum of these counters of its kernel.
counted() {
	local place=$1
	shift
	# shellcheck disable=SC2016 # awk's fields
	in_ns "$place" awk -v names="$*" 'BEGIN { split(names, list); for (i in list) wanted[list[i]] = 1 }
		FILENAME ~ /snmp6/ { if ($1 in wanted) sum += $2; next }
		$1 != last { last = $1; split($0, heads); next }
		{ for (i = 2; i <= NF; i++) if (($1 heads[i]) in wanted) sum += $i; last = "" }
		END { print sum + 0 }' /proc/net/snmp /proc/net/netstat /proc/net/snmp6
}

# lost FROM TO: TCP segments that were sent again because they were lost, which TCP hides.
# One sent again because its acknowledgement was late arrives twice, and the other side
# reports that.
lost() {
	echo $(($(counted "$1" Tcp:RetransSegs) - $(counted "$2" TcpExt:TCPDSACKOldSent TcpExt:TCPDSACKOfoSent)))
}

# Whether all the requests of a namespace's pings were answered. ping itself may
# be stopped after the last answer has arrived and before it is read.
answered() { # NAMESPACE REQUESTS ANSWERS
	(($(counted "$1" "$2") > 0 && $(counted "$1" "$2") == $(counted "$1" "$3")))
}

# Fails when a counter of the earlier of two stats files is larger in the later.
monotonic() {
	jq -n --slurpfile earlier "$1" --slurpfile later "$2" '
		def flat: [.reasons[] | {key: (.verdict + " " + .reason), value: .packets}]
			+ [.rules[] | {key: (.rule + " " + .leg), value: .packets}]
			+ [.partners[] | {key: ("partner " + .partner), value: .packets}] | from_entries;
		($later[0] | flat) as $now
		| [$earlier[0] | flat | to_entries[] | select(.value > ($now[.key] // -1))]' >"$work/fell"
	[[ $(jq length "$work/fell") == 0 ]] || {
		jq -c . "$work/fell"
		return 1
	}
}

# ---- real peers ----

peers_wire
certificates
cp "$config" "$one"
# The same peers by other means, and rows that come and go.
cat - >"$two" <<END
edge = { access = [ "$edge", "$edge6" ], av = [ "$edge_av", "$edge_av6" ] }
partners = ( { name = "fabrikam", addresses = [ "203.0.114.0/24" ] },
	     { name = "contoso", addresses = [ "$partner", "$partner6" ] } )
clients = { addresses = [ "0.0.0.0/0" ] }
services = ( { name = "xmpp", transport = "tcp", direction = "in"
	       edge = "access", peers = "partner", ports = [ "5269" ] } )
disable = [ "rtp-out" ]
END
tls_server edge 5061 -rev "${mutual[@]}"
attach "$one"
start internet python3 "$wire" converse "$edge" 5061 "$partner" "$work/authority.pem" \
	"$work/peer.pem" "$work/peer.key" >"$work/talk" 2>&1
talk=$!
exchanges() { wc -l <"$work/talk"; }
exchanged() { (($(exchanges) >= $1)); }
wait_for "$patience" 'the TLS session' exchanged 1
start internet ping -q -i 0.01 -I "$stranger" "$edge" >"$work/ping" 2>&1
ping=$!
start internet ping -q -i 0.01 -I "$stranger6" "$edge6" >"$work/ping6" 2>&1
ping6=$!
loader flows eth1 --json >"$work/flows.before"

trouble='' fell=''
loader stats eth1 --json >"$work/stats.earlier"
for ((round = 1; round <= reloads; round++)); do
	file=$one
	((round % 2 == 0)) || file=$two
	loader reload eth1 --config "$file" >"$work/out" 2>&1 ||
		trouble="reload $round: $(cat "$work/out")"
	wait_for "$patience" 'exchanges after it' exchanged $(($(exchanges) + 2)) || break
	loader stats eth1 --json >"$work/stats.later"
	monotonic "$work/stats.earlier" "$work/stats.later" >"$work/out" 2>&1 ||
		fell="after reload $round: $(cat "$work/out")"
	mv "$work/stats.later" "$work/stats.earlier"
done
kill -INT "$ping" "$ping6"
kill "$talk"
status=0
wait "$talk" || status=$?
wait "$ping" "$ping6" || :

is "$reloads reloads succeed" "$(one_line "$trouble")" ''
is 'no counter ever falls' "$(one_line "$fell")" ''
is 'the TLS session lives on' "$status" 0
read -r exchanges longest <<<"$(tail -n 1 "$work/talk")"
say "# $exchanges exchanges, the longest took $longest ms"
check 'it was used all along' test "$exchanges" -ge $((reloads * 2))
is 'no TCP segment was lost' "$(lost internet edge) $(lost edge internet)" '0 0'
say "# $(grep transmitted "$work/ping"); $(grep transmitted "$work/ping6")"
check 'ping lost nothing' wait_for "$patience" 'the last answer' answered internet Icmp:OutEchos Icmp:InEchoReps
check 'ping6 lost nothing' wait_for "$patience" 'the last answer' answered internet Icmp6OutEchos Icmp6InEchoReplies
conserved
loader flows eth1 --json >"$work/flows.after"
# The session's flow at both times: the same start, more packets.
session() { jq -c 'select(.source_port == 5061 or .destination_port == 5061)' "$1"; }
check 'the session is one flow, before and after' test "$(session "$work/flows.after" | wc -l)" -eq 1
check 'with every packet of the session' \
	json ".packets >= $exchanges" <(session "$work/flows.after")
detach

# ---- policies that must not mix ----

# Under one policy the first two frames have no service, under the other they lack
# the role. A packet judged by the addresses of one and the ports of the other
# would pass. The third passes under both, the fourth under none.
ip netns del edge
ip netns del internet
quiet_wire
policy() { # PARTNERS PORT
	cat - <<END
edge = { access = [ "$edge" ] }
partners = ( { name = "contoso", addresses = [ "$1" ] } )
clients = { addresses = [ "$client" ] }
services = ( { name = "extra", transport = "tcp", direction = "in"
	       edge = "access", peers = "partner", ports = [ "$2" ] } )
END
}
policy 203.0.113.0/25 1000 >"$one"
policy 203.0.113.128/25 2000 >"$two"
attach "$one"
mixed=("tcp 203.0.113.1 40000 $edge 2000" "tcp 203.0.113.129 40000 $edge 1000"
	"tcp $client 40000 $edge 443" "tcp $stranger 40000 $edge 443")
is 'under one policy' "$(fate "${mixed[@]}" "tcp 203.0.113.1 40000 $edge 1000")" \
	'lost lost arrived lost arrived'
loader reload eth1 --config "$two" >/dev/null
is 'under the other' "$(fate "${mixed[@]}" "tcp 203.0.113.1 40000 $edge 1000")" \
	'lost lost arrived lost lost'
detach
attach "$one"
driver=$(driver_packets)
python3 "$wire" storm internet:net0 "${mixed[@]}" >"$work/storm" 2>&1 &
storm=$!
wait_for "$patience" 'the storm' grep -q started "$work/storm"
trouble=''
for ((round = 1; round <= reloads; round++)); do
	file=$one
	((round % 2 == 0)) || file=$two
	loader reload eth1 --config "$file" >"$work/out" 2>&1 ||
		trouble="reload $round: $(cat "$work/out")"
	# attach --replace swaps as well.
	((round % 10)) || loader attach eth1 --config "$file" --mode native --replace >"$work/out" 2>&1 ||
		trouble="attach --replace in round $round: $(cat "$work/out")"
	wait_for "$patience" 'frames after it' driver_reached $(($(driver_packets) + 80)) || break
done
kill "$storm"
wait "$storm" || :
rounds=$(tail -n 1 "$work/storm")
is "$reloads reloads in a storm succeed" "$(one_line "$trouble")" ''
wait_for "$patience" 'the last frame' driver_reached $((driver + rounds * 4))
loader stats eth1 --json >"$work/stats.json"
count() { jq --arg reason "$1" '[.reasons[] | select(.reason == $reason).packets] | add // 0' "$work/stats.json"; }
say "# $rounds frames of each kind: $(jq -c '[.reasons[] | select(.packets > 0)
	| {(.reason): .packets}] | add' "$work/stats.json")"
check 'the storm was long enough to meet every reload' test "$rounds" -ge $((reloads * 20))
is 'what both policies admit was never dropped, what neither admits never passed' \
	"$(count rule)" "$rounds"
is 'all others have a reason of one of the policies' \
	"$(($(count role) + $(count no-service)))" $((rounds * 3))
is 'every frame was counted once' "$(all_packets)" $((rounds * 4))

# ---- reloads that change nothing ----

loader reload eth1 --config "$one" >/dev/null
before=$(loader stats eth1 --json)
id=$(program_id)
printf 'edge = { access = [ "%s" ] }\nclients = { addresses = [ "10.1.2.3/8" ] }\n' "$edge" >"$work/bad.conf"
check_fails 'a bad configuration is exit 2' 2 'bad.conf:2: .*10\.0\.0\.0/8' \
	loader reload eth1 --config "$work/bad.conf"
check_fails 'a missing configuration is exit 2' 2 'none.conf' \
	loader reload eth1 --config "$work/none.conf"
is 'both change no counter' "$(loader stats eth1 --json)" "$before"
is 'and no program' "$(program_id)" "$id"
is 'and no verdict' "$(fate "${mixed[@]}" "tcp 203.0.113.1 40000 $edge 1000")" \
	'lost lost arrived lost arrived'

# ---- the policy in force can be printed ----

# prints_what FILE: policy IF is check --print of that configuration, to the byte.
prints_what() {
	is "policy IF is check --print of ${1##*/}" "$(loader policy eth1 2>&1 | sha256sum)" \
		"$("$pimxdp" check --config "$1" --print | sha256sum)"
}
prints_what "$one"
sed 's/^clients.*/clients = { addresses = [ "192.0.2.0\/24", "198.18.0.0\/15" ] }/' "$one" >"$work/order-1.conf"
sed 's/^clients.*/clients = { addresses = [ "198.18.0.0\/15", "192.0.2.0\/24" ] }/' "$one" >"$work/order-2.conf"
check 'the two differ in the order of a list' test \
	"$("$pimxdp" check --config "$work/order-1.conf" --print)" != "$("$pimxdp" check --config "$work/order-2.conf" --print)"
# One path, or the path alone would tell them apart.
for order in 1 2 1; do
	cp "$work/order-$order.conf" "$work/order.conf"
	loader reload eth1 --config "$work/order.conf" >/dev/null
	prints_what "$work/order.conf"
done
before=$(loader status eth1 --json | jq '.[0].generation')
echo '# a comment' >>"$work/order.conf"
loader reload eth1 --config "$work/order.conf" >/dev/null
is 'a comment is no change' "$(loader status eth1 --json | jq '.[0].generation')" "$before"
loader attach eth1 --config "$one" --replace >/dev/null 2>&1
prints_what "$one"
is 'as JSON it has every row' "$(loader policy eth1 --json | jq -r '.rows[] | select(.enabled).rule' | sort)" \
	"$(loader stats eth1 --json | jq -r '.rules[].rule' | sort -u)"
is 'and the state of the filter' "$(loader policy eth1 --json | jq -c '[.interface, .generation, .loaded, .policy_hash]')" \
	"$(loader status eth1 --json | jq -c '.[0] | [.interface, .generation, .loaded, .policy_hash]')"
is 'and every prefix' "$(loader policy eth1 --json | jq -r '.lists[].prefixes[]' | sort -u)" \
	"$("$pimxdp" check --config "$one" --print | grep -oE '"[0-9a-f:.]+[.:][0-9a-f:.]*(/[0-9]+)?"' | tr -d '"' |
		awk '!/\// { $0 = $0 (/:/ ? "/128" : "/32") } { print }' | sort -u)"

# A map of a pimxdp that packs it in another way, or a damaged one.
on_edge bpftool map create "$pins/eth1/other" type array key 4 value 4096 entries 1 name pim_policy
mv "$pins/eth1/pim_policy" "$pins/eth1/kept"
mv "$pins/eth1/other" "$pins/eth1/pim_policy"
check_fails 'a policy that is none of ours is refused' 1 'eth1: expected a policy as this pimxdp packs it.*reload or attach' \
	loader policy eth1
check 'the rest can be read' loader stats eth1
mv "$pins/eth1/kept" "$pins/eth1/pim_policy"
prints_what "$one"
is 'nobody changes it: it is frozen' \
	"$(on_edge bpftool --json map show pinned "$pins/eth1/pim_policy" | jq -c '[.name, .frozen]')" '["pim_policy",1]'
check_fails 'no filter, no policy' 1 'eth7: no filter is attached, and no such interface is here: ip link' \
	loader policy eth7

# ---- counters keep their names ----

extra() { loader stats eth1 --json | jq '[.rules[] | select(.rule == "extra").packets] | add // 0'; }
is 'a configured row counts' "$(extra)" 1
sed '/^services/,$d' "$one" >"$work/without.conf"
loader reload eth1 --config "$work/without.conf" >/dev/null
is 'without the row its frame is dropped' "$(fate "tcp 203.0.113.1 40000 $edge 1000")" lost
loader reload eth1 --config "$one" >/dev/null
is 'with the row again it is admitted' "$(fate "tcp 203.0.113.1 40000 $edge 1000")" arrived
is 'and the row counts on' "$(extra)" 2

# A reload with new names moves the counters to larger maps. A reader at that
# moment sees none missing and none twice.
reader() {
	trap 'exit 0' TERM
	while :; do
		loader stats eth1 --json >>"$work/read" 2>&1 || :
	done
}
extra_before=$(extra)
: >"$work/read"
reader &
reader=$!
reads() { wc -l <"$work/read"; }
read_more() { (($(reads) > $1)); }
trouble=''
for ((round = 1; round <= 20; round++)); do
	sed "/^partners/s|(|( { name = \"new-$round\", addresses = [ \"203.0.114.$round\" ] },|" "$one" \
		>"$work/grown.conf"
	loader reload eth1 --config "$work/grown.conf" >"$work/out" 2>&1 ||
		trouble="reload $round: $(cat "$work/out")"
	wait_for "$patience" 'the reader' read_more "$(reads)" || break
done
kill "$reader"
wait "$reader" || :
read=$(reads)
is '20 reloads with new names succeed' "$(one_line "$trouble")" ''
check 'all the time there were figures to read' test "$read" -ge 20
is "and always the same: $extra_before" \
	"$(jq '.rules[] | select(.rule == "extra").packets' "$work/read" | sort | uniq -c)" \
	"$(printf '%7d %s' "$read" "$extra_before")"
loader reload eth1 --config "$one" >/dev/null

# ---- observe mode ----

printf 'options = { mode = "observe" }\n' | cat "$one" - >"$work/observe.conf"
before=$(packets drop role)
loader reload eth1 --config "$work/observe.conf" >/dev/null
is 'observe mode passes everything' "$(fate "${mixed[@]}")" 'arrived arrived arrived arrived'
check 'and counts what it would have dropped' test "$(packets drop role)" -gt "$before"
check 'status says so' grep -q observe <(loader status eth1)
loader reload eth1 --config "$one" >/dev/null
is 'enforce mode drops again' "$(fate "${mixed[@]}")" 'lost lost arrived lost'
loader reload eth1 --config "$one" --observe >/dev/null
is '--observe passes everything' "$(fate "${mixed[@]}")" 'arrived arrived arrived arrived'
is 'and has the hash that check says' "$(loader status eth1 --json | jq -r '.[0].policy_hash')" \
	"$(loader check "$one" --observe --json | jq -r .policy_hash)"

# The manual's recipe, by its own words, with the configuration that is shipped.
loader detach eth1 >/dev/null
recipe=$(sed -n '/^Begin by observing/,/^\.Ed/{/^pimxdp/p}' "$root/man/pimxdp.8")
is 'the manual has a recipe' "$(wc -l <<<"$recipe")" 4
modes=''
while read -r _ words; do
	# shellcheck disable=SC2086 # words
	(cd "$root/examples" && loader $words) >"$work/recipe.out" 2>&1 || modes+="$words: $(<"$work/recipe.out") "
	[[ $words != attach* && $words != reload* ]] || modes+="$(loader stats eth1 --json | jq -r .mode) "
done <<<"$recipe"
is 'it observes, and then enforces' "$modes" 'observe enforce '
loader detach eth1 >/dev/null
attach "$one"
# A loader without enough descriptors: the reload is complete, or is reported as failed; no
# counts are lost, and pins that cannot be opened are not taken for those of another
# pimxdp.
loader detach eth1 >/dev/null 2>&1 || :
attach "$config"
fate "tcp $partner 40000 $edge 5061" >/dev/null
before=$(packets pass rule) wrong='' lost='' unnamed='' done=0
for ((limit = 4; limit <= 64; limit++)); do
	sed "s/contoso/limit-$limit/" "$config" >"$work/limit.conf"
	for verb in 'status eth1' "reload eth1 --config $work/limit.conf"; do
		status=0
		# shellcheck disable=SC2086 # words
		on_edge prlimit --nofile="$limit" "$pimxdp" $verb >"$work/out" 2>&1 || status=$?
		grep -qE 'not of a pimxdp|another network namespace' "$work/out" && wrong+="$limit: $(<"$work/out") "
		grep -q 'Too many open files' "$work/out" || ((status == 0)) || unnamed+="$limit: $(<"$work/out") "
		[[ $status != 0 || $verb == status* ]] || done=$((done + 1))
	done
	[[ $(loader stats eth1 --json | jq '[.partners[].packets] | add') == "$before" ]] || lost+="$limit "
done
is 'for want of descriptors no filter is taken for another' "$wrong" ''
is 'and no counter is lost' "$lost" ''
is 'and every failure names the want' "$unnamed" ''
check 'with enough of them the reload is done' test "$done" -gt 0

finish
