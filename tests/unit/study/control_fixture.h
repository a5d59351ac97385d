/*
 * A log `control` on a memory bus, and what tests announce there.
 */
#ifndef XUNFANG_TESTS_UNIT_STUDY_CONTROL_FIXTURE_H
#define XUNFANG_TESTS_UNIT_STUDY_CONTROL_FIXTURE_H

#include "base/bus/bus_memory.h"
#include "study/catalog.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct clock_manual control_clock;
static struct bus_world *control_world;
static struct bus *control_bus;
static struct catalog *catalog;
static struct error err;

static int control_open(void **state)
{
    const struct bus_options options = {.client = "test"};

    (void) state;
    clock_manual_init(&control_clock, 1000);
    control_world = bus_world_create(1, &control_clock);
    return control_world == NULL ||
           bus_memory_open(control_world, &options, &control_bus, &err) != STATUS_OK ||
           catalog_open(control_bus, &catalog, &err) != STATUS_OK;
}

static int control_close(void **state)
{
    (void) state;
    catalog_close(catalog);
    bus_close(control_bus);
    bus_world_destroy(control_world);
    return 0;
}

static inline void refresh(void)
{
    assert_int_equal(catalog_refresh(catalog, 0, &err), STATUS_OK);
}

static inline const struct catalog_run *run_of(const char *job, const char *run)
{
    refresh();
    return catalog_find(catalog, job, run);
}

static inline void announce(Xunfang__JobSubmitted *submitted)
{
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SUBMITTED;
    record.submitted = submitted;
    assert_int_equal(catalog_announce(control_bus, &record, &err), STATUS_OK);
}

/* Of a run that reads those other runs' logs; all "": a crawl. */
static inline void announce_run(const char *job, const char *run, const char *documents_run,
                                const char *visits_run)
{
    Xunfang__JobSubmitted submitted = XUNFANG__JOB_SUBMITTED__INIT;

    submitted.job = (char *) (uintptr_t) job;
    submitted.run = (char *) (uintptr_t) run;
    submitted.documents_run = (char *) (uintptr_t) documents_run;
    submitted.visits_run = (char *) (uintptr_t) visits_run;
    announce(&submitted);
}

static inline void announce_sealed(const char *job, const char *run, uint32_t generation)
{
    Xunfang__Sealed sealed = XUNFANG__SEALED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    sealed.job = (char *) (uintptr_t) job;
    sealed.run = (char *) (uintptr_t) run;
    sealed.generation = generation;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SEALED;
    record.sealed = &sealed;
    assert_int_equal(catalog_announce(control_bus, &record, &err), STATUS_OK);
}

static inline void announce_ingested(const char *job, const char *run, uint32_t generation)
{
    Xunfang__Ingested ingested = XUNFANG__INGESTED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    ingested.job = (char *) (uintptr_t) job;
    ingested.run = (char *) (uintptr_t) run;
    ingested.generation = generation;
    ingested.documents = 1;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_INGESTED;
    record.ingested = &ingested;
    assert_int_equal(catalog_announce(control_bus, &record, &err), STATUS_OK);
}

#define ACTION(name) XUNFANG__JOB_COMMAND__ACTION__##name

static inline enum status command(const char *job, const char *run,
                                  Xunfang__JobCommand__Action action)
{
    const struct catalog_command order = {job, run, action, 77};

    refresh();
    return catalog_command(control_bus, catalog, &order, &err);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, control_open, control_close)

#endif
