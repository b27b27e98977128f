/* legacy_operation.c - see legacy_operation.h. */
#include "parsers/mongodb/legacy_operation.h"

#include "base/json.h"
#include "base/scan.h"
#include "parsers/mongodb/attributes.h"
#include "parsers/mongodb/shell.h"

enum { JSON_MAX = 64 * 1024 * 1024, FIGURES_MAX = 48 };

void legacy_scratch_init(legacy_scratch *s)
{
    buf_init(&s->json, JSON_MAX);
    buf_init(&s->value, JSON_MAX);
}

void legacy_scratch_free(legacy_scratch *s)
{
    buf_free(&s->json);
    buf_free(&s->value);
}

/* One "key:value" that is no document of the query. */
typedef struct pair {
    slice key;
    slice text; /* of a document: in the shell's notation */
} pair;

typedef struct legacy {
    slice operation, ns;
    slice application;
    slice command, query, update, origin; /* documents in the shell's notation */
    slice verb; /* of a command whose document the server kept to itself */
    slice plan;
    slice error;
    slice duration;
    slice skip, limit;
    pair pairs[FIGURES_MAX];
    size_t n_pairs;
    bool cut;
} legacy;

/* --- taking the line apart
 * -------------------------------------------------------------------------- */

static slice take_until(slice *rest, char stop)
{
    const char *end = rest->n > 0 ? memchr(rest->p, stop, rest->n) : NULL;
    slice word = end != NULL ? slice_between(rest->p, end) : *rest;
    *rest = slice_skip(*rest, word.n + 1);
    return word;
}

