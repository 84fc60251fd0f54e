# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The rate rig as bars. Variables: data, picture.
set terminal svg noenhanced size 760,380 font "Helvetica,Arial,sans-serif,14" background "white"
set output picture
stats data using 2 nooutput
rows = STATS_records
longest = STATS_max
set style fill solid 1 noborder
set boxwidth 0.62
set border 1 lc rgb "#606060"
set xlabel "ns a packet in all: generator, veth, filter"
set xrange [0:longest*1.45]
set yrange [-0.6:rows-0.4]
set tics nomirror
set ytics scale 0
set grid xtics lc rgb "#e4e4e4" lt 1 lw 0.8
set lmargin 32
set label 1 "Drops of 64-byte frames from random sources, over veth on one core" at screen 0.5,0.95 center font ",15"
set tmargin 3
unset key
colour(n) = n == 1 ? 0x1f5fa8 : n == 2 ? 0x9aa3ab : 0xc2452d
plot data using ($2/2):0:($2/2):(0.31):(colour($6)):ytic(1) with boxxyerror lc rgb variable, \
     data using 2:0:(sprintf("  %.0f ns, %.1f Mpps", $2, $5)) with labels left tc rgb "#303030"
