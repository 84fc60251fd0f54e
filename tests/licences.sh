#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Every source file names its license, and LICENSE, LICENSES/ and debian/copyright
# agree with what they name.
# shellcheck source=report.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/report.bash"

# Files of the tree, whether it is a checkout or an unpacked tarball.
files() {
	if [ -e .git ]; then
		git -c safe.directory='*' ls-files --cached --others --exclude-standard
	else
		find . -path ./build -prune -o -type f ! -name '*.pyc' -printf '%P\n'
	fi
}

# Files without room for the line: prose, data, pictures, and Debian's own formats.
no_comments='\.(md|json|svg|prefixes|out|err|inc)$|^LICENSES?(/|$)|^tests/golden/|^\.(gitignore|shellcheckrc)$'
no_comments+='|^debian/(changelog|control|copyright|pimxdp\.|source/|tests/control)'
mapfile -t sources < <(files | grep -vE "$no_comments" | sort)
report 'there are sources' "$([ "${#sources[@]}" -gt 150 ] || echo "found ${#sources[@]}")"

identifier='SPDX-License-Identifier: '
missing='' expressions=''
for source in "${sources[@]}"; do
	line=$(head -n 3 "$source" | grep -m 1 "$identifier") || {
		missing+="$source "
		continue
	}
	line=${line#*"$identifier"}
	line=${line% \*/}
	expressions+="$line"$'\n'
	[ "$line" = 'GPL-2.0-only OR BSD-2-Clause' ] || [ "$source" = vmlinux/vmlinux.h ] ||
		report "the license of $source" "it is $line"
done
report "each of ${#sources[@]} sources names its license in its first lines" "$missing"

named=$(sed 's/ OR \| WITH /\n/g' <<<"$expressions" | sort -u | sed '/^$/d; s/$/.txt/')
report 'LICENSES/ has the text of each, and no other' \
	"$(diff <(echo "$named") <(find LICENSES -type f -printf '%f\n' | sort) | tr '\n' ' ')"
report 'LICENSE names them' "$(for text in LICENSES/*; do grep -qF "$text" LICENSE || echo "$text"; done)"
gpl=/usr/share/common-licenses/GPL-2
report "the GPL is Debian's copy, to the byte" \
	"$([ ! -e "$gpl" ] || cmp "$gpl" LICENSES/GPL-2.0-only.txt 2>&1)"

# A license's text in debian/copyright, without its formatting.
debian_text() {
	awk -v name="License: $1" '$0 == name { on = 1; next } on && !/^ / { exit } on' debian/copyright |
		sed 's/^ \.$//; s/^ //'
}
# bare: without line breaks.
bare() { tr -s ' \t\n' ' ' | sed 's/^ //'; }
report 'the BSD license is that of debian/copyright' \
	"$(diff <(tail -n +2 LICENSES/BSD-2-Clause.txt | bare) <(debian_text BSD-2-Clause | bare) | head -3)"
owner=$(sed -n 's/^Copyright: \([0-9]\)/\1/p' debian/copyright)
for text in LICENSE LICENSES/BSD-2-Clause.txt; do
	report "the copyright line of $text is that of debian/copyright" \
		"$(diff <(head -n 1 "$text") <(echo "Copyright (c) $owner") | tr '\n' ' ')"
done

finish
