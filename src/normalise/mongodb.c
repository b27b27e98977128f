/* mongodb.c - see mongodb.h. What a command is made of; the parts are shaped in mongodb_shape.c. */
#include "normalise/mongodb.h"
#include "base/number.h"
#include "normalise/foreign_ids.h"

#include "normalise/mongodb_shape.h"

enum { PARTS_MAX = 16, LOCAL_TEXT_MAX = 2 * SHAPE_TEXT_MAX };

enum { OF_STATEMENT = 101, OF_CUT_STATEMENT = 102, OF_UNREADABLE = 103 };

typedef struct part_rule {
    const char *name;
    shape_mode mode;
} part_rule;

/* A command, and those of its members that tell one query from another, in the order in which they
 * are written. All others are the driver's or do not matter. */
typedef struct verb_rule {
    const char *name;
    part_rule parts[PARTS_MAX]; /* ends with a NULL name */
} verb_rule;

/* clang-format off */
static const verb_rule verbs[] = {
    {"find", {{"filter", SHAPE_FILTER}, {"projection", SHAPE_PROJECTION}, {"sort", SHAPE_SORT},
              {"skip", SHAPE_COUNT}, {"limit", SHAPE_COUNT}, {"min", SHAPE_KEYS},
              {"max", SHAPE_KEYS}, {"let", SHAPE_EXPRESSION}, {"collation", SHAPE_COLLATION},
              {"singleBatch", SHAPE_FLAG}, {"allowDiskUse", SHAPE_FLAG}, {"returnKey", SHAPE_FLAG},
              {"showRecordId", SHAPE_FLAG}, {"tailable", SHAPE_FLAG}, {"awaitData", SHAPE_FLAG}}},
    {"aggregate", {{"pipeline", SHAPE_PIPELINE}, {"let", SHAPE_EXPRESSION},
                   {"collation", SHAPE_COLLATION}, {"allowDiskUse", SHAPE_FLAG},
                   {"explain", SHAPE_FLAG}}},
    {"count", {{"query", SHAPE_FILTER}, {"skip", SHAPE_COUNT}, {"limit", SHAPE_COUNT},
               {"collation", SHAPE_COLLATION}}},
    {"distinct", {{"key", SHAPE_KEEP}, {"query", SHAPE_FILTER}, {"collation", SHAPE_COLLATION}}},
    {"findAndModify", {{"query", SHAPE_FILTER}, {"sort", SHAPE_SORT}, {"update", SHAPE_UPDATE},
                       {"remove", SHAPE_FLAG}, {"new", SHAPE_FLAG}, {"upsert", SHAPE_FLAG},
                       {"fields", SHAPE_PROJECTION}, {"arrayFilters", SHAPE_FILTERS},
                       {"collation", SHAPE_COLLATION}}},
    {"update", {{"q", SHAPE_FILTER}, {"u", SHAPE_UPDATE}, {"multi", SHAPE_FLAG},
                {"upsert", SHAPE_FLAG}, {"arrayFilters", SHAPE_FILTERS},
                {"collation", SHAPE_COLLATION}, {"updates", SHAPE_CHANGES}}},
    {"delete", {{"q", SHAPE_FILTER}, {"limit", SHAPE_KEEP}, {"collation", SHAPE_COLLATION},
                {"deletes", SHAPE_CHANGES}}},
    {"bulkWrite", {{"ops", SHAPE_CHANGES}}},
    {"mapReduce", {{"query", SHAPE_FILTER}, {"sort", SHAPE_SORT}, {"limit", SHAPE_COUNT}}},
    {"insert", {{NULL, SHAPE_LITERAL}}},
    {"getMore", {{NULL, SHAPE_LITERAL}}},
    {"createIndexes", {{NULL, SHAPE_LITERAL}}},
    {"dropIndexes", {{NULL, SHAPE_LITERAL}}},
    {"create", {{NULL, SHAPE_LITERAL}}},
    {"drop", {{NULL, SHAPE_LITERAL}}},
    {"collMod", {{NULL, SHAPE_LITERAL}}},
    {"collStats", {{NULL, SHAPE_LITERAL}}},
    {"dbStats", {{NULL, SHAPE_LITERAL}}},
    {"listIndexes", {{NULL, SHAPE_LITERAL}}},
    {"listCollections", {{NULL, SHAPE_LITERAL}}},
    {"validate", {{NULL, SHAPE_LITERAL}}},
    {"explain", {{NULL, SHAPE_LITERAL}}},
    {"killCursors", {{NULL, SHAPE_LITERAL}}},
    {"commitTransaction", {{NULL, SHAPE_LITERAL}}},
    {"abortTransaction", {{NULL, SHAPE_LITERAL}}},
};

