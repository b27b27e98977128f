/* source_name.c - the source that a file's name stands for; see ingest.h. */
#include "base/scan.h"
#include "pipeline/ingest.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool cut_ending(slice *name, const char *ending)
{
    if (name->n > strlen(ending) && slice_ends_with(*name, slice_from(ending))) {
        name->n -= strlen(ending);
        return true;
    }
    return false;
}

static bool is_joint(char c)
{
    return c == '-' || c == '_' || c == '.' || c == ':';
}

/* Cuts the last part of a name where it is a number or a date: digits and what joins them, behind a
 * joint of its own, since the digit of "db1" is the name's. False where there is none. */
static bool cut_number(slice *name)
{
    size_t n = name->n;
    while (n > 1 && (is_digit(name->p[n - 1]) ||
                     (n < name->n && (is_joint(name->p[n - 1]) ||
                                      (name->p[n - 1] == 'T' && is_digit(name->p[n - 2])))))) {
        n--;
    }
    bool nothing_else = n == 1 && is_digit(name->p[0]);
    while (n < name->n && !is_joint(name->p[n])) {
        n++;
    }
    if (n == name->n || nothing_else) {
        return false;
    }
    name->n = n;
    return true;
}

/* Cuts the name of a weekday or month, as in "postgresql-Mon". */
static bool cut_calendar_name(slice *name)
{
    static const char names[] = "MonTueWedThuFriSatSunJanFebMarAprMayJunJulAugSepOctNovDec";
    if (name->n < 5 || !is_joint(name->p[name->n - 4])) {
        return false;
    }
    for (size_t i = 0; i + 3 < sizeof names; i += 3) {
        if (memcmp(names + i, name->p + name->n - 3, 3) == 0) {
            name->n -= 4;
            return true;
        }
    }
    return false;
}

slice source_of_path(const char *path)
{
    static const char *const endings[] = {".gz",  ".bz2",  ".xz",  ".zst",  ".lz4", ".log",
                                          ".txt", ".json", ".csv", ".slow", ".old"};
    slice name = slice_from(path);
    const char *slash = scan_last(name, '/');
    if (slash != NULL) {
        name = slice_between(slash + 1, name.p + name.n);
    }
    if (slice_is(name, "-") || name.n == 0) {
        return SLICE("stdin");
    }
    for (bool changed = true; changed;) {
        changed = cut_number(&name) || cut_calendar_name(&name);
        for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
            changed = cut_ending(&name, endings[i]) || changed;
        }
        while (name.n > 1 && strchr("-_.", name.p[name.n - 1]) != NULL) {
            name.n--;
        }
    }
    return name;
}
