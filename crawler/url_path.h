/*
 * url_path: the path of an http(s) URL, its dot segments resolved. Private to url.c.
 *
 * Segments  End at '/' or '\'; "." and ".." count however their dots are written (%2e). A path
 *           never climbs above its root. Case and empty segments stay: sites tell them apart.
 * Source    The path state of the WHATWG URL standard for special schemes.
 */
#ifndef XUNFANG_CRAWLER_URL_PATH_H
#define XUNFANG_CRAWLER_URL_PATH_H

#include "base/util/buf.h"

/* Appends `kept` (a path without its last slash, as it stands) and the segments of `text`,
 * encoded. */
void url_path_put(struct buf *out, struct slice kept, struct slice text);

/* The path up to its last slash, the slash left out. */
struct slice url_path_folder(struct slice path);

#endif
