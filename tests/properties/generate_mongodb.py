"""Seeded structured logs of MongoDB with their exact totals; see generate.py, which is asked for them.

What stands in for what a server does:

    a connection is accepted, tells its client and its user, and ends: its operations ask for these;
    a find, an aggregate or a getMore is a call; one that failed is an error as well;
    a getMore without its query is of the one that opened the cursor, in whatever connection, or of one that nobody knows;
    a batch of writes is a call for each write that was logged, or else one for its command;
    what servers, monitors, transactions and changes of the schema do is no call.
"""
import datetime
import json

from generate import FOREIGN_LINES, HOSTS, UTC, Writer

COLLECTIONS = ["orders", "customers", "order items", "system.buckets.readings", "ключи", 'say "hi"']
FIELDS = ["state", "customer", "tags", "at", "lines.sku", "query", "$date x"]
VALUES = ["new", 'a "quoted" {brace', "back\\slash\\", "[", "}}", "x" * 3000, "\u2028", "\n\t", 7, -1.5, 12345678901, True, None,
          {"$oid": "65a1b2c3d4e5f60718293a4b"}, {"$date": "2026-11-19T14:00:00Z"}, {"$numberLong": "9007199254740993"}]
RATES = [1, 1.0, 0.5, 0.25]


class MongodbWriter(Writer):
    def __init__(self, seed, options):
        super().__init__(seed, options)
        self.last_write = {}  # by connection and collection: when it ended
        self.cursors = []     # that were told since the server started: number, database, collection

    def stamp(self):
        offset = self.zone()[2]
        local = datetime.datetime.fromtimestamp(self.at // 1000 + offset, UTC)
        sign, minutes = "-" if offset < 0 else "+", abs(offset) // 60
        return f"{local:%Y-%m-%dT%H:%M:%S}.{self.at % 1000:03}{sign}{minutes // 60:02}:{minutes % 60:02}"

    def record(self, number, component, context, message, attributes, pid=None):
        line = {"t": {"$date": self.stamp()}, "s": "I", "c": component, "id": number, "ctx": context, "msg": message,
                "attr": attributes}
        self.records.append(json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode() + b"\n")
        self.wrote.append(pid)
        self.totals.records += 1

    def operation(self, s, ns, command, milliseconds, **more):
        attributes = {"type": "command", "ns": ns, **{k: v for k, v in more.items() if k == "type"}, "command": command,
                      "planSummary": self.rng.choice(("COLLSCAN", "IXSCAN { a: 1 }")),
                      "docsExamined": self.rng.randrange(100000), "nreturned": self.rng.randrange(100),
                      "locks": {"Global": {"acquireCount": {"r": 1}, "timeAcquiringMicros": {"r": self.rng.randrange(9)}}},
                      **{k: v for k, v in more.items() if k != "type"}}
        if self.rng.random() < 0.3:
            attributes["appName"] = s.application
        attributes["durationMillis"] = milliseconds
        self.record(51803, "COMMAND", f"conn{s.pid}", "Slow query", attributes, s.pid)

    def who(self, s):
        return (s.database, s.user, s.application, s.host)

    def took(self):
        return self.rng.choice((0, 1, 7, 120, self.rng.randrange(100000)))

    def place(self, s):
        name = self.rng.choice(COLLECTIONS)
        return f"{s.database}.{name}", name.removeprefix("system.buckets.")

    def condition(self):
        names = self.rng.sample(FIELDS, self.rng.choice((1, 1, 2)))
        value = [v for v in VALUES if not self.o.plain or not isinstance(v, str)]
        return names, {name: self.rng.choice(value) for name in names}

    # --- what connections do ------------------------------------------------------

    def query(self, s):
        ns, name = self.place(s)
        names, condition = self.condition()
        verb = self.rng.choice(("find", "aggregate", "getMore"))
        asked = {"find": name, "filter": condition} if verb != "aggregate" else \
            {"aggregate": name, "pipeline": [{"$match": condition}, {"$count": "n"}], "cursor": {}}
        asked |= {"lsid": {"id": {"$uuid": f"{self.rng.getrandbits(128):032x}"}}, "$db": s.database}
        self.totals.templates.add(("aggregate" if verb == "aggregate" else "find", s.database, name, *sorted(names)))
        milliseconds = self.took()
        failed = {"ok": 0, "errName": "MaxTimeMSExpired", "errCode": 50} if self.rng.random() < 0.1 else {}
        self.totals.errors += bool(failed)
        self.call(self.who(s), self.hour(), milliseconds * 1000)
        number = self.rng.getrandbits(62)
        told = {"cursorid": number} if self.rng.random() < 0.4 else {}
        if told:
            self.cursors.append((number, s.database, ns, name))
        if verb == "getMore":
            more = {"getMore": number, "collection": name, "$db": s.database}
            self.operation(s, ns, more, milliseconds, originatingCommand=asked, **told, **failed)
        else:
            self.operation(s, ns, asked, milliseconds, **told, **failed)

    def read_on(self, s):
        cursors = [c for c in self.cursors if c[1] == s.database]
        if cursors and self.rng.random() < 0.8:
            number, _, ns, name = self.rng.choice(cursors)
        else:
            ns, name = self.place(s)
            number = self.rng.getrandbits(62)
            self.totals.templates.add(("getMore", s.database, name))
        milliseconds = self.took()
        self.call(self.who(s), self.hour(), milliseconds * 1000)
        self.operation(s, ns, {"getMore": number, "collection": name, "$db": s.database}, milliseconds, cursorid=number)

    def change_schema(self, s):
        _, name = self.place(s)
        self.operation(s, f"{s.database}.$cmd", {self.rng.choice(("drop", "collMod", "createIndexes")): name, "$db": s.database},
                       self.took())

    def writes(self, s):
        ns, name = self.place(s)
        begin = self.at = max(self.at, self.last_write.get((s.pid, name), 0) + 5)
        logged = self.rng.choice((0, 0, 1, 3))
        for _ in range(logged):
            self.at += self.rng.randrange(4)
            milliseconds = self.at - begin
            self.totals.templates.add(("update", s.database, name, "_id"))
            self.call(self.who(s), self.hour(), milliseconds * 1000)
            self.operation(s, f"{s.database}.{name}", {"q": {"_id": self.rng.randrange(99)}, "u": {"$set": {"a": "x"}},
                                                       "multi": False, "upsert": False}, milliseconds, type="update")
            self.last_write[s.pid, name] = self.at
        self.at += self.rng.randrange(3)
        milliseconds = self.at - begin
        self.totals.templates.add(("update", s.database, name, "batch"))
        if logged == 0:
            self.call(self.who(s), self.hour(), milliseconds * 1000)
        self.operation(s, f"{s.database}.$cmd", {"update": name, "ordered": True, "$db": s.database}, milliseconds)
        # What it does next on the collection is not within this command.
        self.last_write[s.pid, name] = self.at

    # --- what programs do in loops -------------------------------------------------

    def find(self, s, name, condition, **more):
        milliseconds = self.rng.randrange(4)
        self.totals.templates.add(("find", s.database, name, *sorted(condition), *sorted(more)))
        self.call(self.who(s), self.hour(), milliseconds * 1000)
        self.operation(s, f"{s.database}.{name}", {"find": name, "filter": condition, **more, "$db": s.database}, milliseconds)

    def loop(self, s):
        r = self.rng
        rounds, same, turns = r.choice((2, 3, 7, 20, 90)), r.random() < 0.3, r.choice((1, 1, 2))
        steps = [lambda s, i=i, k=k: self.find(s, f"child{k}", {"parent": 7 if same else i})
                 for i in range(rounds) for k in range(turns)]
        if r.random() < 0.5:
            steps.insert(0, lambda s: self.find(s, "parents", {"open": True}, limit=rounds))
        self.hurry(s, steps)

    def walk(self, s):
        begin = self.rng.choice((0, 0, 20, 4000))
        self.hurry(s, [lambda s, i=i: self.find(s, "paged", {}, sort={"a": 1}, skip=begin + 20 * i + 1, limit=20)
                       for i in range(self.rng.choice((1, 3, 4, 12)))])

    def monitor(self, s):
        self.operation(s, "admin.$cmd", {"hello": 1, "maxAwaitTimeMS": 10000, "$db": "admin"}, 10000)

    def transaction(self, s):
        self.record(51802, "TXN", f"conn{s.pid}", "transaction", {"parameters": {"txnNumber": 1}, "durationMillis": 99}, s.pid)

    def connect(self, s):
        r = self.rng
        self.pids += r.randrange(1, 4)
        s.pid, s.started, s.open = self.pids, self.at // 1000, True
        s.user, s.database = r.choice(self.o.users), r.choice(self.o.databases)
        s.application = r.choice(self.o.applications)
        s.host = r.choice([host for host in HOSTS if host != "[local]"])
        remote = f"[{s.host}]:40000" if ":" in s.host else f"{s.host}:40000"
        self.record(22943, "NETWORK", "listener", "Connection accepted", {"remote": remote, "connectionId": s.pid})
        self.record(51800, "NETWORK", f"conn{s.pid}", "client metadata",
                    {"remote": remote, "doc": {"application": {"name": s.application}}}, s.pid)
        self.record(5286306, "ACCESS", f"conn{s.pid}", "Successfully authenticated", {"user": s.user, "db": "admin"}, s.pid)

    def leave(self, s):
        self.record(22944, "NETWORK", f"conn{s.pid}", "Connection ended", {"connectionId": s.pid}, s.pid)
        s.open = False
        s.steps.clear()

    # --- the server -----------------------------------------------------------------

    def server(self):
        rate = self.rng.choice(RATES)
        self.rng.choice((
            lambda: self.record(22430, "WTCHKPT", "Checkpointer", "WiredTiger message", {"message": 'a } "{ b'}),
            lambda: self.record(48742, "COMMAND", "conn1", "Profiler settings changed",
                                {"to": {"level": 0, "slowms": 20, "sampleRate": rate}, "db": "shop"}),
        ))()

    def restart(self, sessions):
        for s in sessions:
            s.open = False
            s.steps.clear()
        self.cursors = []
        self.record(4615611, "CONTROL", "initandlisten", "MongoDB starting", {"pid": 1})

    def step(self, sessions):
        r = self.rng
        self.pause()
        chance = r.randrange(100)
        if chance < 3:
            self.server()
        elif chance < 5 and self.o.foreign:
            self.records.append(r.choice(FOREIGN_LINES) + b"\n")
            self.wrote.append(None)
        elif chance == 5 and self.o.restarts and r.randrange(4) == 0:
            self.restart(sessions)
        else:
            s = self.next_of(sessions)
            if not s.open:
                self.connect(s)
            elif s.steps:
                s.steps.pop(0)(s)
            else:
                r.choice((self.query,) * 10 + (self.writes,) * 4 + (self.read_on,) * 2 + (self.loop,) * 2 + (self.walk,) +
                         (self.change_schema, self.monitor, self.transaction, self.leave))(s)
