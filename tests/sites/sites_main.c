/* xunfang-sites: simulated municipal web sites, deterministic from a seed (README.md). */
#include "base/options.h"
#include "tests/sites/server.h"
#include "tests/sites/truth.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { SITES_FILE_MAX = 64 * 1024, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct arguments {
    uint64_t cities;
    uint64_t documents;
    uint64_t seed;
    uint64_t port;
    const char *address;
    const char *sites;
    const char *log;
    const char *truth;
    bool truth_only;
    bool faults;
};

static const struct option_row rows[] = {
    {"cities", OPTION_UINT, offsetof(struct arguments, cities), "N", "41",
     "serve the first N cities by code"},
    {"documents", OPTION_UINT, offsetof(struct arguments, documents), "N", "20000",
     "pages on all sites together"},
    {"seed", OPTION_UINT, offsetof(struct arguments, seed), "N", "7",
     "what everything follows from"},
    {"port", OPTION_UINT, offsetof(struct arguments, port), "PORT", "18080", "of every site"},
    {"address", OPTION_TEXT, offsetof(struct arguments, address), "A.B.C", "127.0.2",
     "city K of the table listens on A.B.C.K"},
    {"sites", OPTION_TEXT, offsetof(struct arguments, sites), "FILE", NULL,
     "lines of address, city and dialect, tab separated, instead of --cities"},
    {"log", OPTION_TEXT, offsetof(struct arguments, log), "FILE", NULL, "append a line a request"},
    {"truth", OPTION_TEXT, offsetof(struct arguments, truth), "FILE", NULL,
     "write what a perfect reader would find"},
    {"truth-only", OPTION_FLAG, offsetof(struct arguments, truth_only), NULL, NULL,
     "end after the truth is written"},
    {"faults", OPTION_FLAG, offsetof(struct arguments, faults), NULL, NULL,
     "answer some requests with faults"},
};

static const struct options options = {rows, sizeof rows / sizeof rows[0],
                                       "xunfang-sites [options]",
                                       "Serves simulated municipal sites until SIGTERM."};

/* The first N of the table, each on an address of its own. */
static enum status add_cities(struct world *world, const struct arguments *given, struct error *err)
{
    enum status status = STATUS_OK;
    char address[32];

    for (uint64_t i = 0; i < given->cities && status == STATUS_OK; i++) {
        const struct municipality *city = &world->places.cities[i];

        if (i >= world->places.city_count)
            return error_set(err, STATUS_USAGE, "--cities: at most %u",
                             (unsigned) world->places.city_count);
        snprintf(address, sizeof address, "%s.%u", given->address, (unsigned) i + 1);
        status =
            world_add_site(world, address, (uint16_t) given->port, city->name, city->dialect, err);
    }
    return status;
}

static enum status read_file(const char *path, struct buf *text, struct error *err)
{
    FILE *file = fopen(path, "rb");
    char *room = buf_reserve(text, SITES_FILE_MAX);

    if (file == NULL)
        return error_set_errno(err, errno, "open %s", path);
    if (room != NULL)
        buf_added(text, fread(room, 1, SITES_FILE_MAX, file));
    fclose(file);
    return buf_status(text, err);
}

/* address, city, dialect */
static enum status add_line(struct world *world, struct slice line, uint64_t port,
                            struct error *err)
{
    struct slice address = slice_split(&line, '\t');
    struct slice city = line.data == NULL ? line : slice_split(&line, '\t');
    char text[32];

    snprintf(text, sizeof text, "%.*s", SLICE_ARG(address));
    return world_add_site(world, text, (uint16_t) port, city, line, err);
}

/* `text` keeps the file, whose dialect names the world points to. */
static enum status add_file(struct world *world, const struct arguments *given, struct buf *text,
                            struct error *err)
{
    enum status status = read_file(given->sites, text, err);
    struct slice rest = buf_slice(text);
    size_t number = 0;

    while (status == STATUS_OK && rest.data != NULL) {
        struct slice line = slice_trim(slice_split(&rest, '\n'));

        number++;
        if (line.size == 0 || line.data[0] == '#')
            continue;
        status = add_line(world, line, given->port, err);
        if (status != STATUS_OK)
            status = error_prefix(err, status, "%s:%zu", given->sites, number);
    }
    return status;
}

/* Before serving, so that a test can read it while the sites run. */
static enum status write_truth(const struct world *world, const char *path, struct error *err)
{
    FILE *file = fopen(path, "wb");
    enum status status;

    if (file == NULL)
        return error_set_errno(err, errno, "open %s", path);
    status = truth_write(world, file, err);
    if (fclose(file) != 0 && status == STATUS_OK)
        status = error_set_errno(err, errno, "close %s", path);
    return status == STATUS_OK ? status : error_prefix(err, status, "%s", path);
}

/* Until SIGTERM or SIGINT. */
static enum status serve(const struct world *world, const char *log_path, struct error *err)
{
    struct connection_place place = {.world = world, .service = service_create(world)};
    struct server *server = NULL;
    enum status status = STATUS_OK;
    sigset_t signals;
    int stop;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    stop = signalfd(-1, &signals, SFD_CLOEXEC);
    if (place.service == NULL || stop < 0)
        status = error_set(err, STATUS_NOMEM, "service");
    if (status == STATUS_OK && log_path != NULL)
        status = request_log_open(log_path, &place.log, err);
    if (status == STATUS_OK)
        status = server_create(&place, &server, err);
    if (status == STATUS_OK) {
        puts("ready");
        fflush(stdout);
        status = server_run(server, stop, err);
    }
    server_destroy(server);
    service_destroy(place.service);
    request_log_close(place.log);
    if (stop >= 0)
        close(stop);
    return status;
}

/* Builds the world, writes the truth, serves. */
static enum status run(const struct arguments *given, struct buf *sites, struct error *err)
{
    struct world_options world_options = {
        .seed = given->seed, .documents = (uint32_t) given->documents, .faults = given->faults};
    struct world *world = NULL;
    enum status status = world_create(world_options, &world, err);

    if (status != STATUS_OK)
        return status;
    status =
        given->sites != NULL ? add_file(world, given, sites, err) : add_cities(world, given, err);
    if (status == STATUS_OK)
        status = world_build(world, err);
    if (status == STATUS_OK && given->truth != NULL)
        status = write_truth(world, given->truth, err);
    if (status == STATUS_OK && !given->truth_only)
        status = serve(world, given->log, err);
    world_destroy(world);
    return status;
}

int main(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv};
    struct arguments given = {0};
    struct buf sites;
    struct error err = {0};
    enum status status;

    if (options_answered(&options, argc, argv))
        return 0;
    buf_init(&sites, 2 * SITES_FILE_MAX);
    status = options_parse(&options, &line, &given, &err);
    if (status == STATUS_OK && (given.documents > WORLD_DOCUMENTS_MAX || given.port > UINT16_MAX))
        status = error_set(&err, STATUS_USAGE, "--documents or --port is too large");
    if (status == STATUS_OK)
        status = run(&given, &sites, &err);
    buf_fini(&sites);
    if (status == STATUS_OK)
        return 0;
    fprintf(stderr, "xunfang-sites: %s\n", err.message);
    return status == STATUS_USAGE ? EXIT_USAGE : EXIT_FAILED;
}
