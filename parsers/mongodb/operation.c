/* operation.c - see operation.h. */
#include "parsers/mongodb/operation.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/scan.h"

static bool is_among(slice text, const slice *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (names[i].n == text.n && names[i].p[0] == text.p[0] && slice_equal(text, names[i])) {
            return true;
        }
    }
    return false;
}

#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

#define IS_AMONG(text, names) is_among(text, names, sizeof(names) / sizeof *(names))

/* --- classes -------------------------------------------------------------------------------------
 */

/* What most operations are, and none of those below: looked for first. */
static const slice query_commands[] = {
    NAME("find"),   NAME("aggregate"), NAME("q"),     NAME("update"),        NAME("insert"),
    NAME("delete"), NAME("getMore"),   NAME("count"), NAME("findAndModify"),
};

/* Databases of the server's own. */
static const slice system_databases[] = {NAME("local"), NAME("admin"), NAME("config"),
                                         NAME("$external")};

/* What drivers, monitors, agents and the servers among themselves send. Those that begin with
 * replSet or _ too. */
static const slice system_commands[] = {
    NAME("hello"),
    NAME("isMaster"),
    NAME("ismaster"),
    NAME("ping"),
    NAME("serverStatus"),
    NAME("buildInfo"),
    NAME("buildinfo"),
    NAME("getLog"),
    NAME("hostInfo"),
    NAME("getParameter"),
    NAME("setParameter"),
    NAME("getCmdLineOpts"),
    NAME("top"),
    NAME("currentOp"),
    NAME("listDatabases"),
    NAME("listCollections"),
    NAME("listIndexes"),
    NAME("collStats"),
    NAME("collstats"),
    NAME("dbStats"),
    NAME("dbstats"),
    NAME("endSessions"),
    NAME("refreshSessions"),
    NAME("startSession"),
    NAME("killSessions"),
    NAME("saslStart"),
    NAME("saslContinue"),
    NAME("authenticate"),
    NAME("logout"),
    NAME("whatsmyuri"),
    NAME("connectionStatus"),
    NAME("connPoolStats"),
    NAME("features"),
    NAME("usersInfo"),
    NAME("rolesInfo"),
    NAME("profile"),
    NAME("voteCommitIndexBuild"),
    NAME("getDefaultRWConcern"),
    NAME("getFreeMonitoringStatus"),
    NAME("getShardMap"),
    NAME("balancerStatus"),
    NAME("isdbgrid"),
    NAME("shardConnPoolStats"),
    NAME("splitVector"),
    NAME("splitChunk"),
    NAME("moveChunk"),
    NAME("mergeChunks"),
    NAME("getDiagnosticData"),
};

static const slice system_applications[] = {
    NAME("MongoDB Automation Agent"),
    NAME("MongoDB Monitoring Module"),
    NAME("MongoDB CPS Module"),
    NAME("MongoDB Backup Module"),
    NAME("OplogFetcher"),
    NAME("mongotune"),
    NAME("mongosync"),
    NAME("mongot"),
    NAME("NetworkInterfaceTL"),
};

/* What changes collections, indexes and how they are spread over servers. */
static const slice ddl_commands[] = {
    NAME("createIndexes"),
    NAME("dropIndexes"),
    NAME("deleteIndexes"),
    NAME("create"),
    NAME("drop"),
    NAME("dropDatabase"),
    NAME("collMod"),
    NAME("renameCollection"),
    NAME("convertToCapped"),
    NAME("cloneCollectionAsCapped"),
    NAME("reIndex"),
    NAME("compact"),
    NAME("createSearchIndexes"),
    NAME("updateSearchIndex"),
    NAME("dropSearchIndex"),
    NAME("enableSharding"),
    NAME("shardCollection"),
    NAME("unshardCollection"),
    NAME("reshardCollection"),
    NAME("refineCollectionShardKey"),
    NAME("moveCollection"),
    NAME("movePrimary"),
};

static bool is_system_application(slice name)
{
    for (size_t i = 0; i < sizeof system_applications / sizeof *system_applications; i++) {
        if (slice_starts_with(name, system_applications[i])) {
            return true;
        }
    }
    return false;
}

