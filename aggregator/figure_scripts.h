/*
 * figure_scripts: gnuplot scripts for the kinds of picture the report has.
 *
 * Bars     Two bars a label, side by side: visits on the left axis, mean U on the right one, with
 *          the U that chance alone would give (p = ½) as a mark.
 * Years    Lines of U: all visits, cooperative ones, the constant set of pairs, and what chance
 *          would give; visits as pale bars on the right axis.
 * Scripts  read NAME.csv from their own folder and write NAME.svg, then NAME.pdf where this gnuplot
 *          can. They are self-contained: a researcher edits and reruns them.
 */
#ifndef XUNFANG_AGGREGATOR_FIGURE_SCRIPTS_H
#define XUNFANG_AGGREGATOR_FIGURE_SCRIPTS_H

#include "aggregator/figures.h"

void figure_script_bars(const struct figure *figure, bool has_data, struct buf *out);
void figure_script_years(const struct figure *figure, bool has_data, struct buf *out);

#endif
