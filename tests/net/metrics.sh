#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Metrics: the numbers are those of the other outputs, promtool and Prometheus accept the
# text, and alert rules, dashboard and documentation use metrics that exist.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

exposition=$root/tests/metrics/exposition.py
text=$work/text.prom
open=$work/open.prom

# collect [INTERFACE]: both formats.
collect() {
	loader stats "$@" --prometheus >"$text"
	loader stats "$@" --openmetrics >"$open"
}

# value NAME [LABELS]: of the one sample in the text.
value() { awk -v name="$1${2:+{$2\}}" '$1 == name { print $2 }' "$text"; }

# compare INTERFACE: with stats, status and addresses.
compare() {
	collect
	loader stats "$1" --json >"$work/stats.json"
	loader status --json >"$work/status.json"
	loader addresses "$1" >"$work/addresses.txt"
	tally python3 "$exposition" report "$text" "$1" "$work/stats.json" "$work/status.json" \
		"$work/addresses.txt"
	tally python3 "$exposition" equal "$text" "$open"
	tally python3 "$exposition" strict "$open"
}

# lint FILE: no word from promtool.
lint() {
	local said
	if ! said=$(promtool check metrics <"$1" 2>&1) || [[ -n $said ]]; then
		say "${said:-no output}"
		return 1
	fi
}

traffic() {
	fate "tcp $client 40000 $edge 443" "tcp $partner 40001 $edge 5061" "tcp $partner 5061 $edge 4000 SA" \
		"tcp $stranger 40002 $edge 5061" "udp $client 40003 $edge_av 3478 0001000021122a42$(printf '%024d' 0)" \
		"tcp $client6 40004 $edge6 443" "fragments udp $client 1 $edge 9" "tcp $partner 1 $edge 22" >/dev/null
}

quiet_wire
# A second filter, that observes, in skb mode: every label value is somewhere.
second_wire() {
	on_edge ip link add eth2 type veth peer name peer2
	on_edge ip link set eth2 up
	on_edge ip link set peer2 up
	carriers edge eth2 edge peer2
}
second_wire
sed 's/^failsafe/options = { mode = "observe" }\n&/' "$config" >"$work/observe.conf"

# ---- what is not attached ----

check 'stats --prometheus of what is not attached succeeds' loader stats eth1 --prometheus
collect eth1
is 'not attached is 0' "$(value pimxdp_attached 'interface="eth1"')" 0
is 'and has its state' "$(value pimxdp_state 'interface="eth1",state="detached"')" 1
check 'and promtool takes it' lint "$text"
collect
check 'with no pins at all there is the version alone' \
	test "$(grep -vc '^#' "$text") $(grep -c '^pimxdp_build_info' "$text")" = '1 1'

# ---- the numbers ----

began=$(date +%s)
attach
collect eth1
is 'attached is 1' "$(value pimxdp_attached 'interface="eth1"')" 1
is 'a counter is there before its first packet' \
	"$(value pimxdp_reason_packets_total 'interface="eth1",reason="stun-shape",verdict="drop"')" 0
check 'attach time is now' awk -v at="$(value pimxdp_attach_timestamp_seconds 'interface="eth1"')" \
	-v began="$began" -v now="$(date +%s)" 'BEGIN { exit !(at > began - 1 && at <= now + 1) }'
traffic
compare eth1
check 'promtool finds nothing wrong with the text' lint "$text"
is 'packets of a rule, counted by hand' \
	"$(value pimxdp_rule_packets_total 'interface="eth1",rule="sip-tls-in",leg="forward"')" 2
is 'packets of a partner, counted by hand' \
	"$(value pimxdp_partner_packets_total 'interface="eth1",partner="contoso"')" 2
is 'packets of a reason, counted by hand' \
	"$(value pimxdp_reason_packets_total 'interface="eth1",reason="fragment",verdict="drop"')" 2
check 'no address is in it' bash -c "! grep -E '([0-9]+\.){3}[0-9]+\"|[0-9a-f]*:[0-9a-f:]*:' $text"

