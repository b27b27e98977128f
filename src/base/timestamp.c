/* timestamp.c - see timestamp.h. Calendar arithmetic and fixed-position reading;
 * no rules of daylight saving: a log names the offset in force by itself. */
#include "base/timestamp.h"

#include <endian.h>

#include "base/time_units.h"
#include "base/zones.h"

#define STAMP_LENGTH   19 /* YYYY-MM-DD HH:MM:SS */
#define FRACTION_MAX   9
#define ZONE_HOURS_MAX 15 /* the widest offset that PostgreSQL takes is 15:59:59 */

/* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, so that
 * the leap day is the last of its year. */
int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, civil *out)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    out->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    out->month = (int)(month < 10 ? month + 3 : month - 9);
    out->year = (int)(year_of_era + era * 400 + (out->month <= 2));
}

civil civil_from_instant(int64_t us, int32_t zone_offset)
{
    civil c;
    int64_t seconds = us / US_PER_SECOND;
    int64_t fraction = us % US_PER_SECOND;
    if (fraction < 0) {
        fraction += US_PER_SECOND;
        seconds--;
    }
    seconds += zone_offset;
    int64_t days = seconds / SECONDS_PER_DAY;
    int64_t second_of_day = seconds % SECONDS_PER_DAY;
    if (second_of_day < 0) {
        second_of_day += SECONDS_PER_DAY;
        days--;
    }
    civil_from_days(days, &c);
    c.hour = (int)(second_of_day / 3600);
    c.minute = (int)(second_of_day / 60 % 60);
    c.second = (int)(second_of_day % 60);
    c.microsecond = (int)fraction;
    /* 1970-01-01 was a Thursday. */
    int weekday = (int)((days + 3) % 7);
    c.weekday = weekday < 0 ? weekday + 7 : weekday;
    return c;
}

