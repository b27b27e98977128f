-- The store: what qlog keeps of the logs it has read. Plain SQLite, meant to be
-- opened with sqlite3 as well; see views.sql. A change here wants a step in upgrade-N.sql.
--
-- Times are microseconds since 1970 UTC, durations microseconds, hours the start of an
-- hour of the log's own time zone in seconds since 1970 UTC (0: the log has no time).
-- A segment is one log file's content, named by the hash of its beginning, so that a
-- renamed, copied or grown file is the same segment. Texts are '' where unknown.
-- `qlog compact` makes one row of a day's rows in a segment: the row's hour is then the day's
-- first, and its series one point; segments.days_before says up to where.
-- Columns of 64 bits say BIGINT, for programs that take INTEGER to be 32 bits.

CREATE TABLE meta(
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Each log that was read, and how far.
CREATE TABLE segments(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,             -- 16 bytes
    head BLOB NOT NULL,                -- hash of the bytes through the first timed line
    engine TEXT NOT NULL,
    format TEXT NOT NULL,
    detail TEXT NOT NULL,              -- how it was read, such as the line prefix
    detail_inferred BIGINT NOT NULL,
    role TEXT NOT NULL,
    bytes BIGINT NOT NULL,             -- read so far, from the beginning
    lines BIGINT NOT NULL,
    tail BLOB NOT NULL,                -- hash of the last bytes before that point
    events BIGINT NOT NULL,            -- records of every kind
    event_bytes BIGINT NOT NULL,
    other_bytes BIGINT NOT NULL,       -- of records that are no executions, and of those that another log had
    first_at BIGINT NOT NULL,          -- of records with a time, dropped days left out; 0: none
    last_at BIGINT NOT NULL,
    clock_resolution BIGINT NOT NULL,  -- us; 0: no time
    zone TEXT NOT NULL,
    zone_offset BIGINT NOT NULL,       -- seconds east of UTC, of the last record
    unknown_zone BIGINT NOT NULL,      -- 1: the zone's name is not known and was read as UTC
    orphans BIGINT NOT NULL,           -- durations whose statement is not in the log
    evicted BIGINT NOT NULL,           -- sessions given up because there were too many at once
    zone_begins BIGINT NOT NULL DEFAULT 0,     -- seconds east of UTC, of the first record: days begin by it
    days_before BIGINT NOT NULL DEFAULT 0,     -- rows of hours before this are rows of days; 0: none
    dropped_before BIGINT NOT NULL DEFAULT 0,  -- rows of hours before this are gone; 0: none
    PRIMARY KEY(source, segment)
) WITHOUT ROWID;

-- What was not understood.
CREATE TABLE skipped(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    reason TEXT NOT NULL,
    lines BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    first_line BIGINT NOT NULL,
    PRIMARY KEY(source, segment, reason)
) WITHOUT ROWID;

CREATE TABLE fingerprints(
    fingerprint BIGINT PRIMARY KEY,
    engine TEXT NOT NULL,
    verb TEXT NOT NULL,
    text TEXT NOT NULL                 -- normalised: no literals
) WITHOUT ROWID;

-- What a fingerprint's statements read and write: 'read', 'write' or 'both'.
CREATE TABLE tables(
    fingerprint BIGINT NOT NULL,
    name TEXT NOT NULL,
    access TEXT NOT NULL,
    PRIMARY KEY(fingerprint, name)
) WITHOUT ROWID;

-- Names that other tools have for a fingerprint.
CREATE TABLE aliases(
    fingerprint BIGINT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY(fingerprint, kind, value)
) WITHOUT ROWID;

CREATE TABLE digest(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    calls BIGINT NOT NULL,             -- as logged
    estimated_calls BIGINT NOT NULL,   -- as executed, where the log is a sample
    errors BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    -- Calls and time over the hour, packed: LEB128 varints, the step in seconds (1, 5, 10, 30 or 60:
    -- the finest that needs at most 60 points; 86400 in a row of a day), then for each step that holds a call its distance
    -- in steps to the one before (of the first: to the hour's start), its calls, its time in us.
    series BLOB NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, database, user, application)
) WITHOUT ROWID;

-- What was measured of the executions; 'query_time' is the first. An attribute that has no name
-- here has the log's behind its unit: 'count:Name', 'us:Name', 'yes:Name', and 'millionths:Name'
-- for what the log writes with a fraction.
CREATE TABLE measures(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    measure TEXT NOT NULL,
    n BIGINT NOT NULL,
    sum BIGINT NOT NULL,
    min BIGINT NOT NULL,
    max BIGINT NOT NULL,
    histogram BLOB NOT NULL,           -- log-linear, packed
    PRIMARY KEY(source, segment, hour, fingerprint, database, user, application, measure)
) WITHOUT ROWID;

-- Calls and time by one more dimension: 'host', or 'tag:KEY' of a tag in the statement's comments.
CREATE TABLE marginals(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    calls BIGINT NOT NULL,
    time BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, key, value)
) WITHOUT ROWID;

