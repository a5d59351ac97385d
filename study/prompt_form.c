#include "study/prompt_form.h"

#include "study/codebook_ask.h"
#include "study/prompt.h"
#include "study/text.h"

static const struct slice binary_labels[] = {[PROMPT_NO] = {"no", 2}, [PROMPT_YES] = {"yes", 3}};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NOMEM, "prompt: %s", status_text(STATUS_NOMEM));
}

static size_t label_count(const struct codebook_task *task)
{
    return task->kind == TASK_BINARY ? 2 : task->label_count;
}

static struct slice label_name(const struct codebook_task *task, size_t index)
{
    return task->kind == TASK_BINARY ? binary_labels[index] : task->labels[index].name;
}

static size_t find_label(const struct codebook_task *task, struct slice name)
{
    size_t index = 0;

    while (index < label_count(task) && !slice_equal(label_name(task, index), name))
        index++;
    return index;
}

/* ---- shapes ---- */

/* Room for the choices of one field and, if it decides, for what they mean. */
struct places {
    struct slice *choices;
    size_t *meaning;
};

static bool get_places(size_t count, struct arena *arena, struct places *places)
{
    places->choices = arena_array(arena, count + 1, sizeof *places->choices);
    places->meaning = arena_array(arena, count + 1, sizeof *places->meaning);
    return places->choices != NULL && places->meaning != NULL;
}

static bool set_field(const struct codebook_task *task, const struct codebook_form *from,
                      struct arena *arena, struct prompt_form *form, struct shape_field *field)
{
    bool deciding = from == codebook_deciding(task);
    struct places places;

    *field = (struct shape_field){.name = from->name,
                                  .kind = from->choice_count == 0 ? SHAPE_TEXT : SHAPE_CHOICE,
                                  .choice_count = from->choice_count,
                                  .max_chars = from->max_chars};
    if (!get_places(from->choice_count, arena, &places))
        return false;
    for (size_t i = 0; i < from->choice_count; i++) {
        places.choices[i] = from->choices[i].name;
        places.meaning[i] = find_label(task, from->choices[i].means);
    }
    field->choices = places.choices;
    if (deciding) {
        form->deciding = (size_t) (from - task->ask.form);
        form->meaning = places.meaning;
        if (task->kind == TASK_LABELS)
            field->kind = SHAPE_CHOICES;
    }
    return true;
}

static bool set_labels(const struct codebook_task *task, struct arena *arena,
                       struct prompt_form *form, struct shape_field *field)
{
    struct places places;

    if (!get_places(label_count(task), arena, &places))
        return false;
    for (size_t i = 0; i < label_count(task); i++) {
        places.choices[i] = label_name(task, i);
        places.meaning[i] = i;
    }
    *field = (struct shape_field){.name = SLICE("answer"),
                                  .kind = task->kind == TASK_LABELS ? SHAPE_CHOICES : SHAPE_CHOICE,
                                  .choices = places.choices,
                                  .choice_count = label_count(task)};
    form->deciding = 0;
    form->meaning = places.meaning;
    return true;
}

enum status prompt_form_make(const struct codebook_task *task, struct arena *arena,
                             struct prompt_form *form, struct error *err)
{
    const struct codebook_ask *ask = &task->ask;
    size_t count = ask->form_count == 0 ? 1 : ask->form_count;
    struct prompt_form made = {.task = task, .deciding = PROMPT_FORM_NONE};
    struct shape_field *fields = arena_array(arena, count, sizeof *fields);
    enum status status;

    if (fields == NULL || (ask->form_count == 0 && !set_labels(task, arena, &made, fields)))
        return no_memory(err);
    for (size_t i = 0; i < ask->form_count; i++)
        if (!set_field(task, &ask->form[i], arena, &made, &fields[i]))
            return no_memory(err);
    made.shape = (struct shape){fields, count};
    status = shape_check(&made.shape, err);
    if (status != STATUS_OK)
        return error_prefix(err, status, "task '%.*s', ask.form", SLICE_ARG(task->name));
    *form = made;
    return STATUS_OK;
}

