/* selection.c - see selection.h. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "digest/selection.h"

#include <pcre2.h>
#include <stdlib.h>

#include "base/number.h"
#include "base/time_units.h"
#include "base/timestamp.h"

struct pattern {
    pcre2_code *code;
    pcre2_match_data *data;
    char *text;
};

bool pattern_compile(const char *text, pattern **out, status *st)
{
    int error;
    PCRE2_SIZE at;
    if (*out != NULL) {
        return status_fail(st, STATUS_USAGE, "a second pattern '%s'; join them with |", text);
    }
    pattern *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return status_no_memory(st);
    }
    /* Normalised text may hold bytes that are no UTF-8, so it is matched bytewise. */
    p->code =
        pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, PCRE2_CASELESS, &error, &at, NULL);
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
    *us = (int64_t)((part[0] * 60 + part[1]) * US_PER_MINUTE + seconds);
    return *us <= US_PER_DAY; /* "24:00" is a day's end, and nothing comes after it */
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

/* Takes a word in either case of letters, and the blanks behind it. */
static bool take_word(slice *text, const char *lower)
{
    size_t n = strlen(lower);
    if (text->n < n || (text->n > n && text->p[n] != ' ')) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        char c = text->p[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c) != lower[i]) {
            return false;
        }
    }
    *text = slice_trim(slice_skip(*text, n));
    return true;
}

static bool take_weekday(slice *text, int *day)
{
    static const char *const names[][2] = {
        {"monday", "mon"}, {"tuesday", "tue"},  {"wednesday", "wed"}, {"thursday", "thu"},
        {"friday", "fri"}, {"saturday", "sat"}, {"sunday", "sun"}};
    for (int i = 0; i < 7; i++) {
        if (take_word(text, names[i][0]) || take_word(text, names[i][1])) {
            *day = i;
            return true;
        }
    }
    return false;
}

/* "yesterday", "today", "last monday", and a time of that day; without one its beginning. */
static bool day_parse(slice text, moment *m)
{
    m->kind = MOMENT_DAY;
    m->us = 0;
    if (take_word(&text, "today")) {
        m->day = 0;
    } else if (take_word(&text, "yesterday")) {
        m->day = -1;
    } else if (take_word(&text, "last") && take_weekday(&text, &m->day)) {
        m->kind = MOMENT_WEEKDAY;
    } else {
        return false;
    }
    return text.n == 0 || clock_parse(text, &m->us);
}

/* "now", "90m", "24h", "7 d ago". A number alone would be anything. */
static bool ago_parse(slice text, moment *m)
{
    static const struct {
        const char *unit;
        int64_t seconds;
    } units[] = {{"s", 1},         {"m", 60},       {"min", 60},     {"minutes", 60},
                 {"h", 3600},      {"hour", 3600},  {"hours", 3600}, {"d", 86400},
                 {"day", 86400},   {"days", 86400}, {"w", 604800},   {"week", 604800},
                 {"weeks", 604800}};
    enum { YEARS_MAX_SECONDS = INT32_MAX };
    uint64_t n;
    m->kind = MOMENT_AGO;
    m->us = 0;
    if (take_word(&text, "now")) {
        return text.n == 0;
    }
    if (!unsigned_take(&text, &n)) {
        return false;
    }
    text = slice_trim(text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (n <= (uint64_t)(YEARS_MAX_SECONDS / units[i].seconds) &&
            take_word(&text, units[i].unit)) {
            m->us = (int64_t)n * units[i].seconds * US_PER_SECOND;
            return text.n == 0 || (take_word(&text, "ago") && text.n == 0);
        }
    }
    return false;
}

/* A date, with or without a time of that day and a zone. */
static bool date_parse(slice text, moment *m)
{
    int year;
    int month;
    int day;
    if (!digits(text, 0, 4, &year) || !digits(text, 5, 2, &month) || !digits(text, 8, 2, &day) ||
        text.p[4] != '-' || text.p[7] != '-') {
        return false;
    }
    m->us = days_from_civil(year, month, day) * US_PER_DAY;
    civil date = civil_from_instant(m->us, 0);
    if (month < 1 || month > 12 || date.month != month || date.day != day) {
        return false; /* there is no such day */
    }
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
    while (n < rest.n &&
           ((rest.p[n] >= '0' && rest.p[n] <= '9') || rest.p[n] == ':' || rest.p[n] == '.')) {
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
        m->us -= offset * US_PER_SECOND;
        m->kind = MOMENT_INSTANT;
    }
    return true;
}

