#include "tests/sites/connection.h"

#include "tests/sites/page.h"
#include "tests/sites/unit/small_world.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct world *world;
static struct connection_place place;
static char log_path[] = "/tmp/xunfang-sites-log-XXXXXX";

struct pair {
    struct connection *server;
    int client;
};

static struct pair connect_to(uint32_t site)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    return (struct pair){connection_create(ends[0], site, &place), ends[1]};
}

static void say(struct pair *pair, const char *text)
{
    assert_int_equal(write(pair->client, text, strlen(text)), (ssize_t) strlen(text));
}

/* What the client has received so far. */
static size_t hear(struct pair *pair, char *text, size_t size)
{
    ssize_t got = recv(pair->client, text, size - 1, MSG_DONTWAIT);

    text[got > 0 ? got : 0] = '\0';
    return got > 0 ? (size_t) got : 0;
}

static void hang_up(struct pair *pair)
{
    connection_destroy(pair->server);
    close(pair->client);
}

static void test_keep_alive(void **state)
{
    struct pair pair = connect_to(0);
    char text[8192];

    (void) state;
    for (int i = 0; i < 3; i++) {
        say(&pair, "GET /none HTTP/1.1\r\n");
        assert_true(connection_ready(pair.server));
        assert_int_equal(hear(&pair, text, sizeof text), 0);
        say(&pair, "Host: x\r\n\r\n");
        assert_true(connection_ready(pair.server));
        hear(&pair, text, sizeof text);
        assert_true(slice_starts(slice_from(text), SLICE("HTTP/1.1 404 Not Found\r\n")));
        assert_non_null(strstr(text, "Connection: keep-alive"));
    }
    assert_false(connection_wants_write(pair.server));
    hang_up(&pair);
}

static void test_pipeline_and_close(void **state)
{
    struct pair pair = connect_to(0);
    static char text[65536];
    char *second;

    (void) state;
    say(&pair, "GET / HTTP/1.1\r\n\r\nGET /none HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_false(connection_ready(pair.server));
    hear(&pair, text, sizeof text);
    assert_true(slice_starts(slice_from(text), SLICE("HTTP/1.1 200 OK\r\n")));
    second = strstr(text, "HTTP/1.1 404");
    assert_non_null(second);
    assert_non_null(strstr(second, "Connection: close"));
    hang_up(&pair);
}

static void test_nonsense(void **state)
{
    struct pair pair = connect_to(0);
    char text[8192];

    (void) state;
    say(&pair, "what?\r\n\r\n");
    assert_false(connection_ready(pair.server));
    hear(&pair, text, sizeof text);
    assert_true(slice_starts(slice_from(text), SLICE("HTTP/1.1 400")));
    hang_up(&pair);
}

static void test_client_goes(void **state)
{
    struct pair pair = connect_to(0);

    (void) state;
    close(pair.client);
    assert_false(connection_ready(pair.server));
    connection_destroy(pair.server);
    connection_destroy(NULL);
}

/* The path of the lasting fault of this kind, and its site. */
static uint32_t fault_page(enum fault fault, char path[PAGE_PATH_MAX])
{
    uint32_t i = world->page_count;

    while (world->documents[i].kind != KIND_FAULT ||
           faults_lasting(world->documents[i].ref) != fault)
        i++;
    page_path(world, i, path);
    return world->documents[i].site;
}

static struct pair ask_for_fault(enum fault fault, bool *lives)
{
    char path[PAGE_PATH_MAX];
    char request[PAGE_PATH_MAX + 64];
    struct pair pair = connect_to(fault_page(fault, path));

    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n\r\n", path);
    say(&pair, request);
    *lives = connection_ready(pair.server);
    return pair;
}

static void test_drip(void **state)
{
    bool lives;
    struct pair pair = ask_for_fault(FAULT_DRIP, &lives);
    char text[64];

    (void) state;
    assert_true(lives);
    assert_int_equal(hear(&pair, text, sizeof text), 0);
    for (int i = 0; i < 4; i++)
        assert_true(connection_tick(pair.server));
    assert_int_equal(hear(&pair, text, sizeof text), 4);
    assert_string_equal(text, "HTTP");
    assert_true(connection_ready(pair.server));
    close(pair.client);
    assert_false(connection_ready(pair.server));
    connection_destroy(pair.server);
}

static void test_huge(void **state)
{
    static char text[1024 * 1024];
    bool lives;
    struct pair pair = ask_for_fault(FAULT_HUGE, &lives);
    size_t got = 0;

    (void) state;
    for (int i = 0; i < 100; i++) {
        assert_true(connection_wants_write(pair.server));
        got += hear(&pair, text, sizeof text);
        assert_true(connection_ready(pair.server));
    }
    assert_true(got > 4 * sizeof text);
    hang_up(&pair);
}

static void test_cut_and_reset(void **state)
{
    bool lives;
    struct pair pair = ask_for_fault(FAULT_RESET, &lives);
    char text[8192];
    char *body;
    size_t declared;

    (void) state;
    assert_false(lives);
    assert_int_equal(hear(&pair, text, sizeof text), 0);
    hang_up(&pair);
    pair = ask_for_fault(FAULT_CUT, &lives);
    assert_false(lives);
    hear(&pair, text, sizeof text);
    declared = strtoul(strstr(text, "Content-Length: ") + 16, NULL, 10);
    body = strstr(text, "\r\n\r\n") + 4;
    assert_true(strlen(body) < declared);
    hang_up(&pair);
}

static void test_log(void **state)
{
    char line[512];
    FILE *file;
    int lines = 0;

    (void) state;
    request_log_flush(place.log);
    file = fopen(log_path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        char *end;
        double start = strtod(line, &end);

        assert_true(strtod(end, &end) >= start && start > 1e12);
        assert_true(lines > 0 || strstr(line, ":80\tGET\t/none\t404\t") != NULL);
        lines++;
    }
    fclose(file);
    assert_true(lines >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keep_alive),    cmocka_unit_test(test_pipeline_and_close),
        cmocka_unit_test(test_nonsense),      cmocka_unit_test(test_client_goes),
        cmocka_unit_test(test_drip),          cmocka_unit_test(test_huge),
        cmocka_unit_test(test_cut_and_reset), cmocka_unit_test(test_log),
    };
    int failed = 1;
    int file = mkstemp(log_path);

    world = dialect_world(300, true);
    place = (struct connection_place){.world = world, .service = service_create(world)};
    if (file >= 0 && request_log_open(log_path, &place.log, NULL) == STATUS_OK)
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    request_log_close(place.log);
    service_destroy(place.service);
    world_destroy(world);
    close(file);
    unlink(log_path);
    return failed;
}
