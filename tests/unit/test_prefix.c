/* test_prefix.c - compiling log_line_prefix and matching lines against it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/timestamp.h"
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

static const prefix *compiled(const char *setting)
{
    const prefix *p = NULL;
    status st = {.code = STATUS_OK};
    assert_true(prefix_compile(slice_from(setting), &memory, &p, &st));
    return p;
}

static prefix_fields matched(const char *setting, const char *line)
{
    prefix_fields f;
    assert_true(prefix_match(compiled(setting), slice_from(line), &f));
    return f;
}

static bool matches(const char *setting, const char *line)
{
    prefix_fields f;
    return prefix_match(compiled(setting), slice_from(line), &f);
}

static void assert_text(slice have, const char *want)
{
    assert_int_equal(have.n, strlen(want));
    assert_memory_equal(have.p, want, have.n);
}

static int64_t utc(int year, int month, int day, int second_of_day)
{
    return (days_from_civil(year, month, day) * 86400 + second_of_day) * 1000000;
}

/* --- compiling */

static void compile_error(const char *setting, const char *part)
{
    const prefix *p = NULL;
    status st = {.code = STATUS_OK};
    assert_false(prefix_compile(slice_from(setting), &memory, &p, &st));
    assert_int_equal(st.code, STATUS_USAGE);
    assert_non_null(strstr(st.text, part));
}

static void unknown_escapes_are_named_with_their_position(void **state)
{
    (void)state;
    compile_error("%m [%z] ", "unknown escape '%z' at position 5");
    compile_error("%-12y", "unknown escape '%-12y' at position 1");
    compile_error("%m %", "unfinished escape '%' at position 4");
    compile_error("%m %-5", "unfinished escape '%-5' at position 4");
    compile_error("%99999999999999999999u", "at position 1");
}

static void settings_beyond_the_limit_are_refused(void **state)
{
    (void)state;
    char setting[PREFIX_SETTING_MAX + 2];
    memset(setting, 'x', sizeof setting);
    setting[sizeof setting - 1] = '\0';
    compile_error(setting, "1025 bytes");
    setting[PREFIX_SETTING_MAX] = '\0';
    assert_non_null(compiled(setting));
}

static void setting_tells_which_fields_it_gives(void **state)
{
    (void)state;
    assert_int_equal(prefix_gives(compiled("")), 0);
    assert_int_equal(prefix_gives(compiled("%% %?")), 0);
    assert_int_equal(prefix_gives(compiled("%m [%p] %q%u@%d ")),
                     PREFIX_TIME | PREFIX_PID | PREFIX_USER | PREFIX_DATABASE);
    assert_int_equal(prefix_gives(compiled("%t %c %a %r %e %Q %l %b")),
                     PREFIX_TIME | PREFIX_SESSION_ID | PREFIX_APPLICATION | PREFIX_HOST |
                         PREFIX_SQLSTATE | PREFIX_QUERY_ID | PREFIX_LINE_NUMBER | PREFIX_OTHER);
}

static void clock_resolution_is_that_of_the_finest_time(void **state)
{
    (void)state;
    assert_int_equal(prefix_clock_resolution(compiled("%m ")), 1000);
    assert_int_equal(prefix_clock_resolution(compiled("%n ")), 1000);
    assert_int_equal(prefix_clock_resolution(compiled("%t ")), 1000000);
    assert_int_equal(prefix_clock_resolution(compiled("%t %m ")), 1000);
    assert_int_equal(prefix_clock_resolution(compiled("[%p] %s ")), 0);
}

/* --- the severity word and the message */

