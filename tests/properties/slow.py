"""Slow logs of MySQL's kind: totals, cuts and jobs, with literals that hold records, databases that stand only where
they change, and attributes that only the log has a name for, sometimes more of them than a source keeps."""
import collections
import random

from program import assert_same, dump, settle

STATEMENTS = ["SELECT * FROM a WHERE id = {i}", "UPDATE b SET x = 'it''s \\' {i}' WHERE y = \"q\"",
              "SELECT 1 -- don't\n  FROM c", "INSERT INTO d VALUES ({i}, _binary '\\0;\n# x')"]


ATTRIBUTES_MAX = 128  # of a source


class SlowLog:
    """data: bytes; calls: executions; us: their time; attributes: {name in the store: [n, sum]}; left_out: records with
    an attribute that there is no room for."""

    def __init__(self, seed, records):
        r = random.Random(f"slow {seed}")
        self.calls = self.us = self.left_out = 0
        self.attributes = collections.defaultdict(lambda: [0, 0])
        names = r.choice((0, 3, ATTRIBUTES_MAX - 1, ATTRIBUTES_MAX * 2))
        parts = []
        mariadb = r.random() < 0.5
        # Near each other the two cannot always be told apart.
        odd = r.choice((0, 0.002, 0.02))
        literals = r.random() < 0.5
        database = ""
        for i in range(records):
            kind = r.random()
            text = r.choice(STATEMENTS).format(i=i)
            if kind < odd and literals:
                inner = "".join(self.record(r, k, "SELECT 0", mariadb, "")[0] for k in range(r.randrange(1, 900)))
                text = f"INSERT INTO t VALUES ('{inner}')"
            elif kind < odd:
                text = "SELECT 'without an end"
            use = ""
            if r.random() < 0.05:
                name = r.choice(("shop", "my db", "x"))
                use = f"use {name};\n" if name != database else ""
                database = name
            record, us = self.record(r, i, text, mariadb, use, self.attribute_line(r, names))
            parts.append(record)
            self.calls += 1
            self.us += us
        self.data = "".join(parts).encode()

    def attribute_line(self, r, names):
        pairs, full = [], False
        for k in r.sample(range(names), min(names, r.randrange(4))):
            n = r.choice((0, 1, r.randrange(1 << 40)))
            shape, stored, value = r.choice((("%d", "count", n), ("%d.5", "millionths", n % 1000 * 1000000 + 500000),
                                             ("Yes", "yes", 1), ("No", "yes", 0)))
            pairs.append(f"N{k}: " + (shape % (value // 1000000 if stored == "millionths" else n) if "%" in shape else shape))
            name = f"{stored}:N{k}"
            if name not in self.attributes and len(self.attributes) == ATTRIBUTES_MAX:
                full = True
            else:
                self.attributes[name][0] += 1
                self.attributes[name][1] += value
        self.left_out += full
        return "# " + "  ".join(pairs) + "\n" if pairs else ""

    @staticmethod
    def record(r, i, text, mariadb, use, attributes=""):
        us = int(r.paretovariate(1) * 1000) % 9000000
        took = f"{us // 1000000}.{us % 1000000:06d}"
        second = 1795096980 + i // 3
        clock = (i // 3 + 3) % 3600
        if mariadb:
            time = f"# Time: 261119 15:{clock // 60:02d}:{clock % 60:02d}\n" if i % 3 == 0 else ""
            who = f"# User@Host: app[app] @ web{i % 3} []\n# Thread_id: {i % 7}  Schema: shop  QC_hit: No\n"
        else:
            time = f"# Time: 2026-11-19T14:{clock // 60:02d}:{clock % 60:02d}.{i * 7919 % 1000000:06d}Z\n"
            who = f"# User@Host: app[app] @ web{i % 3} [10.0.0.7]  Id: {i % 7:5d}\n"
        return (f"{time}{who}# Query_time: {took}  Lock_time: 0.000004  Rows_sent: {i % 9}  Rows_examined: {i % 99}\n"
                f"{attributes}{use}SET timestamp={second};\n{text};\n", us)


def log_of(seed):
    r = random.Random(f"slow sizes {seed}")
    return r, SlowLog(seed, r.choice((20, 300, 2500)))


def totals(program, seed):
    """Every execution once, with its time; the same with any number of jobs."""
    _, log = log_of(seed)
    path = program.file("whole.log", log.data)
    for jobs in (1, 3):
        program.ingest(f"{jobs}.db", path, options=("--jobs", jobs))
        store = program.store(f"{jobs}.db")
        calls = store.rows("SELECT sum(calls) FROM digest")[0][0]
        us = store.rows("SELECT sum(sum) FROM measures WHERE measure = 'query_time'")[0][0]
        attributes = {name.decode(): [n, total] for name, n, total in store.rows(
            "SELECT measure, sum(n), sum(sum) FROM measures WHERE measure LIKE '%:%' GROUP BY measure")}
        left_out = store.one("SELECT sum(n) FROM server_events WHERE kind = 'attributes-left-out'")
        store.close()
        assert attributes == log.attributes, f"attributes {attributes}; want {dict(log.attributes)}"
        assert left_out == log.left_out, f"{left_out} records without attributes of theirs; want {log.left_out}"
        assert (calls, us) == (log.calls, log.us), f"{calls} calls, {us} us; want {log.calls}, {log.us}"
    assert_same(dump(program, "1.db"), dump(program, "3.db"), "3 jobs")


def growing(program, seed):
    """A file that grows by pieces, cut anywhere, ends as if it had been read at once."""
    r, log = log_of(seed)
    program.ingest("whole.db", program.file("whole.log", log.data))
    places = sorted(r.randrange(len(log.data)) for _ in range(r.choice((1, 2, 5))))
    path = program.folder / "x.log"
    for begin, end in zip([0] + places, places + [len(log.data)]):
        with open(path, "ab") as out:
            out.write(log.data[begin:end])
        program.ingest("pieces.db", path, expect=(0, 3))
    settle(path)
    program.ingest("pieces.db", path)
    assert_same(dump(program, "whole.db"), dump(program, "pieces.db"), f"cut at {places} of {len(log.data)}")


PROPERTIES = [("slow-totals", totals, 30), ("slow-growing", growing, 30)]
