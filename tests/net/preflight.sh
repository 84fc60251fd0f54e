#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The preflight against a real host: its addresses, listeners, connections, logins, resolvers,
# time servers and ports; and that what it foretells is what then happens.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

# Files of this host, as the cases want them; the mounts are this test's own.
host=$work/host
mkdir "$host"
: >"$host/resolv.conf"
[[ -e /etc/resolv.conf ]] || die 'expected /etc/resolv.conf'
mount --bind "$host/resolv.conf" /etc/resolv.conf
mkdir "$host/etc-systemd"
if [[ -d /etc/systemd ]]; then
	mount --bind "$host/etc-systemd" /etc/systemd
	timesyncd=$host/etc-systemd/timesyncd.conf
else
	timesyncd=''
fi
mkdir "$host/none"
for place in /etc/chrony /etc/ntpsec; do
	[[ ! -d $place ]] || mount --bind "$host/none" "$place"
done
for place in /etc/chrony.conf /etc/ntp.conf; do
	[[ ! -e $place ]] || mount --bind /dev/null "$place"
done

# inspect STATUS COMMAND...: doctor's checks of eth1, kept; it ends with that status.
inspect() {
	local want=$1 status=0
	shift
	"$@" --json >"$work/doctor.json" 2>"$work/err" </dev/null || status=$?
	is "it ends with $want: ${*: -3}" "$status$(<"$work/err")" "$want"
}

states() { jq -r --arg state "$1" '[.checks[] | select(.subject == "eth1" and .state == $state).check] | join(" ")' "$work/doctor.json"; }

# talk NAMESPACE TO PORT FROM PORT NAME: a connection that stays; its other end sends when a
# line is written to the pipe NAME.
talk() {
	mkfifo "$work/$6"
	start "$1" python3 -c '
import socket, sys
source = (sys.argv[3], int(sys.argv[4]))
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), source_address=source)
open(sys.argv[5] + ".up", "w").close()
for line in open(sys.argv[5]):
    s.sendall(b"x")' "$2" "$3" "$4" "$5" "$work/$6"
	wait_for "$patience" "the connection $6" test -e "$work/$6.up"
	eval "exec {pipe_$6}>\"$work/$6\""
}

peers_wire
kernel_setting edge net/ipv4/ip_local_port_range '32768 49999'
config=$work/edge.conf
cp "$net/edge.conf" "$config"

# ---- a host that suits ----

inspect 0 loader doctor eth1 --config "$config"
is 'nothing is odd' "$(states warning)$(states problem)" ''
finds 'the addresses of the Edge are found' eth1 edge-addresses ok "^$edge, $edge_av, $edge6, $edge_av6: judged$" ''
loader attach eth1 --config "$config" >"$work/out" 2>"$work/err"
is 'attach has nothing to warn of' "$(<"$work/err")" ''
detach
loader doctor --config "$config" --json >"$work/doctor.json"
finds 'without an interface: that which has them' eth1 edge-addresses ok judged ''
check 'check --interface says it after the check' grep -q "ok  *edge-addresses  *$edge," \
	<(loader check --config "$config" --interface eth1)
check 'and the check itself' grep -q 'edge.conf: correct' <(loader check --config "$config" --interface eth1)
check_fails 'not with --print' 2 'expected --interface alone' \
	loader check --config "$config" --interface eth1 --print
check_fails 'an interface that is not there' 1 'eth9: no such interface' \
	loader check --config "$config" --interface eth9
check 'doctor of one that is not there says so once' test \
	"$(loader doctor eth9 --config "$config" | grep -c 'not in this network')" -eq 1

# ---- listeners ----

for port in 22 3389 5061; do
	echo_server edge "$edge" "$port"
