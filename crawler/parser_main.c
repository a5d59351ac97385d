/* xunfang-parser: the worker of a replay that reads the archive again: pages → documents. */
#include "crawler/parse_stage.h"
#include "study/program.h"

static enum status work(struct daemon *daemon, struct role *role, struct error *err)
{
    struct page_parser parser = {.study = role->study};
    const struct program_map map = {&parser_stage, &parser, TOPIC_DOCUMENTS};
    enum status status = role_take(role, TOPIC_PAGES, false, err);

    if (status == STATUS_OK)
        status = fetch_parser_create(&parser.parser, err);
    if (status == STATUS_OK)
        status = program_run_map(daemon, role, &map, err);
    fetch_parser_destroy(parser.parser);
    return status;
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "parser",
        .about = "Reads the archived pages of a job again, for a replay.",
        .work = work};

    return program_main(&program, argc, argv);
}
