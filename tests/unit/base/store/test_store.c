/* The front of the store, over the store in memory. */
#include "base/store/store.h"
#include "base/store/store_memory.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct store *store;
static struct store_batch *batch;
static struct buf value;
static struct error err;

static int set_up(void **state)
{
    (void) state;
    store = store_open_memory();
    batch = store_batch_create(store);
    buf_init(&value, 1000);
    return batch == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    store_batch_destroy(batch);
    store_close(store);
    buf_fini(&value);
    return 0;
}

static void put(const char *key, const char *text)
{
    store_batch_put(batch, slice_from(key), slice_from(text));
}

static void commit(void)
{
    assert_int_equal(store_commit(batch, false, &err), STATUS_OK);
}

static const char *get(const char *key)
{
    enum status status = store_get(store, slice_from(key), &value, &err);

    return status == STATUS_OK ? buf_text(&value) : status_text(status);
}

static const char *batch_get(const char *key)
{
    enum status status = store_batch_get(batch, slice_from(key), &value, &err);

    return status == STATUS_OK ? buf_text(&value) : status_text(status);
}

/* "a=1 b=2 " of what a scan shows. */
static const char *scan(bool with_batch, const char *prefix, const char *from)
{
    static char text[4096];
    struct store_scan *scan =
        store_scan_open(store, with_batch ? batch : NULL, slice_from(prefix), slice_from(from));
    struct slice key, found;
    size_t size = 0;

    text[0] = '\0';
    while (store_scan_next(scan, &key, &found))
        size += (size_t) snprintf(text + size, sizeof text - size, "%.*s=%.*s ", SLICE_ARG(key),
                                  SLICE_ARG(found));
    assert_int_equal(store_scan_close(scan, &err), STATUS_OK);
    return text;
}

static void test_commit_makes_visible(void **state)
{
    (void) state;
    put("a", "1");
    assert_string_equal(get("a"), "not found");
    commit();
    assert_string_equal(get("a"), "1");
    put("a", "2");
    store_batch_delete(batch, SLICE("b"));
    commit();
    assert_string_equal(get("a"), "2");
    store_batch_delete(batch, SLICE("a"));
    commit();
    assert_string_equal(get("a"), "not found");
    assert_int_equal(store_memory_size(store), 0);
}

static void test_batch_reads_its_own_writes(void **state)
{
    (void) state;
    put("a", "old");
    put("b", "old");
    commit();
    put("a", "new");
    store_batch_delete(batch, SLICE("b"));
    put("c", "");
    assert_string_equal(batch_get("a"), "new");
    assert_string_equal(batch_get("b"), "not found");
    assert_string_equal(batch_get("c"), "");
    assert_string_equal(get("a"), "old");
    put("a", "newer");
    assert_string_equal(batch_get("a"), "newer");
    put("b", "again");
    assert_string_equal(batch_get("b"), "again");
    store_batch_clear(batch);
    assert_string_equal(batch_get("a"), "old");
    assert_int_equal(store_batch_bytes(batch), 0);
}

static void test_scans_merge(void **state)
{
    (void) state;
    put("k1", "a");
    put("k3", "c");
    put("k5", "e");
    put("l", "x");
    put("a", "y");
    commit();
    put("k0", "!");
    put("k3", "C");
    put("k4", "D");
    store_batch_delete(batch, SLICE("k5"));
    put("k6", "F");
    assert_string_equal(scan(false, "k", ""), "k1=a k3=c k5=e ");
    assert_string_equal(scan(true, "k", ""), "k0=! k1=a k3=C k4=D k6=F ");
    assert_string_equal(scan(true, "k", "k3"), "k3=C k4=D k6=F ");
    assert_string_equal(scan(true, "k", "k35"), "k4=D k6=F ");
    assert_string_equal(scan(true, "k", "a"), "k0=! k1=a k3=C k4=D k6=F ");
    assert_string_equal(scan(false, "", ""), "a=y k1=a k3=c k5=e l=x ");
    assert_string_equal(scan(true, "z", ""), "");
}

static void test_order_is_unsigned(void **state)
{
    (void) state;
    put("\x7F", "1");
    put("\xFF", "2");
    put("\x01", "3");
    put("\x01\x01", "4");
    commit();
    assert_string_equal(scan(false, "", ""), "\x01=3 \x01\x01=4 \x7F=1 \xFF=2 ");
}

