/*
 * url_state: the life of one request, as a table.
 *
 *          ┌────────────── RETURN ──────────────┐
 *   NEW ─LINK─► QUEUED ──────LEASE──────► LEASED ─┐
 *                 ▲                          │    │ DONE
 *                DUE                       AGAIN  ├─────► FINAL
 *                 └──────── WAITING ◄────────┘    │         ▲
 *                              └─── CLOSE ──► CLOSING ──VERDICT
 *
 * LEASED   is soft: a lease that ends without a word RETURNs its requests.
 * CLOSING  a verdict is on its way through `urls`; only reading it makes the request FINAL.
 * Late     A result may arrive in any state (its lease had expired); what is final stays final, and
 *          a failure moves no request that another lease holds.
 * REVIVE   brings back what was FINAL only for its many redirects, when a shorter way to it shows.
 */
#ifndef XUNFANG_CRAWLER_URL_STATE_H
#define XUNFANG_CRAWLER_URL_STATE_H

/* Stored as numbers: never renumbered. */
enum url_state { URL_NEW, URL_QUEUED, URL_WAITING, URL_LEASED, URL_CLOSING, URL_FINAL, URL_STATES };

enum url_event {
    URL_LINK,    /* somebody wants it */
    URL_LEASE,   /* put into a lease */
    URL_RETURN,  /* its lease is over, nothing was sent */
    URL_AGAIN,   /* failed, and may be tried again later */
    URL_DUE,     /* later is now */
    URL_DONE,    /* has a final result */
    URL_CLOSE,   /* the frontier publishes a verdict */
    URL_VERDICT, /* the frontier has read a verdict */
    URL_REVIVE,  /* see above */
    URL_EVENTS
};

/* The state after the event. An event that means nothing in a state leaves it as it is. */
enum url_state url_next(enum url_state state, enum url_event event);

#endif
