/*
 * command_report: `report JOB --out DIR` and `aggregate --out DIR < lines`: the output folder.
 *
 * Report  From the sealed range of a job's logs. Aggregate From lines as extract writes them: no
 *         lists, no period, and the cities that the events name unless --region says otherwise;
 *         otherwise the same code path.
 * Status  3 when lists are incomplete or blocked, or documents dead: standard error says how many.
 */
#ifndef XUNFANG_AGGREGATOR_COMMAND_REPORT_H
#define XUNFANG_AGGREGATOR_COMMAND_REPORT_H

int command_report(int argc, char **argv);
int command_aggregate(int argc, char **argv);

#endif
