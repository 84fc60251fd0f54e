#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The root of the BPF file system is anybody's to write, without the sticky bit: a local user
# renames root's folder of pins away, again and again, while root attaches and detaches, and
# puts a folder of his own in its place. Loaders and readers end well or say why; none of
# them puts a pin into the stranger's folder, or takes anything out of it.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

stranger=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all)
quiet_wire
umount /sys/fs/bpf
mount -t bpf bpf /sys/fs/bpf
chmod 0777 /sys/fs/bpf
"${stranger[@]}" mkdir -p /sys/fs/bpf/mine/eth1/treasure

"${stranger[@]}" python3 - "$pins" <<'END' &
import os, sys
pins, mine, away = sys.argv[1], "/sys/fs/bpf/mine", "/sys/fs/bpf/away"
while True:
    for old, new in (pins, away), (mine, pins), (pins, mine), (away, pins):
        try:
            os.rename(old, new)
        except OSError:
            pass
END
renamer=$!

trouble='' ended_well=0 refused=0 status=0
for ((round = 0; round < 40; round++)); do
	for words in "attach eth1 --config $config --mode native" "reload eth1 --config $config" 'stats eth1' 'detach eth1'; do
		status=0
		# shellcheck disable=SC2086 # words
		loader $words >"$work/out" 2>"$work/err" || status=$?
		case $status in
		0) ended_well=$((ended_well + 1)) ;;
		1) refused=$((refused + 1)) ;;
		*) trouble="$words ended with $status: $(cat "$work/err")" ;;
		esac
		((status == 0)) || [[ $(wc -l <"$work/err") == 1 ]] || trouble="$words said $(cat "$work/err")"
	done
	[[ -z $trouble ]] || break
done
kill "$renamer"
wait "$renamer" 2>/dev/null || :
is 'all ended well, or with one line' "$(one_line "$trouble")" ''
check 'both happened' test "$ended_well" -gt 0 -a "$refused" -gt 0
home=$(find /sys/fs/bpf -name treasure)
check "the stranger's folder is there" test -n "$home"
is 'with nothing of ours in it' "$(find "$(dirname "$(dirname "$home")")" -mindepth 1 ! -user 65534)" ''
is 'and all that he put there' "$(find /sys/fs/bpf -user 65534 | wc -l)" 3
finish
