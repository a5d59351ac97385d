/*
 * trie: a set of texts in which the longest one at a place of a text is found in one walk.
 *
 * Shape    Nodes in breadth-first order, the children of a node side by side and sorted by code
 *          point; 12 bytes a node. Built once, then read-only.
 * Keys     UTF-8 texts, not empty, all different, with a number below TRIE_VALUE_MAX each.
 * Threads  Read-only after building: may be shared.
 */
#ifndef XUNFANG_STUDY_TRIE_H
#define XUNFANG_STUDY_TRIE_H

#include "base/util/slice.h"

struct trie;

struct trie_key {
    struct slice text;
    uint32_t value;
};

enum { TRIE_VALUE_MAX = 0x00FFFFFF, TRIE_NODES_MAX = 4000000 };

/* `keys` sorted by slice_compare of their texts (which is the order of code points). STATUS_INVALID
 * if they are not, or two are equal. */
CHECKED enum status trie_build(const struct trie_key *keys, size_t count, struct trie **trie,
                               struct error *err);
/* NULL is fine. */
void trie_destroy(struct trie *trie);
/* Bytes of the longest key that begins at text[at], and its value; 0 if none does. */
size_t trie_match(const struct trie *trie, struct slice text, size_t at, uint32_t *value);
/* The value of the key that is the whole text; false if there is none. */
bool trie_find(const struct trie *trie, struct slice text, uint32_t *value);

#endif
