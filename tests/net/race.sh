#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Two loaders at once, and interfaces that vanish with a filter attached.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

# both A... -- B...: runs two loaders at once; status_1 and status_2 are their exit
# statuses, $work/1 and 2 their output.
both() {
	local first=() pid_1 pid_2
	while [[ $1 != -- ]]; do
		first+=("$1")
		shift
	done
	shift
	loader "${first[@]}" >"$work/1" 2>&1 &
	pid_1=$!
	loader "$@" >"$work/2" 2>&1 &
	pid_2=$!
	status_1=0 status_2=0
	wait "$pid_1" || status_1=$?
	wait "$pid_2" || status_2=$?
}

nothing_left() { [[ -z $(pinned) && $(program_mode) == none ]]; }

frames=("tcp $partner 40000 $edge 5061" "tcp $client 40000 $edge 5061")
other=$work/other.conf
sed 's|"203.0.113.0/24", "2001:db8:c0de::/48"|"192.0.2.0/24"|' "$config" >"$other"
quiet_wire

rounds=20 trouble=''
for ((round = 0; round < rounds; round++)); do
	both attach eth1 --config "$config" --mode native -- attach eth1 --config "$other" --mode native
	case $status_1$status_2 in
	01) winner='arrived lost' loser=$work/2 ;;
	10) winner='lost arrived' loser=$work/1 ;;
	*)
		trouble="ended with $status_1 and $status_2: $(cat "$work/1" "$work/2")"
		break
		;;
	esac
	# Held by the other loader while it works, by its program afterwards.
	grep -Eq "eth1.*($(program_id)|process|pid)|(process|pid).*eth1" "$loser" ||
		trouble="the loser says: $(cat "$loser")"
	[[ $(wc -l <"$loser") == 1 ]] || trouble="the loser says more than a line: $(cat "$loser")"
	[[ $(fate "${frames[@]}") == "$winner" ]] || trouble='the filter is not the winner'
	loader stats eth1 >/dev/null || trouble='stats fails'
	loader detach eth1 >/dev/null || trouble='detach fails'
	nothing_left || trouble="left: $(pinned)"
	[[ -z $trouble ]] || break
done
is "two attaches at once, $rounds times: one wins, the other says who holds it" \
	"$(one_line "$trouble")" ''

on_edge ip link add eth2 type veth peer name eth3
trouble=''
for ((round = 0; round < 5; round++)); do
	both attach eth1 --config "$config" -- attach eth2 --config "$config"
	[[ $status_1$status_2 == 00 ]] || trouble="attach: $(cat "$work/1" "$work/2")"
	both reload eth1 --config "$other" -- detach eth2
	[[ $status_1$status_2 == 00 ]] || trouble="reload, detach: $(cat "$work/1" "$work/2")"
	loader detach eth1 >/dev/null || trouble='detach fails'
	[[ -z $trouble ]] || break
done
is 'two interfaces at once: both succeed' "$(one_line "$trouble")" ''

loader attach eth1 --config "$config" --mode native >/dev/null
trouble=''
for ((round = 0; round < rounds; round++)); do
	both reload eth1 --config "$config" -- reload eth1 --config "$other"
	[[ $status_1 -le 1 && $status_2 -le 1 && $((status_1 + status_2)) -le 1 ]] ||
		trouble="ended with $status_1 and $status_2: $(cat "$work/1" "$work/2")"
	fate=$(fate "${frames[@]}")
	[[ $fate == 'arrived lost' || $fate == 'lost arrived' ]] || trouble="a mixture holds: $fate"
	loader stats eth1 >/dev/null || trouble='stats fails'
	[[ -z $trouble ]] || break
done
is "two reloads at once, $rounds times: one or the other holds" "$(one_line "$trouble")" ''

trouble=''
for ((round = 0; round < rounds; round++)); do
	both reload eth1 --config "$config" -- detach eth1
	((status_2 == 0)) || trouble="detach: $(cat "$work/2")"
	((status_1 <= 1)) || trouble="reload: $(cat "$work/1")"
	nothing_left || trouble="left: $(pinned)"
	loader attach eth1 --config "$config" --mode native >"$work/1" 2>&1 ||
		trouble="attach: $(cat "$work/1")"
	[[ -z $trouble ]] || break
done
is "reload and detach at once, $rounds times: detached in the end" "$(one_line "$trouble")" ''
loader detach eth1 >/dev/null 2>&1 || :

# Readers never see a half-built state.
trouble=''
(
	trap 'exit 0' TERM
	while :; do
		loader attach eth1 --config "$config" >/dev/null 2>&1 || :
		loader detach eth1 >/dev/null 2>&1 || :
	done
) &
churn=$!
for ((round = 0; round < 60; round++)); do
	status=0
	loader stats eth1 --json >"$work/1" 2>"$work/2" || status=$?
	if ((status == 0)); then
		jq -e '.reasons | length > 0' "$work/1" >/dev/null || trouble="stats: $(cat "$work/1")"
	elif ((status != 1)) || [[ $(wc -l <"$work/2") != 1 ]]; then
		trouble="stats ended with $status: $(cat "$work/2")"
	fi
