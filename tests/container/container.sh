#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The agent in a container, by the commands of docs/container.md: what it needs,
# what it does, and that no packet goes unjudged while it is restarted or killed.
set -euo pipefail
# shellcheck source=../net/suite.bash
source "$(dirname -- "$0")/../net/suite.bash"
# shellcheck source=engine.bash
source "$root/tests/container/engine.bash"
# shellcheck source=verbs.bash
source "$root/tests/container/verbs.bash"
isolate "$@"
begin

image_bytes_most=4000000
user=$(sed -nE 's/^USER ([0-9]+):[0-9]+$/\1/p' "$root/deploy/container/Containerfile")
readers=60123 # a group that nobody else is in
where=$(documented run | grep -oE -- '--metrics [^ ]+' | cut -d' ' -f2)

engine_starts || {
	skip 'all of it' "$engine_why"
	finish
}

# ---- the image ----

check 'make image' engine_image
id() { podman image inspect --format '{{.Id}}' "$image"; }
first=$(id)
podman rmi --all --force >/dev/null
check 'make image again, from nothing' engine_image
is 'makes the same image, to the digest' "$(id)" "$first"
bytes=$(podman image inspect --format '{{.Size}}' "$image")
check "it is small: $bytes bytes" test "$bytes" -lt "$image_bytes_most"
podman image inspect "$image" | jq '.[0]' >"$work/image.json"
is 'one file in one layer' "$(jq '.RootFS.Layers | length' "$work/image.json")" 1
is 'a user by number, not root' "$(jq -r .User "$work/image.json")" "$user:$user"
is 'its entry point' "$(jq -c .Config.Entrypoint "$work/image.json")" '["/pimxdp"]'
label() { jq -r --arg name "org.opencontainers.image.$1" '.Labels[$name] // ""' "$work/image.json"; }
is "its version is the program's" "$(label version)" "$("$pimxdp" --version | cut -d' ' -f2)"
check 'and its tag' podman image exists "$image:$(label version)"
is 'its title' "$(label title)" pimxdp
ours="($(sed -n 's/^# SPDX-License-Identifier: //p' "$root/Makefile"))"
is 'its licenses begin with ours' "$(label licenses | cut -c "-${#ours}")" "$ours"

# ---- what it needs ----

etc=$work/etc
mkdir -p "$etc/out"
cp "$root/deploy/container/seccomp.json" "$etc"
chmod 0755 "$work" "$etc"
chmod 0777 "$etc/out"

# The documented options of a run, as an array, up to the image.
mapfile -t options < <(documented run | xargs -n 1 | sed -n '/^--network/,/^localhost/p' | sed '$d')
# container OPTION... -- VERB ARGUMENT...: in the foreground, with those options.
container() {
	local more=()
	while [[ $1 != -- ]]; do
		more+=("$1")
		shift
	done
	shift
	podman run --rm "${options[@]}" "${more[@]}" "$image" "$@"
}
# without OPTION: takes one out of the options.
without() {
	local option kept=()
	for option in "${options[@]}"; do
		[[ $option == "$1" ]] || kept+=("$option")
	done
	((${#kept[@]} == ${#options[@]} - 1)) || die "the documented command has no $1"
	options=("${kept[@]}")
}

quiet_wire
verbs_prepare "$etc"
run_documented folder

try_attach=(attach eth1 --config /etc/pimxdp/partners.conf)
refuses() { # NAME PATTERN OPTION...
	local name=$1 pattern=$2
	shift 2
	check_fails "$name" 1 "$pattern" container "$@" -- "${try_attach[@]}"
	is "$name: nothing is left" "$(pinned) $(program_mode)" ' none'
}
documented_options=("${options[@]}")
for capability in BPF NET_ADMIN PERFMON; do
	options=("${documented_options[@]/$capability/CHOWN}")
	[[ "${options[*]}" != *CHOWN,CHOWN* ]]
	refuses "without CAP_$capability" "lacks CAP_$capability:.*--cap-add"
done
options=("${documented_options[@]}")
without '--security-opt=seccomp=/etc/pimxdp/seccomp.json'
refuses "the engine's own seccomp profile" 'seccomp filter answers bpf\(2\).*--security-opt seccomp='
options=("${documented_options[@]}")
without --volume=/sys/fs/bpf/pimxdp:/sys/fs/bpf/pimxdp
refuses 'no BPF file system' '/sys/fs/bpf: expected a BPF file system'
options=("${documented_options[@]}")
chown 0:0 "$pins"
refuses "another user's folder" "$pins"
chown "$user:$user" "$pins"

# ---- every verb, confined by the profile ----

refused=''
confined() {
	local output
	output=$(container --volume="$etc/out:$etc/out" --volume="$etc:$etc:ro" -- "$@" 2>&1) ||
		refused+="$*: $(one_line "$output") "
}
every_verb "$etc" confined
is 'every verb works in a container, confined' "$refused" ''
is 'nothing is left of them' "$(pinned) $(program_mode)" ' none'
run_documented folder

# ---- the agent ----

get() { on_edge python3 "$net/get.py" "$where" "$@"; }
is_ready() { [[ $(get /readyz | sed -n 1p) == 200 ]]; }
metric() { get /metrics | awk -v name="$1" 'index($0, name " ") == 1 { print $NF }'; }
logs() { podman logs pimxdp 2>&1; }
events() { logs | grep -cE "event=$1( |\$)" || :; }
saw() { (($(events "$1") >= $2)); }
# check_saw NAME EVENT COUNT
check_saw() {
	if wait_for "$patience" "$2" saw "$2" "$3"; then
		ok "$1"
	else
		not_ok "$1" "$(logs | tail -n 3 | paste -sd' ')"
	fi
}
process() { podman inspect --format '{{.State.Pid}}' pimxdp; }

check 'the documented command starts it' run_documented run
check 'it gets ready' wait_for "$patience" readiness is_ready
is 'in native mode' "$(program_mode)" native
is 'frames are judged' "$(fate "tcp $stranger 40000 $edge 5061" "tcp $partner 40000 $edge 5061")" 'lost arrived'
transcript_now >"$work/transcript"
sed 's/^/# /' "$work/transcript" # to be put into the page when it changes
is 'the documented transcript is what one sees, but for figures' \
	"$(without_figures <"$work/transcript")" "$(transcript | without_figures)"
process_status=$(<"/proc/$(process)/status")
for line in "Uid:	$user	$user	$user	$user" 'CapEff:	0000000000000000' 'CapPrm:	000000c000001000' \
	'CapAmb:	0000000000000000' 'NoNewPrivs:	1' 'Seccomp:	2'; do
	is "confined: ${line//	/ }" "$(grep -cxF -- "$line" <<<"$process_status")" 1
done
# What the seccomp filter refuses is refused to a process that enters the container, too.
refused_call() { # NAME NUMBER
	local output
	output=$(python3 "$root/tests/container/confined_call.py" "$etc/seccomp.json" "$2" 2>&1) || :
	is "the profile refuses $1" "$output" 'Operation not permitted'
}
refused_call ptrace 101
refused_call mount 165
refused_call io_uring_setup 425
is 'and allows getpid' "$(python3 "$root/tests/container/confined_call.py" "$etc/seccomp.json" 39)" allowed

# ---- restarts under traffic ----

generation() { loader status eth1 --json | jq '.[0].generation'; }
stats_of() { jq "[$1.packets] | add // 0" "$2"; }
captured() { # NAME: what the edge's own stack was given, by the kernel's count
	awk '/received by filter/ { print $1 }' "$work/$1.tcpdump"
}
capture() { # NAME FILTER
	start edge tcpdump -B 65536 -s 60 -Q in -i eth1 -w /dev/null "$2" 2>"$work/$1.tcpdump"
	captures+=("$!")
	wait_for "$patience" tcpdump grep -q 'listening on' "$work/$1.tcpdump"
}
captures=()
capture stranger "src host $stranger"
capture partner "src host $partner"
driver=$(driver_packets)
loader stats eth1 --json >"$work/before.json"
start internet python3 "$wire" storm internet:net0 "tcp $partner 40000 $edge 5061" \
	"tcp $stranger 40000 $edge 5061" >"$work/storm"
storm=$!
wait_for "$patience" 'the storm' grep -q started "$work/storm"

stopped() { [[ $(podman inspect --format '{{.State.Running}}' pimxdp) == false ]]; }
check 'the documented command stops it' run_documented stop
check 'it has ended by itself' test "$(podman inspect --format '{{.State.ExitCode}}' pimxdp)" -eq 0
is 'the filter stays' "$(program_mode)" native
check 'the documented command starts it again' run_documented start
check 'it gets ready again' wait_for "$patience" readiness is_ready
check_saw 'it adopts what is attached' unchanged 1
kill -KILL "$(process)"
check 'killed, the container ends' wait_for "$patience" 'its end' stopped
is 'the filter stays without it' "$(program_mode)" native
run_documented start >/dev/null
check 'it gets ready once more' wait_for "$patience" readiness is_ready
podman rm --force pimxdp >/dev/null
check 'a container in its place, as an upgrade makes' run_documented run
check 'gets ready' wait_for "$patience" readiness is_ready
check_saw 'and adopts' unchanged 1

kill -TERM "$storm"
wait "$storm" || :
rounds=$(tail -n 1 "$work/storm")
# How many rounds there were depends on the machine; the last line counts them to the end.
check "a frame of each all along: $rounds" test "$rounds" -gt 100
wait_for "$patience" 'the last frame' driver_reached $((driver + 2 * rounds)) || :
loader stats eth1 --json >"$work/after.json"
kill -INT "${captures[@]}"
wait "${captures[@]}" || :
grown() { echo $(($(stats_of "$1" "$work/after.json") - $(stats_of "$1" "$work/before.json"))); }
is 'the driver handed over all' $(($(driver_packets) - driver)) $((2 * rounds))
is 'and all of it has a reason' "$(grown '.reasons[]')" $(($(driver_packets) - driver))
is "every frame of the stranger was dropped" "$(grown '.reasons[] | select(.reason == "role")')" "$rounds"
is "every frame of the partner was admitted" "$(grown '.rules[] | select(.rule == "sip-mtls-in")')" "$rounds"
is "none of the stranger's arrived" "$(captured stranger)" 0
is "all of the partner's arrived" "$(captured partner)" "$rounds"
is 'one policy all along' "$(generation)" 1

# ---- living with it ----

check 'the documented reload' run_documented reload
check_saw 'is heard' unchanged 2
sed 's/"contoso"/"renamed"/' "$config" >"$etc/new"
chmod 0644 "$etc/new"
mv "$etc/new" "$etc/partners.conf"
check_saw 'a file renamed over the configuration is loaded' reloaded 1
is 'with what it says' "$(loader addresses eth1 --role partner | awk '{ print $3 }' | sort -u)" renamed
is 'in the metrics, too' "$(metric 'pimxdp_policy_generation{interface="eth1"}')" "$(generation)"
is 'a scrape has the counters of stats' \
	"$(metric 'pimxdp_reason_packets_total{interface="eth1",reason="role",verdict="drop"}')" \
	"$(packets drop role)"
is "stats inside are root's outside" "$(run_documented stats)" "$(loader stats eth1)"
run_documented detach >/dev/null
is 'the documented end leaves nothing' "$(pinned) $(program_mode)" ' none'

# ---- readers on the host ----

chmod 0711 /sys/fs/bpf
run_documented folder
mapfile -t arguments < <(documented run | xargs -n 1 | sed -n "\|^$image|,\$p" | sed 1d)
podman run --detach --name=pimxdp "${options[@]}" --group-add="$readers" "$image" \
	"${arguments[@]}" --group "$readers" >/dev/null
check 'an agent with a group gets ready' wait_for "$patience" readiness is_ready
install -m 0755 "$pimxdp" "$etc/pimxdp"
member() {
	on_edge setpriv --reuid 65534 --regid "$readers" --clear-groups --no-new-privs \
		--inh-caps=-all --bounding-set=-all "$etc/pimxdp" "$@"
}
for verb in 'stats eth1' 'flows eth1 --json'; do
	# shellcheck disable=SC2086 # words
	is "a member of the group has root's answer: $verb" "$(member $verb 2>&1)" "$(loader $verb)"
done
check_fails 'root of the host is told whose the pins are' 1 \
	"$pins: only its owner may change it: run as user 65532" loader detach eth1
check 'as that user they are taken away, as docs/container.md says' on_edge setpriv --reuid 65532 --regid 65532 \
	--clear-groups "$etc/pimxdp" detach eth1
is 'and nothing is left' "$(pinned) $(program_mode)" ' none'
podman rm --force pimxdp >/dev/null

# ---- as Kubernetes runs it: its arguments, and a ConfigMap whose link is swapped ----

daemonset() { # EXPRESSION of the container
	python3 -c 'import sys, yaml
spec = yaml.safe_load(open(sys.argv[1]))["spec"]["template"]["spec"]
print(*eval(sys.argv[2], {"container": spec["containers"][0]}), sep="\n")' \
		"$root/deploy/kubernetes/base/daemonset.yaml" "$1"
}
volume=$work/volume
mkdir -p "$volume/..1" "$volume/..2"
cp "$root/deploy/kubernetes/base/partners.conf" "$volume/..1"
cp "$config" "$volume/..2/partners.conf"
ln -s ..1 "$volume/..data"
ln -s ..data/partners.conf "$volume/partners.conf"
chmod -R a+rX "$volume"
mapfile -t arguments < <(daemonset 'container["args"]' |
	sed "s/\$(INTERFACE)/eth1/; s/\$(HOST_IP)/${where%:*}/")
mapfile -t capabilities < <(daemonset '["--cap-add=" + name for name in container["securityContext"]["capabilities"]["add"]]')
# Its volumes: the folder as the kubelet makes it, in an empty one. Somebody else pins there, too.
rmdir "$pins/the-loaders-lock" "$pins" 2>/dev/null || :
mkdir --mode=0755 "$pins" /sys/fs/bpf/other
mapfile -t mounts < <(daemonset '["--tmpfs=" + mount["mountPath"] if mount["name"] == "around-pins"
	else "--volume=" + mount["mountPath"] + ":" + mount["mountPath"]
	for mount in container["volumeMounts"] if mount["name"] != "config"]')
podman run --detach --name=pimxdp --network=host --user=0:0 --read-only --cap-drop=all "${capabilities[@]}" \
	--security-opt=no-new-privileges --security-opt=seccomp=/etc/pimxdp/seccomp.json \
	"${mounts[@]}" --volume="$volume:/etc/pimxdp:ro" "$image" "${arguments[@]}" >/dev/null
check "the DaemonSet's arguments and capabilities make an agent" wait_for "$patience" readiness is_ready
is 'which sees nothing of what others pin' "$(ls "/proc/$(process)/root/sys/fs/bpf")" pimxdp
is 'and pins where the host sees it' "$(loader status eth1 --json | jq -r '.[0].state')" attached
rmdir /sys/fs/bpf/other
frames=("tcp $stranger 40000 $edge 5061" "tcp $partner 40000 $edge 5061")
is 'its ConfigMap observes' "$(fate "${frames[@]}")" 'arrived arrived'
is 'and counts what it would drop' "$(packets drop role)" 1
ln -s ..2 "$volume/..data_tmp"
mv -T "$volume/..data_tmp" "$volume/..data"
reloaded() { logs | jq -se 'any(.event == "reloaded" and .cause == "change" and .mode == "enforce")' >/dev/null; }
check 'a swap of its link is a reload' wait_for "$patience" 'the reload' reloaded
is 'to a policy that enforces' "$(fate "${frames[@]}")" 'lost arrived'
run_documented detach >/dev/null
mapfile -t arguments < <(documented run | xargs -n 1 | sed -n "\|^$image|,\$p" | sed 1d)

# ---- a BPF file system of the container's own ----

options=("${documented_options[@]}")
without --tmpfs=/sys/fs/bpf
without --volume=/sys/fs/bpf/pimxdp:/sys/fs/bpf/pimxdp
podman volume create --opt type=bpf --opt device=bpf private >/dev/null
podman run --detach --name=pimxdp "${options[@]}" --user=0:0 --volume=private:/sys/fs/bpf \
	"$image" "${arguments[@]}" >/dev/null
check 'with a private BPF file system it runs' wait_for "$patience" readiness is_ready
is 'and filters' "$(program_mode)" native
is 'but the host sees nothing of it' "$(loader status)" 'no filter is attached'
podman stop pimxdp >/dev/null
is 'and with the container the filter ends, as the documentation says' "$(program_mode)" none
podman rm --force pimxdp >/dev/null

# ---- real peers, and root in the container ----

ip netns del edge
ip netns del internet
peers_wire
certificates
own_certificate
cp "$config" "$etc/partners.conf"
tls_server edge 5061 -www "${mutual[@]}"
tls_server edge 443 -www
check 'before it, a stranger reaches SIP' handshake internet "$stranger" "$edge" 5061 "${own[@]}"
rmdir "$pins/the-loaders-lock" "$pins" 2>/dev/null || :
rm -rf /var/lib/pimxdp # user 65532's
run_documented folder-root
check 'the documented command for root starts it' run_documented run-root
check 'it gets ready as root' wait_for "$patience" readiness is_ready
check 'and keeps the policy for the next boot' test -s /var/lib/pimxdp/eth1.policy
check 'a partner reaches SIP over MTLS' handshake internet "$partner" "$edge" 5061 "${own[@]}"
check 'over IPv6, too' handshake internet "$partner6" "$edge6" 5061 "${own[@]}"
check 'a client reaches SIP over TLS' handshake internet "$client" "$edge" 443
check 'a stranger does not' refused handshake internet "$stranger" "$edge" 5061 "${own[@]}"
check 'it was dropped for its role' test "$(packets drop role)" -gt 0
run_documented detach >/dev/null
check 'without it, a stranger reaches SIP again' handshake internet "$stranger" "$edge" 5061 "${own[@]}"

# ---- the other runtime ----

# Its cgroups are made below one named after this test, which is removed with them.
group=/pimxdp-test.$RANDOM
leave_cgroup() { find /sys/fs/cgroup -depth -type d -path "*$group*" -exec rmdir {} + 2>/dev/null || :; }
trap leave_cgroup EXIT
options=("${documented_options[@]}")
rmdir "$pins/the-loaders-lock" "$pins" 2>/dev/null || : # root's
run_documented folder
if ! type -P runc >/dev/null; then
	skip 'under runc' 'runc is not installed'
else
	runtime=runc placement=(--pids-limit=-1 --cgroup-parent="$group")
	check 'under runc, too, confined' container -- "${try_attach[@]}"
	runtime=crun placement=(--cgroups=disabled)
	check 'it detaches what the other attached' container -- detach eth1
fi
finish