bool moment_parse(slice text, moment *m)
{
    text = slice_trim(text);
    *m = (moment){.kind = MOMENT_CLOCK, .typed = text};
    return clock_parse(text, &m->us) || date_parse(text, m) || day_parse(text, m) ||
           ago_parse(text, m);
}

static int64_t midnight_before(int64_t local)
{
    return local - ((local % US_PER_DAY) + US_PER_DAY) % US_PER_DAY;
}

/* The day that a moment relative to today's means, as its midnight on the wall clock. */
static int64_t day_meant(const moment *m, int64_t local_now)
{
    int64_t today = midnight_before(local_now);
    if (m->kind == MOMENT_DAY) {
        return today + m->day * US_PER_DAY;
    }
    int back = (civil_from_instant(today, 0).weekday - m->day + 7) % 7;
    return today - (back == 0 ? 7 : back) * US_PER_DAY;
}

/* `from`: a time of day means the first such from there on. */
static void resolve(const selection *s, moment *m, int64_t from, int64_t shift)
{
    switch (m->kind) {
    case MOMENT_NONE:
        return;
    case MOMENT_CLOCK: {
        int64_t local = from + shift;
        m->us += midnight_before(local);
        m->us += (m->us < local ? US_PER_DAY : 0) - shift;
        break;
    }
    case MOMENT_LOCAL:
        m->us -= shift;
        break;
    case MOMENT_DAY:
    case MOMENT_WEEKDAY:
        m->us += day_meant(m, s->now + shift) - shift;
        break;
    case MOMENT_AGO:
        m->us = s->now - m->us;
        break;
    case MOMENT_INSTANT:
        break;
    }
    m->kind = MOMENT_INSTANT;
}

static int64_t shift_of(const selection *s, int32_t log_offset)
{
    return (s->has_zone ? s->zone_offset : log_offset) * US_PER_SECOND;
}

void selection_resolve(selection *s, int64_t first, int64_t last, int32_t zone_offset)
{
    bool clock = s->since.kind == MOMENT_CLOCK;
    int64_t shift = shift_of(s, zone_offset);
    /* "--since 14:00" on a log that begins at 14:00:03 means its beginning, not tomorrow. */
    int64_t minute = first - ((first % US_PER_MINUTE) + US_PER_MINUTE) % US_PER_MINUTE;
    resolve(s, &s->since, minute, shift);
    /* Nor does a time of day that the log's only day had before it began. */
    if (clock && last != 0 && s->since.us > last) {
        s->since.us -= US_PER_DAY;
    }
    resolve(s, &s->until, (s->since.kind == MOMENT_NONE ? first : s->since.us) + 1, shift);
}

void selection_resolve_recent(selection *s, int64_t last, int32_t zone_offset)
{
    int64_t shift = shift_of(s, zone_offset);
    int64_t day_ago = last - US_PER_DAY + 1;
    s->now -= s->now % US_PER_MINUTE; /* finer than that nobody counts back */
    resolve(s, &s->since, day_ago, shift);
    resolve(s, &s->until, s->since.kind == MOMENT_NONE ? day_ago : s->since.us + 1, shift);
}

bool selection_has_window(const selection *s)
{
    return s->since.kind != MOMENT_NONE || s->until.kind != MOMENT_NONE;
}

bool selection_fail_window(const selection *s, int64_t first, int64_t last, int32_t zone_offset,
                           status *st)
{
    int32_t zone = s->has_zone ? s->zone_offset : zone_offset;
    const moment *const ends[] = {&s->since, &s->until};
    buf text;
    buf_init(&text, 512);
    for (size_t i = 0; i < 2; i++) {
        if (ends[i]->kind != MOMENT_NONE) {
            buf_add_text(&text, i == 0 ? " from " : " until ");
            timestamp_format(&text, ends[i]->us, zone, 0);
        }
    }
    buf_add_text(&text, ": there are records from ");
    timestamp_format(&text, first, zone, 0);
    buf_add_text(&text, " to ");
    timestamp_format(&text, last, zone, 0);
    buf_add_char(&text, ' ');
    zone_format(&text, zone);
    status_fail(st, STATUS_INPUT, "nothing%.*s", (int)text.n, text.p);
    buf_free(&text);
    return false;
}

