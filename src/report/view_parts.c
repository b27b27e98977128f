/* view_parts.c - see view_parts.h. */
#include "report/view_parts.h"

#include "base/number.h"
#include "base/timestamp.h"
#include "report/escape.h"
#include "report/figures.h"
#include "report/layout.h"
#include "report/sql_layout.h"

__extension__ typedef __int128 int128;

void view_scratch(view *v, value *parent, const char *name)
{
    value_add_display(v->b, parent, name, buf_slice(&v->scratch));
    buf_clear(&v->scratch);
}

/* What people see of a number is what stands in the scratch. */
static void set_display(view *v, value *number)
{
    value_set_display(v->b, number, buf_slice(&v->scratch));
    buf_clear(&v->scratch);
}

void view_count(view *v, value *parent, const char *name, int64_t n)
{
    count_format(&v->scratch, n);
    set_display(v, value_add_int(v->b, parent, name, n));
}

void view_duration(view *v, value *parent, const char *name, int64_t us)
{
    duration_format(&v->scratch, us);
    set_display(v, value_add_decimal(v->b, parent, name, us, 3));
}

void view_bytes(view *v, value *parent, const char *name, uint64_t bytes)
{
    bytes_format(&v->scratch, bytes);
    set_display(v, value_add_int(v->b, parent, name, (int64_t)bytes));
}

void view_load(view *v, value *parent, const char *name, bool known, int64_t permille)
{
    if (!known) {
        value_add_null(v->b, parent, name);
        return;
    }
    load_format(&v->scratch, permille);
    set_display(v, value_add_decimal(v->b, parent, name, permille, 3));
}

void view_part(view *v, value *parent, const char *name, int64_t part, int64_t whole)
{
    if (whole <= 0) {
        value_add_null(v->b, parent, name);
        return;
    }
    int64_t millionths = (int64_t)(((int128)part * 2000000 + whole) / ((int128)whole * 2));
    value *share = value_add_decimal(v->b, parent, name, millionths, 6);
    share_format(&v->scratch, part, whole);
    value_set_display(v->b, share, buf_slice(&v->scratch));
    buf_clear(&v->scratch);
}

void view_text(view *v, value *parent, const char *name, slice text)
{
    if (text.n > 0) {
        value_add_text(v->b, parent, name, text);
    } else {
        value_add_null(v->b, parent, name);
    }
}

void view_time(view *v, value *parent, const char *name, const char *local_name, int64_t at,
               int fraction_digits)
{
    if (at == 0) {
        value_add_null(v->b, parent, name);
    } else {
        timestamp_format_iso(&v->scratch, at);
        value_add_text(v->b, parent, name, buf_slice(&v->scratch));
        buf_clear(&v->scratch);
        local_time_format(&v->scratch, v->m, at, fraction_digits);
    }
    view_scratch(v, parent, local_name);
}

value *view_display_list(view *v, value *parent, const char *name)
{
    value *list = value_add_list(v->b, parent, name);
    if (list != NULL) {
        list->display_only = true;
    }
    return list;
}

value *view_display_object(view *v, value *parent, const char *name)
{
    value *object = value_add_object(v->b, parent, name);
    if (object != NULL) {
        object->display_only = true;
    }
    return object;
}

void view_flag(view *v, value *parent, const char *name, bool truth)
{
    value *flag = value_add_bool(v->b, parent, name, truth);
    if (flag != NULL) {
        flag->display_only = true;
    }
}

void view_counted(view *v, value *parent, const char *name, int64_t n, const char *singular,
                  const char *plural)
{
    counted_format(&v->scratch, n, singular, plural);
    view_scratch(v, parent, name);
}

static void add_span(view *v, slice text)
{
    if (v->wiki) {
        escape_wiki_span(&v->scratch, text);
    } else {
        escape_code_span(&v->scratch, text);
    }
}

void view_code_span(view *v, value *parent, const char *name, slice text, unsigned columns)
{
    buf safe, cut;
    buf_init(&safe, v->scratch.max);
    buf_init(&cut, v->scratch.max);
    escape_terminal(&safe, text);
    layout_add_cut(&cut, buf_slice(&safe), columns);
    add_span(v, buf_slice(&cut));
    v->b->failed = v->b->failed || safe.failed || cut.failed;
    view_scratch(v, parent, name);
    buf_free(&safe);
    buf_free(&cut);
}

void view_place(view *v, value *parent, slice path, uint64_t line)
{
    location_format(&v->scratch, path, line);
    view_scratch(v, parent, "place");
}

void view_location(view *v, value *parent, const char *name, slice path, uint64_t line)
{
    buf location;
    buf_init(&location, v->scratch.max);
    location_format(&location, path, line);
    v->b->failed = v->b->failed || location.failed;
    add_span(v, buf_slice(&location));
    view_scratch(v, parent, name);
    buf_free(&location);
}

static void add_decimal(view *v, value *object, const char *name, int64_t n, uint8_t digits)
{
    decimal_format(&v->scratch, n, digits);
    set_display(v, value_add_decimal(v->b, object, name, n, digits));
}

static void add_measured(view *v, value *object, const char *name, int64_t n, slice unit)
{
    if (slice_is(unit, "us")) {
        view_duration(v, object, name, n);
    } else if (slice_is(unit, "bytes")) {
        view_bytes(v, object, name, (uint64_t)n);
    } else if (slice_is(unit, "millionths")) {
        add_decimal(v, object, name, n, 6);
    } else {
        view_count(v, object, name, n);
    }
}