static void split(slice ns, slice *database, slice *collection)
{
    const char *dot = ns.n > 0 ? memchr(ns.p, '.', ns.n) : NULL;
    *database = dot != NULL ? slice_between(ns.p, dot) : ns;
    *collection = dot != NULL ? slice_between(dot + 1, ns.p + ns.n) : SLICE("");
}

/* Of the server's own: by where it is and who did it. */
static bool is_own(const operation *o, slice database, slice collection)
{
    bool own = slice_starts_with(collection, SLICE("system.")) &&
               !slice_starts_with(collection, SLICE("system.buckets."));
    return own || IS_AMONG(database, system_databases) || is_system_application(o->application);
}

static bool is_system_command(slice verb)
{
    return IS_AMONG(verb, system_commands) || slice_starts_with(verb, SLICE("replSet")) ||
           slice_starts_with(verb, SLICE("_"));
}

/* Reads that go on until something happens: a cursor on the oplog or a change stream, and a
 * driver's watch of the topology. */
static bool is_await(const operation *o)
{
    if (slice_is(o->verb, "hello") || slice_is(o->verb, "isMaster") ||
        slice_is(o->verb, "ismaster")) {
        return scan_text(o->command, SLICE("\"maxAwaitTimeMS\":")) != NULL;
    }
    bool more = slice_is(o->verb, "getMore");
    slice query = more ? o->origin : o->command;
    return (more && scan_text(query, SLICE("\"awaitData\":true")) != NULL) ||
           ((more || slice_is(o->verb, "aggregate")) &&
            scan_text(query, SLICE("\"$changeStream\":")) != NULL);
}

/* Commands on whole collections have the namespace "shop.$cmd" or, sent to the database admin, name
 * both: {"renameCollection": "shop.orders"}. */
static void find_subject(const operation *o, bool ddl, slice *database, slice *collection)
{
    if (ddl && slice_is(*database, "admin") && o->target.n > 0) {
        split(o->target, database, collection);
    } else if (slice_is(*collection, "$cmd")) {
        *collection = o->target;
    }
}

static event_kind kind_of(const operation *o, slice database, slice collection)
{
    bool query = IS_AMONG(o->verb, query_commands);
    bool ddl = !query && IS_AMONG(o->verb, ddl_commands);
    if (is_await(o)) {
        return EVENT_AWAIT;
    }
    find_subject(o, ddl, &database, &collection);
    bool system = is_own(o, database, collection) || (!ddl && o->internal) ||
                  (!ddl && !query && is_system_command(o->verb));
    if (system) {
        return EVENT_SYSTEM;
    }
    return ddl && o->error.n == 0 ? EVENT_DDL : EVENT_STATEMENT;
}

/* --- fields
 * ---------------------------------------------------------------------------------------- */

void operation_read_command(operation *o, arena *a)
{
    json_reader r;
    json_token t;
    o->verb = o->target = SLICE("");
    json_begin(&r, o->command);
    bool is_object = json_next(&r, &t) == JSON_OBJECT_BEGIN;
    if (!is_object || json_next(&r, &t) != JSON_NAME) {
        return;
    }
    json_text(&t, a, &o->verb);
    if (json_next(&r, &t) == JSON_STRING) {
        json_text(&t, a, &o->target);
    }
}

void operation_add_measure(operation *o, measure_id id, uint64_t value)
{
    uint64_t bit = (uint64_t)1 << (unsigned)id % 64;
    for (uint32_t i = 0; (o->has_measures & bit) != 0 && i < o->n_measures; i++) {
        if (o->measures[i].id == id) {
            o->measures[i].value += value;
            return;
        }
    }
    o->has_measures |= bit;
    o->measures[o->n_measures++] = (measured){.id = id, .value = value};
}

uint64_t operation_session(slice context)
{
    return hash_bytes(context);
}

slice operation_host(slice remote)
{
    const char *colon = scan_last(remote, ':');
    slice host = colon != NULL ? slice_between(remote.p, colon) : remote;
    if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']') {
        host = slice_of(host.p + 1, host.n - 2);
    }
    return host;
}

/* A single write of a batch is logged before its command is, which names no query of its own. */
static void join_writes(const operation *o, slice database, slice collection, event *e)
{
    bool single = slice_is(o->verb, "q");
    bool many = (slice_is(o->verb, "update") || slice_is(o->verb, "delete")) && o->error.n == 0;
    if ((e->has & HAS_SESSION) == 0 || (!single && !many)) {
        return;
    }
    slice name = single || !slice_is(collection, "$cmd") ? collection : o->target;
    e->has |= single ? PART_OF_COMMAND : OF_PARTS;
    e->target = mix64(hash_bytes(database), hash_bytes(name));
}

