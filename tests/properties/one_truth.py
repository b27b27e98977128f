"""What HTML, Markdown and text show is what JSON says, as exactly as they show it."""
import functools
import html.parser
import json
import pathlib
import re
from fractions import Fraction

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"
UNITS = {"ms": 1, "s": 1000, "min": 60 * 1000, "h": 3600 * 1000, "d": 86400 * 1000,
         "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "%": Fraction(1, 100), "": 1}
NUMBER = r"-?[\d,]+(?:\.\d+)?"
FIGURE = rf"[<>]?{NUMBER}(?: (?:min|h|d) {NUMBER} (?:s|min|h)| (?:ms|s|min|h|d|B|KiB|MiB|GiB|TiB|%))?"


def shown(text):
    """What a figure says: the least and the greatest value that is written so."""
    sign, text = (text[0], text[1:]) if text[0] in "<>" else ("", text)
    words = text.replace(",", "").split()
    value = half = Fraction(0)
    for number, unit in zip(words[::2], words[1::2] or [""]):
        value += Fraction(number) * UNITS[unit]
        half = Fraction(UNITS[unit]) / 10 ** len(number.partition(".")[2]) / 2
    if sign:
        return (Fraction(0), value) if sign == "<" else (value, Fraction(1))
    return value - half, value + half


class Cell(str):
    """A figure of a page, and the exact one that it shows when it is pointed at."""
    exact = None

    @classmethod
    def of(cls, text, exact):
        cell = cls(text.strip())
        cell.exact = exact
        return cell


class Truth:
    def __init__(self, form):
        self.form = form
        self.checked = 0

    def same(self, what, text, value):
        """The text shows the value; nothing where there is none."""
        exact = getattr(text, "exact", None)
        if exact is not None and (exact or value is not None):
            assert value is not None, f"{self.form}: {what}: '{exact}', JSON has no value"
            number, _, unit = exact.replace(",", "").partition(" ")
            assert Fraction(number) * UNITS[unit] == Fraction(str(value)), f"{self.form}: {what}: '{exact}' is not {value}"
        text = text.strip()
        if value is None:
            assert text in ("", "-"), f"{self.form}: {what}: '{text}', JSON has no value"
            return
        assert re.fullmatch(FIGURE, text), f"{self.form}: {what}: '{text}' is no figure; JSON has {value}"
        least, greatest = shown(text)
        assert least <= Fraction(value if isinstance(value, Fraction) else str(value)) <= greatest, f"{self.form}: {what}: '{text}', JSON has {value}"
        self.checked += 1


def times(statistics):
    """Of times by what a column or a word in front of a figure calls them."""
    names = {"Total": "total", "Mean": "mean", "Min": "min", "p50": "p50", "p90": "p90", "p95": "p95", "p99": "p99", "Max": "max",
             "Std dev": "stddev", "standard deviation": "stddev"}
    known = (statistics or {}).get("n", 1)
    return {name: (statistics or {}).get(key) if known else None for name, key in names.items()} | \
        {name.lower(): (statistics or {}).get(key) for name, key in names.items()}


def columns(q):
    timed = q["time_ms"]["n"] if "n" in q["time_ms"] else 1
    return times(q["time_ms"]) | {"Calls": q["calls"], "Errors": q.get("errors"), "Share": q["share"] if timed else None}


# --- tables -------------------------------------------------------------------------------------


class Tables(html.parser.HTMLParser):
    """(id of the section, rows) of each table, a row as (its ids and addresses, cells)."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.section, self.inside = [], "", False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag in ("section", "article"):
            self.section = named.get("id", self.section)
        if tag == "table":
            self.tables.append((self.section, []))
            self.inside = True
        if not self.inside:
            return
        rows = self.tables[-1][1]
        if tag == "tr":
            rows.append(([], []))
        if tag in ("td", "th"):
            rows[-1][1].append(["", named.get("title")])
        if rows:
            rows[-1][0].extend(value for name, value in attributes if name in ("id", "href"))

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "table"

    def handle_data(self, data):
        if self.inside and self.tables[-1][1]:
            self.tables[-1][1][-1][1][-1][0] += data


def html_tables(text):
    for section, rows in Tables(text).tables:
        rows = [(ids, [Cell.of(*cell) for cell in cells]) for ids, cells in rows]
        if rows:
            yield section, rows[0][1], rows[1:]


def markdown_tables(text):
    """The same; the section is the heading above."""
    section, rows = "", []
    for line in text.split("\n") + [""]:
        if line.startswith("|"):
            cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if not set(line) <= set("|-: "):
                rows.append((re.findall(r"[0-9a-f]{16}", line), cells))
        elif rows:
            yield section, rows[0][1], rows[1:]
            rows = []
        if line.startswith("#"):
            section = line.lstrip("# ")


def text_tables(text):
    """Columns stand apart by two blanks; the last one is text that may hold anything."""
    heads, rows, section, of = None, [], "", ""
    for line in text.split("\n") + [""]:
        cells = re.split(r"\s{2,}", line.strip())
        found = re.match(r"  ([0-9a-f]{16})  ", line)
        section = found[1] if found else section
        if heads is None and {"Calls", "Mean"} <= set(cells):
            of, heads, indent = section, cells, len(line) - len(line.lstrip())
            heads = ([""] if indent > 4 else []) + heads # a comparison's rows have names
        elif heads is not None and len(cells) >= len(heads) - 1 and line.strip():
            rows.append((re.findall(r"\b[0-9a-f]{16}\b", line), re.split(r"\s{2,}", line.strip(), maxsplit=len(heads) - 1)))
        elif heads is not None:
            yield of, heads, rows
            heads, rows = None, []


TABLES = {"html": html_tables, "md": markdown_tables, "text": text_tables}


def compare_queries(truth, text, report):
    """Each table that has a query in each row: with all of its columns that are figures."""
    queries = {q["id"]: q for q in report["queries"]}
    seen = set()
    for _, heads, rows in TABLES[truth.form](text):
        if not {"Calls", "Total"} <= set(heads) and "Query" not in heads:
            continue
        for ids, cells in rows:
            ids = {i.removeprefix("#").removeprefix("q-").removeprefix("x-") for i in ids} & queries.keys()
            if len(ids) != 1 or len(cells) != len(heads):
                continue
            q = queries[ids.pop()]
            seen.add(q["id"])
            for head, cell in zip(heads, cells):
                if head in columns(q) and head != "Errors":
                    truth.same(f"query {q['id']}, {head}", cell, columns(q)[head])
    assert seen == queries.keys(), f"{truth.form}: of {len(queries)} queries {len(seen)} are in tables"


def compare_groups(truth, text, report):
    title = report["group_by"].capitalize()
    groups = {g["name"] or "(none)": g for g in report["groups"]}
    seen = 0
    for _, heads, rows in TABLES[truth.form](text):
        if title not in heads or "Share" not in heads:
            continue
        for _, cells in rows:
            if len(cells) == len(heads):
                g = groups[cells[heads.index(title)]]
                seen += 1
                for head, cell in zip(heads, cells):
                    if head in columns(g):
                        truth.same(f"group {g['name']}, {head}", cell, columns(g)[head])
    assert seen == len(groups), f"{truth.form}: {seen} of {len(groups)} groups"


def named_figures(truth, what, text, values):
    """"mean 11.2 ms, p50 0.089 ms": each figure behind its name."""
    found = 0
    for name, value in values.items():
        match = re.search(rf"(?<![\w-]){re.escape(name)} ({FIGURE})(?=[,;|]|\s*$)", text)
        if match and value is not None:
            truth.same(f"{what}, {name}", match[1], value)
            found += 1
    return found


def measure(q, name):
    """The statistics of a measure that a section calls so."""
    key = name.replace(" ", "_")
    for known, value in q["attributes"].items():
        if known == key or known.rsplit("_", 1)[0] == key:
            return value
    return None


def compare_sections(truth, text, report):
    queries = {q["id"]: q for q in report["queries"]}
    sections = 0
    if truth.form == "html":
        for section, heads, rows in html_tables(text):
            q = queries.get(section.removeprefix("q-"))
            for _, cells in rows if q and "Std dev" in heads else ():
                of = q["time_ms"] if cells[0] == "Query time" else measure(q, cells[0])
                sections += cells[0] == "Query time"
                for head, cell in zip(heads, cells):
                    if not of or head not in times(of) or "n" not in of:
                        continue
                    share = cell.endswith(" of the calls") # of what is so or not
                    truth.same(f"section {q['id']}, {cells[0]}, {head}", cell.removesuffix(" of the calls") if share else cell,
                               Fraction(of["total"], of["n"]) if share else times(of)[head])
    elif truth.form == "md":
        for section, _, rows in markdown_tables(text):
            q = queries.get(section)
            for _, cells in rows if q else ():
                if len(cells) != 2:
                    continue
                if cells[0] == "Times":
                    sections += named_figures(truth, f"section {q['id']}", cells[1], times(q["time_ms"])) >= 1
                elif cells[0] in ("Calls", "Errors") and q["calls"] == q["estimated_calls"]:
                    truth.same(f"section {q['id']}, {cells[0]}", cells[1].split(" ", 1)[0].rstrip(","), q[cells[0].lower()])
                elif cells[0] == "Query time" and q["time_ms"]["total"] is not None:
                    truth.same(f"section {q['id']}, total", cells[1].split(",")[0], q["time_ms"]["total"])
                elif measure(q, cells[0]) and "n" in measure(q, cells[0]):
                    named_figures(truth, f"section {q['id']}, {cells[0]}", cells[1], times(measure(q, cells[0])))
        for q in report["queries"]:
            for e in q["examples"]:
                for found in re.findall(rf"\| `[^`]*:{e['line']}` \| [^|]* \| ({FIGURE}) \|", text):
                    truth.same(f"example {e['line']}", found, e["ms"])
    return sections


# --- the head ---------------------------------------------------------------------------------------


def fewest_for_half(report):
    """How many queries make up half of the time, and what of it they are."""
    all_times = sorted((q["time_ms"]["total"] or 0 for q in report["queries"]), reverse=True)
    whole, sum_, n = sum(map(lambda ms: Fraction(str(ms)), all_times)), Fraction(0), 0
    while sum_ < whole / 2:
        sum_ += Fraction(str(all_times[n]))
        n += 1
    return n, (float(sum_ / whole) if whole else 0)


def compare_head(truth, text, report):
    totals = report["totals"]
    plain = re.sub(r"<[^>]*>", " ", text) if truth.form == "html" else text
    plain = re.sub(r"\s+", " ", plain)
    if truth.form == "text":
        found = re.search(rf"Load ({NUMBER}) calls? of ({NUMBER}) (?:query|queries), ({NUMBER}) errors?, ({FIGURE}) of query time, ({NUMBER}) ", plain)
        for value, figure in zip((totals["calls"], totals["fingerprints"], totals["errors"], totals["time_ms"], totals["load"]), found.groups()):
            truth.same("load", figure, value)
    else:
        found = re.search(rf"({NUMBER}) of ({NUMBER}) queries make up ({FIGURE}) of the query time", plain)
        n, share = fewest_for_half(report)
        for value, figure in zip((n, totals["fingerprints"], share), found.groups()):
            truth.same("verdict", figure, value)
        found = re.search(rf"({NUMBER}) calls took ({FIGURE}) in ({FIGURE}), ({NUMBER}) sessions active", plain)
        for value, figure in zip((totals["calls"], totals["time_ms"]), found.groups()):
            truth.same("verdict", figure, value)
        truth.same("verdict", found[4], totals["load"])
    if truth.form == "html":
        tiles = dict(re.findall(r"<dt>([^<]*)<dd>([^<]*)</div>", text))
        q = totals["query_time_ms"]
        for name, value in (("Calls", totals["calls"]), ("Different queries", totals["fingerprints"]), ("Query time", totals["time_ms"]),
                            ("Sessions active", totals["load"]), ("Median", q["p50"]), ("95 % within", q["p95"]), ("Slowest", q["max"]),
                            ("Errors", totals["errors"])):
            truth.same(f"tile {name}", tiles[name], value)
    else:
        line = re.search(r"^(?:Times  |\| Times \|)(.*)$", text, re.M)[1]
        assert named_figures(truth, "times", line.strip(" |"), times(totals["query_time_ms"])) >= 6
    busiest = report["busiest_minute"]
    found = re.search(rf"[Mm]inute\D* from [\d-]+ [\d:]+: ({NUMBER}) calls?, ({FIGURE})", plain)
    if busiest and found:
        truth.same("busiest minute", found[1], busiest["calls"])
        truth.same("busiest minute", found[2], busiest["time_ms"])
    for f in report["findings"]:
        for cost in re.findall(rf"{re.escape(f['kind'])}[^a-z]{{1,3}}{f['severity']}[^a-z]{{1,3}}{f['confidence']}(?: ·|;) costs ({FIGURE})", plain):
            least, greatest = shown(cost)
            assert any(g["kind"] == f["kind"] and least <= Fraction(str(g["cost_ms"])) <= greatest for g in report["findings"]), cost
            truth.checked += 1


def compare_report(program, options):
    def written(form, *more):
        return program.run("analyze", "--format", form, "--limit", "0", "--min-coverage", "0", *more, *options).decode()
    report, by_user = json.loads(written("json")), json.loads(written("json", "--group-by", "user"))
    for form in TABLES:
        truth = Truth(form)
        text = written(form)
        compare_head(truth, text, report)
        compare_queries(truth, text, report)
        sections = compare_sections(truth, text, report)
        assert form == "text" or sections >= 3, f"{form}: {sections} sections"
        compare_groups(truth, written(form, "--group-by", "user"), by_user)
        assert truth.checked >= 4 * len(report["queries"]), f"{form}: {truth.checked} figures compared"


# --- comparisons ---------------------------------------------------------------------------------------


def compare_diff(program, before, after, prefix):
    given = ("--prefix", prefix) if prefix else ()
    def written(form):
        return program.run("diff", "--format", form, "--limit", "0", *given, before, after).decode()
    comparison = json.loads(written("json"))
    changes = {c["id"]: c for kind in ("regressions", "improvements", "plan_changes") for c in comparison[kind]}
    assert len(changes) >= 3
    for form in TABLES:
        truth = Truth(form)
        text = written(form)
        for section, heads, rows in TABLES[form](text):
            ids = re.findall(r"[0-9a-f]{16}", section)
            for _, cells in rows if ids and ids[0] in changes else ():
                side = changes[ids[0]].get(cells[0].lower())
                for head, cell in zip(heads, cells) if side else ():
                    values = columns(side)
                    if head in values:
                        truth.same(f"change {ids[0]}, {cells[0]}, {head}", cell, values[head])
        plain = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))
        for c in changes.values():
            found = re.search(rf"{c['id']}\W+({NUMBER}) times (slower|faster), ({FIGURE}) (?:more|less)", plain)
            if found and c["factor"]:
                truth.same("factor", found[1], c["factor"] if found[2] == "slower" else 1 / c["factor"])
                truth.same("cost", found[3], abs(c["cost_ms"]))
        for side in ("before", "after"):
            found = re.search(rf"\b{side.capitalize()} [^()]*\([^()]*\), ({NUMBER}) calls? of ({NUMBER}) quer\w+, ({FIGURE})", plain)
            for figure, key in zip(found.groups(), ("calls", "fingerprints", "time_ms")):
                truth.same(f"{side}, {key}", figure, comparison[side][key])
        assert truth.checked >= 10 * len(changes), f"{form}: {truth.checked} figures compared"


# --- logs --------------------------------------------------------------------------------------------------


def of_sample(name, program, _):
    compare_report(program, (SAMPLES / name,))


def of_changed_sample(program, _):
    log = (SAMPLES / "postgresql.log").read_text()
    slower = program.file("after.log", re.sub(r"duration: (\d)", r"duration: 7\1", log).encode())
    compare_diff(program, SAMPLES / "postgresql.log", slower, None)


PROPERTIES = [(f"one-truth-{name}", functools.partial(of_sample, name), 1) for name in ("postgresql.log", "mysql-slow.log", "mongod.log")] + \
    [("one-truth-diff", of_changed_sample, 1)]
