#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The suite `security`: each attack in tests/security/attacks is a script that a stranger can
# read, and run alone. Each has namespaces and mounts of its own, so that none finds what
# another left.
set -euo pipefail
# shellcheck source=../../tools/lib/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/../../tools/lib/lib.sh"
need_root
log=$(mktemp)
trap 'rm -f "$log"' EXIT
limit=600 # seconds for one attack
passed=0 failed=0 skipped=0

for attack in "$root"/tests/security/attacks/*.sh; do
	status=0
	isolated timeout --kill-after=10 "$limit" bash "$attack" "$@" >"$log" 2>&1 || status=$?
	name=${attack##*/}
	name=${name%.sh}
	sed -E "s/^(ok|not ok|skip) /&$name: /; /^[0-9]+ passed, /d" "$log"
	bad=$(grep -c '^not ok ' "$log" || :)
	passed=$((passed + $(grep -c '^ok ' "$log" || :)))
	skipped=$((skipped + $(grep -c '^skip ' "$log" || :)))
	if ((bad == 0)) && { ((status != 0)) || ! grep -q '^[0-9]* passed, ' "$log"; }; then
		say "not ok $name: ended with status $status before its end"
		bad=1
	fi
	failed=$((failed + bad))
done
say "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
