#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The command line from outside: exit statuses, what goes to stdout and what to
# stderr, replay, and what make installs and rebuilds.
set -euo pipefail
# shellcheck source=../net/suite.bash
source "$(dirname -- "$0")/../net/suite.bash"
isolate "$@"
begin
cd "$work"
cp "$config" edge.conf

# run NAME STATUS COMMAND...: runs it with its output in ./out and ./err.
run() {
	local name=$1 want=$2 status=0
	shift 2
	"$@" >out 2>err </dev/null || status=$?
	if ((status == want)); then
		ok "$name"
	else
		not_ok "$name" "exit $status instead of $want: $* -- $(one_line "$(<err)")"
	fi
}

# same NAME FILE EXPECTED-FILE
same() {
	local difference
	if difference=$(diff "$3" "$2"); then
		ok "$1"
	else
		not_ok "$1" "$(one_line "$difference")"
	fi
}

silent() { is "$1 says nothing on stderr" "$(<err)" ''; }
no_output() { is "$1 prints nothing on stdout" "$(<out)" ''; }

# says NAME PATTERN: one line on stderr, marked as pimxdp's, matches.
says() {
	if [[ $(wc -l <err) == 1 ]] && [[ $(<err) == 'pimxdp: '* || $2 == '^wrong'* ]] && grep -Eq -- "$2" err; then
		ok "$1"
	else
		not_ok "$1" "one line with /$2/ was expected: $(one_line "$(<err)")"
	fi
}

# ---- captures ----

# dump FRAME...: frames as text2pcap reads them. A FRAME is one of wire.py's, or
# "arp FROM TO", or "hex BYTES".
dump() {
	python3 - "$root/tools/lib" "$@" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import wire
addresses = bytes.fromhex("0e00000000010e0000000002")
for text in sys.argv[2:]:
    kind, _, rest = text.partition(" ")
    if kind == "hex":
        frames = [bytes.fromhex(rest)]
    elif kind == "arp":
        frames = [addresses + wire.ethernet(wire.ARP, wire.arp(*rest.split()))]
    else:
        frames = [addresses + frame for frame in wire.frames(text)]
    for frame in frames:
        for at in range(0, len(frame), 16):
            print("%06x  %s" % (at, frame[at:at + 16].hex(" ")))
END
}

# capture FORMAT DUMP FILE [OPTION...]; text2pcap prints even when told to be quiet.
capture() {
	text2pcap -q -F "$1" "${@:4}" "$2" "$3" >text2pcap.log 2>&1 || {
		cat text2pcap.log
		return 1
	}
}

# line NUMBER VERDICT REASON RULE LEG LENGTH "FRAME": what replay --json prints of the frame.
# Its addresses and ports are there as far as they were read before the decision.
line() {
	local rule=\"$4\" leg=\"$5\" words protocol=null from=null to=null from_port=null to_port=null
	[[ $4 != - ]] || rule=null leg=null
	read -ra words <<<"$7"
	while [[ ${words[0]} == vlan* || ${words[0]} == short || ${words[0]} =~ ^[0-9]+$ ]]; do
		words=("${words[@]:1}")
	done
	case $3 in
	arp | truncated) ;;
	*)
		protocol=\"${words[0]}\" from=\"${words[1]}\" to=\"${words[3]}\"
		case $3 in
		rule | role | unsolicited | no-service | stun-shape) from_port=${words[2]} to_port=${words[4]} ;;
		esac
		;;
	esac
	printf '{"packet":%d,"verdict":"%s","reason":"%s","rule":%s,"leg":%s,"length":%d,' \
		"$1" "$2" "$3" "$rule" "$leg" "$6"
	printf '"protocol":%s,"source":%s,"source_port":%s,"destination":%s,"destination_port":%s}\n' \
		"$protocol" "$from" "$from_port" "$to" "$to_port"
}

