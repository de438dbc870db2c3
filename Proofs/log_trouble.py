#!/usr/bin/env python3
"""The log deleted, renamed, replaced by a directory, and made unwritable under a running daemon: what was acknowledged
as written stands in the file that was the log then, and afterwards logging goes on by itself. Not as root, whom
permissions don't stop: then the daemon runs as user 65534."""

import os
import time

from support import Daemon, Directory, arguments, log_files, logged_ids, require, wait_until

options = arguments(__doc__)
results = {}
number = 0


def publish(daemon):
    global number
    number += 1
    begin = time.monotonic()
    result = daemon.publish({"id": f"e-{number}", "kind": "TaskStarted"})
    results[f"e-{number}"] = result
    return result, time.monotonic() - begin


def during(daemon, what, seconds=1.0):
    """Publishes for a while; what became of the events."""
    seen, longest, deadline = {}, 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        result, took = publish(daemon)
        seen[result] = seen.get(result, 0) + 1
        longest = max(longest, took)
    said = ", ".join(f"{count} {result}" for result, count in sorted(seen.items()))
    print(f"{what}: {said}; state {daemon.health()['log']['state']}; longest answer {longest * 1000:.0f} ms")
    require(longest < 1, "an answer took too long")


def goes_on(daemon, path=None):
    wait_until(lambda: publish(daemon)[0] == "written" and os.path.isfile(path or daemon.log), "logging again", 10)
    wait_until(lambda: daemon.health()["status"] == "ok", "health again", 10)


with Directory() as directory:
    data = directory + "/d"
    os.mkdir(data, 0o700)
    wrapper = []
    if os.geteuid() == 0:
        wrapper = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        os.chmod(directory, 0o755)
        os.chown(data, 65534, 65534)
    with Daemon(options.bin, data, wrapper) as daemon:
        during(daemon, "undisturbed")
        os.link(daemon.log, data + "/deleted")
        os.unlink(daemon.log)
        during(daemon, "deleted")
        goes_on(daemon)
        os.rename(daemon.log, data + "/renamed")
        during(daemon, "renamed")
        goes_on(daemon)
        os.rename(daemon.log, data + "/aside")
        os.mkdir(daemon.log)
        during(daemon, "a directory in its place")
        os.rmdir(daemon.log)
        goes_on(daemon)
        os.chmod(daemon.log, 0o400)
        os.rename(daemon.log, data + "/readonly")
        os.chmod(data, 0o500)
        during(daemon, "gone, and the directory unwritable")
        os.chmod(data, 0o700)
        goes_on(daemon)
        during(daemon, "writable again")
        aside = ["deleted", "renamed", "aside", "readonly"]
        logged = set(logged_ids(*[data + "/" + name for name in log_files(data) + aside]))
        missing = [id for id, result in results.items() if result == "written" and id not in logged]
        require(not missing, f"{len(missing)} acknowledged events are in no file")
        with open(data + "/daemon.log") as own:
            warnings = own.read().splitlines()
        written = sum(result == "written" for result in results.values())
        print(f"{len(results)} events, {written} acknowledged as written: each stands in a file. The daemon's log has "
              f"{len(warnings)} lines:")
        for line in warnings[:20]:
            print("   ", line[:150].replace(directory, "DIR"))
        require(len(warnings) < 40, "the daemon's log is flooded")
