#include "cli/submit_run.h"

#include "base/message.h"
#include "base/util/clock.h"
#include "study/pins.h"

/* Answers have one partition, since their order decides which reply counts and what the budget
 * allows. */
static enum status create_log(struct bus *bus, enum topic_kind kind, const char *job,
                              const struct submit_run *run, struct error *err)
{
    struct topic_name name = topic_name(kind, job, run->run);

    return bus_topic_create(bus, name.text, kind == TOPIC_ANSWERS ? 1 : run->partitions, err);
}

enum status submit_create_logs(struct bus *bus, const char *job, const struct submit_run *run,
                               struct error *err)
{
    /* The first two are shared by all runs of the job; the others are made unless another run's are
     * read. */
    const struct {
        enum topic_kind kind;
        const char *from;
    } logs[] = {{TOPIC_PAGES, ""},
                {TOPIC_ANSWERS, ""},
                {TOPIC_DOCUMENTS, run->documents_run},
                {TOPIC_VISITS, run->visits_run},
                {TOPIC_REPORTS, run->reports_run}};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < sizeof logs / sizeof logs[0] && status == STATUS_OK; i++)
        if (logs[i].from[0] == '\0')
            status = create_log(bus, logs[i].kind, job, run, err);
    return status;
}

/* protobuf-c's fields are not const, but packing only reads them. */
static char *packed(const char *text)
{
    return (char *) (uintptr_t) text;
}

static void pack_files(const struct study *study, Xunfang__JobFile *files,
                       Xunfang__JobFile **pointers)
{
    ENSURE(study->file_count <= STUDY_FILES_MAX);
    for (size_t i = 0; i < study->file_count; i++) {
        const struct study_file *file = &study->files[i];

        xunfang__job_file__init(&files[i]);
        files[i].name = packed(file->name.data);
        files[i].sha256 = message_bytes(slice_of(file->sha256, sizeof file->sha256));
        files[i].content = message_bytes(file->content);
        pointers[i] = &files[i];
    }
}

static void pack_pins(const struct pins *pins, Xunfang__Pin *packed_pins, Xunfang__Pin **pointers)
{
    for (size_t i = 0; i < pins->count; i++) {
        xunfang__pin__init(&packed_pins[i]);
        packed_pins[i].what = packed(pins->list[i].what);
        packed_pins[i].version = packed(pins->list[i].version);
        pointers[i] = &packed_pins[i];
    }
}

static void pack_sources(const struct submit_run *run, Xunfang__JobSubmitted *submitted)
{
    submitted->pages_run = packed(run->pages_run);
    submitted->documents_run = packed(run->documents_run);
    submitted->visits_run = packed(run->visits_run);
    submitted->reports_run = packed(run->reports_run);
    submitted->generation = run->generation;
}

enum status submit_announce(struct bus *bus, const struct study *study,
                            const struct submit_run *run, struct error *err)
{
    Xunfang__JobSubmitted submitted = XUNFANG__JOB_SUBMITTED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__JobFile files[STUDY_FILES_MAX], *file_pointers[STUDY_FILES_MAX];
    Xunfang__Pin pins[PINS_MAX], *pin_pointers[PINS_MAX];
    struct pins here;

    pins_of(study, &here);
    pack_files(study, files, file_pointers);
    pack_pins(&here, pins, pin_pointers);
    pack_sources(run, &submitted);
    submitted.job = packed(study->job.name.data);
    submitted.run = packed(run->run);
    submitted.files = file_pointers;
    submitted.n_files = study->file_count;
    submitted.pins = pin_pointers;
    submitted.n_pins = here.count;
    submitted.partitions = run->partitions;
    submitted.directory = packed(study->directory.data);
    /* For people (`xunfang jobs`); the order of jobs is that of the log. */
    submitted.made_ms = clock_wall_ms(clock_system());
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SUBMITTED;
    record.submitted = &submitted;
    return catalog_announce(bus, &record, err);
}

/* Bytes decide, not names: a file may lie elsewhere today. */
enum status submit_check_files(const struct catalog_run *run, const struct study *study,
                               struct error *err)
{
    const Xunfang__JobSubmitted *submitted = run->submitted;

    for (size_t i = 0; i < study->file_count; i++) {
        const struct study_file *file = &study->files[i];

        if (i < submitted->n_files && slice_equal(message_slice(submitted->files[i]->sha256),
                                                  slice_of(file->sha256, sizeof file->sha256)))
            continue;
        if (catalog_is_replay(run))
            return error_set(err, STATUS_INVALID,
                             "%.*s: is not what run '%s' was started with; give the run another "
                             "name",
                             SLICE_ARG(file->name), run->run);
        return error_set(err, STATUS_INVALID,
                         "%.*s: changed since job '%s' was started here; give the job another name "
                         "or use another --data, or `xunfang replay` it with the new files",
                         SLICE_ARG(file->name), run->job);
    }
    return STATUS_OK;
}
