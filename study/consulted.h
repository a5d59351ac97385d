/*
 * consulted: which tasks of a document went to a language model, as it travels in the logs.
 *
 * Joined    A document is asked about by several stages; what the stage before says comes first,
 *           and fields it knows and we do not stay with it.
 * Limits    CONSULTED_TASKS_MAX tasks a stage (study/cascade.h).
 * Memory    The message belongs to the arena; it points into both parts, which must outlive it.
 */
#ifndef XUNFANG_STUDY_CONSULTED_H
#define XUNFANG_STUDY_CONSULTED_H

#include "proto/document.pb-c.h"
#include "study/cascade.h"

/* *message: `before` (NULL: none) with `consulted` behind; NULL if both are empty. STATUS_NOMEM. */
CHECKED enum status consulted_join(const Xunfang__Consulted *before,
                                   const struct consulted *consulted, struct arena *arena,
                                   Xunfang__Consulted **message, struct error *err);

/* Notes the end of the question about `task`; `key` counts if it was answered. */
void consulted_note(struct consulted *consulted, const char *task, enum asked_outcome end,
                    struct id key);

#endif
