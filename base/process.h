/*
 * process: what the operating system says about this process, as metrics.
 *
 * Series   xunfang_process_cpu_seconds_total, xunfang_process_resident_bytes,
 *          xunfang_process_open_files. Read from getrusage and /proc/self when asked.
 */
#ifndef XUNFANG_BASE_PROCESS_H
#define XUNFANG_BASE_PROCESS_H

/* Sets the series to the values of now; called before each rendering of the metrics. */
void process_metrics_update(void);

#endif
