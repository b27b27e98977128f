/* number.c - see number.h. */
#include "base/number.h"

#include <endian.h>

#include "base/time_units.h"

__extension__ typedef unsigned __int128 uint128;

enum { MAX_DIGITS = 9 };

static const uint64_t POWERS_OF_TEN[MAX_DIGITS + 1] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

/* Unsigned, as divide_rounded wants them. */
static const uint64_t SECOND = US_PER_SECOND, MINUTE = US_PER_MINUTE, HOUR = US_PER_HOUR,
                      DAY = US_PER_DAY;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Half up, without overflow. */
static uint64_t divide_rounded(uint64_t n, uint64_t by)
{
    return n / by + (n % by >= by - n % by);
}

/* --- reading ------------------------------------------------------------------ */

static inline bool append_digit(uint64_t *value, char digit)
{
    uint64_t add = (uint64_t)(digit - '0');
    if (*value >= UINT64_MAX / 10 && (*value > UINT64_MAX / 10 || add > UINT64_MAX % 10)) {
        return false;
    }
    *value = *value * 10 + add;
    return true;
}

/* Behind the digits at p, which are appended to *value; NULL where they do not fit. */
static inline const char *after_digits(const char *p, const char *end, uint64_t *value)
{
    uint64_t sum = *value;
    for (; p < end && is_digit(*p); p++) {
        if (!append_digit(&sum, *p)) {
            return NULL;
        }
    }
    *value = sum;
    return p;
}

/* Behind the digits of the fraction at p: those that count, then the one that decides the rounding,
 * then the rest. NULL where they do not fit. */
static inline const char *after_fraction(const char *p, const char *end, unsigned digits,
                                         uint64_t *value)
{
    const char *last = (size_t)(end - p) > digits ? p + digits : end;
    const char *after = after_digits(p, last, value);
    if (after == NULL) {
        return NULL;
    }
    unsigned missing = digits - (unsigned)(after - p);
    if (missing > 0) {
        return __builtin_mul_overflow(*value, POWERS_OF_TEN[missing], value) ? NULL : after;
    }
    bool round_up = after < end && *after >= '5' && *after <= '9';
    if (round_up && *value == UINT64_MAX) {
        return NULL;
    }
    *value += round_up;
    while (after < end && is_digit(*after)) {
        after++;
    }
    return after;
}

/* Behind the number at p; NULL where there is none. */
static inline const char *after_fixed(const char *p, const char *end, unsigned digits,
                                      uint64_t *value)
{
    const char *begin = p;
    *value = 0;
    p = after_digits(p, end, value);
    if (p == NULL) {
        return NULL;
    }
    bool point = p < end && *p == '.';
    const char *after = after_fraction(p + point, point ? end : p, digits, value);
    return after == NULL || after - begin == point ? NULL : after;
}

bool unsigned_take(slice *in, uint64_t *value)
{
    uint64_t sum = 0;
    const char *after = in->n > 0 ? after_digits(in->p, in->p + in->n, &sum) : NULL;
    if (after == NULL || after == in->p) {
        return false;
    }
    *in = slice_skip(*in, (size_t)(after - in->p));
    *value = sum;
    return true;
}

bool unsigned_read(slice text, uint64_t *value)
{
    uint64_t sum = 0;
    if (text.n == 0 || after_digits(text.p, text.p + text.n, &sum) != text.p + text.n) {
        return false;
    }
    *value = sum;
    return true;
}

bool fixed_take(slice *in, unsigned digits, uint64_t *value)
{
    uint64_t sum;
    const char *after =
        digits <= MAX_DIGITS && in->n > 0 ? after_fixed(in->p, in->p + in->n, digits, &sum) : NULL;
    if (after == NULL) {
        return false;
    }
    *in = slice_skip(*in, (size_t)(after - in->p));
    *value = sum;
    return true;
}

