/*
 * Tables first: they say at once how a field is read, its bounds, its default and its line in
 * docs/files.md. What no single field can tell (names that must differ, gates, whole days) is
 * checked below them, with the line of the file, since a person has to find it there.
 */
#include "study/codebook.h"

#include "study/codebook_ask.h"

enum { DAY_MS = 86400000, KEYWORDS_MAX = 5000, LABELS_MAX = 200 };

static const char *const task_kinds[] = {"binary", "labels", "label", "fields", NULL};
static const char *const field_types[] = {"city",  "department", "titles", "date",
                                          "level", "text",       NULL};

#define LABEL(member) offsetof(struct codebook_label, member)
static const struct field label_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, LABEL(name),
     .help = "as on every output"},
    {"english", FIELD_TEXT, 0, LABEL(english), .help = "for figures and reports in English"},
    {"definition", FIELD_TEXT, 0, LABEL(definition), .help = "when the label holds"},
    {0}};

static const struct field_table label_table = {"label", sizeof(struct codebook_label), 0,
                                               label_fields};

#define TASK(member) offsetof(struct codebook_task, member)
static const struct field task_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, TASK(name), .help = "name of the task"},
    {"kind", FIELD_CHOICE, FIELD_REQUIRED, TASK(kind), .choices = task_kinds,
     .help = "binary: yes or no; labels: any number of them; label: exactly one; fields: what a "
             "language model is to read out of a text"},
    {"definition", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, TASK(definition),
     .help = "what is decided, for coders and prompts"},
    {"model", FIELD_TEXT, 0, TASK(model), .otherwise = "\"\"",
     .help = "file beside the codebook; without it rules alone decide"},
    {"gate", FIELD_TEXT, 0, TASK(gate), .otherwise = "\"\"",
     .help = "a task before this one that must have been answered yes"},
    {"labels", FIELD_RECORDS, 0, TASK(labels), TASK(label_count), .otherwise = "[]",
     .max = LABELS_MAX, .table = &label_table, .help = "what may be answered"},
    {"examples", FIELD_RECORDS, 0, TASK(examples), TASK(example_count), .otherwise = "[]",
     .max = 1000, .table = &codebook_example_table, .help = "answered cases, the hard ones first"},
    {"ask", FIELD_RECORD, 0, TASK(ask), .table = &codebook_ask_table,
     .help = "when and how a language model is asked, if the job has one; without it never"},
    {0}};

static const struct field_table task_table = {"task", sizeof(struct codebook_task), 0, task_fields};

#define CODE(member) offsetof(struct codebook_field, member)
static const struct field code_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, CODE(name), .help = "as on outputs"},
    {"type", FIELD_CHOICE, FIELD_REQUIRED, CODE(type), .choices = field_types,
     .help = "how it is found and written"},
    {"definition", FIELD_TEXT, 0, CODE(definition), .help = "what is meant"},
    {0}};

static const struct field_table code_table = {"field", sizeof(struct codebook_field), 0,
                                              code_fields};

#define KIND(member) offsetof(struct codebook_event_kind, member)
static const struct field kind_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, KIND(name), .help = "of the event"},
    {"directed", FIELD_BOOL, 0, KIND(directed), .otherwise = "true",
     .help = "do the roles differ?"},
    {"min_parties", FIELD_UINT, 0, KIND(min_parties), .otherwise = "2", .min = 1, .max = 1000,
     .help = "fewest parties"},
    {"max_parties", FIELD_UINT, 0, KIND(max_parties), .otherwise = "2", .min = 1, .max = 1000,
     .help = "most parties"},
    {"roles", FIELD_TEXTS, 0, KIND(roles), KIND(role_count), .otherwise = "[]", .max = 20,
     .help = "names of the parties' roles, in order"},
    {"actors", FIELD_TEXTS, 0, KIND(actors), KIND(actor_count), .otherwise = "[city]", .max = 20,
     .help = "kinds of actors that can be a party"},
    {0}};

static const struct field_table kind_table = {"event kind", sizeof(struct codebook_event_kind), 0,
                                              kind_fields};

