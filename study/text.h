/*
 * text: UTF-8 text of pages, looked at one code point at a time.
 *
 * Valid     Functions take any bytes; an ill-formed byte counts as U+FFFD and one byte long, so
 *           nothing ever runs past the end. text_valid says whether a slice is UTF-8 throughout.
 * White     White space is what Unicode calls White_Space (U+3000 and U+00A0 included).
 * Identity  The fingerprint is the id of title and body joined, without white space, otherwise byte
 *           for byte: documents with equal fingerprints are copies of one text.
 * Threads   No state.
 */
#ifndef XUNFANG_STUDY_TEXT_H
#define XUNFANG_STUDY_TEXT_H

#include "base/util/buf.h"
#include "base/util/hash.h"

enum { TEXT_REPLACEMENT = 0xFFFD };

bool text_valid(struct slice text);

/* The code point at *at, which moves behind it; false at the end of the text. Starts with *at = 0.
 */
bool text_next(struct slice text, size_t *at, uint32_t *code_point);
/* The code point that ends at *at, which moves before it; false at the start of the text. */
bool text_previous(struct slice text, size_t *at, uint32_t *code_point);
/* Code points in the text. */
size_t text_length(struct slice text);
bool text_is_space(uint32_t code_point);
/* A CJK ideograph (main block and extension A)? */
bool text_is_han(uint32_t code_point);
/* Nothing but white space? */
bool text_is_blank(struct slice text);

/* Appends `text` in the form that rules and models read: full-width digits, Latin letters and the
 * punctuation ％（），：；！？．－／ become ASCII; every run of white space becomes one blank, none at
 * the ends; zero-width, bidirectional and other format characters and controls go; ill-formed bytes
 * become U+FFFD. Offsets into the result are not offsets into `text`. */
void text_normalise(struct slice text, struct buf *out);

/* Never fails but for memory, which ends the process as in base/util/hash.h. */
struct id text_fingerprint(struct slice title, struct slice body);

#endif
