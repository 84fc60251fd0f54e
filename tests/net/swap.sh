#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Reloads at full rate: a million frames a second and more meet 200 changes between
# two policies. Each frame is judged wholly by one of them, and all are counted.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

reloads=200
one=$work/one.conf two=$work/two.conf
storm=$root/build/bench/pimbench
check 'the generator builds' make --no-print-directory -C "$root" build/bench/pimbench

# Under policy one, the partner "low" has service "first"; under policy two, the
# partner "high" has "second". Both know the clients and the block list.
policy() { # PARTNER PREFIX SERVICE PORT
	cat - <<END_OF_POLICY
edge = { access = [ "$edge" ] }
partners = ( { name = "$1", addresses = [ "$2" ] } )
clients = { addresses = [ "192.0.2.0/24" ] }
block = { addresses = [ "198.18.0.0/16" ] }
services = ( { name = "$3", transport = "tcp", direction = "in"
	       edge = "access", peers = "partner", ports = [ "$4" ] } )
END_OF_POLICY
}
policy low 203.0.113.0/25 first 1000 >"$one"
policy high 203.0.113.128/25 second 2000 >"$two"

# A frame of each kind, by either policy:     one                two
kinds=(192.0.2.0/24:0:443         #  0 pass sip-tls-in    pass sip-tls-in
	198.18.0.0/16:0:443       #  1 drop blocked       drop blocked
	203.0.113.0/25:0:1000     #  2 pass first, low    drop no-service
	203.0.113.128/25:0:2000   #  3 drop no-service    pass second, high
	203.0.113.128/25:0:1000   #  4 drop role          drop no-service
	203.0.113.0/25:0:2000     #  5 drop no-service    drop role
	203.0.113.0/24:0:443)     #  6 drop role          drop role
# Ports of one policy with addresses of the other would let kinds 4 and 5 pass.

quiet_wire
attach "$one"
driver=$(driver_packets)
start internet "$storm" storm net0 "$one" "${kinds[@]}" >"$work/storm.json" 2>"$work/storm.err"
pid=$!
wait_for "$patience" 'the storm' grep -q started "$work/storm.err"

trouble=''
for ((round = 1; round <= reloads; round++)); do
	file=$two
	((round % 2)) || file=$one
	loader reload eth1 --config "$file" >"$work/out" 2>&1 ||
		trouble="reload $round: $(cat "$work/out")"
	loader stats eth1 --json >>"$work/stats" 2>>"$work/out" ||
		trouble="stats $round: $(cat "$work/out")"
	wait_for "$patience" 'frames after it' driver_reached $(($(driver_packets) + 1000)) || break
done
evicted() { (($(loader stats eth1 --json | jq .flows.evictions) > 1000)); }
wait_for "$patience" 'evicted flows' evicted || :
during=$(driver_packets)
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
is "$reloads reloads at full rate succeed" "$(one_line "$trouble")" ''
is 'the storm lasted' "$status" 0

frames=$(jq .frames "$work/storm.json")
wait_for "$patience" 'the last frame' driver_reached $((driver + frames)) || :
loader stats eth1 --json >"$work/stats.json"
loader flows eth1 --json >"$work/flows"

reason() { # VERDICT REASON...
	local verdict=$1
	shift
	jq --arg verdict "$verdict" '[.reasons[] | select(.verdict == $verdict
		and (.reason | IN($ARGS.positional[]))).packets] | add // 0' "$work/stats.json" --args "$@"
}
rule() { jq --arg rule "$1" '[.rules[] | select(.rule == $rule).packets] | add // 0' "$work/stats.json"; }
partner() { jq --arg name "$1" '[.partners[] | select(.partner == $name).packets] | add // 0' "$work/stats.json"; }
mapfile -t sent < <(jq '.kinds[]' "$work/storm.json")
say "# $frames frames, $(jq '.ns_per_frame | floor' "$work/storm.json") ns each; $(jq -c '[.reasons[]
	| select(.packets > 0) | {(.reason): .packets}] | add' "$work/stats.json")"