binding=000100002112a442000102030405060708090a0b
frames=() expected=()
# frame "FRAME" VERDICT REASON RULE LEG LENGTH
frame() {
	frames+=("$1")
	expected+=("$(line "${#frames[@]}" "${@:2}" "$1")")
}
frame "tcp $partner 40000 $edge 5061" pass rule sip-mtls-in forward 54
frame "tcp $stranger 40000 $edge 5061" drop role sip-mtls-in forward 54
frame "tcp $partner 5061 $edge 40000 SA" pass rule sip-mtls-out reply 54
frame "tcp $partner 5061 $edge 40000" drop unsolicited sip-mtls-out reply 54
frame "tcp $client 40000 $edge 443" pass rule sip-tls-in forward 54
frame "vlan 5 vlan-ad 6 tcp $client6 40000 $edge6 443" pass rule sip-tls-in forward 82
frame "tcp $client 50000 $edge_av 40000 PA" pass rule rtp-out reply 54
frame "tcp $client 40000 $edge_av 59999 A" pass rule rtp-out reply 54
frame "udp $client 40000 $edge_av 3478 $binding" pass rule stun-in forward 62
frame "udp $client 3478 $edge_av 40000 $binding" pass rule stun-out reply 62
frame "udp $client 40000 $edge_av 3478 ffffffff" drop stun-shape stun-in forward 46
frame "tcp $client 40000 $edge 80" drop no-service - - 54
frame "tcp $client 40000 $edge_av 443" drop no-service - - 54
frame "short udp $client 40000 $edge_av 3478 $binding" drop fragment - - 54
frame "tcp $stranger 40000 203.0.113.1 80" pass not-edge - - 54
frame "tcp $edge 40000 $edge 443" drop martian - - 54
frame "tcp 198.51.100.200 40000 $edge 22" pass failsafe - - 54
frame "tcp $client 40000 $edge 443 SF" drop tcp-flags - - 54
frame "arp $partner $edge" pass arp - - 42
frame "hex 0e00000000010e000000000208" drop truncated - - 13
printf '%s\n' "${expected[@]}" >expected
passes=$(grep -c '"pass"' expected)

dump "${frames[@]}" >frames.txt
capture pcap frames.txt all.pcap
capture pcapng frames.txt all.pcapng
editcap -F nsecpcap all.pcap all.nsec

# ---- exit statuses ----

run '--help ends with 0' 0 "$pimxdp" --help
silent --help
run '--version ends with 0' 0 "$pimxdp" --version
is '--version is the version of make' "$(cut -d' ' -f1,2 out)" \
	"pimxdp $(make --no-print-directory -s -C "$root" print-version)"
run 'no command ends with 2' 2 "$pimxdp"
no_output 'no command'
verbs=$("$pimxdp" --help | sed -nE 's/^  ([a-z]+) .*/\1/p')
check 'the program has verbs' test "$(wc -l <<<"$verbs")" -gt 10
for verb in $verbs; do
	run "$verb --help ends with 0" 0 "$pimxdp" "$verb" --help
	run "$verb --bogus ends with 2" 2 "$pimxdp" "$verb" --bogus
	no_output "$verb --bogus"
done
run 'an unknown command ends with 2' 2 "$pimxdp" bogus
run 'a capture that is missing ends with 1' 1 "$pimxdp" replay missing.pcap --config edge.conf --json
no_output 'a capture that is missing'
says 'a capture that is missing is named' 'missing\.pcap: .*No such file'
run 'stats of what is not attached ends with 1' 1 "$pimxdp" stats lo --json
no_output 'stats of what is not attached'
says 'stats of what is not attached names it' '^pimxdp: lo: '
printf 'edge = {\n\taccess = [ "198.51.100.10/24" ]\n}\n' >wrong.conf
run 'a wrong configuration ends with 2' 2 "$pimxdp" check --config wrong.conf
no_output 'a wrong configuration'
says 'a wrong configuration is named by file and line' \
	'^wrong\.conf:2: expected .* found .*198\.51\.100\.0/24'
run 'a capture that is a folder ends with 1' 1 "$pimxdp" replay . --config edge.conf
says 'a capture that is a folder is named' '^pimxdp: \.: .*[Dd]irectory'
run 'a capture that is none ends with 1' 1 "$pimxdp" replay edge.conf --config edge.conf
says 'a capture that is none is named' '^pimxdp: edge\.conf: expected a pcap or pcapng file'
: >empty
run 'an empty capture ends with 1' 1 "$pimxdp" replay empty --config edge.conf
says 'an empty capture is named' '^pimxdp: empty: .*empty'

# ---- without privilege ----

# Where anybody may read; the checkout may be in a folder that only root can enter.
public=$(mktemp -d)
chmod 0755 "$public"
install -m 0755 "$pimxdp" "$public/pimxdp"
install -m 0644 "$config" all.pcap "$public"
as_nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all -- "$@"
}
run 'check needs no privilege' 0 as_nobody "$public/pimxdp" check --config "$public/edge.conf"
silent 'check without privilege'
check 'check shows what would be admitted' grep -Eq '^ +sip-mtls-in +TCP to port 5061 ' out
run 'lookup needs no privilege' 0 as_nobody "$public/pimxdp" lookup "$partner" --config "$public/edge.conf"
check 'lookup shows the partner' grep -Eq '^ +partner +contoso$' out
run 'policy needs no privilege' 0 as_nobody "$public/pimxdp" policy
run 'replay without privilege ends with 1' 1 \
	as_nobody "$public/pimxdp" replay "$public/all.pcap" --config "$public/edge.conf" --json
no_output 'replay without privilege'
says 'replay without privilege says so' '[Pp]rivilege|root|CAP_|[Pp]ermi'
for verb in check "lookup $partner"; do
	# shellcheck disable=SC2086 # a verb and its operand
	run "$verb runs under strace" 0 strace -f -qq -o calls -e trace=bpf,socket,mount,mkdir,unlink \
		"$pimxdp" $verb --config edge.conf
	is "$verb asks nothing of the kernel" "$(<calls)" ''
done

# ---- policy ----

run 'policy ends with 0' 0 "$pimxdp" policy
silent policy
# The founding table, by hand.
while read -r row rule transport ports; do
	check "policy has row $row, $rule" grep -Eq "^ *$row +$rule .* $transport $ports " out
done <<'END'
1 sip-mtls-in TCP 5061
2 sip-mtls-out TCP 5061
3 sip-tls-in TCP 443
4 rtp-out TCP 50000-59999
5 stun-out UDP 3478
6 stun-in UDP 3478
END
is 'policy has six rows and a title' "$(wc -l <out)" 7
run 'policy --json ends with 0' 0 "$pimxdp" policy --json
is 'policy --json has the six rows in order' "$(jq -r '.[].rule' out | paste -sd' ')" \
	'sip-mtls-in sip-mtls-out sip-tls-in rtp-out stun-out stun-in'

# ---- replay ----

for file in all.pcap all.pcapng all.nsec; do
	run "replay of $file" 0 "$pimxdp" replay "$file" --config edge.conf --json
	silent "replay of $file"
	same "$file: the lines of the contract" out expected
done
status=0
"$pimxdp" replay - --config edge.conf --json <all.pcapng >out 2>err || status=$?
is 'replay of standard input' "$status" 0
same 'standard input: the same lines' out expected
status=0
# A pipe, which cannot seek.
# shellcheck disable=SC2002
cat all.pcap | "$pimxdp" replay - --config edge.conf --json >out 2>err || status=$?
is 'replay of a pipe' "$status" 0
same 'a pipe: the same lines' out expected
run 'replay --pretty' 0 "$pimxdp" replay all.pcap --config edge.conf --json --pretty
jq --compact-output . out >compact
same '--pretty is the same data' compact expected

# Observe mode passes everything; replay says what enforce would do.
{
	cat edge.conf
	echo 'options = { mode = "observe" }'
} >observe.conf
run 'replay in observe mode' 0 "$pimxdp" replay all.pcap --config observe.conf --json
same 'observe mode: as enforce would' out expected

# Messages never mix with data.
sed 's/^clients/old = 1\n&/' edge.conf >unknown.conf
run 'replay with a wrong configuration' 2 "$pimxdp" replay all.pcap --config unknown.conf --json
no_output 'replay with a wrong configuration'
grep -v '^clients' edge.conf >warned.conf
run 'replay with a warning' 0 "$pimxdp" replay all.pcap --config warned.conf --json
check 'warnings go to stderr' grep -q '^pimxdp: warning: warned\.conf' err
is 'and leave clean JSON on stdout' "$(jq -c 'keys_unsorted' out | sort | uniq -c | tr -s ' ')" \
	" ${#frames[@]} [\"packet\",\"verdict\",\"reason\",\"rule\",\"leg\",\"length\",\"protocol\",\"source\",\"source_port\",\"destination\",\"destination_port\"]"

# For people.
run 'replay without --json' 0 "$pimxdp" replay all.pcap --config edge.conf
silent 'replay without --json'
check 'the summary counts all' grep -Eq "^ *seen +${#frames[@]} packets" out
check 'the summary counts what passed' grep -Eq "^ *passed +$passes packets" out
check 'the summary counts what was dropped' grep -Eq "^ *dropped +$((${#frames[@]} - passes)) packets" out
check 'the summary has the reasons' grep -Eq '^ *no-service +drop +2 +108 +10\.0 % ' out
check 'the summary has the rules' grep -Eq '^ *rtp-out +reply +2 +108$' out
check 'the summary has the dropped sources' grep -Eq "^ *$stranger +role +tcp +40000 +5061 +1 +54$" out
check 'and their ports, if there are several' grep -Eq "^ *$client +no-service +tcp +40000 +80, \.\.\. +2 +108$" out
check 'and none, where none were read' grep -Eq "^ *$edge +martian +tcp +- +- +1 +54$" out
is 'the summary has no terminal codes' "$(tr -cd '\033' <out)" ''
is 'the summary has no trailing blanks' "$(grep -c ' $' out || :)" 0
awk '/%/ { sub(/^ +/, ""); print $3 }' out >counts
check 'the reasons are sorted, most packets first' sort -c -n -r counts

# Cut short by the snap length: the VLAN frame loses the end of its destination
# address, two STUN messages that of their transaction ids.
editcap -s 60 all.pcap snap.pcap
lost=$(python3 -c 'import ipaddress, sys
print(ipaddress.ip_address(ipaddress.ip_address(sys.argv[1]).packed[:14] + bytes(2)))' "$edge6")
sed "s|.*\"length\":82,.*|$(line 6 pass not-edge - - 82 "tcp $client6 40000 $lost 443")|" expected >expected.snap
run 'replay of a capture cut short by its snap length' 0 "$pimxdp" replay snap.pcap --config edge.conf --json
same 'snap length: padded with zeros to the length on the wire' out expected.snap
says 'snap length: the number of packets is told' 'snap\.pcap: 3 packets .*padded'
run 'the same for people' 0 "$pimxdp" replay snap.pcap --config edge.conf
says 'snap length: told for people, too' '3 packets .*padded'

# Corrupt or foreign.
capture pcap frames.txt raw.pcap -l 101
capture pcapng frames.txt cooked.pcapng -l 113
run 'replay of raw IP' 1 "$pimxdp" replay raw.pcap --config edge.conf --json
no_output 'replay of raw IP'
says 'the link type is named: raw IP' 'raw\.pcap: .*Ethernet.*raw IP.*101'
run 'replay of Linux cooked' 1 "$pimxdp" replay cooked.pcapng --config edge.conf
no_output 'replay of Linux cooked'
says 'the link type is named: Linux cooked' 'cooked\.pcapng: .*Ethernet.*Linux cooked.*113'
head -n "$((${#frames[@]} - 1))" expected >expected.cut
for file in all.pcap all.pcapng; do
	head -c -5 "$file" >short.cap
	run "replay of $file without its end" 0 "$pimxdp" replay short.cap --config edge.conf --json
	head -n -1 out >packets
	same "$file without its end: the packets before it" packets expected.cut
	says "$file without its end: the place is named" \
		"warning: short\.cap: offset [0-9]+: .*cut short: the $((${#frames[@]} - 1)) packets before it were replayed"
	is 'and told to machines in the last line' "$(tail -n 1 out | jq -c '[.cut_short, .packets, (.message | test("short.cap: offset [0-9]+: .*cut short$"))]')" \
		"[true,$((${#frames[@]} - 1)),true]"
	run "the same for people" 0 "$pimxdp" replay short.cap --config edge.conf
	check 'it counts the packets before it' grep -Eq "^ *seen +$((${#frames[@]} - 1)) packets" out
	says 'and warns' 'warning: short\.cap: .*cut short'
	# Nothing whole in it, or damaged rather than cut: an error, as it was.
	case $file in *ng) kept=200 ;; *) kept=30 ;; esac
	head -c "$kept" "$file" >short.cap
	run "replay of the first $kept bytes of $file" 1 "$pimxdp" replay short.cap --config edge.conf --json
	no_output "replay of the first $kept bytes of $file"
	says 'there is nothing to replay' 'short\.cap: offset [0-9]+: .*cut short$'