static slice skip_blanks(slice rest)
{
    while (rest.n > 0 && rest.p[0] == ' ') {
        rest = slice_skip(rest, 1);
    }
    return rest;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes " 12ms" from the end. */
static bool take_duration(slice *text, slice *digits)
{
    slice rest = slice_trim(*text);
    if (!slice_ends_with(rest, SLICE("ms"))) {
        return false;
    }
    rest.n -= 2;
    size_t n = 0;
    while (n < rest.n && is_digit(rest.p[rest.n - n - 1])) {
        n++;
    }
    if (n == 0 || n == rest.n || rest.p[rest.n - n - 1] != ' ') {
        return false;
    }
    *digits = slice_skip(rest, rest.n - n);
    *text = slice_take(rest, rest.n - n - 1);
    return true;
}

static bool is_operation(slice word)
{
    static const char *const words[] = {"query",   "insert",      "update", "remove",
                                        "getmore", "killcursors", "command"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (slice_is(word, words[i])) {
            return true;
        }
    }
    return false;
}

/* Takes a document from the front as it stands; where its end is missing, up to what follows a
 * query's document in every version. */
static slice take_document(slice *rest, legacy_scratch *s, bool *cut)
{
    static const slice followers[] = {{" planSummary:", 13}, {" cursorid:", 10},
                                      {" ntoreturn:", 11},   {" keysExamined:", 14},
                                      {" numYields:", 11},   {" ninserted:", 11}};
    slice from = *rest;
    buf_clear(&s->value);
    if (shell_take(rest, &s->value)) {
        return slice_between(from.p, rest->p);
    }
    *cut = true;
    const char *end = from.p + from.n;
    for (size_t i = 0; i < sizeof followers / sizeof *followers; i++) {
        const char *found = scan_text(slice_between(from.p, end), followers[i]);
        end = found != NULL ? found : end;
    }
    *rest = slice_between(end, from.p + from.n);
    return slice_between(from.p, end);
}

/* "IXSCAN { a: 1 }, IXSCAN { b: 1 }" */
static slice take_plan(slice *rest, legacy_scratch *s, bool *cut)
{
    const char *from = rest->p;
    for (;;) {
        *rest = skip_blanks(*rest);
        while (rest->n > 0 && ((rest->p[0] >= 'A' && rest->p[0] <= 'Z') || rest->p[0] == '_')) {
            *rest = slice_skip(*rest, 1);
        }
        const char *end = rest->p;
        slice ahead = skip_blanks(*rest);
        if (ahead.n > 0 && ahead.p[0] == '{') {
            take_document(&ahead, s, cut);
            *rest = ahead;
            end = ahead.p;
        }
        if (rest->n == 0 || rest->p[0] != ',') {
            return slice_between(from, end);
        }
        *rest = slice_skip(*rest, 1);
    }
}

/* A value that is neither a document nor a plan: a word, or "text". */
static slice take_simple(slice *rest)
{
    if (rest->n > 0 && rest->p[0] == '"') {
        *rest = slice_skip(*rest, 1);
        return take_until(rest, '"');
    }
    return take_until(rest, ' ');
}

static void add_pair(legacy *l, slice key, slice text)
{
    if (l->n_pairs < FIGURES_MAX) {
        l->pairs[l->n_pairs++] = (pair){.key = key, .text = text};
    }
}

static slice *document_of(legacy *l, slice key)
{
    return slice_is(key, "command") || slice_is(key, "query")
               ? (slice_is(key, "command") ? &l->command : &l->query)
           : slice_is(key, "update") || slice_is(key, "updateobj") ? &l->update
           : slice_is(key, "originatingCommand")                   ? &l->origin
                                                                   : NULL;
}

static slice *text_of(legacy *l, slice key)
{
    return slice_is(key, "appName")     ? &l->application
           : slice_is(key, "ntoskip")   ? &l->skip
           : slice_is(key, "ntoreturn") ? &l->limit
           : slice_is(key, "errName") || slice_is(key, "errCode") || slice_is(key, "code")
               ? &l->error
               : NULL;
}

/* "{...}", or "{ $msg: "query not recording (too large)" }". */
static bool is_kept_back(slice document)
{
    slice inside = skip_blanks(slice_skip(document, 1));
    return slice_starts_with(inside, SLICE("...")) || slice_starts_with(inside, SLICE("$msg:"));
}

/* The value behind "key:". */
static void take_value(legacy *l, slice key, slice *rest, legacy_scratch *s)
{
    slice *document = document_of(l, key);
    slice *text = text_of(l, key);
    *rest = skip_blanks(*rest);
    if (slice_is(key, "planSummary")) {
        l->plan = take_plan(rest, s, &l->cut);
        return;
    }
    /* "command: find { find: …" has the command's name in front. */
    slice ahead = *rest;
    slice verb = SLICE("");
    if (document != NULL && ahead.n > 0 && ahead.p[0] != '{') {
        verb = take_until(&ahead, ' ');
        ahead = skip_blanks(ahead);
    }
    if (ahead.n > 0 && ahead.p[0] == '{') {
        bool cut = false;
        slice taken = take_document(&ahead, s, &cut);
        *rest = ahead;
        if (document == &l->command && verb.n > 0 && is_kept_back(taken)) {
            l->verb = verb;
            l->cut = true;
        } else if (document != NULL) {
            *document = taken;
            l->cut = l->cut || cut;
        } else {
            add_pair(l, key, taken);
        }
        return;
    }
    slice value = take_simple(rest);
    if (text == NULL) {
        add_pair(l, key, value);
    } else if (text != &l->error || l->error.n == 0) {
        *text = value;
    }
}

/* A name and its colon at the front; false where there is something else. */
static bool take_key(slice *rest, slice *key)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != ':' && rest->p[n] != ' ' && rest->p[n] != '{') {
        n++;
    }
    if (n == 0 || n == rest->n || rest->p[n] != ':') {
        return false;
    }
    *key = slice_take(*rest, n);
    *rest = slice_skip(*rest, n + 1);
    return true;
}

static bool take_apart(slice text, legacy *l, legacy_scratch *s)
{
    slice warning = SLICE("warning: log line attempted");
    *l = (legacy){.cut = slice_starts_with(text, warning)};
    if (l->cut) {
        const char *dots = scan_text(text, SLICE("... "));
        text = dots != NULL ? slice_between(dots + 4, text.p + text.n) : text;
    }
    slice word = take_until(&text, ' ');
    if (!is_operation(word) || !take_duration(&text, &l->duration)) {
        return false;
    }
    l->operation = word;
    l->ns = take_until(&text, ' ');
    l->cut = l->cut || scan_text(text, SLICE(" .......... ")) != NULL;
    for (slice rest = skip_blanks(text); rest.n > 0; rest = skip_blanks(rest)) {
        slice key;
        if (take_key(&rest, &key)) {
            take_value(l, key, &rest, s);
        } else {
            take_until(&rest, ' ');
        }
    }
    return scan_first(l->ns, '.') != NULL;
}

/* --- putting it together
 * ---------------------------------------------------------------------------------- */

