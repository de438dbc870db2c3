#!/usr/bin/env python3
"""How long np takes to say who does what: on a log of many events with and without a checkpoint, beside one pass over that
log, and with many worktrees. Times are from fork to exit; medians of --runs runs, and the longest."""

import json
import os
import shutil
import statistics
import subprocess
import time

import large_log
from support import Directory, arguments, environment, program, require

options = arguments(__doc__.split(":")[0], megabytes=2_850, worktrees=500, runs=21, log="")
NP = program(options.bin, "np")
GIT = {f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def run(home, *words, cwd="/", said=subprocess.DEVNULL):
    """Seconds until np has ended."""
    begin = time.perf_counter()
    done = subprocess.run([NP, *words], env=environment(home) | GIT, cwd=cwd, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=said)
    taken = time.perf_counter() - begin
    require(done.returncode == 0, f"np {' '.join(words)} exited with {done.returncode}")
    return taken


def row(name, times):
    print(f"{name:<44} {statistics.median(times):8.3f} {max(times):8.3f}", flush=True)


with Directory() as home:
    data = home + "/.local/share/neuraphage"
    os.makedirs(data, mode=0o700)
    log = data + "/event_log.jsonl"
    if options.log:
        shutil.copy(options.log, log)
    else:
        large_log.write(log, options.megabytes)
    with open(log, "rb") as lines:
        count = sum(1 for _ in lines)
    print(f"{count:,} events, {os.path.getsize(log) / 1e6:,.0f} MB; in s\n{'':<44} {'median':>8} {'longest':>8}")
    scan = run(home, "events", "-o", "json")
    row("np events -o json, one pass", [scan])
    with open(home + "/said", "w+") as said:
        cold = run(home, said=said)
        said.seek(0)
        require(cold < 2 or "reading the log" in said.read(), "np reads for seconds and does not say so")
    row("np, no checkpoint", [cold])
    print(f"{'':<44} {cold / scan:8.2f} × one pass")
    row("np", [run(home) for _ in range(options.runs)])
    row("np tasks -o json", [run(home, "tasks", "-o", "json") for _ in range(options.runs)])
    listed = subprocess.run([NP, "tasks", "--all", "-o", "json"], env=environment(home), capture_output=True, check=True)
    task = json.loads(listed.stdout)["tasks"][0]["task"]
    row(f"np why {task}", [run(home, "why", task) for _ in range(options.runs)])

with Directory() as home:
    shop = home + "/shop"
    quiet = {"env": environment(home) | GIT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
    subprocess.run(["git", "init", "-q", "-b", "main", shop], **quiet)
    subprocess.run(["git", "-C", shop, "commit", "-q", "--allow-empty", "-m", "one"], **quiet)
    for number in range(options.worktrees):
        place = f"{home}/task-{number}"
        subprocess.run(["git", "-C", shop, "worktree", "add", "-q", "-b", f"task-{number}", place], **quiet)
    run(home, "init", "--no-daemon", cwd=shop)
    begins = "".join(f'{{"kind":"TaskStarted","source_task":"task-{number}"}}\n' for number in range(options.worktrees))
    subprocess.run([NP, "emit", "-"], input=begins.encode(), **quiet)
    run(home, "watch", "--once", cwd=shop)
    row(f"np, {options.worktrees} worktrees", [run(home, cwd=shop) for _ in range(options.runs)])