done
echo_server edge 127.0.0.1 6010
certificates
tls_server edge 443 -www
on_edge python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", 161))
s.recv(1)' &
wait_for "$patience" 'the server on 161' listening edge udp 161
inspect 0 loader doctor eth1 --config "$config"
# udp 161 from the port of stun-out.
finds 'what peers reach' eth1 peer-services ok '^those whom rows list reach tcp 443, 5061; udp 161$' ''
finds 'what nobody reaches' eth1 closed-services ok '^nobody but failsafe reaches tcp 22, 3389$' ''
finds 'strangers reach nothing' eth1 open-services ok '^none' ''
sed 's|"192.0.2.0/24"|"0.0.0.0/0"|' "$config" >"$work/open.conf"
loader check --config "$work/open.conf" --interface eth1 >"$work/out" 2>/dev/null
check 'with clients everywhere they do' grep -q 'ok  *open-services  *strangers reach tcp 443$' "$work/out"
cat >>"$work/open.conf" <<'END'
services = ( { name = "dns-reply", transport = "udp", direction = "out", edge = "access", peers = "client", ports = [ "53" ] } )
END
loader check --config "$work/open.conf" --interface eth1 >"$work/out" 2>/dev/null
check 'and by a row of answers what listens on UDP' grep -q \
	'warning  *open-answers  *strangers reach udp 161, from the port of dns-reply' "$work/out"

# ---- connections ----

echo_server internet "$stranger" 8443
talk edge "$stranger" 8443 "$edge" 40000 call
talk internet "$edge" 22 "$client" 41000 login
inspect 0 loader doctor eth1 --config "$config"
finds 'a call that would be cut' eth1 connections warning "^would be cut: tcp $stranger port 8443 \\(no-service\\)$" \
	'name = "out-8443", .*direction = "out".* list '"$stranger"' in failsafe'
finds 'a login that would be cut' eth1 ssh warning "^would be cut: tcp $client to port 22 here \\(no-service\\)$" \
	"^failsafe = . addresses = . \"$client\" . .$"
loader attach eth1 --config "$config" --mode native >"$work/out" 2>"$work/err"
check 'attach warns of both' test "$(grep -cE '^pimxdp: eth1: warning: (connections|ssh): ' "$work/err")" -eq 2
dropped() { (($(packets drop no-service) > $1)); }
# shellcheck disable=SC2154 # talk has set them
for pipe in "$pipe_call" "$pipe_login"; do
	before=$(packets drop no-service)
	echo x >&"$pipe"
	check 'and it is cut' wait_for "$patience" 'a packet that is dropped' dropped "$before"
done
sed 's|^clients = .*|&\nservices = ( { name = "out-8443", transport = "tcp", direction = "out", edge = "access", peers = "client", ports = [ "8443" ] } )|
	s|"192.0.2.0/24"|&, "'"$stranger"'"|; s|"198.51.100.200"|&, "'"$client"'"|' "$config" >"$work/kept.conf"
loader reload eth1 --config "$work/kept.conf" >"$work/out" 2>"$work/err"
is 'with the row and the failsafe that it names, nothing is' "$(<"$work/err")" ''
admitted() { (($(packets pass "$1") > $2)); }
for reason in rule failsafe; do
	before=$(packets pass "$reason")
	[[ $reason != rule ]] || echo x >&"$pipe_call"
	[[ $reason != failsafe ]] || echo x >&"$pipe_login"
	check "and it goes on, by $reason" wait_for "$patience" 'a packet that passes' admitted "$reason" "$before"
done
detach

# ---- whose session this is ----

session="$client 50022 $edge 22"
SSH_CONNECTION=$session inspect 0 loader doctor eth1 --config "$config"
finds 'the session of who asks' eth1 ssh warning "this very session would be cut: from $client to 22" "\"$client\""
check 'sudo hides it in vain' grep -q 'this very session would be cut' <(SSH_CONNECTION=$session \
	bash -c 'nsenter --net=/run/netns/edge -- env -i "$@"; exit' bash \
	"$pimxdp" check --config "$config" --interface eth1)
SSH_CONNECTION=$session inspect 0 loader doctor eth1 --config "$work/kept.conf"
finds 'it would stay, by failsafe' eth1 ssh ok "this session, from $client, would stay" ''
sed '/^failsafe/d; s|^clients = .*|&\nservices = ( { name = "ssh", transport = "tcp", direction = "in", edge = "access", peers = "client", ports = [ "22" ] } )|' \
	"$config" >"$work/no-failsafe.conf"
SSH_CONNECTION=$session inspect 0 loader doctor eth1 --config "$work/no-failsafe.conf"
finds 'by a row, but without any failsafe' eth1 ssh warning 'would stay' 'there is no failsafe'
talk internet "$edge" 22 "$client" 41001 again
for odd in '' 'x' "$client 1 $edge" "$client 1 $edge 22222222222" $'\e[31m 1 2 3'; do
	SSH_CONNECTION=$odd inspect 0 loader doctor eth1 --config "$config"
	finds "a variable that is none: $(one_line "${odd@Q}")" eth1 ssh warning "^would be cut: tcp $client" ''