/* Other spellings, and how operations are called in the log and in the profiler. */
static const struct { const char *name, *verb; } spellings[] = {
    {"findandmodify", "findAndModify"}, {"mapreduce", "mapReduce"}, {"remove", "delete"},
    {"collstats", "collStats"}, {"dbstats", "dbStats"}, {"deleteIndexes", "dropIndexes"},
};
/* clang-format on */

static const verb_rule *find_verb(slice name)
{
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        if (slice_is(name, spellings[i].name)) {
            name = slice_from(spellings[i].verb);
        }
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (slice_is(name, verbs[i].name)) {
            return &verbs[i];
        }
    }
    return NULL;
}

/* --- reading the statement ----------------------------------------------------------------------
 */

typedef enum member {
    MEMBER_NS,
    MEMBER_TYPE,
    MEMBER_OP,
    MEMBER_COMMAND,
    MEMBER_ORIGIN,
    MEMBER_SHAPE_HASH,
    MEMBER_PLAN_SHAPE_HASH,
    MEMBER_QUERY_HASH,
    MEMBER_COUNT
} member;

static const char *const member_names[MEMBER_COUNT] = {
    [MEMBER_NS] = "ns",
    [MEMBER_TYPE] = "type",
    [MEMBER_OP] = "op",
    [MEMBER_COMMAND] = "command",
    [MEMBER_ORIGIN] = "originatingCommand",
    [MEMBER_SHAPE_HASH] = "queryShapeHash",
    [MEMBER_PLAN_SHAPE_HASH] = "planCacheShapeHash",
    [MEMBER_QUERY_HASH] = "queryHash",
};

/* Takes the value of the name that was the latest token: as it stands, quotes included. */
static bool take_raw(json_reader *r, json_token *t, slice *raw)
{
    const char *from = r->p;
    json_next(r, t);
    if (!json_skip(r, t, NULL)) {
        return false;
    }
    *raw = slice_trim(slice_between(from, r->p));
    return true;
}

/* Without its quotes; empty where it is no string. */
static slice string_of(slice raw)
{
    return raw.n >= 2 && raw.p[0] == '"' ? slice_of(raw.p + 1, raw.n - 2) : SLICE("");
}

static void read_members(slice statement, slice values[MEMBER_COUNT])
{
    json_reader r;
    json_token t;
    json_begin(&r, statement);
    for (int i = 0; i < MEMBER_COUNT; i++) {
        values[i] = SLICE("");
    }
    if (json_next(&r, &t) != JSON_OBJECT_BEGIN) {
        return;
    }
    while (json_next(&r, &t) == JSON_NAME) {
        int at = 0;
        while (at < MEMBER_COUNT && !slice_is(t.text, member_names[at])) {
            at++;
        }
        slice raw;
        if (!take_raw(&r, &t, &raw)) {
            return;
        }
        if (at < MEMBER_COUNT) {
            values[at] = raw;
        }
    }
}

typedef struct command {
    slice name;  /* of its first member, or of what the log calls the operation */
    slice value; /* of its first member */
    const verb_rule *rule;
    slice parts[PARTS_MAX]; /* as the rule has them; empty where they are not there */
} command;

