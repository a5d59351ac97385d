/*
 * verify_numbers: every number of the tables a second time, from the text of events.csv.
 *
 * Route     The tables are rendered to text and read back; visits are counted from the rows of
 *           events.csv alone. U, d, the classes, sums by city and year are computed by other code;
 *           an interval's ends are checked by integrating the posterior (with p = sin² t its
 *           density is smooth).
 * Compared  network, pairs, cities, panel, funnel, lists, and measures.json (verify_measures.h).
 * Exact     Counts and classes; printed fractions within half of their last digit.
 */
#ifndef XUNFANG_AGGREGATOR_VERIFY_NUMBERS_H
#define XUNFANG_AGGREGATOR_VERIFY_NUMBERS_H

#include "aggregator/results.h"
#include "aggregator/strings.h"
#include "aggregator/verify.h"

/* A row of events.csv, as read back. */
struct read_event {
    uint32_t origin; /* city of the setting */
    uint32_t host;
    int year; /* 0: none */
    bool cooperative;
    bool learning;
    uint32_t themes; /* texts of the table */
    uint32_t level;
};

struct read_events {
    struct rows rows;
    struct strings *texts;
};

CHECKED enum status read_events(const struct results *results, struct read_events *events,
                                struct error *err);
void read_events_fini(struct read_events *events);

CHECKED enum status verify_numbers(const struct results *results, struct verify *verify,
                                   struct error *err);

/* Share of the posterior Beta(a+½, b+½) below p, by Simpson's rule. */
double verify_beta_below(double p, uint64_t a, uint64_t b);
/* Equal but for the rounding to 6 decimals? Two NANs are equal. */
bool verify_same_number(double printed, double computed);

#endif
