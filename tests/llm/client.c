#include "tests/llm/client.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_STEP = 64 * 1024, ARENA_MAX = 1024 * 1024 };

struct client *client_create(int socket)
{
    struct client *client = calloc(1, sizeof *client);

    if (client == NULL) {
        close(socket);
        return NULL;
    }
    client->socket = socket;
    buf_init(&client->in, MESSAGE_HEAD_MAX + MESSAGE_BODY_MAX);
    buf_init(&client->out, REPLY_MAX);
    client->arena = arena_create(ARENA_MAX);
    if (client->arena != NULL)
        return client;
    client_destroy(client);
    return NULL;
}

void client_destroy(struct client *client)
{
    if (client == NULL)
        return;
    close(client->socket);
    buf_fini(&client->in);
    buf_fini(&client->out);
    arena_destroy(client->arena);
    free(client);
}

bool client_fill(struct client *client)
{
    for (;;) {
        char *room = buf_reserve(&client->in, READ_STEP);
        ssize_t size = room == NULL ? 0 : recv(client->socket, room, READ_STEP, 0);

        if (size < 0)
            return errno == EAGAIN || errno == EINTR;
        if (size == 0)
            return false;
        buf_added(&client->in, (size_t) size);
    }
}

bool client_flush(struct client *client)
{
    while (client->written < client->out.size) {
        ssize_t size = send(client->socket, client->out.data + client->written,
                            client->out.size - client->written, MSG_NOSIGNAL);

        if (size < 0)
            return errno == EAGAIN || errno == EINTR;
        client->written += (size_t) size;
    }
    return true;
}

bool client_written(const struct client *client)
{
    return client->written == client->out.size;
}

void client_next(struct client *client)
{
    buf_reset(&client->out);
    client->written = 0;
    client->asked = false;
    client->phase = CLIENT_READING;
    client->end = REPLY_KEEP;
    arena_reset(client->arena);
}

void client_reset_on_close(const struct client *client)
{
    const struct linger now = {.l_onoff = 1};

    (void) setsockopt(client->socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}