check 'there were frames for every reload' test $((during - driver)) -ge $((reloads * 1000))
check 'and of every kind' jq -e 'all(.kinds[]; . > 1000)' "$work/storm.json"

# ---- only verdicts of the two policies ----

is 'what both admit was always admitted' "$(rule sip-tls-in)" "${sent[0]}"
is 'what both block was always blocked' "$(reason drop blocked)" "${sent[1]}"
check 'each policy was in force at times, and not always' \
	test "$(rule first)" -gt 0 -a "$(rule first)" -lt "${sent[2]}" \
	-a "$(rule second)" -gt 0 -a "$(rule second)" -lt "${sent[3]}"
is "service first was for its own policy's partner alone" "$(rule first)" "$(partner low)"
is "service second was for its own policy's partner alone" "$(rule second)" "$(partner high)"
# In the flows, too: an address of one partner never reached a service of the other.
is 'no flow has the service of one policy and the address of the other' \
	"$(jq -s -c '[.[] | select((.rule == "first" and (.partner != "low" or .destination_port != 1000))
		or (.rule == "second" and (.partner != "high" or .destination_port != 2000)))] | length' \
		"$work/flows")" 0
is 'nothing else passed' "$(reason pass rule)" $((sent[0] + $(rule first) + $(rule second)))
is 'everything else was dropped for a reason of one of the policies' \
	"$(reason drop role no-service)" \
	$((frames - sent[0] - sent[1] - $(rule first) - $(rule second)))
check 'with what neither admits among it' \
	test "$(reason drop role no-service)" -ge $((sent[4] + sent[5] + sent[6]))
is 'no frame has any other reason' \
	"$(jq -c '[.reasons[] | select(.packets > 0) | .verdict + " " + .reason] | sort' "$work/stats.json")" \
	'["drop blocked","drop no-service","drop role","pass rule"]'

# ---- conservation ----

is 'the driver handed over what was sent' $(($(driver_packets) - driver)) "$frames"
is 'every frame was counted once' "$(all_packets)" "$frames"
is 'bytes, too' "$(jq '[.reasons[].bytes] | add' "$work/stats.json")" $((frames * 60))
is 'the rules add up to what passed' "$(jq '[.rules[].packets] | add' "$work/stats.json")" \
	"$(reason pass rule)"
is 'no counter ever fell' "$(jq -s -c '
	def flat: [.reasons[] | {key: (.verdict + " " + .reason), value: .packets}]
		+ [.rules[] | {key: (.rule + " " + .leg), value: .packets}]
		+ [.partners[] | {key: ("partner " + .partner), value: .packets}]
		+ [.flows | {key: "inserts", value: .inserts}, {key: "evictions", value: .evictions}]
		| from_entries;
	map(flat) as $all | [range(1; $all | length) as $at
		| $all[$at] as $now | $all[$at - 1] | to_entries[] | select(.value > ($now[.key] // -1)) | .key]' \
	"$work/stats")" '[]'
is 'flows held and evicted have the packets of the rules' \
	"$(jq -s 'map(.packets) | add' "$work/flows" | jq --slurpfile stats "$work/stats.json" \
		'. + $stats[0].flows.evicted_packets')" "$(reason pass rule)"
is 'and their bytes' \
	"$(jq -s 'map(.bytes) | add' "$work/flows" | jq --slurpfile stats "$work/stats.json" \
		'. + $stats[0].flows.evicted_bytes')" "$(jq '[.rules[].bytes] | add' "$work/stats.json")"
is 'as many flows are held as the sums say' "$(wc -l <"$work/flows")" \
	"$(jq '.flows.inserts - .flows.evictions' "$work/stats.json")"
check 'the storm evicted flows' jq -e '.flows.evictions > 1000' "$work/stats.json"

# ---- at rest ----

detach
is 'nothing is left pinned' "$(pinned)" ''
finish
