#include "base/fields.h"

#include "base/fields_doc.h"
#include "base/util/civil.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

struct part {
    struct slice name;
    uint64_t weight;
    uint32_t line;
};

struct whole {
    struct slice name;
    bool open;
    uint64_t count;
    int64_t delay;
    uint64_t size;
    int64_t price;
    int32_t day;
    int choice;
    const struct slice *words;
    size_t word_count;
    const struct slice *one;
    size_t one_count;
    const uint64_t *ports;
    size_t port_count;
    const struct field_pair *pairs;
    size_t pair_count;
    struct part part;
    struct part *parts;
    size_t part_count;
    const struct yaml_node *node;
};

static const char *const choices[] = {"red", "blue", NULL};

static const struct field part_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, offsetof(struct part, name),
     .help = "its name"},
    {"weight", FIELD_UINT, 0, offsetof(struct part, weight), .otherwise = "3", .max = 9},
    {0}};

static const struct field_table part_table = {"part", sizeof(struct part),
                                              offsetof(struct part, line), part_fields};

#define AT(member) offsetof(struct whole, member)
static const struct field whole_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED, AT(name), .help = "the name"},
    {"open", FIELD_BOOL, 0, AT(open), .otherwise = "true"},
    {"count", FIELD_UINT, 0, AT(count), .min = 2, .max = 10, .otherwise = "5"},
    {"delay", FIELD_DURATION, 0, AT(delay), .max = 60000, .otherwise = "1s"},
    {"size", FIELD_BYTES, 0, AT(size), .min = 1024, .max = 1 << 20, .otherwise = "8KiB"},
    {"price", FIELD_DECIMAL, 0, AT(price), .min = 1, .max = 2000000, .otherwise = "0.25"},
    {"day", FIELD_DATE, .offset = AT(day)},
    {"choice", FIELD_CHOICE, 0, AT(choice), .choices = choices, .otherwise = "blue"},
    {"words", FIELD_TEXTS, 0, AT(words), AT(word_count), .max = 3},
    {"one", FIELD_TEXT_OR_LIST, FIELD_NOT_EMPTY, AT(one), .count_offset = AT(one_count)},
    {"ports", FIELD_UINTS, 0, AT(ports), AT(port_count), .min = 1},
    {"pairs", FIELD_MAP, 0, AT(pairs), .count_offset = AT(pair_count)},
    {"part", FIELD_RECORD, 0, AT(part), .table = &part_table},
    {"parts", FIELD_RECORDS, 0, AT(parts), AT(part_count), .table = &part_table},
    {"node", FIELD_NODE, .offset = AT(node)},
    {0}};

static const struct field_table whole_table = {"whole", sizeof(struct whole), 0, whole_fields};

static struct arena *arena;
static struct error err;
static struct whole whole;

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(1 << 20);
    whole = (struct whole){0};
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

static enum status decode(const char *text)
{
    struct yaml_source source = {slice_from(text), "x.yaml", arena};
    const struct yaml_node *root;
    enum status status = yaml_parse(&source, &root, &err);

    return status == STATUS_OK ? fields_decode(&whole_table, &source, root, &whole, &err) : status;
}

static void fails(const char *text, const char *message)
{
    assert_int_equal(decode(text), STATUS_INVALID);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, message);
}

static void test_everything_is_read(void **state)
{
    (void) state;
    assert_int_equal(decode("name: x\nopen: false\ncount: 7\ndelay: 20ms\nsize: 64KiB\n"
                            "price: 1.5\nday: 2023-01-05\nchoice: red\nwords: [a, b]\none: single\n"
                            "ports: [80, 8080]\npairs: {k: v, n: }\npart: {name: p, weight: 1}\n"
                            "parts:\n- name: q\n- {name: r, weight: 9}\nnode: [1]\n"),
                     STATUS_OK);
    assert_string_equal(whole.name.data, "x");
    assert_false(whole.open);
    assert_int_equal(whole.count, 7);
    assert_int_equal(whole.delay, 20);
    assert_int_equal(whole.size, 65536);
    assert_int_equal(whole.price, 1500000);
    assert_int_equal(whole.day, civil_to_day((struct civil){2023, 1, 5}));
    assert_int_equal(whole.choice, 0);
    assert_int_equal(whole.word_count, 2);
    assert_string_equal(whole.words[1].data, "b");
    assert_int_equal(whole.one_count, 1);
    assert_string_equal(whole.one[0].data, "single");
    assert_int_equal(whole.ports[1], 8080);
    assert_int_equal(whole.pair_count, 2);
    assert_string_equal(whole.pairs[0].value.data, "v");
    assert_int_equal(whole.pairs[1].value.size, 0);
    assert_string_equal(whole.part.name.data, "p");
    assert_int_equal(whole.part_count, 2);
    assert_int_equal(whole.parts[0].weight, 3);
    assert_int_equal(whole.parts[1].weight, 9);
    assert_int_equal(whole.parts[1].line, 16);
    assert_int_equal(whole.node->type, YAML_LIST);
}

static void test_defaults(void **state)
{
    (void) state;
    assert_int_equal(decode("name: x\ncount:\n"), STATUS_OK);
    assert_true(whole.open);
    assert_int_equal(whole.count, 5);
    assert_int_equal(whole.delay, 1000);
    assert_int_equal(whole.size, 8192);
    assert_int_equal(whole.price, 250000);
    assert_int_equal(whole.choice, 1);
    assert_int_equal(whole.word_count, 0);
    assert_int_equal(whole.part.weight, 3);
    assert_null(whole.node);
}

