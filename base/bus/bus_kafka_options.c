#include "base/bus/bus_kafka_options.h"

#include "base/util/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 64 * 1024, VALUE_MAX = 64 * 1024 };

/* The promises of bus.h rest on these; the second column tells why it is not for users. */
static const struct {
    const char *name;
    const char *why;
} reserved[] = {
    /* aliases as well: the library takes either name */
    {"acks", "an acknowledged record must survive a broker"},
    {"allow.auto.create.topics", "topics are created with their partitions and retention"},
    {"auto.offset.reset", "records that are gone must be told, not skipped"},
    {"bootstrap.servers", "servers stand in the address"},
    {"delivery.timeout.ms", "it is the time-out of the bus"},
    {"enable.auto.commit", "offsets are committed after their outcomes"},
    {"enable.auto.offset.store", "offsets are committed after their outcomes"},
    {"enable.idempotence", "the order of one publisher must hold"},
    {"enable.partition.eof", "ends are asked for"},
    {"group.id", "it is the name of the stage"},
    {"group.instance.id", "membership is dynamic"},
    {"message.timeout.ms", "it is the time-out of the bus"},
    {"metadata.broker.list", "servers stand in the address"},
    {"partition.assignment.strategy", "partitions are given out by range"},
    {"partitioner", "every record names its partition"},
    {"request.required.acks", "an acknowledged record must survive a broker"},
    {"transactional.id", "repeats are recognised by their ids"},
};

void kafka_address_fini(struct kafka_address *address)
{
    for (size_t i = 0; i < address->setting_count; i++) {
        free(address->settings[i].name);
        free(address->settings[i].value);
    }
    free(address->servers);
    *address = (struct kafka_address){0};
}

/* ---- settings ---- */

/* Reads in steps of BUFSIZ, so `bytes` has to allow one step more than FILE_MAX. */
static enum status read_file(const char *path, struct buf *bytes, struct error *err)
{
    FILE *file = fopen(path, "rb");
    enum status status = STATUS_OK;
    char *room;
    size_t got;

    if (file == NULL)
        return error_set_errno(err, errno, "%s", path);
    while ((room = buf_reserve(bytes, BUFSIZ)) != NULL) {
        got = fread(room, 1, BUFSIZ, file);
        if (got == 0)
            break;
        buf_added(bytes, got);
    }
    if (ferror(file) != 0)
        status = error_set_errno(err, errno, "%s", path);
    else if (buf_status(bytes, err) != STATUS_OK)
        status = error_set(err, STATUS_INVALID, "%s: over %d bytes", path, (int) FILE_MAX);
    (void) fclose(file);
    return status;
}

static enum status check_name(struct slice name, struct error *err)
{
    if (name.size == 0)
        return error_set(err, STATUS_INVALID, "a setting without a name");
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (slice_equal(name, slice_from(reserved[i].name)))
            return error_set(err, STATUS_INVALID, "%s is not to be set: %s", reserved[i].name,
                             reserved[i].why);
    return STATUS_OK;
}

/* "@PATH" becomes what the file holds. */
static enum status load_value(struct slice value, char **loaded, struct error *err)
{
    enum status status = STATUS_OK;
    struct buf path;
    struct buf bytes;

    buf_init(&path, VALUE_MAX);
    buf_init(&bytes, FILE_MAX + BUFSIZ);
    if (slice_starts(value, SLICE("@"))) {
        buf_append(&path, slice_sub(value, 1, value.size));
        status = read_file(buf_text(&path), &bytes, err);
        while (bytes.size > 0 &&
               (bytes.data[bytes.size - 1] == '\n' || bytes.data[bytes.size - 1] == '\r'))
            buf_truncate(&bytes, bytes.size - 1);
    } else {
        buf_append(&bytes, value);
    }
    if (status == STATUS_OK) {
        buf_puts(&bytes, "");
        *loaded = strdup(buf_text(&bytes));
        if (*loaded == NULL || buf_status(&bytes, NULL) != STATUS_OK)
            status = error_set(err, STATUS_NOMEM, "a setting");
    }
    buf_fini(&path);
    buf_fini(&bytes);
    return status;
}

/* The client library would say "system lib". */
static enum status check_place(struct slice name, const char *value, struct error *err)
{
    if (!slice_ends(name, SLICE(".location")) || value[0] == '\0' || strcmp(value, "probe") == 0 ||
        access(value, R_OK) == 0)
        return STATUS_OK;
    return error_set_errno(err, errno, "%.*s: %s", SLICE_ARG(name), value);
}

static enum status add_setting(struct kafka_address *address, struct slice name, struct slice value,
                               struct error *err)
{
    struct kafka_setting setting = {0};
    enum status status = check_name(name, err);

    if (status == STATUS_OK && address->setting_count == KAFKA_SETTINGS_MAX)
        status = error_set(err, STATUS_INVALID, "more than %d settings", (int) KAFKA_SETTINGS_MAX);
    if (status == STATUS_OK)
        status = load_value(value, &setting.value, err);
    if (status == STATUS_OK)
        status = check_place(name, setting.value, err);
    if (status != STATUS_OK) {
        free(setting.value);
        return status;
    }
    setting.name = strndup(name.data, name.size);
    if (setting.name == NULL) {
        free(setting.value);
        return error_set(err, STATUS_NOMEM, "a setting");
    }
    address->settings[address->setting_count++] = setting;
    return STATUS_OK;
}

static enum status take_pair(struct kafka_address *address, struct slice pair, struct error *err)
{
    size_t at = slice_find(pair, SLICE("="));

