-- Tables for `qlog export`, for PostgreSQL 12 and later.
--
--   qlog export --ddl postgres | psql
--   qlog export --store prod.db --format csv | psql -c '\copy qlog_hours FROM STDIN (FORMAT csv, HEADER)'
--   qlog export --store prod.db --format csv --table queries | psql -c '\copy qlog_queries FROM STDIN (FORMAT csv, HEADER)'
--
-- To send a time again, delete it first: DELETE FROM qlog_hours WHERE source = … AND hour >= …;
-- of queries, copy into a table like it and INSERT … ON CONFLICT DO NOTHING.

CREATE TABLE qlog_hours (
    source text NOT NULL,
    hour timestamptz NOT NULL,             -- when it begins; 1970: the log has no time
    seconds integer NOT NULL,              -- 3600, or 86400 of a day
    fingerprint text NOT NULL,             -- 16 hexadecimal digits
    database text NOT NULL,                -- names are '' where the log does not tell them
    username text NOT NULL,
    application text NOT NULL,
    calls bigint NOT NULL,                 -- as logged
    estimated_calls bigint NOT NULL,       -- as executed, where the log is a sample
    errors bigint NOT NULL,
    first_at timestamptz,
    last_at timestamptz,
    query_time_calls bigint NOT NULL,      -- that have a duration
    query_time_us bigint,                  -- the sum; NULL: none has one
    query_time_min_us bigint,
    query_time_max_us bigint,
    -- Where bins begin, in us, and how many executions each has. A bin is 1 us wide below 64 us, and a 32nd of
    -- the power of two below it from there on.
    histogram_us jsonb NOT NULL,
    histogram_calls jsonb NOT NULL,
    measures jsonb NOT NULL,               -- all else: {"rows_sent": {"n": …, "sum": …, "min": …, "max": …}, …}
    PRIMARY KEY (source, hour, seconds, fingerprint, database, username, application)
);

CREATE TABLE qlog_queries (
    fingerprint text PRIMARY KEY,
    engine text NOT NULL,
    verb text NOT NULL,
    tables jsonb NOT NULL,
    text text NOT NULL                     -- normalised: no literals
);

-- The 95th percentile of each query over all rows, in ms, by nearest rank, from where its bin begins: at most
-- 3.2 % below. Join with what else is wanted, or copy it and add a condition for a window.
CREATE VIEW qlog_p95 AS
WITH bins AS (
    SELECT h.fingerprint, b.us::bigint AS us, sum(c.calls::bigint) AS calls
      FROM qlog_hours h
      CROSS JOIN LATERAL jsonb_array_elements_text(h.histogram_us) WITH ORDINALITY AS b(us, place)
      JOIN LATERAL jsonb_array_elements_text(h.histogram_calls) WITH ORDINALITY AS c(calls, place) USING (place)
     GROUP BY 1, 2
), ranks AS (
    SELECT fingerprint, us, sum(calls) OVER (PARTITION BY fingerprint ORDER BY us) AS up_to,
           sum(calls) OVER (PARTITION BY fingerprint) AS calls
      FROM bins
)
SELECT fingerprint, min(us) / 1000.0 AS p95_ms FROM ranks WHERE up_to >= 0.95 * calls GROUP BY fingerprint;
