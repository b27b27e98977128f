/* lines.c - see lines.h. */
#include "parsers/mongodb/lines.h"
#include "base/time_units.h"

#include "base/scan.h"

enum { STAMP_LENGTH = 19 /* YYYY-MM-DDTHH:MM:SS */ };

size_t lines_cut(const format *f, slice bytes, cut_which which)
{
    (void)f;
    slice inner = slice_take(bytes, bytes.n > 0 ? bytes.n - 1 : 0);
    const char *end = which == CUT_FIRST ? scan_first(inner, '\n') : scan_last(inner, '\n');
    return end != NULL ? (size_t)(end + 1 - bytes.p) : 0;
}

bool lines_more(slice *rest, batch *out)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] == '\0') {
        n++;
    }
    if (n > 0) {
        batch_skip(out, SKIP_NULS, out->lines, n);
        *rest = slice_skip(*rest, n);
        out->lines += rest->n == 0; /* a last line without its end */
    }
    return rest->n > 0 && !out->out_of_memory;
}

slice lines_take(slice *rest, size_t *bytes)
{
    const char *newline = scan_first(*rest, '\n');
    slice line = newline != NULL ? slice_between(rest->p, newline) : *rest;
    *bytes = line.n + (newline != NULL);
    *rest = slice_skip(*rest, *bytes);
    return line.n > 0 && line.p[line.n - 1] == '\r' ? slice_take(line, line.n - 1) : line;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int two_digits(const char *p)
{
    return (p[0] - '0') * 10 + (p[1] - '0');
}

static bool take_zone(slice *in, int32_t *zone)
{
    *zone = 0;
    if (in->n > 0 && in->p[0] == 'Z') {
        *in = slice_skip(*in, 1);
        return true;
    }
    size_t colon = in->n > 3 && in->p[3] == ':';
    if (in->n < 5 + colon || (in->p[0] != '+' && in->p[0] != '-') || !is_digit(in->p[1]) ||
        !is_digit(in->p[2]) || !is_digit(in->p[3 + colon]) || !is_digit(in->p[4 + colon])) {
        return false;
    }
    int minutes = two_digits(in->p + 1) * 60 + two_digits(in->p + 3 + colon);
    *zone = (in->p[0] == '-' ? -minutes : minutes) * 60;
    *in = slice_skip(*in, 5 + colon);
    return true;
}

static bool has_form(slice text)
{
    static const char form[] = "0000-00-00T00:00:00";
    for (size_t i = 0; i < STAMP_LENGTH; i++) {
        if (i >= text.n || (form[i] == '0' ? !is_digit(text.p[i]) : text.p[i] != form[i])) {
            return false;
        }
    }
    return true;
}

bool lines_take_time(timestamp_minute *near, slice *in, stamp *out)
{
    int64_t local_time;
    int64_t resolution;
    slice rest = *in;
    *out = (stamp){.zone = SLICE("UTC")};
    /* Before 1970, whatever the zone, no server's clock was. */
    if (in->n < STAMP_LENGTH || in->p[10] != 'T' ||
        !timestamp_take_near(near, &rest, &local_time, &resolution) || local_time < -US_PER_DAY) {
        out->bad = has_form(*in);
        return false;
    }
    const char *zone = rest.p;
    if (!take_zone(&rest, &out->zone_offset)) {
        return false;
    }
    if (out->zone_offset != 0) {
        out->zone = slice_between(zone, rest.p);
    }
    out->time = local_time - out->zone_offset * US_PER_SECOND;
    *in = rest;
    return true;
}
