/*
 * verify_folder: is a folder of results what the job's logs give now?
 *
 * Compared  Every text table byte by byte with what is rendered from the logs. Pictures, the page
 *           and the database are made from the same results by libraries and are not compared.
 */
#ifndef XUNFANG_AGGREGATOR_VERIFY_FOLDER_H
#define XUNFANG_AGGREGATOR_VERIFY_FOLDER_H

#include "aggregator/results.h"
#include "aggregator/verify.h"

CHECKED enum status verify_folder(const struct results *results, const char *path,
                                  struct verify *verify, struct error *err);

#endif
