#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Kills the loader (SIGKILL) before each of its system calls that could leave something
# behind, and looks at what is left: the old state or the new one, complete, from which
# the next loader goes on.
#
# PIM_CRASH_ALL=1 tries every call of these system calls, also those that only read.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

# Calls that leave something: the other bpf(2) calls load and read what dies with the loader.
calls=bpf,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,sendto,sendmsg,exit_group
marks='BPF_(OBJ_PIN|LINK_[A-Z]+|MAP_(UPDATE|DELETE)_[A-Z]+|PROG_TEST_RUN|PROG_ATTACH|PROG_DETACH)'
[[ -z ${PIM_CRASH_ALL-} ]] || marks=.

# The two policies disagree about both frames.
frames=("tcp $partner 40000 $edge 5061" "tcp $client 40000 $edge 5061")
old=$work/old.conf new=$work/new.conf
cp "$config" "$old"
sed 's|"203.0.113.0/24", "2001:db8:c0de::/48"|"192.0.2.0/24"|' "$config" >"$new"
declare -A fates=([none]='arrived arrived' [old]='arrived lost' [new]='lost arrived')
declare -A file=([old]=$old [new]=$new)

# More names than the maps of the old policy have room for.
more=$work/more.conf
{
	sed 's|"203.0.113.0/24", "2001:db8:c0de::/48"|"192.0.2.0/24"|
		s|^partners = (|&\n{ name = "fabrikam", addresses = [ "203.0.114.0/24" ] },|' "$config"
	say 'services = ( { name = "xmpp", transport = "tcp", direction = "in"
		edge = "access", peers = "partner", ports = [ "5269" ] } )'
} >"$more"

# points COMMAND...: its system calls that leave something, as "name number", one per
# line; those after the first that matches $from.
from=.
points() {
	on_edge strace -f -qq -o "$work/trace" -e "trace=$calls" -- "$@" >"$work/out" 2>&1 || {
		cat "$work/out"
		return 1
	}
	sed -nE 's/^[0-9]+ +([a-z0-9_]+)\((.*)/\1 \2/p' "$work/trace" |
		awk -v marks="$marks" -v from="$from" '{ ++count[$1] } $0 ~ from { begun = 1 }
			begun && ($1 != "bpf" || $2 ~ marks) { print $1, count[$1] }'
}

# killed NAME NUMBER COMMAND...: runs it and kills it before that system call.
killed() {
	local name=$1 number=$2 status=0
	shift 2
	on_edge strace -f -qq -o /dev/null -e "trace=$name" \
		-e "inject=$name:signal=KILL:when=$number" -- "$@" >"$work/out" 2>&1 || status=$?
	((status == 137)) || {
		complaint="was not killed, but ended with $status: $(cat "$work/out")"
		return 1
	}
}

# The state: none, old or new, if it is complete; else complaint says why not.
complaint=''
state=''
look() {
	local seen status=0 known
	state=''
	seen=$(fate "${frames[@]}")
	for known in "${!fates[@]}"; do
		[[ $seen != "${fates[$known]}" ]] || state=$known
	done
	if [[ -z $state ]]; then
		complaint="frames: $seen"
		return 1
	fi
	loader status eth1 --json >"$work/status" 2>&1 || status=$?
	if [[ $state == old && -n ${of_another_schema-} ]]; then
		[[ $(jq -r '.[0].state' "$work/status") == other-schema ]] || {
			complaint="old filters, but status says $(cat "$work/status")"
			return 1
		}
		return 0
	fi
	if [[ $state == none ]]; then
		[[ -z $(program_id) ]] || {
			complaint='a program is attached that passes everything'
			return 1
		}
		return 0
	fi
	if ((status != 0)) || ! loader stats eth1 --json >"$work/stats.json" 2>"$work/err" ||
		! loader flows eth1 >/dev/null 2>"$work/err"; then
		complaint="attached, but not to be read: $(cat "$work/status" "$work/err")"
		return 1
	fi
	prints_flows || return 1
	known=$(jq -r '.[0] | .state + " " + .config' "$work/status")
	[[ $known == "attached ${file[$state]}" ]] || {
		complaint="$state filters, but status says $known"
		return 1
	}
	"$pimxdp" check --config "${file[$state]}" --print >"$work/printed" 2>/dev/null
	loader policy eth1 >"$work/policy" 2>&1
	cmp -s "$work/policy" "$work/printed" || {
		complaint="$state filters, but policy prints $(head -c 200 "$work/policy")"
		return 1
	}
}

