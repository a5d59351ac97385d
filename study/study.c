/*
 * The files of a job name one another, so they are read in one order: job, region, its platforms,
 * its distances, codebook. What was read from disk is remembered under the name it was asked for
 * by; a worker that loads the same study out of a record asks for the same names and gets the same
 * bytes.
 */
#include "study/study.h"

#include "base/install.h"
#include "study/file.h"
#include "study/pairs.h"
#include "study/rules.h"
#include "study/seeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STUDY_MEMORY_MAX = 256 * 1024 * 1024, CANDIDATES_MAX = 4 };

/* Where loading stands. Names of files are those of the source; paths are those of the disk. */
struct loader {
    struct study *study;
    const struct study_source *source;
    const char *data_dir;
    struct error *err;
    const char *job_file; /* for messages */
    const char *region_file;
    const char *region_dir; /* NULL when not on disk */
    const char *codebook_dir;
};

static enum status no_memory(const struct loader *l)
{
    return error_set(l->err, STATUS_NOMEM, "study: %s", status_text(STATUS_NOMEM));
}

/* ---- files ---- */

static enum status remember(struct loader *l, const char *name, struct slice content,
                            struct slice *kept)
{
    struct study *s = l->study;
    struct study_file *file;

    if (s->file_count == STUDY_FILES_MAX)
        return error_set(l->err, STATUS_TOO_LARGE, "%s: a job may have at most %d files", name,
                         STUDY_FILES_MAX);
    file = &s->files[s->file_count];
    file->name = arena_copy(s->arena, slice_from(name));
    file->content = content;
    if (file->name.data == NULL)
        return no_memory(l);
    sha256_of(content, file->sha256);
    s->file_count++;
    *kept = content;
    return STATUS_OK;
}

static enum status from_source(struct loader *l, const char *name, struct slice *content)
{
    for (size_t i = 0; i < l->source->file_count; i++) {
        const struct study_file *file = &l->source->files[i];
        struct slice copy;
        if (!slice_equal(file->name, slice_from(name)))
            continue;
        copy = arena_copy(l->study->arena, file->content);
        return copy.data == NULL ? no_memory(l) : remember(l, name, copy, content);
    }
    return error_set(l->err, STATUS_NOT_FOUND, "'%s' is not among the files of the job", name);
}

/* Paths tried in turn; ends with NULL. */
struct candidates {
    const char *paths[CANDIDATES_MAX];
    size_t count;
};

/* Adds DIRECTORY/NAME, or NAME alone if it is absolute, with an ending. */
static bool candidate(const struct loader *l, struct candidates *c, const char *directory,
                      const char *name, const char *ending)
{
    const char *path;

    if (name[0] == '/')
        path = arena_printf(l->study->arena, "%s%s", name, ending);
    else
        path = arena_printf(l->study->arena, "%s/%s%s", directory, name, ending);
    if (path != NULL)
        c->paths[c->count++] = path;
    return path != NULL;
}

/* Reads the first candidate that exists; *path is that one. */
static enum status from_disk(struct loader *l, const char *name, const struct candidates *c,
                             struct slice *content, const char **path)
{
    char tried[ERROR_MESSAGE_MAX / 2] = "";
    size_t used = 0;
    enum status status;

    for (size_t i = 0; i < c->count; i++) {
        int added;
        if (file_exists(c->paths[i])) {
            *path = c->paths[i];
            status = file_read(*path, STUDY_FILE_MAX, l->study->arena, content, l->err);
            return status == STATUS_OK ? remember(l, name, *content, content) : status;
        }
        added =
            snprintf(tried + used, sizeof tried - used, "%s%s", i == 0 ? "" : ", ", c->paths[i]);
        used += added < 0 ? 0 : (size_t) added;
        if (used >= sizeof tried)
            used = sizeof tried - 1;
    }
    return error_set(l->err, STATUS_NOT_FOUND, "'%s' is nowhere to be found (looked at %s)", name,
                     tried);
}

