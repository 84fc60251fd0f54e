#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The cause of a refusal is named: capabilities, user namespaces, seccomp filters, file
# modes; and nothing else is blamed.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

# The checkout may be in a folder that only root can enter.
public=$(mktemp -d)
chmod 0755 "$public"
install -m 0755 "$pimxdp" "$public/pimxdp"
install -m 0644 "$config" "$public/edge.conf"
install -m 0644 "$net/seccomp.py" "$public/seccomp.py"
pimxdp=$public/pimxdp config=$public/edge.conf

attach_eth1=("$pimxdp" attach eth1 --config "$config")
loading=(bpf net_admin perfmon)

# with CAPABILITIES COMMAND...: as root of the edge with these of the bounding set,
# "bpf,perfmon"; "" is none.
with() {
	on_edge setpriv --bounding-set="-all${1:+,+${1//,/,+}}" --inh-caps=-all -- "${@:2}"
}

# as_user CAPABILITIES COMMAND...: another user, with these as ambient capabilities.
as_user() {
	local add=${1:+,+${1//,/,+}}
	on_edge setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps="-all$add" \
		--ambient-caps="-all$add" -- "${@:2}"
}

filtered() { python3 "$public/seccomp.py" "$@"; }
rootless() { on_edge setpriv --reuid=65534 --regid=65534 --clear-groups -- unshare --user --map-root-user -- "$@"; }

# blames NAME PATTERN COMMAND...: it fails with one line that matches, without the
# misleading texts of libbpf or errno.
blames() {
	local name=$1 pattern=$2 output
	check_fails "$name" 1 "$pattern" "${@:3}"
	output=$("${@:3}" 2>&1 >/dev/null </dev/null) || :
	is "$name: RLIMIT_MEMLOCK is not blamed" "$(grep -Eio 'memlock|rlimit' <<<"$output" || :)" ''
	is "$name: nothing is attached" "$(program_mode)$(pinned)" none
}

except() { printf '%s\n' "${loading[@]}" | grep -vx "$1" | paste -sd,; }
all=$(IFS=,; echo "${loading[*]}")

quiet_wire

# ---- capabilities ----

blames 'no capability' 'lacks CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON: what started it' with '' "${attach_eth1[@]}"
for capability in "${loading[@]}"; do
	name=CAP_${capability^^}
	blames "all but $name" "cannot load .*lacks $name: what started it has taken $name away" \
		with "$(except "$capability")" "${attach_eth1[@]}"
	blames "all but $name, as replay" "lacks $name:" with "$(except "$capability")" \
		"$pimxdp" replay <(python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) +
	struct.pack("=IIII", 0, 0, 60, 60) + bytes(60))') --config "$config"
done
blames 'two missing' 'lacks CAP_BPF, CAP_PERFMON:' with net_admin "${attach_eth1[@]}"
check 'the three are enough' with "$all" "${attach_eth1[@]}"
detach
# To the kernel CAP_SYS_ADMIN includes each of them.
check 'CAP_SYS_ADMIN is enough' with sys_admin "${attach_eth1[@]}"
detach

# They can be had in different ways. The folder of the pins is there, and the user's: one
# that anybody may write to is refused (tests/security/attacks/folder-of-a-stranger.sh).
chmod 0755 /sys/fs/bpf
open_folder() { [[ -d $pins ]] || install -d -o 65534 -g 65534 -m 0711 "$pins"; }
close_folder() { [[ ! -d $pins ]] || rmdir "$pins"; }
close_folder # root's, which detach leaves
open_folder
blames 'a plain user' 'lacks CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON: run as root, or grant them' \
	as_user '' "${attach_eth1[@]}"
blames 'a plain user with no_new_privs' 'no_new_privs is set' \
	as_user '' setpriv --no-new-privs -- "${attach_eth1[@]}"
check 'ambient capabilities of a plain user are enough' as_user "$all" "${attach_eth1[@]}"
check 'and to detach' as_user "$all" "$pimxdp" detach eth1
open_folder
for capability in "${loading[@]}"; do
	blames "a plain user with all but CAP_${capability^^}" "lacks CAP_${capability^^}: run as root, or grant" \
		as_user "$(except "$capability")" "${attach_eth1[@]}"
done
# Permitted by the file, but not effective.
install -m 0755 "$pimxdp" "$public/permitted"
if setcap cap_bpf,cap_net_admin,cap_perfmon=p "$public/permitted" 2>"$work/err"; then
	blames 'permitted capabilities that are not effective' 'permitted, but not effective' \
		as_user '' "$public/permitted" attach eth1 --config "$config"
else
	skip 'permitted capabilities that are not effective' "$(one_line "$(<"$work/err")")"
fi

# ---- user namespaces ----

if rootless true 2>"$work/err"; then
	blames 'root of a user namespace' 'user namespace of its own, .* do not count for BPF: start it outside' \
		rootless "${attach_eth1[@]}"
	chmod 0700 /sys/fs/bpf
	blames 'root of a user namespace, before a closed bpffs' \
		'in a user namespace of its own .*may not pass /sys/fs/bpf' rootless "${attach_eth1[@]}"
	chmod 0755 /sys/fs/bpf
else
	skip 'root of a user namespace' "$(one_line "$(<"$work/err")")"
fi

# ---- seccomp ----

close_folder

for error in EPERM ENOSYS EACCES; do
	blames "a filter that says $error" "a seccomp filter answers bpf\(2\) with $error: use a profile" \
		filtered "$error" nsenter --net=/run/netns/edge "${attach_eth1[@]}"
	open_folder
	blames "a filter that says $error, and no capability" \
		"a seccomp filter answers bpf\(2\) with $error: .*; CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON missing, too" \
		as_user '' python3 "$public/seccomp.py" "$error" "${attach_eth1[@]}"
	close_folder
	attach "$config"
	for verb in status stats flows addresses detach; do
		check_fails "a filter that says $error is named by $verb" 1 \
			"a seccomp filter answers bpf\(2\) with $error: use a profile" \
			filtered "$error" nsenter --net=/run/netns/edge "$pimxdp" "$verb" eth1
	done
	check_fails "a filter that says $error is named by reload" 1 \
		"a seccomp filter answers bpf\(2\) with $error: use a profile" \
		filtered "$error" nsenter --net=/run/netns/edge "$pimxdp" reload eth1 --config "$config"
	is "a filter that says $error leaves the attached one" "$(program_mode)" native
	detach
	close_folder
done

# ---- file modes ----

attach "$config"
for verb in status stats flows addresses; do
	check_fails "$verb by another user names the mode" 1 "$pins/eth1: this user may not read it: run as root" \
		as_user "$all" "$pimxdp" "$verb" eth1
done
check_fails "detach by another user names the owner" 1 "$pins: only its owner may change it: run as user 0" \
	as_user "$all" "$pimxdp" detach eth1
chmod 0700 /sys/fs/bpf
for verb in status stats detach; do
	check_fails "$verb before a closed bpffs names it" 1 'this user may not pass /sys/fs/bpf: run as root' \
		as_user "$all" "$pimxdp" "$verb" eth1
done
chmod 0755 /sys/fs/bpf
is 'it is still attached' "$(program_mode)" native
detach
close_folder
check_fails 'a folder that cannot be made names the one above' 1 \
	"$pins: this user may not write to /sys/fs/bpf: run as root, or as user 0" \
	as_user "$all" "${attach_eth1[@]}"
finish
