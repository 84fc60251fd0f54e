#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Real peers on both sides of the filter, in native mode: openssl, coturn, ping.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

ping_from() { in_ns "$1" ping -q -c 2 -i 0.2 -W "$patience" -I "$2" "$3"; }

# media PLACE FROM TO MESSAGES OPTION...: coturn's client, with allocations, permissions and, but
# for -s (Send indications), channels out of all that RFC 5766 has. Every message comes back, and
# the filter drops nothing. A busy machine may lose a datagram all by itself, so a run without
# a drop is repeated.
media() {
	local place=$1 from=$2 to=$3 messages=$4 family=() output='' dropped try
	shift 4
	[[ $from != *:* ]] || family=(-x)
	dropped=$(driver_drops)
	for try in 1 2 3; do
		output=$(in_ns "$place" timeout "$patience" turnutils_uclient "${family[@]}" \
			-u peer -w secret -L "$from" "$@" "$to" 2>&1) || :
		(($(driver_drops) == dropped)) || break
		[[ $output != *"tot_send_msgs=$messages, tot_recv_msgs=$messages"* ]] || return 0
	done
	say "run $try, $(($(driver_drops) - dropped)) dropped: $(tail -n 4 <<<"$output")"
	return 1
}

# Packets that a leg of a rule admitted.
admitted() {
	loader stats eth1 --json | jq --arg rule "$1" --arg leg "$2" \
		'[.rules[] | select(.rule == $rule and .leg == $leg).packets] | add // 0'
}

# relayed FROM TO PEER OPTION...: 20 messages of each of two clients go to the peer through
# the relay and come back: the filter counts each answer once.
relayed() {
	local from=$1 to=$2 peer=$3 before count
	shift 3
	before=$(admitted relay-in forward)
	media internet "$from" "$to" 40 -n 20 -m 2 -e "$peer" -r 3480 "$@" || return
	count=$(($(admitted relay-in forward) - before))
	((count >= 40 && count % 40 == 0)) || {
		say "$count answers of the peer were counted, of 40 or a repetition"
		return 1
	}
}

# resumed FROM TO PORT VERSION: a second TLS session that resumes the first.
resumed() {
	local step answer=''
	for step in -sess_out -sess_in; do
		answer=$(printf 'GET / HTTP/1.0\r\n\r\n' | on_internet timeout "$patience" openssl s_client \
			-ign_eof "-$4" "${own[@]}" "$step" "$work/session" -bind "$1:0" -connect "$2:$3" 2>&1) || :
	done
	[[ $answer == *$'\nReused, '* && $answer == *'HTTP/1.0 200'* ]] || {
		say "${answer:-no answer}"
		return 1
	}
}

# Sends a file through a TLS connection from the client; XDP sees the data.
upload() {
	local server
	# Only digits: a Q at the start of a line would be a command to the client.
	head -c 2500000 /dev/urandom | od -An -v -tx1 >"$work/sent"
	# It ends the session when its own input ends, which this one never does.
	[[ -p $work/endless ]] || mkfifo "$work/endless"
	start edge openssl s_server -quiet -naccept 1 -accept "$edge:4443" \
		-cert "$work/peer.pem" -key "$work/peer.key" \
		<>"$work/endless" >"$work/received" 2>"$work/server.log"
	server=$!
	wait_for "$patience" "the upload server" listening edge tcp 4443
	on_internet timeout "$patience" openssl s_client -quiet -no_ign_eof -bind "$client:0" \
		-connect "$edge:4443" <"$work/sent" 2>"$work/upload.log" || :
	wait "$server" || :
	cmp "$work/sent" "$work/received"
}

peers_wire
certificates
own_certificate
tls_server edge 5061 -www "${mutual[@]}"
tls_server edge 443 -www
tls_server internet 5061 -www "${mutual[@]}"
turn_server edge 3478 "$edge_av" "$edge_av6"
for address in "$edge_av" "$edge_av6"; do
	start edge turnutils_peer -L "$address" -p 3480 >/dev/null 2>&1
	wait_for "$patience" 'the peer behind the relay' listening edge udp 3480 "$address"
	echo_server edge "$address" 50007
done
peer=192.0.2.21 peer6=2001:db8:2::21
on_internet ip address add "$peer/32" dev net0
on_internet ip address add "$peer6/128" dev net0 nodad
turn_server internet 3478 "$client" "$client6"
for address in "$peer" "$peer6"; do
	start internet turnutils_peer -L "$address" -p 3480 >/dev/null 2>&1
	wait_for "$patience" 'the peer at the other end' listening internet udp 3480 "$address"
