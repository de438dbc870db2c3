"""What the scripted days share: a repository with a worktree for each task, np and its daemon, and agents that are processes
of their own and call np's hooks."""

import json
import os
import pathlib
import socket
import subprocess
import sys

from support import environment, require, wait_until

AGENT = """
import json, os, socket, subprocess, sys
server = socket.socket(socket.AF_UNIX); server.bind(sys.argv[1] + ".new"); server.listen(8)
os.rename(sys.argv[1] + ".new", sys.argv[1])
while True:
    connection, _ = server.accept()
    words, text, place = json.loads(connection.makefile().readline())
    done = subprocess.run(words, input=text, text=True, capture_output=True, cwd=place)
    connection.sendall(json.dumps([done.returncode, done.stdout, done.stderr]).encode()); connection.close()
"""


class Surroundings:
    """A home, and what is done and read there."""

    def __init__(self, directory, np, **variables):
        self.directory, self.np = directory, np
        self.environment = environment(directory) | {
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b", "GIT_EDITOR": "true",
        } | variables
        self.data = directory + "/.local/share/neuraphage"
        self.agent = directory + "/agent.py"
        pathlib.Path(self.agent).write_text(AGENT)

    def begin(self, tasks):
        """Makes the worktrees of the repository shop, and sets np up there."""
        for task in tasks:
            self.git("shop", "worktree", "add", "-q", "-b", task, f"../{task}")
        self.run(self.np, "init", "--no-daemon", place="shop")
        self.run(self.np, "daemon", "start", place="shop")

    def path(self, place):
        return os.path.join(self.directory, place)

    def run(self, *words, place="", check=True):
        done = subprocess.run(words, cwd=self.path(place), env=self.environment, capture_output=True, text=True)
        require(not check or done.returncode == 0, f"{' '.join(words)}: {done.stderr}")
        return done.stdout

    def git(self, place, *words):
        return self.run("git", *words, place=place)

    def write(self, place, name, text):
        pathlib.Path(self.path(place), name).write_text(text)

    def commit(self, place, name, text):
        self.write(place, name, text)
        self.git(place, "add", name)
        self.git(place, "commit", "-q", "-m", f"Change {name}")

    def events(self, *kinds):
        with open(self.data + "/event_log.jsonl") as log:
            found = [json.loads(line) for line in log if line.endswith("\n")]
        for event in found:
            kind = event["kind"]
            event["kind"] = kind if isinstance(kind, str) else kind["Custom"]
        return [event for event in found if not kinds or event["kind"] in kinds]


class AgentProcess:
    """An agent's process, in whose name programs are run in the worktree of a task."""

    def __init__(self, world, task, name):
        self.socket, self.place = f"{world.directory}/{name}.sock", world.path(task)
        self.process = subprocess.Popen(
            [sys.executable, world.agent, self.socket], cwd=self.place, env=world.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: os.path.exists(self.socket), f"the agent {name}")

    def execute(self, words, text=""):
        """The exit code, and what was printed on both outputs."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(120)
        connection.connect(self.socket)
        connection.sendall((json.dumps([words, text, self.place]) + "\n").encode())
        return json.loads(connection.makefile().read())

    def kill(self):
        self.process.kill()
        self.process.wait()
