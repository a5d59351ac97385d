#include "crawler/url_state.h"

#include "base/util/status.h"

enum url_state url_next(enum url_state state, enum url_event event)
{
    /* Every pair is written down, so a new state or event cannot be forgotten. */
    static const unsigned char next[URL_STATES][URL_EVENTS] = {
        /* LINK, LEASE, RETURN, AGAIN, DUE, DONE, CLOSE, VERDICT, REVIVE */
        [URL_NEW] = {URL_QUEUED, URL_NEW, URL_NEW, URL_NEW, URL_NEW, URL_FINAL, URL_NEW, URL_FINAL,
                     URL_NEW},
        [URL_QUEUED] = {URL_QUEUED, URL_LEASED, URL_QUEUED, URL_WAITING, URL_QUEUED, URL_FINAL,
                        URL_CLOSING, URL_FINAL, URL_QUEUED},
        [URL_WAITING] = {URL_WAITING, URL_WAITING, URL_WAITING, URL_WAITING, URL_QUEUED, URL_FINAL,
                         URL_CLOSING, URL_FINAL, URL_WAITING},
        [URL_LEASED] = {URL_LEASED, URL_LEASED, URL_QUEUED, URL_WAITING, URL_LEASED, URL_FINAL,
                        URL_CLOSING, URL_FINAL, URL_LEASED},
        [URL_CLOSING] = {URL_CLOSING, URL_CLOSING, URL_CLOSING, URL_CLOSING, URL_CLOSING, URL_FINAL,
                         URL_CLOSING, URL_FINAL, URL_CLOSING},
        [URL_FINAL] = {URL_FINAL, URL_FINAL, URL_FINAL, URL_FINAL, URL_FINAL, URL_FINAL, URL_FINAL,
                       URL_FINAL, URL_QUEUED},
    };

    ENSURE(state < URL_STATES && event < URL_EVENTS);
    return (enum url_state) next[state][event];
}
