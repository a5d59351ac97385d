/*
 * http_socket: libcurl's callbacks about the connection a request goes out on. Private to
 * base/http.
 *
 * Self      The transfer, armed. An objection is its verdict, and what is returned makes libcurl
 *           abort.
 * Address   The caller's `allow` is asked before a connection is made and before each request.
 * Late      What the other side's kernel has not acknowledged within the connect time-out is not
 *           sent again: see TCP_USER_TIMEOUT in tcp(7). A connection keeps the time-out of the
 *           request it was made for.
 */
#ifndef XUNFANG_BASE_HTTP_HTTP_SOCKET_H
#define XUNFANG_BASE_HTTP_HTTP_SOCKET_H

#include "base/http/http_transfer.h"

/* CURLOPT_OPENSOCKETFUNCTION */
curl_socket_t http_socket_open(void *self, curlsocktype purpose, struct curl_sockaddr *address);
/* CURLOPT_PREREQFUNCTION */
int http_socket_send(void *self, char *ip, char *local_ip, int port, int local_port);

#endif
