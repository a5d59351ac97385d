#include "aggregator/figure_scripts.h"

/* What all scripts share: form of the data, colours, the title. */
static void put_head(const struct figure *figure, struct buf *out)
{
    buf_printf(out,
               "# %s\n# run: gnuplot %s.gp\n"
               "reset\nset encoding utf8\nset datafile separator ','\nset datafile missing ''\n"
               "set title '%s  %s'\n"
               "set style fill solid 0.85 noborder\nset grid ytics lc rgb '#dddddd'\n"
               "set border 11 lc rgb '#555555'\nset tics nomirror\n",
               figure->english, figure->name, figure->chinese, figure->english);
}

static void put_terminal(const struct figure *figure, const char *suffix, const char *terminal,
                         struct buf *out)
{
    buf_printf(out, "set terminal %s\nset output '%s.%s'\n", terminal, figure->name, suffix);
}

/* The plot command is the same for both forms: it is written once and repeated. */
static void put_outputs(const struct figure *figure, struct buf *out)
{
    put_terminal(figure, "svg",
                 "svg size 1000,600 noenhanced font 'Noto Sans CJK SC,Microsoft YaHei,"
                 "PingFang SC,sans-serif,14' background '#ffffff'",
                 out);
    buf_puts(out, "@draw\nset output\n"
                  "if (strstrt(GPVAL_TERMINALS, 'pdfcairo') > 0) {\n");
    put_terminal(figure, "pdf", "pdfcairo size 9in,5.4in noenhanced font 'Noto Sans CJK SC,11'",
                 out);
    buf_puts(out, "@draw\nset output\n}\n");
}

/* gnuplot fails on a plot without any point: an empty frame with a word in it stands instead. */
static void put_nothing(const struct figure *figure, struct buf *out)
{
    buf_puts(out, "set label '无数据 no data' at graph 0.5,0.5 center\n"
                  "draw = \"plot [0:1][0:1] 2 notitle\"\n");
    put_outputs(figure, out);
}

/* Two scales: counts and a share cannot share one; the mark shows what chance alone would give. */
void figure_script_bars(const struct figure *figure, bool has_data, struct buf *out)
{
    put_head(figure, out);
    if (!has_data) {
        put_nothing(figure, out);
        return;
    }
    buf_puts(out, "set ylabel '考察次数 visits'\nset y2label '不均衡度 mean U'\n"
                  "set yrange [0:*]\nset y2range [0:1]\nset y2tics 0.2\nset boxwidth 0.36\n"
                  "set xrange [-0.6:*]\nset offsets 0,0.6,0,0\n"
                  "set key outside top center horizontal\nset xtics rotate by -24\n");
    buf_printf(out,
               "draw = \"plot "
               "'%s.csv' skip 1 using ($0-0.2):3:xtic(stringcolumn(1).\\\" \\\"."
               "stringcolumn(2)) axes x1y1 with boxes lc rgb '#4477aa' title '次数 visits', "
               "'' skip 1 using ($0+0.2):4 axes x1y2 with boxes lc rgb '#ee6677' "
               "title '平均 U mean U', "
               "'' skip 1 using ($0+0.2):5 axes x1y2 with points pt 7 ps 0.7 lc rgb '#222222' "
               "title '随机期望 U expected by chance'\"\n",
               figure->name);
    put_outputs(figure, out);
}

/* Counts stand behind the lines: a jump of U in a thin year is no finding. */
void figure_script_years(const struct figure *figure, bool has_data, struct buf *out)
{
    put_head(figure, out);
    if (!has_data) {
        put_nothing(figure, out);
        return;
    }
    buf_puts(out, "set ylabel '不均衡度 mean U'\nset y2label '考察次数 visits'\n"
                  "set yrange [0:1]\nset y2range [0:*]\nset y2tics\nset boxwidth 0.7\n"
                  "set xtics 1 format '%.0f' rotate by -45\n"
                  "set key outside bottom center horizontal\n");
    buf_printf(out,
               "draw = \"plot "
               "'%s.csv' skip 1 using 1:2 axes x1y2 with boxes lc rgb '#dde5ee' "
               "title '次数 visits', "
               "'' skip 1 using 1:3 with linespoints lw 2 pt 7 ps 0.6 lc rgb '#4477aa' "
               "title '全部 all', "
               "'' skip 1 using 1:6 with linespoints lw 2 pt 5 ps 0.6 lc rgb '#ee6677' "
               "title '合作 cooperative', "
               "'' skip 1 using 1:5 with linespoints lw 1 pt 9 ps 0.6 lc rgb '#228833' "
               "title '不变对 constant pairs', "
               "'' skip 1 using 1:4 with lines dt 2 lw 1 lc rgb '#222222' "
               "title '随机期望 expected by chance'\"\n",
               figure->name);
    put_outputs(figure, out);
}