#define IDENTITY(member) offsetof(struct codebook_identity, member)
static const struct field identity_fields[] = {
    {"key", FIELD_TEXTS, FIELD_NOT_EMPTY, IDENTITY(key), IDENTITY(key_count),
     .otherwise = "[origin, host, date]", .max = 10, .help = "what makes two events different"},
    {"usual_lag", FIELD_DURATION, 0, IDENTITY(usual_lag_ms), .otherwise = "1d",
     .max = 365LL * DAY_MS, .help = "publish day minus visit day where the text gives no day"},
    {"join_before", FIELD_DURATION, 0, IDENTITY(join_before_ms), .otherwise = "7d",
     .max = 365LL * DAY_MS, .help = "an undated report joins a dated event so long before it …"},
    {"join_after", FIELD_DURATION, 0, IDENTITY(join_after_ms), .otherwise = "1d",
     .max = 365LL * DAY_MS, .help = "… and so long after its publish day"},
    {"chain_gap", FIELD_DURATION, 0, IDENTITY(chain_gap_ms), .otherwise = "3d",
     .max = 365LL * DAY_MS, .help = "undated reports left over chain up to this gap"},
    {0}};

static const struct field_table identity_table = {"identity", sizeof(struct codebook_identity), 0,
                                                  identity_fields};

#define COMBINE(member) offsetof(struct codebook_combine, member)
static const struct field combine_fields[] = {
    {"level", FIELD_TEXT, 0, COMBINE(level), .otherwise = "highest", .help = "highest"},
    {"themes", FIELD_TEXT, 0, COMBINE(themes), .otherwise = "union", .help = "union"},
    {"purpose", FIELD_TEXT, 0, COMBINE(purpose), .otherwise = "\"\"",
     .help = "the label that wins where reports differ"},
    {0}};

static const struct field_table combine_table = {"combine", sizeof(struct codebook_combine), 0,
                                                 combine_fields};

#define MEASURES(member) offsetof(struct codebook_measures, member)
static const struct field measures_fields[] = {
    {"low_percent", FIELD_UINT, 0, MEASURES(low_percent), .otherwise = "33", .min = 1, .max = 99,
     .help = "U below it is low"},
    {"high_percent", FIELD_UINT, 0, MEASURES(high_percent), .otherwise = "67", .min = 1, .max = 99,
     .help = "U above it is high"},
    {0}};

static const struct field_table measures_table = {"measures", sizeof(struct codebook_measures), 0,
                                                  measures_fields};

#define BOOK(member) offsetof(struct codebook, member)
static const struct field codebook_fields[] = {
    {"codebook", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, BOOK(name), .help = "its name"},
    {"version", FIELD_UINT, FIELD_REQUIRED, BOOK(version), .min = 1, .max = 1000000,
     .help = "raise it with every change of meaning"},
    {"about", FIELD_TEXT, 0, BOOK(about), .help = "for people"},
    {"include_counties", FIELD_BOOL, 0, BOOK(include_counties), .otherwise = "true",
     .help = "do counties, districts and zones count for their prefecture?"},
    {"keywords", FIELD_TEXTS, FIELD_REQUIRED | FIELD_NOT_EMPTY, BOOK(keywords), BOOK(keyword_count),
     .max = KEYWORDS_MAX, .help = "the screen: one of them must occur in title or body"},
    {"event_kinds", FIELD_RECORDS, FIELD_REQUIRED | FIELD_NOT_EMPTY, BOOK(event_kinds),
     BOOK(event_kind_count), .max = 50, .table = &kind_table, .help = "what is counted"},
    {"tasks", FIELD_RECORDS, FIELD_REQUIRED | FIELD_NOT_EMPTY, BOOK(tasks), BOOK(task_count),
     .max = 50, .table = &task_table, .help = "what is decided about a document, in order"},
    {"fields", FIELD_RECORDS, 0, BOOK(fields), BOOK(field_count), .otherwise = "[]", .max = 100,
     .table = &code_table, .help = "what is read out of an event's report"},
    {"levels", FIELD_RECORDS, 0, BOOK(levels), BOOK(level_count), .otherwise = "[]", .max = 50,
     .table = &label_table, .help = "ranks, highest first"},
    {"identity", FIELD_RECORD, 0, BOOK(identity), .table = &identity_table,
     .help = "when two reports tell of one event"},
    {"combine", FIELD_RECORD, 0, BOOK(combine), .table = &combine_table,
     .help = "several reports into one event"},
    {"measures", FIELD_RECORD, 0, BOOK(measures), .table = &measures_table,
     .help = "cut points of aggregates"},
    {0}};

