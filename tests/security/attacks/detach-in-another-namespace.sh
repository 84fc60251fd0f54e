#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Two network namespaces share a BPF file system, and each has an interface of the same name.
# Whoever works in one of them, by hand or by what a hint tells him to type, does not take
# off the filter of the other, unless he says that he means it.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

quiet_wire
namespace other
ip link add eth1 netns other type veth peer name far netns internet
in_ns other ip link set eth1 up
other() { in_ns other "$pimxdp" "$@"; }
loader attach eth1 --config "$config" --mode native >/dev/null
id=$(program_id)

# hints COMMAND...: what its output tells to type, a line each, and nothing is changed by it.
hints() { other "$@" 2>&1 | grep -oE 'pimxdp [a-z]+ eth1( --[a-z]+)*' || :; }
try_all() {
	local words hint
	for words in "attach eth1 --config $config" "attach eth1 --config $config --replace" \
		"reload eth1 --config $config" 'status eth1' 'status' 'stats eth1' 'detach eth1' 'doctor eth1'; do
		while IFS= read -r hint; do
			[[ $hint != *--elsewhere ]] || continue
			# shellcheck disable=SC2086 # words
			other ${hint#pimxdp } --config "$config" >/dev/null 2>&1 || :
			# shellcheck disable=SC2086 # words
			other ${hint#pimxdp } >/dev/null 2>&1 || :
		# shellcheck disable=SC2086 # words
		done < <(hints $words)
		is "$1${words%% *}, and what it tells to type: the filter stays" "$(program_id)" "$id"
	done
}
try_all ''
check_fails 'detach says where the filter is, and how it is meant' 1 \
	"eth1: the filter pinned in $pins/eth1 is in another network namespace: .*pimxdp detach eth1 --elsewhere" \
	other detach eth1
check_fails 'so does attach' 1 'pimxdp detach eth1 --elsewhere' other attach eth1 --config "$config"
check 'who means it says so' other detach eth1 --elsewhere
is 'and the filter is off' "$(program_mode)$(pinned)" none

loader attach eth1 --config "$config" --mode native >/dev/null
id=$(program_id)
other_schema
try_all 'of another schema: '
check_fails 'of another schema: detach says how it is meant' 1 'schema 200.*pimxdp detach eth1 --elsewhere' other detach eth1
check 'of another schema: who means it says so' other detach eth1 --elsewhere
is 'of another schema: the filter is off' "$(program_mode)$(pinned)" none

# Where the interface is, the flag is not needed, and it does no harm.
loader attach eth1 --config "$config" --mode native >/dev/null
check 'at home it says nothing new' loader detach eth1 --elsewhere
loader attach eth1 --config "$config" --mode native >/dev/null
in_ns edge ip link set eth1 down
in_ns edge ip link set eth1 name eth9
check 'an interface that was renamed is at home' loader detach eth1
is 'and its filter is off' "$(program_mode eth9)$(pinned)" none
finish