static void keep_part(command *c, slice name, slice raw)
{
    for (int i = 0; c->rule != NULL && i < PARTS_MAX && c->rule->parts[i].name != NULL; i++) {
        if (slice_is(name, c->rule->parts[i].name)) {
            c->parts[i] = raw;
        }
    }
}

/* `operation`: what the log calls it, for a single write of a batch, which has no verb. */
static bool read_command(slice document, slice operation, command *c)
{
    json_reader r;
    json_token t;
    slice raw;
    *c = (command){.name = operation};
    json_begin(&r, document);
    if (json_next(&r, &t) != JSON_OBJECT_BEGIN) {
        return false;
    }
    for (bool first = true; json_next(&r, &t) == JSON_NAME; first = false) {
        slice name = t.text;
        if (!take_raw(&r, &t, &raw)) {
            break;
        }
        if (first) {
            bool single = slice_is(name, "q");
            c->name = single ? operation : name;
            c->value = single ? SLICE("") : raw;
            c->rule = find_verb(c->name);
            if (!single) {
                continue;
            }
        }
        keep_part(c, name, raw);
    }
    return c->name.n > 0;
}

/* --- what is read and written
 * ---------------------------------------------------------------------- */

/* The database and the collection that the command is about: "shop" "orders" for the namespace
 * shop.$cmd of {"update": "orders"}, for shop.orders and for its buckets of time series. */
static void split_namespace(slice ns, slice value, slice *database, slice *collection)
{
    const char *dot = ns.n > 0 ? memchr(ns.p, '.', ns.n) : NULL;
    *database = dot != NULL ? slice_between(ns.p, dot) : ns;
    *collection = dot != NULL ? slice_between(dot + 1, ns.p + ns.n) : SLICE("");
    if (collection->n == 0 || slice_is(*collection, "$cmd")) {
        *collection = string_of(value);
    }
    slice buckets = SLICE("system.buckets.");
    if (slice_starts_with(*collection, buckets)) {
        *collection = slice_skip(*collection, buckets.n);
    }
}

static void put_namespace(shaper *s, slice database, slice collection)
{
    shape_put(s, SLICE(" "));
    shape_put(s, database);
    shape_put(s, collection.n > 0 ? SLICE(".") : SLICE(""));
    shape_put(s, collection);
}

/* Writes {"filter": …, "sort": …}, nothing where there is nothing. */
static uint64_t put_parts(shaper *s, const command *c)
{
    siblings all = siblings_begin(s);
    for (int i = 0; c->rule != NULL && i < PARTS_MAX && c->rule->parts[i].name != NULL; i++) {
        const part_rule *p = &c->rule->parts[i];
        if (c->parts[i].n == 0 || shape_is_nothing(p->mode, c->parts[i])) {
            continue;
        }
        shape_put(s, all.n == 0 ? SLICE(" {") : SLICE(""));
        size_t mark = siblings_next(s, &all);
        shape_put(s, SLICE("\""));
        shape_put(s, slice_from(p->name));
        shape_put(s, SLICE("\":"));
        uint64_t name = hash_bytes(slice_from(p->name));
        siblings_add(s, &all, mark, mix64(name, shape_part(s, p->mode, c->parts[i])));
    }
    shape_put(s, all.n > 0 ? SLICE("}") : SLICE(""));
    return siblings_end(s, &all, OF_STATEMENT);
}

/* 20, {"$numberLong": "20"}. */
static statement_count count_of(slice raw)
{
    json_reader r;
    json_token t;
    slice digits = raw;
    statement_count count = {.kind = COUNT_OTHER};
    json_begin(&r, raw);
    if (json_enter(&r, &t) && slice_starts_with(t.text, SLICE("$number"))) {
        json_next(&r, &t);
        digits = t.text;
    }
    count.digits = digits.p;
    if (unsigned_read(digits, &count.value)) {
        count.kind = COUNT_NUMBER;
    }
    return count;
}

