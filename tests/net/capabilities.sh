#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Which capabilities each verb needs, measured: as an ordinary user with all three that
# loading takes, without each of them, with none, and with exactly those found to be
# needed. The table in docs/requirements.md has the result.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

# The user that attaches owns the folder of the pins; the one that reads is another user,
# a member of the group that may read the pins.
owner=60123 reader=60124 readers=60125

public=$(mktemp -d) # only root may be able to read the checkout
chmod 0755 "$public"
install -m 0755 "$pimxdp" "$public/pimxdp"
install -m 0644 "$config" "$public/edge.conf"
pimxdp=$public/pimxdp config=$public/edge.conf
# A capture of one frame, all zeros.
python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) +
	struct.pack("=IIII", 0, 0, 60, 60) + bytes(60))' >"$public/frame.pcap"
chmod 0644 "$public/frame.pcap"

loading=(bpf net_admin perfmon)
join() {
	local IFS=$1
	shift
	printf '%s' "$*"
}
all=$(join , "${loading[@]}")

# user UID CAPABILITIES: sets `user` to what runs a command on the edge with
# "bpf,perfmon" as ambient capabilities and no others within reach.
user() {
	local add=${2:+,+${2//,/,+}}
	user=(nsenter --net=/run/netns/edge -- setpriv --reuid="$1" --regid="$readers" --clear-groups
		--bounding-set="-all$add" --inh-caps="-all$add" --ambient-caps="-all$add" --)
}
# as UID CAPABILITIES COMMAND...
as() {
	local user
	user "$1" "$2"
	"${user[@]}" "${@:3}"
}

quiet_wire
chmod 0755 /sys/fs/bpf
chown "$owner" /sys/fs/bpf

# ---- the verbs ----

attached() { [[ $(program_mode) == native ]]; }
detached() { [[ -z $(pinned) && $(program_mode) == none ]]; }

# Starts from nothing; attaches the filter as its owner, unless the argument is "no".
with_filter() {
	if [[ -n $(pinned) ]]; then
		as "$owner" "$all" "$pimxdp" detach eth1
	fi
	[[ $1 == no ]] || as "$owner" "$all" "$pimxdp" attach eth1 --config "$config" --mode native --group "$readers"
} >/dev/null

# run_agent CAPABILITIES: it attaches, and stays until it is told to go.
run_agent() {
	local agent status=0 user
	user "$owner" "$1"
	"${user[@]}" timeout $((2 * patience)) "$pimxdp" run eth1 --config "$config" --group "$readers" --detach-on-exit &
	agent=$!
	wait_for "$patience" 'the agent' up_or_gone "$agent"
	attached || status=1
	kill "$agent" 2>/dev/null || :
	wait "$agent" || :
	((status == 0)) && detached
}
up_or_gone() { attached || ! kill -0 "$1" 2>/dev/null; }

# works CAPABILITIES VERB: whether the verb works with these.
works() {
	local reading=(as "$reader" "$1" "$pimxdp") writing=(as "$owner" "$1" "$pimxdp")
	case $2 in
	attach)
		with_filter no
		"${writing[@]}" attach eth1 --config "$config" --mode native --group "$readers" && attached
		;;
	run)
		with_filter no
		run_agent "$1"
		;;
	detach)
		with_filter yes
		"${writing[@]}" detach eth1 && detached
		;;
	reload)
		with_filter yes
		sed 's/name = "contoso"/name = "another"/' "$config" >"$public/other.conf"
		"${writing[@]}" reload eth1 --config "$public/other.conf" &&
			as "$owner" '' "$pimxdp" stats eth1 --json | grep -q another
		;;
	stats | flows | status | addresses)
		with_filter yes
		"${reading[@]}" "$2" eth1
		;;
	'lookup --interface')
		with_filter yes
		"${reading[@]}" lookup "$partner" --interface eth1 | grep -q contoso
		;;
	'lookup --config') "${reading[@]}" lookup "$partner" --config "$config" | grep -q contoso ;;
	check) "${reading[@]}" check --config "$config" ;;
	policy | metrics) "${reading[@]}" "$2" ;;
	replay) "${reading[@]}" replay "$public/frame.pcap" --config "$config" --json | grep -q '"packet":1' ;;
	doctor) # 1: it found a problem, as it should, and went on
		local status=0
		"${reading[@]}" doctor eth1 --json >"$work/doctor.json" || status=$?
		((status <= 1)) && jq -e '.checks | length > 20' "$work/doctor.json"
		;;
	*)
		say "no way to try $2 is known"
		return 1
		;;
	esac
}
try() { works "$@" >"$work/out" 2>&1 </dev/null; }
fails() { ! "$@"; }

# The verbs of the binary; lookup has two ways.
mapfile -t verbs < <("$pimxdp" --help | awk '/^commands:/ { on = 1; next } on && !NF { exit }
	on && $1 != "lookup" { print $1 } on && $1 == "lookup" { print "lookup --config"; print "lookup --interface" }')
check 'the binary has verbs' test "${#verbs[@]}" -ge 12

# ---- the measurement ----

# full NAMES: "CAP_BPF, CAP_PERFMON", or "none".
full() {
	local names=() name
	for name in "$@"; do
		names+=("CAP_${name^^}")
	done
	((${#names[@]} > 0)) || names=(none)
	join '|' "${names[@]}" | sed 's/|/, /g'
}

table=$work/table
printf '| verb | capabilities |\n| --- | --- |\n' >"$table"
for verb in "${verbs[@]}"; do
	needed=()
	if ! try "$all" "$verb"; then
		not_ok "$verb with all three" "$(one_line "$(<"$work/out")")"
		continue
	fi
	ok "$verb with all three"
	for capability in "${loading[@]}"; do
		rest=$(printf '%s\n' "${loading[@]}" | grep -vx "$capability" | paste -sd,)
		if ! try "$rest" "$verb"; then
			needed+=("$capability")
			check "$verb without CAP_${capability^^} says so" \
				grep -Eq "lacks CAP_${capability^^}:" "$work/out"
		fi
	done
	check "$verb with exactly $(full "${needed[@]}")" try "$(join , "${needed[@]}")" "$verb"
	((${#needed[@]} == 0)) || check "$verb with none fails" fails try '' "$verb"
	# shellcheck disable=SC2016 # backquotes of Markdown
	printf '| `%s` | %s |\n' "$verb" "$(full "${needed[@]}")" >>"$table"
done
with_filter no

say ''
cat "$table"
say ''
sed -n '/<!-- capabilities: begin/,/<!-- capabilities: end/p' "$root/docs/requirements.md" |
	grep '^|' >"$work/page" || :
check 'docs/requirements.md has this table' diff "$work/page" "$table"
finish
