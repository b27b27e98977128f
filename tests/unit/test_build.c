/* test_build.c - the report model of a small store whose figures are known by arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/build.h"
#include "store_fixture.h"

enum { MEMORY = 16 * 1024 * 1024, MS = 1000, S = 1000000 };

/* 2026-11-19 14:00:00 UTC; the log runs for 100 seconds from then on. */
static const int64_t BEGIN = 1795096800000000, WINDOW = 100 * (int64_t)S;

/* What the store holds: calls of one duration each, by app and, every second one, by web. */
static const struct {
    uint64_t fingerprint, calls, errors;
    int64_t duration;
} queries[] = {
    {1, 10, 0, 100 * MS}, {2, 1, 0, 5 * S}, {3, 100, 0, 1 * MS}, {4, 0, 3, 0}, {5, 0, 0, 0},
};

enum { QUERIES = sizeof queries / sizeof *queries };

static segment segment_of(uint64_t id)
{
    return (segment){.id = {id, 0},
                     .engine = SLICE("postgresql"),
                     .format = SLICE("postgresql-stderr"),
                     .detail = SLICE("%m "),
                     .role = SLICE("server log"),
                     .zone = SLICE("IST"),
                     .zone_offset = 19800,
                     .bytes = 10000,
                     .event_bytes = 9000,
                     .other_bytes = 500,
                     .events = 114,
                     .lines = 200,
                     .first_at = BEGIN,
                     .last_at = BEGIN + WINDOW,
                     .clock_resolution = 1000,
                     .skipped = {[SKIP_FOREIGN] = {.count = 5, .bytes = 500, .first_line = 17}}};
}

static void add_query(digest *d, size_t i)
{
    for (uint64_t k = 0; k < queries[i].calls + queries[i].errors; k++) {
        int64_t at = BEGIN + (int64_t)k * S / 2;
        uint32_t second;
        int64_t hour = digest_hour(at, 19800, &second);
        digest_row *row = digest_find(d, hour, queries[i].fingerprint, k % 2);
        if (k >= queries[i].calls) {
            row->errors++;
            digest_row_seen(row, at);
            digest_count(d, TALLY_ERROR_CODE, hour, queries[i].fingerprint, SLICE("42601"), 1);
            continue;
        }
        const digest_call call = {.at = at,
                                  .duration = queries[i].duration,
                                  .has_time = true,
                                  .has_duration = true,
                                  .second = second,
                                  .offset = k,
                                  .line = k + 1};
        assert_true(digest_add_call(d, row, &call));
    }
    if (queries[i].calls + queries[i].errors == 0) { /* prepared, never executed */
        digest_row *row = digest_find(d, BEGIN / S, queries[i].fingerprint, 0);
        assert_true(digest_add_measure(d, row, MEASURE_PREPARE_TIME, 9));
    }
}

static store *make_store(void)
{
    store *s = store_in_memory();
    status st = {0};
    digest d;
    who_table whos;
    bool is_new;
    segment seg = segment_of(1);
    slice prod = SLICE("prod");
    digest_init(&d, MEMORY);
    who_table_init(&whos);
    who_table_add(&whos, &(who){.user = SLICE("app"), .host = SLICE("h1")}, &is_new);
    who_table_add(&whos, &(who){.user = SLICE("web")}, &is_new);
    for (size_t i = 0; i < QUERIES; i++) {
        add_query(&d, i);
        char text[32];
        snprintf(text, sizeof text, "SELECT %u", (unsigned)i);
        assert_true(store_add_fingerprint(s, queries[i].fingerprint, SLICE("postgresql"),
                                          SLICE("SELECT"), slice_from(text), &(bool){false}, &st));
    }
    digest_count(&d, TALLY_EVENT, BEGIN / S, 0, SLICE("checkpoint"), 2);
    digest_count(&d, TALLY_EVENT, BEGIN / S, 0, SLICE("statement"), 111);
    digest_count(&d, TALLY_QUERY_ID, 0, 1, SLICE("pg_queryid=77"), 1);
    digest_count(&d, TALLY_QUERY_ID, 0, 1, SLICE("pg_queryid=88"), 1);
    digest_count(&d, TALLY_QUERY_ID, 0, 2, SLICE("pg_queryid=88"), 1);
    assert_true(store_add_digest(s, prod, &seg, &d, &whos, &st));
    assert_true(store_write_segment(s, prod, &seg, &st));
    assert_true(store_set_path(s, prod, SLICE("/var/log/x.log"), seg.id, &(bool){false}, &st));
    assert_true(store_set_limit(s, prod, &seg, SLICE("threshold"), SLICE("short ones"), SLICE("b"),
                                SLICE("r"), &st));
    assert_true(store_set_limit(s, prod, &seg, SLICE("bursts"), SLICE("loops"), SLICE("b"),
                                SLICE("r"), &st));
    assert_true(store_set_limit(s, prod, &seg, SLICE("fields"), SLICE("users"), SLICE("b"),
                                SLICE("r"), &st));
    who_table_free(&whos);
    digest_free(&d);
    return s;
}

