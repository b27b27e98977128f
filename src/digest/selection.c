/* selection.c - see selection.h. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "digest/selection.h"

#include <pcre2.h>
#include <stdlib.h>

#include "base/number.h"
#include "base/timestamp.h"

struct pattern {
    pcre2_code *code;
    pcre2_match_data *data;
    char *text;
};

static const int64_t US_PER_DAY = 86400000000;

bool pattern_compile(const char *text, pattern **out, status *st)
{
    int error;
    PCRE2_SIZE at;
    pattern *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return status_no_memory(st);
    }
    /* Normalised text may hold bytes that are no UTF-8, so it is matched bytewise. */
    p->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, PCRE2_CASELESS, &error, &at,
                            NULL);
    if (p->code == NULL) {
        PCRE2_UCHAR why[128];
        pcre2_get_error_message(error, why, sizeof why);
        free(p);
        return status_fail(st, STATUS_USAGE, "cannot read the pattern '%s': %s at character %zu",
                           text, (const char *)why, (size_t)at + 1);
    }
    pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);
    p->data = pcre2_match_data_create(1, NULL);
    p->text = strdup(text);
    *out = p;
    return p->data != NULL && p->text != NULL ? true : status_no_memory(st);
}

bool pattern_matches(const pattern *p, slice text)
{
    return pcre2_match(p->code, (PCRE2_SPTR)text.p, text.n, 0, 0, p->data, NULL) >= 0;
}

static void pattern_free(pattern *p)
{
    if (p != NULL) {
        pcre2_code_free(p->code);
        pcre2_match_data_free(p->data);
        free(p->text);
        free(p);
    }
}

void selection_free(selection *s)
{
    pattern_free(s->match);
    pattern_free(s->exclude);
    *s = (selection){0};
}

/* "HH:MM" or "HH:MM:SS[.fff]" as microseconds since midnight. */
static bool clock_parse(slice text, int64_t *us)
{
    uint64_t part[2];
    uint64_t seconds = 0;
    for (int i = 0; i < 2; i++) {
        if (!unsigned_take(&text, &part[i]) || (i == 0 && (text.n == 0 || text.p[0] != ':'))) {
            return false;
        }
        text = i == 0 ? slice_skip(text, 1) : text;
    }
    if (text.n > 0) {
        if (text.p[0] != ':') {
            return false;
        }
        text = slice_skip(text, 1);
        if (!fixed_take(&text, 6, &seconds) || text.n > 0) {
            return false;
        }
    }
    if (part[0] > 24 || part[1] > 59 || seconds >= 61000000u) {
        return false;
    }
    *us = (int64_t)((part[0] * 60 + part[1]) * 60 * 1000000 + seconds);
    return true;
}

static bool digits(slice text, size_t at, size_t n, int *value)
{
    *value = 0;
    for (size_t i = at; i < at + n; i++) {
        if (i >= text.n || text.p[i] < '0' || text.p[i] > '9') {
            return false;
        }
        *value = *value * 10 + (text.p[i] - '0');
    }
    return true;
}

bool moment_parse(slice text, moment *m)
{
    text = slice_trim(text);
    if (clock_parse(text, &m->us)) {
        m->kind = MOMENT_CLOCK;
        return true;
    }
    int year;
    int month;
    int day;
    if (!digits(text, 0, 4, &year) || !digits(text, 5, 2, &month) || !digits(text, 8, 2, &day) ||
        text.p[4] != '-' || text.p[7] != '-' || month < 1 || month > 12 || day < 1 || day > 31) {
        return false;
    }
    m->us = days_from_civil(year, month, day) * US_PER_DAY;
    m->kind = MOMENT_LOCAL;
    slice rest = slice_skip(text, 10);
    if (rest.n == 0) {
        return true;
    }
    if (rest.p[0] != ' ' && rest.p[0] != 'T') {
        return false;
    }
    rest = slice_skip(rest, 1);
    size_t n = 0;
    while (n < rest.n && ((rest.p[n] >= '0' && rest.p[n] <= '9') || rest.p[n] == ':' || rest.p[n] == '.')) {
        n++;
    }
    int64_t clock;
    if (!clock_parse(slice_take(rest, n), &clock)) {
        return false;
    }
    m->us += clock;
    slice zone = slice_trim(slice_skip(rest, n));
    int32_t offset;
    if (zone.n > 0) {
        if (!zone_offset(zone, &offset)) {
            return false;
        }
        m->us -= (int64_t)offset * 1000000;
        m->kind = MOMENT_INSTANT;
    }
    return true;
}