static void put_name(buf *json, const char *name)
{
    buf_add_text(json, json->n > 0 && json->p[json->n - 1] != '{' ? "," : "");
    buf_printf(json, "\"%s\":", name);
}

static void put_text(buf *json, const char *name, slice text)
{
    if (text.n > 0) {
        put_name(json, name);
        shell_quote(text, json);
    }
}

static void put_shell(buf *json, slice document)
{
    shell_take(&document, json);
}

static slice collection_of(slice ns)
{
    const char *dot = scan_first(ns, '.');
    return dot != NULL ? slice_between(dot + 1, ns.p + ns.n) : SLICE("");
}

/* The first name of a JSON object. */
static slice first_name(slice json)
{
    json_reader r;
    json_token t;
    json_begin(&r, json);
    bool object = json_next(&r, &t) == JSON_OBJECT_BEGIN;
    return object && json_next(&r, &t) == JSON_NAME ? t.text : SLICE("");
}

static bool is_command(slice json, slice ns)
{
    slice name = first_name(json);
    json_token t;
    slice raw;
    return (slice_is(name, "find") || slice_is(name, "aggregate")) &&
           attributes_find(json, name, &t, &raw) && t.kind == JSON_STRING &&
           slice_equal(t.text, collection_of(ns));
}

/* {"find": …} of a query's document: {$query: …, $orderby: …}, {query: …, orderby: …}, the filter
 * itself, or from 3.2 on the command. */
static void put_query(const legacy *l, legacy_scratch *s, slice document)
{
    slice filter;
    slice order;
    json_token t;
    buf_clear(&s->value);
    shell_take(&document, &s->value);
    slice json = buf_slice(&s->value);
    if (is_command(json, l->ns)) {
        buf_add(&s->json, json);
        return;
    }
    bool sorted = attributes_find(json, SLICE("$orderby"), &t, &order) ||
                  attributes_find(json, SLICE("orderby"), &t, &order);
    bool wrapped = attributes_find(json, SLICE("$query"), &t, &filter) ||
                   (sorted && attributes_find(json, SLICE("query"), &t, &filter));
    buf_add_char(&s->json, '{');
    put_text(&s->json, "find", collection_of(l->ns));
    put_name(&s->json, "filter");
    buf_add(&s->json, wrapped ? filter : json);
    if (wrapped && sorted) {
        put_name(&s->json, "sort");
        buf_add(&s->json, order);
    }
    static const char *const names[] = {"skip", "limit"};
    const slice counts[] = {l->skip, l->limit};
    for (int i = 0; i < 2; i++) {
        if (counts[i].n > 0 && is_digit(counts[i].p[counts[i].n - 1])) {
            put_name(&s->json, names[i]);
            put_shell(&s->json, counts[i]);
        }
    }
    buf_add_char(&s->json, '}');
}

static void put_write(const legacy *l, buf *json)
{
    bool removes = slice_is(l->operation, "remove");
    buf_add_char(json, '{');
    put_name(json, "q");
    put_shell(json, l->query);
    if (removes) {
        put_name(json, "limit");
        buf_add_char(json, '0');
    } else {
        put_name(json, "u");
        put_shell(json, l->update.n > 0 ? l->update : SLICE("{}"));
    }
    buf_add_char(json, '}');
}

/* {"insert": "orders"}; of a whole database {"insert": 1}. */
static void put_verb(const legacy *l, buf *json, slice verb)
{
    slice collection = collection_of(l->ns);
    buf_add_char(json, '{');
    shell_quote(verb, json);
    buf_add_char(json, ':');
    if (slice_is(collection, "$cmd")) {
        buf_add_char(json, '1');
    } else {
        shell_quote(collection, json);
    }
    buf_add_char(json, '}');
}

