/*
 * output: the whole output folder of a set of results.
 *
 * Files    design.md's section on the output folder: every table, figures/ with data, script, svg
 *          and pdf, results.sqlite, report.html. See output_folder.h for how it appears and what it
 *          refuses.
 * Figures  A missing or failing gnuplot leaves the pictures out, is told in *warning (code
 *          STATUS_OK if there is none) and in report.html; everything else is written.
 */
#ifndef XUNFANG_AGGREGATOR_OUTPUT_H
#define XUNFANG_AGGREGATOR_OUTPUT_H

#include "aggregator/account.h"

/* `account` goes to report.html alone; NULL: nobody was asked. */
CHECKED enum status output_results(const struct results *results, const struct account *account,
                                   const char *path, struct error *warning, struct error *err);

#endif