static void test_defaults_alone(void **state)
{
    (void) state;
    assert_int_equal(fields_default(&whole_table, arena, &whole, &err), STATUS_OK);
    assert_int_equal(whole.count, 5);
    assert_int_equal(whole.part.weight, 3);
}

static void test_unknown_fields(void **state)
{
    (void) state;
    fails("name: x\ncuont: 3\n", "x.yaml:2: cuont: unknown field (did you mean 'count'?)");
    fails("name: x\nsomethingelse: 3\n", "x.yaml:2: somethingelse: unknown field (known here: "
                                         "name, open, count");
    fails("name: x\nparts: [{name: y, wieght: 1}]\n",
          "x.yaml:2: parts[0].wieght: unknown field (did you mean 'weight'?)");
}

static void test_missing_fields(void **state)
{
    (void) state;
    fails("open: true\n", "x.yaml:1: name: is missing (the name)");
    fails("name: x\nparts:\n  - name: a\n  - weight: 1\n",
          "x.yaml:4: parts[1].name: is missing (its name)");
    fails("- a\n", "x.yaml:1: must be a map with the fields of a whole, not a list");
    fails("", "x.yaml:1: must be a map with the fields of a whole, not null");
}

static void test_wrong_types(void **state)
{
    (void) state;
    fails("name: [x]\n", "x.yaml:1: name: must be a text, not a list");
    fails("name: x\nwords: a\n", "x.yaml:2: words: must be a list, not a text");
    fails("name: x\nwords: [a, [b]]\n", "x.yaml:2: words[1]: must be a text, not a list");
    fails("name: x\npart: y\n", "x.yaml:2: part: must be a map, not a text");
    fails("name: x\nparts: {a: 1}\n", "x.yaml:2: parts: must be a list, not a map");
    fails("name: x\npairs: [a]\n", "x.yaml:2: pairs: must be a map, not a list");
    fails("name: x\npairs: {a: [1]}\n", "x.yaml:2: pairs.a: must be a text, not a list");
}

static void test_wrong_values(void **state)
{
    (void) state;
    fails("name: x\nopen: yes\n", "x.yaml:2: open: 'yes' is neither true nor false");
    fails("name: x\nopen: 'true'\n", "'true' is neither true nor false");
    fails("name: x\ncount: 1\n", "x.yaml:2: count: '1' is not between 2 and 10");
    fails("name: x\ncount: 1.5\n", "x.yaml:2: count: '1.5' is not a whole number");
    fails("name: x\ndelay: 1\n", "x.yaml:2: delay: '1' is not a number with a unit (20ms");
    fails("name: x\ndelay: 2m\n", "x.yaml:2: delay: '2m' is not between 0ms and 60000ms");
    fails("name: x\nsize: 8\n", "x.yaml:2: size: '8' is not a number with a unit (512B");
    fails("name: x\nprice: 2.5\n", "x.yaml:2: price: '2.5' is not between 0 and 2");
    fails("name: x\nprice: 0\n", "x.yaml:2: price: '0' is not between");
    fails("name: x\nprice: 1e3\n", "price: '1e3' is not a number with at most 6 decimals");
    fails("name: x\nsize: 8B\n", "x.yaml:2: size: '8B' is not between 1024B and 1048576B");
    fails("name: x\nday: 2023-02-30\n", "x.yaml:2: day: ");
    fails("name: x\nchoice: green\n", "x.yaml:2: choice: 'green' is none of: red, blue");
    fails("name: x\nports: [0]\n", "x.yaml:2: ports[0]: '0' is not between 1 and 65535");
}

static void test_limits_and_emptiness(void **state)
{
    (void) state;
    fails("name: x\nwords: [a, b, c, d]\n", "x.yaml:2: words: has 4 entries, at most 3");
    fails("name: x\nwords: ['']\n", "x.yaml:2: words[0]: must not be empty");
    fails("name: x\none: []\n", "x.yaml:2: one: must not be empty");
    fails("name: x\npart: {name: ''}\n", "x.yaml:2: part.name: must not be empty");
}

static void test_errors_of_callers(void **state)
{
    (void) state;
    assert_int_equal(fields_error(&err, "a.yaml", 7, "x: %d is odd", 3), STATUS_INVALID);
    assert_string_equal(err.message, "a.yaml:7: x: 3 is odd");
}

static void test_reference(void **state)
{
    struct buf out;

    (void) state;
    buf_init(&out, 1 << 16);
    fields_document(&whole_table, &out);
    assert_non_null(strstr(buf_text(&out), "## `whole`\n\n| field | type | default | meaning |\n"));
    assert_non_null(strstr(buf_text(&out), "| `name` | text | required | the name |\n"));
    assert_non_null(strstr(buf_text(&out), "| `count` | whole number, 2 to 10 | `5` |  |\n"));
    assert_non_null(strstr(buf_text(&out), "| `choice` | one of `red`, `blue` | `blue` |"));
    assert_non_null(strstr(buf_text(&out), "### `whole.parts[]`"));
    assert_non_null(
        strstr(buf_text(&out), "| `price` | number with up to 6 decimals, 0 to 2 | `0.25` |"));
    assert_non_null(strstr(buf_text(&out), "| `day` | date YYYY-MM-DD | none |"));
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_everything_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_defaults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_defaults_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unknown_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_types, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limits_and_emptiness, set_up, tear_down),
        cmocka_unit_test(test_errors_of_callers),
        cmocka_unit_test(test_reference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