static void put_command(const legacy *l, legacy_scratch *s)
{
    put_name(&s->json, "command");
    if (l->command.n > 0) {
        put_shell(&s->json, l->command);
    } else if (l->verb.n > 0) {
        put_verb(l, &s->json, l->verb);
    } else if (slice_is(l->operation, "query") && l->query.n > 0) {
        put_query(l, s, l->query);
    } else if ((slice_is(l->operation, "update") || slice_is(l->operation, "remove")) &&
               l->query.n > 0) {
        put_write(l, &s->json);
    } else if (slice_is(l->operation, "remove")) {
        put_verb(l, &s->json, SLICE("delete"));
    } else if (slice_is(l->operation, "getmore")) {
        put_verb(l, &s->json, SLICE("getMore"));
    } else if (slice_is(l->operation, "killcursors")) {
        put_verb(l, &s->json, SLICE("killCursors"));
    } else if (slice_is(l->operation, "insert") || slice_is(l->operation, "update")) {
        put_verb(l, &s->json, l->operation);
    } else {
        buf_add_text(&s->json, "{}");
    }
    slice origin = l->origin.n > 0 ? l->origin : l->query;
    bool more = slice_is(l->operation, "getmore") || l->origin.n > 0;
    if (more && origin.n > 0) {
        put_name(&s->json, "originatingCommand");
        put_query(l, s, origin);
    }
}

/* Figures by the names that they have today. */
static const char *figure_name(slice key)
{
    static const struct {
        const char *then, *now;
    } names[] = {
        {"nscanned", "keysExamined"},
        {"nscannedObjects", "docsExamined"},
        {"scanAndOrder", "hasSortStage"},
        {"nupdated", "nModified"},
        {"keysExamined", "keysExamined"},
        {"docsExamined", "docsExamined"},
        {"hasSortStage", "hasSortStage"},
        {"usedDisk", "usedDisk"},
        {"replanned", "replanned"},
        {"nModified", "nModified"},
        {"nMatched", "nMatched"},
        {"ninserted", "ninserted"},
        {"ndeleted", "ndeleted"},
        {"writeConflicts", "writeConflicts"},
        {"numYields", "numYields"},
        {"nreturned", "nreturned"},
        {"reslen", "reslen"},
        {"locks", "locks"},
        {"flowControl", "flowControl"},
        {"storage", "storage"},
        {"queryHash", "queryHash"},
        {"planCacheKey", "planCacheKey"},
        {"client", "remote"},
        {"cursorid", "cursorid"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (slice_is(key, names[i].then)) {
            return names[i].now;
        }
    }
    return NULL;
}

static bool is_one_of(const char *name, const char *a, const char *b, const char *c)
{
    return strcmp(name, a) == 0 || strcmp(name, b) == 0 || strcmp(name, c) == 0;
}

/* A name that came before would make the object unreadable. */
static bool came_before(const legacy *l, size_t i, const char *name)
{
    for (size_t k = 0; k < i; k++) {
        const char *other = figure_name(l->pairs[k].key);
        if (other != NULL && strcmp(other, name) == 0) {
            return true;
        }
    }
    return false;
}

static void put_pair(const legacy *l, size_t i, buf *json)
{
    slice text = l->pairs[i].text;
    const char *name = figure_name(l->pairs[i].key);
    if (name == NULL || text.n == 0 || came_before(l, i, name)) {
        return;
    }
    put_name(json, name);
    if (is_one_of(name, "hasSortStage", "usedDisk", "replanned")) {
        buf_add_text(json, slice_is(text, "0") ? "false" : "true");
    } else if (is_one_of(name, "queryHash", "planCacheKey", "remote")) {
        shell_quote(text, json);
    } else {
        put_shell(json, text);
    }
}

static void put_beginning(const legacy *l, legacy_scratch *s)
{
    buf_clear(&s->json);
    buf_add_char(&s->json, '{');
    put_text(&s->json, "type", l->operation);
    put_text(&s->json, "ns", l->ns);
    put_text(&s->json, "appName", l->application);
    put_command(l, s);
}

bool legacy_command(const legacy_parts *parts, legacy_scratch *s)
{
    legacy l = {.operation = parts->operation,
                .ns = parts->ns,
                .query = parts->query,
                .update = parts->update};
    put_beginning(&l, s);
    buf_add_char(&s->json, '}');
    return !s->json.failed;
}

bool legacy_operation(slice text, legacy_scratch *s, bool *truncated)
{
    legacy l;
    if (!take_apart(text, &l, s)) {
        return false;
    }
    *truncated = l.cut;
    buf *json = &s->json;
    put_beginning(&l, s);
    put_text(json, "planSummary", l.plan);
    for (size_t i = 0; i < l.n_pairs; i++) {
        put_pair(&l, i, json);
    }
    put_text(json, "errName", l.error);
    put_name(json, "durationMillis");
    put_shell(json, l.duration);
    buf_add_char(json, '}');
    return !json->failed;
}
