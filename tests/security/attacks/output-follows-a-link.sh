#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Debian gives the folder of node_exporter's textfile collector to the user prometheus. That
# user puts links there and waits for root's `stats --output`.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

prometheus() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$@"; }

quiet_wire
attach
chmod 0755 "$work"
textfile=$work/textfile
victims=$work/victims
install -d -m 0755 "$victims"
install -m 0600 /dev/null "$victims/shadow"
echo secret >"$victims/shadow"
install -d -o 65534 -m 0755 "$textfile"
prometheus ln -s "$victims/shadow" "$textfile/file.prom"
prometheus ln -s "$victims" "$textfile/folder"
prometheus ln -s "$victims/new" "$textfile/dangling.prom"
prometheus ln -s "$textfile/file.prom" "$textfile/chain.prom"
install -d -m 1777 "$work/shared"
prometheus ln -s "$victims/shadow" "$work/shared/pimxdp.prom"

for path in textfile/file.prom textfile/folder/shadow textfile/folder/../victims/shadow textfile/dangling.prom \
	textfile/chain.prom shared/pimxdp.prom; do
	check_fails "$path is refused" 1 'is a symbolic link that another user can change' \
		loader stats eth1 --prometheus --output "$work/$path"
	is 'and the victim is as it was' "$(stat -c '%a %u' "$victims/shadow") $(cat "$victims/shadow")" '600 0 secret'
	is 'and nothing is new beside it' "$(ls -A "$victims")" shadow
done
is 'no temporary file stays' "$(find "$textfile" "$work/shared" -name '.pimxdp*')" ''

# Without a link it works, in the same folder; the mode is pimxdp's, whatever was there.
prometheus touch "$textfile/pimxdp.prom"
prometheus chmod 0666 "$textfile/pimxdp.prom"
check 'a file of that user is replaced' loader stats eth1 --prometheus --output "$textfile/pimxdp.prom"
is 'by one of ours, with our mode' "$(stat -c '%a %u' "$textfile/pimxdp.prom")" '644 0'
check 'with metrics in it' grep -q '^pimxdp_attached{' "$textfile/pimxdp.prom"
ln -s "$textfile/pimxdp.prom" "$work/ours.prom"
check 'a link that root made, where only root can, is followed' \
	loader stats eth1 --prometheus --output "$work/ours.prom"
detach
finish
