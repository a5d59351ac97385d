/* A labelled corpus of made-up reports, in a file of its own. */
#ifndef XUNFANG_TESTS_UNIT_CLASSIFIER_SMALL_CORPUS_H
#define XUNFANG_TESTS_UNIT_CLASSIFIER_SMALL_CORPUS_H

#include "classifier/corpus.h"
#include "tests/unit/study/reader_fixture.h"
#include "tests/unit/study/temp_dir.h"

#include <stdio.h>

enum { SMALL_SIZE = 60 };

/* Visits at even numbers; every third visit cooperative and about the economy. */
static inline void small_write(FILE *file)
{
    static const char *const cities[] = {"无锡", "苏州", "南通", "扬州", "泰州"};

    for (int i = 0; i < SMALL_SIZE; i++) {
        const char *city = cities[i % 5];
        bool cooperative = i % 3 == 0;

        if (i % 2 == 0)
            fprintf(file,
                    "{\"id\":\"v%d\",\"url\":\"http://x/%d\",\"site_city\":\"常州\",\"title\":"
                    "\"%s市党政代表团来我市考察\",\"date\":null,\"body\":\"%d日，%s市代表团来常州%"
                    "s。\","
                    "\"gold\":{\"is_visit\":true,\"events\":[{\"origin_city\":\"%s\",\"host_city\":"
                    "\"常州\",\"themes\":[\"%s\"],\"purpose\":\"%s\"}]}}\n",
                    i, i, city, i, city,
                    cooperative ? "签署合作协议，洽谈产业" : "参观学习教育经验", city,
                    cooperative ? "经济发展" : "公共服务",
                    cooperative ? "cooperative" : "learning");
        else
            fprintf(
                file,
                "{\"id\":\"n%d\",\"url\":null,\"site_city\":\"常州\",\"title\":\"关于调整%s"
                "政策的通知\",\"date\":null,\"body\":\"各单位：现就%d号文件通知如下。\",\"gold\":{"
                "\"is_visit\":false,\"events\":[]}}\n",
                i, city, i);
    }
}

static inline struct corpus *small_load(void)
{
    struct temp_dir dir;
    struct corpus *corpus = NULL;
    char path[256];
    FILE *file;

    assert_int_equal(temp_dir_create(&dir), 0);
    (void) snprintf(path, sizeof path, "%s/gold.jsonl", dir.path);
    file = fopen(path, "w");
    assert_non_null(file);
    small_write(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(corpus_load(path, &corpus, &fixture.err), STATUS_OK);
    temp_dir_destroy(&dir);
    return corpus;
}

#endif