static void resolve(moment *m, int64_t from, int32_t offset)
{
    int64_t shift = (int64_t)offset * 1000000;
    if (m->kind == MOMENT_LOCAL) {
        m->us -= shift;
    } else if (m->kind == MOMENT_CLOCK) {
        int64_t local = from + shift;
        int64_t midnight = local - ((local % US_PER_DAY) + US_PER_DAY) % US_PER_DAY;
        m->us += midnight;
        m->us += m->us < local ? US_PER_DAY : 0;
        m->us -= shift;
    }
    if (m->kind != MOMENT_NONE) {
        m->kind = MOMENT_INSTANT;
    }
}

void selection_resolve(selection *s, int64_t first, int32_t zone_offset)
{
    /* "--since 14:00" on a log that begins at 14:00:03 means its beginning, not tomorrow. */
    int64_t minute = first - ((first % 60000000) + 60000000) % 60000000;
    resolve(&s->since, minute, zone_offset);
    resolve(&s->until, s->since.kind == MOMENT_NONE ? minute : s->since.us + 1, zone_offset);
}

void selection_finish(selection *s)
{
    s->empty = s->since.kind == MOMENT_NONE && s->until.kind == MOMENT_NONE && s->min_time == 0 &&
               s->match == NULL && s->exclude == NULL;
    for (int d = 0; d < WHO_DIMENSIONS; d++) {
        s->empty = s->empty && s->names[d].n == 0;
    }
}

bool selection_has_time(const selection *s, int64_t at)
{
    return (s->since.kind == MOMENT_NONE || at >= s->since.us) &&
           (s->until.kind == MOMENT_NONE || at < s->until.us);
}

static bool in_list(const name_list *list, slice name)
{
    for (uint32_t i = 0; i < list->n; i++) {
        if (slice_is(name, list->items[i])) {
            return true;
        }
    }
    return list->n == 0;
}

bool selection_has_who(const selection *s, const who *w)
{
    return in_list(&s->names[WHO_DATABASE], w->database) &&
           in_list(&s->names[WHO_USER], w->user) &&
           in_list(&s->names[WHO_APPLICATION], w->application) &&
           in_list(&s->names[WHO_HOST], w->host);
}

bool selection_has_text(const selection *s, slice normalised)
{
    return (s->match == NULL || pattern_matches(s->match, normalised)) &&
           (s->exclude == NULL || !pattern_matches(s->exclude, normalised));
}

static void comma(buf *out)
{
    if (out->n > 0) {
        buf_add_text(out, ", ");
    }
}

/* As it was typed: a time of day has no date until a log gives it one. */
static void describe_moment(const moment *m, const char *word, int32_t zone_offset, buf *out)
{
    static const size_t date_length = sizeof "2026-11-19 " - 1;
    if (m->kind == MOMENT_NONE) {
        return;
    }
    comma(out);
    buf_add_text(out, word);
    buf_add_char(out, ' ');
    if (m->kind == MOMENT_INSTANT) {
        timestamp_format(out, m->us, zone_offset, 0);
        buf_add_char(out, ' ');
        zone_format(out, zone_offset);
        return;
    }
    buf text;
    buf_init(&text, 64);
    timestamp_format(&text, m->us, 0, 0);
    buf_add(out, slice_skip(buf_slice(&text), m->kind == MOMENT_CLOCK ? date_length : 0));
    buf_free(&text);
}

void selection_describe(const selection *s, int32_t zone_offset, buf *out)
{
    static const char *const words[WHO_DIMENSIONS] = {"database", "user", "application", "host"};
    describe_moment(&s->since, "since", zone_offset, out);
    describe_moment(&s->until, "until", zone_offset, out);
    for (int d = 0; d < WHO_DIMENSIONS; d++) {
        for (uint32_t i = 0; i < s->names[d].n; i++) {
            if (i == 0) {
                comma(out);
            }
            buf_add_text(out, i == 0 ? words[d] : "");
            buf_add_text(out, i == 0 ? " = " : " or ");
            buf_add_text(out, s->names[d].items[i]);
        }
    }
    if (s->min_time > 0) {
        comma(out);
        buf_add_text(out, "at least ");
        duration_format(out, s->min_time);
    }
    if (s->match != NULL) {
        comma(out);
        buf_printf(out, "text matches '%s'", s->match->text);
    }
    if (s->exclude != NULL) {
        comma(out);
        buf_printf(out, "text does not match '%s'", s->exclude->text);
    }
}
