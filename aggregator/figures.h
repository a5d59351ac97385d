/*
 * figures: the pictures of the report, drawn by gnuplot from a table and a script of their own.
 *
 * Files  figures/NAME.csv (the data), NAME.gp (the script, to be run again or changed by hand),
 *        NAME.svg and NAME.pdf. Labels are in Chinese and English.
 * Bytes  csv, gp and svg are the same for equal results; a pdf holds what its library writes into
 *        it. gnuplot is looked for in PATH. Without it, or when it fails, data and scripts are
 *        there, the pictures are not, and figures_draw says so: the caller goes on and names it.
 */
#ifndef XUNFANG_AGGREGATOR_FIGURES_H
#define XUNFANG_AGGREGATOR_FIGURES_H

#include "aggregator/output_folder.h"
#include "aggregator/results.h"

enum { FIGURES_MAX = 8 };

struct figure {
    const char *name;    /* of its files, without suffix */
    const char *chinese; /* title */
    const char *english;
    void (*data)(const struct results *results, struct buf *out);
    /* Without data the picture says so. */
    void (*script)(const struct figure *figure, bool has_data, struct buf *out);
};

size_t figure_count(void);
const struct figure *figure_at(size_t index);

/* Writes data and scripts of all figures. */
CHECKED enum status figures_write(const struct results *results, struct output_folder *folder,
                                  struct error *err);
/* Runs gnuplot on them. STATUS_UNSUPPORTED: no gnuplot; STATUS_IO: it failed. */
CHECKED enum status figures_draw(const struct output_folder *folder, struct error *err);

#endif
