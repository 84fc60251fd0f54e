#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# An Edge that is a client itself: the C library's resolver asks dnsmasq for names, by UDP and,
# when the answer is long, by TCP; curl fetches what the names lead to. By the rows that the
# example has in its comments, and without them.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

resolver=192.0.2.53 resolver6=2001:db8:2::53 web=192.0.2.80 web6=2001:db8:2::80
site=updates.example many=many.example
addresses=60 # of `many`: more than 512 bytes hold

# Nothing else of this machine's way to resolve names is used.
echo 'hosts: dns' >"$work/nsswitch.conf"
resolves() { # RESOLVER COMMAND...
	local server=$1
	shift
	printf 'nameserver %s\noptions timeout:1 attempts:%d\n' "$server" "${tries:-4}" >"$work/resolv.conf"
	# shellcheck disable=SC2016 # for the inner shell
	on_edge unshare --mount sh -c 'mount --bind "$1/resolv.conf" /etc/resolv.conf &&
		mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf && shift && exec "$@"' sh "$work" "$@"
}

# found RESOLVER NAME: how many addresses it has; 0 if there is no answer.
found() { resolves "$1" getent ahosts "$2" | awk '$2 == "STREAM"' | wc -l || :; }

# fetched RESOLVER FAMILY SCHEME: whether the file came whole, by name and over verified TLS.
fetched() {
	rm -f "$work/fetched"
	resolves "$1" timeout "$patience" curl --disable --silent --show-error --ipv"$2" --cacert "$work/web.pem" \
		--output "$work/fetched" "$3://$site/update" 2>&1 || return 1
	cmp "$work/update" "$work/fetched"
}

# The rows of the example that are comments there: `from_example NAME...`.
from_example() {
	local row
	for row in "$@"; do
		sed -n '/name = "'"$row"'"/,/}/ { s/^ *#[ ,]*//; p }' "$root/examples/partners.conf"
	done | sed '$ s/,$//'
}

peers_wire
on_internet ip address add "$resolver/32" dev net0
on_internet ip address add "$web/32" dev net0
on_internet ip address add "$resolver6/128" dev net0 nodad
on_internet ip address add "$web6/128" dev net0 nodad
# It calls from its access address, for which the rows are.
on_edge ip route replace default dev eth1 src "$edge"
on_edge ip -6 route replace default dev eth1 src "$edge6"
certificates
records=()
for ((i = 1; i <= addresses; i++)); do
	records+=(--host-record="$many,198.18.0.$i")
done
start internet dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
	--user=root --pid-file="$work/dns.pid" --bind-interfaces --listen-address="$resolver,$resolver6" \
	--host-record="$site,$web,$web6" "${records[@]}" >"$work/dns.log" 2>&1
for address in "$resolver" "$resolver6"; do
	wait_for "$patience" 'the DNS server' listening internet udp 53 "$address"
	wait_for "$patience" 'the DNS server by TCP' listening internet tcp 53 "$address"
done
head -c 3000000 /dev/urandom >"$work/update"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$work/web.key" \
	-subj "/CN=$site" -addext "subjectAltName=DNS:$site" -days 1 -out "$work/web.pem" 2>/dev/null
(cd "$work" && start internet openssl s_server -WWW -accept 443 -cert web.pem -key web.key >web.log 2>&1 &&
	start internet python3 -m http.server --bind "$web" 80 >/dev/null 2>&1 &&
	start internet python3 -m http.server --bind "$web6" 80 >/dev/null 2>&1)
wait_for "$patience" 'the web server' listening internet tcp 443
for address in "$web" "$web6"; do
	wait_for "$patience" 'the web server' listening internet tcp 80 "$address"
done

check 'no filter: the Edge fetches an update' fetched "$resolver" 4 https
is 'no filter: a name with many addresses' "$(found "$resolver" "$many")" "$addresses"

# ---- as the example has it ----

{
	sed 's|^partners = (|&\n{ name = "resolvers", addresses = [ "'"$resolver"'", "'"$resolver6"'" ] },|' "$config"
	printf 'services = (\n'
	from_example web-reply resolver-reply resolver-tcp-reply
	printf ')\n'
} >"$work/rows.conf"
attach "$work/rows.conf"
is 'attached in native mode' "$(program_mode)" native
dropped=$(driver_drops)
for server in "$resolver" "$resolver6"; do
	is "a name with two addresses, by $server" "$(found "$server" "$site")" 2
	is "a name with $addresses addresses, by $server" "$(found "$server" "$many")" "$addresses"
	for family in 4 6; do
		check "the Edge fetches an update, names by $server, IPv$family" \
			fetched "$server" "$family" https
		check "and a revocation list, by HTTP" fetched "$server" "$family" http
	done
done
is 'nothing was dropped' "$(($(driver_drops) - dropped))" 0
loader stats eth1 --json >"$work/stats.json"
for rule in web-reply resolver-reply resolver-tcp-reply; do
	check "$rule was counted" json "any(.rules[]; .rule == \"$rule\" and .leg == \"reply\"
		and .packets > 0 and .bytes > 0)" "$work/stats.json"
done
check 'the resolvers were charged' \
	json 'any(.partners[]; .partner == "resolvers" and .packets > 0)' "$work/stats.json"
is 'from these ports nobody else comes in, and a resolver opens no connection' \
	"$(fate "udp $stranger 53 $edge 5353" "udp $client 53 $edge 5353" "udp $resolver 53 $edge 5353" \
		"udp $resolver 54 $edge 5353")" 'lost lost arrived lost'
check 'nor does a web server' refused handshake internet "$web" "$edge" 3389

# ---- without the rows ----

check 'a reload takes the rows away' loader reload eth1 --config "$config"
before=$(packets drop no-service)
tries=1
is 'then no name is found' "$(found "$resolver" "$site")" 0
refused_answers() { (($(packets drop no-service) > before)); }
check 'and the answers are counted as no-service' wait_for "$patience" 'an answer' refused_answers
detach
unset tries
check 'after detach the Edge fetches again' fetched "$resolver" 4 https
finish
