#!/usr/bin/env python3
"""Agents, many at once, in worktrees that are called alike, and whether each is told what concerns it and nothing else.

Twelve worktrees of three repositories: `fix` in each, several on no branch, in directories named like the repository. Agents
begin sessions there, some in a tmux that an `np run` of another task has started; they prompt, change their directory, are
killed; worktrees are moved; tasks are ended by hand and begin again; everybody nudges everybody. Meanwhile a daemon watches.

Then a judge that knows nothing of np reads the log and what each agent was given: each worktree is one task, and no two are
the same; each word reached a session of the task and of the life to which it was said, once, or none; each life has one
beginning and one end. `--seed N` repeats a day. Needs git; tmux, if there is one, is used."""

import json
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import sys
import time

from support import Directory, arguments, environment, program

options = arguments(__doc__, sessions=40, prompts=500, seed=1)
choose = random.Random(options.seed)
np = program(options.bin, "np")
AGENT = """
import json, os, socket, subprocess, sys
open(sys.argv[1] + ".pid", "w").write(str(os.getpid()))
server = socket.socket(socket.AF_UNIX); server.bind(sys.argv[1] + ".new"); server.listen(8)
os.rename(sys.argv[1] + ".new", sys.argv[1])
while True:
    connection, _ = server.accept()
    call = json.loads(connection.makefile().readline())
    hook = subprocess.run([sys.argv[2], "hook", "claude"], input=json.dumps(call), text=True, capture_output=True, cwd=call["cwd"])
    connection.sendall(json.dumps({"told": hook.stdout, "pid": os.getpid()}).encode()); connection.close()
"""


class World:
    def __init__(self, directory):
        self.directory = directory
        self.environment = environment(directory) | {
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b", "TMUX_TMPDIR": directory, "NP_DAEMON_FETCH_INTERVAL": "0",
        }
        self.agent = directory + "/agent.py"
        pathlib.Path(self.agent).write_text(AGENT)
        self.worktrees, self.moves = [], 0
        for name in "abc":
            repository = f"{directory}/{name}"
            self.git(directory, "init", "-q", "-b", "main", repository)
            self.git(repository, "commit", "-q", "--allow-empty", "-m", "first")
            for place in ("fix", "feat", f"1a/{name}", f"2b/{name}"):
                path = f"{directory}/w{name}/{place}"
                branch = ["--detach"] if "/" in place else ["-b", f"{place}-{name}"]
                self.git(repository, "worktree", "add", "-q", *branch, path)
                self.worktrees.append({"repository": repository, "path": path})
        for name in "abc":
            self.run(np, "init", "--no-daemon", f"{directory}/{name}")
        self.run(np, "daemon", "start")

    def run(self, *words, cwd=None, check=True):
        done = subprocess.run(words, cwd=cwd or self.directory, env=self.environment, capture_output=True, text=True)
        if check and done.returncode:
            sys.exit(f"FAILED: {' '.join(words)}: {done.stderr}")
        return done.stdout

    def git(self, place, *words):
        return self.run("git", *words, cwd=place)

    def move(self, index):
        """Moves a worktree, sometimes by hand, so that git has to be told."""
        worktree = self.worktrees[index]
        self.moves += 1
        path = f"{self.directory}/moved/{self.moves}/{choose.choice(['fix', 'other', 'a'])}"
        os.makedirs(os.path.dirname(path))
        if choose.random() < 0.5:
            self.git(worktree["repository"], "worktree", "move", worktree["path"], path)
        else:
            os.rename(worktree["path"], path)
            self.git(worktree["repository"], "worktree", "repair", path)
        worktree["path"] = path


class Session:
    count = 0

    def __init__(self, world, index, in_tmux):
        Session.count += 1
        self.world, self.index, self.id = world, index, f"s-{Session.count}"
        self.socket, self.told = f"{world.directory}/{self.id}.sock", []
        words = [sys.executable, world.agent, self.socket, np]
        path = world.worktrees[index]["path"]
        self.process = None
        if in_tmux:
            world.run("tmux", "-L", "np", "new-session", "-d", "-c", path, " ".join(words))
        else:
            quiet = subprocess.DEVNULL
            self.process = subprocess.Popen(words, cwd=path, env=world.environment, stdout=quiet, stderr=quiet)
        deadline = time.monotonic() + 30
        while not os.path.exists(self.socket):
            if time.monotonic() > deadline:
                sys.exit(f"FAILED: the agent {self.id} does not start in {path}")
            time.sleep(0.01)
        self.pid = self.call("SessionStart", path, source="startup")

    def call(self, event, cwd, **more):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(60)
        connection.connect(self.socket)
        call = {"session_id": self.id, "hook_event_name": event, "cwd": cwd, **more}
        connection.sendall((json.dumps(call) + "\n").encode())
        answer = json.loads(connection.makefile().read())
        self.told += re.findall(r"word-\d+", answer["told"])
        return answer["pid"]

    def prompt(self):
        # An agent's directory drifts, also into other worktrees.
        index = self.index if choose.random() < 0.8 else choose.randrange(len(self.world.worktrees))
        self.call("UserPromptSubmit", self.world.worktrees[index]["path"], prompt="x")
        # The model answers, and has read what came with the prompt.
        self.call("Stop", self.world.worktrees[index]["path"])

    def kill(self):
        os.kill(self.pid, 9)
        if self.process:
            self.process.wait()


