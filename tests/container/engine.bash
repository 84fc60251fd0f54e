# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154,SC2034 # the variables of suite.bash; ours are for the tests
#
# podman inside isolated(): its storage, its state and its cgroups are of this mount
# namespace. Source it after suite.bash.
#
#   engine              the command: podman and its global options, as an array
#   runtime, placement  which runtime, and where its cgroups are
#   engine_starts       whether it works on this machine; else $engine_why
#   documented NAME     the command that docs/container.md shows under that name
#   transcript          its transcript, and transcript_now, as it is now
#
# No podman network is ever made: containers enter one of the test's namespaces.

engine=("$(type -P podman || echo /usr/bin/podman)" --root /run/tmp/podman/storage
	--runroot /run/tmp/podman/run --tmpdir /run/tmp/podman/libpod
	--network-config-dir /run/tmp/podman/networks --cgroup-manager cgroupfs --events-backend none)
runtime=crun placement=(--cgroups=disabled)
image=localhost/pimxdp
engine_why=''

# cgroups as they are on Debian 12, whatever the machine has, and none made: with
# "--cgroups=disabled" containers stay in ours.
engine_starts() {
	local driver
	mount -t cgroup2 none /sys/fs/cgroup
	# Its locks and its cache cannot be moved by an option: they are the machine's.
	mount -t tmpfs none /dev/shm
	mount -t tmpfs none /var/lib
	# Overlays cannot be stacked arbitrarily; copies can.
	for driver in overlay vfs; do
		if "${engine[@]}" --storage-driver "$driver" info >"$work/engine" 2>&1 </dev/null; then
			engine+=(--storage-driver "$driver")
			return
		fi
	done
	engine_why="podman does not run here: $(one_line "$(tail -n 1 "$work/engine")")"
	return 1
}

engine_image() { # OPTION...
	make --no-print-directory -C "$root" image IMAGE="$image" PODMAN="${engine[*]}" "$@"
}

# Markdown's indented lines after "<!-- command: NAME -->", one command per line.
documented() {
	awk -v marker="<!-- command: $1 -->" '
		$0 == marker { on = 1; next }
		on && /^    / { seen = 1; sub(/^    /, ""); printf "%s", $0 ~ /\\$/ ? substr($0, 1, length($0) - 1) : $0 "\n"; next }
		on && seen { exit }' "$root/docs/container.md"
}

# The `podman` of a documented command is ours: in the edge's namespace instead of the
# host's, and with the test's folder instead of the host's.
podman() {
	local word words=()
	for word in "$@"; do
		case $word in
		--network=host) words+=(--network=ns:/run/netns/edge "${placement[@]}") ;;
		*/etc/pimxdp/*:* | *seccomp=/etc/pimxdp/*) words+=("${word/\/etc\/pimxdp/$etc}") ;;
		/etc/pimxdp:* | --volume=/etc/pimxdp:*) words+=("${word/\/etc\/pimxdp/$etc}") ;;
		*) words+=("$word") ;;
		esac
	done
	"${engine[@]}" --runtime "$runtime" "${words[@]}" </dev/null
}

# run_documented NAME: as a shell would.
run_documented() {
	local command
	command=$(documented "$1")
	[[ -n $command ]] || {
		say "docs/container.md has no command $1"
		return 1
	}
	eval "$command"
}

# What the page calls curl.
curl() {
	local url=${2#http://}
	[[ $1 == --silent ]]
	on_edge python3 "$net/get.py" "${url%%/*}" "/${url#*/}" | tail -n +4
}

transcript() {
	sed -n '/^<!-- container: begin -->$/,/^<!-- container: end -->$/p' "$root/docs/container.md" |
		sed '/^```/d; /^<!--/d'
}

# The same commands, and what they say now.
transcript_now() {
	local command
	while read -r command; do
		say "\$ $command"
		eval "$command" 2>&1
	done < <(transcript | sed -n 's/^\$ //p')
}

# Leaves out what differs from one run to the next.
without_figures() { sed -E 's/[0-9a-f]{12,}/HASH/g; s/[0-9][0-9T:.,-]*Z?/N/g'; }