done
for address in "$client" "$client6" "$stranger"; do
	echo_server internet "$address" 50007
done

# Everything works without the filter, so that it is to blame for what fails later.
check 'no filter: stranger reaches 5061' \
	handshake internet "$stranger" "$edge" 5061 "${own[@]}"
check 'no filter: stranger reaches 443' handshake internet "$stranger" "$edge" 443
check 'no filter: stranger reaches STUN' stun "$stranger" "$edge_av" 3478
check 'no filter: client reaches the Edge at an RTP port' \
	exchange internet "$client" "$edge_av" 50007

# The row of the example, which is a comment there.
{
	cat "$config"
	printf 'services = (\n'
	sed -n '/name = "relay-in"/,/}/ { s/^ *#[ ,]*//; p }' "$root/examples/partners.conf"
	printf ')\n'
} >"$work/relay.conf"
attach "$work/relay.conf"
is 'attached in native mode' "$(program_mode)" native

# Relayed media. In these ten runs nothing is refused, so nothing may be dropped.
for case in 'IPv4 '"$client $edge_av $peer" 'IPv6 '"$client6 $edge_av6 $peer6"; do
	read -r version from to other <<<"$case"
	check "TURN between two clients by channels, $version" \
		media internet "$from" "$to" 80 -y -n 20 -m 2
	check "TURN between two clients by Send indications, $version" \
		media internet "$from" "$to" 80 -y -s -n 20 -m 2
	check "TURN to a peer inside, $version" \
		media internet "$from" "$to" 5 -c -n 5 -e "$to" -r 3480
	check "relayed to a peer by channels, $version" relayed "$from" "$to" "$other"
	check "relayed to a peer by Send indications, $version" relayed "$from" "$to" "$other" -s
done
is 'a peer reaches the relay ports first, and a stranger does not' \
	"$(fate "udp $peer 5004 $edge_av 49152" "udp $peer6 5004 $edge_av6 65535" \
		"udp $stranger 5004 $edge_av 49152" "udp $peer 5004 $edge 49152" \
		"udp $peer 5004 $edge_av 49151")" 'arrived arrived lost lost lost'

# Without the row the clients still reach the relay, and the peer's answers do not.
check 'a reload takes the row away' loader reload eth1 --config "$config"
before=$(packets drop no-service)
check 'then the answers of a peer are refused' refused relayed "$client" "$edge_av" "$peer"
check 'and counted as no-service' test "$(packets drop no-service)" -gt "$before"
check 'the Edge is a client of a far relay, by channels, IPv4' \
	media edge "$edge_av" "$client" 80 -y -n 20 -m 2
check 'the Edge is a client of a far relay, by channels, IPv6' \
	media edge "$edge_av6" "$client6" 80 -y -n 20 -m 2

check 'TLS 5061 from a partner, IPv4' handshake internet "$partner" "$edge" 5061 "${own[@]}"
check 'TLS 5061 from a partner, IPv6' handshake internet "$partner6" "$edge6" 5061 "${own[@]}"
check 'TLS 5061 from a partner without a certificate ends at the server, not the filter' \
	grep -q 'certificate required' <(handshake internet "$partner" "$edge" 5061)
check 'TLS 5061 to a partner, IPv4' handshake edge "$edge" "$partner" 5061 "${own[@]}"
check 'TLS 5061 to a partner, IPv6' handshake edge "$edge6" "$partner6" 5061 "${own[@]}"
check 'a partner resumes its session, TLS 1.2' resumed "$partner" "$edge" 5061 tls1_2
check 'a client resumes its session, TLS 1.3' resumed "$client" "$edge" 443 tls1_3
check 'TLS 443 from a client, IPv4' handshake internet "$client" "$edge" 443
check 'TLS 443 from a client, IPv6' handshake internet "$client6" "$edge6" 443
check 'STUN from a client, IPv4' stun "$client" "$edge_av" 3478
check 'STUN from a client, IPv6' stun "$client6" "$edge_av6" 3478
check 'Edge to a client at an RTP port, IPv4' exchange edge "$edge_av" "$client" 50007
check 'Edge to a client at an RTP port, IPv6' exchange edge "$edge_av6" "$client6" 50007

before=$(packets drop role)
check 'TLS 5061 from a stranger is refused, IPv4' \
	refused handshake internet "$stranger" "$edge" 5061 "${own[@]}"
check 'TLS 5061 from a stranger is refused, IPv6' \
	refused handshake internet "$stranger6" "$edge6" 5061 "${own[@]}"
