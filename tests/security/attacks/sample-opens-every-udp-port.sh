#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# An administrator puts the shipped sample into force, with nothing changed but the addresses.
# Any host of the Internet then sends from port 53, as if it answered a question, to ports that
# are nobody's business: SNMP, RDP over UDP, SQL Server's browser.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

quiet_wire
attach "$root/examples/partners.conf"
for port in 161 3389 1434 3478; do
	is "no stranger reaches UDP port $port from port 53" "$(fate "udp $stranger 53 $edge $port 6869")" lost
done
is 'nor TCP port 3389' "$(fate "tcp $stranger 53 $edge 3389 A")" lost

# Who still has such a row is told: which one, what it lets in, what to do.
sed 's/^services = (/&\n{ name = "dns-reply", transport = "udp", direction = "out", edge = "access",\
	peers = "client", ports = [ "53" ] }/' "$root/examples/partners.conf" >"$work/old.conf"
cp "$root/examples/contoso.prefixes" "$work"
loader check --config "$work/old.conf" >"$work/out" 2>"$work/warnings"
check 'check warns of the row' grep -qE \
	'old\.conf:[0-9]+: row "dns-reply" takes replies, .* from anyone .* every UDP port of the Edge: take the row out' \
	"$work/warnings"
loader reload eth1 --config "$work/old.conf" >"$work/out" 2>"$work/warnings"
check 'reload warns of it' grep -q 'row "dns-reply" takes replies' "$work/warnings"
is 'and rightly' "$(fate "udp $stranger 53 $edge 161 6869")" arrived
finish