static model build(const store *s, model_request r)
{
    model m;
    status st = {0};
    assert_true(model_build(s, &r, &m, &st));
    return m;
}

/* --- totals and order --------------------------------------------------------------- */

static void totals_are_sums_over_all_queries(void **state)
{
    (void)state;
    store *s = make_store();
    model m = build(s, (model_request){0});
    int64_t total = 10 * 100 * MS + 5 * S + 100 * MS;
    assert_int_equal(m.calls, 111);
    assert_int_equal(m.estimated_calls, 111);
    assert_int_equal(m.fingerprints, 4); /* the one that was only prepared is not shown */
    assert_int_equal(m.errors, 3);
    assert_int_equal(m.time.n, 111);
    assert_int_equal(m.time.total, total);
    assert_int_equal(m.time.mean, (total + 55) / 111);
    assert_int_equal(m.time.min, 1 * MS);
    assert_int_equal(m.time.max, 5 * S);
    assert_true(m.from == BEGIN && m.to == BEGIN + WINDOW);
    /* 6.1 seconds of work in 100 seconds. */
    assert_int_equal(m.load_permille, 61);
    assert_int_equal(m.series_step, 5 * (int64_t)S); /* of a second they would be 100 */
    assert_int_equal(m.series.n, 10);                /* calls come in 50 seconds */
    int64_t calls = 0;
    int64_t time = 0;
    for (uint32_t i = 0; i < m.series.n; i++) {
        calls += m.series.points[i].calls;
        time += m.series.points[i].time;
    }
    assert_int_equal(calls, 111);
    assert_int_equal(time, total);
    /* The call of 5 seconds is in the first minute. */
    assert_true(m.busiest.at == BEGIN);
    calls = 0;
    for (uint32_t i = 0; i < m.n_histogram; i++) {
        calls += m.histogram[i].calls;
    }
    assert_int_equal(calls, 111);
    assert_int_equal(m.n_events, 1); /* executions are no server events */
    assert_true(slice_is(m.events[0].kind, "checkpoint"));
    assert_int_equal(m.events[0].n, 2);
    model_free(&m);
    store_close(s);
}

static void queries_come_in_the_order_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t ids[4];
    } orders[] = {
        {"total", {2, 1, 3, 4}}, {"mean", {2, 1, 3, 4}},  {"p95", {2, 1, 3, 4}},
        {"max", {2, 1, 3, 4}},   {"calls", {3, 1, 2, 4}}, {"errors", {4, 2, 1, 3}},
    };
    store *s = make_store();
    for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
        model_request r = {0};
        assert_true(model_order_find(slice_from(orders[o].name), &r.order));
        model m = build(s, r);
        assert_int_equal(m.n_queries, 4);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(m.queries[i].id, orders[o].ids[i]);
        }
        model_free(&m);
    }
    model_order order;
    assert_false(model_order_find(SLICE("colour"), &order));
    store_close(s);
}

