# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Lookup time against list size. Variables: data, picture.
set terminal svg noenhanced size 760,460 font "Helvetica,Arial,sans-serif,14" background "white"
set output picture
set logscale xy
set xlabel "prefixes in the list"
set ylabel "ns a lookup, random addresses"
set xtics ("10" 10, "100" 100, "1,000" 1e3, "10,000" 1e4, "100,000" 1e5, "1,000,000" 1e6)
set ytics ("5" 5, "10" 10, "20" 20, "50" 50, "100" 100, "200" 200, "500" 500, "1,000" 1e3, "2,000" 2e3)
set xrange [7:1600000]
set yrange [4:4000]
set grid xtics ytics lc rgb "#e4e4e4" lt 1 lw 0.8
set border 3 lc rgb "#606060"
set tics nomirror
set key top left reverse Left samplen 2.5 spacing 1.2
set title "Address lookup: the filter's engine and the kernel's LPM_TRIE, same lists" font ",15"
blue = "#1f5fa8"; red = "#c2452d"
plot data index 0 using 1:5 with linespoints lw 2.5 pt 7 ps 0.7 lc rgb red title "LPM_TRIE, IPv4", \
     data index 1 using 1:5 with linespoints lw 2 dt 2 pt 6 ps 0.7 lc rgb red title "LPM_TRIE, IPv6", \
     data index 0 using 1:2 with linespoints lw 2.5 pt 7 ps 0.7 lc rgb blue title "pimxdp, IPv4", \
     data index 1 using 1:2 with linespoints lw 2 dt 2 pt 6 ps 0.7 lc rgb blue title "pimxdp, IPv6"