/* On disk *path is the file's path, else the name it has among the source's files. */
static enum status get_file(struct loader *l, const char *name, const struct candidates *c,
                            struct slice *content, const char **path)
{
    if (l->source->job_path != NULL)
        return from_disk(l, name, c, content, path);
    *path = name;
    return from_source(l, name, content);
}

/* ---- parts ---- */

static enum status load_job(struct loader *l)
{
    const struct study_source *source = l->source;
    struct slice content;
    enum status status;
    const char *name;

    if (source->job_path == NULL) {
        if (source->file_count == 0)
            return error_set(l->err, STATUS_INVALID, "a job needs at least one file");
        l->job_file = source->files[0].name.data;
        status = from_source(l, l->job_file, &content);
    } else {
        l->job_file = source->job_path;
        name = strrchr(source->job_path, '/');
        status = file_read(source->job_path, STUDY_FILE_MAX, l->study->arena, &content, l->err);
        if (status == STATUS_OK)
            status = remember(l, name == NULL ? source->job_path : name + 1, content, &content);
    }
    if (status != STATUS_OK)
        return status;
    return job_read(&(struct yaml_source){content, l->job_file, l->study->arena}, &l->study->job,
                    l->err);
}

/* The file of a region: as written relative to `directory`, else the shipped one of that name. */
static enum status load_region(struct loader *l, const char *name, const char *directory)
{
    struct candidates c = {{NULL}, 0};
    const char *shipped = arena_printf(l->study->arena, "%s/regions", l->data_dir);
    struct slice content;
    enum status status;

    if (shipped == NULL || !candidate(l, &c, directory, name, "") ||
        !candidate(l, &c, shipped, name, ".yaml"))
        return no_memory(l);
    status = get_file(l, name, &c, &content, &l->region_file);
    if (status != STATUS_OK)
        return error_prefix(l->err, status, "%s: region", l->job_file);
    l->region_dir = file_directory(l->region_file, l->study->arena);
    if (l->region_dir == NULL)
        return no_memory(l);
    return region_read(&(struct yaml_source){content, l->region_file, l->study->arena},
                       l->study->gazetteer, &l->study->region, l->err);
}

static enum status load_codebook(struct loader *l, const char *name, const char *directory)
{
    struct study *s = l->study;
    struct candidates c = {{NULL}, 0};
    const char *shipped = arena_printf(s->arena, "%s/codebooks", l->data_dir);
    struct slice content;
    const char *path = NULL;
    enum status status;

    if (shipped == NULL || !candidate(l, &c, directory, name, "") ||
        !candidate(l, &c, directory, name, "/codebook.yaml") ||
        !candidate(l, &c, shipped, name, "/codebook.yaml"))
        return no_memory(l);
    status = get_file(l, name, &c, &content, &path);
    if (status != STATUS_OK)
        return error_prefix(l->err, status, "%s: codebook", l->job_file);
    status = codebook_read(&(struct yaml_source){content, path, s->arena}, &s->codebook, l->err);
    if (status != STATUS_OK)
        return status;
    /* Models never travel with a job: they are looked up where this build keeps them. */
    l->codebook_dir = l->source->job_path != NULL
                          ? file_directory(path, s->arena)
                          : arena_printf(s->arena, "%s/%s", shipped, s->codebook.name.data);
    if (l->codebook_dir == NULL)
        return no_memory(l);
    s->codebook.directory = slice_from(l->codebook_dir);
    return STATUS_OK;
}

static enum status set_codebook_hash(struct loader *l)
{
    const struct study *s = l->study;
    /* The codebook is the last file that load_parts reads. */
    const unsigned char *digest = s->files[s->file_count - 1].sha256;
    char *text = arena_alloc(s->arena, 2 * SHA256_SIZE + 1);

