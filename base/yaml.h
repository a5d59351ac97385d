/*
 * yaml: one YAML document as a tree that remembers lines.
 *
 * Subset   Maps with scalar keys, lists, scalars. Anchors, aliases, tags and several documents are
 *          refused, so a small file cannot unfold into a large tree. Keys of one map must differ.
 *          Limits Depth, nodes and bytes below; past them STATUS_TOO_LARGE.
 * Errors   "file:line: what", in the words of the file, never of the library.
 * Memory   The tree belongs to the arena; every text has a NUL behind and may not hold one.
 * Library  libyaml, here only.
 */
#ifndef XUNFANG_BASE_YAML_H
#define XUNFANG_BASE_YAML_H

#include "base/util/arena.h"

enum {
    YAML_BYTES_MAX = 4 * 1024 * 1024,
    YAML_DEPTH_MAX = 32,
    YAML_NODES_MAX = 200000, /* of the file */
    YAML_KEYS_MAX = 2000,    /* of one map */
};

enum yaml_type { YAML_NULL, YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml_source {
    struct slice text;
    const char *file; /* for messages */
    struct arena *arena;
};

struct yaml_node {
    enum yaml_type type;
    bool quoted;             /* 'x' or "x" or a block: never a number, null or true */
    uint32_t line;           /* from 1; of a map's value the line of the key */
    struct slice key;        /* set on the children of a map */
    struct slice text;       /* of YAML_TEXT */
    struct yaml_node *first; /* child, in the order of the file */
    struct yaml_node *next;  /* sibling */
    size_t count;            /* children */
};

/* An empty document gives a node of type YAML_NULL. */
CHECKED enum status yaml_parse(const struct yaml_source *source, const struct yaml_node **root,
                               struct error *err);

/* The child of a map by key; NULL if absent. */
const struct yaml_node *yaml_member(const struct yaml_node *map, const char *key);
/* "null", "a text", "a list", "a map". */
const char *yaml_type_text(enum yaml_type type);

#endif