void selection_finish(selection *s)
{
    s->empty = !selection_has_window(s) && s->min_time == 0 && s->match == NULL &&
               s->exclude == NULL && s->sources.n == 0 && s->engines.n == 0 && s->tags.n == 0;
    for (int d = 0; d < WHO_DIMENSIONS; d++) {
        s->empty = s->empty && s->names[d].n == 0;
    }
}

bool selection_has_time(const selection *s, int64_t at)
{
    return (s->since.kind == MOMENT_NONE || at >= s->since.us) &&
           (s->until.kind == MOMENT_NONE || at < s->until.us);
}

bool name_list_has(const name_list *list, slice name)
{
    for (uint32_t i = 0; i < list->n; i++) {
        if (slice_is(name, list->items[i])) {
            return true;
        }
    }
    return list->n == 0;
}

static slice key_of_tag(const char *key_and_value)
{
    slice text = slice_from(key_and_value);
    const char *equals = memchr(text.p, '=', text.n);
    return equals != NULL ? slice_between(text.p, equals) : text;
}

static bool has_tag(slice packed, slice wanted)
{
    slice key;
    slice value;
    while (tag_take(&packed, &key, &value)) {
        if (wanted.n == key.n + 1 + value.n && slice_starts_with(wanted, key) &&
            wanted.p[key.n] == '=' && slice_ends_with(wanted, value)) {
            return true;
        }
    }
    return false;
}

static bool has_tags(const name_list *wanted, slice packed)
{
    for (uint32_t i = 0; i < wanted->n; i++) {
        slice key = key_of_tag(wanted->items[i]);
        bool any = false;
        for (uint32_t k = 0; k < wanted->n && !any; k++) {
            any = slice_equal(key_of_tag(wanted->items[k]), key) &&
                  has_tag(packed, slice_from(wanted->items[k]));
        }
        if (!any) {
            return false;
        }
    }
    return true;
}

bool selection_has_who(const selection *s, const who *w)
{
    return has_tags(&s->tags, w->tags) && name_list_has(&s->names[WHO_DATABASE], w->database) &&
           name_list_has(&s->names[WHO_USER], w->user) &&
           name_list_has(&s->names[WHO_APPLICATION], w->application) &&
           name_list_has(&s->names[WHO_HOST], w->host);
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

/* As it was meant: a time of day, wall-clock time, an instant in UTC; what depends on now as it was
 * typed. */
static void describe_moment(const moment *m, const char *word, buf *out)
{
    if (m->kind == MOMENT_NONE) {
        return;
    }
    comma(out);
    buf_printf(out, "%s ", word);
    if (m->kind == MOMENT_DAY || m->kind == MOMENT_WEEKDAY || m->kind == MOMENT_AGO) {
        buf_add(out, m->typed);
        buf_add_text(out,
                     m->kind == MOMENT_AGO && m->us > 0 && !slice_ends_with(m->typed, SLICE("ago"))
                         ? " ago"
                         : "");
        return;
    }
    buf text;
    buf_init(&text, 64);
    timestamp_format(&text, m->us, 0, 0);
    buf_add(out, slice_skip(buf_slice(&text), m->kind == MOMENT_CLOCK ? strlen("1970-01-01 ") : 0));
    buf_add_text(out, m->kind == MOMENT_INSTANT ? " UTC" : "");
    buf_free(&text);
}

static void describe_names(const name_list *list, const char *word, buf *out)
{
    for (uint32_t i = 0; i < list->n; i++) {
        if (i == 0) {
            comma(out);
        }
        buf_printf(out, "%s%s%s", i == 0 ? word : "", i == 0 ? " = " : " or ", list->items[i]);
    }
}

static void describe_pattern(const pattern *p, const char *words, buf *out)
{
    if (p != NULL) {
        comma(out);
        buf_printf(out, "%s '%s'", words, p->text);
    }
}

void selection_describe(const selection *s, buf *out)
{
    describe_moment(&s->since, "since", out);
    describe_moment(&s->until, "until", out);
    describe_names(&s->sources, "source", out);
    describe_names(&s->engines, "engine", out);
    for (int d = 0; d < WHO_DIMENSIONS; d++) {
        describe_names(&s->names[d], who_dimension_name((who_dimension)d), out);
    }
    describe_names(&s->tags, "tag", out);
    if (s->min_time > 0) {
        comma(out);
        buf_add_text(out, "at least ");
        duration_format(out, s->min_time);
    }
    describe_pattern(s->match, "text matches", out);
    describe_pattern(s->exclude, "text does not match", out);
}
