-- A store narrowed to a selection: temporary tables of the rows that are wanted, under the names of
-- those in schema.sql, which they hide from whoever reads. Nothing of the store is changed.
--
-- Parameters: :since and :until (us, the widest there are where no window was asked for); :first_hour and
-- :last_hour, between which lie the hours of all rows that can have some of the window's time, for the primary
-- keys to find them; :by_hour, whether
-- hours that the window cuts count whole; :cuts, whether it would cut one; :who, whether database, user or
-- application was asked for; :key, the marginal that was ('host', 'tag:KEY'), or NULL; :by_text, whether
-- patterns were; :min_time (us), or 0.
-- Functions: chosen(DIMENSION, NAME), chosen_text(TEXT); touched(HOUR, DAYS) and inside(HOUR, DAYS) by the
-- window, rows of hours before DAYS being of days;
-- series_within(SERIES, HOUR), series_calls(SERIES), series_time(SERIES), series_first(SERIES, HOUR),
-- series_last(SERIES, HOUR); histogram_above(HISTOGRAM), histogram_count(HISTOGRAM),
-- histogram_sum(HISTOGRAM, MIN, MAX).

-- `whole`: the window holds all of the log.
CREATE TEMP TABLE segments AS
SELECT *, first_at >= :since AND last_at < :until AS whole FROM main.segments
 WHERE chosen('source', source) AND chosen('engine', engine)
   AND last_at >= :since AND first_at < :until;

-- As in views.sql, whose own is of all segments.
CREATE TEMP VIEW kept_segments AS
SELECT * FROM temp.segments WHERE dropped_before = 0 OR last_at >= dropped_before * 1000000;

-- A report's window is what was asked for, as far as there are records.
UPDATE temp.segments SET first_at = max(first_at, :since), last_at = min(last_at, :until)
 WHERE last_at <> 0;

