/*
 * bus_tools: short words for tests of a bus; every failure fails the cmocka test at the caller's
 * line.
 *
 * Records  Test records are numbered: tool_publish writes the number as key and as the beginning of
 *          the value, filled up to `size` bytes with a pattern; tool_check verifies one.
 */
#ifndef XUNFANG_TESTS_CONTRACT_BUS_TOOLS_H
#define XUNFANG_TESTS_CONTRACT_BUS_TOOLS_H

#include "base/bus/bus.h"

enum { TOOL_WAIT_MS = 10 * 1000 };

#define tool_ok(call)              tool_expect_at(STATUS_OK, (call), #call, __FILE__, __LINE__)
#define tool_fails(expected, call) tool_expect_at((expected), (call), #call, __FILE__, __LINE__)
/* The error object for calls inside the two macros above; its message is shown. */
extern struct error tool_error;

void tool_expect_at(enum status expected, enum status got, const char *call, const char *file,
                    int line);

/* Publishes record `number` of `size` bytes, stepping the bus while it is full. */
void tool_publish(struct bus *bus, const struct bus_partition *to, uint64_t number, size_t size);
/* Publishes numbers first … last - 1 and flushes. */
void tool_fill(struct bus *bus, const struct bus_partition *to, uint64_t first, uint64_t last);
/* Is it record `number` of `size` bytes? */
bool tool_is(const struct bus_record *record, uint64_t number, size_t size);

/* The next event that is not NONE; fails the test if none comes. */
struct bus_event tool_event(struct bus_reader *reader);
/* Takes the ASSIGNED events of all `count` partitions. */
void tool_assigned(struct bus_reader *reader, size_t count);
/* Opens a reader of one partition and takes its ASSIGNED event. */
struct bus_reader *tool_reader(struct bus *bus, const char *stage, const struct bus_partition *from,
                               struct bus_event *assigned);
/* Reads single-partition records first … last - 1, whose numbers equal their offsets. */
void tool_read(struct bus_reader *reader, uint64_t first, uint64_t last);
/* Polls some times and expects nothing. */
void tool_silent(struct bus_reader *reader);

#endif
