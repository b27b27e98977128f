/* request.c - see request.h. */
#include "analysers/request.h"

#include "base/number.h"
#include "base/time_units.h"

const threshold thresholds[THRESHOLDS] = {
    [THRESHOLD_BURST_LENGTH] = {"burst-length", 5, false,
                                "fewer statements in a row than this happen without a loop"},
    [THRESHOLD_BURST_WALL] = {"burst-wall", 50000, true,
                              "a burst that takes less is not felt by anybody"},
    [THRESHOLD_OFFSET_DEPTH] = {"offset-depth", 1000, false,
                                "rows passed over, below which a page costs next to nothing"},
    [THRESHOLD_TRANSACTION] = {"transaction", 300 * US_PER_SECOND, true,
                               "for less, waiting locks and old row versions do no lasting harm"},
};

analysis_request analysis_request_default(void)
{
    analysis_request r = {.kinds = UINT64_MAX};
    for (int i = 0; i < THRESHOLDS; i++) {
        r.thresholds[i] = thresholds[i].value;
    }
    return r;
}

int64_t analysis_step(const analysis_request *r)
{
    bool is_window = r->since != 0 && r->until > r->since;
    return is_window ? (r->until - r->since + US_PER_DAY - 1) / US_PER_DAY * US_PER_DAY : 0;
}

bool analysis_set_threshold(analysis_request *r, slice setting)
{
    const char *equals = setting.n > 0 ? memchr(setting.p, '=', setting.n) : NULL;
    if (equals == NULL) {
        return false;
    }
    slice name = slice_between(setting.p, equals);
    slice text = slice_between(equals + 1, setting.p + setting.n);
    for (int i = 0; i < THRESHOLDS; i++) {
        uint64_t number;
        if (!slice_is(name, thresholds[i].name)) {
            continue;
        }
        if (thresholds[i].is_time) {
            return duration_parse(text, &r->thresholds[i]);
        }
        bool ok = unsigned_take(&text, &number) && text.n == 0 && number <= INT64_MAX;
        r->thresholds[i] = ok ? (int64_t)number : r->thresholds[i];
        return ok;
    }
    return false;
}