/* Of a sum without its distribution the first two figures, the total and the mean, are known. */
static bool is_known(const model_statistics *s, size_t figure)
{
    enum { ALONE = 2 };
    return s->n > 0 && (!s->sum_alone || figure < ALONE);
}

/* `finer` has the mean and the deviation of counts; NULL: they are in the unit as well. */
static void add_statistics(view *v, value *object, const model_statistics *s, slice unit,
                           const model_measure *finer)
{
    const struct {
        const char *name;
        int64_t value;
        int64_t thousandths; /* -1: the value itself */
    } figures[] = {{"total", s->total, -1},
                   {"mean", s->mean, finer != NULL ? finer->mean_thousandths : -1},
                   {"min", s->min, -1},
                   {"max", s->max, -1},
                   {"p50", s->p50, -1},
                   {"p90", s->p90, -1},
                   {"p95", s->p95, -1},
                   {"p99", s->p99, -1},
                   {"stddev", s->stddev, finer != NULL ? finer->stddev_thousandths : -1}};
    view_count(v, object, "n", s->n);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        if (!is_known(s, i)) {
            value_add_null(v->b, object, figures[i].name);
        } else if (figures[i].thousandths >= 0) {
            add_decimal(v, object, figures[i].name, figures[i].thousandths, 3);
        } else {
            add_measured(v, object, figures[i].name, figures[i].value, unit);
        }
    }
}

/* To the microsecond, where people see three digits. */
static void add_exact(view *v, value *object, const model_statistics *s)
{
    const struct {
        const char *name;
        int64_t us;
    } figures[] = {{"total", s->total}, {"mean", s->mean}, {"min", s->min}, {"max", s->max}};
    value *exact = view_display_object(v, object, "exact");
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        if (is_known(s, i)) {
            buf_printf(&v->scratch, "%lld.%03d ms", (long long)(figures[i].us / 1000),
                       (int)(figures[i].us % 1000));
        }
        view_scratch(v, exact, figures[i].name);
    }
}

void view_statistics(view *v, value *object, const model_statistics *s)
{
    add_statistics(v, object, s, SLICE("us"), NULL);
    if (v->page != NULL) {
        add_exact(v, object, s);
    }
}

void view_measure(view *v, value *object, const model_measure *measure)
{
    add_statistics(v, object, &measure->statistics, measure->unit,
                   measure_is_counted(measure) ? measure : NULL);
}

void view_series(view *v, value *parent, const char *name, const model_series *series)
{
    value *list = value_add_list(v->b, parent, name);
    for (uint32_t i = 0; i < series->n; i++) {
        value *point = value_add_object(v->b, list, NULL);
        view_time(v, point, "at", "at_local", series->points[i].at, 0);
        view_count(v, point, "calls", series->points[i].calls);
        view_duration(v, point, "time_ms", series->points[i].time);
    }
}

void view_histogram(view *v, value *parent, const char *name, const model_bin *bins, uint32_t n)
{
    value *list = value_add_list(v->b, parent, name);
    for (uint32_t i = 0; i < n; i++) {
        value *bin = value_add_object(v->b, list, NULL);
        view_duration(v, bin, "from_ms", bins[i].from);
        view_duration(v, bin, "to_ms", bins[i].to);
        view_count(v, bin, "calls", bins[i].calls);
    }
}

uint32_t view_items(view *v, uint32_t n)
{
    v->trimmed = v->trimmed || n > v->room.items;
    return n < v->room.items ? n : v->room.items;
}

slice view_text_room(view *v, slice text)
{
    if (text.n <= v->room.text) {
        return text;
    }
    v->trimmed = true;
    return utf8_take_whole(text, v->room.text);
}

void view_block(view *v, value *parent, const char *name, size_t left_out)
{
    if (left_out > 0) {
        buf_add_text(&v->scratch, "\n… and ");
        counted_format(&v->scratch, (int64_t)left_out, "more byte", "more bytes");
    }
    size_t run = longest_backtick_run(buf_slice(&v->scratch));
    if (v->wiki) {
        buf block;
        buf_init(&block, v->scratch.max);
        escape_wiki_block(&block, buf_slice(&v->scratch));
        v->b->failed = v->b->failed || block.failed;
        value_add_display(v->b, parent, name, buf_slice(&block));
        buf_clear(&v->scratch);
        buf_free(&block);
    } else {
        view_scratch(v, parent, name);
    }
    buf_add_repeat(&v->scratch, '`', run < MIN_FENCE ? MIN_FENCE : run + 1);
    view_scratch(v, parent, "fence");
}

void view_listing(view *v, value *parent, slice text)
{
    slice shown = view_text_room(v, text);
    buf safe;
    buf_init(&safe, v->scratch.max);
    escape_terminal(&safe, shown);
    sql_layout_text(buf_slice(&safe), VIEW_LISTING_COLUMNS, &v->scratch);
    view_block(v, parent, "listing", text.n - shown.n);
    v->b->failed = v->b->failed || safe.failed;
    buf_free(&safe);
}

void view_no_section(view *v, value *parent, const char *name)
{
    value *none = value_add_null(v->b, parent, name);
    if (none != NULL) {
        none->display_only = true;
    }
}