static void what_the_limit_cuts_is_other_so_that_shares_add_up(void **state)
{
    (void)state;
    store *s = make_store();
    for (uint32_t limit = 0; limit <= 5; limit++) {
        model m = build(s, (model_request){.limit = limit});
        assert_int_equal(m.n_queries, limit == 0 || limit > 4 ? 4 : limit);
        int64_t calls = m.other_calls;
        int64_t time = m.other_time;
        for (uint32_t i = 0; i < m.n_queries; i++) {
            calls += m.queries[i].calls;
            time += m.queries[i].time.total;
        }
        assert_int_equal(calls, m.calls);
        assert_int_equal(time, m.time.total);
        assert_int_equal(m.other_fingerprints + m.n_queries, m.fingerprints);
        if (limit == 2) {
            assert_int_equal(m.other_fingerprints, 2);
            assert_int_equal(m.other_calls, 100);
            assert_int_equal(m.other_time, 100 * MS);
        }
        model_free(&m);
    }
    store_close(s);
}

static void half_of_the_time_is_told_by_the_fewest_queries(void **state)
{
    (void)state;
    store *s = make_store();
    model m = build(s, (model_request){.order = ORDER_CALLS}); /* 5 s of 6.1 s */
    assert_int_equal(m.half_fingerprints, 1);
    assert_int_equal(m.half_time, 5 * S);
    model_free(&m);
    store_close(s);
}

static void leaders_of_every_ranking_are_shown_with_their_own_rank(void **state)
{
    (void)state;
    store *s = make_store();
    model m = build(s, (model_request){.limit = 1, .leaders = 1});
    assert_int_equal(m.n_queries, 3);
    assert_int_equal(m.queries[0].id, 2);
    assert_int_equal(m.queries[0].rank, 1);
    assert_int_equal(m.queries[1].id, 3); /* called most often, third by time */
    assert_int_equal(m.queries[1].rank, 3);
    assert_int_equal(m.rankings[RANKING_ERRORS].n, 1); /* and the one that failed */
    assert_ptr_equal(m.rankings[RANKING_ERRORS].items[0], &m.queries[2]);
    assert_int_equal(m.rankings[RANKING_EXAMINED].n, 0); /* of which this log tells nothing */
    assert_int_equal(m.other_fingerprints, 1);
    assert_int_equal(m.other_calls, 10);
    assert_ptr_equal(m.rankings[RANKING_TOTAL].items[0], &m.queries[0]);
    assert_ptr_equal(m.rankings[RANKING_MEAN].items[0], &m.queries[0]);
    assert_ptr_equal(m.rankings[RANKING_CALLS].items[0], &m.queries[1]);
    model_free(&m);
    m = build(s, (model_request){.leaders = 10}); /* one that only failed leads nowhere */
    assert_int_equal(m.rankings[RANKING_MEAN].n, 3);
    model_free(&m);
    m = build(s, (model_request){.only_one = true, .only = 3, .leaders = 10});
    assert_int_equal(m.n_queries, 1);
    assert_int_equal(m.rankings[RANKING_MEAN].n, 0);
    model_free(&m);
    store_close(s);
}

