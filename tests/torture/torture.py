"""Fault injection against the real daemon. torture.py BUILD_DIR [--short] [--seed N] [--keep] [STEP…]"""

import argparse
import importlib
import pathlib
import random
import shutil
import sys
import tempfile
import time
import traceback

from world import Skipped

STEPS = {
    "kill": "kill -9 under load",
    "power": "power cuts: the file system under the database is shut down",
    "syscalls": "system calls that fail, once or from then on",
    "allocations": "allocations that fail",
    "network": "packet loss, resets, black holes, DNS faults",
    "clock": "the wall clock jumps",
    "misbehaviour": "faults of the catalogue in BankConnect's answers, at each call",
    "full_disk": "the disk becomes full, and space is freed",
    "slow": "the database's disk is slow, or does not answer",
    "hanging": "the calls of some sessions hang",
    "memory": "large answers in little memory",
    "descriptors": "few file descriptors",
    "pressure": "everything at once, in little of everything",
    "upgrade": "databases of earlier versions",
    "linear": "concurrent clients of the same sessions, and kill -9",
}


class Step:
    def __init__(self, name, arguments, folder):
        self.name, self.build, self.short, self.seed, self.folder = name, pathlib.Path(arguments.build).resolve(), arguments.short, arguments.seed, folder

    def say(self, text):
        print(f"  {self.name}: {text}", flush=True)


def torture(name, arguments):
    """True if the step passed, False if not, None if it was skipped."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"torture-{name}-"))
    began = time.monotonic()
    print(f"{name}: {STEPS[name]} (seed {arguments.seed})", flush=True)
    try:
        importlib.import_module(name).run(Step(name, arguments, folder))
        print(f"  {name}: passed in {time.monotonic() - began:.0f} s", flush=True)
        passed = True
    except Skipped as why:
        print(f"\n*** SKIPPED: {name}: {why}. {STEPS[name].capitalize()}: NOT proven.\n", flush=True)
        passed = None
    except Exception:  # the other steps still run
        traceback.print_exc()
        print(f"*** FAILED: {name}, seed {arguments.seed}; its files are in {folder}", flush=True)
        return False
    if not arguments.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return passed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(STEPS))
    parser.add_argument("--short", action="store_true", help="a few cases of each step, as ctest runs them")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--keep", action="store_true", help="keep the folders of steps that passed")
    arguments = parser.parse_intermixed_args()
    unknown = set(arguments.steps) - set(STEPS)
    if unknown:
        parser.error(f"no such step: {', '.join(sorted(unknown))}; there are {', '.join(STEPS)}")
    random.seed(arguments.seed)
    results = {name: torture(name, arguments) for name in arguments.steps or STEPS}
    words = {True: "passed", False: "FAILED", None: "SKIPPED"}
    print("\n" + "\n".join(f"{words[passed]:8} {name}" for name, passed in results.items()))
    if False in results.values():
        return 1
    return 77 if set(results.values()) == {None} else 0


sys.exit(main())
