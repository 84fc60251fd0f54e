#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# An administrator mistypes the address of the Edge, or forgets its second address, or IPv6.
# Packets to an address that is not in `edge` pass unjudged, so a stranger goes on reaching
# remote desktop there, while every command says that the filter is at work.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

peers_wire
addresses edge eth1 198.51.100.12/32 2>/dev/null || :
for address in "$edge" 198.51.100.12 "$edge6"; do
	echo_server edge "$address" 3389
done

# policy NAME ADDRESS...: a configuration whose edge has these addresses.
policy() {
	local name=$1
	shift
	printf 'edge = { access = [ %s ] }\npartners = ( { name = "contoso", addresses = [ "%s" ] } )\n' \
		"$(printf '"%s", ' "$@" | sed 's/, $//')" "$partner" >"$work/$name.conf"
	printf 'clients = { addresses = [ "%s" ] }\n' "$client" >>"$work/$name.conf"
}
strangers() { exchange internet "$1" "$2" 3389; }

policy typo 198.51.101.10
check_fails 'an address that is not here is refused, and the one meant is named' 1 \
	"none is in edge: 198\\.51\\.101\\.10 .*nearest here: ${edge//./\\.} for 198\\.51\\.101\\.10.*--force" \
	loader attach eth1 --config "$work/typo.conf"
is 'and nothing is attached' "$(program_mode) $(pinned)" 'none '
check 'a stranger reaches port 3389, and the administrator knows' strangers "$stranger" "$edge"

policy one "$edge" "$edge_av" "$edge_av6" 2001:db8:10::99
loader attach eth1 --config "$work/one.conf" >"$work/out" 2>"$work/err" || cat "$work/err"
check 'a stranger does not reach the address that is listed' refused strangers "$stranger" "$edge"
check 'but the second address' strangers "$stranger" 198.51.100.12
check 'and IPv6' strangers "$stranger6" "$edge6"
check 'attach names them, with what listens there' grep -q \
	"warning: edge-unlisted: 198\\.51\\.100\\.12, $edge6: not in edge, .*: tcp 3389: list them in edge" "$work/err"
check 'and what is listed and not here' grep -q 'warning: edge-absent: 2001:db8:10::99 ' "$work/err"

policy all "$edge" "$edge_av" "$edge6" "$edge_av6" 198.51.100.12
loader reload eth1 --config "$work/all.conf" >"$work/out" 2>"$work/err"
is 'what it names, once listed, is not named' "$(grep -c edge- "$work/err" || :)" 0
check 'nor reached' refused strangers "$stranger" 198.51.100.12
check 'over IPv6, too' refused strangers "$stranger6" "$edge6"
finish
