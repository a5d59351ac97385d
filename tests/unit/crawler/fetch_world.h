/*
 * fetch_world: a fetcher on a bus in memory, a study of two sites, and a real HTTP server on a free
 * loopback port, for the tests of the fetcher. Virtual time moves on the bus only; sockets and the
 * fetcher have real time.
 */
#ifndef XUNFANG_TESTS_FETCH_WORLD_H
#define XUNFANG_TESTS_FETCH_WORLD_H

#include "base/bus/bus_memory.h"
#include "base/message.h"
#include "crawler/fetcher.h"
#include "proto/document.pb-c.h"
#include "proto/lease.pb-c.h"
#include "proto/page.pb-c.h"
#include "study/request.h"
#include "study/seeds.h"

#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define HELPER        static __attribute__((unused))
#define OUTCOME(name) XUNFANG__FETCH_RESULT__OUTCOME__##name

static struct error world_error;

#define OK_OR_FAIL(call)                                                                           \
    do {                                                                                           \
        if ((call) != STATUS_OK)                                                                   \
            fail_msg("%s: %s", #call, world_error.message);                                        \
    } while (0)

/* ---- the server ---- */

enum { SERVER_LOG_MAX = 1000 };

static int server_socket;
static uint16_t server_port;
static struct {
    int64_t begin_ms, end_ms;
} server_log[SERVER_LOG_MAX];
static atomic_int server_count;

static const char list_page[] =
    "<html><body><em id='count'>3</em><div class='l'><a href='/article/1'>甲</a></div>"
    "<div class='l'><a href='/article/2'>乙</a></div><div class='l'><a href='mailto:x'>丙</a></div>"
    "</body></html>";
static const char article_page[] =
    "<html><head><meta name='ArticleTitle' content='苏州市代表团赴合肥考察'>"
    "<meta name='PubDate' content='2019-05-08 10:00'></head><body><div id='zoom'>"
    "<p>5月7日，苏州市代表团赴合肥市学习考察。</p></div></body></html>";

HELPER void server_answer(int fd, const char *status, const char *headers, const char *body)
{
    char text[8192];
    int size = snprintf(text, sizeof text, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s", status,
                        headers, strlen(body), body);

    (void) !send(fd, text, (size_t) size, MSG_NOSIGNAL);
}

/* false: the connection is closed. */
HELPER bool server_serve(int fd, const char *path)
{
    if (strncmp(path, "/list", 5) == 0)
        server_answer(fd, "200 OK", "Content-Type: text/html; charset=utf-8\r\n", list_page);
    else if (strncmp(path, "/article", 8) == 0)
        server_answer(fd, "200 OK", "Content-Type: text/html; charset=utf-8\r\n", article_page);
    else if (strcmp(path, "/robots.txt") == 0)
        server_answer(fd, "200 OK", "", "User-agent: *\nDisallow: /x\n");
    else if (strcmp(path, "/moved") == 0)
        server_answer(fd, "301 Moved Permanently", "Location: /article/9\r\n", "");
    else if (strcmp(path, "/busy") == 0)
        server_answer(fd, "503 Busy", "Retry-After: 7\r\n", "");
    else if (strcmp(path, "/nolist") == 0)
        server_answer(fd, "200 OK", "", "<html><em id='count'>5</em></html>");
    else if (strcmp(path, "/reset") == 0)
        return false;
    else if (strcmp(path, "/slow") == 0)
        usleep(700 * 1000);
    else
        server_answer(fd, "404 Not Found", "", "nothing here");
    return true;
}

/* The path of "GET /path HTTP/1.1…", cut to `size`. */
HELPER void server_path(const char *request, char *path, size_t size)
{
    const char *begin = strchr(request, ' ');
    size_t length = begin == NULL ? 0 : strcspn(++begin, " \r\n");

    (void) snprintf(path, size, "%.*s", (int) length, begin == NULL ? "" : begin);
}

HELPER void *server_connection(void *argument)
{
    int fd = (int) (intptr_t) argument;
    char text[8192], path[256];
    ssize_t got;

    while ((got = recv(fd, text, sizeof text - 1, 0)) > 0) {
        int at = server_count++;
        text[got] = '\0';
        server_log[at % SERVER_LOG_MAX].begin_ms = clock_mono_ms(clock_system());
        server_path(text, path, sizeof path);
        if (!server_serve(fd, path))
            break;
        server_log[at % SERVER_LOG_MAX].end_ms = clock_mono_ms(clock_system());
    }
    close(fd);
    return NULL;
}

HELPER void *server_accept(void *argument)
{
    (void) argument;
    for (;;) {
        int fd = accept(server_socket, NULL, NULL);
        pthread_t thread;
        if (fd < 0 || pthread_create(&thread, NULL, server_connection, (void *) (intptr_t) fd) != 0)
            return NULL;
        pthread_detach(thread);
    }
}

HELPER int server_start(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    pthread_t thread;

    (void) state;
    server_socket = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(server_socket, (struct sockaddr *) &address, sizeof address) != 0 ||
        listen(server_socket, 64) != 0 ||
        getsockname(server_socket, (struct sockaddr *) &address, &size) != 0)
        return -1;
    server_port = ntohs(address.sin_port);
    return pthread_create(&thread, NULL, server_accept, NULL);
}

