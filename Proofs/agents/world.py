"""A person's machine in a directory: a home, a repository in which np is set up, and np's daemon. Everything runs in an
environment that holds nothing of the user's."""

import json
import pathlib
import subprocess

from record import Record
from support import program, require


class World:
    def __init__(self, bin, directory, *agents):
        self.home, self.places = pathlib.Path(directory, "home"), pathlib.Path(directory, "places")
        self.project, self.np_program = self.places / "project", program(bin, "np")
        self.record = Record(self.home / ".local/share/neuraphage")
        self.environment = {
            "HOME": str(self.home), "TMPDIR": f"{directory}/tmp",
            "PATH": f"{self.places / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "SHELL": "/bin/sh", "LANG": "C.UTF-8", "TERM": "xterm-256color", "GIT_CONFIG_NOSYSTEM": "1",
            # What agents want of the internet is refused at once, instead of after seconds of asking for a name server.
            "HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "127.0.0.1",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
        }
        for path in (self.home, self.places, self.places / "bin", pathlib.Path(directory, "tmp")):
            path.mkdir()
        for agent in agents:
            agent.move_in(self)
        self.repository(self.project)
        self.np("init", "--no-daemon", cwd=self.project)
        self.np("daemon", "start")

    def start(self, *words, cwd):
        quiet = subprocess.DEVNULL
        return subprocess.Popen(words, cwd=cwd, env=self.environment, stdin=quiet, stdout=quiet, stderr=quiet)

    def run(self, *words, cwd=None):
        done = subprocess.run(words, cwd=cwd or self.home, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        said = (done.stdout + done.stderr).strip()[-1000:]
        require(done.returncode == 0, f"{' '.join(map(str, words))} exited with {done.returncode}: {said}")
        return done.stdout

    def np(self, *words, cwd=None):
        return self.run(self.np_program, *words, cwd=cwd)

    def status(self, task):
        """What np says of how a task is."""
        return json.loads(self.np("tasks", task, "-o", "json"))["tasks"][0]

    def remarks(self, agent):
        """What np init --status says of an agent besides how its hooks are."""
        lines = self.np("init", "--status", cwd=self.project).splitlines()
        return [line.removeprefix(agent + ": ") for line in lines if line.startswith(agent + ": ")]

    def git(self, *words, cwd):
        return self.run("git", *words, cwd=cwd)

    def repository(self, path):
        self.git("init", "-q", "-b", "main", path, cwd=self.places)
        self.git("commit", "-q", "--allow-empty", "-m", "first", cwd=path)

    def worktree(self, name, repository=None):
        """A worktree with a branch of its own; of the project, unless another repository is named."""
        path = self.places / name
        self.git("worktree", "add", "-q", "-b", "branch-of-" + path.name, path, cwd=repository or self.project)
        return path
