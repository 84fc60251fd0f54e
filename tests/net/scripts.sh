#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The entry scripts themselves: the demo from end to end, and that isolated commands leave
# nothing behind, however they end.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

cd "$root"
mapfile -t scripts < <(grep -lE '^#!/(usr/)?bin/(env )?(ba)?sh|^# shellcheck shell=' \
	tools/* tools/lib/* tests/* tests/*/*.{sh,bash} tests/kernels/* tests/kernels/guest/* completion/* \
	debian/tests/* .ci/run 2>/dev/null)
check "shellcheck of ${#scripts[@]} scripts" shellcheck --severity=info "${scripts[@]}"
is 'packages are named in one place only' \
	"$(grep -lE 'lib(bpf|elf|config|jansson|cmocka)[a-z0-9]*-dev' -r tools tests .ci)" tools/packages
check 'tools/test lists its suites' grep -qx net-scripts <(tools/test --list)
check 'an unknown suite is refused' bash -c 'tools/test no-such-suite; [[ $? == 2 ]]'
# The checkout may be in a folder that only root can enter.
public=$(mktemp -d)
chmod 0755 "$public"
cp -r tools "$public"
chmod -R a+rX "$public"
for script in test demo bench; do
	is "without root, tools/$script says so, and no more" "$(env -u PIM_OUTER_NET setpriv --reuid 65534 \
		bash "$public/tools/$script" 2>&1 | sed 's/.*must run as root.*/must run as root/')" 'must run as root'
done

# What an isolated command leaves behind.
# shellcheck disable=SC2016 # for the inner shell
victim='
set -euo pipefail
ip netns add victim
ip link add victim0 type veth peer name victim1
mkdir /sys/fs/bpf/victim
touch "$TMPDIR/victim"
sleep 4242 &
echo ready >&3
sleep 4242'
traces() {
	ip link show victim0 2>/dev/null || :
	find /run/netns /sys/fs/bpf "$TMPDIR" -maxdepth 1 -name victim
	pgrep_sleepers
}
pgrep_sleepers() {
	local entry
	for entry in /proc/[0-9]*/cmdline; do
		[[ $(tr '\0' ' ' <"$entry" 2>/dev/null) != 'sleep 4242 '* ]] || say "${entry%/cmdline}"
	done
}
untraced() { [[ -z $(traces) ]]; }
for signal in INT TERM HUP KILL; do
	mkfifo "$work/ready.$signal"
	cat >"$work/outer" <<END
source "$root/tools/lib/lib.sh"
isolated bash -c "\$1"
END
	# Job control, so that SIGINT is not ignored as in a background process.
	set -m
	bash "$work/outer" "$victim" 3>"$work/ready.$signal" >/dev/null 2>&1 &
	outer=$!
	set +m
	read -r answer <"$work/ready.$signal"
	is "before SIG$signal the command runs" "$answer" ready
	kill -s "$signal" "$outer"
	check "SIG$signal ends it" wait_for "$patience" 'its end' bash -c "! kill -0 $outer"
	wait "$outer" 2>/dev/null || :
	check "SIG$signal leaves nothing" wait_for "$patience" 'the clean-up' untraced
done

# The demo.
status=0
tools/demo >"$work/demo" 2>&1 || status=$?
is 'the demo succeeds' "$status" 0
((status == 0)) || sed 's/^/# /' "$work/demo"
# What may differ between two runs: figures, the order of flows, and what the kernels say
# to each other by themselves (to addresses that are not the Edge's), and the time servers of
# this machine.
outline() {
	sed -E '/^ +not-edge /d; /warning: time-servers: /d; s|'"$root"'/|/usr/src/pimxdp/|; s/[0-9a-f]{16}/HASH/; s/ [A-Z,]+$/ FLAGS/
			s/[0-9][0-9a-zA-Z:.,-]*/N/g; s/\bN frames\b/N frame/; s/ +/ /g' |
		awk '/^\$ pimxdp flows/ { print; fflush(); on = 1; next }
			on && !NF { on = 0; close("sort -u") }
			on { print | "sort -u"; next }
			{ print; fflush() }'
}
transcript() { sed -n '/^<!-- transcript: begin/,/^<!-- transcript: end/p' docs/transcript.md | sed '/^```/d; /^<!--/d'; }
difference=$(diff <(transcript | outline) <(sed '/./,$!d' "$work/demo" | outline)) || :
[[ -z $difference ]] || sed 's/^/# /' "$work/demo" # to be put into the page when it changes
is 'docs/transcript.md is what the demo prints, but for figures' "$(one_line "$difference")" ''
check 'the demo shows at least 18 steps' test "$(grep -cE '^ ok ' "$work/demo")" -ge 18
check 'the demo writes no terminal codes into a file' \
	test -z "$(tr -cd '\033' <"$work/demo")"
check 'the demo shows the statistics' grep -q 'sip-mtls-in' "$work/demo"
is 'the demo detaches' "$(pinned)" ''
finish
