/* test_disk_spill.c - sorts, joins and temporary tables that did not fit in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene_fixture.h"

enum { QUERY = 1, MIB = 1024 * 1024 };

static const char sorted[] = "SELECT a FROM orders ORDER BY b";

static scene scene_of(const char *verb, const char *text, int64_t time)
{
    scene c = scene_open(SECOND);
    scene_query(&c, QUERY, "postgresql", verb, text);
    scene_calls(&c, QUERY, 20, time);
    return c;
}

static void temporary_files_are_added_up(void **state)
{
    (void)state;
    scene c = scene_of("SELECT", sorted, SECOND);
    scene_measure(&c, QUERY, "temp_files", 4, 40 * MIB, 25 * MIB);
    scene_analyse(&c, FINDING_DISK_SPILL);
    assert_int_equal(c.n, 1);
    const finding *f = &c.found[0];
    assert_int_equal(f->confidence, CONFIDENCE_CERTAIN);
    assert_int_equal(f->cost, SECOND);
    assert_int_equal(evidence_number(f, "files"), 4);
    assert_int_equal(evidence_number(f, "bytes"), 40 * MIB);
    assert_int_equal(evidence_number(f, "largest_bytes"), 25 * MIB);
    assert_int_equal(evidence_number(f, "calls"), 20);
    assert_text(f->title, "orders: 40.0 MiB written to temporary files");
    assert_text(f->detail, "4 temporary files of 40.0 MiB in all, the largest of 25.0 MiB. In all"
                           " they took 1.00 s, 50.0 % of all query time.");
    scene_close(&c);
}

static void little_on_disk_stays_in_the_cache(void **state)
{
    (void)state;
    scene c = scene_of("SELECT", sorted, SECOND);
    scene_measure(&c, QUERY, "temp_files", 1, 10 * MIB, 10 * MIB);
    assert_int_equal(scene_count(&c, FINDING_DISK_SPILL), 1);
    c = scene_of("SELECT", sorted, SECOND);
    scene_measure(&c, QUERY, "temp_files", 1, 10 * MIB - 1, 10 * MIB - 1);
    assert_int_equal(scene_count(&c, FINDING_DISK_SPILL), 0);
    c = scene_of("SELECT", sorted, SECOND);
    scene_measure(&c, QUERY, "temp_blocks", 1, 1280, 1280);
    assert_int_equal(scene_count(&c, FINDING_DISK_SPILL), 1);
    c = scene_of("SELECT", sorted, SECOND);
    scene_measure(&c, QUERY, "temp_blocks", 1, 1279, 1279);
    assert_int_equal(scene_count(&c, FINDING_DISK_SPILL), 0);
}

/* A log may have the files and not the durations; very much is worth a word in any case. */
static void files_count_where_their_query_has_no_time(void **state)
{
    (void)state;
    scene c = scene_of("SELECT", sorted, -1);
    scene_measure(&c, QUERY, "temp_files", 1, 10 * MIB, 10 * MIB);
    assert_int_equal(scene_count(&c, FINDING_DISK_SPILL), 1);
    c = scene_of("SELECT", sorted, 99 * MS);
    scene_measure(&c, QUERY, "temp_files", 1, 10 * MIB, 10 * MIB);
    assert_int_equal(scene_count(&c, FINDING_DISK_SPILL), 0);
    c = scene_of("SELECT", sorted, 99 * MS);
    scene_measure(&c, QUERY, "temp_files", 2, (int64_t)1024 * MIB, 600 * MIB);
    assert_int_equal(scene_count(&c, FINDING_DISK_SPILL), 1);
}

/* A flag says of each execution whether; a count of tables is of at least its average. */
static void executions_on_disk_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t sum, want;
    } cases[] = {{"tmp_table_on_disk", 7, 7}, {"filesort_on_disk", 3, 3}, {"used_disk", 20, 20},
                 {"tmp_disk_tables", 60, 20}, {"tmp_disk_tables", 5, 5},  {"merge_passes", 2, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scene c = scene_of("SELECT", sorted, SECOND);
        scene_measure(&c, QUERY, cases[i].name, 20, cases[i].sum, cases[i].sum);
        scene_analyse(&c, FINDING_DISK_SPILL);
        assert_int_equal(c.n, 1);
        assert_int_equal(evidence_number(&c.found[0], "executions_on_disk"), cases[i].want);
        scene_close(&c);
    }
}

static void what_never_used_the_disk_is_silent(void **state)
{
    (void)state;
    scene c = scene_of("SELECT", sorted, SECOND);
    scene_measure(&c, QUERY, "tmp_table_on_disk", 20, 0, 0);
    scene_measure(&c, QUERY, "merge_passes", 20, 0, 0);
    assert_int_equal(scene_count(&c, FINDING_DISK_SPILL), 0);
    c = scene_of("SELECT", sorted, 99 * MS);
    scene_measure(&c, QUERY, "tmp_table_on_disk", 20, 20, 1);
    assert_int_equal(scene_count(&c, FINDING_DISK_SPILL), 0);
}

static void indexes_are_made_on_disk(void **state)
{
    (void)state;
    scene c = scene_of("CREATE", "CREATE INDEX i ON orders (a)", SECOND);
    scene_measure(&c, QUERY, "temp_files", 4, 4000L * MIB, 1000 * MIB);
    assert_int_equal(scene_count(&c, FINDING_DISK_SPILL), 0);
    c = scene_of("ALTER", "ALTER TABLE orders ADD PRIMARY KEY (a)", SECOND);
    scene_measure(&c, QUERY, "tmp_disk_tables", 20, 20, 1);
    assert_int_equal(scene_count(&c, FINDING_DISK_SPILL), 0);
    c = scene_of("SELECT", "SELECT a FROM information_schema.tables", SECOND);
    scene_measure(&c, QUERY, "tmp_disk_tables", 20, 20, 1);
    assert_int_equal(scene_count(&c, FINDING_DISK_SPILL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(temporary_files_are_added_up),
        cmocka_unit_test(little_on_disk_stays_in_the_cache),
        cmocka_unit_test(files_count_where_their_query_has_no_time),
        cmocka_unit_test(executions_on_disk_are_counted),
        cmocka_unit_test(what_never_used_the_disk_is_silent),
        cmocka_unit_test(indexes_are_made_on_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