static void every_severity_word_ends_the_prefix(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        severity level;
    } rows[] = {{"DEBUG:  m", SEVERITY_DEBUG},         {"DEBUG1:  m", SEVERITY_DEBUG},
                {"DEBUG5:  m", SEVERITY_DEBUG},        {"LOG:  m", SEVERITY_LOG},
                {"INFO:  m", SEVERITY_INFO},           {"NOTICE:  m", SEVERITY_NOTICE},
                {"WARNING:  m", SEVERITY_WARNING},     {"ERROR:  m", SEVERITY_ERROR},
                {"FATAL:  m", SEVERITY_FATAL},         {"PANIC:  m", SEVERITY_PANIC},
                {"DETAIL:  m", SEVERITY_DETAIL},       {"HINT:  m", SEVERITY_HINT},
                {"CONTEXT:  m", SEVERITY_CONTEXT},     {"STATEMENT:  m", SEVERITY_STATEMENT},
                {"QUERY:  m", SEVERITY_QUERY},         {"LOCATION:  m", SEVERITY_LOCATION},
                {"BACKTRACE:  m", SEVERITY_BACKTRACE}, {"LOG: m", SEVERITY_LOG}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        prefix_fields f = matched("", rows[i].line);
        assert_int_equal(f.severity, rows[i].level);
        assert_text(slice_skip(slice_from(rows[i].line), f.message), "m");
    }
}

static void words_that_are_no_severity_do_not_match(void **state)
{
    (void)state;
    static const char *const rows[] = {"LOG  m",   "LOGS:  m", "log:  m",    "DEBUG6:  m", "",
                                       "ERROR",    ":  m",     "\tLOG:  m",  "LOG:m",      "L",
                                       "2021 LOG", "LO",       "WARNINGS: m"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_false(matches("", rows[i]));
    }
}

static void blanks_beyond_two_belong_to_the_message(void **state)
{
    (void)state;
    prefix_fields f = matched("", "STATEMENT:      SELECT 1");
    assert_int_equal(f.message, strlen("STATEMENT:  "));
}

static void messages_may_be_empty(void **state)
{
    (void)state;
    assert_int_equal(matched("", "LOG:").message, 4);
    assert_int_equal(matched("", "LOG:  ").message, 6);
    assert_int_equal(matched("", "LOG:\n").message, 4);
}

static void verbose_code_goes_to_sqlstate(void **state)
{
    (void)state;
    const char *line = "[7] ERROR:  42P01: relation \"x\" does not exist";
    prefix_fields f = matched("[%p] ", line);
    assert_text(f.sqlstate, "42P01");
    assert_text(slice_skip(slice_from(line), f.message), "relation \"x\" does not exist");
    assert_text(matched("[%p] ", "[7] LOG:  00000: m").sqlstate, "00000");
    assert_text(matched("[%p] ", "[7] FATAL:  XX000: m").sqlstate, "XX000");
}

static void words_before_a_colon_are_no_verbose_code(void **state)
{
    (void)state;
    assert_int_equal(matched("", "ERROR:  ABCDE: m").sqlstate.n, 0);
    assert_int_equal(matched("", "DETAIL:  00000: m").sqlstate.n, 0);
    assert_int_equal(matched("", "LOG:  00000 m").sqlstate.n, 0);
    assert_int_equal(matched("", "LOG:  00000:").sqlstate.n, 0);
}

static void pooler_log_without_colon_does_not_match(void **state)
{
    (void)state;
    assert_false(matches("%m [%p] ", "2024-03-05 10:20:30.400 UTC [1] LOG listening on [::]:6432"));
}

/* --- fields of fixed shape */

static void times_are_turned_into_utc(void **state)
{
    (void)state;
    prefix_fields f = matched("%m [%p] ", "2024-03-05 10:20:30.456 CET [77] LOG:  m");
    assert_true(f.has_time);
    assert_int_equal(f.zone_offset, 3600);
    assert_int_equal(f.time, utc(2024, 3, 5, 9 * 3600 + 20 * 60 + 30) + 456000);
    assert_text(f.zone, "CET");
    assert_text(f.pid, "77");
    f = matched("%t ", "2024-03-05 10:20:30 -0330 LOG:  m");
    assert_int_equal(f.zone_offset, -12600);
    assert_int_equal(f.time, utc(2024, 3, 5, 10 * 3600 + 20 * 60 + 30 + 12600));
    assert_text(f.zone, "-0330");
}

