# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Sourced first by suites that read the tree. They run in the tree's root.
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

# The last line, and the exit status.
finish() {
	echo "$passed passed, $failed failed, 0 skipped"
	[ "$failed" -eq 0 ]
}
