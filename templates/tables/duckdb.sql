-- Tables for `qlog export`, for DuckDB.
--
--   qlog export --ddl duckdb | duckdb qlog.duckdb
--   qlog export --store prod.db -o hours.ndjson && qlog export --store prod.db --table queries -o queries.ndjson
--   INSERT OR REPLACE INTO qlog_hours SELECT * FROM read_json('hours.ndjson', format = 'newline_delimited', columns = {
--     source: 'VARCHAR', hour: 'TIMESTAMPTZ', seconds: 'INTEGER', fingerprint: 'VARCHAR', database: 'VARCHAR',
--     username: 'VARCHAR', application: 'VARCHAR', calls: 'BIGINT', estimated_calls: 'BIGINT', errors: 'BIGINT',
--     first_at: 'TIMESTAMPTZ', last_at: 'TIMESTAMPTZ', query_time_calls: 'BIGINT', query_time_us: 'BIGINT',
--     query_time_min_us: 'BIGINT', query_time_max_us: 'BIGINT', histogram_us: 'BIGINT[]',
--     histogram_calls: 'BIGINT[]', measures: 'JSON'});
--   INSERT OR REPLACE INTO qlog_queries SELECT * FROM read_json('queries.ndjson', format = 'newline_delimited',
--     columns = {fingerprint: 'VARCHAR', engine: 'VARCHAR', verb: 'VARCHAR', tables: 'VARCHAR[]', text: 'VARCHAR'});
--
-- What is sent again replaces what was there.

CREATE TABLE qlog_hours (
    source VARCHAR NOT NULL,
    hour TIMESTAMPTZ NOT NULL,             -- when it begins; 1970: the log has no time
    seconds INTEGER NOT NULL,              -- 3600, or 86400 of a day
    fingerprint VARCHAR NOT NULL,          -- 16 hexadecimal digits
    database VARCHAR NOT NULL,             -- names are '' where the log does not tell them
    username VARCHAR NOT NULL,
    application VARCHAR NOT NULL,
    calls BIGINT NOT NULL,                 -- as logged
    estimated_calls BIGINT NOT NULL,       -- as executed, where the log is a sample
    errors BIGINT NOT NULL,
    first_at TIMESTAMPTZ,
    last_at TIMESTAMPTZ,
    query_time_calls BIGINT NOT NULL,      -- that have a duration
    query_time_us BIGINT,                  -- the sum; NULL: none has one
    query_time_min_us BIGINT,
    query_time_max_us BIGINT,
    -- Where bins begin, in us, and how many executions each has. A bin is 1 us wide below 64 us, and a 32nd of
    -- the power of two below it from there on.
    histogram_us BIGINT[] NOT NULL,
    histogram_calls BIGINT[] NOT NULL,
    measures JSON NOT NULL,                -- all else: {"rows_sent": {"n": …, "sum": …, "min": …, "max": …}, …}
    PRIMARY KEY (source, hour, seconds, fingerprint, database, username, application)
);

CREATE TABLE qlog_queries (
    fingerprint VARCHAR PRIMARY KEY,
    engine VARCHAR NOT NULL,
    verb VARCHAR NOT NULL,
    tables VARCHAR[] NOT NULL,
    text VARCHAR NOT NULL                  -- normalised: no literals
);