done
# A record in the middle whose length is impossible: the packets after it are there, but cannot be found.
{
	head -c 24 all.pcap
	tail -c +25 all.pcap | head -c 70
	printf '\0\0\0\0\0\0\0\0\377\377\377\377\377\377\377\377'
	tail -c +95 all.pcap
} >damaged.pcap
run 'replay of a damaged capture' 1 "$pimxdp" replay damaged.pcap --config edge.conf --json
says 'it is not taken for cut short' 'damaged\.pcap: offset 94: expected a captured length of at most'
is 'and no last line says so' "$(grep -c cut_short out || :)" 0

# Long frames: a TURN message that fills 9,000 bytes, and more than a NIC has.
turn=400022fa$(printf '%017908d' 0)
dump "udp $client 40000 $edge_av 3478 $turn" "tcp $client 40000 $edge 443" >long.txt
capture pcap long.txt long.pcap
{
	line 1 pass rule stun-in forward 9000 "udp $client 40000 $edge_av 3478"
	line 2 pass rule sip-tls-in forward 54 "tcp $client 40000 $edge 443"
} >expected.long
run 'replay of a frame of 9,000 bytes' 0 "$pimxdp" replay long.pcap --config edge.conf --json
same 'it is judged whole' out expected.long
dump "hex 0e00000000010e00000000020800$(printf '%024000d' 0)" >giant.txt
capture pcap giant.txt giant.pcap
run 'replay of a frame of 12,014 bytes' 1 "$pimxdp" replay giant.pcap --config edge.conf --json
says 'its length is named' '^pimxdp: giant\.pcap: packet 1: .*12014'
# The message names the file, whatever it is called.
cp giant.pcap p
run 'replay of a file called p' 1 "$pimxdp" replay p --config edge.conf
says 'it is named' '^pimxdp: p: packet 1: '
status=0
"$pimxdp" replay - --config edge.conf <giant.pcap >out 2>err || status=$?
is 'replay of standard input that has a fault' "$status" 1
says 'standard input is named' '^pimxdp: standard input: packet 1: '
dump "udp $client 40000 $edge_av 3478 $binding" >single.txt
capture pcap single.txt single.pcap
editcap -s 60 single.pcap single.snap
run 'replay of one packet cut short' 0 "$pimxdp" replay single.snap --config edge.conf --json
says 'one packet is no plural' '1 packet was '

