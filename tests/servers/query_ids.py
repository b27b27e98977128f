"""Statements of many shapes for tests/servers/query-ids, and what to make of the server's log.

usage: query_ids.py generate              statements to stdout, one a line
       query_ids.py check LOG PROGRAM PARSER
                                          compares; PARSER is the built parser_ids.c

Of statements that read or change no rows the server's id is a hash of their text, and the parser
keeps their strings; of these only text and fingerprint are compared.

Each shape stands for one query: its variants differ in literals, in case, white space and comments,
and in how casts, types and optional words are spelled. The server's query id says which of them
are one query for it, libpg_query's fingerprint the same for a parser.
  stray    share of statements whose fingerprint is not the most common one of their query id
  foreign  share of statements whose parser's fingerprint is not the most common one of theirs
"""
import collections
import json
import random
import re
import subprocess
import sys

from fingerprints import fingerprints, terminated

VARIANTS = 14
MOST_STRAY = 0.030
MOST_FOREIGN = 0.0005
COUNTED = re.compile(r"[\s(]*(?:--[^\n]*\n|/\*.*?\*/|[\s(])*(select|insert|update|delete|merge|with|values)\b", re.I | re.S)
MESSAGE = re.compile(r"duration: \S+ ms  statement: (.*)", re.S)

TABLES = """
CREATE TABLE items (id int, owner int, price numeric(10,2), name text, tags text[], doc jsonb, made date, at timestamptz, live boolean, bits bit(8));
CREATE TABLE owners (id int PRIMARY KEY, name text, boss int, since timestamp);
CREATE TABLE "Odd Names" ("Id" int, "select" text, "üñí" int);
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint, item int, n smallint, note varchar(20), made date);
INSERT INTO items SELECT i, i % 7, i, 'item ' || i, ARRAY['a'], '{"a": {"b": 1}}', '2024-01-01', now(), true, B'00000001' FROM generate_series(1, 50) AS i;
INSERT INTO owners SELECT i, 'owner ' || i, i / 2, now() FROM generate_series(1, 9) AS i;
"""

