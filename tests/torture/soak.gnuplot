# Plots the daemon's resource use over time: gnuplot -e "samples='soak.csv'; picture='soak.svg'" soak.gnuplot
set datafile separator ","
set terminal svg size 900,1080 font "sans,12" background "white"
set output picture
set multiplot layout 6,1 margins 0.09,0.97,0.05,0.98 spacing 0.0,0.035
set key top left
set grid
set yrange [0:*]
set offsets 0, 0, graph 0.35, 0
set format x ""
plot samples using 1:2 with lines lw 2 lc "#1f6feb" title "resident memory, MiB"
plot samples using 1:3 with lines lw 2 lc "#8250df" title "descriptors"
plot samples using 1:5 with lines lw 2 lc "#bf8700" title "write-ahead log, MiB"
plot samples using 1:6 with lines lw 2 lc "#bf3989" title "database, MiB"
plot samples using 1:7 with lines lw 2 lc "#1a7f37" title "status files"
set format x "%g"
set xlabel "minutes" offset 0,0.7
plot samples using 1:8 with lines lw 2 lc "#57606a" title "sessions followed"
