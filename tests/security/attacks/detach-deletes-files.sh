#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A local user on a machine whose BPF file system anybody may write, as the kernel makes it,
# creates the folder of the pins before pimxdp does, and puts a link to somebody's folder
# where an interface's pins are expected. Root then detaches, or attaches.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

stranger() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$@"; }

quiet_wire
mount -t bpf bpf /sys/fs/bpf
chmod 1777 /sys/fs/bpf
victim=$work/victim
mkdir "$victim"
touch "$victim/letters" "$victim/photographs"
chmod 0755 "$work" "$victim"

stranger mkdir "$pins"
stranger ln -s "$victim" "$pins/eth1"
for words in 'detach eth1' "attach eth1 --config $config" "reload eth1 --config $config" 'status'; do
	# shellcheck disable=SC2086 # words
	loader $words >"$work/out" 2>&1 || :
	is "${words%% *} deletes nothing that is not a pin" "$(ls "$victim" | paste -sd' ')" 'letters photographs'
done
finish