static void zone_stops_where_the_setting_goes_on(void **state)
{
    (void)state;
    assert_int_equal(matched("%t:%h:", "2024-03-05 10:20:30 +03:10.0.0.1:LOG:  m").zone_offset,
                     10800);
    assert_int_equal(matched("%t-%c-", "2024-03-05 10:20:30 UTC-65e6f5ae.4d-LOG:  m").zone_offset,
                     0);
    assert_int_equal(matched("%t ", "2024-03-05 10:20:30 +05:30 LOG:  m").zone_offset, 19800);
}

static void unknown_zone_is_read_as_utc_and_told(void **state)
{
    (void)state;
    prefix_fields f = matched("%t ", "1970-01-01 00:00:01 QQQ LOG:  m");
    assert_true(f.unknown_zone);
    assert_true(f.has_time);
    assert_int_equal(f.time, 1000000);
    assert_text(f.zone, "QQQ");
}

static void stamp_that_is_no_date_still_matches(void **state)
{
    (void)state;
    prefix_fields f = matched("%m [%p] ", "2024-13-05 10:20:30.456 UTC [77] LOG:  m");
    assert_false(f.has_time);
    assert_true(f.bad_time);
    assert_text(f.pid, "77");
}

static void seconds_and_milliseconds_are_told_apart(void **state)
{
    (void)state;
    assert_false(matches("%t ", "2024-03-05 10:20:30.456 UTC LOG:  m"));
    assert_false(matches("%m ", "2024-03-05 10:20:30 UTC LOG:  m"));
}

static void epoch_time_has_no_zone(void **state)
{
    (void)state;
    prefix_fields f = matched("%n [%p] ", "1709634030.456 [77] LOG:  m");
    assert_true(f.has_time);
    assert_int_equal(f.time, 1709634030456000);
    assert_int_equal(f.zone.n, 0);
}

static void session_start_is_not_the_time(void **state)
{
    (void)state;
    prefix_fields f = matched("%s|%m|%c|%l|", "2024-03-05 10:00:00 UTC|2024-03-05 10:20:30.456 UTC|"
                                              "65e6f5ae.4d|12|LOG:  m");
    assert_int_equal(f.time, utc(2024, 3, 5, 10 * 3600 + 20 * 60 + 30) + 456000);
    assert_text(f.session_start, "2024-03-05 10:00:00 UTC");
    assert_text(f.session_id, "65e6f5ae.4d");
    assert_text(f.line_number, "12");
}

static void transaction_fields_may_be_empty(void **state)
{
    (void)state;
    prefix_fields f = matched("[%p][%v][%x][%P] ", "[77][][0][] LOG:  m");
    assert_int_equal(f.vxid.n, 0);
    assert_int_equal(f.leader_pid.n, 0);
    assert_text(f.xid, "0");
    f = matched("[%p][%v][%x][%P] ", "[77][4/19][731][70] LOG:  m");
    assert_text(f.vxid, "4/19");
    assert_text(f.xid, "731");
    assert_text(f.leader_pid, "70");
}

static void query_id_is_signed_and_zero_is_none(void **state)
{
    (void)state;
    prefix_fields f = matched("[%Q] ", "[-9223372036854775808] LOG:  m");
    assert_true(f.has_query_id);
    assert_true(f.query_id == INT64_MIN);
    f = matched("[%Q] ", "[9223372036854775807] LOG:  m");
    assert_true(f.query_id == INT64_MAX);
    assert_false(matched("[%Q] ", "[0] LOG:  m").has_query_id);
    assert_false(matched("[%Q] ", "[99999999999999999999] LOG:  m").has_query_id);
}

static void sqlstate_is_five_digits_and_capitals(void **state)
{
    (void)state;
    assert_text(matched("%e ", "57014 ERROR:  m").sqlstate, "57014");
    assert_false(matches("%e ", "5701 ERROR:  m"));
    assert_false(matches("%e ", "5701a ERROR:  m"));
}

/* --- fields of any text */