/* "0.000137", as servers write most times: its eight bytes at once. */
static inline bool read_short_time(const char *p, uint64_t *us)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    bytes = le64toh(bytes) ^ (ones * '0' ^ (uint64_t)('0' ^ '.') << 8);
    /* A byte's top bit is set where it is above 9; the point is nought. */
    if ((((bytes + ones * (0x7F - 9)) | bytes) & ones * 0x80) != 0 || (bytes & 0xFF00) != 0) {
        return false;
    }
    bytes = (bytes & 0xFF) << 8 | bytes >> 16 << 16; /* 0 for the point, in front */
    bytes = (bytes * 10 + (bytes >> 8)) & UINT64_C(0x00FF00FF00FF00FF); /* pairs, fours, all */
    bytes = (bytes * 100 + (bytes >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    *us = (bytes * 10000 + (bytes >> 32)) & UINT32_MAX;
    return true;
}

bool fixed_read(slice text, unsigned digits, uint64_t *value)
{
    uint64_t sum;
    if (digits == 6 && text.n == sizeof sum && read_short_time(text.p, value)) {
        return true;
    }
    const char *end = slice_skip(text, text.n).p;
    if (digits > MAX_DIGITS || text.n == 0 || after_fixed(text.p, end, digits, &sum) != end) {
        return false;
    }
    *value = sum;
    return true;
}

static bool duration_unit(slice name, uint64_t *us)
{
    static const struct {
        const char *name;
        uint64_t us;
    } units[] = {{"", 1000},           {"us", 1},
                 {"ms", 1000},         {"s", 1000000},
                 {"min", 60000000ull}, {"h", 3600000000ull},
                 {"d", 86400000000ull}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (slice_is(name, units[i].name)) {
            *us = units[i].us;
            return true;
        }
    }
    return false;
}

bool duration_parse(slice text, int64_t *us)
{
    /* Six digits keep the thousandth of a microsecond of milliseconds, and a day's tenth of a
     * second. */
    enum { DIGITS = 6 };
    uint64_t number, unit;
    slice rest = text;
    if (!fixed_take(&rest, DIGITS, &number) || !duration_unit(slice_trim(rest), &unit)) {
        return false;
    }
    uint128 scale = POWERS_OF_TEN[DIGITS];
    uint128 product = ((uint128)number * unit + scale / 2) / scale;
    if (product > INT64_MAX) {
        return false;
    }
    *us = (int64_t)product;
    return true;
}

/* --- writing ------------------------------------------------------------------ */

/* "12.3": n is in units of 10^-digits. */
static void fixed_format(buf *out, uint64_t n, unsigned digits)
{
    buf_add_u64(out, n / POWERS_OF_TEN[digits]);
    if (digits > 0) {
        buf_printf(out, ".%0*llu", (int)digits, (unsigned long long)(n % POWERS_OF_TEN[digits]));
    }
}

/* n / unit with three significant digits, where that is below `limit` after rounding; a limit of 60
 * keeps "60.0 s" from being written. */
static bool three_digits(buf *out, uint64_t n, uint64_t unit, uint64_t limit)
{
    for (unsigned digits = 2;; digits--) {
        uint64_t scale = POWERS_OF_TEN[digits];
        uint64_t rounded = (uint64_t)(((uint128)n * scale * 2 + unit) / ((uint128)unit * 2));
        uint64_t top = digits == 0 ? limit : 1000;
        if (rounded < top && rounded < limit * scale) {
            fixed_format(out, rounded, digits);
            return true;
        }
        if (digits == 0) {
            return false;
        }
    }
}

/* "4 min 51 s": n in whole and part units, rounded to parts. */
static void two_units(buf *out, uint64_t parts, uint64_t parts_in_whole, const char *whole,
                      const char *part)
{
    buf_add_u64(out, parts / parts_in_whole);
    buf_printf(out, " %s %02u %s", whole, (unsigned)(parts % parts_in_whole), part);
}

void duration_format(buf *out, int64_t us)
{
    uint64_t n = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
    if (us < 0) {
        buf_add_char(out, '-');
    }
    if (n == 0) {
        buf_add_text(out, "0 ms");
    } else if (n < 1000) {
        fixed_format(out, n, 3);
        buf_add_text(out, " ms");
    } else if (three_digits(out, n, 1000, 1000)) {
        buf_add_text(out, " ms");
    } else if (three_digits(out, n, SECOND, 60)) {
        buf_add_text(out, " s");
    } else if (divide_rounded(n, SECOND) < 3600) {
        two_units(out, divide_rounded(n, SECOND), 60, "min", "s");
    } else if (divide_rounded(n, MINUTE) < 24 * 60) {
        two_units(out, divide_rounded(n, MINUTE), 60, "h", "min");
    } else {
        two_units(out, divide_rounded(n, HOUR), DAY / HOUR, "d", "h");
    }
}

void duration_format_round(buf *out, int64_t us)
{
    static const struct {
        int64_t us;
        const char *name;
    } units[] = {{US_PER_DAY, "d"},
                 {US_PER_HOUR, "h"},
                 {US_PER_MINUTE, "min"},
                 {US_PER_SECOND, "s"},
                 {1000, "ms"}};
    size_t n = sizeof units / sizeof *units;
    for (size_t i = 0; i < n; i++) {
        int64_t tenth = units[i].us / 10;
        int64_t whole = us / units[i].us;
        if (us % tenth != 0 || (whole == 0 && i + 1 < n) || whole >= 1000) {
            continue;
        }
        buf_printf(out, "%lld", (long long)whole);
        if (us % units[i].us != 0) {
            buf_printf(out, ".%d", (int)(us / tenth % 10));
        }
        buf_printf(out, " %s", units[i].name);
        return;
    }
    duration_format(out, us);
}

void count_format(buf *out, int64_t n)
{
    uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    char digits[32];
    size_t at = sizeof digits;
    for (unsigned written = 0; written == 0 || rest > 0; written++, rest /= 10) {
        if (written > 0 && written % 3 == 0) {
            digits[--at] = ',';
        }
        digits[--at] = (char)('0' + rest % 10);
    }
    if (n < 0) {
        digits[--at] = '-';
    }
    buf_add(out, slice_of(digits + at, sizeof digits - at));
}

void counted_format(buf *out, int64_t n, const char *singular, const char *plural)
{
    count_format(out, n);
    buf_add_char(out, ' ');
    buf_add_text(out, n == 1 ? singular : plural);
}

void decimal_format(buf *out, int64_t n, unsigned digits)
{
    uint64_t unit = POWERS_OF_TEN[digits];
    uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    if (n < 0) {
        buf_add_char(out, '-');
    }
    if (rest % unit == 0 || rest / unit >= 1000) {
        count_format(out, (int64_t)divide_rounded(rest, unit));
    } else if (rest < unit) {
        for (; rest % 10 == 0; digits--) {
            rest /= 10;
        }
        fixed_format(out, rest, digits);
    } else if (!three_digits(out, rest, unit, 1000)) {
        count_format(out, (int64_t)divide_rounded(rest, unit));
    }
}

void bytes_format(buf *out, uint64_t bytes)
{
    static const char *const names[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) {
        buf_printf(out, "%u B", (unsigned)bytes);
        return;
    }
    uint64_t unit = 1024;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++, unit *= 1024) {
        if (three_digits(out, bytes, unit, 1024)) {
            buf_add_char(out, ' ');
            buf_add_text(out, names[i]);
            return;
        }
    }
}

