#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A member of the group that may read the pins locks all that he can open, and keeps it; and
# readers' output goes into pipes that nobody empties. Loaders go on as if they were not there.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

readers=60123 # a group that nobody else is in
public=$(mktemp -d)
chmod 0755 "$public"
install -m 0755 "$pimxdp" "$public/pimxdp"
member=(nsenter --net=/run/netns/edge setpriv --reuid 65534 --regid "$readers" --clear-groups
	--no-new-privs --inh-caps=-all --bounding-set=-all)
quiet_wire
chmod 0711 /sys/fs/bpf
other=$work/other.conf
sed 's|"203.0.113.0/24", "2001:db8:c0de::/48"|"192.0.2.0/24"|' "$config" >"$other"
loader attach eth1 --config "$config" --mode native --group "$readers" >/dev/null

# ---- whatever can be opened is locked ----

"${member[@]}" python3 - "$pins" >"$work/held" <<'END' &
import fcntl, os, signal, sys
held = []
for top, folders, files in os.walk(sys.argv[1]):
    for name in ["."] + folders + files:
        path = os.path.normpath(os.path.join(top, name))
        try:
            file = os.open(path, os.O_RDONLY)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held.append(file)
            print("locked", path, flush=True)
        except OSError as error:
            print("failed", path, error.strerror, flush=True)
print("done", flush=True)
signal.pause()
END
holder=$!
wait_for "$patience" 'the member to lock' grep -q '^done' "$work/held"
check 'the member holds the folders that it may read' test "$(grep -c ^locked "$work/held")" -ge 2
is 'but not the lock of the loaders' "$(grep 'the-loaders-lock' "$work/held" | sort -u)" \
	"failed $pins/the-loaders-lock Permission denied"

# at_once COMMAND...: it succeeds, and never waits for a lock: it asks for it once.
at_once() {
	local name=$1
	shift
	on_edge strace -f -qq -e trace=flock -o "$work/calls" "$pimxdp" "$@" >"$work/out" 2>&1 ||
		not_ok "$name" "$(one_line "$(cat "$work/out")")"
	is "$name: the lock is had at once" "$(grep -c LOCK_EX "$work/calls")$(grep -c EAGAIN "$work/calls" || :)" 10
}
at_once 'reload' reload eth1 --config "$other"
at_once 'another schema would be replaced' attach eth1 --config "$config" --replace
at_once 'detach' detach eth1
is 'nothing is left' "$(pinned)" ''
at_once 'attach' attach eth1 --config "$config" --mode native --group "$readers"
kill "$holder"
wait "$holder" 2>/dev/null || :

# ---- pagers ----

# More output than a pipe holds; nobody reads it.
frames=()
for ((port = 20000; port < 20600; port++)); do frames+=("tcp $partner $port $edge 5061"); done
for ((at = 0; at < ${#frames[@]}; at += 100)); do fate "${frames[@]:at:100}" >/dev/null; done
full() { [[ $(<"/proc/$1/syscall") == '1 0x1 '* ]]; } # it waits in a write(2) to its output
mkfifo "$work/pipe"
for pager in member root; do
	as=(nsenter --net=/run/netns/edge)
	[[ $pager == root ]] || as=("${member[@]}")
	exec {unread}<>"$work/pipe"
	"${as[@]}" "$public/pimxdp" flows eth1 --json >"$work/pipe" &
	reader=$!
	wait_for "$patience" 'a full pipe' full "$reader"
	at_once "reload, while a reader's output is not read: $pager" reload eth1 --config "$other"
	at_once "and back: $pager" reload eth1 --config "$config"
	kill "$reader"
	wait "$reader" 2>/dev/null || :
	exec {unread}<&- # and what is in it is gone
done
detach
finish