check 'TLS 5061 from a client is refused' \
	refused handshake internet "$client" "$edge" 5061 "${own[@]}"
check 'TLS 443 from a stranger is refused' refused handshake internet "$stranger" "$edge" 443
check 'STUN from a stranger is refused' refused stun "$stranger" "$edge_av" 3478
check 'each of these was counted under role' test "$(packets drop role)" -ge $((before + 5))

before=$(packets drop unsolicited)
check 'client to the Edge at an RTP port is refused' \
	refused exchange internet "$client" "$edge_av" 50007
check 'and counted as unsolicited' test "$(packets drop unsolicited)" -gt "$before"
check 'Edge to a stranger at an RTP port gets no answer' \
	refused exchange edge "$edge_av" "$stranger" 50007
before=$(packets drop no-service)
check 'TLS 443 at the A/V address is refused' refused handshake internet "$client" "$edge_av" 443
check 'and counted as no-service' test "$(packets drop no-service)" -gt "$before"

for place in edge internet; do
	in_ns "$place" ip neigh flush all
	in_ns "$place" ip -6 neigh flush all
done
before=$(packets pass arp)
check 'ping to the Edge with empty neighbour tables, IPv4' ping_from internet "$stranger" "$edge"
check 'ping to the Edge with empty neighbour tables, IPv6' ping_from internet "$stranger6" "$edge6"
check 'ARP was counted' test "$(packets pass arp)" -gt "$before"
on_edge ip neigh flush all
on_edge ip -6 neigh flush all
check 'ping from the Edge, IPv4' ping_from edge "$edge" "$client"
check 'ping from the Edge, IPv6' ping_from edge "$edge6" "$client6"

# The internet side routes to a far host over a link with a smaller MTU; the Edge learns
# of it by an ICMP error from the filtered side.
namespace far
ip link add net1 netns internet mtu 1300 type veth peer name far0 netns far mtu 1300
addresses far far0 192.0.2.99/32 2001:db8:2::99/128
on_internet ip link set net1 up
carriers internet net1 far far0
on_internet ip route add 192.0.2.99 dev net1
on_internet ip -6 route add 2001:db8:2::99 dev net1
for setting in ipv4/conf/all/forwarding ipv6/conf/all/forwarding ipv4/conf/net0/proxy_arp; do
	kernel_setting internet "net/$setting" 1
done
on_edge ip -6 route add 2001:db8:2::99 via "$client6" dev eth1 onlink
# With proxy_arp it takes a while to find a neighbour.
learnt() {
	on_edge ping -q -c 3 -i 0.2 -W 1 -M 'do' -s 1400 -I "$1" "$2" || :
	[[ $(on_edge ip route get "$2" from "$1") == *'mtu 1300'* ]]
}
for far in "$edge 192.0.2.99" "$edge6 2001:db8:2::99"; do
	read -r from to <<<"$far"
	check "path MTU is learnt, $to" wait_for "$patience" 'the path MTU' learnt "$from" "$to"
done

loader stats eth1 --json >"$work/stats.json"
for rule in 'sip-mtls-in forward' 'sip-mtls-out reply' 'sip-tls-in forward' 'rtp-out reply' \
	'stun-in forward' 'stun-out reply'; do
	read -r name leg <<<"$rule"
	check "$rule was counted" json "any(.rules[]; .rule == \"$name\" and .leg == \"$leg\"
		and .packets > 0 and .bytes > 0)" "$work/stats.json"
done
check 'the partner was charged' \
	json 'any(.partners[]; .partner == "contoso" and .packets > 0)' "$work/stats.json"
conserved

detach
check 'after detach a stranger reaches 5061 again' \
	handshake internet "$stranger" "$edge" 5061 "${own[@]}"

# Frames of 9,000 bytes, which are several buffers to the driver.
on_edge ip link set eth1 mtu 9000
on_internet ip link set net0 mtu 9000
cat "$config" - >"$work/upload.conf" <<'END'
services = ( { name = "upload", transport = "tcp", direction = "in"
	       edge = "access", peers = "client", ports = [ "4443" ] } )
END
attach "$work/upload.conf"
is 'attached in native mode with an MTU of 9000' "$(program_mode)" native
check 'a ping of 8,972 bytes comes through' \
	on_internet ping -q -c 2 -i 0.2 -W 2 -M 'do' -s 8972 -I "$client" "$edge"
check 'an upload of 8 MB comes through whole, MTU 9000' upload
on_edge ip link set eth1 mtu 1500
on_internet ip link set net0 mtu 1500
check 'an upload of 8 MB comes through whole, MTU 1500' upload
finish