    if (at == pair.size)
        return error_set(err, STATUS_INVALID, "\"%.*s\" is not NAME=VALUE", SLICE_ARG(pair));
    return add_setting(address, slice_trim(slice_sub(pair, 0, at)),
                       slice_trim(slice_sub(pair, at + 1, pair.size)), err);
}

static enum status take_file(struct kafka_address *address, const char *path, struct error *err)
{
    struct buf bytes;
    struct slice rest;
    enum status status;

    buf_init(&bytes, FILE_MAX + BUFSIZ);
    status = read_file(path, &bytes, err);
    rest = buf_slice(&bytes);
    for (int line = 1; status == STATUS_OK && rest.data != NULL; line++) {
        struct slice text = slice_trim(slice_split(&rest, '\n'));
        if (text.size == 0 || text.data[0] == '#')
            continue;
        status = take_pair(address, text, err);
        if (status != STATUS_OK)
            status = error_prefix(err, status, "%s:%d", path, line);
    }
    buf_fini(&bytes);
    return status;
}

/* ---- the address ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum status decode_percent(struct slice text, struct buf *bytes, struct error *err)
{
    for (size_t i = 0; i < text.size; i++) {
        int high = i + 2 < text.size ? hex_digit(text.data[i + 1]) : -1;
        int low = i + 2 < text.size ? hex_digit(text.data[i + 2]) : -1;
        if (text.data[i] != '%') {
            buf_putc(bytes, text.data[i]);
            continue;
        }
        /* %00 is refused, too: settings are C strings. */
        if (i + 2 >= text.size || high < 0 || low < 0 || high + low == 0)
            return error_set(err, STATUS_INVALID, "\"%.*s\": %% without two hex digits",
                             SLICE_ARG(text));
        buf_putc(bytes, (char) (unsigned char) (16 * high + low));
        i += 2;
    }
    return buf_status(bytes, err);
}

static enum status take_query(struct kafka_address *address, struct slice query, struct error *err)
{
    enum status status = STATUS_OK;
    struct buf pair;

    buf_init(&pair, VALUE_MAX);
    while (status == STATUS_OK && query.data != NULL) {
        /* Split first, decoded then: %26 is a byte of a value and ends none. */
        struct slice part = slice_split(&query, '&');
        buf_reset(&pair);
        status = decode_percent(part, &pair, err);
        if (status == STATUS_OK)
            status = take_pair(address, buf_slice(&pair), err);
    }
    buf_fini(&pair);
    return status;
}

static enum status check_server(struct slice server, struct error *err)
{
    size_t colon = server.size;
    uint64_t port;

    /* The last colon: an IPv6 address has some of its own. */
    while (colon > 0 && server.data[colon - 1] != ':')
        colon--;
    if (colon < 2 || slice_contains(server, SLICE(" ")) ||
        slice_to_uint(slice_sub(server, colon, server.size), 1, UINT16_MAX, &port, NULL) !=
            STATUS_OK)
        return error_set(err, STATUS_INVALID, "\"%.*s\" is not HOST:PORT", SLICE_ARG(server));
    return STATUS_OK;
}

static enum status take_servers(struct kafka_address *address, struct slice servers,
                                struct error *err)
{
    struct slice rest = servers;
    enum status status = STATUS_OK;
    int count = 0;

    if (servers.size == 0)
        return error_set(err, STATUS_INVALID, "no server: kafka://HOST:PORT[,HOST:PORT]");
    while (status == STATUS_OK && rest.data != NULL) {
        if (++count > KAFKA_SERVERS_MAX)
            return error_set(err, STATUS_INVALID, "more than %d servers", (int) KAFKA_SERVERS_MAX);
        status = check_server(slice_split(&rest, ','), err);
    }
    if (status != STATUS_OK)
        return status;
    address->servers = strndup(servers.data, servers.size);
    return address->servers == NULL ? error_set(err, STATUS_NOMEM, "an address") : STATUS_OK;
}

static bool prefix_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
}

static enum status take_prefix(struct kafka_address *address, struct slice prefix,
                               struct error *err)
{
    size_t size = 0;

    while (size < prefix.size && prefix_byte(prefix.data[size]))
        size++;
    if (size < prefix.size || size > KAFKA_PREFIX_MAX)
        return error_set(err, STATUS_INVALID,
                         "\"%.*s\" is no prefix: at most %d of letters, digits, '.', '-', '_'",
                         SLICE_ARG(prefix), (int) KAFKA_PREFIX_MAX);
    if (size > 0)
        (void) snprintf(address->prefix, sizeof address->prefix, "%.*s.", SLICE_ARG(prefix));
    return STATUS_OK;
}

enum status kafka_address_read(const char *text, const char *path, struct kafka_address *address,
                               struct error *err)
{
    struct slice rest = slice_from(text);
    struct slice query = {NULL, 0};
    struct kafka_address made = {0};
    struct slice servers;
    size_t at = slice_find(rest, SLICE("?"));
    enum status status = STATUS_OK;

    /* Before the slash is looked for, since values are often paths. */
    if (at < rest.size)
        query = slice_sub(rest, at + 1, rest.size);
    rest = slice_sub(rest, 0, at);
    servers = slice_split(&rest, '/');
    status = take_servers(&made, servers, err);
    if (status == STATUS_OK && rest.data != NULL)
        status = take_prefix(&made, rest, err);
    if (status == STATUS_OK && path != NULL)
        status = take_file(&made, path, err);
    if (status == STATUS_OK && query.size > 0)
        status = take_query(&made, query, err);
    if (status == STATUS_OK)
        *address = made;
    else
        kafka_address_fini(&made);
    return status;
}