const struct field_table codebook_table = {"codebook", sizeof(struct codebook), 0, codebook_fields};

static const struct codebook_task *find_before(const struct codebook *codebook, size_t end,
                                               struct slice name)
{
    for (size_t i = 0; i < end; i++)
        if (slice_equal(codebook->tasks[i].name, name))
            return &codebook->tasks[i];
    return NULL;
}

static enum status check_task(const struct codebook *codebook, size_t index, const char *file,
                              uint32_t line, struct error *err)
{
    struct codebook_task *task = &codebook->tasks[index];

    /* A record that is left out has its defaults but no line. */
    task->ask.given = task->ask.line != 0;
    if (find_before(codebook, index, task->name) != NULL)
        return fields_error(err, file, line, "tasks: '%.*s' stands there twice",
                            SLICE_ARG(task->name));
    if (task->kind != TASK_BINARY && task->kind != TASK_FIELDS && task->label_count < 2)
        return fields_error(err, file, line, "tasks: '%.*s' needs two labels or more",
                            SLICE_ARG(task->name));
    if (task->gate.size > 0 && find_before(codebook, index, task->gate) == NULL)
        return fields_error(err, file, line,
                            "tasks: '%.*s' has the gate '%.*s', which is no task "
                            "before it",
                            SLICE_ARG(task->name), SLICE_ARG(task->gate));
    /* Models do not travel with a job: they are looked up beside the codebook wherever it is
     * used. */
    if (slice_contains(task->model, SLICE("/")))
        return fields_error(err, file, line,
                            "tasks: '%.*s': the model must lie beside the "
                            "codebook (a name without '/')",
                            SLICE_ARG(task->name));
    return codebook_check_ask(codebook, task, &(struct codebook_place){file, line}, err);
}

static enum status check_tasks(const struct codebook *codebook, const struct yaml_node *root,
                               const char *file, struct error *err)
{
    const struct yaml_node *node = yaml_member(root, "tasks")->first;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < codebook->task_count && status == STATUS_OK; i++, node = node->next)
        status = check_task(codebook, i, file, node->line, err);
    return status;
}

static enum status check_numbers(const struct codebook *codebook, const struct yaml_node *root,
                                 const char *file, struct error *err)
{
    const struct codebook_identity *id = &codebook->identity;
    const int64_t days[] = {id->usual_lag_ms, id->join_before_ms, id->join_after_ms,
                            id->chain_gap_ms};

    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        /* Events are told apart by days, so a shorter span would mean nothing. */
        if (days[i] % DAY_MS != 0)
            return fields_error(err, file, yaml_member(root, "identity")->line,
                                "identity: durations are whole days (write 1d)");
    if (codebook->measures.low_percent >= codebook->measures.high_percent)
        return fields_error(err, file, yaml_member(root, "measures")->line,
                            "measures: low_percent must be less than high_percent");
    return STATUS_OK;
}

/* The name becomes part of a path. */
static enum status check_name(const struct codebook *codebook, const struct yaml_node *root,
                              const char *file, struct error *err)
{
    for (size_t i = 0; i < codebook->name.size; i++) {
        char c = codebook->name.data[i];
        if (c == '/' || c == '.' || (unsigned char) c <= ' ')
            return fields_error(err, file, yaml_member(root, "codebook")->line,
                                "codebook: '%.*s' may have no '/', '.' or blank",
                                SLICE_ARG(codebook->name));
    }
    return STATUS_OK;
}

enum status codebook_read(const struct yaml_source *source, struct codebook *codebook,
                          struct error *err)
{
    const char *file = source->file;
    struct codebook read = {0};
    const struct yaml_node *root;
    enum status status = yaml_parse(source, &root, err);

    if (status == STATUS_OK)
        status = fields_decode(&codebook_table, source, root, &read, err);
    if (status == STATUS_OK)
        status = check_name(&read, root, file, err);
    if (status == STATUS_OK)
        status = check_tasks(&read, root, file, err);
    if (status == STATUS_OK)
        status = check_numbers(&read, root, file, err);
    if (status == STATUS_OK)
        *codebook = read;
    return status;
}

const struct codebook_task *codebook_find_task(const struct codebook *codebook, const char *name)
{
    return find_before(codebook, codebook->task_count, slice_from(name));
}

int32_t codebook_days(int64_t duration_ms)
{
    return (int32_t) (duration_ms / DAY_MS);
}
