/*
 * command_archive: `archive JOB --out DIR` and `archive --restore DIR`: a job out of a bus and into
 * one.
 *
 * Out      All logs of a complete job into a new folder, compressed, each file with its SHA-256.
 *          The job stays where it is; `purge` would remove it.
 * Restore  The same job on this bus, local or Kafka: its report is the same, byte for byte.
 * Output   One line: how many records in how many files.
 * Status   1 if a file is damaged or missing; each is named. 2 if the job is not complete.
 */
#ifndef XUNFANG_AGGREGATOR_COMMAND_ARCHIVE_H
#define XUNFANG_AGGREGATOR_COMMAND_ARCHIVE_H

int command_archive(int argc, char **argv);

#endif
