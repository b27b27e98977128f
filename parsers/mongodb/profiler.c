/* profiler.c - see profiler.h.
 *
 *   {"op":"query","ns":"shop.orders","command":{"find":"orders","filter":{…},"$db":"shop"},
 *   "nreturned":1,"millis":12,"ts":{"$date":"2026-11-19T14:03:07.123Z"},"client":"10.0.0.7"}
 *
 * Nothing tells which connection it was, so there are no sessions. */
#include "parsers/mongodb/profiler.h"

#include "base/json.h"
#include "base/scan.h"
#include "parsers/mongodb/attributes.h"
#include "parsers/mongodb/legacy_operation.h"
#include "parsers/mongodb/lines.h"
#include "parsers/mongodb/operation.h"

enum { SCORE_MAX = 100, CLOCK_RESOLUTION = 1000 /* us */ };

typedef struct reading {
    batch *out;
    attributes_memory attributes;
    timestamp_minute minute;
    legacy_scratch scratch;
} reading;

/* {"$date":"…"}, {"$date":{"$numberLong":"…"}} and {"$date":…}: milliseconds. */
static bool read_time(reading *r, operation *o)
{
    json_token t;
    slice raw;
    uint64_t ms;
    slice name = SLICE("$date");
    o->at = (stamp){.zone = SLICE("UTC")};
    if (!attributes_find(o->written, name, &t, &raw)) {
        return false;
    }
    if (t.kind == JSON_STRING) {
        slice text = t.text;
        return lines_take_time(&r->minute, &text, &o->at) || o->at.bad;
    }
    if (!attributes_integer(o->written, name, &ms) || ms > (uint64_t)INT64_MAX / 1000) {
        return false;
    }
    o->at.time = (int64_t)ms * 1000;
    return true;
}

/* Of servers before 3.6, whose operations were no commands. */
static bool rebuild(reading *r, operation *o)
{
    slice copy;
    json_reader json;
    json_token t;
    operation rebuilt = {.duration = 0};
    if (!legacy_command(
            &(legacy_parts){
                .operation = o->type, .ns = o->ns, .query = o->query, .update = o->update},
            &r->scratch) ||
        !arena_copy(&r->out->arena, buf_slice(&r->scratch.json), &copy)) {
        return false;
    }
    json_begin(&json, copy);
    if (json_next(&json, &t) != JSON_OBJECT_BEGIN ||
        !attributes_take(&json, &r->attributes, &r->out->arena, &rebuilt)) {
        return false;
    }
    o->command = rebuilt.command;
    o->text = rebuilt.text;
    operation_read_command(o, &r->out->arena);
    return true;
}

/* False where the line is no such document. */
static bool read_line(reading *r, slice line, operation *o)
{
    json_reader json;
    json_token t;
    *o = (operation){.duration = 0};
    json_begin(&json, line);
    if (json_next(&json, &t) != JSON_OBJECT_BEGIN ||
        !attributes_take(&json, &r->attributes, &r->out->arena, o) ||
        json_next(&json, &t) != JSON_END || o->ns.n == 0 || o->type.n == 0 || !o->has_duration ||
        !read_time(r, o)) {
        return false;
    }
    o->truncated = slice_is(o->verb, "$truncated");
    return o->command.n > 0 || rebuild(r, o);
}

static void parse(const format *f, slice block, bool truncated, batch *out)
{
    (void)f;
    reading r = {.out = out};
    attributes_begin(&r.attributes);
    legacy_scratch_init(&r.scratch);
    for (slice rest = block; lines_more(&rest, out);) {
        operation o;
        size_t bytes;
        slice line = lines_take(&rest, &bytes);
        if (line.n == 0 || !read_line(&r, line, &o)) {
            bool cut_off = truncated && rest.n == 0 && line.n == bytes;
            batch_skip(out, cut_off ? SKIP_TOO_LONG : SKIP_FOREIGN, out->lines, bytes);
        } else if (o.at.bad) {
            batch_skip(out, SKIP_BAD_TIME, out->lines, bytes);
        } else {
            operation_add(&o, (size_t)(line.p - block.p), bytes, out);
        }
        out->lines++;
    }
    legacy_scratch_free(&r.scratch);
}

static int detect(slice head, const format_options *options)
{
    (void)options;
    size_t records = 0;
    size_t others = 0;
    batch ignored;
    batch_init(&ignored, 16 * head.n + 4096);
    reading r = {.out = &ignored};
    attributes_begin(&r.attributes);
    legacy_scratch_init(&r.scratch);
    while (lines_more(&head, &ignored)) {
        operation o;
        size_t bytes;
        slice line = lines_take(&head, &bytes);
        bool whole = line.n < bytes;
        bool good = line.n > 0 && line.p[0] == '{' && read_line(&r, line, &o);
        records += good;
        others += !good && whole && records > 0;
    }
    legacy_scratch_free(&r.scratch);
    batch_free(&ignored);
    return records == 0 ? 0 : (int)(records * SCORE_MAX / (records + others));
}

static bool prepare(slice head, const format_options *options, arena *keep, format *out, status *st)
{
    (void)head;
    (void)options;
    (void)keep;
    (void)st;
    *out = (format){
        .parser = &mongodb_profiler, .clock_resolution = CLOCK_RESOLUTION, .lacks = LACKS_SESSION};
    return true;
}

static const lack lacks[] = {{LACKS_SESSION, "sessions", "its connection"}, {0, NULL, NULL}};

const parser mongodb_profiler = {
    .name = "mongodb-profile",
    .title = "MongoDB's system.profile, one document a line",
    .engine = "mongodb",
    .recognised = "one JSON object a line, with \"op\", \"ns\", \"millis\" and \"ts\"",
    .example =
        "{\"op\":\"query\",\"ns\":\"shop.orders\",\"command\":{\"find\":\"orders\",\"filter\":"
        "{\"state\":\"new\"}},\"docsExamined\":1000,\"nreturned\":10,\"millis\":120,\"ts\":"
        "{\"$date\":\"2026-11-19T14:03:07.123Z\"}}",
    .role = "profiler",
    .lacks = lacks,
    .lacks_because = "a document of the profiler does not tell ",
    .lacks_remedy = "the server's log, which does",
    .orphans_because = "",
    .orphans_remedy = "",
    .zone_remedy = "",
    .bursts_remedy = "profiling level 2 for a minute",
    .threshold_remedy = "profiling level 2 for a while, or a lower slowms",
    .query_id_name = "mongodb",
    .detect = detect,
    .prepare = prepare,
    .cut = lines_cut,
    .parse = parse,
};
