# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # the variables of suite.bash and testbed.sh
#
# Every verb of the program, at work: for the tests of what it needs from the
# kernel. Source it after suite.bash.
#
#   verbs_prepare FOLDER       configurations, a large list, a capture
#   every_verb FOLDER COMMAND  runs "COMMAND VERB ARGUMENT..." for every verb but
#                              run, in an order that makes sense

verbs_prepare() {
	local folder=$1 capture
	cp "$config" "$folder/partners.conf"
	sed 's/"contoso"/"fabrikam"/; s|^clients = .*|clients = { files = [ "large.prefixes" ] }|' \
		"$config" >"$folder/large.conf"
	# Large enough for memory to be moved while it is read.
	awk 'BEGIN { for (i = 0; i < 50000; i++)
		printf "100.%d.%d.%d/31\n", i / 32768 % 256, i / 128 % 256, i % 128 * 2 }' >"$folder/large.prefixes"
	start internet tcpdump -U -w "$folder/frames.pcap" -i net0 -c 2 2>"$work/tcpdump"
	capture=$!
	wait_for "$patience" tcpdump grep -q 'listening on' "$work/tcpdump"
	fate "tcp $partner 40000 $edge 5061" "tcp $stranger 40000 $edge 5061" >/dev/null
	wait "$capture" # which ends with the second
	chmod -R a+rX "$folder"
}

every_verb() {
	local folder=$1 holder
	shift
	"$@" policy
	"$@" metrics
	"$@" doctor eth1
	"$@" check --config "$folder/partners.conf"
	"$@" lookup "$partner" --config "$folder/partners.conf"
	"$@" replay "$folder/frames.pcap" --config "$folder/partners.conf"
	"$@" attach eth1 --config "$folder/partners.conf"
	fate "tcp $partner 40000 $edge 5061" "tcp $partner6 40000 $edge6 5061" >/dev/null
	"$@" status
	"$@" stats eth1
	"$@" stats eth1 --prometheus --output "$folder/out/pimxdp.prom"
	"$@" flows eth1
	"$@" addresses eth1
	"$@" lookup "$partner" --interface eth1
	# While another loader is at work, this one waits.
	hold_pins >"$work/held" &
	holder=$!
	wait_for "$patience" 'the lock' test -s "$work/held"
	"$@" reload eth1 --config "$folder/large.conf"
	wait "$holder"
	"$@" detach eth1
}

# Holds the lock of the pins until some process has opened it several times,
# as one that waits for the lock does.
hold_pins() {
	python3 -c '
import ctypes, fcntl, os, signal, sys
IN_OPEN = 0x20
signal.alarm(120)
folder = os.open(sys.argv[1], os.O_RDONLY)
libc = ctypes.CDLL(None)
watch = libc.inotify_init()
assert libc.inotify_add_watch(watch, sys.argv[1].encode(), IN_OPEN) >= 0
fcntl.flock(folder, fcntl.LOCK_EX)
print("held", flush=True)
for _ in range(5): os.read(watch, 4096)' "$pins/the-loaders-lock"
}

# Verbs of the program's own help that neither every_verb nor an agent's test runs.
verbs_left() {
	local verb
	while read -r verb; do
		[[ $verb == run ]] || grep -qE "\"\\\$@\" $verb( |\$)" "${BASH_SOURCE[0]}" || printf '%s ' "$verb"
	done < <("$pimxdp" --help | awk '/^  [a-z]+ / { print $1 }')
}
