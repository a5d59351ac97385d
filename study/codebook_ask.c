#include "study/codebook_ask.h"

#include <stdarg.h>
#include <stdio.h>

enum { EXAMPLE_LABELS_MAX = 200 };

#define EXAMPLE(member) offsetof(struct codebook_example, member)
static const struct field example_fields[] = {
    {"text", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, EXAMPLE(text),
     .help = "a title or sentence"},
    {"labels", FIELD_TEXT_OR_LIST, 0, EXAMPLE(labels), EXAMPLE(label_count), .otherwise = "[]",
     .max = EXAMPLE_LABELS_MAX,
     .help = "the right answer; `yes` or `no` for a binary task; none for `fields`"},
    {"because", FIELD_TEXT, 0, EXAMPLE(because), .help = "the reason, for people"},
    {"answer", FIELD_MAP, 0, EXAMPLE(answer), EXAMPLE(answer_count), .otherwise = "{}",
     .max = CODEBOOK_FORM_MAX, .help = "the form of `ask`, filled in; what is left out is empty"},
    {0}};

const struct field_table codebook_example_table = {"example", sizeof(struct codebook_example), 0,
                                                   example_fields};

static const struct field choice_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, offsetof(struct codebook_choice, name),
     .help = "as the model says it"},
    {"means", FIELD_TEXT, 0, offsetof(struct codebook_choice, means), .otherwise = "\"\"",
     .help = "the label it stands for; `yes` or `no` in a binary task"},
    {0}};

static const struct field_table choice_table = {"choice", sizeof(struct codebook_choice), 0,
                                                choice_fields};

#define FORM(member) offsetof(struct codebook_form, member)
static const struct field form_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, FORM(name),
     .help = "as the model sees it"},
    {"means", FIELD_TEXT, 0, FORM(means), .otherwise = "\"\"",
     .help = "in a `fields` task the codebook's field it fills, if that has another name"},
    {"max_chars", FIELD_UINT, 0, FORM(max_chars), .otherwise = "40", .min = 1,
     .max = CODEBOOK_CHARS_MAX, .help = "longest text, in characters"},
    {"choices", FIELD_RECORDS, 0, FORM(choices), FORM(choice_count), .otherwise = "[]",
     .max = CODEBOOK_CHOICES_MAX, .table = &choice_table,
     .help = "what may be said; without them a text"},
    {0}};

static const struct field_table form_table = {"form", sizeof(struct codebook_form), 0, form_fields};

/* The bounds are members of the ask itself. */
#define ASK(member) offsetof(struct codebook_ask, member)
static const struct field band_fields[] = {
    {"from", FIELD_UINT, 0, ASK(from_percent), .otherwise = "20", .min = 1, .max = 99,
     .help = "asked if the built-in model's chance, in percent, lies between this …"},
    {"to", FIELD_UINT, 0, ASK(to_percent), .otherwise = "80", .min = 1, .max = 99,
     .help = "… and this"},
    {0}};

static const struct field_table band_table = {"band", sizeof(struct codebook_ask), 0, band_fields};

static const struct field ask_fields[] = {
    {"band", FIELD_RECORD, 0, 0, .table = &band_table,
     .help = "where the built-in model is unsure; a job may set other bounds. Of no account for "
             "`fields`: those are asked where the rules leave something open"},
    {"instruction", FIELD_TEXT, 0, ASK(instruction), .otherwise = "\"\"",
     .help = "what the model is told, instead of the definition"},
    {"max_chars", FIELD_UINT, 0, ASK(max_chars), .otherwise = "500", .min = 50, .max = 20000,
     .help = "characters of title and text it is shown"},
    {"max_tokens", FIELD_UINT, 0, ASK(max_tokens), .otherwise = "120", .min = 8, .max = 4096,
     .help = "longest answer; one that is cut off there is none"},
    {"form", FIELD_RECORDS, 0, ASK(form), ASK(form_count), .otherwise = "[]",
     .max = CODEBOOK_FORM_MAX, .table = &form_table,
     .help = "fields of the answer, in order; without it one field with the task's labels"},
    {0}};

const struct field_table codebook_ask_table = {"ask", sizeof(struct codebook_ask), ASK(line),
                                               ask_fields};

/* A task under examination. */
struct check {
    const struct codebook *codebook;
    const struct codebook_task *task;
    const struct codebook_place *place;
    struct error *err;
};

static enum status PRINTF_LIKE(2, 3) wrong(const struct check *c, const char *format, ...)
{
    char message[ERROR_MESSAGE_MAX];
    va_list args;

    va_start(args, format);
    (void) vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return fields_error(c->err, c->place->file, c->place->line, "tasks: '%.*s'%s",
                        SLICE_ARG(c->task->name), message);
}

/* ---- forms ---- */

static bool has_label(const struct codebook_task *task, struct slice name)
{
    if (task->kind == TASK_BINARY)
        return slice_equal(name, SLICE("yes")) || slice_equal(name, SLICE("no"));
    for (size_t i = 0; i < task->label_count; i++)
        if (slice_equal(task->labels[i].name, name))
            return true;
    return false;
}

/* One choice with a meaning makes a field the deciding one; check_choices then wants one of
 * each. */
static bool decides(const struct codebook_form *form)
{
    for (size_t i = 0; i < form->choice_count; i++)
        if (form->choices[i].means.size > 0)
            return true;
    return false;
}

const struct codebook_form *codebook_deciding(const struct codebook_task *task)
{
    /* In a task of fields `means` names a field of the codebook and no label: nothing there
     * decides. */
    for (size_t i = 0; i < task->ask.form_count && task->kind != TASK_FIELDS; i++)
        if (decides(&task->ask.form[i]))
            return &task->ask.form[i];
    return NULL;
}