    if (text == NULL)
        return no_memory(l);
    for (size_t i = 0; i < SHA256_SIZE; i++)
        (void) snprintf(text + 2 * i, 3, "%02x", digest[i]);
    l->study->codebook.sha256 = slice_from(text);
    return STATUS_OK;
}

static bool platform_name_good(struct slice name)
{
    for (size_t i = 0; i < name.size; i++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
                   name.data[i]) == NULL)
            return false;
    return true;
}

static enum status load_platform(struct loader *l, const struct publisher *publisher,
                                 struct platform *platform)
{
    struct study *s = l->study;
    struct candidates c = {{NULL}, 0};
    const char *name = arena_printf(s->arena, "platforms/%s.yaml", publisher->platform_name.data);
    struct slice content;
    const char *path = NULL;
    enum status status;

    /* The name becomes part of a path. */
    if (!platform_name_good(publisher->platform_name))
        return fields_error(l->err, l->region_file, publisher->line,
                            "publishers.platform: '%.*s' may have only letters, digits, '-', '_'",
                            SLICE_ARG(publisher->platform_name));
    if (name == NULL || !candidate(l, &c, l->region_dir, name, "") ||
        !candidate(l, &c, l->data_dir, name, ""))
        return no_memory(l);
    status = get_file(l, name, &c, &content, &path);
    if (status != STATUS_OK)
        return error_prefix(l->err, status, "%s:%u: publishers.platform", l->region_file,
                            publisher->line);
    return platform_read(&(struct yaml_source){content, path, s->arena}, publisher->platform_name,
                         platform, l->err);
}

static const struct platform *find_platform(const struct study *study, struct slice name)
{
    for (size_t i = 0; i < study->platform_count; i++)
        if (slice_equal(study->platforms[i].name, name))
            return &study->platforms[i];
    return NULL;
}

static enum status load_platforms(struct loader *l)
{
    struct study *s = l->study;

    s->platforms = arena_array(s->arena, STUDY_FILES_MAX, sizeof *s->platforms);
    if (s->platforms == NULL)
        return no_memory(l);
    for (size_t i = 0; i < s->region.publisher_count; i++) {
        struct publisher *publisher = &s->region.publishers[i];
        enum status status = STATUS_OK;
        publisher->platform = find_platform(s, publisher->platform_name);
        /* Each platform is read once, and so stands among the job's files once. */
        if (publisher->platform != NULL)
            continue;
        if (s->platform_count == STUDY_FILES_MAX)
            return error_set(l->err, STATUS_TOO_LARGE, "%s: more than %d platforms", l->region_file,
                             STUDY_FILES_MAX);
        status = load_platform(l, publisher, &s->platforms[s->platform_count]);
        if (status != STATUS_OK)
            return status;
        publisher->platform = &s->platforms[s->platform_count++];
    }
    return STATUS_OK;
}

static enum status load_distances(struct loader *l)
{
    struct study *s = l->study;
    const char *name = s->region.distances_file.data;
    struct candidates c = {{NULL}, 0};
    struct slice content;
    const char *path = NULL;
    enum status status;

    if (s->region.distances_file.size == 0)
        return STATUS_OK;
    if (!candidate(l, &c, l->region_dir, name, ""))
        return no_memory(l);
    status = get_file(l, name, &c, &content, &path);
    if (status != STATUS_OK)
        return error_prefix(l->err, status, "%s: distances", l->region_file);
    return pair_read_distances(&(struct yaml_source){content, path, s->arena}, &s->region, l->err);
}

static enum status load_parts(struct loader *l, const char *region, const char *codebook,
                              const char *directory)
{
    /* The gazetteer first: cities of a region are looked up in it. */
    enum status status = gazetteer_load(l->data_dir, &l->study->gazetteer, l->err);

    if (status == STATUS_OK && region != NULL)
        status = load_region(l, region, directory);
    if (status == STATUS_OK && region != NULL)
        status = load_platforms(l);
    if (status == STATUS_OK && region != NULL)
        status = load_distances(l);
    if (status == STATUS_OK)
        status = load_codebook(l, codebook, directory);
    return status == STATUS_OK ? set_codebook_hash(l) : status;
}

