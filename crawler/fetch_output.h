/*
 * fetch_output: what one fetched request leaves in the logs: its page, then its document.
 *
 * Order   The document is published when the page is acknowledged: its source names the page's
 *         position. `done` when the last of them is acknowledged.
 * Memory  An output owns the packed document until that is published; fetch_output_fini at the end.
 *         Tickets are filled by the bus: an output must not move before it is done.
 */
#ifndef XUNFANG_CRAWLER_FETCH_OUTPUT_H
#define XUNFANG_CRAWLER_FETCH_OUTPUT_H

#include "base/http/http.h"
#include "base/worker.h"
#include "proto/document.pb-c.h"
#include "proto/page.pb-c.h"
#include "study/topics.h"

enum { FETCH_RECORD_MAX = BUS_RECORD_MAX - 64 * 1024 };

/* Where a lease's outputs go. */
struct fetch_target {
    struct worker *worker;
    struct slice job;
    struct slice run;
    struct topic_name pages;
    struct topic_name documents;
};

enum fetch_output_state { OUTPUT_NONE, OUTPUT_PAGE, OUTPUT_DOCUMENT, OUTPUT_DONE };

struct fetch_output {
    enum fetch_output_state state;
    struct id id;
    struct bus_ticket page;
    struct bus_ticket document;
    char *packed; /* the document; NULL: none, or published */
    size_t packed_size;
};

/* Publishes the page. `document` may be NULL. Everything is copied. */
CHECKED enum status fetch_output_begin(struct fetch_output *output,
                                       const struct fetch_target *target, const Xunfang__Page *page,
                                       const Xunfang__Document *document, struct error *err);
/* Goes on if something was acknowledged. */
CHECKED enum status fetch_output_step(struct fetch_output *output,
                                      const struct fetch_target *target, struct error *err);
/* Is there nothing (more) to wait for? */
bool fetch_output_done(const struct fetch_output *output);
void fetch_output_fini(struct fetch_output *output);

/* Publishes; waits for room if the bus's queue is full. */
CHECKED enum status fetch_publish(struct worker *worker, const char *topic,
                                  const struct record *record, struct bus_ticket *ticket,
                                  struct error *err);

#endif
