/*
 * Built breadth first: nodes are both the queue and the result, so the children of a node come to
 * lie side by side, and only the first has to be remembered. Keys are sorted by bytes, which in
 * UTF-8 is the order of code points; so each node's keys are one span of them.
 */
#include "study/trie.h"

#include "study/text.h"

#include <stdlib.h>

static const uint32_t no_value = UINT32_MAX;

struct node {
    uint32_t code_point;
    uint32_t value;    /* no_value: no key ends here */
    uint32_t children; /* index of the first; they end where those of the next node begin */
};

struct trie {
    struct node *nodes; /* node 0 is the root; one node behind the last closes its children */
    size_t count;
    size_t capacity;
};

/* While building: the keys below a node and the bytes of them that lead to it. */
struct span {
    size_t first;
    size_t last; /* behind the last key */
    size_t depth;
};

struct build {
    const struct trie_key *keys;
    struct trie *trie;
    struct span *spans; /* of each node */
};

static enum status check_keys(const struct trie_key *keys, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (keys[i].text.size == 0 || keys[i].value > TRIE_VALUE_MAX ||
            (i > 0 && slice_compare(keys[i - 1].text, keys[i].text) >= 0))
            return error_set(err, STATUS_INVALID, "trie: key %zu '%.*s' is empty or out of order",
                             i, SLICE_ARG(keys[i].text));
    return STATUS_OK;
}

static bool grow(struct build *b)
{
    struct trie *trie = b->trie;
    size_t capacity = trie->capacity == 0 ? 1024 : trie->capacity * 2;
    struct node *nodes;
    struct span *spans;

    if (capacity > TRIE_NODES_MAX)
        return false;
    nodes = realloc(trie->nodes, capacity * sizeof *nodes);
    if (nodes == NULL)
        return false;
    trie->nodes = nodes;
    spans = realloc(b->spans, capacity * sizeof *spans);
    if (spans == NULL)
        return false;
    b->spans = spans;
    trie->capacity = capacity;
    return true;
}

static bool add_node(struct build *b, uint32_t code_point, struct span span)
{
    struct trie *trie = b->trie;

    if (trie->count + 1 >= trie->capacity && !grow(b))
        return false;
    trie->nodes[trie->count] = (struct node){code_point, no_value, 0};
    b->spans[trie->count++] = span;
    return true;
}

/* Adds the children of node `at`: its keys grouped by their next code point. */
static bool add_children(struct build *b, size_t at)
{
    struct span span = b->spans[at];
    size_t i = span.first;

    /* A key that ends here sorts before those that go on. */
    if (i < span.last && b->keys[i].text.size == span.depth)
        b->trie->nodes[at].value = b->keys[i++].value;
    b->trie->nodes[at].children = (uint32_t) b->trie->count;
    while (i < span.last) {
        size_t first = i;
        size_t depth = span.depth;
        uint32_t code_point = 0;
        (void) text_next(b->keys[first].text, &depth, &code_point);
        for (i++; i < span.last; i++) {
            size_t end = span.depth;
            uint32_t other = 0;
            (void) text_next(b->keys[i].text, &end, &other);
            if (other != code_point)
                break;
        }
        if (!add_node(b, code_point, (struct span){first, i, depth}))
            return false;
    }
    return true;
}

static bool build_all(struct build *b, size_t keys)
{
    if (!add_node(b, 0, (struct span){0, keys, 0}))
        return false;
    for (size_t at = 0; at < b->trie->count; at++)
        if (!add_children(b, at))
            return false;
    b->trie->nodes[b->trie->count].children = (uint32_t) b->trie->count;
    return true;
}

enum status trie_build(const struct trie_key *keys, size_t count, struct trie **trie,
                       struct error *err)
{
    struct build b = {.keys = keys};
    enum status status = check_keys(keys, count, err);

    if (status != STATUS_OK)
        return status;
    b.trie = calloc(1, sizeof *b.trie);
    if (b.trie == NULL || !build_all(&b, count)) {
        trie_destroy(b.trie);
        free(b.spans);
        return error_set(err, STATUS_NOMEM, "trie of %zu keys: %s", count,
                         status_text(STATUS_NOMEM));
    }
    free(b.spans);
    *trie = b.trie;
    return STATUS_OK;
}

void trie_destroy(struct trie *trie)
{
    if (trie == NULL)
        return;
    free(trie->nodes);
    free(trie);
}

/* The child of `node` for this code point; 0, the root, if there is none. */
static size_t child_of(const struct trie *trie, size_t node, uint32_t code_point)
{
    size_t low = trie->nodes[node].children;
    size_t high = trie->nodes[node + 1].children;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (trie->nodes[middle].code_point == code_point)
            return middle;
        if (trie->nodes[middle].code_point < code_point)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

size_t trie_match(const struct trie *trie, struct slice text, size_t at, uint32_t *value)
{
    size_t best = 0;
    size_t node = 0;
    size_t end = at;
    uint32_t code_point;

    while (text_next(text, &end, &code_point)) {
        node = child_of(trie, node, code_point);
        if (node == 0)
            break;
        if (trie->nodes[node].value != no_value) {
            *value = trie->nodes[node].value;
            best = end - at;
        }
    }
    return best;
}

bool trie_find(const struct trie *trie, struct slice text, uint32_t *value)
{
    uint32_t found;

    if (text.size == 0 || trie_match(trie, text, 0, &found) != text.size)
        return false;
    *value = found;
    return true;
}