/* ---- the fetcher ---- */

struct world {
    struct clock_manual clock;
    struct bus_world *logs;
    struct bus *bus;
    struct fetcher *fetcher;
    struct worker *worker;
    struct study *study;
    struct crawl_job job;
    struct arena *arena;
    unsigned leases;
};

HELPER const struct crawl_job *world_find_job(void *self, struct slice name)
{
    struct world *world = self;

    return slice_equal(name, SLICE("job")) ? &world->job : NULL;
}

static const char platform_text[] =
    "platform: plain\n"
    "request: {method: GET, url: '{site}/list?q={keyword}&p={page}', page: {first: 1, step: 1}}\n"
    "response: {kind: html, hits: '//div[@class=\"l\"]', link: './a/@href', title: './a',\n"
    "           total: '//em[@id=\"count\"]'}\n";
static const char job_text[] =
    "job: job\nregion: region.yaml\ncodebook: visits\n"
    "period: {from: 2010-01-01, to: 2023-12-31}\n"
    "crawl: {contact: a@example.org, delay: 40ms, allow_private_addresses: true}\n";

/* The shipped codebook: a job's own files must be all there. */
HELPER struct slice world_codebook(struct world *world)
{
    FILE *file = fopen(SOURCE_DIR "/codebooks/visits/codebook.yaml", "rb");
    char *text = arena_alloc(world->arena, 1 << 20);
    size_t size;

    assert_non_null(file);
    assert_non_null(text);
    size = fread(text, 1, 1 << 20, file);
    (void) fclose(file);
    return slice_of(text, size);
}

HELPER void world_load_study(struct world *world)
{
    char region[1024];
    struct study_file files[] = {
        {.name = SLICE("job.yaml"), .content = slice_from(job_text)},
        {.name = SLICE("region.yaml")},
        {.name = SLICE("platforms/plain.yaml"), .content = slice_from(platform_text)},
        {.name = SLICE("visits"), .content = world_codebook(world)}};
    struct study_source source = {.files = files, .file_count = 4, .data_dir = SOURCE_DIR};

    (void) snprintf(
        region, sizeof region,
        "region: r\ncities:\n"
        "  - {name: 苏州, publishers: [{site: 'http://127.0.0.1:%u', platform: plain}]}\n"
        "  - {name: 合肥, publishers: [{site: 'http://127.0.0.2:%u', platform: plain}]}\n",
        server_port, server_port);
    files[1].content = slice_from(region);
    OK_OR_FAIL(study_load(&source, &world->study, &world_error));
}

HELPER void world_open_worker(struct world *world)
{
    struct bus_options bus_options = {.client = "crawler"};
    struct bus_partition input = {"leases", 0};
    struct fetcher_options options = {
        .clock = clock_system(), .find_job = world_find_job, .self = world};
    struct worker_options worker_options = {
        .clock = clock_system(), .inputs = &input, .input_count = 1};
    static const char *const topics[] = {"urls", "leases", "job.pages", "job.main.documents"};

    OK_OR_FAIL(bus_memory_open(world->logs, &bus_options, &world->bus, &world_error));
    for (size_t i = 0; i < 4; i++)
        OK_OR_FAIL(bus_topic_create(world->bus, topics[i], 1, &world_error));
    OK_OR_FAIL(fetcher_create(&options, &world->fetcher, &world_error));
    worker_options.bus = world->bus;
    OK_OR_FAIL(worker_create_effect(&fetcher_stage, world->fetcher, &worker_options, &world->worker,
                                    &world_error));
    fetcher_set_worker(world->fetcher, world->worker);
}

HELPER struct world *world_open(void)
{
    struct world *world = calloc(1, sizeof *world);

    assert_non_null(world);
    clock_manual_init(&world->clock, 1700000000000);
    world->logs = bus_world_create(1, &world->clock);
    world->arena = arena_create(64 << 20);
    world_load_study(world);
    world->job = (struct crawl_job){"job", "main", world->study, 1000000, true, true, true};
    world_open_worker(world);
    return world;
}

