/*
 * lexicon: words that tell what a visit is about, for the models of themes and purpose.
 *
 * Groups    One a theme of the study, then cooperation and learning. Offices count for the theme
 *           they work on (市场监管局: market regulation).
 * Count     Occurrences of a group's words in a text, overlaps counted once a word.
 * Threads   No state; the table is constant.
 */
#ifndef XUNFANG_STUDY_LEXICON_H
#define XUNFANG_STUDY_LEXICON_H

#include "base/util/slice.h"

enum { LEXICON_GROUPS = 10, LEXICON_COUNT_MAX = 100 };

/* How often words of `group` (below LEXICON_GROUPS) occur in `text`, at most LEXICON_COUNT_MAX. */
size_t lexicon_count(size_t group, struct slice text);

#endif
