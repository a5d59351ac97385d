/*
 * service: what the sites answer, without any socket.
 *
 * Routes   /robots.txt, /, the search of the site's dialect, the addresses of its documents;
 *          everything else is 404, and a search asked with the wrong method 500, as one real
 *          product does.
 * Threads  One thread. A response is valid until the next service_answer.
 */
#ifndef XUNFANG_SITES_SERVICE_H
#define XUNFANG_SITES_SERVICE_H

#include "tests/sites/faults.h"
#include "tests/sites/world.h"

enum { SERVICE_LOCATION_MAX = 160 };

struct service;

struct service_request {
    uint32_t site;
    struct slice method;
    struct slice target; /* path and query */
    struct slice body;
};

struct service_response {
    unsigned status;
    const char *type; /* Content-Type */
    char location[SERVICE_LOCATION_MAX];
    unsigned retry_after; /* seconds; 0: no such header */
    bool gzip;            /* Content-Encoding */
    enum fault fault;     /* left to the connection: RESET, CUT, DRIP, HUGE */
    struct slice body;
};

/* The world must outlive it. NULL when memory or the converters are missing. */
struct service *service_create(const struct world *world);
/* NULL is fine. */
void service_destroy(struct service *service);

void service_answer(struct service *service, const struct service_request *request,
                    struct service_response *response);

#endif
