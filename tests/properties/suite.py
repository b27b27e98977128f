"""Runs checks on many seeds, some at the same time, and says which fail."""
import argparse
import concurrent.futures
import multiprocessing
import os
import pathlib
import shutil
import sys
import tempfile
import time
import traceback

from program import Program


def check(function, seed, program, keep):
    folder = tempfile.mkdtemp(prefix="qlog-properties.")
    try:
        function(Program(program, pathlib.Path(folder)), seed)
        return None
    except AssertionError as failure:
        where = traceback.extract_tb(failure.__traceback__)
        return str(failure) or f"line {where[-1].lineno}: {where[-1].line}"
    except Exception:
        return traceback.format_exc()
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def run(suite, usage, properties, alone=()):
    """Properties are (name, check, number of seeds); those `alone` measure, and run one after the other."""
    parser = argparse.ArgumentParser(usage=usage.split("\n")[2].removeprefix("usage: "))
    parser.add_argument("--seed", type=int)
    parser.add_argument("--only")
    parser.add_argument("-j", dest="jobs", type=int, default=2)
    parser.add_argument("-k", dest="keep", action="store_true")
    parser.add_argument("program")
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    if not os.access(program, os.X_OK):
        sys.exit(f"cannot run '{options.program}'")
    passed = failed = 0

    def tell(name, results, began):
        nonlocal passed, failed
        bad = [(seed, message) for seed, message in results if message is not None]
        passed += len(results) - len(bad)
        failed += len(bad)
        print(f"{name}: {len(results) - len(bad)} of {len(results)} ({time.time() - began:.1f} s)", flush=True)
        for seed, message in bad[:5]:
            print(f"  FAILED, seed {seed}: {message}\n"
                  f"  again: {sys.argv[0]} --only {name} --seed {seed} {options.program}", flush=True)

    def chosen(of):
        for name, function, count in of:
            if options.only is None or name.startswith(options.only):
                yield name, function, [options.seed] if options.seed is not None else range(1, count + 1)

    with concurrent.futures.ProcessPoolExecutor(options.jobs, multiprocessing.get_context("fork")) as pool:
        for name, function, seeds in chosen(properties):
            began = time.time()
            futures = [(seed, pool.submit(check, function, seed, program, options.keep)) for seed in seeds]
            tell(name, [(seed, future.result()) for seed, future in futures], began)
    for name, function, seeds in chosen(alone):
        began = time.time()
        tell(name, [(seed, check(function, seed, program, options.keep)) for seed in seeds], began)
    print(f"{suite}: {passed} passed, {failed} failed")
    sys.exit(0 if passed and not failed else 1)
