/* operation.c - see operation.h. */
#include "parsers/mongodb/operation.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/scan.h"
#include "base/words.h"

#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

#define IS_AMONG(text, words) words_hold(words, sizeof(words) / sizeof *(words), text)

/* --- classes -------------------------------------------------------------------------------------
 */

/* Databases of the server's own. */
static const char *const system_databases[] = {
    [5] = "local admin", [6] = "config", [9] = "$external"};

/* What drivers, monitors, agents and the servers among themselves send. Those that begin with
 * replSet or _ too. */
/* clang-format off */
static const char *const system_commands[] = {
    [3] = "top",
    [4] = "ping",
    [5] = "hello",
    [6] = "getLog logout",
    [7] = "dbStats dbstats profile",
    [8] = "isMaster ismaster hostInfo features isdbgrid",
    [9] = "buildInfo buildinfo currentOp collStats "
          "collstats saslStart usersInfo rolesInfo moveChunk",
    [10] = "whatsmyuri splitChunk",
    [11] = "listIndexes endSessions getShardMap splitVector mergeChunks",
    [12] = "serverStatus getParameter setParameter "
           "startSession killSessions saslContinue authenticate",
    [13] = "listDatabases connPoolStats",
    [14] = "getCmdLineOpts balancerStatus",
    [15] = "listCollections refreshSessions",
    [16] = "connectionStatus",
    [17] = "getDiagnosticData",
    [18] = "shardConnPoolStats",
    [19] = "getDefaultRWConcern",
    [20] = "voteCommitIndexBuild",
    [23] = "getFreeMonitoringStatus",
};
/* clang-format on */

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

static bool is_system(const operation *o, slice database, slice collection)
{
    bool own = slice_starts_with(collection, SLICE("system.")) &&
               !slice_starts_with(collection, SLICE("system.buckets."));
    return o->internal || own || IS_AMONG(database, system_databases) ||
           IS_AMONG(o->verb, system_commands) || slice_starts_with(o->verb, SLICE("replSet")) ||
           slice_starts_with(o->verb, SLICE("_")) || is_system_application(o->application);
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

static event_kind kind_of(const operation *o, slice database, slice collection)
{
    if (is_await(o)) {
        return EVENT_AWAIT;
    }
    if (is_system(o, database, collection)) {
        return EVENT_SYSTEM;
    }
    return o->error.n > 0 ? EVENT_ERROR : EVENT_STATEMENT;
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
    bool many = slice_is(o->verb, "update") || slice_is(o->verb, "delete");

    if ((e->has & HAS_SESSION) == 0 || (!single && !many)) {
        return;
    }
    slice name = single || !slice_is(collection, "$cmd") ? collection : o->target;
    e->has |= single ? PART_OF_COMMAND : OF_PARTS;
    e->target = mix64(hash_bytes(database), hash_bytes(name));
}

static void add_query(const operation *o, slice database, slice collection, event *e, batch *out)
{
    e->text = o->text;
    e->has |= HAS_TEXT | (o->truncated ? TEXT_TRUNCATED : 0);
    e->plan = o->plan;
    e->code = o->error;
    for (uint32_t i = 0; i < o->n_measures; i++) {
        batch_add_measured(out, o->measures[i].id, o->measures[i].value);
    }
    for (uint32_t i = 0; i < o->n_aliases; i++) {
        batch_add_alias(out, "mongodb", o->aliases[i]);
    }
    if (e->kind == EVENT_STATEMENT) {
        join_writes(o, database, collection, e);
    }
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
    out->zone = o->at.zone;
    e->duration = o->duration;
    e->has = HAS_TIME | (o->has_duration ? HAS_DURATION : 0u);
    if (o->context.n > 0) {
        e->session = operation_session(o->context);
        e->has |= HAS_SESSION | ASKS_WHO;
    }
    e->who = batch_who(out, &(who){.database = database,
                                   .user = o->user,
                                   .application = o->application,
                                   .host = operation_host(o->remote)});
    if (e->kind == EVENT_STATEMENT || e->kind == EVENT_ERROR) {
        add_query(o, database, collection, e, out);
        out->event_bytes += bytes;
    } else {
        out->other_bytes += bytes;
    }
}
