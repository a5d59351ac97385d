#include "base/process.h"

#include "base/metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct metric_family cpu = {.name = "xunfang_process_cpu_seconds",
                                         .kind = METRIC_COUNTER,
                                         .unit = "seconds",
                                         .help = "User and system time of this process."};
static const struct metric_family resident = {.name = "xunfang_process_resident_bytes",
                                              .kind = METRIC_GAUGE,
                                              .unit = "bytes",
                                              .help = "Resident memory of this process."};
static const struct metric_family open_files = {
    .name = "xunfang_process_open_files", .kind = METRIC_GAUGE, .help = "Open file descriptors."};

static double seconds(struct timeval time)
{
    return (double) time.tv_sec + (double) time.tv_usec / 1e6;
}

static double resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    char line[128] = "";
    struct slice rest;
    uint64_t pages = 0;

    if (file == NULL)
        return 0;
    if (fgets(line, sizeof line, file) != NULL) {
        rest = slice_from(line);
        (void) slice_split(&rest, ' '); /* the second number is the resident set */
        status_ignore(slice_to_uint(slice_split(&rest, ' '), 0, UINT64_MAX, &pages, NULL));
    }
    (void) fclose(file);
    return (double) pages * (double) sysconf(_SC_PAGESIZE);
}

static double count_open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    double count = -3; /* ".", ".." and the folder itself */

    if (folder == NULL)
        return 0;
    while (readdir(folder) != NULL)
        count++;
    (void) closedir(folder);
    return count;
}

void process_metrics_update(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) == 0)
        metric_set(metric_series(&cpu, NULL, NULL, NULL),
                   seconds(usage.ru_utime) + seconds(usage.ru_stime));
    metric_set(metric_series(&resident, NULL, NULL, NULL), resident_bytes());
    metric_set(metric_series(&open_files, NULL, NULL, NULL), count_open_files());
}
