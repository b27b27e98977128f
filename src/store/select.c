/* select.c - see select.h. What is chosen, and how, is in select.sql; here are the functions that
 * it uses and the values of its parameters. */
#include "store/select.h"

#include <stdio.h>

#include "base/assets.h"
#include "base/time_units.h"
#include "store/internal.h"

enum { PACKED_MAX = 1024 * 1024, KEY_MAX = 300 };

/* Any time there can be, with room to add an hour. */
static const int64_t FAR = (int64_t)1 << 60;

/* What the parameters and functions of select.sql are about. */
typedef struct narrowing {
    selection *chosen;
    int64_t since, until; /* us */
    int64_t min_time;     /* us: where a bin of the histograms begins; 0: not asked for */
    char key[KEY_MAX];    /* of the marginal that was asked for; "" */
    int32_t zone_offset;  /* of the store's last record */
    bool who, by_hour, cuts;
} narrowing;

/* --- functions ------------------------------------------------------------------------- */

static slice argument_of(sqlite3_value *v)
{
    const void *p = sqlite3_value_blob(v);
    return p != NULL ? slice_of(p, (size_t)sqlite3_value_bytes(v)) : SLICE("");
}

static bool has_tag_value(const name_list *tags, slice key, slice value)
{
    for (uint32_t i = 0; i < tags->n; i++) {
        slice tag = slice_from(tags->items[i]);
        if (tag.n == key.n + 1 + value.n && slice_starts_with(tag, key) && tag.p[key.n] == '=' &&
            slice_ends_with(tag, value)) {
            return true;
        }
    }
    return false;
}

/* chosen(DIMENSION, NAME) */
static void sql_chosen(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    const narrowing *w = sqlite3_user_data(context);
    const selection *s = w->chosen;
    slice dimension = argument_of(values[0]);
    slice name = argument_of(values[1]);
    bool yes = true;
    if (slice_is(dimension, "source")) {
        yes = name_list_has(&s->sources, name);
    } else if (slice_is(dimension, "engine")) {
        yes = name_list_has(&s->engines, name);
    } else if (slice_starts_with(dimension, SLICE(WHO_TAG))) {
        yes = has_tag_value(&s->tags, slice_skip(dimension, strlen(WHO_TAG)), name);
    } else {
        for (int d = 0; d < WHO_DIMENSIONS; d++) {
            if (slice_is(dimension, who_dimension_name((who_dimension)d))) {
                yes = name_list_has(&s->names[d], name);
            }
        }
    }
    sqlite3_result_int(context, yes);
}

/* chosen_text(TEXT) */
static void sql_chosen_text(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    const narrowing *w = sqlite3_user_data(context);
    sqlite3_result_int(context, selection_has_text(w->chosen, argument_of(values[0])));
}

/* How long the row of an hour is: before `days`, an argument, they are of days. */
static int64_t length_of(sqlite3_value *hour, sqlite3_value *days)
{
    bool day = sqlite3_value_int64(hour) < sqlite3_value_int64(days);
    return day ? US_PER_DAY : US_PER_HOUR;
}

/* touched(HOUR, DAYS), and inside(HOUR, DAYS): whether the window holds some of the row's time, or
 * all of it. */
static void sql_touched(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    const narrowing *w = sqlite3_user_data(context);
    int64_t begin = sqlite3_value_int64(values[0]) * US_PER_SECOND;
    sqlite3_result_int(context,
                       begin + length_of(values[0], values[1]) > w->since && begin < w->until);
}

static void sql_inside(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    const narrowing *w = sqlite3_user_data(context);
    int64_t begin = sqlite3_value_int64(values[0]) * US_PER_SECOND;
    sqlite3_result_int(context,
                       begin >= w->since && begin + length_of(values[0], values[1]) <= w->until);
}

static void return_bytes(sqlite3_context *context, buf *bytes, bool ok)
{
    slice text = buf_slice(bytes);
    if (ok && !bytes->failed) {
        sqlite3_result_blob(context, text.p, (int)text.n, SQLITE_TRANSIENT);
    } else {
        sqlite3_result_error(context, "damaged series or histogram", -1);
    }
    buf_free(bytes);
}

/* series_within(SERIES, HOUR): the points within the window, which begins and ends with a minute
 * and so, as every step divides one, with a point. */
