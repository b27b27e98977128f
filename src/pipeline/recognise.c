/* recognise.c - see recognise.h. */
#include "pipeline/recognise.h"

#include "base/scan.h"
#include "base/time_units.h"
#include "base/timestamp.h"

enum {
    SURE_ENOUGH = 20, /* of detect's 100: less is a guess */
    PARSERS_MAX = 32,
    PROGRAMS_MAX = 8, /* that write into one wrapped log: those with most lines are looked at */
    LINES_LOOKED_AT = 200,
    WRAPPED_SHARE = 2, /* at least one line in so many has to be of the transport */
    SCRATCH_MAX = 64 * 1024 * 1024,
    KNOWN_FUTURE = SECONDS_PER_DAY /* s: how far clocks and zones may differ */
};

/* The search so far. */
typedef struct search {
    const recognise_request *request;
    arena *keep;
    int score[PARSERS_MAX]; /* the best of each parser, whatever is wrapped round */
    int best;
    size_t at_best; /* how many parsers explain the same bytes that well */
    const parser *parser;
    reading found; /* only its layers */
    reading trying;
} search;

/* --- failures ------------------------------------------------------------------------------ */

static void add_names(buf *out, const int *score, int least)
{
    for (size_t i = 0; parser_registry[i] != NULL; i++) {
        if (score[i] >= least) {
            buf_add_text(out, out->n > 0 ? ", " : "");
            buf_add_text(out, parser_registry[i]->name);
        }
    }
}

static bool no_format(const search *s, status *st)
{
    buf names;
    buf_init(&names, 512);
    if (s->best >= SURE_ENOUGH) {
        add_names(&names, s->score, s->best);
        status_fail(st, STATUS_INPUT,
                    "ambiguous log format of '%s': it could be %s; say which with"
                    " --log-format",
                    s->request->path, names.n > 0 ? names.p : "");
    } else {
        add_names(&names, s->score, 0);
        status_fail(st, STATUS_INPUT,
                    "unrecognised log format of '%s' (tried: %s); if its lines have"
                    " a prefix of their own, give log_line_prefix with --prefix",
                    s->request->path, names.n > 0 ? names.p : "");
    }
    buf_free(&names);
    return false;
}

/* Why the prefix that was given reads nothing here: it cannot be one, or no line has it. */
static bool no_such_prefix(const recognise_request *r, slice head, status *st)
{
    arena scratch;
    format ignored;
    arena_init(&scratch, SCRATCH_MAX);
    bool ok = true;
    for (size_t i = 0; ok && parser_registry[i] != NULL; i++) {
        ok = parser_registry[i]->detect(head, r->options) == DETECT_NEVER ||
             parser_registry[i]->prepare(head, r->options, &scratch, &ignored, st);
    }
    arena_free(&scratch);
    return ok && status_fail(st, STATUS_INPUT,
                             "no line of '%s' begins with '%.*s'; without --prefix it is inferred",
                             r->path, (int)r->options->prefix.n, r->options->prefix.p);
}

/* --- what is wrapped ----------------------------------------------------------------------------
 */

/* Whose lines the wrapped log holds, those with most of them first. */
typedef struct programs {
    slice names[PROGRAMS_MAX];
    unsigned lines[PROGRAMS_MAX];
    size_t n;
} programs;

static void count_program(programs *p, slice name)
{
    size_t i = 0;
    while (i < p->n && !slice_equal(p->names[i], name)) {
        i++;
    }
    if (i == PROGRAMS_MAX) {
        return;
    }
    if (i == p->n) {
        p->names[i] = name;
        p->lines[i] = 0;
        p->n++;
    }
    p->lines[i]++;
    for (; i > 0 && p->lines[i] > p->lines[i - 1]; i--) {
        slice other = p->names[i - 1];
        unsigned lines = p->lines[i - 1];
        p->names[i - 1] = p->names[i];
        p->lines[i - 1] = p->lines[i];
        p->names[i] = other;
        p->lines[i] = lines;
    }
}

/* The latest year in which the first line was not written after the log. */
static void set_year(const recognise_request *r, const carried *first, wrapping *layer)
{
    int64_t latest = r->written + KNOWN_FUTURE;
    civil now = civil_from_instant(latest * US_PER_SECOND, 0);
    int64_t in_year =
        days_from_civil(now.year, first->month, 1) * SECONDS_PER_DAY + first->time / US_PER_SECOND;
    layer->year = now.year - (in_year > latest);
    layer->first_month = first->month;
}

/* Whether the lines are of this transport; who wrote them. */
static bool looks_wrapped(const recognise_request *r, slice bytes, wrapping *layer, programs *by)
{
    unsigned lines = 0;
    unsigned taken = 0;
    by->n = 0;
    while (bytes.n > 0 && lines < LINES_LOOKED_AT) {
        const char *end = scan_first(bytes, '\n');
        slice line = end != NULL ? slice_between(bytes.p, end) : bytes;
        carried c;
        bytes = slice_skip(bytes, line.n + 1);
        if (end == NULL && lines > 0) {
            break; /* its end is not at hand */
        }
        line.n -= line.n > 0 && line.p[line.n - 1] == '\r';
        lines++;
        if (!layer->transport->take(line, &c)) {
            continue;
        }
        taken++;
        if (c.kind == CARRIED_TEXT) {
            count_program(by, c.program);
            if (c.clock == CLOCK_NO_YEAR && layer->first_month == 0) {
                set_year(r, &c, layer);
            }
        }
    }
    return by->n > 0 && taken * WRAPPED_SHARE >= lines;
}

