/*
 * command_trace: `trace JOB DOC`: one document's way through all logs.
 *
 * Doc     An id (32 hexadecimal digits) or a URL; a URL may lead to several ids (fetch numbers, a
 *         document ingested under it).
 * Shows   Every record about it in the order of the stages: links, hits on lists, results,
 *         verdicts, page, document, visit, report, each with topic, partition, offset; then what
 *         became of it in the results: its reason, the document that speaks for it, its events.
 * Form    Lines for people; with --json one object a line.
 * Status  1 if nothing is known of it.
 */
#ifndef XUNFANG_AGGREGATOR_COMMAND_TRACE_H
#define XUNFANG_AGGREGATOR_COMMAND_TRACE_H

int command_trace(int argc, char **argv);

#endif
