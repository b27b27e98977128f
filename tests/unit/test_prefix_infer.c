/* test_prefix_infer.c - working out log_line_prefix from the lines that it wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parsers/postgres/prefix.h"

static arena memory;

static int set_up(void **state)
{
    (void)state;
    arena_init(&memory, 1u << 22);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&memory);
    return 0;
}

static void assert_inferred(const char *log, const char *want)
{
    slice setting;
    unsigned matched = 0;
    unsigned tried = 0;
    assert_true(prefix_infer(slice_from(log), &memory, &setting, &matched, &tried));
    assert_string_equal(setting.p, want);
    assert_int_equal(matched, tried);
}

static void assert_nothing_inferred(const char *log)
{
    slice setting;
    unsigned matched = 1;
    unsigned tried = 1;
    assert_false(prefix_infer(slice_from(log), &memory, &setting, &matched, &tried));
    assert_int_equal(matched, 0);
}

#define T(seconds) "2024-03-05 10:20:" #seconds

static void server_defaults_are_found_from_one_line(void **state)
{
    (void)state;
    assert_inferred(T(30.456) " UTC [77] LOG:  checkpoint starting: time\n", "%m [%p] ");
    assert_inferred(T(30.456) " UTC [77] joe@shop LOG:  statement: select 1\n", "%m [%p] %q%u@%d ");
    assert_inferred(T(30) " UTC-65e6f5ae.4d-LOG:  m\n", "%t-%c-");
    assert_inferred(T(30) " UTC:10.0.0.1(5000):joe@shop:[77]:LOG:  m\n", "%t:%r:%u@%d:[%p]:");
    assert_inferred("< " T(30.456) " CET >LOG:  m\n", "< %m >");
    assert_inferred("1709634030.456 [77] LOG:  m\n", "%n [%p] ");
}

static void services_that_show_empty_fields_are_found_from_one_line(void **state)
{
    (void)state;
    assert_inferred(T(30) " UTC::@:[77]:LOG:  checkpoint starting: time\n", "%t:%r:%u@%d:[%p]:");
    assert_inferred(T(30.456) " UTC [77]: [5-1] db=,user= LOG:  m\n",
                    "%m [%p]: [%l-1] db=%d,user=%u ");
}

static void empty_setting_is_an_answer(void **state)
{
    (void)state;
    assert_inferred("LOG:  statement: select 1\nERROR:  m\nSTATEMENT:  select 1\n", "");
}

static void other_logs_give_nothing(void **state)
{
    (void)state;
    assert_nothing_inferred("");
    assert_nothing_inferred("hello\n");
    assert_nothing_inferred(T(30.456) " UTC [1] LOG listening on [::]:6432\n");
    assert_nothing_inferred("some words ERROR: something\n");
    assert_nothing_inferred("\tLOG:  continued\n");
    assert_nothing_inferred("ERROR: one blank only\n");
}

static void fields_are_known_by_their_keys(void **state)
{
    (void)state;
    assert_inferred("pid=77,user=joe,db=shop,app=psql,client=10.0.0.1 LOG:  m\n"
                    "pid=5,user=,db=,app=,client= LOG:  m\n",
                    "pid=%p,user=%u,db=%d,app=%a,client=%h ");
    assert_inferred("user=joe,db=shop,time=" T(30) " UTC LOG:  m\n", "user=%u,db=%d,time=%t ");
    assert_inferred(" sql_error_code = 28000 FATAL:  m\n", " sql_error_code = %e ");
    assert_inferred(T(30) " UTC [77]: [8-1] [0] usr=joe,db=shop,appli=x LOG:  m\n" T(
                        31) " UTC [78]: [1-1] [0] usr=,db=,appli= LOG:  m\n",
                    "%t [%p]: [%l-1] [%x] usr=%u,db=%d,appli=%a ");
    assert_inferred(
        "code = 00000 at = \"" T(
            30.456) " UTC\" pid=\"77\" started=\"x\" "
                    "session_id=\"65e6f5ae.4d\" vtid=\"4/19\" tid=\"0\" log_line=\"3\" LOG:  m\n",
        "code = %e at = \"%m\" pid=\"%p\" started=\"%?\" session_id=\"%c\" "
        "vtid=\"%v\" tid=\"%x\" log_line=\"%l\" ");
    assert_inferred("S:65e6f5ae.4d N:3 T:0 V:4/19 E:00000 LOG:  m\n"
                    "S:65e6f5ae.4d N:4 T:0 V: E:57014 ERROR:  m\n",
                    "S:%c N:%l T:%x V:%v E:%e ");
}

static void application_names_do_not_break_the_setting(void **state)
{
    (void)state;
    assert_inferred(T(30.456) " UTC [7] [user=a,db=b,app=worker 2.1 jobs:mail[3 of 9 busy]] LOG:  "
                              "m\n" T(31.456) " UTC [8] [user=a,db=b,app=x y=z, w] LOG:  m\n" T(
                                  32.456) " UTC [9] LOG:  checkpoint starting: time\n",
                    "%m [%p] %q[user=%u,db=%d,app=%a] ");
    assert_inferred(
        T(30.456) " UTC rhost=10.0.0.1(5000) app=Some JDBC Driver:user=a:db=b:LOG:  m\n" T(
            31.456) " UTC rhost= app=:user=:db=:LOG:  m\n",
        "%m rhost=%r app=%a:user=%u:db=%d:");
}

static void stop_is_placed_where_background_lines_end(void **state)
{
    (void)state;
    assert_inferred(T(30.456) " UTC [77]: [2-1] LOG:  checkpoint starting: time\n" T(
                        31.456) " UTC [78]: [9-1] db=shop,user=joe LOG:  m\n",
                    "%m [%p]: [%l-1] %qdb=%d,user=%u ");
}

static void stop_is_not_guessed_where_background_lines_go_on(void **state)
{
    (void)state;
    assert_inferred(T(30.456) " UTC [77] db=,user= LOG:  checkpoint starting: time\n" T(
                        31.456) " UTC [78] db=shop,user=joe LOG:  m\n",
                    "%m [%p] db=%d,user=%u ");
}

static void positional_words_are_settled_by_messages(void **state)
{
    (void)state;
    assert_inferred(
        T(30.456) " UTC 10.0.0.1(5000) joe psql [65e6f5ae.4d] [77] LOG:  disconnection: session "
                  "time: 0:00:08.574 user=joe database=joe host=10.0.0.1 port=5000\n" T(
                      31.456) " UTC    [65e6f5ae.5] [5] LOG:  checkpoint starting: time\n",
        "%m %r %u %a [%c] [%p] ");
    assert_inferred(
        T(30.456) " UTC shop joe [77] LOG:  connection authorized: user=joe "
                  "database=shop\n" T(31.456) " UTC depot ann [78] LOG:  statement: select 1\n",
        "%m %d %u [%p] ");
}

static void positional_words_default_to_user_then_database(void **state)
{
    (void)state;
    assert_inferred(T(30.456) " GMT|joe|shop|65e6f5ae.4d|LOG:  m\n" T(
                        31.456) " GMT|[unknown]|[unknown]|65e6f5af.4e|LOG:  m\n",
                    "%m|%u|%d|%c|");
}

static void stamp_without_milliseconds_is_the_session_start(void **state)
{
    (void)state;
    assert_inferred("77-" T(10) " UTC-65e6f5ae.4d-3-10.0.0.1-joe-shop-" T(
                        30.456) " UTC LOG:  m\n"
                                "5-" T(00) " UTC-65e6f5a0.5-1----" T(31.456) " UTC LOG:  m\n",
                    "%p-%s-%c-%l-%h-%u-%d-%m ");
}

static void of_two_coarse_stamps_the_later_is_the_time(void **state)
{
    (void)state;
    assert_inferred(
        T(30) " UTC " T(10) " UTC [77] LOG:  m\n" T(31) " UTC " T(10) " UTC [77] LOG:  m\n",
        "%t %s [%p] ");
    assert_inferred(
        T(10) " UTC " T(30) " UTC [77] LOG:  m\n" T(10) " UTC " T(31) " UTC [77] LOG:  m\n",
        "%s %t [%p] ");
}

static void counters_are_told_from_processes(void **state)
{
    (void)state;
    assert_inferred(T(30) " UTC [417-3935] joe@shop LOG:  m\n", "%t [%p-%l] %q%u@%d ");
    assert_inferred(T(30) " UTC [417]: [39-1] LOG:  m\n", "%t [%p]: [%l-1] ");
}

static void sqlstates_are_told_from_numbers(void **state)
{
    (void)state;
    assert_inferred(T(30) " UTC [347]: [3-1] user=a,db=b - PG-57014 ERROR:  m\n" T(
                        31) " UTC [12000]: [1-1] user=,db= - PG-00000 LOG:  m\n",
                    "%t [%p]: [%l-1] user=%u,db=%d - PG-%e ");
    assert_inferred(T(30.456) " UTC [83] 00000: db=,user= LOG:  m\n" T(
                        31.456) " UTC [84] 42601: db=b,user=a ERROR:  m\n",
                    "%m [%p] %e: db=%d,user=%u ");
}

static void query_ids_and_transactions_are_settled_by_their_values(void **state)
{
    (void)state;
    assert_inferred(
        T(30.456) " UTC [83] 0 a@b LOG:  m\n" T(
            31.456) " UTC [84] -5403170839250925312 a@b LOG:  m\n" T(32.456) " UTC [85] 0 @ LOG:  "
                                                                             "checkpoint starting: "
                                                                             "time\n",
        "%m [%p] %Q %u@%d ");
    assert_inferred(
        T(30.456) " UTC [83][client backend][3/5][0] LOG:  m\n" T(
            31.456) " UTC [84][checkpointer][][0] LOG:  m\n" T(32.456) " UTC [85][autovacuum "
                                                                       "worker][9/1][2299] LOG:  "
                                                                       "m\n",
        "%m [%p][%b][%v][%x] ");
}

static void padding_is_found(void **state)
{
    (void)state;
    assert_inferred("[" T(30.456) " UTC] [   77] [joe     ] LOG:  m\n"
                                  "[" T(31.456) " UTC] [ 1234] [ann     ] LOG:  m\n"
                                                "[" T(32.456) " UTC] [12345] [alexander] LOG:  m\n",
                    "[%m] [%5p] %q[%-8u] ");
}

static void constant_words_are_literal(void **state)
{
    (void)state;
    assert_inferred(
        T(30.456) " UTC db7 [77] LOG:  checkpoint starting: time\n" T(
            31.456) " UTC db7 [78] a@b LOG:  m\n" T(32.456) " UTC db7 [79] c@d LOG:  m\n",
        "%m db7 [%p] %q%u@%d ");
}

static void percent_signs_are_doubled(void **state)
{
    (void)state;
    assert_inferred("%% " T(30.456) " UTC [77] LOG:  m\n", "%%%% %m [%p] ");
}

static void continuation_lines_and_foreign_lines_do_not_disturb(void **state)
{
    (void)state;
    slice setting;
    unsigned matched = 0;
    unsigned tried = 0;
    assert_true(
        prefix_infer(SLICE("select 1\n\tfrom t\n" T(
                         30.456) " UTC [77] a@b LOG:  m\r\n"
                                 "sh: ERROR: no such file\n" T(31.456) " UTC [78] a@b LOG:  m\r\n"),
                     &memory, &setting, &matched, &tried));
    assert_string_equal(setting.p, "%m [%p] %q%u@%d ");
    assert_int_equal(matched, 2);
    assert_int_equal(tried, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void lines_that_another_logger_wrapped_give_no_setting(void **state)
{
    (void)state;
    static const char *const logs[] = {
        "Nov 30 21:10:20 db1 postgres[55]: [1-1] 2025-11-30 21:10:20.100 UTC [55] LOG:  ready\n"
        "Nov 30 21:10:21 db1 postgres[56]: [1-1] 2025-11-30 21:10:21.200 UTC [56] LOG:  ready\n",
        "2025-11-30T21:10:20+00:00 db1 postgres[55]: [1-1] 2025-11-30 21:10:20.100 UTC [55] LOG:  "
        "a\n"
        "2025-11-30T21:10:21+00:00 db1 postgres[57]: [2-1] 2025-11-30 21:10:21.100 UTC [57] LOG:  "
        "b\n",
    };
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
        arena keep;
        slice setting;
        unsigned matched;
        unsigned tried;
        arena_init(&keep, 4 * 1024 * 1024);
        assert_false(prefix_infer(slice_from(logs[i]), &keep, &setting, &matched, &tried));
        arena_free(&keep);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(server_defaults_are_found_from_one_line),
        TEST(services_that_show_empty_fields_are_found_from_one_line),
        TEST(empty_setting_is_an_answer),
        TEST(other_logs_give_nothing),
        TEST(fields_are_known_by_their_keys),
        TEST(application_names_do_not_break_the_setting),
        TEST(stop_is_placed_where_background_lines_end),
        TEST(stop_is_not_guessed_where_background_lines_go_on),
        TEST(positional_words_are_settled_by_messages),
        TEST(positional_words_default_to_user_then_database),
        TEST(stamp_without_milliseconds_is_the_session_start),
        TEST(of_two_coarse_stamps_the_later_is_the_time),
        TEST(counters_are_told_from_processes),
        TEST(sqlstates_are_told_from_numbers),
        TEST(query_ids_and_transactions_are_settled_by_their_values),
        TEST(padding_is_found),
        TEST(constant_words_are_literal),
        TEST(percent_signs_are_doubled),
        TEST(continuation_lines_and_foreign_lines_do_not_disturb),
        cmocka_unit_test(lines_that_another_logger_wrapped_give_no_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
