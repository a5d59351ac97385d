/*
 * scripted_server: an HTTP server on a free loopback port for the tests of http, one thread a
 * connection. The path of a request says what goes wrong with its answer.
 */
#ifndef XUNFANG_TESTS_SCRIPTED_SERVER_H
#define XUNFANG_TESTS_SCRIPTED_SERVER_H

#include "base/http/http.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MIB = 1024 * 1024, REQUEST_MAX = 64 * 1024 };

static int listener;
static uint16_t port;
static atomic_int requests, connections;
static char last_request[REQUEST_MAX];

static bool put(int fd, const void *data, size_t size)
{
    const char *at = data;

    while (size > 0) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        size -= (size_t) sent;
    }
    return true;
}

static bool puts_to(int fd, const char *text)
{
    return put(fd, text, strlen(text));
}

static void answer(int fd, const char *status, const char *headers, const char *body)
{
    char text[REQUEST_MAX];

    (void) snprintf(text, sizeof text, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s", status,
                    headers, strlen(body), body);
    puts_to(fd, text);
}

/* 200 MiB without a length. */
static void endless_body(int fd)
{
    char *chunk = calloc(1, MIB);

    puts_to(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    for (int i = 0; chunk != NULL && i < 200 && put(fd, chunk, MIB); i++)
        continue;
    free(chunk);
}

static void endless_headers(int fd)
{
    puts_to(fd, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 100000 && puts_to(fd, "X-Filler: 0123456789abcdef0123456789abcdef\r\n");
         i++)
        continue;
}

static void many_headers(int fd)
{
    puts_to(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
    for (int i = 0; i < HTTP_HEADER_MAX + 10; i++)
        puts_to(fd, "A: b\r\n");
    puts_to(fd, "\r\n");
}

static void drip(int fd)
{
    puts_to(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 100 && puts_to(fd, "."); i++)
        usleep(100 * 1000);
}

/* Deflate by fixed codes: one zero, then copies of 258 bytes, 13 bits each: 158 to 1. */
static void bomb(int fd)
{
    unsigned char *out = calloc(1, MIB);
    size_t bits = 0;
    const char copy[] = "1100010100000", begin[] = "11000110000";

    if (out == NULL)
        return;
    for (const char *c = begin; *c != '\0'; c++, bits++)
        out[bits / 8] |= (unsigned char) ((*c - '0') << bits % 8);
    for (int i = 0; i < 400000; i++)
        for (const char *c = copy; *c != '\0'; c++, bits++)
            out[bits / 8] |= (unsigned char) ((*c - '0') << bits % 8);
    puts_to(fd, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n");
    put(fd, "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
    put(fd, out, bits / 8);
    free(out);
}

/* "hello" in a stored zlib block. */
static void deflated(int fd)
{
    puts_to(fd, "HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: 16\r\n\r\n");
    put(fd,
        "\x78\x01\x01\x05\x00\xfa\xff"
        "hello"
        "\x06\x2c\x02\x15",
        16);
}

static void reset(int fd)
{
    struct linger now = {1, 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* false: close the connection. */
static bool serve(int fd, const char *path)
{
    if (strcmp(path, "/ok") == 0)
        answer(fd, "200 OK", "Content-Type: text/plain\r\nX-Two:  b \r\n", "fine");
    else if (strcmp(path, "/empty") == 0)
        answer(fd, "204 No Content", "", "");
    else if (strcmp(path, "/moved") == 0)
        answer(fd, "302 Found", "Location: /ok\r\n", "");
    else if (strcmp(path, "/cookie") == 0)
        answer(fd, "200 OK", "Set-Cookie: a=b\r\n", "");
    else if (strcmp(path, "/deflate") == 0)
        deflated(fd);
    else if (strcmp(path, "/broken-gzip") == 0)
        answer(fd, "200 OK", "Content-Encoding: gzip\r\n", "this is no gzip");
    else
        return false;
    return true;
}

static void serve_last(int fd, const char *path)
{
    if (strcmp(path, "/large") == 0)
        endless_body(fd);
    else if (strcmp(path, "/headers") == 0)
        endless_headers(fd);
    else if (strcmp(path, "/many-headers") == 0)
        many_headers(fd);
    else if (strcmp(path, "/bomb") == 0)
        bomb(fd);
    else if (strcmp(path, "/drip") == 0)
        drip(fd);
    else if (strcmp(path, "/reset") == 0)
        reset(fd);
    else if (strcmp(path, "/short") == 0)
        puts_to(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
    else if (strcmp(path, "/garbage") == 0)
        puts_to(fd, "this is not HTTP at all\r\n\r\n");
    else if (strcmp(path, "/silence") == 0)
        usleep(1500 * 1000);
    /* "/close": nothing at all */
}

static bool read_request(int fd, char *text)
{
    size_t size = 0;

    while (size < REQUEST_MAX - 1) {
        ssize_t got = recv(fd, text + size, REQUEST_MAX - 1 - size, 0);
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

/* The path of "GET /path HTTP/1.1…", cut to `size`. */
static void path_of(const char *request, char *path, size_t size)
{
    const char *begin = strchr(request, ' ');
    size_t length = begin == NULL ? 0 : strcspn(++begin, " \r\n");

    (void) snprintf(path, size, "%.*s", (int) length, begin == NULL ? "" : begin);
}

/* Connections run side by side; the tests read only after their answers came. */
static void keep_request(const char *text)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    (void) pthread_mutex_lock(&lock);
    memcpy(last_request, text, strlen(text) + 1);
    (void) pthread_mutex_unlock(&lock);
}

static void *connection(void *argument)
{
    int fd = (int) (intptr_t) argument;
    char *text = malloc(REQUEST_MAX), path[256];

    while (text != NULL && read_request(fd, text)) {
        requests++;
        keep_request(text);
        path_of(text, path, sizeof path);
        if (!serve(fd, path)) {
            serve_last(fd, path);
            break;
        }
    }
    free(text);
    close(fd);
    return NULL;
}

static void *accept_all(void *argument)
{
    (void) argument;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        pthread_t thread;
        if (fd < 0)
            return NULL;
        connections++;
        if (pthread_create(&thread, NULL, connection, (void *) (intptr_t) fd) != 0)
            abort();
        pthread_detach(thread);
    }
}

static int start_server(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    pthread_t thread;

    (void) state;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *) &address, sizeof address) != 0 ||
        listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *) &address, &size) != 0)
        return -1;
    port = ntohs(address.sin_port);
    return pthread_create(&thread, NULL, accept_all, NULL);
}

#endif
