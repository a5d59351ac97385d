/*
 * codebook: what counts, by which words, labels and rules, for one kind of study.
 *
 * File    codebooks/NAME/codebook.yaml, or a path; docs/files.md lists the fields. Models lie
 *         beside it.
 * Tasks   What a model or rule decides about a document: visit (binary), themes (several labels),
 *         purpose (one label). A gate names the task whose positive answer a task needs.
 * Rules   Identity and combination follow the contract; the codebook gives their numbers.
 * Memory  Lives in the study's arena; texts have a NUL behind.
 */
#ifndef XUNFANG_STUDY_CODEBOOK_H
#define XUNFANG_STUDY_CODEBOOK_H

#include "base/fields.h"

/* yes or no; any number of labels; exactly one; the codebook's fields read out of the text */
enum task_kind { TASK_BINARY, TASK_LABELS, TASK_LABEL, TASK_FIELDS };

struct codebook_label {
    struct slice name; /* as on every output: 经济发展, cooperative */
    struct slice english;
    struct slice definition;
};

struct codebook_example {
    struct slice text;
    const struct slice *labels; /* the right answer; of a binary task "yes" or "no" */
    size_t label_count;
    struct slice because;
    const struct field_pair *answer; /* of a task with a form: fields and what is said in them */
    size_t answer_count;
};

struct codebook_choice {
    struct slice name;  /* as the model says it */
    struct slice means; /* label of the task ("yes" and "no" of a binary one); empty: nothing */
};

struct codebook_form {               /* one field of an answer */
    struct slice name;               /* as the model says it */
    struct slice means;              /* the codebook's field it fills; empty: the one of its name */
    uint64_t max_chars;              /* of a text */
    struct codebook_choice *choices; /* none: it is a text */
    size_t choice_count;
};

struct codebook_ask {           /* when and how a language model is asked */
    bool given;                 /* false: never */
    uint64_t from_percent;      /* chance by the built-in model from which … */
    uint64_t to_percent;        /* … to which it is unsure */
    struct slice instruction;   /* instead of the task's definition; empty: that */
    uint64_t max_chars;         /* of title and text shown */
    uint64_t max_tokens;        /* of the answer */
    struct codebook_form *form; /* what is answered; none: one field of the task's labels */
    size_t form_count;
    uint32_t line;
};

struct codebook_task {
    struct slice name;
    int kind; /* enum task_kind */
    struct slice definition;
    struct slice model; /* file beside the codebook; empty: rules only */
    struct slice gate;  /* task that must hold; empty: none */
    struct codebook_label *labels;
    size_t label_count;
    struct codebook_example *examples;
    size_t example_count;
    struct codebook_ask ask;
};

struct codebook_field { /* what the extractor reads out of a visit */
    struct slice name;
    int type; /* enum codebook_field_type */
    struct slice definition;
};

enum codebook_field_type {
    CODE_CITY,
    CODE_DEPARTMENT,
    CODE_TITLES,
    CODE_DATE,
    CODE_LEVEL,
    CODE_TEXT
};

struct codebook_event_kind {
    struct slice name; /* visit */
    bool directed;
    uint64_t min_parties;
    uint64_t max_parties;
    const struct slice *roles; /* origin, host */
    size_t role_count;
    const struct slice *actors; /* city, county, … */
    size_t actor_count;
};

struct codebook_identity {   /* when two reports tell of one event */
    const struct slice *key; /* origin, host, date; also origin_dept */
    size_t key_count;
    int64_t usual_lag_ms;   /* publish day − visit day of undated reports */
    int64_t join_before_ms; /* a dated event joins from so long before the publish day … */
    int64_t join_after_ms;  /* … to so long after it */
    int64_t chain_gap_ms;   /* undated reports chain up to this gap */
};

struct codebook_combine { /* reports of one event into one row */
    struct slice level;   /* highest */
    struct slice themes;  /* union */
    struct slice purpose; /* the label that wins where both occur: cooperative */
};

struct codebook_measures {
    uint64_t low_percent;  /* U below: low (33) */
    uint64_t high_percent; /* U above: high (67) */
};

struct codebook {
    struct slice name;
    uint64_t version;
    struct slice about;
    bool include_counties;        /* counties, districts and zones count for their prefecture */
    const struct slice *keywords; /* the screen: one must occur in title or body */
    size_t keyword_count;
    struct codebook_event_kind *event_kinds;
    size_t event_kind_count;
    struct codebook_task *tasks;
    size_t task_count;
    struct codebook_field *fields;
    size_t field_count;
    struct codebook_label *levels; /* highest first: principal, deputy, department */
    size_t level_count;
    struct codebook_identity identity;
    struct codebook_combine combine;
    struct codebook_measures measures;
    struct slice directory; /* where its models lie; set by the loader */
    struct slice sha256;    /* of the file, hexadecimal; set by the loader */
};

extern const struct field_table codebook_table;

CHECKED enum status codebook_read(const struct yaml_source *source, struct codebook *codebook,
                                  struct error *err);

/* NULL if there is no such task. */
const struct codebook_task *codebook_find_task(const struct codebook *codebook, const char *name);
/* Days of a duration of the identity rules. */
int32_t codebook_days(int64_t duration_ms);

#endif
