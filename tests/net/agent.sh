#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# pimxdp run: what the agent follows, what it keeps, what it serves.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

where=127.0.0.1:9469

# run ARGUMENT...: the agent, in the background; $agent is its process, $log its output.
run() {
	log=$work/log
	: >"$log"
	start edge env "${manager[@]}" "$pimxdp" run "$@" 2>"$log"
	agent=$!
}
manager=()
ended() { ! kill -0 "$agent" 2>/dev/null; }
# stop [SIGNAL]: ends it; $status is its exit status.
stop() {
	kill "-${1:-TERM}" "$agent" 2>/dev/null || :
	status=0
	wait_for "$patience" 'the agent to end' ended
	wait "$agent" || status=$?
}
# event NAME [TEXT]: how often it is in the log.
event() { grep -E "event=$1( |$)" "$log" | grep -cF -- "${2-}" || :; }
seen() { (($(event "$1" "${3-}") >= $2)); }
# check_event NAME EVENT COUNT [TEXT]: waits for it.
check_event() {
	if wait_for "$patience" "$2" seen "$2" "$3" "${4-}" 2>/dev/null; then
		ok "$1"
	else
		not_ok "$1" "no $2 ${4-}: $(tail -n 3 "$log" | paste -sd' ')"
	fi
}
get() { on_edge python3 "$net/get.py" "$@"; }
status_of() { get "$@" | sed -n 1p; }
body() { get "$@" | tail -n +4; }
# metric NAME{LABELS}
metric() { body "$where" /metrics | awk -v name="$1" 'index($0, name " ") == 1 { print $NF }'; }
is_metric() { [[ $(metric "$1") == "$2" ]]; }
check_metric() {
	wait_for "$patience" "$2" is_metric "$2" "$3" 2>/dev/null || :
	is "$1" "$(metric "$2")" "$3"
}
generation() { loader status eth1 --json | jq '.[0].generation'; }
partners_loaded() { loader addresses eth1 --role partner | awk '{ print $3 }' | sort -u | paste -sd' '; }

quiet_wire
folder=$work/etc
mkdir "$folder"
cp "$config" "$folder/edge.conf"
conf=$folder/edge.conf

# ---- normal operation ----

# What systemd would receive. A message is lost when the queue is full; systemd makes it
# this long.
kernel_setting edge net/unix/max_dgram_qlen 512
on_edge python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True: print(s.recv(4096).decode(), flush=True)' "$work/manager" >"$work/heard" &
wait_for "$patience" 'the manager' test -S "$work/manager"
manager=(NOTIFY_SOCKET="$work/manager" WATCHDOG_USEC=400000)

run eth1 --config "$conf" --metrics "$where"
check_event 'the agent attaches' attached 1 'interface=eth1 cause=start'
is 'in native mode' "$(program_mode)" native
check 'and says that it is ready' wait_for "$patience" ready grep -qx READY=1 "$work/heard"
check 'with its status' wait_for "$patience" status grep -q '^STATUS=1 of 1 interfaces attached' "$work/heard"
check 'and that it lives' wait_for "$patience" watchdog grep -qx WATCHDOG=1 "$work/heard"
process=$(<"/proc/$agent/status")
for line in 'CapEff:	0000000000000000' 'CapPrm:	000000c000001000' 'CapInh:	0000000000000000' \
	'CapBnd:	0000000000000000' 'CapAmb:	0000000000000000' 'NoNewPrivs:	1'; do
	is "between loads it holds no more than it needs: ${line//	/ }" "$(grep -cxF -- "$line" <<<"$process")" 1
done
is '/healthz' "$(get "$where" /healthz | paste -sd'|')" '200|text/plain; charset=utf-8||ok'
is '/readyz' "$(get "$where" /readyz | paste -sd'|')" '200|text/plain; charset=utf-8||eth1: attached'
is '/metrics is Prometheus text' "$(get "$where" /metrics | sed -n '1p;2p' | paste -sd'|')" \
	'200|text/plain; version=0.0.4; charset=utf-8'
is 'or OpenMetrics, for who asks' "$(get "$where" /metrics GET 'Accept:application/openmetrics-text;version=1.0.0' |
	sed -n '1p;2p;$p' | paste -sd'|')" \
	'200|application/openmetrics-text; version=1.0.0; charset=utf-8|# EOF'
