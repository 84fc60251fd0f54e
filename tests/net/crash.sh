#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Kills the loader (SIGKILL) before each of its system calls that could leave a
# mark, and looks at what is left: the old state or the new one, each whole, and a
# loader that goes on from there.
#
# PIM_CRASH_STEP=N tries every Nth point only.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

step=${PIM_CRASH_STEP:-1}
calls=bpf,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,flock,chmod,fchmod,fchmodat,write,sendto,sendmsg,symlink,symlinkat,link,linkat,ftruncate,close,exit_group

# The two policies disagree about both frames.
frames=("tcp $partner 40000 $edge 5061" "tcp $client 40000 $edge 5061")
old=$work/old.conf new=$work/new.conf
cp "$config" "$old"
sed 's|"203.0.113.0/24", "2001:db8:c0de::/48"|"192.0.2.0/24"|' "$config" >"$new"
declare -A fates=([none]='arrived arrived' [old]='arrived lost' [new]='lost arrived')

# points COMMAND...: the system calls that it makes, as "name number", a line each.
points() {
	on_edge strace -f -qq -o "$work/trace" -e "trace=$calls" -- "$@" >"$work/out" 2>&1 || {
		cat "$work/out"
		return 1
	}
	# Closing descriptors matters only at the end, where a link goes with its last.
	sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' "$work/trace" |
		awk '{ print $1, ++count[$1] }'
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

# What holds: none, old or new, when that holds wholly; else why not, in complaint.
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
	known=$(jq -r '.[0] | .state + " " + .config' "$work/status")
	[[ $known == "attached $work/$state.conf" ]] || {
		complaint="$state filters, but status says $known"
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
	local name=$1 label=$2 number=0 tried=0 broken=0 number_of_states=0 call nth list
	shift 2
	declare -A outcome=([none]=0 [old]=0 [new]=0)
	"prepare_$name" || {
		not_ok "$label" "$complaint"
		return 0
	}
	list=$(points "$@")
	while read -r call nth; do
		number=$((number + 1))
		((number % step == 0)) || continue
		tried=$((tried + 1))
		reset_wire
		complaint=''
		# Some calls are made or not by timing: a point that is not there is no fault.
		if ! "prepare_$name" || ! killed "$call" "$nth" "$@" || ! look ||
			! outcome[$state]=$((outcome[$state] + 1)) || ! "verify_$name" "$number"; then
			not_ok "$label, killed before $call $nth" "$(one_line "$complaint")"
			broken=$((broken + 1))
			((broken < 10)) || break
		fi
	done <<<"$list"
	reset_wire
	((broken > 0)) ||
		ok "$label: killed at $tried points, then nothing ${outcome[none]} times, old ${outcome[old]}, new ${outcome[new]}"
	# A sweep that saw one state only did not hit the middle.
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

# attach: nothing or the new one. What then has to work, in turn: attach, detach, reload.
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

# reload: the old policy or the new one, and the counters go on.
prepare_reload() {
	must loader attach eth1 --config "$old" --mode native && expect old &&
		before=$(all_packets)
}
verify_change() {
	local now
	now=$(all_packets)
	((now > before)) || {
		complaint="counters went from $before to $now"
		return 1
	}
	if (($1 % 2)); then
		must loader reload eth1 --config "$new" && expect new &&
			must loader reload eth1 --config "$old" && expect old || return 1
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

# attach --replace: likewise.
prepare_replace() { prepare_reload; }
verify_replace() { verify_reload "$1"; }
scenario replace 'attach --replace' \
	"$pimxdp" attach eth1 --config "$new" --mode native --replace

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
