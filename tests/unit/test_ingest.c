/* test_ingest.c - files into a store: names of sources, which part is new, in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>

#include "pipeline/ingest.h"
#include "store_fixture.h"

static const int64_t BEGIN = 1795096800000000; /* 2026-11-19 14:00:00 UTC */

static ingest_request request_of(const char *const *paths, size_t n)
{
    return (ingest_request){.paths = paths,
                            .n_paths = n,
                            .source = "prod",
                            .options = {.prefix = SLICE("%m [%p] %u@%d ")},
                            .jobs = 1,
                            .threshold = THRESHOLD_UNKNOWN,
                            .final = true,
                            .interrupt_fd = -1};
}

static ingest_file ingest_one(store *s, const char *path, bool final)
{
    ingest_result result;
    status st = {0};
    ingest_request r = request_of(&path, 1);
    r.final = final;
    bool ok = ingest_files(s, &r, &result, &st);
    assert_string_equal(st.text, "");
    assert_true(ok);
    ingest_file file = result.files[0];
    ingest_result_free(&result);
    return file;
}

/* --- names ------------------------------------------------------------------------- */

static void a_source_is_named_by_what_a_log_s_rotations_have_in_common(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"postgresql.log", "postgresql"},
        {"/var/log/postgresql-2026-11-19.log.1.gz", "postgresql"},
        {"/var/log/postgresql/postgresql-2026-11-19_000000.log", "postgresql"},
        {"postgresql-20261119T140000.log", "postgresql"},
        {"postgresql.log.2026-11-19-14", "postgresql"},
        {"postgresql-15-main.log.12.gz", "postgresql-15-main"},
        {"mongod.log.2026-11-19T14-00-00", "mongod"},
        {"postgresql-Mon.log", "postgresql"}, /* the default of Red Hat */
        {"postgresql-Mon.log.gz", "postgresql"},
        {"Mon.log", "Mon"},
        {"mysql-slow.log", "mysql-slow"},
        {"mysql-slow.log.2.xz", "mysql-slow"},
        {"error.log.old", "error"},
        {"-", "stdin"},
        /* The number of a host is no rotation: its logs are not another host's. */
        {"db1.log", "db1"},
        {"db2.log", "db2"},
        {"db1-2026-11-19.log", "db1"},
        {"db1.log.3", "db1"},
        {"pg15", "pg15"},
        /* Something has to be left. */
        {"2026-11-19.log", "2026-11-19"},
        {"1.log", "1"},
        {".log", ".log"},
        {"x", "x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice name = source_of_path(cases[i][0]);
        char text[64];
        snprintf(text, sizeof text, "%.*s", (int)name.n, name.p);
        assert_string_equal(text, cases[i][1]);
    }
}

/* --- what is new ----------------------------------------------------------------------- */

static void the_same_content_is_read_once_under_any_name(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name first = file_in(&f, "a.log");
    file_name second = file_in(&f, "b.log");
    buf log = log_make(BEGIN, 300);
    file_write(first.text, buf_slice(&log));
    file_write(second.text, buf_slice(&log));
    store *s = store_in_memory();
    ingest_file file = ingest_one(s, first.text, true);
    assert_int_equal(file.outcome, INGEST_NEW);
    assert_int_equal(file.bytes, log.n);
    buf before = store_dump(s);
    assert_int_equal(ingest_one(s, first.text, true).outcome, INGEST_KNOWN);
    assert_int_equal(ingest_one(s, second.text, true).outcome, INGEST_KNOWN);
    buf after = store_dump(s);
    assert_string_equal(before.p, after.p);
    assert_int_equal(store_number(s, "SELECT count(*) FROM ledger"), 2);
    buf_free(&before);
    buf_free(&after);
    buf_free(&log);
    store_close(s);
    folder_remove(&f, (const char *[]){"a.log", "b.log"}, 2);
}