loader attach eth2 --config "$work/observe.conf" --mode skb >/dev/null
python3 "$wire" flood edge:peer2 500 1 443 5061 >/dev/null
all_counted() { [[ $(loader stats eth2 --json | jq '[.reasons[].packets] | add') == 500 ]]; }
wait_for "$patience" 'all of them' all_counted # in skb mode they wait in a queue of the CPU's
compare eth1
compare eth2
collect
check 'promtool takes two interfaces' lint "$text"
is 'each family has one head' "$(grep '^# TYPE' "$text" | sort | uniq -d)" ''
is 'one that observes' "$(grep -c '^pimxdp_policy_info{interface="eth2",.*mode="observe"} 1$' "$text")" 1

# ---- over reload, detach, and what happens to an interface ----

hash() { grep -oE '^pimxdp_policy_info\{interface="eth1",hash="[0-9a-f]{16}"' "$text"; }
before=$(value pimxdp_rule_packets_total 'interface="eth1",rule="sip-tls-in",leg="forward"') hashed=$(hash)
sed 's/"contoso"/"fabrikam"/' "$config" >"$work/other.conf"
loader reload eth1 --config "$work/other.conf" >/dev/null
compare eth1
is 'a reload keeps the counters' \
	"$(value pimxdp_rule_packets_total 'interface="eth1",rule="sip-tls-in",leg="forward"')" "$before"
is 'a reload is a generation' "$(value pimxdp_policy_generation 'interface="eth1"')" 2
check 'a reload is another hash' test -n "$hashed" -a "$(hash)" != "$hashed"
is 'a new partner begins at 0' \
	"$(value pimxdp_partner_packets_total 'interface="eth1",partner="fabrikam"')" 0
detach
attach
collect
is 'after detach and attach they begin at 0' \
	"$(value pimxdp_rule_packets_total 'interface="eth1",rule="sip-tls-in",leg="forward"')" 0
is 'and so does the generation' "$(value pimxdp_policy_generation 'interface="eth1"')" 1
traffic

on_edge ip link set eth1 down
on_edge ip link set eth1 name eth9
collect
is 'a renamed interface is not attached' "$(value pimxdp_attached 'interface="eth1"')" 0
is 'it is elsewhere' "$(value pimxdp_state 'interface="eth1",state="elsewhere"')" 1
is 'its counters are left' \
	"$(value pimxdp_rule_packets_total 'interface="eth1",rule="sip-tls-in",leg="forward"')" 2
on_edge ip link set eth9 name eth1
on_edge ip link set eth1 up
carriers edge eth1 internet net0
on_edge ip link delete peer2
collect
is 'an interface that is gone is not attached' "$(value pimxdp_attached 'interface="eth2"')" 0
is 'it is gone' "$(value pimxdp_state 'interface="eth2",state="interface-gone"')" 1
is 'it has no attach mode' "$(grep -c '^pimxdp_attach_mode{interface="eth2",.* 1$' "$text")" 0
check 'promtool takes that' lint "$text"
loader detach eth2 >/dev/null
mkdir "$pins/eth3"
collect eth3
is 'pins without a link are unfinished' "$(value pimxdp_state 'interface="eth3",state="unfinished"')" 1
is 'and not attached' "$(value pimxdp_attached 'interface="eth3"')" 0
loader detach eth3 >/dev/null

# A user that may not read the pins. The checkout may be in a folder that only root can enter.
public=$(mktemp -d)
chmod 0755 "$public"
install -m 0755 "$pimxdp" "$public/pimxdp"
status=0
in_ns edge setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all -- \
	"$public/pimxdp" stats eth1 --prometheus >"$text" 2>"$work/err" || status=$?
is 'pins that cannot be read are exit 1' "$status $(value pimxdp_read_success 'interface="eth1"')" '1 0'
is 'and nothing else is claimed' "$(grep -c '^pimxdp_attached' "$text" || :)" 0
check 'and said' grep -q '^pimxdp: .*this user may not' "$work/err"

# ---- the file ----

