#!/usr/bin/env python3
"""Power cuts under a writer, on an ext4 in a loop file that is shut down without flushing its journal: `always` loses
nothing that was acknowledged; an interval of 10 ms loses nothing that was there when the last synchronization before the cut
began, and that is 10 ms and a synchronization ago at most; what `os` loses is told. Nothing but the last line before a cut is damaged, and the next append can be read.
Needs root, and ends with a sentence without it. Long: --cuts 50."""

import fcntl
import os
import random
import struct
import subprocess
import sys
import time

from ledger import Lines, Shim, Writer, events_of, verification, whole_line_after
from support import Directory, arguments, require

options = arguments(__doc__, cuts=5, durability="always,10ms,os", megabytes=1024, slack_ms=50, seed=1)
chance = random.Random(options.seed)

SHUT_DOWN = 0x8004587D  # FS_IOC_SHUTDOWN
WITHOUT_JOURNAL = struct.pack("I", 2)
CUTS_PER_LOG = 5


class Disk:
    """A file system whose power can be cut."""

    def __init__(self, directory):
        self.image, self.path, self.is_mounted = directory + "/image", directory + "/disk", False
        os.mkdir(self.path)
        with open(self.image, "wb") as image:
            image.truncate(options.megabytes << 20)
        self.run("mkfs.ext4", "-q", "-F", "-m", "0", self.image)

    def run(self, *command):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: {done.stderr.strip()}")

    def mount(self):
        self.run("mount", "-o", "loop", self.image, self.path)
        self.is_mounted = True

    def unmount(self):
        self.run("umount", self.path)
        self.is_mounted = False

    def cut(self):
        """From now on nothing reaches the disk. When that began, in ns."""
        descriptor = os.open(self.path, os.O_RDONLY)
        begin = time.time_ns()
        fcntl.ioctl(descriptor, SHUT_DOWN, WITHOUT_JOURNAL)
        os.close(descriptor)
        return begin

    def __enter__(self):
        try:
            self.mount()
        except SystemExit as reason:
            print(f"Skipped: {reason}")
            sys.exit(0)
        return self

    def __exit__(self, *_):
        if self.is_mounted:
            self.unmount()


def age(id, now):
    """How long before the cut np made this id, in ms. Its event was acknowledged later than that."""
    return now / 1_000_000 - int(id.replace("-", "")[:12], 16)


def content(data):
    """The bytes of the log's active file."""
    try:
        with open(data + "/event_log.jsonl", "rb") as log:
            return log.read()
    except FileNotFoundError:
        return b""


def check_interval(syncs, now, oldest, is_new):
    """How long before the cut the last synchronization began that has succeeded, in ms."""
    ended = [sync for sync in syncs if sync.begin + sync.took <= now and sync.error == 0]
    files = [sync for sync in ended if not sync.is_directory]
    if not files or is_new and sum(sync.is_directory for sync in ended) < 2:
        return 0  # nothing was safe yet: it is about the first interval
    last = files[-1]
    window = (now - last.begin) / 1_000_000
    running = max([(now - sync.begin) / 1_000_000 for sync in syncs if sync.begin <= now < sync.begin + sync.took], default=0)
    require(oldest <= window + options.slack_ms,
            f"an event made {oldest:.0f} ms before the cut is lost, and a synchronization began {window:.0f} ms before it")
    # One that takes longer than the interval takes its place; and the machine may be busy.
    bound = max(10, last.took / 1_000_000) + running + options.slack_ms
    require(window <= bound, f"the last synchronization began {window:.0f} ms before the cut, more than {bound:.0f} ms")
    return window


def cut_repeatedly(disk, durability, own, shim):
    acknowledged = lost = worst = torn = nul = 0
    ages, windows, longest = [], [], 0.0
    safe, known, damaged = set(), b"", 0
    for cut in range(options.cuts):
        data = f"{disk.path}/log{cut // CUTS_PER_LOG}"
        if cut % CUTS_PER_LOG == 0:
            safe, known, damaged = set(), b"", 0
        writer = Writer(options.bin, data, None, (200, 10_000)[cut % 2], durability, printed=own + "/printed", pause=0.002,
                        seed=chance.random(), HOME=own, **shim.environment(journal=own + "/journal"))
        writer.wait_until_it_works()
        time.sleep(chance.uniform(0.02, 0.2))
        before = writer.acknowledged()
        now = disk.cut()
        time.sleep(0.02)  # for a synchronization that runs to be noted
        writer.kill()
        disk.unmount()
        disk.mount()
        syncs = shim.syncs(own + "/journal")
        if syncs:
            os.unlink(own + "/journal")

        # What is acknowledged while the power goes doesn't count: the system, which lives on here, tells some of those who
        # synchronize at that moment that they have succeeded.
        after = content(data)
        lines = Lines(data)
        logged = [id for _, id in lines.ids]
        present = set(logged)
        missing = [id for id in before if id not in present]
        acknowledged += len(before)
        lost += len(missing)
        worst = max(worst, len(missing))
        ages += [age(missing[0], now)] if missing else []
        longest = max([longest] + [sync.took / 1_000_000 for sync in syncs if sync.begin + sync.took <= now])
        if durability == "10ms" and syncs:
            windows += [check_interval(syncs, now, ages[-1] if missing else 0, cut % CUTS_PER_LOG == 0)]
        torn += bool(lines.pending)
        nul += b"\0" in after[len(known):]

        require(after.startswith(known), "what was on the disk before has changed")
        require(safe <= present, "events that were on the disk are gone")
        require(len(logged) == len(present), "events are repeated")
        require(len(lines.damaged) + bool(lines.pending) <= damaged + 1, "more than the last line is damaged")
        whole_line_after(options.bin, data)
        read = Lines(data)
        damaged = len(read.damaged)
        totals = verification(options.bin, data)[1]
        require(events_of(options.bin, data) == [id for _, id in read.ids], "np reads the log differently")
        require(totals["damaged"] == damaged and totals["repeated"] == 0, f"np events verify says {totals}")
        safe, known = present, after

    def middle_and_most(times):
        return f"{sorted(times)[len(times) // 2]:.0f} ms (median) and {max(times):.0f} ms (longest)"

    print(f"{durability}: {options.cuts} cuts, {acknowledged} acknowledged, {lost} lost, {worst} in the worst cut; {torn} torn "
          f"tails, {nul} with NUL bytes; a synchronization took {longest:.0f} ms at most", flush=True)
    if ages:
        print(f"    in {len(ages)} cuts something was lost, the oldest of it made {middle_and_most(ages)} before the cut")
    if windows:
        print(f"    the last synchronization that had succeeded began {middle_and_most(windows)} before the cut")
    require(durability != "always" or lost == 0, "acknowledged events are lost")


if os.geteuid() != 0:
    print("Skipped: cutting the power of a file system needs root.")
    sys.exit(0)
for durability in options.durability.split(","):
    with Directory() as directory, Shim() as shim:
        own = directory + "/own"
        os.mkdir(own)
        with Disk(directory) as disk:
            cut_repeatedly(disk, durability, own, shim)
