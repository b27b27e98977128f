/* test_mongodb_profiler.c - documents of system.profile in their three notations, and of old
 * servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mongodb_fixture.h"
#include "parsers/mongodb/profiler.h"
#include "parsers/mongodb/structured.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define AT_MS        "1795096987123" /* 2026-11-19 14:03:07.123 UTC */

static const event *read_one(reading *r, const char *log)
{
    read_log(r, &mongodb_profiler, log);
    return only(r);
}

static void all_notations_say_the_same(void **state)
{
    (void)state;
    static const char *const documents[] = {
        "{\"op\":\"query\",\"ns\":\"shop.c\",\"command\":{\"find\":\"c\"},\"docsExamined\":100,"
        "\"nreturned\":5,\"millis\":12,\"ts\":{\"$date\":\"2026-11-19T14:03:07.123Z\"},"
        "\"client\":\"10.0.0.7\",\"user\":\"bob@admin\",\"execStats\":{\"nReturned\":7}}\n",
        "{\"op\":\"query\",\"ns\":\"shop.c\",\"command\":{\"find\":\"c\"},\"docsExamined\":{"
        "\"$numberInt\":\"100\"},\"nreturned\":{\"$numberLong\":\"5\"},\"millis\":{\"$numberInt\":"
        "\"12\"},\"ts\":{\"$date\":{\"$numberLong\":\"" AT_MS
        "\"}},\"client\":\"10.0.0.7\",\"user\":"
        "\"bob@admin\"}\n",
        "{ \"op\" : \"query\", \"ns\" : \"shop.c\", \"command\" : { \"find\" : \"c\" }, "
        "\"docsExamined\" "
        ": 100, \"nreturned\" : 5, \"millis\" : 12, \"ts\" : { \"$date\" : " AT_MS
        " }, \"client\" : "
        "\"10.0.0.7\", \"user\" : \"bob@admin\" }\n",
    };
    for (size_t i = 0; i < COUNT(documents); i++) {
        reading r;
        const event *e = read_one(&r, documents[i]);
        assert_int_equal(e->kind, EVENT_STATEMENT);
        assert_true(e->time == INT64_C(1795096987123000));
        assert_int_equal(e->duration, 12000);
        assert_int_equal(measure_of(&r, e, MEASURE_ROWS_EXAMINED), 100);
        assert_int_equal(measure_of(&r, e, MEASURE_ROWS_SENT), 5);
        is_text(who_of(&r, e)->host, "10.0.0.7");
        is_text(who_of(&r, e)->user, "bob@admin");
        assert_true((e->has & HAS_SESSION) == 0);
        end(&r);
    }
}

/* The profiler has other names for some figures than the log. */
static void figures_have_the_profiler_s_names(void **state)
{
    (void)state;
    reading r;
    const event *e = read_one(
        &r, "{\"op\":\"update\",\"ns\":\"shop.c\",\"command\":{\"q\":{\"a\":1},\"u\":{\"b\":2}},"
            "\"numYield\":3,\"responseLength\":60,\"waitForWriteConcernDuration\":4,\"millis\":12,"
            "\"allUsers\":[{\"user\":\"bob\",\"db\":\"admin\"}],"
            "\"ts\":{\"$date\":\"2026-11-19T14:03:07.123Z\"}}\n");
    assert_int_equal(measure_of(&r, e, MEASURE_YIELDS), 3);
    assert_int_equal(measure_of(&r, e, MEASURE_BYTES_SENT), 60);
    assert_int_equal(measure_of(&r, e, MEASURE_WRITE_CONCERN_TIME), 4000);
    assert_int_equal(e->duration, 12000);
    end(&r);
}

static void queries_of_old_servers_become_commands(void **state)
{
    (void)state;
    reading r;
    const event *e = read_one(
        &r,
        "{\"op\":\"query\",\"ns\":\"shop.c\",\"query\":{\"$query\":{\"a\":1},\"$orderby\":{\"b\":"
        "-1}},\"nscanned\":100,\"millis\":14,\"ts\":{\"$date\":" AT_MS "}}\n");
    is_text(e->text,
            "{\"type\":\"query\",\"ns\":\"shop.c\",\"command\":{\"find\":\"c\",\"filter\":{"
            "\"a\":1},\"sort\":{\"b\":-1}}");
    assert_int_equal(measure_of(&r, e, MEASURE_KEYS_EXAMINED), 100);
    end(&r);
    e = read_one(
        &r, "{\"op\":\"update\",\"ns\":\"shop.c\",\"query\":{\"_id\":5},\"updateobj\":{\"$set\""
            ":{\"a\":1}},\"millis\":15,\"ts\":{\"$date\":" AT_MS "}}\n");
    is_text(e->text, "{\"type\":\"update\",\"ns\":\"shop.c\",\"command\":{\"q\":{\"_id\":5},\"u\":{"
                     "\"$set\":{\"a\":1}}}");
    end(&r);
}

static void a_command_that_was_too_large_is_cut(void **state)
{
    (void)state;
    reading r;
    const event *e =
        read_one(&r, "{\"op\":\"query\",\"ns\":\"shop.c\",\"command\":{\"$truncated\":\"{ "
                     "find: \\\"c\\\"\"},\"millis\":15,\"ts\":{\"$date\":" AT_MS "}}\n");
    assert_true((e->has & TEXT_TRUNCATED) != 0);
    end(&r);
}

static void other_documents_are_skipped(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "{\"op\":\"query\"}\n",
        "{\"op\":\"query\",\"ns\":\"a.b\",\"millis\":5}\n",
        "{\"op\":\"query\",\"ns\":\"a.b\",\"millis\":5,\"ts\":{\"$date\":true}}\n",
        "ISODate\n",
    };
    for (size_t i = 0; i < COUNT(lines); i++) {
        reading r;
        read_log(&r, &mongodb_profiler, lines[i]);
        assert_int_equal(r.batch.skipped[SKIP_FOREIGN].count, 1);
        end(&r);
    }
}

static void the_formats_are_told_apart(void **state)
{
    (void)state;
    format_options none = {0};
    slice profile =
        SLICE("{\"op\":\"query\",\"ns\":\"shop.c\",\"command\":{\"find\":\"c\"},\"millis\":1,"
              "\"ts\":{\"$date\":" AT_MS "}}\n");
    slice log =
        SLICE("{\"t\":{\"$date\":\"2026-11-19T14:03:07.123Z\"},\"s\":\"I\",\"c\":\"-\",\"id\":1,"
              "\"ctx\":\"x\",\"msg\":\"y\"}\n");
    assert_int_equal(mongodb_profiler.detect(profile, &none), 100);
    assert_int_equal(mongodb_profiler.detect(log, &none), 0);
    assert_int_equal(mongodb_structured.detect(profile, &none), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_notations_say_the_same),
        cmocka_unit_test(figures_have_the_profiler_s_names),
        cmocka_unit_test(queries_of_old_servers_become_commands),
        cmocka_unit_test(a_command_that_was_too_large_is_cut),
        cmocka_unit_test(other_documents_are_skipped),
        cmocka_unit_test(the_formats_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
