#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The README and the pages of docs/ against the program: tables, reasons, verbs, options;
# and against each other: links, files, figures, versions.
# shellcheck source=report.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/report.bash"

# table MARKER [PAGE]: the rows of a Markdown table below a marker, cells joined by "|", no
# blanks or quotes around.
table() {
	awk -v marker="<!-- $1:" '
		index($0, marker) { on = 1; next }
		on && /^\|/ { if (++line > 2) print; seen = 1; next }
		on && seen { exit }' "${2-README.md}" |
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

# The table of the founding document, by hand: service, port, from, to.
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
claimed=$(table kernels docs/requirements.md | sed 's/|refuses it, .*/|refused/')
report "the kernels are those of tests/kernels/matrix" \
	"$(diff <(echo "$claimed") <(echo "$booted") 2>&1 | head -5 | tr '\n' ' ')"

schema=$(build/pimxdp --version | grep -o 'schema [0-9]*')
report "no output shown is of another schema than $schema" \
	"$(grep -noE 'schema [0-9]+' README.md docs/*.md | grep -v ":$schema\$" | head -5 | tr '\n' ' ')"

pages=(README.md CONTRIBUTING.md CHANGELOG.md docs/*.md)
lines=$(wc -l <README.md)
report 'the README is read in five minutes' "$([ "$lines" -lt 200 ] || echo "it has $lines lines; expected less than 200")"
report 'every link leads to a file, and to a heading' "$(python3 tests/links.py "${pages[@]}" | tr '\n' ' ')"

verbs=$(build/pimxdp --help | awk '/^  [a-z]+ / { print $1 }')
missing=
for verb in $verbs; do
	grep -Eq "pimxdp $verb|\`$verb\`" README.md || missing+="README.md: $verb "
	grep -Eq "pimxdp $verb\b" docs/using.md || missing+="docs/using.md: $verb "
done
report "every verb is mentioned" "$missing"

# Commands shown: indented, in a block, or in a line; "page|verb and its options".
# shellcheck disable=SC2016 # backquotes of Markdown
shown() {
	grep -oE '^ +pimxdp [a-z].*|^\$ pimxdp [a-z].*|`pimxdp [a-z][^`]*`' "$@" |
		sed -E 's/:( *|\$ *|`)pimxdp /|/; s/ +#.*|`$//; s/ \| .*//'
}
missing=
while IFS='|' read -r page command; do
	verb=${command%% *}
	help=$(build/pimxdp "$verb" --help 2>/dev/null) || {
		missing+="$page: $verb "
		continue
	}
	while read -r option; do
		grep -qE -- " $option\b" <<<"$help" || missing+="$page: $verb $option "
	done < <(grep -oE -- ' --[a-z-]+' <<<" $command")
done < <(shown README.md docs/*.md)
report "every command shown exists, and its options" "$missing"
report "and there are such" "$([ "$(shown README.md docs/*.md | wc -l)" -gt 40 ] || echo "found $(shown README.md docs/*.md | wc -l)")"

# The README's excerpts are from the page whose commands tests/net/using.sh runs, in order.
excerpt=$(awk '/^```text$/ { on = 1; next } /^```$/ { on = 0 } on && NF && !/^ +\.\.\.$/' README.md)
report "output shown is that of docs/using.md" "$(awk 'NR == FNR { want[++n] = $0; next }
	$0 == want[at + 1] { at++ } END { if (!n || at < n) print "not there: " want[at + 1] }' \
	<(echo "$excerpt") docs/using.md)"

missing=
while read -r file; do
	[ -e "$file" ] || missing+="$file "
done < <(grep -ohE '\b(tools|examples|include|docs|tests|vmlinux|deploy|bench|man)/[A-Za-z0-9_./-]*[A-Za-z0-9]' "${pages[@]}" |
	sort -u)
report "every file named exists" "$missing"

# Both are written by tools/bench --publish; the README has IPv4 and IPv6 in one row.
figures() { sed -n '/bench: begin/,/bench: end/p' README.md | awk -F' *[|] *' '/^\|/ { print $3 }' |
	grep -oE '[0-9]+(\.[0-9]+)?' | sort; }
targets() { awk -F' *[|] *' '/^## Targets/ { on = 1 } on && /^\|/ { print $3 }' docs/bench.md |
	grep -oE '^[0-9]+(\.[0-9]+)?' | sort; }
report "the figures are those of docs/bench.md" "$(diff <(figures) <(targets) 2>&1 | head -5 | tr '\n' ' ')"
report "and there are such" "$([ "$(figures | wc -l)" -gt 15 ] || echo "found $(figures | wc -l)")"

# CHANGELOG.md has a heading for each version of debian/changelog, which is where the version stands.
released=$(sed -nE 's/^pimxdp \(([0-9.]+)\) .*/\1/p' debian/changelog)
headings=$(sed -nE 's/^## ([^ ]+).*/\1/p' CHANGELOG.md)
report "CHANGELOG.md has the versions of debian/changelog" \
	"$(diff <(echo "$headings") <(echo Unreleased && echo "$released") | tr '\n' ' ')"
dated=$(awk '/^pimxdp / { version = $2; gsub(/[()]/, "", version) }
	/^ -- / { sub(/.*>  /, ""); print version "|" $0 }' debian/changelog |
	while IFS='|' read -r version date; do echo "## $version - $(date -u -d "$date" +%Y-%m-%d)"; done)
report "and their dates" "$(diff <(grep '^## [0-9]' CHANGELOG.md) <(echo "$dated") | tr '\n' ' ')"

# No other source but policy.def holds the table's ports.
found=$(grep -nEw '5061|443|3478|50000|59999' include/pimxdp/*.h include/pimxdp/[!p]*.def bpf/*.[ch] loader/*/*.[ch] 2>/dev/null |
	head -3 | tr '\n' ' ')
report "the ports stand in one place" "$found"

missing=
while read -r package; do
	grep -q "\`$package\`" CONTRIBUTING.md || missing+="$package "
done < <(awk '$1 == "build" { print $2 }' tools/packages)
report "every package to build with is accounted for" "$missing"

finish
