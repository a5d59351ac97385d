/*
 * pins_of says what this build has, a run's record what the run was submitted with, and the table
 * `concerns` which of these matter to whom. They are compared as texts: a version is equal or
 * another one, never newer or older.
 */
#include "study/pins.h"

#include "base/install.h"
#include "study/file.h"
#include "study/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PINS_PATH_MAX = 4096, PINS_TABLE_MAX = 4 * 1024 * 1024 };

/* Raised by hand, in the same commit, whenever the stage's outcomes for the same input change. */
static const char *const logics[][2] = {
    {"logic.classifier", "classifier-1"},
    {"logic.extractor", "extractor-1"},
    {"logic.parser", "parser-1"},
};

static const char *const model_tasks[] = {"purpose", "themes", "visit"};
static const char *const tables[] = {"titles.tsv", "departments.tsv"};
/* A model that is not there is a version too: a run submitted without it wants to go on without
 * it. */
static const char missing[] = "none";

/* What concerns whom; "logic.STAGE" concerns that stage (and a crawler reads pages as a parser). */
static const struct {
    const char *what;
    const char *stages[2];
} concerns[] = {
    {"codebook", {"classifier", "extractor"}},
    {"gazetteer", {"classifier", "extractor"}},
    {"logic.classifier", {"classifier", NULL}},
    {"logic.extractor", {"extractor", NULL}},
    {"logic.parser", {"parser", "crawler"}},
    {"model.purpose", {"classifier", NULL}},
    {"model.themes", {"classifier", NULL}},
    {"model.visit", {"classifier", NULL}},
    {"tables", {"extractor", NULL}},
};

static void add(struct pins *pins, const char *what, const char *version)
{
    struct pin *pin = &pins->list[pins->count++];

    ENSURE(pins->count <= PINS_MAX);
    (void) snprintf(pin->what, sizeof pin->what, "%s", what);
    (void) snprintf(pin->version, sizeof pin->version, "%s", version);
}

/* ---- what this build has ---- */

/* Models and tables never travel with a job: workers look them up here (study.c), wherever the
 * codebook itself came from. */
static bool find_file(const struct study *study, const char *name, struct buf *path)
{
    char file[PINS_PATH_MAX];
    int size =
        snprintf(file, sizeof file, "codebooks/%.*s/%s", SLICE_ARG(study->codebook.name), name);

    return size < (int) sizeof file && install_data_path(file, path, NULL) == STATUS_OK;
}

static void add_model(struct pins *pins, const struct study *study, const char *task)
{
    char name[PIN_WHAT_MAX], what[PIN_WHAT_MAX], version[PIN_VERSION_MAX];
    struct linear_model *model = NULL;
    struct buf path;

    buf_init(&path, PINS_PATH_MAX);
    (void) snprintf(name, sizeof name, "models/%s.model", task);
    (void) snprintf(what, sizeof what, "model.%s", task);
    (void) snprintf(version, sizeof version, "%s", missing);
    if (find_file(study, name, &path) && model_load(buf_text(&path), &model, NULL) == STATUS_OK)
        (void) snprintf(version, sizeof version, "%s@%s", task, model_version(model));
    model_destroy(model);
    buf_fini(&path);
    add(pins, what, version);
}

static bool hash_table(const struct study *study, const char *name, struct hash *hash)
{
    struct arena *arena = arena_create((size_t) 2 * PINS_TABLE_MAX);
    struct slice content = SLICE("");
    struct buf path;
    bool there;

    buf_init(&path, PINS_PATH_MAX);
    there = arena != NULL && find_file(study, name, &path) &&
            file_read(buf_text(&path), PINS_TABLE_MAX, arena, &content, NULL) == STATUS_OK;
    hash_field(hash, content);
    buf_fini(&path);
    arena_destroy(arena);
    return there;
}

static void add_tables(struct pins *pins, const struct study *study)
{
    struct hash *hash = hash_create();
    bool there = true;
    char text[ID_TEXT_SIZE];

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        there = hash_table(study, tables[i], hash) && there;
    id_text(hash_finish(hash), text);
    add(pins, "tables", there ? text : missing);
}

static int by_what(const void *a, const void *b)
{
    return strcmp(((const struct pin *) a)->what, ((const struct pin *) b)->what);
}

void pins_of(const struct study *study, struct pins *pins)
{
    char text[PIN_VERSION_MAX];

    pins->count = 0;
    (void) snprintf(text, sizeof text, "%.*s@%.*s", SLICE_ARG(study->codebook.name),
                    SLICE_ARG(study->codebook.sha256));
    add(pins, "codebook", text);
    add(pins, "gazetteer", gazetteer_version(study->gazetteer));
    for (size_t i = 0; i < sizeof logics / sizeof logics[0]; i++)
        add(pins, logics[i][0], logics[i][1]);
    for (size_t i = 0; i < sizeof model_tasks / sizeof model_tasks[0]; i++)
        add_model(pins, study, model_tasks[i]);
    add_tables(pins, study);
    qsort(pins->list, pins->count, sizeof pins->list[0], by_what);
}

/* ---- what a run wants ---- */

static bool stage_has_pins(const char *stage)
{
    for (size_t i = 0; i < sizeof concerns / sizeof concerns[0]; i++)
        for (size_t k = 0; k < 2 && concerns[i].stages[k] != NULL; k++)
            if (strcmp(concerns[i].stages[k], stage) == 0)
                return true;
    return false;
}

static bool matters(const char *what, const char *stage)
{
    for (size_t i = 0; i < sizeof concerns / sizeof concerns[0]; i++)
        if (strcmp(concerns[i].what, what) == 0)
            return strcmp(concerns[i].stages[0], stage) == 0 ||
                   (concerns[i].stages[1] != NULL && strcmp(concerns[i].stages[1], stage) == 0);
    /* Of a newer build. The logic of a stage we do not have is nothing to ours. */
    return strncmp(what, "logic.", sizeof "logic." - 1) != 0 && stage_has_pins(stage);
}

static const char *version_of(const struct pins *pins, const char *what)
{
    for (size_t i = 0; i < pins->count; i++)
        if (strcmp(pins->list[i].what, what) == 0)
            return pins->list[i].version;
    return missing;
}

enum status pins_compare(const struct catalog_run *run, const struct pins *pins, const char *stage,
                         struct error *err)
{
    const Xunfang__JobSubmitted *submitted = run->submitted;

    for (size_t i = 0; i < submitted->n_pins; i++) {
        const Xunfang__Pin *pin = submitted->pins[i];
        const char *ours = version_of(pins, pin->what);
        const size_t kind = strcspn(pin->what, "."); /* "model" of "model.visit" */

        if (matters(pin->what, stage) && strcmp(ours, pin->version) != 0)
            return error_set(err, STATUS_UNSUPPORTED,
                             "job %s run %s wants %.*s %s, this build has %s", run->job, run->run,
                             (int) kind, pin->what, pin->version, ours);
    }
    return STATUS_OK;
}

enum status pins_check(const struct catalog_run *run, const struct study *study, const char *stage,
                       struct error *err)
{
    struct pins pins;

    if (run->submitted->n_pins == 0 || !stage_has_pins(stage))
        return STATUS_OK;
    pins_of(study, &pins);
    return pins_compare(run, &pins, stage, err);
}
