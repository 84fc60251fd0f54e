#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The folders are another user's, who runs the loader, and root reads there. That user pins maps
# under the names of ours that give a reader more bytes than it has room for: a per-CPU map
# gives a value for each CPU. Or its names have no end. Root's memory stays whole.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

quiet_wire
loader attach eth1 --config "$config" --mode native >/dev/null
chown -R 65534 "$pins"
check 'root reads what is as it should be' loader stats eth1

described() { on_edge bpftool --json map show pinned "$pins/eth1/$1" | jq ".$2"; }
# replace MAP TYPE: a map of that type, and otherwise the same, takes its place. The value of a
# per-CPU map has at most 32 KiB.
replace() {
	local key bytes entries
	key=$(described "$1" bytes_key) bytes=$(described "$1" bytes_value)
	entries=$(described "$1" max_entries)
	mv "$pins/eth1/$1" "$pins/kept"
	on_edge bpftool map create "$pins/eth1/$1" type "$2" key "$key" \
		value $((bytes > 32768 ? 32768 : bytes)) entries "$entries" name stranger
	chown 65534 "$pins/eth1/$1"
}
put_back() {
	rm "$pins/eth1/$1"
	mv "$pins/kept" "$pins/eth1/$1"
}

for map in pim_info:percpu_array pim_policy:percpu_array pim_addresses:percpu_array \
	pim_slots4:percpu_array pim_slots6:percpu_array pim_rules:array pim_partners:hash \
	pim_reasons:lru_percpu_hash pim_flow_state:hash pim_flows:percpu_hash; do
	replace "${map%:*}" "${map#*:}"
	for verb in 'stats eth1' 'flows eth1' 'addresses eth1' 'policy eth1' \
		'lookup 192.0.2.1 --interface eth1'; do
		# shellcheck disable=SC2086 # words
		check_fails "$map: ${verb%% *}" 1 \
			"the pins in $pins/eth1 are not of a pimxdp of schema" loader $verb
	done
	put_back "${map%:*}"
done

# A swap that seems unfinished: the reader adds the map that it outgrew, whatever that is.
replace pim_partners percpu_hash
mv "$pins/kept" "$pins/eth1/next_pim_partners"
mv "$pins/eth1/program" "$pins/eth1/next_program"
check_fails 'the map that was outgrown has another type' 1 'are not of a pimxdp of schema' loader stats eth1
mv "$pins/eth1/next_program" "$pins/eth1/program"
mv "$pins/eth1/next_pim_partners" "$pins/kept"
put_back pim_partners

# Names without an end.
fill() {
	local entry entries bytes
	entries=$(described "$1" max_entries) bytes=$(described "$1" bytes_value)
	local -a value
	mapfile -t value < <(yes 0x41 | head -n "$bytes")
	for ((entry = 0; entry < entries; entry++)); do
		on_edge bpftool map update pinned "$pins/eth1/$1" key "$entry" 0 0 0 value "${value[@]}"
	done
}
fill pim_rules
fill pim_partners
check 'names without an end: stats' loader stats eth1 --json
loader stats eth1 --json >"$work/stats.json"
check 'each of them is cut where its field ends' json \
	'[.. | strings | select(test("AAAA")) | length] | length > 4 and all(. <= 47)' "$work/stats.json"
check 'names without an end: flows' loader flows eth1

chown -R 0 "$pins"
detach
finish
