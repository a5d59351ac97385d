#include "study/rules.h"

#include "study/asking.h"
#include "study/site.h"

bool rules_all_loopback(const struct region *region)
{
    for (size_t i = 0; i < region->publisher_count; i++)
        if (site_host_kind(region->publishers[i].host) != HOST_LOOPBACK)
            return false;
    return true;
}

/* A publisher whose host is no loopback address; there is one. */
static const struct publisher *first_public(const struct region *region)
{
    size_t i = 0;

    while (site_host_kind(region->publishers[i].host) == HOST_LOOPBACK)
        i++;
    return &region->publishers[i];
}

static enum status check_tests_only(const struct study *study, const char *job_file,
                                    struct error *err)
{
    const struct job_crawl *crawl = &study->job.crawl;
    bool no_delay = crawl->delay_ms == 0;
    bool no_robots = crawl->robots == JOB_ROBOTS_IGNORE_FOR_TESTS;

    if ((!no_delay && !no_robots) || rules_all_loopback(&study->region))
        return STATUS_OK;
    return fields_error(err, job_file, crawl->line,
                        "crawl.%s is for tests: every host must be a loopback address, '%.*s' is "
                        "none (%s)",
                        no_delay ? "delay: 0s" : "robots: ignore-for-tests",
                        SLICE_ARG(first_public(&study->region)->host),
                        no_delay ? "write delay: 1s" : "write robots: obey");
}

static enum status check_addresses(const struct study *study, const char *region_file,
                                   struct error *err)
{
    for (size_t i = 0; i < study->region.publisher_count; i++) {
        const struct publisher *publisher = &study->region.publishers[i];
        if (site_host_kind(publisher->host) != HOST_PUBLIC)
            return fields_error(err, region_file, publisher->line,
                                "publishers.site: '%.*s' is a loopback or private address (the "
                                "job must say crawl.allow_private_addresses: true)",
                                SLICE_ARG(publisher->site));
    }
    return STATUS_OK;
}

enum status rules_check(const struct study *study, const char *job_file, const char *region_file,
                        struct error *err)
{
    enum status status = check_tests_only(study, job_file, err);

    if (status == STATUS_OK && !study->job.crawl.allow_private_addresses)
        status = check_addresses(study, region_file, err);
    if (status == STATUS_OK)
        status = asking_check(&study->codebook, &study->job.llm, job_file, err);
    return status;
}

bool rules_port_allowed(const struct study *study, uint16_t port)
{
    if (port == 80 || port == 443)
        return true;
    for (size_t i = 0; i < study->region.publisher_count; i++)
        if (study->region.publishers[i].port == port)
            return true;
    for (size_t i = 0; i < study->job.crawl.port_count; i++)
        if (study->job.crawl.ports[i] == port)
            return true;
    return false;
}