# The file of flows, where the kernel has iterators, is there at every moment.
iterates=$(loader doctor --json | jq '[.checks[] | select(.check == "iterator").found | test("can be pinned")] | any') || :
prints_flows() {
	[[ $iterates != true ]] || on_edge grep -q '^IPv6: ' "$pins/eth1/flows" 2>"$work/err" || {
		complaint="no file of flows: $(cat "$work/err")"
		return 1
	}
}

# A step of recovery that must work.
must() {
	"$@" >"$work/out" 2>&1 </dev/null || {
		complaint="then $2 failed: $(cat "$work/out")"
		return 1
	}
}

expect() { # STATE...
	look || return 1
	local wanted
	for wanted in "$@"; do
		[[ $state != "$wanted" ]] || return 0
	done
	complaint="$state holds, not $*"
	return 1
}

clean() {
	expect none || return 1
	[[ -z $(pinned) ]] || {
		complaint="pins are left: $(pinned | paste -sd' ')"
		return 1
	}
}

# scenario NAME: for each point, prepare_NAME, a kill in `command`, verify_NAME.
scenario() {
	local name=$1 label=$2 number=0 broken=0 number_of_states=0 call nth list
	shift 2
	declare -A outcome=([none]=0 [old]=0 [new]=0)
	"prepare_$name" || {
		not_ok "$label" "$complaint"
		return 0
	}
	list=$(points "$@")
	while read -r call nth; do
		number=$((number + 1))
		reset_wire
		complaint=''
		if ! "prepare_$name" || ! killed "$call" "$nth" "$@" || ! look ||
			! outcome[$state]=$((outcome[$state] + 1)) || ! "verify_$name" "$number"; then
			not_ok "$label, killed before $call $nth" "$(one_line "$complaint")"
			broken=$((broken + 1))
			((broken < 10)) || break
		fi
	done <<<"$list"
	reset_wire
	((broken > 0)) ||
		ok "$label: killed at $number points, then nothing ${outcome[none]} times, old ${outcome[old]}, new ${outcome[new]}"
	# A sweep that saw only one state did not hit the middle.
	for call in "${!outcome[@]}"; do
		((outcome[$call] == 0)) || number_of_states=$((number_of_states + 1))
	done
	is "$label: points before and after the change were hit" "$number_of_states" 2
}

reset_wire() {
	loader detach eth1 >/dev/null 2>&1 || :
	if [[ -n $(program_id)$(pinned) ]]; then
		rm -rf "${pins:?}"
		on_edge ip link del eth1 2>/dev/null || :
		quiet_wire
	fi
}

quiet_wire

# attach: nothing or the new one. Afterwards attach, detach and reload must work, in turn.
prepare_attach() { clean; }
verify_attach() {
	case $(($1 % 2))$state in
	0none | 0new)
		if [[ $state == none ]]; then
			must loader attach eth1 --config "$new" --mode native || return 1
		else
			must loader reload eth1 --config "$old" || return 1
			expect old || return 1
			must loader reload eth1 --config "$new" || return 1
		fi
		expect new && must loader detach eth1
		;;
	1*)
		# Whether or not there is something to detach, nothing may be left.
		loader detach eth1 >"$work/out" 2>&1 || :
		;;
	*)
		complaint="$state holds"
		return 1
		;;
	esac && clean
}
scenario attach 'attach' "$pimxdp" attach eth1 --config "$new" --mode native

# reload: the old policy or the new one, and the counters carry on.
prepare_reload() {
	must loader attach eth1 --config "$old" --mode native && expect old &&
		before=$(sums)
}
# Packets by reason, by rule, by partner.
sums() {
	loader stats eth1 --json |
		jq -r '"\([.reasons[].packets] | add) \([.rules[].packets] | add) \([.partners[].packets] | add)"'
}
# At least as much as before. Every look() sent frames since.
counted_on() {
	local now
	now=$(sums)
	# shellcheck disable=SC2086 # three numbers
	set -- $before $now
	(($4 > $1 && $5 > $2 && $6 > $3)) || {
		complaint="reasons, rules, partners went from $before to $now"
		return 1
	}
	before=$now
}
verify_change() {
	counted_on || return 1
	if (($1 % 2)); then
		must loader reload eth1 --config "${file[new]}" && expect new && counted_on &&
			must loader reload eth1 --config "$old" && expect old && counted_on || return 1
	fi
	must loader detach eth1 && clean
}
verify_reload() {
	[[ $state != none ]] || {
		complaint='nothing is attached'
		return 1
	}
	verify_change "$1"
}
scenario reload 'reload' "$pimxdp" reload eth1 --config "$new"

