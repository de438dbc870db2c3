#!/usr/bin/env python3
"""A disk without a free block, on a tmpfs and on an ext4 in a loop file: events through the daemon, which is stopped, and
commands under np run, hooks and np lock. Each of them works, and when there is room again each event is in the log once, or
counted by it; np events verify and np sessions agree. Then the process that drains the reserve is killed with -9 at each of
its system calls that could matter. Then the ext4 becomes read-only: np emit fails, np run runs its command, np lock refuses
to run one without the lock, hooks exit with 0, and nothing is claimed that the log does not have.

A quota is not set: most kernels for virtual machines have none. What a process gets to see of one is another error number.
Needs root, and strace for the kills; ends with a sentence without."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter

from ledger import Lines, log_environment
from support import SIGTERM, Daemon, Directory, arguments, log_files, program, require, wait_until

options = arguments(__doc__, events=60, commands=20)
NP = program(options.bin, "np")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


class Disk:
    """A small file system, mounted."""

    def __init__(self, directory, kind):
        self.path = directory + "/disk"
        os.mkdir(self.path)
        if kind == "tmpfs":
            done = run("mount", "-t", "tmpfs", "-o", "size=8m", "none", self.path)
        else:
            image = directory + "/image"
            with open(image, "wb") as file:
                file.truncate(64 << 20)
            done = run("mkfs.ext4", "-q", "-F", "-m", "0", image)
            done = run("mount", "-o", "loop", image, self.path) if done.returncode == 0 else done
        if done.returncode != 0:
            print(f"Skipped: {done.stderr.strip()}")
            sys.exit(0)

    def fill(self):
        with open(self.path + "/filler", "wb", buffering=0) as filler:
            for size in (1 << 16, 1):
                try:
                    while filler.write(b"x" * size) == size:
                        pass
                except OSError:
                    pass

    def free(self):
        os.unlink(self.path + "/filler")

    def remount(self, mode):
        # What commands left in the background may still have a file open.
        wait_until(lambda: run("mount", "-o", "remount," + mode, self.path).returncode == 0, "remounting")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        run("umount", "-l", self.path)


class Home:
    """Commands on one data directory, with a home of their own elsewhere."""

    def __init__(self, home, data):
        self.data, self.settings = data, log_environment(home) | {"NP_DATA_DIR": data, "NP_AGENTS_RECORD": "all"}

    def np(self, *words, input=""):
        begin = time.monotonic()
        done = subprocess.run([NP, *words], capture_output=True, text=True, input=input, env=self.settings,
                              cwd=self.settings["HOME"], timeout=60)
        return done, time.monotonic() - begin

    def emit(self, task):
        return self.np("emit", "TaskStarted", "--task", task)[0].returncode

    def hook(self, session):
        call = {"session_id": session, "cwd": "/", "hook_event_name": "SessionStart"}
        return self.np("hook", "claude", input=json.dumps(call))

    def verification(self):
        done = self.np("events", "verify", "--json")[0]
        return json.loads(done.stdout.splitlines()[-1])

    def mentions(self, name):
        """How many events of the log speak of it."""
        count = 0
        for file in log_files(self.data):
            with open(f"{self.data}/{file}", encoding="utf-8") as log:
                count += sum(f'"{name}"' in line for line in log)
        return count


def commands(home, logged, name="", locks=True):
    """np run, hooks and np lock, each some times, whether that is logged or not; the longest it took."""
    longest = {}
    for number in range(options.commands):
        for what, (done, seconds), output in [
            ("np run", home.np("run", "--task", f"{name}run-{number}", "--", "echo", "ran"), "ran\n"),
            ("a hook", home.hook(f"{name}session-{number}"), ""),
            ("np lock", home.np("lock", f"lock-{number}", "--task", f"lock-{number}", "--", "echo", "locked"), "locked\n"),
        ]:
            if what == "np lock" and not locks:
                require(done.returncode == 1 and not done.stdout, f"np lock ends with {done.returncode}: {done.stdout}")
                continue
            require(done.returncode == 0, f"{what} ends with {done.returncode}: {done.stderr}")
            require(done.stdout == output, f"{what} prints {done.stdout}")
            if what != "a hook":
                require(("logged" in done.stderr) != logged, f"{what} says: {done.stderr}")
            longest[what] = max(longest.get(what, 0), seconds)
    return ", ".join(f"{what} {seconds:.2f} s" for what, seconds in longest.items())


def full(kind):
    with Directory() as directory, Disk(directory, kind) as disk:
        data = disk.path + "/d"
        home = Home(directory, data)
        require(home.emit("first") == 0, "the first event is not logged")
        with Daemon(options.bin, data) as daemon:
            disk.fill()
            while home.emit("padding") == 0:
                pass
            results = Counter()
            for number in range(options.events):
                results[daemon.publish({"id": f"e-{number}", "kind": "TaskStarted", "source_task": "through-daemon"})] += 1
            longest = commands(home, logged=False)
            code, seconds = daemon.signal(SIGTERM)
            require(code == 1, f"the daemon that leaves events ends with {code}")
        waiting = home.verification()
        require(waiting["in_reserve"] > 0 and waiting["intact"], f"np events verify says {waiting}")
        shutil.copytree(data, directory + "/left", ignore=shutil.ignore_patterns("*.sock"))
        disk.free()
        with Daemon(options.bin, data) as daemon:
            wait_until(lambda: daemon.health()["reserve"]["waiting"] == 0, "draining")
            code, _ = daemon.signal(SIGTERM)
            require(code == 0, f"the daemon ends with {code}")
        lines = Lines(data)
        ids = Counter(id for _, id in lines.ids)
        require(not lines.damaged and not lines.pending, "a line cannot be read")
        require(max(ids.values()) == 1, "an event is in the log twice")
        totals = home.verification()
        require(totals["intact"] and totals["repeated"] == 0 and totals["in_reserve"] == 0, f"np events verify says {totals}")
        through = sum(ids[f"e-{number}"] for number in range(options.events))
        require(through + totals["lost"] >= options.events, f"{through} of the daemon's events are in the log")
        for number in range(options.commands):
            require(home.mentions(f"run-{number}") == 2, f"run-{number} is not told once")
            require(home.mentions(f"lock-{number}") >= 2, f"lock-{number} is not told once")
            require(home.mentions(f"session-{number}") >= 1, f"session-{number} is not told")
        sessions = home.np("sessions")[0].stdout
        require("died" not in sessions, f"np sessions says {sessions}")
        said = ", ".join(f"{count} {result}" for result, count in sorted(results.items()))
        print(f"{kind}, full: {options.events} events through the daemon: {said}; {options.commands} each, the longest: "
              f"{longest}; the daemon's end {seconds:.2f} s; {waiting['in_reserve']} events in the reserve, "
              f"{totals['lost']} lost to it and counted; all of them are in the log once", flush=True)
        return drain_and_kill(directory, directory + "/left")


CALLS = ["flock", "pread64", "write", "pwrite64", "fdatasync", "ftruncate", "renameat2", "unlink", "close"]


def drain(directory, left, begin=()):
    """Drains a copy of what was left by np emit, and once more. Whether it came to its end, and how many events there are."""
    data = directory + "/again"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(left, data)
    home = Home(directory, data)
    done = subprocess.run([*begin, NP, "emit", "TaskStarted", "--task", "drains"], capture_output=True, text=True,
                          env=home.settings, cwd=directory)
    require(home.emit("next") == 0, "the next event is not logged")
    ids = Counter(id for _, id in Lines(data).ids)
    require(max(ids.values()) == 1, f"{begin}: an event is in the log twice")
    totals = home.verification()
    require(totals["damaged"] == 0 and totals["in_reserve"] == 0, f"{begin}: {totals}")
    return done.returncode == 0, len(ids)


def drain_and_kill(directory, left):
    """Kills np emit, which drains the reserve, at each of its calls."""
    if shutil.which("strace") is None:
        print("    Skipped: there is no strace to kill at each call with.")
        return
    expected, killed = drain(directory, left)[1], 0
    for call in CALLS:
        number, is_over = 0, False
        while not is_over:
            number += 1
            inject = f"inject={call}:signal=SIGKILL:when={number}"
            begin = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject]
            is_over, count = drain(directory, left, begin)
            # What np emit itself is told may be in the log or not.
            require(expected - 1 <= count <= expected, f"killed at {call} {number}, {count} events are in the log")
            killed += not is_over
    print(f"    np emit killed at each of {killed} calls while it drains: each event is in the log once", flush=True)


def read_only():
    with Directory() as directory, Disk(directory, "ext4") as disk:
        home = Home(directory, disk.path + "/d")
        require(home.emit("first") == 0, "the first event is not logged")
        before = Lines(home.data).ids
        disk.remount("ro")
        done, _ = home.np("emit", "TaskStarted", "--task", "second")
        require(done.returncode == 1 and done.stdout == "", f"np emit ends with {done.returncode}, and prints {done.stdout}")
        longest = commands(home, logged=False, locks=False)
        require(home.np("events", "verify")[0].returncode == 0, "np events verify fails")
        disk.remount("rw")
        require(Lines(home.data).ids == before, "the log has changed")
        require(home.verification()["in_reserve"] == 0, "the reserve has something")
        commands(home, logged=True)
        for number in range(options.commands):
            require(home.mentions(f"run-{number}") == 2, f"run-{number} is not told once")
            require(home.mentions(f"session-{number}") >= 1, f"session-{number} was claimed to be told")
        print(f"ext4, read-only: np emit exits with 1; {options.commands} each, the longest: {longest}; nothing is claimed, "
              f"and when it is writable again everything is logged", flush=True)


if os.geteuid() != 0:
    print("Skipped: mounting a file system needs root.")
    sys.exit(0)
for kind in ("tmpfs", "ext4"):
    full(kind)
read_only()
