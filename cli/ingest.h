/*
 * ingest: documents collected elsewhere enter a job after its crawl, on either bus.
 *
 * Input  Document lines on standard input (study/docline.h). A line that is none is named with its
 *        number, counted, and the rest goes on; the exit status is then 1.
 * Id     That of a document with an http(s) url is that of a GET for it, so a page that was crawled
 *        too stays one document; without a url it is the hash of its "id".
 * After  A new generation is open (study/intake.h): on a local bus `xunfang run` with the same job
 *        reads the documents and seals it, on a cluster its workers do. Ingesting the same lines
 *        again adds nothing. Two at once: the second is told to wait, exit status 1.
 */
#ifndef XUNFANG_CLI_INGEST_H
#define XUNFANG_CLI_INGEST_H

int ingest_command(int argc, char **argv);

#endif