# {slot} stands for one literal or word, see `slots`; words in [ ] are there or not; a|b in < > is either.
SHAPES = """
SELECT {n}
SELECT {s}, {n}, {null}
SELECT {n} + {n} * {n}
SELECT id FROM items WHERE id = {n}
SELECT id FROM items WHERE id = -{n} AND owner = +{n}
SELECT id, name FROM items WHERE name = {s}
SELECT * FROM items WHERE made = {date}
SELECT * FROM items WHERE made BETWEEN {date} AND {date}
SELECT count(*) FROM items WHERE made >= {date} AND made < {date} + {interval}
SELECT * FROM items WHERE at > now() - {interval}
SELECT * FROM items WHERE at >= {timestamptz}
SELECT * FROM items WHERE live = {b}
SELECT * FROM items WHERE live IS NOT TRUE AND name IS NOT NULL
SELECT * FROM items WHERE id IN ({list})
SELECT * FROM items WHERE id NOT IN ({list}) AND name IN ({strings})
SELECT * FROM items WHERE (id, owner) IN ({pairs})
SELECT * FROM items WHERE id = ANY (ARRAY[{list}])
SELECT * FROM items WHERE id = ANY ({s}::int[])
SELECT * FROM items WHERE tags @> ARRAY[{strings}]
SELECT doc -> {s}, doc ->> {s}, doc #>> {s} FROM items WHERE doc @> {jsonb}
SELECT id FROM items WHERE doc ? {s}
SELECT id FROM items WHERE doc ?| ARRAY[{strings}] OR doc ?& ARRAY[{strings}]
SELECT id FROM items WHERE doc @? {s} AND doc @@ {s}
SELECT jsonb_build_object({s}, {n}, {s}, {s})
SELECT <CAST(id AS text)|id::text> FROM items WHERE owner = {n}
SELECT <CAST(owners.boss AS bigint)|owners.boss::bigint> + {n} FROM owners
SELECT <CAST(id + owner AS numeric)|(id + owner)::numeric> FROM items
SELECT <(id)|id>, <(items.owner)|items.owner> FROM items WHERE <(live)|live>
SELECT <({n})|{n}> + <(id)|id> FROM items
SELECT i.id FROM items AS i [INNER ]JOIN owners AS o ON o.id = i.owner WHERE o.name LIKE {s}
SELECT i.id FROM items i LEFT [OUTER ]JOIN owners o ON o.id = i.owner AND o.boss = {n}
SELECT i.id FROM items i RIGHT [OUTER ]JOIN owners o ON o.id = i.owner FULL [OUTER ]JOIN owners b ON b.id = o.boss
SELECT * FROM items NATURAL [INNER ]JOIN owners
SELECT * FROM items CROSS JOIN owners WHERE price > {n}
SELECT * FROM items JOIN owners USING (id)
SELECT o.name, x.id FROM owners o, LATERAL (SELECT id FROM items WHERE owner = o.id LIMIT {n}) x
SELECT name FROM items ORDER BY price DESC NULLS LAST, id LIMIT {n} OFFSET {n}
SELECT name FROM items ORDER BY id FETCH FIRST {n} ROWS ONLY
SELECT name FROM items ORDER BY id OFFSET {n} ROWS FETCH NEXT {n} ROWS ONLY
SELECT DISTINCT owner FROM items WHERE price <!=|<> > {n}
SELECT DISTINCT ON (owner) owner, price FROM items ORDER BY owner, price
SELECT owner, count(*), sum(price) FILTER (WHERE price > {n}) FROM items GROUP BY owner HAVING count(*) > {n}
SELECT owner, live, count(*) FROM items GROUP BY GROUPING SETS ((owner), (live), ())
SELECT owner, live, count(*) FROM items GROUP BY ROLLUP (owner, live)
SELECT owner, live, count(*) FROM items GROUP BY CUBE (owner, live) HAVING sum(price) < {n}
SELECT id, row_number() OVER (PARTITION BY owner ORDER BY price DESC) FROM items
SELECT id, sum(price) OVER w FROM items WINDOW w AS (ORDER BY id ROWS BETWEEN {n} PRECEDING AND CURRENT ROW)
SELECT id, lag(price, {n}, {n}) OVER (ORDER BY id) FROM items
SELECT percentile_cont({f}) WITHIN GROUP (ORDER BY price) FROM items
SELECT string_agg(name, {s} ORDER BY name) FROM items
SELECT array_agg(DISTINCT owner) FROM items WHERE id % {n} = {n}
SELECT CASE WHEN price > {n} THEN {s} WHEN price IS NULL THEN {s} ELSE {s} END FROM items
SELECT CASE owner WHEN {n} THEN {n} ELSE {null} END FROM items
SELECT coalesce(name, {s}), nullif(owner, {n}), greatest(id, {n}) FROM items
SELECT EXTRACT(year FROM at), EXTRACT(epoch FROM {interval}) FROM items
SELECT SUBSTRING(name FROM {n} FOR {n}), POSITION({s} IN name), TRIM(BOTH {s} FROM name), OVERLAY(name PLACING {s} FROM {n}) FROM items
SELECT at AT TIME ZONE {s}, date_trunc({s}, at) FROM items
SELECT name COLLATE "C" FROM items WHERE name COLLATE "C" > {s} ORDER BY name COLLATE "C"
SELECT name FROM items WHERE name ILIKE {s} OR name SIMILAR TO {s} OR name ~ {s} OR name !~* {s}
SELECT name FROM items WHERE name LIKE {s} ESCAPE {s}
SELECT (ROW({n}, {s})), ROW(id, name) FROM items
SELECT id FROM items WHERE ROW(id, owner) < ROW({n}, {n})
SELECT tags[{n}], tags[{n}:{n}] FROM items
SELECT ARRAY[{list}], ARRAY[[{n}, {n}], [{n}, {n}]]
SELECT array_length(tags, {n}) FROM items WHERE tags && {s}
SELECT * FROM items TABLESAMPLE BERNOULLI ({n})
SELECT * FROM items TABLESAMPLE SYSTEM ({n}) REPEATABLE ({n})
SELECT * FROM items WHERE id = {n} FOR UPDATE
SELECT * FROM items WHERE id = {n} FOR UPDATE NOWAIT
SELECT * FROM items WHERE id = {n} FOR NO KEY UPDATE SKIP LOCKED
SELECT * FROM items FOR SHARE OF items
SELECT * FROM ONLY items WHERE id > {n}
SELECT id FROM items UNION SELECT id FROM owners WHERE id > {n}
SELECT id FROM items UNION ALL SELECT id FROM owners ORDER BY {one}
SELECT id FROM items INTERSECT SELECT id FROM owners EXCEPT SELECT {n}
(SELECT id FROM items LIMIT {n}) UNION ALL (SELECT id FROM owners LIMIT {n})
SELECT EXISTS (SELECT FROM items WHERE id = {n}), (SELECT max(id) FROM items WHERE owner < {n})
SELECT * FROM items WHERE owner IN (SELECT id FROM owners WHERE boss = {n})
SELECT * FROM items WHERE price > ALL (SELECT price FROM items WHERE owner = {n})
SELECT * FROM generate_series({n}, {n}) WITH ORDINALITY
SELECT * FROM generate_series({n}, {n}) AS g(x)
SELECT * FROM unnest(ARRAY[{list}]) AS u(x)
SELECT * FROM jsonb_to_recordset({s}) AS r(a int, b text)
SELECT * FROM ROWS FROM (generate_series({n}, {n}), generate_series({n}, {n}))
SELECT "Id", "select", "üñí" FROM "Odd Names" WHERE "Id" = {n}
SELECT <"id"|id>, <"items"|items>.<"name"|name> FROM <"items"|items>
SELECT shop.orders.id FROM shop.orders WHERE n = {n} AND note = {s}
SELECT pg_catalog.length({s})
SELECT make_interval(days => {n}), make_date({n}, 1, 1)
SELECT {bits}, {hex}, bits | {bits} FROM items WHERE bits = {bits}
SELECT ({timestamptz}, {interval}) OVERLAPS ({timestamptz}, {interval})
SELECT {date} + {n}, {date} - {date}
SELECT {time}, {timestamp}, {uuid}, {num}
SELECT {num} * price FROM items
SELECT id FROM items WHERE name IS DISTINCT FROM {s} AND price IS NOT DISTINCT FROM {null}
SELECT id FROM items WHERE NOT (id = {n} OR owner = {n}) AND live
SELECT id FROM items WHERE price * ({f} - {f}) > {n}
SELECT id FROM items WHERE id BETWEEN SYMMETRIC {n} AND {n}
SELECT id FROM items WHERE price NOT BETWEEN {f} AND {f} AND name NOT LIKE {s}
SELECT sum(price) FROM items WHERE (owner = {n} AND live = {b}) OR (price > {f} AND name <> {s})
SELECT current_date, current_timestamp, localtime, current_user, session_user
SELECT to_char(at, {s}), to_tsvector({s}, name) @@ to_tsquery({s}) FROM items
SELECT width_bucket(price, {n}, {n}, {n}), round(price, {n}) FROM items
VALUES ({n}, {s})
VALUES ({n}, {s}), ({n}, {s}) ORDER BY {one}
WITH a AS (SELECT id FROM items WHERE owner = {n}) SELECT * FROM a WHERE id > {n}
WITH RECURSIVE t(n) AS (VALUES ({n}) UNION ALL SELECT n + {n} FROM t WHERE n < 5) SELECT sum(n) FROM t
WITH a AS MATERIALIZED (SELECT {n} AS x), b AS NOT MATERIALIZED (SELECT {s} AS y) SELECT x, y FROM a, b
WITH gone AS (DELETE FROM items WHERE id = {n} RETURNING *) SELECT count(*) FROM gone
WITH new AS (INSERT INTO owners (id, name) VALUES ({key}, {s}) RETURNING id) SELECT id FROM new
INSERT INTO items (id, name) VALUES ({n}, {s})
INSERT INTO items (id, name, price) VALUES ({n}, {s}, {f}), ({n}, {s}, {null})
INSERT INTO items (id, made, at, live) VALUES ({n}, {date}, {timestamptz}, {b})
INSERT INTO items (id, owner) VALUES ({n}, DEFAULT)
INSERT INTO items DEFAULT VALUES
INSERT INTO items (id, name) SELECT id, {s} FROM owners WHERE boss > {n}
INSERT INTO owners (id, name) VALUES ({n}, {s}) ON CONFLICT DO NOTHING
INSERT INTO owners (id, name) VALUES ({n}, {s}) ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name || {s} WHERE owners.id > {n}
INSERT INTO shop.orders (id, n) VALUES ({n}, {small}) RETURNING id, n + {n}
INSERT INTO items (tags) VALUES (ARRAY[{strings}])
UPDATE items SET price = price * {f} WHERE id = {n}
UPDATE items SET name = {s}, live = {b}, made = {date} WHERE id IN ({list})
UPDATE items SET (name, price) = ({s}, {f}) WHERE owner = {n}
UPDATE items SET price = DEFAULT WHERE id = {n}
UPDATE items AS i SET owner = o.boss FROM owners AS o WHERE o.id = i.owner AND o.name = {s} RETURNING i.id
UPDATE items SET doc = jsonb_set(doc, {s}, {jsonb}), tags[{n}] = {s}
DELETE FROM items WHERE id = {n}
DELETE FROM items USING owners WHERE owners.id = items.owner AND owners.since < {timestamp}
DELETE FROM ONLY items WHERE made < {date} - {interval} RETURNING *
MERGE INTO items AS i USING owners AS o ON i.owner = o.id AND o.id = {n} WHEN MATCHED AND i.price > {f} THEN UPDATE SET price = {f} WHEN NOT MATCHED THEN INSERT (id, name) VALUES ({n}, {s})
MERGE INTO items USING (VALUES ({n}, {s})) AS v(id, name) ON items.id = v.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN DO NOTHING
TABLE items
EXPLAIN (COSTS OFF) SELECT id FROM items WHERE id = {n}
SET work_mem = {mem}
SET LOCAL statement_timeout = {n}
SHOW work_mem
ANALYZE items
TRUNCATE shop.orders
VACUUM (ANALYZE) owners
COMMENT ON TABLE items IS {s}
CREATE TABLE IF NOT EXISTS items (id int)
CREATE INDEX IF NOT EXISTS items_id ON items (id) WHERE id > 5
DROP TABLE IF EXISTS absent
ALTER TABLE items ALTER COLUMN name SET DEFAULT {s}
LOCK TABLE items
LISTEN channel
NOTIFY channel, {s}
COPY (SELECT id FROM items WHERE id = {n}) TO STDOUT
DISCARD TEMP
DO {dollar}
"""


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.key = 1000

    def quoted(self, text):
        """A string of this content, in any of its forms."""
        doubled = text.replace("'", "''")
        return self.random.choice([f"'{doubled}'", f"'{doubled}'", f"E'{doubled}'", f"$${text}$$", f"$q${text}$q$"])

    def typed(self, names, text):
        """A string of a type: bare where its place tells the type, else in any spelling."""
        name = self.random.choice(names)
        value = self.quoted(text)
        plain = f"'{text}'"
        return self.random.choice([f"{name} {plain}", f"{value}::{name}", f"CAST({value} AS {name})",
                                   f"{value} :: {name}", f"({value})::{name}"])

    def word(self):
        return self.random.choice(["a", "it's", "x y", "{a,b}", "-- no", "/* no */", "ünï", "42", "a;b"])

    def day(self):
        return f"20{self.random.randint(10, 29)}-{self.random.randint(1, 12):02}-{self.random.randint(1, 28):02}"

    def moment(self):
        return f"{self.day()} {self.random.randint(0, 23):02}:{self.random.randint(0, 59):02}:00"

    def number(self):
        return str(self.random.choice([self.random.randint(2, 9), self.random.randint(2, 99999)]))

    def many(self, one, least=1):
        return ", ".join(one() for _ in range(self.random.choice([least, 2, 3, 7])))

    def next_key(self):
        self.key += 1
        return str(self.key)

    def slot(self, name):
        choice = self.random.choice
        count = self.random.randint
        return {
            "n": self.number,
            "small": lambda: str(count(2, 99)),
            "one": lambda: "1",
            "key": self.next_key,
            "f": lambda: choice([f"0.{count(1, 9)}", f".{count(1, 9)}", f"{count(1, 9)}e-2", f"0.{count(10, 99)}"]),
            "s": lambda: self.quoted(self.word()),
            "b": lambda: choice(["true", "false", "TRUE", "FALSE"]),
            "null": lambda: "NULL",
            "list": lambda: self.many(self.number),
            "strings": lambda: self.many(lambda: f"'{count(1, 99)}'"),
            "pairs": lambda: self.many(lambda: f"({self.number()}, {self.number()})"),
            "date": lambda: self.typed(["date"], self.day()),
            "time": lambda: self.typed(["time", "time without time zone", "time(6)"][:2], f"{count(0, 23)}:{count(10, 59)}"),
            "timestamp": lambda: self.typed(["timestamp", "timestamp without time zone"], self.moment()),
            "timestamptz": lambda: self.typed(["timestamptz", "timestamp with time zone"], self.moment()),
            "interval": lambda: choice([self.typed(["interval"], f"{count(1, 99)} days"), f"interval '{count(1, 9)}' day"]),
            "jsonb": lambda: self.typed(["jsonb"], f'{{"a": {count(1, 9)}}}'),
            "uuid": lambda: self.typed(["uuid"], f"0000000{count(0, 9)}-0000-0000-0000-000000000000"),
            "num": lambda: self.typed(["numeric", "decimal"], f"{count(1, 9)}.5"),
            "bits": lambda: choice([f"B'0000{count(1000, 1001)}'", f"b'0000000{count(0, 1)}'"]),
            "hex": lambda: f"X'{count(10, 99)}'",
            "mem": lambda: choice([f"'{count(1, 9)}MB'", f"'{count(100, 900)}kB'"]),
            "dollar": lambda: f"$$ BEGIN PERFORM {count(1, 9)}; END $$",
        }[name]()

    def blank(self):
        return self.random.choice([" "] * 12 + ["  ", "\t", "\f ", " /* a */ ", "/* b /* c */ d */", " /*app='x',route='%2Fy'*/ "])

    def statement(self, shape):
        choice = self.random.choice
        text = re.sub(r"<((?:[^<>|]|<>)*)\|((?:[^<>|]|<>)*)>", lambda m: choice(m.groups()), shape)
        text = re.sub(r"\[([A-Z]+ )\]", lambda m: choice([m.group(1), ""]), text)
        case = choice([str.upper, str.lower, str.title, str])
        out = []
        # Slots, quoted names and `%` stay; words and blanks between them vary.
        for piece in re.split(r'(\{\w+\}|"[^"]*")', text):
            if piece.startswith("{"):
                out.append(self.slot(piece[1:-1]))
            elif piece.startswith('"'):
                out.append(piece)
            else:
                out.append(re.sub(r" ", lambda _: self.blank(), case(piece)))
        end = choice(["", "", "", "", " -- done", " /* done */"])
        return "".join(out) + end


