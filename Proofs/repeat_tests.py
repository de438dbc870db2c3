#!/usr/bin/env python3
"""The tests, again and again: on a quiet machine, and beside two compilers that never rest. Every run passes, and none
hangs: a run that takes longer than --seconds fails, and the processes that are left of it are shown. Builds the tests
first. Needs no other programs built, and takes --filter as swift test does."""

import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from support import Directory, arguments

BUILDS = 2

options = arguments(__doc__, quiet=10, busy=10, seconds=900, filter="")
package = pathlib.Path(__file__).resolve().parent.parent


class Build:
    """A compiler that compiles the same file until it is ended."""

    def __init__(self, directory):
        self.source = directory + "/Busy.swift"
        self.is_over = threading.Event()
        self.process = None
        self.count = 0
        types = "\n".join(
            f"struct Value{n}: Codable, Hashable {{ var a = {n}; var b = \"{n}\"; var c: [String: [Int?]] = [:] }}\n"
            f"func sum{n}(_ values: [Value{n}]) -> Int {{ values.map {{ $0.a + $0.c.count }}.reduce(0, +) }}"
            for n in range(150)
        )
        pathlib.Path(self.source).write_text(types)
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        output = self.source.removesuffix("swift") + "o"
        command = ["nice", "-n", "5", "swiftc", "-O", "-parse-as-library", "-c", self.source, "-o", output]
        while not self.is_over.is_set():
            quiet = subprocess.DEVNULL
            self.process = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
            if self.is_over.is_set():
                self.kill()
            if self.process.wait() == 0:
                self.count += 1

    def kill(self):
        try:
            # The compiler's driver and what it has started: a session of its own.
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def end(self):
        self.is_over.set()
        self.kill()
        self.thread.join()
        return self.count


def read(path):
    try:
        return pathlib.Path(path).read_bytes().decode(errors="replace")
    except OSError:
        return ""


def processes():
    """Each process's parent and state."""
    found = {}
    for name in os.listdir("/proc"):
        fields = read(f"/proc/{name}/stat").rpartition(")")[2].split() if name.isdigit() else []
        if fields:
            found[int(name)] = (int(fields[1]), fields[0])
    return found


def descendants(pid, found):
    """A process and all that it has started, itself first."""
    return [pid] + [other for child, (parent, _) in found.items() if parent == pid for other in descendants(child, found)]


def show_stuck(pid):
    """Prints what there is of a run, and ends it."""
    found = processes()
    stuck = [pid for pid in descendants(pid, found) if pid in found]
    for pid in stuck:
        words = read(f"/proc/{pid}/cmdline").replace("\0", " ").replace("\n", " ")[:150]
        print(f"    {pid} {found[pid][1]} {words}")
        for thread in sorted(os.listdir(f"/proc/{pid}/task"), key=int)[:40]:
            name, place = (read(f"/proc/{pid}/task/{thread}/{what}").strip() for what in ("comm", "wchan"))
            print(f"        {thread} {name} in {place}")
    for pid in stuck:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def run(output):
    """Runs the tests once; how long that took, and what was wrong."""
    command = ["swift", "test", "--skip-build"] + (["--filter", options.filter] if options.filter else [])
    begin = time.monotonic()
    process = subprocess.Popen(command, cwd=package, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        code = process.wait(timeout=options.seconds)
        outcome = "passed" if code == 0 else f"failed with {code}"
    except subprocess.TimeoutExpired:
        outcome = f"hangs after {options.seconds} s"
        show_stuck(process.pid)
        process.wait()
    except KeyboardInterrupt:
        show_stuck(process.pid)
        raise
    return time.monotonic() - begin, outcome


def repeat(count, name, busy):
    """The durations of the runs, and how many of them passed."""
    durations, passed = [], 0
    for number in range(1, count + 1):
        with Directory() as directory, tempfile.TemporaryFile() as output:
            places = [f"{directory}/{number}" for number in range(BUILDS if busy else 0)]
            for place in places:
                os.mkdir(place)
            builds = [Build(place) for place in places]
            try:
                seconds, outcome = run(output)
            finally:
                compiled = sum(build.end() for build in builds)
            durations.append(seconds)
            passed += outcome == "passed"
            beside = f", {compiled} compilations beside it" if busy else ""
            print(f"{name:>5} {number:>3}  {seconds:6.1f} s  {outcome}{beside}", flush=True)
            if outcome != "passed":
                output.seek(0)
                lines = output.read().decode(errors="replace").splitlines()
                issues = [line for line in lines if line.startswith(("✘ Test ", "↳")) or "fatal" in line.lower()]
                print("".join(f"    {line[:400]}\n" for line in issues[:60] + lines[-20:]), flush=True)
    return durations, passed


built = subprocess.run(["swift", "build", "--build-tests", "--jobs", "2"], cwd=package, stdout=subprocess.DEVNULL)
if built.returncode:
    sys.exit("FAILED: the tests do not build")

results = {
    "quiet": repeat(options.quiet, "quiet", busy=False),
    "busy": repeat(options.busy, "busy", busy=True),
}
print(f"\n{'':5} {'runs':>5} {'passed':>7} {'shortest':>9} {'median':>8} {'longest':>8}")
for name, (durations, passed) in results.items():
    if durations:
        times = f"{min(durations):>7.1f} s {statistics.median(durations):>6.1f} s {max(durations):>6.1f} s"
        print(f"{name:5} {len(durations):>5} {passed:>7} {times}")
if any(passed < len(durations) for durations, passed in results.values()):
    sys.exit("FAILED: not every run passed")