/* Wherever a growing file is cut, two runs give the rows of one. */
static void a_file_that_has_grown_is_continued(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "a.log");
    buf log = log_make(BEGIN, 250);
    file_write(path.text, buf_slice(&log));
    store *once = store_in_memory();
    ingest_one(once, path.text, true);
    for (size_t part = 300; part < log.n; part += 457) {
        store *twice = store_in_memory();
        file_write(path.text, slice_take(buf_slice(&log), part));
        ingest_file file = ingest_one(twice, path.text, false);
        assert_int_equal(file.outcome, INGEST_NEW);
        assert_true(file.bytes <= part);
        file_write(path.text, buf_slice(&log));
        ingest_file rest = ingest_one(twice, path.text, true);
        assert_int_equal(rest.outcome, INGEST_CONTINUED);
        assert_int_equal(rest.from, file.bytes);
        assert_int_equal(rest.from + rest.bytes, log.n);
        stores_are_equal(once, twice);
        store_close(twice);
    }
    store_close(once);
    buf_free(&log);
    folder_remove(&f, (const char *[]){"a.log"}, 1);
}

static void write_compressed(const char *path, int (*filter)(struct archive *), slice bytes)
{
    struct archive *a = archive_write_new();
    struct archive_entry *e = archive_entry_new();
    assert_int_equal(filter(a), ARCHIVE_OK);
    assert_int_equal(archive_write_set_format_raw(a), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
    archive_entry_set_filetype(e, AE_IFREG);
    assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
    assert_int_equal(archive_write_data(a, bytes.p, bytes.n), bytes.n);
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_entry_free(e);
    archive_write_free(a);
}

static void a_log_that_was_compressed_is_the_same_log(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name plain = file_in(&f, "a.log");
    file_name gzip = file_in(&f, "a.log.1.gz");
    file_name zstd = file_in(&f, "a.log.2.zst");
    file_name lz4 = file_in(&f, "a.log.3.lz4");
    buf log = log_make(BEGIN, 250);
    store *once = store_in_memory();
    store *s = store_in_memory();
    file_write(plain.text, buf_slice(&log));
    ingest_one(once, plain.text, true);
    file_write(plain.text, slice_take(buf_slice(&log), log.n / 2));
    write_compressed(gzip.text, archive_write_add_filter_gzip, buf_slice(&log));
    write_compressed(zstd.text, archive_write_add_filter_zstd, buf_slice(&log));
    write_compressed(lz4.text, archive_write_add_filter_lz4,
                     slice_take(buf_slice(&log), log.n / 3));
    ingest_file half = ingest_one(s, plain.text, false);
    assert_int_equal(half.outcome, INGEST_NEW);
    ingest_file rest = ingest_one(s, gzip.text, true);
    assert_int_equal(rest.outcome, INGEST_CONTINUED);
    assert_int_equal(rest.from, half.bytes);
    assert_int_equal(rest.from + rest.bytes, log.n);
    assert_int_equal(ingest_one(s, zstd.text, true).outcome, INGEST_KNOWN);
    assert_int_equal(ingest_one(s, lz4.text, true).outcome, INGEST_KNOWN); /* a shorter copy */
    assert_int_equal(ingest_one(s, plain.text, true).outcome, INGEST_KNOWN);
    stores_are_equal(once, s);
    store_close(once);
    store_close(s);
    buf_free(&log);
    folder_remove(&f, (const char *[]){"a.log", "a.log.1.gz", "a.log.2.zst", "a.log.3.lz4"}, 4);
}

/* Two logs that begin alike, so that the second has to be begun anew to find where they differ. */
static void compressed_logs_that_begin_alike_are_told_apart(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name first = file_in(&f, "a.gz");
    file_name second = file_in(&f, "b.gz");
    buf log = log_make(BEGIN, 250);
    buf other;
    buf_init(&other, TEXT_MAX);
    const char *line_end = memchr(log.p, '\n', log.n);
    size_t same = (size_t)(line_end + 1 - log.p);
    buf more = log_make(BEGIN + 3600000000, 250);
    buf_add(&other, slice_take(buf_slice(&log), same));
    buf_add(&other, buf_slice(&more));
    write_compressed(first.text, archive_write_add_filter_gzip, buf_slice(&log));
    write_compressed(second.text, archive_write_add_filter_gzip, buf_slice(&other));
    store *s = store_in_memory();
    assert_int_equal(ingest_one(s, first.text, true).outcome, INGEST_NEW);
    ingest_file file = ingest_one(s, second.text, true);
    assert_int_equal(file.outcome, INGEST_NEW);
    assert_int_equal(file.bytes, other.n);
    assert_int_equal(ingest_one(s, second.text, true).outcome, INGEST_KNOWN);
    store_close(s);
    buf_free(&log);
    buf_free(&more);
    buf_free(&other);
    folder_remove(&f, (const char *[]){"a.gz", "b.gz"}, 2);
}

static void files_are_read_in_the_order_of_their_first_record(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name early = file_in(&f, "z.log");
    file_name late = file_in(&f, "a.log");
    buf log = log_make(BEGIN, 100);
    buf next = log_make(BEGIN + 100 * 700000, 100);
    file_write(early.text, buf_slice(&log));
    file_write(late.text, buf_slice(&next));
    const char *orders[][2] = {{early.text, late.text}, {late.text, early.text}};
    store *stores[2];
    for (int i = 0; i < 2; i++) {
        ingest_result result;
        status st = {0};
        ingest_request r = request_of(orders[i], 2);
        stores[i] = store_in_memory();
        assert_true(ingest_files(stores[i], &r, &result, &st));
        assert_int_equal(result.bytes, log.n + next.n);
        ingest_result_free(&result);
    }
    stores_are_equal(stores[0], stores[1]);
    store_close(stores[0]);
    store_close(stores[1]);
    buf_free(&log);
    buf_free(&next);
    folder_remove(&f, (const char *[]){"a.log", "z.log"}, 2);
}

/* --- files that share a part ------------------------------------------------------------------ */

/* The place behind the line that `at` lies in. */
static size_t line_end(slice log, size_t at)
{
    const char *end = memchr(log.p + at, '\n', log.n - at);
    return end != NULL ? (size_t)(end + 1 - log.p) : log.n;
}

static int64_t calls_in(const store *s)
{
    return store_number(s, "SELECT sum(calls) FROM digest");
}

static int64_t time_in(const store *s)
{
    return store_number(s, "SELECT sum(sum) FROM measures WHERE measure = 'query_time'");
}

static void ingest_both(store *s, const char *a, const char *b, bool final)
{
    const char *paths[] = {a, b};
    ingest_result result;
    status st = {0};
    ingest_request r = request_of(paths, 2);
    r.final = final;
    assert_true(ingest_files(s, &r, &result, &st));
    for (size_t i = 0; i < result.n_files; i++) {
        assert_true(result.files[i].outcome != INGEST_FAILED);
    }
    ingest_result_free(&result);
}

/* Whatever the two downloads share, and whether they come in one run or two, the whole is counted
 * once; so it is where the second download begins within a line. */
static void what_two_files_share_is_counted_once(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name first = file_in(&f, "a.log.1");
    file_name second = file_in(&f, "a.log.2");
    file_name one = file_in(&f, "a.log");
    buf log = log_make(BEGIN, 250);
    file_write(one.text, buf_slice(&log));
    store *whole = store_in_memory();
    ingest_one(whole, one.text, true);
    for (size_t k = 1; k < 30; k++) {
        size_t until = line_end(buf_slice(&log), log.n * k / 30);
        size_t from = k % 3 == 0 ? log.n * (k / 2) / 30 : line_end(buf_slice(&log), until * k / 60);
        file_write(first.text, slice_take(buf_slice(&log), until));
        file_write(second.text, slice_skip(buf_slice(&log), from));
        for (int runs = 1; runs <= 2; runs++) {
            store *s = store_in_memory();
            if (runs == 2) {
                ingest_one(s, first.text, false); /* a nightly run: what waits goes on waiting */
            }
            ingest_both(s, second.text, first.text, true);
            assert_int_equal(calls_in(s), calls_in(whole));
            assert_int_equal(time_in(s), time_in(whole));
            buf before = store_dump(s);
            ingest_both(s, first.text, second.text, true);
            buf after = store_dump(s);
            assert_string_equal(before.p, after.p);
            buf_free(&before);
            buf_free(&after);
            store_close(s);
        }
    }
    store_close(whole);
    buf_free(&log);
    folder_remove(&f, (const char *[]){"a.log", "a.log.1", "a.log.2"}, 3);
}

static void a_part_of_a_log_that_was_read_is_not_read_again(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name all = file_in(&f, "a.log.1");
    file_name part = file_in(&f, "a.log.2");
    buf log = log_make(BEGIN, 250);
    slice middle = slice_skip(buf_slice(&log), line_end(buf_slice(&log), log.n / 3));
    file_write(all.text, buf_slice(&log));
    file_write(part.text, slice_take(middle, line_end(middle, middle.n / 3)));
    store *s = store_in_memory();
    ingest_one(s, all.text, true);
    int64_t calls = calls_in(s);
    ingest_file file = ingest_one(s, part.text, true);
    assert_int_equal(file.outcome, INGEST_DUPLICATE);
    assert_int_equal(calls_in(s), calls);
    assert_int_equal(store_number(s, "SELECT count(*) FROM segments"), 1);
    store_close(s);
    buf_free(&log);
    folder_remove(&f, (const char *[]){"a.log.1", "a.log.2"}, 2);
}

/* The same times are no proof: two servers' logs, or one log that differs in its last line. */
static void files_of_one_time_that_differ_share_nothing(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name first = file_in(&f, "a.log.1");
    file_name second = file_in(&f, "a.log.2");
    buf log = log_make(BEGIN, 100);
    size_t from = line_end(buf_slice(&log), log.n / 2);
    store *s = store_in_memory();
    file_write(second.text, slice_skip(buf_slice(&log), from));
    log.p[log.n - 2] ^= 1;
    file_write(first.text, buf_slice(&log));
    ingest_both(s, first.text, second.text, true);
    assert_int_equal(store_number(s, "SELECT sum(bytes) FROM segments"), log.n + log.n - from);
    assert_int_equal(store_number(s, "SELECT count(*) FROM segments"), 2);
    store_close(s);
    buf_free(&log);
    folder_remove(&f, (const char *[]){"a.log.1", "a.log.2"}, 2);
}

/* What waits in one engine's log is not for another's, though they are of one source. */
static void logs_of_several_engines_in_one_source_keep_apart(void **state)
{
    (void)state;
    static const char *const names[] = {"pg.log.1", "pooler.log.1", "pg.log.2", "pooler.log.2"};
    static const char *const logs[] = {
        "2026-11-19 14:00:00.000 UTC [7] u@d LOG:  statement: SELECT 1\n",
        "2026-11-19 14:00:01.000 UTC [7] LOG stats: 0 xacts/s\n",
        "2026-11-19 14:00:02.000 UTC [7] u@d LOG:  duration: 2.500 ms\n",
        "2026-11-19 14:00:03.000 UTC [7] LOG stats: 1 xacts/s\n",
    };
    folder f = folder_make();
    store *s = store_in_memory();
    file_name files[4];
    const char *paths[4];
    for (size_t i = 0; i < 4; i++) {
        struct timespec long_ago[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};
        files[i] = file_in(&f, names[i]);
        paths[i] = files[i].text;
        file_write(paths[i], slice_from(logs[i]));
        assert_int_equal(utimensat(AT_FDCWD, paths[i], long_ago, 0), 0);
    }
    static const size_t known[] = {2, 3, 4};
    for (size_t k = 0; k < 3; k++) {
        ingest_result result;
        status st = {0};
        ingest_request r = request_of(paths, known[k]);
        r.options.prefix = slice_of(NULL, 0);
        r.final = k == 2;
        assert_true(ingest_files(s, &r, &result, &st));
        ingest_result_free(&result);
    }
    assert_int_equal(calls_in(s), 1);
    assert_int_equal(time_in(s), 2500);
    assert_int_equal(store_number(s, "SELECT sum(n) FROM server_events WHERE kind = 'statistics'"),
                     2);
    store_close(s);
    folder_remove(&f, names, 4);
}

/* --- what goes wrong --------------------------------------------------------------------- */

static void one_bad_file_does_not_stop_the_others(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name good = file_in(&f, "good.log");
    file_name empty = file_in(&f, "empty.log");
    file_name other = file_in(&f, "other.log");
    file_name missing = file_in(&f, "missing.log");
    buf log = log_make(BEGIN, 50);
    file_write(good.text, buf_slice(&log));
    file_write(empty.text, SLICE(""));
    file_write(other.text, SLICE("GET / HTTP/1.1\nHost: example.org\n"));
    file_name unmatched = file_in(&f, "*.txt");
    const char *paths[] = {missing.text, empty.text, other.text, unmatched.text, good.text};
    ingest_result result;
    status st = {0};
    ingest_request r = request_of(paths, 5);
    r.source = NULL;
    store *s = store_in_memory();
    assert_true(ingest_files(s, &r, &result, &st));
    static const ingest_outcome expected[] = {INGEST_FAILED, INGEST_EMPTY, INGEST_FAILED,
                                              INGEST_FAILED, INGEST_NEW};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(result.files[i].outcome, expected[i]);
        assert_int_equal(result.files[i].error.code != STATUS_OK, expected[i] == INGEST_FAILED);
    }
    assert_non_null(strstr(result.files[0].error.text, "No such file or directory"));
    assert_non_null(strstr(result.files[2].error.text, "no line of "));
    assert_non_null(strstr(result.files[3].error.text, "no file matches "));
    assert_int_equal(store_number(s, "SELECT count(*) FROM segments WHERE source = 'good'"), 1);
    ingest_result_free(&result);
    store_close(s);
    buf_free(&log);
    folder_remove(&f, (const char *[]){"good.log", "empty.log", "other.log"}, 3);
}

