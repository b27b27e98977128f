/* test_template_names.c - templates/README.md names what a template can show: no more, no less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/assets.h"
#include "base/scan.h"
#include "model_fixture.h"
#include "report/compare_view.h"
#include "report/view.h"

enum { NAMES_MAX = 4000, ARENA_MAX = 1 << 26 };

static const char DOCUMENT[] = "templates/README.md";

/* A name that the document has for an object. */
typedef struct name {
    slice path; /* "queries.rows"; of the whole: "report" or "diff" */
    slice text;
    bool of_comparisons;
    bool seen;
} name;

typedef struct names {
    name items[NAMES_MAX];
    size_t n;
    char text[1 << 17];
} names;

static names documented;

/* The next `code span` of a line. */
static bool take_span(slice *line, slice *span)
{
    const char *begin = line->n > 0 ? memchr(line->p, '`', line->n) : NULL;
    const char *end =
        begin != NULL ? memchr(begin + 1, '`', line->n - (size_t)(begin + 1 - line->p)) : NULL;
    if (end == NULL) {
        return false;
    }
    *span = slice_between(begin + 1, end);
    *line = slice_skip(*line, (size_t)(end + 1 - line->p));
    return true;
}

/* Names stand in the first column of tables, the objects that have them in the heading above. */
static void read_document(void)
{
    slice heading = {0};
    bool of_comparisons = false;
    FILE *file = fopen(DOCUMENT, "r");
    assert_non_null(file);
    slice rest = {documented.text, fread(documented.text, 1, sizeof documented.text, file)};
    fclose(file);
    documented.n = 0;
    while (rest.n > 0) {
        const char *end = memchr(rest.p, '\n', rest.n);
        slice line = end != NULL ? slice_between(rest.p, end) : rest;
        rest = slice_skip(rest, line.n + 1);
        if (slice_starts_with(line, SLICE("#"))) {
            heading = line;
            of_comparisons = of_comparisons || slice_is(line, "## Comparisons");
        }
        const char *bar =
            slice_starts_with(line, SLICE("| `")) ? memchr(line.p + 2, '|', line.n - 2) : NULL;
        slice cell = bar != NULL ? slice_between(line.p, bar) : (slice){0};
        for (slice text; take_span(&cell, &text);) {
            slice paths = heading;
            for (slice path; take_span(&paths, &path);) {
                assert_true(documented.n < NAMES_MAX);
                documented.items[documented.n++] =
                    (name){.path = path, .text = text, .of_comparisons = of_comparisons};
            }
        }
    }
}

/* --- the trees ---------------------------------------------------------------------------- */