def generate():
    for line in TABLES.strip().splitlines():
        print(line)
    for number, shape in enumerate(SHAPES.strip().splitlines()):
        writer = Writer(number)
        for _ in range(VARIANTS):
            print(writer.statement(shape) + "\n;")


def minority(rows, key, value):
    """The rows whose value is not the most common one of their key, with that one."""
    groups = collections.defaultdict(lambda: collections.defaultdict(list))
    for row in rows:
        groups[row[key]][row[value]].append(row)
    for group in groups.values():
        most = max(group.values(), key=len)
        for others in group.values():
            if others is not most:
                yield from ((row, most[0]) for row in others)


def read(log):
    """(query id, statement) of each statement that went well."""
    with open(log, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            message = MESSAGE.match(record.get("message", ""))
            if message:
                yield record.get("query_id", 0), message.group(1)


def check(log, program, parser):
    logged = list(read(log))
    statements = [statement.encode() for _, statement in logged]
    told = fingerprints(program, "postgresql", statements)
    parsed = subprocess.run([parser], input=terminated(statements), capture_output=True, check=True).stdout.decode().split()
    rows = [{"query_id": query_id, "fingerprint": fingerprint, "text": text, "parsed": other, "statement": statement}
            for (query_id, statement), (fingerprint, text), other in zip(logged, told, parsed, strict=True)]
    counted = [row for row in rows if row["query_id"] and COUNTED.match(row["statement"])]
    parsed = [row for row in counted if row["parsed"] != "-"]
    stray = list(minority(counted, "query_id", "fingerprint"))
    foreign = list(minority(parsed, "fingerprint", "parsed"))
    for name, found in (("stray", stray), ("foreign", foreign)):
        for row, most in found[:20]:
            print(f"--- {name}\n    {row['statement']}\n    {row['text']}\n    {most['text']}")
    print(f"{len(rows)} statements, {len(counted)} with a query id of their own: "
          f"stray {len(stray) / len(counted):.2%}, foreign {len(foreign) / len(parsed):.3%}")
    passed = [len(counted) > VARIANTS * 100, len(stray) <= MOST_STRAY * len(counted),
              len(foreign) <= MOST_FOREIGN * len(parsed)]
    print(f"queryids: {sum(passed)} checks passed, {len(passed) - sum(passed)} failed")
    sys.exit(0 if all(passed) else 1)


def main():
    if sys.argv[1:] == ["generate"]:
        generate()
    elif len(sys.argv) == 5 and sys.argv[1] == "check":
        check(*sys.argv[2:])
    else:
        sys.exit(__doc__)


main()
