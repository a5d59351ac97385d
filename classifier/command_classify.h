/*
 * command_classify: `classify` as a program: document lines in, the same lines out with is_visit,
 * p_visit, themes, purpose, decided_by.
 *
 * Scope     Never applies period, dictionary or duplicates: those belong to a job.
 * Model     With --llm URL --model NAME a language model is asked where the built-in models are
 *           unsure (study/cascade.h), about many documents at once; lines come out in the order
 *           they came in. Then they also say `model`, what decided, and `asked`, the tasks it was
 *           asked about.
 * Status    The exit status of the program: 0, 1 failed (bad lines included), 2 wrong usage or bad
 *           file.
 */
#ifndef XUNFANG_CLASSIFIER_COMMAND_CLASSIFY_H
#define XUNFANG_CLASSIFIER_COMMAND_CLASSIFY_H

/* argv[0] is the command's own name. */
int command_classify(int argc, char **argv);

#endif
