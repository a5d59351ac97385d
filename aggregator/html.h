/*
 * html: report.html, one self-contained page that opens from the disk, in Chinese and English.
 *
 * Says      What was asked, how many documents each stage left and why the rest went; what is
 *           missing (incomplete and blocked lists, dead documents, articles that could not be
 *           fetched); the networks' figures with the unit of every share; the pictures; pairs and
 *           cities; what decided, and what a language model cost (html_decisions.h); how events
 *           were dated and who reported them; what the figures do not show.
 * Pictures  stand inside the page as data URLs; a picture that is missing is named.
 * Safe      Every text from outside is escaped; the page has no script and loads nothing.
 * Bytes     Equal results, accounts and pictures give equal pages: no clock.
 */
#ifndef XUNFANG_AGGREGATOR_HTML_H
#define XUNFANG_AGGREGATOR_HTML_H

#include "aggregator/account.h"

enum { HTML_PAIRS_SHOWN = 25, HTML_LISTS_SHOWN = 200, HTML_BYTES_MAX = 64 << 20 };

/* `account` may be NULL. `pictures`: the svg of each figure (aggregator/figures.h) in order; data
 * NULL where there is none. */
void html_report(const struct results *results, const struct account *account,
                 const struct slice *pictures, struct buf *out);

#endif
