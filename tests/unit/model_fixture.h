/* model_fixture.h - a report model made by hand, for the tests of what shows it.
 *
 * Three queries that fit no screen nicely: a plain one, one whose every text is hostile,
 * and one of wide characters without any duration. All memory is static. */
#ifndef QLOG_TESTS_MODEL_FIXTURE_H
#define QLOG_TESTS_MODEL_FIXTURE_H

#include "report/model.h"

#define HOSTILE                                                                                    \
    "select \033[31m\"a|b\" ```tick``` </script><img src=x> \n| # \377\376 \342\200\256txt @team " \
    "[x](y) from t"

enum { FIXTURE_QUERIES = 3 };

/* 2026-11-19 12:00:00 UTC, which is 13:00:00 CET. */
static const int64_t FIXTURE_FROM = 1795089600000000;
static const int64_t FIXTURE_MINUTE = 60000000;

typedef struct model_fixture {
    model m;
    model_source source;
    model_file files[2];
    model_skipped skipped[2];
    model_threshold threshold;
    model_limit limits[2];
    model_query queries[FIXTURE_QUERIES];
    model_share databases[2], users[1], applications[1], hosts[1];
    model_share hostile[1];
    model_measure measure;
    model_point points[3];
    model_bin bins[3];
    model_example examples[2], hostile_example;
    model_alias aliases[2];
    model_code codes[2];
    model_event_count events[3];
} model_fixture;

static inline void fixture_source(model_fixture *f)
{
    f->skipped[0] = (model_skipped){SLICE("foreign line"), 12, 1229, 17};
    f->skipped[1] = (model_skipped){slice_of(HOSTILE, sizeof HOSTILE - 1), 1, 80, 99};
    f->files[0] = (model_file){.path = SLICE("/var/log/postgresql/postgresql-2026-11-19.log"),
                               .bytes = 1000000,
                               .content = 1000000,
                               .understood = 998771,
                               .lines = 12345,
                               .events = 12000,
                               .format = SLICE("postgresql-stderr"),
                               .detail = SLICE("%m [%p] %q%u@%d "),
                               .detail_inferred = true,
                               .skipped = &f->skipped[0],
                               .n_skipped = 1};
    f->files[1] = (model_file){.path = slice_of(HOSTILE, sizeof HOSTILE - 1),
                               .bytes = 100,
                               .content = 100,
                               .understood = 20,
                               .lines = 2,
                               .events = 1,
                               .format = slice_of(HOSTILE, sizeof HOSTILE - 1),
                               .skipped = &f->skipped[1],
                               .n_skipped = 1};
    f->threshold = (model_threshold){FIXTURE_FROM, 250000, SLICE("log")};
    f->source = (model_source){.name = SLICE("db1"),
                               .engine = SLICE("postgresql"),
                               .format = SLICE("postgresql-stderr"),
                               .detail = SLICE("%m [%p] %q%u@%d "),
                               .events = 12001,
                               .bytes = 1000100,
                               .content = 1000100,
                               .understood = 998791,
                               .clock_resolution = 1000,
                               .thresholds = &f->threshold,
                               .n_thresholds = 1,
                               .files = f->files,
                               .n_files = 2};
    f->limits[0] = (model_limit){SLICE("db1"), SLICE("statements faster than 250 ms"),
                                 SLICE("log_min_duration_statement is 250 ms"),
                                 SLICE("set it lower, or sample with log_min_duration_sample")};
    f->limits[1] = (model_limit){SLICE("db1"), SLICE("rows read and returned"),
                                 SLICE("this log has none"), SLICE("load auto_explain")};
}