struct slice codebook_form_target(const struct codebook_form *form)
{
    return form->means.size > 0 ? form->means : form->name;
}

static const struct codebook_form *find_form(const struct codebook_task *task, struct slice name)
{
    for (size_t i = 0; i < task->ask.form_count; i++)
        if (slice_equal(task->ask.form[i].name, name))
            return &task->ask.form[i];
    return NULL;
}

static const struct codebook_choice *find_choice(const struct codebook_form *form,
                                                 struct slice name)
{
    for (size_t i = 0; i < form->choice_count; i++)
        if (slice_equal(form->choices[i].name, name))
            return &form->choices[i];
    return NULL;
}

static bool has_field(const struct codebook *codebook, struct slice name)
{
    for (size_t i = 0; i < codebook->field_count; i++)
        if (slice_equal(codebook->fields[i].name, name))
            return true;
    return false;
}

static enum status check_choices(const struct check *c, const struct codebook_form *form)
{
    bool deciding = decides(form);

    for (size_t i = 0; i < form->choice_count; i++) {
        const struct codebook_choice *choice = &form->choices[i];
        if (find_choice(form, choice->name) != choice)
            return wrong(c, ", ask.form '%.*s': the choice '%.*s' stands there twice",
                         SLICE_ARG(form->name), SLICE_ARG(choice->name));
        if (deciding && !has_label(c->task, choice->means))
            return wrong(c, ", ask.form '%.*s': '%.*s' must mean one of the task's labels",
                         SLICE_ARG(form->name), SLICE_ARG(choice->name));
    }
    return STATUS_OK;
}

static enum status check_form(const struct check *c)
{
    const struct codebook_ask *ask = &c->task->ask;
    bool fields = c->task->kind == TASK_FIELDS;
    size_t deciding = 0;

    for (size_t i = 0; i < ask->form_count; i++) {
        const struct codebook_form *form = &ask->form[i];
        /* The first of a name is not this one: so it stands there twice. */
        if (find_form(c->task, form->name) != form)
            return wrong(c, ", ask.form: '%.*s' stands there twice", SLICE_ARG(form->name));
        if (fields && !has_field(c->codebook, codebook_form_target(form)))
            return wrong(c, ", ask.form: '%.*s' is no field of the codebook (set `means`)",
                         SLICE_ARG(codebook_form_target(form)));
        if (check_choices(c, form))
            return STATUS_INVALID;
        deciding += decides(form);
    }
    if (ask->given && fields && ask->form_count == 0)
        return wrong(c, ", ask: a task of fields needs a form");
    if (!fields && ask->form_count > 0 && deciding != 1)
        return wrong(c, ", ask.form: exactly one field must have choices that mean labels");
    return STATUS_OK;
}

/* ---- examples ---- */

struct slice codebook_said(const struct codebook_example *example, const struct codebook_form *form)
{
    for (size_t i = 0; i < example->answer_count; i++)
        if (slice_equal(example->answer[i].name, form->name))
            return example->answer[i].value;
    return SLICE("");
}

static enum status check_answer(const struct check *c, size_t index)
{
    const struct codebook_example *example = &c->task->examples[index];
    const struct codebook_form *deciding = codebook_deciding(c->task);

    for (size_t i = 0; i < example->answer_count; i++) {
        const struct field_pair *said = &example->answer[i];
        const struct codebook_form *form = find_form(c->task, said->name);
        const struct codebook_choice *choice = form == NULL ? NULL : find_choice(form, said->value);
        if (form == NULL)
            return wrong(c, ", example %zu: '%.*s' is no field of its form", index + 1,
                         SLICE_ARG(said->name));
        if (form->choice_count > 0 && choice == NULL)
            return wrong(c, ", example %zu: '%.*s' is none of the choices of '%.*s'", index + 1,
                         SLICE_ARG(said->value), SLICE_ARG(said->name));
        /* Several labels may be right there, which one value cannot say. */
        if (form == deciding && c->task->kind == TASK_LABELS)
            return wrong(c, ", example %zu: '%.*s' is said by its labels", index + 1,
                         SLICE_ARG(said->name));
        if (form == deciding && !slice_equal(choice->means, example->labels[0]))
            return wrong(c, ", example %zu: '%.*s' does not mean its label", index + 1,
                         SLICE_ARG(said->value));
    }
    return STATUS_OK;
}

static enum status check_example(const struct check *c, size_t index)
{
    const struct codebook_task *task = c->task;
    const struct codebook_example *example = &task->examples[index];

    if (task->kind == TASK_FIELDS && example->label_count > 0)
        return wrong(c, ", example %zu: a task of fields has no labels (write `answer`)",
                     index + 1);
    if (task->kind != TASK_FIELDS && task->kind != TASK_LABELS && example->label_count != 1)
        return wrong(c, ", example %zu: needs exactly one label", index + 1);
    for (size_t i = 0; i < example->label_count; i++)
        if (!has_label(task, example->labels[i]))
            return wrong(c, ", example %zu: '%.*s' is none of its labels", index + 1,
                         SLICE_ARG(example->labels[i]));
    return check_answer(c, index);
}

enum status codebook_check_ask(const struct codebook *codebook, const struct codebook_task *task,
                               const struct codebook_place *place, struct error *err)
{
    const struct check c = {codebook, task, place, err};
    enum status status = STATUS_OK;

    if (task->kind == TASK_FIELDS && (task->label_count > 0 || task->model.size > 0))
        return wrong(&c, ": a task of fields has neither labels nor a model");
    if (task->ask.from_percent > task->ask.to_percent)
        return wrong(&c, ", ask.band: from must not be more than to");
    status = check_form(&c);
    for (size_t i = 0; i < task->example_count && status == STATUS_OK; i++)
        status = check_example(&c, i);
    return status;
}
