#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A configuration is broken in the evening, the machine boots at night, and in the morning
# every port is open: the agent must go on with the last good policy, and say so. That policy's
# file is an attack of its own: nobody else may choose what is attached then.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

log=$work/log state=$work/state
conf=$work/edge.conf
frames=("tcp $stranger 40000 $edge 5061" "tcp $partner 40000 $edge 5061")
run() {
	: >"$log"
	start edge "$pimxdp" run eth1 --config "$conf" --state "$state" --metrics 127.0.0.1:9469 "$@" 2>"$log"
	agent=$!
}
end() {
	kill "$agent"
	wait "$agent" || :
}
# What a boot does to the filter.
boot() {
	end
	detach
}
event() { grep -a -E "event=$1( |$)" "$log" | grep -a -cF -- "${2-}" || :; }
seen() { (($(event "$1" "${2-}") > 0)); }
check_event() { # NAME EVENT [TEXT]
	if wait_for "$patience" "$2" seen "$2" "${3-}" 2>/dev/null; then
		ok "$1"
	else
		not_ok "$1" "no $2 ${3-}: $(tail -n 3 "$log" | paste -sd' ')"
	fi
}
metric() { on_edge python3 "$net/get.py" 127.0.0.1:9469 /metrics | awk -v name="$1{interface=\"eth1\"}" '$1 == name { print $2 }'; }
ready() { on_edge python3 "$net/get.py" 127.0.0.1:9469 /readyz | sed -n 1p; }
# fails_to_start NAME TEXT: with a filter on nothing.
fails_to_start() {
	local status=0
	on_edge timeout "$patience" "$pimxdp" run eth1 --config "$conf" --state "$state" 2>"$log" || status=$?
	is "$1" "$status $(event failed) $(program_mode)" '2 1 none'
	check "$1: it says why" grep -qF -- "$2" "$log"
}

quiet_wire
cp "$config" "$conf"
run
check_event 'a good configuration' attached
kept=$state/eth1.policy
wait_for "$patience" 'the file of the kept policy' test -e "$kept"
is 'is kept, for its owner alone' "$(stat -c '%a %u' "$state" "$kept" | paste -sd' ')" '700 0 600 0'
check 'as a configuration' "$pimxdp" check --config "$kept"
is 'the whole of it' "$(diff <("$pimxdp" check --config "$conf" --print) <(grep -v '^# \(The last\|Kept\|pimxdp-kept\)' "$kept"))" ''
end
rm "$kept"
run --observe
check_event 'with --observe' reloaded
wait_for "$patience" 'the file of the kept policy' test -e "$kept"
is 'it is kept with its own mode, not to be observed for ever' "$(grep -c 'mode = "enforce"' "$kept")" 1
end
run
check_event 'without --observe' reloaded
is 'there is one, by the metrics' "$(awk '{ print ($1 > 0) }' <<<"$(metric pimxdp_agent_last_good_timestamp_seconds)")" 1
boot

for fault in 'a mistake' 'no file' 'no edge'; do
	case $fault in
	'a mistake') echo nonsense >>"$conf" ;;
	'no file') rm "$conf" ;;
	'no edge') echo 'partners = ( )' >"$conf" ;;
	esac
	run
	check_event "$fault after a boot: the last good policy is attached, loudly" last-good-attached 'level=error'
	is "$fault: it judges" "$(fate "${frames[@]}")" 'lost arrived'
	is "$fault: by the metrics" "$(metric pimxdp_agent_last_good_in_force) $(metric pimxdp_agent_last_reload_successful)" '1 0'
	is "$fault: it is ready" "$(ready)" 200
	boot
done
run --observe
check_event 'to observe: the last good policy' last-good-attached
is 'observes, too' "$(fate "${frames[0]}")" arrived
boot
run
check_event 'and once more' last-good-attached
end
run
check_event 'an agent that starts again' reload-failed
is 'knows that it is the last good one that judges' "$(metric pimxdp_agent_last_good_in_force) $(fate "${frames[@]}")" '1 lost arrived'
in_ns edge ip link set eth1 down
in_ns edge ip link set eth1 name eth9
check_event 'renamed' filter-is-elsewhere
in_ns edge ip link set eth9 name eth1
in_ns edge ip link set eth1 up
check_event 'and back' filter-is-back
is 'it is the last good one still' "$(metric pimxdp_agent_last_good_in_force)" 1
is 'and what is wrong is the file' "$(on_edge python3 "$net/get.py" 127.0.0.1:9469 /readyz | grep -c 'attached: .*edge.conf')" 1
sed 's/contoso/repaired/' "$config" >"$work/new"
mv "$work/new" "$conf"
check_event 'when the file is good again, it is loaded' reloaded cause=change
is 'and the metrics are at peace' "$(metric pimxdp_agent_last_good_in_force) $(metric pimxdp_agent_last_reload_successful)" '0 1'
# Not before there is an address to hold it against.
in_ns edge ip address add "$edge/32" dev eth1
check 'it is the one that is kept now' wait_for "$patience" 'the kept policy' grep -q repaired "$kept"

