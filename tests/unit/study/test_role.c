/* What a worker opens: alone, as one of a cluster, and as a steward. */
#include "study/role.h"

#include "study/pins.h"
#include "study/request.h"
#include "tests/unit/study/control_fixture.h"
#include "tests/unit/study/job_files.h"

static struct temp_dir dir;
static struct daemon_settings settings;
static struct role *role;

static int set_up(void **state)
{
    settings = (struct daemon_settings){.bus = "memory", .run = "main", .of = 1, .data = dir.path};
    return temp_dir_create(&dir) != 0 || control_open(state) != 0;
}

static int tear_down(void **state)
{
    role_close(role);
    role = NULL;
    temp_dir_destroy(&dir);
    return control_close(state);
}

static void announce_cluster(uint32_t partitions)
{
    Xunfang__Cluster cluster = XUNFANG__CLUSTER__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    cluster.url_partitions = partitions;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_CLUSTER;
    record.cluster = &cluster;
    assert_int_equal(catalog_announce(control_bus, &record, &err), STATUS_OK);
}

/* The job of job_files.h with its files, pinned to `logic` of the classifier. */
static void announce_study(const char *logic)
{
    Xunfang__JobSubmitted submitted = XUNFANG__JOB_SUBMITTED__INIT;
    Xunfang__JobFile files[16], *pointers[16];
    Xunfang__Pin pin = XUNFANG__PIN__INIT, *pins[] = {&pin};
    const struct study_source source = {.job_path = job_files_write(&dir)};
    struct study *study;

    assert_int_equal(study_load(&source, &study, &err), STATUS_OK);
    assert_true(study->file_count <= 16);
    for (size_t i = 0; i < study->file_count; i++) {
        xunfang__job_file__init(&files[i]);
        files[i].name = (char *) (uintptr_t) study->files[i].name.data;
        files[i].content = (ProtobufCBinaryData){
            study->files[i].content.size, (uint8_t *) (uintptr_t) study->files[i].content.data};
        pointers[i] = &files[i];
    }
    pin.what = (char *) "logic.classifier";
    pin.version = (char *) (uintptr_t) logic;
    submitted.job = (char *) "t";
    submitted.run = (char *) "main";
    submitted.files = pointers;
    submitted.n_files = study->file_count;
    submitted.pins = pins;
    submitted.n_pins = 1;
    announce(&submitted);
    study_destroy(study);
}

static void make_topic(enum topic_kind kind, uint32_t partitions)
{
    struct topic_name topic = topic_name(kind, "t", "main");

    assert_int_equal(bus_topic_create(control_bus, topic.text, partitions, &err), STATUS_OK);
}

static bool give_up(void *self)
{
    int *asked = self;

    return ++*asked < 3;
}

static enum status open_role(const char *name, enum role_reach reach, int *asked)
{
    struct role_options options = {.settings = &settings, .name = name, .reach = reach};
    const struct bus_options bus = {.client = "role"};

    if (asked != NULL) {
        options.go_on = give_up;
        options.self = asked;
    }
    assert_int_equal(bus_memory_open(control_world, &bus, &options.bus, &err), STATUS_OK);
    return role_open(&options, &role, &err);
}

static void test_a_run_on_one_machine(void **state)
{
    (void) state;
    announce_cluster(4);
    announce_study("classifier-1");
    make_topic(TOPIC_DOCUMENTS, 5);
    settings.job = "t";
    settings.index = 1;
    settings.of = 2;
    assert_int_equal(open_role("classifier", ROLE_RUN, NULL), STATUS_OK);
    assert_false(role->groups);
    assert_string_equal(role->run->job, "t");
    assert_string_equal(role->study->job.name.data, "t");
    assert_string_equal(role->topics[TOPIC_VISITS].text, "t.main.visits");
    assert_int_equal(role_take(role, TOPIC_DOCUMENTS, false, &err), STATUS_OK);
    assert_int_equal(role->input_count, 2); /* partitions 1 and 3 of 5 */
    assert_int_equal(role->inputs[1].partition, 3);
    assert_int_equal(strlen(role->node), 8);
    assert_memory_equal(role->client, "classifier-", 11);
    assert_memory_equal(role->client + 11, role->node, 8);
    assert_string_equal(role->client + 19, "-1");
}

