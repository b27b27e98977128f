#!/usr/bin/env python3
"""Writes a PostgreSQL log whose figures are known, for the property tests.

usage: tests/properties/generate.py [--seed N] [--records N] [--start TIME] OUTPUT

The same arguments give the same bytes. Prints what the log holds, as one JSON object:
calls, time_us, errors, lines, bytes. The prefix is '%m [%p] %q%u@%d/%a %h '.
Sessions are interleaved, some statements are logged before their duration (as by
log_statement with log_duration), literals hold what looks like other records.
"""
import argparse
import datetime
import json
import random

WHO = [("shop_web", "shop", "web", "10.0.0.7"), ("shop_web", "shop", "web", "10.0.0.8"),
       ("shop_worker", "shop", "worker [web]", "[local]"), ("report", "analytics", "psql", "fe80::1"),
       ("O'Neil", "söme db", "[unknown]", "db-client.example.com")]
HOSTILE = ["it''s", "a\nLOG:  duration: 9999.000 ms  statement: SELECT fake", "-- no comment", "/* nor this",
           "\ttab", "größer 東京", "x" * 3000,
           "\n2026-01-01 00:00:00.000 UTC [1] LOG:  duration: 1.000 ms  statement: SELECT fake\n"]


class Generator:
    def __init__(self, seed, start):
        self.random = random.Random(seed)
        self.now = start
        self.out = []
        self.calls = self.time_us = self.errors = 0
        self.next_pid = 1000
        self.sessions = [self.new_session() for _ in range(12)]
        self.waiting = {}  # session -> it logged a statement; its duration is due

    def new_session(self):
        self.next_pid += 1
        return self.next_pid, self.random.choice(WHO)

    def line(self, session, severity, message):
        pid, who = session
        stamp = self.now.strftime("%Y-%m-%d %H:%M:%S.") + f"{self.now.microsecond // 1000:03d} UTC"
        name = "{}@{}/{} {} ".format(*who) if who else ""
        self.out.append(f"{stamp} [{pid}] {name}{severity}:  " + message.replace("\n", "\n\t") + "\n")

    def duration(self):
        """(us, as the log writes it); skewed as real durations are."""
        us = int(self.random.lognormvariate(7, 2.5))
        return us, f"duration: {us // 1000}.{us % 1000:03d} ms"

    def statement(self):
        n = self.random.randrange
        literal = self.random.choice(HOSTILE)
        return self.random.choice([
            f"SELECT * FROM t{n(40)} WHERE id = {n(10**6)}",
            f"SELECT a, b\nFROM t{n(40)}\nWHERE note = '{literal}'\n  AND id IN ({n(9)}, {n(9)}, {n(9)})",
            f"UPDATE t{n(40)} SET note = '{literal}' WHERE id = {n(10**6)}",
            f"INSERT INTO t{n(40)} (a, b) VALUES ({n(9)}, 'x'), ({n(9)}, 'y')",
            f"SELECT id FROM t1 ORDER BY id LIMIT 20 OFFSET {20 * n(500)}",
            "COMMIT",
        ])

    def timed(self, session):
        us, text = self.duration()
        self.line(session, "LOG", f"{text}  statement: {self.statement()}")
        self.count(us)

    def extended(self, session):
        n = self.random.randrange(10**6)
        statement = f"SELECT a FROM t{n % 40} WHERE id = $1"
        for step in ("parse", "bind", "execute"):
            us, text = self.duration()
            self.line(session, "LOG", f"{text}  {step} S_{n % 9}: {statement}")
            if step != "parse":
                self.line(session, "DETAIL", f"parameters: $1 = '{n}'")
        self.count(us)  # the last step's

    def started(self, session):
        self.line(session, "LOG", f"statement: {self.statement()}")
        self.waiting[session] = True

    def finish(self, session):
        us, text = self.duration()
        self.line(session, "LOG", text)
        del self.waiting[session]
        self.count(us)

    def error(self, session):
        self.line(session, "ERROR", 'duplicate key value violates unique constraint "t_pkey"')
        self.line(session, "DETAIL", "Key (id)=(7) already exists.")
        self.line(session, "STATEMENT", self.statement())
        self.errors += 1

    def server(self, _):
        background = (900, None)
        self.line(background, "LOG", "checkpoint starting: time")
        self.line(background, "LOG", 'automatic analyze of table "shop.public.t1"\nsystem usage: CPU: user: 0.01 s')

    def reconnect(self, session):
        self.line(session, "LOG", "disconnection: session time: 0:00:01.234 user=x database=y host=z")
        new = self.new_session()
        self.sessions[self.sessions.index(session)] = new
        self.line(new, "LOG", "connection received: host=10.0.0.9 port=5000")

    def count(self, us):
        self.calls += 1
        self.time_us += us

    def step(self):
        self.now += datetime.timedelta(milliseconds=int(self.random.expovariate(1 / 700)))
        session = self.random.choice(self.sessions)
        if session in self.waiting:
            self.finish(session)
            return
        kinds = (self.timed, self.extended, self.started, self.error, self.server, self.reconnect)
        self.random.choices(kinds, weights=(60, 20, 12, 4, 1, 1))[0](session)

    def end(self):
        for session in list(self.waiting):
            self.finish(session)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--records", type=int, default=20000)
    parser.add_argument("--start", default="2026-03-01 22:30:00")
    parser.add_argument("output")
    options = parser.parse_args()
    generator = Generator(options.seed, datetime.datetime.fromisoformat(options.start))
    for _ in range(options.records):
        generator.step()
    generator.end()
    log = "".join(generator.out).encode()
    with open(options.output, "wb") as file:
        file.write(log)
    print(json.dumps({"calls": generator.calls, "time_us": generator.time_us, "errors": generator.errors,
                      "lines": log.count(b"\n"), "bytes": len(log)}))


main()
