#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Somebody who may write a part of the configuration, a file that it includes, makes the root that
# reads it work for minutes, or take its memory: with seven small files, each including the next
# many times; with a file that includes itself; with 30,000 keys that do not exist; with a file
# that is a terabyte of holes. Work is measured by the processor's time of the reader, not by a clock.
set -euo pipefail
# shellcheck source=../../net/suite.bash
source "$(dirname -- "$0")/../../net/suite.bash"
isolate "$@"
begin

cd "$work"
edge_line='edge = { access = [ "198.51.100.10" ] }'
# refused NAME MESSAGE: the reader refuses NAME.conf in at most two seconds of the processor and
# 200 MB of memory.
refused() {
	local status=0
	(
		ulimit -t 2 -v 200000
		exec "$pimxdp" check --config "$1.conf"
	) >out 2>err || status=$?
	is "$1 is refused, and soon" "$status" 2
	check "$1: the reason is said" grep -q "$2" err
	check "$1: in a screen of lines" test "$(wc -l <err)" -le 21
}

for file in 0 1 2 3 4 5 6; do
	for ((line = 0; line < 20; line++)); do
		say "@include \"wide$((file + 1)).inc\""
	done >"wide$file.inc"
done
for ((line = 0; line < 50; line++)); do
	say '# a comment'
done >wide7.inc
{
	say "$edge_line"
	say '@include "wide0.inc"'
} >breadth.conf
refused breadth 'at most 64 files included in all'

{
	say "$edge_line"
	say '@include "circle.conf"'
} >circle.conf
refused circle 'a file that does not include itself'

{
	say "$edge_line"
	seq -f 'key%.0f = "x"' 30000
} >unknown.conf
refused unknown 'and 29,980 more'

truncate -s 1T holes
{
	say "$edge_line"
	say 'block = { files = [ "holes" ] }'
} >holes.conf
refused holes 'at most 256 MB in all its files'
finish