static void an_unknown_format_is_named(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "a.log");
    buf log = log_make(BEGIN, 5);
    file_write(path.text, buf_slice(&log));
    const char *paths[] = {path.text};
    ingest_result result;
    status st = {0};
    ingest_request r = request_of(paths, 1);
    r.format = "punched-cards";
    store *s = store_in_memory();
    assert_false(ingest_files(s, &r, &result, &st));
    assert_int_equal(st.code, STATUS_USAGE);
    assert_non_null(strstr(st.text, "'punched-cards'"));
    ingest_result_free(&result);
    store_close(s);
    buf_free(&log);
    folder_remove(&f, (const char *[]){"a.log"}, 1);
}

static void a_stated_threshold_is_kept_and_a_selection_selects(void **state)
{
    (void)state;
    folder f = folder_make();
    file_name path = file_in(&f, "a.log");
    buf log = log_make(BEGIN, 400);
    file_write(path.text, buf_slice(&log));
    const char *paths[] = {path.text};
    const char *users[] = {"u1"};
    selection sel = {.names = {[WHO_USER] = {users, 1}}, .min_time = 1000000};
    selection_finish(&sel);
    ingest_result result;
    status st = {0};
    ingest_request r = request_of(paths, 1);
    r.threshold = 250000;
    r.selection = &sel;
    store *s = store_in_memory();
    assert_true(ingest_files(s, &r, &result, &st));
    assert_int_equal(store_number(s, "SELECT duration FROM thresholds WHERE origin = 'option'"),
                     250000);
    assert_true(store_number(s, "SELECT sum(calls) FROM digest") > 0);
    assert_int_equal(store_number(s, "SELECT sum(calls) FROM digest WHERE user <> 'u1'"), 0);
    assert_true(store_number(s, "SELECT min(min) FROM measures WHERE measure = 'query_time'") >=
                1000000);
    ingest_result_free(&result);
    store_close(s);
    buf_free(&log);
    folder_remove(&f, (const char *[]){"a.log"}, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_is_named_by_what_a_log_s_rotations_have_in_common),
        cmocka_unit_test(the_same_content_is_read_once_under_any_name),
        cmocka_unit_test(a_file_that_has_grown_is_continued),
        cmocka_unit_test(a_log_that_was_compressed_is_the_same_log),
        cmocka_unit_test(compressed_logs_that_begin_alike_are_told_apart),
        cmocka_unit_test(files_are_read_in_the_order_of_their_first_record),
        cmocka_unit_test(what_two_files_share_is_counted_once),
        cmocka_unit_test(a_part_of_a_log_that_was_read_is_not_read_again),
        cmocka_unit_test(files_of_one_time_that_differ_share_nothing),
        cmocka_unit_test(logs_of_several_engines_in_one_source_keep_apart),
        cmocka_unit_test(one_bad_file_does_not_stop_the_others),
        cmocka_unit_test(an_unknown_format_is_named),
        cmocka_unit_test(a_stated_threshold_is_kept_and_a_selection_selects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
