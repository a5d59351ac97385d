/*
 * command_export: `export JOB --format csv|jsonl|sqlite|graphml|gexf`: one form of a job's results.
 *
 * Place   Standard output unless --out PATH says otherwise. csv gives events.csv, or the table that
 *         --table names (pairs, network, lists, …); with --out and without --table, PATH is a
 *         folder that gets every table. New form One row in the table of command_export.c.
 * Status  3 when the job has gaps, like report.
 */
#ifndef XUNFANG_AGGREGATOR_COMMAND_EXPORT_H
#define XUNFANG_AGGREGATOR_COMMAND_EXPORT_H

int command_export(int argc, char **argv);

#endif
