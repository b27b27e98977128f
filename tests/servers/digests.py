"""Statements of many shapes for tests/servers/digests, and what to make of the server's digests.

usage: digests.py generate               statements to stdout
       digests.py check DIGESTS PROGRAM  compares

Each shape stands for one query: its variants differ in literals, case, white space and comments.
What MariaDB gives one digest must have one fingerprint. The converse does not hold: its digests keep
the case of names, tell one element of a list from several and TRUE from FALSE, and keep INNER and OUTER.
"""
import collections
import random
import re
import sys

from fingerprints import fingerprints

VARIANTS = 14

TABLES = """
CREATE DATABASE digests; USE digests;
CREATE TABLE items (id int PRIMARY KEY, owner int, price int, name text, made date, at datetime, live bool, `order` int);
CREATE TABLE owners (id int PRIMARY KEY, name text, boss int);
"""

# {slot} stands for one literal, see `slot`; words in [ ] are there or not; a|b in < > is either.
SHAPES = """
SELECT {n}
SELECT {s}, {n}, NULL
SELECT id FROM items WHERE id = {n}
SELECT id FROM items WHERE id = -{n} AND owner = +{n}
SELECT * FROM items WHERE name = {s} AND made > {d}
SELECT * FROM items WHERE id IN ({list})
SELECT * FROM items WHERE (id, owner) IN ({pairs})
SELECT * FROM items WHERE name IN ({strings}) AND id NOT IN ({list})
SELECT * FROM items WHERE at > now() - INTERVAL {n} DAY
SELECT * FROM items WHERE at > date_sub(now(), INTERVAL {n} HOUR)
SELECT i.id FROM items AS i [INNER ]JOIN owners AS o ON o.id = i.owner WHERE o.name LIKE {s}
SELECT i.id FROM items i LEFT [OUTER ]JOIN owners o ON o.id = i.owner AND o.boss = {n}
SELECT name FROM items ORDER BY price DESC, id LIMIT {n}
SELECT name FROM items ORDER BY price DESC, id LIMIT {n}, {n}
SELECT name FROM items ORDER BY id LIMIT {n} OFFSET {n}
SELECT DISTINCT owner FROM items WHERE price <!=|<> > {n}
SELECT owner, count(*) FROM items GROUP BY owner HAVING count(*) > {n}
SELECT owner, count(*) FROM items GROUP BY owner WITH ROLLUP
SELECT CASE WHEN price > {n} THEN {s} ELSE {s} END FROM items
SELECT coalesce(name, {s}), concat(name, {s}, {n}) FROM items
SELECT id FROM items WHERE name IS NULL OR live IS NOT TRUE
SELECT id FROM items WHERE live = {b}
SELECT id FROM items WHERE name <=> {s}
SELECT id FROM items WHERE name REGEXP {s} OR name RLIKE {s}
SELECT id FROM items WHERE id BETWEEN {n} AND {n}
SELECT `id`, `order` FROM `items` WHERE `name` = {s}
SELECT <`id`|id> FROM <`items`|items>
SELECT @a := @a + {n}
SELECT @@session.wait_timeout, @b
SET @a = {n}
SET NAMES utf8mb4
SET SESSION wait_timeout = {n}
SELECT _utf8mb4{q}, x'1F', 0x1F, b'101' FROM items
SELECT CAST({s} AS CHAR), CONVERT({n}, SIGNED) FROM items
SELECT DATE {day}, TIMESTAMP {day}
SELECT id FROM items UNION ALL SELECT id FROM owners WHERE id > {n}
SELECT EXISTS (SELECT 1 FROM items WHERE id = {n})
WITH a AS (SELECT id FROM items WHERE owner = {n}) SELECT * FROM a WHERE id > {n}
VALUES ({n}, {s}), ({n}, {s})
INSERT INTO items (id, name) VALUES ({n}, {s})
INSERT INTO items (id, name, price) VALUES {rows}
INSERT INTO items (id, owner) VALUES ({n}, DEFAULT)
INSERT INTO items SET id = {n}, name = {s}
INSERT IGNORE INTO owners (id, name) VALUES ({n}, {s})
INSERT INTO owners (id, name) VALUES ({n}, {s}) ON DUPLICATE KEY UPDATE name = VALUES(name), boss = {n}
REPLACE INTO owners (id, name) VALUES ({n}, {s})
INSERT INTO items (id, name) SELECT id, {s} FROM owners WHERE boss > {n}
UPDATE items SET price = price * {n}, name = {s} WHERE id = {n}
UPDATE items SET live = {b} WHERE id IN ({list}) LIMIT {n}
DELETE FROM items WHERE id = {n} LIMIT {n}
DELETE i FROM items i JOIN owners o ON o.id = i.owner WHERE o.name = {s}
SELECT * FROM items FORCE INDEX (PRIMARY) WHERE id = {n} FOR UPDATE
SELECT SQL_NO_CACHE id FROM items WHERE id = {n} LOCK IN SHARE MODE
SELECT id FROM items WHERE id = {n} AND (owner = {n} OR price > {f})
SELECT ({n}) + {n}, -(id), (id) FROM items
SELECT group_concat(name ORDER BY name SEPARATOR {s}) FROM items
SELECT row_number() OVER (PARTITION BY owner ORDER BY id) FROM items
SELECT id DIV {n}, id MOD {n}, id % {n}, id & {n}, ~id FROM items
SHOW TABLES LIKE {s}
SHOW VARIABLES LIKE {s}
EXPLAIN SELECT * FROM items WHERE id = {n}
CALL absent({n}, {s})
DO sleep(0)
BEGIN
COMMIT
"""
# Names whose case the server keeps, and literals' prefixes.
KEPT = re.compile(r"(\{\w+\}|`[^`]*`|@\w+|[xb]'\w+'|0x\w+|_utf8mb4|\b(?:items|owners|absent|[io])\b)")


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def string(self):
        word = self.random.choice(["a", "it\\'s", "it''s", "x y", "-- no", "/* no */", "42", "a;b", 'say \\"x\\"', "c\\\\"])
        return self.random.choice([f"'{word}'", f"'{word}'", '"' + word.replace("''", "'") + '"'])

    def number(self):
        return str(self.random.choice([self.random.randint(2, 9), self.random.randint(2, 99999)]))

    def day(self):
        return f"'2024-01-{self.random.randint(1, 28):02}'"

    def many(self, one):
        return ", ".join(one() for _ in range(self.random.choice([1, 2, 3, 7])))

    def slot(self, name):
        choice = self.random.choice
        return {
            "n": self.number,
            "s": self.string,
            "f": lambda: choice(["0.5", ".5", "5e-1", "1.25"]),
            "b": lambda: choice(["true", "false"]),
            "list": lambda: self.many(self.number),
            "strings": lambda: self.many(self.string),
            "pairs": lambda: self.many(lambda: f"({self.number()}, {self.number()})"),
            "rows": lambda: self.many(lambda: f"({self.number()}, {self.string()}, {self.number()})"),
            "d": self.day,
            "day": self.day,
            "q": lambda: f"'{self.number()}'",
        }[name]()

    def blank(self):
        return self.random.choice([" "] * 12 + ["  ", "\t", " /* a */ ", " /*app:x*/ ", " # c\n", " -- it's\n"])

    def statement(self, shape):
        choice = self.random.choice
        text = re.sub(r"<((?:[^<>|]|<>)*)\|((?:[^<>|]|<>)*)>", lambda m: choice(m.groups()), shape)
        text = re.sub(r"\[([A-Z]+ )\]", lambda m: choice([m.group(1), ""]), text)
        case = choice([str.upper, str.lower, str])
        out = []
        for piece in KEPT.split(text):
            if piece.startswith("{"):
                out.append(self.slot(piece[1:-1]))
            elif KEPT.fullmatch(piece):
                out.append(piece)
            else:
                out.append(re.sub(" ", lambda _: self.blank(), case(piece)))
        return "".join(out)


