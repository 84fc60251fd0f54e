#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# docs/using.md against the program: each command that the page shows is run, in the
# page's order, and prints what the page says. Only times, ids, hashes and what follows
# from the number of CPUs may differ.
#
#   sudo tests/net/using.sh --write    writes the page anew, with what is printed now
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

page=$root/docs/using.md
cp "$root"/examples/* "$work"
cd "$work"
quiet_wire

# ---- the scene: what is sent, and what was captured "last night" ----

stun=000100002112a442000102030405060708090a0b dns=123401000001000000000000
frames=(
	"tcp $partner 40000 $edge 5061 S" "tcp $partner 40000 $edge 5061 PA" "tcp $partner 40000 $edge 5061 PA"
	"tcp $partner 40000 $edge 5061 FA" "tcp $client 41000 $edge 443 S" "tcp $client 41000 $edge 443 PA"
	"tcp $partner6 5061 $edge6 42000 SA" "tcp $partner6 5061 $edge6 42000 PA" "tcp $partner6 5061 $edge6 42000 FA"
	"udp $client 43000 $edge 3478 $stun"
	"tcp $stranger 40000 $edge 5061" "tcp $stranger6 40000 $edge6 5061" "vlan 100 tcp $stranger 40000 $edge 5061"
	"fragments tcp $stranger 40000 $edge 5061" "tcp 203.0.113.66 40000 $edge 5061"
	"tcp $client 41001 $edge 50007" "udp $client 40000 $edge 3478 $dns" "tcp $partner 40000 $edge 22"
)

# capture FRAME...: a pcap file of them, a second after the other.
capture() {
	python3 - "${wire%/*}" "$@" <<'END'
import struct, sys
sys.path.insert(0, sys.argv[1])
import wire
out = sys.stdout.buffer
out.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
for second, text in enumerate(sys.argv[2:]):
    for frame in wire.frames(text):
        frame = bytes.fromhex("0e00000000010e0000000002") + frame
        out.write(struct.pack("=IIII", second, 0, len(frame), len(frame)) + frame)
END
}
capture "${frames[@]}" >last-night.pcap

# All on one CPU: each CPU has its own flow table, and a flow would have a slot in both.
cpu=$(awk '/^Cpus_allowed_list:/ { split($2, range, /[-,]/); print range[1] }' /proc/self/status)
send() { taskset --cpu-list "$cpu" python3 "$wire" probe internet:net0 edge:eth1 "${frames[@]}"; }

# ---- the page's commands ----

# The agent, until it has refused a configuration.
saw() { grep -q "event=$1" agent.log; }
run_agent() {
	local agent
	start edge "$pimxdp" "$@" 2>agent.log
	agent=$!
	wait_for "$patience" 'the agent' saw attached
	echo 'bad' >>partners.conf
	wait_for "$patience" 'the bad configuration' saw reload-failed
	kill "$agent"
	wait "$agent" || :
	cp "$root/examples/partners.conf" .
	loader detach eth1 >detached
	grep -E 'event=(attached|reload-failed)' agent.log
}

# As the page calls it.
pimxdp() {
	case $1 in
	run) run_agent "$@" ;;
	stats)
		[[ -e sent ]] || send >sent
		loader "$@"
		;;
	*) loader "$@" ;;
	esac
}

# The page, with what its commands print now. Other suites write the blocks between
# markers.
page_now() {
	local line block='' foreign=''
	while IFS= read -r line; do
		case $line in
		'<!-- '*': begin'*) foreign=1 ;;
		'<!-- '*': end'*) foreign='' ;;
		esac
		if [[ -z $foreign && $line == '```text' ]]; then
			block='first'
		elif [[ -n $block && $line == '$ '* ]]; then
			# A blank line between commands.
			[[ $block == first ]] || say ''
			block='more'
			say "$line"
			eval "${line#'$ '}" 2>&1 </dev/null | sed "s|$work|/etc/pimxdp|g" || :
			continue
		elif [[ -n $block && $line != '```' ]]; then
			continue
		else
			block=''
		fi
		say "$line"
	done <"$page"
}
page_now >now.md

# What may differ.
outline() {
	sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g; s/\b[0-9a-f]{16}\b/HASH/g; s/\bid [0-9]+/id N/g
		s/took_ms=[0-9]+/took_ms=N/; s/of [0-9,]+ slots/of N slots/; s/pimxdp [0-9.]+, schema/pimxdp VERSION, schema/
		s/"(packets|bytes)": [0-9]+/"\1": N/' "$1"
}
is 'the page shows each verb that there is, but for two whose tables stand elsewhere' \
	"$(sed -nE 's/^\$ pimxdp ([a-z]+).*/\1/p' now.md | sort -u | paste -sd' ')" \
	"$("$pimxdp" --help | awk '/^  [a-z]+ / { print $1 }' | grep -vxE 'metrics|policy' | sort | paste -sd' ')"
difference=$(diff <(outline "$page") <(outline now.md)) || :
[[ -z $difference ]] || sed 's/^/# /' <<<"$difference"
is 'what docs/using.md shows is what is printed' "$(one_line "$difference")" ''
is 'nothing is left attached at its end' "$(pinned) $(program_mode)" ' none'
if [[ ${1-} == --write ]]; then
	cat now.md >"$page"
	say "# written: ${page#"$root/"}"
fi
finish