# Next to an attached filter: it touches neither its interface, its pins nor its counters.
quiet_wire
attach
state() {
	on_edge ip -details -json link show
	on_edge bpftool net
	find /sys/fs/bpf -printf '%P %i %s %m %T@\n' | sort
	on_edge bpftool -j map dump pinned "$pins/eth1/pim_reasons"
	loader stats eth1 --json
}
state >before
run 'replay beside an attached filter' 0 in_ns edge "$pimxdp" replay "$work/all.pcap" --config "$work/edge.conf" --json
state >after
same 'replay touches neither interfaces nor pins nor counters' after before
run 'replay runs under strace' 0 strace -f -qq -v -o calls \
	-e trace=bpf,socket,mkdir,mkdirat,rmdir,unlink,unlinkat,rename,mount \
	"$pimxdp" replay all.pcap --config edge.conf --json
check 'replay runs the program' grep -Eq 'bpf\((BPF_PROG_TEST_RUN|BPF_PROG_RUN)' calls
is 'replay attaches and pins nothing' \
	"$(grep -cE 'BPF_(LINK|OBJ_(PIN|GET)|PROG_ATTACH)|socket|dir|unlink|rename|mount' calls || :)" 0
detach

# ---- where the output cannot go ----

# full COMMAND...: writing to a full disk and to a closed descriptor fails, and the
# command says so.
full() {
	local status=0
	"$pimxdp" "$@" >/dev/full 2>err </dev/null || status=$?
	is "a full disk is an error: $1 ${*: -1}" "$status" 1
	check "and said: $1 ${*: -1}" grep -q '^pimxdp: .*No space left on device' err
	status=0
	"$pimxdp" "$@" >&- 2>err </dev/null || status=$?
	is "a closed stdout is an error: $1 ${*: -1}" "$status" 1
	check "and said, too: $1 ${*: -1}" grep -q '^pimxdp: .*Bad file descriptor' err
}
for ((copy = 0; copy < 100; copy++)); do
	cat frames.txt