HELPER void world_close(struct world *world)
{
    fetcher_destroy(world->fetcher);
    worker_destroy(world->worker);
    bus_close(world->bus);
    bus_world_destroy(world->logs);
    study_destroy(world->study);
    arena_destroy(world->arena);
    free(world);
}

/* A lease of these paths on 127.0.0.1, with the times of now; to be changed before world_send. */
HELPER Xunfang__Lease *world_lease(struct world *world, const char *const *paths, size_t count)
{
    Xunfang__Lease *lease = arena_alloc(world->arena, sizeof *lease);
    struct id *ids = arena_array(world->arena, count + 1, sizeof *ids);

    assert_non_null(lease);
    xunfang__lease__init(lease);
    ids[count] = (struct id){{(unsigned char) ++world->leases, 1}};
    lease->id = message_bytes(id_slice(&ids[count]));
    lease->job = arena_printf(world->arena, "job");
    lease->run = arena_printf(world->arena, "main");
    lease->host = arena_printf(world->arena, "127.0.0.1");
    lease->delay_ms = 40;
    lease->request_timeout_ms = 5000;
    lease->not_before_ms = clock_wall_ms(clock_system());
    lease->expires_ms = lease->not_before_ms + 10000;
    lease->n_items = count;
    lease->items = arena_array(world->arena, count, sizeof(void *));
    for (size_t i = 0; i < count; i++) {
        Xunfang__LeaseItem *item = arena_alloc(world->arena, sizeof *item);
        Xunfang__Request *request = arena_alloc(world->arena, sizeof *request);
        xunfang__lease_item__init(item);
        xunfang__request__init(request);
        request->method = arena_printf(world->arena, "GET");
        request->url = arena_printf(world->arena, "http://127.0.0.1:%u%s", server_port, paths[i]);
        if (strncmp(paths[i], "/list", 5) == 0 || strcmp(paths[i], "/nolist") == 0)
            request->kind = XUNFANG__REQUEST__KIND__LIST;
        if (strcmp(paths[i], "/robots.txt") == 0)
            request->kind = XUNFANG__REQUEST__KIND__ROBOTS;
        ids[i] = request_id(request);
        item->request_id = message_bytes(id_slice(&ids[i]));
        item->request = request;
        lease->items[i] = item;
    }
    return lease;
}

HELPER void world_send(struct world *world, const Xunfang__Lease *lease)
{
    struct record record = {.key = slice_from(lease->host),
                            .job = SLICE("job"),
                            .schema = RECORD_SCHEMA,
                            .payload = message_pack_arena(&lease->base, world->arena)};
    struct bus_message message = {.topic = "leases", .partition = 0, .key = record.key};
    struct buf bytes;

    buf_init(&bytes, 1 << 20);
    OK_OR_FAIL(record_encode(&record, &bytes, &world_error));
    message.value = buf_slice(&bytes);
    OK_OR_FAIL(bus_publish(world->bus, &message, NULL, &world_error));
    OK_OR_FAIL(bus_flush(world->bus, 1000, &world_error));
    buf_fini(&bytes);
}

/* The n-th record of a log; false if there is none. */
HELPER bool world_record(struct world *world, const char *topic, uint64_t offset,
                         struct record *record)
{
    struct bus_record raw;

    if (!bus_world_record(world->logs, topic, 0, offset, &raw))
        return false;
    OK_OR_FAIL(
        record_decode(arena_copy(world->arena, raw.value), world->arena, record, &world_error));
    return true;
}

/* Steps until the n-th result stands in `urls`. */
HELPER Xunfang__Result *world_wait(struct world *world, uint64_t n)
{
    int64_t end = clock_mono_ms(clock_system()) + 20000;
    Xunfang__UrlRecord *message;
    struct record record;

    while (!world_record(world, "urls", n, &record)) {
        assert_true(clock_mono_ms(clock_system()) < end);
        OK_OR_FAIL(worker_step(world->worker, 5, &world_error));
    }
    message = message_unpack(&xunfang__url_record__descriptor, record.payload, world->arena,
                             &world_error);
    assert_non_null(message);
    assert_int_equal(message->kind_case, XUNFANG__URL_RECORD__KIND_RESULT);
    assert_true(slice_equal(record.key, SLICE("127.0.0.1")));
    assert_true(slice_equal(id_slice(&record.id), message_slice(message->result->lease)));
    return message->result;
}

#endif
