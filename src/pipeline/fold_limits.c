/* fold_limits.c - what a log cannot show; see fold_parts.h. */
#include "pipeline/fold_parts.h"

bool fold_keep_notes(fold *f, const batch *events, status *st)
{
    uint32_t fresh = events->notes & ~f->notes;
    f->notes |= fresh;
    for (const note *n = f->format->parser->notes; fresh != 0 && n != NULL && n->bit != 0; n++) {
        if ((fresh & n->bit) != 0 &&
            !store_set_limit(f->store, f->source, &f->segment, slice_from(n->topic),
                             slice_from(n->cannot_show), slice_from(n->because),
                             slice_from(n->remedy), st)) {
            return false;
        }
    }
    return true;
}

/* "users, hosts" and "log_line_prefix has no %u, %h": all fields that the log lacks, as one limit.
 */
static bool set_field_limit(fold *f, status *st)
{
    const parser *p = f->format->parser;
    buf what;
    buf missing;
    buf_init(&what, 1024);
    buf_init(&missing, 1024);
    for (const lack *l = p->lacks; l->bit != 0; l++) {
        if ((f->format->lacks & l->bit) != 0) {
            buf_printf(&what, "%s%s", what.n > 0 ? ", " : "", l->cannot_show);
            buf_printf(&missing, "%s%s", missing.n > 0 ? ", " : p->lacks_because, l->missing);
        }
    }
    bool ok = what.n == 0 ||
              store_set_limit(f->store, f->source, &f->segment, SLICE("fields"), buf_slice(&what),
                              buf_slice(&missing), slice_from(p->lacks_remedy), st);
    buf_free(&what);
    buf_free(&missing);
    return ok;
}

static bool set_zone_limit(fold *f, status *st)
{
    buf because;
    buf_init(&because, 256);
    buf_printf(&because, "the time zone '%.*s' is not known and was read as UTC",
               (int)(f->segment.zone.n < 64 ? f->segment.zone.n : 64), f->segment.zone.p);
    bool ok = store_set_limit(f->store, f->source, &f->segment, SLICE("zone"),
                              SLICE("when things happened"), buf_slice(&because),
                              slice_from(f->format->parser->zone_remedy), st);
    buf_free(&because);
    return ok;
}

/* A limit of a fixed text; `remedy` may be NULL. */
typedef struct fixed_limit {
    bool is;
    const char *topic, *cannot_show, *because, *remedy;
} fixed_limit;

static bool set_fixed_limits(fold *f, const fixed_limit *rows, size_t n, status *st)
{
    for (size_t i = 0; i < n; i++) {
        const char *remedy = rows[i].remedy != NULL ? rows[i].remedy : "";
        if (rows[i].is &&
            !store_set_limit(f->store, f->source, &f->segment, slice_from(rows[i].topic),
                             slice_from(rows[i].cannot_show), slice_from(rows[i].because),
                             slice_from(remedy), st)) {
            return false;
        }
    }
    return true;
}

/* Of what records of the log have told. */
static bool set_seen_limits(fold *f, status *st)
{
    const parser *p = f->format->parser;
    const fixed_limit rows[] = {
        {f->seen.carried_database, "database", "for certain, the databases of some statements",
         p->carried_because, p->carried_remedy},
        {f->seen.sampled, "sampling", "all executions", "the log is a sample of them",
         p->sampling_remedy},
        {f->seen.suppressed, "suppressed", "some executions", p->suppressed_because,
         p->suppressed_remedy},
        {f->seen.suspect, "suspect", "some figures",
         "the log holds values that cannot be true, which are left out", p->suspect_remedy},
        {f->seen.unnamed, "attributes", "some attributes of executions",
         "the log has more than 128 that the program does not know", "a newer release of it"},
    };
    return set_fixed_limits(f, rows, sizeof rows / sizeof *rows, st);
}

/* Of what findings need: an empty list of them is not to read as health. Whether the threshold
 * hides bursts is for the report to say, which knows the threshold. */
static bool set_finding_limits(fold *f, status *st)
{
    const parser *p = f->format->parser;
    bool bursts = p->bursts_remedy != NULL;
    const fixed_limit rows[] = {
        {bursts, "bursts", "N+1 queries, chatter, what goes on in transactions",
         "most of their statements take less than is logged", p->bursts_remedy},
        {bursts && f->seen.sampled, "sampled_bursts",
         "N+1 queries and chatter, if single statements are sampled",
         "a sample takes apart what follows one another", p->bursts_remedy},
        {p->clock_remedy != NULL && f->segment.clock_resolution > CHAIN_GAP, "clock",
         "pauses between statements, and N+1 queries for certain",
         "the log's clock is too coarse for them", p->clock_remedy},
        {p->values_remedy != NULL && f->seen.valueless, "values",
         "whether statements that come again ask for the same",
         "the log has placeholders in place of values", p->values_remedy},
    };
    return set_fixed_limits(f, rows, sizeof rows / sizeof *rows, st);
}

bool fold_set_limits(fold *f, status *st)
{
    const parser *p = f->format->parser;
    if (f->segment.unknown_zone && !set_zone_limit(f, st)) {
        return false;
    }
    if (f->segment.evicted > 0 &&
        !store_set_limit(f->store, f->source, &f->segment, SLICE("sessions"),
                         SLICE("the durations of some statements"),
                         SLICE("more than 10,000 sessions waited for one at once"),
                         slice_from(p->orphans_remedy), st)) {
        return false;
    }
    if (f->segment.orphans > 0 && (f->format->lacks & LACKS_SESSION) == 0 &&
        !store_set_limit(f->store, f->source, &f->segment, SLICE("orphans"),
                         SLICE("the statements of some durations"), slice_from(p->orphans_because),
                         slice_from(p->orphans_remedy), st)) {
        return false;
    }
    return set_field_limit(f, st) && set_seen_limits(f, st) && set_finding_limits(f, st) &&
           store_set_limit(f->store, f->source, &f->segment, SLICE("threshold"),
                           SLICE("executions that took less"), SLICE("the log leaves them out"),
                           slice_from(p->threshold_remedy), st);
}
