#!/usr/bin/env python3
"""kill -9 at random moments of writers of one log, for each durability, with events of 200 bytes and of 10 KB: nothing
that was acknowledged is lost, nothing is repeated, and what stands behind a fragment can be read. Then two writers of one
log, of which one is killed again and again: the other loses nothing. Long: --kills 500 --survivor-kills 200."""

import random
import time
from collections import Counter

from ledger import Lines, Writer, events_of, verification, whole_line_after
from support import Directory, arguments, require

options = arguments(__doc__, kills=20, survivor_kills=20, seed=1)
chance = random.Random(options.seed)
KILLS_PER_LOG = 50
MODES = ("os", "10ms", "always")


class Account:
    """What became of everything, over several logs."""

    def __init__(self):
        self.kills = self.acknowledged = self.logged = self.lost = self.repeated = self.fragments = self.glued = 0
        self.differences = 0

    def close(self, directory, size, acknowledged, kills):
        """Reads a log that nobody writes to any more."""
        whole_line_after(options.bin, directory)
        lines = Lines(directory, size)
        ids = [id for _, id in lines.ids]
        logged = Counter(ids)
        totals = verification(options.bin, directory)[1]
        self.kills += kills
        self.acknowledged += len(acknowledged)
        self.logged += len(ids)
        self.lost += sum(id not in logged for id in acknowledged)
        self.repeated += sum(count > 1 for count in logged.values())
        self.fragments += len(lines.damaged)
        # A fragment is the beginning of one line. Two beginnings in a line are an event glued to it.
        self.glued += sum(line.count(b'{"id":') != 1 and len(line) > 7 for _, line in lines.damaged)
        self.differences += (events_of(options.bin, directory) != ids) + (totals["damaged"] != len(lines.damaged))
        self.differences += totals["events"] != len(ids) or totals["repeated"] != 0
        require(len(lines.damaged) <= kills, f"{len(lines.damaged)} damaged lines after {kills} kills")

    def tell(self, what):
        print(f"{what}: {self.kills} kills, {self.acknowledged} acknowledged, {self.lost} lost, {self.repeated} repeated; "
              f"{self.logged} in the log, {self.fragments} fragments", flush=True)
        require(self.lost == 0, "acknowledged events are lost")
        require(self.repeated == 0, "events are repeated")
        require(self.glued == 0, "an event is glued to a fragment")
        require(self.differences == 0, "np reads the log differently")


def some_kills(account, size, durability, kills):
    """Writers of one log, one to three at a time, each killed at a moment of its own."""
    with Directory() as directory:
        acknowledged, done = [], 0
        while done < kills:
            writers = [
                Writer(options.bin, directory, f"{done + number}", size, durability,
                       printed=f"{directory}/printed{number}", seed=chance.random())
                for number in range(min(chance.randint(1, 3), kills - done))
            ]
            for writer in writers:
                writer.wait_until_it_works()
                time.sleep(chance.uniform(0, 0.015))
                acknowledged += writer.kill()
            done += len(writers)
        account.close(directory, size, acknowledged, kills)


for durability in MODES:
    for size in (200, 10_000):
        account = Account()
        while account.kills < options.kills:
            some_kills(account, size, durability, min(KILLS_PER_LOG, options.kills - account.kills))
        account.tell(f"{durability}, {size} bytes")

for durability in MODES:
    account = Account()
    with Directory() as directory:
        # It goes slowly enough for the log not to fill the disk, and writes between any two kills.
        survivor = Writer(options.bin, directory, "survivor", 200, durability, pause=0.005)
        acknowledged = []
        for number in range(options.survivor_kills):
            victim = Writer(options.bin, directory, f"{number}", 200, durability, printed=f"{directory}/victim",
                            seed=chance.random())
            victim.wait_until_it_works()
            time.sleep(chance.uniform(0, 0.015))
            acknowledged += victim.kill()
        own = survivor.stop()
        require(survivor.process.returncode == 0, f"the survivor says: {survivor.errors()}")
        require(len(own) == survivor.fed, f"the survivor was given {survivor.fed} events and acknowledged {len(own)}")
        account.close(directory, 200, acknowledged + own, options.survivor_kills)
    account.tell(f"{durability}, two writers, one killed; {len(own)} events of the survivor")
