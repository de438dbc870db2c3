#!/usr/bin/env python3
"""A user's git beside np's: fetches and pulls while np fetches every second from a remote that moves, and without np.

    Proofs/git_races.py [--bin .build/release] [--fetches 40] [--pulls 10] [--full 1]

Whatever fails with np must fail without it as well. With --full 1: 400 fetches and 100 pulls.
"""

import pathlib
import subprocess
import sys
import threading
import time

from support import Directory, arguments, environment, program, require

options = arguments(__doc__.splitlines()[0], fetches=40, pulls=10, full=0)
if options.full:
    options.fetches, options.pulls = 400, 100
np = program(options.bin, "np")


class World:
    def __init__(self, home):
        self.home = pathlib.Path(home)
        self.variables = environment(home) | {
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_EDITOR": "true",
        }
        self.moves = 0

    def try_git(self, *words, place=""):
        return subprocess.run(["git", *words], cwd=self.home / place, env=self.variables, text=True, capture_output=True)

    def git(self, *words, place=""):
        ended = self.try_git(*words, place=place)
        require(ended.returncode == 0, f"git {' '.join(words)}: {ended.stderr}")
        return ended.stdout

    def move(self):
        self.moves += 1
        self.git("commit", "-q", "--allow-empty", "-m", f"move {self.moves}", place="other")
        self.git("push", "-q", "origin", "HEAD:main", place="other")

    def failures(self, place):
        """What goes wrong in a clone while the remote moves all the time."""
        is_over = threading.Event()

        def keep_moving():
            while not is_over.is_set():
                self.move()

        mover = threading.Thread(target=keep_moving)
        mover.start()
        found = []
        try:
            for command, count in [(["fetch", "-q"], options.fetches), (["pull", "-q", "--rebase"], options.pulls)]:
                for number in range(count):
                    if command[0] == "pull":
                        self.git("commit", "-q", "--allow-empty", "-m", f"mine {number}", place=place)
                    ended = self.try_git(*command, place=place)
                    if ended.returncode != 0:
                        found.append(f"git {' '.join(command)}: {ended.stderr.strip()}")
        finally:
            is_over.set()
            mover.join()
        return found


with Directory() as directory:
    world = World(directory)
    world.git("init", "-q", "-b", "main", "seed")
    world.git("commit", "-q", "--allow-empty", "-m", "0", place="seed")
    world.git("clone", "-q", "--bare", "seed", "up.git")
    for name in ["other", "alone", "watched"]:
        world.git("clone", "-q", "up.git", name)
    control = world.failures("alone")
    command = [np, "watch", "--fetch", "1s"]
    errors = open(pathlib.Path(directory, "errors"), "w+")
    watch = subprocess.Popen(
        command, cwd=pathlib.Path(directory, "watched"), env=world.variables, stdout=subprocess.DEVNULL, stderr=errors
    )
    try:
        begin = time.monotonic()
        beside = world.failures("watched")
        seconds = time.monotonic() - begin
        require(watch.poll() is None, "np watch has ended")
    finally:
        watch.terminate()
        watch.wait()
    fetched = world.git("rev-list", "--count", "refs/neuraphage/remotes/origin/main", place="watched").strip()
    errors.seek(0)
    said = [line for line in errors.read().splitlines() if ": watching " not in line]
    print(
        f"{options.fetches} fetches and {options.pulls} pulls in {seconds:.0f} s: {len(beside)} failed beside np, "
        f"{len(control)} without; the remote moved {world.moves} times, and np has fetched {fetched} commits of it"
    )
    for failure in beside + said:
        print("  " + failure)
    known = {failure.split(":")[0] for failure in control}
    require(all(failure.split(":")[0] in known for failure in beside), "np is in the way")
    require(not said, "np had trouble")
