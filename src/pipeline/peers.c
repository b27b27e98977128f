/* peers.c - see peers.h. */
#include "pipeline/peers.h"

/* us: both records' times and the command's duration are in milliseconds. */
enum { ROUNDING = 2000 };

bool peers_lies_within(int64_t write, int64_t command, int64_t duration)
{
    return write <= command + ROUNDING && write >= command - duration - ROUNDING;
}

void peers_init(peers *p)
{
    sessions_init(&p->told);
    sessions_init(&p->writes);
}

void peers_free(peers *p)
{
    sessions_free(&p->told);
    sessions_free(&p->writes);
}

/* In place of what the key had; the least recent make room. */
static bool put(sessions *s, const pending *item)
{
    pending old;
    sessions_take(s, item->session, &old);
    if (s->n >= SESSIONS_MAX) {
        sessions_sort(s);
        for (uint32_t i = 0; i < SESSIONS_GIVEN_UP; i++) {
            sessions_take_oldest(s, &old);
        }
    }
    return sessions_add(s, item);
}

/* --- who
 * ------------------------------------------------------------------------------------------ */

static slice either(slice first, slice second)
{
    return first.n > 0 ? first : second;
}

who peers_merge(const who *first, const who *second)
{
    return (who){.database = either(first->database, second->database),
                 .user = either(first->user, second->user),
                 .application = either(first->application, second->application),
                 .host = either(first->host, second->host),
                 .tags = first->tags};
}

who peers_told(const peers *p, const who_table *whos, const event *e, const who *tells)
{
    const pending *known =
        e->kind != EVENT_SESSION_START ? sessions_find(&p->told, e->session) : NULL;
    return known != NULL ? peers_merge(tells, &whos->entries[known->who].who) : *tells;
}

bool peers_tell(peers *p, const event *e, uint32_t who_id)
{
    return put(&p->told, &(pending){.session = e->session,
                                    .at = e->time,
                                    .has_time = (e->has & HAS_TIME) != 0,
                                    .who = who_id});
}

void peers_end(peers *p, const event *e)
{
    pending ignored;
    sessions_take(&p->told, e->session, &ignored);
}

bool peers_knows_more(const peers *p, const event *e, const who *asks, uint32_t *told)
{
    bool lacks =
        asks->database.n == 0 || asks->user.n == 0 || asks->application.n == 0 || asks->host.n == 0;
    const pending *known = lacks ? sessions_find(&p->told, e->session) : NULL;
    if (known == NULL) {
        return false;
    }
    *told = known->who;
    return true;
}

/* --- writes
 * --------------------------------------------------------------------------------------- */

uint64_t peers_write_key(const event *e)
{
    return mix64(e->session, e->target);
}

bool peers_add_write(peers *p, const event *e, const asked *asks, uint32_t who_id, bool selected)
{
    const pending *before = sessions_find(&p->writes, peers_write_key(e));
    const int64_t begin = e->time - e->duration;
    pending all = {.session = peers_write_key(e),
                   .fingerprint = e->fingerprint,
                   .at = e->time,
                   .last_at = begin,
                   .duration = e->duration,
                   .has_time = (e->has & HAS_TIME) != 0,
                   .has_duration = (e->has & HAS_DURATION) != 0,
                   .zone_offset = e->zone_offset,
                   .who = who_id,
                   .weight = 1,
                   .asked = *asks,
                   .selected = selected};
    if (before != NULL) {
        all.last_at = before->last_at < begin ? before->last_at : begin;
        all.duration += before->duration;
        all.weight += before->weight;
        all.has_duration = all.has_duration && before->has_duration;
    }
    return put(&p->writes, &all);
}

bool peers_take_writes(peers *p, const event *e, pending *writes)
{
    const pending *last = sessions_find(&p->writes, peers_write_key(e));
    return last != NULL && peers_lies_within(last->at, e->time, e->duration) &&
           sessions_take(&p->writes, peers_write_key(e), writes);
}

int64_t peers_overhead(const event *command, const pending *writes)
{
    bool all_within = writes->last_at >= command->time - command->duration - ROUNDING;
    bool known = writes->has_duration && (command->has & HAS_DURATION) != 0 && all_within;
    return known && command->duration > writes->duration ? command->duration - writes->duration : 0;
}