/* What the log itself names. */
static bool has_names_of_its_own(const char *path)
{
    static const char *const paths[] = {"queries.attributes", "queries.errors_by_code",
                                        "queries.aliases", "findings.evidence"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (strcmp(path, paths[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void see(const char *path, slice text, bool of_comparisons)
{
    bool found = false;
    for (size_t i = 0; i < documented.n; i++) {
        name *n = &documented.items[i];
        if (n->of_comparisons == of_comparisons && slice_is(n->path, path) &&
            slice_equal(n->text, text)) {
            n->seen = found = true;
        }
    }
    if (!found) {
        fail_msg("%s does not name '%.*s' of '%s'", DOCUMENT, (int)text.n, text.p, path);
    }
}

static void walk(const value *v, const char *path, bool of_comparisons)
{
    if (has_names_of_its_own(path)) {
        return;
    }
    for (const value *child = v->first; child != NULL; child = child->next) {
        bool named = v->kind == VALUE_OBJECT;
        bool at_root = strcmp(path, "report") == 0 || strcmp(path, "diff") == 0;
        char below[256];
        snprintf(below, sizeof below, "%s%s%.*s", at_root ? "" : path, named && !at_root ? "." : "",
                 named ? (int)child->name.n : 0, child->name.p);
        if (named && slice_is(child->name, "exact")) { /* alike wherever it stands */
            snprintf(below, sizeof below, "exact");
        }
        if (named) {
            see(path, child->name, of_comparisons);
        }
        if (child->kind == VALUE_OBJECT || child->kind == VALUE_LIST) {
            walk(child, below, of_comparisons);
        }
    }
}

/* --- a model that has a bit of everything --------------------------------------------------- */

static model_fixture fixture;

static const char *const kinds[] = {"error",
                                    "cancel",
                                    "lock_acquired",
                                    "lock_waiting",
                                    "deadlock",
                                    "deadlock_with",
                                    "lock_holder",
                                    "temp_file",
                                    "checkpoint",
                                    "checkpoint_buffers",
                                    "vacuum",
                                    "analyze",
                                    "vacuum_rows",
                                    "vacuum_pages",
                                    "connection_user",
                                    "connection_database",
                                    "connection_application",
                                    "connection_host",
                                    "server",
                                    "ddl"};
enum { KINDS = sizeof kinds / sizeof *kinds };

static model_fact facts[2 * KINDS], fact_queries[KINDS];
static model_duplicate duplicate = {{"x.log", 5}, {"x.json", 6}};
static model_tag tag;
static model_plan plans[2] = {{.shape = {"Seq Scan on t", 13}, .calls = 1},
                              {.shape = {"Index Scan on t", 15}, .calls = 2}};
static model_table table = {{"orders", 6}, {"read", 4}};
static model_measure rows[2];
static model_group group;
static occurrence happened[] = {{1795089600000000, {"server", 6}, {"db1", 3}, {"started", 7}}};
static const model_query *leader;
static finding findings[2];
static closed_finding closed[1];
static finding_point point = {100, 1000};
static value evidence = {.kind = VALUE_OBJECT};
static const uint64_t found_query = 0x9f3c21d07be4a6c8;

static const model *rich_model(void)
{
    fixture_make(&fixture);
    model *m = &fixture.m;
    model_query *q = &fixture.queries[0];
    for (size_t i = 0; i < KINDS; i++) {
        for (size_t k = 0; k < 2; k++) {
            facts[2 * i + k] = (model_fact){
                slice_from(kinds[i]), k == 0 ? SLICE("40P01 one") : SLICE("other one"), 0, 2, 3, 2};
        }
        fact_queries[i] = (model_fact){slice_from(kinds[i]), SLICE(""), q->id, 2, 3, 2};
    }
    m->facts = facts;
    m->n_facts = 2 * KINDS;
    m->fact_queries = fact_queries;
    m->n_fact_queries = KINDS;
    fixture.limits[0].source = SLICE(""); /* as of a selection */
    m->occurrences = happened;
    m->n_occurrences = 1;
    fixture.source.duplicates = &duplicate;
    fixture.source.n_duplicates = 1;
    tag = (model_tag){SLICE("action"), {fixture.users, 1}};
    q->tags = &tag;
    q->n_tags = 1;
    q->plans = plans;
    q->n_plans = 2;
    q->tables = &table;
    q->n_tables = 1;
    rows[0] = fixture.measure;
    rows[1] = (model_measure){
        .name = SLICE("full_scan"), .unit = SLICE("yes"), .statistics = {.n = 2, .total = 1}};
    q->measures = rows;
    q->n_measures = 2;
    q->notes[0] = SLICE("note");
    q->n_notes = 1;
    q->explain = SLICE("SELECT $1");
    fixture.queries[2].rank = 26; /* has no section of its own */
    group = (model_group){SLICE("app"), 3, 0, q->time};
    m->group_by = SLICE("user");
    m->groups = &group;
    m->n_groups = 1;
    leader = q;
    m->rankings[RANKING_TOTAL] = (model_ranking){&leader, 1};
    findings[0] = (finding){.id = 1,
                            .kind = FINDING_STALL,
                            .queries = &found_query,
                            .n_queries = 1,
                            .rewrite = SLICE("SELECT 1"),
                            .first_seen = FIXTURE_FROM,
                            .line = 7,
                            .evidence = &evidence,
                            .points = &point,
                            .n_points = 1};
    findings[1] =
        (finding){.id = 2, .kind = FINDING_REGRESSION, .queries = &found_query, .n_queries = 1};
    findings[1].state = FINDING_ACCEPTED;
    m->findings = findings;
    m->n_findings = 2;
    m->n_accepted = 1;
    m->closed = closed;
    m->n_closed = 1;
    return m;
}

/* --- tests -------------------------------------------------------------------------------- */

static void walk_report(const model *m, const view_options *o)
{
    arena a;
    arena_init(&a, ARENA_MAX);
    value_builder b = {.arena = &a};
    walk(view_build(m, o, &b), "report", false);
    assert_false(b.failed);
    arena_free(&a);
}

/* All queries slower, one new and one gone, and one with another plan. */
static void walk_comparison(const view_options *o)
{
    static comparison c;
    static change changes[CHANGE_SERVER];
    const model *m = rich_model();
    arena a;
    arena_init(&a, ARENA_MAX);
    value_builder b = {.arena = &a};
    c = (comparison){.before = m,
                     .after = m,
                     .names = {SLICE("a"), SLICE("b")},
                     .changes = changes,
                     .n_changes = CHANGE_SERVER};
    for (int k = 0; k < CHANGE_SERVER; k++) {
        const model_query *q = &m->queries[0];
        change_side side = {.query = q, .calls = q->calls, .time = q->time};
        changes[k] = (change){.kind = (change_kind)k,
                              .id = q->id,
                              .query = q,
                              .before = k == CHANGE_NEW ? (change_side){0} : side,
                              .after = k == CHANGE_GONE ? (change_side){0} : side};
        c.n_of[k] = 1;
    }
    walk(comparison_view(&c, 0, o, &b), "diff", true);
    assert_false(b.failed);
    arena_free(&a);
}

static void what_templates_can_show_is_documented_and_nothing_else(void **state)
{
    (void)state;
    const view_page page = {SLICE("a{}"), SLICE("1")};
    const view_options html = {.page = &page};
    const view_options markdown = {0};
    read_document();
    walk_report(rich_model(), &html);
    walk_report(rich_model(), &markdown);
    walk_comparison(&html);
    walk_comparison(&markdown);
    for (size_t i = 0; i < documented.n; i++) {
        const name *n = &documented.items[i];
        if (!n->seen) {
            fail_msg("%s names '%.*s' of '%.*s', which is not there", DOCUMENT, (int)n->text.n,
                     n->text.p, (int)n->path.n, n->path.p);
        }
    }
}

/* The next tag of a template that has a meaning in both notations, without its braces; those of
 * what Markdown alone has, fences and folds, are passed over. */
static slice next_tag(slice *text)
{
    bool folded = false;
    for (;;) {
        const char *begin = scan_text(*text, SLICE("{{"));
        const char *end = begin != NULL
                              ? scan_text(slice_skip(*text, (size_t)(begin - text->p)), SLICE("}}"))
                              : NULL;
        if (end == NULL) {
            return (slice){0};
        }
        slice one = slice_between(begin + 2, end);
        *text = slice_skip(*text, (size_t)(end + 2 - text->p));
        bool markdown_s_own = scan_text(one, SLICE("fence")) != NULL ||
                              scan_text(one, SLICE("language")) != NULL ||
                              scan_text(one, SLICE("folds")) != NULL;
        if (slice_is(one, "#folds") || slice_is(one, "/folds")) {
            folded = slice_is(one, "#folds");
        } else if (!markdown_s_own && !folded) {
            return slice_starts_with(one, SLICE(">"))
                       ? slice_take(one, (size_t)((const char *)memchr(one.p, '.', one.n) - one.p))
                       : one;
        }
    }
}

/* The same, where a link has its name twice. */
static slice next_other_tag(slice *text, slice before)
{
    slice one = next_tag(text);
    while (one.n > 0 && slice_equal(one, before)) {
        one = next_tag(text);
    }
    return one;
}

static void jira_is_told_what_markdown_tells(void **state)
{
    (void)state;
    static const char *const templates[] = {"report", "query", "findings", "show", "diff"};
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        char file[32];
        slice markdown;
        slice jira;
        snprintf(file, sizeof file, "%s.md", templates[i]);
        assert_true(asset_find(slice_from(file), &markdown));
        snprintf(file, sizeof file, "%s.jira", templates[i]);
        assert_true(asset_find(slice_from(file), &jira));
        for (slice a = {0}, b = {0};;) {
            a = next_other_tag(&markdown, a);
            b = next_other_tag(&jira, b);
            if (!slice_equal(a, b)) {
                fail_msg("%s: '%.*s' in Markdown, '%.*s' here", file, (int)a.n, a.p, (int)b.n, b.p);
            }
            if (a.n == 0) {
                break;
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jira_is_told_what_markdown_tells),
        cmocka_unit_test(what_templates_can_show_is_documented_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
