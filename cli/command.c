#include "cli/command.h"

#include "base/util/crash.h"
#include "cli/check.h"
#include "cli/ingest.h"
#include "cli/job_control.h"
#include "cli/jobs.h"
#include "cli/purge.h"
#include "cli/replay.h"
#include "cli/run.h"
#include "cli/submit_command.h"

#include <stdio.h>

/* The kill tests (tests/system) ask the program itself, so a new crash point is tested without a
 * list to edit. */
static int crash_points_command(int argc, char **argv)
{
    (void) argc;
    (void) argv;
    for (int i = 0; i < CRASH_POINT_COUNT; i++)
        (void) printf("%-24s %s\n", crash_point_name((enum crash_point) i),
                      crash_point_text((enum crash_point) i));
    return EXIT_DONE;
}

const struct command commands[] = {
    {"run", run_command, NULL, false, false, "JOB.yaml [--data DIR] [--out DIR]",
     "do a whole job with workers on this machine; the same command resumes"},
    {"replay", replay_command, NULL, false, false, "JOB --from STAGE --as RUN [--with JOB.yaml]",
     "read a job's stored logs again, with another codebook or model; nothing is crawled"},
    {"submit", submit_command, NULL, false, false, "JOB.yaml [--bus URL]",
     "put a job on a bus, whose workers take it up; starts none"},
    {"jobs", jobs_command, NULL, false, false, "[--json]", "the jobs of a bus and their states"},
    {"pause", job_control_command, NULL, false, false, "JOB", "let a job rest"},
    {"resume", job_control_command, NULL, false, false, "JOB", "let a paused job go on"},
    {"cancel", job_control_command, NULL, false, false, "JOB", "end a job for good; its logs stay"},
    {"purge", purge_command, NULL, false, false, "JOB --yes", "delete a job's logs for good"},
    {"check", check_command, NULL, false, false, "JOB.yaml",
     "validate a job; lists, requests, hours"},
    {"ingest", ingest_command, NULL, false, false, "JOB.yaml < docs.jsonl",
     "add documents collected elsewhere to a job"},
    {"report", NULL, "xunfang-results", true, true, "JOB --out DIR", "write the output folder"},
    {"export", NULL, "xunfang-results", true, true, "JOB --format F",
     "one result as csv, jsonl, sqlite, graphml or gexf"},
    {"status", NULL, "xunfang-results", true, true, "JOB [--json]",
     "how far a job is, what asking a language model cost"},
    {"compare", NULL, "xunfang-results", true, true, "JOB RUN1 RUN2 [--json]",
     "what changed between two runs of a job"},
    {"verify", NULL, "xunfang-results", true, true, "JOB", "check conservation and every number"},
    {"archive", NULL, "xunfang-results", true, true, "JOB --out DIR | --restore DIR",
     "a complete job's logs to a folder, or back onto any bus"},
    {"dead", NULL, "xunfang-results", true, true, "JOB [--redrive]", "dead records"},
    {"trace", NULL, "xunfang-results", true, true, "JOB DOC",
     "one document's way through all logs"},
    {"parse", NULL, "xunfang-tools", true, false, "--url URL < page.html",
     "title, date, body and links of an article page"},
    {"classify", NULL, "xunfang-classifier", true, false, "< docs.jsonl",
     "add is_visit, themes, purpose"},
    {"extract", NULL, "xunfang-extractor", true, false, "< docs.jsonl", "add events"},
    {"embed", NULL, "xunfang-classifier", true, false, "--llm URL --model NAME < docs.jsonl",
     "add the vector a model gives for the text"},
    {"aggregate", NULL, "xunfang-results", true, false, "--out DIR < lines",
     "events to network, measures, tables, figures"},
    {"train", NULL, "xunfang-classifier", true, false, "--task NAME < labelled.jsonl",
     "fit a model"},
    {"eval", NULL, "xunfang-classifier", true, false, "--task NAME < labelled.jsonl",
     "score a model, with intervals"},
    {"url", NULL, "xunfang-tools", true, false, "< lines", "URLs in WHATWG form and crawl key"},
    {"robots", NULL, "xunfang-tools", true, false, "--agent A --url U < robots.txt",
     "allowed or disallowed"},
    {"decode", NULL, "xunfang-tools", true, false, "[--label L] < bytes", "any charset to UTF-8"},
    {"log", NULL, "xunfang-log", false, false, "--data DIR", "worker: the local log server"},
    {"frontier", NULL, "xunfang-frontier", false, false, "", "worker: what is fetched when"},
    {"crawler", NULL, "xunfang-crawler", false, false, "", "worker: fetches leases"},
    {"classifier", NULL, "xunfang-classifier", false, false, "", "worker: documents to visits"},
    {"extractor", NULL, "xunfang-extractor", false, false, "", "worker: visits to reports"},
    {"parser", NULL, "xunfang-parser", false, false, "", "worker: pages to documents, in a replay"},
    {"aggregator", NULL, "xunfang-aggregator", false, false, "", "worker: seals complete jobs"},
    {"crash-points", crash_points_command, NULL, false, false, "", "names for CRASH_AT, for tests"},
};
const size_t command_count = sizeof commands / sizeof commands[0];