/* What is not nothing never reads as nothing, and what is not all never as all. */
void share_format(buf *out, int64_t part, int64_t whole)
{
    if (whole <= 0) {
        buf_add_char(out, '-');
        return;
    }
    if (part <= 0 || part == whole) {
        buf_add_text(out, part == whole ? "100 %" : "0 %");
        return;
    }
    uint128 twice_whole = (uint128)(uint64_t)whole * 2;
    uint128 twice_part = (uint128)(uint64_t)part * 2;
    uint64_t permille = (uint64_t)((twice_part * 1000 + (uint128)(uint64_t)whole) / twice_whole);
    if (permille == 0) {
        buf_add_text(out, "<0.1 %");
    } else if (permille == 1000 && part < whole) {
        buf_add_text(out, ">99.9 %");
    } else {
        fixed_format(out, permille, 1);
        buf_add_text(out, " %");
    }
}

void id_format(buf *out, uint64_t id)
{
    buf_printf(out, "%016llx", (unsigned long long)id);
}

static int hex_digit(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool id_parse(slice text, uint64_t *id)
{
    if (text.n != 16) {
        return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < text.n; i++) {
        int digit = hex_digit(text.p[i]);
        if (digit < 0) {
            return false;
        }
        value = value << 4 | (uint64_t)digit;
    }
    *id = value;
    return true;
}
