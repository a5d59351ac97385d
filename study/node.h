/*
 * node: the name of a data folder, and with it of the machine, on a cluster.
 *
 * Name     8 hexadecimal digits, drawn when the first process starts with this folder, kept in
 *          DATA/node. Processes that start at the same time agree on one.
 * Copies   A copied folder has the same name: two machines must not share one.
 */
#ifndef XUNFANG_STUDY_NODE_H
#define XUNFANG_STUDY_NODE_H

#include "base/util/status.h"

enum { NODE_NAME_SIZE = 9 };

/* STATUS_INVALID: the file holds something else. */
CHECKED enum status node_name(const char *data, char name[NODE_NAME_SIZE], struct error *err);

#endif