is 'frames are judged' "$(fate "tcp $stranger 40000 $edge 5061" "tcp $partner 40000 $edge 5061")" 'lost arrived'
is 'and counted the same everywhere' \
	"$(metric 'pimxdp_reason_packets_total{interface="eth1",reason="role",verdict="drop"}')" \
	"$(packets drop role)"
check_metric 'attached, by the metrics' 'pimxdp_attached{interface="eth1"}' 1

# ---- the configuration ----

kill -HUP "$agent"
check_event 'SIGHUP with the same files changes nothing' unchanged 1 cause=signal
is 'nor the generation' "$(generation)" 1
sed 's/contoso/in-place/' "$config" 1<>"$conf" # in one piece
check_event 'a file written in place is loaded' reloaded 1 cause=change
is 'with what it says' "$(partners_loaded)" in-place
sed 's/contoso/renamed/' "$config" >"$folder/new"
mv "$folder/new" "$conf"
check_event 'a file renamed over it is loaded' reloaded 2 cause=change
is 'with what it says, too' "$(partners_loaded)" renamed
check 'the manager heard of it' wait_for "$patience" 'the manager' grep -qx RELOADING=1 "$work/heard"

before=$(generation)
echo 'nonsense' >>"$conf"
check_event 'a bad configuration is refused' reload-failed 1 'edge.conf:'
is 'the policy in force stays' "$(partners_loaded) $(generation)" "renamed $before"
is 'it is still ready, and says what is wrong' "$(get "$where" /readyz |
	sed -n '1p;4s/edge.conf:.*/edge.conf/p' | sed "s|$folder/||" | paste -sd'|')" '200|eth1: attached: edge.conf'
check_metric 'the metrics have it' 'pimxdp_agent_last_reload_successful{interface="eth1"}' 0
rm "$conf"
check_event 'so is one that is missing, after a while' reload-failed 1 'expected a readable file, found none'
# The agent may look again before it hears of the change.
sed 's/contoso/back-again/' "$config" >"$folder/new"
mv "$folder/new" "$conf"
check_event 'a good one is loaded again' reloaded 3
changes=$(event reloaded cause=change)
is 'in full' "$(partners_loaded)" back-again
check_metric 'the metrics are at peace' 'pimxdp_agent_last_reload_successful{interface="eth1"}' 1
is 'the problem is forgotten' "$(body "$where" /readyz)" 'eth1: attached'

# A prefix file, and a symbolic link swapped on the way, as Kubernetes does.
mkdir "$folder/..1" "$folder/..2"
echo 203.0.113.0/24 >"$folder/..1/partner.prefixes"
echo 203.0.114.0/24 >"$folder/..2/partner.prefixes"
ln -s ..1 "$folder/..data"
ln -s ..data/partner.prefixes "$folder/partner.prefixes"
sed 's|addresses = \[ "203.0.113.0/24", .* \]|files = [ "partner.prefixes" ]|; s/contoso/filed/' "$config" >"$folder/new"
mv "$folder/new" "$conf"
check_event 'a prefix file is read' reloaded $((changes + 1)) cause=change
is 'through its links' "$(loader addresses eth1 --role partner | xargs)" 'partner 203.0.113.0/24 filed'
ln -s ..2 "$folder/..data_tmp"
mv -T "$folder/..data_tmp" "$folder/..data"
check_event 'a swap of the link is seen' reloaded $((changes + 2)) cause=change
is 'and followed' "$(loader addresses eth1 --role partner | xargs)" 'partner 203.0.114.0/24 filed'
echo 203.0.115.0/24 1<>"$folder/..2/partner.prefixes" # never empty
check_event 'so is a prefix file that changes' reloaded $((changes + 3)) cause=change
is 'alone' "$(loader addresses eth1 --role partner | xargs)" 'partner 203.0.115.0/24 filed'
cp "$config" "$folder/new"
mv "$folder/new" "$conf"
check_event 'the first policy' reloaded $((changes + 4)) cause=change

# ---- the interface ----