/* ---- examples ---- */

/* Choices of the deciding field that stand for the example's labels; a choice that it names itself
 * comes alone. */
static enum status fill_deciding(const struct prompt_form *form,
                                 const struct codebook_example *example, struct slice said,
                                 struct shape_value *value, struct arena *arena)
{
    const struct shape_field *field = &form->shape.fields[form->deciding];
    struct slice *texts = arena_array(arena, field->choice_count, sizeof *texts);
    bool *done = arena_array(arena, label_count(form->task), sizeof *done);

    if (texts == NULL || done == NULL)
        return STATUS_NOMEM;
    for (size_t i = 0; i < field->choice_count; i++) {
        size_t meaning = form->meaning[i];
        bool holds = false;
        for (size_t j = 0; j < example->label_count; j++)
            holds |= find_label(form->task, example->labels[j]) == meaning;
        /* One choice for each label: where several mean it, the first stands for all. */
        if (said.size > 0 ? !slice_equal(field->choices[i], said) : !holds || done[meaning])
            continue;
        done[meaning] = true;
        texts[value->text_count++] = field->choices[i];
    }
    value->texts = texts;
    return STATUS_OK;
}

static enum status fill_field(const struct prompt_form *form, size_t index,
                              const struct codebook_example *example, struct shape_value *value,
                              struct arena *arena)
{
    const struct codebook_ask *ask = &form->task->ask;
    struct slice said =
        ask->form_count == 0 ? SLICE("") : codebook_said(example, &ask->form[index]);
    struct slice *text;

    if (index == form->deciding)
        return fill_deciding(form, example, said, value, arena);
    text = arena_alloc(arena, sizeof *text);
    if (text == NULL)
        return STATUS_NOMEM;
    *text = said;
    *value = (struct shape_value){text, 1};
    return STATUS_OK;
}

enum status prompt_form_fill(const struct prompt_form *form, const struct codebook_example *example,
                             struct arena *arena, const struct shape_value **values,
                             struct error *err)
{
    struct shape_value *filled =
        arena_array(arena, form->shape.field_count, sizeof(struct shape_value));

    if (filled == NULL)
        return no_memory(err);
    for (size_t i = 0; i < form->shape.field_count; i++) {
        const struct shape_field *field = &form->shape.fields[i];
        if (fill_field(form, i, example, &filled[i], arena) != STATUS_OK)
            return no_memory(err);
        if (field->kind == SHAPE_TEXT && text_length(*filled[i].texts) > field->max_chars)
            return error_set(err, STATUS_INVALID,
                             "task '%.*s', example '%.*s': '%.*s' has more than %zu characters",
                             SLICE_ARG(form->task->name), SLICE_ARG(example->text),
                             SLICE_ARG(field->name), field->max_chars);
        if (field->kind == SHAPE_CHOICE && (filled[i].text_count != 1 || !filled[i].texts->size))
            return error_set(
                err, STATUS_INVALID, "task '%.*s', example '%.*s': '%.*s' needs one of its choices",
                SLICE_ARG(form->task->name), SLICE_ARG(example->text), SLICE_ARG(field->name));
    }
    *values = filled;
    return STATUS_OK;
}

void prompt_form_describe(const struct prompt_form *form, struct buf *out)
{
    for (size_t i = 0; i < form->shape.field_count; i++) {
        const struct shape_field *field = &form->shape.fields[i];
        buf_printf(out, "%s%.*s", i == 0 ? "" : "、", SLICE_ARG(field->name));
        for (size_t j = 0; j < field->choice_count; j++)
            buf_printf(out, "%s%.*s", j == 0 ? "（" : "|", SLICE_ARG(field->choices[j]));
        if (field->kind == SHAPE_TEXT)
            buf_puts(out, "（没有就留空");
        buf_puts(out, field->kind == SHAPE_CHOICES ? "，可多选）" : "）");
    }
}
