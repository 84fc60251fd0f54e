#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Raw frames over the wire, judged by the counters; and every frame is counted exactly
# once.
set -euo pipefail
# shellcheck source=suite.bash
source "$(dirname -- "$0")/suite.bash"
isolate "$@"
begin

quiet_wire
attach
is 'attached in native mode' "$(program_mode)" native
is 'nothing is counted before anything was sent' "$(all_packets)" 0

tally python3 "$net/evasion.py" "$pimxdp"
conserved
{ cat "$config" && say 'options = { fragments = "pass" }'; } >"$work/pass.conf"
loader reload eth1 --config "$work/pass.conf" >/dev/null
tally python3 "$net/evasion.py" "$pimxdp" passed_fragments
conserved

# Noise of every kind.
detach
attach
driver=$(driver_packets)
seed=${PIM_SEED:-$(date +%s)}
say "# seed $seed"
read -r frames bytes <<<"$(python3 "$wire" flood internet:net0 20000 "$seed" \
	53 443 3478 5061 49999 50000 59999 60000)"
wait_for "$patience" 'the last frame' driver_reached $((driver + frames))
loader stats eth1 --json >"$work/stats.json"
is "$frames frames sent, as many counted" "$(jq '[.reasons[].packets] | add' "$work/stats.json")" "$frames"
is "$bytes bytes sent, as many counted" "$(jq '[.reasons[].bytes] | add' "$work/stats.json")" "$bytes"
is 'the rules add up to what passed by rule' \
	"$(jq '[.rules[].packets] | add' "$work/stats.json")" \
	"$(jq '[.reasons[] | select(.reason == "rule").packets] | add // 0' "$work/stats.json")"
check 'noise reached most reasons' \
	json '[.reasons[] | select(.packets > 0)] | length >= 15' "$work/stats.json"
finish
