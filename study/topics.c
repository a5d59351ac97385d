#include "study/topics.h"

#include <stdio.h>

enum status topic_check_name(const char *what, struct slice name, struct error *err)
{
    bool valid = name.size >= 1 && name.size <= NAME_MAX_SIZE;

    for (size_t i = 0; valid && i < name.size; i++) {
        char c = name.data[i];
        valid = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                c == '-' || c == '_';
    }
    if (valid)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID,
                     "%s name '%.*s': 1 to %d letters, digits, '-' and '_' are allowed", what,
                     SLICE_ARG(name), NAME_MAX_SIZE);
}

struct topic_name topic_name(enum topic_kind kind, const char *job, const char *run)
{
    static const struct {
        const char *suffix;
        bool job;
        bool run;
    } kinds[TOPIC_KINDS] = {
        [TOPIC_URLS] = {"urls", false, false},       [TOPIC_LEASES] = {"leases", false, false},
        [TOPIC_CONTROL] = {"control", false, false}, [TOPIC_PAGES] = {"pages", true, false},
        [TOPIC_ANSWERS] = {"answers", true, false},  [TOPIC_DOCUMENTS] = {"documents", true, true},
        [TOPIC_VISITS] = {"visits", true, true},     [TOPIC_REPORTS] = {"reports", true, true},
    };
    struct topic_name name;

    ENSURE(kind < TOPIC_KINDS);
    /* Names were checked where they came in: a bad one here would be a topic of somebody else's. */
    ENSURE(!kinds[kind].job || topic_check_name("job", slice_from(job), NULL) == STATUS_OK);
    ENSURE(!kinds[kind].run || topic_check_name("run", slice_from(run), NULL) == STATUS_OK);
    (void) snprintf(name.text, sizeof name.text, "%s%s%s%s%s", kinds[kind].job ? job : "",
                    kinds[kind].job ? "." : "", kinds[kind].run ? run : "",
                    kinds[kind].run ? "." : "", kinds[kind].suffix);
    return name;
}
