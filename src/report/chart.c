/* chart.c - see chart.h. */
#include "report/chart.h"

#include "base/time_units.h"

__extension__ typedef __int128 int128;

/* --- over time ------------------------------------------------------------------------ */

bool time_axis_fit(const model *m, uint32_t most, time_axis *axis)
{
    const model_series *all = &m->series;
    if (all->n == 0 || m->series_step <= 0) {
        return false;
    }
    int64_t begin = all->points[0].at;
    int64_t end = all->points[all->n - 1].at;
    if (m->from != 0 && m->from < begin) {
        begin -= (begin - m->from + m->series_step - 1) / m->series_step * m->series_step;
    }
    if (m->to > end) {
        end += (m->to - end) / m->series_step * m->series_step;
    }
    int64_t buckets = (end - begin) / m->series_step + 1;
    int64_t together = (buckets + most - 1) / most;
    *axis = (time_axis){.begin = begin,
                        .step = together * m->series_step,
                        .columns = (uint32_t)((buckets + together - 1) / together)};
    return true;
}

void time_axis_sum(const time_axis *axis, const model_series *series, int64_t *time, int64_t *calls)
{
    memset(time, 0, axis->columns * sizeof *time);
    memset(calls, 0, axis->columns * sizeof *calls);
    for (uint32_t i = 0; i < series->n; i++) {
        const model_point *p = &series->points[i];
        int64_t column = (p->at - axis->begin) / axis->step;
        if (p->at >= axis->begin && column < axis->columns) {
            time[column] += p->time;
            calls[column] += p->calls;
        }
    }
}

/* --- by duration ----------------------------------------------------------------------- */

static uint32_t power_of_two(int64_t us)
{
    return us <= 1 ? 0 : 63u - (uint32_t)__builtin_clzll((uint64_t)us);
}

/* The column of a duration, counted from 1 us. */
static uint32_t column_of(int64_t us, uint32_t parts)
{
    uint32_t power = power_of_two(us);
    uint64_t beyond = us < 1 ? 0 : (uint64_t)us - (UINT64_C(1) << power);
    return power * parts + (uint32_t)(((unsigned __int128)beyond * parts) >> power);
}

bool duration_axis_fit(const model_bin *bins, uint32_t n, uint32_t most, duration_axis *axis)
{
    if (n == 0) {
        return false;
    }
    int64_t from = bins[0].from;
    int64_t last = bins[n - 1].to - 1;
    /* Not finer than the bins, 32 to a power of two, nor, where most of the chart is, than whole
     * microseconds. */
    uint32_t middle = (power_of_two(from) + power_of_two(last)) / 2;
    uint32_t parts = 32;
    while (parts > 1 && (parts > (UINT64_C(1) << middle) ||
                         column_of(last, parts) - column_of(from, parts) >= most)) {
        parts /= 2;
    }
    uint32_t first = column_of(from, parts);
    uint32_t columns = column_of(last, parts) - first + 1;
    *axis =
        (duration_axis){.first = first, .parts = parts, .columns = columns < most ? columns : most};
    return true;
}

void duration_axis_sum(const duration_axis *axis, const model_bin *bins, uint32_t n, int64_t *time,
                       int64_t *calls)
{
    memset(time, 0, axis->columns * sizeof *time);
    memset(calls, 0, axis->columns * sizeof *calls);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t column = column_of(bins[i].from, axis->parts) - axis->first;
        column = column < axis->columns ? column : axis->columns - 1;
        int64_t middle = bins[i].from + (bins[i].to - 1 - bins[i].from) / 2;
        int128 sum = time[column] + (int128)middle * bins[i].calls;
        time[column] = sum > INT64_MAX ? INT64_MAX : (int64_t)sum;
        calls[column] += bins[i].calls;
    }
}

int64_t duration_axis_from(const duration_axis *axis, uint32_t column)
{
    uint32_t at = axis->first + column;
    uint32_t power = at / axis->parts;
    if (power > 62) {
        return INT64_MAX;
    }
    uint64_t whole = UINT64_C(1) << power;
    uint64_t part = (uint64_t)(((unsigned __int128)whole * (at % axis->parts)) / axis->parts);
    return at == 0 ? 0 : (int64_t)(whole + part);
}

uint32_t duration_axis_at(const duration_axis *axis, int64_t us)
{
    enum { PER_COLUMN = 1024 };
    int64_t fine = (int64_t)column_of(us, axis->parts * PER_COLUMN);
    int64_t into = fine - (int64_t)axis->first * PER_COLUMN;
    int64_t whole = (int64_t)axis->columns * PER_COLUMN;
    into = into < 0 ? 0 : into > whole ? whole : into;
    return (uint32_t)(into * 1000 / whole);
}

/* --- drawing ---------------------------------------------------------------------------- */

int64_t chart_most(const int64_t *values, uint32_t n)
{
    int64_t most = 0;
    for (uint32_t i = 0; i < n; i++) {
        most = values[i] > most ? values[i] : most;
    }
    return most;
}

static int64_t bar_height(int64_t value, int64_t most, uint32_t height)
{
    if (value <= 0 || most <= 0) {
        return 0;
    }
    int64_t units = (int64_t)(((int128)value * height + most / 2) / most);
    return units < 1 ? 1 : units;
}

/* Relative commands, and equal neighbours as one: a chart is a few hundred bytes. */
void chart_path(const int64_t *values, uint32_t n, int64_t most, uint32_t width, uint32_t height,
                buf *out)
{
    int64_t level = 0;
    uint32_t drawn = 0; /* units to the right that are drawn already */
    buf_printf(out, "M0 %u", height);
    for (uint32_t i = 0; i <= n; i++) {
        int64_t next = i < n ? bar_height(values[i], most, height) : 0;
        uint32_t x = (uint32_t)((uint64_t)i * width / (n > 0 ? n : 1));
        if (next == level && i < n) {
            continue;
        }
        if (x > drawn) {
            buf_printf(out, "h%u", x - drawn);
            drawn = x;
        }
        if (next != level) {
            buf_printf(out, "v%lld", (long long)(level - next));
        }
        level = next;
    }
    buf_add_char(out, 'z');
}

int64_t chart_grid(int64_t most, bool durations)
{
    int64_t unit = 1;
    if (durations && most >= 2 * US_PER_HOUR) {
        unit = US_PER_HOUR;
    } else if (durations && most >= 2 * US_PER_MINUTE) {
        unit = US_PER_MINUTE;
    }
    static const int64_t factors[] = {2, 5, 10};
    int64_t grid = unit;
    int64_t least = most / 5 + (most % 5 > 0);
    for (int64_t power = unit; grid < least && power <= INT64_MAX / 10; power *= 10) {
        for (size_t i = 0; i < sizeof factors / sizeof *factors && grid < least; i++) {
            grid = power * factors[i];
        }
    }
    return grid;
}

int64_t chart_ticks(const time_axis *axis, uint32_t most)
{
    static const int64_t seconds[] = {1,     2,     5,     10,    15,     30,    60,
                                      120,   300,   600,   900,   1800,   3600,  7200,
                                      10800, 21600, 43200, 86400, 172800, 604800};
    int64_t window = axis->step * axis->columns;
    size_t last = sizeof seconds / sizeof *seconds - 1;
    for (size_t i = 0; i < last; i++) {
        if (window / (seconds[i] * US_PER_SECOND) < most) {
            return seconds[i] * US_PER_SECOND;
        }
    }
    int64_t week = seconds[last] * US_PER_SECOND;
    return week * (window / (week * most) + 1);
}
