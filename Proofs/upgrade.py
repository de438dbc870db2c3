#!/usr/bin/env python3
"""A data directory that an older np has made and its daemon still serves is taken over by this one.

The older np sets up a repository, begins a run, an agent's session with its task, and a lock, kills what holds them while
commits go on, and leaves notices unread. Then this np goes on in the same directory, first beside the older daemon, then
with a daemon of its own. Nothing that was in the log may be lost, and nothing may be told twice."""

import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support import require


def until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        require(time.monotonic() < end, f"not within {seconds} s: {what}")
        time.sleep(0.05)


class World:
    """A home with a repository in it, in which either np runs."""

    def __init__(self, home, older, newer):
        self.home, self.builds = Path(home), {"older": older, "newer": newer}
        self.environment = {
            "HOME": home, "PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
        }
        self.repository = self.home / "project"
        self.data = self.home / ".local/share/neuraphage"
        # What np init installs names the np that ran it: the path at which one version replaces the other.
        self.bin = self.home / "bin"
        self.bin.mkdir()
        (self.home / ".claude").mkdir()

    def install(self, build):
        for name in ("np", "np-daemon"):
            copy = self.bin / (name + ".new")
            shutil.copy(Path(self.builds[build]) / name, copy)
            copy.rename(self.bin / name)

    def start(self, *words, cwd=None, program=None, **options):
        words = [program or str(self.bin / "np"), *words]
        return subprocess.Popen(words, cwd=cwd or self.repository, env=self.environment, **options)

    def np(self, *words, cwd=None, text=None, status=0):
        with self.start(*words, cwd=cwd, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE) as process:
            out, errors = process.communicate(text or "", timeout=60)
        require(process.returncode == status, f"np {' '.join(words)}: {process.returncode}, {errors}")
        return out

    def git(self, *words, cwd=None):
        subprocess.run(["git", *words], cwd=cwd or self.repository, env=self.environment, check=True)

    def commit(self, text):
        (self.repository / "file").write_text(text)
        self.git("add", "file")
        self.git("commit", "-q", "-m", text)

    def agent(self, cwd):
        """A process that calls its hook with each line that it reads. A shell would be taken for a wrapper of one."""
        script = ("import subprocess, sys\n"
                  "for call in sys.stdin:\n"
                  "    subprocess.run([sys.argv[1], 'hook', 'claude'], input=call, text=True)\n"
                  "    print('\\n.', flush=True)\n")
        return self.start("-c", script, str(self.bin / "np"), program=sys.executable, cwd=cwd, text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def logged(self):
        try:
            return (self.data / "event_log.jsonl").read_text().splitlines()
        except FileNotFoundError:
            return []

    def count(self, **wanted):
        """How many events of the log are of a kind, and have a source or a target."""
        events = map(json.loads, self.logged())
        return sum(all(kind(event) == value if key == "kind" else event[key] == value for key, value in wanted.items())
                   for event in events)


def hook(agent, event, **more):
    """What the hook of an agent says."""
    agent.stdin.write(json.dumps({"session_id": "s-1", "hook_event_name": event} | more) + "\n")
    agent.stdin.flush()
    return "".join(iter(agent.stdout.readline, ".\n"))


def kind(event):
    return event["kind"] if isinstance(event["kind"], str) else event["kind"]["Custom"]


def check(world):
    world.repository.mkdir()
    world.git("init", "-q", "-b", "main")
    world.commit("one")
    world.git("worktree", "add", "-q", "../t-agent", "-b", "neuraphage/t-agent")
    agent = world.agent(world.home / "t-agent")

    # What the older one leaves.
    world.install("older")
    world.np("init")
    hook(agent, "SessionStart", source="startup")
    world.np("nudge", "t-agent", "read me")
    held = [world.start("run", "--task", "t-run", "--", "sleep", "1000"),
            world.start("lock", "build", "--task", "t-run", "--", "sleep", "1000")]
    until(lambda: world.count(kind="LockAcquired") and world.count(kind="TaskStarted", source_task="t-run"), "it runs")
    world.commit("two")
    until(lambda: world.count(kind="RebaseRequired"), "the rebase is required")

    # This one beside the older daemon.
    world.install("newer")
    before = world.logged()
    world.commit("three")
    until(lambda: world.count(kind="RebaseRequired") == 2, "the second rebase is required")
    prompt = hook(agent, "UserPromptSubmit", prompt="go")
    require("read me" in prompt, f"the prompt does not hold the notice: {prompt}")
    world.np("emit", "TaskStarted", "--task", "t-emit")
    world.np("lock", "other", "--", "true")

    # What held something is killed, the older daemon stopped, and this one's started.
    world.np("daemon", "stop")
    for process in [*held, agent]:
        children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
        process.kill()
        process.wait()
        for child in children:
            os.kill(int(child), 9)
    world.np("daemon", "start")
    world.np("lock", "build", "--", "true")
    until(lambda: world.count(kind="TaskFailed", source_task="t-run"), "the killed run has ended")
    until(lambda: world.count(kind="AgentSessionEnded"), "the session whose agent is gone has ended")
    world.commit("four")
    until(lambda: world.count(kind="RebaseRequired") == 3, "the third rebase is required")
    require("read me" not in world.np("inbox", "t-agent"), "a notice that was handed over is unread again")
    world.np("daemon", "stop")
    world.np("daemon", "start")
    world.np("watch", "--once")
    world.np("daemon", "stop")
    world.np("uninit")

    after = world.logged()
    require(after[:len(before)] == before, "lines of the log have changed")
    require(world.np("events", "verify") is not None, "the log is damaged")
    told = collections.Counter(kind(json.loads(line)) for line in after)
    expected = {"TaskFailed": 1, "AgentSessionStarted": 1, "AgentSessionEnded": 1, "RebaseRequired": 3, "MainUpdated": 3,
                "SessionStarted": 3, "SessionEnded": 3, "LockAcquired": 3, "LockReleased": 3, "NudgeSent": 1}
    for name, count in expected.items():
        require(told[name] == count, f"{name} was told {told[name]} times, not {count}")
    require(world.count(kind="TaskStarted", source_task="t-agent") == 1, "the agent's task began twice")
    ids = [json.loads(line)["id"] for line in after]
    require(len(ids) == len(set(ids)), "an event was told twice")
    left = sorted(str(path) for path in (world.home / ".claude").iterdir())
    require(not left, f"np uninit left {left}")
    print(f"taken over: {len(before)} lines of the older np are as they were, {len(after) - len(before)} were added; "
          f"each end and each notice was told once")


if len(sys.argv) != 3:
    sys.exit(f"usage: {sys.argv[0]} OLDER NEWER\n\n{__doc__}\n\nOLDER, NEWER: directories with np and np-daemon.")
with tempfile.TemporaryDirectory(prefix="np-upgrade.") as home:
    world = World(os.path.realpath(home), os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
    try:
        check(world)
    finally:
        # Where it failed, a daemon may be left.
        world.start("daemon", "stop", cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait()
