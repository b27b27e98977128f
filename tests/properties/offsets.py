"""Pages by OFFSET whose cost grows, and pages whose cost does not, with the scatter that real durations have.

A log holds many series, each of a table of its own: 40 pages at offsets by chance, durations log-normal around
20 ms. Without growth nothing may be said of a cost by the row: not in one of 600 series, half of which never lie
deep and must not be found at all.
"""
import datetime
import random

START = datetime.datetime(2026, 1, 1, 12)
SERIES = 100
PAGES = 40
BASE_US = 20000
SCATTER = 0.4
LIMIT = 20
SHALLOW, DEEP = 980, 20000  # rows
US_PER_ROW = 20
# The scatter is a part of the duration, 90 ms at the middle of 400: the slope over 40 points has a standard
# error of 90 ms / (5,800 rows x sqrt(40)), an eighth of it. One series may be off by five of these, a hundred
# in the mean by a tenth.
SLOPE_MARGIN = 5 / 8
MEAN_MARGIN = 0.1


def log_of(seed, deepest, us_per_row):
    r = random.Random(f"offsets {seed} {deepest} {us_per_row}")
    pages = [(series, LIMIT * r.randrange(deepest // LIMIT + 1)) for series in range(SERIES) for _ in range(PAGES)]
    r.shuffle(pages)
    out = []
    for i, (series, offset) in enumerate(pages):
        us = int((BASE_US + us_per_row * offset) * r.lognormvariate(0, SCATTER))
        at = (START + datetime.timedelta(seconds=i)).isoformat(" ", "milliseconds")
        out.append(f"{at} UTC [{4000 + i % 20}] app@shop LOG:  duration: {us // 1000}.{us % 1000:03} ms  "
                   f"statement: SELECT * FROM t{series} ORDER BY id LIMIT {LIMIT} OFFSET {offset}\n")
    return "".join(out).encode()


def findings_of(program, seed, deepest, us_per_row):
    findings = program.report(program.file("pages.log", log_of(seed, deepest, us_per_row)))["findings"]
    for finding in findings:
        assert finding["kind"] == "offset-pagination", f"{finding['kind']} is wrong: {finding['title']}"
    return findings


def shallow(program, seed):
    found = findings_of(program, seed, SHALLOW, 0)
    assert not found, f"{len(found)} of {SERIES} shallow series: {found[0]['detail']}"


def level(program, seed):
    for finding in findings_of(program, seed, DEEP, 0):
        assert finding["evidence"]["ms_per_1000_rows"] is None, f"grows, though it does not: {finding['detail']}"
        assert finding["confidence"] != "certain", finding["detail"]


def growing(program, seed):
    findings = findings_of(program, seed, DEEP, US_PER_ROW)
    assert len(findings) == SERIES, f"{len(findings)} of {SERIES} are found"
    slopes = [finding["evidence"]["ms_per_1000_rows"] for finding in findings]
    for finding, told in zip(findings, slopes):
        assert told is not None, f"its growth is not found: {finding['detail']}"
        assert abs(told - US_PER_ROW) <= US_PER_ROW * SLOPE_MARGIN, f"{told} ms for 1,000 rows: {finding['detail']}"
    mean = sum(slopes) / SERIES
    assert abs(mean - US_PER_ROW) <= US_PER_ROW * MEAN_MARGIN, f"{mean} ms for 1,000 rows in the mean"


PROPERTIES = [("offsets-shallow", shallow, 3), ("offsets-level", level, 3), ("offsets-growing", growing, 2)]
