/*
 * commands: classify, train and eval as programs.
 *
 * classify  Document lines in, the same lines out with is_visit, p_visit, themes, purpose,
 *           decided_by. Never applies period, dictionary or duplicates: those belong to a job.
 * train     A labelled corpus in, a model file out; figures of the cross-validation on standard
 *           error.
 * eval      A labelled corpus in, precision, recall and F1 with intervals out.
 * Status    The exit status of the program: 0, 1 failed (bad lines included), 2 wrong usage or bad
 *           file.
 */
#ifndef XUNFANG_CLASSIFIER_COMMANDS_H
#define XUNFANG_CLASSIFIER_COMMANDS_H

/* argv[0] is the command's own name. */
int command_classify(int argc, char **argv);
int command_train(int argc, char **argv);
int command_eval(int argc, char **argv);

#endif
