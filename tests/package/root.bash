# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # some variables are for the suites
#
# A copy of this machine's file system to install into, and a systemd to run in
# it. Source it after suite.bash, inside `isolate`.
#
#   make_root         $root_copy: the root file system, what is written there stays in memory
#   boot_root         a systemd of its own in there, in a network of its own; fails with
#                     $boot_fault when that cannot be had
#   in_root COMMAND   runs a command beside that systemd

root_copy=/run/root/merged

make_root() {
	mkdir -p /run/root/upper /run/root/work "$root_copy"
	mount -t overlay -o lowerdir=/,upperdir=/run/root/upper,workdir=/run/root/work overlay "$root_copy"
	mount --bind /dev "$root_copy/dev"
	mount -t proc proc "$root_copy/proc"
}

# Its control groups are the one thing that does not go away with a namespace: the kernel
# empties them when this suite is killed, and they are removed here, or by the next run.
cgroup_of=pimxdp-test.$(</proc/sys/kernel/random/uuid) # two runs may have the same process ids
remove_cgroups() {
	local hierarchy
	for hierarchy in $(cgroup_hierarchies); do
		find "$hierarchy" -depth -path "$hierarchy/pimxdp-test.*" -type d -exec rmdir {} + 2>/dev/null || :
	done
}
# Those of another run in progress cannot be removed, and are not waited for.
cgroups_removed() {
	local hierarchy
	remove_cgroups
	for hierarchy in $(cgroup_hierarchies); do
		[[ ! -e $hierarchy/$cgroup_of.$nspawn ]] || return 1
	done
}

# Mount points where systemd keeps its groups.
cgroup_hierarchies() { findmnt --noheadings --list --output TARGET,FS-OPTIONS,FSTYPE |
	awk '$3 == "cgroup2" || $2 ~ /name=systemd/ { print $1 }'; }

boot_fault=
systemd='' nspawn=''
boot_root() {
	local hierarchy
	remove_cgroups
	trap end_root EXIT
	# systemd makes its own.
	umount "$root_copy/dev" "$root_copy/proc"
	(
		for hierarchy in $(cgroup_hierarchies); do
			mkdir "$hierarchy/$cgroup_of.$BASHPID"
			echo "$BASHPID" >"$hierarchy/$cgroup_of.$BASHPID/cgroup.procs"
		done
		exec systemd-nspawn --register=no --keep-unit --link-journal=no --directory="$root_copy" \
			--private-network --capability=all --system-call-filter=bpf --bind=/sys/fs/bpf \
			--machine=pimxdp-test --boot --console=pipe systemd.unit=basic.target
	) </dev/null >/run/root/console 2>&1 &
	nspawn=$!
	wait_for 180 'systemd in a container' booted_or_ended || :
	if ! booted; then
		boot_fault="systemd does not start in a container here: $(tr '\n' ' ' </run/root/console)"
		return 1
	fi
}

end_root() {
	# When process 1 ends, so do the container and systemd-nspawn.
	[[ -z $systemd ]] || kill -KILL "$systemd" 2>/dev/null || :
	kill -KILL "$nspawn" 2>/dev/null || :
	wait "$nspawn" 2>/dev/null || :
	wait_for 60 'the end of the container' cgroups_removed
}

# Whether systemd is there and has reached its target.
booted() {
	systemd=$(pgrep --parent "$nspawn" --exact systemd) &&
		in_root systemctl --quiet is-active basic.target
}

booted_or_ended() { booted || ! kill -0 "$nspawn"; }

in_root() { nsenter --target "$systemd" --mount --net --pid --uts --ipc --cgroup --root --wd -- "$@"; }