static void unknown_and_empty_fields_are_absent(void **state)
{
    (void)state;
    prefix_fields f =
        matched("[%p] user=%u,db=%d,app=%a,client=%h ",
                "[9] user=[unknown],db=[unknown],app=[unknown],client=[local] LOG:  m");
    assert_int_equal(f.user.n, 0);
    assert_int_equal(f.database.n, 0);
    assert_int_equal(f.application.n, 0);
    assert_text(f.host, "[local]");
    f = matched("[%p] user=%u,db=%d,app=%a,client=%h ", "[9] user=,db=,app=,client= LOG:  m");
    assert_int_equal(f.user.n, 0);
    assert_int_equal(f.host.n, 0);
}

static void stop_ends_the_prefix_of_background_processes(void **state)
{
    (void)state;
    prefix_fields f = matched("[%p] %q%u@%d ", "[9] LOG:  m");
    assert_text(f.pid, "9");
    assert_int_equal(f.user.n, 0);
    f = matched("[%p] %q%u@%d ", "[9] joe@shop LOG:  m");
    assert_text(f.user, "joe");
    assert_text(f.database, "shop");
    assert_text(matched("[%p] %q[app=%a] ", "[9] [app=x] LOG:  m").application, "x");
    assert_false(matches("[%p] %q%u@%d ", "[9] joe LOG:  m"));
}

static void fields_behind_a_stop_are_not_left_from_a_failed_try(void **state)
{
    (void)state;
    prefix_fields f = matched("%a %q%u@%d ", "x y@z LOG: LOG:  m");
    assert_text(f.application, "x");
    assert_text(f.user, "y");
    f = matched("%a %q%u@%d!", "x y@z LOG:  m");
    assert_text(f.application, "x y@z");
    assert_int_equal(f.user.n, 0);
    assert_int_equal(f.database.n, 0);
}

static void application_names_hold_blanks_and_brackets(void **state)
{
    (void)state;
    const char *setting = "%q[user=%u,db=%d,app=%a] ";
    assert_text(
        matched(setting, "[user=a,db=b,app=worker 2.1 jobs:mail[3 of 9 busy]] LOG:  m").application,
        "worker 2.1 jobs:mail[3 of 9 busy]");
    assert_text(matched("%m rhost=%r app=%a:user=%u:db=%d:",
                        "2024-03-05 10:20:30.456 UTC rhost=10.0.0.1(5000) "
                        "app=Some JDBC Driver:user=a:db=b:LOG:  m")
                    .application,
                "Some JDBC Driver");
}

static void users_without_blanks_are_preferred(void **state)
{
    (void)state;
    prefix_fields f = matched("%a %u %h ", "Some JDBC Driver joe 10.0.0.1 LOG:  m");
    assert_text(f.application, "Some JDBC Driver");
    assert_text(f.user, "joe");
    assert_text(f.host, "10.0.0.1");
}

static void users_and_databases_may_hold_blanks(void **state)
{
    (void)state;
    prefix_fields f = matched("[%p] %u@%d ", "[9] joe the user@my shop LOG:  m");
    assert_text(f.user, "joe the user");
    assert_text(f.database, "my shop");
}

static void positional_fields_may_all_be_empty(void **state)
{
    (void)state;
    prefix_fields f = matched("%r %u %a [%c] [%p] ", "   [65e6f5ae.4d] [77] LOG:  m");
    assert_int_equal(f.host.n, 0);
    assert_int_equal(f.user.n, 0);
    assert_int_equal(f.application.n, 0);
    assert_text(f.session_id, "65e6f5ae.4d");
}

