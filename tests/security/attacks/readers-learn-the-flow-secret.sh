#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A member of the group that may read the pins looks for the secret of the flow hash: who knows
# it can choose flows that evict each other.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

readers=60123 # a group that nobody else is in
member() {
	on_edge setpriv --reuid 65534 --regid "$readers" --clear-groups --no-new-privs \
		--inh-caps=-all --bounding-set=-all "$@"
}
quiet_wire
chmod 0711 /sys/fs/bpf
public=$(mktemp -d)
chmod 0755 "$public"
install -m 0755 "$pimxdp" "$public/pimxdp"

# The secret, as the owner sees it: hexadecimal digits.
secret() {
	on_edge bpftool --json map dump pinned "$pins/eth1/pim_flow_secret" |
		jq -r '.[0].value | map(ltrimstr("0x")) | join("")'
}

# Whether one of the numbers of the secret stands in what the member can read.
known='' before=''
steal() {
	local number at pin seen
	seen=$(member sh -c 'cat '"$pins"'/eth1/* 2>/dev/null' | od -An -v -tx1 | tr -d ' \n' || :)
	for pin in "$pins"/eth1/*; do
		seen+=" $(member bpftool --json map dump pinned "$pin" 2>/dev/null |
			jq -r '.[]? | (.values[]?.value, .value) | arrays | map(ltrimstr("0x")) | join("")' || :)"
	done
	for ((at = 0; at < ${#known}; at += 16)); do
		number=${known:at:16}
		[[ $number == 0000000000000000 || $seen != *"$number"* ]] || {
			say "found $number"
			return 1
		}
	done
}
the_secret_is_one() { [[ ${#known} -ge 160 && $known =~ [1-9a-f] ]]; }

for words in '' --replace; do
	# shellcheck disable=SC2086 # one word or none
	loader attach eth1 --config "$config" --mode native $words --group "$readers" >/dev/null
	known=$(secret)
	check "attach $words --group: no number of the secret is to be had" steal
	check 'and there is one' the_secret_is_one
	check 'and the pin is the owner'"'"'s alone' test "$(stat -c '%a %u' "$pins/eth1/pim_flow_secret")" = '600 0'
	before=${before:-$known}
done
is '--replace keeps the secret, as it keeps the flows' "$(secret)" "$before"
sed 's/contoso/fabrikam/' "$config" >"$work/other.conf"
loader reload eth1 --config "$work/other.conf" >/dev/null
known=$(secret)
check 'reload: no number of the secret is to be had' steal
is 'and it is the same' "$known" "$before"
check 'the member reads flows all the same' member "$public/pimxdp" flows eth1
check 'and counters' member "$public/pimxdp" stats eth1
detach
loader attach eth1 --config "$config" --mode native --group "$readers" >/dev/null
check 'another attachment has another secret' test "$(secret)" != "$before"
finish
