/*
 * prompt_text: text of a web page as a language model may be shown it.
 *
 * Gone     Controls, ill-formed bytes, zero-width and format characters, direction signs, variation
 *          selectors and tags (U+E0000 …): what a reader does not see, the model does not either.
 * Broken   Two characters that begin or end a token of a chat template ("<|", "</", "<s", "[I",
 *          "|>", …) or one of our marks ("<<", ">>") get a blank between them, also where something
 *          that is gone stood between them.
 * White    A run of white space is one blank, or one line feed if it held one; none at the ends.
 * Cut      Between characters, never inside one; blanks put in count too.
 * Result   A function of the bytes alone; well-formed UTF-8.
 */
#ifndef XUNFANG_STUDY_PROMPT_TEXT_H
#define XUNFANG_STUDY_PROMPT_TEXT_H

#include "base/util/buf.h"

/* Appends at most `room` characters of `text`; returns how many it appended. */
size_t prompt_text_put(struct slice text, size_t room, struct buf *out);

#endif
