#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Who may name an interface, a file or a capture, or write what is pinned, puts into it what a
# terminal obeys: a sequence that clears the screen, the single byte that begins one (C1), a
# line of their own, a mark that turns the direction of the text (U+202E). The administrator
# then looks, with every verb.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

sequence=$'\e[2J\x9b\xe2\x80\xae'  # also a name that an interface can have
line=$sequence$'\nforged: correct' # and one for files
quiet_wire
on_edge ip link set eth1 down
on_edge ip link set eth1 name "$sequence"
on_edge ip link set "$sequence" up

# harmless NAME MARK COMMAND...: what it prints, on both streams, is printable ASCII in lines
# of its own, and has the name in it, as escapes.
harmless() {
	local name=$1 mark=$2
	shift 2
	on_edge "$@" >"$work/out" 2>&1 </dev/null || :
	if LC_ALL=C grep -aq '[^ -~]' "$work/out"; then
		not_ok "$name" "it printed $(od -An -c "$work/out" | tr -s ' \n' ' ' | head -c 300)"
	elif grep -q '^forged' "$work/out"; then
		not_ok "$name" 'a line of it is forged'
	elif ! grep -qF -- "$mark" "$work/out"; then
		not_ok "$name" "expected $mark in it, found $(one_line "$(cat "$work/out")")"
	else
		ok "$name"
	fi
}
shown='\x1b[2J\x9b\xe2\x80\xae'

folder=$work/$line
mkdir "$folder"
cp "$config" "$folder/partners.conf"
printf 'edge = { access = [ "198.51.100.10" ] }\n' >"$work/head"
cat "$work/head" - >"$folder/wrong.conf" <<'END_OF_FILE'
clients = { files = [ "none\x1b[2J\x9b\nforged" ] }
END_OF_FILE
printf '%s\n%s = 1\n' "$(cat "$work/head")" "$sequence" >"$folder/key.conf"
printf '192.0.2.1 %s\n' "$sequence" >"$folder/list"
printf '%s\nclients = { files = [ "list" ] }\n' "$(cat "$work/head")" >"$folder/listed.conf"
printf '%s\npartners = ( { name = "%s", addresses = [ ] } )\n' "$(cat "$work/head")" "$sequence" \
	>"$folder/partner.conf"
printf 'no capture' >"$folder/night.pcap"

harmless 'check of a file' "$shown" "$pimxdp" check --config "$folder/partners.conf"
harmless 'check of a file that is not there' "$shown" "$pimxdp" check --config "$folder/none.conf"
for wrong in wrong key listed partner; do
	harmless "check of a wrong file ($wrong)" '\x1b[2J' "$pimxdp" check --config "$folder/$wrong.conf"
done
harmless 'replay of what is no capture' "$shown" "$pimxdp" replay "$folder/night.pcap" --config "$config"
harmless 'replay of a capture that is not there' "$shown" "$pimxdp" replay "$folder/none" --config "$config"
harmless 'an unknown verb' "$shown" "$pimxdp" "$sequence"
harmless 'an unknown option' "$shown" "$pimxdp" check "--$sequence"
harmless 'an unknown value' "$shown" "$pimxdp" attach eth1 --config "$config" --mode "$sequence"
harmless 'an address that is none' "$shown" "$pimxdp" lookup "$sequence" --config "$config"
harmless 'an interface that is not there' "$shown" "$pimxdp" status "x$sequence"
harmless 'a bad address for metrics' "$shown" "$pimxdp" run eth1 --config "$config" --metrics "$sequence"
harmless 'a socket that cannot be' '\x1b[2J' "$pimxdp" run "$sequence" \
	--config "$config" --metrics "unix:$work/none/$sequence"

# JSON is for machines, which must be able to read it.
harmless 'doctor' "$shown" "$pimxdp" doctor "$sequence"
harmless 'attach' "$shown" "$pimxdp" attach "$sequence" --config "$folder/partners.conf"
harmless 'attach again' "$shown" "$pimxdp" attach "$sequence" --config "$folder/partners.conf"
harmless 'reload' "$shown" "$pimxdp" reload "$sequence" --config "$folder/partners.conf"
for verb in status stats flows doctor; do
	harmless "$verb of what is attached" "$shown" "$pimxdp" "$verb" "$sequence"
	on_edge "$pimxdp" "$verb" "$sequence" --json >"$work/out" 2>&1 || :
	check "$verb --json is JSON" jq -e . "$work/out"
done
harmless 'stats --prometheus' '\x1b[2J' "$pimxdp" stats "$sequence" --prometheus

# The stamp says what its writer likes, to the last byte: here the path of the configuration
# and the version, which end it.
mapfile -t stamp < <(on_edge bpftool --json map dump pinned "$pins/$sequence/pim_info" |
	jq -r --arg text "$(printf '%s' "$sequence" | od -An -v -tu1)" '.[0].value |
		($text | split(" ") | map(select(. != ""))) as $bad |
		.[0:80] + [range(80; length) | $bad[. % ($bad | length)]] | .[]')
on_edge bpftool map update pinned "$pins/$sequence/pim_info" key 0 0 0 0 value "${stamp[@]}"
harmless 'status, with a stamp that somebody wrote' "pimxdp $shown" "$pimxdp" status "$sequence"
harmless 'status of all' "$shown" "$pimxdp" status
harmless 'stats' "$shown" "$pimxdp" stats "$sequence"
harmless 'detach' "$shown" "$pimxdp" detach "$sequence"

# The page that /readyz is, and the log, where a byte that is not UTF-8 is a question mark.
start edge "$pimxdp" run "$sequence" --config "$folder/partners.conf" --metrics "unix:$work/socket" \
	2>"$work/agent.log"
agent=$!
wait_for "$patience" 'the agent' grep -q 'event=attached' "$work/agent.log"
harmless 'the page of states' "$shown" python3 "$net/get.py" "unix:$work/socket" /readyz
kill -TERM "$agent"
wait "$agent"
harmless 'the log of the agent' '\x1b[2J' cat "$work/agent.log"
finish
