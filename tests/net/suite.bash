# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # most variables are for the tests
#
# What every network test starts with:
#
#   source "$(dirname -- "$0")/suite.bash"
#   isolate "$@"
#   begin
#
# and ends with `finish`. In between, each case prints one line by ok, not_ok or
# skip, mostly through check or is. The addresses are those of edge.conf.

# shellcheck source=../../tools/lib/testbed.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../tools/lib/testbed.sh"

net=$root/tests/net
config=$net/edge.conf
pins=/sys/fs/bpf/pimxdp

passed=0 failed=0 skipped=0

ok() {
	passed=$((passed + 1))
	say "ok $1"
}

not_ok() {
	failed=$((failed + 1))
	say "not ok $1: $2"
}

skip() {
	skipped=$((skipped + 1))
	say "skip $1: $2"
}

# check NAME COMMAND...: the command must succeed.
check() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1 </dev/null); then
		ok "$name"
	else
		not_ok "$name" "failed ($?): $* -- $(one_line "$output")"
	fi
}

# check_fails NAME STATUS PATTERN COMMAND...: the command must end with that
# status and one line on stderr that matches the pattern: marked as pimxdp's, or,
# for what is wrong in a configuration, beginning with the file.
check_fails() {
	local name=$1 want=$2 pattern=$3 status=0 output
	shift 3
	output=$("$@" 2>&1 >/dev/null </dev/null) || status=$?
	if ((status != want)); then
		not_ok "$name" "exit $status instead of $want: $* -- $(one_line "$output")"
	elif [[ $output == *$'\n'* || $output != 'pimxdp: '* ]] &&
		! [[ $want == 2 && $output =~ ^[^\ ]+\.conf: && $output != *$'\n'* ]]; then
		not_ok "$name" "one line of pimxdp's was expected: $(one_line "$output")"
	elif ! grep -Eiq -- "$pattern" <<<"$output"; then
		not_ok "$name" "/$pattern/ was expected: $output"
	else
		ok "$name"
	fi
}

# is NAME FOUND EXPECTED
is() {
	if [[ $2 == "$3" ]]; then
		ok "$1"
	else
		not_ok "$1" "expected '$3', found '$2'"
	fi
}

# tally COMMAND...: counts the result lines of a program that prints them itself.
tally() {
	local line status=0
	"$@" >"$work/tally" </dev/null || status=$?
	while IFS= read -r line; do
		case $line in
		'ok '*) passed=$((passed + 1)) ;;
		'not ok '*) failed=$((failed + 1)) ;;
		'skip '*) skipped=$((skipped + 1)) ;;
		esac
		say "$line"
	done <"$work/tally"
	((status == 0)) || not_ok "$*" "exit $status"
}