static slice join(const slice *parts, size_t n, arena *a)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        size += parts[i].n;
    }
    char *text = arena_alloc(a, size);
    char *to = text;
    for (size_t i = 0; text != NULL && i < n; i++) {
        if (parts[i].n > 0) {
            memcpy(to, parts[i].p, parts[i].n);
        }
        to += parts[i].n;
    }
    return text != NULL ? slice_of(text, size) : SLICE("");
}

/* The query of a cursor is told where it is opened, and by most servers where it is read. */
static void join_cursor(const operation *o, slice database, event *e)
{
    if (o->cursor.n == 0 || (e->has & (PART_OF_COMMAND | OF_PARTS)) != 0) {
        return;
    }
    bool asks = slice_is(o->verb, "getMore") && o->origin.n == 0;
    e->has |= asks ? ASKS_CURSOR : TELLS_CURSOR;
    e->target = mix64(hash_bytes(database), hash_bytes(o->cursor));
}

static void add_query(const operation *o, slice database, slice collection, event *e, batch *out)
{
    e->text = o->text;
    e->has |= HAS_TEXT | (o->truncated ? TEXT_TRUNCATED : 0) | (o->error.n > 0 ? HAS_FAILED : 0);
    e->plan = o->plan;
    e->code = o->error;
    for (uint32_t i = 0; i < o->n_measures; i++) {
        batch_add_measured(out, o->measures[i].id, o->measures[i].value);
    }
    for (uint32_t i = 0; i < o->n_aliases; i++) {
        batch_add_alias(out, "mongodb", o->aliases[i]);
    }
    if (o->error.n > 0) {
        /* By its name alone: messages hold values. */
        batch_add_fact(out, FACT_ERROR, join((slice[]){o->error, SLICE(" ")}, 2, &out->arena), 0);
    }
    join_writes(o, database, collection, e);
    join_cursor(o, database, e);
}

/* "createIndexes shop.orders"; of the server's thread that builds it, beside the command that waits
 * for it, "index build shop.orders". */
static void add_ddl(const operation *o, slice database, slice collection, const event *e,
                    batch *out)
{
    slice what = slice_is(o->type, "none") ? SLICE("index build") : o->verb;
    bool whole = slice_is(collection, "$cmd"); /* the target says of which collection, */
    bool full = whole && slice_is(database, "admin") && o->target.n > 0; /* and database */
    slice subject = join((slice[]){what, SLICE(" "),
                                   full    ? SLICE("")
                                   : whole ? database
                                           : o->ns,
                                   whole && !full && o->target.n > 0 ? SLICE(".") : SLICE(""),
                                   whole ? o->target : SLICE("")},
                         5, &out->arena);
    batch_add_fact(out, FACT_DDL, subject, (uint64_t)e->duration);
}

void operation_add(const operation *o, size_t offset, size_t bytes, batch *out)
{
    slice database;
    slice collection;
    split(o->ns, &database, &collection);
    event *e = batch_add_event(out);
    if (e == NULL) {
        return;
    }
    e->kind = (uint8_t)kind_of(o, database, collection);
    e->offset = offset;
    e->line = out->lines;
    e->bytes = (uint32_t)bytes;
    e->time = o->at.time;
    e->zone_offset = o->at.zone_offset;
    out->zone = o->at.none ? out->zone : o->at.zone;
    e->duration = o->duration;
    e->has = (o->at.none ? 0u : HAS_TIME) | (o->has_duration ? HAS_DURATION : 0u);
    if (o->context.n > 0) {
        e->session = operation_session(o->context);
        e->has |= HAS_SESSION | ASKS_WHO;
    }
    e->who = batch_who(out, &(who){.database = database,
                                   .user = o->user,
                                   .application = o->application,
                                   .host = operation_host(o->remote)});
    if (e->kind == EVENT_STATEMENT) {
        add_query(o, database, collection, e, out);
        out->event_bytes += bytes;
        return;
    }
    if (e->kind == EVENT_DDL) {
        add_ddl(o, database, collection, e, out);
    }
    out->other_bytes += bytes;
}