# A mistyped address of the Edge is refused, too, by this host: its own address is none of them.
boot
sed 's/contoso/again/' "$config" >"$conf"
run
check_event 'with the address of the Edge' attached
boot
sed 's/"198.51.100.1[01]", "2001[^"]*"/"198.51.100.99"/' "$config" >"$conf"
run
check_event 'a mistyped edge after a boot: the last good policy is attached, loudly' last-good-attached 'level=error'
is 'a mistyped edge: it judges' "$(fate "${frames[@]}")" 'lost arrived'
is 'a mistyped edge: by the metrics' "$(metric pimxdp_agent_last_good_in_force) $(metric pimxdp_agent_last_reload_successful)" '1 0'
check_event 'what is kept is the one before' last-good-attached "hash=$(on_edge "$pimxdp" status eth1 --json | jq -r '.[0].policy_hash')"
end
run
check 'the agent alone, again, with that filter in force: it stays' wait_for "$patience" 'readiness' ready
is 'and it judges' "$(fate "${frames[@]}")" 'lost arrived'
boot
mv "$kept" "$work/put-aside"
status=0
on_edge timeout "$patience" "$pimxdp" run eth1 --config "$conf" --state "$state" 2>"$log" || status=$?
is 'with nothing kept it ends, and nothing is attached' "$status $(program_mode)" '1 none'
mv "$work/put-aside" "$kept"
run
check_event 'and once more with the kept one' last-good-attached
in_ns edge ip address add 198.51.100.99/32 dev eth1
check_event 'when the host has the address, the file is loaded' reloaded 'cause=retry'
boot
in_ns edge ip address flush dev eth1
cp "$config" "$conf"
run
check_event 'peace' attached

# With the filter still there, as after a restart of the agent alone.
end
echo nonsense >>"$conf"
before=$(program_id)
run
check_event 'with a filter in force' reload-failed
check 'the agent stays' wait_for "$patience" 'readiness' ready
is 'and so does the filter' "$(program_id)" "$before"
boot

# ---- what reads well, and would judge nothing here ----

cp "$config" "$conf"
in_ns edge ip address add 198.51.100.10/24 dev eth1
run
check_event 'a configuration of this host' attached
sed 's/198.51.100.1/198.51.99.1/' "$config" >"$work/new"
mv "$work/new" "$conf"
check_event 'one of another host is refused' reload-failed 'would be judged'
kill -STOP "$agent"
in_ns edge ip link del eth1
quiet_wire
in_ns edge ip address add 198.51.100.10/24 dev eth1
kill -CONT "$agent"
check_event 'an interface that comes back does not come back open' last-good-attached 'would be judged'
is 'it judges' "$(fate "${frames[@]}")" 'lost arrived'
is 'and it is said' "$(metric pimxdp_agent_last_good_in_force) $(metric pimxdp_agent_last_reload_successful)" '1 0'
boot
run
check_event 'nor is it open after a boot' last-good-attached 'would be judged'
is 'it judges, too' "$(fate "${frames[@]}")" 'lost arrived'

# The agent starts before the network does, so there is no address to hold the policy against;
# and so it is when an interface comes back.
own=198.51.100.10/24
boot
in_ns edge ip address flush dev eth1
run
check_event 'without an address a mistyped edge is attached' attached
check 'which does not take the place of the last good policy' grep -q '"198.51.100.10"' "$kept"
in_ns edge ip address add "$own" dev eth1
check_event 'when there is an address, it is found out' reload-failed 'would be judged'
check_event 'and the last good policy is in force' last-good-attached 'level=error'
is 'it judges, late' "$(fate "${frames[@]}")" 'lost arrived'
is 'which is said, too' "$(metric pimxdp_agent_last_good_in_force) $(metric pimxdp_agent_last_reload_successful)" '1 0'
: >"$log"
in_ns edge ip link del eth1
check_event 'the interface goes' interface-gone
quiet_wire
check_event 'and comes back' attached
in_ns edge ip address add "$own" dev eth1
check_event 'then with its address: the last good policy' last-good-attached 'level=error'
is 'judges again' "$(fate "${frames[@]}")" 'lost arrived'
check 'and is kept' grep -q '"198.51.100.10"' "$kept"
boot

# A good configuration is kept once it has been held against an address.
in_ns edge ip address flush dev eth1
sed 's/contoso/early/' "$config" >"$conf"
run
check_event 'a good configuration without an address' attached
is 'is not kept yet' "$(grep -c early "$kept")" 0
in_ns edge ip address add "$own" dev eth1
check 'but when there is one' wait_for "$patience" 'the kept policy' grep -q early "$kept"
is 'without a word' "$(event reload-failed) $(event unchanged)" '0 0'