static void sql_series_within(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    const narrowing *w = sqlite3_user_data(context);
    slice packed = argument_of(values[0]);
    int64_t hour = sqlite3_value_int64(values[1]) * US_PER_SECOND;
    series within = {.points = (series_point[SERIES_POINTS]){{0}}, .cap = SERIES_POINTS};
    series_point point = {0};
    while (within.n < SERIES_POINTS && series_take(&packed, &point)) {
        int64_t at = hour + point.second * US_PER_SECOND;
        if (at >= w->since && at < w->until) {
            within.points[within.n++] = point;
        }
    }
    buf out;
    buf_init(&out, PACKED_MAX);
    series_encode(&within, &out);
    return_bytes(context, &out, packed.n == 0);
}

static series_point sum_of_series(sqlite3_value *v)
{
    slice packed = argument_of(v);
    series_point point = {0};
    series_point sum = {0};
    while (series_take(&packed, &point)) {
        sum.calls += point.calls;
        sum.time += point.time;
    }
    return sum;
}

static void sql_series_calls(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_int64(context, (sqlite3_int64)sum_of_series(values[0]).calls);
}

static void sql_series_time(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_int64(context, (sqlite3_int64)sum_of_series(values[0]).time);
}

/* series_first(SERIES, HOUR) and series_last: where the outermost points begin, in us; for a series
 * without points the least, or the greatest, there is. */
static void sql_series_first(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    slice packed = argument_of(values[0]);
    int64_t hour = sqlite3_value_int64(values[1]);
    series_point point = {0};
    bool any = series_take(&packed, &point);
    sqlite3_result_int64(context, any ? (hour + point.second) * US_PER_SECOND : -FAR);
}

static void sql_series_last(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    slice packed = argument_of(values[0]);
    int64_t hour = sqlite3_value_int64(values[1]);
    int64_t last = FAR;
    series_point point = {0};
    while (series_take(&packed, &point)) {
        last = (hour + point.second) * US_PER_SECOND;
    }
    sqlite3_result_int64(context, last);
}

/* The bins of a packed histogram; returns how many. */
static uint32_t read_bins(slice packed, arena *a, uint64_t sorted[HISTOGRAM_BINS], bool *ok)
{
    histogram h = {0};
    *ok = histogram_merge(&h, a, packed);
    return *ok ? histogram_sorted(&h, sorted, HISTOGRAM_BINS) : 0;
}

/* histogram_above(HISTOGRAM): its values from :min_time on, where a bin begins. */
static void sql_histogram_above(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    const narrowing *w = sqlite3_user_data(context);
    uint64_t sorted[HISTOGRAM_BINS];
    uint32_t least = histogram_bin((uint64_t)w->min_time);
    arena a;
    buf out;
    bool ok;
    histogram above = {0};
    arena_init(&a, PACKED_MAX);
    buf_init(&out, PACKED_MAX);
    uint32_t bins = read_bins(argument_of(values[0]), &a, sorted, &ok);
    for (uint32_t i = 0; i < bins; i++) {
        uint64_t from;
        uint64_t to;
        histogram_bin_range(histogram_slot_bin(sorted[i]), &from, &to);
        if (histogram_slot_bin(sorted[i]) >= least) {
            ok = histogram_add(&above, &a, from, histogram_slot_count(sorted[i])) && ok;
        }
    }
    histogram_encode(&above, &out);
    return_bytes(context, &out, ok);
    arena_free(&a);
}

/* histogram_count(HISTOGRAM), and histogram_sum(HISTOGRAM, MIN, MAX), by the bins' middles. */
static void sql_histogram_total(sqlite3_context *context, int n, sqlite3_value **values)
{
    uint64_t sorted[HISTOGRAM_BINS];
    uint64_t count = 0;
    uint64_t sum = 0;
    uint64_t min = n > 1 ? (uint64_t)sqlite3_value_int64(values[1]) : 0;
    uint64_t max = n > 1 ? (uint64_t)sqlite3_value_int64(values[2]) : 0;
    arena a;
    bool ok;
    arena_init(&a, PACKED_MAX);
    uint32_t bins = read_bins(argument_of(values[0]), &a, sorted, &ok);
    for (uint32_t i = 0; i < bins; i++) {
        uint64_t from;
        uint64_t to;
        histogram_bin_range(histogram_slot_bin(sorted[i]), &from, &to);
        uint64_t middle = from + (to - from) / 2;
        middle = middle < min ? min : middle > max ? max : middle;
        count += histogram_slot_count(sorted[i]);
        sum += histogram_slot_count(sorted[i]) * middle;
    }
    if (ok) {
        sqlite3_result_int64(context, (sqlite3_int64)(n > 1 ? sum : count));
    } else {
        sqlite3_result_error(context, "damaged histogram", -1);
    }
    arena_free(&a);
}

