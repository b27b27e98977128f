"""Any number of workers gives the same bytes."""
import random

from generate import STYLES, ZONES, generate
from program import assert_same, dump


def jobs(program, seed):
    r = random.Random(f"order {seed}")
    log = generate(seed, style=r.choice(list(STYLES)), zone=r.choice(list(ZONES)), records=r.choice((200, 3000)),
                   sessions=r.choice((2, 30)))
    # Several blocks, so that workers have something to overtake each other with.
    path = program.file("x.log", log.data * r.choice((1, 4)))
    report = program.analyze(path, prefix=log.setting, options=("--jobs", 1))
    program.ingest("1.db", path, prefix=log.setting, options=("--jobs", 1))
    for n in (2, 3, 8):
        assert program.analyze(path, prefix=log.setting, options=("--jobs", n)) == report, f"the report of {n} jobs differs"
        program.ingest(f"{n}.db", path, prefix=log.setting, options=("--jobs", n))
        assert_same(dump(program, "1.db"), dump(program, f"{n}.db"), f"{n} jobs")


PROPERTIES = [("order-jobs", jobs, 25)]
