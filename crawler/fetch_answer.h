/*
 * fetch_answer: what becomes of one answer: judged, read, published. Private to the fetcher.
 *
 * Steps    fetch_policy says what the answer means; a good one is read by its kind (list,
 *          robots.txt, article); a final one goes to the archive, and with it the document.
 * Archive  A body over its cap is not kept, only that it was. A robots.txt stands in the result
 *          instead. An answer that will be asked for again is not final.
 * Faults   Of the page (cannot be read, over a limit) become its outcome; only our own come back.
 */
#ifndef XUNFANG_CRAWLER_FETCH_ANSWER_H
#define XUNFANG_CRAWLER_FETCH_ANSWER_H

#include "crawler/fetch_lease.h"

/* The answer to the request under way; sets when the next may be sent. The scratch arena is free
 * for use. */
CHECKED enum status fetch_lease_answer(struct fetch_shared *shared, struct fetch_lease *lease,
                                       const struct http_response *response, struct error *err);

#endif