done
kill "$churn"
wait "$churn" || :
is 'stats during attach and detach: figures or one line' "$(one_line "$trouble")" ''
loader detach eth1 >/dev/null 2>&1 || :

# ---- readers while maps grow ----

# Every reload brings a partner that no map has room for, so each time all counters move to a
# larger map. Frames arrive meanwhile. Readers take no lock: none of them may ever see a
# counter smaller than before, or what moves counted twice: no rule and no partner has more
# than was sent.
reloads=200 readers=2
named() { # NUMBER: the configuration with a partner of that number besides
	sed "s|^partners = (|&\n{ name = \"p$1\", addresses = [ \"192.0.2.$(($1 % 250 + 1))/32\" ] },|" "$config"
}
# Figures of a reading on one line: rules, partners and reasons by name.
figures='[(.rules[] | {key: ("rule " + .rule + " " + .leg), value: .packets}),
	(.partners[] | {key: ("partner " + .partner), value: .packets}),
	(.reasons[] | {key: ("reason " + .reason + " " + .verdict), value: .packets})] | from_entries'
attach
for ((reader = 0; reader < readers; reader++)); do
	(
		trap 'exit 0' TERM
		while :; do
			loader stats eth1 --json >>"$work/read.$reader" 2>>"$work/read.err"
		done
	) &
	churns[reader]=$!
done
# A frame that is admitted, in between, one a reload: the partner's and rule's counters are not 0.
trouble=''
for ((round = 1; round <= reloads; round++)); do
	named "$round" >"$work/grow.conf"
	loader reload eth1 --config "$work/grow.conf" >"$work/1" 2>&1 || trouble="reload $round: $(cat "$work/1")"
	((round % 10)) || fate "${frames[@]}" >/dev/null
	[[ -z $trouble ]] || break
done
kill "${churns[@]}"
wait "${churns[@]}" || :
loader stats eth1 --json >"$work/last"
is "$reloads reloads that move counters succeed under $readers readers" "$(one_line "$trouble")" ''
is 'and their maps have grown' "$(jq '.partners | length' "$work/last")" "$((reloads + $(jq '.partners | map(select(.partner | test("^p[0-9]+$") | not)) | length' "$work/last")))"
is 'no reader fails' "$(one_line "$(cat "$work/read.err" 2>/dev/null || :)")" ''
for ((reader = 0; reader < readers; reader++)); do
	check "reader $reader has read often" test "$(jq -s length "$work/read.$reader")" -ge 20
	is "reader $reader: no counter ever fell" "$(jq -s -c "map($figures)"'
		| . as $all | [range(1; $all | length) as $at | $all[$at] as $now
			| $all[$at - 1] | to_entries[] | select(.value > ($now[.key] // -1)) | .key] | unique' \
		"$work/read.$reader")" '[]'
	is "reader $reader: nothing was counted twice" "$(cat "$work/read.$reader" "$work/last" | jq -s -c "map($figures)"'
		| .[-1] as $last | [.[] | to_entries[] | select(.value > ($last[.key] // -1)) | .key] | unique')" '[]'
done
loader detach eth1 >/dev/null

# ---- an interface that vanishes ----

attach
on_edge ip link del eth1
check 'the interface is gone: status says so' \
	grep -iq 'eth1.*\(stale\|gone\)' <(loader status 2>&1)
check 'the interface is gone: status of it says so' grep -iq 'stale\|gone' <(loader status eth1 2>&1)
check_fails 'the interface is gone: reload refuses' 1 'eth1' loader reload eth1 --config "$config"
check 'the interface is gone: detach cleans up' loader detach eth1
check 'nothing is left' test -z "$(pinned)"
quiet_wire
check 'attach to the interface made again' loader attach eth1 --config "$config" --mode native
is 'it filters' "$(fate "${frames[@]}")" 'arrived lost'

# Made again with the old pins still there.
on_edge ip link del eth1
quiet_wire
is 'made again under old pins: no program is attached' "$(program_mode)" none
check 'status does not take the pins for the new interface' \
	grep -iq 'stale\|gone' <(loader status eth1 2>&1)
check_fails 'reload refuses' 1 'eth1' loader reload eth1 --config "$config"
if loader attach eth1 --config "$config" --mode native >"$work/out" 2>&1; then
	ok 'attach clears the stale pins'
else
	check 'attach names the way out' grep -q 'detach' "$work/out"
	check 'detach' loader detach eth1
	check 'attach' loader attach eth1 --config "$config" --mode native
fi
is 'and it filters' "$(fate "${frames[@]}")" 'arrived lost'

# The same name, with another program attached.
on_edge ip link del eth1
quiet_wire
check 'detach under the same name cleans up' loader detach eth1
check 'nothing is left of it' test -z "$(pinned)"

# A namespace is only marked by ip netns del: the kernel takes its interfaces down
# in its own time.
said_gone() { "$pimxdp" status 2>&1 | grep -iq 'stale\|gone'; }
attach
ip netns del edge
check 'the namespace is gone: status says so' wait_for "$patience" 'the end of the interface' said_gone
check 'the namespace is gone: detach cleans up' "$pimxdp" detach eth1
check 'nothing is left at last' test -z "$(pinned)"
finish