def day(world):
    has_tmux = shutil.which("tmux") is not None
    if has_tmux:
        # Its environment names a task whose run ends at once.
        world.run(np, "run", "--task", "starter", "--", "tmux", "-L", "np", "new-session", "-d", "sleep 600")
    sessions = [
        Session(world, number % len(world.worktrees), has_tmux and choose.random() < 0.3) for number in range(options.sessions)
    ]
    ended, words, prompts = [], 0, 0
    events = json_lines(world, "-k", "custom:AgentSessionStarted")
    names = sorted({event["source_task"] for event in events if event["source_task"]})
    while prompts < options.prompts:
        what = choose.random()
        if what < 0.7:
            choose.choice(sessions).prompt()
            prompts += 1
        elif what < 0.9:
            words += 1
            world.run(np, "nudge", choose.choice(names), f"word-{words}")
        elif what < 0.93:
            world.run(np, "emit", "TaskCompleted", "--task", choose.choice(names))
        elif what < 0.96:
            session = sessions.pop(choose.randrange(len(sessions)))
            session.kill()
            ended.append(session)
            sessions.append(Session(world, session.index, has_tmux and choose.random() < 0.3))
        elif what < 0.98:
            world.move(choose.randrange(len(world.worktrees)))
        else:
            repository = choose.choice("abc")
            world.git(f"{world.directory}/{repository}", "commit", "-q", "--allow-empty", "-m", "more")
    for session in sessions:
        session.kill()
    if has_tmux:
        world.run("tmux", "-L", "np", "kill-server", check=False)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        begun = {event["payload"]["session"] for event in json_lines(world, "-k", "custom:AgentSessionStarted")}
        gone = {event["payload"]["session"] for event in json_lines(world, "-k", "custom:AgentSessionEnded")}
        if begun <= gone:
            break
        time.sleep(0.5)
    world.run(np, "hook", "settle")
    return sessions + ended, words, begun - gone


def json_lines(world, *words):
    return [json.loads(line) for line in world.run(np, "events", "-o", "json", *words).splitlines()]


def judge(world, sessions, words, unended):
    """What is wrong, in sentences."""
    wrong = [f"{session} has no end" for session in sorted(unended)]
    events = json_lines(world)
    of_session = {
        event["payload"]["session"]: event["source_task"] for event in events if event["kind"] == {"Custom": "AgentSessionStarted"}
    }
    tasks = {}
    for session in sessions:
        tasks.setdefault(session.index, set()).add(of_session.get(session.id))
    for index, names in tasks.items():
        if len(names) != 1 or None in names:
            wrong.append(f"worktree {index} is {names}")
    if len(set().union(*tasks.values())) != len(tasks):
        wrong.append(f"two worktrees are one task: {tasks}")
    for event in events:
        session = event["payload"].get("session")
        if session in of_session and event["source_task"] != of_session[session]:
            wrong.append(f"{event['kind']} of {session} is {event['source_task']}'s, and it began as {of_session[session]}")
    # Lives, and when each word was said: before which end of its task.
    ends = ("TaskCompleted", "TaskFailed", "TaskCancelled")
    is_open, life, said, read, undelivered = {}, {}, {}, {}, []
    for event in events:
        task, kind = event["source_task"], event["kind"]
        if kind == "TaskStarted":
            if is_open.get(task):
                wrong.append(f"{task} begins twice")
            is_open[task] = True
        elif kind in ends:
            is_open[task] = False
            life[task] = life.get(task, 0) + 1
        elif kind == "NudgeSent":
            target = event["target_task"]
            said[event["payload"]["message"]] = (target, life.get(target, 0), event["id"])
        elif kind == {"Custom": "NotificationRead"}:
            read[event["payload"]["notification"]] = (task, life.get(task, 0))
        elif kind == {"Custom": "NotificationUndelivered"}:
            undelivered += event["payload"]["notifications"]
    counts = {"reached": 0, "none": 0}
    for word, (target, its_life, id) in said.items():
        receivers = [session for session in sessions if word in session.told]
        counts["reached" if receivers else "none"] += 1
        if len(receivers) > 1 or sum(session.told.count(word) for session in receivers) > 1:
            wrong.append(f"{word} was told {[session.id for session in receivers]}")
        for session in receivers:
            if of_session[session.id] != target:
                wrong.append(f"{word} for {target} was told {session.id}, which is {of_session[session.id]}")
            if read.get(id) != (target, its_life):
                wrong.append(f"{word} of life {its_life} of {target} was read in {read.get(id)}")
    # What no session has read of a life that has ended, and nothing else, is told to have reached no task.
    unread = {id for target, its_life, id in said.values() if id not in read and its_life < life.get(target, 0)}
    if sorted(undelivered) != sorted(unread):
        wrong.append(f"undelivered are {sorted(unread)}, and the log says so of {sorted(undelivered)}")
    counts["undelivered"] = len(undelivered)
    return wrong, counts, events


with Directory() as directory:
    world = World(directory)
    try:
        sessions, words, unended = day(world)
        wrong, counts, events = judge(world, sessions, words, unended)
    finally:
        for path in pathlib.Path(directory).glob("*.pid"):
            try:
                os.kill(int(path.read_text() or 0) or 1 << 22, 9)
            except ProcessLookupError:
                pass
        world.run("tmux", "-L", "np", "kill-server", check=False)
        world.run(np, "daemon", "stop", check=False)
    starts = sum(event["kind"] == "TaskStarted" for event in events)
    print(f"{len(sessions)} sessions, {options.prompts} prompts, {world.moves} moves; {starts} lives of tasks; "
          f"{words} words: {counts['reached']} reached a session, {counts['none']} none, "
          f"{counts['undelivered']} of which the log says so; {len(wrong)} wrong")
    for sentence in wrong[:20]:
        print("  " + sentence)
    if wrong:
        sys.exit("FAILED")