static void what_reads_ten_rows_for_each_that_it_sends_leads_by_that(void **state)
{
    (void)state;
    /* 9 rows for one, 10, 50, 50 for none, and 20 of two hours: 8 for 1 and 52 for 2. */
    static const struct {
        uint64_t fingerprint, examined, sent;
        int64_t hour;
    } rows[] = {{1, 9, 1, 0},  {2, 10, 1, 0}, {3, 500, 10, 0},
                {4, 50, 0, 0}, {5, 8, 1, 0},  {5, 52, 2, 1}};
    store *s = store_in_memory();
    status st = {0};
    digest d;
    who_table whos;
    segment seg = segment_of(1);
    digest_init(&d, MEMORY);
    who_table_init(&whos);
    who_table_add(&whos, &(who){.user = SLICE("app")}, &(bool){false});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t hour = BEGIN / S + rows[i].hour * 3600;
        digest_row *row = digest_find(&d, hour, rows[i].fingerprint, 0);
        const digest_call call = {.at = BEGIN, .line = 1};
        assert_true(digest_add_call(&d, row, &call));
        assert_true(digest_add_measure(&d, row, MEASURE_ROWS_EXAMINED, rows[i].examined));
        assert_true(digest_add_measure(&d, row, MEASURE_ROWS_SENT, rows[i].sent));
    }
    assert_true(store_add_digest(s, SLICE("db"), &seg, &d, &whos, &st));
    assert_true(store_write_segment(s, SLICE("db"), &seg, &st));
    model m = build(s, (model_request){.leaders = 10});
    const model_ranking *ranking = &m.rankings[RANKING_EXAMINED];
    assert_int_equal(ranking->n, 3);
    assert_int_equal(ranking->items[0]->id, 3);
    assert_int_equal(ranking->items[1]->id, 5);
    assert_int_equal(ranking->items[2]->id, 2);
    model_free(&m);
    who_table_free(&whos);
    digest_free(&d);
    store_close(s);
}

static void one_query_can_be_asked_for_wherever_it_stands(void **state)
{
    (void)state;
    store *s = make_store();
    model m = build(s, (model_request){.only_one = true, .only = 3, .limit = 1});
    assert_int_equal(m.n_queries, 1);
    assert_int_equal(m.queries[0].id, 3);
    assert_int_equal(m.other_fingerprints, 3);
    model_free(&m);
    m = build(s, (model_request){.only_one = true, .only = 99});
    assert_int_equal(m.n_queries, 0);
    assert_int_equal(m.calls, 111);
    model_free(&m);
    store_close(s);
}

static void an_empty_store_makes_an_empty_report(void **state)
{
    (void)state;
    store *s = store_in_memory();
    model m = build(s, (model_request){0});
    assert_int_equal(m.n_queries + m.n_sources + m.n_limits + m.n_events, 0);
    assert_int_equal(m.calls + m.time.total + m.load_permille + m.busiest.calls, 0);
    assert_int_equal(m.series.n + m.n_histogram, 0);
    model_free(&m);
    store_close(s);
}

/* --- load over time ------------------------------------------------------------------------ */

/* One query each second of a window, another once, at its seventh second. */
static store *make_store_of_seconds(int64_t window)
{
    store *s = store_in_memory();
    status st = {0};
    digest d;
    who_table whos;
    segment seg = segment_of(1);
    seg.zone_offset = 0;
    seg.last_at = BEGIN + window;
    digest_init(&d, MEMORY);
    who_table_init(&whos);
    bool is_new;
    who_table_add(&whos, &(who){.user = SLICE("app")}, &is_new);
    for (int64_t at = BEGIN; at <= BEGIN + window; at += S) {
        for (uint64_t fingerprint = 1; fingerprint <= (at == BEGIN + 7 * S ? 2 : 1);
             fingerprint++) {
            digest_call call = {.at = at, .duration = 10, .has_time = true, .has_duration = true};
            int64_t hour = digest_hour(at, 0, &call.second);
            assert_true(digest_add_call(&d, digest_find(&d, hour, fingerprint, 0), &call));
        }
    }
    assert_true(store_add_digest(s, SLICE("prod"), &seg, &d, &whos, &st));
    assert_true(store_write_segment(s, SLICE("prod"), &seg, &st));
    who_table_free(&whos);
    digest_free(&d);
    return s;
}

