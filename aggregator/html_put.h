/*
 * html_put: small pieces of a page: headings in two languages, tables, cells.
 *
 * Texts  from outside are escaped; Chinese and English of the page itself are literals.
 * Use    html_table_begin with column heads separated by '|' ("中文 English|…"), rows of cells,
 *        html_table_end. Number cells are set flush right.
 */
#ifndef XUNFANG_AGGREGATOR_HTML_PUT_H
#define XUNFANG_AGGREGATOR_HTML_PUT_H

#include "base/util/buf.h"

void html_heading(struct buf *out, const char *chinese, const char *english);
/* A paragraph a language. */
void html_paragraph(struct buf *out, const char *chinese, const char *english);
void html_table_begin(struct buf *out, const char *heads);
void html_table_end(struct buf *out);
void html_row_begin(struct buf *out);
void html_row_end(struct buf *out);
void html_cell_text(struct buf *out, struct slice text);
void html_cell_uint(struct buf *out, uint64_t number);
/* At most `decimals` of them; a dash if not finite. */
void html_cell_number(struct buf *out, double number, int decimals);

#endif