folder=$work/textfile
mkdir "$folder"
file=$folder/pimxdp.prom
listed() { find "$folder" -mindepth 1 -printf '%f %m %y\n' | sort | paste -sd' '; }
write() { loader stats eth1 --openmetrics --output "${1:-$file}"; }
is 'writing prints nothing' "$(umask 077 && write 2>&1)" ''
is 'the file is there, for everybody to read, and nothing else' "$(listed)" 'pimxdp.prom 644 f'
loader stats eth1 --openmetrics >"$open"
check 'and holds the text' cmp "$file" "$open"
loader stats eth1 --prometheus --output "$file"
check 'in the other format, too' lint "$file"
write

python3 "$exposition" watch "$file" >"$work/watched" &
watcher=$!
read_files() { (($(wc -l <"$work/watched") >= $1)); }
wait_for "$patience" 'the reader' read_files 1
write_more() {
	local round
	for ((round = 0; round < 150; round++)); do
		write
	done
	read_files 2
}
wait_for "$patience" 'another file to be read' write_more || :
kill "$watcher"
wait "$watcher"
read -r seen partial < <(tail -n 1 "$work/watched")
is 'a reader never sees a part' "$partial" 0
check "and saw more than one of them: $seen" test "$seen" -gt 1
is 'and nothing is left beside' "$(listed)" 'pimxdp.prom 644 f'

check_fails 'a folder is refused' 2 'textfile: expected a regular file to replace, or none, found a directory' \
	write "$folder"
check_fails 'a device is refused' 2 '/dev/null: expected a regular file' write /dev/null
check 'and is still there' test -c /dev/null
check_fails 'no name is refused' 2 'expected the name of a file' write "$folder/none/"
check_fails 'a folder that is missing is said' 1 'none/x.prom: No such file or directory' write "$folder/none/x.prom"
check_fails '--output without a format is refused' 2 'output FILE is for metrics' \
	loader stats eth1 --output "$file"
check_fails 'two formats are refused' 2 'expected one of --json, --prometheus and --openmetrics' \
	loader stats eth1 --json --prometheus
ln -s pimxdp.prom "$folder/link"
write "$folder/link"
check 'a symbolic link stays one' test "$(readlink "$folder/link")" = pimxdp.prom
rm "$folder/link"
(cd "$folder" && write here.prom)
is 'a name without a folder' "$(listed)" 'here.prom 644 f pimxdp.prom 644 f'
rm "$folder/here.prom"

# Failures at each step: the old file stays, the temporary one does not.
echo old >"$file"
untouched() { [[ $(<"$file") == old && $(listed) == 'pimxdp.prom 644 f' ]]; }
for call in fsync write fchmod renameat; do
	status=0
	on_edge strace -qq -o "$work/calls" -e trace="$call" -e inject="$call:error=EIO" \
		"$pimxdp" stats eth1 --prometheus --output "$file" 2>"$work/err" || status=$?
	is "$call fails: exit 1" "$status" 1
	check "$call fails: it did" grep -q INJECTED "$work/calls"
	[[ $call == write ]] ||
		check "$call fails: it is said" grep -q '^pimxdp: .*pimxdp\.prom: Input/output error' "$work/err"
	check "$call fails: nothing has changed" untouched
done
mkdir "$folder/full"
mount -t tmpfs -o size=4k tmpfs "$folder/full"
check_fails 'a full disk is said' 1 'x.prom: No space left on device' write "$folder/full/x.prom"
is 'a full disk: nothing is left' "$(find "$folder/full" -mindepth 1)" ''
umount "$folder/full"
rmdir "$folder/full"
# A signal that comes while the file is written. strace sends it, at that moment.
status=0
on_edge strace -qq -o "$work/calls" -e trace=fsync,openat -e inject=fsync:signal=TERM:when=1 \
	"$pimxdp" stats eth1 --prometheus --output "$file" 2>"$work/err" || status=$?
is 'a signal ends it' "$status" 143
check 'when the temporary file was there' grep -q '\.pimxdp\.[0-9a-f]*\".*O_CREAT' "$work/calls"
is 'a signal leaves no temporary file' "$(listed)" 'pimxdp.prom 644 f'
check 'and the file is whole' lint "$file"

# ---- alerts, dashboard, documentation ----