/* They know one selection: `w` NULL takes them away again. */
static bool set_functions(const store *s, narrowing *w, status *st)
{
    static const struct {
        const char *name;
        int arguments;
        void (*run)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {{"chosen", 2, sql_chosen},
                     {"chosen_text", 1, sql_chosen_text},
                     {"touched", 2, sql_touched},
                     {"inside", 2, sql_inside},
                     {"series_within", 2, sql_series_within},
                     {"series_calls", 1, sql_series_calls},
                     {"series_time", 1, sql_series_time},
                     {"series_first", 2, sql_series_first},
                     {"series_last", 2, sql_series_last},
                     {"histogram_above", 1, sql_histogram_above},
                     {"histogram_count", 1, sql_histogram_total},
                     {"histogram_sum", 3, sql_histogram_total}};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (sqlite3_create_function_v2(s->db, functions[i].name, functions[i].arguments,
                                       SQLITE_UTF8, w, w != NULL ? functions[i].run : NULL, NULL,
                                       NULL, NULL) != SQLITE_OK) {
            return store_fail(s, "read", st);
        }
    }
    return true;
}

/* --- parameters ------------------------------------------------------------------------- */

/* The one marginal that the selection asks for. A store does not know which users or other tags
 * were behind a host or a tag. */
static bool find_key(narrowing *w, status *st)
{
    const selection *s = w->chosen;
    bool host = s->names[WHO_HOST].n > 0;
    w->who =
        s->names[WHO_DATABASE].n > 0 || s->names[WHO_USER].n > 0 || s->names[WHO_APPLICATION].n > 0;
    snprintf(w->key, sizeof w->key, "%s", host ? "host" : "");
    for (uint32_t i = 0; i < s->tags.n; i++) {
        char key[KEY_MAX];
        size_t n = strcspn(s->tags.items[i], "=");
        snprintf(key, sizeof key, WHO_TAG "%.*s", (int)n, s->tags.items[i]);
        if (*w->key != '\0' && strcmp(w->key, key) != 0) {
            return status_fail(st, STATUS_USAGE,
                               "a store does not keep hosts and tags of several keys together:"
                               " '%s' and '%s'; 'qlog analyze' on the logs can",
                               w->key, key);
        }
        snprintf(w->key, sizeof w->key, "%s", key);
    }
    if (*w->key != '\0' && (w->who || s->min_time > 0)) {
        return status_fail(st, STATUS_USAGE,
                           "a store does not keep '%s' together with %s; 'qlog analyze' on the"
                           " logs can",
                           w->key,
                           w->who ? "databases, users and applications" : "single durations");
    }
    return true;
}

/* Fixes the window, and refuses one in which there is nothing at all. */
static bool find_window(const store *s, narrowing *w, status *st)
{
    sqlite3_stmt *q = rows_begin(s,
                                 "SELECT min(first_at) OVER (), last_at, zone_offset FROM segments"
                                 " WHERE last_at <> 0 AND chosen('source', source)"
                                 " AND chosen('engine', engine) ORDER BY last_at DESC LIMIT 1",
                                 st);
    int64_t first = 0;
    int64_t last = 0;
    if (q != NULL && rows_next(s, q, st)) {
        first = sqlite3_column_int64(q, 0);
        last = sqlite3_column_int64(q, 1);
        w->zone_offset = (int32_t)sqlite3_column_int64(q, 2);
    }
    if (!rows_end(q, st)) {
        return false;
    }
    selection *c = w->chosen;
    selection_resolve_recent(c, last, w->zone_offset);
    w->since = c->since.kind == MOMENT_NONE ? -FAR : c->since.us;
    w->until = c->until.kind == MOMENT_NONE ? FAR : c->until.us;
    return last == 0 || (first < w->until && last >= w->since && w->since < w->until) ||
           selection_fail_window(c, first, last, w->zone_offset, st);
}

static int64_t floor_to(int64_t us, int64_t step)
{
    return us - ((us % step) + step) % step;
}

/* Series tell minutes: the window begins and ends with one. What is kept by the hour alone has it
 * begin and end with an hour of the log's zone. */
