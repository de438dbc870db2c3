#!/usr/bin/env python3
"""One synchronization fails, the first, the second and so on, and all others succeed, as on Linux, where that proves
nothing (shim.c). Then the file has ended, numbered and read-only. What of it was not on the disk by a synchronization that
succeeded is taken for lost: everything that was acknowledged stands in what is left, readers see it once, and what was
not is reported line by line. Needs a C compiler, and ends with a sentence without one. Long: --syncs 40."""

import os
import re
import sys
from collections import Counter

from ledger import Lines, Shim, Writer, events_of, verification
from support import Directory, arguments, require

options = arguments(__doc__, syncs=8, events=300)
ENDED, ACTIVE = "event_log.000001.jsonl", "event_log.jsonl"


def ids_in(bytes):
    return {match.decode() for match in re.findall(rb'\{"id":"([^"]+)"', bytes)}


def fail(shim, durability, number):
    """What became of the events: acknowledged, refused, and not in the file that has ended as far as it is safe."""
    with Directory() as directory:
        journal = directory + "/journal"
        writer = Writer(options.bin, directory, "w", 200, durability, count=options.events, pause=0.002, single=True,
                        **shim.environment(fail_sync=number, journal=journal))
        acknowledged = writer.end()
        refused = {int(line) for line in re.findall(r"line (\d+):", writer.errors())}
        require(len(acknowledged) + len(refused) == options.events, "an event is neither acknowledged nor refused")
        require((writer.process.returncode == 1) == bool(refused), f"the exit code is {writer.process.returncode}")
        require(not {f"w-{line - 1}" for line in refused} & set(acknowledged), "an event is acknowledged and refused")

        ended = directory + "/" + ENDED
        require(os.path.exists(ended), "the file has not ended")
        require(os.stat(ended).st_mode & 0o777 == 0o400, "the file that has ended is not read-only")
        inode = os.stat(ended).st_ino
        safe = max([sync.size for sync in shim.syncs(journal) if sync.inode == inode and sync.error == 0], default=0)
        with open(ended, "rb") as file:
            old = file.read()
        with open(directory + "/" + ACTIVE, "rb") as file:
            new = ids_in(file.read())
        unsafe = set(acknowledged) - ids_in(old[:safe])
        require(unsafe <= new, f"{len(unsafe - new)} acknowledged events are only where they may not be on the disk")

        lines = Lines(directory, 200)
        require(not lines.damaged and not lines.pending, "a line cannot be read")
        require([payload["previous"] for _, payload in lines.resumptions] == [ENDED], "the next file does not say what it follows")
        shown = Counter(id for id in events_of(options.bin, directory) if id.startswith("w-"))
        require(set(acknowledged) <= set(shown), "np does not show what was acknowledged")
        require(max(shown.values()) == 1, "np shows an event twice")
        totals = verification(options.bin, directory)[1]
        require(totals["intact"] and totals["repeated"] == 0, f"np events verify says {totals}")
        return len(acknowledged), len(refused), totals["written_again"]


with Shim() as shim:
    if not shim.is_there:
        print("Skipped: there is no C compiler (cc) to make the faults with.")
        sys.exit(0)
    for durability in ("always", "10ms"):
        results = [fail(shim, durability, number) for number in range(1, options.syncs + 1)]
        acknowledged, refused, again = (sum(column) for column in zip(*results))
        print(f"{durability}: synchronizations 1 to {options.syncs}, each failing once: {acknowledged} acknowledged, 0 of them "
              f"only in a file that could not be synchronized; {refused} refused, {again} written again", flush=True)
