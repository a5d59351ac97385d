#include "base/http/http_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool allowed(struct http_transfer *transfer, const struct sockaddr *address, socklen_t size)
{
    const struct http_request *request = &transfer->request;

    if (request->allow == NULL || request->allow(request->allow_self, address, size))
        return true;
    transfer->verdict = HTTP_ADDRESS;
    return false;
}

/* A request that was given up must not arrive later: while nothing is acknowledged the kernel sends
 * it again and again, even when the socket is closed, and it would come through when the network is
 * back, right behind one of somebody who has the host by then. */
curl_socket_t http_socket_open(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    const struct http_transfer *transfer = self;
    unsigned limit_ms = (unsigned) transfer->request.connect_timeout_ms;
    curl_socket_t made;

    if (purpose != CURLSOCKTYPE_IPCXN || !allowed(self, &address->addr, address->addrlen))
        return CURL_SOCKET_BAD;
    made = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (made < 0 ||
        setsockopt(made, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof limit_ms) == 0)
        return made;
    (void) close(made);
    return CURL_SOCKET_BAD;
}

/* The peer of a connection as libcurl prints it. */
static bool read_peer(const char *ip, int port, struct sockaddr_storage *out, socklen_t *size)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t) port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t) port)};

    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, ip, &v4.sin_addr) == 1) {
        memcpy(out, &v4, sizeof v4);
        *size = sizeof v4;
        return true;
    }
    if (inet_pton(AF_INET6, ip, &v6.sin6_addr) == 1) {
        memcpy(out, &v6, sizeof v6);
        *size = sizeof v6;
        return true;
    }
    return false;
}

/* Right before a request goes out, on a new connection or a kept one. A second time means that
 * libcurl would repeat the request because the kept connection died: that would be a send nobody
 * planned, closer to the first than the host allows. */
int http_socket_send(void *self, char *ip, char *local_ip, int port, int local_port)
{
    struct http_transfer *transfer = self;
    struct sockaddr_storage address;
    socklen_t size;

    (void) local_ip;
    (void) local_port;
    if (transfer->sent) {
        transfer->verdict = HTTP_RESET;
        transfer->response.stale = true;
        return CURL_PREREQFUNC_ABORT;
    }
    /* The caller's thread may have done something else between submit and this moment. */
    if (transfer->request.deadline_ms != 0 &&
        clock_mono_ms(transfer->clock) >= transfer->request.deadline_ms) {
        transfer->verdict = HTTP_LATE;
        return CURL_PREREQFUNC_ABORT;
    }
    if (!read_peer(ip, port, &address, &size) ||
        !allowed(transfer, (const struct sockaddr *) &address, size)) {
        transfer->verdict = HTTP_ADDRESS;
        return CURL_PREREQFUNC_ABORT;
    }
    transfer->sent = true;
    transfer->response.sent_ms = clock_wall_ms(transfer->clock);
    (void) snprintf(transfer->address, sizeof transfer->address, "%s", ip);
    return CURL_PREREQFUNC_OK;
}
