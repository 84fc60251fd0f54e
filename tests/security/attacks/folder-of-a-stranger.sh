#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A local user makes what pimxdp is going to use before pimxdp does: its folder, a link in
# the place of it, or a folder and a link in it. Or the administrator left a door open: the
# folder is the group's to write, a stranger's pin or another file system is in it. Whatever
# it is, a loader touches nothing and says why; and a reader is not told a stranger's figures.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

stranger() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$@"; }
public=$(mktemp -d)
chmod 0755 "$public" "$work"
install -m 0755 "$pimxdp" "$public/pimxdp"
install -m 0644 "$config" "$public/edge.conf"

quiet_wire
open_root() {
	umount /sys/fs/bpf
	mount -t bpf bpf /sys/fs/bpf
	chmod 1777 /sys/fs/bpf
}
listing() { find /sys/fs/bpf -mindepth 1 ! -name the-loaders-lock -printf '%p %y %U %m %l\n' | sort; }

# refused NAME PATTERN: every verb that works with pins ends with one line that matches,
# nothing is attached, and the file system looks as before.
refused() {
	local name=$1 pattern=$2 before verb
	before=$(listing)
	for verb in "attach eth1 --config $config" "attach eth1 --config $config --replace" \
		"reload eth1 --config $config" 'detach eth1' 'detach eth1 --elsewhere' \
		'status eth1' 'stats eth1' 'flows eth1' 'addresses eth1'; do
		# shellcheck disable=SC2086 # words
		check_fails "$name: ${verb//$config/FILE}" 1 "$pattern" loader $verb
	done
	is "$name: nothing was touched" "$(listing)" "$before"
	is "$name: nothing was attached" "$(program_mode)" none
}
last_refused() { # what list-of-all says
	check_fails "$1: status of all" 1 "$2" loader status
	loader stats eth1 --prometheus >"$work/metrics" 2>/dev/null || :
	is "$1: no metric says whether it is attached" "$(grep -c '^pimxdp_attached' "$work/metrics" || :)" 0
}

# ---- the folder of all pins ----

open_root
stranger mkdir -m 0755 "$pins"
stranger mkdir "$pins/eth1"
refused 'a folder of a stranger' "$pins: expected a folder of user 0, found one of user 65534.*rm -r $pins.*chmod 0700"
last_refused 'a folder of a stranger' 'found one of user 65534'
loader doctor eth1 --json >"$work/doctor.json" || :
check 'doctor says so' json '.checks | any(.check == "folder" and .state == "problem" and
	(.found | test("found one of user 65534")) and (.advice | test("rm -r")))' "$work/doctor.json"
check 'and that others may write to the root' json '.checks | any(.check == "root" and .state == "warning" and
	(.found | test("mode 1777")) and (.advice | test("chmod 0700")))' "$work/doctor.json"
# What it advises is the way out.
rm -r "$pins"
chmod 0700 /sys/fs/bpf
check 'what is advised helps' loader attach eth1 --config "$config" --mode native
check_fails 'and the stranger is kept out' 1 'Permission denied|not permitted' \
	bash -c "setpriv --reuid 65534 --regid 65534 --clear-groups mkdir '$pins/eth2' 2>&1 |
		sed 's/^/pimxdp: /' >&2; exit 1"
detach

open_root
stranger ln -s "$work" "$pins"
refused 'a link in the place of the folder' "$pins: expected a folder, found a link of user 65534.*rm $pins"
rm "$pins"
mkdir "$public/ours"
ln -s "$public/ours" "$pins"
refused "even root's link" "$pins: expected a folder, found a link of user 0"
rm "$pins"

install -d -m 0770 "$pins"
refused 'a folder that a group may write to' "$pins: .*found mode 0770.*chmod go-w $pins"
chmod 0757 "$pins"
refused 'a folder that anybody may write to' "$pins: .*found mode 0757.*chmod go-w $pins"
chmod 0711 "$pins"

mount -t tmpfs -o mode=0711 tmpfs "$pins"
mkdir "$pins/eth1"
touch "$pins/eth1/pim_letters"
refused 'another file system over it' "$pins: expected a folder of the BPF file system, found one of another.*findmnt"
umount "$pins"

