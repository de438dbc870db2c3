#!/usr/bin/env python3
"""A day of six tasks with real git: a bare remote, 40 pushes to main from another clone, one of them forced, commits and
rebases in six worktrees, clean and conflicting, by hand and by np rebase, while np watch is killed with -9 and started
again at random, and git's hooks are installed as well. Then an hour's worth of idling, shortened.

Must hold: MainUpdated is an unbroken chain that ends where main is; every branch that is behind a main that was told of is
told so exactly once for it, having read what it was told before; every rebase and every conflict is told once, with the right commits and files; no worktree's
git status is changed by np, and nobody's stash is touched."""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

from support import Directory, arguments, environment, program, require

options = arguments(__doc__, pushes=40, seed=0, idle=30)
seed = options.seed or random.randrange(1 << 30)
random.seed(seed)
NP = program(options.bin, "np")


def wait(what, condition, seconds=30):
    """Waits for what must come."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        require(time.monotonic() < end, f"{what} has not come (seed {seed})")
        time.sleep(0.01)
    return found


class Day:
    def __init__(self, root):
        self.root = root
        self.env = environment(root) | {
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
            "GIT_EDITOR": "true",
        }
        self.log = root + "/.local/share/neuraphage/event_log.jsonl"
        self.watcher = None
        self.kills = 0
        self.outcomes = []  # what the log must say of rebases, in their order for each task
        self.git("init", "-q", "-b", "main", "seed", at="")
        self.commit("seed", "common", "begin\n")
        self.git("clone", "-q", "--bare", "seed", "remote.git", at="")
        self.git("clone", "-q", "remote.git", "repo", at="")
        self.git("clone", "-q", "remote.git", "other", at="")
        self.tasks = [f"t-{number}" for number in range(1, 7)]
        for task in self.tasks:
            self.git("worktree", "add", "-q", "-b", f"neuraphage/{task}", self.path(task), at="repo")
            self.run(NP, "emit", "TaskStarted", "--task", task, at="repo")
        self.write("repo", "common", "precious\n")
        self.git("stash", "push", "-q", "-m", "precious", at="repo")
        self.stash = self.git("stash", "list", "--format=%H", at="repo")

    def path(self, place):
        return f"{self.root}/{place}" if place else self.root

    def run(self, *words, at, check=True, env=None):
        done = subprocess.run(words, cwd=self.path(at), env=env or self.env, capture_output=True, text=True)
        require(not check or done.returncode == 0, f"{' '.join(words)} in {at}: {done.stderr} (seed {seed})")
        return done

    def git(self, *words, at):
        return self.run("git", *words, at=at).stdout.strip()

    def write(self, place, name, text):
        pathlib.Path(self.path(place), name).write_text(text)

    def commit(self, place, name, text):
        self.write(place, name, text)
        self.git("add", name, at=place)
        self.git("commit", "-q", "-m", f"Change {name}", at=place)

    def head(self, place):
        return self.git("rev-parse", "HEAD", at=place)

    # The watcher

    def start(self):
        self.watcher = subprocess.Popen(
            [NP, "watch", "--fetch", "1s"], cwd=self.path("repo"), env=self.env, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )

    def kill(self):
        self.watcher.send_signal(signal.SIGKILL)
        self.watcher.wait()
        self.watcher = None
        self.kills += 1

    def disturb(self):
        """Kills the watcher, or starts it again, or neither."""
        if self.watcher and random.random() < 0.3:
            self.kill()
        elif not self.watcher and random.random() < 0.7:
            self.start()

    # The log

    def events(self, *kinds):
        if not os.path.exists(self.log):
            return []
        with open(self.log) as log:
            found = [json.loads(line) for line in log if line.endswith("\n")]
        return [event for event in found if not kinds or event["kind"] in kinds]

    def main(self):
        moves = self.events("MainUpdated")
        return moves[-1]["payload"]["commit"] if moves else None

    def is_behind(self, task, main):
        return self.run("git", "merge-base", "--is-ancestor", main, f"neuraphage/{task}", at="repo", check=False).returncode != 0

    def wait_for(self, main):
        """Waits until the log has this main, and who is behind it."""
        wait(f"MainUpdated {main}", lambda: self.main() == main)
        behind = {task for task in self.tasks if self.is_behind(task, main)}

        def told():
            events = self.events("MainUpdated", "RebaseRequired")
            last = max(i for i, event in enumerate(events) if event["kind"] == "MainUpdated")
            return behind <= {event["target_task"] for event in events[last:]} | self.told.get(main, set())

        wait(f"RebaseRequired for {behind}", told)
        self.told.setdefault(main, set()).update(behind)
        # A task is told again only when it has read what it was told.
        for task in behind:
            self.run(NP, "inbox", task, "--ack", at="repo")

    told = {}

    # What happens

    def status(self):
        return [self.git("status", "--porcelain", "--untracked-files=all", at=task) for task in self.tasks]

    def push(self, number):
        name = random.choice(["common", f"file-{number}"])
        self.commit("other", name, f"push {number}\n")
        forced = number == options.pushes // 2
        if forced:
            self.git("commit", "-q", "--amend", "-m", "Rewritten", at="other")
            self.git("reset", "-q", "--soft", "HEAD~2", at="other")
            self.git("commit", "-q", "-m", "Two in one", at="other")
        self.git("push", "-q", *(["--force"] if forced else []), "origin", "HEAD:main", at="other")
        return self.head("other")

    def work(self, task, number):
        name = random.choice(["common", f"own-{task}", f"own-{task}"])
        self.commit(task, name, f"{task} {number}\n")

    def rebase(self, task, main):
        """Rebases one way or the other, and notes what the log must say."""
        old = self.head(task)
        if not self.is_behind(task, main):
            return
        if random.random() < 0.5:
            done = self.run(NP, "rebase", "--no-fetch", at=task, check=False)
            conflicts = done.returncode != 0
            if conflicts:
                files = done.stderr.split(" in ", 1)[1].split(";")[0].split(", ")
                self.outcomes.append((task, "RebaseConflict", sorted(files)))
        else:
            done = self.run("git", "rebase", main, at=task, check=False)
            conflicts = done.returncode != 0
            if conflicts:
                files = sorted(set(self.git("diff", "--name-only", "--diff-filter=U", at=task).split("\n")))
                self.outcomes.append((task, "RebaseConflict", files))
                if not self.watcher:
                    self.start()
                self.wait_for_outcomes()
                self.git("rebase", "--abort", at=task)
        if conflicts:
            require(self.head(task) == old, f"{task} is not what it was (seed {seed})")
            # So that it doesn't conflict forever. The work is thrown away, and no hook of git's tells of that.
            self.git("reset", "-q", "--hard", main, at=task)
            if not self.watcher:
                self.run(NP, "watch", "--once", at="repo")
            self.outcomes.append((task, "WorkDiscarded", (old, self.head(task))))
        else:
            self.outcomes.append((task, "RebaseCompleted", (old, self.head(task))))
        # A look that a hook has started has to be over before the next one moves.
        self.wait_for_outcomes()

    def said(self):
        said = []
        for event in self.events("RebaseConflict", "RebaseCompleted", {"Custom": "WorkDiscarded"}):
            payload = event["payload"]
            what = sorted(payload["files"]) if event["kind"] == "RebaseConflict" else (payload["previous"], payload["new"])
            kind = event["kind"] if isinstance(event["kind"], str) else event["kind"]["Custom"]
            said.append((event["source_task"], kind, what))
        return said

    def wait_for_outcomes(self):
        wait(f"the outcome {self.outcomes[-1]}", lambda: len(self.said()) >= len(self.outcomes))


with Directory() as root:
    day = Day(root)
    day.run(NP, "init", "--no-daemon", at="repo")
    day.start()
    first = day.head("repo")
    wait("the first look", lambda: any(pathlib.Path(root, ".local/share/neuraphage/repositories").glob("*/state.jsonl")))
    main = first
    for number in range(options.pushes):
        day.disturb()
        for task in random.sample(day.tasks, 2):
            day.work(task, number)
        main = day.push(number)
        before = day.status()
        if day.watcher is None:
            day.git("fetch", "-q", at="repo")  # of which no hook of git's tells
            day.run(NP, "watch", "--once", at="repo")
        day.wait_for(main)
        require(day.status() == before, f"np changed the status of a worktree (seed {seed})")
        for task in random.sample(day.tasks, 2):
            day.rebase(task, main)
    if day.watcher is None:
        day.start()
    time.sleep(3)

    moves = day.events("MainUpdated")
    chain = [moves[0]["payload"]["previous"]] + [move["payload"]["commit"] for move in moves]
    require(all(a["payload"]["commit"] == b["payload"]["previous"] for a, b in zip(moves, moves[1:])), "the chain is broken")
    require(chain[0] == first and chain[-1] == main, "the chain does not go from the first main to the last")
    require(len(chain) == len(set(chain)) == options.pushes + 1, f"{len(moves)} moves of {options.pushes} (seed {seed})")

    required, current = {}, None
    for event in day.events("MainUpdated", "RebaseRequired"):
        if event["kind"] == "MainUpdated":
            current = event["payload"]["commit"]
        else:
            key = (current, event["target_task"])
            required[key] = required.get(key, 0) + 1
    require(set(required.values()) == {1}, f"told twice: {[key for key, n in required.items() if n > 1]} (seed {seed})")
    expected = {(main, task) for main, tasks in day.told.items() for task in tasks}
    require(set(required) == expected, f"told otherwise than expected: {set(required) ^ expected} (seed {seed})")

    def by_task(entries):
        return {task: [entry[1:] for entry in entries if entry[0] == task] for task in day.tasks}

    require(by_task(day.said()) == by_task(day.outcomes), f"the outcomes differ (seed {seed}): "
            f"{[(a, b) for a, b in zip(day.said(), day.outcomes) if a != b][:3]}")
    require(day.git("stash", "list", "--format=%H", at="repo") == day.stash, "somebody's stash is not what it was")
    conflicts = sum(1 for _, kind, _ in day.outcomes if kind == "RebaseConflict")
    print(f"{options.pushes} pushes to main, 1 forced, {day.kills} kills of the watcher (seed {seed}): {len(moves)} MainUpdated "
          f"in an unbroken chain, {len(required)} RebaseRequired, each once, {len(day.outcomes) - conflicts} RebaseCompleted "
          f"and {conflicts} RebaseConflict, each once and right; no status and no stash changed")
    day.kill()

    # Idling: a git that counts.
    bin = pathlib.Path(root, "bin")
    bin.mkdir()
    calls = pathlib.Path(root, "calls")
    calls.touch()
    git = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, text=True).stdout.strip()
    (bin / "git").write_text(f"#!/bin/sh\necho \"$*\" >>{calls}\nexec {git} \"$@\"\n")
    (bin / "git").chmod(0o755)
    day.env["PATH"] = f"{bin}:{day.env['PATH']}"
    day.watcher = subprocess.Popen([NP, "watch"], cwd=day.path("repo"), env=day.env, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    require(b"watching" in day.watcher.stderr.readline(), "it does not watch")
    time.sleep(2)
    begin = len(calls.read_text().splitlines())
    usage = pathlib.Path(f"/proc/{day.watcher.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    time.sleep(options.idle)
    idle = calls.read_text().splitlines()[begin:]
    ticks = pathlib.Path(f"/proc/{day.watcher.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    spent = (sum(map(int, ticks)) - sum(map(int, usage))) / os.sysconf("SC_CLK_TCK")
    day.watcher.kill()
    print(f"idle for {options.idle} s: {len(idle)} git commands, {len(idle) * 3600 / options.idle:.0f} an hour "
          f"({sorted(set(line.split(' --')[0][:60] for line in idle))}), {spent:.2f} s of processor time")
