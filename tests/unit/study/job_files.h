/*
 * job_files: a small job on loopback addresses, written into a temporary folder.
 *
 * Shape    苏州 (two publishers, the second for 昆山), 宿州, 上海; platforms "page" (GET, GBK,
 *          offsets) and "post" (JSON body, a parameter). A test overwrites the file it is about.
 */
#ifndef XUNFANG_TESTS_UNIT_STUDY_JOB_FILES_H
#define XUNFANG_TESTS_UNIT_STUDY_JOB_FILES_H

#include "tests/unit/study/temp_dir.h"

#define JOB_HEAD                                                                                   \
    "job: t\nregion: region.yaml\ncodebook: visits\n"                                              \
    "period: {from: 2010-01-01, to: 2023-12-31}\n"
#define JOB_TEXT JOB_HEAD "crawl: {contact: a@b.c, allow_private_addresses: true}\n"
#define PAGE_TEXT                                                                                  \
    "platform: page\nrequest:\n  url: \"{site}/s?q={keyword}&s={page}&x={no}\"\n"                  \
    "  keyword_encoding: gbk\n  page: {first: 0, step: 15}\n"                                      \
    "response: {kind: html, hits: //li, link: ./a/@href}\n"
#define POST_TEXT                                                                                  \
    "platform: post\nrequest:\n  method: POST\n  url: \"{site}/api\"\n"                            \
    "  content_type: application/json\n"                                                           \
    "  body: '{\"id\":\"{id}\",\"q\":\"{keyword}\",\"p\":{page}}'\n"                               \
    "  headers: {X-Id: \"{id}\"}\n"                                                                \
    "response: {kind: json, hits: .x, link: .y, next: .n}\n"
#define REGION_TEXT                                                                                \
    "region: small\ncities:\n"                                                                     \
    "  - name: 苏州\n    publishers:\n"                                                          \
    "      - {site: \"http://127.0.2.1:18090\", platform: page}\n"                                 \
    "      - {site: \"http://127.0.2.4:18090\", platform: post, params: {id: '\"k\"'}, unit: "     \
    "昆山市}\n"                                                                                 \
    "  - name: 宿州\n    search_names: [宿州, 埇桥]\n    publishers:\n"                      \
    "      - {site: \"http://127.0.2.2:18090\", platform: post, params: {id: 34}}\n"               \
    "  - name: 上海\n    publishers: [{site: \"http://127.0.2.3:18090\", platform: page}]\n"     \
    "central: [上海]\n"

/* Returns the job's path, which stays valid. */
static inline const char *job_files_write(struct temp_dir *dir)
{
    static char path[256];

    temp_dir_write(dir, "region.yaml", REGION_TEXT);
    temp_dir_write(dir, "platforms/page.yaml", PAGE_TEXT);
    temp_dir_write(dir, "platforms/post.yaml", POST_TEXT);
    (void) snprintf(path, sizeof path, "%s", temp_dir_write(dir, "job.yaml", JOB_TEXT));
    return path;
}

#endif