static void the_step_fits_the_window_and_the_widest_row(void **state)
{
    (void)state;
    static const int64_t minute = 60, hour = 3600, day = 86400;
    const struct {
        int64_t window, step; /* seconds */
    } cases[] = {
        {0, 1},
        {59, 1}, /* 60 seconds fit into a row and into the window */
        {60, 5}, /* 61 do not fit into a row */
        {96, 5},
        {484, 10}, /* 96.8 of 5 s would do; a row needs 10 s */
        {970, 30},
        {40 * minute, 60}, /* 80 of 30 s would do; a row needs 60 s */
        {97 * minute, 120},
        {5 * hour, 300},
        {8 * hour, 300},
        {9 * hour, 600},
        {20 * hour, 900},
        {2 * day, 1800},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        store *s = make_store_of_seconds(cases[i].window * S);
        model m = build(s, (model_request){0});
        int64_t step = cases[i].step * S;
        int64_t calls = 0;
        assert_int_equal(m.series_step, step);
        for (uint32_t k = 0; k < m.series.n; k++) {
            assert_true(m.series.points[k].at == BEGIN + k * step);
            calls += m.series.points[k].calls;
        }
        assert_int_equal(calls, m.calls);
        model_free(&m);
        store_close(s);
    }
}

static void all_series_of_a_report_have_one_step(void **state)
{
    (void)state;
    store *s = make_store_of_seconds(90 * (int64_t)S);
    model m = build(s, (model_request){0});
    assert_int_equal(m.n_queries, 2);
    assert_int_equal(m.queries[0].series.n, 19); /* 91 seconds in buckets of 5 */
    assert_int_equal(m.queries[1].series.n, 1);
    assert_true(m.queries[1].series.points[0].at == BEGIN + 5 * (int64_t)S); /* not 7 */
    model_free(&m);
    store_close(s);
}

static void the_busiest_minute_is_one_of_the_clock_whatever_the_step(void **state)
{
    (void)state;
    static const int64_t windows[] = {100, 1000, 86400};
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        store *s = make_store_of_seconds(windows[i] * S);
        model m = build(s, (model_request){0});
        assert_true(m.busiest.at == BEGIN);
        assert_int_equal(m.busiest.calls, 61);
        assert_int_equal(m.busiest.time, 610);
        model_free(&m);
        store_close(s);
    }
}

static void the_load_of_a_short_window_is_over_the_window_alone(void **state)
{
    (void)state;
    store *s = make_store_of_seconds(S / 1000);
    model m = build(s, (model_request){0});
    assert_int_equal(m.time.total, 10);
    assert_int_equal(m.load_permille, 10); /* 10 us in 1 ms */
    model_free(&m);
    store_close(s);
}

/* --- details ------------------------------------------------------------------------------- */

static void a_query_is_told_with_its_details(void **state)
{
    (void)state;
    store *s = make_store();
    model m = build(s, (model_request){0});
    const model_query *q = &m.queries[1];
    assert_int_equal(q->id, 1);
    assert_true(slice_is(q->text, "SELECT 0"));
    assert_true(slice_is(q->verb, "SELECT"));
    assert_true(slice_is(q->engine, "postgresql"));
    assert_int_equal(q->calls, 10);
    assert_int_equal(q->time.p50, 100 * MS); /* within [min, max], which are one */
    assert_int_equal(q->time.stddev, 0);
    assert_true(q->first_seen == BEGIN);
    assert_true(q->last_seen == BEGIN + 9 * (int64_t)S / 2);
    assert_int_equal(q->users.n, 2);
    assert_true(slice_is(q->users.items[0].name, "app")); /* equal shares: by name */
    assert_int_equal(q->users.items[0].calls, 5);
    assert_int_equal(q->users.items[1].time, 500 * MS);
    assert_int_equal(q->databases.n + q->applications.n, 0);
    assert_int_equal(q->hosts.n, 1);
    assert_int_equal(q->hosts.items[0].calls, 5);
    assert_int_equal(q->n_examples, EXAMPLES_KEPT);
    assert_true(slice_is(q->examples[0].path, "/var/log/x.log"));
    assert_int_equal(q->examples[0].line, 1);
    assert_true(slice_is(q->examples[0].user, "app"));
    assert_int_equal(q->n_aliases, 2);
    assert_true(slice_is(q->aliases[0].value, "77"));
    assert_int_equal(q->n_codes, 0);
    const model_query *failed = &m.queries[3];
    assert_int_equal(failed->id, 4);
    assert_int_equal(failed->errors, 3);
    assert_int_equal(failed->time.n, 0);
    assert_int_equal(failed->n_codes, 1);
    assert_true(slice_is(failed->codes[0].code, "42601"));
    assert_int_equal(failed->codes[0].n, 3);
    model_free(&m);
    store_close(s);
}