CREATE TEMP TABLE chosen_fingerprints(fingerprint BIGINT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO temp.chosen_fingerprints
SELECT fingerprint FROM main.fingerprints WHERE chosen_text(text)
 UNION ALL SELECT 0 WHERE NOT :who AND :key IS NULL; -- what is of no statement

-- `exact`: the window holds the row's hour, or all that its log has of it. `part`: it does not, and the row's
-- executions lie on both sides of the cut. (What was measured beside executions has no time but the hour.)
CREATE TEMP TABLE digest AS
SELECT d.*, NOT (:by_hour OR d.hour < s.days_before OR s.whole OR inside(d.hour, s.days_before)
                 OR (d.first_at >= :since AND d.last_at < :until)) AS part,
       s.whole OR inside(d.hour, s.days_before) AS exact, d.calls AS all_calls
  FROM temp.segments s CROSS JOIN main.digest d USING (source, segment)
 WHERE d.hour > :first_hour AND d.hour < :last_hour AND touched(d.hour, s.days_before)
   AND (:by_hour OR d.hour < s.days_before OR s.whole OR inside(d.hour, s.days_before) OR (d.last_at >= :since AND d.first_at < :until))
   AND d.fingerprint IN temp.chosen_fingerprints
   AND chosen('database', d.database) AND chosen('user', d.user)
   AND chosen('application', d.application)
   AND :key IS NULL;

UPDATE temp.digest SET series = series_within(series, hour) WHERE part;
UPDATE temp.digest SET calls = series_calls(series),
       estimated_calls = CASE WHEN calls = 0 THEN 0 ELSE estimated_calls * series_calls(series) / calls END,
       first_at = max(first_at, :since, series_first(series, hour)),
       last_at = max(min(last_at, :until - 1, series_last(series, hour)), first_at)
 WHERE part;
DELETE FROM temp.digest WHERE part AND calls = 0 AND errors = 0;

INSERT INTO temp.digest
SELECT m.source, m.segment, m.hour, m.fingerprint, '', '', '', m.calls, m.calls, 0, 0, 0, x'', 0,
       1, m.calls
  FROM temp.segments s CROSS JOIN main.marginals m USING (source, segment)
 WHERE m.hour > :first_hour AND m.hour < :last_hour AND touched(m.hour, s.days_before)
   AND m.fingerprint IN temp.chosen_fingerprints AND m.key = :key AND chosen(m.key, m.value);

CREATE INDEX temp.digest_rows ON digest(source, segment, hour, fingerprint);

-- Of which queries the window cuts an hour, so that what is kept by query and hour cannot be told.
CREATE TEMP TABLE cut AS
SELECT d.source, d.segment, d.hour, d.fingerprint
  FROM temp.segments s CROSS JOIN main.digest d USING (source, segment)
 WHERE d.hour > :first_hour AND d.hour < :last_hour AND touched(d.hour, s.days_before) AND NOT :by_hour AND d.hour >= s.days_before AND NOT s.whole AND NOT inside(d.hour, s.days_before)
   AND NOT (d.first_at >= :since AND d.last_at < :until)
   AND EXISTS (SELECT 1 FROM temp.digest t
                WHERE t.source = d.source AND t.segment = d.segment AND t.hour = d.hour
                  AND t.fingerprint = d.fingerprint);

-- Of a part its calls and time are exact; how its times were distributed is told by the whole hour. What
-- else was measured in an hour that is cut is not told at all. A part without time is of calls whose durations
-- the log lacks.
CREATE TEMP TABLE measures AS
SELECT m.source, m.segment, m.hour, m.fingerprint, m.database, m.user, m.application, m.measure,
       CASE WHEN d.part THEN min(m.n, d.calls) ELSE m.n END AS n,
       CASE WHEN d.part THEN series_time(d.series) ELSE m.sum END AS sum,
       m.min, m.max, m.histogram
  FROM temp.digest d CROSS JOIN main.measures m
    ON m.source = d.source AND m.segment = d.segment AND m.hour = d.hour
   AND m.fingerprint = d.fingerprint AND m.database = d.database AND m.user = d.user
   AND m.application = d.application
 WHERE :key IS NULL AND (d.exact OR m.measure = 'query_time')
   AND (NOT d.part OR (d.calls > 0 AND (series_time(d.series) > 0 OR m.n = d.all_calls)));

INSERT INTO temp.measures
SELECT m.source, m.segment, m.hour, m.fingerprint, '', '', '', 'query_time', m.calls, m.time, 0, 0, x''
  FROM temp.segments s CROSS JOIN main.marginals m USING (source, segment)
 WHERE m.hour > :first_hour AND m.hour < :last_hour AND touched(m.hour, s.days_before)
   AND m.fingerprint IN temp.chosen_fingerprints AND m.key = :key AND chosen(m.key, m.value)
   AND m.time > 0;

-- The slow ones of a row: their number is exact, their time as exact as the histogram. What they add up
-- to besides, and when in the hour they ran, is known only where all of the row are slow.
CREATE TEMP TABLE slow AS
SELECT source, segment, hour, fingerprint, database, user, application, min >= :min_time AS whole,
       CASE WHEN min >= :min_time THEN histogram ELSE histogram_above(histogram) END AS histogram
  FROM temp.measures WHERE :min_time > 0 AND measure = 'query_time' AND max >= :min_time;
CREATE INDEX temp.slow_rows ON slow(source, segment, hour, fingerprint, database, user, application);
DELETE FROM temp.measures
 WHERE :min_time > 0 AND NOT EXISTS (
       SELECT 1 FROM temp.slow s
        WHERE s.source = measures.source AND s.segment = measures.segment AND s.hour = measures.hour
          AND s.fingerprint = measures.fingerprint AND s.database = measures.database
          AND s.user = measures.user AND s.application = measures.application
          AND (s.whole OR measures.measure = 'query_time'));
UPDATE temp.measures
   SET n = histogram_count(s.histogram), sum = histogram_sum(s.histogram, :min_time, measures.max),
       min = :min_time, histogram = s.histogram
  FROM temp.slow s
 WHERE s.source = measures.source AND s.segment = measures.segment AND s.hour = measures.hour
   AND s.fingerprint = measures.fingerprint AND s.database = measures.database
   AND s.user = measures.user AND s.application = measures.application
   AND NOT s.whole AND measures.measure = 'query_time';
CREATE TEMP TABLE slow_calls AS
SELECT d.rowid AS row, histogram_count(s.histogram) AS n
  FROM temp.digest d LEFT JOIN temp.slow s
    ON s.source = d.source AND s.segment = d.segment AND s.hour = d.hour
   AND s.fingerprint = d.fingerprint AND s.database = d.database AND s.user = d.user
   AND s.application = d.application
 WHERE :min_time > 0;
UPDATE temp.digest
   SET calls = coalesce(c.n, 0),
       estimated_calls = CASE WHEN calls = 0 THEN 0 ELSE estimated_calls * coalesce(c.n, 0) / calls END,
       series = CASE WHEN EXISTS (SELECT 1 FROM temp.slow WHERE NOT whole) THEN x'' ELSE series END
  FROM temp.slow_calls c WHERE c.row = digest.rowid;
DELETE FROM temp.digest WHERE :min_time > 0 AND calls = 0 AND errors = 0;

-- Hosts and tags are kept beside users, not with them, and by the hour.
CREATE TEMP TABLE marginals AS
SELECT m.* FROM temp.segments s CROSS JOIN main.marginals m USING (source, segment)
 WHERE m.hour > :first_hour AND m.hour < :last_hour AND touched(m.hour, s.days_before) AND NOT :who AND :min_time = 0
   AND m.fingerprint IN temp.chosen_fingerprints
   AND (:key IS NULL OR (m.key = :key AND chosen(m.key, m.value)))
   AND NOT EXISTS (SELECT 1 FROM temp.cut)
   AND EXISTS (SELECT 1 FROM temp.digest d
                WHERE d.source = m.source AND d.segment = m.segment AND d.hour = m.hour
                  AND d.fingerprint = m.fingerprint);

CREATE TEMP TABLE examples AS
SELECT e.* FROM temp.segments s CROSS JOIN main.examples e USING (source, segment)
 WHERE e.hour > :first_hour AND e.hour < :last_hour AND touched(e.hour, s.days_before)
   AND e.fingerprint IN temp.chosen_fingerprints AND e.duration >= :min_time
   AND (e.hour = 0 OR (e.at >= :since AND e.at < :until))
   AND chosen('database', e.database) AND chosen('user', e.user)
   AND chosen('application', e.application) AND chosen('host', e.host)
   AND (:key IS NULL OR :key = 'host');

-- Codes are not kept by who ran the statement: with who, errors are counted without.
CREATE TEMP TABLE errors AS
SELECT e.* FROM temp.segments s CROSS JOIN main.errors e USING (source, segment)
 WHERE e.hour > :first_hour AND e.hour < :last_hour AND touched(e.hour, s.days_before) AND NOT :who AND :key IS NULL
   AND e.fingerprint IN temp.chosen_fingerprints
   AND (e.fingerprint = 0 OR EXISTS (
        SELECT 1 FROM temp.digest d
         WHERE d.source = e.source AND d.segment = e.segment AND d.hour = e.hour
           AND d.fingerprint = e.fingerprint AND d.errors > 0));
INSERT INTO temp.errors
SELECT source, segment, hour, fingerprint, '', errors FROM temp.digest WHERE :who AND errors > 0;

CREATE TEMP TABLE plans AS
SELECT p.* FROM temp.segments s CROSS JOIN main.plans p USING (source, segment)
 WHERE p.hour > :first_hour AND p.hour < :last_hour AND touched(p.hour, s.days_before) AND NOT :who AND :key IS NULL AND :min_time = 0
   AND p.last_at >= :since AND p.first_at < :until
   AND p.fingerprint IN temp.chosen_fingerprints;

CREATE TEMP TABLE server_events AS
SELECT e.* FROM temp.segments s CROSS JOIN main.server_events e USING (source, segment)
 WHERE e.hour > :first_hour AND e.hour < :last_hour AND touched(e.hour, s.days_before) AND NOT :who AND :key IS NULL;

CREATE TEMP TABLE server_facts AS
SELECT f.* FROM temp.segments s CROSS JOIN main.server_facts f USING (source, segment)
 WHERE f.hour > :first_hour AND f.hour < :last_hour AND touched(f.hour, s.days_before) AND NOT :who AND :key IS NULL
   AND f.last_at >= :since AND f.first_at < :until
   AND f.fingerprint IN temp.chosen_fingerprints;

-- Evidence of what sessions did is kept by the hour: that of an hour which the window cuts counts where all
-- of its log lies within.
CREATE TEMP TABLE evident AS
SELECT source, segment, whole, days_before FROM temp.segments WHERE :key IS NULL AND :min_time = 0;

CREATE TEMP TABLE bursts AS
SELECT b.* FROM temp.evident e CROSS JOIN main.bursts b USING (source, segment)
 WHERE b.hour > :first_hour AND b.hour < :last_hour AND (e.whole OR inside(b.hour, e.days_before))
   AND chosen('database', b.database) AND chosen('user', b.user)
   AND chosen('application', b.application)
   AND (b.cycle IN temp.chosen_fingerprints OR b.cycle IN (
        SELECT cycle FROM main.cycles WHERE fingerprint IN temp.chosen_fingerprints));

CREATE TEMP TABLE burst_sessions AS
SELECT b.* FROM temp.evident e CROSS JOIN main.burst_sessions b USING (source, segment)
 WHERE b.hour > :first_hour AND b.hour < :last_hour AND (e.whole OR inside(b.hour, e.days_before))
   AND (b.source, b.segment, b.hour, b.cycle) IN (
        SELECT source, segment, hour, cycle FROM temp.bursts);

CREATE TEMP TABLE session_use AS
SELECT u.* FROM temp.evident e CROSS JOIN main.session_use u USING (source, segment)
 WHERE u.hour > :first_hour AND u.hour < :last_hour AND (e.whole OR inside(u.hour, e.days_before)) AND NOT :by_text
   AND chosen('database', u.database) AND chosen('user', u.user)
   AND chosen('application', u.application);

CREATE TEMP TABLE retries AS
SELECT r.* FROM temp.evident e CROSS JOIN main.retries r USING (source, segment)
 WHERE r.hour > :first_hour AND r.hour < :last_hour AND (e.whole OR inside(r.hour, e.days_before))
   AND r.fingerprint IN temp.chosen_fingerprints
   AND chosen('database', r.database) AND chosen('user', r.user)
   AND chosen('application', r.application);

-- The user of a blocker is the one who held the lock, not the one who waited.
CREATE TEMP TABLE blockers AS
SELECT b.* FROM temp.evident e CROSS JOIN main.blockers b USING (source, segment)
 WHERE (e.whole OR inside(b.hour, e.days_before)) AND NOT :who
   AND b.fingerprint IN temp.chosen_fingerprints;

CREATE TEMP TABLE pages AS
SELECT p.* FROM temp.evident e CROSS JOIN main.pages p USING (source, segment)
 WHERE p.hour > :first_hour AND p.hour < :last_hour AND (e.whole OR inside(p.hour, e.days_before))
   AND p.fingerprint IN temp.chosen_fingerprints
   AND chosen('database', p.database) AND chosen('user', p.user)
   AND chosen('application', p.application);

-- Those that came into force within the window, and the last one before it.
CREATE TEMP TABLE thresholds AS
SELECT t.* FROM main.thresholds t
 WHERE t.source IN (SELECT source FROM temp.segments) AND t.at < :until
   AND t.at >= coalesce((SELECT max(b.at) FROM main.thresholds b
                          WHERE b.source = t.source AND b.at <= :since), t.at);

CREATE TEMP TABLE duplicates AS
SELECT * FROM main.duplicates WHERE source IN (SELECT source FROM temp.segments);

CREATE TEMP TABLE limits AS
SELECT l.* FROM temp.segments s CROSS JOIN main.limits l USING (source, segment);
INSERT INTO temp.limits
SELECT '', x'', 'window', 'percentiles, least and greatest of parts of an hour',
       'the store keeps them by the hour: where the window cuts one, they are of all of it, as are'
       || ' errors and other records; hosts, tags, bursts and what else was measured are left out',
       '''qlog analyze'' on the logs tells them'
 WHERE EXISTS (SELECT 1 FROM temp.digest WHERE NOT exact)
 UNION ALL
SELECT '', x'', 'who', 'hosts, tags, plans, codes of errors and records of the server for a database, user'
       || ' or application', 'the store keeps them for all together, as it does the sessions of bursts',
       '''qlog analyze'' on the logs tells them'
 WHERE :who
 UNION ALL
SELECT '', x'', 'key', 'more than calls and time by host or tag',
       'the store keeps these two, by the hour; means are over all calls, timed or not',
       '''qlog analyze'' on the logs tells the others'
 WHERE :key IS NOT NULL
 UNION ALL
SELECT '', x'', 'min-time', 'exact sums of the slow executions of a query',
       'the store keeps histograms: calls are those of at least ' || round(:min_time / 1000.0, 3)
       || ' ms, their time is within 1.6 %, and when in the hour they ran is not known; hosts, tags,'
       || ' plans and bursts are left out, and errors are of all executions',
       '''qlog analyze'' on the logs tells them'
 WHERE :min_time > 0
 UNION ALL
SELECT '', x'', 'hours', 'parts of an hour by host, by tag or by least time',
       'the store keeps these by the hour: hours that the window would cut count whole',
       '''qlog analyze'' on the logs tells them'
 WHERE :by_hour AND :cuts
 UNION ALL
SELECT '', x'', 'minutes', 'parts of a minute',
       'the store keeps minutes: those that the window would cut count whole',
       '''qlog analyze'' on the logs tells them'
 WHERE NOT :by_hour AND :cuts;
