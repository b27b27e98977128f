/* fold_parts.h - what the files of the fold share; for them alone. See fold.h.
 *
 *   fold.c         the order of events, who they are of, transactions
 *   fold_text.c    fingerprints that are seen for the first time
 *   fold_calls.c   executions: statements, durations, pieces, errors
 *   fold_plans.c   their plans
 *   fold_attributes.c  measures that only the log has a name for
 *   fold_facts.c   the server's names for queries, and what it says of its own work
 *   fold_state.c   what one run leaves for the next
 *   fold_limits.c  what a log cannot show
 *
 * All return false, with `st` set, where memory is out or the store fails. */
#ifndef QLOG_PIPELINE_FOLD_PARTS_H
#define QLOG_PIPELINE_FOLD_PARTS_H

#include "base/time_units.h"
#include "pipeline/fold.h"

enum {
    FOLD_TEXT_MAX = 64 * 1024, /* bytes of a normalised text */
    FOLD_STATE_MAX = 64 * 1024 * 1024,
    FOLD_DISORDER_MAX = 10 * US_PER_SECOND /* how far records of several processes may be apart */
};

/* Where an event stands: its batch's place added to its own. */
typedef struct place {
    uint64_t offset;
    uint64_t line; /* from 1 */
    uint32_t who;
    bool selected;            /* by who ran it and, where it has one, by its text */
    statement_role role;      /* of its text */
    const measured *measured; /* the event's */
} place;

/* --- fold.c ------------------------------------------------------------------------------- */

/* Whether the selection's window holds a record of this time. */
bool fold_in_window(const fold *f, bool has_time, int64_t at);

/* The hour of an event; 0 where the log has no time. */
int64_t fold_hour_of(const event *e);

/* The number of a combination, selected or not; UINT32_MAX where memory is out. */
uint32_t fold_who_of(fold *f, const who *w);
void fold_select_who(const fold *f, who_entry *e);

/* --- fold_text.c --------------------------------------------------------------------------- */

/* Keeps the text of a fingerprint where it is new; *known is what is remembered of it. */
bool fold_learn(fold *f, const event *e, known_statement *known, status *st);

/* --- fold_calls.c --------------------------------------------------------------------------- */

asked fold_asked(const event *e, const place *at);

bool fold_add_statement(fold *f, const event *e, const place *at, status *st);
bool fold_add_start(fold *f, const event *e, const place *at, status *st);
bool fold_add_duration(fold *f, const event *e, const place *at, status *st);
bool fold_add_cost(fold *f, const event *e, const place *at, measure_id id, status *st);
bool fold_add_error(fold *f, const event *e, const place *at, status *st);

/* A whole transaction, as the log tells of it in one record. */
bool fold_add_transaction(fold *f, const event *e, const place *at, status *st);

/* A session begins or ends: what it was in does not go on. */
bool fold_part(fold *f, const event *e, status *st);

/* Counts an error, of no statement where the fingerprint is 0. */
bool fold_count_error(fold *f, const event *e, uint64_t fingerprint, uint32_t who_id, status *st);

/* Counts what waited in vain: a statement without its duration is a call without time, a plan
 * without its statement an execution that only it told of. */
bool fold_add_waiting(fold *f, const pending *p, status *st);

/* What the event's session waits for will not come. */
bool fold_end_waiting(fold *f, sessions *of, const event *e, status *st);

/* Gives up at most `most` of a table, the oldest first. */
bool fold_give_up_oldest(fold *f, sessions *of, uint32_t most, status *st);

bool fold_end_all_pending(fold *f, status *st);

/* Executions in pieces: what names one, the end of one, that of all which no later record can go on
 * with. */
uint64_t fold_pieces_key(uint64_t session, uint64_t fingerprint);
bool fold_end_pieces(fold *f, const pending *p, status *st);
bool fold_end_old_pieces(fold *f, status *st);

/* Ends the commands of writes that are so old that no write of theirs will follow any more. */
bool fold_end_old_commands(fold *f, status *st);

/* --- fold_plans.c --------------------------------------------------------------------------- */

/* Adds a plan that is a record of its own. */
bool fold_add_plan(fold *f, const event *e, const place *at, status *st);

/* Adds the plan of an event, and what was measured of it with its plan: where the two are one
 * record, digest_add_call adds the measures. */
bool fold_note_plan(fold *f, const event *e, const place *at, status *st);

/* The session's execution that ends here has had its plan logged, or those within it have: they are
 * no calls of their own. Any other that waits is. *own: the latest was this execution's. */
bool fold_settle_plan(fold *f, const event *e, uint64_t fingerprint, bool *own, status *st);

/* The same of a duration alone: *found tells whether *p is the plan of what took it. */
bool fold_take_plan(fold *f, const event *e, bool *found, pending *p, status *st);

/* The statements of a message before the one that failed have had their plans logged: they are no
 * calls, as the message is none. `begun`: the message's beginning, where the log has it, or NULL.
 */
void fold_fail_plans(fold *f, const event *e, const pending *begun);

/* Of a session that ended: each plan that waits is a call. */
bool fold_end_plans(fold *f, const event *e, status *st);

/* An execution that ended, and whose plan may come behind it. */
void fold_expect_plan(fold *f, const event *e, uint64_t fingerprint, bool follows);

/* --- fold_attributes.c ---------------------------------------------------------------------- */

/* Gives the batch's attributes the ids that the source has for them. Those for which there is no
 * room are taken from their events. */
bool fold_name_attributes(fold *f, batch *events, status *st);

/* --- fold_facts.c --------------------------------------------------------------------------- */

bool fold_add_aliases(fold *f, const batch *events, const event *e, status *st);
bool fold_add_facts(fold *f, const event *e, const place *at, const fact *facts, status *st);

/* --- fold_state.c --------------------------------------------------------------------------- */

/* Packs into f->state what waits and what records leave for the next. */
bool fold_encode_state(fold *f);

/* What the source's earlier logs left: the names that it has, and what waits. */
bool fold_restore(fold *f, status *st);

/* Forgets the combinations that nothing refers to: each dimension has few values, but there is no
 * end to what they combine to. The digest was flushed; only what waits goes on. */
bool fold_renew_whos(fold *f, status *st);

/* --- fold_limits.c --------------------------------------------------------------------------- */

/* Says at once what the log turned out to lack: a run that goes on with it does not see it again.
 */
bool fold_keep_notes(fold *f, const batch *events, status *st);
bool fold_set_limits(fold *f, status *st);

#endif