in_ns edge ip link del eth1
check_event 'an interface that goes is missed' '(interface-gone|waiting-for-interface)' 1
is 'it is not ready then' "$(get "$where" /readyz | sed -n '1p;4p' | paste -sd'|')" '503|eth1: waiting for the interface'
is 'but healthy' "$(status_of "$where" /healthz)" 200
check_metric 'and not attached, by the metrics' 'pimxdp_attached{interface="eth1"}' 0
quiet_wire
check_event 'one that comes back is attached' attached 1 'cause=interface'
is 'and judges' "$(fate "tcp $stranger 40000 $edge 5061" "tcp $partner 40000 $edge 5061")" 'lost arrived'
is 'and it is ready' "$(status_of "$where" /readyz)" 200

before=$(event reload-failed)
echo 'nonsense' >>"$conf"
check_event 'with a bad configuration there' reload-failed $((before + 1))
before=$(event '(interface-gone|waiting-for-interface)')
in_ns edge ip link del eth1
check_event 'it goes again' '(interface-gone|waiting-for-interface)' $((before + 1))
quiet_wire
check_event 'and comes back with the last good policy' attached 2 'cause=interface'
is 'rather than without a filter' "$(fate "tcp $stranger 40000 $edge 5061" "tcp $partner 40000 $edge 5061")" 'lost arrived'
before=$(event '(reloaded|unchanged)')
cp "$config" "$folder/new"
mv "$folder/new" "$conf"
check_event 'until the file is good' '(reloaded|unchanged)' $((before + 1))

# Another loader in the way: the agent tries again until the files' policy is in force.
exec 9<"$pins/the-loaders-lock"
flock 9
before=$(event reloaded cause=retry)
sed -i 's/contoso/tried-again/' "$conf"
check_event 'a reload that the machine refuses' reload-failed 1 'locked by another loader'
exec 9<&-
check_event 'is tried again' reloaded $((before + 1)) cause=retry
is 'until it is in force' "$(partners_loaded)" tried-again
check_metric 'and the metrics say so' 'pimxdp_agent_last_reload_successful{interface="eth1"}' 1
last_status() { [[ $(grep '^STATUS=' "$work/heard" | tail -n 1) == "STATUS=1 of 1 interfaces attached$1" ]]; }
check 'and the status' wait_for "$patience" 'the status' last_status ''

in_ns edge ip link set eth1 down
in_ns edge ip link set eth1 name eth9
check_event 'a renamed interface is told' filter-is-elsewhere 1 'now named eth9'
in_ns edge ip link set eth9 name eth1
in_ns edge ip link set eth1 up
check_event 'and back' filter-is-back 1
in_ns edge ip link set eth1 down
in_ns edge ip link set eth1 name eth9
check_event 'away again' filter-is-elsewhere 2
before=$(event waiting-for-interface)
sed -i 's/tried-again/while-away/' "$conf"
check_event 'a policy that is loaded meanwhile' waiting-for-interface $((before + 1))
in_ns edge ip link set eth9 name eth1
in_ns edge ip link set eth1 up
check_event 'is not lost' reloaded 1 cause=interface
is 'and is in force' "$(partners_loaded)" while-away

# Gone and back while the agent does not look, with another program attached.
foreign_program
kill -STOP "$agent"
in_ns edge ip link del eth1
quiet_wire
on_edge ip link set dev eth1 xdpgeneric obj "$work/foreign.o" sec xdp
kill -CONT "$agent"
check_event "another's program on an interface that came back" attach-failed 1 'another XDP program'
is 'it is not ready then' "$(get "$where" /readyz | sed -n '1p;4s/: eth1.*//p' | paste -sd'|')" '503|eth1: failed'
on_edge ip link set dev eth1 xdpgeneric off
check_event 'until that is off' attached 1 cause=retry

sed 's/contoso/by-hand/' "$config" >"$folder/other.conf"
loader reload eth1 --config "$folder/other.conf" >/dev/null
check_event 'a reload by hand is told' reloaded-by-hand 1 'other.conf'
is 'and is not undone' "$(partners_loaded)" by-hand

loader detach eth1 >/dev/null
in_ns edge ip link set eth1 mtu 1400
check_event 'who detaches by hand has his will' detached-by-another 1
is 'and is not locked out again' "$(program_mode)" none
is 'it is not ready then, too' "$(status_of "$where" /readyz)" 503
kill -HUP "$agent"
check_event 'until told otherwise' attached 1 cause=signal

# ---- HTTP ----

is 'a page that is none' "$(get "$where" /nothing | sed -n '1p;4p' | paste -sd'|')" \
	'404|pimxdp serves /metrics /healthz /readyz'