static slice unwrapped_head(const search *s, slice head, arena *scratch, bool *whole)
{
    unwrapped u;
    if (!unwrap(s->trying.layers, s->trying.n_layers, NULL, head, scratch, &u)) {
        return slice_take(head, 0);
    }
    *whole = u.whole_messages;
    return u.text;
}

/* --- the search --------------------------------------------------------------------------------
 */

static format_options options_of(const recognise_request *r, bool whole_messages)
{
    format_options options = *r->options;
    options.whole_messages = whole_messages;
    return options;
}

/* Of two that explain the log as well, the one that knows its carrier: to the other the carrier's
 * words are a prefix of the log's own. */
static bool is_better(const search *s, int score)
{
    return score > s->best ||
           (score > 0 && score == s->best && s->trying.n_layers > s->found.n_layers);
}

static void try_parsers(search *s, slice text, bool whole_messages)
{
    const char *wanted = s->request->format;
    format_options options = options_of(s->request, whole_messages);
    bool ours = false;
    for (size_t i = 0; parser_registry[i] != NULL && i < PARSERS_MAX; i++) {
        const parser *p = parser_registry[i];
        if (wanted != NULL && strcmp(wanted, p->name) != 0) {
            continue;
        }
        int score = p->detect(text, &options);
        s->score[i] = score == DETECT_NEVER || score > s->score[i] ? score : s->score[i];
        if (is_better(s, score)) {
            s->best = score;
            s->at_best = 1;
            s->parser = p;
            s->found = s->trying;
            ours = true;
        } else if (ours && score == s->best) {
            s->at_best++;
        }
    }
}

static void try_reading(search *s, slice head);

/* One more layer: what each program wrote into it. */
static void try_transport(search *s, slice head, slice text, const transport *t)
{
    programs by;
    wrapping *layer = &s->trying.layers[s->trying.n_layers];
    *layer = (wrapping){.transport = t};
    if (!looks_wrapped(s->request, text, layer, &by)) {
        return;
    }
    wrapping made = *layer;
    s->trying.n_layers++;
    for (size_t i = 0; i < by.n; i++) {
        s->trying.layers[s->trying.n_layers - 1] = made;
        if (arena_copy(s->keep, by.names[i], &s->trying.layers[s->trying.n_layers - 1].program)) {
            try_reading(s, head);
        }
    }
    s->trying.n_layers--;
}

static void try_reading(search *s, slice head)
{
    arena scratch;
    bool whole = false;
    arena_init(&scratch, SCRATCH_MAX);
    slice text = unwrapped_head(s, head, &scratch, &whole);
    try_parsers(s, text, whole);
    for (size_t i = 0; transport_registry[i] != NULL && s->trying.n_layers < WRAPPINGS_MAX; i++) {
        try_transport(s, head, text, transport_registry[i]);
    }
    arena_free(&scratch);
}

static const parser *find_by_name(const char *name)
{
    for (size_t i = 0; parser_registry[i] != NULL; i++) {
        if (strcmp(parser_registry[i]->name, name) == 0) {
            return parser_registry[i];
        }
    }
    return NULL;
}

/* Makes what was found ready to read the log. */
static bool prepare(search *s, slice head, reading *out, status *st)
{
    arena scratch;
    bool whole = false;
    arena_init(&scratch, SCRATCH_MAX);
    s->trying = s->found;
    slice text = unwrapped_head(s, head, &scratch, &whole);
    format_options options = options_of(s->request, whole);
    bool ok = s->parser->prepare(text, &options, s->keep, &out->format, st);
    arena_free(&scratch);
    if (!ok) {
        return false;
    }
    memcpy(out->layers, s->found.layers, sizeof out->layers);
    out->n_layers = s->found.n_layers;
    return reading_complete(out, head, s->keep) || status_no_memory(st);
}

bool recognise(const recognise_request *r, slice head, arena *keep, reading *out,
               bool *unknown_format, status *st)
{
    search s = {.request = r, .keep = keep};
    *unknown_format = false;
    if (r->format != NULL && find_by_name(r->format) == NULL) {
        return status_fail(st, STATUS_USAGE,
                           "unknown format '%s'; 'qlog formats' lists those there are", r->format);
    }
    try_reading(&s, head);
    if (r->format != NULL && s.parser == NULL) {
        s.parser = find_by_name(r->format);
    } else if (r->format == NULL) {
        *unknown_format = s.best < SURE_ENOUGH;
        if (s.best == 0 && r->options->prefix.p != NULL) {
            return no_such_prefix(r, head, st);
        }
        if (s.best < SURE_ENOUGH || s.at_best > 1) {
            return no_format(&s, st);
        }
    }
    return prepare(&s, head, out, st);
}
