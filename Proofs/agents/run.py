#!/usr/bin/env python3
"""Real agents, Claude Code and Codex, with np in their hooks, offline: a model on loopback tells them what to do.

Their programs come from pip, as wheels, which are kept outside of the repository. Each check runs in namespaces of its
own, with a home, a repository, a daemon, and a log of its own, and judges by the log and by what the model was given.
Where that is not possible, for lack of Linux, of namespaces, or of a wheel for this machine, a check is skipped, and says
why. Needs unshare, git, and pip."""

import argparse
import pathlib
import subprocess
import sys
import time

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent))  # support.py

import sandbox
import wheels
from checks import CHECKS
from support import Directory

LIMIT = 180  # seconds for one check


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", default=".build/release", help="the directory that holds np and np-daemon")
    parser.add_argument("--wheels", default=wheels.default_directory(), help="where the wheels are kept: %(default)s")
    parser.add_argument("--list", action="store_true", help="say what is checked")
    parser.add_argument("checks", nargs="*", metavar="CHECK", help="by default all of them")
    options = parser.parse_args()
    if unknown := [name for name in options.checks if name not in CHECKS]:
        parser.error(f"there is no check {unknown[0]}; see --list")
    return options


def fetch(agents, directory):
    """The agents' programs, and why there is none of some."""
    programs, missing = {}, {}
    for agent in agents:
        try:
            programs[agent] = wheels.program(agent, directory)
            print(f"{agent}: {programs[agent]}", flush=True)
        except wheels.Missing as reason:
            missing[agent] = str(reason)
    return programs, missing


def perform(name, programs):
    """Runs a check. What is wrong, or None."""
    inside = pathlib.Path(__file__).resolve().parent / "inside.py"
    with Directory() as directory:
        words = [sys.executable, inside, options.bin, directory, name, *programs]
        try:
            done = subprocess.run([*sandbox.command(), *words], capture_output=True, text=True, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return f"it did not end within {LIMIT} s"
    said = done.stderr.strip().removeprefix("FAILED: ")
    return (said or f"it exited with {done.returncode}") if done.returncode else None


options = arguments()
if options.list:
    for name, (function, _) in CHECKS.items():
        print(name, *(line.strip() for line in function.__doc__.splitlines()), sep="\n    ")
    sys.exit()
names = options.checks or list(CHECKS)
obstacle = sandbox.obstacle()
needed = [] if obstacle else dict.fromkeys(agent for name in names for agent in CHECKS[name][1])
programs, missing = fetch(needed, options.wheels)
counts = dict.fromkeys(("passed", "skipped", "FAILED"), 0)
for name in names:
    begin, agents = time.monotonic(), CHECKS[name][1]
    outcome, why = "skipped", obstacle or next((missing[agent] for agent in agents if agent in missing), None)
    if not why:
        why = perform(name, [f"{agent}={programs[agent]}" for agent in agents])
        outcome = "FAILED" if why else "passed"
    counts[outcome] += 1
    print(f"{outcome:8} {name:28} {why or f'{time.monotonic() - begin:.1f} s'}", flush=True)
print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
if counts["FAILED"]:
    sys.exit("FAILED")
