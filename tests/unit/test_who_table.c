/* test_who_table.c - numbers for who ran it: sharing, folded counters, bounded values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "digest/who_table.h"

static uint32_t add(who_table *t, who w)
{
    bool is_new;
    return who_table_add(t, &w, &is_new);
}

static uint32_t add_user(who_table *t, const char *user)
{
    return add(t, (who){.user = slice_from(user)});
}

static void a_combination_has_one_number_and_is_new_once(void **state)
{
    (void)state;
    who_table t;
    bool is_new;
    who_table_init(&t);
    char name[] = "app";
    who w = {.database = SLICE("shop"), .user = slice_of(name, 3)};
    assert_int_equal(who_table_add(&t, &w, &is_new), 0);
    assert_true(is_new);
    assert_int_equal(who_table_add(&t, &w, &is_new), 0);
    assert_false(is_new);
    name[0] = 'x'; /* the table has a copy of its own */
    assert_true(slice_is(t.entries[0].who.user, "app"));
    assert_int_equal(who_table_add(&t, &w, &is_new), 1);
    assert_true(is_new);
    assert_int_equal(add(&t, (who){.database = SLICE("app"), .user = SLICE("shop")}), 2);
    who_table_free(&t);
}

static void many_combinations_keep_their_numbers_as_the_table_grows(void **state)
{
    (void)state;
    enum { N = 5000 };
    who_table t;
    who_table_init(&t);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < N; i++) {
            char user[16];
            char host[16];
            snprintf(user, sizeof user, "u%u", i % 100);
            snprintf(host, sizeof host, "h%u", i / 100);
            assert_int_equal(add(&t, (who){.user = slice_from(user), .host = slice_from(host)}), i);
        }
    }
    assert_int_equal(t.n, N);
    who_table_free(&t);
}

static void counters_within_brackets_of_an_application_are_folded(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"worker [3 of 50 busy]", "worker [N of N busy]"},
        {"worker [12]", "worker [N]"},
        {"puma 5.6 [1] 7", "puma 5.6 [N] 7"},
        {"a[1[22]3]4", "a[N[N]N]4"},
        {"cut [123", "cut [N"},
        {"closed] 12", "closed] 12"},
        {"psql14", "psql14"},
        {"[]", "[]"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        who_table t;
        who_table_init(&t);
        uint32_t id = add(&t, (who){.application = slice_from(cases[i][0])});
        assert_true(slice_is(t.entries[id].who.application, cases[i][1]));
        who_table_free(&t);
    }
}

static void counters_are_folded_in_applications_alone(void **state)
{
    (void)state;
    who_table t;
    who_table_init(&t);
    slice name = SLICE("x[1]");
    uint32_t id = add(&t, (who){.database = name, .user = name, .host = name});
    assert_true(slice_equal(t.entries[id].who.database, name));
    assert_true(slice_equal(t.entries[id].who.user, name));
    assert_true(slice_equal(t.entries[id].who.host, name));
    who_table_free(&t);
}

static void the_value_past_the_bound_becomes_other(void **state)
{
    (void)state;
    char user[16];
    who_table t;
    who_table_init(&t);
    for (unsigned i = 0; i < WHO_VALUES_MAX; i++) {
        snprintf(user, sizeof user, "u%u", i);
        add_user(&t, user);
    }
    uint32_t other = add_user(&t, "late");
    assert_true(slice_is(t.entries[other].who.user, "other"));
    assert_int_equal(add_user(&t, "later"), other);
    assert_int_equal(add_user(&t, "u0"), 0);
    assert_int_equal(add_user(&t, "u999"), 999);
    /* Another dimension has a bound of its own, and the empty value is none. */
    uint32_t id = add(&t, (who){.database = SLICE("shop")});
    assert_true(slice_is(t.entries[id].who.database, "shop"));
    assert_int_equal(t.entries[id].who.user.n, 0);
    who_table_free(&t);
}

static void tags_have_a_bound_for_each_key(void **state)
{
    (void)state;
    char value[16];
    who_table t;
    who_table_init(&t);
    uint32_t plain = add(&t, (who){.user = SLICE("app")});
    for (unsigned i = 0; i < WHO_VALUES_MAX; i++) {
        snprintf(value, sizeof value, "v%u", i);
        assert_true(who_table_know(&t, SLICE("tag:route"), slice_from(value)));
    }
    uint32_t known = add(&t, (who){.user = SLICE("app"), .tags = SLICE("action\0a\0route\0v7\0")});
    uint32_t late = add(&t, (who){.user = SLICE("app"), .tags = SLICE("action\0a\0route\0late\0")});
    assert_int_not_equal(known, plain);
    assert_true(slice_equal(t.entries[known].who.tags, SLICE("action\0a\0route\0v7\0")));
    assert_true(slice_equal(t.entries[late].who.tags, SLICE("action\0a\0route\0other\0")));
    assert_int_equal(
        add(&t, (who){.user = SLICE("app"), .tags = SLICE("action\0a\0route\0later\0")}), late);
    who_table_free(&t);
}

static void keys_of_tags_past_their_bound_are_left_out(void **state)
{
    (void)state;
    char key[16];
    who_table t;
    who_table_init(&t);
    for (unsigned i = 0; i < WHO_TAG_KEYS_MAX; i++) {
        snprintf(key, sizeof key, "tag:k%02u", i);
        assert_true(who_table_know(&t, slice_from(key), SLICE("a")));
    }
    uint32_t id = add(&t, (who){.tags = SLICE("k00\0a\0z\0a\0")});
    assert_true(slice_equal(t.entries[id].who.tags, SLICE("k00\0a\0")));
    who_table_free(&t);
}