done >many.txt
capture pcap many.txt many.pcap
full --version
full --help
full policy
full policy --json
full status --json
full metrics
full metrics --json
full stats lo --prometheus
full check --config edge.conf
full lookup --config edge.conf "$partner"
full replay all.pcap --config edge.conf
full replay all.pcap --config edge.conf --json
full replay many.pcap --config edge.conf --json # more than a buffer holds
# A reader that goes away while SIGPIPE is ignored.
(
	trap '' PIPE
	status=0
	"$pimxdp" replay many.pcap --config edge.conf --json 2>err || status=$?
	say "$status" >ended.txt
) | :
is 'a reader that goes away is an error' "$(<ended.txt)" 1
check 'and said' grep -q '^pimxdp: .*Broken pipe' err

# ---- make ----

make_here() { make --no-print-directory -C "$root" "$@"; }
run 'make builds' 0 make_here
run 'make help' 0 make_here help
for target in all help tests check-unit check-bpf install clean; do
	check "make help tells of $target" grep -Eq "^$target +[^ ]" out
done
check 'make help tells of the variables' grep -q 'BUILD=.*PREFIX=.*DESTDIR=.*SAN=' out

run 'make install' 0 make_here install DESTDIR="$work/tmp" PREFIX=/usr
# Files for other programs, and the documents, are checked by the package suite.
is 'make install lays these files out' \
	"$(find tmp \( -path tmp/usr/share/pimxdp -o -path tmp/usr/share/doc/pimxdp/docs \) -prune -o \
		-type f -printf '%m %P\n' 2>&1 | sort)" \
	"644 usr/lib/systemd/system/pimxdp@.service