cd "$root"
check 'the alert rules are rules' promtool check rules deploy/prometheus/alerts.yaml
check 'each alert fires and does not' promtool test rules tests/metrics/alerts_test.yaml
is 'each alert is tested for both' "$(
	sed -n 's/^ *- alert: //p' deploy/prometheus/alerts.yaml | while read -r alert; do
		for end in '\[\]' '$'; do
			grep -A 2 "alertname=\"$alert\", alertstate=\"firing\"} *\$" tests/metrics/alerts_test.yaml |
				grep -q "exp_samples:.*$end" || say "$alert"
		done
	done
)" ''
"$pimxdp" metrics --json >"$work/families.json"
is 'the table of docs/metrics.md is the binary'"'"'s' "$(
	diff <(awk '/<!-- metrics:/ { on = 1 } on && /^\| `/' docs/metrics.md) \
		<(jq -r -f tests/metrics/table.jq "$work/families.json") | head -n 5
)" ''

# A real Prometheus: one job reads OpenMetrics from the agent, the other the older format
# from a file.
second_wire
loader attach eth2 --config "$work/observe.conf" --mode skb >/dev/null
traffic
where=127.0.0.1:9469
start edge "$pimxdp" run eth1 --config "$config" eth2 --config "$work/observe.conf" --metrics "$where" \
	2>"$work/agent.log"
wait_for "$patience" 'the agent' listening edge tcp "${where##*:}"
publish() { loader stats --prometheus --output "$work/metrics.txt"; }
publish
on_edge python3 "$net/get.py" "$where" /metrics GET Accept:application/openmetrics-text | tail -n +4 >"$open"
tally python3 "$exposition" strict "$open"
is 'the agent gives every metric there is' \
	"$(grep -c '^# TYPE' "$open")" "$(jq length "$work/families.json")"
start edge python3 "$exposition" serve 9467 "$work/metrics.txt" >/dev/null 2>&1
cat >"$work/prometheus.yaml" <<END
global: { scrape_interval: 2s, evaluation_interval: 1s }
rule_files: [ "$root/deploy/prometheus/alerts.yaml" ]
scrape_configs:
  - job_name: pimxdp
    static_configs: [ { targets: [ "$where" ] } ]
  - job_name: textfile
    metrics_path: /metrics.txt
    static_configs: [ { targets: [ "127.0.0.1:9467" ] } ]
END
check 'promtool takes the configuration' promtool check config "$work/prometheus.yaml"
start edge prometheus --config.file="$work/prometheus.yaml" --storage.tsdb.path="$work/tsdb" \
	--web.listen-address=127.0.0.1:9090 >"$work/prometheus.log" 2>&1
url=http://127.0.0.1:9090

# ask QUERY: the value of the one result.
ask() {
	on_edge python3 -c 'import json, sys, urllib.parse, urllib.request
answer = urllib.request.urlopen(sys.argv[1] + "/api/v1/query?query=" + urllib.parse.quote(sys.argv[2]), timeout=60)
print(*(result["value"][1] for result in json.load(answer)["data"]["result"]))' "$url" "$1"
}
answers() { [[ $(ask "$1") == "$2" ]]; }
# A scrape that takes longer than the interval fails, and takes the series away until
# the next one.
check 'both formats are scraped' wait_for "$patience" 'scrapes of both jobs' \
	answers 'min(sum_over_time(up[1m])) >= bool 3' 1
same_size() {
	local size
	size=$(ask 'count({job="pimxdp", __name__=~"pimxdp_.*", __name__!~"pimxdp_agent_.*"})')
	[[ -n $size ]] && answers 'count({job="textfile", __name__=~"pimxdp_.*"})' "$size"
}
check 'and are of one size, but for the agent' wait_for "$patience" 'as many series of both' same_size
role='pimxdp_reason_packets_total{job="textfile",interface="eth1",reason="role"}'
known() { before=$(ask "$role") && [[ -n $before ]]; }
wait_for "$patience" 'a value' known
traffic
publish
more() { answers "$role" "$((before + 1))"; }
check 'Prometheus sees what was counted' wait_for "$patience" 'the next scrape' more
wait_for "$patience" 'a pending alert' answers 'count(ALERTS{alertname="PimxdpObserving"}) > bool 0' 1 || :
tally on_edge python3 tests/metrics/queries.py "$work/families.json" "$url"
finish