/* Keeps where the job file lies: absolute, since workers start elsewhere. */
static enum status keep_directory(struct loader *l, const char *directory)
{
    char *absolute = l->source->job_path == NULL ? NULL : realpath(directory, NULL);
    const char *kept = absolute != NULL ? absolute : l->source->directory;

    l->study->directory = arena_copy(l->study->arena, slice_from(kept));
    free(absolute);
    return l->study->directory.data == NULL ? no_memory(l) : STATUS_OK;
}

static enum status load_all(struct loader *l)
{
    const struct job *job = &l->study->job;
    const char *directory = ".";
    enum status status = load_job(l);

    if (status == STATUS_OK && l->source->job_path != NULL)
        directory = file_directory(l->source->job_path, l->study->arena);
    if (status == STATUS_OK && directory == NULL)
        status = no_memory(l);
    if (status == STATUS_OK)
        status = keep_directory(l, directory);
    if (status == STATUS_OK)
        status = load_parts(l, job->region.data, job->codebook.data, directory);
    if (status == STATUS_OK)
        status = rules_check(l->study, l->job_file, l->region_file, l->err);
    return status == STATUS_OK ? seeds_enumerate(l->study, l->err) : status;
}

/* ---- the study ---- */

static struct study *create(void)
{
    struct study *study = calloc(1, sizeof *study);

    if (study == NULL)
        return NULL;
    study->arena = arena_create(STUDY_MEMORY_MAX);
    if (study->arena != NULL)
        study->files = arena_array(study->arena, STUDY_FILES_MAX, sizeof *study->files);
    if (study->files == NULL) {
        study_destroy(study);
        return NULL;
    }
    return study;
}

static enum status find_data(struct loader *l)
{
    struct buf path;
    enum status status;

    if (l->source->data_dir != NULL) {
        l->data_dir = l->source->data_dir;
        return STATUS_OK;
    }
    buf_init(&path, INSTALL_PATH_MAX);
    status = install_data_path(".", &path, l->err);
    if (status == STATUS_OK) {
        l->data_dir = arena_copy(l->study->arena, buf_slice(&path)).data;
        if (l->data_dir == NULL)
            status = no_memory(l);
    }
    buf_fini(&path);
    return status;
}

enum status study_load(const struct study_source *source, struct study **study, struct error *err)
{
    struct loader l = {.study = create(), .source = source, .err = err};
    enum status status;

    if (l.study == NULL)
        return no_memory(&l);
    status = find_data(&l);
    if (status == STATUS_OK)
        status = load_all(&l);
    if (status != STATUS_OK) {
        study_destroy(l.study);
        return status;
    }
    *study = l.study;
    return STATUS_OK;
}

enum status study_load_parts(const char *region, const char *codebook, const char *data_dir,
                             struct study **study, struct error *err)
{
    struct study_source source = {.job_path = "", .data_dir = data_dir};
    struct loader l = {.study = create(), .source = &source, .err = err, .job_file = "options"};
    enum status status;

    if (l.study == NULL)
        return no_memory(&l);
    status = find_data(&l);
    if (status == STATUS_OK)
        status = load_parts(&l, region, codebook == NULL ? "visits" : codebook, ".");
    if (status != STATUS_OK) {
        study_destroy(l.study);
        return status;
    }
    l.study->job.name = SLICE("");
    l.study->job.all_pairs = true;
    /* Without a job every day counts. */
    l.study->job.period.from = civil_to_day((struct civil){1900, 1, 1});
    l.study->job.period.to = civil_to_day((struct civil){2100, 12, 31});
    *study = l.study;
    return STATUS_OK;
}

void study_destroy(struct study *study)
{
    if (study == NULL)
        return;
    gazetteer_destroy(study->gazetteer);
    arena_destroy(study->arena);
    free(study);
}