is 'the first page' "$(status_of "$where" /)" 200
is 'HEAD' "$(status_of "$where" /metrics HEAD)" 200
for method in POST PUT DELETE OPTIONS; do
	is "$method is refused" "$(status_of "$where" /metrics "$method" | sed 's/501/405/')" 405
done
is 'a header of 100,000 bytes is refused' "$(status_of "$where" /metrics GET "X:$(printf 'x%.0s' {1..100000})")" 400
is 'what is no HTTP is refused' "$(get "$where" raw '\x16\x03\x01\x00\xa5\r\n\r\n' | grep -c 200 || :)" 0
# idle_connections: two hundred, until $idle is killed.
idle_connections() {
	: >"$work/idle"
	start edge python3 -c '
import signal, socket
idle = [socket.socket() for _ in range(200)]
for one in idle:
    one.setblocking(False)  # some may have to wait
    one.connect_ex(("127.0.0.1", 9469))
print(len(idle), flush=True)
signal.pause()' >"$work/idle"
	idle=$!
	wait_for "$patience" 'idle connections' grep -q 200 "$work/idle"
	wait_for "$patience" 'the agent to take them' taken
}
# Nothing waits in the backlog: Recv-Q of the listening socket.
taken() { [[ $(on_edge ss --no-header --listening --tcp --numeric "sport = :${where##*:}" | awk '{ print $2 }') == 0 ]]; }
idle_connections
is 'two hundred idle connections keep nobody out' "$(status_of "$where" /healthz)" 200
kill "$idle"
# Nor do they block a reload when they take every descriptor they can get.
prlimit --pid "$agent" --nofile=200:
idle_connections
before=$(event reloaded cause=change)
sed -i 's/while-away/not-starved/' "$conf"
check_event 'idle connections keep no reload out' reloaded $((before + 1)) cause=change
is 'nor any of it' "$(partners_loaded)" not-starved
kill "$idle"
answers() { [[ $(status_of "$where" /healthz 2>/dev/null) == 200 ]]; }
check 'and are forgotten' wait_for "$patience" 'an answer' answers
prlimit --pid "$agent" --nofile=8:
before=$(event reloaded cause=retry)
sed -i 's/not-starved/read-later/' "$conf"
check_event 'a file that cannot be read for want of descriptors' reload-failed 1 'Too many open files'
prlimit --pid "$agent" --nofile=200:
check_event 'is read later' reloaded $((before + 1)) cause=retry
is 'in full' "$(partners_loaded)" read-later
ready() { [[ $(body "$where" /readyz) == 'eth1: attached' ]]; }
check 'and the problem is forgotten' wait_for "$patience" 'readiness' ready
is 'the agent is alive' "$(ended && echo ended || echo alive)" alive
check 'no line of the log lacks its event' test "$(grep -vcE '^time=[^ ]+Z level=(info|warning|error) event=[a-z-]+( |$)' "$log")" -eq 0

run_first=$agent log_first=$log
log=$work/log2
status=0
on_edge "$pimxdp" run eth1 --config "$conf" --metrics "$where" 2>"$log" || status=$?
is 'a port that is taken' "$status $(event failed 'another process does')" '1 1'
agent=$run_first log=$log_first

# ---- the end ----

id=$(program_id)
stop
is 'SIGTERM ends it well' "$status $(event stopped filter_stays=true)" '0 1'
check 'the manager heard of it, too' wait_for "$patience" 'the manager' grep -qx STOPPING=1 "$work/heard"
is 'the filter stays' "$(program_id)" "$id"
manager=()
run eth1 --config "$conf" --metrics "$where" --log-format json
wait_for "$patience" 'the agent' grep -q '"event":"unchanged"' "$log"
is 'another adopts it as it is' "$(program_id)" "$id"
check 'JSON: a line an event' jq -es 'length >= 2 and all(.[]; .time and .level and .event)' "$log"
stop KILL
is 'killed, it leaves the filter' "$(program_id)" "$id"
other_schema
link=$(on_edge bpftool --json link show pinned "$pins/eth1/link" | jq .id)
run eth1 --config "$conf" --detach-on-exit
check_event 'and another adopts it, of whatever schema' replaced 1 from_schema=200
is 'by the same link' "$(loader status eth1 --json | jq '.[0].link_id')" "$link"
stop
is 'and takes it off, when told so' "$status $(program_mode) $(pinned)" '0 none '