one_line() {
	local text=${1//$'\n'/ }
	say "${text:0:300}"
}

begin() {
	[[ -x $pimxdp ]] || die "build/pimxdp is missing: run make first"
	work=$(mktemp -d)
	trap '((BASH_SUBSHELL > 0)) || say "not ok ${0##*/}: died at line $LINENO: $BASH_COMMAND"' ERR
	set -E
}

finish() {
	say "$passed passed, $failed failed, $skipped skipped"
	((failed == 0)) || exit 1
	exit 0
}

# ---- the wire ----

# A veth pair, eth1 in namespace edge and net0 in namespace internet, on which the kernel
# sends nothing by itself: only what a test sent is counted.
quiet_wire() {
	local place
	for place in edge internet; do
		[[ -e /run/netns/$place ]] || namespace "$place"
		kernel_setting "$place" net/ipv6/conf/all/disable_ipv6 1
		kernel_setting "$place" net/ipv6/conf/default/disable_ipv6 1
	done
	ip link add "${1:-eth1}" netns edge type veth peer name net0 netns internet
	in_ns internet ip link set net0 up
	in_ns edge ip link set "${1:-eth1}" up
	carriers edge "${1:-eth1}" internet net0
}

# attach [CONFIGURATION]: to eth1 in native mode, quietly; the test ends when it
# fails.
attach() {
	loader attach eth1 --config "${1:-$config}" --mode native >"$work/attach.out" 2>&1 || {
		cat "$work/attach.out"
		return 1
	}
	before_attach
}

# The driver turns its own counter on a moment before it runs the program: a frame
# that comes in between is in the one and not in the other. Looked at while
# nothing comes in; more than two such frames are no longer that moment.
early=0
before_attach() {
	local driver seen try
	for try in 1 2 3 4 5 6 7 8; do
		driver=$(driver_packets) seen=$(all_packets)
		[[ $driver != "$(driver_packets)" ]] || break
	done
	early=$((driver - seen))
	((early >= 0 && early <= 2)) || early=0
}

detach() { loader detach eth1 >/dev/null; }

# Makes the filter on eth1 look like one of schema 200: a different stamp, a different
# layout of one map, one map more. It goes on judging.
other_schema() {
	local stamp
	mapfile -t stamp < <(on_edge bpftool --json map dump pinned "$pins/eth1/pim_info" |
		jq -r '.[0].value | .[4] = 200 | .[]')
	on_edge bpftool map update pinned "$pins/eth1/pim_info" key 0 0 0 0 value "${stamp[@]}"
	rm "$pins/eth1/pim_flow_state"
	on_edge bpftool map create "$pins/eth1/pim_flow_state" type array key 4 value 8 entries 1 name state200
	on_edge bpftool map create "$pins/eth1/pim_more" type array key 4 value 8 entries 1 name more200
}

# An XDP program that is not ours, foreign_prog in $work/foreign.o.
foreign_program() {
	cat >"$work/foreign.c" <<'END'
__attribute__((section("xdp"), used)) int foreign_prog(void *context) { return 2; }
char _license[] __attribute__((section("license"), used)) = "GPL";
END
	clang -O2 -g --target=bpf -c "$work/foreign.c" -o "$work/foreign.o"
}

# What is pinned below the folder, one name per line. The folder itself and its lock
# may stay.
pinned() {
	[[ ! -d $pins ]] || find "$pins" -mindepth 1 ! -name the-loaders-lock -printf '%P\n' | sort
}

# json CONDITION FILE: whether jq finds the condition true.
json() {
	[[ $(jq "$1" "$2") == true ]] || {
		cat "$2"
		return 1
	}
}

# finds NAME SUBJECT CHECK STATE FOUND ADVICE: what doctor says, in the JSON that the test
# kept; the last two are patterns.
finds() {
	# shellcheck disable=SC2016 # jq's own variables
	check "$1" jq --exit-status --arg subject "$2" --arg check "$3" --arg state "$4" --arg found "$5" \
		--arg advice "$6" '[.checks[] | select(.subject == $subject and .check == $check)] as $at |
		if any($at[]; .state == $state and (.found | test($found)) and
			(.advice // "" | test($advice))) then true else ($at | error) end' "$work/doctor.json"
}

# Sum over all reasons.
all_packets() { loader stats eth1 --json | jq '[.reasons[].packets] | add'; }

# Frames that the driver handed to the XDP program, by its own count.
driver_packets() {
	on_edge ethtool -S eth1 | awk '/rx_queue_[0-9]+_xdp_packets:/ { sum += $2 } END { print sum + 0 }'
}

driver_reached() { (($(driver_packets) >= $1)); }

# Whether every frame that the driver handed over has its reason; asked again
# until packets on their way have come in. Use the figures that it found: on a
# wire in use, those of another moment may differ.
same_sum() {
	accounted=$(($(all_packets) + early)) handed_over=$(driver_packets)
	((accounted == handed_over))
}
conserved() {
	wait_for "$patience" 'the sum of the reasons' same_sum || :
	is 'the reasons add up to what the driver handed over' "$accounted" "$handed_over"
}