/* Adds to the first query what a log has names of its own for. */
static void add_attributes(store *s)
{
    status st = {0};
    digest d;
    who_table whos;
    bool is_new;
    segment seg = segment_of(2);
    digest_init(&d, MEMORY);
    who_table_init(&whos);
    who_table_add(&whos, &(who){.user = SLICE("app")}, &is_new);
    for (uint64_t i = 0; i < 2; i++) { /* of queries 1 and 2 */
        digest_row *row = digest_find(&d, BEGIN / S, 1 + i, 0);
        digest_add_measure(&d, row, MEASURE_ROWS_SENT, 5);
        digest_add_measure(&d, row, who_table_measure(&whos, SLICE("count:rows_sent")), 7);
        digest_add_measure(&d, row, who_table_measure(&whos, SLICE("count:Cost")), 2);
        digest_add_measure(&d, row, who_table_measure(&whos, SLICE("us:Cost")), 9);
        for (uint64_t k = 0; i == 0 && k < 2; k++) {
            digest_add_measure(&d, row, who_table_measure(&whos, SLICE("millionths:Cost")),
                               500000 + k * 4000000);
            digest_add_measure(&d, row, who_table_measure(&whos, SLICE("yes:Uses_simd")), k);
        }
    }
    assert_true(store_add_digest(s, SLICE("prod"), &seg, &d, &whos, &st));
    who_table_free(&whos);
    digest_free(&d);
}

static void assert_measure(const model_measure *m, const char *name, const char *unit)
{
    assert_true(slice_is(m->name, name));
    assert_true(slice_is(m->unit, unit));
}

static void an_attribute_is_one_whether_the_log_writes_its_fraction_or_not(void **state)
{
    (void)state;
    store *s = make_store();
    add_attributes(s);
    model m = build(s, (model_request){0});
    const model_query *q = &m.queries[1];
    assert_int_equal(q->id, 1);
    assert_int_equal(q->n_measures, 5);
    assert_measure(&q->measures[0], "rows_sent", "count");
    assert_false(q->measures[0].is_attribute);
    assert_int_equal(q->measures[0].of_all, 10); /* the log's own rows_sent is another */
    assert_measure(&q->measures[1], "Cost", "millionths");
    assert_int_equal(q->measures[1].statistics.n, 3); /* 0.5, 2, 4.5 */
    assert_int_equal(q->measures[1].statistics.total, 7000000);
    assert_int_equal(q->measures[1].statistics.min, 500000);
    assert_int_equal(q->measures[1].statistics.max, 4500000);
    assert_in_range(q->measures[1].statistics.p50, 2000000 - 2000000 / 64, 2000000 + 2000000 / 64);
    assert_int_equal(q->measures[1].of_all, 9000000); /* and the other query's 2 */
    assert_measure(&q->measures[2], "Cost", "us");
    assert_measure(&q->measures[3], "Uses_simd", "yes");
    assert_measure(&q->measures[4], "rows_sent", "count");
    assert_true(q->measures[4].is_attribute);
    assert_int_equal(q->measures[4].of_all, 14);
    assert_int_equal(q->measures[3].mean_thousandths, 500); /* 0 and 1 */
    assert_int_equal(q->measures[3].stddev_thousandths, 500);
    assert_int_equal(m.queries[0].id, 2);
    assert_measure(&m.queries[0].measures[1], "Cost", "count");
    assert_int_equal(m.queries[0].measures[1].of_all, 9);
    model_free(&m);
    store_close(s);
}

