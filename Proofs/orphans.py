#!/usr/bin/env python3
"""What processes that were killed have left behind costs nobody a wait: 30 runs and 10 holders of locks are killed, the log
grows by 100 MB, and then `np run`, SIGTERM to it, and `np lock --list` are timed, beside a data directory without all that.
At the end each of them has one beginning and one end in the log."""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

from support import Directory, arguments, environment, program

options = arguments(__doc__, runs=30, holders=10, megabytes=100, pairs=21)
np = program(options.bin, "np")


def start(home, *words, **more):
    return subprocess.Popen([np, *words], env=environment(home), cwd=home, **more)


def run(home, *words, **more):
    return subprocess.run([np, *words], env=environment(home), cwd=home, capture_output=True, text=True, **more)


def timed(home, *words):
    begin = time.perf_counter()
    run(home, *words)
    return (time.perf_counter() - begin) * 1000


def kill_all(home):
    killed = []
    for number in range(options.runs):
        killed.append(start(home, "run", "--task", f"run-{number}", "--", "sleep", "30"))
    for number in range(options.holders):
        killed.append(start(home, "lock", f"lock-{number}", "--task", f"holder-{number}", "--", "sleep", "30"))
    ledger = home + "/.local/share/neuraphage/ledger"
    while not os.path.isdir(ledger) or sum(name[:3] in ("run", "hol") for name in os.listdir(ledger)) < len(killed):
        time.sleep(0.05)
    time.sleep(0.5)  # until each has told its beginning
    for process in killed:
        process.kill()
        process.wait()


def grow(home):
    line = json.dumps({"kind": "LearningExtracted", "source_task": "other", "payload": {"text": "x" * 800}}) + "\n"
    count = options.megabytes * 1_000_000 // 1000
    subprocess.run([np, "emit", "-"], env=environment(home), input=line * count, text=True, stdout=subprocess.DEVNULL)


def restore(kept, home):
    """Has everything as it was, as soon as the process in the background is done that settles."""
    ledger, deadline = home + "/.local/share/neuraphage/ledger", time.monotonic() + 60
    while any(name[:3] in ("run", "hol") for name in os.listdir(ledger)) and time.monotonic() < deadline:
        time.sleep(0.02)
    while os.path.exists(home + "/.local"):
        shutil.rmtree(home + "/.local", ignore_errors=True)
    shutil.copytree(kept, home + "/.local")
    os.sync()  # what was copied must not be written while something is timed


def terminate(home):
    process = start(home, "run", "--task", "t", "--", "sleep", "30")
    time.sleep(0.1)
    begin = time.perf_counter()
    process.terminate()
    process.wait()
    return (time.perf_counter() - begin) * 1000


with Directory() as loaded, Directory() as empty:
    kill_all(loaded)
    grow(loaded)
    grow(empty)
    kept = loaded + ".kept"
    shutil.copytree(loaded + "/.local", kept)
    listing = timed(loaded, "lock", "--list")
    term = terminate(loaded)
    pairs = []
    for _ in range(options.pairs):
        restore(kept, loaded)
        pairs.append((timed(empty, "run", "--", "true"), timed(loaded, "run", "--", "true")))
    settled = loaded + "/.local/share/neuraphage/ledger"
    while any(name[:3] in ("run", "hol") for name in os.listdir(settled)):
        time.sleep(0.05)
    ratio = statistics.median(after / before for before, after in pairs)
    shutil.rmtree(kept)
    events = [json.loads(line) for line in run(loaded, "events", "-o", "json", "-k", "Task", "-k", "Lock").stdout.splitlines()]
    wrong = []
    for name in [f"run-{n}" for n in range(options.runs)] + [f"holder-{n}" for n in range(options.holders)]:
        kinds = [event["kind"] for event in events if event["source_task"] == name]
        if kinds not in (["TaskStarted", "TaskFailed"], ["LockAcquired", "LockReleased"]):
            wrong.append(f"{name}: {kinds}")
    print(f"np run -- true: {statistics.median(b for b, _ in pairs):.1f} ms without, "
          f"{statistics.median(a for _, a in pairs):.1f} ms with; median ratio of {len(pairs)} pairs {ratio:.2f}")
    print(f"SIGTERM to np run: {term:.1f} ms    np lock --list: {listing:.1f} ms")
    print(f"{options.runs + options.holders} killed, {len(wrong)} without one beginning and one end")
    if wrong or ratio > 1.2 or listing > 100:
        sys.exit("FAILED: " + "; ".join(wrong[:5] or ["too slow"]))