def generate():
    print(TABLES.strip())
    for number, shape in enumerate(SHAPES.strip().splitlines()):
        writer = Writer(number)
        for _ in range(VARIANTS):
            print(writer.statement(shape) + "\n;")


def check(digests, program):
    with open(digests, encoding="ascii") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    rows = [(digest, bytes.fromhex(statement)) for digest, statement in rows if "NULL" not in (digest, statement)]
    told = fingerprints(program, "mysql", [statement for _, statement in rows])
    by_digest = collections.defaultdict(dict)
    for (digest, statement), (_, text) in zip(rows, told, strict=True):
        by_digest[digest].setdefault(text, statement.decode())
    split = [texts for texts in by_digest.values() if len(texts) > 1]
    for texts in split:
        print("--- one digest", *(f"    {text}\n        {statement}" for text, statement in texts.items()), sep="\n")
    print(f"{len(rows)} statements, {len(by_digest)} digests, {len({text for _, text in told})} fingerprints, {len(split)} digests split")
    passed = [len(rows) > VARIANTS * 40, not split]
    print(f"digests: {sum(passed)} checks passed, {len(passed) - sum(passed)} failed")
    sys.exit(0 if all(passed) else 1)


def main():
    if sys.argv[1:] == ["generate"]:
        generate()
    elif len(sys.argv) == 4 and sys.argv[1] == "check":
        check(sys.argv[2], sys.argv[3])
    else:
        sys.exit(__doc__)


main()