static void aliases_find_a_query_where_only_one_has_them(void **state)
{
    (void)state;
    store *s = make_store();
    status st = {0};
    uint64_t id = 0;
    assert_true(model_find_alias(s, SLICE("77"), &id, &st));
    assert_int_equal(id, 1);
    assert_false(model_find_alias(s, SLICE("88"), &id, &st)); /* of two, which are named */
    assert_int_equal(st.code, STATUS_USAGE);
    assert_non_null(strstr(st.text, " 2 queries: "));
    st = (status){0};
    assert_false(model_find_alias(s, SLICE("7"), &id, &st));
    assert_false(model_find_alias(s, SLICE(""), &id, &st));
    assert_int_equal(st.code, STATUS_OK);
    store_close(s);
}

/* --- sources --------------------------------------------------------------------------------- */

static void a_source_is_told_with_its_files_and_what_was_skipped(void **state)
{
    (void)state;
    store *s = make_store();
    model m = build(s, (model_request){0});
    assert_int_equal(m.n_sources, 1);
    const model_source *source = &m.sources[0];
    assert_true(slice_is(source->name, "prod"));
    assert_true(slice_is(source->format, "postgresql-stderr"));
    assert_int_equal(source->events, 114);
    assert_int_equal(source->bytes, 10000);
    assert_int_equal(source->understood, 9500);
    assert_int_equal(source->clock_resolution, 1000);
    assert_int_equal(source->n_files, 1);
    assert_true(slice_is(source->files[0].path, "/var/log/x.log"));
    assert_int_equal(source->files[0].lines, 200);
    assert_int_equal(source->files[0].n_skipped, 1);
    assert_true(slice_is(source->files[0].skipped[0].reason, "foreign line"));
    assert_int_equal(source->files[0].skipped[0].first_line, 17);
    assert_int_equal(m.zone_offset, 19800);
    assert_true(slice_is(m.zone, "IST"));
    model_free(&m);
    store_close(s);
}

static void the_request_s_zone_and_words_go_into_the_model(void **state)
{
    (void)state;
    store *s = make_store();
    char words[] = "user = app";
    model m = build(s, (model_request){.has_zone = true,
                                       .zone_offset = -3600,
                                       .zone = SLICE("-01:00"),
                                       .selection = slice_from(words),
                                       .command = SLICE("qlog show ID x.log")});
    words[0] = 'x'; /* the model has a copy */
    assert_int_equal(m.zone_offset, -3600);
    assert_true(slice_is(m.zone, "-01:00"));
    assert_true(slice_is(m.selection, "user = app"));
    assert_true(slice_is(m.command, "qlog show ID x.log"));
    model_free(&m);
    store_close(s);
}

static bool has_limit(const model *m, const char *what)
{
    for (uint32_t i = 0; i < m->n_limits; i++) {
        if (slice_is(m->limits[i].cannot_show, what)) {
            return true;
        }
    }
    return false;
}

static void a_threshold_that_nobody_stated_is_inferred_from_the_least_logged(void **state)
{
    (void)state;
    store *s = make_store();
    model m = build(s, (model_request){0});
    assert_int_equal(m.sources[0].n_thresholds, 1);
    assert_int_equal(m.sources[0].thresholds[0].duration, 1 * MS);
    assert_true(slice_is(m.sources[0].thresholds[0].origin, "inferred"));
    assert_true(has_limit(&m, "short ones")); /* a millisecond hides something */
    assert_false(has_limit(&m, "loops"));     /* but not most of a loop */
    assert_true(has_limit(&m, "users"));
    model_free(&m);
    store_close(s);
}

static void a_stated_threshold_needs_no_guess_and_zero_hides_nothing(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        bool hides, hides_loops;
    } cases[] = {{250 * MS, true, true},
                 {10 * MS + 1, true, true},
                 {10 * MS, true, false},
                 {0, false, false},
                 {-1, true, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        store *s = make_store();
        status st = {0};
        segment seg = segment_of(1);
        assert_true(
            store_add_threshold(s, SLICE("prod"), &seg, 0, cases[i].us, SLICE("option"), &st));
        model m = build(s, (model_request){0});
        assert_int_equal(m.sources[0].n_thresholds, 1);
        assert_int_equal(m.sources[0].thresholds[0].duration, cases[i].us);
        assert_true(slice_is(m.sources[0].thresholds[0].origin, "option"));
        assert_int_equal(has_limit(&m, "short ones"), cases[i].hides);
        assert_int_equal(has_limit(&m, "loops"), cases[i].hides_loops);
        assert_true(has_limit(&m, "users"));
        model_free(&m);
        store_close(s);
    }
}

