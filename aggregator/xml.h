/*
 * xml: text made safe for XML and HTML.
 *
 * Escapes  & < > " and '; control characters that XML 1.0 forbids become U+FFFD, as do ill-formed
 *          bytes of UTF-8 and the code points U+FFFE and U+FFFF.
 * Base64   for pictures inside a page (RFC 4648, with padding).
 */
#ifndef XUNFANG_AGGREGATOR_XML_H
#define XUNFANG_AGGREGATOR_XML_H

#include "base/util/buf.h"

/* For element text and for attribute values in either kind of quotes. */
void xml_put_text(struct buf *out, struct slice text);
/* name="text" with a blank in front. */
void xml_put_attribute(struct buf *out, const char *name, struct slice text);
void xml_put_base64(struct buf *out, struct slice bytes);

#endif
