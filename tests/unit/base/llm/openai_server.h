/*
 * openai_server: a small server of the OpenAI interface on a free loopback port for
 * test_llm_openai.c, one thread a connection. A word in the question says how it is answered.
 */
#ifndef XUNFANG_TESTS_OPENAI_SERVER_H
#define XUNFANG_TESTS_OPENAI_SERVER_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER_REQUEST_MAX = 512 * 1024 };

static int server_listener;
static uint16_t server_port;
static atomic_int server_requests, server_connections;
static char server_request[SERVER_REQUEST_MAX]; /* the last one, under a lock */
static pthread_mutex_t server_lock = PTHREAD_MUTEX_INITIALIZER;

static const char server_good[] =
    "{\"id\":\"1\",\"model\":\"tiny\",\"system_fingerprint\":\"b1\",\"choices\":[{\"index\":0,"
    "\"message\":{\"role\":\"assistant\",\"content\":\"{\\\"visit\\\":\\\"yes\\\"}\"},"
    "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":4}}";
static const char server_vectors[] =
    "{\"model\":\"e5\",\"data\":[{\"index\":1,\"embedding\":[3,4.5]},{\"index\":0,\"embedding\":"
    "[1,-2e0]}],\"usage\":{\"prompt_tokens\":6}}";

struct server_case {
    const char *word; /* in the body of the request */
    const char *status;
    const char *headers;
    const char *body;
};

static const struct server_case server_cases[] = {
    {"case-500", "500 Oops", "", "{\"error\":{\"message\":\"it\\nbroke\"}}"},
    {"case-503", "503 Loading", "", "{\"error\":{\"message\":\"Loading model\"}}"},
    {"case-429", "429 Slow", "Retry-After: 7\r\n", "{\"error\":\"too fast\"}"},
    {"case-401", "401 No", "", "{\"error\":{\"message\":\"Invalid API key\"}}"},
    {"case-404", "404 No", "", "<html>not JSON</html>"},
    {"case-400", "400 Bad", "", "{\"object\":\"error\",\"message\":\"context too long\"}"},
    {"case-moved", "302 Found", "Location: http://127.0.0.1:1/\r\n", ""},
    {"case-204", "204 No Content", "", ""},
    {"case-html", "200 OK", "", "<html>a proxy's page</html>"},
    {"case-no-choice", "200 OK", "", "{\"choices\":[]}"},
    {"case-null", "200 OK", "",
     "{\"choices\":[{\"message\":{\"content\":null},\"finish_reason\":\"stop\"}]}"},
    {"case-length", "200 OK", "",
     "{\"choices\":[{\"message\":{\"content\":\"{\"},\"finish_reason\":\"length\"}]}"},
    {"case-silent-usage", "200 OK", "",
     "{\"choices\":[{\"message\":{\"content\":\"12345678\"},\"finish_reason\":\"stop\"}]}"},
};

static bool server_put(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        data += sent;
        size -= (size_t) sent;
    }
    return true;
}

static void server_answer(int fd, const char *status, const char *headers, const char *body)
{
    char head[512];

    (void) snprintf(head, sizeof head, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status,
                    headers, strlen(body));
    server_put(fd, head, strlen(head));
    server_put(fd, body, strlen(body));
}

/* JSON that never ends. */
static void server_endless(int fd)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"choices\":[\"";
    char chunk[8192];

    memset(chunk, 'x', sizeof chunk);
    server_put(fd, head, sizeof head - 1);
    for (int i = 0; i < 4096 && server_put(fd, chunk, sizeof chunk); i++)
        continue;
}

/* false: the connection is closed. */
static bool server_serve(int fd, const char *request)
{
    for (size_t i = 0; i < sizeof server_cases / sizeof server_cases[0]; i++)
        if (strstr(request, server_cases[i].word) != NULL) {
            server_answer(fd, server_cases[i].status, server_cases[i].headers,
                          server_cases[i].body);
            return true;
        }
    if (strstr(request, "case-close") != NULL)
        return false;
    if (strstr(request, "case-hang") != NULL) {
        usleep(1500 * 1000);
        return false;
    }
    if (strstr(request, "case-endless") != NULL) {
        server_endless(fd);
        return false;
    }
    server_answer(fd, "200 OK", "",
                  strstr(request, "/embeddings ") != NULL ? server_vectors : server_good);
    return true;
}

static bool server_read(int fd, char *text)
{
    size_t size = 0;

    while (size < SERVER_REQUEST_MAX - 1) {
        ssize_t got = recv(fd, text + size, SERVER_REQUEST_MAX - 1 - size, 0);
        const char *end, *length;
        if (got <= 0)
            return false;
        size += (size_t) got;
        text[size] = '\0';
        end = strstr(text, "\r\n\r\n");
        length = strstr(text, "Content-Length: ");
        if (end != NULL && (length == NULL || strlen(end + 4) >= strtoul(length + 16, NULL, 10)))
            return true;
    }
    return false;
}

static void *server_connection(void *argument)
{
    int fd = (int) (intptr_t) argument;
    char *text = malloc(SERVER_REQUEST_MAX);

    while (text != NULL && server_read(fd, text)) {
        server_requests++;
        (void) pthread_mutex_lock(&server_lock);
        memcpy(server_request, text, strlen(text) + 1);
        (void) pthread_mutex_unlock(&server_lock);
        if (!server_serve(fd, text))
            break;
    }
    free(text);
    close(fd);
    return NULL;
}

static void *server_accept(void *argument)
{
    (void) argument;
    for (;;) {
        int fd = accept(server_listener, NULL, NULL);
        pthread_t thread;
        if (fd < 0)
            return NULL;
        server_connections++;
        if (pthread_create(&thread, NULL, server_connection, (void *) (intptr_t) fd) != 0)
            abort();
        pthread_detach(thread);
    }
}

static int server_start(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    pthread_t thread;

    (void) state;
    server_listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(server_listener, (struct sockaddr *) &address, sizeof address) != 0 ||
        listen(server_listener, 64) != 0 ||
        getsockname(server_listener, (struct sockaddr *) &address, &size) != 0)
        return -1;
    server_port = ntohs(address.sin_port);
    return pthread_create(&thread, NULL, server_accept, NULL);
}

#endif