-- The slowest executions of a fingerprint in an hour: where in the log they are.
CREATE TABLE examples(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    duration BIGINT NOT NULL,
    offset BIGINT NOT NULL,
    line BIGINT NOT NULL,
    at BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    host TEXT NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, duration, offset)
) WITHOUT ROWID;

CREATE TABLE errors(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,       -- 0: the log names no statement
    code TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, code)
) WITHOUT ROWID;

-- Records of every kind, by hour.
CREATE TABLE server_events(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    kind TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, kind)
) WITHOUT ROWID;

-- How a fingerprint was executed: which plans the log shows for it, and when.
CREATE TABLE plans(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    plan BIGINT NOT NULL,              -- hash of its shape
    calls BIGINT NOT NULL,             -- executions that were logged with this plan
    time BIGINT NOT NULL,
    min BIGINT NOT NULL,
    max BIGINT NOT NULL,
    first_at BIGINT NOT NULL,          -- 0: the log has no time
    last_at BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, plan)
) WITHOUT ROWID;

CREATE TABLE plan_shapes(
    plan BIGINT PRIMARY KEY,
    text TEXT NOT NULL                 -- one node a line, without costs, rows and literals
) WITHOUT ROWID;

-- What the log says of the server besides executions: files, locks, checkpoints, sessions, errors.
CREATE TABLE server_facts(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    kind TEXT NOT NULL,                -- 'temp_file', 'lock_acquired', 'checkpoint', 'error' ...
    subject TEXT NOT NULL,             -- of what: a table, a lock, a cause, a message without values
    fingerprint BIGINT NOT NULL,       -- 0: of no statement
    n BIGINT NOT NULL,
    sum BIGINT NOT NULL,               -- us, bytes or a count, as its kind has it
    min BIGINT NOT NULL,
    max BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, kind, subject, fingerprint)
) WITHOUT ROWID;

-- Statements of one session with next to no time between them: one again and again, or a cycle of a
-- few. What becomes of it is judged when a report is made.
CREATE TABLE bursts(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,             -- in which the bursts began
    hour BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    endpoint TEXT NOT NULL,            -- what the statements' comments say of who asked: 'controller=…, action=…'
    cycle BIGINT NOT NULL,             -- the statements, see `cycles`
    parent BIGINT NOT NULL,            -- fingerprint of the session's statement in front; 0: none
    parameters TEXT NOT NULL,          -- 'distinct', 'same', 'mixed', 'unknown'
    length BIGINT NOT NULL,            -- rounds without a rest; above 64 to a thirty-second
    bursts BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    time BIGINT NOT NULL,              -- us, of the calls
    wall BIGINT NOT NULL,              -- us, from the first call's start to the last one's end
    saving BIGINT NOT NULL,            -- us, if one statement did it
    matched BIGINT NOT NULL,           -- bursts as long as the parent had rows
    contradicted BIGINT NOT NULL,      -- bursts that are not
    shared BIGINT NOT NULL,            -- bursts with another client's statements between
    longest BIGINT NOT NULL,           -- rounds
    first_at BIGINT NOT NULL,          -- of the earliest burst's first statement
    first_offset BIGINT NOT NULL,
    first_line BIGINT NOT NULL,
    requests BIGINT NOT NULL DEFAULT 0,   -- bursts whose statements all say that they are of one request
    PRIMARY KEY(source, segment, hour, cycle, parent, parameters, length, database, user, application, endpoint)
) WITHOUT ROWID;

-- The statements that take turns; of one statement alone its fingerprint is the cycle.
CREATE TABLE cycles(
    cycle BIGINT NOT NULL,
    place BIGINT NOT NULL,             -- from 0
    fingerprint BIGINT NOT NULL,
    PRIMARY KEY(cycle, place)
) WITHOUT ROWID;

-- Of the sessions of a cycle's bursts in an hour the 16 whose hashes are the least.
CREATE TABLE burst_sessions(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    cycle BIGINT NOT NULL,
    session BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, cycle, session)
) WITHOUT ROWID;

-- What sessions did, as far as the log tells.
CREATE TABLE session_use(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    statements BIGINT NOT NULL,        -- of every kind
    chatter BIGINT NOT NULL,           -- of these BEGIN, COMMIT, SET, SELECT 1 and such
    time BIGINT NOT NULL,              -- us in use, all sessions together: without rests of over a minute
    transactions BIGINT NOT NULL,      -- that ended
    transaction_time BIGINT NOT NULL,  -- us
    idle_time BIGINT NOT NULL,         -- us of these between statements
    longest_idle BIGINT NOT NULL,      -- us at a time
    longest_transaction BIGINT NOT NULL,
    longest_at BIGINT NOT NULL,        -- when it ended
    longest_line BIGINT NOT NULL,      -- and where; 0: there was none
    PRIMARY KEY(source, segment, hour, database, user, application)
) WITHOUT ROWID;