static void hosts_lose_their_port(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *host;
    } rows[] = {{":10.0.0.1(5000):joe@shop:LOG:  m", "10.0.0.1"},
                {":db-3.example.org(5000):joe@shop:LOG:  m", "db-3.example.org"},
                {":[local]:joe@shop:LOG:  m", "[local]"},
                {":::1(5000):joe@shop:LOG:  m", "::1"},
                {":::1:joe@shop:LOG:  m", "::1"},
                {":fe80::1ff:fe23:4567:890a(5000):joe@shop:LOG:  m", "fe80::1ff:fe23:4567:890a"},
                {":2001:db8:0:1:1:1:1:1:joe@shop:LOG:  m", "2001:db8:0:1:1:1:1:1"},
                {":10.0.0.1:joe@shop:LOG:  m", "10.0.0.1"},
                {"::joe@shop:LOG:  m", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        prefix_fields f = matched(":%r:%u@%d:", rows[i].line);
        assert_text(f.host, rows[i].host);
        assert_text(f.user, "joe");
        assert_text(f.database, "shop");
    }
}

static void hosts_hold_no_blank(void **state)
{
    (void)state;
    assert_false(matches("%h|", "two words|LOG:  m"));
}

static void command_tags_and_backend_types_are_text(void **state)
{
    (void)state;
    prefix_fields f = matched("%b [%p] %i: ", "autovacuum worker [9] idle in transaction: LOG:  m");
    assert_text(f.backend_type, "autovacuum worker");
    assert_text(f.command_tag, "idle in transaction");
}

static void padding_is_no_part_of_the_value(void **state)
{
    (void)state;
    prefix_fields f =
        matched("[%-10u] [%8d] [%5p] [%-5l] ", "[joe       ] [    shop] [   77] [3    ] LOG:  m");
    assert_text(f.user, "joe");
    assert_text(f.database, "shop");
    assert_text(f.pid, "77");
    assert_text(f.line_number, "3");
    f = matched("%-5u%3p ", "joe     77 LOG:  m");
    assert_text(f.user, "joe");
    assert_text(f.pid, "77");
    f = matched("%-3u%2p ", "alexandra12345 LOG:  m");
    assert_text(f.user, "alexandra");
    assert_text(f.pid, "12345");
    assert_int_equal(matched("[%-6v] ", "[      ] LOG:  m").vxid.n, 0);
    assert_false(matches("[%-10u]", "[joe]LOG:  m"));
}

static void skipped_text_is_no_field(void **state)
{
    (void)state;
    prefix_fields f = matched("%? [%p] ", "node-7 [9] LOG:  m");
    assert_text(f.pid, "9");
    assert_int_equal(f.user.n + f.application.n + f.host.n, 0);
}

static void percent_signs_and_literals_are_exact(void **state)
{
    (void)state;
    assert_true(matches("100%% <%p> ", "100% <9> LOG:  m"));
    assert_false(matches("100%% <%p> ", "100%% <9> LOG:  m"));
    assert_false(matches("<%p> ", "[9] LOG:  m"));
}

static void lost_blank_at_the_end_of_the_setting_does_no_harm(void **state)
{
    (void)state;
    assert_true(matches("[%p]", "[9] LOG:  m"));
    assert_true(matches("[%p]", "[9]LOG:  m"));
    assert_false(matches("[%p] ", "[9]LOG:  m"));
}

static void prefix_may_end_in_any_sign(void **state)
{
    (void)state;
    assert_text(matched("db=%d,client=%h", "db=shop,client=10.0.0.1LOG:  m").host, "10.0.0.1");
    assert_text(matched("db=%d,client=%h", "db=shop,client=LOG:  m").database, "shop");
}

static void slices_lie_in_the_line(void **state)
{
    (void)state;
    static const char line[] = "[9] joe@shop LOG:  m";
    prefix_fields f;
    assert_true(prefix_match(compiled("[%p] %u@%d "), slice_of(line, sizeof line - 1), &f));
    assert_ptr_equal(f.pid.p, line + 1);
    assert_ptr_equal(f.user.p, line + 4);
    assert_ptr_equal(f.severity_word.p, line + 13);
}

static void text_beyond_the_limit_is_no_prefix(void **state)
{
    (void)state;
    char line[PREFIX_TEXT_MAX + 100];
    memset(line, 'x', sizeof line);
    memcpy(line + PREFIX_TEXT_MAX + 10, " LOG:  m", 9);
    assert_false(matches("%a ", line));
    memcpy(line + PREFIX_TEXT_MAX - 10, " LOG:  m", 9);
    assert_true(matches("%a ", line));
}

