/*
 * grammar: texts made from rules, so that few frames give very many different sentences.
 *
 * Files    "@name" begins a rule; every further non-empty line is one of its alternatives; lines
 *          that begin with "# " are comments. A rule may go on in another file.
 * Frames   [a|b|]   one of the alternatives, which may be empty and may hold frames themselves
 *          {name}   a value of the scope or, if it has none, an alternative of the rule `name`;
 *                   both are expanded again
 *          {#a-b}   a whole number from a to b
 *          A name that nobody knows stays in the text as it is, where the tests find it.
 * Random   Every choice comes from the scope's generator: equal scopes and seeds give equal texts.
 * Limits   GRAMMAR_DEPTH nested expansions, deeper ones are left out; the output is the caller's
 *          buf with its own limit.
 * Threads  A grammar does not change after its birth and may be shared.
 */
#ifndef XUNFANG_SITES_GRAMMAR_H
#define XUNFANG_SITES_GRAMMAR_H

#include "base/util/buf.h"
#include "base/util/random.h"

enum { GRAMMAR_DEPTH = 12 };

struct grammar;

/* Where names get their values and choices their numbers. */
struct grammar_scope {
    /* The frame that `name` stands for; data NULL if the scope has none. NULL: no names at all. */
    struct slice (*value)(void *self, struct slice name);
    void *self;
    struct random random;
};

/* Reads the files (their bytes must outlive the grammar). STATUS_INVALID names the line of a frame
 * before the first rule. */
CHECKED enum status grammar_create(const struct slice *files, size_t count,
                                   struct grammar **grammar, struct error *err);
/* NULL is fine. */
void grammar_destroy(struct grammar *grammar);

bool grammar_has(const struct grammar *grammar, struct slice rule);
/* Appends the expanded frame. */
void grammar_expand(const struct grammar *grammar, struct grammar_scope *scope, struct slice frame,
                    struct buf *out);
/* Appends an alternative of the rule, chosen by the scope; nothing if there is no such rule. */
void grammar_rule(const struct grammar *grammar, struct grammar_scope *scope, struct slice rule,
                  struct buf *out);

#endif
