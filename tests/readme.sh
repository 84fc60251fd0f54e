#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The README against the program: the table, the reasons, the verbs, the files it names.
set -u
cd "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 1
passed=0 failed=0

# report NAME WHY: an empty WHY is a success.
report() {
	if [ -z "$2" ]; then
		echo "ok $1"
		passed=$((passed + 1))
	else
		echo "not ok $1: $2"
		failed=$((failed + 1))
	fi
}

# The rows of a Markdown table below a marker, cells joined by "|", no blanks or quotes around.
table() {
	awk -v marker="<!-- $1:" '
		index($0, marker) { on = 1; next }
		on && /^\|/ { if (++line > 2) print; seen = 1; next }
		on && seen { exit }' README.md |
		sed -E 's/^\| *//; s/ *\|$//; s/ *\| */|/g; s/`//g'
}

# Each row of `pimxdp policy --json` as the README's table has it.
rows() {
	build/pimxdp policy --json | jq -r '.[] |
		(if .edge == "access" or .edge == "av" then "Edge Access interface" else .edge end) as $edge |
		({partner: "public IM partner", client: "client", messenger: "Messenger client"}[.peer]) as $peer |
		(.ports | map(if .[0] == .[1] then "\(.[0])" else "\(.[0])-\(.[1])" end) | join(", ")) as $ports |
		[.row, .rule, .service, "\(.transport | ascii_upcase) \($ports)",
		 (if .direction == "in" then $peer, $edge else $edge, $peer end),
		 (if .direction == "in" then "\(.peer) -> \(.edge)" else "\(.edge) -> \(.peer)" end)] |
		map(tostring) | join("|")'
}

report "the table is policy.def's" "$(diff <(table policy) <(rows) 2>&1 | head -5 | tr '\n' ' ')"

# The table as the founding document has it, by hand: service, port, from, to.
seed='SIP over MTLS|TCP 5061|public IM partner|Edge Access interface
SIP over MTLS|TCP 5061|Edge Access interface|public IM partner
SIP over TLS|TCP 443|client|Edge Access interface
audio/video RTP|TCP 50000-59999|Edge Access interface|Messenger client
STUN, MSTURN|UDP 3478|Edge Access interface|Messenger client
STUN, MSTURN|UDP 3478|Messenger client|Edge Access interface'
report "the table is the founding document's" \
	"$(diff <(table policy | cut -d'|' -f3-6) <(echo "$seed") 2>&1 | head -5 | tr '\n' ' ')"

defined=$(sed -nE 's/^PIM_OUTCOME\((PASS|DROP), [A-Z0-9_]+, *"([^"]+)".*/\1|\2/p' include/pimxdp/reasons.def |
	tr 'PASDRO' 'pasdro' | sort)
written=$(table reasons | awk -F'|' '{ n = split($2, reason, /, */); for (i = 1; i <= n; i++) print $1 "|" reason[i] }' | sort)
report "the reasons are reasons.def's" "$(diff <(echo "$defined") <(echo "$written") 2>&1 | head -5 | tr '\n' ' ')"

# "7.3+" is "7.3 or newer"; a kernel that is not refused runs.
booted=$(awk '!/^#/ && NF { sub(/\+$/, " or newer", $1)
	print $1 "|" $2 "|" $3 }' OFS= tests/kernels/matrix 2>&1)
claimed=$(table kernels | sed 's/|refuses it, .*/|refused/')
report "the kernels are those of tests/kernels/matrix" \
	"$(diff <(echo "$claimed") <(echo "$booted") 2>&1 | head -5 | tr '\n' ' ')"

schema=$(build/pimxdp --version | grep -o 'schema [0-9]*')
report "no output shown is of another schema than $schema" \
	"$(grep -noE 'schema [0-9]+' README.md docs/*.md | grep -v ":$schema\$" | head -5 | tr '\n' ' ')"

missing=
while read -r verb; do
	grep -Eq "pimxdp $verb|\`$verb\`" README.md || missing+="$verb "
done < <(build/pimxdp --help | awk '/^  [a-z]+ / { print $1 }')
report "every verb is mentioned" "$missing"

missing=
while read -r verb; do
	build/pimxdp "$verb" --help >/dev/null 2>&1 || missing+="$verb "
done < <(grep -oE '^    pimxdp [a-z]+' README.md | awk '{ print $2 }' | sort -u)
report "every verb shown exists" "$missing"

missing=
while read -r file; do
	[ -e "$file" ] || missing+="$file "
done < <(grep -ohE '(tools|examples|include|docs|tests|vmlinux)/[A-Za-z0-9_./-]*[A-Za-z0-9]' \
	README.md CONTRIBUTING.md | sort -u)
report "every file named exists" "$missing"

# No other source but policy.def holds the table's ports.
found=$(grep -nEw '5061|443|3478|50000|59999' include/pimxdp/*.h include/pimxdp/[!p]*.def bpf/*.[ch] loader/*/*.[ch] 2>/dev/null |
	head -3 | tr '\n' ' ')
report "the ports stand in one place" "$found"

missing=
while read -r package; do
	grep -q "\`$package\`" CONTRIBUTING.md || missing+="$package "
done < <(awk '$1 == "build" { print $2 }' tools/packages)
report "every package to build with is accounted for" "$missing"

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
