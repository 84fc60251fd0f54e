#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Somebody who reaches the port of the metrics opens as many connections as the agent has
# descriptors and sends a header line now and then, so that none is ever idle. The probe of
# /healthz then fails, and whoever watches restarts an agent that has nothing wrong with it.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

slow=$root/tests/security/attacks/slow-clients.py
where=127.0.0.1:9469
quiet_wire

# agent WHERE: with the descriptors that a shell or systemd gives.
agent() {
	start edge prlimit --nofile=1024:1024 "$pimxdp" run eth1 --config "$config" --metrics "$1" 2>"$work/log"
	agent=$!
	wait_for "$patience" 'the agent' grep -qE 'event=(attached|unchanged)' "$work/log"
}
status_of() { on_edge timeout "$patience" python3 "$net/get.py" "$1" "$2" 2>&1 | sed -n 1p; }
answers() { [[ $(status_of "$1" "$2") == 200 ]]; }
# attack WHERE COUNT [again [FROM]]
attack() {
	start edge python3 "$slow" "$@" >"$work/attack"
	attack=$!
	wait_for "$patience" 'the attack' grep -q started "$work/attack"
}
ended() { ! kill -0 "$1" 2>/dev/null; }
closed() { awk '/^open/ { closed[$2 + $4] = $4 } /^open 0 / { sum += $4 } END { print sum + 0 }' "$work/attack"; }
end_attack() {
	kill $(pgrep -P "$attack") "$attack" 2>/dev/null || :
	wait "$attack" 2>/dev/null || :
}

agent "$where"
attack "$where" 974
is 'under 974 slow clients /healthz is answered' "$(status_of "$where" /healthz)" 200
is 'and /metrics' "$(status_of "$where" /metrics)" 200
check 'however they trickle, all of them are closed' wait_for "$patience" 'the last one' ended "$attack"
is 'each of them' "$(closed)" 974
is 'the agent is at peace' "$(status_of "$where" /readyz)" 200

# Five thousand that come back whenever they are closed, from another address.
attack "$where" 5000 again 127.0.0.2
answered=0
for ((round = 0; round < 20; round++)); do
	! answers "$where" /healthz || answered=$((answered + 1))
done
is 'under 5,000 that come back from elsewhere every probe is answered' "$answered" 20
is 'and every scrape' "$(status_of "$where" /metrics)" 200
before=$(grep -c event=unchanged "$work/log" || :)
kill -HUP "$agent"
reloaded() { (($(grep -c event=unchanged "$work/log" || :) > before)); }
check 'a reload finds descriptors' wait_for "$patience" 'the reload' reloaded
end_attack
# From the same address as the probes: they share.
attack "$where" 5000 again
check 'under 5,000 that come back from next door a probe is answered' wait_for "$patience" 'an answer' answers "$where" /healthz
end_attack
check 'and after them' wait_for "$patience" 'an answer' answers "$where" /healthz
kill "$agent"
wait "$agent" || :

agent "unix:$work/socket"
attack "unix:$work/socket" 974
check 'a socket file: /healthz is answered' wait_for "$patience" 'an answer' answers "unix:$work/socket" /healthz
check 'and all are closed' wait_for "$patience" 'the last one' ended "$attack"
kill "$agent"
wait "$agent" || :
finish