/* The $skip and $limit among a pipeline's stages. */
static void read_stages(slice pipeline, statement_values *out)
{
    json_reader r;
    json_token t;
    slice raw;
    json_begin(&r, pipeline);
    if (json_next(&r, &t) != JSON_ARRAY_BEGIN) {
        return;
    }
    while (json_enter(&r, &t)) {
        bool skip = slice_is(t.text, "$skip");
        bool limit = slice_is(t.text, "$limit");
        if (!take_raw(&r, &t, &raw)) {
            return;
        }
        if (skip) {
            out->offset = count_of(raw);
        } else if (limit) {
            out->limit = count_of(raw);
        }
        if (json_next(&r, &t) != JSON_OBJECT_END) {
            return;
        }
    }
}

/* Whether a member, or a stage of a pipeline, says how many to pass over. A limit alone is not
 * worth reading the command again: the log has how many were returned. */
static bool has_counts(const command *c)
{
    for (int i = 0; c->rule != NULL && i < PARTS_MAX && c->rule->parts[i].name != NULL; i++) {
        slice part = c->parts[i];
        const part_rule *p = &c->rule->parts[i];
        statement_values in_stages = {0};
        if (p->mode == SHAPE_PIPELINE) {
            read_stages(part, &in_stages);
        }
        bool skip = p->mode == SHAPE_COUNT && slice_is(slice_from(p->name), "skip");
        if (in_stages.offset.kind != COUNT_NONE ||
            (skip && part.n > 0 && !shape_is_nothing(p->mode, part))) {
            return true;
        }
    }
    return false;
}

static slice shape_hash_of(const slice values[MEMBER_COUNT])
{
    for (int i = MEMBER_SHAPE_HASH; i <= MEMBER_QUERY_HASH; i++) {
        if (values[i].n > 0) {
            return string_of(values[i]);
        }
    }
    return SLICE("");
}

/* Says that the log cut the statement. The server's hash tells it from others that look the same.
 */
static uint64_t put_cut(shaper *s, slice hash, uint64_t identity)
{
    shape_put(s, SLICE(" ~cut"));
    shape_put(s, hash.n > 0 ? SLICE(" ") : SLICE(""));
    shape_put(s, hash);
    return mix64(OF_CUT_STATEMENT, hash.n > 0 ? hash_bytes(hash) : identity);
}

static void shape_statement(shaper *s, slice statement, bool truncated, normalised *out)
{
    slice values[MEMBER_COUNT];
    command c;
    read_members(statement, values);
    slice operation = string_of(values[values[MEMBER_TYPE].n > 0 ? MEMBER_TYPE : MEMBER_OP]);
    bool known = read_command(values[MEMBER_COMMAND], operation, &c);
    bool more = known && slice_is(c.name, "getMore");
    if (more && values[MEMBER_ORIGIN].n > 0) {
        known = read_command(values[MEMBER_ORIGIN], operation, &c);
    }
    slice ns = string_of(values[MEMBER_NS]);
    if (!known && ns.n == 0) {
        shape_put(s, SLICE("unreadable"));
        out->fingerprint = mix64(OF_UNREADABLE, 0);
        return;
    }
    slice database;
    slice collection;
    split_namespace(ns, c.value, &database, &collection);
    slice verb = c.rule != NULL ? slice_from(c.rule->name) : c.name;
    out->verb = c.rule != NULL ? c.rule->name : "command";
    shape_put(s, verb.n > 0 ? verb : SLICE("command"));
    put_namespace(s, database, collection);
    uint64_t identity =
        mix64(mix64(hash_bytes(verb), hash_bytes(database)), hash_bytes(collection));
    uint64_t parts = put_parts(s, &c);
    out->counts = has_counts(&c);
    if (more && values[MEMBER_ORIGIN].n == 0) {
        shape_put(s, SLICE(" (query unknown)"));
    }
    parts = truncated ? put_cut(s, shape_hash_of(values), parts) : parts;
    out->fingerprint = mix64(identity, parts);
}

