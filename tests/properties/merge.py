"""Merging stores is commutative, associative and idempotent."""
import itertools
import random
import shutil

from generate import generate
from program import assert_same, dump


def stores(program, r, seed):
    """A, B and C: of the same logs, of logs of their own, read to different places."""
    logs = [generate(seed * 10 + i, style="full", records=r.choice((30, 200)), start=f"2026-10-2{i}T20:00:00")
            for i in range(5)]
    names = ["a.db", "b.db", "c.db"]
    for name in names:
        for i, log in enumerate(logs):
            if r.random() < 0.7:
                data = log.data[:r.choice((len(log.data), r.randrange(len(log.data) // 3, len(log.data))))]
                program.ingest(name, program.file(f"{name}.{i}.log", data), prefix=log.setting)
        program.ingest(name, program.file("common.log", logs[0].data), prefix=logs[0].setting)
    return names


def trees(program, seed):
    r = random.Random(f"merge {seed}")
    a, b, c = stores(program, r, seed)
    results = []

    def merge(name, *parts):
        program.run("merge", name, *parts)
        results.append(name)
        return name

    for i, order in enumerate(itertools.permutations((a, b, c))):
        merge(f"order{i}.db", *order)
    merge("left.db", merge("ab.db", a, b), c)
    merge("right.db", a, merge("bc.db", b, c))
    merge("again.db", a, b, a, c, b, b, c, a)
    merge("nested.db", "left.db", "right.db", "order3.db")
    expected = dump(program, "order0.db")
    for name in results:
        if name not in ("ab.db", "bc.db"):
            assert_same(expected, dump(program, name), name)


def itself(program, seed):
    r = random.Random(f"itself {seed}")
    a, b, _ = stores(program, r, seed)
    before = dump(program, a)
    program.run("merge", a, a)
    assert_same(before, dump(program, a), "merged with itself")
    shutil.copy(program.folder / a, program.folder / "copy.db")
    program.run("merge", a, "copy.db")
    assert_same(before, dump(program, a), "merged with its copy")
    program.run("merge", "new.db", a)
    assert_same(before, dump(program, "new.db"), "merged into a new store")


def then_grown(program, seed):
    """A store that was merged reads on as the one that it was made of."""
    r = random.Random(f"then {seed}")
    log = generate(seed, records=400)
    cut = r.randrange(len(log.data) // 4, len(log.data))
    path = program.file("x.log", log.data[:cut], settled=False)
    program.ingest("a.db", path, prefix=log.setting)
    program.run("merge", "b.db", "a.db")
    path = program.file("x.log", log.data)
    program.ingest("a.db", path, prefix=log.setting)
    program.ingest("b.db", path, prefix=log.setting)
    assert_same(dump(program, "a.db"), dump(program, "b.db"), "read on after a merge")


PROPERTIES = [("merge-trees", trees, 20), ("merge-itself", itself, 10), ("merge-then-grown", then_grown, 10)]