sed 's|^partners = (|& { name = "nobody", addresses = [ ] },|' "$config" >"$folder/warned.conf"
sleep 0.1 # a file of this tick would be read again
run eth1 --config "$folder/warned.conf"
check_event 'a configuration is warned of' config-warning 1 '\"nobody\" has no addresses'
check_event 'and attached' attached 1 cause=start
is 'and is read once: one warning' "$(event config-warning)" 1
loader detach eth1 >/dev/null
stop

# ---- copies of flows, for tools that read maps ----

copied() { on_edge bpftool map dump pinned "$pins/eth1/pim_flows" | grep -c "\"$1\""; }
copied_at() {
	on_edge bpftool --json map dump pinned "$pins/eth1/pim_info" | jq '.[0].formatted.value.flows_copied_ns'
}
is_newer() { [[ $(copied_at) != "$1" ]]; }
run eth1 --config "$conf" --copy-flows 1
check_event 'attached, copies each second' attached 1
is 'a flow' "$(fate "tcp $partner 40000 $edge 5061")" arrived
check 'is copied without anybody asking' wait_for "$patience" 'the copy' copied "$partner"
before=$(copied_at)
check 'and again, though nothing happens' wait_for "$patience" 'another copy' is_newer "$before"
sed 's/contoso/other-name/' "$config" 1<>"$conf"
check_event 'another policy' reloaded 1
is 'a flow by its new name' "$(fate "tcp $partner 40001 $edge 5061")" arrived
check 'is copied, too' wait_for "$patience" 'the copy' copied other-name
loader detach eth1 >/dev/null
check_event 'taken off' detached-by-another 1
loader attach eth1 --config "$config" --mode native >/dev/null
is 'a flow of the filter that came after' "$(fate "tcp $client 40002 $edge 443")" arrived
check 'is copied, too, from the new maps' wait_for "$patience" 'the copy' copied "$client"
is 'and no other' "$(on_edge bpftool --json map dump pinned "$pins/eth1/pim_flows" | jq length)" 1
is 'no copy failed' "$(event copy-failed)" 0
stop
loader detach eth1 >/dev/null

# ---- where it cannot start ----

# cannot STATUS TEXT ARGUMENT...
cannot() {
	local name="cannot start: $2" want=$1 text=$2
	shift 2
	status=0
	log=$work/log
	on_edge timeout "$patience" "$pimxdp" run "$@" --state "$work/nothing-kept" 2>"$log" || status=$?
	is "$name" "$status $(grep -F -- "$text" "$log" | grep -vc last-good-not-kept)" "$want 1"
}
cannot 2 'expected 0 to 86400 seconds after --copy-flows, found 86401' eth1 --config "$conf" --copy-flows 86401
cannot 2 'expected a number after --copy-flows' eth1 --config "$conf" --copy-flows x
echo nonsense >"$folder/bad.conf"
cannot 2 'bad.conf:1:' eth1 --config "$folder/bad.conf"
cannot 2 'expected --config FILE after eth1' eth1
cannot 2 'expected --shrink 0 to 100' eth1 --config "$conf" --shrink 101
cannot 2 'expected INTERFACE' --config "$conf"
cannot 2 "found 'eth1' twice" eth1 --config "$conf" eth1 --config "$conf"
cannot 2 'has a --config already' eth1 --config "$conf" --config "$conf"
for address in 9469 localhost:9469 127.0.0.1: 127.0.0.1:0 127.0.0.1:65536 127.0.0.1:80x ::1:80 '[::1]' unix:; do
	cannot 2 "found '$address'" eth1 --config "$conf" --metrics "$address"
done
for name in a/b '' . sixteen-letters-; do
	cannot 2 "expected an interface name, found '$name'" "$name" --config "$conf"
done
cannot 2 "found 'xml'" eth1 --config "$conf" --log-format xml
is 'and nothing is left' "$(program_mode) $(pinned)" 'none '

ip link add eth2 netns edge type veth peer name net2 netns internet
in_ns edge ip link set eth2 up
cp "$config" "$folder/second.conf"
# The loopback driver does not run XDP.
cannot 1 'event=failed' eth1 --config "$conf" lo --config "$folder/second.conf" --mode native
is 'what was attached before the one that failed comes off again' "$(program_mode) $(pinned)" 'none '

