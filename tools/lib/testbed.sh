# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # most variables are for those that source this
#
# An Edge and its internet in two network namespaces, real peers in them, and
# functions that query the filter in between: for tools/demo and the network tests.
# Once inside isolate(), the script sets $work to a folder to write to.

# shellcheck source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

work=''
wire=$root/tools/lib/wire.py
edge=198.51.100.10 edge_av=198.51.100.11
edge6=2001:db8:10::10 edge_av6=2001:db8:10::11
partner=203.0.113.10 partner6=2001:db8:c0de::10
stranger=198.51.100.77 stranger6=2001:db8:77::77
client=192.0.2.20 client6=2001:db8:2::20

# ---- the wire ----

# A veth pair, eth1 in namespace edge and net0 in namespace internet, with these
# addresses. Neither side is a router: each finds every address of the other on
# the link.
peers_wire() {
	namespace edge
	namespace internet
	ip link add eth1 netns edge type veth peer name net0 netns internet
	addresses edge eth1 "$edge/32" "$edge_av/32" "$edge6/128" "$edge_av6/128"
	addresses internet net0 "$partner/32" "$stranger/32" "$client/32" \
		"$partner6/128" "$stranger6/128" "$client6/128"
	carriers edge eth1 internet net0
}

# carriers {NAMESPACE INTERFACE}...: waits until the kernel sees a carrier on both ends
# of a wire, which takes it a moment. Until then it silently drops what is sent.
carriers() {
	while (($# > 0)); do
		wait_for "$patience" "the carrier of $2" has_carrier "$1" "$2"
		shift 2
	done
}
has_carrier() { [[ $(in_ns "$1" ip -json link show dev "$2" | jq -r '.[0].operstate') == UP ]]; }

# kernel_setting NAMESPACE NAME VALUE: what sysctl does, which may not be installed.
kernel_setting() {
	# shellcheck disable=SC2016 # for the inner shell
	in_ns "$1" sh -c 'printf "%s\n" "$2" >"/proc/sys/$1"' sh "$2" "$3"
}

# addresses NAMESPACE INTERFACE PREFIX...
addresses() {
	local place=$1 interface=$2 address nodad
	shift 2
	for address in "$@"; do
		nodad=()
		[[ $address != *:* ]] || nodad=(nodad)
		in_ns "$place" ip address add "$address" dev "$interface" "${nodad[@]}"
	done
	in_ns "$place" ip link set "$interface" up
	in_ns "$place" ip route add default dev "$interface"
	in_ns "$place" ip -6 route add default dev "$interface"
}

on_edge() { in_ns edge "$@"; }
on_internet() { in_ns internet "$@"; }
loader() { in_ns edge "$pimxdp" "$@"; }

# The ID of the XDP program on an interface of the Edge, or nothing.
program_id() {
	on_edge ip -json -details link show dev "${1:-eth1}" | jq -r '.[0].xdp.prog.id // empty'
}

# native | skb | none
program_mode() {
	on_edge ip -json -details link show dev "${1:-eth1}" |
		jq -r '.[0].xdp.mode // 0 | {"0": "none", "1": "native", "2": "skb"}[tostring]'
}

# packets VERDICT REASON
packets() {
	loader stats eth1 --json | jq --arg verdict "$1" --arg reason "$2" \
		'[.reasons[] | select(.verdict == $verdict and .reason == $reason).packets] | add // 0'
}

# fate FRAME...: "arrived", "lost" or "part" for each, on one line.
fate() { python3 "$wire" probe internet:net0 edge:eth1 "$@" | cut -d' ' -f1 | paste -sd' '; }

# ---- real peers ----

# A certificate authority and one certificate for all, valid for a day.
certificates() {
	local subject
	for subject in authority peer; do
		openssl ecparam -name prime256v1 -genkey -noout -out "$work/$subject.key" 2>/dev/null
	done
	openssl req -x509 -new -key "$work/authority.key" -subj /CN=authority -days 1 \
		-out "$work/authority.pem" 2>/dev/null
	openssl req -new -key "$work/peer.key" -subj /CN=peer 2>/dev/null |
		openssl x509 -req -CA "$work/authority.pem" -CAkey "$work/authority.key" \
			-CAcreateserial -days 1 -out "$work/peer.pem" 2>/dev/null
}

# tls_server NAMESPACE PORT [OPTION...]: listens on every address of both families. The
# first option says what it does with a connection: -www answers with a page about the
# session, -rev sends each line back reversed.
tls_server() {
	local place=$1 port=$2
	shift 2
	start "$place" openssl s_server -accept "$port" -cert "$work/peer.pem" \
		-key "$work/peer.key" -CAfile "$work/authority.pem" "$@" >"$work/tls-$port.log" 2>&1
	wait_for "$patience" "the TLS server on $port" listening "$place" tcp "$port"
}

# Options for a server that demands a certificate, and for a client that presents one.
mutual=(-Verify 1 -verify_return_error)
own_certificate() { own=(-cert "$work/peer.pem" -key "$work/peer.key"); }
own=()

# handshake NAMESPACE FROM TO PORT [OPTION...]: a TLS handshake and an answer
# over it from a -www server, within `patience`.
handshake() {
	local place=$1 from=$2 to=$3 port=$4 answer
	shift 4
	answer=$(printf 'GET / HTTP/1.0\r\n\r\n' | in_ns "$place" timeout "$patience" \
		openssl s_client -quiet -verify_return_error -CAfile "$work/authority.pem" \
		-bind "$(bracket "$from"):0" -connect "$(bracket "$to"):$port" "$@" 2>&1) || :
	[[ $answer == *'HTTP/1.0 200'* ]] || {
		say "${answer:-no answer}"
		return 1
	}
	grep -o -m 1 'TLSv[0-9.]*' <<<"$answer"
}

# refused COMMAND...: succeeds when the command fails although it had time, and the
# driver has dropped a frame on the filter's verdict meanwhile. If no frame was dropped
# within that time, it gets more.
refused() {
	local before patience longest=$patience
	before=$(driver_drops)
	for patience in 1.5 10 "$longest"; do
		! "$@" || return 1
		(($(driver_drops) == before)) || return 0
	done
	say 'nothing was dropped'
	return 1
}

# Frames that the XDP program of eth1 dropped in native mode, by the driver's count.
driver_drops() {
	on_edge ethtool -S eth1 | awk '/rx_queue_[0-9]+_xdp_drops:/ { sum += $2 } END { print sum + 0 }'
}

bracket() { if [[ $1 == *:* ]]; then printf '[%s]' "$1"; else printf '%s' "$1"; fi; }

# turn_server NAMESPACE PORT ADDRESS...: coturn, relaying from the same addresses.
turn_server() {
	local place=$1 port=$2 address listen=()
	shift 2
	for address in "$@"; do
		listen+=(--listening-ip "$address" --relay-ip "$address")
	done
	start "$place" turnserver -n "${listen[@]}" --listening-port "$port" --no-tls --no-dtls \
		--no-cli --no-rfc5780 --lt-cred-mech --user peer:secret --realm edge --userdb "$work/turn.db" \
		--pidfile "$work/turn.pid" --log-file stdout --simple-log >"$work/turn.log" 2>&1
	for address in "$@"; do
		wait_for "$patience" "the TURN server" listening "$place" udp "$port" "$address"
	done
}

# stun FROM TO PORT: a binding request, and the address that the server saw.
stun() {
	on_internet timeout "$patience" turnutils_stunclient -L "$1" -p "$3" "$2" |
		sed -n 's/.*reflexive addr: */reflexive address /p' | grep -m 1 .
}

# A TCP server that sends back what it gets: echo_server NAMESPACE ADDRESS PORT,
# and one exchange with it: exchange NAMESPACE FROM TO PORT.
echo_server() {
	start "$1" python3 "$wire" listen "$2" "$3" >/dev/null 2>&1
	wait_for "$patience" "the echo server on $3" listening "$1" tcp "$3" "$2"
}
exchange() { in_ns "$1" timeout "$patience" python3 "$wire" connect "$3" "$4" "$2"; }