static void test_sticky_batch(void **state)
{
    static char key[STORE_KEY_MAX + 1];

    (void) state;
    put("a", "1");
    put("", "2");
    put("b", "3");
    assert_string_equal(batch_get("a"), "invalid input");
    assert_int_equal(store_commit(batch, false, &err), STATUS_INVALID);
    assert_string_equal(get("a"), "not found");
    store_batch_clear(batch);
    memset(key, 'k', sizeof key);
    store_batch_put(batch, slice_of(key, sizeof key), SLICE(""));
    assert_int_equal(store_commit(batch, false, &err), STATUS_TOO_LARGE);
    store_batch_clear(batch);
    store_batch_put(batch, slice_of(key, STORE_KEY_MAX), SLICE(""));
    commit();
    assert_int_equal(store_get(store, slice_of(key, sizeof key), &value, &err), STATUS_TOO_LARGE);
}

static void test_no_memory_batch(void **state)
{
    (void) state;
    store_batch_put(NULL, SLICE("a"), SLICE("b"));
    store_batch_delete(NULL, SLICE("a"));
    store_batch_clear(NULL);
    assert_int_equal(store_batch_bytes(NULL), 0);
    assert_int_equal(store_batch_get(NULL, SLICE("a"), &value, &err), STATUS_NOMEM);
    assert_int_equal(store_commit(NULL, true, &err), STATUS_NOMEM);
    assert_int_equal(store_scan_close(NULL, &err), STATUS_NOMEM);
    store_batch_destroy(NULL);
    store_close(NULL);
}

static void test_value_over_the_callers_limit(void **state)
{
    static char text[2000];

    (void) state;
    memset(text, 'x', sizeof text);
    store_batch_put(batch, SLICE("a"), slice_of(text, sizeof text));
    commit();
    assert_string_equal(get("a"), "over its limit");
    assert_int_equal(value.size, 0);
}

static void test_fail_stop(void **state)
{
    (void) state;
    put("a", "1");
    commit();
    store_memory_fail(store, 2, STATUS_DISK_FULL);
    put("a", "2");
    commit();
    put("a", "3");
    put("b", "3");
    assert_int_equal(store_commit(batch, false, &err), STATUS_DISK_FULL);
    assert_string_equal(get("a"), "2");
    assert_string_equal(get("b"), "not found");
    store_memory_fail(store, 0, STATUS_OK);
    assert_int_equal(store_commit(batch, false, &err), STATUS_DISK_FULL);
    assert_int_equal(store_wipe(store, &err), STATUS_DISK_FULL);
    assert_int_equal(store_sync(store, &err), STATUS_DISK_FULL);
    assert_string_equal(get("a"), "2");
    store_memory_recover(store);
    commit();
    assert_string_equal(get("b"), "3");
    assert_int_equal(store_memory_writes(store), 4);
}

static void test_wipe(void **state)
{
    (void) state;
    put("a", "1");
    commit();
    assert_int_equal(store_wipe(store, &err), STATUS_OK);
    assert_string_equal(get("a"), "not found");
    assert_string_equal(scan(false, "", ""), "");
}

/* Against a plain table, with everything a batch can do. */
static void test_like_a_table(void **state)
{
    char table[100] = {0}, pending[100] = {0};
    unsigned dice = 12345;

    (void) state;
    for (int round = 0; round < 20000; round++) {
        char key[4];
        unsigned number;
        dice = dice * 1103515245 + 12345;
        number = dice >> 8 & 63;
        (void) snprintf(key, sizeof key, "%02u", number);
        if ((dice >> 16) % 8 == 0) {
            store_batch_delete(batch, slice_from(key));
            pending[number] = 0;
        } else if ((dice >> 16) % 8 < 5) {
            put(key, "v");
            pending[number] = 1;
        } else if ((dice >> 16) % 64 == 7) {
            commit();
            memcpy(table, pending, sizeof table);
        } else if ((dice >> 16) % 64 == 15) {
            store_batch_clear(batch);
            memcpy(pending, table, sizeof table);
        }
        assert_string_equal(get(key), table[number] ? "v" : "not found");
        assert_string_equal(batch_get(key), pending[number] ? "v" : "not found");
    }
}

static void test_open_wants_a_path(void **state)
{
    struct store *opened = NULL;

    (void) state;
    assert_int_equal(store_open("", NULL, &opened, &err), STATUS_USAGE);
    assert_int_equal(store_open(NULL, NULL, &opened, &err), STATUS_USAGE);
    assert_null(opened);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_commit_makes_visible),
        TEST(test_batch_reads_its_own_writes),
        TEST(test_scans_merge),
        TEST(test_order_is_unsigned),
        TEST(test_sticky_batch),
        TEST(test_no_memory_batch),
        TEST(test_value_over_the_callers_limit),
        TEST(test_fail_stop),
        TEST(test_wipe),
        TEST(test_like_a_table),
        TEST(test_open_wants_a_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
