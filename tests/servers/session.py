"""One session of the PostgreSQL wire protocol that executes statements in every way there is.

usage: session.py HOST_OR_FOLDER PORT USER DATABASE

What psql and pgbench cannot do is done here with the protocol itself (PostgreSQL documentation,
"Message Formats"): portals that are executed a few rows at a time, and calls through the fastpath.
"""
import socket
import struct
import sys


class Session:
    def __init__(self, host, port, user, database):
        if host.startswith("/"):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(f"{host}/.s.PGSQL.{port}")
        else:
            self.socket = socket.create_connection((host, int(port)))
        self.pending = b""
        body = struct.pack("!i", 196608) + self.texts("user", user, "database", database,
                                                      "application_name", "alpha app") + b"\0"
        self.socket.sendall(struct.pack("!i", len(body) + 4) + body)
        self.until_ready()

    @staticmethod
    def texts(*values):
        return b"".join(value.encode() + b"\0" for value in values)

    def send(self, kind, body=b""):
        self.socket.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def take(self, n):
        while len(self.pending) < n:
            more = self.socket.recv(65536)
            if not more:
                sys.exit("the server closed the connection")
            self.pending += more
        taken, self.pending = self.pending[:n], self.pending[n:]
        return taken

    def message(self):
        kind, length = struct.unpack("!ci", self.take(5))
        return kind, self.take(length - 4)

    def until(self, *kinds):
        while True:
            kind, body = self.message()
            if kind in kinds:
                return kind, body

    def until_ready(self):
        self.until(b"Z")

    def simple(self, statement):
        self.send(b"Q", self.texts(statement))
        self.until_ready()

    def copy_in(self, statement, data):
        self.send(b"Q", self.texts(statement))
        self.until(b"G")
        self.send(b"d", data)
        self.send(b"c")
        self.until_ready()

    def parse_and_bind(self, name, portal, statement, *values):
        self.send(b"P", self.texts(name, statement) + struct.pack("!h", 0))
        self.bind(name, portal, *values)

    def bind(self, name, portal, *values):
        body = self.texts(portal, name) + struct.pack("!hh", 0, len(values))
        for value in values:
            body += struct.pack("!i", len(value)) + value.encode()
        self.send(b"B", body + struct.pack("!h", 0))

    def execute(self, portal, rows=0):
        self.send(b"E", self.texts(portal) + struct.pack("!i", rows))

    def sync(self):
        self.send(b"S")
        self.until_ready()

    def extended(self, statement, *values):
        self.parse_and_bind("", "", statement, *values)
        self.execute("")
        self.sync()

    def in_pieces(self, name, portal, statement, rows, between=None):
        """Returns how many times the portal was executed."""
        self.parse_and_bind(name, portal, statement)
        times = 0
        done = b"s"
        while done == b"s":
            self.execute(portal, rows)
            self.send(b"H")
            done, _ = self.until(b"s", b"C")
            times += 1
            if between is not None:
                self.extended_without_sync(between)
        self.sync()
        return times

    def extended_without_sync(self, statement):
        self.parse_and_bind("", "", statement)
        self.execute("")
        self.send(b"H")
        self.until(b"C")

    def call(self, function, *numbers):
        """Of a function of integers, by its oid."""
        body = struct.pack("!ihhh", function, 1, 1, len(numbers))
        body += b"".join(struct.pack("!ii", 4, number) for number in numbers)
        self.send(b"F", body + struct.pack("!h", 1))
        self.until_ready()


INT4PL = 177  # int4pl(integer, integer), since ever


def main():
    s = Session(*sys.argv[1:5])
    s.simple("SELECT 1 FROM marker_simple WHERE id = 1")
    s.simple("PREPARE q (integer) AS SELECT n FROM marker_sql_prepared WHERE id = $1")
    s.simple("EXECUTE q (1)")
    s.simple("EXECUTE q (2)")
    s.extended("SELECT n FROM marker_extended WHERE id = $1", "7")
    s.extended("UPDATE marker_updated SET n = n + 1 WHERE id = $1", "7")
    s.extended("SELECT n FROM marker_extended WHERE id = $1", "8")
    s.extended("UPDATE marker_updated SET n = n + 1 WHERE id = $1", "8")
    s.simple("BEGIN")
    slow = "SELECT id, pg_sleep(0.001) FROM marker_portal WHERE id <= 30"
    assert s.in_pieces("S_1", "C_1", slow, 10, "SELECT 2 FROM marker_between WHERE id = 1") == 4
    assert s.in_pieces("S_2", "C_2", slow, 100) == 1
    assert s.in_pieces("S_3", "C_3", slow, 12) == 3
    s.simple("COMMIT")
    s.simple("BEGIN")
    s.simple("DECLARE c CURSOR FOR SELECT * FROM marker_cursor")
    s.simple("FETCH 10 FROM c")
    s.simple("FETCH 20 FROM c")
    s.simple("CLOSE c")
    s.simple("COMMIT")
    s.copy_in("COPY marker_copied FROM STDIN", b"1000\t1\tx\n1001\t2\ty\n")
    s.simple("COPY marker_copied TO STDOUT")
    s.call(INT4PL, 1, 2)
    s.call(INT4PL, 3, 4)
    s.simple("SELECT sum_of_inner(5)")
    s.simple("SELECT sum_of_inner(6)")
    s.simple("SELECT fail_inside('secret value')")
    s.simple("SELECT 1 FROM marker_several; SELECT 2 FROM marker_several WHERE id = 7; "
             "UPDATE marker_several SET n = n + 1 WHERE id = 7")
    s.simple("SELECT missing FROM marker_simple")
    s.extended("SELECT 1 / (id - id) FROM marker_failing WHERE id = $1", "7")
    s.simple("SET work_mem = '64kB'")
    s.simple("SELECT a.id FROM marker_sorted a, marker_sorted b ORDER BY a.note, b.note OFFSET 9999")
    s.simple("SET statement_timeout = '20ms'")
    s.simple("SELECT pg_sleep(5) FROM marker_timeout WHERE id = 1")
    s.send(b"X")


main()
