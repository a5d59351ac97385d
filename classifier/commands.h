/*
 * commands: train and eval as programs.
 *
 * train     A labelled corpus in, a model file out; figures of the cross-validation on standard
 *           error.
 * eval      A labelled corpus in, precision, recall and F1 with intervals out: of the built-in
 *           models and rules alone.
 * Status    The exit status of the program: 0, 1 failed (bad lines included), 2 wrong usage or bad
 *           file.
 */
#ifndef XUNFANG_CLASSIFIER_COMMANDS_H
#define XUNFANG_CLASSIFIER_COMMANDS_H

/* argv[0] is the command's own name. */
int command_train(int argc, char **argv);
int command_eval(int argc, char **argv);

#endif