static void round_window(narrowing *w)
{
    const selection *c = w->chosen;
    uint64_t from = 0;
    uint64_t to;
    if (c->min_time > 0) {
        histogram_bin_range(histogram_bin((uint64_t)c->min_time), &from, &to);
    }
    w->min_time = (int64_t)from;
    w->by_hour = w->min_time > 0 || *w->key != '\0' || c->whole_hours;
    int64_t step = w->by_hour ? US_PER_HOUR : US_PER_MINUTE;
    int64_t shift = w->zone_offset * US_PER_SECOND;
    w->cuts = false;
    if (c->since.kind != MOMENT_NONE) {
        w->since = floor_to(c->since.us + shift, step) - shift;
        w->cuts = w->since != c->since.us;
    }
    if (c->until.kind != MOMENT_NONE) {
        w->until = floor_to(c->until.us + shift + step - 1, step) - shift;
        w->cuts = w->cuts || w->until != c->until.us;
    }
}

static void bind_parameters(sqlite3_stmt *q, const narrowing *w)
{
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        {":since", w->since},
        {":until", w->until},
        {":first_hour", w->since / US_PER_SECOND - SECONDS_PER_DAY - 1},
        {":last_hour", w->until / US_PER_SECOND + 1},
        {":by_hour", w->by_hour},
        {":cuts", w->cuts},
        {":who", w->who},
        {":by_text", w->chosen->match != NULL || w->chosen->exclude != NULL},
        {":min_time", w->min_time},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        int at = sqlite3_bind_parameter_index(q, numbers[i].name);
        if (at > 0) {
            sqlite3_bind_int64(q, at, numbers[i].value);
        }
    }
    int at = sqlite3_bind_parameter_index(q, ":key");
    if (at > 0 && *w->key != '\0') {
        sqlite3_bind_text(q, at, w->key, -1, SQLITE_STATIC);
    }
}

/* --- the whole --------------------------------------------------------------------------- */

static bool run_script(const store *s, const narrowing *w, status *st)
{
    slice script;
    if (!asset_find(SLICE("select.sql"), &script)) {
        return status_fail(st, STATUS_BUG, "select.sql is missing from the program");
    }
    const char *at = script.p;
    const char *end = script.p + script.n;
    while (st->code == STATUS_OK && at < end) {
        sqlite3_stmt *q = NULL;
        if (sqlite3_prepare_v2(s->db, at, (int)(end - at), &q, &at) != SQLITE_OK) {
            return store_fail(s, "read", st);
        }
        if (q != NULL) { /* NULL: nothing but a comment */
            bind_parameters(q, w);
            rows_next(s, q, st);
            sqlite3_finalize(q);
        }
    }
    return st->code == STATUS_OK;
}

static bool narrow(const store *s, narrowing *w, status *st)
{
    if (!find_key(w, st) || !find_window(s, w, st)) {
        return false;
    }
    round_window(w);
    return run_script(s, w, st);
}

bool store_select(const store *s, selection *chosen, status *st)
{
    narrowing w = {.chosen = chosen};
    /* Temporary tables are no change of the store, but SQLite takes them for one. */
    sqlite3_exec(s->db, "PRAGMA query_only = 0", NULL, NULL, NULL);
    bool ok = set_functions(s, &w, st) && narrow(s, &w, st);
    ok = set_functions(s, NULL, ok ? st : &(status){0}) && ok;
    sqlite3_exec(s->db, "PRAGMA query_only = 1", NULL, NULL, NULL);
    return ok;
}

static bool drop_selected(const store *s, status *st)
{
    buf drops;
    buf_init(&drops, PACKED_MAX);
    sqlite3_stmt *q =
        rows_begin(s,
                   "SELECT printf('DROP %s temp.\"%w\";', type, name) FROM temp.sqlite_master"
                   " WHERE type IN ('table', 'view') ORDER BY type DESC",
                   st);
    while (q != NULL && rows_next(s, q, st)) {
        buf_add(&drops, column_view(q, 0));
    }
    bool ok = rows_end(q, st) && (!drops.failed || status_no_memory(st)) &&
              (drops.n == 0 || store_run_sql(s, drops.p, "read", st));
    buf_free(&drops);
    return ok;
}

bool store_select_all(const store *s, status *st)
{
    sqlite3_exec(s->db, "PRAGMA query_only = 0", NULL, NULL, NULL);
    bool ok = drop_selected(s, st);
    sqlite3_exec(s->db, "PRAGMA query_only = 1", NULL, NULL, NULL);
    return ok;
}

bool store_resolve(const store *s, selection *chosen, status *st)
{
    narrowing w = {.chosen = chosen};
    bool ok = set_functions(s, &w, st) && find_window(s, &w, st);
    return set_functions(s, NULL, ok ? st : &(status){0}) && ok;
}