static void run(slice statement, bool truncated, normalised *out, buf *text)
{
    shaper s;
    buf own;
    buf_init(&own, LOCAL_TEXT_MAX);
    *out = (normalised){.verb = ""};
    shaper_begin(&s, text != NULL ? text : &own);
    shape_statement(&s, statement, truncated, out);
    out->spelling = hash_bytes(slice_skip(buf_slice(s.text), s.begin));
    buf_free(&own);
}

static bool writes(slice verb)
{
    return slice_is(verb, "insert") || slice_is(verb, "update") || slice_is(verb, "delete") ||
           slice_is(verb, "findAndModify") || slice_is(verb, "bulkWrite");
}

/* The namespace is the text's second word, where it has a collection. */
static bool subject(slice text, slice *name, bool *written)
{
    const char *blank = text.n > 0 ? memchr(text.p, ' ', text.n) : NULL;
    if (blank == NULL) {
        return false;
    }
    slice rest = slice_between(blank + 1, text.p + text.n);
    const char *end = memchr(rest.p, ' ', rest.n);
    *name = end != NULL ? slice_between(rest.p, end) : rest;
    *written = writes(slice_between(text.p, blank));
    return name->n > 0 && memchr(name->p, '.', name->n) != NULL;
}

/* --- what one execution asks for ------------------------------------------------------------ */

static void values(slice statement, statement_values *out)
{
    slice members[MEMBER_COUNT];
    command c;
    *out = (statement_values){0};
    read_members(statement, members);
    bool more = members[MEMBER_ORIGIN].n > 0;
    slice operation = string_of(members[members[MEMBER_TYPE].n > 0 ? MEMBER_TYPE : MEMBER_OP]);
    if (!read_command(members[more ? MEMBER_ORIGIN : MEMBER_COMMAND], operation, &c)) {
        return;
    }
    for (int i = 0; c.rule != NULL && i < PARTS_MAX && c.rule->parts[i].name != NULL; i++) {
        slice part = c.parts[i];
        if (part.n == 0) {
            continue;
        }
        out->literals = mix64(out->literals, hash_bytes(part));
        out->n_literals++;
        if (slice_is(slice_from(c.rule->parts[i].name), "skip")) {
            out->offset = count_of(part);
        } else if (slice_is(slice_from(c.rule->parts[i].name), "limit")) {
            out->limit = count_of(part);
        } else if (c.rule->parts[i].mode == SHAPE_PIPELINE) {
            read_stages(part, out);
        }
    }
}

static statement_role role(slice verb, slice text)
{
    static const struct {
        const char *verb;
        statement_role role;
    } rows[] = {
        {"find", ROLE_READ},
        {"aggregate", ROLE_READ},
        {"distinct", ROLE_READ},
        {"count", ROLE_COUNT},
        {"insert", ROLE_WRITE},
        {"update", ROLE_WRITE},
        {"delete", ROLE_WRITE},
        {"findAndModify", ROLE_WRITE},
        {"bulkWrite", ROLE_WRITE},
        {"getMore", ROLE_CURSOR},
        {"killCursors", ROLE_CURSOR},
        {"commitTransaction", ROLE_END},
        {"abortTransaction", ROLE_END},
    };
    (void)text;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (slice_is(verb, rows[i].verb)) {
            return rows[i].role;
        }
    }
    return ROLE_OTHER;
}

const normaliser mongodb_normaliser = {.engine = "mongodb",
                                       .dialect = NULL,
                                       .run = run,
                                       .values = values,
                                       .role = role,
                                       .subject = subject,
                                       .outline = mongodb_outline,
                                       .take = mongodb_outline_take,
                                       .tools = no_foreign_tools};
