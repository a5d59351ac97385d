/*
 * bus_backend: what a bus implementation provides. Private to base/bus.
 *
 * Calls    bus.c checks arguments, sizes, topic names and the sticky failure before any of these,
 *          so a backend only moves bytes. All entries are required. The contract of each is the
 *          text of the function of the same name in bus.h.
 * Layout   A backend's bus and reader begin with struct bus and struct bus_reader, so the front
 *          can keep its part there; it fills the reader's right after reader_open.
 * Failure  What `step` and `publish` return becomes the bus's failure for good, except
 *          STATUS_AGAIN, STATUS_TOO_LARGE, STATUS_INVALID and STATUS_NOT_FOUND of a publish. A
 *          record that is not acknowledged within options.timeout_ms is such a failure
 *          (STATUS_TIMEOUT).
 */
#ifndef XUNFANG_BASE_BUS_BUS_BACKEND_H
#define XUNFANG_BASE_BUS_BUS_BACKEND_H

#include "base/bus/bus.h"
#include "base/util/clock.h"

struct bus_backend {
    const char *name;
    unsigned capabilities;
    void (*close)(struct bus *bus);
    enum status (*topic_create)(struct bus *bus, const char *topic, uint32_t partitions,
                                struct error *err);
    enum status (*topic_partitions)(struct bus *bus, const char *topic, uint32_t *partitions,
                                    struct error *err);
    enum status (*topic_delete)(struct bus *bus, const char *topic, struct error *err);
    enum status (*end)(struct bus *bus, const char *topic, uint32_t partition, uint64_t *offset,
                       struct error *err);
    enum status (*committed)(struct bus *bus, const char *stage,
                             const struct bus_partition *partition, uint64_t *offset,
                             struct error *err);
    enum status (*publish)(struct bus *bus, const struct bus_message *message,
                           struct bus_ticket *ticket, struct error *err);
    enum status (*step)(struct bus *bus, int64_t timeout_ms, struct error *err);
    /* Optional: somebody waits for all that was published, so no batch waits for more; back when
     * all is acknowledged, or after `timeout_ms`. */
    void (*hurry)(struct bus *bus, int64_t timeout_ms);
    /* Publishes not yet acknowledged. */
    size_t (*pending)(const struct bus *bus);
    enum status (*reader_open)(struct bus *bus, const struct bus_reader_options *options,
                               struct bus_reader **reader, struct error *err);
    void (*reader_close)(struct bus_reader *reader);
    enum status (*reader_poll)(struct bus_reader *reader, int64_t timeout_ms,
                               struct bus_event *event, struct error *err);
    enum status (*reader_seek)(struct bus_reader *reader, size_t index, uint64_t offset,
                               struct error *err);
    enum status (*reader_pause)(struct bus_reader *reader, size_t index, bool paused,
                                struct error *err);
    enum status (*reader_commit)(struct bus_reader *reader, size_t index, uint64_t offset,
                                 struct slice metadata, struct error *err);
};

struct bus {
    const struct bus_backend *backend;
    const struct clock *clock; /* for the waits of the front */
    struct bus_options options;
    struct error failure; /* code STATUS_OK: none */
};

struct bus_reader {
    struct bus *bus;
    size_t partition_count;
};

/* Fills the front's part of a new bus, options with their defaults; client is not copied. */
void bus_init(struct bus *bus, const struct bus_backend *backend, const struct clock *clock,
              const struct bus_options *options);

/* Opens what follows "local:" in the URL. */
CHECKED enum status bus_local_open(const char *directory, const struct bus_options *options,
                                   struct bus **bus, struct error *err);

#endif