static void before_a_threshold_from_the_log_the_guess_holds(void **state)
{
    (void)state;
    store *s = make_store();
    status st = {0};
    segment seg = segment_of(1);
    /* An hour that a change falls into says nothing of the time before it. */
    int64_t at = BEGIN + WINDOW / 2;
    assert_true(store_add_threshold(s, SLICE("prod"), &seg, at, 0, SLICE("log"), &st));
    model within = build(s, (model_request){0});
    assert_int_equal(within.sources[0].n_thresholds, 1);
    model_free(&within);
    store_close(s);
    s = make_store();
    at = BEGIN + INT64_C(3600000000);
    assert_true(store_add_threshold(s, SLICE("prod"), &seg, at, 0, SLICE("log"), &st));
    model m = build(s, (model_request){0});
    assert_int_equal(m.sources[0].n_thresholds, 2);
    assert_true(slice_is(m.sources[0].thresholds[0].origin, "inferred"));
    assert_int_equal(m.sources[0].thresholds[0].from, 0);
    assert_true(slice_is(m.sources[0].thresholds[1].origin, "log"));
    assert_true(m.sources[0].thresholds[1].from == at);
    model_free(&m);
    store_close(s);
}

static void a_damaged_store_is_a_failure_and_no_report(void **state)
{
    (void)state;
    store *s = make_store();
    model m;
    status st = {0};
    assert_int_equal(sqlite3_exec(store_connection(s), "UPDATE measures SET histogram = x'02'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_false(model_build(s, &(model_request){0}, &m, &st));
    assert_int_equal(st.code, STATUS_STORE);
    assert_non_null(strstr(st.text, "histogram"));
    model_free(&m);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_are_sums_over_all_queries),
        cmocka_unit_test(queries_come_in_the_order_asked_for),
        cmocka_unit_test(what_the_limit_cuts_is_other_so_that_shares_add_up),
        cmocka_unit_test(half_of_the_time_is_told_by_the_fewest_queries),
        cmocka_unit_test(leaders_of_every_ranking_are_shown_with_their_own_rank),
        cmocka_unit_test(what_reads_ten_rows_for_each_that_it_sends_leads_by_that),
        cmocka_unit_test(one_query_can_be_asked_for_wherever_it_stands),
        cmocka_unit_test(an_empty_store_makes_an_empty_report),
        cmocka_unit_test(the_step_fits_the_window_and_the_widest_row),
        cmocka_unit_test(all_series_of_a_report_have_one_step),
        cmocka_unit_test(the_busiest_minute_is_one_of_the_clock_whatever_the_step),
        cmocka_unit_test(the_load_of_a_short_window_is_over_the_window_alone),
        cmocka_unit_test(a_query_is_told_with_its_details),
        cmocka_unit_test(an_attribute_is_one_whether_the_log_writes_its_fraction_or_not),
        cmocka_unit_test(aliases_find_a_query_where_only_one_has_them),
        cmocka_unit_test(a_source_is_told_with_its_files_and_what_was_skipped),
        cmocka_unit_test(the_request_s_zone_and_words_go_into_the_model),
        cmocka_unit_test(a_threshold_that_nobody_stated_is_inferred_from_the_least_logged),
        cmocka_unit_test(a_stated_threshold_needs_no_guess_and_zero_hides_nothing),
        cmocka_unit_test(before_a_threshold_from_the_log_the_guess_holds),
        cmocka_unit_test(a_damaged_store_is_a_failure_and_no_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
