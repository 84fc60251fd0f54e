#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A partner wants a port of the Edge that no row has: remote desktop, TCP 3389. A TCP of its own
# (fragments.py) sends each segment in fragments, and with each trick that may bring a host to put
# together what no filter saw. The configuration has fragments = "pass".
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

# Addresses that no kernel has, which would reset the attacker's connections.
attacker=203.0.113.99 attacker6=2001:db8:c0de::99 # of a partner's
nobody=198.51.100.88 nobody6=2001:db8:77::88
hardware() { in_ns "$1" ip -json link show dev "$2" | jq -r '.[0].address'; }
# reach VERSION PORT TRICK [SOURCE]
reach() {
	local from=$attacker to=$edge
	(($1 == 4)) || from=$attacker6 to=$edge6
	on_internet timeout $((2 * patience)) python3 "$root/tests/security/fragments.py" \
		"${4:-$from}" "$to" "$2" "$3" "$(hardware edge eth1)"
}

peers_wire
for address in "$attacker" "$attacker6" "$nobody" "$nobody6"; do
	in_ns edge ip neighbour replace "$address" dev eth1 nud permanent \
		lladdr "$(hardware internet net0)"
done
for address in "$edge" "$edge6"; do
	echo_server edge "$address" 3389
	echo_server edge "$address" 5061
done
tricks=(plain tiny half-header last-first twice overlap overlap-first)
tricks6=(whole behind-options before-options only-options nested)

# These work where no filter is: what fails later, the filter refuses.
for trick in plain tiny half-header last-first; do
	is "no filter, IPv4, $trick: port 3389" "$(reach 4 3389 "$trick")" reached
done
for trick in plain whole behind-options before-options; do
	is "no filter, IPv6, $trick: port 3389" "$(reach 6 3389 "$trick")" reached
done

{ cat "$config" && say 'options = { fragments = "pass" }'; } >"$work/pass.conf"
attach "$work/pass.conf"
for trick in "${tricks[@]}"; do
	is "IPv4, $trick: port 3389" "$(reach 4 3389 "$trick")" silent
done
for trick in "${tricks[@]}" "${tricks6[@]}"; do
	is "IPv6, $trick: port 3389" "$(reach 6 3389 "$trick")" silent
done
check 'first fragments were refused by their port' test "$(packets drop no-service)" -gt 0
check 'and for want of a header, or as overlaps' test "$(packets drop fragment)" -gt 0

# What a row admits works in fragments, or the option would be of no use.
for version in 4 6; do
	is "IPv$version, plain: port 5061" "$(reach $version 5061 plain)" reached
	from=$nobody
	((version == 4)) || from=$nobody6
	is "IPv$version, plain: port 5061, from a stranger" "$(reach $version 5061 plain $from)" silent
done
check 'their first fragments passed by a rule' test "$(packets pass rule)" -ge 4
check 'and the later ones as fragments' test "$(packets pass fragment)" -ge 4

loader reload eth1 --config "$config" >/dev/null
is 'fragments = drop: port 5061' "$(reach 4 5061 plain)" silent
finish