# ---- the folder of an interface ----

stranger mkdir "/sys/fs/bpf/stranger"
mv /sys/fs/bpf/stranger "$pins/eth1"
before=$(listing)
for verb in 'detach eth1' "attach eth1 --config $config" "reload eth1 --config $config"; do
	# shellcheck disable=SC2086 # words
	check_fails "a stranger's folder of an interface: ${verb%% *}" 1 \
		"$pins/eth1: only its owner may change it: run as user 65534" loader $verb
done
is "a stranger's folder of an interface: nothing was touched" "$(listing)" "$before"
rmdir "$pins/eth1"

ln -s "$work" "$pins/eth1"
refused 'a link in the place of its folder' "$pins/eth1: expected a folder, found a link"
rm "$pins/eth1"
install -d -m 0730 "$pins/eth1"
refused 'its folder is for a group to write' "$pins/eth1: .*found mode 0730"
rmdir "$pins/eth1"

loader attach eth1 --config "$config" --mode native >/dev/null
id=$(program_id)
mount -t tmpfs -o mode=0711 tmpfs "$pins/eth1"
touch "$pins/eth1/pim_rules"
for verb in 'detach eth1' "reload eth1 --config $config" 'stats eth1'; do
	# shellcheck disable=SC2086 # words
	check_fails "a file system over its folder: ${verb%% *}" 1 "$pins/eth1: expected a folder of the BPF" loader $verb
done
check 'a file system over its folder: what is in it stays' test -e "$pins/eth1/pim_rules"
umount "$pins/eth1"
is 'and the filter' "$(program_id)" "$id"

# ---- pins ----

# A pin that belongs to somebody else, as root may have moved it there.
mv "$pins/eth1/pim_rules" "$pins/eth1/pim_kept"
on_edge bpftool map create "$pins/eth1/pim_rules" type percpu_array key 4 value 64 entries 12 name stranger
chown 65534 "$pins/eth1/pim_rules"
for verb in 'detach eth1' "reload eth1 --config $config" 'stats eth1' 'status eth1'; do
	# shellcheck disable=SC2086 # words
	check_fails "a map of somebody else under our name: ${verb%% *}" 1 \
		"$pins/eth1/pim_rules: expected a pin of user 0, found one of user 65534.*rm" loader $verb
done
rm "$pins/eth1/pim_rules"
ln -s "$pins/eth1/pim_kept" "$pins/eth1/pim_rules"
check_fails 'a link under the name of ours' 1 "$pins/eth1/pim_rules: .*found a link" loader stats eth1
check_fails 'a link under the name of ours: detach' 1 "$pins/eth1/pim_rules: .*found a link" loader detach eth1
rm "$pins/eth1/pim_rules"
mv "$pins/eth1/pim_kept" "$pins/eth1/pim_rules"
check 'put right, it is read' loader stats eth1

# What is not ours stays, and is named.
on_edge bpftool map create "$pins/eth1/of-the-site" type array key 4 value 4 entries 1 name site
mkdir "$pins/eth1/notes"
check_fails 'detach names what it did not pin' 1 "detached, but $pins/eth1 holds .*: (notes of-the-site|of-the-site notes)$" \
	loader detach eth1
is 'and leaves just that' "$(find "$pins/eth1" -mindepth 1 -printf '%P\n' | sort | paste -sd' ')" 'notes of-the-site'
is 'the filter is off' "$(program_mode)" none
rm "$pins/eth1/of-the-site"
rmdir "$pins/eth1/notes" "$pins/eth1"

# ---- without the proc file system ----

loader attach eth1 --config "$config" --mode native >/dev/null
# shellcheck disable=SC2016 # for the inner shell
without_proc() { on_edge unshare --mount bash -c 'mount -t tmpfs tmpfs /proc && "$@"' bash "$@"; }
for verb in 'status eth1' 'detach eth1'; do
	# shellcheck disable=SC2086 # words
	check_fails "without /proc: ${verb%% *}" 1 '/proc/self/fd: expected the proc file system.*mount -t proc' \
		without_proc "$pimxdp" $verb
done
is 'without /proc: the filter stays' "$(program_mode)" native
detach
finish