# A member of the group may not open the link: its readers find out from the stamp which pins
# are in force, and see what root sees.
readers=60123
public=$(mktemp -d)
chmod 0755 "$public"
install -m 0755 "$pimxdp" "$public/pimxdp"
chmod 0711 /sys/fs/bpf
member() {
	on_edge setpriv --reuid 65534 --regid "$readers" --clear-groups --no-new-privs \
		--inh-caps=-all --bounding-set=-all "$public/pimxdp" "$@"
}
figures() { jq -c '[[.reasons[].packets], [.rules[] | .rule, .packets], [.partners[] | .partner, .packets]]'; }
same_for_members() {
	local all seen
	all=$(loader stats eth1 --json | figures) seen=$(member stats eth1 --json 2>&1 | figures)
	[[ $seen == "$all" ]] || {
		complaint="root reads $all, a member of the group $seen"
		return 1
	}
	all=$(loader addresses eth1) seen=$(member addresses eth1 2>&1)
	[[ $seen == "$all" ]] || {
		complaint="root reads the addresses $all, a member of the group $seen"
		return 1
	}
}

# reload with maps that must grow.
prepare_grow() {
	must loader attach eth1 --config "$old" --mode native --group "$readers" && expect old &&
		before=$(sums)
}
verify_grow() {
	same_for_members && verify_reload "$1"
}
file[new]=$more
scenario grow 'reload with more names' "$pimxdp" reload eth1 --config "$more"
file[new]=$new

# attach --replace: likewise.
prepare_replace() { prepare_reload; }
verify_replace() { verify_reload "$1"; }
scenario replace 'attach --replace' \
	"$pimxdp" attach eth1 --config "$new" --mode native --replace

# attach --replace for another group: whoever is let in next reads all of it.
prepare_regroup() { prepare_grow; }
verify_regroup() {
	must loader attach eth1 --config "$old" --mode native --replace --group "$readers" && expect old &&
		same_for_members || return 1
	[[ $iterates != true ]] || must on_edge setpriv --reuid 65534 --regid "$readers" --clear-groups \
		--inh-caps=-all --bounding-set=-all cat "$pins/eth1/flows" || return 1
	must loader detach eth1 && clean
}
scenario regroup 'attach --replace for another group' \
	"$pimxdp" attach eth1 --config "$new" --mode native --replace --group 60124

# attach --replace of another schema's filter: none of its counts carry on.
prepare_take_over() {
	of_another_schema=''
	must loader attach eth1 --config "$old" --mode native --group "$readers" && expect old &&
		other_schema && of_another_schema=yes && expect old
}
verify_take_over() {
	[[ $state != none ]] || {
		complaint='nothing is attached'
		return 1
	}
	# Since the swap, look() sent one frame that is admitted.
	[[ $state != new || $(sums) == *' 1 1' ]] || {
		complaint="something else was counted: $(sums)"
		return 1
	}
	[[ $state != new ]] || same_for_members || return 1
	if (($1 % 2)); then
		must loader attach eth1 --config "$new" --replace && of_another_schema='' && expect new ||
			return 1
		[[ $(pinned | grep -c 'next_\|pim_more') == 0 ]] || {
			complaint="pins are left: $(pinned | paste -sd' ')"
			return 1
		}
		before=$(sums)
		expect new && counted_on && must loader reload eth1 --config "$old" && expect old && counted_on ||
			return 1
	fi
	of_another_schema=''
	must loader detach eth1 && clean
}
from=BPF_OBJ_PIN # all maps before are its own
scenario take_over "attach --replace of another schema's" "$pimxdp" attach eth1 --config "$new" --replace
from=. of_another_schema=''

# detach: the old one or nothing.
prepare_detach() { prepare_reload; }
verify_detach() {
	case $state in
	old) must loader detach eth1 ;;
	none)
		if (($1 % 2)); then
			must loader attach eth1 --config "$new" --mode native && expect new &&
				must loader detach eth1
		else
			loader detach eth1 >"$work/out" 2>&1 || :
		fi
		;;
	*)
		complaint="$state holds"
		return 1
		;;
	esac && clean
}
scenario detach 'detach' "$pimxdp" detach eth1
finish