-- Statements that came again, with the same values in the same session, soon after they had failed.
CREATE TABLE retries(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,              -- of the retry
    fingerprint BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    code TEXT NOT NULL,                -- of the failure before it
    retries BIGINT NOT NULL,
    failed BIGINT NOT NULL,            -- of these, that failed again
    wait BIGINT NOT NULL,              -- us, from the failures to the retries
    longest BIGINT NOT NULL,           -- retries in a row
    first_at BIGINT NOT NULL,          -- of the earliest retry
    first_line BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, database, user, application, code)
) WITHOUT ROWID;

-- Waits for locks that the log tells of with the process that held the lock, by what that one ran.
CREATE TABLE blockers(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,              -- in which the log first told of the wait
    fingerprint BIGINT NOT NULL,       -- what waited; 0: not known
    blocker BIGINT NOT NULL,           -- fingerprint of the holder's statement; 0: not in the log
    state TEXT NOT NULL,               -- 'running', 'in transaction', 'last' (of its session), 'unseen'
    database TEXT NOT NULL,            -- the holder's, as are user and application
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    waits BIGINT NOT NULL,
    acquired BIGINT NOT NULL,          -- of these, that had the lock in the end
    time BIGINT NOT NULL,              -- us
    longest BIGINT NOT NULL,
    first_at BIGINT NOT NULL,          -- of the earliest wait
    first_line BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, blocker, state, database, user, application)
) WITHOUT ROWID;

-- Executions that passed over rows: OFFSET, skip.
CREATE TABLE pages(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    pages BIGINT NOT NULL,             -- with an OFFSET above 0
    walks BIGINT NOT NULL,             -- from page to page in one session, at least four
    walk_pages BIGINT NOT NULL,
    twins BIGINT NOT NULL,             -- pages with a count next to them
    twin BIGINT NOT NULL,              -- fingerprint of a count; 0: none
    -- Some pages, packed: version 1, then LEB128 varints for each: the distance of its hash to the
    -- one before, rows passed over, rows wanted (0: not known), us, rows examined and one (0: not known).
    sample BLOB NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, database, user, application)
) WITHOUT ROWID;

-- The duration from which on statements were logged.
CREATE TABLE thresholds(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    at BIGINT NOT NULL,
    origin TEXT NOT NULL,              -- 'log' or 'option'
    duration BIGINT NOT NULL,          -- -1: none were
    PRIMARY KEY(source, segment, at, origin)
) WITHOUT ROWID;

-- What the log cannot show, in words for people.
CREATE TABLE limits(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    topic TEXT NOT NULL,               -- 'fields', 'orphans', 'threshold', 'bursts', 'clock', 'days' ...
    cannot_show TEXT NOT NULL,
    because TEXT NOT NULL,
    remedy TEXT NOT NULL,
    PRIMARY KEY(source, segment, topic)
) WITHOUT ROWID;

-- The names that a source has, up to a bound for each dimension.
CREATE TABLE names(
    source TEXT NOT NULL,
    dimension TEXT NOT NULL,           -- 'database', 'user', 'application', 'host', 'tag:KEY', 'fact:KIND', 'attribute'
    name TEXT NOT NULL,
    PRIMARY KEY(source, dimension, name)
) WITHOUT ROWID;

-- Findings that somebody accepted (`qlog accept`). Of what was said of one finding the last holds.
CREATE TABLE accepted(
    finding BIGINT PRIMARY KEY,
    revision BIGINT NOT NULL,          -- how often something was said of it
    withdrawn BIGINT NOT NULL,         -- 1: it is accepted no more
    at BIGINT NOT NULL,                -- how far the logs of its source went then: us, of the latest record
    until BIGINT NOT NULL,             -- us, the first time at which it counts again; 0: for good
    note TEXT NOT NULL
) WITHOUT ROWID;

-- What happened at a moment, as people told it (`qlog mark`): a deploy, a restart.
CREATE TABLE marks(
    source TEXT NOT NULL,              -- '': of all
    at BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY(source, at, text)
) WITHOUT ROWID;

-- Where segments were read from: this table, `duplicates` and `unread` alone know of paths and of this machine.
CREATE TABLE ledger(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    path TEXT NOT NULL,
    latest BIGINT NOT NULL,            -- 0: the path has held another log since
    PRIMARY KEY(source, segment, path)
) WITHOUT ROWID;

-- Logs that were not read, since another holds the same records in another format.
CREATE TABLE duplicates(
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    same_as TEXT NOT NULL,             -- the path of the one that was read
    PRIMARY KEY(source, path)
) WITHOUT ROWID;

-- What the last run that read a source was to read and could not: a pattern that matches no file, a file without
-- the right to read it. Of this machine, as the ledger is, and not merged.
CREATE TABLE unread(
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY(source, path)
) WITHOUT ROWID;

-- What the reading of a source's next log continues from.
CREATE TABLE fold_state(
    source TEXT NOT NULL,
    engine TEXT NOT NULL,
    as_of BIGINT NOT NULL,             -- time of the last record
    progress BIGINT NOT NULL,          -- bytes read of all the source's logs
    state BLOB NOT NULL,
    PRIMARY KEY(source, engine)
) WITHOUT ROWID;
