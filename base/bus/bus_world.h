/*
 * bus_world: what stands behind buses in memory: topics, logs, claims. Private to base/bus.
 *
 * Split    bus_memory.h is the contract for users and declares what may be asked from outside
 *          (bus_world_…). This header is for bus_memory.c, which moves records for one bus and its
 *          readers.
 * Log      The offset of a record is its index; records never move, so a view of one is good until
 *          the topic is removed or the log cut.
 * Claim    What a stage owns of one partition: the number of its newest reader and its last
 *          commit. Made when first opened, removed with its topic.
 * Names    world_… works on the whole, log_… on one partition. NULL answers mean what each line
 *          says.
 */
#ifndef XUNFANG_BASE_BUS_BUS_WORLD_H
#define XUNFANG_BASE_BUS_BUS_WORLD_H

#include "base/bus/bus_backend.h"
#include "base/bus/bus_memory.h"
#include "base/util/random.h"

enum { CLAIM_MEMBER_MAX = 64 };

/* One record of a log; key and value stand behind it. */
struct log_record {
    size_t key_size;
    size_t value_size;
    char bytes[];
};

struct log {
    struct log_record **records;
    size_t count;
    size_t capacity;
};

struct topic {
    struct topic *next;
    char *name;
    uint32_t log_count;
    struct log logs[];
};

/* What a stage owns of one partition. */
struct claim {
    struct claim *next;
    char *stage;
    struct topic *topic;
    uint32_t partition;
    uint64_t owner;                /* number of the newest reader */
    bool away;                     /* by bus_world_move */
    bool recalled;                 /* by bus_world_recall: the reader has a last word */
    char member[CLAIM_MEMBER_MAX]; /* by bus_world_give: the client that has it; "": any */
    bool committed;
    uint64_t offset;
    size_t metadata_size;
    char metadata[BUS_METADATA_MAX];
};

struct bus_world {
    struct clock_manual *clock;
    struct random random;
    struct bus_faults faults;
    bool groups;
    struct topic *topics;
    struct claim *claims;
    uint64_t publishes;
    uint64_t fail_at; /* publish number that fails; 0: none */
    enum status fail_with;
};

/* NULL if there is none. */
struct topic *world_topic(const struct bus_world *world, const char *name);
/* NULL, and *err filled with STATUS_NOT_FOUND, if there is none. */
struct log *world_log(const struct bus_world *world, const char *name, uint32_t partition,
                      struct error *err);
CHECKED enum status world_add_topic(struct bus_world *world, const char *name, uint32_t partitions,
                                    struct error *err);
/* With its claims; readers of it must be gone. Fine if there is none. */
void world_remove_topic(struct bus_world *world, const char *name);
/* Found or made; NULL when memory is out. */
struct claim *world_claim(struct bus_world *world, const char *stage, struct topic *topic,
                          uint32_t partition);

/* Was it given to a member of the group other than this client, or was since it had this number? */
bool claim_elsewhere(const struct claim *claim, const char *client, uint64_t owner);

struct bus_record log_view(const struct log *log, uint64_t offset);
CHECKED enum status log_append(struct log *log, const struct bus_message *message);

#endif
