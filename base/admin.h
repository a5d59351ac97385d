/*
 * admin: the HTTP endpoint of every process: /metrics, /healthz, /readyz.
 *
 * /metrics  OpenMetrics text of this process (or what the program's renderer writes).
 * /healthz  200 while the process lives and its main loop moved in the last ADMIN_STALL_MS, else
 *           503.
 * /readyz   200 "ready" and the note, if there is one; else 503 with the reason.
 * Address   HOST:PORT, loopback unless told otherwise; port 0 takes a free one (admin_address
 *           tells).
 * Threads   Requests are answered on libmicrohttpd's thread; the setters may be called from any.
 * Limits    32 connections, 10 s idle, GET only, headers 8 KiB.
 */
#ifndef XUNFANG_BASE_ADMIN_H
#define XUNFANG_BASE_ADMIN_H

#include "base/util/buf.h"

enum { ADMIN_STALL_MS = 30000, ADMIN_NOTE_MAX = 8 * 1024 };

struct admin;

/* `render` appends what /metrics answers; NULL: metrics_render. */
CHECKED enum status admin_start(const char *address, void (*render)(void *self, struct buf *out),
                                void *self, struct admin **admin, struct error *err);
void admin_stop(struct admin *admin);
/* "127.0.0.1:43127"; lives as long as admin. */
const char *admin_address(const struct admin *admin);
/* NULL: ready. The reason must be a string that lives on (a literal). */
void admin_set_reason(struct admin *admin, const char *not_ready_because);
/* What /readyz says below "ready": lines of text, copied and cut at ADMIN_NOTE_MAX; "" for none. */
void admin_set_note(struct admin *admin, const char *note);
/* The main loop moves. */
void admin_alive(struct admin *admin);

#endif