done

# ---- servers that are asked ----

printf 'nameserver %s\nnameserver 127.0.0.53\nnameserver %s\nnameserver fe80::1%%eth1\n' "$stranger" "$stranger6" \
	>"$host/resolv.conf"
[[ -z $timesyncd ]] || printf '[Time]\nNTP=%s time.example\n' "$stranger" >"$timesyncd"
inspect 0 loader doctor eth1 --config "$config"
finds 'resolvers' eth1 resolvers warning \
	"^would not answer: $stranger \\(/etc/resolv.conf, no-service\\), $stranger6 \\(/etc/resolv.conf, no-service\\)$" \
	'^the first: .*transport = "udp", direction = "out".*"53"'
if [[ -n $timesyncd ]]; then
	finds 'time servers' eth1 time-servers warning \
		"$stranger \\(/etc/systemd/timesyncd.conf, no-service\\), time.example \\(.*\\), whatever its addresses" '"123"'
else
	skip 'time servers' 'no /etc/systemd'
fi
loader doctor eth1 --config "$work/open.conf" --json >"$work/doctor.json" 2>/dev/null
finds 'with a row for their answers but one of IPv6' eth1 resolvers warning "^would not answer: $stranger6 \\(" ''
: >"$host/resolv.conf"
[[ -z $timesyncd ]] || rm "$timesyncd"

# ---- ports ----

kernel_setting edge net/ipv4/ip_local_port_range '32768 60999'
inspect 0 loader doctor eth1 --config "$config"
finds 'ports of calls among those of a row' eth1 port-range warning '^10,000 of the 28,232 .* of rtp-out \(50000-59999\)' \
	'^sysctl -w net.ipv4.ip_local_port_range="32768 49999";'
kernel_setting edge net/ipv4/ip_local_reserved_ports '8080,50000-59999'
inspect 0 loader doctor eth1 --config "$config"
finds 'but for those that are reserved' eth1 port-range ok 'apart from the rows' ''
kernel_setting edge net/ipv4/ip_local_reserved_ports ''

# ---- addresses ----

sed "s|\"$edge\", \"$edge6\"|\"198.51.101.10\"|; s|\"$edge_av\", \"$edge_av6\"|\"198.51.101.11\"|" "$config" >"$work/typo.conf"
inspect 1 loader doctor eth1 --config "$work/typo.conf"
finds 'addresses that are not here' eth1 edge-addresses problem \
	"nothing for eth1 would be judged: .*$edge, .* none is in edge: 198.51.101.10 \\(.*typo.conf:4\\)" \
	"nearest here: $edge for 198.51.101.10"
is 'nothing else is said of what is not judged' "$(states ok | tr ' ' '\n' | grep -c services || :)" 0
loader check --config "$work/typo.conf" --interface eth1 >/dev/null || status=$?
is 'check ends with 1, too' "${status-0}" 1
check_fails 'attach refuses' 1 'none is in edge.*or --force' loader attach eth1 --config "$work/typo.conf"
is 'and leaves nothing' "$(program_mode) $(pinned)" 'none '
loader attach eth1 --config "$config" >/dev/null 2>&1
before=$(program_id)
check_fails 'so does attach --replace' 1 'none is in edge' loader attach eth1 --config "$work/typo.conf" --replace
is 'and leaves what is there' "$(program_id) $(loader status eth1 --json | jq '.[0].generation')" "$before 1"
said() { grep -q "event=$1 " "$work/agent.log"; }
start edge "$pimxdp" run eth1 --config "$work/typo.conf" --state "$work/none" 2>"$work/agent.log"
agent=$!
check 'run says so, and goes on with what is there' wait_for "$patience" 'the event' \
	grep -q 'event=\(reload\|attach\)-failed .*none is in edge' "$work/agent.log"