static void test_a_build_without_the_logic_refuses(void **state)
{
    (void) state;
    announce_cluster(4);
    announce_study("classifier-7");
    settings.job = "t";
    assert_int_equal(open_role("classifier", ROLE_RUN, NULL), STATUS_UNSUPPORTED);
    assert_non_null(strstr(err.message, "wants logic classifier-7, this build has"));
    assert_int_equal(open_role("extractor", ROLE_RUN, NULL), STATUS_OK); /* not its business */
}

static void test_wrong_usage(void **state)
{
    const struct role_options nowhere = {.settings = &settings, .name = "classifier"};

    (void) state;
    assert_int_equal(open_role("classifier", ROLE_RUN, NULL), STATUS_USAGE);
    assert_string_equal(err.message, "--job is required");
    assert_int_equal(open_role("classifier", ROLE_STEWARD, NULL), STATUS_USAGE);
    assert_int_equal(open_role("frontier", ROLE_CLUSTER, NULL), STATUS_USAGE);
    settings.job = "t";
    settings.index = 1;
    assert_int_equal(open_role("classifier", ROLE_RUN, NULL), STATUS_USAGE);
    assert_string_equal(err.message, "--index must be below --of");
    settings.bus = NULL;
    assert_int_equal(role_open(&nowhere, &role, &err), STATUS_USAGE);
    assert_non_null(strstr(err.message, "--bus is required"));
}

static void test_a_member_of_a_group_names_everything(void **state)
{
    (void) state;
    bus_world_set_groups(control_world);
    announce_cluster(4);
    announce_study("classifier-1");
    make_topic(TOPIC_DOCUMENTS, 5);
    settings.job = "t";
    settings.index = 7; /* --of says nothing there */
    assert_int_equal(open_role("classifier", ROLE_RUN, NULL), STATUS_OK);
    assert_true(role->groups);
    assert_int_equal(role_take(role, TOPIC_DOCUMENTS, false, &err), STATUS_OK);
    assert_int_equal(role->input_count, 5);
}

static void test_a_role_of_the_cluster(void **state)
{
    int asked = 0;

    (void) state;
    bus_world_set_groups(control_world);
    settings.job = "nobody"; /* is ignored */
    assert_int_equal(open_role("frontier", ROLE_CLUSTER, &asked), STATUS_AGAIN);
    assert_int_equal(asked, 3);
    announce_cluster(6);
    asked = 0;
    assert_int_equal(open_role("frontier", ROLE_CLUSTER, &asked), STATUS_AGAIN); /* no topics */
    make_topic(TOPIC_URLS, 6);
    make_topic(TOPIC_LEASES, 6);
    assert_int_equal(open_role("frontier", ROLE_CLUSTER, NULL), STATUS_OK);
    assert_null(role->run);
    assert_null(role->study);
    assert_string_equal(role->topics[TOPIC_URLS].text, "urls");
    assert_string_equal(role->topics[TOPIC_DOCUMENTS].text, "");
    assert_int_equal(role_take(role, TOPIC_URLS, false, &err), STATUS_OK);
    assert_int_equal(role->input_count, 6);
}

static void test_a_steward_waits_for_nothing(void **state)
{
    (void) state;
    bus_world_set_groups(control_world);
    assert_int_equal(open_role("classifier", ROLE_STEWARD, NULL), STATUS_OK);
    assert_null(role->run);
    assert_non_null(role->catalog);
    assert_true(role->groups);
}

static void test_paths_of_state(void **state)
{
    struct buf path;
    char expected[128];

    (void) state;
    bus_world_set_groups(control_world);
    settings.job = "t";
    settings.index = 2;
    assert_int_equal(open_role("classifier", ROLE_STEWARD, NULL), STATUS_OK);
    buf_init(&path, 256);
    assert_int_equal(role_state_path(role, "complete", true, &path, &err), STATUS_OK);
    (void) snprintf(expected, sizeof expected, "%s/state/complete-t.main-2", dir.path);
    assert_string_equal(buf_text(&path), expected);
    buf_fini(&path);
}

int main(void)
{
#define LIFE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIFE(test_a_run_on_one_machine),  LIFE(test_a_build_without_the_logic_refuses),
        LIFE(test_wrong_usage),           LIFE(test_a_member_of_a_group_names_everything),
        LIFE(test_a_role_of_the_cluster), LIFE(test_a_steward_waits_for_nothing),
        LIFE(test_paths_of_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