static int month_length(int year, int month)
{
    static const uint8_t lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return lengths[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* A digit's value; more than 9 for any other byte. */
static inline unsigned digit(char c)
{
    return (unsigned)(unsigned char)c - '0';
}

/* Two digits; sets *bad where they are none. */
static inline int two_digits(const char *p, unsigned *bad)
{
    unsigned tens = digit(p[0]);
    unsigned ones = digit(p[1]);
    *bad |= (unsigned)(tens > 9) | (unsigned)(ones > 9);
    return (int)(tens * 10 + ones);
}

/* Reads a fraction from the front of *in, its separator included, if there is one. */
static int take_fraction(slice *in, int64_t *resolution_us)
{
    *resolution_us = US_PER_SECOND;
    if (in->n < 2 || (in->p[0] != '.' && in->p[0] != ',') || digit(in->p[1]) > 9) {
        return 0;
    }
    int value = 0;
    int weight = (int)US_PER_SECOND / 10;
    size_t i = 1;
    for (; i < in->n && i <= FRACTION_MAX && digit(in->p[i]) <= 9; i++) {
        value += (int)digit(in->p[i]) * weight;
        *resolution_us = weight > 0 ? weight : 1;
        weight /= 10;
    }
    *in = slice_skip(*in, i);
    return value;
}

bool timestamp_take(slice *in, int64_t *local_us, int64_t *resolution_us)
{
    const char *p = in->p;
    if (in->n < STAMP_LENGTH || p[4] != '-' || p[7] != '-' || (p[10] != ' ' && p[10] != 'T') ||
        p[13] != ':' || p[16] != ':') {
        return false;
    }
    unsigned bad = 0;
    int year = two_digits(p, &bad) * 100 + two_digits(p + 2, &bad);
    int month = two_digits(p + 5, &bad);
    int day = two_digits(p + 8, &bad);
    int hour = two_digits(p + 11, &bad);
    int minute = two_digits(p + 14, &bad);
    int second = two_digits(p + 17, &bad);
    if (bad != 0 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) {
        return false;
    }
    if (day > 28 && day > month_length(year, month)) {
        return false;
    }
    *in = slice_skip(*in, STAMP_LENGTH);
    int fraction = take_fraction(in, resolution_us);
    int64_t seconds =
        days_from_civil(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
    *local_us = seconds * US_PER_SECOND + fraction;
    return true;
}

/* A stamp in the minute of the one before: only its seconds, and milliseconds where there are any,
 * are new. */
static bool take_in_minute(const timestamp_minute *near, slice *in, int64_t *local_us,
                           int64_t *resolution_us)
{
    enum { FINE_LENGTH = STAMP_LENGTH + 4 };
    static const int32_t weight[] = {10000000, 1000000, 0, 100000, 10000, 1000};
    const char *p = in->p;
    if (in->n <= FINE_LENGTH || near->text[0] == '\0' ||
        memcmp(p, near->text, sizeof near->text) != 0 || p[16] != ':') {
        return false;
    }
    bool fine = p[STAMP_LENGTH] == '.';
    int32_t us = 0;
    for (int i = 0; i < (fine ? 6 : 2); i += i == 1 ? 2 : 1) { /* over the point */
        unsigned value = digit(p[17 + i]);
        if (value > 9) {
            return false;
        }
        us += weight[i] * (int32_t)value;
    }
    /* Further digits and a leap second are for the general way. */
    if (us >= US_PER_MINUTE || p[STAMP_LENGTH] == ',' || (fine && digit(p[FINE_LENGTH]) <= 9)) {
        return false;
    }
    *local_us = near->us + us;
    *resolution_us = fine ? 1000 : US_PER_SECOND;
    *in = slice_skip(*in, fine ? FINE_LENGTH : STAMP_LENGTH);
    return true;
}

bool timestamp_take_near(timestamp_minute *near, slice *in, int64_t *local_us,
                         int64_t *resolution_us)
{
    const char *p = in->p;
    if (take_in_minute(near, in, local_us, resolution_us)) {
        return true;
    }
    if (!timestamp_take(in, local_us, resolution_us)) {
        return false;
    }
    if (p[17] < '6') { /* a leap second is not of the minute that its text says */
        int64_t into = *local_us % US_PER_MINUTE;
        memcpy(near->text, p, sizeof near->text);
        near->us = *local_us - into - (into < 0 ? US_PER_MINUTE : 0);
    }
    return true;
}

/* +H, +HH, +HHMM, +HH:MM, +HHMMSS, +HH:MM:SS. Splits the digits into *fields two by two; false
 * where the text is anything else. */
static bool numeric_zone(slice name, int fields[3])
{
    if (name.n < 2 || (name.p[0] != '+' && name.p[0] != '-')) {
        return false;
    }
    slice rest = slice_skip(name, 1);
    fields[0] = fields[1] = fields[2] = 0;
    if (rest.n == 1) {
        fields[0] = (int)digit(rest.p[0]);
        return fields[0] <= 9;
    }
    unsigned bad = 0;
    for (int i = 0; i < 3 && rest.n > 0; i++) {
        if (i > 0 && rest.p[0] == ':') {
            rest = slice_skip(rest, 1);
        }
        if (rest.n < 2) {
            return false;
        }
        fields[i] = two_digits(rest.p, &bad);
        rest = slice_skip(rest, 2);
    }
    return bad == 0 && rest.n == 0;
}

static inline bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The eight bytes of a row's name as a number that orders like the text. */
static inline uint64_t name_key(const char name[ZONE_NAME_MAX + 1])
{
    uint64_t key;
    memcpy(&key, name, sizeof key);
    return be64toh(key);
}

static bool named_zone(slice name, int32_t *offset)
{
    char upper[ZONE_NAME_MAX + 1] = {0};
    if (name.n == 0 || name.n > ZONE_NAME_MAX) {
        return false;
    }
    for (size_t i = 0; i < name.n; i++) {
        if (!is_letter(name.p[i])) {
            return false;
        }
        upper[i] = (char)(name.p[i] & ~0x20);
    }
    uint64_t key = name_key(upper);
    size_t low = 0;
    size_t high = sizeof zone_rows / sizeof zone_rows[0];
    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;
        if (name_key(zone_rows[middle].name) <= key) {
            low = middle;
        } else {
            high = middle;
        }
    }
    if (name_key(zone_rows[low].name) != key) {
        return false;
    }
    *offset = zone_rows[low].minutes * 60;
    return true;
}

bool zone_offset(slice name, int32_t *offset)
{
    int fields[3];
    *offset = 0;
    if (numeric_zone(name, fields)) {
        if (fields[0] > ZONE_HOURS_MAX || fields[1] > 59 || fields[2] > 59) {
            return false;
        }
        int32_t seconds = fields[0] * 3600 + fields[1] * 60 + fields[2];
        *offset = name.p[0] == '-' ? -seconds : seconds;
        return true;
    }
    return named_zone(name, offset);
}

static void format_civil(buf *out, const civil *c, char separator, int fraction_digits)
{
    buf_printf(out, "%04d-%02d-%02d%c%02d:%02d:%02d", c->year, c->month, c->day, separator, c->hour,
               c->minute, c->second);
    if (fraction_digits == 3) {
        buf_printf(out, ".%03d", c->microsecond / 1000);
    } else if (fraction_digits == 6) {
        buf_printf(out, ".%06d", c->microsecond);
    }
}

void timestamp_format(buf *out, int64_t us, int32_t zone_offset, int fraction_digits)
{
    civil c = civil_from_instant(us, zone_offset);
    format_civil(out, &c, ' ', fraction_digits);
}

void timestamp_format_iso(buf *out, int64_t us)
{
    civil c = civil_from_instant(us, 0);
    format_civil(out, &c, 'T', c.microsecond % 1000 == 0 ? 3 : 6);
    buf_add_char(out, 'Z');
}

void zone_format(buf *out, int32_t zone_offset)
{
    if (zone_offset == 0) {
        buf_add_text(out, "UTC");
        return;
    }
    int32_t seconds = zone_offset < 0 ? -zone_offset : zone_offset;
    buf_printf(out, "%c%02d:%02d", zone_offset < 0 ? '-' : '+', seconds / 3600, seconds / 60 % 60);
    if (seconds % 60 != 0) {
        buf_printf(out, ":%02d", seconds % 60);
    }
}
