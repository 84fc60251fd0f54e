#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A feed writes a list of prefixes where it is, a line at a time, and the agent must not put
# half of it into force; it empties one by mistake, and the agent must not cut those partners off.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

log=$work/log
# run ARGUMENT...: the agent; what it logged before stays in the log.
run() {
	start edge env NOTIFY_SOCKET="$work/manager" WATCHDOG_USEC=700000 \
		"$pimxdp" run eth1 --config "$conf" --metrics 127.0.0.1:9469 "$@" 2>>"$log"
	agent=$!
}
end() {
	kill "$agent"
	wait "$agent" || :
}
event() { grep -E "event=$1( |$)" "$log" | grep -cF -- "${2-}" || :; }
seen() { (($(event "$1" "${3-}") >= $2)); }
check_event() { # NAME EVENT COUNT [TEXT]
	if wait_for "$patience" "$2" seen "$2" "$3" "${4-}" 2>/dev/null; then
		ok "$1"
	else
		not_ok "$1" "no $2 ${4-}: $(tail -n 3 "$log" | paste -sd' ')"
	fi
}
metric() { on_edge python3 "$net/get.py" 127.0.0.1:9469 /metrics | awk -v name="$1{interface=\"eth1\"}" '$1 == name { print $2 }'; }
in_force() { loader addresses eth1 --role partner | awk '$2 ~ /^203/' | wc -l; }
is_in_force() { (($(in_force) == $1)); }
check_in_force() { # NAME COUNT
	wait_for "$patience" "$2 prefixes" is_in_force "$2" 2>/dev/null || :
	is "$1" "$(in_force)" "$2"
}
generation() { loader status eth1 --json | jq '.[0].generation'; }
# lines FROM TO: prefixes that do not merge.
lines() { seq -f '203.0.113.%.0f/32' "$(($1 * 2))" 2 "$(($2 * 2))"; }

quiet_wire
in_ns edge ip address add "$edge/32" dev eth1 # or nothing would be kept before ten minutes
# The agent's own clock: it says that it lives twice in WATCHDOG_USEC.
on_edge python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True: print(s.recv(4096).decode(), flush=True)' "$work/manager" >"$work/heard" &
wait_for "$patience" 'the manager' test -S "$work/manager"

mkdir "$work/etc"
conf=$work/etc/edge.conf list=$work/etc/contoso.prefixes
sed 's|addresses = \[ "203.0.113.0/24", .* \]|files = [ "contoso.prefixes" ]|; s|"203.0.113.0/24", ||' "$config" >"$conf"
lines 1 12 >"$list"
run
check_event 'a list of twelve' attached 1
check_in_force 'is in force' 12
policies=$(generation)

# ---- a line at a time ----

# Held open, until the agent says that it waits.
exec 8>"$list"
lines 1 12 >&8
check_event 'a list that is held open is waited for' files-in-motion 1 contoso.prefixes
is 'while its writer has it open, nothing of a list is read' "$(in_force) $(generation)" "12 $policies"
lines 13 13 >&8
exec 8>&-
check_in_force 'closed, it is read whole' 13
is 'once' "$(generation)" $((policies + 1))
policies=$(generation)
# Opened and closed for each line, with a pause that is longer than an editor's, by the agent's
# clock. It must be shorter than what the agent takes for rest: a machine that was busy for so long
# showed nothing, and the list is written again.
beats() { grep -c '^WATCHDOG=1' "$work/heard" || :; }
has_beaten() { (($(beats) >= $1)); }
milliseconds() { say $((${EPOCHREALTIME/./} / 1000)); }
for try in 1 2 3 4 5 6; do
	was=$(generation) begun=$(milliseconds) longest=0
	: >"$list"
	for ((line = 1; line <= 14; line++)); do
		lines "$line" "$line" >>"$list"
		now=$(milliseconds)
		longest=$((now - begun > longest ? now - begun : longest)) begun=$now
		((line == 14)) || wait_for "$patience" 'the agent' has_beaten $(($(beats) + 2))
	done
	((longest >= 2000)) || break
	check_in_force "the machine was busy for $longest ms: try $try is read in the end" 14
	lines 1 13 >"$list"
	check_in_force 'and another list' 13
done
check 'the writer was slow, and not too slow' test "$longest" -lt 2000
check_in_force 'a list whose writer opens it for each line is read when it rests' 14
is 'once, too' "$(generation)" $((was + 1))
is 'and none of that was an error' "$(event reload-failed)" 0
((try > 1)) || is 'nor was a list refused' "$(event list-shrunk)" 0

# ---- what is whole at once ----

lines 1 15 >"$work/etc/new"
mv "$work/etc/new" "$list"
check_in_force 'a file renamed over it' 15
rm "$list"
lines 1 16 >"$list"
check_in_force 'deleted and made again' 16
mkdir "$work/etc/..1" "$work/etc/..2"
lines 1 17 >"$work/etc/..1/contoso.prefixes"
lines 1 18 >"$work/etc/..2/contoso.prefixes"
ln -s ..1 "$work/etc/..data"
ln -sf ..data/contoso.prefixes "$list"
check_in_force 'a link in its place' 17
ln -s ..2 "$work/etc/..new"
mv -T "$work/etc/..new" "$work/etc/..data"
check_in_force "a folder's link swapped, as Kubernetes does" 18

# ---- what lost much ----

target=$work/etc/..2/contoso.prefixes
policies=$(generation)
: >"$target"
check_event 'a list that is empty now is refused' list-shrunk 1 'had 18 prefixes, and has 0'
is 'the policy stays' "$(in_force) $(generation)" "18 $policies"
is 'the metrics say so' "$(metric pimxdp_agent_lists_refused) $(metric pimxdp_agent_last_reload_successful)" '1 0'
lines 1 8 >"$target"
check_event 'so is one that lost more than half' list-shrunk 1 'had 18 prefixes, and has 8'
end
run
check_event 'and a new agent remembers' list-shrunk 2 'had 18 prefixes, and has 8'
is 'it leaves what is in force' "$(in_force) $(generation)" "18 $policies"
lines 1 9 >"$target"
check_in_force 'half of it is no surprise' 9
is 'and refuses nothing' "$(metric pimxdp_agent_lists_refused)" 0
: >"$target"
check_event 'emptied again' list-shrunk 1 'had 9 prefixes, and has 0'
loader reload eth1 --config "$conf" >"$work/reloaded"
check_event 'until a person says reload' reloaded-by-hand 1 as_configured=true
check_in_force 'which is obeyed' 0
at_peace() { [[ $(metric pimxdp_agent_lists_refused) == 0 ]]; }
check 'and remembered' wait_for "$patience" 'peace' at_peace
lines 1 10 >"$target"
check_in_force 'from there it goes on' 10
: >"$target"
check_event 'refused once more' list-shrunk 1 'had 10 prefixes, and has 0'
kill -HUP "$agent"
check_in_force 'SIGHUP is a person, too' 0
lines 1 10 >"$target"
check_in_force 'and back' 10
end
: >"$target"
loader reload eth1 --config "$conf" >"$work/reloaded"
before=$(event unchanged cause=start)
run
check_event 'what a person loaded while no agent ran is no surprise to the next' unchanged $((before + 1)) cause=start
is 'nor is it refused' "$(metric pimxdp_agent_lists_refused) $(metric pimxdp_agent_last_reload_successful)" '0 1'
lines 1 10 >"$target"
check_in_force 'and back again' 10
end
run --shrink 100
check_event 'with --shrink 100' unchanged 1
: >"$target"
check_in_force 'a list may go' 0
end
finish