# ---- two interfaces, a socket file, readers ----

socket=$work/agent.sock
python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$socket" # stale
run eth1 --config "$conf" eth2 --config "$folder/second.conf" --metrics "unix:$socket" --group 60123
check_event 'two interfaces' attached 2
is 'a socket file' "$(get "unix:$socket" /readyz | tail -n +4 | paste -sd'|')" 'eth1: attached|eth2: attached'
is 'for the group' "$(stat -c '%a %g' "$socket")" '660 60123'
is 'as are the pins' "$(stat -c '%a %g' "$pins/eth2/pim_rules")" '640 60123'
sed -i 's/contoso/second/' "$folder/second.conf"
check_event 'each follows its own file' reloaded 1 'interface=eth2'
is 'alone' "$(event reloaded interface=eth1)" 0
is 'every family once' "$(body "unix:$socket" /metrics | grep '^# TYPE' | sort | uniq -d)" ''
stop
is 'the socket file is gone' "$(test -e "$socket" && echo there || echo gone)" gone

# Whatever the umask, and slowly: others may never connect, not even briefly.
umask 0
start edge strace -qq -o "$work/calls" \
	-e inject=chmod,fchmodat,?fchmodat2,chown,lchown,fchownat:delay_enter=500000 "$pimxdp" run eth3 --config "$conf" \
	--metrics "unix:$socket" --group 60123 2>"$work/log"
tracer=$!
umask 022
modes() { [[ ! -e $socket ]] || stat -c '%a %g' "$socket" >>"$work/modes"; }
shared() { modes && grep -qx '660 60123' "$work/modes"; }
check 'a socket file that is made slowly' wait_for "$patience" 'the group' shared
is 'is never for others' "$(sort -u "$work/modes" | grep -vxE '600 0|600 60123|660 60123' || :)" ''
kill "$(pgrep -P "$tracer")"
wait "$tracer" || :

run eth3 --config "$conf" --metrics "$where"
check_event 'an interface that is not there yet is waited for' waiting-for-interface 1
ip link add eth3 netns edge type veth peer name net3 netns internet
check_event 'and attached when it comes' attached 1 'interface=eth3 cause=interface'
stop

# ---- a container, with the folder of the pins mounted into it ----

loader detach eth1 >/dev/null
mkdir -p "$pins" "$work/held"
# shellcheck disable=SC2016 # for the inner shell
start edge unshare --mount bash -c 'mount --bind "$1" "$2" && mount -t tmpfs none /sys/fs/bpf && mkdir "$1" &&
	mount --bind "$2" "$1" && exec "${@:3}"' - "$pins" "$work/held" "$pimxdp" run eth1 --config "$conf" 2>"$log"
agent=$!
check_event 'an agent in a container' attached 1 cause=start
loader detach eth1 >/dev/null
kill -HUP "$agent"
check_event 'after a detach on the host attaches again at SIGHUP' attached 1 cause=signal
is 'and the host sees it' "$(loader status eth1 --json | jq -r '.[0].state')" attached
stop

# ---- with nothing to go on with ----

rm -f "$STATE_DIRECTORY"/*.policy
echo nonsense >>"$conf"
run eth1 --config "$conf" --metrics "$where"
check_event 'a bad configuration, with a filter there and none kept' reload-failed 1 cause=start
in_ns edge ip link del eth1
check_event 'its interface goes' '(interface-gone|waiting-for-interface)' 1
quiet_wire
check_event 'one that comes back open is told' attach-failed 1 cause=interface
is 'and not called absent' "$(get "$where" /readyz | sed -n '1p;4s/failed: .*/failed/p' | paste -sd'|')" '503|eth1: failed'
cp "$config" "$conf"
check_event 'a good one is attached' attached 1
is 'it came back once' "$(event interface-is-back)" 1

# ---- with nowhere to look ----

umount --lazy /sys/fs/bpf
check_event 'without a BPF file system here' unreadable 1
is 'nobody can say that it is attached' "$(get "$where" /readyz | sed -n '1p;4s/unknown: .*/unknown/p' | paste -sd'|')" '503|eth1: unknown'
is 'the agent is well' "$(status_of "$where" /healthz)" 200
stop
finish