static inline void fixture_plain_query(model_fixture *f)
{
    f->databases[0] = (model_share){SLICE("shop"), 1300, 290000000};
    f->databases[1] = (model_share){slice_of("", 0), 85, 1000000};
    f->users[0] = (model_share){SLICE("app"), 1385, 291000000};
    f->applications[0] = (model_share){SLICE("rails"), 1385, 291000000};
    f->hosts[0] = (model_share){SLICE("10.0.0.7"), 1385, 291000000};
    f->measure =
        (model_measure){.name = SLICE("prepare_time"),
                        .unit = SLICE("us"),
                        .statistics = {10, 5000, 500, 100, 900, 480, 800, 850, 890, 120, false},
                        .of_all = 10000};
    for (int i = 0; i < 3; i++) {
        f->points[i] = (model_point){FIXTURE_FROM + i * i * FIXTURE_MINUTE, 100 * (i + 1),
                                     i == 0 ? 10000000 : 49000000 * i};
        f->bins[i] = (model_bin){1000 << i, 2000 << i, 500 + i};
    }
    f->examples[0] =
        (model_example){f->files[0].path, 4711,         FIXTURE_FROM + 61123000, 1360000,
                        SLICE("shop"),    SLICE("app"), SLICE("rails"),          SLICE("10.0.0.7")};
    f->examples[1] = (model_example){
        slice_of("", 0), 3, 0, 54, slice_of("", 0), slice_of("", 0), slice_of("", 0),
        slice_of("", 0)};
    f->aliases[0] = (model_alias){SLICE("pg_queryid"), SLICE("-4388205233331294387")};
    f->aliases[1] = (model_alias){SLICE("pg_queryid"), SLICE("17")};
    f->codes[0] = (model_code){SLICE("57014"), 2};
    f->codes[1] = (model_code){slice_of("", 0), 1};
    f->queries[0] = (model_query){
        .id = 0x9f3c21d07be4a6c8,
        .engine = SLICE("postgresql"),
        .verb = SLICE("select"),
        .text = SLICE("select o.id, o.created_at, c.name from orders o join customers c on "
                      "c.id = o.customer_id where o.customer_id = ? order by o.created_at "
                      "desc limit ? offset ?"),
        .calls = 1385,
        .estimated_calls = 1385,
        .errors = 3,
        .time = {1385, 291000000, 210108, 54, 1360000, 150000, 400000, 612000, 1100000, 98765},
        .first_seen = FIXTURE_FROM,
        .last_seen = FIXTURE_FROM + 80 * FIXTURE_MINUTE,
        .databases = {f->databases, 2},
        .users = {f->users, 1},
        .applications = {f->applications, 1},
        .hosts = {f->hosts, 1},
        .measures = &f->measure,
        .n_measures = 1,
        .series = {f->points, 3},
        .histogram = f->bins,
        .n_histogram = 3,
        .examples = f->examples,
        .n_examples = 2,
        .aliases = f->aliases,
        .n_aliases = 2,
        .codes = f->codes,
        .n_codes = 2};
}

static inline void fixture_other_queries(model_fixture *f)
{
    slice hostile = slice_of(HOSTILE, sizeof HOSTILE - 1);
    f->hostile[0] = (model_share){hostile, 40, 6000000};
    model_shares shares = {f->hostile, 1};
    f->hostile_example =
        (model_example){hostile, 5, FIXTURE_FROM, 200000, hostile, hostile, hostile, hostile};
    f->queries[1] = (model_query){
        .id = 0x0000000000000abc,
        .engine = SLICE("postgresql"),
        .verb = SLICE("select"),
        .text = hostile,
        .calls = 40,
        .estimated_calls = 400,
        .time = {40, 6000000, 150000, 100000, 200000, 140000, 190000, 195000, 200000, 1000},
        .first_seen = FIXTURE_FROM,
        .last_seen = FIXTURE_FROM,
        .databases = shares,
        .users = shares,
        .applications = shares,
        .hosts = shares,
        .examples = &f->hostile_example,
        .n_examples = 1};
    f->queries[2] = (model_query){.id = UINT64_MAX,
                                  .engine = SLICE("postgresql"),
                                  .text = SLICE("select 注文番号 from 注文 where 顧客 = ? and "
                                                "商品名 = ? and 金額 > ? and 日付 = ?"),
                                  .calls = 7,
                                  .estimated_calls = 7};
}

/* Totals: 1385 + 40 + 7 calls shown and 312 cut; 291 + 6 s shown and 3 s cut; 80 minutes. */
static inline model_fixture *fixture_make(model_fixture *f)
{
    *f = (model_fixture){0};
    fixture_source(f);
    fixture_plain_query(f);
    fixture_other_queries(f);
    f->events[0] = (model_event_count){SLICE("checkpoint"), SLICE("checkpoints"), 4};
    f->events[1] = (model_event_count){SLICE("session-start"), SLICE("sessions begun"), 1234};
    f->events[2] = (model_event_count){SLICE("error"), SLICE("errors"), 3};
    f->m = (model){
        .version = SLICE("0.1"),
        .from = FIXTURE_FROM,
        .to = FIXTURE_FROM + 80 * FIXTURE_MINUTE,
        .zone_offset = 3600,
        .zone = SLICE("CET"),
        .selection = SLICE("database shop"),
        .command = SLICE("qlog show ID --db shop postgresql-2026-11-19.log"),
        .sources = &f->source,
        .n_sources = 1,
        .limits = f->limits,
        .n_limits = 2,
        .calls = 1744,
        .estimated_calls = 2104,
        .fingerprints = 76,
        .half_fingerprints = 1,
        .half_time = 291000000,
        .errors = 3,
        .time = {1737, 300000000, 172712, 54, 1360000, 150000, 400000, 612000, 1100000, 98765},
        .load_permille = 63, /* 300 s in 4800 s: 0.0625 */
        .series = {f->points, 3},
        .series_step = FIXTURE_MINUTE,
        .busiest = {FIXTURE_FROM + 4 * FIXTURE_MINUTE, 300, 98000000},
        .histogram = f->bins,
        .n_histogram = 3,
        .queries = f->queries,
        .n_queries = FIXTURE_QUERIES,
        .other_fingerprints = 73,
        .other_calls = 312,
        .other_time = 3000000,
        .events = f->events,
        .n_events = 3};
    return f;
}

#endif
