/*
 * features: a read document as a sparse vector of hashed features, for linear models.
 *
 * Text      Runs of 1 to 4 characters, title and body apart. A place becomes one symbol that says
 *           only whose it is: the publisher's city or a place within it, the first, second or a
 *           later other city of the text or a place within it, a province, 我市. So a model learns
 *           the form of a report, not its names. Digits are one symbol, so is punctuation; white
 *           space is left out.
 * Rules     What study/trip.h read: legs, same city, who stands above, groups, guests that are no
 *           city.
 * Values    Each block (title, body, rules) has its own weight and is divided by the root of its
 *           size, in whole numbers: MODEL_UNIT / isqrt(n). A feature counts once however often it
 *           occurs.
 * Bucket    A 64-bit FNV-1a hash of kind and characters, finished by a multiplication, modulo the
 *           count given. Buckets come out sorted and distinct.
 * Version   FEATURES_VERSION goes up whenever the same text gives other features: models of another
 *           version are refused.
 */
#ifndef XUNFANG_STUDY_FEATURES_H
#define XUNFANG_STUDY_FEATURES_H

#include "study/model.h"
#include "study/trip.h"

enum {
    FEATURES_VERSION = 1,
    FEATURES_MAX = 20000,
    FEATURES_LEAD = 220, /* characters of the body that decide whether it is a visit */
    FEATURES_BODY = 1500 /* characters of the body that tell its subject */
};

enum features_kind {
    FEATURES_EVENT, /* is it a visit? title, lead and rules */
    FEATURES_TOPIC  /* what is it about? title and body */
};

struct features {
    struct feature *items;
    size_t count;
};

struct features_request {
    enum features_kind kind;
    const struct reading *reading;
    const struct trip *trip;
    uint32_t buckets; /* of the model that will be asked */
};

/* The vector belongs to the arena. */
CHECKED enum status features_make(const struct features_request *request, struct arena *arena,
                                  struct features *features, struct error *err);

#endif
