/*
 * encoding: the spellings of text on the wire: GBK, percent signs, HTML and JSON escapes.
 *
 * GBK      By iconv's GB18030, whose two-byte part it is. What cannot be converted becomes '?'.
 * Threads  An encoder belongs to one thread; the escapes have no state.
 */
#ifndef XUNFANG_SITES_ENCODING_H
#define XUNFANG_SITES_ENCODING_H

#include "base/util/buf.h"

struct encoder;

/* NULL when the C library lacks the converters or memory is out. */
struct encoder *encoder_create(void);
/* NULL is fine. */
void encoder_destroy(struct encoder *encoder);

void encoder_to_gbk(struct encoder *encoder, struct slice utf8, struct buf *out);
void encoder_from_gbk(struct encoder *encoder, struct slice gbk, struct buf *out);

/* application/x-www-form-urlencoded: + is a blank; a broken escape stays as it is. */
void encoding_unpercent(struct slice text, struct buf *out);
/* Everything but letters, digits and -._~ */
void encoding_percent(struct slice bytes, struct buf *out);
/* & < > " */
void encoding_html(struct slice text, struct buf *out);
/* The inside of a JSON string; UTF-8 stays. */
void encoding_json(struct slice text, struct buf *out);
/* The inside of a JSON string read back, \uXXXX included. */
void encoding_unjson(struct slice text, struct buf *out);

#endif
