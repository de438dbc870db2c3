#!/usr/bin/env python3
"""A fifth of the writes are short, and a fifth of the calls interrupted (shim.c): three writers of one log lose nothing,
repeat nothing and leave no line that cannot be read. Needs a C compiler, and ends with a sentence without one.
Long: --events 20000."""

import sys
from collections import Counter

from ledger import Lines, Shim, Writer, events_of, verification
from support import Directory, arguments, require

options = arguments(__doc__, events=2000, writers=3, short=20, interrupted=20, seed=1)

with Shim() as shim:
    if not shim.is_there:
        print("Skipped: there is no C compiler (cc) to make the faults with.")
        sys.exit(0)
    for durability in ("os", "10ms", "always"):
        for size in (200, 10_000):
            count = options.events if size == 200 else options.events // 10
            with Directory() as directory:
                writers = [
                    Writer(options.bin, directory, f"w{number}", size, durability, count=count, seed=options.seed + number,
                           printed=f"{directory}/printed{number}",
                           **shim.environment(short=options.short, eintr=options.interrupted, seed=options.seed + number))
                    for number in range(options.writers)
                ]
                acknowledged = []
                for writer in writers:
                    own = writer.end()
                    require(writer.process.returncode == 0, f"np emit says: {writer.errors()}")
                    require(own == [f"{writer.name}-{number}" for number in range(count)], "not all is acknowledged")
                    acknowledged += own
                lines = Lines(directory, size)
                logged = Counter(id for _, id in lines.ids)
                totals = verification(options.bin, directory)[1]
                lost = sum(id not in logged for id in acknowledged)
                repeated = sum(times > 1 for times in logged.values())
                unreadable = len(lines.damaged) + bool(lines.pending)
                print(f"{durability}, {size} bytes, {options.writers} writers: {len(acknowledged)} acknowledged, {lost} lost, "
                      f"{unreadable} unreadable, {repeated} repeated", flush=True)
                require(lost + unreadable + repeated == 0, "the log is not what was acknowledged")
                require(events_of(options.bin, directory) == [id for _, id in lines.ids], "np reads the log differently")
                require(totals["intact"] and totals["events"] == len(acknowledged), f"np events verify says {totals}")