644 usr/share/bash-completion/completions/pimxdp
644 usr/share/doc/pimxdp/CHANGELOG.md
644 usr/share/doc/pimxdp/CONTRIBUTING.md
644 usr/share/doc/pimxdp/LICENSE
644 usr/share/doc/pimxdp/LICENSES/BSD-2-Clause.txt
644 usr/share/doc/pimxdp/LICENSES/GPL-2.0-only.txt
644 usr/share/doc/pimxdp/LICENSES/Linux-syscall-note.txt
644 usr/share/doc/pimxdp/README.md
644 usr/share/doc/pimxdp/examples/contoso.prefixes
644 usr/share/doc/pimxdp/examples/metrics.conf
644 usr/share/doc/pimxdp/examples/partners.conf
644 usr/share/man/man5/partners.conf.5
644 usr/share/man/man8/pimxdp.8
755 usr/sbin/pimxdp"
run 'what was installed runs' 0 tmp/usr/sbin/pimxdp --version
run 'the installed example is correct' 0 \
	tmp/usr/sbin/pimxdp check --config tmp/usr/share/doc/pimxdp/examples/partners.conf

# rebuilt CHANGED: what make would build if this file were newer, one name per line.
rebuilt() {
	make_here --dry-run --what-if="$1" |
		sed -nE "s/^printf '  %-8s %s\\\\n' [A-Z]+ build\///p" | sort
}
# rebuilds CHANGED TARGET...
rebuilds() {
	local changed=$1 target
	shift
	rebuilt "$changed" >built.txt
	for target in "$@"; do
		check "a change of $changed rebuilds $target" grep -xF "$target" built.txt
	done
}
is 'make has nothing to do when nothing changed' "$(rebuilt no-such-file)" ''
rebuilds include/pimxdp/policy.def bpf/pimxdp.bpf.o loader/policy/policy.o loader/image/compile.o pimxdp
rebuilds include/pimxdp/counters.h bpf/pimxdp.bpf.o bpf/carry.bpf.o loader/image/compile.o loader/kernel/filter.o pimxdp
rebuilds bpf/match.h bpf/pimxdp.bpf.o bpf/pimxdp.skel.h loader/kernel/filter.o pimxdp
rebuilds vmlinux/vmlinux.h bpf/pimxdp.bpf.o loader/kernel/filter.o
rebuilds loader/output/table.h loader/output/table.o loader/output/counts.o pimxdp
spares() { # CHANGED PATTERN
	rebuilt "$1" >built.txt
	is "a change of $1 leaves $2 alone" "$(grep -E "^$2" built.txt || :)" ''
}
spares bpf/match.h loader/image/compile.o
spares loader/output/table.h bpf/
finish
