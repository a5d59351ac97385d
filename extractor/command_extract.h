/*
 * command_extract: `xunfang extract`: document lines in, the same lines out with `events`.
 *
 * Visit     None if is_visit is present and false; without is_visit the codebook's models decide
 *           (study/cascade.h). Purpose is the line's own if it has one.
 * --llm     A language model is asked where the models are unsure whether it is a visit, and where
 *           the rules leave the parties in doubt (extractor/resolver.h). Then a line also says in
 *           `events_by` who read its events, `rule` or `llm`. Without a usable answer the built-in
 *           decision holds. Lines come out in their order, however long an answer takes.
 * Status    0, 1 failed (bad lines included), 2 wrong usage or bad file.
 */
#ifndef XUNFANG_EXTRACTOR_COMMAND_EXTRACT_H
#define XUNFANG_EXTRACTOR_COMMAND_EXTRACT_H

/* argv[0] is the command's own name. */
int command_extract(int argc, char **argv);

#endif
