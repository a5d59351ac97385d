/* schema RELEASED PROTO…: compares the messages of this build with a released list; schema
 * --print PROTO…: prints the list of this build. See README.md. */
#include "tests/schema/schema_check.h"
#include "tests/schema/schema_list.h"

#include "study/file.h"

#include <stdio.h>
#include <string.h>

enum { FILES_MAX = 16 << 20 };

static enum status make_list(struct arena *arena, char *const *files, int count, struct buf *list,
                             struct error *err)
{
    enum status status = STATUS_OK;

    schema_list_fields(list);
    for (int i = 0; i < count && status == STATUS_OK; i++) {
        struct slice text;

        status = file_read(files[i], SCHEMA_LIST_MAX, arena, &text, err);
        if (status == STATUS_OK)
            status = schema_list_proto(text, list, err);
        if (status != STATUS_OK)
            status = error_prefix(err, status, "%s", files[i]);
    }
    return status == STATUS_OK ? buf_status(list, err) : status;
}

static enum status check(struct arena *arena, const char *path, struct slice current,
                         struct error *err)
{
    struct slice released;
    struct buf findings;
    size_t broken;
    enum status status = file_read(path, SCHEMA_LIST_MAX, arena, &released, err);

    if (status != STATUS_OK)
        return status;
    buf_init(&findings, SCHEMA_LIST_MAX);
    broken = schema_check(released, current, &findings);
    broken += schema_check_whole(current, &findings);
    (void) fwrite(findings.data, 1, findings.size, stderr);
    buf_fini(&findings);
    if (broken == 0)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "%zu rules are broken; see tests/schema/README.md",
                     broken);
}

int main(int argc, char **argv)
{
    struct error err = {.code = STATUS_OK};
    struct arena *arena;
    struct buf list;
    enum status status;

    if (argc < 3) {
        (void) fprintf(stderr, "usage: schema RELEASED|--print PROTO…\n");
        return 2;
    }
    buf_init(&list, SCHEMA_LIST_MAX);
    arena = arena_create(FILES_MAX);
    ENSURE(arena != NULL);
    status = make_list(arena, argv + 2, argc - 2, &list, &err);
    if (status == STATUS_OK && strcmp(argv[1], "--print") == 0)
        (void) fwrite(list.data, 1, list.size, stdout);
    else if (status == STATUS_OK)
        status = check(arena, argv[1], buf_slice(&list), &err);
    buf_fini(&list);
    arena_destroy(arena);
    if (status != STATUS_OK)
        (void) fprintf(stderr, "schema: %s\n", err.message);
    return status == STATUS_OK ? 0 : 1;
}
