#!/usr/bin/env python3
"""Git as if np were not there: what git commands cost in a repository that `np init` has set up, and what a look costs.

    Proofs/git_costs.py [--bin .build/release] [--pairs 5] [--references 200] [--worktrees 100] [--full 1]

Each command runs in turn in a repository with np's hooks and in one without; printed is the median of each, and of the pairs.
With --full 1: 21 pairs, 1,000 references, 500 worktrees. Needs git; the figures that are promises are those of a release
build on a machine that does nothing else.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import time

from support import Directory, arguments, environment, program, require

options = arguments(__doc__.splitlines()[0], pairs=5, references=200, worktrees=100, full=0)
if options.full:
    options.pairs, options.references, options.worktrees = 21, 1_000, 500
np = program(options.bin, "np")


def median(values):
    return statistics.median(values)


class World:
    def __init__(self, home):
        self.home = pathlib.Path(home)
        self.variables = environment(home) | {
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_EDITOR": "true",
        }
        for name in list(self.variables):
            if name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
                del self.variables[name]
        self.git("config", "--global", "init.defaultBranch", "main")
        self.git("config", "--global", "gc.auto", "0")
        self.git("config", "--global", "maintenance.auto", "false")

    def run(self, *words, place="", input=None, variables=None):
        ended = subprocess.run(
            words, cwd=self.home / place, env=variables or self.variables, input=input, text=True, capture_output=True
        )
        require(ended.returncode == 0, f"{' '.join(words)}: {ended.stderr}")
        return ended.stdout

    def git(self, *words, place="", input=None):
        return self.run("git", *words, place=place, input=input)

    def commit(self, place, text, file="file"):
        (self.home / place / file).write_text(text)
        self.git("add", file, place=place)
        self.git("commit", "-q", "-m", f"Change {file}", place=place)

    def time(self, *words, place):
        begin = time.perf_counter()
        self.run(*words, place=place)
        return (time.perf_counter() - begin) * 1_000

    def settle(self):
        """Waits until no look is under way that a hook has started: each command is to pay for itself."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            names = []
            for entry in pathlib.Path("/proc").iterdir():
                if entry.name.isdigit():
                    try:
                        names.append((entry / "cmdline").read_bytes())
                    except OSError:
                        pass
            if not any(np.encode() in name for name in names):
                return
            time.sleep(0.02)


def compare(world, title, places, prepare, words, most=None, plus=None):
    """Runs a command in turn in both places; returns whether it costs no more than it may."""
    times = {place: [] for place in places}
    for number in range(options.pairs):
        order = places if number % 2 == 0 else places[::-1]
        for place in order:
            prepare(place, number)
            world.settle()
            times[place].append(world.time(*words(place, number), place=place))
    bare, hooked = (times[place] for place in places)
    ratio = median([b / a for a, b in zip(bare, hooked)])
    more = median([b - a for a, b in zip(bare, hooked)])
    is_well = (most is None or ratio <= most) and (plus is None or more <= plus)
    bound = f"at most {most} times" if most else f"at most {plus} ms more"
    print(
        f"{title}: without np {median(bare):.1f} ms, with np {median(hooked):.1f} ms, "
        f"{ratio:.2f} times, {more:+.1f} ms ({bound}{'' if is_well else ': MISSED'})"
    )
    return is_well


def commands(world):
    world.git("init", "-q", "upstream")
    for number in range(3):
        world.commit("upstream", f"{number}\n")
    places = ["bare", "hooked"]
    for place in places:
        world.git("clone", "-q", "upstream", place)
    world.run(np, "init", "--no-daemon", place="hooked")
    tips = world.git("rev-list", "main", place="upstream").split()

    def move(place, number):
        if place == (places if number % 2 == 0 else places[::-1])[0]:
            tip = tips[number % 2]
            lines = "".join(f"update refs/heads/b{index} {tip}\n" for index in range(options.references))
            world.git("update-ref", "--stdin", place="upstream", input=lines)

    for place in places:
        move(places[0], 1)
        world.git("fetch", "-q", place=place)
    is_well = compare(
        world, f"git fetch of {options.references} references", places, move,
        lambda *_: ("git", "fetch", "-q"), most=1.3,
    )

    def nothing(*_):
        pass

    is_well &= compare(
        world, "git commit", places, nothing,
        lambda *_: ("git", "commit", "-q", "--allow-empty", "-m", "x"), plus=5,
    )

    def branch(place, number):
        world.git("checkout", "-q", "-B", "work", "origin/main", place=place)
        for index in range(10):
            world.commit(place, f"{number} {index}\n", file=f"own{index}")
        world.git("checkout", "-q", "-B", "onto", "origin/main", place=place)
        world.commit(place, f"{number}\n", file="theirs")
        world.git("checkout", "-q", "work", place=place)

    is_well &= compare(
        world, "git rebase of 10 commits", places, branch, lambda *_: ("git", "rebase", "-q", "onto"), most=1.15
    )
    return is_well


def counted(world, place):
    """A look, and how many programs called git it has started and how many it has looked for in vain."""
    trace = str(world.home / "trace")
    world.run("strace", "-f", "-qq", "-e", "trace=execve", "-o", trace, np, "watch", "--once", place=place)
    lines = [line for line in pathlib.Path(trace).read_text().splitlines() if '/git"' in line]
    return sum(" = 0" in line for line in lines), sum("ENOENT" in line for line in lines)


def looks(world):
    is_well = True
    for is_ahead in [False, True]:
        place = f"looks-{is_ahead}"
        world.git("init", "-q", place)
        world.commit(place, "0\n")
        for number in range(options.worktrees):
            world.git("worktree", "add", "-q", "-b", f"neuraphage/{place}-{number}", f"../{place}-{number}", place=place)
            if is_ahead:
                world.commit(f"{place}-{number}", f"{number}\n", file="own")
        world.run(np, "watch", "--once", place=place)
        moved, still = [], []
        for number in range(max(3, options.pairs // 3)):
            world.commit(place, f"{number + 1}\n")
            moved.append(world.time(np, "watch", "--once", place=place))
            still.append(world.time(np, "watch", "--once", place=place))
        kind = "each with a commit of its own" if is_ahead else "all at one commit"
        scale = options.worktrees / 500
        print(
            f"a look at {options.worktrees} worktrees, {kind}: {median(moved):.0f} ms after main has moved, "
            f"{median(still):.0f} ms with nothing new"
        )
        is_well &= scale < 1 or (median(moved) <= 1_000 and median(still) <= 150)
    counts = []
    for number in [0, 30]:
        place = f"count-{number}"
        world.git("init", "-q", place)
        world.commit(place, "0\n")
        for index in range(number):
            world.git("worktree", "add", "-q", "-b", f"neuraphage/{place}-{index}", f"../{place}-{index}", place=place)
            world.commit(f"{place}-{index}", f"{index}\n", file="own")
        world.run(np, "watch", "--once", place=place)
        world.commit(place, "1\n")
        counts.append(counted(world, place))
    (none, _), (thirty, vain) = counts
    print(f"git processes of a look: {none} without branches, {thirty} with 30 that are behind; {vain} looked for in vain")
    return is_well and thirty <= none + 2 and vain == 0


with Directory() as directory:
    world = World(directory)
    results = [commands(world), looks(world)]
sys.exit(0 if all(results) else 1)
