#include "tests/schema/schema_check.h"

#include "tests/schema/schema_list.h"

enum { LINE_MAX_SIZE = 512 };

/* The first words of a line: kind, type and number say which field it is. */
struct fact {
    struct slice line;
    struct slice kind;
    struct slice type;
    struct slice number;
};

static struct fact fact_of(struct slice line)
{
    struct fact fact = {.line = line};
    struct slice rest = line;

    fact.kind = slice_split(&rest, ' ');
    fact.type = slice_split(&rest, ' ');
    fact.number = slice_split(&rest, ' ');
    return fact;
}

static bool has_reserved(struct slice list, const struct fact *fact)
{
    struct buf text;
    bool found;

    buf_init(&text, LINE_MAX_SIZE);
    buf_printf(&text, "reserved %.*s %.*s", SLICE_ARG(fact->type), SLICE_ARG(fact->number));
    found = schema_has(list, buf_slice(&text));
    buf_fini(&text);
    return found;
}

/* What stands at the number now. */
static struct slice now_at(struct slice list, const struct fact *fact)
{
    struct slice found;
    struct buf start;

    buf_init(&start, LINE_MAX_SIZE);
    buf_printf(&start, "%.*s %.*s %.*s ", SLICE_ARG(fact->kind), SLICE_ARG(fact->type),
               SLICE_ARG(fact->number));
    found = schema_find(list, buf_slice(&start));
    buf_fini(&start);
    return found;
}

/* Does the list know any field or value of this type? */
static bool has_type(struct slice list, const struct fact *fact)
{
    struct slice found;
    struct buf start;

    buf_init(&start, LINE_MAX_SIZE);
    buf_printf(&start, "%.*s %.*s ", SLICE_ARG(fact->kind), SLICE_ARG(fact->type));
    found = schema_find(list, buf_slice(&start));
    buf_fini(&start);
    return found.data != NULL;
}

static bool check_fact(struct slice current, const struct fact *fact, struct buf *findings)
{
    struct slice now;

    if (schema_has(current, fact->line))
        return true;
    if (slice_equal(fact->kind, SLICE("reserved"))) {
        buf_printf(findings, "%.*s is no longer reserved\n", SLICE_ARG(fact->line));
        return false;
    }
    now = now_at(current, fact);
    if (now.data != NULL) {
        buf_printf(findings, "%.*s has become %.*s\n", SLICE_ARG(fact->line), SLICE_ARG(now));
        return false;
    }
    if (has_reserved(current, fact) || !has_type(current, fact))
        return true;
    buf_printf(findings, "%.*s is gone, and its number is not reserved\n", SLICE_ARG(fact->line));
    return false;
}

size_t schema_check(struct slice released, struct slice current, struct buf *findings)
{
    size_t broken = 0;

    while (released.data != NULL) {
        struct fact fact = fact_of(slice_split(&released, '\n'));
        bool is_fact = slice_equal(fact.kind, SLICE("field")) ||
                       slice_equal(fact.kind, SLICE("value")) ||
                       slice_equal(fact.kind, SLICE("reserved"));

        broken += is_fact && !check_fact(current, &fact, findings);
    }
    return broken;
}

size_t schema_check_whole(struct slice current, struct buf *findings)
{
    struct slice rest = current;
    size_t missing = 0;

    while (rest.data != NULL) {
        struct fact fact = fact_of(slice_split(&rest, '\n'));
        bool is_message = slice_equal(fact.kind, SLICE("message"));

        fact.kind = SLICE("field");
        if (!is_message || has_type(current, &fact))
            continue;
        missing++;
        buf_printf(findings, "message %.*s is in no list: is it among the roots?\n",
                   SLICE_ARG(fact.type));
    }
    return missing;
}