/* A second run learns the names from the store, where `other` is one of them: it must not
 * take the place of a name that the first run had. */
static void other_does_not_count_as_a_value(void **state)
{
    (void)state;
    char user[16];
    who_table t;
    who_table_init(&t);
    assert_true(who_table_know(&t, SLICE("user"), SLICE("other")));
    for (unsigned i = 0; i < WHO_VALUES_MAX; i++) {
        snprintf(user, sizeof user, "u%u", i);
        assert_true(who_table_know(&t, SLICE("user"), slice_from(user)));
    }
    uint32_t last = add_user(&t, "u999");
    assert_true(slice_is(t.entries[last].who.user, "u999"));
    uint32_t other = add_user(&t, "late");
    assert_true(slice_is(t.entries[other].who.user, "other"));
    assert_int_equal(add_user(&t, "other"), other);
    who_table_free(&t);
}

static void names_that_are_too_long_are_cut(void **state)
{
    (void)state;
    char name[1000];
    memset(name, '7', sizeof name);
    name[0] = '[';
    who_table t;
    who_table_init(&t);
    slice text = slice_of(name, sizeof name);
    uint32_t id = add(&t, (who){.database = text, .user = text, .application = text, .host = text});
    assert_int_equal(t.entries[id].who.database.n, 256);
    assert_int_equal(t.entries[id].who.user.n, 256);
    assert_int_equal(t.entries[id].who.host.n, 256);
    assert_true(slice_is(t.entries[id].who.application, "[N"));
    who_table_free(&t);
}

static void what_facts_are_about_has_a_bound_for_each_kind(void **state)
{
    (void)state;
    who_table t;
    who_table_init(&t);
    char name[16];
    for (int i = 0; i < WHO_VALUES_MAX; i++) {
        snprintf(name, sizeof name, "e%d", i);
        assert_true(slice_is(who_table_subject(&t, FACT_ERROR, slice_from(name)), name));
    }
    assert_true(slice_is(who_table_subject(&t, FACT_ERROR, SLICE("one more")), WHO_OTHER));
    assert_true(slice_is(who_table_subject(&t, FACT_ERROR, SLICE("e0")), "e0"));
    assert_true(slice_is(who_table_subject(&t, FACT_VACUUM, SLICE("one more")), "one more"));
    assert_int_equal(who_table_subject(&t, FACT_TEMP_FILE, SLICE("")).n, 0);
    who_table later;
    who_table_init(&later);
    assert_true(who_table_know(&later, SLICE("fact:vacuum"), SLICE("v")));
    assert_int_equal(later.subjects[FACT_VACUUM].n, 1);
    assert_true(who_table_know(&later, SLICE("fact:of another release"), SLICE("v")));
    assert_true(who_table_know_all(&later, &t));
    assert_int_equal(later.subjects[FACT_VACUUM].n, 2);
    assert_true(slice_is(who_table_subject(&later, FACT_ERROR, SLICE("one more")), WHO_OTHER));
    who_table_free(&t);
    who_table_free(&later);
}

static void attributes_have_a_bound_and_keep_their_ids_in_a_new_table(void **state)
{
    (void)state;
    who_table t;
    who_table renewed;
    who_table_init(&t);
    who_table_init(&renewed);
    for (uint32_t i = 0; i < ATTRIBUTES_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "count:N%u", i * 37 % ATTRIBUTES_MAX);
        assert_int_equal(who_table_measure(&t, slice_from(name)), MEASURE_COUNT + i);
    }
    assert_int_equal(who_table_measure(&t, SLICE("count:More")), WHO_LEFT_OUT);
    assert_int_equal(who_table_measure(&t, SLICE("us:N0")), WHO_LEFT_OUT);
    assert_int_equal(who_table_measure(&t, SLICE("rows_sent")), MEASURE_ROWS_SENT);
    assert_true(who_table_know_all(&renewed, &t));
    for (uint32_t i = 0; i < ATTRIBUTES_MAX; i++) {
        slice name = who_table_measure_name(&t, MEASURE_COUNT + i);
        assert_int_equal(who_table_measure(&renewed, name), MEASURE_COUNT + i);
    }
    assert_true(slice_is(who_table_measure_name(&t, MEASURE_ROWS_SENT), "rows_sent"));
    who_table_free(&renewed);
    who_table_free(&t);
}

static void attributes_are_known_by_the_names_in_a_store(void **state)
{
    (void)state;
    who_table t;
    who_table_init(&t);
    assert_true(who_table_know(&t, SLICE(WHO_ATTRIBUTE), SLICE("us:Foo_time")));
    assert_int_equal(t.n_attributes, 1);
    assert_int_equal(who_table_measure(&t, SLICE("us:Foo_time")), MEASURE_COUNT);
    who_table_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_combination_has_one_number_and_is_new_once),
        cmocka_unit_test(many_combinations_keep_their_numbers_as_the_table_grows),
        cmocka_unit_test(counters_within_brackets_of_an_application_are_folded),
        cmocka_unit_test(counters_are_folded_in_applications_alone),
        cmocka_unit_test(the_value_past_the_bound_becomes_other),
        cmocka_unit_test(tags_have_a_bound_for_each_key),
        cmocka_unit_test(keys_of_tags_past_their_bound_are_left_out),
        cmocka_unit_test(other_does_not_count_as_a_value),
        cmocka_unit_test(names_that_are_too_long_are_cut),
        cmocka_unit_test(what_facts_are_about_has_a_bound_for_each_kind),
        cmocka_unit_test(attributes_have_a_bound_and_keep_their_ids_in_a_new_table),
        cmocka_unit_test(attributes_are_known_by_the_names_in_a_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