is 'nor changes what is there' "$(program_id) $(loader status eth1 --json | jq '.[0].generation')" "$before 1"
kill "$agent"
wait "$agent" || :
loader reload eth1 --config "$work/typo.conf" >"$work/out" 2>"$work/err"
check 'reload warns' grep -q 'warning: edge-addresses: nothing for eth1 would be judged' "$work/err"
detach
# shellcheck disable=SC2016 # for the inner shell
check_fails 'run does not start with nothing there' 1 'none is in edge' \
	bash -c 'nsenter --net=/run/netns/edge -- timeout 60 "$@" 2>&1 |
		sed -n "s/.*event=attach-failed.* error=/pimxdp: /p" >&2
	exit "${PIPESTATUS[0]}"' bash "$pimxdp" run eth1 --config "$work/typo.conf" --state "$work/none"
is 'and leaves nothing' "$(program_mode) $(pinned)" 'none '
loader attach eth1 --config "$work/typo.conf" --force >"$work/out" 2>"$work/err"
check '--force attaches, with the warning' grep -q 'warning: edge-addresses: nothing for eth1' "$work/err"
check 'and with what stays open' grep -q 'edge-unlisted: .*tcp 22, 443, 3389, 5061; udp 161: list them' "$work/err"
detach

# The agent warns, in one event, and is forced in the same way.
on_edge ip address add 198.51.100.12/32 dev eth1
start edge "$pimxdp" run eth1 --config "$config" --detach-on-exit 2>"$work/agent.log"
agent=$!
wait_for "$patience" 'the agent' said attached
check 'run warns in one event' test "$(grep -c 'event=preflight .*edge-unlisted: 198.51.100.12: .*' "$work/agent.log")" -eq 1
cp "$work/typo.conf" "$config.new"
mv "$config.new" "$config"
check 'an edit that would judge nothing is refused' wait_for "$patience" 'the event' grep -q \
	'event=reload-failed .*none is in edge' "$work/agent.log"
kill "$agent"
wait "$agent" || :
start edge "$pimxdp" run eth1 --config "$config" --detach-on-exit --force 2>"$work/agent.log"
agent=$!
check 'run --force' wait_for "$patience" 'the agent' said attached
kill "$agent"
wait "$agent" || :
cp "$net/edge.conf" "$config"

# Behind this box.
kernel_setting edge net/ipv4/conf/eth1/forwarding 1
inspect 0 loader doctor eth1 --config "$work/typo.conf"
finds 'this box forwards, but nothing leads there' eth1 edge-addresses warning 'nothing for eth1 would be judged' ''
on_edge ip link add inside0 type veth peer name inside1
on_edge ip link set inside0 up
on_edge ip link set inside1 up
on_edge ip route add 198.51.101.0/24 dev inside0
inspect 0 loader doctor eth1 --config "$work/typo.conf"
finds 'a route leads on' eth1 edge-addresses ok 'behind this box' ''
kernel_setting edge net/ipv4/conf/eth1/forwarding 0
on_edge ip link add br0 type bridge
on_edge ip link set eth1 master br0
inspect 0 loader doctor eth1 --config "$work/typo.conf"
finds 'a bridge leads on' eth1 edge-addresses ok 'to which a bridge leads' ''
on_edge ip link set eth1 nomaster
on_edge ip address flush dev eth1
loader attach eth1 --config "$work/typo.conf" >"$work/out" 2>"$work/err"
is 'without any address there is nothing to refuse, or to warn of' "$(<"$work/err")" ''
detach
addresses edge eth1 "$edge/32" "$edge6/128" 2>/dev/null || :

# ---- what cannot be had ----

public=$(mktemp -d) # only root may be able to read the checkout
chmod 0755 "$public"
install -m 0755 "$pimxdp" "$public/pimxdp"
install -m 0644 "$config" "$public/edge.conf"
check 'it needs no privilege' grep -q 'edge-addresses .*judged' <(on_edge setpriv --reuid 65534 --regid 65534 \
	--clear-groups --inh-caps=-all --bounding-set=-all -- "$public/pimxdp" check --config "$public/edge.conf" --interface eth1)
without() { on_edge python3 "$net/seccomp.py" "EPERM:$1" "$pimxdp" "${@:2}"; }
inspect 0 without 4 doctor eth1 --config "$config"
finds 'without sock_diag the sockets are unknown' eth1 sockets warning '^unknown: sock_diag: ' 'ss -tuan'
finds 'and the addresses are not' eth1 edge-addresses ok judged ''
check 'nor is that a failure of attach' without 4 attach eth1 --config "$config" --mode skb
detach
finish
