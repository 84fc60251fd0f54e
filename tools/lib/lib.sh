# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # some variables are for those that source this
#
# What the entry scripts and the network tests share. Sourced, never run.
#
#   root                the checkout
#   pimxdp              the loader
#   say, warn, die      messages
#   need_root           ends the script unless it runs as root
#   install_packages P  installs what tools/packages lists for purpose P
#   give_back           hands build/ to the owner of the checkout
#   isolated COMMAND    runs a command so that nothing it does is left behind
#   isolate "$@"        runs the rest of the calling script in that way
#   namespace NAME      a network namespace; in_ns NAME COMMAND runs inside it,
#                       start NAME COMMAND in the background
#   wait_for SECONDS WHAT COMMAND   polls until a command succeeds
#   patience            seconds that nothing takes, not even on a slow machine

# Installed tools must be found under sudo and cron as well.
PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin:$PATH
export PATH LC_ALL=C PYTHONDONTWRITEBYTECODE=1

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
pimxdp=$root/build/pimxdp

# Colours only on a terminal, and not if NO_COLOR is set.
green='' red='' dim='' bold='' plain=''
if [[ -t 1 && -z ${NO_COLOR-} && ${TERM-dumb} != dumb ]]; then
	green=$'\e[32m' red=$'\e[31m' dim=$'\e[2m' bold=$'\e[1m' plain=$'\e[0m'
fi

say() { printf '%s\n' "$*"; }
warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
	warn "$*"
	exit 1
}

need_root() {
	((EUID == 0)) ||
		die "must run as root, because it makes network namespaces and loads BPF: sudo $0"
}

# What root built belongs to the owner of the checkout.
give_back() { [[ ! -d $root/build ]] || chown -hR --reference="$root" "$root/build"; }

# ---- packages ----

# Prints "package service" for each package of the given purposes that is not installed.
missing_packages() {
	local purpose package service wanted
	while read -r purpose package service; do
		[[ -n $package && $purpose != '#'* ]] || continue
		for wanted in "$@"; do
			[[ $purpose == "$wanted" ]] || continue
			dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>&1 | grep -qx installed ||
				printf '%s %s\n' "$package" "$service"
		done
	done <"$root/tools/packages" | sort -u
}

install_packages() {
	local missing packages=() services=() package service units
	missing=$(missing_packages "$@")
	[[ -n $missing ]] || return 0
	while read -r package service; do
		packages+=("$package")
		read -ra units <<<"$service"
		services+=("${units[@]}")
	done <<<"$missing"

	say "Installing from Debian's packages: ${packages[*]}"
	# A package's own service must not start on this machine: masked until the
	# next boot while it is installed, and disabled for good.
	[[ -d /run/systemd/system ]] || services=()
	((${#services[@]} == 0)) || systemctl --quiet --runtime mask "${services[@]}"
	try_to_install "${packages[@]}" ||
		die "could not install: ${packages[*]} (is a package mirror within reach?)"
	if ((${#services[@]} > 0)); then
		systemctl --quiet disable "${services[@]}"
		systemctl --quiet --runtime unmask "${services[@]}"
	fi
}

# Tries more than once. A mirror may be out of reach for a moment, and "update" takes that
# for a success. And DPkg::Lock::Timeout does not cover the lock of the package lists,
# which a Debian that has just booted holds for its own daily update.
try_to_install() {
	local tries=6 pause_seconds=20
	until apt_get update && apt_get install "$@"; do
		((--tries > 0)) || return 1
		warn "trying again in $pause_seconds s"
		sleep "$pause_seconds"
	done
}

# Quiet while it works; everything is shown when it fails.
apt_get() {
	local output
	output=$(DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes --no-install-recommends \
		-o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold \
		"$@" 2>&1 </dev/null) || {
		printf '%s\n' "$output" >&2
		return 1
	}
}

# ---- isolation ----

# Runs a command in mount, network and PID namespaces of its own, with its own bpffs
# and /run. When the command ends, or this shell is killed in any way, the kernel ends
# every process in there, and everything else goes with them. A SIGINT, SIGTERM or
# SIGHUP to this shell is passed to the command; once that has ended, this shell acts
# on the signal itself.
isolated() {
	local status=0 child caught='' before
	[[ $root/ != /run/* ]] || die "the checkout must not be below /run"
	before=$(trap -p INT TERM HUP)
	# Job control: without it a background process ignores SIGINT.
	set -m
	PIM_OUTER_NET=$(readlink /proc/self/ns/net) setpriv --pdeathsig KILL \
		unshare --mount --net --pid --kill-child --mount-proc -- \
		bash "$root/tools/lib/isolated" "$@" </dev/null &
	child=$!
	set +m
	trap 'caught=INT; kill -INT -- "-$child" || :' INT
	trap 'caught=TERM; kill -TERM -- "-$child" || :' TERM
	trap 'caught=HUP; kill -TERM -- "-$child" || :' HUP
	# wait also returns at each signal; only the end of the child counts.
	while kill -0 "$child" 2>/dev/null; do
		status=0
		wait "$child" || status=$?
	done
	trap - INT TERM HUP
	eval "$before"
	[[ -z $caught ]] || kill -s "$caught" "$$"
	return "$status"
}

# Whether this runs inside isolated().
inside() { [[ -n ${PIM_OUTER_NET-} && $PIM_OUTER_NET != "$(readlink /proc/self/ns/net)" ]]; }

# To be called as: isolate "$@"
isolate() {
	! inside || return 0
	need_root
	local status=0
	isolated "$(readlink -f -- "$0")" "$@" || status=$?
	exit "$status"
}

# ---- inside ----

namespace() {
	ip netns add "$1"
	in_ns "$1" ip link set lo up
}

# Not "ip netns exec", which mounts /sys anew and hides the bpffs.
in_ns() {
	local name=$1
	shift
	nsenter --net="/run/netns/$name" -- "$@"
}

# start NAME COMMAND...: runs it in the background; $! is the command's own process.
# It keeps its standard input, which would otherwise be /dev/null.
start() {
	local name=$1
	shift
	nsenter --net="/run/netns/$name" -- "$@" <&0 &
}

# An upper limit: if all is well, waiting ends much sooner.
patience=60

# Centiseconds since the boot, by a clock that nobody sets.
uptime_cs() {
	local up
	read -r up _ </proc/uptime
	printf '%s' "${up/./}"
}

# wait_for SECONDS WHAT COMMAND...: the last attempt is made after the time is over, so a
# machine that stalls does not make it fail.
wait_for() {
	local limit=$1 what=$2 deadline now
	shift 2
	deadline=$(($(uptime_cs) + limit * 100))
	while :; do
		now=$(uptime_cs)
		! "$@" >/dev/null 2>&1 || return 0
		((now <= deadline)) || break
		sleep 0.05
	done
	warn "waited $limit s in vain for $what"
	return 1
}

# listening NAMESPACE tcp|udp PORT [ADDRESS]
listening() {
	local sockets
	sockets=$(in_ns "$1" ss --no-header --numeric --listening "--$2" "sport = :$3")
	[[ $sockets == *"${4-}"* && -n $sockets ]]
}