static void hostile_lines_are_given_up(void **state)
{
    (void)state;
    /* Without a bound the five fields could be laid over these blanks in 10^11 ways. */
    char line[PREFIX_TEXT_MAX];
    for (size_t i = 0; i < sizeof line; i++) {
        line[i] = i % 2 == 0 ? 'x' : ' ';
    }
    line[sizeof line - 1] = '\0';
    assert_false(matches("%a %b %i %? %u ", line));
}

static void heads_are_told_from_what_belongs_to_them(void **state)
{
    (void)state;
    const prefix *p = compiled("[%p] ");
    assert_true(prefix_is_head(p, SLICE("[9] LOG:  m")));
    assert_true(prefix_is_head(p, SLICE("[9] PANIC:  m")));
    assert_false(prefix_is_head(p, SLICE("[9] DETAIL:  m")));
    assert_false(prefix_is_head(p, SLICE("[9] BACKTRACE:  m")));
    assert_false(prefix_is_head(p, SLICE("\t[9] LOG:  m")));
    assert_false(prefix_is_head(p, SLICE("select 1")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Names that hold each other's separators, lines of a minute and the next, processes without a
 * session: what a memo could mix up. */
static void memo_never_changes_what_a_line_says(void **state)
{
    (void)state;
    static const char *const settings[] = {
        "%m [%p] %q%u@%d ",      "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
        "%t:%r:%u@%d:[%p]:",     "%m|%u|%d|%c|",
        "%m [%p] %-8u %a %q%h ",
    };
    static const char *const users[] = {"app", "app,db=x", "a b", "", "[unknown]", "user@home"};
    static const char *const apps[] = {"psql", "x[3 of 5] LOG:  y", "a,client=1", "web"};
    static const char *const hosts[] = {"10.0.0.1", "::1", "[local]", "db.example(5432)"};
    static const char *const severities[] = {"LOG:  ", "ERROR:  ", "LOG: ", "DETAIL:  "};
    uint64_t seed = 1;
    for (size_t s = 0; s < sizeof settings / sizeof *settings; s++) {
        arena keep;
        const prefix *p;
        status st = {0};
        prefix_memo memo = {0};
        arena_init(&keep, 1 << 20);
        assert_true(prefix_compile(slice_from(settings[s]), &keep, &p, &st));
        for (int i = 0; i < 4000; i++) {
            char line[512];
            unsigned r[6];
            for (int k = 0; k < 6; k++) {
                seed = seed * 6364136223846793005u + 1442695040888963407u;
                r[k] = (unsigned)(seed >> 40);
            }
            const char *user = users[r[0] % 6];
            const char *app = apps[r[1] % 4];
            const char *host = hosts[r[2] % 4];
            unsigned pid = r[3] % 50;
            int second = i / 40 % 60;
            int minute = i / 2400;
            int n = 0;
            switch (s) {
            case 0:
                n = snprintf(line, sizeof line, "2026-11-19 14:%02d:%02d.%03u CET [%u] %s@shop %s",
                             minute, second, r[4] % 1000, pid, user, severities[r[5] % 4]);
                break;
            case 1:
                n = snprintf(line, sizeof line,
                             "2026-11-19 14:%02d:%02d UTC [%u]: [%u-1] user=%s,db=shop,app=%s,"
                             "client=%s %s",
                             minute, second, pid, r[4] % 9, user, app, host, severities[r[5] % 4]);
                break;
            case 2:
                n = snprintf(line, sizeof line, "2026-11-19 14:%02d:%02d UTC:%s:%s@shop:[%u]:%s",
                             minute, second, host, user, pid, severities[r[5] % 4]);
                break;
            case 3:
                n = snprintf(line, sizeof line,
                             "2026-11-19 14:%02d:%02d.%03u GMT|%s|shop|5c74.%x|%s", minute, second,
                             r[4] % 1000, user, pid, severities[r[5] % 4]);
                break;
            default:
                n = snprintf(line, sizeof line,
                             "2026-11-19 14:%02d:%02d.%03u +03 [%u] %-8s %s %s %s", minute, second,
                             r[4] % 1000, pid, user, app, r[0] % 2 ? host : "",
                             severities[r[5] % 4]);
            }
            n += snprintf(line + n, sizeof line - (size_t)n, "%s",
                          r[4] % 3 != 0 ? "duration: 1.000 ms" : "a,db=b,app=c,client=d LOG:  x");
            prefix_fields plain = {0};
            prefix_fields quick = {0};
            slice text = slice_of(line, (size_t)n);
            bool matches = prefix_match(p, text, &plain);
            assert_int_equal(prefix_match_next(p, &memo, text, &quick), matches);
            if (matches) {
                assert_memory_equal(&plain, &quick, sizeof plain);
            }
        }
        arena_free(&keep);
    }
}

static void nuls_are_no_minute_though_the_memo_holds_none(void **state)
{
    (void)state;
    arena keep;
    const prefix *p;
    status st = {0};
    prefix_memo memo = {0};
    prefix_fields f;
    char line[] = "2026-11-19 14:03:07.123 UTC [4711] LOG:  x";
    arena_init(&keep, 1 << 20);
    assert_true(prefix_compile(SLICE("%m [%p] "), &keep, &p, &st));
    memset(line, 0, 16);
    assert_false(prefix_match_next(p, &memo, slice_of(line, sizeof line - 1), &f));
    arena_free(&keep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(unknown_escapes_are_named_with_their_position),
        TEST(settings_beyond_the_limit_are_refused),
        TEST(setting_tells_which_fields_it_gives),
        TEST(clock_resolution_is_that_of_the_finest_time),
        TEST(every_severity_word_ends_the_prefix),
        TEST(words_that_are_no_severity_do_not_match),
        TEST(blanks_beyond_two_belong_to_the_message),
        TEST(messages_may_be_empty),
        TEST(verbose_code_goes_to_sqlstate),
        TEST(words_before_a_colon_are_no_verbose_code),
        TEST(pooler_log_without_colon_does_not_match),
        TEST(times_are_turned_into_utc),
        TEST(zone_stops_where_the_setting_goes_on),
        TEST(unknown_zone_is_read_as_utc_and_told),
        TEST(stamp_that_is_no_date_still_matches),
        TEST(seconds_and_milliseconds_are_told_apart),
        TEST(epoch_time_has_no_zone),
        TEST(session_start_is_not_the_time),
        TEST(transaction_fields_may_be_empty),
        TEST(query_id_is_signed_and_zero_is_none),
        TEST(sqlstate_is_five_digits_and_capitals),
        TEST(unknown_and_empty_fields_are_absent),
        TEST(stop_ends_the_prefix_of_background_processes),
        TEST(fields_behind_a_stop_are_not_left_from_a_failed_try),
        TEST(application_names_hold_blanks_and_brackets),
        TEST(users_without_blanks_are_preferred),
        TEST(users_and_databases_may_hold_blanks),
        TEST(positional_fields_may_all_be_empty),
        TEST(hosts_lose_their_port),
        TEST(hosts_hold_no_blank),
        TEST(command_tags_and_backend_types_are_text),
        TEST(padding_is_no_part_of_the_value),
        TEST(skipped_text_is_no_field),
        TEST(percent_signs_and_literals_are_exact),
        TEST(lost_blank_at_the_end_of_the_setting_does_no_harm),
        TEST(prefix_may_end_in_any_sign),
        TEST(slices_lie_in_the_line),
        TEST(text_beyond_the_limit_is_no_prefix),
        TEST(hostile_lines_are_given_up),
        TEST(heads_are_told_from_what_belongs_to_them),
        cmocka_unit_test(nuls_are_no_minute_though_the_memo_holds_none),
        cmocka_unit_test(memo_never_changes_what_a_line_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
