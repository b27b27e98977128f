/* findings_fixture.h - a log written in a test, ingested and analysed: what its findings are.
 *
 * Logs are of the prefix "%m [%p] %u@%d ", since any analyser's evidence can be written in it. */
#ifndef QLOG_TESTS_FINDINGS_FIXTURE_H
#define QLOG_TESTS_FINDINGS_FIXTURE_H

#include <stdarg.h>

#include "analysers/analysis.h"
#include "pipeline/ingest.h"
#include "report/value_json.h"
#include "store_fixture.h"

static const int64_t BEGIN = 1795096800000000; /* 2026-11-19 14:00:00 UTC */

enum { SECOND = 1000000 };

static inline buf log_begin(void)
{
    buf log;
    buf_init(&log, TEXT_MAX);
    return log;
}

/* A line of session `pid`, us after BEGIN. */
__attribute__((format(printf, 4, 5))) static inline void
log_line_at(buf *log, int64_t us, unsigned pid, const char *text, ...)
{
    char line[512];
    va_list list;
    va_start(list, text);
    vsnprintf(line, sizeof line, text, list);
    va_end(list);
    timestamp_format(log, BEGIN + us, 0, 3);
    buf_printf(log, " UTC [%u] app@shop %s\n", pid, line);
}

typedef struct analysed {
    store *s;
    arena memory;
    finding *findings;
    uint32_t n;
} analysed;

/* Ingests a log of any format, which is freed, and analyses it. */
static inline analysed log_analyse_as(buf *log, slice prefix)
{
    analysed r = {.s = store_in_memory()};
    folder f = folder_make();
    file_name name = file_in(&f, "a.log");
    file_write(name.text, buf_slice(log));
    buf_free(log);
    const char *path = name.text;
    ingest_request request = {.paths = &path,
                              .n_paths = 1,
                              .source = "prod",
                              .options = {.prefix = prefix},
                              .jobs = 1,
                              .threshold = THRESHOLD_UNKNOWN,
                              .final = true,
                              .interrupt_fd = -1};
    ingest_result result;
    status st = {0};
    assert_true(ingest_files(r.s, &request, &result, &st));
    ingest_result_free(&result);
    folder_remove(&f, (const char *[]){"a.log"}, 1);
    analysis_request wanted = analysis_request_default();
    arena_init(&r.memory, TEXT_MAX);
    assert_true(analyse(r.s, &wanted, &r.memory, &r.findings, &r.n, &st));
    assert_string_equal(st.text, "");
    return r;
}

static inline analysed log_analyse(buf *log)
{
    return log_analyse_as(log, SLICE("%m [%p] %u@%d "));
}

static inline void analysed_free(analysed *r)
{
    arena_free(&r->memory);
    store_close(r->s);
}

static inline const finding *found(const analysed *r, finding_kind kind)
{
    for (uint32_t i = 0; i < r->n; i++) {
        if (r->findings[i].kind == kind) {
            return &r->findings[i];
        }
    }
    return NULL;
}

/* Frees it, and tells whether there was such a finding. */
static inline bool log_has(buf *log, finding_kind kind)
{
    analysed r = log_analyse(log);
    bool has = found(&r, kind) != NULL;
    analysed_free(&r);
    return has;
}

/* A number of the evidence, as JSON has it. */
static inline void evidence_is(const finding *f, const char *name, const char *expected)
{
    char scratch[VALUE_NUMBER_SIZE];
    const value *v = value_get(f->evidence, slice_from(name));
    assert_non_null(v);
    slice number = value_number(v, scratch);
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)number.n, number.p);
    assert_string_equal(text, expected);
}

static inline void text_is(slice text, const char *expected)
{
    char copy[4096];
    snprintf(copy, sizeof copy, "%.*s", (int)text.n, text.p);
    assert_string_equal(copy, expected);
}

#endif