# What a person loads by hand stays, and is no policy to go back to if it judges nothing.
sed 's/"198.51.100.1[01]", "2001[^"]*"/"198.51.100.99"/; s/contoso/mistyped/' "$config" >"$work/new"
mv "$work/new" "$conf"
check_event 'a mistyped edge is refused' reload-failed 'would be judged'
check 'a person loads it all the same' loader reload eth1 --config "$conf"
check 'the agent stays, and is ready' wait_for "$patience" 'readiness' ready
: >"$log"
kill -HUP "$agent"
check_event 'and refuses it again' reload-failed 'would be judged'
is 'what is in force is what the person loaded' "$(on_edge "$pimxdp" policy eth1 | grep -c mistyped)" 1
is 'what is kept is the policy before' "$(grep -c early "$kept") $(grep -c mistyped "$kept")" '1 0'
boot
run
check_event 'so it is there after a boot' last-good-attached
boot

# A correct configuration whose lists are refused, while the kept policy is of an address that
# this host no longer has: the short list is better than no filter.
several='"203.0.113.0/28", "203.0.113.16/28", "203.0.113.32/28", "203.0.113.48/28"'
moved() { # ADDRESS LIST
	printf 'edge = { access = [ "%s" ] }\npartners = ( { name = "moved", addresses = [ %s ] } )\n' "$1" "$2" >"$conf"
}
moved 198.51.100.10 "$several"
rm "$kept"
run
check_event 'a list of four prefixes' attached
check 'is kept' wait_for "$patience" 'the kept policy' grep -q 203.0.113.16 "$kept"
boot
in_ns edge ip address flush dev eth1
in_ns edge ip address add 198.51.100.20/24 dev eth1
moved 198.51.100.20 '"203.0.113.0/28"'
run
check_event 'one of them is left, at a new address' list-shrunk
check_event 'it is attached' attached
is 'and not kept' "$(grep -c 203.0.113.16 "$kept") $(grep -c 198.51.100.20 "$kept")" '1 0'
is 'nor is it forgotten' "$(metric pimxdp_agent_lists_refused)" 1
kill -HUP "$agent"
check 'until a person says that it is meant' wait_for "$patience" 'the kept policy' \
	grep -q 198.51.100.20 "$kept"
is 'then all is well' "$(metric pimxdp_agent_lists_refused)" 0
boot

# Two network namespaces with an interface of one name: each with its own configuration, and
# by mistake with one state folder.
cp "$conf" "$work/other.conf"
conf=$work/other.conf
sed -i 's/moved/other/' "$conf"
run
check_event 'another configuration is not kept in its place' last-good-not-kept 'is kept for another configuration'
check_event 'and is attached' attached
boot
echo nonsense >>"$conf"
fails_to_start 'nor does it get the policy of the other' 'is kept for another configuration'
rm "$conf"
conf=$work/edge.conf
mv "$conf" "$work/renamed.conf"
conf=$work/renamed.conf
run
check_event 'a configuration that was renamed is the same' attached
is 'no word of that' "$(event last-good-not-kept)" 0
boot
mv "$conf" "$work/edge.conf"
conf=$work/edge.conf
cp "$config" "$conf"
in_ns edge ip address flush dev eth1
rm "$kept"
run
check_event 'peace, once more' attached
boot
echo nonsense >>"$conf"

# ---- what is not to be trusted ----

cp -p "$kept" "$work/good"
damaged() { # NAME TEXT
	fails_to_start "$1" "$2"
	cp -p "$work/good" "$kept"
}
head -c $(($(stat -c %s "$kept") / 2)) "$work/good" >"$kept"
damaged 'half of a file' 'found it damaged or edited'
sed -i 's/203.0.113.0/203.0.112.0/' "$kept"
damaged 'an edited file' 'found it damaged or edited'
: >"$kept"
damaged 'an empty file' 'found it damaged or edited'
chmod 0666 "$kept"
damaged 'a file that everybody may change' 'only this user may change'
chmod 0777 "$state"
damaged 'a folder that everybody may change' 'only this user may change'
chmod 0700 "$state"
chown 65534 "$state"
damaged "a stranger's folder" 'eth1.policy'
chown 0 "$state"
chown 65534 "$kept"
damaged "a stranger's file" 'eth1.policy'
chown 0 "$kept"
rm "$kept"
ln -s "$work/good" "$kept"
chown -h 65534 "$kept"
fails_to_start "a stranger's link" 'eth1.policy'
rm "$kept"
fails_to_start 'nothing at all' 'edge.conf'
cp -p "$work/good" "$kept"
run
check_event 'the good one is still good' last-good-attached
boot

# ---- where nothing can be kept ----

cp "$config" "$conf"
chmod 0777 "$state"
run
check_event 'a folder that everybody may change is not written to' last-good-not-kept 'expected a state folder'
check_event 'and the filter is attached' attached
boot
state=/proc/none
run
check_event 'nor one that cannot be' last-good-not-kept
check_event 'which keeps nothing from being attached' attached
is 'the metrics say that nothing is kept' "$(metric pimxdp_agent_last_good_timestamp_seconds | awk '{ print ($1 > 0) }')" 0
boot
finish
